//! The command line: one file for each command.

mod args;
mod budget;
mod check;
mod compare;
mod error;
mod explain;
mod files;
mod fix;
mod generate;
mod init;
mod model;
mod output;
mod progress;
mod recommend;
mod rules;
mod run;
mod source;
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
        Err(error) => return usage(&error),
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

/// clap's own messages quote arguments, and an argument may be a connection string.
fn usage(error: &clap::Error) -> ExitCode {
    let text =
        if error.use_stderr() { crate::mask::line(&error.render().to_string()) } else { String::new() };
    if error.use_stderr() {
        output::complain_raw(&text);
        return ExitCode::from(FAILED);
    }
    match error.print() {
        Ok(()) => ExitCode::from(CLEAN),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::from(CLEAN),
        Err(_) => ExitCode::from(FAILED),
    }
}
