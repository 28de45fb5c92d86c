//! Byte ranges, and texts that remember where each of their bytes was written.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

mod edit_place;

pub use edit_place::{EditPlace, Spelling};

/// A half-open byte range of one file (or, for a parser, of the text it was given).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range `start..end`; an inverted range is emptied at `start`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether the range holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The same range, `by` bytes further on.
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        Self { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `other` lies inside.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// As a standard range, for slicing with `get`.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// Which file of a [`crate::tree::Files`]. A handle only: output sorts by path, not by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Where something was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
}

impl Place {
    /// A place from its parts.
    #[must_use]
    pub fn new(file: FileId, span: Span) -> Self {
        Self { file, span }
    }
}

/// A decoded text (escapes undone, quotes removed) that still knows the source bytes of its parts.
/// This is what the parsers of [`crate::syntax`] produce, before a file is known.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SpanText {
    value: String,
    segments: Vec<Segment>,
}

/// `len` bytes of the decoded value that came from `span` of the source. When `exact`, the bytes are
/// the same and every sub-range maps one to one; otherwise (an escape, a folded line break) only the
/// segment as a whole has a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Bytes of the decoded value.
    pub len: usize,
    /// Bytes of the source.
    pub span: Span,
    /// Whether value and source bytes are identical.
    pub exact: bool,
}

impl SpanText {
    /// Text that stands in the source as it is.
    #[must_use]
    pub fn verbatim(value: impl Into<String>, start: usize) -> Self {
        let value = value.into();
        let mut text = Self::default();
        let len = value.len();
        text.push(&value, Span::new(start, start.saturating_add(len)), true);
        text
    }

    /// Appends a decoded piece and its source.
    pub fn push(&mut self, piece: &str, span: Span, exact: bool) {
        self.value.push_str(piece);
        if piece.is_empty() {
            return;
        }
        if let Some(last) = self.segments.last_mut()
            && last.exact
            && exact
            && last.span.end == span.start
        {
            last.len = last.len.saturating_add(piece.len());
            last.span.end = span.end;
            return;
        }
        self.segments.push(Segment { len: piece.len(), span, exact });
    }

    /// Appends a part of another text.
    pub fn push_slice(&mut self, other: &Self, range: Range<usize>) {
        for (piece, segment) in other.pieces(range) {
            self.push(piece, segment.span, segment.exact);
        }
    }

    /// The decoded value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// The pieces of the decoded range `range`, each with its own source.
    pub fn pieces(&self, range: Range<usize>) -> impl Iterator<Item = (&str, Segment)> {
        let mut at = 0usize;
        self.segments.iter().filter_map(move |segment| {
            let begin = at;
            let end = at.saturating_add(segment.len);
            at = end;
            let from = range.start.max(begin);
            let to = range.end.min(end);
            if from >= to {
                return None;
            }
            let piece = self.value.get(from..to)?;
            let span = if segment.exact {
                let first = segment.span.start.saturating_add(from.saturating_sub(begin));
                Span::new(first, first.saturating_add(to.saturating_sub(from)))
            } else {
                segment.span
            };
            Some((piece, Segment { len: piece.len(), span, exact: segment.exact }))
        })
    }

    /// The source range of a decoded range; for an empty one, the point before which it stands.
    #[must_use]
    pub fn span_of(&self, range: Range<usize>) -> Option<Span> {
        let mut all = self.pieces(range.clone()).map(|(_, segment)| segment.span);
        if let Some(first) = all.next() {
            return Some(all.fold(first, Span::to));
        }
        let next = self.pieces(range.start..range.start.saturating_add(1)).next();
        if let Some((_, segment)) = next {
            return Some(Span::new(segment.span.start, segment.span.start));
        }
        self.segments.last().map(|segment| Span::new(segment.span.end, segment.span.end))
    }

    /// The part of this text that `range` covers.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut part = Self::default();
        part.push_slice(self, range);
        part
    }
}

