//! `poollint check`: lint.

use super::args::CheckArgs;
use super::error::Failure;
use super::{CLEAN, FOUND, files, fix, output, run};
use crate::config::Config;
use crate::model::{Model, Severity};
use crate::pipeline::{self, Loaded};
use crate::report::{self, Format, Masked, PartlyKnown, Report};
use crate::rules::{ConfigProblem, Judged};
use crate::tree::Files;

pub(super) fn run(args: CheckArgs) -> Result<u8, Failure> {
    if args.diff && (args.format != Format::Human || !args.output.is_empty()) {
        return Err(Failure::Usage(
            "--diff prints a diff and no report: leave --format and --output out, or run check a second time"
                .to_owned(),
        ));
    }
    let run = run::run(&args.input, |config| select(config, &args))?;
    let book = run.book();
    if let Some(problem) = book.problems(&run.config).into_iter().next() {
        return Err(complaint(&run.loaded.files, problem));
    }
    run.complain_of_unmatched(&args.look);
    if args.files {
        return Ok(run.status(files::list(&run, args.format, &args.look)?));
    }
    let judged = pipeline::judge_by(&book, &run.loaded, &run.config, &run.model);
    let fail_on = match args.fail_on {
        Some(fail_on) => fail_on.severity(),
        None => run.config.fail_on.unwrap_or(Some(Severity::Error)),
    };
    if !(args.fix || args.unsafe_fixes || args.diff) {
        write(&args, &run.loaded, &run.model, &judged)?;
        return Ok(run.status(status(&judged, fail_on)));
    }
    let before = status(&judged, fail_on);
    let fixed = fix::fix(&run, &book, judged, args.unsafe_fixes)?;
    if args.diff {
        let target = output::Target { format: (), file: None };
        output::write(&target, |out| fix::diff(&run, &fixed, out))?;
        return Ok(run.status(before));
    }
    fix::write(&run, &fixed)?;
    write(&args, &fixed.loaded, &fixed.model, &fixed.judged)?;
    Ok(run.status(status(&fixed.judged, fail_on)))
}

fn select(config: &mut Config, args: &CheckArgs) {
    config.select.extend(args.select.iter().cloned());
    config.extend_select.extend(args.extend_select.iter().cloned());
    config.ignore_rules.extend(args.ignore.iter().cloned());
}

/// A problem with the rules' configuration, at its place in `poollint.toml` or as a usage error.
fn complaint(files: &Files, problem: ConfigProblem) -> Failure {
    match problem.place {
        Some(place) => run::located(files, place, problem.message),
        None => Failure::Usage(problem.message),
    }
}

fn write(args: &CheckArgs, loaded: &Loaded, model: &Model, judged: &Judged) -> Result<(), Failure> {
    let masked = Masked::new(&loaded.files, &model.secrets);
    let skipped = loaded.files.skipped();
    let partial = PartlyKnown::among(model);
    let report = Report {
        findings: &judged.findings,
        suppressed: judged.suppressed,
        files: &loaded.files,
        masked: &masked,
        skipped: &skipped,
        partial: &partial,
    };
    for target in output::targets(args.format, &args.output)? {
        let paint = match target.file {
            Some(_) => report::Paint::plain(),
            None => output::paint(&args.look),
        };
        if args.look.quiet && target.format == Format::Human && judged.findings.is_empty() {
            continue;
        }
        output::write(&target, |out| report::render(target.format, &report, paint, out))?;
    }
    if args.look.verbose {
        for skipped in &skipped {
            output::complain(&format!("skipped {}: {}", skipped.path, skipped.reason));
        }
    }
    Ok(())
}

/// 1 when a finding is at or above `fail_on`.
pub(super) fn status(judged: &Judged, fail_on: Option<Severity>) -> u8 {
    let fails = fail_on.is_some_and(|least| judged.findings.iter().any(|finding| finding.severity >= least));
    if fails { FOUND } else { CLEAN }
}
