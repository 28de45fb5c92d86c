//! One line for each finding: `path:line:column: severity[rule] message`.

use std::io::{self, Write};

use super::{Paint, Report, plain};

/// Writes the report.
pub(super) fn render(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for (index, finding) in report.shown() {
        let at = report.files.position(finding.place.file, finding.place.span.start);
        let path = plain::name(report.files.path(finding.place.file));
        let severity = paint.severity(finding.severity, finding.severity.name());
        let message = one_line(&finding.message);
        let word = report.word(index).map(|word| format!(" ({word})")).unwrap_or_default();
        writeln!(out, "{path}:{}:{}: {severity}[{}] {message}{word}", at.line, at.column, finding.rule)?;
    }
    Ok(())
}

/// A message of several lines (a table) cut to its first.
pub(super) fn one_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}
