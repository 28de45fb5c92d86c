//! `poollint budget`: who may open how many connections to what.

use std::mem::ManuallyDrop;

use super::args::{BudgetArgs, BudgetFormat};
use super::error::Failure;
use super::run::Run;
use super::{CLEAN, compare, output, run};
use crate::config::Names;
use crate::model::Model;
use crate::pipeline;
use crate::report::{self, Budget, Paint};

pub(super) fn run(args: &BudgetArgs) -> Result<u8, Failure> {
    // The process ends with the command: taking the trees of thousands of files apart would take a tenth of the time.
    let run = ManuallyDrop::new(run::run(&args.input, |_| {})?);
    run.complain_of_unmatched(&args.look);
    let supposed = what_if(&run, &args.set)?;
    let base = args.base.as_ref().map(|base| compare::base(&run, base, args.look.quiet)).transpose()?;
    let budget = Budget {
        model: supposed.as_ref().unwrap_or(&run.model),
        files: &run.loaded.files,
        what_if: &args.set,
        base: base.as_ref().map(|base| base.revision.as_str()),
        before: match &base {
            Some(base) => Some(&base.model),
            None => supposed.as_ref().map(|_| &run.model),
        },
    };
    for target in output::targets(args.format, &args.output)? {
        let paint = if target.file.is_some() { Paint::plain() } else { output::paint(&args.look) };
        output::write(&target, |out| match target.format {
            BudgetFormat::Human => report::budget_human(&budget, paint, out),
            BudgetFormat::Markdown => report::budget_markdown(&budget, out),
            BudgetFormat::Mermaid => report::budget_mermaid(&budget, out),
            BudgetFormat::Svg => report::budget_svg(budget.model, out),
            BudgetFormat::Json => report::budget_json(&budget, out),
        })?;
    }
    Ok(run.status(CLEAN))
}

/// The model with what `--set` supposes; `None` when it supposes nothing.
fn what_if(run: &Run, set: &[String]) -> Result<Option<Model>, Failure> {
    if set.is_empty() {
        return Ok(None);
    }
    let names = names(run);
    let mut config = run.config.clone();
    for argument in set {
        config.what_if.set(argument, &names).map_err(Failure::Usage)?;
    }
    Ok(Some(pipeline::resolve(&run.loaded, &config)))
}

/// Everything that `--set` can speak of.
fn names(run: &Run) -> Names {
    let mut names = Names::default();
    for deployment in &run.model.deployments {
        names.workloads.extend(deployment.workloads.iter().map(|workload| workload.name.clone()));
        for server in &deployment.servers {
            names.servers.push(server.name.clone());
            names.servers.extend(server.address.clone());
        }
        let poolers = deployment.poolers.iter();
        names.poolers.extend(poolers.map(|pooler| (pooler.name.clone(), pooler.kind.clone())));
    }
    names.servers.extend(run.config.databases.keys().cloned());
    names
}
