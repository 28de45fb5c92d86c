//! Runs the examples of rule pages through the whole pipeline: a page is its own test.

use crate::config::{self, Config};
use crate::pipeline;
use crate::rules::page::{Example, Page};
use crate::rules::{Finding, Rulebook};
use crate::tree::{Files, Kind, Memory};

/// Why an example does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}, line {line} ({title}): {reason}")]
pub struct Failed {
    /// The page.
    pub rule: String,
    /// The example's line in it.
    pub line: usize,
    /// The example's title.
    pub title: String,
    /// What is wrong.
    pub reason: String,
}

/// Every example of `page` that does not hold, judged by the rules of `book`, which has the page.
#[must_use]
pub fn failures(book: &Rulebook<'_>, page: &Page) -> Vec<Failed> {
    page.examples()
        .iter()
        .filter_map(|example| {
            let reason = check(book, page, example).err()?;
            let (rule, title) = (page.name.clone(), example.title.clone());
            Some(Failed { rule, line: example.line, title, reason })
        })
        .collect()
}

fn check(book: &Rulebook<'_>, page: &Page, example: &Example) -> Result<(), String> {
    let said = judge(book, page, example)?;
    let severities: Vec<&str> = said.iter().map(|finding| finding.severity.name()).collect();
    match (example.fires, said.is_empty()) {
        (true, true) => Err("the rule keeps silent".to_owned()),
        (false, false) => {
            let messages: Vec<&str> = said.iter().map(|finding| finding.message.as_str()).collect();
            Err(format!("the rule speaks: {}", messages.join("; ")))
        }
        (true, false) => match example.severity {
            Some(expected) if said.iter().all(|finding| finding.severity != expected) => {
                Err(format!("the severity is {}, not {}", severities.join(", "), expected.name()))
            }
            _ => Ok(()),
        },
        (false, true) => Ok(()),
    }
}

/// What the page says about an example's files.
fn judge(book: &Rulebook<'_>, page: &Page, example: &Example) -> Result<Vec<Finding>, String> {
    let mut files = Files::default();
    let mut config = Config::default();
    let mut tree = Vec::new();
    for (path, text) in &example.files {
        if path == config::FILE_NAME {
            let file = files.add(path, Kind::Configuration, text.as_str());
            config = config::parse(file, text).map_err(|problem| format!("{path}: {}", problem.message))?;
        } else {
            tree.push((path.as_str(), text.as_bytes()));
        }
    }
    config.extend_select.push(page.name.clone());
    let loaded = pipeline::load(&Memory::new(tree), files).map_err(|error| error.to_string())?;
    if let Some(skipped) = loaded.files.skipped().first() {
        return Err(format!("{} is skipped: {}", skipped.path, skipped.reason));
    }
    let model = pipeline::resolve(&loaded, &config);
    let judged = pipeline::judge_by(book, &loaded, &config, &model);
    if let Some(broken) = judged.broken.first() {
        return Err(format!("page {}: {}", broken.rule, broken.reason));
    }
    Ok(judged.findings.into_iter().filter(|finding| finding.rule == page.name).collect())
}
