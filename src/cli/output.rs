//! Where output goes and how it looks.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};

use clap::ValueEnum;

use super::args::{ColorChoice, LookArgs};
use super::error::Failure;
use crate::report::{Paint, Width};

/// Says something on standard error.
pub(super) fn complain(text: &str) {
    complain_raw(&format!("poollint: {}\n", crate::mask::shown(text)));
}

/// Writes to standard error as it is. That it cannot be written is nothing anyone could be told.
pub(super) fn complain_raw(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Colours and width for standard output.
pub(super) fn paint(look: &LookArgs) -> Paint {
    let terminal = io::stdout().is_terminal();
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let colour = match look.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && !plain && !dumb,
    };
    let width = if terminal { terminal_width() } else { Width::default() };
    Paint { colour, unicode: true, links: terminal && colour, width }
}

/// Columns of the terminal, which shells export or clap measures; kept between 60 and 140.
fn terminal_width() -> Width {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse::<usize>().ok());
    let measured = columns.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)));
    Width(measured.unwrap_or(Width::default().0).clamp(60, 140))
}

/// One output: a format and a file, or standard output.
pub(super) struct Target<F> {
    /// The format.
    pub format: F,
    /// The file; `None` for standard output.
    pub file: Option<String>,
}

/// The outputs that `--format` and `--output` ask for. `--output FILE` moves the main format to a file; each
/// `--output FORMAT=FILE` adds one.
pub(super) fn targets<F: ValueEnum + Copy>(format: F, outputs: &[String]) -> Result<Vec<Target<F>>, Failure> {
    let mut main = Target { format, file: None };
    let mut further = Vec::new();
    for output in outputs {
        let named = output.split_once('=').filter(|(name, _)| is_word(name));
        match named.map(|(name, file)| Ok::<_, Failure>((named_format::<F>(name)?, file))).transpose()? {
            Some((format, file)) => further.push(Target { format, file: Some(file.to_owned()) }),
            None if main.file.is_none() => main.file = Some(output.clone()),
            None => {
                return Err(Failure::Usage(
                    "--output FILE may be given once; use FORMAT=FILE for more".to_owned(),
                ));
            }
        }
    }
    further.insert(0, main);
    Ok(further)
}

/// Whether what stands before a `=` can be meant for a format: the name of a file says that it is one by a dot or a
/// slash.
fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}

fn named_format<F: ValueEnum>(name: &str) -> Result<F, Failure> {
    F::from_str(name, true).map_err(|_| {
        let known: Vec<String> = F::value_variants()
            .iter()
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect();
        Failure::Usage(format!("--output: no format is called \"{name}\"; there are {}", known.join(", ")))
    })
}

/// Writes one output.
pub(super) fn write<F>(
    target: &Target<F>,
    render: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let Some(path) = &target.file else {
        let mut out = BufWriter::new(io::stdout().lock());
        render(&mut out)?;
        return Ok(out.flush()?);
    };
    let wrap = |reason| Failure::Write { path: path.clone(), reason };
    let mut out = BufWriter::new(File::create(path).map_err(wrap)?);
    render(&mut out).map_err(wrap)?;
    out.flush().map_err(wrap)
}
