//! `poollint explain`: a rule's page.

use std::io::{self, Write};

use super::args::ExplainArgs;
use super::error::Failure;
use super::{CLEAN, FOUND, output};
use crate::config::nearest;
use crate::rules;

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
    writeln!(out, "{}", page.explain())?;
    Ok(CLEAN)
}
