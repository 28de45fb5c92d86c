//! A job summary in GitHub's Markdown: counts and a table of findings. Paths and messages come from the repository,
//! so nothing in them may become markup, a mention or a link.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::concise::one_line;
use super::paint::plural;
use super::{Report, Summary};
use crate::compare::{Comparison, Counts, Gate};
use crate::rules::Finding;

/// Rows of the table; a summary is read, not searched.
const ROWS: usize = 100;

/// Writes the report.
pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Summary { error, warning, info } = Summary::of(report.shown().map(|(_, finding)| finding));
    let mut shown: Vec<(usize, &Finding)> = report.shown().collect();
    // The table may end before all is told: what the change brought comes first, and of that what is worst.
    shown.sort_by_key(|(index, finding)| (report.is_known(*index), Reverse(finding.severity)));
    let new =
        if report.comparison.is_some_and(|comparison| comparison.gate == Gate::New) { "new " } else { "" };
    if shown.is_empty() {
        writeln!(out, "## poollint: no {new}findings")?;
    } else {
        let count = super::plural;
        writeln!(
            out,
            "## poollint: {}, {}, {}\n",
            count(error, "error"),
            count(warning, "warning"),
            count(info, "hint")
        )?;
        table(report, &shown, out)?;
    }
    partly_known(report, out)?;
    match report.comparison {
        Some(comparison) => compared(report, comparison, out),
        None => Ok(()),
    }
}

fn table(report: &Report<'_>, findings: &[(usize, &Finding)], out: &mut dyn Write) -> io::Result<()> {
    let (head, line) = if report.comparison.is_some() { ("| status ", "|---") } else { ("", "") };
    writeln!(out, "{head}| severity | rule | where | what |")?;
    writeln!(out, "{line}|---|---|---|---|")?;
    for (index, finding) in findings.iter().take(ROWS) {
        let at = report.files.position(finding.place.file, finding.place.span.start);
        let status = report.status(*index).map(|status| format!("| {} ", status.name()));
        writeln!(
            out,
            "{}| {} | <code>{}</code> | <code>{}:{}</code> | {} |",
            status.unwrap_or_default(),
            finding.severity.name(),
            escape(&finding.rule),
            escape(report.files.path(finding.place.file)),
            at.line,
            escape(one_line(&finding.message))
        )?;
    }
    let more = findings.len().saturating_sub(ROWS);
    if more > 0 {
        writeln!(out, "\n{more} more in the log.")?;
    }
    Ok(())
}

/// Names what is known only in part.
fn partly_known(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<String> = report.partial.iter().take(ROWS).map(|one| escape(&one.deployment)).collect();
    if names.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nOnly partly known: {}.", names.join(", "))
}

/// What became of the findings of before.
fn compared(report: &Report<'_>, comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let Counts { new, worsened, known, improved, fixed } = comparison.totals();
    let name = escape(comparison.against.name());
    writeln!(
        out,
        "\nCompared with {name}: {new} new, {worsened} worsened, {known} known, {improved} improved, {fixed} fixed."
    )?;
    let rest: Vec<(usize, &Finding)> =
        report.findings.iter().enumerate().filter(|(index, _)| !comparison.counts(*index)).collect();
    if !rest.is_empty() {
        writeln!(out, "\n<details><summary>There before: {}</summary>\n", plural(rest.len(), "finding"))?;
        table(report, &rest, out)?;
        writeln!(out, "\n</details>")?;
    }
    if !comparison.fixed.is_empty() {
        writeln!(out, "\n<details><summary>Fixed: {}</summary>\n", plural(fixed, "finding"))?;
        writeln!(out, "| rule | where | what |\n|---|---|---|")?;
        for mark in comparison.fixed.iter().take(ROWS) {
            let (rule, path) = (escape(&mark.rule), escape(&mark.path));
            let said = escape(one_line(mark.message.as_deref().unwrap_or_default()));
            writeln!(out, "| <code>{rule}</code> | <code>{path}</code> | {said} |")?;
        }
        writeln!(out, "\n</details>")?;
    }
    Ok(())
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