impl fmt::Debug for SpanText {
    /// Never shows the value: it may hold a credential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SpanText({} bytes, {:?})", self.value.len(), self.segments)
    }
}

/// Stands in a [`Text`] for a part whose value the repository does not tell. A private-use character,
/// so that parsers treat it as an ordinary one and the parts around it stay known.
pub const UNKNOWN: char = '\u{F8FF}';

/// A resolved value. It may be put together from several files (a URL in a Compose file, its password
/// from `.env`), and each piece remembers where it was written and through which references it came.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Text {
    value: String,
    pieces: Vec<Piece>,
}

/// One piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the value.
    pub len: usize,
    /// Where it comes from.
    pub origin: Origin,
    /// The references that led here, outermost first (`${POOL}` in `compose.yaml:12`).
    pub hops: Arc<[Place]>,
}

/// Where a piece of a [`Text`] comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Written in a file.
    Written {
        /// Where.
        place: Place,
        /// How.
        spelling: Spelling,
    },
    /// Not in the repository; the value holds [`UNKNOWN`] in its stead.
    Unknown {
        /// Why, as a noun phrase fit for output: "secret api-keys is not in the repository".
        reason: Arc<str>,
    },
}

impl Text {
    /// A text from a parsed scalar of `file`.
    #[must_use]
    pub fn written(text: &SpanText, file: FileId) -> Self {
        let mut whole = Self::default();
        for (piece, segment) in text.pieces(0..text.as_str().len()) {
            let place = Place::new(file, segment.span);
            let origin = Origin::Written { place, spelling: Spelling::of(segment.exact) };
            whole.push(piece, origin, Arc::default());
        }
        whole
    }

    /// A value that was derived from `place` as a whole (a number's canonical form).
    #[must_use]
    pub fn derived(value: &str, place: Place) -> Self {
        Self::spelt(value, place, Spelling::Derived)
    }

    /// A value that stands at `place` as base64, whose `letters` are in one piece.
    #[must_use]
    pub fn encoded(value: &str, place: Place, letters: Span) -> Self {
        Self::spelt(value, place, Spelling::Base64 { letters, at: 0 })
    }

    fn spelt(value: &str, place: Place, spelling: Spelling) -> Self {
        let mut whole = Self::default();
        whole.push(value, Origin::Written { place, spelling }, Arc::default());
        whole
    }

    /// A value that is not in the repository.
    #[must_use]
    pub fn unknown(reason: impl Into<Arc<str>>) -> Self {
        let mut whole = Self::default();
        let origin = Origin::Unknown { reason: reason.into() };
        whole.push(UNKNOWN.encode_utf8(&mut [0; 4]), origin, Arc::default());
        whole
    }

    /// Appends one piece.
    pub fn push(&mut self, piece: &str, origin: Origin, hops: Arc<[Place]>) {
        if piece.is_empty() {
            return;
        }
        self.value.push_str(piece);
        self.pieces.push(Piece { len: piece.len(), origin, hops });
    }

    /// Appends another text as it is.
    pub fn push_text(&mut self, other: &Self) {
        self.value.push_str(&other.value);
        self.pieces.extend(other.pieces.iter().cloned());
    }

    /// Appends another text that was reached through the reference at `hop`.
    pub fn push_via(&mut self, other: &Self, hop: Place) {
        self.value.push_str(&other.value);
        for piece in &other.pieces {
            let hops = std::iter::once(hop).chain(piece.hops.iter().copied()).collect();
            self.pieces.push(Piece { len: piece.len, origin: piece.origin.clone(), hops });
        }
    }

