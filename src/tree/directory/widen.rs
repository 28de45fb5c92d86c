//! A wider root for what the named paths need and do not hold: the base of an overlay, the file that a Compose file
//! extends. The walk stays in the named paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::Directory;
use super::open::{excluded, relative};
use crate::tree::TreePath;

impl Directory {
    /// The same paths under a root that also holds those files of `beyond` that exist inside the repository; nothing
    /// when there are none. Paths in `beyond` are relative to the root and lead out of it. The root is chosen as if
    /// the files had been named too. The repository reaches from the nearest `.git`, and without one from the current
    /// directory.
    #[must_use]
    pub fn widened<'a>(&self, beyond: impl IntoIterator<Item = &'a String>) -> Option<Self> {
        let current = fs::canonicalize(".").ok();
        let repository = self.root.ancestors().find(|above| above.join(".git").symlink_metadata().is_ok());
        let here = current.as_deref().filter(|here| here.parent().is_some() && self.root.starts_with(here));
        let bound = repository.or(here)?;
        let mut found: BTreeSet<PathBuf> = BTreeSet::new();
        for path in beyond {
            let place = above(&self.root, path).filter(|place| place.starts_with(bound));
            // What a link on the way leads to must lie in the repository as well.
            let exists = |place: &PathBuf| {
                fs::canonicalize(place).is_ok_and(|real| real.starts_with(bound) && real.is_file())
            };
            found.extend(place.filter(exists));
        }
        if found.is_empty() {
            return None;
        }
        let holds =
            |root: &Path| self.root.starts_with(root) && found.iter().all(|place| place.starts_with(root));
        let named_from = current.as_deref().filter(|current| current.starts_with(bound) && holds(current));
        let root = named_from.or_else(|| self.root.ancestors().find(|above| holds(above)))?.to_owned();
        let prefix = relative(&root, &self.root)?;
        let below = |path: &str| match (prefix.is_empty(), path.is_empty()) {
            (true, _) => path.to_owned(),
            (false, true) => prefix.clone(),
            (false, false) => format!("{prefix}/{path}"),
        };
        let explicit: BTreeMap<String, PathBuf> =
            self.explicit.iter().map(|(path, place)| (below(path), place.clone())).collect();
        Some(Self {
            widened: true,
            starts: self.starts.iter().map(|start| below(start)).collect(),
            explicit,
            exclude: excluded(&root, &self.options).ok()?,
            options: self.options.clone(),
            root,
        })
    }

    /// Whether the walk sees all that lies in or below the directory `place`.
    #[must_use]
    pub fn covers(&self, place: &Path) -> bool {
        let Ok(place) = fs::canonicalize(place) else { return false };
        self.starts.iter().any(|start| place.starts_with(self.root.join(start)))
    }

    /// Whether the user named the file at this path, or a directory above it. Without a wider root all are.
    #[must_use]
    pub fn names(&self, path: &TreePath) -> bool {
        let inside = |start: &String| {
            start.is_empty() || path.strip_prefix(start.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        !self.widened || self.explicit.contains_key(path) || self.starts.iter().any(inside)
    }
}

/// `path`, which may begin with `..`, seen from `root`, which has no links in it.
fn above(root: &Path, path: &str) -> Option<PathBuf> {
    let mut place = root.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => place.pop().then_some(())?,
            Component::Normal(part) => place.push(part),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(place)
}
