//! The files a run has read, with their texts, kinds and line indexes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::Kind;
use crate::span::{FileId, Place};

/// A file that was read: always valid UTF-8 (a byte-order mark is kept, so that offsets are the file's).
#[derive(Debug)]
pub struct SourceFile {
    /// Path relative to the root, `/` on every system.
    pub path: Arc<str>,
    /// What it was taken for.
    pub kind: Kind,
    /// Its content. May hold credentials: output goes through [`crate::report`]'s masked sources.
    pub text: Arc<str>,
    lines: OnceLock<Vec<usize>>,
}

/// A file that was passed over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Path relative to the root.
    pub path: String,
    /// Why, as a phrase fit for output ("Helm template", "line 3, column 7: a tab indents").
    pub reason: String,
}

/// A position for people: both count from 1, columns in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// Every file of a run. Append-only while files are being read, then shared and unchanged.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<SourceFile>,
    by_path: HashMap<Arc<str>, FileId>,
    skipped: Vec<Skipped>,
    given_up: BTreeSet<FileId>,
    streamed: BTreeSet<FileId>,
    rendered: BTreeMap<FileId, String>,
    kept_out: BTreeSet<FileId>,
    root: String,
}

impl Files {
    /// Adds a file and returns its handle; a path that is already there keeps its first content.
    pub fn add(&mut self, path: &str, kind: Kind, text: impl Into<Arc<str>>) -> FileId {
        if let Some(id) = self.by_path.get(path) {
            return *id;
        }
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let path: Arc<str> = path.into();
        self.by_path.insert(path.clone(), id);
        self.files.push(SourceFile { path, kind, text: text.into(), lines: OnceLock::new() });
        id
    }

    /// Notes a file that was passed over.
    pub fn skip(&mut self, path: impl Into<String>, reason: impl Into<String>) {
        self.skipped.push(Skipped { path: path.into(), reason: reason.into() });
    }

    /// Notes that a file that was read could not be made sense of. Its text stays, for places in it.
    pub fn give_up(&mut self, file: FileId, reason: impl Into<String>) {
        let path = self.path(file).to_owned();
        self.given_up.insert(file);
        self.skip(path, reason);
    }

    /// What was passed over, sorted by path. What the walk passed over and another file's reference then
    /// brought in (an ignored `env_file`) was read, and is not among them.
    #[must_use]
    pub fn skipped(&self) -> Vec<Skipped> {
        let mut all: Vec<Skipped> = self
            .skipped
            .iter()
            .filter(|one| self.by_path.get(one.path.as_str()).is_none_or(|id| self.given_up.contains(id)))
            .cloned()
            .collect();
        all.sort();
        all.dedup();
        all
    }

    /// The file with this handle.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// The handle of a path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// Says where the root is, seen from the current directory: empty, or with `/` at its end.
    pub fn set_root(&mut self, root: String) {
        self.root = root;
    }

    /// The path of a file seen from the current directory: what annotations and other reports of it go by, for whoever
    /// reads them knows the repository and not which part of it was named. A configuration has a name of its own.
    #[must_use]
    pub fn path_from_here(&self, id: FileId) -> String {
        match self.get(id) {
            Some(file) if file.kind != Kind::Configuration => format!("{}{}", self.root, file.path),
            _ => self.path(id).to_owned(),
        }
    }

    /// Notes that a file came in as a stream, whatever the name it was given.
    pub fn mark_stream(&mut self, file: FileId) {
        self.streamed.insert(file);
    }

    /// Whether a file came in as a stream.
    #[must_use]
    pub fn is_stream(&self, file: FileId) -> bool {
        self.streamed.contains(&file)
    }

    /// Notes that git keeps a file out of the repository.
    pub fn mark_kept_out(&mut self, file: FileId) {
        self.kept_out.insert(file);
    }

    /// Whether git keeps a file out of the repository: it is on this machine alone.
    #[must_use]
    pub fn is_kept_out(&self, file: FileId) -> bool {
        self.kept_out.contains(&file)
    }

    /// Notes that a file is what Helm made of the chart in this directory.
    pub fn mark_rendered(&mut self, file: FileId, chart: &str) {
        self.rendered.insert(file, chart.to_owned());
    }

    /// The directory of the chart of which a file was made.
    #[must_use]
    pub fn rendered_from(&self, file: FileId) -> Option<&str> {
        self.rendered.get(&file).map(String::as_str)
    }

    /// The path of a file; empty for a handle of another run.
    #[must_use]
    pub fn path(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| &file.path)
    }

    /// The text of a file; empty for a handle of another run.
    #[must_use]
    pub fn text(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| &file.text)
    }

    /// All files in the order of reading.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .filter_map(|(index, file)| Some((FileId(u32::try_from(index).ok()?), file)))
    }

    /// The files that were read and understood, by path; the configuration is none of them.
    #[must_use]
    pub fn read(&self) -> Vec<(FileId, &SourceFile)> {
        let mut read: Vec<_> = self
            .iter()
            .filter(|(id, file)| file.kind != Kind::Configuration && !self.given_up.contains(id))
            .collect();
        read.sort_by_key(|(_, file)| file.path.clone());
        read
    }

    /// Line and column of the byte `offset` of a file. The line index is made on first use.
    #[must_use]
    pub fn position(&self, id: FileId, offset: usize) -> Position {
        self.get(id).map_or(Position { line: 1, column: 1 }, |file| file.position(offset))
    }

    /// The line a place starts on, from 1.
    #[must_use]
    pub fn line(&self, place: Place) -> usize {
        self.position(place.file, place.span.start).line
    }
}

impl SourceFile {
    /// Byte offsets at which lines start; the first is 0.
    pub fn line_starts(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            std::iter::once(0)
                .chain(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at.saturating_add(1)))
                .collect()
        })
    }

    fn position(&self, offset: usize) -> Position {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let start = starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self
            .text
            .as_bytes()
            .get(start..offset.min(self.text.len()))
            .map_or(0, |bytes| bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count());
        Position { line, column: column.saturating_add(1) }
    }
}
