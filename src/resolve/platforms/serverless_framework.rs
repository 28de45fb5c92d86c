//! The Serverless Framework: functions with their provider's settings
//! (<https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>).

use std::collections::BTreeMap;

use super::service::{Service, between, count, literal, platform_default, seconds, variables};
use crate::model::{Located, Serving, Value, Variable, WorkloadClass};
use crate::readers::PlatformFile;
use crate::span::{Place, Text};
use crate::syntax::node::Node;

/// Seconds a function may take unless it says so.
const TIMEOUT: u64 = 6;

/// How deep `${self:…}` may lead to another one.
const DEPTH: usize = 8;

/// The functions of the service.
pub(super) fn services(file: &PlatformFile) -> Vec<Service> {
    let root = &file.root;
    if root.at(&["provider", "name"]).and_then(Node::as_str).is_some_and(|name| name != "aws") {
        return Vec::new();
    }
    let shared = environment(file, root.at(&["provider", "environment"]));
    let functions = root.get("functions").map(Node::entries).unwrap_or_default();
    functions
        .iter()
        .map(|entry| function(file, entry.key.as_str(), entry.key_span, &entry.value, &shared))
        .collect()
}

fn function(
    file: &PlatformFile,
    name: &str,
    key: crate::span::Span,
    node: &Node,
    shared: &BTreeMap<String, Variable>,
) -> Service {
    let id = file.file;
    let provider = |key: &str| file.root.at(&["provider", key]);
    let mut all = shared.clone();
    all.extend(environment(file, node.get("environment")));
    // Concurrency that is provisioned exists all the time; what is reserved is never exceeded.
    let provisioned = count(id, node.get("provisionedConcurrency"), platform_default(0));
    let reserved = count(id, node.get("reservedConcurrency"), Located::unknown());
    Service {
        name: name.to_owned(),
        kind: "Function",
        place: Some(Place::new(id, key)),
        class: WorkloadClass::Serverless,
        instances: between(
            ("provisioned-concurrency", provisioned),
            ("reserved-concurrency", reserved),
            None,
        ),
        serving: Serving {
            request_timeout: seconds(id, node.get("timeout").or(provider("timeout")), Some(TIMEOUT)),
            concurrency: Some(platform_default(1)),
            asynchronous: is_asynchronous(node),
        },
        variables: all,
        command: None,
        directory: None,
    }
}

/// Whether events start the function and no caller waits: queues, streams, schedules.
fn is_asynchronous(function: &Node) -> bool {
    let events = function.get("events").map(Node::items).unwrap_or_default();
    let waits = |event: &Node| {
        let name = event.as_str().or_else(|| event.entries().first().map(|entry| entry.key.as_str()));
        matches!(name, Some("http" | "httpApi" | "websocket" | "alb"))
    };
    let url = function.get("url").is_some_and(|url| url.as_str() != Some("false"));
    !events.is_empty() && !url && !events.iter().any(waits)
}

fn environment(file: &PlatformFile, node: Option<&Node>) -> BTreeMap<String, Variable> {
    variables(file.file, node, &|node| value(file, node, DEPTH))
}

/// A value with its `${…}` references: one to the file itself is followed, all others depend on where the command is
/// run.
fn value(file: &PlatformFile, node: &Node, depth: usize) -> Value {
    let Value::Text(text) = literal(file.file, node) else {
        return Value::Unknown("not a plain value".into());
    };
    let mut out = Text::default();
    let mut rest = 0;
    let all = text.as_str().to_owned();
    while let Some(start) =
        all.get(rest..).and_then(|tail| tail.find("${")).and_then(|at| at.checked_add(rest))
    {
        out.push_text(&text.slice(rest..start));
        let Some(end) = closing(&all, start) else {
            return Value::Unknown("an open reference".into());
        };
        let inner = all.get(start.saturating_add(2)..end).unwrap_or_default();
        match referred(file, inner, depth) {
            Some(Value::Text(found)) => out.push_text(&found),
            _ => out.push_text(&Text::unknown(format!("${{{inner}}} is known when it is deployed"))),
        }
        rest = end.saturating_add(1);
    }
    out.push_text(&text.slice(rest..all.len()));
    Value::Text(out)
}

/// Where the reference that opens at `start` ends, with those inside it.
fn closing(text: &str, start: usize) -> Option<usize> {
    let mut open = 0usize;
    text.char_indices().skip_while(|(at, _)| *at < start).find_map(|(at, letter)| {
        match letter {
            '{' => open = open.saturating_add(1),
            '}' => open = open.saturating_sub(1),
            _ => return None,
        }
        (letter == '}' && open == 0).then_some(at)
    })
}

/// `self:custom.a.b`, without anything that depends on the command line.
fn referred(file: &PlatformFile, reference: &str, depth: usize) -> Option<Value> {
    let path = reference.trim().strip_prefix("self:")?;
    if depth == 0 || path.contains(['$', ',']) {
        return None;
    }
    let keys: Vec<&str> = path.split('.').collect();
    let node = file.root.at(&keys)?;
    node.as_scalar()?;
    Some(value(file, node, depth.saturating_sub(1)))
}
