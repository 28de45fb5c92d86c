//! The Serverless Framework: functions with their provider's settings
//! (<https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>).

use std::collections::BTreeMap;

use super::numbers::{as_seconds, between, count, count_of_value, platform_default};
use super::service::{Part, Service, Stack};
use super::values::{Fuel, literal, variables};
use crate::model::{Located, Serving, Value, Variable, WorkloadClass};
use crate::readers::PlatformFile;
use crate::span::{Place, Text};
use crate::syntax::node::{Entry, Node};

/// Seconds a function may take unless it says so.
const TIMEOUT: u64 = 6;

/// How deep `${self:…}` may lead to another one.
const DEPTH: usize = 8;

/// Events whose caller waits for the answer.
const WAITING: [&str; 8] =
    ["http", "httpApi", "websocket", "alb", "alexaSkill", "alexaSmartHome", "cloudFront", "cognitoUserPool"];

/// The file, and what following its references may still cost.
struct Source<'a> {
    file: &'a PlatformFile,
    fuel: Fuel,
}

/// The functions of the service, where Amazon's Lambda runs them.
pub(super) fn stack(file: &PlatformFile) -> Stack {
    let root = &file.root;
    let provider = root.get("provider");
    let name = provider.and_then(|provider| provider.get("name").unwrap_or(provider).as_str());
    if name.is_some_and(|name| name != "aws") {
        return Stack::default();
    }
    let source = &Source { file, fuel: Fuel::default() };
    let shared = environment(source, root.at(&["provider", "environment"]));
    let mut stack = Stack::default();
    let Some(functions) = root.get("functions") else { return stack };
    // A mapping, a list of mappings, or either from another file.
    for group in std::iter::once(functions).chain(functions.items()) {
        if let Some(elsewhere) = group.as_str().filter(|text| text.starts_with("${")) {
            stack.partial.push(format!("functions of {elsewhere}"));
        }
        for entry in group.entries() {
            stack.services.push(function(source, entry, &shared));
            if entry.value.as_str().is_some_and(|text| text.starts_with("${")) {
                stack.partial.push(format!("function {} of another file", entry.key.as_str()));
            }
        }
    }
    stack
}

fn function(source: &Source<'_>, entry: &Entry, shared: &BTreeMap<String, Variable>) -> Service {
    let (file, node) = (source.file, &entry.value);
    let mut all = shared.clone();
    all.extend(environment(source, node.get("environment")));
    let number = |node: Option<&Node>, default: Located<u64>| match node.filter(|node| !node.is_null()) {
        Some(node) => count_of_value(&top(source, node), Place::new(file.file, node.span)),
        None => default,
    };
    // What another file says is not known, not even by default.
    let elsewhere = node.as_str().is_some_and(|text| !text.is_empty());
    let or = |default: u64| if elsewhere { Located::unknown() } else { platform_default(default) };
    // Concurrency that is provisioned exists all the time; what is reserved is never exceeded.
    let provisioned = number(node.get("provisionedConcurrency"), or(0));
    let reserved = match node.get("reservedConcurrency") {
        Some(reserved) => number(Some(reserved), Located::unknown()),
        None => queues(file, node),
    };
    let timeout = node.get("timeout").or(file.root.at(&["provider", "timeout"]));
    let place = Some(Place::new(file.file, entry.key_span));
    let mut service = Service::new("Function", entry.key.as_str(), place);
    service.class = WorkloadClass::Serverless;
    service.instances =
        between(("provisioned-concurrency", provisioned), ("reserved-concurrency", reserved), None);
    service.serving = Serving {
        request_timeout: as_seconds(number(timeout, or(TIMEOUT))),
        // Managed instances serve several requests each.
        concurrency: Some(match node.get("capacityProvider") {
            Some(_) => Located::unknown(),
            None => platform_default(1),
        }),
        asynchronous: is_asynchronous(node),
        ..Serving::default()
    };
    service.parts = vec![Part {
        variables: all,
        open: elsewhere.then_some("the function is defined in another file"),
        ..Part::default()
    }];
    service
}

/// What the queues allow together, where nothing else starts the function.
fn queues(file: &PlatformFile, function: &Node) -> Located<u64> {
    let events = function.get("events").map(Node::items).unwrap_or_default();
    let mut sum: Option<Located<u64>> = None;
    for event in events {
        let Some(most) = event.at(&["sqs", "maximumConcurrency"]) else { return Located::unknown() };
        let most = count(file.file, Some(most), Located::unknown());
        sum = Some(match sum {
            None => most,
            Some(sum) => {
                let total = Option::zip(sum.value, most.value).map(|(one, two)| one.saturating_add(two));
                total.map_or_else(Located::unknown, |total| Located { value: Some(total), ..most })
            }
        });
    }
    sum.unwrap_or_else(Located::unknown)
}

