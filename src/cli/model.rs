//! `poollint model`: what poollint believes.

use super::args::ModelArgs;
use super::error::Failure;
use super::output::{self, Target};
use super::{CLEAN, run};
use crate::report;

pub(super) fn run(args: &ModelArgs) -> Result<u8, Failure> {
    let run = run::run(&args.input, |_| {})?;
    let target = Target { format: (), file: None };
    output::write(&target, |out| report::model_json(&run.model, &run.loaded.files, out))?;
    Ok(run.status(CLEAN))
}
