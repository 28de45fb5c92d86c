//! The whole way on one screen: tree → syntax → readers → resolve → rules.

use crate::config::Config;
use crate::model::Model;
use crate::readers::{self, Declarations};
use crate::resolve::{self, Context};
use crate::rules::{self, Judged};
use crate::tree::{self, Files, Tree, TreeError};

/// What was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The files, with what was skipped.
    pub files: Files,
    /// What they declare.
    pub declarations: Declarations,
}

/// How often a newly read file may name further ones (an include of an include).
const ROUNDS: usize = 16;

/// Reads a tree, and whatever its files name that the walk did not list.
///
/// # Errors
/// When the root or an explicit path cannot be read.
pub fn load(tree: &dyn Tree, files: Files) -> Result<Loaded, TreeError> {
    let mut loaded = Loaded { files, declarations: Declarations::default() };
    let mut fresh = tree::load(tree, &mut loaded.files)?;
    for _ in 0..ROUNDS {
        if fresh.is_empty() {
            break;
        }
        loaded.declarations.extend(readers::read(&loaded.files, &fresh));
        let wanted = loaded.declarations.references(&loaded.files);
        fresh = tree::load_more(tree, &mut loaded.files, &wanted);
    }
    loaded.declarations.sort(&loaded.files);
    for (file, error) in &loaded.declarations.unreadable {
        let at = loaded.files.position(*file, error.span.start);
        let path = loaded.files.path(*file).to_owned();
        loaded.files.skip(path, format!("line {}, column {}: {error}", at.line, at.column));
    }
    Ok(loaded)
}

/// Works out what runs and who connects to what.
#[must_use]
pub fn resolve(loaded: &Loaded, config: &Config) -> Model {
    resolve::resolve(&Context { files: &loaded.files, declarations: &loaded.declarations, config })
}

/// Judges the model by the rules that the configuration leaves on.
#[must_use]
pub fn judge(loaded: &Loaded, config: &Config, model: &Model) -> Judged {
    rules::judge(model, &loaded.files, config, &loaded.declarations.comments)
}
