//! `Gemfile`, read by its lines.

use super::{Dependency, lines, quoted, without_comment};
use crate::span::Span;

/// The gems outside the groups `development` and `test`.
pub(super) fn gemfile(text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    // For each open block, whether it is for development only; and how many of them are.
    let mut blocks: Vec<bool> = Vec::new();
    let mut left_out = 0usize;
    for (start, line) in lines(text) {
        let code = without_comment(line, "#").trim_end();
        let content = code.trim_start();
        let indent = code.len().saturating_sub(content.len());
        let (keyword, rest) = word(content);
        match keyword {
            "end" => left_out = left_out.saturating_sub(usize::from(blocks.pop() == Some(true))),
            "if" | "unless" | "case" | "begin" | "def" => blocks.push(false),
            _ if opens_block(content) => {
                let leaves_out = keyword == "group" && development(rest);
                blocks.push(leaves_out);
                left_out = left_out.saturating_add(usize::from(leaves_out));
            }
            "gem" if left_out == 0 && !development(group_option(rest)) => {
                let at =
                    start.saturating_add(indent).saturating_add(content.len().saturating_sub(rest.len()));
                found.extend(gem(rest, at));
            }
            _ => {}
        }
    }
    found
}

/// A line's first word and what follows it.
fn word(line: &str) -> (&str, &str) {
    let len = line.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(line.len());
    line.split_at_checked(len).unwrap_or((line, ""))
}

/// Whether a line ends with `do` or `do |x|`.
fn opens_block(line: &str) -> bool {
    let line = match line.strip_suffix('|').and_then(|line| line.rsplit_once('|')) {
        Some((before, _)) => before.trim_end(),
        None => line,
    };
    line.ends_with(" do")
}

/// Whether every group that is named is one for development.
fn development(groups: &str) -> bool {
    let mut named =
        groups.split(':').skip(1).map(|part| word(part).0).filter(|name| !name.is_empty()).peekable();
    named.peek().is_some() && named.all(|name| matches!(name, "development" | "test"))
}

/// The value of `group:`, `groups:` or `:group =>`.
fn group_option(line: &str) -> &str {
    let Some((_, behind)) = line.split_once("group") else { return "" };
    let behind = behind.trim_start_matches('s').trim_start();
    let Some(value) = behind.strip_prefix(':').or_else(|| behind.strip_prefix("=>")) else { return "" };
    let value = value.trim_start();
    match value.strip_prefix('[') {
        Some(list) => list.split(']').next().unwrap_or_default(),
        None => value.split(',').next().unwrap_or_default(),
    }
}

/// `"name", "requirement", "requirement", options`.
fn gem(rest: &str, at: usize) -> Option<Dependency> {
    let strings = quoted(rest);
    let (offset, name) = *strings.first()?;
    let requirements: Vec<&str> = strings
        .iter()
        .skip(1)
        .map(|(_, text)| *text)
        .take_while(|text| {
            text.trim_start().starts_with(|char: char| char.is_ascii_digit() || "<>=~!".contains(char))
        })
        .collect();
    let start = at.saturating_add(offset);
    let span = Span::new(start, start.saturating_add(name.len()));
    Some(Dependency::new(name, Some(&requirements.join(", ")), span))
}
