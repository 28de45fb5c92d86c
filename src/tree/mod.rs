//! Station one: where files come from.
//!
//! A [`Tree`] answers two questions, what is there and what is in it; [`Files`] is what a run has read
//! from one. A working directory, a git revision, the index, standard input and memory are trees, and nothing
//! after this module notices which.

mod charts;
mod classify;
mod directory;
mod files;
mod framework;
mod git;
mod helm;
mod kind;
mod load;
mod memory;
mod names;
mod overlay;
mod path;
mod platform;
mod program;
mod stream;
mod template;

pub use charts::Rendered;
pub use classify::{Given, classify};
pub use directory::{Directory, MAX_FILE_BYTES, WalkOptions, open};
pub use files::{Files, Position, Skipped, SourceFile};
pub use framework::Framework;
pub use git::{Commit, Exported, Git, Tracked, Versioned};
pub use helm::Helm;
pub use kind::Kind;
pub use load::{Loaded, load, load_more};
pub use memory::Memory;
pub use names::{hook_pattern, is_candidate, is_dot_env, is_never_entered};
pub use overlay::Overlay;
pub use path::{beyond, normalize};
pub use platform::Platform;
pub use stream::{MAX_STREAM_BYTES, STDIN, Stream};

use std::fmt;

/// A path relative to the root of a tree, with `/` on every system, without `./`.
pub type TreePath = str;

/// Somewhere files can be read from.
pub trait Tree: Sync {
    /// Every file that could matter, in any order, and everything that was passed over with the reason.
    ///
    /// # Errors
    /// When the root itself, or a path that was named explicitly, cannot be read.
    fn walk(&self) -> Result<Walk, TreeError>;

    /// The bytes of one file, whether or not [`Tree::walk`] listed it.
    ///
    /// # Errors
    /// When there is no such file, or it is too large, special or unreadable.
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, Unread>;

    /// Whether its one file is what another program wrote, like rendered manifests on standard input.
    fn is_stream(&self) -> bool {
        false
    }

    /// Whether git keeps the file at this path out of the repository: an ignore file names it, and the index does
    /// not have it all the same. Outside a git work tree no file is kept out.
    fn is_kept_out(&self, path: &TreePath) -> bool {
        let _ = path;
        false
    }

    /// The chart's directory (`.` for the root), when the file at this path is what Helm makes of one.
    fn rendered_from(&self, path: &TreePath) -> Option<&str> {
        let _ = path;
        None
    }
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walk {
    /// Candidates, by relative path.
    pub found: Vec<Found>,
    /// What was passed over although its name made it a candidate.
    pub skipped: Vec<Skipped>,
}

/// A file that a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Path relative to the root.
    pub path: String,
    /// Whether the user named this very file: then its kind is guessed from its content too, and failing
    /// to read it is fatal.
    pub explicit: bool,
}

/// Why a file could not be read; its `Display` is the reason shown to users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Nothing is there.
    Missing,
    /// It exists, but is a directory.
    Directory,
    /// It exists, but is a pipe, a socket or a device.
    Special,
    /// A symbolic link that leads nowhere, in a circle or out of the tree.
    BadLink,
    /// Larger than poollint reads; the size in bytes.
    TooLarge(u64),
    /// The operating system refused.
    Denied(String),
    /// It was read, but is not UTF-8 text; what it is instead.
    NotText(String),
}

impl fmt::Display for Unread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("no such file"),
            Self::Directory => formatter.write_str("is a directory"),
            Self::Special => formatter.write_str("is not a regular file"),
            Self::BadLink => {
                formatter.write_str("broken or looping symbolic link, or one that leaves the tree")
            }
            Self::TooLarge(bytes) => {
                write!(formatter, "{} MB is more than poollint reads", bytes / 1_000_000)
            }
            Self::Denied(reason) => write!(formatter, "cannot be read: {reason}"),
            Self::NotText(reason) => formatter.write_str(reason),
        }
    }
}

/// The tool cannot do its work: exit status 2.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A path given on the command line cannot be read or parsed.
    #[error("{path}: {reason}")]
    Unreadable {
        /// As the user wrote it, credentials masked.
        path: String,
        /// Why.
        reason: Unread,
    },
    /// Git cannot say what was asked of it.
    #[error("{0}")]
    Git(String),
    /// A pattern of files to leave out is not a pattern.
    #[error("exclude pattern `{pattern}`: {reason}")]
    BadPattern {
        /// The pattern, credentials masked.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}
