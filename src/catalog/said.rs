//! What an error message says about the settings that govern it. Of a text that may hold credentials only plain
//! numbers and hosts come out, and hosts are for comparing, never for showing.

use super::knowledge::{ErrorEntry, Governing};
use super::known::{LONGEST_LINE, met, part, without_escapes};

/// Lines below the one that shows the error in which the rest of its message is looked for.
const BELOW: usize = 3;

/// Digits of a number that is still a setting.
const LONGEST_NUMBER: usize = 9;

/// Settings whose place the model knows, by the names of `catalog/errors.yaml`.
pub const SETTINGS: [&str; 8] = [
    "pool-size",
    "acquire-timeout",
    "connect-timeout",
    "idle-timeout",
    "max-lifetime",
    "address",
    "max-connections",
    "reserved",
];

/// The value of a setting, as a message gives it.
#[derive(Clone, PartialEq)]
pub enum Said {
    /// A number, in the unit of the setting.
    Number(f64),
    /// Where the client wanted to connect, in lower case. Not to be shown: it may be a piece of a broken URL.
    Host {
        /// The host.
        host: String,
        /// The port, when one is given.
        port: Option<u16>,
    },
}

impl std::fmt::Debug for Said {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "Number({number})"),
            Self::Host { .. } => formatter.write_str("Host(…)"),
        }
    }
}

/// What the first message of this kind in `text` says about each of the entry's settings.
#[must_use]
pub fn said<'a>(entry: &'a ErrorEntry, text: &str) -> Vec<(&'a Governing, Option<Said>)> {
    let message = message(entry, text);
    entry
        .settings
        .iter()
        .map(|setting| {
            let value = setting
                .says
                .as_deref()
                .and_then(|pattern| message.iter().find_map(|line| value(&pattern.to_lowercase(), line)));
            (setting, value)
        })
        .collect()
}

/// The line that shows the error and the few below it, in lower case.
fn message(entry: &ErrorEntry, text: &str) -> Vec<String> {
    let texts: Vec<String> = entry.texts.iter().map(|text| text.to_lowercase()).collect();
    let shows = |line: &str| texts.iter().any(|text| met(entry, text, line).is_some());
    let mut lines = text
        .lines()
        .filter(|line| line.len() <= LONGEST_LINE)
        .map(|line| without_escapes(line).to_lowercase())
        .skip_while(|line| !shows(line));
    lines.by_ref().take(BELOW.saturating_add(1)).collect()
}

/// What stands in `line` where the pattern has its mark.
fn value(pattern: &str, line: &str) -> Option<Said> {
    let mark = pattern.find(['#', '@'])?;
    let (before, rest) = pattern.split_at(mark);
    let mut after = rest.chars();
    let is_number = after.next() == Some('#');
    let after = after.as_str();
    let found = line.get(part(before, line)?.end..)?;
    if is_number { number(found, after) } else { host(found) }
}

fn number(found: &str, after: &str) -> Option<Said> {
    let end = found.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(found.len());
    let (digits, rest) = found.split_at(end);
    let digits = digits.trim_end_matches('.');
    let ends = after.is_empty() && !rest.starts_with(|sign: char| sign.is_alphanumeric() || sign == '@');
    if digits.len() > LONGEST_NUMBER || !(ends || (!after.is_empty() && rest.starts_with(after))) {
        return None;
    }
    digits.parse().ok().map(Said::Number)
}

/// `db:5432`, `` `db`:`5432` `` or `db` alone.
fn host(found: &str) -> Option<Said> {
    let plain: String = found
        .chars()
        .take_while(|sign| !sign.is_whitespace())
        .filter(|sign| !matches!(sign, '`' | '"' | '\''))
        .collect();
    let plain = plain.trim_end_matches(['.', ',', ';', ':']);
    let (host, port) = match plain.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (plain, None),
    };
    let is_host = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '-' | '_');
    (!host.is_empty() && host.chars().all(is_host)).then(|| Said::Host { host: host.to_owned(), port })
}

#[cfg(test)]
mod tests {
    use super::super::{catalog, known::knowledge};
    use super::*;

    fn of(id: &str, text: &str) -> Vec<(String, Option<Said>)> {
        let entry = knowledge().errors.iter().find(|entry| entry.id == id).unwrap();
        said(entry, text).into_iter().map(|(setting, value)| (setting.name.clone(), value)).collect()
    }

    #[test]
    fn numbers_are_taken_from_the_message() {
        let table = [
            (
                "prisma-p2024",
                "x\nTimed out fetching a new connection from the connection pool. More info: http://pris.ly/d/connection-pool \
                 (Current connection pool timeout: 10, connection limit: 5)\nconnection limit: 9",
                vec![("pool-size", Some(5.0)), ("acquire-timeout", Some(10.0))],
            ),
            (
                "sqlalchemy-queuepool",
                "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00 (Background on …)",
                vec![("pool-size", Some(5.0)), ("acquire-timeout", Some(30.0))],
            ),
            (
                "hikari-timeout",
                "HikariPool-1 - Connection is not available, request timed out after 30000ms (total=10, active=10)",
                vec![("pool-size", Some(10.0)), ("acquire-timeout", Some(30000.0))],
            ),
            (
                "rails-timeout",
                "could not obtain a connection from the pool within 5.000 seconds (waited 5.002 seconds)",
                vec![("pool-size", None), ("acquire-timeout", Some(5.0))],
            ),
        ];
        for (id, text, expected) in table {
            let expected: Vec<(String, Option<Said>)> = expected
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.map(Said::Number)))
                .collect();
            assert_eq!(of(id, text), expected, "{text}");
        }
    }

    /// Of what is written like one of the model's settings, each must be one; clients must be the catalogue's.
    #[test]
    fn every_setting_and_client_of_an_entry_is_known() {
        let mut governed = 0;
        for entry in &knowledge().errors {
            for setting in &entry.settings {
                let known = SETTINGS.contains(&setting.name.as_str());
                assert!(known || !setting.name.contains('-'), "{}: {}", entry.id, setting.name);
                if let Some(says) = &setting.says {
                    assert_eq!(says.matches(['#', '@']).count(), 1, "{}: {says}", entry.id);
                }
                governed += 1;
            }
            for id in &entry.clients {
                assert!(catalog().clients.iter().any(|client| client.id == *id), "{}: {id}", entry.id);
            }
        }
        assert!(governed > 40);
    }

    #[test]
    fn hosts_are_taken_from_the_message() {
        let table = [
            ("Can't reach database server at `db:5432`\n", Some(("db", Some(5432)))),
            ("Can't reach database server at `db.acme.io:5432`", Some(("db.acme.io", Some(5432)))),
            ("Can't reach database server at `db.acme.io`:`5432`.", Some(("db.acme.io", Some(5432)))),
            ("Can't reach database server at localhost", Some(("localhost", None))),
            ("Can't reach database server at `app:hunter2@db:5432`", None),
            ("Can't reach database server at ", None),
        ];
        for (text, expected) in table {
            let host = of("prisma-p1001", text).into_iter().find(|(name, _)| name == "address").unwrap().1;
            let expected = expected.map(|(host, port)| Said::Host { host: host.to_owned(), port });
            assert_eq!(host, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_of_a_setting_is_none() {
        for said in ["connection limit: 5hunter2", "connection limit: 12345678901", "connection limit: x"] {
            let text = format!("Timed out fetching a new connection from the connection pool ({said})");
            assert_eq!(of("prisma-p2024", &text)[0].1, None, "{said}");
        }
    }
}
