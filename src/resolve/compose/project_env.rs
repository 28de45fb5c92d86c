//! The variables that Compose interpolates with, as far as files tell: the project's `.env`.

use std::collections::BTreeMap;

use crate::resolve::interpolate;
use crate::span::{FileId, Text};
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
}

impl ProjectEnv {
    /// The variables of a project in `directory`.
    #[must_use]
    pub fn of_directory(files: &Files, directory: &str) -> Self {
        let path = if directory.is_empty() { ".env".to_owned() } else { format!("{directory}/.env") };
        let mut env = Self::default();
        if let Some(file) = files.find(&path) {
            env.complete = true;
            env.read(files, file);
        }
        env
    }

    /// The variables of an included project: its own files supply what the including one lacks.
    #[must_use]
    pub fn below(&self, files: &Files, own: &[FileId]) -> Self {
        let mut env = Self { values: self.values.clone(), complete: self.complete, files: Vec::new() };
        for file in own {
            env.read(files, *file);
        }
        env
    }

    /// Adds what a file defines; what is there already stays.
    fn read(&mut self, files: &Files, file: FileId) {
        self.files.push(file);
        let map = interpolate::env_file(files.text(file), file, Dialect::Compose, self);
        for (name, variable) in map.variables {
            if let Some(text) = variable.text {
                self.values.entry(name).or_insert(text);
            }
        }
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

    /// The files it was read from.
    #[must_use]
    pub fn files(&self) -> &[FileId] {
        &self.files
    }
}
