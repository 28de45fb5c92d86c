//! Builds the tree of one document from the parser's events, without recursion.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use super::merge::MappingBuilder;
use super::{Comment, Document, MAX_DEPTH, block, errors};
use crate::span::{Span, SpanText};
use crate::syntax::node::{Node, Scalar, Style, Value};
use crate::syntax::{SyntaxError, quoted};

/// What to say about nesting beyond [`MAX_DEPTH`].
pub(super) const TOO_DEEP: &str = "nests deeper than 100 levels";

/// What to say of a text with `{{` in it that does not parse.
const TEMPLATE: &str = "this is a template (it holds `{{`), not YAML; check what it renders to";

/// How much copying of anchored nodes a document may ask for, in nodes (32 bytes of text count as one more).
const MAX_COPIES: usize = 200_000;

/// See [`super::parse_document`].
pub(super) fn document(text: &str, range: Range<usize>) -> Result<Document, SyntaxError> {
    let span = Span::from(range);
    let Some(source) = text.get(span.range()) else {
        return Err(SyntaxError::new("no such part of the text", Span::default()));
    };
    let options = granit_parser::options! {
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        // As the readers of Compose and Kubernetes do: no line break is made up at the end of the file.
        block_scalar_eof_without_line_feed: true,
        // Every comment is kept anyway, so buffering them costs nothing more.
        max_buffered_comment_events: usize::MAX,
    };
    let mut builder = Builder { source, base: span.start, ..Builder::default() };
    let mut ended = false;
    for item in Parser::new_from_str_with_options(source, options) {
        let (event, place) = item.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or_default();
            let at = span.start.saturating_add(source.floor_char_boundary(at));
            // By far the most files that are no YAML are templates of it.
            let phrase = if is_template(source) { TEMPLATE } else { errors::phrase(error.kind()) };
            SyntaxError::new(phrase, Span::new(at, at))
        })?;
        match event {
            Event::DocumentStart(..) if ended => break,
            Event::DocumentEnd => ended = true,
            event => builder.event(event, &place)?,
        }
    }
    Ok(Document { span, root: builder.root, comments: builder.comments })
}

/// Whether a line starts with `{{`, or a value does without quotes. Within quotes YAML files hold templates of
/// other programs.
fn is_template(source: &str) -> bool {
    source.lines().any(|line| line.trim_start().starts_with("{{") || line.contains(": {{"))
}

/// Everything known while the events come in. Positions count from the start of `source`; only what goes
/// into the tree is shifted by `base`.
#[derive(Default)]
struct Builder<'text> {
    source: &'text str,
    base: usize,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Built>,
    copied: usize,
    root: Option<Node>,
    comments: Vec<Comment>,
    /// End of the last token that is written out.
    cursor: usize,
}

/// An open collection.
struct Frame {
    children: Children,
    anchor: usize,
    tag: Option<Box<str>>,
    extent: Span,
    weight: usize,
    depth: usize,
}

enum Children {
    Sequence(Vec<Node>),
    Mapping(MappingBuilder, Pending),
}

/// What a mapping waits for.
enum Pending {
    Key,
    /// The value of a `<<` key.
    Merge,
    /// The value of a key that is no scalar, which the tree leaves out.
    Ignored,
    Value(SpanText, Span),
}

