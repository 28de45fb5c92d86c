//! The files of a directory that git's index lists, with the contents that they have on disk.

use super::super::{Directory, Found, Tree, TreeError, TreePath, Unread, Walk};
use super::Git;
use super::listing::{Listing, Mode};
use super::selection::{self, Ignoring};
use super::versioned::must_be_listed;

/// A directory of which only what git tracks is seen: a developer's own `.env` is not.
#[derive(Debug)]
pub struct Tracked {
    place: Directory,
    listing: Listing,
}

impl Tracked {
    /// What the index lists of `place`.
    ///
    /// # Errors
    /// When there is no repository, or a path that the user named is not in its index.
    pub fn new(place: Directory) -> Result<Self, TreeError> {
        let listing = Git::of(place.root())?.index()?;
        must_be_listed(&place, &listing)?;
        Ok(Self { place, listing })
    }

    /// The directory itself.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.place
    }

    fn is_tracked_file(&self, path: &str) -> bool {
        self.listing.get(path).is_some_and(|entry| entry.mode == Mode::File)
    }
}

impl Tree for Tracked {
    fn walk(&self) -> Result<Walk, TreeError> {
        let text = |path: &str| {
            let bytes = self.read(path).ok().filter(|bytes| bytes.len() <= 1_000_000)?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        let mut walk = selection::walk(&self.place, &self.listing, Ignoring::Others, &text);
        for path in self.place.explicit() {
            walk.found.retain(|found| found.path != path);
            walk.skipped.retain(|skipped| skipped.path != path);
            walk.found.push(Found { path: path.to_owned(), explicit: true });
        }
        Ok(walk)
    }

    fn read(&self, path: &TreePath) -> Result<Vec<u8>, Unread> {
        // What a tracked link leads to is tracked, or it is not seen: `.env -> .env.local` is nobody else's.
        let real = self.place.locate(path)?;
        let named = self.place.explicit().any(|explicit| explicit == path);
        if named || self.place.relative(&real).is_some_and(|real| self.is_tracked_file(&real)) {
            self.place.read(path)
        } else {
            Err(Unread::Missing)
        }
    }
}
