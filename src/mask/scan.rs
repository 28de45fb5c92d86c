//! What looks like a credential in any text, by what stands before it. Rather too much than too little.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::catalog::catalog;
use crate::span::Span;

/// Longest line that is looked at key by key; a longer one (a minified file) is masked for URLs alone.
const LONGEST_LINE: usize = 20_000;

/// The ranges of `text` that look like credentials.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let secret_object = text.contains("Secret");
    // `name: DB_PASSWORD` makes the next `value:` one.
    let mut named = false;
    let mut start = 0usize;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        urls(body, start, &mut found);
        flags(body, start, &mut found);
        bare(body, start, &mut found);
        tokens(body, start, &mut found);
        if body.len() <= LONGEST_LINE {
            named = pairs(body, start, named, secret_object, &mut found);
        }
        start = start.saturating_add(line.len());
    }
    found
}

/// Everything between the user's name and the last `@` of each URL of a line, whatever stands in it.
fn urls(line: &str, start: usize, found: &mut Vec<Span>) {
    let mut ends =
        memchr::memmem::find_iter(line.as_bytes(), b"://").map(|at| at.saturating_add(3)).peekable();
    while let Some(begin) = ends.next() {
        let end = ends.peek().map_or(line.len(), |next| next.saturating_sub(3));
        let part = line.get(begin..end).unwrap_or_default();
        let Some(at) = part.rfind('@') else { continue };
        let colon = part.get(..at).and_then(|credentials| credentials.find(':'));
        let secret = colon.map_or(0, |colon| colon.saturating_add(1));
        found.push(shifted(secret, at, start.saturating_add(begin)));
    }
}

/// `user:password@host` in a word without `://`: a URL whose scheme was forgotten or mistyped.
fn bare(line: &str, start: usize, found: &mut Vec<Span>) {
    if !line.contains('@') {
        return;
    }
    let mut from = 0usize;
    for word in line.split_inclusive(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'')) {
        if let Some((colon, at)) = credentials(word) {
            found.push(shifted(colon.saturating_add(1), at, start.saturating_add(from)));
        }
        from = from.saturating_add(word.len());
    }
}

/// Words that begin as the tokens of some service do.
fn tokens(line: &str, start: usize, found: &mut Vec<Span>) {
    let ends =
        |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '=' | ':' | ',' | '(' | ')');
    let mut from = 0usize;
    for word in line.split_inclusive(ends) {
        let token = word.trim_end_matches(ends);
        if PREFIXES.iter().any(|prefix| token.len() > prefix.len() && token.starts_with(prefix)) {
            found.push(shifted(0, token.len(), start.saturating_add(from)));
        }
        from = from.saturating_add(word.len());
    }
}

/// Where the colon and the `@` around the password of such a word are. The digest of an image is none.
fn credentials(word: &str) -> Option<(usize, usize)> {
    let at = word.rfind('@').filter(|_| !word.contains("://"))?;
    let colon = word.get(..at)?.find(':')?;
    let digest = word.get(at..).is_some_and(|rest| rest.starts_with("@sha256:"));
    (!digest).then_some((colon, at))
}

/// What follows a flag whose name marks a credential (`--db-password X`), and what is glued to the `-p` of MySQL's
/// programs, also inside a line that is handed to a shell.
fn flags(line: &str, start: usize, found: &mut Vec<Span>) {
    let mysql = ["mysql", "mariadb"].iter().any(|program| line.contains(program));
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ',' | ';' | '`');
    let mut awaited = false;
    let mut at = 0usize;
    for word in line.split(ends) {
        let from = at;
        at = at.saturating_add(word.len()).saturating_add(1);
        if word.is_empty() {
            continue;
        }
        let to = from.saturating_add(word.len());
        if awaited && !word.starts_with('-') {
            push(word, from, to, start, found);
        } else if mysql && word.len() > 2 && word.starts_with("-p") {
            push(word.get(2..).unwrap_or_default(), from.saturating_add(2), to, start, found);
        }
        awaited = word.strip_prefix('-').is_some_and(|flag| is_credential(flag.trim_start_matches('-')));
    }
}