/// A finished node.
#[derive(Clone)]
struct Built {
    node: Node,
    /// Its bytes here; an alias has others than its node.
    extent: Span,
    /// Nodes in it, and 32 bytes of text as one more.
    weight: usize,
    /// Levels of collections in it.
    depth: usize,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, place: &granit_parser::Span) -> Result<(), SyntaxError> {
        let span = place.byte_range().map(Span::from).unwrap_or_default();
        let tag = || place.tag_span().and_then(|tag| tag.slice(self.source)).map(Box::from);
        match event {
            Event::Comment(..) => {
                let span = span.shifted(self.base);
                self.comments.push(Comment { span, trailing: self.trails(span) });
                return Ok(());
            }
            Event::Scalar(value, style, anchor, _) => {
                let tag = tag();
                let built = self.scalar(&value, style, span, tag);
                self.cursor = self.cursor.max(span.end);
                self.finish(built, anchor)?;
            }
            Event::Alias(anchor) => {
                let built = self.alias(anchor, span)?;
                self.finish(built, 0)?;
            }
            Event::SequenceStart(style, anchor, _) => {
                let tag = tag();
                let start = self.sequence_start(style, span.start);
                self.open(Children::Sequence(Vec::new()), anchor, tag, Span::new(start, start))?;
            }
            Event::MappingStart(_, anchor, _) => {
                let tag = tag();
                let children = Children::Mapping(MappingBuilder::default(), Pending::Key);
                self.open(children, anchor, tag, Span::new(span.start, span.start))?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            _ => {}
        }
        if !span.is_empty() {
            self.cursor = self.cursor.max(span.end);
        }
        Ok(())
    }

    /// Whether something stands before a comment on its line.
    fn trails(&self, span: Span) -> bool {
        let before = span.start.checked_sub(self.base).and_then(|start| self.source.get(..start));
        let line = before.and_then(|before| before.rsplit(['\n', '\r']).next()).unwrap_or_default();
        !line.trim_start_matches('\u{feff}').trim().is_empty()
    }

    /// Where a sequence starts. For one that is not indented deeper than its key the parser tells the place of
    /// its first item's content, not of the dash.
    fn sequence_start(&self, style: StructureStyle, start: usize) -> usize {
        if style == StructureStyle::Flow || self.source.as_bytes().get(start) == Some(&b'-') {
            return start;
        }
        block::indicator(self.source, self.cursor, start, b"-").unwrap_or(start)
    }

    fn open(
        &mut self,
        children: Children,
        anchor: usize,
        tag: Option<Box<str>>,
        extent: Span,
    ) -> Result<(), SyntaxError> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(SyntaxError::new(TOO_DEEP, extent.shifted(self.base)));
        }
        self.frames.push(Frame { children, anchor, tag, extent, weight: 1, depth: 1 });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), SyntaxError> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let mut extent = frame.extent;
        // The end of a block collection has no bytes and lies before the next token, so the last child's
        // end is taken.
        if !end.is_empty() {
            extent = extent.to(end);
        }
        let value = match frame.children {
            Children::Sequence(items) => Value::Sequence(items),
            Children::Mapping(mapping, _) => Value::Mapping(mapping.finish()?),
        };
        let node = Node { span: extent.shifted(self.base), value, tag: frame.tag, alias: None };
        let built = Built { node, extent, weight: frame.weight, depth: frame.depth };
        self.finish(built, frame.anchor)
    }

    /// Remembers a finished node under its anchor and hands it to the collection that is open.
    fn finish(&mut self, built: Built, anchor: usize) -> Result<(), SyntaxError> {
        if anchor != 0 {
            self.copy(&built)?;
            self.anchors.insert(anchor, built.clone());
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root.get_or_insert(built.node);
            return Ok(());
        };
        frame.extent = frame.extent.to(built.extent);
        frame.weight = frame.weight.saturating_add(built.weight);
        frame.depth = frame.depth.max(built.depth.saturating_add(1));
        match &mut frame.children {
            Children::Sequence(items) => items.push(built.node),
            Children::Mapping(mapping, pending) => match std::mem::replace(pending, Pending::Key) {
                Pending::Key => *pending = key(built, self.base),
                Pending::Merge => mapping.merge(built.node),
                Pending::Ignored => {}
                Pending::Value(key, key_span) => mapping.insert(key, key_span, built.node),
            },
        }
        Ok(())
    }

    /// Counts a copy of an anchored node.
    fn copy(&mut self, built: &Built) -> Result<(), SyntaxError> {
        self.copied = self.copied.saturating_add(built.weight);
        if self.copied > MAX_COPIES {
            let span = built.extent.shifted(self.base);
            return Err(SyntaxError::new("aliases expand beyond measure", span));
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<Built, SyntaxError> {
        let here = span.shifted(self.base);
        let Some(target) = self.anchors.get(&anchor) else {
            return Err(SyntaxError::new("an alias cannot stand within what it names", here));
        };
        if self.frames.len().saturating_add(target.depth) > MAX_DEPTH {
            return Err(SyntaxError::new(TOO_DEEP, here));
        }
        let mut built = target.clone();
        built.extent = span;
        built.node.alias = Some(here);
        self.copy(&built)?;
        Ok(built)
    }

    fn scalar(&self, value: &str, style: ScalarStyle, span: Span, tag: Option<Box<str>>) -> Built {
        let content = self.source.get(span.range()).unwrap_or_default();
        let in_quotes = |quote| {
            let inner = content.get(1..content.len().saturating_sub(1)).unwrap_or_default();
            let base = span.start.saturating_add(1);
            quoted::decoded(inner, base.saturating_add(self.base), Some(quote), value)
        };
        let (text, style, extent) = match style {
            // The parser gives a missing value the text `~` and the place of the colon.
            ScalarStyle::Plain if span.is_empty() => {
                (SpanText::default(), Style::Plain, self.missing(span.start))
            }
            ScalarStyle::Plain => {
                let text = quoted::decoded(content, span.start.saturating_add(self.base), None, value);
                (text, Style::Plain, span)
            }
            ScalarStyle::SingleQuoted => (in_quotes(b'\''), Style::SingleQuoted, span),
            ScalarStyle::DoubleQuoted => (in_quotes(b'"'), Style::DoubleQuoted, span),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let (text, extent) = self.block(value, span);
                (text, Style::Block, extent)
            }
        };
        let weight = value.len().checked_div(32).unwrap_or_default().saturating_add(1);
        let node = Node {
            span: extent.shifted(self.base),
            value: Value::Scalar(Scalar { text, style }),
            tag,
            alias: None,
        };
        Built { node, extent, weight, depth: 0 }
    }

    /// The place of a value that is not written: behind the colon of its key.
    fn missing(&self, at: usize) -> Span {
        let awaits_value = self.frames.last().is_some_and(|frame| {
            matches!(&frame.children, Children::Mapping(_, pending) if !matches!(pending, Pending::Key))
        });
        let rest = self.source.get(at..).unwrap_or_default();
        let blanks = rest.len().saturating_sub(rest.trim_start_matches([' ', '\t']).len());
        let colon = at.saturating_add(blanks);
        if awaits_value && self.source.as_bytes().get(colon) == Some(&b':') {
            let behind = colon.saturating_add(1);
            return Span::new(behind, behind);
        }
        Span::new(at, at)
    }

    /// A block scalar: its text and its bytes from `|` or `>` to the end of its last line.
    fn block(&self, value: &str, span: Span) -> (SpanText, Span) {
        let header = block::indicator(self.source, self.cursor, span.start, b"|>");
        let lines = header.and_then(|header| block::text(self.source, header, span.end, value));
        match (header, lines) {
            (Some(header), Some((text, end))) => {
                let mut shifted = SpanText::default();
                for (piece, segment) in text.pieces(0..text.as_str().len()) {
                    shifted.push(piece, segment.span.shifted(self.base), segment.exact);
                }
                (shifted, Span::new(header, end))
            }
            (header, _) => {
                let mut whole = SpanText::default();
                whole.push(value, span.shifted(self.base), false);
                let start = header.unwrap_or(span.start);
                let end = if value.is_empty() { self.header_end(start) } else { span.end };
                (whole, Span::new(start, end))
            }
        }
    }

    /// The end of a block scalar's header, which is all there is of an empty one.
    fn header_end(&self, start: usize) -> usize {
        let rest = self.source.as_bytes().get(start..).unwrap_or_default();
        let len = rest.iter().take_while(|byte| matches!(byte, b'|' | b'>' | b'+' | b'-' | b'0'..=b'9'));
        start.saturating_add(len.count())
    }
}

/// What follows a key.
fn key(built: Built, base: usize) -> Pending {
    let Built { node, extent, .. } = built;
    match node.value {
        Value::Scalar(scalar) if is_merge(&scalar, node.tag.as_deref()) => Pending::Merge,
        Value::Scalar(scalar) => Pending::Value(scalar.text, extent.shifted(base)),
        _ => Pending::Ignored,
    }
}

/// Whether a key is the merge key; a quoted one is as well to Compose's reader.
fn is_merge(scalar: &Scalar, tag: Option<&str>) -> bool {
    scalar.text.as_str() == "<<" && matches!(tag, None | Some("!" | "!!merge"))
}
