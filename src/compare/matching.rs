//! Which finding was there before.
//!
//! Findings of one rule about one name are matched in rounds, the surest first; in each round as a multiset, so that
//! two findings need two that were there. (1) Same file and words; (2) same file; (3) same deployment, another file:
//! its place moved; (4) same words, then any, in a file that is new while the other is gone: the file was renamed.
//! Findings that different deployments, workloads or servers have are never the same.

use std::collections::BTreeMap;

use super::{Mark, Status};
use crate::rules::Finding;
use crate::tree::Files;

/// What is believed now, as far as matching asks.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    /// The findings.
    pub findings: &'a [Finding],
    /// The files that were read.
    pub files: &'a Files,
    /// The names of all deployments.
    pub deployments: &'a [String],
}

/// What was believed before.
#[derive(Clone, Copy)]
pub struct Before<'a> {
    /// The findings.
    pub marks: &'a [Mark],
    /// Whether a file was there. Of a baseline only those with findings are known.
    pub had_file: &'a dyn Fn(&str) -> bool,
}

impl Mark {
    /// What `finding`, of a run over `files`, is compared by.
    #[must_use]
    pub fn of(finding: &Finding, files: &Files) -> Self {
        let path = files.path(finding.place.file).to_owned();
        // A lone env file's imaginary workload is called as the file is.
        let workload = finding.workload.clone().filter(|workload| *workload != path);
        Self {
            rule: finding.rule.clone(),
            identity: finding.identity.clone(),
            path,
            severity: finding.severity,
            workload,
            server: finding.server.clone(),
            deployments: finding.deployments.clone(),
            measure: finding.measure,
            message: Some(finding.message.clone()),
        }
    }
}

/// What became of each finding, with the index of the mark that it matches, and the indexes of the marks that none
/// matches.
#[must_use]
pub fn compare(now: Now<'_>, before: Before<'_>) -> (Vec<(Status, Option<usize>)>, Vec<usize>) {
    let marks: Vec<Mark> = now.findings.iter().map(|finding| Mark::of(finding, now.files)).collect();
    let mut groups: BTreeMap<&str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (index, mark) in marks.iter().enumerate() {
        groups.entry(&mark.identity).or_default().0.push(index);
    }
    for (index, mark) in before.marks.iter().enumerate() {
        groups.entry(&mark.identity).or_default().1.push(index);
    }
    let has_file = |path: &str| now.files.find(path).is_some();
    let same_words = |is: &Mark, was: &Mark| match &was.message {
        Some(_) => is.message == was.message,
        None => is.severity == was.severity && is.measure == was.measure,
    };
    let same_file = |is: &Mark, was: &Mark| is.path == was.path && same_deployment(is, was, now.deployments);
    let moved = |is: &Mark, was: &Mark| is.deployments.iter().any(|name| was.deployments.contains(name));
    let renamed = |is: &Mark, was: &Mark| !has_file(&was.path) && !(before.had_file)(&is.path);
    let rounds: [Round<'_>; 6] = [
        &|is, was| same_file(is, was) && same_words(is, was) && is.deployments == was.deployments,
        &|is, was| same_file(is, was) && is.deployments == was.deployments,
        &|is, was| same_file(is, was),
        &|is, was| moved(is, was),
        &|is, was| renamed(is, was) && same_words(is, was),
        &|is, was| renamed(is, was),
    ];
    let mut statuses = vec![(Status::New, None); marks.len()];
    let mut gone = Vec::new();
    for (mut found, mut known) in groups.into_values() {
        for round in rounds {
            found.retain(|index| {
                let Some(is) = marks.get(*index) else { return true };
                let matching = known.iter().position(|other| {
                    before.marks.get(*other).is_some_and(|was| compatible(is, was) && round(is, was))
                });
                let Some(other) = matching.map(|at| known.remove(at)) else { return true };
                if let (Some(status), Some(was)) = (statuses.get_mut(*index), before.marks.get(other)) {
                    *status = (change(is, was), Some(other));
                }
                false
            });
        }
        gone.extend(known);
    }
    gone.sort_unstable();
    (statuses, gone)
}

/// Whether a finding and one of before may be the same, as far as one round asks.
type Round<'a> = &'a dyn Fn(&Mark, &Mark) -> bool;

/// Whether workload and server may be the same: none is named where several share a finding.
fn compatible(is: &Mark, was: &Mark) -> bool {
    let agree =
        |one: &Option<String>, other: &Option<String>| one.is_none() || other.is_none() || one == other;
    is.rule == was.rule && agree(&is.workload, &was.workload) && agree(&is.server, &was.server)
}

/// Whether two findings in one file may be of one deployment. One whose deployments are all gone may have been renamed.
fn same_deployment(is: &Mark, was: &Mark, present: &[String]) -> bool {
    is.deployments.is_empty()
        || was.deployments.is_empty()
        || was.deployments.iter().any(|name| is.deployments.contains(name))
        || !was.deployments.iter().any(|name| present.contains(name))
}

fn change(is: &Mark, was: &Mark) -> Status {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let measure = match (is.measure, was.measure) {
        (Some(is), Some(was)) if (is - was).abs() > 1e-6 => is.total_cmp(&was),
        _ => Equal,
    };
    match is.severity.cmp(&was.severity).then(measure) {
        Greater => Status::Worsened,
        Less => Status::Improved,
        Equal => Status::Known,
    }
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
