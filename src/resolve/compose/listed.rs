//! The Compose files that a `.env` lists: `COMPOSE_FILE`, which Compose takes from the `.env` of the directory that it is
//! started in. They have any name, and run as one project whose directory is the first one's
//! (<https://docs.docker.com/compose/how-tos/environment-variables/envvars/#compose_file>).

use super::project_env::ProjectEnv;
use crate::readers::{Declarations, directory, join};
use crate::span::FileId;
use crate::tree::{Files, Kind};

/// One list.
#[derive(Debug)]
pub(super) struct Listed {
    /// The directory of the `.env`, in which Compose is started.
    pub(super) started: String,
    /// Paths as written, and as paths of the tree.
    pub(super) entries: Vec<(String, Option<String>)>,
}

impl Listed {
    /// The directory of the project, when its first file is known.
    fn directory(&self) -> Option<&str> {
        Some(directory(self.entries.first()?.1.as_deref()?))
    }
}

/// The lists of all `.env` files, in the order of their paths.
pub(super) fn all(files: &Files) -> Vec<Listed> {
    let mut found: Vec<(FileId, &str)> = files
        .iter()
        .filter(|(_, file)| file.kind == Kind::EnvFile && file.text.contains("COMPOSE_FILE"))
        .filter(|(_, file)| file.path.rsplit('/').next() == Some(".env"))
        .map(|(id, file)| (id, file.path.as_ref()))
        .collect();
    found.sort_by_key(|(_, path)| *path);
    found.into_iter().filter_map(|(_, path)| list(files, directory(path))).collect()
}

fn list(files: &Files, started: &str) -> Option<Listed> {
    let env = ProjectEnv::of_directory(files, started);
    let value = |name: &str| env.value(name)?.known();
    let list = value("COMPOSE_FILE")?;
    // Windows separates by a semicolon, as drives have colons.
    let usual = if list.contains(';') && !list.contains(':') { ";" } else { ":" };
    let separator =
        value("COMPOSE_PATH_SEPARATOR").filter(|separator| !separator.is_empty()).unwrap_or(usual);
    let entries = list.split(separator).map(str::trim).filter(|entry| !entry.is_empty());
    let entries = entries.map(|entry| (entry.to_owned(), join(started, entry))).collect();
    Some(Listed { started: started.to_owned(), entries })
}

/// What is to be read because a `.env` lists it, or because a listed file that was just `read` names it: its paths count
/// from the directory of the project, wherever it stands itself.
#[must_use]
pub fn wanted(files: &Files, read: &Declarations) -> Vec<(String, Kind)> {
    let mut wanted = Vec::new();
    for list in all(files) {
        let paths: Vec<&String> = list.entries.iter().filter_map(|(_, path)| path.as_ref()).collect();
        wanted.extend(paths.iter().map(|path| ((*path).clone(), Kind::Compose)));
        let Some(home) = list.directory() else { continue };
        for file in &read.compose {
            let path = files.path(file.file);
            if !paths.iter().any(|listed| *listed == path) || directory(path) == home {
                continue;
            }
            let name = path.rsplit('/').next().unwrap_or(path);
            let seen = if home.is_empty() { name.to_owned() } else { format!("{home}/{name}") };
            wanted.extend(file.references(&seen).into_iter().map(|found| (found.path, found.kind)));
        }
    }
    wanted
}
