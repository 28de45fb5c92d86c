//! The blocks of one directory, and what its expressions say: literals, variables by their defaults or the values files
//! that are always read, locals; anything else is known when it is applied.

use std::collections::BTreeMap;

use super::super::numbers::count_of;
use super::super::values::{Fuel, variable};
use crate::model::{Located, Value, Variable};
use crate::readers::PlatformFile;
use crate::resolve::Context;
use crate::span::{FileId, Place, Text};
use crate::syntax::hcl::{EXPRESSION, MERGE, TEMPLATE};
use crate::syntax::node::Node;

/// How deep expressions may lead to each other.
const DEPTH: usize = 16;

/// A node of one of the files.
#[derive(Clone, Copy)]
pub(in crate::resolve::platforms) struct At<'a> {
    pub file: FileId,
    pub node: &'a Node,
}

impl<'a> At<'a> {
    /// An attribute or a block's first instance, by its path.
    pub fn get(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |at, key| {
            let node = at.node.get(key)?;
            // Blocks are items of a sequence; attributes with a list are asked for their items.
            let block =
                node.tag.is_none() && node.items().first().is_some_and(|item| !item.entries().is_empty());
            Some(Self { node: if block { node.items().first()? } else { node }, ..at })
        })
    }

    /// Every block of a type, or item of a list.
    pub fn all(self, key: &str) -> impl Iterator<Item = Self> {
        let items = self.node.get(key).map(Node::items).unwrap_or_default();
        items.iter().map(move |node| Self { node, ..self })
    }

    pub fn place(self) -> Place {
        Place::new(self.file, self.node.span)
    }
}

/// One `resource`.
#[derive(Clone, Copy)]
pub(in crate::resolve::platforms) struct Resource<'a> {
    /// Its type.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Where the name is written.
    pub place: Place,
    /// Its body.
    pub body: At<'a>,
}

impl Resource<'_> {
    /// Whether there may be several, or none, of it.
    pub fn is_repeated(&self) -> bool {
        self.body.node.get("for_each").is_some()
            || self.body.node.get("count").is_some_and(|count| count.as_int() != Some(1))
    }

    /// `type.name`.
    pub fn address(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }
}

/// All files of a directory.
pub(in crate::resolve::platforms) struct Module<'a> {
    roots: Vec<At<'a>>,
    /// Those that give variables their values, the strongest last.
    values: Vec<At<'a>>,
    fuel: Fuel,
}

