//! `$(NAME)` whose variable stands below, or nowhere.

use super::super::environment::{Environment, Unanswered};
use super::super::value::Val;
use super::concerns_database;
use crate::model::{Defect, Edit, Fix, Safety};
use crate::span::{Place, Span};
use crate::tree::Files;

/// The references of `env` that nothing above answers, in values about a database.
pub(super) fn of_entries(environment: &Environment, entries: &[Val], files: &Files) -> Vec<Defect> {
    environment
        .unanswered
        .iter()
        .filter(|unanswered| {
            let value = entries.get(unanswered.index).and_then(|entry| entry.get("value"));
            is_name(&unanswered.name)
                && value.is_some_and(|value| concerns_database(&unanswered.variable, value))
        })
        .map(|unanswered| defect(unanswered, entries, files))
        .collect()
}

/// What stands between the parentheses is a variable's name; anything else may be part of a password.
pub(super) fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte == b'_' || byte.is_ascii_alphabetic();
    name.bytes().next().is_some_and(letter)
        && name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

fn defect(unanswered: &Unanswered, entries: &[Val], files: &Files) -> Defect {
    let later = entries
        .iter()
        .skip(unanswered.index.saturating_add(1))
        .find(|entry| entry.str_at(&["name"]) == Some(&unanswered.name));
    let kind = match (unanswered.maybe, later) {
        (true, _) => "maybe",
        (false, Some(_)) => "later",
        (false, None) => "never",
    };
    let mut defect = Defect::new("k8s-env-forward-reference", kind, unanswered.place)
        .of(unanswered.variable.clone())
        .fact("reference", unanswered.name.clone());
    if let Some(later) = later {
        let named = later.get("name").map_or(later.place, |name| name.place);
        if named.file == unanswered.place.file {
            let lines = files.line(named).saturating_sub(files.line(unanswered.place));
            defect = defect.fact("lines", lines);
        }
        defect = defect.label(named, "defined here");
        if kind == "later" {
            let user = entries.get(unanswered.index);
            defect = defect.fix(user.and_then(|user| move_up(user, later, &unanswered.name, files)));
        }
    }
    defect
}

/// Moves the entry `later` above `user`, where both are items of a list in block style, each on lines of its own.
/// An entry with references of its own stays: they may need what stands between.
fn move_up(user: &Val, later: &Val, name: &str, files: &Files) -> Option<Fix> {
    if user.place.file != later.place.file || later.str_at(&["value"]).is_some_and(|text| text.contains("$("))
    {
        return None;
    }
    let text = files.text(user.place.file);
    let (target, indent) = line_of_item(text, user.place.span)?;
    let (start, other) = line_of_item(text, later.place.span)?;
    let rest = text.get(later.place.span.end..)?;
    let end = later.place.span.end.saturating_add(rest.find('\n')?.saturating_add(1));
    let tail = text.get(later.place.span.end..end)?.trim();
    // What is said above an entry is about it: it goes where the entry goes, and what is moved up goes above it.
    let (item, target) = (start, above_comments(text, target, indent));
    let start = above_comments(text, start, other);
    if indent != other || target >= start || !(tail.is_empty() || tail.starts_with('#')) {
        return None;
    }
    let lines = text.get(start..end)?.to_owned();
    let place = |from: usize, to: usize| Place::new(user.place.file, Span::new(from, to));
    Some(Fix {
        safety: Safety::Safe,
        title: format!("move {name} above it"),
        edits: vec![
            Edit { place: place(target, target).into(), text: lines },
            Edit { place: place(start, end).into(), text: String::new() },
        ],
        // A literal value may be a password, and people write all sorts of things into comments.
        withheld: later.get("value").is_some() || start < item,
    })
}

/// Where the comments begin that stand right above a line, indented as it is. Text of a block scalar is indented more than
/// the item that it belongs to.
fn above_comments(text: &str, line: usize, indent: &str) -> usize {
    let mut start = line;
    while let Some(before) = text.get(..start).and_then(|before| before.strip_suffix('\n')) {
        let above = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let comment = text.get(above..).and_then(|line| line.strip_prefix(indent));
        if !comment.is_some_and(|line| line.starts_with('#')) {
            break;
        }
        start = above;
    }
    start
}

/// Where the line of a list's item begins and how it is indented, when nothing but the dash stands before it.
fn line_of_item(text: &str, span: Span) -> Option<(usize, &str)> {
    let before = text.get(..span.start)?;
    let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
    let lead = before.get(start..)?;
    let indent = lead.trim_end_matches(' ').strip_suffix('-')?;
    indent.bytes().all(|byte| byte == b' ').then_some((start, indent))
}
