//! Facts about one parameter of a connection string.

use super::docs::{about, flag, text};
use super::url::{connections, secret, written};
use super::{Fact, FactDoc, Facts, Subject, client};
use crate::catalog::{ClientEntry, ParamType, catalog};
use crate::mask::is_plain;
use crate::model::Model;
use crate::rules::page::SubjectKind;
use crate::span::{EditPlace, Span, Text};
use crate::syntax::connection::{ConnectionString, Database, Form, Param};

/// Documentation of the facts.
pub(super) const DOCS: &[FactDoc] = &about(
    &[SubjectKind::Param],
    [
        text("param.name", "its name; an edit renames it, or removes it with one separator"),
        text(
            "param.value",
            "its value, when that is known, is no credential and may be a value of this parameter",
        ),
        text("param.variable", "name of the variable that holds the connection string"),
        flag("param.known", "the client has a parameter of this name"),
        flag("param.command_line", "the client's own command line reads it, though the client does not"),
        flag("param.known_anywhere", "some client of this database has a parameter of this name"),
        flag("param.unresolved", "a part of its name or value is not in the repository"),
        flag("param.valid", "the client accepts its value, as far as the files tell"),
        text("param.expects", "what the client takes here, as `a whole number without a unit`"),
        flag(
            "param.pool_elsewhere",
            "it sizes or times the pool of another client, and this one does not read it",
        ),
        text("param.suggestion", "the name that the client knows and that was meant, when one is near"),
        text("param.pool_suggestion", "the pool parameter of any client that was meant, when one is near"),
        text("param.owner", "whose parameter it is, when it is another client's: `prisma@6`, `libpq`"),
    ],
);

/// Every parameter of every connection string.
pub(super) fn subjects(model: &Model) -> impl Iterator<Item = Subject> + '_ {
    connections(model).flat_map(move |here| {
        let base = here.subject(SubjectKind::Param);
        let url = here.connection.url();
        let entry = client::entry(here.connection);
        let params = url.map_or(&[][..], |(_, parsed)| parsed.params.as_slice());
        params.iter().filter_map(move |param| {
            let (text, parsed) = url?;
            if secret(parsed, param.name.span) {
                return None;
            }
            let mut subject = base.clone();
            subject.place = text.place_of(param.span.range()).or(subject.place);
            subject.facts.say("param.variable", here.connection.variable.as_str());
            subject.facts.extend(facts(here.connection.database_kind, entry, text, parsed, param));
            if param.name.known().is_some_and(becomes_pool_param) && here.has_pool_variable() {
                // As what was meant it may say something else than the variable beside it: a person has to choose.
                let name = subject.facts.get("param.name").cloned();
                name.into_iter()
                    .for_each(|name| subject.facts.set("param.name", Fact { edit: None, ..name }));
            }
            if let Some(name) = param.name.known() {
                subject.identity = format!("{} {name}", subject.identity);
            }
            Some(subject)
        })
    })
}

fn facts(
    engine: Database,
    entry: Option<&'static ClientEntry>,
    text: &Text,
    parsed: &ConnectionString,
    param: &Param,
) -> Facts {
    let mut facts = Facts::default();
    let value = param.value.as_ref();
    let unresolved = param.name.known().is_none() || value.is_some_and(|value| value.known().is_none());
    facts.say("param.unresolved", unresolved);
    let Some(name) = param.name.known() else { return facts };
    let mut fact = written(text, name, param.name.span);
    fact.removal = removal(text, parsed, param);
    facts.set("param.name", fact);
    let known = entry.and_then(|entry| find(entry, name));
    let of_its_kind = || catalog().clients.iter().filter(|other| client::speaks(other, engine));
    let known_anywhere = known.is_some() || of_its_kind().any(|other| find(other, name).is_some());
    // Text where a number is expected may be what follows an unencoded `?` of a password.
    let private = secret(parsed, param.span)
        || catalog().is_secret_name(name)
        || value.is_some_and(|value| is_known_name(name) && !is_plain(name, &value.value));
    if let Some(value) = value.filter(|value| !private && value.known().is_some()) {
        facts.set("param.value", written(text, value.value.as_str(), value.span));
    }
    facts.say("param.known", known.is_some());
    let command_line = entry.is_some_and(|entry| entry.command_line_params.iter().any(|known| known == name));
    facts.say("param.command_line", command_line);
    facts.say("param.known_anywhere", known_anywhere);
    let written_value = value.and_then(|value| value.known());
    let refused = known.zip(written_value).is_some_and(|(takes, value)| !accepts(takes, value));
    facts.say("param.valid", !refused);
    facts.say_some("param.expects", known.and_then(expects));
    let pool = || of_its_kind().flat_map(pool_params);
    if known.is_none() {
        facts.say("param.pool_elsewhere", entry.is_some() && pool().any(|other| other == name));
        facts.say_some("param.owner", owner(engine, entry, name));
        // Of two that mean the same, neither can take its name.
        let twice = |other: &str| {
            let mut written = parsed.params.iter().filter_map(|param| param.name.known());
            written.any(|written| written != name && is_meant(written, other))
        };
        let free = |other: &&str| parsed.param(other).is_none() && !twice(other);
        if let Some(entry) = entry {
            let names = entry.params.iter().map(|param| param.name.as_str()).filter(free);
            facts.say_some("param.suggestion", nearest(name, names));
        }
        facts.say_some("param.pool_suggestion", nearest(name, pool().filter(free)));
    }
    facts
}

