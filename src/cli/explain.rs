//! `poollint explain`: a rule's page, or what an error message means.

use std::io::{self, Read, Write};

use super::args::{ExplainArgs, InputArgs};
use super::error::Failure;
use super::{CLEAN, FOUND, output, run};
use crate::catalog::{self, ErrorEntry};
use crate::config::nearest;
use crate::rules::Rulebook;
use crate::rules::page::Page;

/// What is read of a log at most, in bytes.
const LONGEST_LOG: u64 = 32 * 1024 * 1024;

/// The longest text that may be a rule's misspelt name, in bytes.
const LONGEST_NAME: usize = 80;

pub(super) fn run(args: &ExplainArgs) -> Result<u8, Failure> {
    let subject = match args.subject.trim() {
        "-" => log()?,
        subject => subject.to_owned(),
    };
    let name = subject.trim();
    let mut out = io::stdout().lock();
    // What the owner's pages say; without them `explain` works anywhere.
    let own = run::only_configuration(&InputArgs::here()).map(|(_, own)| own).unwrap_or_default();
    let book = Rulebook::built_in().with(&own);
    if let Some(page) = book.get(name) {
        writeln!(out, "{}", text(page))?;
        return Ok(CLEAN);
    }
    let errors = catalog::errors_of(name);
    if errors.is_empty() {
        let known = book.pages().iter().map(|page| page.name.as_str());
        // A log is no misspelt name, and comparing one with each takes minutes.
        let hint = match Some(name)
            .filter(|name| name.len() <= LONGEST_NAME)
            .and_then(|name| nearest(name, known))
        {
            Some(near) => format!("no rule is called that; did you mean {near}?"),
            None => "neither a rule's name nor an error that is known; `poollint rules` lists the rules"
                .to_owned(),
        };
        output::complain(&hint);
        return Ok(FOUND);
    }
    let entries: Vec<String> = errors.into_iter().map(error).collect();
    writeln!(out, "{}", entries.join("\n\n"))?;
    Ok(CLEAN)
}

/// Standard input, whatever bytes it holds.
fn log() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(LONGEST_LOG)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::Usage(format!("standard input: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What an error means. Nothing of the text in which it was met: that may hold a credential.
fn error(entry: &ErrorEntry) -> String {
    let mut text =
        format!("{}: {}", entry.layer, entry.texts.first().map_or(entry.id.as_str(), String::as_str));
    if !entry.codes.is_empty() {
        text.push_str(&format!(" ({})", entry.codes.join(", ")));
    }
    text.push_str(&format!("\n\n{}\n\nCause: {}\nChange: {}\n", entry.meaning, entry.cause, entry.change));
    if let Some(other) = &entry.mistaken_for {
        text.push_str(&format!("Often mistaken for: {other}\n"));
    }
    text.push_str("\nSources:\n");
    for source in &entry.sources {
        text.push_str(&format!("  {source}\n"));
    }
    text.trim_end().to_owned()
}

/// The page as people read it: what it says, its params, its sources.
fn text(page: &Page) -> String {
    let mut text = format!("{}: {}\n\n{}\n", page.name, page.summary, page.documentation.trim());
    if !page.params.is_empty() {
        text.push_str("\nParams, under [rules.");
        text.push_str(&page.name);
        text.push_str("] in poollint.toml:\n");
        for (name, value) in &page.params {
            text.push_str(&format!("  {name} = {value}\n"));
        }
    }
    if page.opt_in {
        text.push_str("\nOff unless extend-select names it.\n");
    }
    if !page.sources.is_empty() {
        text.push_str("\nSources:\n");
        for source in &page.sources {
            text.push_str(&format!("  {source}\n"));
        }
    }
    text.trim_end().to_owned()
}
