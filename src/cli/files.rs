//! `poollint check --files`: what is read, as what; what is skipped and why; which files make up a deployment and
//! what of it is only partly known.

use std::io::{self, Write};

use serde_json::json;

use super::CLEAN;
use super::args::LookArgs;
use super::error::Failure;
use super::output::{self, Target};
use super::run::Run;
use crate::model::{Deployment, Environment};
use crate::report::Format;
use crate::tree::{Files, Skipped};

pub(super) fn list(run: &Run, format: Format, look: &LookArgs) -> Result<u8, Failure> {
    let target = Target { format, file: None };
    let files = sorted(&run.loaded.files);
    let skipped = run.loaded.files.skipped();
    let paint = output::paint(look);
    output::write(&target, |out| match format {
        Format::Json => as_json(run, &files, &skipped, out),
        _ => {
            let width = files.iter().map(|(path, _)| path.chars().count()).max().unwrap_or(0).min(60);
            for (path, kind) in &files {
                writeln!(out, "{path:width$}  {kind}")?;
            }
            for Skipped { path, reason } in &skipped {
                writeln!(out, "{path:width$}  {}", paint.dim(&format!("skipped: {reason}")))?;
            }
            for deployment in shown(run) {
                human(deployment, &run.loaded.files, paint, out)?;
            }
            Ok(())
        }
    })?;
    Ok(CLEAN)
}

fn sorted(files: &Files) -> Vec<(&str, &'static str)> {
    let mut all: Vec<(&str, &'static str)> =
        files.read().into_iter().map(|(_, file)| (file.path.as_ref(), file.kind.name())).collect();
    all.sort_unstable();
    all
}

/// A lone env file is a file of its own; listing it again as a deployment says nothing.
fn shown(run: &Run) -> impl Iterator<Item = &Deployment> {
    run.model.deployments.iter().filter(|deployment| !deployment.kind.is_lone())
}

fn human(
    deployment: &Deployment,
    files: &Files,
    paint: crate::report::Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let environment = deployment.environment.value.unwrap_or(Environment::Unknown);
    let kind = deployment.kind.name();
    writeln!(out, "\n{} ({kind}, environment {environment})", paint.bold(&deployment.name))?;
    for file in &deployment.files {
        writeln!(out, "  {}", files.path(*file))?;
    }
    for gap in &deployment.partial {
        writeln!(out, "  {}", paint.dim(&format!("only partly known: {gap}")))?;
    }
    Ok(())
}

fn as_json(run: &Run, files: &[(&str, &str)], skipped: &[Skipped], out: &mut dyn Write) -> io::Result<()> {
    let output = json!({
        "schema": "poollint/files/1",
        "version": env!("CARGO_PKG_VERSION"),
        "files": files.iter().map(|(path, kind)| json!({ "path": path, "kind": kind })).collect::<Vec<_>>(),
        "skipped": skipped
            .iter()
            .map(|Skipped { path, reason }| json!({ "path": path, "reason": reason }))
            .collect::<Vec<_>>(),
        "deployments": shown(run)
            .map(|deployment| json!({
                "name": deployment.name,
                "kind": deployment.kind.name(),
                "environment": deployment.environment.value.unwrap_or(Environment::Unknown).name(),
                "files": deployment
                    .files
                    .iter()
                    .map(|file| run.loaded.files.path(*file))
                    .collect::<Vec<_>>(),
                "partial": deployment.partial,
            }))
            .collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &output)?;
    writeln!(out)
}
