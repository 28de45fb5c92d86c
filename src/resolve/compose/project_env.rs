//! The variables that Compose interpolates with, as far as files tell: the project's `.env`.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::REQUIRED_VARIABLE as REQUIRED;
use crate::resolve::interpolate;
use crate::span::{FileId, Span, Text};
use crate::syntax::dotenv::Dialect;
use crate::tree::Files;

/// Variables that every shell sets, or Compose itself: no `.env` needs to.
const AMBIENT: [&str; 14] = [
    "COMPOSE_PROJECT_NAME",
    "GID",
    "HOME",
    "HOST",
    "HOSTNAME",
    "LANG",
    "LOGNAME",
    "PATH",
    "PWD",
    "SHELL",
    "TERM",
    "TMPDIR",
    "UID",
    "USER",
];

/// Whether a shell, or Compose, sets this variable.
#[must_use]
pub fn is_ambient(name: &str) -> bool {
    AMBIENT.contains(&name)
}

/// What interpolation sees. The ambient shell is never read.
#[derive(Debug, Clone, Default)]
pub struct ProjectEnv {
    values: BTreeMap<String, Text>,
    /// Whether the project has a `.env`: a variable that it lacks is then taken for unset.
    complete: bool,
    /// The files it was read from.
    files: Vec<FileId>,
    /// Variables that these demand and nothing in the repository sets.
    required: BTreeSet<String>,
}

impl ProjectEnv {
    /// The variables of a project in `directory`.
    #[must_use]
    pub fn of_directory(files: &Files, directory: &str) -> Self {
        let path = if directory.is_empty() { ".env".to_owned() } else { format!("{directory}/.env") };
        let mut env = Self::default();
        if let Some(file) = files.find(&path) {
            env.complete = true;
            env.add(files, file, &Self::default());
        }
        env
    }

    /// The variables of a project in `directory` when Compose is started in `started`: the `.env` there wins over the
    /// project's own (observed with Docker Compose 5.6.1).
    #[must_use]
    pub fn of_project(files: &Files, started: &str, directory: &str) -> Self {
        let outer = Self::of_directory(files, started);
        if started == directory {
            return outer;
        }
        let own = Self::of_directory(files, directory);
        let mut env = outer.below(files, &own.files);
        env.complete |= own.complete;
        env.files.splice(0..0, outer.files);
        env.required.extend(outer.required);
        env
    }

    /// The variables of an included project: its own files supply what the including one lacks.
    #[must_use]
    pub fn below(&self, files: &Files, own: &[FileId]) -> Self {
        let mut env = Self { complete: self.complete, ..Self::default() };
        for file in own {
            env.add(files, *file, self);
        }
        env.values.extend(self.values.clone());
        env
    }

    /// Adds what a file defines, over what the files before it did. Its references go to `outer` first.
    fn add(&mut self, files: &Files, file: FileId, outer: &Self) {
        self.files.push(file);
        let text = files.text(file);
        let map = interpolate::env_file_after(text, file, Dialect::Compose, outer, &self.values);
        self.required.extend(map.missing_required.iter().filter_map(|span| demanded(text, *span)));
        for (name, variable) in map.variables {
            if let Some(text) = variable.text {
                self.values.insert(name, text);
            }
        }
    }

    /// The names of its variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The names that its other files set.
    pub fn names_beside<'a>(&'a self, files: &'a Files, file: FileId) -> impl Iterator<Item = String> + 'a {
        let others = self.files.iter().filter(move |other| **other != file);
        others.flat_map(|other| {
            interpolate::env_file(files.text(*other), *other, Dialect::Compose, self).variables.into_keys()
        })
    }

    /// The value of a variable.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Text> {
        self.values.get(name)
    }

    /// Whether the absence of this variable means that it is unset.
    #[must_use]
    pub fn tells(&self, name: &str) -> bool {
        self.complete && !is_ambient(name)
    }

    /// Variables that its files demand (`${NAME:?}`) and nothing in the repository sets.
    #[must_use]
    pub fn required(&self) -> &BTreeSet<String> {
        &self.required
    }

    /// The files it was read from.
    #[must_use]
    pub fn files(&self) -> &[FileId] {
        &self.files
    }
}

/// The name in a reference of an env file's text.
#[must_use]
pub fn demanded(text: &str, reference: Span) -> Option<String> {
    let inner = text.get(reference.start..reference.end)?.strip_prefix("${")?;
    let end = inner.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')?;
    inner.get(..end).map(str::to_owned)
}

/// A note about variables that something demands and that are not in the repository.
#[must_use]
pub fn required(names: &BTreeSet<String>) -> Option<String> {
    let list: Vec<&str> = names.iter().map(String::as_str).collect();
    match list.as_slice() {
        [] => None,
        [name] => Some(format!("{REQUIRED} {name} is not in the repository")),
        names => Some(format!("{REQUIRED}s {} are not in the repository", names.join(", "))),
    }
}