impl<'a> Module<'a> {
    pub fn new(context: &Context<'a>, files: &[&'a PlatformFile]) -> Self {
        let name = |file: &PlatformFile| {
            let path = context.files.path(file.file);
            path.rsplit_once('/').map_or(path, |(_, name)| name).to_ascii_lowercase()
        };
        let at = |file: &&'a PlatformFile| At { file: file.file, node: &file.root };
        let roots = files.iter().filter(|file| name(file).ends_with(".tf")).map(at).collect();
        // Other values files count only where the command line names them.
        let mut values: Vec<At<'a>> =
            files.iter().filter(|file| name(file) == "terraform.tfvars").map(at).collect();
        values.extend(files.iter().filter(|file| name(file).ends_with(".auto.tfvars")).map(at));
        Self { roots, values, fuel: Fuel::default() }
    }

    /// One file that holds its own variables, as a job of Nomad does.
    pub fn alone(file: &'a PlatformFile) -> Self {
        Self {
            roots: vec![At { file: file.file, node: &file.root }],
            values: Vec::new(),
            fuel: Fuel::default(),
        }
    }

    /// All resources, in the order of the files.
    pub fn resources(&self) -> impl Iterator<Item = Resource<'a>> {
        self.roots.iter().flat_map(|root| {
            let kinds = root.node.get("resource").map(Node::entries).unwrap_or_default();
            kinds.iter().flat_map(move |kind| {
                kind.value.entries().iter().filter_map(move |entry| {
                    let node = entry.value.items().first()?;
                    let place = Place::new(root.file, entry.key_span);
                    let body = At { file: root.file, node };
                    Some(Resource { kind: kind.key.as_str(), name: entry.key.as_str(), place, body })
                })
            })
        })
    }

    /// Resources of one type.
    pub fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = Resource<'a>> {
        self.resources().filter(move |resource| resource.kind == kind)
    }

    /// Names of the modules that it calls: what these run is not read with it.
    pub fn calls(&self) -> impl Iterator<Item = &'a str> {
        self.roots.iter().flat_map(|root| {
            let calls = root.node.get("module").map(Node::entries).unwrap_or_default();
            calls.iter().map(|entry| entry.key.as_str())
        })
    }

    /// Defaults of variables that are marked as sensitive, and every value of such a variable.
    pub fn secrets(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for root in &self.roots {
            for entry in root.node.get("variable").map(Node::entries).unwrap_or_default() {
                let Some(body) = entry.value.items().first() else { continue };
                if body.get("sensitive").and_then(Node::as_str) != Some("true") {
                    continue;
                }
                places.extend(body.get("default").map(|node| Place::new(root.file, node.span)));
                let given = self.values.iter().filter_map(|values| values.get(&[entry.key.as_str()]));
                places.extend(given.map(At::place));
            }
        }
        places
    }

    /// What a variable of a container holds.
    pub fn value(&self, at: At<'a>) -> Value {
        Value::Text(self.text(at))
    }

    /// A text, as far as the files tell it.
    pub fn text(&self, at: At<'a>) -> Text {
        self.fuel.refill();
        self.evaluate(at, DEPTH)
    }

    /// A number, or the default where nothing is written.
    pub fn count(&self, at: Option<At<'a>>, default: Located<u64>) -> Located<u64> {
        match at.filter(|at| !at.node.is_null()) {
            Some(at) => count_of(&self.text(at), at.place()),
            None => default,
        }
    }

    /// The variables of a mapping, of a merge of several, or of what a local holds.
    pub fn variables(&self, at: Option<At<'a>>) -> BTreeMap<String, Variable> {
        let mut all = BTreeMap::new();
        let mut open: Vec<(At<'a>, usize)> = at.map(|at| (at, DEPTH)).into_iter().collect();
        self.fuel.refill();
        let mut found = Vec::new();
        while let Some((at, depth)) = open.pop() {
            let Some(depth) = depth.checked_sub(1).filter(|_| self.fuel.burn()) else { continue };
            match at.node.tag.as_deref() {
                Some(MERGE) => {
                    open.extend(at.node.items().iter().map(|node| (At { node, ..at }, depth)));
                }
                Some(EXPRESSION) => {
                    open.extend(self.referred(at.node.as_str().unwrap_or_default()).map(|at| (at, depth)));
                }
                _ => found.push(at),
            }
        }
        // The last argument of a merge was taken first.
        for at in found.into_iter().rev() {
            for entry in at.node.entries().iter().filter(|entry| !entry.value.is_null()) {
                let place = Place::new(at.file, entry.key_span);
                let value = self.value(At { node: &entry.value, ..at });
                all.extend([variable(entry.key.as_str(), Some(place), value)]);
            }
        }
        all
    }

    /// The variables of blocks or mappings with a name and a value; where something else holds the value, it is not
    /// known.
    pub fn listed(&self, items: impl Iterator<Item = At<'a>>) -> BTreeMap<String, Variable> {
        let one = |item: At<'a>| {
            let key = item.get(&["name"])?;
            let name = self.text(key).known()?.to_owned();
            let value = match item.get(&["value"]) {
                Some(value) => self.value(value),
                None => Value::Unknown("a secret, or what is known when it is applied".into()),
            };
            Some(variable(&name, Some(key.place()), value))
        };
        items.filter_map(one).collect()
    }

    fn evaluate(&self, at: At<'a>, depth: usize) -> Text {
        let Some(depth) = depth.checked_sub(1).filter(|_| self.fuel.burn()) else {
            return Text::unknown("too many references");
        };
        match (at.node.tag.as_deref(), at.node.as_scalar()) {
            (Some(TEMPLATE), _) => {
                let mut text = Text::default();
                for node in at.node.items() {
                    text.push_text(&self.evaluate(At { node, ..at }, depth));
                }
                text
            }
            (Some(EXPRESSION), Some(scalar)) => self.reference(scalar.text.as_str(), at.place(), depth),
            (None, Some(scalar)) => Text::written(&scalar.text, at.file),
            _ => Text::unknown("not a plain value"),
        }
    }

    fn reference(&self, expression: &str, place: Place, depth: usize) -> Text {
        if let Some(found) = self.referred(expression) {
            let mut text = Text::default();
            text.push_via(&self.evaluate(found, depth), place);
            return text;
        }
        if let Some(known) = super::databases::attribute(self, expression) {
            return Text::derived(&known, place);
        }
        let plain = expression
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '[' | ']'));
        match plain {
            true => Text::unknown(format!("{expression} is known when it is applied")),
            // It may hold anything, a credential as well.
            false => Text::unknown("an expression is worked out when it is applied"),
        }
    }

    /// What `var.name` and `local.name` stand for.
    fn referred(&self, expression: &str) -> Option<At<'a>> {
        if let Some(name) = expression.strip_prefix("var.") {
            let given = self.values.iter().rev().find_map(|values| values.get_raw(name));
            return given.or_else(|| {
                let default = |root: &At<'a>| root.get(&["variable", name])?.get_raw("default");
                self.roots.iter().find_map(default).filter(|at| !at.node.is_null())
            });
        }
        let name = expression.strip_prefix("local.")?;
        self.roots.iter().find_map(|root| root.all("locals").find_map(|locals| locals.get_raw(name)))
    }
}

impl<'a> At<'a> {
    /// An attribute as it stands.
    pub fn get_raw(self, key: &str) -> Option<Self> {
        Some(Self { node: self.node.get(key)?, ..self })
    }
}

/// Whether a node holds an expression that begins with this address.
pub(super) fn refers(at: Option<At<'_>>, address: &str) -> bool {
    let mut open: Vec<&Node> = at.map(|at| at.node).into_iter().collect();
    while let Some(node) = open.pop() {
        let named = node.tag.as_deref() == Some(EXPRESSION)
            && node.as_str().is_some_and(|text| {
                text.strip_prefix(address).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            });
        if named {
            return true;
        }
        open.extend(node.items());
        open.extend(node.entries().iter().map(|entry| &entry.value));
    }
    false
}
