//! Source texts with every credential replaced, byte for byte, so that spans still fit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::mask;
use crate::span::{FileId, Place, Span};
use crate::tree::Files;

/// The only source of excerpts for output. A file is masked on first use: by the places the resolver knows, and by
/// a scan of the text for whatever looks like a credential (comments hold them too).
#[derive(Debug)]
pub struct Masked<'a> {
    files: &'a Files,
    secrets: BTreeMap<FileId, Vec<Span>>,
    texts: Mutex<BTreeMap<FileId, Arc<str>>>,
}

impl<'a> Masked<'a> {
    /// Masks the `secrets` of `files`.
    #[must_use]
    pub fn new(files: &'a Files, secrets: &[Place]) -> Self {
        let mut by_file: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
        for place in secrets {
            by_file.entry(place.file).or_default().push(place.span);
        }
        Self { files, secrets: by_file, texts: Mutex::default() }
    }

    /// A file's masked text, of the same length as the original.
    #[must_use]
    pub fn text(&self, file: FileId) -> Arc<str> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts
            .entry(file)
            .or_insert_with(|| {
                let known = self.secrets.get(&file).map(Vec::as_slice).unwrap_or_default();
                mask::text(self.files.text(file), known).into()
            })
            .clone()
    }
}
