//! Credentials before an `@`: those of URLs, and those of words that are nearly one.

use super::scan::shifted;
use crate::span::Span;

/// The ranges behind each `://` of a text that may hold credentials, up to the next URL. A `://` inside a word that
/// has had no `@` yet is part of a password.
pub(super) fn regions(text: &str) -> Vec<Span> {
    let begins: Vec<usize> =
        memchr::memmem::find_iter(text.as_bytes(), b"://").map(|at| at.saturating_add(3)).collect();
    let mut found: Vec<Span> = Vec::with_capacity(begins.len());
    for (index, begin) in begins.iter().enumerate() {
        let next = index.checked_add(1).and_then(|next| begins.get(next));
        let end = next.map_or(text.len(), |next| next.saturating_sub(3));
        match found.last_mut() {
            Some(last) if is_open(text.get(last.range()).unwrap_or_default()) => last.end = end,
            _ => found.push(Span::new(*begin, end)),
        }
    }
    found
}

/// Whether what follows belongs to the same URL: no `@` so far, nothing that separates words, and something that looks
/// like the beginning of credentials.
fn is_open(part: &str) -> bool {
    let separates =
        |letter: char| letter.is_whitespace() || matches!(letter, '@' | '"' | '\'' | ',' | '`' | '<' | '>');
    part.contains(':') && !part.contains(separates)
}

/// Everything between the user's name and the last `@` of each URL of a line, whatever stands in it.
pub(super) fn urls(line: &str, start: usize, found: &mut Vec<Span>) {
    for region in regions(line) {
        let part = line.get(region.range()).unwrap_or_default();
        let Some(at) = part.rfind('@') else { continue };
        let colon = part.get(..at).and_then(|credentials| credentials.find(':'));
        let secret = colon.map_or(0, |colon| colon.saturating_add(1));
        found.push(shifted(secret, at, start.saturating_add(region.start)));
    }
}

/// `user:password@host` and Oracle's `user/password@//host` in a word without `://`: a URL whose scheme was forgotten
/// or mistyped, or that has none.
pub(super) fn bare(line: &str, start: usize, found: &mut Vec<Span>) {
    if !line.contains('@') {
        return;
    }
    let mut from = 0usize;
    for word in line.split_inclusive(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'')) {
        if let Some(span) = before_at(word) {
            found.push(shifted(span.start, span.end, start.saturating_add(from)));
        }
        from = from.saturating_add(word.len());
    }
}

/// The password of such a word. The digest of an image is none.
pub(super) fn before_at(word: &str) -> Option<Span> {
    let at = word.rfind('@').filter(|_| !word.contains("://"))?;
    let (before, rest) = (word.get(..at)?, word.get(at.saturating_add(1)..)?);
    if rest.starts_with("sha256:") {
        return None;
    }
    if let Some(colon) = before.find(':') {
        return Some(Span::new(colon.saturating_add(1), at)).filter(|span| !span.is_empty());
    }
    let (user, password) = before.split_once('/')?;
    let port = rest.rsplit_once(':').and_then(|(_, port)| port.chars().next());
    let placed = rest.contains('/') || port.is_some_and(|first| first.is_ascii_digit());
    let one = !user.is_empty() && !user.starts_with(['@', '.']) && !password.contains('/');
    (one && placed).then(|| Span::new(user.len().saturating_add(1), at))
}

/// Whether what stands before an `@` in a value may be a credential: it is neither an address of a person, nor the
/// digest of an image, nor a version of a package, nor a path on a host of SSH.
pub(super) fn is_doubtful(value: &str) -> bool {
    let separates = |letter: char| {
        letter.is_whitespace() || matches!(letter, ',' | ';' | '`' | '"' | '\'' | '<' | '>' | '(' | ')')
    };
    let words = value.split(separates).filter(|word| word.contains('@') && !word.contains("://"));
    words.into_iter().any(|word| !is_address(word))
}

fn is_address(word: &str) -> bool {
    let Some((before, rest)) = word.rsplit_once('@') else { return true };
    let name = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || more.contains(letter))
    };
    let version = || {
        let digits = rest.trim_start_matches(['v', '^', '~', '=']);
        digits.starts_with(|first: char| first.is_ascii_digit())
            || matches!(rest, "latest" | "main" | "master")
    };
    // `0@kafka:9093`, a member of a quorum.
    let member =
        || before.len() <= 2 && before.chars().all(|letter| letter.is_ascii_digit()) && rest.contains(':');
    let mail = || name(before, "._+-") && rest.contains('.') && name(rest, ".-");
    rest.starts_with("sha256:")
        || (before == "git" && rest.contains(':'))
        // `@daily`, `@scope/package`
        || (before.is_empty() && name(rest, "/-_."))
        || (version() && name(before.trim_start_matches('@'), "/-_.") && !rest.contains([':', '/']))
        || member()
        || mail()
}

#[cfg(test)]
mod tests {
    use super::is_doubtful;

    #[test]
    fn an_at_sign_separates_a_credential_or_something_harmless() {
        for value in [
            "hunter2@db",
            "hunter2@db.internal:5432",
            "hunter2@db.internal/app",
            "app/hunter2@//db/service",
            "app/hunter2@orcl",
            "hun!ter@db.internal",
        ] {
            assert!(is_doubtful(value), "{value}");
        }
        for value in [
            "a@example.com",
            "Ann <ann.b+c@example.com>, bob@example.com",
            "ghcr.io/a/b@sha256:0a1b2c",
            "left-pad@1.3.0",
            "@scope/pkg@^2.0",
            "actions/checkout@v4",
            "git@github.com:a/b.git",
            "@daily",
            "https://a:b@c",
        ] {
            assert!(!is_doubtful(value), "{value}");
        }
    }
}
