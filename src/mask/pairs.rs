//! `key=value` and `key: value` with a key that marks a credential.

use super::forms;
use super::scan::{is_credential, is_reference, shifted};
use crate::span::Span;

/// Such pairs, wherever in the line. Whether the line ends with a `name:` of one is passed on to the next.
pub(super) fn pairs(line: &str, start: usize, mut named: bool, found: &mut Vec<Span>) -> bool {
    let mut carried = false;
    let signs = line.char_indices().filter(|(_, letter)| matches!(letter, '=' | ':'));
    for (index, (at, sign)) in signs.enumerate() {
        let key = key_before(line, at);
        if key.is_empty() {
            continue;
        }
        let (from, mut to) = value_after(line, at.saturating_add(1), sign, index == 0);
        // An argument that is quoted as a whole: `"PASSWORD=a b"`.
        if sign == '='
            && let Some(quote) = quote_around(line, at, key)
        {
            let rest = line.get(from..).unwrap_or_default();
            to = to.max(from.saturating_add(rest.find(quote).unwrap_or_default()));
        }
        let value = line.get(from..to).unwrap_or_default();
        if key.eq_ignore_ascii_case("name") || key.eq_ignore_ascii_case("key") {
            named = is_credential(value);
            carried = named;
        } else if key.eq_ignore_ascii_case("value") {
            if named {
                push(value, from, to, start, found);
            }
        } else if is_credential(key) {
            push(value, from, to, start, found);
        } else if forms::is_address_name(key)
            && !value.contains("://")
            && let Some(end) = value.rfind('@')
        {
            // A user's name before a colon is none of it.
            let user =
                value.get(..end).and_then(|before| before.find(':')).map_or(0, |at| at.saturating_add(1));
            found.push(shifted(from.saturating_add(user), from.saturating_add(end), start));
        }
    }
    // A `value:` stands on the line behind its `name:`, or behind a comment or blank line in between.
    carried || (named && !line.contains(':'))
}

/// `<password>…</password>`.
pub(super) fn elements(line: &str, start: usize, found: &mut Vec<Span>) {
    for (at, _) in line.match_indices('>') {
        let key = key_before(line, at);
        let opened = line.get(..at.saturating_sub(key.len())).is_some_and(|before| before.ends_with('<'));
        let value = line.get(at.saturating_add(1)..).unwrap_or_default();
        if opened && is_credential(key) {
            let end = value.find("</").unwrap_or(value.len());
            push(
                value.get(..end).unwrap_or_default(),
                at.saturating_add(1),
                at.saturating_add(1).saturating_add(end),
                start,
                found,
            );
        }
    }
}

/// The indentation of a key that marks a credential whose value is a block on the lines below.
pub(super) fn opens_block(line: &str) -> Option<usize> {
    let (key, value) = line.split_once(':')?;
    let indicator = value.split(" #").next().unwrap_or_default().trim();
    let block = indicator.starts_with(['|', '>']) && indicator.len() <= 3;
    let own = line.len().saturating_sub(line.trim_start_matches([' ', '-']).len());
    (block && is_credential(key_before(key, key.len()))).then_some(own)
}

/// `password%3D…`: such a pair inside a parameter of a URL.
pub(super) fn encoded(line: &str, start: usize, found: &mut Vec<Span>) {
    let signs = line.match_indices("%3").filter(|(at, _)| {
        line.get(at.saturating_add(2)..).is_some_and(|rest| rest.starts_with(['D', 'd', 'A', 'a']))
    });
    for (at, _) in signs {
        let from = at.saturating_add(3);
        let value = line.get(from..).unwrap_or_default();
        let end = value
            .find(|letter: char| letter.is_whitespace() || matches!(letter, '&' | '"' | '\'' | '#' | '+'))
            .unwrap_or(value.len());
        let end = value.find("%20").map_or(end, |blank| blank.min(end));
        if is_credential(key_before(line, at)) && end > 0 {
            found.push(shifted(from, from.saturating_add(end), start));
        }
    }
}

