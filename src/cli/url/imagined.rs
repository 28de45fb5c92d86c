//! The env file that a lone connection string is imagined in, and the way back from it: what is reported concerns the
//! string as it was given, at its own columns.

use crate::rules::{self, Finding};
use crate::span::{FileId, Place, Span};
use crate::tree::{Files, Kind};

/// The imaginary file's name, which is its workload's too, and the variable in it.
pub(super) const FILE: &str = "url.env";
const VARIABLE: &str = "DATABASE_URL";

/// What findings call the variable, and the program that reads it.
const VALUE: &str = "the value";
const PROGRAM: &str = "the program";

/// An env file in which a variable has a given value.
pub(super) struct Imagined {
    /// Its text.
    pub text: String,
    /// For each byte of the text, the byte of the value that it stands for.
    offsets: Vec<usize>,
}

impl Imagined {
    /// A file in which the variable has this value, whatever signs are in it.
    pub fn new(value: &str) -> Self {
        let mut file = Self { text: String::new(), offsets: Vec::new() };
        // Single quotes keep every reader from touching the value; where it holds one, escapes do.
        let quote = if value.contains('\'') { '"' } else { '\'' };
        file.push(&format!("{VARIABLE}={quote}"), 0);
        for (at, letter) in value.char_indices() {
            if quote == '"' && matches!(letter, '"' | '\\' | '$') {
                file.push("\\", at);
            }
            for (step, _) in letter.to_string().bytes().enumerate() {
                file.offsets.push(at.saturating_add(step));
            }
            file.text.push(letter);
        }
        file.push(&format!("{quote}\n"), value.len());
        file.offsets.push(value.len());
        file
    }

    fn push(&mut self, text: &str, at: usize) {
        self.text.push_str(text);
        self.offsets.extend(text.bytes().map(|_| at));
    }

    /// The bytes of the value that a place of the imaginary file stands for, in `file`, which holds the value alone.
    pub fn place(&self, place: Place, file: FileId) -> Place {
        let at =
            |offset: usize| self.offsets.get(offset).or(self.offsets.last()).copied().unwrap_or_default();
        let start = at(place.span.start);
        // An escape belongs to what it escapes.
        let end = if place.span.is_empty() { start } else { at(place.span.end).max(start) };
        Place::new(file, Span::new(start, end))
    }

    /// A finding about the value, as people are told it who know no file and have nothing that `--fix` could change.
    pub fn finding(&self, finding: Finding, file: FileId) -> Finding {
        let plain = |text: String| text.replace(VARIABLE, VALUE).replace(FILE, PROGRAM);
        let mut labels = finding.labels;
        for label in &mut labels {
            label.place = self.place(label.place, file);
            label.message = plain(std::mem::take(&mut label.message));
        }
        Finding {
            message: plain(finding.message),
            help: finding.help.map(plain),
            place: self.place(finding.place, file),
            labels,
            deployments: Vec::new(),
            workload: None,
            fix: None,
            ..finding
        }
    }
}

/// The rules about env files: this one is nobody's.
pub(super) fn about_files() -> impl Iterator<Item = String> {
    let names = rules::pages().iter().map(|page| &page.name);
    names.filter(|name| name.starts_with("env-")).cloned()
}

/// Files that hold the value alone, under the name by which people know it.
pub(super) fn alone(name: &str, value: &str) -> (Files, FileId) {
    let mut files = Files::default();
    let file = files.add(name, Kind::Referenced, value);
    (files, file)
}
