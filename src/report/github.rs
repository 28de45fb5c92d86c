//! GitHub workflow commands, escaped as the runner's own toolkit does: `%`, CR and LF in messages, `:` and `,` in
//! properties too.

use std::io::{self, Write};

use super::Report;
use crate::model::Severity;
use crate::rules::Finding;

/// GitHub shows at most ten annotations of a kind for each step; the last one sums the others up.
const PER_KIND: usize = 10;

/// Writes the report.
pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let mut all: Vec<(usize, &Finding)> =
            report.shown().filter(|(_, finding)| finding.severity == severity).collect();
        // What the change brought comes first: GitHub shows no more than ten.
        all.sort_by_key(|(index, _)| report.is_known(*index));
        let shown = if all.len() > PER_KIND { PER_KIND.saturating_sub(1) } else { all.len() };
        for (_, finding) in all.iter().take(shown) {
            annotation(report, finding, out)?;
        }
        let more = all.len().saturating_sub(shown);
        if more > 0 {
            let kind = kind(severity);
            writeln!(out, "::{kind} title=poollint::and {more} more of this kind")?;
        }
    }
    Ok(())
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

fn annotation(report: &Report<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let span = finding.place.span;
    let start = report.files.position(finding.place.file, span.start);
    let end = report.files.position(finding.place.file, span.end);
    let mut properties = vec![
        format!("file={}", property(&report.files.path_from_here(finding.place.file))),
        format!("line={}", start.line),
        format!("endLine={}", end.line),
    ];
    // The runner drops columns of annotations that cross lines.
    if start.line == end.line {
        properties.push(format!("col={}", start.column));
        properties.push(format!("endColumn={}", end.column));
    }
    properties.push(format!("title={}", property(&format!("poollint: {}", finding.rule))));
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    writeln!(out, "::{} {}::{}", kind(finding.severity), properties.join(","), message(&text))
}

/// Escapes a command's message. `##[` is the runner's older command syntax, which it still finds inside lines.
pub(super) fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A").replace("##[", "# #[")
}

/// Escapes a command's property.
pub(super) fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{message, property};

    #[test]
    fn nothing_of_a_text_can_end_a_command_or_start_another() {
        assert_eq!(message("50 %\r\n::error::x"), "50 %25%0D%0A::error::x");
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
        assert_eq!(message("##[add-mask]x"), "# #[add-mask]x");
    }
}
