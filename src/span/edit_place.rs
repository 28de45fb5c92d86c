//! Bytes that an edit replaces: those of a file, or those that a file holds encoded.

use super::{FileId, Place, Span};

/// How a file spells a piece of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// Byte for byte: every sub-range maps one to one.
    Verbatim,
    /// In some other way (an escape, a number's canonical form): only the whole has a place.
    Derived,
    /// As base64 that stands in one piece.
    Base64 {
        /// The encoded bytes alone, without quotes or white space. They lie in the piece's place.
        letters: Span,
        /// Which of the decoded bytes is the piece's first.
        at: usize,
    },
}

impl Spelling {
    /// As [`super::Segment::exact`] has it.
    #[must_use]
    pub fn of(exact: bool) -> Self {
        if exact { Self::Verbatim } else { Self::Derived }
    }
}

/// Bytes that an edit replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EditPlace {
    /// The file.
    pub file: FileId,
    /// Its bytes; where `decoded` is given, all those of the encoded value.
    pub span: Span,
    /// Which bytes of the decoded value are meant, when `span` holds base64. The value is decoded, edited and encoded
    /// again, with all edits of it at once.
    pub decoded: Option<Span>,
}

impl EditPlace {
    /// The bytes of the file.
    #[must_use]
    pub fn place(self) -> Place {
        Place::new(self.file, self.span)
    }

    /// The point behind the last byte.
    #[must_use]
    pub fn end(self) -> Self {
        let point = |span: Span| Span::new(span.end, span.end);
        match self.decoded {
            Some(decoded) => Self { decoded: Some(point(decoded)), ..self },
            None => Self { span: point(self.span), ..self },
        }
    }

    /// The bytes that count when it is asked which edits meet: within the same encoded value, the decoded ones.
    #[must_use]
    pub fn spans(self, other: Self) -> Option<(Span, Span)> {
        match (self.decoded, other.decoded) {
            _ if self.file != other.file => None,
            (Some(one), Some(two)) if self.span == other.span => Some((one, two)),
            _ => Some((self.span, other.span)),
        }
    }

    /// The place of the piece spelt so at `place`, when an edit can replace a part of it.
    pub(super) fn of_piece(place: Place, spelling: Spelling, len: usize) -> Option<Self> {
        match spelling {
            Spelling::Verbatim => Some(place.into()),
            Spelling::Base64 { letters, at } => {
                let decoded = Some(Span::new(at, at.saturating_add(len)));
                Some(Self { file: place.file, span: letters, decoded })
            }
            Spelling::Derived => None,
        }
    }

    /// Both as one, when the other begins where this one ends.
    pub(super) fn followed_by(self, other: Self) -> Option<Self> {
        let (one, two) = self.spans(other)?;
        let whole = (one.end == two.start).then(|| one.to(two))?;
        match (self.decoded, other.decoded) {
            (Some(_), Some(_)) if self.span == other.span => Some(Self { decoded: Some(whole), ..self }),
            (None, None) => Some(Self { span: whole, ..self }),
            _ => None,
        }
    }

    /// The point before the first byte.
    pub(super) fn start(self) -> Self {
        let point = |span: Span| Span::new(span.start, span.start);
        match self.decoded {
            Some(decoded) => Self { decoded: Some(point(decoded)), ..self },
            None => Self { span: point(self.span), ..self },
        }
    }
}

impl From<Place> for EditPlace {
    fn from(place: Place) -> Self {
        Self { file: place.file, span: place.span, decoded: None }
    }
}
