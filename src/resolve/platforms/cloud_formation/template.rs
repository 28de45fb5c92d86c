//! A template's resources, and what its intrinsic functions say.

use super::super::numbers::count_of;
use super::super::values::Fuel;
use crate::model::{Located, Value};
use crate::readers::PlatformFile;
use crate::span::{FileId, Place, Text};
use crate::syntax::node::{Node, Typed};

/// How deep functions may nest.
const DEPTH: usize = 16;

/// A template.
pub(super) struct Template<'a> {
    /// The file.
    pub file: FileId,
    root: &'a Node,
    fuel: Fuel,
}

/// One resource.
#[derive(Clone, Copy)]
pub(super) struct Resource<'a> {
    /// Logical id.
    pub name: &'a str,
    /// `AWS::…`.
    pub kind: &'a str,
    /// Where the id is written.
    pub place: Place,
    node: &'a Node,
}

impl<'a> Resource<'a> {
    /// A property by its path.
    pub fn property(&self, path: &[&str]) -> Option<&'a Node> {
        self.node.get("Properties")?.at(path)
    }
}

impl<'a> Template<'a> {
    pub fn new(file: &'a PlatformFile) -> Self {
        Self { file: file.file, root: &file.root, fuel: Fuel::default() }
    }

    /// `Globals.Function` of SAM.
    pub fn global(&self, path: &[&str]) -> Option<&'a Node> {
        self.root.at(&["Globals", "Function"])?.at(path)
    }

    /// All resources, in order.
    pub fn resources(&self) -> impl Iterator<Item = Resource<'a>> {
        let file = self.file;
        let entries = self.root.get("Resources").map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(move |entry| {
            let kind = entry.value.get("Type")?.as_str()?;
            let place = Place::new(file, entry.key_span);
            Some(Resource { name: entry.key.as_str(), kind, place, node: &entry.value })
        })
    }

    /// Resources of one type.
    pub fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = Resource<'a>> {
        self.resources().filter(move |resource| resource.kind == kind)
    }

    /// The resource of a type that a node refers to by `Ref`, or by an attribute of it.
    pub fn referred(&self, node: Option<&Node>, kind: &'static str) -> Option<Resource<'a>> {
        let node = node?;
        self.of_kind(kind).find(|resource| refers(node, resource.name))
    }

    /// Defaults of parameters that are not to be shown.
    pub fn secrets(&self) -> Vec<Place> {
        let parameters = self.root.get("Parameters").map(Node::entries).unwrap_or_default();
        let hidden = parameters.iter().filter(|entry| {
            let hides = entry.value.get("NoEcho").and_then(Node::as_str);
            hides.is_some_and(|hides| hides.eq_ignore_ascii_case("true"))
        });
        hidden.filter_map(|entry| Some(Place::new(self.file, entry.value.get("Default")?.span))).collect()
    }

    /// A variable's value.
    pub fn value(&self, node: &Node) -> Value {
        Value::Text(self.text(node))
    }

    /// A text, as far as the template tells it.
    pub fn text(&self, node: &Node) -> Text {
        self.fuel.refill();
        self.evaluate(node, DEPTH)
    }

    /// A number, or the default where nothing is written.
    pub fn count(&self, node: Option<&Node>, default: Located<u64>) -> Located<u64> {
        match node.filter(|node| !node.is_null()) {
            Some(node) => count_of(&self.text(node), Place::new(self.file, node.span)),
            None => default,
        }
    }

    fn evaluate(&self, node: &Node, depth: usize) -> Text {
        let Some(depth) = depth.checked_sub(1).filter(|_| self.fuel.burn()) else {
            return Text::unknown("too many references");
        };
        let place = Place::new(self.file, node.span);
        match function(node) {
            Some(("Ref", argument)) => match argument.as_str() {
                Some(name) => self.reference(name, place),
                None => unknown("Ref"),
            },
            Some(("GetAtt", argument)) => match (argument.as_str(), argument.items()) {
                (Some(path), _) => self.attribute(path, place),
                (None, [name, attribute]) => {
                    let (name, attribute) = (name.as_str().unwrap_or_default(), attribute.as_str());
                    self.attribute(&format!("{name}.{}", attribute.unwrap_or_default()), place)
                }
                _ => unknown("GetAtt"),
            },
            Some(("Sub", argument)) => match argument.items() {
                [] => self.substitute(argument, None, depth),
                [text] => self.substitute(text, None, depth),
                [text, names, ..] => self.substitute(text, Some(names), depth),
            },
            Some(("Join", argument)) => self.join(argument, depth),
            Some((name, _)) => unknown(name),
            None => match node.as_scalar() {
                Some(scalar) if !node.is_null() || scalar.core() != Typed::Null => {
                    dynamic(&Text::written(&scalar.text, self.file))
                }
                Some(_) => Text::default(),
                None => Text::unknown("not a plain value"),
            },
        }
    }

    /// `Ref`: a parameter's default, where it is a literal.
    fn reference(&self, name: &str, place: Place) -> Text {
        let parameter = self.root.get("Parameters").and_then(|all| all.get(name));
        let literal = parameter
            .filter(|parameter| {
                // Others name a place in the Parameter Store or an object of the account.
                matches!(parameter.get("Type").and_then(Node::as_str), Some("String" | "Number"))
            })
            .and_then(|parameter| parameter.get("Default")?.as_scalar());
        match literal {
            Some(default) => {
                let mut text = Text::default();
                text.push_via(&dynamic(&Text::written(&default.text, self.file)), place);
                text
            }
            None => Text::unknown(format!("{name} is known when it is deployed")),
        }
    }

    /// `GetAtt`: the address of a database of this template reads as the database's name, as a service's name does in
    /// Compose.
    fn attribute(&self, path: &str, place: Place) -> Text {
        let database = path.strip_suffix(".Endpoint.Address").and_then(|name| {
            self.resources().find(|resource| resource.name == name && super::databases::is_server(resource))
        });
        if let Some(database) = database {
            return Text::derived(database.name, place);
        }
        let port = path.strip_suffix(".Endpoint.Port").and_then(|name| {
            let database = self.resources().find(|resource| resource.name == name)?;
            super::databases::port(self, &database)
        });
        match port {
            Some(port) => Text::derived(&port.to_string(), place),
            None => Text::unknown(format!("{path} is known when it is deployed")),
        }
    }

    fn join(&self, argument: &Node, depth: usize) -> Text {
        let [delimiter, parts] = argument.items() else { return unknown("Join") };
        let Some(delimiter) = delimiter.as_scalar() else { return unknown("Join") };
        if parts.items().is_empty() {
            return unknown("Join");
        }
        let mut text = Text::default();
        for (index, part) in parts.items().iter().enumerate() {
            if index > 0 {
                text.push_text(&Text::written(&delimiter.text, self.file));
            }
            text.push_text(&self.evaluate(part, depth));
        }
        text
    }

    /// `Sub`: `${Name}`, `${Name.Attribute}`, and `${!Literal}`.
    fn substitute(&self, node: &Node, names: Option<&Node>, depth: usize) -> Text {
        let Some(scalar) = node.as_scalar() else { return unknown("Sub") };
        let text = Text::written(&scalar.text, self.file);
        let all = text.as_str();
        let (mut out, mut rest) = (Text::default(), 0usize);
        while let Some(start) =
            all.get(rest..).and_then(|tail| tail.find("${")).and_then(|at| at.checked_add(rest))
        {
            out.push_text(&text.slice(rest..start));
            let inner = start.saturating_add(2);
            let Some(length) = all.get(inner..).and_then(|tail| tail.find('}')) else {
                rest = start;
                break;
            };
            let end = inner.saturating_add(length);
            rest = end.saturating_add(1);
            let name = all.get(inner..end).unwrap_or_default().trim();
            let place = text.place_of(start..rest).unwrap_or(Place::new(self.file, node.span));
            if let Some(literal) = name.strip_prefix('!') {
                out.push_text(&Text::derived(&format!("${{{literal}}}"), place));
            } else if let Some(given) = names.and_then(|names| names.get(name)) {
                out.push_via(&self.evaluate(given, depth), place);
            } else if name.contains('.') {
                out.push_text(&self.attribute(name, place));
            } else if self.fuel.burn() {
                out.push_text(&self.reference(name, place));
            } else {
                out.push_text(&Text::unknown("too many references"));
            }
        }
        out.push_text(&text.slice(rest..all.len()));
        dynamic(&out)
    }
}

