//! What this YAML parser reads and that of kubectl and Kustomize does not.

use std::collections::BTreeMap;

use super::Context;
use super::names::is_database_key;
use crate::model::{Defect, Edit, Fix, Model, Safety};
use crate::readers::KubeObject;
use crate::span::{FileId, Place, Span};
use crate::syntax::connection;
use crate::syntax::node::{Node, Style, Value};
use crate::tree::MAX_FILE_BYTES;

/// The rule's name.
const RULE: &str = "yaml-rejected-by-kubectl";

/// Levels of nesting that are looked at; the parser allows no more.
const DEPTH: usize = 100;

/// Plain scalars with a `?` between brackets, where the value is a database's. go-yaml, which kubectl and Kustomize
/// have, ends a plain scalar there (`yaml_parser_scan_plain_scalar` in its scannerc.go).
#[must_use]
pub fn of_model(context: &Context<'_>, model: &Model) -> Vec<Defect> {
    let mut found = Vec::new();
    // One file may hold thousands of objects.
    let mut marks: BTreeMap<FileId, Vec<usize>> = BTreeMap::new();
    for object in &context.declarations.objects {
        let text = context.files.text(object.file);
        let marks =
            marks.entry(object.file).or_insert_with(|| memchr::memchr_iter(b'?', text.as_bytes()).collect());
        let made = context.files.rendered_from(object.file).is_some() || context.files.is_stream(object.file);
        if made || u64::try_from(text.len()).is_ok_and(|length| length > MAX_FILE_BYTES) || marks.is_empty() {
            continue;
        }
        let mut walk = Walk { object, text, marks, found: Vec::new() };
        walk.node(&object.root, false, None, DEPTH);
        if walk.found.is_empty() {
            continue;
        }
        let deployment = model.deployments.iter().position(|it| it.files.contains(&object.file));
        found.extend(walk.found.into_iter().map(|mut defect| {
            defect.deployment = deployment;
            defect
        }));
    }
    found
}

struct Walk<'a> {
    object: &'a KubeObject,
    text: &'a str,
    /// Where question marks stand.
    marks: &'a [usize],
    found: Vec<Defect>,
}

impl Walk<'_> {
    /// `name` is the variable that the node is the value of.
    fn node(&mut self, node: &Node, inside: bool, name: Option<&str>, depth: usize) {
        // An alias stands where its anchor is, and is looked at there.
        if depth == 0 || node.alias.is_some() || !self.is_marked(node.span) {
            return;
        }
        let inside =
            inside || self.text.get(node.span.start..).is_some_and(|rest| rest.starts_with(['{', '[']));
        let deeper = depth.saturating_sub(1);
        match &node.value {
            Value::Scalar(scalar) => {
                let value = scalar.text.as_str();
                let concerns = || name.is_some_and(is_database_key) || connection::looks_like(value);
                if inside && scalar.style == Style::Plain && value.contains('?') && concerns() {
                    self.found.push(self.defect(node, value, name));
                }
            }
            Value::Sequence(items) => items.iter().for_each(|item| self.node(item, inside, name, deeper)),
            Value::Mapping(mapping) => {
                let own = node.get("name").and_then(Node::as_str);
                for entry in mapping.entries.iter().filter(|entry| !entry.merged) {
                    let key = entry.key.as_str();
                    let name = if key == "value" { own } else { Some(key) };
                    self.node(&entry.value, inside, name, deeper);
                }
            }
        }
    }

    fn is_marked(&self, span: Span) -> bool {
        let next = self.marks.partition_point(|mark| *mark < span.start);
        self.marks.get(next).is_some_and(|mark| *mark < span.end)
    }

    fn defect(&self, node: &Node, value: &str, name: Option<&str>) -> Defect {
        let place = Place::new(self.object.file, node.span);
        let quote = |at: usize| Edit {
            place: Place::new(self.object.file, Span::new(at, at)).into(),
            text: "\"".to_owned(),
        };
        // Whatever quotes would change is left to people.
        let same = self.text.get(node.span.range()) == Some(value) && !value.contains(['"', '\\']);
        let fix = same.then(|| Fix {
            safety: Safety::Safe,
            title: "put it in quotes".to_owned(),
            edits: vec![quote(node.span.start), quote(node.span.end)],
            withheld: false,
        });
        let mut defect = Defect::new(RULE, "question-mark", place).fix(fix);
        defect.variable = name.map(str::to_owned);
        defect.fact("object", format!("{} {}", self.object.kind, self.object.name))
    }
}
