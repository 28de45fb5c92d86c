//! The command line: one file for each command.

mod args;
mod budget;
mod check;
mod error;
mod explain;
mod files;
mod fix;
mod generate;
mod init;
mod model;
mod output;
mod own_rules;
mod progress;
mod recommend;
mod rules;
mod run;
mod url;

use std::process::ExitCode;

use clap::Parser;

pub use args::command;
use args::{Args, Command};
use error::Failure;

/// Exit status when nothing at or above `--fail-on` was found.
const CLEAN: u8 = 0;
/// Exit status when something was.
const FOUND: u8 = 1;
/// Exit status when the tool could not do its work.
const FAILED: u8 = 2;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse_from(args::with_default_command(std::env::args_os())) {
        Ok(args) => args,
        Err(error) => return usage(error),
    };
    match dispatch(args) {
        Ok(status) => ExitCode::from(status),
        // The reader of a pipe has seen enough.
        Err(Failure::BrokenPipe) => ExitCode::from(CLEAN),
        Err(failure) => {
            output::complain(&failure.to_string());
            ExitCode::from(FAILED)
        }
    }
}

fn dispatch(args: Args) -> Result<u8, Failure> {
    match args.command {
        Command::Check(args) => check::run(args),
        Command::Budget(args) => budget::run(&args),
        Command::Model(args) => model::run(&args),
        Command::Url(args) => url::run(&args),
        Command::Recommend(args) => recommend::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Completions(args) => generate::completions(&args),
        Command::Man => generate::man(),
    }
}

/// clap's own messages quote what was typed, and that may be a connection string or a password.
fn usage(error: clap::Error) -> ExitCode {
    if error.use_stderr() {
        output::complain_raw(&quoted(error));
        return ExitCode::from(FAILED);
    }
    match error.print() {
        Ok(()) => ExitCode::from(CLEAN),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::from(CLEAN),
        Err(_) => ExitCode::from(FAILED),
    }
}

/// A message of clap's without what was typed for a value: who typed it knows it, and whoever reads the log of a job
/// need not.
fn quoted(mut error: clap::Error) -> String {
    use clap::error::{ContextKind, ContextValue};
    if error.get(ContextKind::InvalidValue).is_some() {
        let hidden = ContextValue::String(crate::mask::MASK.to_owned());
        error.insert(ContextKind::InvalidValue, hidden);
    }
    crate::mask::shown(&error.render().to_string())
}
