//! `poollint explain`: a rule's page.

use std::io::{self, Write};

use super::args::ExplainArgs;
use super::error::Failure;
use super::{CLEAN, FOUND, output};
use crate::config::nearest;
use crate::rules;
use crate::rules::page::Page;

pub(super) fn run(args: &ExplainArgs) -> Result<u8, Failure> {
    let name = args.subject.trim();
    let Some(page) = rules::pages().iter().find(|page| page.name == name) else {
        let known = rules::pages().iter().map(|page| page.name.as_str());
        let hint = match nearest(name, known) {
            Some(near) => format!("no rule is called that; did you mean {near}?"),
            None => "no rule is called that; `poollint rules` lists them".to_owned(),
        };
        output::complain(&hint);
        return Ok(FOUND);
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text(page))?;
    Ok(CLEAN)
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
