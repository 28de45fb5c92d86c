//! Edits of what a file holds as base64: the value is decoded, edited, and encoded again.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::replaced;
use crate::model::Edit;
use crate::span::Span;

/// The text behind base64 that stands in one piece.
pub(super) fn decode(written: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(written).ok()?).ok()
}

/// The base64 of a value after all edits of it. Nothing where YAML would not read it as text without quotes: an empty
/// value, or one that begins like a number, which no value does whose first character is an ASCII one.
pub(super) fn edited(written: &str, edits: Vec<&Edit>) -> Option<String> {
    let edits: Option<Vec<(Span, Cow<'_, str>)>> = edits
        .into_iter()
        .map(|edit| Some((edit.place.decoded?, Cow::Borrowed(edit.text.as_str()))))
        .collect();
    let new = STANDARD.encode(replaced(&decode(written)?, edits?)?);
    new.starts_with(|letter: char| letter.is_ascii_alphabetic()).then_some(new)
}
