//! `poollint/check/1`. Absent facts are absent keys.

use std::io::{self, Write};

use serde::Serialize;

use super::{Report, Summary};
use crate::compare::{Against, Comparison, Counts, Gate, Status};
use crate::model::{Environment, Fix, Safety, Severity};
use crate::rules::Finding;
use crate::span::Place;
use crate::tree::Files;

/// What `poollint check --format json` prints: what will break, and where.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "poollint/check/1"))]
pub(crate) struct Output<'a> {
    /// The name of this shape.
    #[cfg_attr(test, schemars(extend("const" = "poollint/check/1")))]
    schema: &'static str,
    /// The version of poollint that wrote it.
    version: &'static str,
    /// What was found, sorted by path, position and rule.
    findings: Vec<JsonFinding<'a>>,
    /// How many findings are accepted by comments, annotations or `[[ignore]]`.
    suppressed: usize,
    /// What was read.
    files: ReadFiles<'a>,
    /// Deployments of which a part is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    partial: Vec<JsonPartial<'a>>,
    /// How many findings there are of each severity.
    summary: JsonSummary,
    /// What `--base` or `--baseline` tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<JsonComparison<'a>>,
}

/// What changed since a revision or a baseline.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Comparison"))]
struct JsonComparison<'a> {
    /// The revision, as `--base` names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'a str>,
    /// The baseline file.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'a str>,
    /// What counts for the exit status: everything, or what is new or worse.
    gate: Gate,
    /// Findings that were not there.
    new: usize,
    /// Findings that are more severe, or about a greater number.
    worsened: usize,
    /// Findings that are less severe, or about a smaller number.
    improved: usize,
    /// Findings that were there like this.
    known: usize,
    /// Findings that are not there any more.
    fixed: Vec<JsonFixed<'a>>,
}

/// A finding that is not there any more. Where it stood is of no use in files that have changed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Fixed"))]
struct JsonFixed<'a> {
    /// The rule.
    rule: &'a str,
    /// How bad it was.
    severity: Severity,
    /// What was said; absent where the baseline does not keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    /// The file that it was in.
    path: &'a str,
    /// The deployments that it was about.
    deployments: &'a [String],
    /// The workload that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    workload: Option<&'a str>,
    /// The server that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<&'a str>,
}

/// Something that will break, is wrong or could be better.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Finding"))]
struct JsonFinding<'a> {
    /// The rule; `poollint explain` prints its page.
    rule: &'a str,
    /// How bad it is.
    severity: Severity,
    /// What is wrong.
    message: &'a str,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    /// The file, relative to the root that was checked.
    path: &'a str,
    /// Where it begins.
    start: Point,
    /// Where it ends.
    end: Point,
    /// Other places that have to do with it.
    labels: Vec<JsonLabel<'a>>,
    /// The deployments that it is about.
    deployments: &'a [String],
    /// What they are for, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Environment>,
    /// The workload that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    workload: Option<&'a str>,
    /// The server that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<&'a str>,
    /// A change that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<JsonFix<'a>>,
    /// Hex over masked facts: the same as long as only unrelated lines change.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9a-f]{32}$")))]
    fingerprint: &'a str,
    /// What became of it since the revision or baseline that is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

/// A position in a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Point {
    /// The line, from 1.
    #[cfg_attr(test, schemars(range(min = 1)))]
    line: usize,
    /// The column in Unicode scalar values, from 1.
    #[cfg_attr(test, schemars(range(min = 1)))]
    column: usize,
    /// The byte, from 0.
    offset: usize,
}

/// A place with what it has to do with a finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Label"))]
struct JsonLabel<'a> {
    /// The file.
    path: &'a str,
    /// Where it begins.
    start: Point,
    /// Where it ends.
    end: Point,
    /// What it has to do with the finding.
    message: &'a str,
}

/// A change that mends a finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Fix"))]
struct JsonFix<'a> {
    /// `--fix` makes safe ones, `--unsafe-fixes` all.
    safety: Safety,
    /// What it does.
    title: &'a str,
    /// That its edits cannot be shown without the text of a credential. `--fix` makes them all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, schemars(extend("const" = true)))]
    withheld: bool,
    /// What it writes where, unless they are withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    edits: Option<Vec<JsonEdit<'a>>>,
}

/// Bytes of a file and what replaces them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Edit"))]
struct JsonEdit<'a> {
    /// The file.
    path: &'a str,
    /// The first byte, from 0.
    start: usize,
    /// The byte after the last.
    end: usize,
    /// What is written in their place.
    text: &'a str,
}

/// What was read and what was not.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReadFiles<'a> {
    /// How many files were read.
    read: usize,
    /// Files that were not, with the reason.
    skipped: Vec<JsonSkipped<'a>>,
}

/// A file that was not read.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Skipped"))]
struct JsonSkipped<'a> {
    /// The file.
    path: &'a str,
    /// Why.
    reason: &'a str,
}

/// A deployment of which a part is not known.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Partial"))]
struct JsonPartial<'a> {
    /// Its name.
    deployment: &'a str,
    /// What is not known, and why.
    reasons: &'a [String],
}

/// How many findings there are of each severity.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Summary"))]
struct JsonSummary {
    /// Will fail, or is certainly wrong.
    error: usize,
    /// Beyond a threshold, or wrong by strong evidence.
    warning: usize,
    /// Advice.
    info: usize,
}

/// Writes the report.
pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Summary { error, warning, info } = Summary::of(report.findings);
    let output = Output {
        schema: "poollint/check/1",
        version: env!("CARGO_PKG_VERSION"),
        findings: report
            .findings
            .iter()
            .enumerate()
            .map(|(index, finding)| JsonFinding {
                status: report.status(index),
                ..json_finding(report.files, finding)
            })
            .collect(),
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
        comparison: report.comparison.map(json_comparison),
    };
    serde_json::to_writer_pretty(&mut *out, &output)?;
    writeln!(out)
}

fn json_comparison(comparison: &Comparison) -> JsonComparison<'_> {
    let Counts { new, worsened, known, improved, .. } = comparison.totals();
    let (base, baseline) = match &comparison.against {
        Against::Revision(name) => (Some(name.as_str()), None),
        Against::Baseline(name) => (None, Some(name.as_str())),
    };
    let fixed = comparison.fixed.iter().map(|mark| JsonFixed {
        rule: &mark.rule,
        severity: mark.severity,
        message: mark.message.as_deref(),
        path: &mark.path,
        deployments: &mark.deployments,
        workload: mark.workload.as_deref(),
        server: mark.server.as_deref(),
    });
    JsonComparison {
        base,
        baseline,
        gate: comparison.gate,
        new,
        worsened,
        improved,
        known,
        fixed: fixed.collect(),
    }
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
        environment: finding.environment,
        workload: finding.workload.as_deref(),
        server: finding.server.as_deref(),
        fix: finding.fix.as_ref().map(|fix| json_fix(files, fix)),
        fingerprint: &finding.fingerprint,
        status: None,
    }
}

fn json_fix<'a>(files: &'a Files, fix: &'a Fix) -> JsonFix<'a> {
    let withheld = fix.is_withheld();
    let edits = (!withheld).then(|| {
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
    JsonFix { safety: fix.safety, title: &fix.title, withheld, edits }
}

fn points(files: &Files, place: Place) -> (Point, Point) {
    let point = |offset| {
        let at = files.position(place.file, offset);
        Point { line: at.line, column: at.column, offset }
    };
    (point(place.span.start), point(place.span.end))
}
