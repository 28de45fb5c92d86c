//! Whether a whole value may be a credential by its form, whatever its name.

use super::{scan, urls};
use crate::catalog::catalog;

/// Whether a value may hold a credential by its form alone: whatever the scan finds in it, `user:password`, something
/// before an `@` that is no address, or a long run of letters and digits that nobody would type.
#[must_use]
pub fn may_be_secret(value: &str) -> bool {
    let value = value.trim();
    catalog().ambient.token_prefixes.iter().any(|prefix| value.starts_with(prefix.as_str()))
        || !scan::spans(value).is_empty()
        || urls::is_doubtful(value)
        || is_user_info(value)
        || value.split(separates).any(is_random)
        || (is_random(value) && !value.starts_with(['/', '.']))
}

fn separates(letter: char) -> bool {
    letter.is_whitespace() || "\"'`,;:=&?/|()[]{}<>\\".contains(letter)
}

/// Whether the last word of a variable's name says that it leads somewhere: what stands before an `@` in it is a
/// credential then, also where no scheme is.
#[must_use]
pub fn is_address_name(name: &str) -> bool {
    const LAST: [&str; 10] =
        ["url", "uri", "dsn", "conn", "connstr", "connection", "string", "endpoint", "broker", "jdbc"];
    let lower = name.to_ascii_lowercase();
    LAST.iter().any(|word| lower.ends_with(word))
}

/// A long run of letters and digits that nobody would type. The digest of an image and a UUID are none.
fn is_random(value: &str) -> bool {
    let token =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=' | '_' | '-');
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let letters = value.chars().filter(char::is_ascii_alphabetic).count();
    let mixed = value.chars().any(|letter| letter.is_ascii_lowercase())
        && (value.chars().any(|letter| letter.is_ascii_uppercase())
            || value.chars().all(|letter| letter.is_ascii_hexdigit()));
    let digest = value.len() == 64 && value.chars().all(|letter| letter.is_ascii_hexdigit());
    value.len() >= 20 && value.chars().all(token) && digits >= 3 && letters >= 3 && mixed && !digest
}

/// `user:password`, also with more words behind further colons. A host with its port, an image with its tag, a path,
/// numbers and a list of names in capitals are none.
fn is_user_info(value: &str) -> bool {
    value.split(',').any(|item| is_pair(item.trim()))
}

fn is_pair(item: &str) -> bool {
    let Some((left, right)) = item.split_once(':') else { return false };
    let word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-' | '@' | '+');
    let user = left.starts_with(|first: char| first.is_alphanumeric() || first == '_')
        && left.chars().all(word)
        && !item.contains(char::is_whitespace);
    user && !right.is_empty() && !is_opaque(left) && !is_harmless(left, right)
}

/// Schemes whose URLs have no `//`.
fn is_opaque(left: &str) -> bool {
    const OPAQUE: [&str; 12] = [
        "file", "classpath", "filesystem", "arn", "urn", "sqlite", "jdbc", "mem", "unix", "sha256", "mailto",
        "data",
    ];
    OPAQUE.iter().any(|scheme| left.eq_ignore_ascii_case(scheme))
}

/// What stands behind the colon of a port, a tag, a path, a time, an address and a map of names in capitals.
fn is_harmless(left: &str, right: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
    let first = right.split(['/', ':', '?']).next().unwrap_or_default();
    let port = first.parse::<u16>().is_ok();
    let hex = |text: &str| text.chars().all(|letter| letter.is_ascii_hexdigit() || letter == ':');
    let capitals = |text: &str| text.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    port || right.starts_with(['/', '.', '$', '\\', crate::span::UNKNOWN])
        || is_tag(right)
        || (number(left) && right.chars().all(|letter| letter.is_ascii_digit() || ":.".contains(letter)))
        || (right.contains(':') && hex(left) && hex(right))
        || (capitals(left) && capitals(right))
}

/// Tags as images have them: versions, with the usual words behind, and the names of branches of development.
fn is_tag(right: &str) -> bool {
    const WORDS: [&str; 24] = [
        "latest", "stable", "main", "master", "edge", "nightly", "dev", "alpine", "slim", "bookworm", "bullseye",
        "trixie", "jammy", "noble", "focal", "debian", "ubuntu", "management", "rc", "beta", "alpha", "lts",
        "community", "ro",
    ];
    let mut words = right.split(['-', '.', '_']);
    !right.is_empty()
        && words.all(|word| {
            let word = word.trim_start_matches('v').trim_end_matches(|letter: char| letter.is_ascii_digit());
            word.is_empty() || WORDS.contains(&word)
        })
        && (right.len() <= 5 || !right.chars().all(|letter| letter.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
