//! A tree that is held in memory: tests, editor buffers, files that another tool rendered.

use std::collections::BTreeMap;

use super::names::is_candidate;
use super::path::normalize;
use super::{Found, Tree, TreeError, TreePath, Unread, Walk};

/// Files by path. Nothing is ignored, and nothing is too large.
#[derive(Default)]
pub struct Memory {
    files: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// A tree of these files; of two with one path the later counts. A path that leads out of the tree is
    /// left out.
    #[must_use]
    pub fn new<P: AsRef<str>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let files =
            files.into_iter().filter_map(|(path, bytes)| Some((normalize(path.as_ref())?, bytes.into())));
        Self { files: files.collect() }
    }
}

impl std::fmt::Debug for Memory {
    /// Never shows content: it may hold credentials.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.files.keys()).finish()
    }
}

impl Tree for Memory {
    fn walk(&self) -> Result<Walk, TreeError> {
        let candidates = self.files.keys().filter(|path| is_candidate(path));
        let found = candidates.map(|path| Found { path: path.clone(), explicit: false }).collect();
        Ok(Walk { found, skipped: Vec::new() })
    }

    fn read(&self, path: &TreePath) -> Result<Vec<u8>, Unread> {
        let path = normalize(path).ok_or(Unread::Missing)?;
        self.files.get(&path).cloned().ok_or(Unread::Missing)
    }
}
