//! The files of a revision or of the index, names and contents, as a tree.

use std::collections::BTreeSet;

use super::super::path::normalize;
use super::super::{Directory, Found, Tree, TreeError, TreePath, Unread, Walk};
use super::listing::{Entry, Listing, Mode};
use super::objects::Objects;
use super::selection::{self, Ignoring};
use super::{Commit, Git};

/// How many links one path may lead through, as in Linux.
const MOST_LINKS: usize = 40;

/// A directory as a commit or the index has it.
#[derive(Debug)]
pub struct Versioned {
    /// What of it is asked for, and where it stands.
    place: Directory,
    listing: Listing,
    objects: Objects,
    ignoring: Ignoring,
    /// Paths that are read from the directory itself.
    beside: BTreeSet<String>,
    /// Whether a path that the user named must be there.
    strict: bool,
    /// Whether such a path is one like others: then it need not be in order either.
    lenient: bool,
}

impl Versioned {
    /// What the index has of `place`: what would be committed now.
    ///
    /// # Errors
    /// When there is no repository, or a path that the user named is not in its index.
    pub fn staged(place: Directory) -> Result<Self, TreeError> {
        let git = Git::of(place.root())?;
        let listing = git.index()?;
        let objects = Objects::new(git);
        let tree = Self {
            place,
            listing,
            objects,
            ignoring: Ignoring::Others,
            beside: BTreeSet::new(),
            strict: true,
            lenient: false,
        };
        must_be_listed(&tree.place, &tree.listing)?;
        Ok(tree)
    }

    /// What `commit` has of `place`. Nothing that the user named must be there.
    ///
    /// # Errors
    /// When git fails.
    pub fn at(place: Directory, git: &Git, commit: &Commit) -> Result<Self, TreeError> {
        let listing = git.listing(commit)?;
        let objects = Objects::new(git.clone());
        Ok(Self {
            place,
            listing,
            objects,
            ignoring: Ignoring::Others,
            beside: BTreeSet::new(),
            strict: false,
            lenient: false,
        })
    }

    /// To be compared with the directory itself: leaves out what its ignore files leave out, and has these paths, which
    /// git does not keep, as the directory has them.
    #[must_use]
    pub fn beside(mut self, paths: Vec<String>) -> Self {
        self.ignoring = Ignoring::All;
        self.beside = paths.into_iter().collect();
        self
    }

    /// As it is, but nothing fails because a file that the user named is not in order.
    #[must_use]
    pub fn leniently(self) -> Self {
        Self { lenient: true, ..self }
    }

    /// Every path that git lists.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.listing.iter().filter(|(_, entry)| entry.mode != Mode::Submodule).map(|(path, _)| path)
    }

    /// The object at a path, through links inside the tree.
    fn find(&self, path: &str) -> Result<&Entry, Unread> {
        let mut rest: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut here: Vec<String> = Vec::new();
        let mut links = 0usize;
        let missing = |links: usize| if links == 0 { Unread::Missing } else { Unread::BadLink };
        while let Some(part) = rest.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    here.pop().ok_or(Unread::BadLink)?;
                    continue;
                }
                _ => here.push(part),
            }
            let at = here.join("/");
            match self.listing.get(&at) {
                None if self.listing.is_directory(&at) => {}
                None => return Err(missing(links)),
                Some(entry) => match entry.mode {
                    Mode::File if rest.is_empty() => return Ok(entry),
                    Mode::File | Mode::Submodule => return Err(missing(links)),
                    Mode::Link => {
                        links = links.saturating_add(1);
                        let target = self.objects.read(&entry.id)?;
                        let target = String::from_utf8(target).map_err(|_| Unread::BadLink)?;
                        if links > MOST_LINKS || target.starts_with('/') {
                            return Err(Unread::BadLink);
                        }
                        here.pop();
                        rest.extend(target.split('/').rev().map(str::to_owned));
                    }
                },
            }
        }
        Err(Unread::Directory)
    }
}

/// Paths that the user named are in the index, or the run is not what was asked for.
pub(super) fn must_be_listed(place: &Directory, listing: &Listing) -> Result<(), TreeError> {
    match place.explicit().find(|path| listing.get(path).is_none()) {
        None => Ok(()),
        Some(path) => Err(TreeError::Unreadable {
            path: crate::mask::line(path),
            reason: Unread::Denied("it is not in git's index; `git add` puts it there".to_owned()),
        }),
    }
}

impl Tree for Versioned {
    fn walk(&self) -> Result<Walk, TreeError> {
        let text = |path: &str| {
            let bytes = self.read(path).ok().filter(|bytes| bytes.len() <= 1_000_000)?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        let mut walk = selection::walk(&self.place, &self.listing, self.ignoring, &text);
        if !self.beside.is_empty() {
            let found = self.place.walk()?.found.into_iter();
            walk.found.extend(found.filter(|found| self.beside.contains(&found.path)));
        }
        for path in self.place.explicit().filter(|path| !self.beside.contains(*path)) {
            walk.found.retain(|found| found.path != path);
            walk.skipped.retain(|skipped| skipped.path != path);
            if self.strict || self.find(path).is_ok() {
                walk.found.push(Found { path: path.to_owned(), explicit: !self.lenient });
            }
        }
        Ok(walk)
    }

    fn read(&self, path: &TreePath) -> Result<Vec<u8>, Unread> {
        let path = normalize(path).ok_or(Unread::Missing)?;
        if self.beside.contains(&path) {
            return self.place.read(&path);
        }
        self.find(&path).and_then(|entry| self.objects.read(&entry.id))
    }
}
