//! What a pooler is told: its main settings, its databases and its users.

use std::collections::BTreeMap;

use crate::catalog::catalog;
use crate::model::{Basis, Located, PoolerMode};
use crate::span::Place;

/// Settings of one pooler.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Settings of the main section, the last of each name.
    pub main: BTreeMap<String, Located<String>>,
    /// The databases it offers.
    pub databases: Vec<Entry>,
    /// Users with options of their own.
    pub users: Vec<Entry>,
    /// Whether something that is not known may set more: an include, a file that is not in the repository.
    pub open: bool,
}

/// A database or user with its options. No option holds a password.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// Its name; `*` for any other database.
    pub name: String,
    /// Its options.
    pub options: BTreeMap<String, Located<String>>,
    /// Where it is written.
    pub place: Option<Place>,
}

impl Settings {
    /// A setting as a number: as it is written, else the pooler's default.
    #[must_use]
    pub fn count(&self, kind: &str, name: &str) -> Located<u64> {
        match self.main.get(name) {
            Some(written) => number(written),
            None => self.default_of(kind, name).map_or_else(Located::unknown, |value| {
                value
                    .parse()
                    .map_or_else(|_| Located::unknown(), |value| Located::of(value, Basis::PoolerDefault))
            }),
        }
    }

    /// When the pooler takes a server connection back.
    #[must_use]
    pub fn mode(&self, kind: &str) -> Located<PoolerMode> {
        match self.main.get("pool_mode") {
            Some(written) => {
                let mode = written.value.as_deref().and_then(mode);
                Located {
                    value: mode,
                    basis: basis(written, mode.is_some()),
                    ..written.clone().map(|_| PoolerMode::Session)
                }
            }
            None => match self.default_of(kind, "pool_mode").and_then(mode) {
                Some(mode) => Located::of(mode, Basis::PoolerDefault),
                None => Located::unknown(),
            },
        }
    }

    fn default_of(&self, kind: &str, name: &str) -> Option<&'static str> {
        if self.open {
            return None;
        }
        catalog().pooler(kind)?.setting(name)?.default.as_deref()
    }

    /// The user with options of their own.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&Entry> {
        self.users.iter().find(|entry| entry.name == name)
    }
}

impl Entry {
    /// The first of these options, as a number.
    #[must_use]
    pub fn count(&self, names: &[&str]) -> Option<Located<u64>> {
        names.iter().find_map(|name| self.options.get(*name)).map(number)
    }

    /// An option's value, when it is known.
    #[cfg(test)]
    pub fn known(&self, name: &str) -> Option<&str> {
        self.options.get(name)?.value.as_deref()
    }
}

fn number(written: &Located<String>) -> Located<u64> {
    let value: Option<u64> = written.value.as_deref().and_then(|value| value.trim().parse().ok());
    Located { value, basis: basis(written, value.is_some()), ..written.clone().map(|_| 0) }
}

fn basis(written: &Located<String>, known: bool) -> Basis {
    if known { written.basis } else { Basis::Unknown }
}

fn mode(text: &str) -> Option<PoolerMode> {
    match text.trim() {
        "session" => Some(PoolerMode::Session),
        "transaction" => Some(PoolerMode::Transaction),
        "statement" => Some(PoolerMode::Statement),
        _ => None,
    }
}
