//! `poollint/model/1`: what poollint believes each container receives and how many run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::catalog::{VariableMeaning, catalog};
use crate::mask;
use crate::model::{Container, Deployment, Environment, Instances, Located, Model, Variable, Workload};
use crate::resolve::names;
use crate::span::{FileId, Origin, Place, Span, Text, UNKNOWN};
use crate::syntax::connection;
use crate::tree::Files;

/// Writes the model.
///
/// # Errors
/// When the output cannot be written.
pub fn model_json(model: &Model, files: &Files, out: &mut dyn Write) -> io::Result<()> {
    let sources = Sources { files, secrets: Secrets::new(&model.secrets) };
    let deployments: Vec<Value> =
        model.deployments.iter().map(|deployment| self::deployment(deployment, &sources)).collect();
    let output = json!({
        "schema": "poollint/model/1",
        "version": env!("CARGO_PKG_VERSION"),
        "deployments": deployments,
    });
    serde_json::to_writer_pretty(&mut *out, &output)?;
    writeln!(out)
}

/// Where values come from.
struct Sources<'a> {
    files: &'a Files,
    secrets: Secrets,
}

/// The places of credentials, by file, in order.
struct Secrets(BTreeMap<FileId, Vec<Span>>);

impl Secrets {
    fn new(places: &[Place]) -> Self {
        let mut by_file: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
        for place in places {
            by_file.entry(place.file).or_default().push(place.span);
        }
        by_file.values_mut().for_each(|spans| spans.sort_unstable());
        Self(by_file)
    }

    /// Whether any byte of a text was written where a credential stands.
    fn touch(&self, text: &Text) -> bool {
        text.pieces(0..text.as_str().len()).any(|(_, piece)| match piece.origin {
            Origin::Written { place, .. } => self.touch_place(place),
            _ => false,
        })
    }

    fn touch_place(&self, place: Place) -> bool {
        let Some(spans) = self.0.get(&place.file) else { return false };
        let behind = spans.partition_point(|span| span.start < place.span.end);
        let before = spans.get(..behind).unwrap_or_default();
        before.last().is_some_and(|span| span.start >= place.span.start || span.end > place.span.start)
    }
}

fn deployment(deployment: &Deployment, sources: &Sources<'_>) -> Value {
    let files = sources.files;
    let environment = deployment.environment.value.unwrap_or(Environment::Unknown);
    json!({
        "name": mask::shown(&deployment.name),
        "kind": deployment.kind.name(),
        "environment": environment.name(),
        "files": deployment.files.iter().map(|file| mask::shown(files.path(*file))).collect::<Vec<_>>(),
        "partial": deployment.partial.iter().map(|gap| mask::shown(gap)).collect::<Vec<_>>(),
        "workloads": deployment.workloads.iter().map(|workload| self::workload(workload, sources)).collect::<Vec<_>>(),
    })
}

fn workload(workload: &Workload, sources: &Sources<'_>) -> Value {
    let mut output = Map::new();
    output.insert("name".to_owned(), mask::shown(&workload.name).into());
    output.insert("kind".to_owned(), mask::shown(&workload.kind).into());
    if let Some(namespace) = &workload.namespace {
        output.insert("namespace".to_owned(), mask::shown(namespace).into());
    }
    output.insert("instances".to_owned(), instances(&workload.instances));
    let containers: Vec<Value> =
        workload.containers.iter().map(|container| self::container(container, sources)).collect();
    output.insert("containers".to_owned(), containers.into());
    output.into()
}

/// The three numbers; an unknown one is an absent key.
fn instances(instances: &Instances) -> Value {
    let mut output = Map::new();
    let all: [(&str, &Located<u64>); 3] =
        [("min", &instances.min), ("max", &instances.max), ("rollout", &instances.rollout)];
    for (name, count) in all {
        if let Some(value) = count.value {
            output.insert(name.to_owned(), value.into());
        }
    }
    output.into()
}

fn container(container: &Container, sources: &Sources<'_>) -> Value {
    let mut output = Map::new();
    output.insert("name".to_owned(), mask::shown(&container.name).into());
    if let Some(image) = &container.image {
        output.insert("image".to_owned(), shown(image).into());
    }
    output.insert("role".to_owned(), container.role.name().into());
    let mut environment = Map::new();
    for variable in container.environment.values() {
        let name = name(&variable.name);
        // Two names that are hidden are two variables.
        let free = (1..).map(|count| if count == 1 { name.clone() } else { format!("{name} ({count})") });
        if let Some(key) = free.into_iter().find(|key| !environment.contains_key(key)) {
            environment.insert(key, self::variable(variable, sources));
        }
    }
    output.insert("environment".to_owned(), environment.into());
    if let Some(reason) = &container.open_environment {
        output.insert("open".to_owned(), mask::shown(reason).into());
    }
    output.into()
}

/// A variable: its value, unless that is or may be a credential, or is unknown.
fn variable(variable: &Variable, sources: &Sources<'_>) -> Value {
    let files = sources.files;
    let text = variable.text();
    let mut output = Map::new();
    if text.is_unknown() {
        let reasons: Vec<&str> = text.reasons().collect();
        output.insert("unknown".to_owned(), mask::shown(&reasons.join("; ")).into());
    } else {
        match value(&variable.name, &text, &sources.secrets) {
            Some(value) => output.insert("value".to_owned(), value.into()),
            None => output.insert("masked".to_owned(), true.into()),
        };
    }
    if let Some(place) = variable.place() {
        output.insert("path".to_owned(), mask::shown(files.path(place.file)).into());
        output.insert("line".to_owned(), files.line(place).into());
    }
    output.into()
}

/// A variable's name. What cannot be one is an item of a list that lacks it, and may be the value itself.
fn name(name: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "_-.[]()/ ".contains(letter);
    if name.chars().all(plain) && !mask::may_be_secret(name) {
        name.to_owned()
    } else {
        mask::MASK.to_owned()
    }
}

/// What may be shown of a value; `None` when its name, its form or its place says that it is or may be a credential.
fn value(name: &str, text: &Text, secrets: &Secrets) -> Option<String> {
    if catalog().is_secret_name(name) && !text.as_str().contains("://") {
        return None;
    }
    if let Some(parsed) = connection::parse(text.as_str()) {
        return Some(parsed.masked_with(text.as_str(), &mask::params(&parsed)));
    }
    // What stands where a connection string belongs and is none may be the password itself.
    let url = names::meaning(name).is_some_and(|meaning| {
        matches!(meaning.role, VariableMeaning::Url | VariableMeaning::AdministrativeUrl)
    });
    if url && !text.as_str().is_empty() {
        return None;
    }
    if catalog().is_secret_name(name) || secrets.touch(text) {
        return None;
    }
    if mask::is_address_name(name) && text.as_str().contains('@') && !text.as_str().contains("://") {
        return None;
    }
    // A URL is shown without its credentials, where the rest of it holds none.
    let masked = mask::line(text.as_str());
    let rest = masked.replace("://***@", "://");
    (!mask::may_be_secret(&rest)).then(|| masked.replace(UNKNOWN, "…"))
}

/// A text with `…` where it is unknown, and whatever looks like a credential in it masked.
fn shown(text: &Text) -> String {
    mask::shown(text.as_str()).replace(UNKNOWN, "…")
}
