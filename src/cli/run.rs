//! From arguments to a model: what `check`, `budget`, `model` and `init` have in common.

use std::path::{Path, PathBuf};

use super::args::InputArgs;
use super::error::Failure;
use super::progress::Progress;
use super::source::Source;
use crate::config::{self, Config, ConfigError};
use crate::model::Model;
use crate::pipeline::{self, Loaded};
use crate::span::Place;
use crate::tree::{self, Files, Kind, Tree, TreeError, Unread, Versioned};

/// Everything a command works on.
pub(super) struct Run {
    /// Files and declarations.
    pub loaded: Loaded,
    /// The configuration.
    pub config: Config,
    /// The model.
    pub model: Model,
    /// Where the files come from.
    pub source: Source,
}

impl Run {
    /// Reads and resolves another tree, with the same configuration.
    pub fn again(&self, tree: &dyn Tree) -> Result<(Loaded, Model), Failure> {
        let mut files = Files::default();
        for (_, file) in self.loaded.files.iter().filter(|(_, file)| file.kind == Kind::Configuration) {
            files.add(&file.path, Kind::Configuration, file.text.clone());
        }
        let loaded = pipeline::load(tree, files)?;
        let model = pipeline::resolve(&loaded, &self.config);
        Ok((loaded, model))
    }
}

/// Reads, parses and resolves what `input` names. `adjust` puts the command's own options into the configuration.
pub(super) fn run(input: &InputArgs, adjust: impl FnOnce(&mut Config)) -> Result<Run, Failure> {
    let mut files = Files::default();
    let mut config = configuration(input, &mut files)?;
    config.fallback_environment = input.environment.or(config.fallback_environment);
    config.helm |= input.helm;
    adjust(&mut config);
    let _progress = Progress::start();
    let source = Source::open(input, &config)?;
    let loaded = pipeline::load(source.tree(), files)?;
    let model = pipeline::resolve(&loaded, &config);
    Ok(Run { loaded, config, model, source })
}

/// The file that `--config` names, else the nearest `poollint.toml` from the first path upwards to the root of the
/// git work tree.
fn configuration(input: &InputArgs, files: &mut Files) -> Result<Config, Failure> {
    let path = match &input.config {
        Some(path) => path.clone(),
        None => match nearest(input) {
            Some(path) => path,
            None => return Ok(Config::default()),
        },
    };
    if input.staged
        && input.config.is_none()
        && let Some(text) = staged(&path)
    {
        return read(&shown(&path), &text, files);
    }
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let path = path.display().to_string();
        Failure::Tree(TreeError::Unreadable { path, reason: Unread::Denied(error.to_string()) })
    })?;
    read(&shown(&path), &text, files)
}

/// A configuration as git's index has it; `None` where it is not in one.
fn staged(path: &Path) -> Option<String> {
    let (above, name) = (path.parent()?, path.file_name()?.to_str()?);
    let directory = tree::open(&[above.to_owned()], &tree::WalkOptions::default()).ok()?;
    String::from_utf8(Versioned::staged(directory).ok()?.read(name).ok()?).ok()
}

/// Parses a configuration under the name `path`.
pub(super) fn read(path: &str, text: &str, files: &mut Files) -> Result<Config, Failure> {
    let file = files.add(path, Kind::Configuration, text);
    config::parse(file, text)
        .map_err(|problem| located(files, Place::new(file, problem.span), problem.message))
}

/// An error at a place of the configuration.
pub(super) fn located(files: &Files, place: Place, message: String) -> Failure {
    let at = files.position(place.file, place.span.start);
    let path = files.path(place.file).to_owned();
    Failure::Config(ConfigError { path, line: at.line, column: at.column, message })
}

/// Configuration is named by its file name alone where it stands in the root that is checked, so that output does
/// not depend on where the repository lies.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    match path.file_name() {
        Some(name) if path.is_absolute() => name.to_string_lossy().into_owned(),
        _ => text.trim_start_matches("./").to_owned(),
    }
}

fn nearest(input: &InputArgs) -> Option<PathBuf> {
    let first = input.paths.first().filter(|path| *path != Path::new("-"));
    let start = first.map_or_else(|| PathBuf::from("."), Clone::clone);
    let start = std::path::absolute(start).ok()?;
    let start = if start.is_dir() { start.as_path() } else { start.parent()? };
    for directory in start.ancestors() {
        let candidate = directory.join(config::FILE_NAME);
        if candidate.is_file() {
            return Some(candidate);
        }
        if directory.join(".git").exists() {
            return None;
        }
    }
    None
}

/// The configuration alone, for commands that read no repository.
pub(super) fn only_configuration(input: &InputArgs) -> Result<Config, Failure> {
    configuration(input, &mut Files::default())
}
