//! Reviewdog Diagnostic Format (`rdjson`). Its columns count bytes of UTF-8 from 1.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Report;
use crate::model::Severity;
use crate::rules::Finding;
use crate::span::Place;
use crate::tree::Files;

/// Writes the report.
pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let diagnostics: Vec<Value> =
        report.shown().map(|(_, finding)| diagnostic(finding, report.files)).collect();
    let output = json!({ "source": { "name": "poollint" }, "diagnostics": diagnostics });
    serde_json::to_writer_pretty(&mut *out, &output)?;
    writeln!(out)
}

fn diagnostic(finding: &Finding, files: &Files) -> Value {
    let message = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let mut diagnostic = json!({
        "message": message,
        "location": { "path": files.path_from_here(finding.place.file), "range": range(files, finding.place) },
        "severity": severity(finding.severity),
        "code": { "value": finding.rule },
    });
    // Suggestions are applied one by one and in the finding's own file: a fix of several edits would be half applied.
    let edit =
        finding.fix.as_ref().filter(|fix| !fix.is_withheld()).and_then(|fix| match fix.edits.as_slice() {
            [edit] if edit.place.file == finding.place.file => Some(edit),
            _ => None,
        });
    if let (Some(edit), Some(diagnostic)) = (edit, diagnostic.as_object_mut()) {
        let suggestion = json!({ "range": range(files, edit.place.place()), "text": edit.text });
        diagnostic.insert("suggestions".to_owned(), json!([suggestion]));
    }
    diagnostic
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    }
}

fn range(files: &Files, place: Place) -> Value {
    let point = |offset: usize| {
        let column = byte_column(files.text(place.file), offset);
        json!({ "line": files.position(place.file, offset).line, "column": column })
    };
    json!({ "start": point(place.span.start), "end": point(place.span.end) })
}

fn byte_column(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
    before.len().saturating_sub(line).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::byte_column;

    #[test]
    fn columns_count_bytes() {
        for (offset, column) in [(0, 1), (1, 2), (2, 1), (4, 3)] {
            assert_eq!(byte_column("a\nüb", offset), column, "{offset}");
        }
    }
}
