use super::*;
use crate::model::Severity;
use crate::span::{Place, Span};
use crate::tree::Kind;

struct Case {
    findings: Vec<Finding>,
    files: Files,
    deployments: Vec<String>,
    marks: Vec<Mark>,
    had: Vec<&'static str>,
}

impl Case {
    /// Files that are there, and files that were.
    fn new(files: &[&str], had: &[&'static str]) -> Self {
        let mut all = Files::default();
        for path in files {
            all.add(path, Kind::Compose, "");
        }
        Self {
            findings: Vec::new(),
            files: all,
            deployments: Vec::new(),
            marks: Vec::new(),
            had: had.to_vec(),
        }
    }

    fn now(mut self, path: &str, deployment: &str, message: &str, measure: f64) -> Self {
        let file = self.files.find(path).unwrap();
        self.deployments.push(deployment.to_owned());
        self.findings.push(Finding {
            rule: "rule".to_owned(),
            severity: Severity::Warning,
            message: message.to_owned(),
            help: None,
            place: Place::new(file, Span::default()),
            labels: Vec::new(),
            deployments: vec![deployment.to_owned()],
            environment: None,
            workload: None,
            server: None,
            fix: None,
            measure: Some(measure),
            identity: "1".to_owned(),
            fingerprint: String::new(),
        });
        self
    }

    fn before(mut self, path: &str, deployment: &str, message: &str, measure: f64) -> Self {
        self.marks.push(Mark {
            rule: "rule".to_owned(),
            identity: "1".to_owned(),
            path: path.to_owned(),
            severity: Severity::Warning,
            workload: None,
            server: None,
            deployments: vec![deployment.to_owned()],
            measure: Some(measure),
            message: Some(message.to_owned()),
        });
        self
    }

    #[track_caller]
    fn gives(&self, statuses: &[Status], gone: &[usize]) {
        let had = |path: &str| self.had.contains(&path);
        let (found, left) = compare(
            Now { findings: &self.findings, files: &self.files, deployments: &self.deployments },
            Before { marks: &self.marks, had_file: &had },
        );
        let found: Vec<Status> = found.into_iter().map(|(status, _)| status).collect();
        assert_eq!((found.as_slice(), left.as_slice()), (statuses, gone));
    }
}

use Status::{Improved, Known, New, Worsened};

#[test]
fn numbers_tell_worse_from_better() {
    let case = || Case::new(&["a"], &["a"]).before("a", "a", "x", 5.0);
    case().now("a", "a", "x", 5.0).gives(&[Known], &[]);
    case().now("a", "a", "y", 5.0).gives(&[Known], &[]);
    case().now("a", "a", "y", 6.0).gives(&[Worsened], &[]);
    case().now("a", "a", "y", 4.0).gives(&[Improved], &[]);
    case().gives(&[], &[0]);
}

#[test]
fn severity_stands_above_numbers() {
    let mut case = Case::new(&["a"], &["a"]).before("a", "a", "x", 5.0).now("a", "a", "x", 1.0);
    case.findings[0].severity = Severity::Error;
    case.gives(&[Worsened], &[]);
    case.findings[0].severity = Severity::Info;
    case.findings[0].measure = Some(9.0);
    case.gives(&[Improved], &[]);
}

#[test]
fn equal_findings_are_counted() {
    let case = || Case::new(&["a"], &["a"]).before("a", "a", "x", 1.0);
    case().now("a", "a", "x", 1.0).now("a", "a", "x", 1.0).gives(&[Known, New], &[]);
    case().before("a", "a", "x", 1.0).now("a", "a", "x", 1.0).gives(&[Known], &[1]);
    // The one whose words changed is the new one, wherever it stands.
    case().now("a", "a", "y", 1.0).now("a", "a", "x", 1.0).gives(&[New, Known], &[]);
}

#[test]
fn a_file_that_stays_takes_no_finding_of_another() {
    // Mended in one file, made anew in another.
    Case::new(&["a", "b"], &["a", "b"])
        .before("a", "a", "x", 1.0)
        .now("b", "b", "x", 1.0)
        .gives(&[New], &[0]);
    Case::new(&["a", "b"], &["a"]).before("a", "a", "x", 1.0).now("b", "b", "x", 1.0).gives(&[New], &[0]);
    // Renamed.
    Case::new(&["b"], &["a"]).before("a", "a", "x", 1.0).now("b", "b", "x", 1.0).gives(&[Known], &[]);
    Case::new(&["b"], &["a"]).before("a", "a", "x", 1.0).now("b", "b", "y", 2.0).gives(&[Worsened], &[]);
}

#[test]
fn the_place_may_move_within_a_deployment() {
    Case::new(&["a", "b"], &["a", "b"])
        .before("a", "d", "x", 1.0)
        .now("b", "d", "x", 1.0)
        .gives(&[Known], &[]);
}

#[test]
fn another_deployment_in_the_same_file_is_another_finding() {
    let mut case = Case::new(&["a"], &["a"]).before("a", "dev", "x", 1.0).now("a", "prod", "x", 1.0);
    // The environment of the one directory became known: its deployment has another name.
    case.gives(&[Known], &[]);
    case.deployments.push("dev".to_owned());
    case.gives(&[New], &[0]);
}

#[test]
fn a_workload_or_server_that_is_named_must_be_the_same() {
    let mut case = Case::new(&["a"], &["a"]).before("a", "a", "x", 1.0).now("a", "a", "x", 1.0);
    case.marks[0].workload = Some("api".to_owned());
    case.gives(&[Known], &[]);
    case.findings[0].workload = Some("worker".to_owned());
    case.gives(&[New], &[0]);
    case.findings[0].workload = Some("api".to_owned());
    case.findings[0].server = Some("db".to_owned());
    case.marks[0].server = Some("other".to_owned());
    case.gives(&[New], &[0]);
}