/// Whether events start the function and no caller waits: queues, streams, schedules.
fn is_asynchronous(function: &Node) -> bool {
    let events = function.get("events").map(Node::items).unwrap_or_default();
    let waits = |event: &Node| {
        let name = event.as_str().or_else(|| event.entries().first().map(|entry| entry.key.as_str()));
        name.is_none_or(|name| WAITING.contains(&name) || name.starts_with("${"))
    };
    let url = function.get("url").is_some_and(|url| url.as_str() != Some("false"));
    !events.is_empty() && !url && !events.iter().any(waits)
}

fn environment(source: &Source<'_>, node: Option<&Node>) -> BTreeMap<String, Variable> {
    variables(source.file.file, node, &|node| top(source, node))
}

fn top(source: &Source<'_>, node: &Node) -> Value {
    source.fuel.refill();
    value(source, node, DEPTH)
}

/// A value with its `${…}` references: one to the file itself is followed, all others depend on where the command is
/// run.
fn value(source: &Source<'_>, node: &Node, depth: usize) -> Value {
    match literal(source.file.file, node) {
        Value::Text(text) => Value::Text(resolved(source, &text, depth)),
        // `!Ref`, `Fn::ImportValue` and their kin.
        Value::Unknown(_) => Value::Unknown("known when it is deployed".into()),
    }
}

fn resolved(source: &Source<'_>, text: &Text, depth: usize) -> Text {
    let mut out = Text::default();
    let mut rest = 0;
    let all = text.as_str();
    while let Some(start) =
        all.get(rest..).and_then(|tail| tail.find("${")).and_then(|at| at.checked_add(rest))
    {
        out.push_text(&text.slice(rest..start));
        let Some(end) = closing(all, start) else {
            out.push_text(&Text::unknown("an open reference"));
            return out;
        };
        let inner = start.saturating_add(2)..end;
        let hop = text.place_of(start..end.saturating_add(1));
        match (referred(source, &text.slice(inner.clone()), depth), hop) {
            (Some(found), Some(hop)) => out.push_via(&found, hop),
            (Some(found), None) => out.push_text(&found),
            (None, _) => {
                let inner = all.get(inner).unwrap_or_default();
                out.push_text(&Text::unknown(format!("${{{inner}}} is known when it is deployed")));
            }
        }
        rest = end.saturating_add(1);
    }
    out.push_text(&text.slice(rest..all.len()));
    out
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

/// What `self:custom.a.b, fallback` means, without anything that depends on the command line. References within the
/// path come first.
fn referred(source: &Source<'_>, reference: &Text, depth: usize) -> Option<Text> {
    let depth = depth.checked_sub(1).filter(|_| source.fuel.burn())?;
    let all = reference.as_str();
    let comma = comma(all);
    let head = resolved(source, &reference.slice(0..comma.unwrap_or(all.len())), depth);
    let path = head.known()?.trim().strip_prefix("self:")?.to_owned();
    let keys: Vec<&str> = path.split('.').collect();
    match source.file.root.at(&keys) {
        Some(node) => {
            node.as_scalar()?;
            match value(source, node, depth) {
                Value::Text(text) => Some(text),
                Value::Unknown(_) => None,
            }
        }
        None => fallback(source, &reference.slice(comma?.saturating_add(1)..all.len()), depth),
    }
}

/// What stands behind the comma: a text in quotes, a number, or another reference.
fn fallback(source: &Source<'_>, text: &Text, depth: usize) -> Option<Text> {
    let all = text.as_str();
    let trimmed = all.trim();
    let start = all.len().saturating_sub(all.trim_start().len());
    let end = start.saturating_add(trimmed.len());
    if trimmed.starts_with("self:") {
        return referred(source, &text.slice(start..end), depth);
    }
    let quoted = ['\'', '"'].into_iter().any(|quote| {
        trimmed.len() > 1 && trimmed.starts_with(quote) && trimmed.ends_with(quote) && !trimmed.contains("${")
    });
    match quoted {
        true => Some(text.slice(start.saturating_add(1)..end.saturating_sub(1))),
        false => trimmed.parse::<f64>().is_ok().then(|| text.slice(start..end)),
    }
}

/// The comma that parts a reference from its fallback, outside references within it.
fn comma(text: &str) -> Option<usize> {
    let mut open = 0usize;
    text.char_indices().find_map(|(at, letter)| {
        match letter {
            '{' => open = open.saturating_add(1),
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
        (letter == ',' && open == 0).then_some(at)
    })
}
