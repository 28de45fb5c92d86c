//! Finding providers, plans and error messages.

use std::ops::Range;
use std::sync::OnceLock;

use super::knowledge::{Endpoint, ErrorEntry, Knowledge, Plan, Provider};

/// The shortest text that is looked for inside messages, in bytes: shorter ones are words of many.
const SHORTEST_PART: usize = 12;

/// Lines longer than this are no messages but data.
pub(super) const LONGEST_LINE: usize = 16 * 1024;

/// What is known of providers and errors, decoded on first use.
#[must_use]
pub fn knowledge() -> &'static Knowledge {
    static KNOWLEDGE: OnceLock<Knowledge> = OnceLock::new();
    KNOWLEDGE.get_or_init(|| {
        // Made from the same types by the same build, like the catalogue: a test says that it decodes.
        postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/knowledge.postcard")))
            .unwrap_or_default()
    })
}

impl Endpoint {
    /// The server's own host, where that of its pooler tells it.
    #[must_use]
    pub fn direct_host(&self, host: &str) -> Option<String> {
        let (label, rest) = host.split_once('.')?;
        Some(format!("{}.{rest}", label.strip_suffix(self.pooled_mark.as_deref()?)?))
    }
}

/// Whose host this is, and which of its endpoints. Without a port only an endpoint for any port, or the only kind that
/// the provider has under this host, is told.
#[must_use]
pub fn provider_of_host(host: &str, port: Option<u16>) -> Option<(&'static Provider, &'static Endpoint)> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    knowledge().providers.iter().find_map(|provider| {
        provider
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.port.is_none() || endpoint.port == port)
            .find(|endpoint| is_whole(&endpoint.host, &host))
            .map(|endpoint| (provider, endpoint))
    })
}

/// The plans of this name (`aws-rds/db.t3.medium`), one for each engine.
#[must_use]
pub fn plans(name: &str) -> Vec<&'static Plan> {
    let Some((id, plan)) = name.split_once('/') else { return Vec::new() };
    knowledge()
        .providers
        .iter()
        .filter(|provider| provider.id == id)
        .flat_map(|provider| &provider.plans)
        .filter(|known| known.name.eq_ignore_ascii_case(plan))
        .collect()
}

/// Every plan's whole name.
pub fn plan_names() -> impl Iterator<Item = String> {
    knowledge()
        .providers
        .iter()
        .flat_map(|provider| provider.plans.iter().map(move |plan| format!("{}/{}", provider.id, plan.name)))
}

/// The first error that a text holds.
#[must_use]
pub fn error_of(text: &str) -> Option<&'static ErrorEntry> {
    errors_of(text).into_iter().next()
}

/// Every error that a text holds, in the order in which they are met; the text may be a log. A code counts when it
/// is the whole text, one of Prisma's as a word too. A line in which nothing is met may be a part of a message.
#[must_use]
pub fn errors_of(text: &str) -> Vec<&'static ErrorEntry> {
    let errors = &knowledge().errors;
    let code = text.trim();
    let mut found: Vec<&ErrorEntry> = errors
        .iter()
        .filter(|entry| entry.codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
        .collect();
    let texts: Vec<(&ErrorEntry, String)> = errors
        .iter()
        .flat_map(|entry| entry.texts.iter().map(move |text| (entry, text.to_lowercase())))
        .collect();
    let words = words(errors);
    for line in text.lines().filter(|line| line.len() <= LONGEST_LINE) {
        let line = without_escapes(line).to_lowercase();
        let mut hits: Vec<(Range<usize>, &ErrorEntry)> =
            texts.iter().filter_map(|(entry, pattern)| Some((met(entry, pattern, &line)?, *entry))).collect();
        hits.extend(words.iter().filter_map(|(entry, word)| Some((word_in(word, &line)?, *entry))));
        // "too many connections" in "too many connections for role" is no message of its own.
        let all = hits.clone();
        hits.retain(|(hit, entry)| {
            !all.iter().any(|(other, by)| {
                by.id != entry.id
                    && other.start <= hit.start
                    && hit.end <= other.end
                    && other.len() > hit.len()
            })
        });
        hits.sort_by_key(|(hit, _)| hit.start);
        for (_, entry) in hits {
            if !found.iter().any(|known| known.id == entry.id) {
                found.push(entry);
            }
        }
    }
    if found.is_empty() && code.len() >= SHORTEST_PART && code.lines().count() == 1 {
        let code = code.to_lowercase();
        for (entry, pattern) in &texts {
            if pattern.contains(&code) && !found.iter().any(|known| known.id == entry.id) {
                found.push(entry);
            }
        }
    }
    found
}

