//! Workflows of GitHub: the variables of jobs, of their steps and of the containers beside them
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>). They are judged value by value:
//! nothing of a test takes part in sums, and where its servers listen is for its own run to show.

use std::collections::BTreeMap;

use super::service::{Part, Service, Stack};
use super::values::variables;
use crate::model::{Basis, Environment, Located, Value, Variable, WorkloadClass};
use crate::readers::PlatformFile;
use crate::resolve::{environment, names};
use crate::span::{Place, Text};
use crate::syntax::connection;
use crate::syntax::node::Node;

/// One stack for each job that hands on something about a database.
pub(super) fn stacks(file: &PlatformFile) -> Vec<Stack> {
    let jobs = file.root.get("jobs").map(Node::entries).unwrap_or_default();
    // What is set for every job is told with the first that there is.
    let mut common = env(file, &file.root);
    let mut stacks = Vec::new();
    for entry in jobs {
        let place = Place::new(file.file, entry.key_span);
        let name = entry.key.as_str();
        let mut services = vec![job(file, name, place, &entry.value, std::mem::take(&mut common))];
        for service in entry.value.get("services").map(Node::entries).unwrap_or_default() {
            let place = Place::new(file.file, service.key_span);
            let part = Part { variables: env(file, &service.value), ..Part::default() };
            services.push(imagined("Service", service.key.as_str(), place, vec![part]));
        }
        for service in &mut services {
            service.parts.retain(|part| part.variables.values().any(is_database));
        }
        services.retain(|service| !service.parts.is_empty());
        stacks.push(Stack {
            environment: Some(name.to_owned()),
            services,
            purpose: Some(purpose(&entry.value)),
            ..Stack::default()
        });
    }
    stacks
}

/// A job with the variables of all its steps, and each step that has some of its own.
fn job(
    file: &PlatformFile,
    name: &str,
    place: Place,
    job: &Node,
    common: BTreeMap<String, Variable>,
) -> Service {
    let mut shared = common;
    shared.extend(job.get("container").map(|container| env(file, container)).unwrap_or_default());
    shared.extend(env(file, job));
    // A URL is told where it is written; what a step puts together from parts may need those of its job.
    let inherited: BTreeMap<String, Variable> = shared
        .iter()
        .filter(|(_, variable)| !connection::looks_like(variable.text().as_str()))
        .map(|(name, variable)| (name.clone(), variable.clone()))
        .collect();
    let mut parts = vec![Part { variables: shared, ..Part::default() }];
    for (index, step) in job.get("steps").map(Node::items).unwrap_or_default().iter().enumerate() {
        let own = env(file, step);
        if own.values().any(is_database) {
            let mut variables = inherited.clone();
            variables.extend(own);
            let name = step.get("name").and_then(Node::as_str).map(str::to_owned);
            let name = name.unwrap_or_else(|| format!("step {}", index.saturating_add(1)));
            parts.push(Part { name, variables, ..Part::default() });
        }
    }
    imagined("Job", name, place, parts)
}

fn imagined(kind: &'static str, name: &str, place: Place, parts: Vec<Part>) -> Service {
    let mut service = Service::new(kind, name, Some(place));
    service.class = WorkloadClass::Imaginary;
    // A step may write variables for those behind it (`GITHUB_ENV`).
    let open = |part| Part { open: Some("variables that other steps set"), ..part };
    service.parts = parts.into_iter().map(open).collect();
    service
}

/// A job that names one of GitHub's environments is for that; any other is a test.
fn purpose(job: &Node) -> Located<Environment> {
    let named = job.get("environment").map(|node| node.get("name").unwrap_or(node));
    let found =
        named.and_then(Node::as_str).filter(|name| !name.contains("${{")).and_then(environment::of_path);
    match found {
        Some(found) => Located::of(found, Basis::Derived).noted("from the job's environment"),
        None => Located::of(Environment::Test, Basis::Derived).noted("a workflow"),
    }
}

fn is_database(variable: &Variable) -> bool {
    let text = variable.text();
    !text.is_unknown() && (connection::looks_like(text.as_str()) || names::is_database_key(&variable.name))
}

fn env(file: &PlatformFile, node: &Node) -> BTreeMap<String, Variable> {
    variables(file.file, node.get("env"), &|node| value(file, node))
}

/// A scalar whose expressions are not known.
fn value(file: &PlatformFile, node: &Node) -> Value {
    let Some(scalar) = node.as_scalar() else { return Value::Unknown("an expression".into()) };
    let whole = Text::written(&scalar.text, file.file);
    let (mut text, mut at) = (Text::default(), 0_usize);
    let source = whole.as_str();
    while let Some(begin) = source.get(at..).and_then(|rest| at.checked_add(rest.find("${{")?)) {
        let length = source.get(begin..).and_then(|rest| rest.find("}}"));
        let end = length.and_then(|length| begin.checked_add(length)?.checked_add(2)).unwrap_or(source.len());
        text.push_text(&whole.slice(at..begin));
        text.push_text(&Text::unknown("an expression of the workflow"));
        at = end;
    }
    text.push_text(&whole.slice(at..source.len()));
    Value::Text(text)
}
