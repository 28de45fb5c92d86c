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

/// One page: the program, then each command with its options.
pub(super) fn man() -> Result<u8, Failure> {
    let mut command = args::command();
    command.build();
    let mut page = Vec::new();
    let program = clap_mangen::Man::new(command.clone());
    program.render_title(&mut page)?;
    program.render_name_section(&mut page)?;
    program.render_synopsis_section(&mut page)?;
    program.render_description_section(&mut page)?;
    for subcommand in command.get_subcommands() {
        let mut sections = Vec::new();
        let man = clap_mangen::Man::new(subcommand.clone());
        man.render_description_section(&mut sections)?;
        man.render_synopsis_section(&mut sections)?;
        man.render_options_section(&mut sections)?;
        writeln!(page, ".SH \"POOLLINT {}\"", subcommand.get_name().to_uppercase())?;
        // Sections of a command are subsections here.
        page.extend(String::from_utf8_lossy(&sections).replace(".SH ", ".SS ").into_bytes());
    }
    io::stdout().write_all(&page)?;
    Ok(CLEAN)
}
