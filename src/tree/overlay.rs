//! A tree with some of its files changed, without touching them: what fixes would make of it.

use std::collections::BTreeMap;

use super::{Tree, TreeError, TreePath, Unread, Walk};

/// Another tree's files, some of them with other content.
pub struct Overlay<'a> {
    below: &'a dyn Tree,
    changed: BTreeMap<String, String>,
}

impl<'a> Overlay<'a> {
    /// `below` as it is.
    #[must_use]
    pub fn new(below: &'a dyn Tree) -> Self {
        Self { below, changed: BTreeMap::new() }
    }

    /// Gives a file other content.
    pub fn change(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.changed.insert(path.into(), text.into());
    }

    /// The files with other content, by path.
    #[must_use]
    pub fn changed(&self) -> &BTreeMap<String, String> {
        &self.changed
    }
}

impl std::fmt::Debug for Overlay<'_> {
    /// Never shows content: it may hold credentials.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.changed.keys()).finish()
    }
}

impl Tree for Overlay<'_> {
    fn walk(&self) -> Result<Walk, TreeError> {
        self.below.walk()
    }

    fn read(&self, path: &TreePath) -> Result<Vec<u8>, Unread> {
        match self.changed.get(path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => self.below.read(path),
        }
    }

    fn is_stream(&self) -> bool {
        self.below.is_stream()
    }

    fn is_kept_out(&self, path: &TreePath) -> bool {
        self.below.is_kept_out(path)
    }

    fn rendered_from(&self, path: &TreePath) -> Option<&str> {
        self.below.rendered_from(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    #[test]
    fn changed_files_hide_those_below() {
        let memory = Memory::new([("a.env", "A=1"), ("b.env", "B=1")]);
        let mut overlay = Overlay::new(&memory);
        overlay.change("a.env", "A=2");
        assert_eq!(overlay.read("a.env").unwrap(), b"A=2");
        assert_eq!(overlay.read("b.env").unwrap(), b"B=1");
        assert_eq!(overlay.walk().unwrap().found.len(), 2);
    }
}
