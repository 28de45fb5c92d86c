//! From the paths on the command line to a tree: which directory is the root, and what is read of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{Directory, WalkOptions, readable, unread};
use crate::mask;
use crate::tree::{TreeError, Unread};

/// A path that the user named.
enum Named {
    Directory(PathBuf),
    /// By the name the user gave it, and where that leads: a link by name wins even if it leaves the tree.
    File(PathBuf, PathBuf),
}

impl Named {
    fn place(&self) -> &Path {
        match self {
            Self::Directory(place) | Self::File(place, _) => place,
        }
    }

    fn directory(&self) -> &Path {
        match self {
            Self::Directory(place) => place,
            Self::File(place, _) => place.parent().unwrap_or(place),
        }
    }
}

/// The tree of the paths that the user named. A single directory is the root. Of files, and of several
/// paths, the root is the current directory when all lie inside it, and else the innermost directory that
/// holds them all. No path at all is the current directory.
///
/// # Errors
/// When one of them does not exist or cannot be read, or an exclude pattern is none.
pub fn open(paths: &[PathBuf], options: &WalkOptions) -> Result<Directory, TreeError> {
    let current = fs::canonicalize(".").map_err(|error| unreadable(Path::new("."), unread(&error)))?;
    let named = paths.iter().map(|path| name(path)).collect::<Result<Vec<_>, _>>()?;
    let root = match named.as_slice() {
        [] => current,
        [Named::Directory(place)] => place.clone(),
        all if all.iter().all(|one| one.place().starts_with(&current)) => current,
        all => common(all),
    };
    let mut starts = BTreeSet::new();
    let mut explicit = BTreeMap::new();
    if named.is_empty() {
        starts.insert(String::new());
    }
    for (one, path) in named.into_iter().zip(paths) {
        let relative = relative(&root, one.place())
            .ok_or_else(|| unreadable(path, Unread::Denied("its name is not UTF-8".to_owned())))?;
        match one {
            Named::Directory(_) => {
                starts.insert(relative);
            }
            Named::File(_, real) => {
                explicit.insert(relative, real);
            }
        }
    }
    let exclude = excluded(&root, options)?;
    let options = options.clone();
    Ok(Directory { root, starts: starts.into_iter().collect(), explicit, exclude, options, widened: false })
}

/// The patterns of what is left out, relative to the root.
pub(super) fn excluded(root: &Path, options: &WalkOptions) -> Result<Gitignore, TreeError> {
    let mut exclude = GitignoreBuilder::new(root);
    for pattern in &options.exclude {
        exclude.add_line(None, pattern).map_err(|error| bad_pattern(pattern, &error))?;
    }
    exclude.build().map_err(|error| bad_pattern("", &error))
}

fn name(path: &Path) -> Result<Named, TreeError> {
    let fail = |error: &std::io::Error| match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() && error.kind() != std::io::ErrorKind::PermissionDenied => {
            unreadable(path, Unread::BadLink)
        }
        _ => unreadable(path, unread(error)),
    };
    let metadata = fs::metadata(path).map_err(|error| fail(&error))?;
    let real = fs::canonicalize(path).map_err(|error| fail(&error))?;
    if metadata.is_dir() {
        fs::read_dir(&real).map_err(|error| unreadable(path, unread(&error)))?;
        return Ok(Named::Directory(real));
    }
    readable(&metadata).map_err(|reason| unreadable(path, reason))?;
    // The directory without links, but the file by the name it was given: that name tells its kind.
    let above = match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    let place = match path.file_name() {
        Some(name) => fs::canonicalize(above).map_err(|error| fail(&error))?.join(name),
        None => real.clone(),
    };
    Ok(Named::File(place, real))
}

/// The innermost directory that holds all of these.
fn common(all: &[Named]) -> PathBuf {
    let mut directories = all.iter().map(Named::directory);
    let mut root = directories.next().map(Path::to_owned).unwrap_or_default();
    for directory in directories {
        while !directory.starts_with(&root) && root.pop() {}
    }
    root
}

/// `place` relative to `root`, with `/`; nothing when a name on the way is not UTF-8.
pub(super) fn relative(root: &Path, place: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in place.strip_prefix(root).ok()?.components() {
        if let Component::Normal(part) = part {
            parts.push(part.to_str()?);
        }
    }
    Some(parts.join("/"))
}

/// The error for a path that the user wrote: it may be a connection string by mistake.
pub(super) fn unreadable(path: &Path, reason: Unread) -> TreeError {
    TreeError::Unreadable { path: mask::line(&path.to_string_lossy()), reason }
}

fn bad_pattern(pattern: &str, error: &ignore::Error) -> TreeError {
    // The error's own text repeats the pattern.
    let reason = match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    };
    TreeError::BadPattern { pattern: mask::line(pattern), reason: mask::line(&reason) }
}
