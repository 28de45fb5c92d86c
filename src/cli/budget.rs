//! `poollint budget`: who may open how many connections to what.

use super::args::{BudgetArgs, BudgetFormat};
use super::error::Failure;
use super::{CLEAN, output, run};
use crate::report::{self, Paint};

pub(super) fn run(args: &BudgetArgs) -> Result<u8, Failure> {
    let run = run::run(&args.input, |_| {})?;
    for target in output::targets(args.format, &args.output)? {
        let paint = if target.file.is_some() { Paint::plain() } else { output::paint(&args.look) };
        output::write(&target, |out| match target.format {
            BudgetFormat::Human => report::budget_human(&run.model, &run.loaded.files, paint, out),
            BudgetFormat::Markdown => report::budget_markdown(&run.model, &run.loaded.files, out),
            BudgetFormat::Mermaid => report::budget_mermaid(&run.model, out),
            BudgetFormat::Json => report::budget_json(&run.model, &run.loaded.files, out),
        })?;
    }
    Ok(CLEAN)
}
