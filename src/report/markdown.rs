//! A job summary in GitHub's Markdown: counts and a table of findings. Paths and messages come from the repository,
//! so nothing in them may become markup, a mention or a link.

use std::io::{self, Write};

use super::concise::one_line;
use super::{Report, Summary};

/// Rows of the table; a summary is read, not searched.
const ROWS: usize = 100;

/// Writes the report.
pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Summary { error, warning, info } = Summary::of(report.findings);
    if report.findings.is_empty() {
        writeln!(out, "## poollint: no findings")?;
        return partly_known(report, out);
    }
    writeln!(out, "## poollint: {error} error(s), {warning} warning(s), {info} hint(s)\n")?;
    writeln!(out, "| severity | rule | where | what |")?;
    writeln!(out, "|---|---|---|---|")?;
    for finding in report.findings.iter().take(ROWS) {
        let at = report.files.position(finding.place.file, finding.place.span.start);
        writeln!(
            out,
            "| {} | <code>{}</code> | <code>{}:{}</code> | {} |",
            finding.severity.name(),
            escape(&finding.rule),
            escape(report.files.path(finding.place.file)),
            at.line,
            escape(one_line(&finding.message))
        )?;
    }
    let more = report.findings.len().saturating_sub(ROWS);
    if more > 0 {
        writeln!(out, "\n{more} more in the log.")?;
    }
    partly_known(report, out)
}

/// Names what is known only in part.
fn partly_known(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<String> = report.partial.iter().take(ROWS).map(|one| escape(&one.deployment)).collect();
    if names.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nOnly partly known: {}.", names.join(", "))
}

/// Text that stays text: every punctuation mark that could mean something is a character reference, and a
/// zero-width space keeps `@name` and `#1` from becoming mentions.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '@' | '#' => out.push_str(&format!("&#{};&#8203;", u32::from(char))),
            char if char.is_control() => out.push(' '),
            ' ' | '.' | ',' | '/' | '-' | ';' | '(' | ')' | '=' | '%' | '+' | '\'' => out.push(char),
            char if char.is_ascii_punctuation() => out.push_str(&format!("&#{};", u32::from(char))),
            char => out.push(char),
        }
    }
    // `www.` is a link of its own in GitHub's Markdown.
    out.replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn hostile_text_stays_text() {
        let hostile = "a|b\n<img> [x](y) `c` @me #1 http://e www.e";
        let safe = escape(hostile);
        for mark in ["|", "\n", "<", "[", "`", "@", "://", "www."] {
            assert!(!safe.contains(mark), "{mark}: {safe}");
        }
    }
}
