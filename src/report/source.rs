//! Masked source texts for miette, with the line index that the run already has, so that a finding at the end of a
//! large file costs nothing.

use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::span::Span;

/// The longest line that is shown, in bytes. Nobody reads more, and miette counts columns in 16 bits.
const LONGEST_LINE: usize = 2_000;

/// One file's masked text.
#[derive(Debug, Clone)]
pub struct Excerpt {
    name: String,
    text: Arc<str>,
    starts: Arc<[usize]>,
}

impl Excerpt {
    /// A source called `name` with this text; `starts` are the offsets of its lines.
    #[must_use]
    pub fn new(name: &str, text: Arc<str>, starts: &[usize]) -> Self {
        Self { name: name.to_owned(), text, starts: starts.into() }
    }

    /// Whether every line of a place is short enough to be shown.
    #[must_use]
    pub fn shows(&self, span: Span) -> bool {
        let last = self.line_of(span.end.saturating_sub(1).max(span.start));
        (self.line_of(span.start)..=last)
            .all(|line| self.end_of(line).saturating_sub(self.start_of(line)) <= LONGEST_LINE)
    }

    /// The line, from 0, that the byte at `offset` stands on.
    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The column, from 0, in characters.
    fn column_of(&self, offset: usize) -> usize {
        self.text.get(self.start_of(self.line_of(offset))..offset).map_or(0, |text| text.chars().count())
    }

    fn start_of(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// Where a line ends, before its line break.
    fn end_of(&self, line: usize) -> usize {
        let end = self.start_of(line.saturating_add(1));
        let line = self.text.get(self.start_of(line)..end).unwrap_or_default();
        let breaks = line.len().saturating_sub(line.trim_end_matches(['\n', '\r']).len());
        end.saturating_sub(breaks)
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset().saturating_add(span.len());
        if end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let line = self.line_of(span.offset());
        let first = line.saturating_sub(before);
        let last = self.line_of(end.saturating_sub(1).max(span.offset())).saturating_add(after);
        // Whole lines always: a value without its key tells nothing.
        let start = self.start_of(first);
        // miette takes the column of its headings from an excerpt without context.
        let column = if before == 0 { self.column_of(span.offset()) } else { 0 };
        let stop = self.end_of(last.min(self.starts.len().saturating_sub(1))).max(end);
        let data = self.text.as_bytes().get(start..stop).ok_or(MietteError::OutOfBounds)?;
        let covered = SourceSpan::from((start, stop.saturating_sub(start)));
        let lines = last.saturating_sub(first).saturating_add(1);
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, covered, first, column, lines)))
    }
}
