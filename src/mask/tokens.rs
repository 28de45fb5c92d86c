//! What is a credential by its form: keys that begin as those of a service do, hashed passwords, what `Bearer`
//! introduces, and the files that PgBouncer and libpq read users from.

use super::scan::shifted;
use crate::catalog::catalog;
use crate::span::Span;

/// Fewest signs behind the beginning of a token; fewer are somebody's abbreviation.
const SHORTEST_TOKEN: usize = 6;
/// Fewest signs behind the mark of a hash.
const SHORTEST_HASH: usize = 8;

fn separates(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '"' | '\'' | '=' | ':' | ',' | '(' | ')' | '/' | '\\' | '&' | '?')
}

/// Words that begin as the tokens of some service do, or follow the name of an authentication scheme.
pub(super) fn tokens(line: &str, start: usize, found: &mut Vec<Span>) {
    let mut introduced = None;
    let mut from = 0usize;
    for word in line.split_inclusive(separates) {
        let token = word.trim_end_matches(separates);
        let span = shifted(0, token.len(), start.saturating_add(from));
        from = from.saturating_add(word.len());
        if token.is_empty() {
            continue;
        }
        if is_token(token)
            || introduced.is_some_and(|least| token.len() >= least && !token.starts_with(['$', '{']))
        {
            // What follows a scheme reaches to the next blank or quote: base64 holds `/` and `=`.
            let rest = line.get(span.start.saturating_sub(start)..).unwrap_or_default();
            let end = rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\''));
            let end = span.start.saturating_add(end.unwrap_or(rest.len()));
            found.push(if introduced.is_some() { Span::new(span.start, end) } else { span });
        }
        let blank = word.ends_with(|letter: char| letter.is_whitespace());
        introduced = match token.to_ascii_lowercase().as_str() {
            "bearer" if blank => Some(1),
            "basic" if blank => Some(8),
            _ => None,
        };
    }
}

pub(super) fn is_token(word: &str) -> bool {
    let known = |prefix: &String| {
        word.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.len() >= SHORTEST_TOKEN)
            || (word == prefix && prefix.starts_with('-'))
    };
    catalog().ambient.token_prefixes.iter().any(known)
}

/// Hashed passwords, with `$` written twice as well, as Compose files must.
pub(super) fn hashes(line: &str, start: usize, found: &mut Vec<Span>) {
    if !line.contains(['$', '{']) && !line.contains("md5") {
        return;
    }
    let doubled: Vec<String> =
        catalog().ambient.hash_marks.iter().map(|mark| mark.replace('$', "$$")).collect();
    for mark in catalog().ambient.hash_marks.iter().chain(&doubled) {
        for (at, _) in line.match_indices(mark.as_str()) {
            let end = word_end(line, at);
            if end.saturating_sub(at) >= mark.len().saturating_add(SHORTEST_HASH) {
                found.push(shifted(at, end, start));
            }
        }
    }
    for (at, _) in line.match_indices("md5") {
        let from = at.saturating_add(3);
        let digits = line.get(from..).unwrap_or_default().chars();
        if digits.take_while(char::is_ascii_hexdigit).count() == 32 {
            found.push(shifted(at, from.saturating_add(32), start));
        }
    }
}

fn word_end(line: &str, at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    let end =
        rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ',' | '`' | '\\'));
    at.saturating_add(end.unwrap_or(rest.len()))
}

/// The password of a line of PgBouncer's `userlist.txt`, alone on the line or all of a value: `"user" "password"`.
pub(super) fn userlist(line: &str, start: usize, found: &mut Vec<Span>) {
    // Where the value begins, if the line is a key with one.
    let value = line.find(['=', ':']).map_or(0, |at| at.saturating_add(1));
    for from in [0, value] {
        let rest = line.get(from..).unwrap_or_default();
        let blanks = rest.len().saturating_sub(rest.trim_start_matches([' ', '\t', '\'', '-']).len());
        let from = from.saturating_add(blanks);
        let Some(span) = line.get(from..).and_then(entry) else { continue };
        found.push(span.shifted(from).shifted(start));
        return;
    }
}

/// Whether a text is a line of such a file.
pub(super) fn is_userlist(text: &str) -> bool {
    entry(text.trim()).is_some()
}

/// The second of two quoted words and nothing else than further pairs.
fn entry(text: &str) -> Option<Span> {
    // In YAML's double quotes and in JSON the quotes are escaped, and the first one opens the value.
    let quote = if text.contains("\\\"") { "\\\"" } else { "\"" };
    let inner = if quote.len() > 1 { text.strip_prefix('"').unwrap_or(text) } else { text };
    let before = text.len().saturating_sub(inner.len());
    let (user, rest) = inner.strip_prefix(quote)?.split_once(quote)?;
    let plain = |letter: char| letter.is_alphanumeric() || "_-.@*".contains(letter);
    let gap = rest.len().saturating_sub(rest.trim_start_matches([' ', '\t']).len());
    if gap == 0 || !user.chars().all(plain) || !rest.trim_start().starts_with(quote) {
        return None;
    }
    let from = before
        .saturating_add(quote.len().saturating_mul(2))
        .saturating_add(user.len())
        .saturating_add(gap)
        .saturating_add(quote.len());
    let password = text.get(from..)?;
    let end = password.rfind(quote)?;
    Some(Span::new(from, from.saturating_add(end)))
}

/// The password of a line of libpq's `.pgpass`: `host:port:database:user:password`.
pub(super) fn pgpass(line: &str, start: usize, found: &mut Vec<Span>) {
    // Behind the name of a variable and quotes.
    let begin = line.find('=').map_or(0, |at| at.saturating_add(1));
    for from in [0, begin] {
        for word in words(line.get(from..).unwrap_or_default()) {
            let text = line.get(from..).and_then(|rest| rest.get(word.range())).unwrap_or_default();
            if let Some(at) = fifth(text) {
                found.push(Span::new(word.start.saturating_add(at), word.end).shifted(from).shifted(start));
            }
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0usize;
    text.split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'')).map(move |word| {
        let from = at;
        at = at.saturating_add(word.len()).saturating_add(1);
        Span::new(from, from.saturating_add(word.len()))
    })
}

/// Where the fifth field of such a line begins.
fn fifth(word: &str) -> Option<usize> {
    let mut fields = word.splitn(5, ':');
    let (host, port, database, user) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let password = fields.next().filter(|password| !password.is_empty())?;
    let number = port == "*" || (!port.is_empty() && port.chars().all(|digit| digit.is_ascii_digit()));
    // Numbers all through are an address of IPv6 or of hardware.
    let worded = |text: &str| text == "*" || text.contains(|letter: char| letter.is_alphabetic());
    let fits = !host.is_empty() && number && !database.is_empty() && worded(user);
    fits.then(|| word.len().saturating_sub(password.len()))
}