    /// The value, with [`UNKNOWN`] where a part is not known. May hold credentials: never print it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// The value, when all of it is known. May hold credentials: never print it.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        self.is_known().then_some(self.value.as_str())
    }

    /// Whether every part is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece.origin, Origin::Written { .. }))
    }

    /// Whether nothing but unknown parts is in it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        !self.pieces.is_empty()
            && self.pieces.iter().all(|piece| matches!(piece.origin, Origin::Unknown { .. }))
    }

    /// Why parts of it are unknown.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match &piece.origin {
            Origin::Unknown { reason } => Some(reason.as_ref()),
            Origin::Written { .. } => None,
        })
    }

    /// The pieces that `range` of the value touches, cut to it.
    pub fn pieces(&self, range: Range<usize>) -> impl Iterator<Item = (&str, Piece)> {
        let mut at = 0usize;
        self.pieces.iter().filter_map(move |piece| {
            let begin = at;
            let end = at.saturating_add(piece.len);
            at = end;
            let from = range.start.max(begin);
            let to = range.end.min(end);
            if from >= to {
                return None;
            }
            let part = self.value.get(from..to)?;
            let origin = match &piece.origin {
                Origin::Written { place, spelling: spelling @ Spelling::Verbatim } => {
                    let first = place.span.start.saturating_add(from.saturating_sub(begin));
                    let span = Span::new(first, first.saturating_add(to.saturating_sub(from)));
                    Origin::Written { place: Place::new(place.file, span), spelling: *spelling }
                }
                Origin::Written { place, spelling: Spelling::Base64 { letters, at } } => {
                    let at = at.saturating_add(from.saturating_sub(begin));
                    Origin::Written { place: *place, spelling: Spelling::Base64 { letters: *letters, at } }
                }
                other => other.clone(),
            };
            Some((part, Piece { len: part.len(), origin, hops: piece.hops.clone() }))
        })
    }

    /// A part of this text.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut whole = Self::default();
        for (part, piece) in self.pieces(range) {
            whole.push(part, piece.origin, piece.hops);
        }
        whole
    }

    /// Where a person would change `range`: where it is written, when that is in one place, else where its parts are
    /// put together (the references in the URL of a Compose file, not the lines of `.env` that they lead to).
    /// For an empty range, the point before (or, at the end, behind) which it stands.
    #[must_use]
    pub fn place_of(&self, range: Range<usize>) -> Option<Place> {
        if range.start < range.end { self.hull(range) } else { self.point(range.start) }
    }

    /// The point at the byte `at`: in the text that holds what stands on both sides of it, at either end in the one that
    /// holds the whole.
    fn point(&self, at: usize) -> Option<Place> {
        self.beside(at).into_iter().flatten().next().map(Beside::point)
    }

    /// What is written on both sides of the byte `at`, that behind it first.
    fn beside(&self, at: usize) -> [Option<Beside>; 2] {
        let end = self.value.len();
        let before = self.pieces(0..at).last().map(|(_, piece)| piece);
        let after = self.pieces(at..end).next().map(|(_, piece)| piece);
        let shared = match (&before, &after) {
            (Some(before), Some(after)) => shared(&before.hops, &after.hops),
            _ => self.hops_of(0..end).len(),
        };
        let beside = |piece: Piece, ends: bool| match (piece.hops.get(shared), piece.origin) {
            (Some(hop), _) => Some(Beside { place: *hop, spelling: None, ends }),
            (None, Origin::Written { place, spelling }) => {
                Some(Beside { place, spelling: Some((spelling, piece.len)), ends })
            }
            (None, Origin::Unknown { .. }) => None,
        };
        [after.and_then(|piece| beside(piece, false)), before.and_then(|piece| beside(piece, true))]
    }

    fn hull(&self, range: Range<usize>) -> Option<Place> {
        let shared = self.hops_of(range.clone()).len();
        self.written_pieces(range).map(|(place, hops)| hops.get(shared).copied().unwrap_or(place)).reduce(
            |hull, place| {
                if hull.file == place.file { Place::new(hull.file, hull.span.to(place.span)) } else { hull }
            },
        )
    }

    /// The written pieces of `range`: where each stands, and the references to it.
    fn written_pieces(&self, range: Range<usize>) -> impl Iterator<Item = (Place, Arc<[Place]>)> {
        self.pieces(range).filter_map(|(_, piece)| match piece.origin {
            Origin::Written { place, .. } => Some((place, piece.hops)),
            Origin::Unknown { .. } => None,
        })
    }

    /// Where `range` is written, when it stands there in one piece, byte for byte or encoded, so that it can be
    /// replaced by an edit.
    #[must_use]
    pub fn editable(&self, range: Range<usize>) -> Option<EditPlace> {
        if range.is_empty() {
            return self.insertion(range.start);
        }
        let mut found: Option<EditPlace> = None;
        for (part, piece) in self.pieces(range) {
            let Origin::Written { place, spelling } = piece.origin else { return None };
            let place = EditPlace::of_piece(place, spelling, part.len())?;
            found = Some(match found {
                Some(before) => before.followed_by(place)?,
                None => place,
            });
        }
        found
    }

    /// Where text can be put in at the byte `at`.
    fn insertion(&self, at: usize) -> Option<EditPlace> {
        let points = self.beside(at).into_iter().flatten();
        let mut points = points.filter_map(|beside| match beside.spelling {
            Some((spelling, len)) => {
                let place = EditPlace::of_piece(beside.place, spelling, len)?;
                Some(if beside.ends { place.end() } else { place.start() })
            }
            // A reference that stands in an encoded value has the place of all of it.
            None => (!self.is_coded_at(beside.place)).then(|| beside.point().into()),
        });
        points.next()
    }

    /// Whether what stands at `place` is spelt there in another way.
    fn is_coded_at(&self, place: Place) -> bool {
        self.pieces.iter().any(|piece| match piece.origin {
            Origin::Written { place: own, spelling } => own == place && spelling != Spelling::Verbatim,
            Origin::Unknown { .. } => false,
        })
    }

    /// The references through which [`Text::place_of`] `range` was reached, outermost first.
    #[must_use]
    pub fn hops_of(&self, range: Range<usize>) -> Vec<Place> {
        let mut ways: Vec<Arc<[Place]>> = self.written_pieces(range.clone()).map(|(_, hops)| hops).collect();
        if ways.is_empty() {
            ways = self.pieces(range).map(|(_, piece)| piece.hops).collect();
        }
        let Some((first, others)) = ways.split_first() else { return Vec::new() };
        let shared = others.iter().fold(first.len(), |shared, other| shared.min(self::shared(first, other)));
        first.iter().take(shared).copied().collect()
    }

    /// Every place from which a byte of `range` comes.
    pub fn places_of(&self, range: Range<usize>) -> impl Iterator<Item = Place> {
        self.written_pieces(range).map(|(place, _)| place)
    }

    /// Where the parts of `range` are written, when it is put together from several: each line that has a say in it
    /// beside [`Text::place_of`].
    #[must_use]
    pub fn parts_of(&self, range: Range<usize>) -> Vec<Place> {
        let shared = self.hops_of(range.clone()).len();
        let mut parts: Vec<Place> = Vec::new();
        for (place, hops) in self.written_pieces(range) {
            if hops.len() <= shared || parts.contains(&place) {
                continue;
            }
            match parts.last_mut() {
                Some(last) if last.file == place.file && last.span.end == place.span.start => {
                    last.span = last.span.to(place.span);
                }
                _ => parts.push(place),
            }
        }
        parts
    }
}

/// What is written beside a point of a text.
#[derive(Debug, Clone, Copy)]
struct Beside {
    /// Where.
    place: Place,
    /// How, and how many bytes of the value it is; nothing for a reference.
    spelling: Option<(Spelling, usize)>,
    /// Whether the point is at its end.
    ends: bool,
}

impl Beside {
    fn point(self) -> Place {
        let Place { file, span } = self.place;
        let at = if self.ends { span.end } else { span.start };
        Place::new(file, Span::new(at, at))
    }
}

/// How many references two ways have in common.
fn shared(one: &[Place], other: &[Place]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

impl fmt::Debug for Text {
    /// Never shows the value: it may hold a credential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Text({} bytes, {} pieces)", self.value.len(), self.pieces.len())
    }
}

#[cfg(test)]
mod tests;
