//! Reads what a walk found, and later what files refer to.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::charts::{self, Charts};
use super::classify::nothing_in;
use super::names::{is_dot_env, is_yaml};
use super::path::normalize;
use super::{Files, Found, Given, Kind, Tree, TreeError, Unread, classify, template};
use crate::mask;
use crate::span::FileId;

/// What was read.
#[derive(Debug)]
pub struct Loaded {
    /// All files that matter, in the order of their paths, and what was passed over.
    pub files: Files,
    /// Those the user named one by one; failing to parse one of these is fatal.
    pub explicit: BTreeSet<FileId>,
    /// Path and text of those that the user named and that are of no kind poollint reads. They are listed as
    /// passed over; whether they are in order at all is for a parser to say.
    pub unrecognised: Vec<(String, String)>,
}

/// What became of one file.
enum Outcome {
    Read(Kind, String),
    Passed(String),
    Unrecognised(String),
    Nothing,
    Fatal(Unread),
}

/// Walks the tree, reads every candidate and adds those that matter to `files`.
///
/// # Errors
/// When the walk fails, or a file that the user named cannot be read.
pub fn load(tree: &dyn Tree, mut files: Files) -> Result<Loaded, TreeError> {
    let mut walk = tree.walk()?;
    // Of a file found twice, once by name, the explicit one comes first and stays.
    walk.found.sort_by(|one, other| (&one.path, other.explicit).cmp(&(&other.path, one.explicit)));
    walk.found.dedup_by(|later, first| later.path == first.path);
    let charts = Charts::among(&walk.found);
    let outcomes: Vec<Outcome> = walk.found.par_iter().map(|found| outcome(tree, found, &charts)).collect();

    let mut explicit = BTreeSet::new();
    let mut unrecognised = Vec::new();
    for skipped in walk.skipped {
        files.skip(skipped.path, skipped.reason);
    }
    for (found, outcome) in walk.found.into_iter().zip(outcomes) {
        match outcome {
            Outcome::Read(kind, text) => {
                let id = files.add(&found.path, kind, text);
                if found.explicit {
                    explicit.insert(id);
                }
                // Others that are ignored are not walked.
                if (found.explicit || is_dot_env(&found.path)) && tree.is_kept_out(&found.path) {
                    files.mark_kept_out(id);
                }
                if tree.is_stream() {
                    files.mark_stream(id);
                }
                if let Some(chart) = tree.rendered_from(&found.path) {
                    files.mark_rendered(id, chart);
                }
            }
            Outcome::Passed(reason) => files.skip(found.path, reason),
            Outcome::Unrecognised(text) => {
                files.skip(&found.path, nothing_in(&found.path, &text));
                unrecognised.push((found.path, text));
            }
            Outcome::Nothing => {}
            Outcome::Fatal(reason) => {
                return Err(TreeError::Unreadable { path: mask::line(&found.path), reason });
            }
        }
    }
    Ok(Loaded { files, explicit, unrecognised })
}

fn outcome(tree: &dyn Tree, found: &Found, charts: &Charts) -> Outcome {
    let chart = charts.of_template(tree, found);
    let given = Given { explicit: found.explicit, in_chart: chart.is_some() };
    if !found.explicit && charts.hold_values(&found.path) {
        return Outcome::Nothing;
    }
    match tree.read(&found.path).and_then(decode) {
        // What Helm made is no template any more, whatever braces are left in it.
        Ok(text) if tree.rendered_from(&found.path).is_some() => Outcome::Read(Kind::Kubernetes, text),
        Ok(text) => match classify(&found.path, &text, given) {
            Ok(kind) => Outcome::Read(kind, text),
            Err(Some(reason)) => Outcome::Passed(match chart.filter(|_| reason == template::HELM) {
                Some(chart) => format!("{reason}: {}", charts::command(charts.outermost(chart))),
                None => reason,
            }),
            Err(None) if found.explicit => Outcome::Unrecognised(text),
            Err(None) => Outcome::Nothing,
        },
        Err(reason) if found.explicit => Outcome::Fatal(reason),
        // It was deleted since the walk.
        Err(Unread::Missing) => Outcome::Nothing,
        Err(reason) => Outcome::Passed(reason.to_string()),
    }
}

/// Adds the files that others refer to, with the kind that the reference implies, in the order of their
/// paths; returns the handles of those that were not there before. What does not exist is left out
/// silently: whoever refers to it knows better whether that matters. What exists and cannot be read, and
/// what lies outside the tree, is noted as passed over.
pub fn load_more(tree: &dyn Tree, files: &mut Files, wanted: &[(String, Kind)]) -> Vec<FileId> {
    let mut inside = BTreeSet::new();
    for (path, kind) in wanted {
        match normalize(path) {
            Some(path) if files.find(&path).is_none() => {
                inside.insert((path, *kind));
            }
            Some(_) => {}
            None => files.skip(mask::line(path), "outside the directory that is checked"),
        }
    }
    let mut inside: Vec<(String, Kind)> = inside.into_iter().collect();
    inside.dedup_by(|later, first| later.0 == first.0);
    let texts: Vec<Result<String, Unread>> =
        inside.par_iter().map(|(path, _)| tree.read(path).and_then(decode)).collect();
    let mut added = Vec::new();
    for ((path, kind), text) in inside.into_iter().zip(texts) {
        match text {
            Ok(text) => match unusable(&path, &text, kind) {
                Some(reason) => files.skip(path, reason),
                None => {
                    let id = files.add(&path, kind, text);
                    if tree.is_kept_out(&path) {
                        files.mark_kept_out(id);
                    }
                    added.push(id);
                }
            },
            Err(Unread::Missing) => {}
            Err(reason) => files.skip(path, reason.to_string()),
        }
    }
    added
}

/// Why a file cannot be what a reference takes it for.
fn unusable(path: &str, text: &str, kind: Kind) -> Option<&'static str> {
    let yaml = matches!(kind, Kind::Compose | Kind::Kubernetes | Kind::Kustomization);
    if yaml || (kind != Kind::Referenced && is_yaml(path)) {
        template::reason(path, text, false)
    } else {
        None
    }
}

/// Bytes as text. A byte-order mark of UTF-8 stays, so that offsets are the file's.
fn decode(bytes: Vec<u8>) -> Result<String, Unread> {
    let not_text = |reason: &str| Unread::NotText(reason.to_owned());
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(not_text("UTF-16 text: save it as UTF-8"));
    }
    if memchr::memchr(0, &bytes).is_some() {
        return Err(not_text("binary"));
    }
    String::from_utf8(bytes)
        .map_err(|error| Unread::NotText(format!("not UTF-8 (byte {})", error.utf8_error().valid_up_to())))
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
