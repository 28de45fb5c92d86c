//! `check --fix` and `--diff`: remedies applied, or shown.

use std::io::Write;

use similar::{ChangeTag, TextDiff};

use super::error::Failure;
use super::output;
use super::run::Run;
use crate::fixing;
use crate::model::Model;
use crate::pipeline::{self, Loaded};
use crate::report::Masked;
use crate::rules::{Finding, Judged, Rulebook};
use crate::tree::Overlay;

/// How often the result is judged again: a fix may make room for another.
const PASSES: usize = 10;

/// A repository after its fixes.
pub(super) struct Fixed {
    /// What is read of it.
    pub loaded: Loaded,
    /// What it means.
    pub model: Model,
    /// What remains to be said.
    pub judged: Judged,
    /// How many fixes were applied.
    pub applied: usize,
    /// New texts by path.
    pub texts: Vec<(String, String)>,
}

/// Applies fixes in memory until none is left.
pub(super) fn fix(
    run: &Run,
    book: &Rulebook<'_>,
    judged: Judged,
    with_unsafe: bool,
) -> Result<Fixed, Failure> {
    let Some(directory) = run.source.directory() else {
        return Err(Failure::Usage(
            "what comes from standard input or from git's index cannot be changed".to_owned(),
        ));
    };
    let mut overlay = Overlay::new(run.source.tree());
    let (mut loaded, mut model) = run.again(&overlay)?;
    let mut judged = judged;
    let mut applied = 0usize;
    for _ in 0..PASSES {
        // What lies outside the named paths is read for its meaning, not to be changed.
        let named = |finding: &&Finding| {
            let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
            edits.into_iter().all(|edit| directory.names(loaded.files.path(edit.place.file)))
        };
        let findings: Vec<Finding> = judged.findings.iter().filter(named).cloned().collect();
        let pass = fixing::apply(&loaded.files, &findings, with_unsafe);
        if pass.applied == 0 {
            break;
        }
        applied = applied.saturating_add(pass.applied);
        for (path, text) in pass.texts {
            overlay.change(path, text);
        }
        (loaded, model) = run.again(&overlay)?;
        judged = pipeline::judge_by(book, &loaded, &run.config, &model);
    }
    let texts = overlay.changed().iter().map(|(path, text)| (path.clone(), text.clone())).collect();
    Ok(Fixed { loaded, model, judged, applied, texts })
}

/// Writes the changed files.
pub(super) fn write(run: &Run, fixed: &Fixed) -> Result<(), Failure> {
    let Some(directory) = run.source.directory() else { return Ok(()) };
    for (path, text) in &fixed.texts {
        let failed = |reason| Failure::Write { path: path.clone(), reason };
        let place =
            directory.locate(path).map_err(|reason| failed(std::io::Error::other(reason.to_string())))?;
        std::fs::write(place, text).map_err(failed)?;
    }
    let (fixes, files) = (fixed.applied, fixed.texts.len());
    if fixes > 0 {
        let plural = |count: usize, word: &str| crate::report::plural(count, word);
        output::complain(&format!("applied {} in {}", plural(fixes, "fix"), plural(files, "file")));
    }
    Ok(())
}

/// Shows the changes as a unified diff, credentials masked. A line of which only credentials change is shown too.
pub(super) fn diff(run: &Run, fixed: &Fixed, out: &mut dyn Write) -> std::io::Result<()> {
    let before = Masked::new(&run.loaded.files, &run.model.secrets);
    let after = Masked::new(&fixed.loaded.files, &fixed.model.secrets);
    for (path, _) in &fixed.texts {
        let (Some(old), Some(new)) = (run.loaded.files.find(path), fixed.loaded.files.find(path)) else {
            continue;
        };
        let diff_of = (lines(run.loaded.files.text(old)), lines(fixed.loaded.files.text(new)));
        let diff = TextDiff::from_slices(&diff_of.0, &diff_of.1);
        // Masking leaves line breaks where they are.
        let (old, new) = (before.text(old), after.text(new));
        let (old, new) = (lines(&old), lines(&new));
        let mut unified = diff.unified_diff();
        for (index, hunk) in unified.context_radius(2).iter_hunks().enumerate() {
            if index == 0 {
                write!(out, "--- a/{path}\n+++ b/{path}\n")?;
            }
            writeln!(out, "{}", hunk.header())?;
            for change in hunk.iter_changes() {
                let line = match (change.tag(), change.old_index(), change.new_index()) {
                    (ChangeTag::Delete, Some(at), _) => old.get(at),
                    (_, _, Some(at)) => new.get(at),
                    _ => None,
                };
                let line = line.copied().unwrap_or_default();
                write!(out, "{}{line}", change.tag())?;
                if !line.ends_with('\n') {
                    write!(out, "\n\\ No newline at end of file\n")?;
                }
            }
        }
    }
    Ok(())
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}
