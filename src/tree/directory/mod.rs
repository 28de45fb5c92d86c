//! A working directory as a tree.
//!
//! What the walk sees: every candidate (see [`super::names`]) in every directory that no ignore file
//! leaves out, hidden ones too, except those that tools fill (`node_modules`, `.git` …). Ignore files are
//! `.gitignore` and `.ignore`, of the directories up to the top of the git repository, and the
//! repository's own `info/exclude`; the user's global ones are not asked, so that everybody sees the same.
//! `.env` and its kin are seen although git ignores them, but not inside a directory that is ignored as a
//! whole: that is build output, or somebody's scratch space. What the user names wins over all of this.
//!
//! Symbolic links to files inside the tree are followed; those to directories need not be, for what lies
//! inside is found where it is, and what lies outside does not belong to the tree.

mod ignored;
mod open;
mod walk;
mod widen;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::Gitignore;

pub(in crate::tree) use ignored::Rules;
pub use open::open;

use super::path::normalize;
use super::stream::{denied, read_at_most};
use super::{Tree, TreeError, TreePath, Unread, Walk};

/// The largest file that is read: 10 MB. What people write by hand is a thousand times smaller; what is
/// larger is a dump.
pub const MAX_FILE_BYTES: u64 = 10_000_000;

/// Why what the configuration's patterns name is left out.
pub(in crate::tree) const EXCLUDED: &str = "excluded by the configuration";

/// What the walk leaves out besides.
#[derive(Debug, Clone, Default)]
pub struct WalkOptions {
    /// Patterns of files and directories to leave out, relative to the root, in the syntax of
    /// `.gitignore`. A path that the user names is not left out.
    pub exclude: Vec<String>,
}

/// A directory, or some files and directories below it.
#[derive(Debug, Clone)]
pub struct Directory {
    /// Absolute, without links.
    root: PathBuf,
    /// Directories to walk, relative to the root; the root itself is the empty path.
    starts: Vec<String>,
    /// Files that the user named: by relative path, where they really are.
    explicit: BTreeMap<String, PathBuf>,
    exclude: Gitignore,
    options: WalkOptions,
    /// Whether the root is wider than what was named asks for.
    widened: bool,
}

impl Directory {
    /// All of one directory.
    ///
    /// # Errors
    /// When it is no directory, or cannot be read.
    pub fn new(root: &Path) -> Result<Self, TreeError> {
        open(&[root.to_owned()], &WalkOptions::default()).and_then(|directory| {
            if directory.explicit.is_empty() {
                Ok(directory)
            } else {
                Err(open::unreadable(root, Unread::Denied("not a directory".to_owned())))
            }
        })
    }

    /// The directory that paths are relative to; absolute.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directories that are walked, relative to the root; the root itself is empty.
    #[must_use]
    pub fn starts(&self) -> &[String] {
        &self.starts
    }

    /// The files that the user named, relative to the root.
    pub fn explicit(&self) -> impl Iterator<Item = &str> {
        self.explicit.keys().map(String::as_str)
    }

    /// A place inside the root, relative to it.
    pub(in crate::tree) fn relative(&self, place: &Path) -> Option<String> {
        open::relative(&self.root, place)
    }

    /// Why an exclude pattern or an ignore file leaves out a place (absolute).
    pub(in crate::tree) fn left_out(
        &self,
        place: &Path,
        is_directory: bool,
        rules: Option<&Arc<Rules>>,
    ) -> Option<String> {
        if self.exclude.matched(place, is_directory).is_ignore() {
            return Some(EXCLUDED.to_owned());
        }
        let file = rules?.ignore(place, is_directory)?;
        let name = || file.file_name().map(|name| name.to_string_lossy().into_owned());
        Some(format!("ignored by {}", self.relative(file).or_else(name).unwrap_or_default()))
    }

    /// Where the root is, seen from the current directory: empty, or with `/` at its end. Only what lies on one line
    /// with it, or in one repository, has a name that is the same on every machine.
    #[must_use]
    pub fn from_here(&self) -> String {
        let Ok(here) = fs::canonicalize(".") else { return String::new() };
        let shared = here.ancestors().find(|above| self.root.starts_with(above));
        let Some(shared) = shared else { return String::new() };
        let one_line = shared == here || shared == self.root;
        if !one_line && !shared.ancestors().any(|above| above.join(".git").exists()) {
            return String::new();
        }
        let up = open::relative(shared, &here).unwrap_or_default();
        let up = if up.is_empty() { 0 } else { up.split('/').count() };
        match open::relative(shared, &self.root).unwrap_or_default() {
            below if below.is_empty() => "../".repeat(up),
            below => format!("{}{below}/", "../".repeat(up)),
        }
    }

    /// Where the file at this path of the tree is.
    ///
    /// # Errors
    /// When there is none, or it is reached through a link that leaves the tree.
    pub fn locate(&self, path: &TreePath) -> Result<PathBuf, Unread> {
        if let Some(place) = self.explicit.get(path) {
            return Ok(place.clone());
        }
        let path = normalize(path).ok_or(Unread::Missing)?;
        resolve(&self.root, &self.root.join(path))
    }
}

impl Tree for Directory {
    fn walk(&self) -> Result<Walk, TreeError> {
        walk::walk(self)
    }

    fn read(&self, path: &TreePath) -> Result<Vec<u8>, Unread> {
        read_file(&self.locate(path)?)
    }

    fn is_kept_out(&self, path: &TreePath) -> bool {
        self.locate(path).is_ok_and(|place| ignored::is_kept_out(&place))
    }
}

/// Where `place` really is, if that is inside `root`, which has no links in it.
fn resolve(root: &Path, place: &Path) -> Result<PathBuf, Unread> {
    match fs::canonicalize(place) {
        Ok(real) if real.starts_with(root) => Ok(real),
        Ok(_) => Err(Unread::BadLink),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(denied(&error)),
        // A loop has no error kind of its own; but where there is a link and nothing behind it, either it
        // leads nowhere or in a circle.
        Err(error) => match fs::symlink_metadata(place) {
            Ok(metadata) if metadata.is_symlink() => Err(Unread::BadLink),
            _ => Err(unread(&error)),
        },
    }
}

/// The content of a file. Its type and size are looked at first: to open a pipe would wait for a writer,
/// and to read a huge file would fill the memory.
fn read_file(place: &Path) -> Result<Vec<u8>, Unread> {
    let size = readable(&fs::metadata(place).map_err(|error| unread(&error))?)?;
    let file = File::open(place).map_err(|error| unread(&error))?;
    read_at_most(file, size, MAX_FILE_BYTES)
}

/// The size of something that can be read.
fn readable(metadata: &fs::Metadata) -> Result<u64, Unread> {
    if metadata.is_dir() {
        Err(Unread::Directory)
    } else if !metadata.is_file() {
        Err(Unread::Special)
    } else if metadata.len() > MAX_FILE_BYTES {
        Err(Unread::TooLarge(metadata.len()))
    } else {
        Ok(metadata.len())
    }
}

/// An error of the operating system as a reason. Names that no file can have (too long, with a NUL, below
/// a file) are those of missing files.
fn unread(error: &io::Error) -> Unread {
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::InvalidFilename => Unread::Missing,
        io::ErrorKind::IsADirectory => Unread::Directory,
        _ => denied(error),
    }
}
