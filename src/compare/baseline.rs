//! The baseline file: findings that are accepted for now.
//!
//! It holds no line, no message and nothing of a value, one finding on each line, sorted: it changes only when findings
//! come or go or get better, and two branches that change it seldom conflict.

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::Mark;
use crate::model::Severity;

/// What the file says of itself.
const SCHEMA: &str = "poollint/baseline/1";

/// The largest file that is read, in bytes.
const MOST: usize = 64_000_000;

/// Accepted findings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Baseline {
    /// Sorted.
    pub marks: Vec<Mark>,
}

/// Why a file is no baseline. Quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// It is no JSON, or has another shape.
    #[error("is no baseline of poollint ({0})")]
    Broken(String),
    /// A later poollint wrote it.
    #[error("was written by another version of poollint; this one reads {SCHEMA}")]
    Foreign,
}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

#[derive(Deserialize)]
struct Read {
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    rule: String,
    severity: Severity,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deployments: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workload: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    measure: Option<f64>,
    identity: String,
}

impl Baseline {
    /// Of these findings.
    #[must_use]
    pub fn new(marks: impl IntoIterator<Item = Mark>) -> Self {
        let mut marks: Vec<Mark> = marks.into_iter().map(|mark| Mark { message: None, ..mark }).collect();
        marks.sort_by(order);
        Self { marks }
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        // The reader's own words quote what they did not expect.
        let broken = |error: serde_json::Error| {
            let what = if error.is_data() { "another shape" } else { "no JSON" };
            BaselineError::Broken(format!("line {}, column {}: {what}", error.line(), error.column()))
        };
        if text.len() > MOST {
            return Err(BaselineError::Broken("it is too large".to_owned()));
        }
        let Head { schema } = serde_json::from_str(text).map_err(broken)?;
        if schema != SCHEMA {
            return Err(match schema.strip_prefix("poollint/baseline/") {
                Some(_) => BaselineError::Foreign,
                None => BaselineError::Broken("it has another `schema`".to_owned()),
            });
        }
        let Read { findings } = serde_json::from_str(text).map_err(broken)?;
        Ok(Self::new(findings.into_iter().map(|entry| Mark {
            rule: entry.rule,
            identity: entry.identity,
            path: entry.path,
            severity: entry.severity,
            workload: entry.workload,
            server: entry.server,
            deployments: entry.deployments,
            measure: entry.measure,
            message: None,
        })))
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{{\n  \"schema\": \"{SCHEMA}\",\n  \"findings\": [");
        for (index, mark) in self.marks.iter().enumerate() {
            let entry = Entry {
                path: mark.path.clone(),
                rule: mark.rule.clone(),
                severity: mark.severity,
                deployments: mark.deployments.clone(),
                workload: mark.workload.clone(),
                server: mark.server.clone(),
                measure: mark.measure,
                identity: mark.identity.clone(),
            };
            let comma = if index == 0 { "" } else { "," };
            // Neither can fail: the entry is plain data, and the text is in memory.
            let entry = serde_json::to_string(&entry).unwrap_or_default();
            let _ = write!(text, "{comma}\n    {entry}");
        }
        text.push_str(if self.marks.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        text
    }
}

fn order(one: &Mark, other: &Mark) -> Ordering {
    let key = |mark: &Mark| {
        (
            mark.path.clone(),
            mark.rule.clone(),
            mark.workload.clone(),
            mark.server.clone(),
            mark.deployments.clone(),
            mark.identity.clone(),
            mark.severity,
        )
    };
    let measure = |mark: &Mark| mark.measure.unwrap_or(f64::NEG_INFINITY);
    key(one).cmp(&key(other)).then_with(|| measure(one).total_cmp(&measure(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(path: &str, measure: Option<f64>) -> Mark {
        Mark {
            rule: "a-rule".to_owned(),
            identity: "ab".repeat(16),
            path: path.to_owned(),
            severity: Severity::Warning,
            workload: Some("api".to_owned()),
            server: None,
            deployments: vec!["compose.yaml".to_owned()],
            measure,
            message: Some("12 of 10".to_owned()),
        }
    }

    #[test]
    fn what_is_written_is_read_in_whatever_order_it_came() {
        let marks = [mark("b\n\"c\".env", Some(2.5)), mark("a.env", None), mark("a.env", Some(-1.0))];
        let text = Baseline::new(marks.clone()).text();
        let other = Baseline::new(marks.into_iter().rev()).text();
        assert_eq!(text, other);
        let read = Baseline::parse(&text).unwrap();
        assert_eq!(
            read.marks.iter().map(|mark| mark.path.as_str()).collect::<Vec<_>>(),
            ["a.env", "a.env", "b\n\"c\".env"]
        );
        assert_eq!(read.text(), text);
        assert!(!text.contains("12 of 10"));
        assert_eq!(text.lines().count(), 3 + 3 + 2);
        assert_eq!(Baseline::parse(&Baseline::default().text()), Ok(Baseline::default()));
    }

    #[test]
    fn other_files_are_refused_without_a_word_of_them() {
        for text in [
            "",
            "DATABASE_URL=postgres://u:hunter2@h/d",
            "{\"schema\": \"hunter2\", \"findings\": []}",
            "{\"schema\": 1}",
            "{\"schema\": \"poollint/check/1\"}",
            "{\"schema\": \"poollint/baseline/1\"}",
            "{\"schema\": \"poollint/baseline/1\", \"findings\": [\"hunter2\"]}",
            "{\"schema\": \"poollint/baseline/1\", \"findings\": [{\"path\": \"a\", \"hunter2\": 1}]}",
        ] {
            let error = Baseline::parse(text).unwrap_err();
            assert!(matches!(error, BaselineError::Broken(_)), "{text}: {error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        assert_eq!(Baseline::parse("{\"schema\": \"poollint/baseline/2\"}"), Err(BaselineError::Foreign));
    }
}