fn push(value: &str, from: usize, to: usize, start: usize, found: &mut Vec<Span>) {
    if !value.is_empty() && !is_reference(value) {
        found.push(shifted(from, to, start));
    }
}

/// The quote that opens right before the key that ends at `at`.
fn quote_around(line: &str, at: usize, key: &str) -> Option<char> {
    let before = line.get(..at)?.strip_suffix(key)?;
    before.chars().next_back().filter(|letter| matches!(letter, '"' | '\''))
}

/// The name that ends before `at`, without quotes and blanks between.
pub(super) fn key_before(line: &str, at: usize) -> &str {
    let before = line.get(..at).unwrap_or_default().trim_end_matches([' ', '\t', '"', '\'', '\\']);
    let begin = before
        .rfind(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.')))
        .map_or(0, |last| {
            last.saturating_add(
                before.get(last..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8),
            )
        });
    before.get(begin..).unwrap_or_default()
}

/// The range of the value that begins behind `at`. The first pair of a line has all of it; a later one ends where
/// queries, lists and connection strings separate.
pub(super) fn value_after(line: &str, at: usize, sign: char, first: bool) -> (usize, usize) {
    let rest = line.get(at..).unwrap_or_default();
    let blanks = rest.len().saturating_sub(rest.trim_start().len());
    let from = at.saturating_add(blanks);
    let value = line.get(from..).unwrap_or_default();
    let escapes = value.len().saturating_sub(value.trim_start_matches('\\').len());
    let opened = value.get(escapes..).unwrap_or_default();
    if let Some(quote) = opened.chars().next().filter(|letter| matches!(letter, '"' | '\'')) {
        let inner = opened.get(1..).unwrap_or_default();
        let begin = from.saturating_add(escapes).saturating_add(1);
        // In the first pair the last quote closes: a password may hold the sign itself.
        let close = if first { inner.rfind(quote) } else { closing(inner, quote, escapes > 0) };
        return (begin, begin.saturating_add(close.unwrap_or(inner.len())));
    }
    let flow = line.contains('{') && sign == ':';
    let end = if first && !flow {
        value.len()
    } else if sign == ':' && blanks > 0 {
        // A header or an entry of a mapping: its value may have several words.
        value.find(['"', '\'', '}']).unwrap_or(value.len())
    } else {
        ends(value)
    };
    let end = if flow { end.min(comma(value)) } else { end };
    (from, from.saturating_add(value.get(..end).unwrap_or_default().trim_end().len()))
}

/// Where a value without quotes ends. A comma ends it only before a blank or a quote: passwords hold commas.
fn ends(value: &str) -> usize {
    let mut escaped = false;
    let other = value.char_indices().find_map(|(at, letter)| {
        let ends = matches!(letter, '&' | ';' | '"' | '\'' | '}') || (letter.is_whitespace() && !escaped);
        escaped = letter == '\\';
        ends.then_some(at)
    });
    let other = other.unwrap_or(value.len());
    other.min(comma(value))
}

/// Where the first comma stands that separates.
fn comma(value: &str) -> usize {
    let separates = |(at, _): &(usize, &str)| {
        let behind = value.get(at.saturating_add(1)..).unwrap_or_default();
        behind.is_empty() || behind.starts_with([' ', '\t', '"', '\'', '\\'])
    };
    value.match_indices(',').find(separates).map_or(value.len(), |(at, _)| at)
}

/// Where a quoted value ends: a quote behind a backslash is part of it, unless the first one had one too.
pub(super) fn closing(inner: &str, quote: char, escaped: bool) -> Option<usize> {
    let mut closes = inner.match_indices(quote);
    let is_end = |(at, _): &(usize, &str)| {
        let slashes = inner.get(..*at).unwrap_or_default();
        let slashes = slashes.len().saturating_sub(slashes.trim_end_matches('\\').len());
        if escaped { slashes == 1 } else { slashes % 2 == 0 }
    };
    closes.find(is_end).map(|(at, _)| at)
}