/// The intrinsic function of a node with its argument: `!Sub …`, or `Fn::Sub: …`.
fn function(node: &Node) -> Option<(&str, &Node)> {
    if let Some(name) = node.tag.as_deref().and_then(|tag| tag.strip_prefix('!')) {
        return (!name.starts_with('!') && !name.is_empty()).then_some((name, node));
    }
    let [entry] = node.entries() else { return None };
    let name = entry.key.as_str();
    let name = if name == "Ref" { name } else { name.strip_prefix("Fn::")? };
    Some((name, &entry.value))
}

fn unknown(function: &str) -> Text {
    Text::unknown(format!("{function} is worked out when it is deployed"))
}

/// Whether a node is, or holds, a reference to this logical id.
pub(super) fn refers(node: &Node, name: &str) -> bool {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        let named = |text: &str| {
            text == name
                || text.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
                || text.contains(&format!("${{{name}}}"))
                || text.contains(&format!("${{{name}."))
        };
        if node.as_str().is_some_and(named) {
            return true;
        }
        open.extend(node.items());
        open.extend(node.entries().iter().map(|entry| &entry.value));
    }
    false
}

/// `{{resolve:secretsmanager:…}}` is filled in when it is deployed.
fn dynamic(text: &Text) -> Text {
    let all = text.as_str();
    let (mut out, mut rest) = (Text::default(), 0usize);
    while let Some(start) =
        all.get(rest..).and_then(|tail| tail.find("{{resolve:")).and_then(|at| at.checked_add(rest))
    {
        let length = all.get(start..).and_then(|tail| tail.find("}}"));
        let end = length.map_or(all.len(), |length| start.saturating_add(length).saturating_add(2));
        out.push_text(&text.slice(rest..start));
        out.push_text(&Text::unknown("a dynamic reference, filled in when it is deployed"));
        rest = end;
    }
    out.push_text(&text.slice(rest..all.len()));
    out
}
