//! `poollint completions` and `poollint man`.

use std::io::{self, Write};

use super::CLEAN;
use super::args::{self, CompletionsArgs};
use super::error::Failure;

pub(super) fn completions(args: &CompletionsArgs) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "poollint", &mut script);
    io::stdout().write_all(&script)?;
    Ok(CLEAN)
}

pub(super) fn man() -> Result<u8, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(args::command()).render(&mut page)?;
    io::stdout().write_all(&page)?;
    Ok(CLEAN)
}
