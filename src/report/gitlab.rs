//! GitLab Code Quality. GitLab drops all but one of the entries that share a fingerprint, so repeated ones get an
//! ordinal.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::Report;
use crate::model::Severity;

/// Writes the report.
pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut seen = BTreeMap::new();
    let entries: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let start = report.files.position(finding.place.file, finding.place.span.start);
            let end = report.files.position(finding.place.file, finding.place.span.end);
            json!({
                "description": finding.message,
                "check_name": finding.rule,
                "fingerprint": unique(&finding.fingerprint, &mut seen),
                "severity": severity(finding.severity),
                "location": {
                    "path": report.files.path_from_here(finding.place.file),
                    "lines": { "begin": start.line, "end": end.line },
                },
            })
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}

fn unique<'a>(fingerprint: &'a str, seen: &mut BTreeMap<&'a str, usize>) -> String {
    let count = seen.entry(fingerprint).or_default();
    *count = count.saturating_add(1);
    if *count == 1 { fingerprint.to_owned() } else { format!("{fingerprint}-{count}") }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::unique;

    #[test]
    fn fingerprints_never_repeat() {
        let mut seen = BTreeMap::new();
        let all: Vec<_> = ["a", "b", "a", "a"].iter().map(|print| unique(print, &mut seen)).collect();
        assert_eq!(all, ["a", "b", "a-2", "a-3"]);
    }
}
