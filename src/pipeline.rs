//! The whole way on one screen: tree → syntax → readers → resolve → rules.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::model::Model;
use crate::readers::{self, Declarations};
use crate::resolve::{self, Context};
use crate::rules::{self, Judged, Rulebook, facts};
use crate::span::FileId;
use crate::syntax::SyntaxError;
use crate::tree::{self, Files, Kind, Tree, TreeError, Unread};

/// What was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The files, with what was skipped.
    pub files: Files,
    /// What they declare.
    pub declarations: Declarations,
    /// What they name outside the root, by paths that begin with `../`; whether it exists is not known.
    pub beyond: BTreeSet<String>,
}

/// How often a newly read file may name further ones (an include of an include).
const ROUNDS: usize = 16;

/// Reads a tree, and whatever its files name that the walk did not list. `files` may hold the configuration.
///
/// # Errors
/// When the root or an explicit path cannot be read or parsed.
pub fn load(tree: &dyn Tree, files: Files) -> Result<Loaded, TreeError> {
    let tree::Loaded { files, explicit, unrecognised } = tree::load(tree, files)?;
    for (path, text) in unrecognised {
        if let Err(error) = readers::check_plain(&path, &text) {
            let mut alone = Files::default();
            let file = alone.add(&path, Kind::Referenced, text);
            return Err(TreeError::Unreadable {
                path,
                reason: Unread::NotText(reason(&alone, file, &error)),
            });
        }
    }
    let mut loaded = Loaded { files, ..Loaded::default() };
    let mut fresh: Vec<FileId> =
        loaded.files.iter().filter(|(_, file)| file.kind != Kind::Configuration).map(|(id, _)| id).collect();
    for _ in 0..ROUNDS {
        if fresh.is_empty() {
            break;
        }
        let read = readers::read(&loaded.files, &fresh);
        let mut wanted: Vec<(String, Kind)> =
            read.references(&loaded.files).into_iter().map(|wanted| (wanted.path, wanted.kind)).collect();
        wanted.extend(resolve::compose::wanted(&loaded.files, &read));
        loaded
            .beyond
            .extend(wanted.extract_if(.., |(path, _)| path.starts_with("../")).map(|(path, _)| path));
        loaded.declarations.extend(read);
        fresh = tree::load_more(tree, &mut loaded.files, &wanted);
    }
    loaded.declarations.sort(&loaded.files);
    for (file, error) in &loaded.declarations.unreadable {
        let path = loaded.files.path(*file).to_owned();
        let reason = reason(&loaded.files, *file, error);
        if explicit.contains(file) {
            return Err(TreeError::Unreadable { path, reason: Unread::NotText(reason) });
        }
        loaded.files.give_up(*file, reason);
    }
    Ok(loaded)
}

/// Why a file cannot be parsed, with the place.
fn reason(files: &Files, file: FileId, error: &SyntaxError) -> String {
    let at = files.position(file, error.span.start);
    format!("line {}, column {}: {error}", at.line, at.column)
}

/// Works out what runs and who connects to what.
#[must_use]
pub fn resolve(loaded: &Loaded, config: &Config) -> Model {
    resolve::resolve(&Context { files: &loaded.files, declarations: &loaded.declarations, config })
}

/// Judges the model by the built-in rules that the configuration leaves on.
#[must_use]
pub fn judge(loaded: &Loaded, config: &Config, model: &Model) -> Judged {
    judge_by(&Rulebook::built_in(), loaded, config, model)
}

/// Judges the model by the rules of a book.
#[must_use]
pub fn judge_by(book: &Rulebook<'_>, loaded: &Loaded, config: &Config, model: &Model) -> Judged {
    let Loaded { files, declarations, .. } = loaded;
    let subjects = facts::all_subjects(model, files);
    let mut judged = rules::judge_by(book, model, files, config, &declarations.comments, subjects);
    // What Helm made is changed in the chart, where no byte stands as it does here.
    for finding in &mut judged.findings {
        finding.fix = finding
            .fix
            .take()
            .filter(|fix| fix.edits.iter().all(|edit| files.rendered_from(edit.place.file).is_none()));
    }
    judged
}
