//! From arguments to a model: what `check`, `budget`, `model` and `init` have in common.

use std::path::{Path, PathBuf};

use super::args::{InputArgs, LookArgs};
use super::error::Failure;
use super::progress::Progress;
use super::source::{Source, Unrendered};
use super::{FAILED, output, own_rules};
use crate::config::{self, Config, ConfigError};
use crate::model::Model;
use crate::pipeline::{self, Loaded};
use crate::resolve;
use crate::rules::Rulebook;
use crate::rules::page::Page;
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
    /// Whether something that the command line asks for could not be done.
    falls_short: bool,
    /// Whether everything that the configuration may be about was looked at.
    whole: bool,
    /// The rules that the repository's owner wrote.
    own_rules: Vec<Page>,
}

impl Run {
    /// The built-in rules and the owner's.
    pub fn book(&self) -> Rulebook<'_> {
        Rulebook::built_in().with(&self.own_rules)
    }

    /// The exit status where everything else would make it `status`.
    pub fn status(&self, status: u8) -> u8 {
        if self.falls_short { FAILED } else { status }
    }

    /// Says what of the configuration is about nothing here. It is no fault: what it is meant for may be gone, or come
    /// yet. Where a part of the repository is looked at, nobody knows.
    pub fn complain_of_unmatched(&self, look: &LookArgs) {
        if look.quiet || !self.whole {
            return;
        }
        for resolve::Unmatched { place, message } in resolve::unmatched(&self.config, &self.model) {
            self.note(place, &message);
        }
    }

    /// Says something about a place of the configuration.
    fn note(&self, place: Place, text: &str) {
        let files = &self.loaded.files;
        let at = files.position(place.file, place.span.start);
        output::complain(&format!("{}:{}:{}: {text}", files.path(place.file), at.line, at.column));
    }

    /// Reads and resolves another tree, with the same configuration.
    pub fn again(&self, tree: &dyn Tree) -> Result<(Loaded, Model), Failure> {
        let loaded = pipeline::load(tree, only_configurations(&self.loaded.files))?;
        let model = pipeline::resolve(&loaded, &self.config);
        Ok((loaded, model))
    }
}

/// Reads, parses and resolves what `input` names. `adjust` puts the command's own options into the configuration.
pub(super) fn run(input: &InputArgs, adjust: impl FnOnce(&mut Config)) -> Result<Run, Failure> {
    let mut files = Files::default();
    let path = configuration_path(input);
    let home = home(path.as_deref());
    let mut config = configuration(path.as_deref(), input, &mut files)?;
    let own_rules = own_rules(&config, &home, &files)?;
    config.fallback_environment = input.environment.or(config.fallback_environment);
    config.helm |= input.helm;
    adjust(&mut config);
    let _progress = Progress::start();
    let mut source = Source::open(input, &config)?;
    let mut loaded = pipeline::load(source.tree(), only_configurations(&files))?;
    for _ in 0..WIDENINGS {
        let Some(wider) = source.place().and_then(|directory| directory.widened(&loaded.beyond)) else {
            break;
        };
        source = Source::of_directory(wider, input, &config)?;
        loaded = pipeline::load(source.tree(), only_configurations(&files))?;
    }
    if let Some(directory) = source.place() {
        loaded.files.set_root(directory.from_here());
    }
    let model = pipeline::resolve(&loaded, &config);
    let falls_short = complain_of_charts(&source) && input.helm;
    let whole = path.is_some() && source.directory().is_some_and(|directory| directory.covers(&home));
    Ok(Run { loaded, config, model, source, falls_short, whole, own_rules })
}

/// Says which charts were to be rendered and are not; the result is whether that is because there is no Helm. Then
/// nothing can be done where the command line asks for it; where `poollint.toml` does, it stays with a word.
fn complain_of_charts(source: &Source) -> bool {
    let Some(Unrendered { charts, lacks_helm }) = source.unrendered() else { return false };
    if charts > 0 {
        let charts = match charts {
            1 => "one chart is not rendered".to_owned(),
            charts => format!("{charts} charts are not rendered"),
        };
        output::complain(&match lacks_helm {
            true => format!("there is no helm on the PATH: {charts}"),
            false => format!("{charts}; check --files says why"),
        });
    }
    lacks_helm
}

/// How often what lies outside the named paths may name something further out.
const WIDENINGS: usize = 8;

/// The configuration among the files of a run, for another reading.
fn only_configurations(files: &Files) -> Files {
    let mut only = Files::default();
    for (_, file) in files.iter().filter(|(_, file)| file.kind == Kind::Configuration) {
        only.add(&file.path, Kind::Configuration, file.text.clone());
    }
    only
}

/// The configuration in the file at `path`.
fn configuration(path: Option<&Path>, input: &InputArgs, files: &mut Files) -> Result<Config, Failure> {
    let Some(path) = path else { return Ok(Config::default()) };
    if input.staged
        && input.config.is_none()
        && let Some(text) = staged(path)
    {
        return read(&shown(path), &text, files);
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        let path = path.display().to_string();
        Failure::Tree(TreeError::Unreadable { path, reason: Unread::Denied(error.to_string()) })
    })?;
    read(&shown(path), &text, files)
}

/// The file that `--config` names, else the nearest `poollint.toml` from the first path upwards to the root of the git
/// work tree.
fn configuration_path(input: &InputArgs) -> Option<PathBuf> {
    input.config.clone().or_else(|| nearest(input))
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
pub(super) fn only_configuration(input: &InputArgs) -> Result<(Config, Vec<Page>), Failure> {
    let mut files = Files::default();
    let path = configuration_path(input);
    let config = configuration(path.as_deref(), input, &mut files)?;
    let own = own_rules(&config, &home(path.as_deref()), &files)?;
    Ok((config, own))
}

/// The directory of the configuration.
fn home(configuration: Option<&Path>) -> PathBuf {
    let home = configuration.and_then(Path::parent).filter(|home| !home.as_os_str().is_empty());
    home.unwrap_or(Path::new(".")).to_owned()
}

/// The pages that the configuration in the directory `home` names.
fn own_rules(config: &Config, home: &Path, files: &Files) -> Result<Vec<Page>, Failure> {
    let Some(place) = config.rules_from_place else { return Ok(Vec::new()) };
    let complain = |message: String| located(files, place, message);
    own_rules::load(home, &config.rules_from, &complain)
}