/// `key=value` and `key: value` with a key that marks a credential, wherever in the line. Whether the line ends
/// with a `name:` of one is passed on to the next.
fn pairs(line: &str, start: usize, mut named: bool, secret_object: bool, found: &mut Vec<Span>) -> bool {
    let mut carried = false;
    let signs = line.char_indices().filter(|(_, letter)| matches!(letter, '=' | ':'));
    for (index, (at, sign)) in signs.enumerate() {
        let key = key_before(line, at);
        if key.is_empty() {
            continue;
        }
        let (from, to) = value_after(line, at.saturating_add(1), sign, index == 0);
        let value = line.get(from..to).unwrap_or_default();
        if key.eq_ignore_ascii_case("name") {
            named = is_credential(value);
            carried = named;
        } else if key.eq_ignore_ascii_case("value") {
            if named {
                push(value, from, to, start, found);
            }
        } else if is_credential(key) || (secret_object && sign == ':' && is_encoded(value)) {
            push(value, from, to, start, found);
        }
    }
    // A `value:` stands on the line behind its `name:`, or behind a comment or blank line in between.
    carried || (named && !line.contains(':'))
}

fn push(value: &str, from: usize, to: usize, start: usize, found: &mut Vec<Span>) {
    if !value.is_empty() && !is_reference(value) {
        found.push(shifted(from, to, start));
    }
}

fn shifted(from: usize, to: usize, by: usize) -> Span {
    Span::new(from, to).shifted(by)
}

