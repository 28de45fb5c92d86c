//! What git lists: paths, with the objects that hold their contents.

use std::collections::BTreeMap;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    File,
    Link,
    /// A repository of its own.
    Submodule,
}

/// One path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub mode: Mode,
    /// The object's name.
    pub id: String,
}

/// Paths relative to a directory, with `/` on every system.
#[derive(Debug, Default)]
pub(super) struct Listing {
    entries: BTreeMap<String, Entry>,
    /// Names that are not UTF-8, as far as they can be shown.
    pub unnamed: Vec<String>,
}

impl Listing {
    /// The output of `git ls-tree -r -z`: `<mode> <type> <id> TAB <path> NUL`.
    pub fn of_tree(bytes: &[u8]) -> Self {
        let mut listing = Self::default();
        for (head, path) in records(bytes) {
            let mut head = head.split(' ');
            if let (Some(mode), Some(_), Some(id)) = (head.next(), head.next(), head.next()) {
                listing.add(mode, id, path);
            }
        }
        listing
    }

    /// The output of `git ls-files --stage -z`: `<mode> <id> <stage> TAB <path> NUL`. Of a path that is in conflict, our
    /// side counts, which comes first after the common ancestor.
    pub fn of_index(bytes: &[u8]) -> Self {
        let mut listing = Self::default();
        for (head, path) in records(bytes) {
            let mut head = head.split(' ');
            if let (Some(mode), Some(id), Some(stage)) = (head.next(), head.next(), head.next())
                && stage != "1"
            {
                listing.add(mode, id, path);
            }
        }
        listing
    }

    fn add(&mut self, mode: &str, id: &str, path: &[u8]) {
        let mode = match mode {
            "120000" => Mode::Link,
            "160000" => Mode::Submodule,
            "040000" => return,
            _ => Mode::File,
        };
        match std::str::from_utf8(path) {
            Ok(path) => {
                self.entries.entry(path.to_owned()).or_insert_with(|| Entry { mode, id: id.to_owned() });
            }
            Err(_) => self.unnamed.push(String::from_utf8_lossy(path).into_owned()),
        }
    }

    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry))
    }

    /// Whether something stands below this path.
    pub fn is_directory(&self, path: &str) -> bool {
        if path.is_empty() {
            return true;
        }
        let below = format!("{path}/");
        self.entries.range(below.clone()..).next().is_some_and(|(first, _)| first.starts_with(&below))
    }

    /// The submodule that a path belongs to.
    pub fn submodule_of(&self, path: &str) -> Option<&str> {
        path.match_indices('/').find_map(|(at, _)| {
            let (above, entry) = self.entries.get_key_value(path.get(..at)?)?;
            (entry.mode == Mode::Submodule).then_some(above.as_str())
        })
    }
}

fn records(bytes: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    bytes.split(|byte| *byte == 0).filter_map(|record| {
        let tab = memchr::memchr(b'\t', record)?;
        let (head, path) = record.split_at_checked(tab)?;
        Some((std::str::from_utf8(head).ok()?, path.get(1..)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_listed_with_every_kind_of_name() {
        let listing = Listing::of_tree(
            b"100644 blob aa\ta \"b\"\nc.env\x00120000 blob bb\tlink\x00160000 commit cc\tsub/one\x00100755 blob dd\tx\xff\x00",
        );
        assert_eq!(listing.get("a \"b\"\nc.env").map(|entry| entry.mode), Some(Mode::File));
        assert_eq!(listing.get("link").map(|entry| entry.mode), Some(Mode::Link));
        assert_eq!(listing.submodule_of("sub/one/compose.yaml"), Some("sub/one"));
        assert_eq!(listing.submodule_of("sub/two"), None);
        assert_eq!(listing.unnamed.len(), 1);
        assert!(listing.is_directory("sub"));
        assert!(!listing.is_directory("link"));
    }

    #[test]
    fn of_a_conflict_our_side_counts() {
        let listing = Listing::of_index(
            b"100644 aa 1\tx.env\x00100644 bb 2\tx.env\x00100644 cc 3\tx.env\x00100644 dd 3\ty.env\x00100644 ee 0\tz\x00",
        );
        let id = |path| listing.get(path).map(|entry| entry.id.clone());
        assert_eq!(id("x.env").as_deref(), Some("bb"));
        assert_eq!(id("y.env").as_deref(), Some("dd"));
        assert_eq!(id("z").as_deref(), Some("ee"));
    }
}
