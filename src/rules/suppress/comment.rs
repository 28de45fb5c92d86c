//! `# poollint: ignore[rule-name, other-rule] reason` and `# poollint: ignore-file[…]`.

use std::collections::BTreeMap;

use super::{Entry, Name, Reach};
use crate::readers::Comment;
use crate::span::{FileId, Place, Span};
use crate::tree::Files;

const MARK: &str = "poollint:";

pub(super) fn entries(files: &Files, comments: &[Comment]) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut layouts: BTreeMap<FileId, Layout> = BTreeMap::new();
    for comment in comments {
        let text = files.text(comment.file).get(comment.span.range()).unwrap_or_default();
        if let Some(directive) = text.contains(MARK).then(|| directive(text)).flatten() {
            layouts.entry(comment.file).or_insert_with(|| Layout::of(files.text(comment.file)));
            found.push((*comment, text, directive));
        }
    }
    for comment in comments.iter().filter(|comment| !comment.trailing) {
        if let Some(layout) = layouts.get_mut(&comment.file) {
            layout.lines.insert(files.line(Place::new(comment.file, comment.span)), 0);
        }
    }
    layouts.values_mut().for_each(Layout::settle);
    let entry = |(comment, text, directive): (Comment, &str, Directive)| {
        layouts.get(&comment.file).map(|layout| entry(files, comment, text, &directive, layout))
    };
    found.into_iter().filter_map(entry).collect()
}

/// What suppressions need to know about their file.
struct Layout {
    /// Offset of the first line that is neither blank nor a comment nor a document's mark.
    content: usize,
    /// Lines that are comments, each with the next line that is none.
    lines: BTreeMap<usize, usize>,
}

impl Layout {
    fn of(text: &str) -> Self {
        let mut content = 0usize;
        for line in text.split_inclusive('\n') {
            let plain = line.trim_start_matches('\u{feff}').trim();
            let passive = plain.is_empty()
                || plain == "---"
                || ["#", "//", ";", "%"].iter().any(|sign| plain.starts_with(sign));
            if !passive {
                break;
            }
            content = content.saturating_add(line.len());
        }
        Self { content, lines: BTreeMap::new() }
    }

    /// Further comments may stand between a suppression and what it is for.
    fn settle(&mut self) {
        let mut below = None;
        for (line, next) in self.lines.iter_mut().rev() {
            let after = line.saturating_add(1);
            *next = match below {
                Some((comment, target)) if comment == after => target,
                _ => after,
            };
            below = Some((*line, *next));
        }
    }
}

/// What a comment says, with offsets into it.
struct Directive {
    whole_file: bool,
    /// The names and where each begins; empty when the brackets are missing or hold nothing.
    names: Vec<(String, usize)>,
}

fn directive(text: &str) -> Option<Directive> {
    let body = text.trim_start_matches(['#', '/', ';', '-', '*', ' ', '\t']);
    let rest = body.strip_prefix(MARK)?.trim_start();
    let rest = rest.strip_prefix("ignore")?;
    let (whole_file, rest) = match rest.strip_prefix("-file") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let mut names = Vec::new();
    if let Some(inside) = rest.trim_start().strip_prefix('[')
        && let Some((list, _)) = inside.split_once(']')
    {
        let mut at = text.len().saturating_sub(inside.len());
        for part in list.split(',') {
            let name = part.trim();
            if !name.is_empty() {
                let indent = part.len().saturating_sub(part.trim_start().len());
                names.push((name.to_owned(), at.saturating_add(indent)));
            }
            at = at.saturating_add(part.len()).saturating_add(1);
        }
    }
    Some(Directive { whole_file, names })
}

fn entry(files: &Files, comment: Comment, text: &str, directive: &Directive, layout: &Layout) -> Entry {
    let place = Place::new(comment.file, comment.span);
    let line = files.line(place);
    let reach = if directive.whole_file {
        if comment.span.start < layout.content { Reach::File } else { Reach::Misplaced }
    } else if comment.trailing {
        Reach::Beside(line)
    } else {
        Reach::Below(layout.lines.get(&line).copied().unwrap_or_else(|| line.saturating_add(1)))
    };
    let at = |from: usize, to: usize| {
        let start = comment.span.start;
        Place::new(comment.file, Span::new(start.saturating_add(from), start.saturating_add(to)))
    };
    let ends = |(name, from): &(String, usize)| from.saturating_add(name.len());
    let mut names: Vec<Name> = Vec::new();
    for (index, (name, from)) in directive.names.iter().enumerate() {
        let end = from.saturating_add(name.len());
        // A name goes with the comma before it, the first one with the comma behind it.
        let removal = match index.checked_sub(1).and_then(|before| directive.names.get(before)) {
            Some(before) => Some(at(ends(before), end)),
            None => directive.names.get(1).map(|(_, next)| at(*from, *next)),
        };
        let place = at(*from, end);
        names.push(Name { rule: name.clone(), place, exact: true, removal, used: false });
    }
    Entry {
        malformed: names.is_empty(),
        names,
        reach,
        place: Place::new(comment.file, Span::new(comment.span.start, trimmed_end(text, comment))),
        whole: Some(whole(files.text(comment.file), comment)),
    }
}

/// The end of a comment without the carriage return that some files have before their line feeds.
fn trimmed_end(text: &str, comment: Comment) -> usize {
    comment.span.start.saturating_add(text.trim_end().len())
}

/// A comment with its line, or with the blanks before it when something else stands on the line.
fn whole(text: &str, comment: Comment) -> Place {
    let before = text.get(..comment.span.start).unwrap_or_default();
    let blanks = before.len().saturating_sub(before.trim_end_matches([' ', '\t']).len());
    let start = comment.span.start.saturating_sub(blanks);
    let after = text.get(comment.span.end..).unwrap_or_default();
    let line_break = if comment.trailing {
        0
    } else if after.starts_with("\r\n") {
        2
    } else {
        usize::from(after.starts_with('\n'))
    };
    let written = text.get(comment.span.range()).unwrap_or_default();
    let end = if comment.trailing { trimmed_end(written, comment) } else { comment.span.end };
    Place::new(comment.file, Span::new(start, end.saturating_add(line_break)))
}
