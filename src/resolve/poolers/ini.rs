//! PgBouncer's ini as settings.

use super::settings::{Entry, Settings};
use crate::model::{Basis, Located};
use crate::span::{FileId, Place, Span};
use crate::syntax::ini::{Ini, Section, Setting};

/// Reads the sections that tell what the pooler opens. Each header of `[pgbouncer]` begins with the defaults again.
#[must_use]
pub fn settings(file: FileId, ini: &Ini) -> Settings {
    let mut settings = Settings::default();
    for section in &ini.sections {
        settings.open |= section.settings.iter().any(|setting| setting.key == "%include");
        match section.name.as_str() {
            "pgbouncer" => {
                settings.main.clear();
                for setting in &section.settings {
                    let value = located(setting.value.as_str(), Place::new(file, setting.value_span));
                    settings.main.insert(setting.key.clone(), value);
                }
            }
            "databases" => settings.databases = entries(file, section, &settings.databases),
            "users" => settings.users = entries(file, section, &settings.users),
            _ => {}
        }
    }
    settings
}

fn entries(file: FileId, section: &Section, before: &[Entry]) -> Vec<Entry> {
    let mut entries = before.to_vec();
    for setting in &section.settings {
        if setting.key == "%include" {
            continue;
        }
        let made = entry(file, setting);
        entries.retain(|entry| entry.name != made.name);
        entries.push(made);
    }
    entries
}

fn entry(file: FileId, setting: &Setting) -> Entry {
    let place = Place::new(file, setting.key_span);
    let mut entry = Entry { name: setting.key.clone(), place: Some(place), ..Entry::default() };
    for (name, value, span) in options(setting) {
        if name != "password" {
            entry.options.insert(name, located(&value, Place::new(file, span)));
        }
    }
    entry
}

/// Where passwords stand in the file.
#[must_use]
pub fn secrets(file: FileId, ini: &Ini) -> Vec<Place> {
    ini.sections
        .iter()
        .filter(|section| section.name == "databases")
        .flat_map(|section| &section.settings)
        .flat_map(options)
        .filter(|(name, _, span)| name == "password" && !span.is_empty())
        .map(|(_, _, span)| Place::new(file, span))
        .collect()
}

/// A value that a template is to fill in is not known.
fn located(value: &str, place: Place) -> Located<String> {
    if value.contains("${") || value.contains("$(") || value.contains("{{") {
        return Located::unknown().at(Some(place));
    }
    Located { place: Some(place), ..Located::of(value.to_owned(), Basis::Written) }
}

/// `key=value key='a ''quoted'' value'`, as a connection string of libpq, with the value's bytes.
fn options(setting: &Setting) -> Vec<(String, String, Span)> {
    let text = setting.value.as_str();
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((key, behind)) = rest.split_once('=') {
        let key = key.trim().to_owned();
        let behind = behind.trim_start();
        let from = text.len().saturating_sub(behind.len());
        let (value, len) = match behind.strip_prefix('\'') {
            Some(inner) => quoted(inner),
            None => {
                let len = behind.find(char::is_whitespace).unwrap_or(behind.len());
                (behind.get(..len).unwrap_or_default().to_owned(), len)
            }
        };
        let span = setting.value.span_of(from..from.saturating_add(len)).unwrap_or_default();
        found.push((key, value, span));
        rest = behind.get(len..).unwrap_or_default();
    }
    found
}

/// A value up to its closing quote; `''` is one quote. Its bytes count both quotes.
fn quoted(inner: &str) -> (String, usize) {
    let mut value = String::new();
    let mut chars = inner.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        if char != '\'' {
            value.push(char);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            value.push('\'');
        } else {
            return (value, at.saturating_add(2));
        }
    }
    (value, inner.len().saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::ini::{Dialect, parse};

    fn read(text: &str) -> Settings {
        settings(FileId(0), &parse(text, Dialect::PgBouncer))
    }

    #[test]
    fn sections_and_options() {
        let text = "[databases]\nshop = host=db port=5433 dbname='the ''shop''' user=app password=s3 pool_size=30\n\
                    * = host=db\n[pgbouncer]\npool_mode = transaction\nmax_client_conn = 500\n[users]\napp = pool_size=7\n";
        let read = read(text);
        let [shop, any] = read.databases.as_slice() else { panic!("{:?}", read.databases) };
        assert_eq!((shop.known("host"), shop.known("dbname")), (Some("db"), Some("the 'shop'")));
        assert_eq!(shop.count(&["pool_size"]).and_then(|size| size.value), Some(30));
        assert!(!shop.options.contains_key("password"), "no password is kept");
        assert_eq!(any.name, "*");
        assert_eq!(read.count("pgbouncer", "max_client_conn").value, Some(500));
        assert_eq!(read.count("pgbouncer", "default_pool_size").value, Some(20));
        assert_eq!(read.mode("pgbouncer").value.map(|mode| mode.name()), Some("transaction"));
        assert_eq!(read.user("app").and_then(|user| user.count(&["pool_size"])?.value), Some(7));
        let secrets = secrets(FileId(0), &parse(text, Dialect::PgBouncer));
        assert_eq!(secrets.iter().map(|place| &text[place.span.range()]).collect::<Vec<_>>(), ["s3"]);
    }

    #[test]
    fn a_second_header_begins_with_the_defaults() {
        let read = read("[pgbouncer]\nmax_client_conn = 500\n[pgbouncer]\npool_mode = session\n");
        assert_eq!(read.count("pgbouncer", "max_client_conn").value, Some(100));
    }

    #[test]
    fn what_an_include_may_set_is_not_known() {
        let read = read("%include other.ini\n[pgbouncer]\nmax_client_conn = ${MAX}\n");
        for name in ["max_client_conn", "default_pool_size"] {
            assert_eq!(read.count("pgbouncer", name).value, None, "{name}");
        }
        assert_eq!(read.mode("pgbouncer").value, None);
    }
}
