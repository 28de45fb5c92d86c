//! SARIF 2.1.0. Paths are seen from the current directory (`%SRCROOT%`); no absolute path is written.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::Report;
use crate::compare::Status;
use crate::model::{Fix, Severity};
use crate::rules::{self, Finding};
use crate::span::Place;
use crate::tree::Files;

/// Writes the report.
pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(report))?;
    writeln!(out)
}

fn log(report: &Report<'_>) -> Value {
    let Report { findings, files, .. } = *report;
    let names: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    let rules: Vec<Value> = names.iter().map(|name| rule(name)).collect();
    let results: Vec<Value> = findings
        .iter()
        .enumerate()
        .map(|(index, finding)| result(finding, files, report.status(index).map(state)))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "poollint", "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_HOMEPAGE"), "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(name: &str) -> Value {
    let Some(page) = rules::page(name) else {
        return json!({ "id": name });
    };
    json!({
        "id": name,
        "shortDescription": { "text": page.summary },
        "fullDescription": { "text": first_paragraph(&page.documentation).unwrap_or_else(|| page.summary.clone()) },
        "helpUri": super::page_address(name),
        "help": { "text": page.summary, "markdown": page.documentation },
        "defaultConfiguration": { "level": level(page.severity) },
    })
}

/// The first paragraph of a page.
fn first_paragraph(documentation: &str) -> Option<String> {
    let lines = documentation.lines().skip_while(|line| line.trim().is_empty() || line.starts_with('#'));
    let lines: Vec<&str> = lines.take_while(|line| !line.trim().is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join(" "))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// The `baselineState`. What is gone is not listed as `absent`: GitHub reads no state, and would take it for a finding.
fn state(status: Status) -> &'static str {
    match status {
        Status::New => "new",
        Status::Worsened | Status::Improved => "updated",
        Status::Known => "unchanged",
    }
}

fn result(finding: &Finding, files: &Files, state: Option<&str>) -> Value {
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": message(&text) },
        "locations": [{ "physicalLocation": location(files, finding.place) }],
        "partialFingerprints": { "poollint/v1": finding.fingerprint },
    });
    if let Some(result) = result.as_object_mut() {
        if let Some(state) = state {
            result.insert("baselineState".to_owned(), state.into());
        }
        if !finding.labels.is_empty() {
            let related: Vec<Value> = finding
                .labels
                .iter()
                .enumerate()
                .map(|(id, label)| {
                    json!({
                        "id": id,
                        "physicalLocation": location(files, label.place),
                        "message": { "text": message(&label.message) },
                    })
                })
                .collect();
            result.insert("relatedLocations".to_owned(), Value::Array(related));
        }
        if let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.is_withheld() && !fix.edits.is_empty()) {
            result.insert("fixes".to_owned(), json!([self::fix(files, fix)]));
        }
    }
    result
}

/// Brackets would be read as a link and braces as a placeholder; both are escaped by a backslash or doubled.
fn message(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]").replace('{', "{{").replace('}', "}}")
}

fn fix(files: &Files, fix: &Fix) -> Value {
    let changes: Vec<Value> = fix
        .edits
        .iter()
        .map(|edit| {
            json!({
                "artifactLocation": artifact(files, edit.place.place()),
                "replacements": [{
                    "deletedRegion": region(files, edit.place.place()), "insertedContent": { "text": edit.text },
                }],
            })
        })
        .collect();
    json!({ "description": { "text": message(&fix.title) }, "artifactChanges": changes })
}

fn location(files: &Files, place: Place) -> Value {
    json!({ "artifactLocation": artifact(files, place), "region": region(files, place) })
}

fn artifact(files: &Files, place: Place) -> Value {
    json!({ "uri": uri(&files.path_from_here(place.file)), "uriBaseId": "%SRCROOT%" })
}

fn region(files: &Files, place: Place) -> Value {
    let start = files.position(place.file, place.span.start);
    let end = files.position(place.file, place.span.end);
    json!({
        "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column,
    })
}

/// A relative path as a URI: every byte that is not unreserved (RFC 3986) or `/` is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{message, uri};

    #[test]
    fn a_path_becomes_a_relative_uri() {
        assert_eq!(uri("a b/ü#?:.env"), "a%20b/%C3%BC%23%3F%3A.env");
    }

    #[test]
    fn no_message_holds_a_link_or_a_placeholder() {
        assert_eq!(message("[x](y) {0} \\"), "\\[x\\](y) {{0}} \\\\");
    }
}