/// What a client takes for a parameter, when it knows one of this name.
fn find(entry: &'static ClientEntry, name: &str) -> Option<&'static ParamType> {
    let loose = entry.loose_params.then(|| plain(name));
    entry
        .params
        .iter()
        .find(|known| known.name == name || loose.as_ref().is_some_and(|loose| plain(&known.name) == *loose))
        .map(|known| &known.takes)
}

/// Whether some client of any database knows a parameter of this name.
fn is_known_name(name: &str) -> bool {
    catalog().clients.iter().any(|other| find(other, name).is_some())
}

/// A name without what spelling variants differ in: `connectionLimit` and `connection_limit` are one.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' '));
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Parameters that size or time a client's pool. How long connecting may take is no matter of a pool.
fn pool_params(entry: &'static ClientEntry) -> impl Iterator<Item = &'static str> {
    let pool = &entry.pool;
    let sizes = [&pool.size, &pool.overflow].into_iter().flatten().flat_map(|size| &size.params);
    let times = [&pool.acquire_timeout, &pool.idle_timeout, &pool.max_lifetime];
    sizes.chain(times.into_iter().flatten().flat_map(|time| &time.params)).map(String::as_str)
}

/// Whose parameter it is: the client's whose mark it is, libpq's, or the only other client's that knows it.
fn owner(engine: Database, entry: Option<&ClientEntry>, name: &str) -> Option<String> {
    let label = entry.map(|entry| entry.label.as_str());
    let others: Vec<&ClientEntry> = catalog()
        .clients
        .iter()
        .filter(|other| client::speaks(other, engine) && Some(other.label.as_str()) != label)
        .filter(|other| find(other, name).is_some())
        .collect();
    let marked = others.iter().find(|other| other.evident_params.iter().any(|known| known == name));
    if let Some(marked) = marked {
        return Some(marked.label.clone());
    }
    if others.iter().any(|other| other.libpq) {
        return Some("libpq".to_owned());
    }
    others.first().map(|other| other.label.clone())
}

/// The one name that `name` was meant to be: a variant of its spelling, or a typing error away.
fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > LONGEST {
        return None;
    }
    let own = plain(name);
    names
        .filter_map(|other| {
            if other == name {
                return None;
            }
            if plain(other) == own {
                return Some((0, other));
            }
            let shorter = name.len().min(other.len());
            let allowed = if shorter >= 8 { 2 } else { usize::from(shorter >= 5) };
            let distance = strsim::damerau_levenshtein(name, other);
            (distance <= allowed).then_some((distance, other))
        })
        .min()
        .map(|(_, other)| other)
}

/// Whether a name is near that of a pool parameter of some client.
fn becomes_pool_param(name: &str) -> bool {
    catalog().clients.iter().flat_map(pool_params).any(|other| is_meant(name, other))
}

/// Whether `written` is `name` in another spelling or with a typing error.
pub(super) fn is_meant(written: &str, name: &str) -> bool {
    nearest(written, std::iter::once(name)).is_some()
}

/// Longer than any parameter's name: nothing is near, and the distance would be dear.
const LONGEST: usize = 64;

/// Whether a client accepts a value.
fn accepts(takes: &ParamType, value: &str) -> bool {
    match takes {
        ParamType::Text | ParamType::OneOfElseDefault(_) => true,
        ParamType::Natural => value.parse::<u64>().is_ok(),
        ParamType::Integer => value.trim().parse::<i64>().is_ok(),
        ParamType::Boolean => matches!(value, "true" | "false"),
        ParamType::OneOf(values) => values.iter().any(|known| known == value),
        ParamType::Duration => is_duration(value),
    }
}

/// A duration as Go writes it: `0`, `30s`, `1h30m`, `1.5h`.
fn is_duration(value: &str) -> bool {
    let mut rest = value.trim_start_matches(['+', '-']);
    if rest == "0" {
        return true;
    }
    let mut some = false;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        let unit =
            ["ns", "us", "µs", "ms", "s", "m", "h"].into_iter().find_map(|unit| number.strip_prefix(unit));
        match unit {
            Some(after) if number.len() < rest.len() => rest = after,
            _ => return false,
        }
        some = true;
    }
    some
}

fn expects(takes: &ParamType) -> Option<String> {
    Some(match takes {
        ParamType::Text => return None,
        ParamType::Natural => "a whole number without a unit, 0 or more".to_owned(),
        ParamType::Integer => "a whole number".to_owned(),
        ParamType::Boolean => "true or false".to_owned(),
        ParamType::OneOf(values) | ParamType::OneOfElseDefault(values) => {
            format!("one of {}", values.join(", "))
        }
        ParamType::Duration => "a duration with a unit, such as 30s".to_owned(),
    })
}

/// The parameter with one separator: the `&` behind it, or the `?` or `&` before it.
fn removal(text: &Text, parsed: &ConnectionString, param: &Param) -> Option<EditPlace> {
    if !matches!(parsed.form, Form::Url | Form::Jdbc) {
        return None;
    }
    let value = text.as_str();
    let Span { start, end } = param.span;
    let byte = |at: usize| value.as_bytes().get(at).copied();
    if byte(end) == Some(b'&') {
        return text.editable(start..end.saturating_add(1));
    }
    let before = start.checked_sub(1)?;
    let ends = byte(end).is_none() || byte(end) == Some(b'#');
    (ends && matches!(byte(before), Some(b'?' | b'&'))).then(|| text.editable(before..end)).flatten()
}
