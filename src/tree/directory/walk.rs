//! The walk: every directory is a task of its own, and what they find is sorted at the end.

use std::ffi::OsStr;
use std::fs::{self, DirEntry, FileType};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::Scope;

use super::ignored::Rules;
use super::{Directory, EXCLUDED, readable, resolve, unread};
use crate::tree::names::{is_candidate, is_dot_env, is_never_entered};
use crate::tree::{Found, Kind, Skipped, TreeError, Unread, Walk};

/// Everything the user named, and every candidate below the directories among it.
pub(super) fn walk(tree: &Directory) -> Result<Walk, TreeError> {
    let walker = Walker { tree, whole: Mutex::default() };
    rayon::scope(|scope| {
        for start in &tree.starts {
            let place = if start.is_empty() { tree.root.clone() } else { tree.root.join(start) };
            let here = Here { rules: Rules::above(&place, Rules::FILES, true), path: start.clone(), place };
            let walker = &walker;
            scope.spawn(move |scope| walker.directory(scope, here));
        }
    });
    let mut walk = walker.whole.into_inner().unwrap_or_else(PoisonError::into_inner);
    walk.found.retain(|found| !tree.explicit.contains_key(&found.path));
    walk.skipped.retain(|skipped| !tree.explicit.contains_key(&skipped.path));
    walk.found.extend(tree.explicit.keys().map(|path| Found { path: path.clone(), explicit: true }));
    walk.found.sort_by(|one, other| one.path.cmp(&other.path));
    walk.found.dedup();
    walk.skipped.sort();
    walk.skipped.dedup();
    Ok(walk)
}

struct Walker<'a> {
    tree: &'a Directory,
    whole: Mutex<Walk>,
}

/// A directory that is being walked.
struct Here {
    place: PathBuf,
    /// Relative to the root.
    path: String,
    /// What holds in it from above.
    rules: Option<Arc<Rules>>,
}

impl Walker<'_> {
    fn directory<'scope>(&'scope self, scope: &Scope<'scope>, here: Here) {
        let mut part = Walk::default();
        match fs::read_dir(&here.place) {
            Ok(entries) => {
                let rules = Rules::enter(&here.place, Rules::FILES, here.rules);
                for entry in entries {
                    match entry {
                        Ok(entry) => self.entry(scope, &entry, &here.path, rules.as_ref(), &mut part),
                        Err(error) => part.skip(&here.path, &unread(&error)),
                    }
                }
            }
            // It was deleted since its parent was read.
            Err(error) if unread(&error) == Unread::Missing => {}
            Err(error) => part.skip(&here.path, &unread(&error)),
        }
        if !(part.found.is_empty() && part.skipped.is_empty()) {
            let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
            whole.found.append(&mut part.found);
            whole.skipped.append(&mut part.skipped);
        }
    }

    fn entry<'scope>(
        &'scope self,
        scope: &Scope<'scope>,
        entry: &DirEntry,
        above: &str,
        rules: Option<&Arc<Rules>>,
        part: &mut Walk,
    ) {
        let os_name = entry.file_name();
        let name = os_name.to_string_lossy();
        let path = if above.is_empty() { name.clone().into_owned() } else { format!("{above}/{name}") };
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => {
                if is_candidate(&path) {
                    part.skip(&path, &unread(&error));
                }
                return;
            }
        };
        if kind.is_dir() {
            self.subdirectory(scope, entry.path(), &os_name, path, rules, part);
        } else if is_candidate(&path) {
            self.file(&entry.path(), &os_name, path, kind, rules, part);
        } else if kind.is_symlink() {
            self.other_link(&entry.path(), &name, &path, rules, part);
        }
    }

    fn subdirectory<'scope>(
        &'scope self,
        scope: &Scope<'scope>,
        place: PathBuf,
        name: &OsStr,
        path: String,
        rules: Option<&Arc<Rules>>,
        part: &mut Walk,
    ) {
        if place.join("pyvenv.cfg").symlink_metadata().is_ok() {
            return;
        }
        // Container engines make a directory of a file they are to mount and do not find.
        if Kind::of_path(&path).is_some() {
            part.skip(&path, &Unread::Directory);
        }
        if name.to_str().is_some_and(is_never_entered) || self.tree.left_out(&place, true, rules).is_some() {
            return;
        }
        if name.to_str().is_none() {
            part.skip(&path, &not_utf8());
        } else {
            let here = Here { place, path, rules: rules.cloned() };
            scope.spawn(move |scope| self.directory(scope, here));
        }
    }

    /// A candidate that is no directory.
    fn file(
        &self,
        place: &Path,
        name: &OsStr,
        path: String,
        kind: FileType,
        rules: Option<&Arc<Rules>>,
        part: &mut Walk,
    ) {
        if let Some(reason) = self.tree.left_out(place, false, rules)
            && (reason == EXCLUDED || !is_dot_env(&path))
        {
            // Of what only its content would tell, nothing is known.
            if Kind::of_path(&path).is_some() {
                part.skipped.push(Skipped { path, reason });
            }
            return;
        }
        if name.to_str().is_none() {
            part.skip(&path, &not_utf8());
            return;
        }
        let metadata = if kind.is_symlink() {
            resolve(&self.tree.root, place)
                .and_then(|real| fs::metadata(real).map_err(|error| unread(&error)))
                .and_then(|metadata| readable(&metadata))
        } else if kind.is_file() {
            // The size is looked at when the file is read.
            Ok(0)
        } else {
            Err(Unread::Special)
        };
        match metadata {
            Ok(_) => part.found.push(Found { path, explicit: false }),
            Err(reason) => part.skip(&path, &reason),
        }
    }

    /// A link whose name says nothing. One to a directory outside the tree is worth a word: somebody may
    /// expect what lies there to be read.
    fn other_link(&self, place: &Path, name: &str, path: &str, rules: Option<&Arc<Rules>>, part: &mut Walk) {
        let out = || {
            self.tree
                .left_out(place, false, rules)
                .or_else(|| self.tree.left_out(place, true, rules))
                .is_some()
        };
        if fs::metadata(place).is_ok_and(|metadata| metadata.is_dir())
            && !is_never_entered(name)
            && !out()
            && resolve(&self.tree.root, place) == Err(Unread::BadLink)
        {
            part.skip(path, &Unread::BadLink);
        }
    }
}

fn not_utf8() -> Unread {
    Unread::Denied("its name is not UTF-8".to_owned())
}

impl Walk {
    fn skip(&mut self, path: &str, reason: &Unread) {
        let path = if path.is_empty() { "." } else { path };
        self.skipped.push(Skipped { path: path.to_owned(), reason: reason.to_string() });
    }
}