/// The name that ends before `at`, without quotes and blanks between.
fn key_before(line: &str, at: usize) -> &str {
    let before = line.get(..at).unwrap_or_default().trim_end_matches([' ', '\t', '"', '\'']);
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
fn value_after(line: &str, at: usize, sign: char, first: bool) -> (usize, usize) {
    let rest = line.get(at..).unwrap_or_default();
    let blanks = rest.len().saturating_sub(rest.trim_start().len());
    let from = at.saturating_add(blanks);
    let value = line.get(from..).unwrap_or_default();
    if let Some(quote) = value.chars().next().filter(|letter| matches!(letter, '"' | '\'')) {
        let inner = value.get(1..).unwrap_or_default();
        let begin = from.saturating_add(1);
        // In the first pair the last quote closes: a password may hold the sign itself.
        let close = if first { inner.rfind(quote) } else { inner.find(quote) };
        return (begin, begin.saturating_add(close.unwrap_or(inner.len())));
    }
    let flow = line.contains('{') && sign == ':';
    let end = if first && !flow {
        value.len()
    } else {
        value
            .find(|letter: char| {
                letter.is_whitespace() || matches!(letter, '&' | ';' | ',' | '"' | '\'' | '}')
            })
            .unwrap_or(value.len())
    };
    (from, from.saturating_add(value.get(..end).unwrap_or_default().trim_end().len()))
}

/// Whether a key marks a credential. `key` and `keys` alone name entries of other things.
fn is_credential(key: &str) -> bool {
    !matches!(key, "key" | "keys") && catalog().is_secret_name(key)
}

/// A value that only refers to one: `${NAME}`, `$(NAME)`, `{{ … }}`, an anchor, a block.
fn is_reference(value: &str) -> bool {
    let value = value.trim();
    let whole = |open: &str, close: char| {
        value.starts_with(open) && value.find(close).is_some_and(|at| at.saturating_add(1) == value.len())
    };
    matches!(value, "|" | ">" | "|-" | ">-" | "{" | "[" | "true" | "false" | "null")
        || (whole("${", '}') && !value.contains(":-") && !value.contains(":="))
        || whole("$(", ')')
        || value.starts_with("{{")
        || value.starts_with('*')
}

/// Base64 of a text, as Secrets hold them.
fn is_encoded(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    value.len() >= 8
        && STANDARD.decode(value).is_ok_and(|bytes| {
            std::str::from_utf8(&bytes)
                .is_ok_and(|text| text.chars().all(|letter| !letter.is_control() || letter == '\n'))
        })
}

/// Beginnings of keys that well-known services give out.
const PREFIXES: [&str; 12] = [
    "sk_",
    "pk_",
    "rk_",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "xox",
    "AKIA",
    "eyJ",
    "-----BEGIN",
    "AIza",
];

/// Whether a value may be a credential by its form alone: a known beginning, a colon before an `@` outside a URL (one
/// whose scheme was forgotten or mistyped), or a long run of letters and digits that nobody would type.
#[must_use]
pub fn may_be_secret(value: &str) -> bool {
    let value = value.trim();
    if PREFIXES.iter().any(|prefix| value.starts_with(prefix)) {
        return true;
    }
    if credentials(value).is_some() {
        return true;
    }
    let token =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=' | '_' | '-');
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let letters = value.chars().filter(char::is_ascii_alphabetic).count();
    let mixed = value.chars().any(|letter| letter.is_ascii_lowercase())
        && (value.chars().any(|letter| letter.is_ascii_uppercase())
            || value.chars().all(|letter| letter.is_ascii_hexdigit()));
    value.len() >= 20 && value.chars().all(token) && digits >= 3 && letters >= 3 && mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        crate::mask::text(text, &[])
    }

    #[test]
    fn credentials_are_hidden_wherever_they_stand() {
        for (text, shown) in [
            ("DATABASE_URL=postgres://app:hunter2@db/app", "DATABASE_URL=postgres://app:*******@db/app"),
            ("# old: postgres://app:p@ss#1@db/app", "# old: postgres://app:******@db/app"),
            ("x: redis://:hunter2@cache", "x: redis://:*******@cache"),
            ("url: https://token@host/x", "url: https://*****@host/x"),
            ("DATABASE_URL=app:hunter2@db/app", "DATABASE_URL=app:*******@db/app"),
            ("url: \"postgres:/a:b@c\"", "url: \"postgres:****@c\""),
            ("DB_PASSWORD='a b'", "DB_PASSWORD='***'"),
            ("  password: hunter 2", "  password: ********"),
            ("DSN=host=db password=hunter2 dbname=app", "DSN=host=db password=******* dbname=app"),
            (
                "u: mysql://db/app?user=a&password=hunter2&x=1",
                "u: mysql://db/app?user=a&password=*******&x=1",
            ),
            ("- {name: DB_PASSWORD, value: hunter2}", "- {name: DB_PASSWORD, value: *******}"),
            ("- name: DB_PASSWORD\n  value: hunter2\n", "- name: DB_PASSWORD\n  value: *******\n"),
            (
                "kind: Secret\ndata:\n  URL: cG9zdGdyZXM6Ly9h\n",
                "kind: Secret\ndata:\n  URL: ****************\n",
            ),
            ("command: sh -c \"run --db-password hunter2\"", "command: sh -c \"run --db-password *******\""),
            ("command: sh -c \"mysql -uroot -phunter2 x\"", "command: sh -c \"mysql -uroot -p******* x\""),
            ("\"apiToken\": \"abc\",", "\"apiToken\": \"***\","),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn what_only_refers_or_counts_is_shown() {
        for text in [
            "DB_PASSWORD=${DB_PASSWORD}",
            "value: $(DB_PASSWORD)",
            "secretKeyRef: {name: db, key: url}",
            "- name: DB_HOST\n  value: db\n",
            "- name: DB_PASSWORD\n  valueFrom: x\n- name: A\n  value: b\n",
            "POSTGRES_PASSWORD_FILE=/run/secrets/db",
            "image: postgres:16",
            "image: postgres:16@sha256:0a1b2c",
            "# ask a@example.com: she knows",
            "DB_POOL_SIZE=10",
            "https://example.com:8080/path",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn forms_of_credentials() {
        for value in [
            "sk_live_abc",
            "app:hunter2@db/app",
            "postgres:/app:hunter2@db/app",
            "eyJhbGciOi",
            "d41d8cd98f00b204e9800998ecf8427e",
            "Zm9vYmFyMTIzNDU2Nzg5MA==",
        ] {
            assert!(may_be_secret(value), "{value}");
        }
        for value in [
            "production",
            "a@example.com",
            "http://api:8080",
            "postgres:16-alpine",
            "my-service-name-for-2024",
            "10",
        ] {
            assert!(!may_be_secret(value), "{value}");
        }
    }
}