/// Prisma's codes (`P2024`) in lower case: words that nothing else in a log is.
fn words(errors: &'static [ErrorEntry]) -> Vec<(&'static ErrorEntry, String)> {
    let is_prisma = |code: &&String| {
        code.strip_prefix('P')
            .is_some_and(|rest| rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let of = |entry: &'static ErrorEntry| {
        entry.codes.iter().filter(is_prisma).map(move |code| (entry, code.to_lowercase()))
    };
    errors.iter().flat_map(of).collect()
}

/// Where `word` stands in `line` by itself.
fn word_in(word: &str, line: &str) -> Option<Range<usize>> {
    let bare = |letter: Option<char>| !letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    line.match_indices(word).map(|(start, _)| start..start.saturating_add(word.len())).find(|at| {
        let before = line.get(..at.start).and_then(|text| text.chars().next_back());
        let after = line.get(at.end..).and_then(|text| text.chars().next());
        bare(before) && bare(after)
    })
}

/// Whether `text` as a whole is `pattern`, in which each `*` stands for any text.
fn is_whole(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    false
}

/// Where one of an entry's texts stands in `line`.
pub(super) fn met(entry: &ErrorEntry, pattern: &str, line: &str) -> Option<Range<usize>> {
    let quote = |sign: char| matches!(sign, '"' | '\'' | '`');
    part(pattern, line).filter(|at| {
        let before = line.get(..at.start).unwrap_or_default().trim_end();
        let after = line.get(at.end..).unwrap_or_default().trim();
        let begins = before.is_empty()
            || before.ends_with(|sign| quote(sign) || matches!(sign, ':' | ']' | '-' | '|' | '>'))
            || before.ends_with("error");
        !entry.whole || begins && (after.is_empty() || after.starts_with(quote))
    })
}

/// Where `pattern` stands in `line`.
pub(super) fn part(pattern: &str, line: &str) -> Option<Range<usize>> {
    let mut pieces = pattern.split('*');
    let first = pieces.next()?;
    let start = line.find(first)?;
    let mut end = start.checked_add(first.len())?;
    for piece in pieces {
        let after = line.get(end..)?.find(piece)?;
        end = end.checked_add(after)?.checked_add(piece.len())?;
    }
    Some(start..end)
}

/// The line without the escape sequences that colour a terminal, and without the backslashes that a string of JSON, or
/// one inside another, puts before quotes.
pub(super) fn without_escapes(line: &str) -> String {
    let line = line.replace("\\u001b", "\u{1b}").replace("\\u001B", "\u{1b}");
    let mut plain = String::with_capacity(line.len());
    let mut letters = line.chars();
    let mut backslashes = 0_usize;
    while let Some(letter) = letters.next() {
        if letter == '\\' {
            backslashes = backslashes.saturating_add(1);
            continue;
        }
        if letter != '"' {
            plain.extend(std::iter::repeat_n('\\', backslashes));
        }
        backslashes = 0;
        if letter == '\u{1b}' {
            // `ESC [ … m`: everything up to the letter that ends it.
            for inner in letters.by_ref() {
                if inner.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            plain.push(letter);
        }
    }
    plain.extend(std::iter::repeat_n('\\', backslashes));
    plain
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::catalog;
    use super::super::knowledge::EndpointKind::{self, Direct, Either, Pooled};
    use super::*;

    #[test]
    fn hosts_tell_the_provider_and_the_pooler() {
        let table: &[(&str, Option<u16>, &str, EndpointKind)] = &[
            ("shop.abcdefghijkl.eu-west-1.rds.amazonaws.com", Some(5432), "aws-rds", Direct),
            ("shop.proxy-abcdefghijkl.eu-west-1.rds.amazonaws.com", None, "aws-rds", Pooled),
            ("shop.cluster-ro-abcdefghijkl.eu-west-1.rds.amazonaws.com", None, "aws-rds", Direct),
            ("EP-cool-1-pooler.eu-central-1.aws.neon.tech", None, "neon", Pooled),
            ("ep-cool-1.eu-central-1.aws.neon.tech", None, "neon", Direct),
            ("aws-0-eu-central-1.pooler.supabase.com", Some(6543), "supabase", Pooled),
            ("db.abcdefghijklmnopqrst.supabase.co", Some(5432), "supabase", Direct),
            ("shop.postgres.database.azure.com", Some(6432), "azure-postgresql", Pooled),
            ("shop.postgres.database.azure.com", Some(5432), "azure-postgresql", Direct),
            ("db-1.acme.db.ondigitalocean.com", Some(25061), "digitalocean", Pooled),
            ("pg-1.acme.aivencloud.com", Some(21699), "aiven", Either),
        ];
        for (host, port, id, kind) in table {
            let found = provider_of_host(host, *port).map(|(provider, it)| (provider.id.as_str(), it.kind));
            assert_eq!(found, Some((*id, *kind)), "{host}");
        }
        for host in ["localhost", "db", "postgres.svc.cluster.local", "neon.tech.acme.io", "amazonaws.com"] {
            assert!(provider_of_host(host, Some(5432)).is_none(), "{host}");
        }
    }

    #[test]
    fn messages_are_met_in_the_middle_of_logs() {
        let table: &[(&str, &[&str])] = &[
            (
                "2026-01-01T00:00:00Z api-1 | \u{1b}[31mFATAL\u{1b}[0m: sorry, too many clients already\nat x.js:1",
                &["pg-too-many-clients"],
            ),
            ("FATAL:  too many connections for role \"shop\"", &["pg-role-limit"]),
            ("ERROR 1040 (08004): Too many connections", &["mysql-1040"]),
            ("p2024", &["prisma-p2024"]),
            ("prepared statement \"s0\" already exists", &["pg-prepared-exists"]),
            (
                "Can't reach database server at db:5432\nTimed out fetching a new connection from the connection pool",
                &["prisma-p1001", "prisma-p2024"],
            ),
            ("everything is fine\nrelation \"users\" already exists", &[]),
            ("", &[]),
            ("FATAL: password authentication failed for user \"app\"", &["pg-password"]),
            ("password authentication failed", &["pg-password"]),
            ("connect ECONNREFUSED 127.0.0.1:5432", &["connection-refused"]),
            ("could not connect to server: Connection refused", &["connection-refused"]),
            ("Error: getaddrinfo ENOTFOUND db", &["libpq-host"]),
            ("could not translate host name \"db\" to address: Name or service not known", &["libpq-host"]),
            ("invalid port number: \"ss@db\"", &["invalid-port"]),
            (
                "FATAL: no pg_hba.conf entry for host \"10.0.0.1\", user \"a\", database \"b\", no encryption",
                &["pg-hba"],
            ),
            ("FATAL: database \"shop\" does not exist", &["pg-database-missing"]),
            ("database does not exist", &[]),
            ("FATAL:  role \"shop\" does not exist", &["pg-role-missing"]),
            ("FATAL: SSL connection is required. Please specify SSL options and retry.", &["tls-required"]),
            ("Error: The server does not support SSL connections", &["tls-unsupported"]),
            ("timeout exceeded when trying to connect", &["node-postgres-timeout"]),
            ("timeout expired", &["node-postgres-connect"]),
            ("Error: timeout expired\n    at Timeout._onTimeout", &["node-postgres-connect"]),
            ("{\"level\":50,\"msg\":\"timeout expired\",\"pid\":7}", &["node-postgres-connect"]),
            ("Execution Timeout Expired", &[]),
            ("Error: Timeout expired. Try again", &[]),
            ("ERROR: Lock wait timeout expired", &[]),
            ("QueuePool limit of size", &["sqlalchemy-queuepool"]),
            (
                "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
                &["sqlalchemy-queuepool"],
            ),
            ("P1000", &["prisma-p1000"]),
            ("PrismaClientKnownRequestError { code: 'P2024', clientVersion: '6.1.0' }", &["prisma-p2024"]),
            ("Error: P1001: Can't reach database server at `db`:`5432`", &["prisma-p1001"]),
            ("XP10010", &[]),
            (
                "ERROR 1045 (28000): Access denied for user 'app'@'172.18.0.3' (using password: YES)",
                &["mysql-1045"],
            ),
        ];
        for (text, ids) in table {
            let found: Vec<&str> = errors_of(text).iter().map(|entry| entry.id.as_str()).collect();
            assert_eq!(found, *ids, "{text}");
        }
    }

    #[test]
    fn every_text_is_met_by_its_own_entry() {
        for entry in &knowledge().errors {
            for text in &entry.texts {
                let sample = text.replace('*', "7");
                let met = errors_of(&sample).iter().any(|found| found.id == entry.id);
                assert!(met, "{}: {text}", entry.id);
            }
        }
    }

    #[test]
    fn entries_are_named_once_and_sourced() {
        let mut names = BTreeSet::new();
        for provider in &knowledge().providers {
            assert!(names.insert(provider.id.clone()), "{} has two entries", provider.id);
            assert!(!provider.sources.is_empty() && provider.checked.len() == 7, "{}", provider.id);
            let mut plans = BTreeSet::new();
            for plan in &provider.plans {
                assert!(plans.insert((&plan.name, &plan.engine)), "{}/{}", provider.id, plan.name);
                assert!(catalog().engine(&plan.engine).is_some(), "{}/{}", provider.id, plan.name);
                assert!(plan.reserved.unwrap_or(0) < plan.max_connections, "{}/{}", provider.id, plan.name);
            }
        }
        for entry in &knowledge().errors {
            assert!(names.insert(entry.id.clone()), "{} has two entries", entry.id);
            assert!(!entry.sources.is_empty() && entry.checked.len() == 7, "{}", entry.id);
            assert!(!entry.texts.is_empty(), "{}", entry.id);
        }
        assert!(names.len() > 60);
    }

    #[test]
    fn plans_are_found_for_each_engine() {
        let engines = |name| plans(name).iter().map(|plan| plan.engine.as_str()).collect::<Vec<_>>();
        assert_eq!(engines("aws-rds/db.t3.medium"), ["postgresql", "mysql"]);
        assert_eq!(engines("neon/0.25CU"), ["postgresql"]);
        assert!(engines("aws-rds").is_empty() && engines("aws-rds/db.t3").is_empty());
    }
}
