//! `poollint rules`: every rule, and whether it is on here.

use std::path::PathBuf;

use serde_json::json;

use super::args::{InputArgs, ListFormat, RulesArgs};
use super::error::Failure;
use super::output::{self, Target};
use super::{CLEAN, run};
use crate::rules::page::Page;
use crate::rules::{self, Rulebook};

pub(super) fn run(args: &RulesArgs) -> Result<u8, Failure> {
    let input = InputArgs::directory(PathBuf::from("."), args.config.clone());
    let config = run::only_configuration(&input)?;
    let book = Rulebook::built_in();
    let on = |page: &Page| book.enabled(page, &config);
    let target = Target { format: args.format, file: None };
    output::write(&target, |out| match args.format {
        ListFormat::Json => {
            let rules: Vec<_> = rules::pages()
                .iter()
                .map(|page| {
                    json!({
                        "name": page.name, "subject": page.on.name(), "severity": page.severity.name(),
                        "fixable": page.fixable.is_some(), "opt-in": page.opt_in, "on": on(page), "summary": page.summary,
                    })
                })
                .collect();
            let output =
                json!({ "schema": "poollint/rules/1", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
            serde_json::to_writer_pretty(&mut *out, &output)?;
            writeln!(out)
        }
        ListFormat::Human => {
            let width = rules::pages().iter().map(|page| page.name.len()).max().unwrap_or(0);
            for page in rules::pages() {
                let severity = page.severity.name();
                let fix = if page.fixable.is_some() { "fix" } else { "" };
                let state = if on(page) { "on" } else { "off" };
                writeln!(out, "{:width$}  {severity:7}  {fix:3}  {state:3}  {}", page.name, page.summary)?;
            }
            Ok(())
        }
    })?;
    Ok(CLEAN)
}
