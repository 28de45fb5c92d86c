//! `poollint/check/1`. Absent facts are absent keys.

use std::io::{self, Write};

use serde::Serialize;

use super::{Report, Summary};
use crate::model::{Fix, Safety, Severity};
use crate::rules::Finding;
use crate::span::Place;
use crate::tree::Files;

#[derive(Serialize)]
struct Output<'a> {
    schema: &'static str,
    version: &'static str,
    findings: Vec<JsonFinding<'a>>,
    suppressed: usize,
    files: ReadFiles<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    partial: Vec<JsonPartial<'a>>,
    summary: JsonSummary,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    path: &'a str,
    start: Point,
    end: Point,
    labels: Vec<JsonLabel<'a>>,
    deployments: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workload: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<JsonFix<'a>>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct JsonLabel<'a> {
    path: &'a str,
    start: Point,
    end: Point,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    safety: Safety,
    title: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    withheld: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    edits: Option<Vec<JsonEdit<'a>>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    path: &'a str,
    start: usize,
    end: usize,
    text: &'a str,
}

#[derive(Serialize)]
struct ReadFiles<'a> {
    read: usize,
    skipped: Vec<JsonSkipped<'a>>,
}

#[derive(Serialize)]
struct JsonSkipped<'a> {
    path: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonPartial<'a> {
    deployment: &'a str,
    reasons: &'a [String],
}

#[derive(Serialize)]
struct JsonSummary {
    error: usize,
    warning: usize,
    info: usize,
}

/// Writes the report.
pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Summary { error, warning, info } = Summary::of(report.findings);
    let output = Output {
        schema: "poollint/check/1",
        version: env!("CARGO_PKG_VERSION"),
        findings: report.findings.iter().map(|finding| json_finding(report.files, finding)).collect(),
        suppressed: report.suppressed,
        files: ReadFiles {
            read: report.files.read().len(),
            skipped: report
                .skipped
                .iter()
                .map(|skipped| JsonSkipped { path: &skipped.path, reason: &skipped.reason })
                .collect(),
        },
        partial: report
            .partial
            .iter()
            .map(|one| JsonPartial { deployment: &one.deployment, reasons: &one.reasons })
            .collect(),
        summary: JsonSummary { error, warning, info },
    };
    serde_json::to_writer_pretty(&mut *out, &output)?;
    writeln!(out)
}

fn json_finding<'a>(files: &'a Files, finding: &'a Finding) -> JsonFinding<'a> {
    let (start, end) = points(files, finding.place);
    JsonFinding {
        rule: &finding.rule,
        severity: finding.severity,
        message: &finding.message,
        help: finding.help.as_deref(),
        path: files.path(finding.place.file),
        start,
        end,
        labels: finding
            .labels
            .iter()
            .map(|label| {
                let (start, end) = points(files, label.place);
                JsonLabel { path: files.path(label.place.file), start, end, message: &label.message }
            })
            .collect(),
        deployments: &finding.deployments,
        environment: finding.environment.map(crate::model::Environment::name),
        workload: finding.workload.as_deref(),
        server: finding.server.as_deref(),
        fix: finding.fix.as_ref().map(|fix| json_fix(files, fix)),
        fingerprint: &finding.fingerprint,
    }
}

fn json_fix<'a>(files: &'a Files, fix: &'a Fix) -> JsonFix<'a> {
    let edits = (!fix.withheld).then(|| {
        fix.edits
            .iter()
            .map(|edit| JsonEdit {
                path: files.path(edit.place.file),
                start: edit.place.span.start,
                end: edit.place.span.end,
                text: &edit.text,
            })
            .collect()
    });
    JsonFix { safety: fix.safety, title: &fix.title, withheld: fix.withheld, edits }
}

fn points(files: &Files, place: Place) -> (Point, Point) {
    let point = |offset| {
        let at = files.position(place.file, offset);
        Point { line: at.line, column: at.column, offset }
    };
    (point(place.span.start), point(place.span.end))
}
