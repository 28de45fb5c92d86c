//! Text for people, which goes to terminals and into the logs of CI: nothing that stands in a repository may steer the one
//! or command the other.

use std::io::{self, Write};

use super::Paint;

/// What stands for a character that would steer a terminal.
const SHOWN: char = char::REPLACEMENT_CHARACTER;

/// Writes what `render` writes, line by line in plain characters; where reports are drawn with colours and links, those
/// stay.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn write(
    paint: Paint,
    out: &mut dyn Write,
    render: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let painted = paint.colour || paint.links;
    let mut rendered = Vec::new();
    render(&mut rendered)?;
    let text = String::from_utf8_lossy(&rendered);
    for line in text.split_inclusive('\n') {
        out.write_all(plain(line, painted).as_bytes())?;
    }
    Ok(())
}

/// A name on one line.
pub(super) fn name(text: &str) -> String {
    text.chars().map(|letter| if steers(letter) { SHOWN } else { letter }).collect()
}

/// Control characters, and those that turn the direction of text around.
fn steers(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One line, whose commands the runner of GitHub's workflows would follow: `::error::` at its start and `##[error]`.
fn plain(line: &str, painted: bool) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let length = if painted { drawing(rest) } else { 0 };
        let (own, after) = rest.split_at_checked(length.max(letter.len_utf8())).unwrap_or((rest, ""));
        if length == 0 && steers(letter) && !matches!(letter, '\n' | '\t') {
            shown.push(SHOWN);
        } else {
            shown.push_str(own);
        }
        rest = after;
    }
    let shown = shown.replace("##[", "# #[");
    match shown.trim_start().strip_prefix("::") {
        Some(command) => {
            let indent = shown.len().saturating_sub(command.len()).saturating_sub(2);
            format!("{}: :{command}", shown.get(..indent).unwrap_or_default())
        }
        None => shown,
    }
}

/// The length of a colour (`ESC [ … m`) or a link's mark (`ESC ] 8 ; … ESC \`) at the start of a text.
fn drawing(text: &str) -> usize {
    if let Some(colour) = text.strip_prefix("\u{1b}[") {
        let digits = colour.find(|letter: char| !letter.is_ascii_digit() && letter != ';');
        let ends = digits.filter(|at| colour.get(*at..).is_some_and(|rest| rest.starts_with('m')));
        return ends.map_or(0, |at| at.saturating_add(3));
    }
    let link = text.strip_prefix("\u{1b}]8;").and_then(|link| link.find("\u{1b}\\"));
    link.filter(|at| {
        text.get(4..at.saturating_add(4)).is_some_and(|address| !address.contains(char::is_control))
    })
    .map_or(0, |at| at.saturating_add(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_or_commands() {
        for (line, expected) in [
            ("plain: text\n", "plain: text\n"),
            ("a\u{1b}[31mpi\r\n", "a\u{fffd}[31mpi\u{fffd}\n"),
            ("  ::error::pwn\n", "  : :error::pwn\n"),
            ("x ##[add-mask]y", "x # #[add-mask]y"),
            ("a\u{202e}b", "a\u{fffd}b"),
            ("std::vector", "std::vector"),
        ] {
            assert_eq!(plain(line, false), expected, "{line:?}");
        }
    }

    #[test]
    fn what_reports_draw_with_stays() {
        let drawn =
            "\u{1b}[1;31merror\u{1b}[0m \u{1b}]8;;https://example.com\u{1b}\\rule\u{1b}]8;;\u{1b}\\\n";
        assert_eq!(plain(drawn, true), drawn);
        assert_eq!(plain("\u{1b}[2J\u{1b}]0;title\u{7}", true), "\u{fffd}[2J\u{fffd}]0;title\u{fffd}");
    }

    #[test]
    fn names_are_on_one_line() {
        assert_eq!(name("n\n::error::x"), "n\u{fffd}::error::x");
    }
}
