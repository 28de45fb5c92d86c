//! What keeps a rule silent: comments, annotations of objects, `[[ignore]]` tables. Each remembers whether it
//! was of use, for one that is not is a finding itself.

mod comment;
mod subjects;

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobMatcher};

pub(super) use subjects::{DOCS, Standing};

use crate::config::Config;
use crate::model::Model;
use crate::readers::Comment;
use crate::span::{FileId, Place};
use crate::tree::Files;

/// Every suppression of a run.
pub(super) struct Suppressions {
    entries: Vec<Entry>,
    /// Indexes of the entries that hold for a line.
    by_line: BTreeMap<(FileId, usize), Vec<usize>>,
    /// Indexes of the entries that hold for a file.
    by_file: BTreeMap<FileId, Vec<usize>>,
    /// Indexes of annotations, by deployment and workload.
    by_workload: BTreeMap<(usize, String), Vec<usize>>,
    /// Indexes of `[[ignore]]` tables.
    by_path: Vec<usize>,
}

/// One comment, one name of an annotation, or one table.
struct Entry {
    names: Vec<Name>,
    reach: Reach,
    place: Place,
    /// The bytes to take out when none of its names is left.
    whole: Option<Place>,
    /// It names no rule at all.
    malformed: bool,
}

/// A rule's name in an entry.
struct Name {
    rule: String,
    place: Place,
    /// Whether the place holds just the name.
    exact: bool,
    /// The name with its comma.
    removal: Option<Place>,
    used: bool,
}

/// Which findings an entry covers.
enum Reach {
    /// Those that begin on a line.
    Below(usize),
    /// Those that touch a line.
    Beside(usize),
    /// All of its file.
    File,
    /// Meant for a file, but it stands below content.
    Misplaced,
    /// Those of an object's workloads, by deployment and name.
    Workload(BTreeSet<(usize, String)>),
    /// Those in files that match; `None` is everywhere.
    Paths(Option<GlobMatcher>),
    /// None: its pattern is no pattern.
    Nothing,
}

/// Where a finding stands, for suppressions.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub file: FileId,
    pub path: &'a str,
    /// First line of its place.
    pub first: usize,
    /// Last line of its place.
    pub last: usize,
}

impl<'a> Spot<'a> {
    pub fn of(place: Place, files: &'a Files) -> Self {
        let end = place.span.end.saturating_sub(1).max(place.span.start);
        Self {
            file: place.file,
            path: files.path(place.file),
            first: files.line(place),
            last: files.position(place.file, end).line,
        }
    }
}

impl Suppressions {
    pub fn collect(model: &Model, files: &Files, config: &Config, comments: &[Comment]) -> Self {
        let mut entries = comment::entries(files, comments);
        entries.extend(annotations(model));
        entries.extend(config.ignores.iter().map(|ignore| {
            Entry {
                names: vec![Name {
                    rule: ignore.rule.clone(),
                    place: ignore.place,
                    exact: false,
                    removal: None,
                    used: false,
                }],
                reach: match &ignore.path {
                    None => Reach::Paths(None),
                    Some(pattern) => GlobBuilder::new(pattern)
                        .literal_separator(true)
                        .build()
                        .map_or(Reach::Nothing, |glob| Reach::Paths(Some(glob.compile_matcher()))),
                },
                place: ignore.place,
                whole: None,
                malformed: false,
            }
        }));
        let mut all = Self {
            entries: Vec::new(),
            by_line: BTreeMap::new(),
            by_file: BTreeMap::new(),
            by_workload: BTreeMap::new(),
            by_path: Vec::new(),
        };
        for (index, entry) in entries.iter().enumerate() {
            let file = entry.place.file;
            match &entry.reach {
                Reach::Below(line) | Reach::Beside(line) => {
                    all.by_line.entry((file, *line)).or_default().push(index);
                }
                Reach::File => all.by_file.entry(file).or_default().push(index),
                Reach::Workload(workloads) => {
                    for workload in workloads {
                        all.by_workload.entry(workload.clone()).or_default().push(index);
                    }
                }
                Reach::Paths(_) => all.by_path.push(index),
                Reach::Misplaced | Reach::Nothing => {}
            }
        }
        all.entries = entries;
        all
    }

    /// Whether an annotation of the workload silences `rule`. Asked for each deployment by itself, before
    /// findings that several share become one.
    pub fn silences_workload(&mut self, rule: &str, deployment: usize, workload: &str) -> bool {
        if self.by_workload.is_empty() {
            return false;
        }
        let mut silenced = false;
        for index in self.by_workload.get(&(deployment, workload.to_owned())).into_iter().flatten() {
            silenced |= self.entries.get_mut(*index).is_some_and(|entry| entry.uses(rule));
        }
        silenced
    }

    /// Whether a comment silences `rule` on the lines of this spot, which is a further place of a finding: what holds
    /// for the whole file is not about it.
    pub fn silences_line(&mut self, rule: &str, spot: Spot<'_>) -> bool {
        let lines = self.by_line.range((spot.file, spot.first)..=(spot.file, spot.last.max(spot.first)));
        let mut silenced = false;
        for index in lines.flat_map(|(_, indexes)| indexes) {
            if let Some(entry) = self.entries.get_mut(*index)
                && entry.reach.covers(spot)
            {
                silenced |= entry.uses(rule);
            }
        }
        silenced
    }

    /// Whether a comment or a table silences `rule` at this spot. Everything that would is marked as used.
    pub fn silences(&mut self, rule: &str, spot: Spot<'_>) -> bool {
        let lines = self.by_line.range((spot.file, spot.first)..=(spot.file, spot.last.max(spot.first)));
        let lines = lines.flat_map(|(_, indexes)| indexes);
        let file = self.by_file.get(&spot.file).into_iter().flatten();
        let mut silenced = false;
        for index in lines.chain(file).chain(&self.by_path) {
            if let Some(entry) = self.entries.get_mut(*index)
                && entry.reach.covers(spot)
            {
                silenced |= entry.uses(rule);
            }
        }
        silenced
    }
}

impl Entry {
    fn uses(&mut self, rule: &str) -> bool {
        let mut found = false;
        for name in self.names.iter_mut().filter(|name| name.rule == rule) {
            name.used = true;
            found = true;
        }
        found
    }
}

impl Reach {
    fn covers(&self, spot: Spot<'_>) -> bool {
        match self {
            Self::Below(line) => spot.first == *line,
            Self::Beside(line) => (spot.first..=spot.last).contains(line),
            Self::File | Self::Paths(None) => true,
            Self::Paths(Some(glob)) => glob.is_match(spot.path),
            Self::Misplaced | Self::Workload(_) | Self::Nothing => false,
        }
    }
}

/// Annotations of all objects. One object may run in several deployments.
fn annotations(model: &Model) -> Vec<Entry> {
    let mut workloads: BTreeMap<(Place, &str), BTreeSet<(usize, String)>> = BTreeMap::new();
    for (index, deployment) in model.deployments.iter().enumerate() {
        for workload in &deployment.workloads {
            for (rule, place) in &workload.suppressions {
                let reach = workloads.entry((*place, rule)).or_default();
                reach.insert((index, workload.name.clone()));
            }
        }
    }
    workloads
        .into_iter()
        .map(|((place, rule), reach)| Entry {
            names: vec![Name {
                rule: rule.to_owned(),
                place,
                exact: place.span.len() == rule.len(),
                removal: None,
                used: false,
            }],
            reach: Reach::Workload(reach),
            place,
            whole: None,
            malformed: false,
        })
        .collect()
}
