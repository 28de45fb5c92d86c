//! Whole configurations to what runs, one line for each workload.

mod amazon;
mod hosts;
mod others;

use crate::config::Config;
use crate::model::{Located, Operated, Value, Workload, WorkloadClass};
use crate::pipeline;
use crate::resolve::{Context, Draft};
use crate::tree::{Files, Memory};

/// The drafts of these files, as the walk and the readers hand them over.
pub(super) fn drafts(sources: &[(&str, &str)]) -> Vec<Draft> {
    let tree = Memory::new(sources.iter().map(|(path, text)| (*path, *text)));
    let loaded = pipeline::load(&tree, Files::default()).unwrap();
    assert_eq!(loaded.declarations.unreadable, []);
    let config = Config::default();
    super::deployments(&Context { files: &loaded.files, declarations: &loaded.declarations, config: &config })
}

/// What one file describes, a line for each workload.
pub(super) fn lines(path: &str, text: &str) -> Vec<String> {
    let drafts = drafts(&[(path, text)]);
    drafts.iter().flat_map(|draft| draft.deployment.workloads.iter().map(line)).collect()
}

/// `name class min/max/rollout timeout ×concurrency async NAME=value NAME?reason`; what is not known is `?`.
fn line(workload: &Workload) -> String {
    let number = |value: &Located<u64>| value.value.map_or("?".to_owned(), |value| value.to_string());
    let instances = &workload.instances;
    let mut words = vec![
        workload.name.clone(),
        match workload.class {
            WorkloadClass::Service => "service",
            WorkloadClass::OneShot => "once",
            WorkloadClass::Scheduled => "scheduled",
            WorkloadClass::Serverless => "function",
            WorkloadClass::Imaginary => "imaginary",
        }
        .to_owned(),
        [&instances.min, &instances.max, &instances.rollout].map(number).join("/"),
    ];
    if let Some(timeout) = &workload.serving.request_timeout {
        words.push(timeout.value.map_or("?s".to_owned(), |value| format!("{value}s")));
    }
    words.extend(workload.serving.concurrency.as_ref().map(|count| format!("x{}", number(count))));
    words.extend(workload.serving.asynchronous.then(|| "async".to_owned()));
    if let Some(Operated::Server(server)) = &workload.operated {
        words.push(format!("{}:{}/{}", server.engine, server.port, number(&server.max_connections)));
    }
    for container in &workload.containers {
        if container.name != workload.name {
            words.push(format!("[{}]", container.name));
        }
        words.extend(container.image.as_ref().map(|image| format!("image:{}", shown(image))));
        words.extend(container.command.iter().map(|word| format!("`{}`", shown(word))));
        for variable in container.environment.values() {
            let value = match &variable.value {
                Value::Text(text) => format!("={}", shown(text)),
                Value::Unknown(_) => "?".to_owned(),
            };
            words.push(format!("{}{value}", variable.name));
        }
    }
    words.join(" ")
}

/// A text with `?` for what is not known.
fn shown(text: &crate::span::Text) -> String {
    text.as_str().replace(crate::span::UNKNOWN, "?")
}

/// Asserts what a table of files describes.
pub(super) fn assert_all(path: &str, cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(lines(path, text), *expected, "{text}");
    }
}
