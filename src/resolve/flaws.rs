//! From what the connection-string parser found wrong to defects with places, facts and fixes.

use super::broken::Broken;
use crate::catalog::catalog;
use crate::model::{Connection, Container, Defect, Edit, Fix, Safety, Variable};
use crate::span::Text;
use crate::syntax::connection::{self, ConnectionString, Database, Flaw, FlawKind, Form};

/// The defects of one connection, and of the other variables that lead where it does. `real` when the server it
/// leads to is known to have its password. What a value of `broken` explains is said already.
#[must_use]
pub fn of_connection(
    container: &Container,
    connection: &Connection,
    real: bool,
    broken: &Broken,
) -> Vec<Defect> {
    let mut found = Vec::new();
    if let Some((text, parsed)) = connection.url() {
        found.extend(defects(&connection.variable, text, parsed, real, broken));
    }
    for alias in &connection.aliases {
        let text = container.environment.get(alias).map(Variable::text);
        if let Some((text, parsed)) =
            text.and_then(|text| connection::parse(text.as_str()).map(|it| (text, it)))
        {
            found.extend(defects(alias, &text, &parsed, false, broken));
        }
    }
    if on_socket(connection) {
        found.retain(|defect| defect.kind != FlawKind::MissingHost.name());
    }
    found
}

/// Whether a URL names no server at all, as in `postgresql:///app`: libpq and those who follow it take the socket of the
/// machine then, unless the client is one that refuses it.
fn on_socket(connection: &Connection) -> bool {
    let engine = connection.database_kind.name();
    let client = connection.client.as_ref().and_then(|client| catalog().client_for(&client.label, engine));
    let refused = client.is_some_and(|client| client.needs_host);
    !refused
        && connection.database_kind == Database::PostgreSql
        && connection.url().is_some_and(|(_, parsed)| parsed.form == Form::Url && parsed.user.is_none())
}

/// Whether a defect of an example is but a blank to be filled in: a word instead of the whole URL
/// (`your_database_url`), or one for the port (`HOST:PORT`).
#[must_use]
pub fn is_blank(connection: &Connection, defect: &Defect) -> bool {
    let Some((text, parsed)) = connection.url().filter(|_| defect.rule == "url-unparseable") else {
        return false;
    };
    match defect.kind {
        "missing-scheme" => !text.as_str().contains(['@', '/', ':']),
        "bad-port" => parsed.flaws.iter().filter(|flaw| flaw.kind == FlawKind::BadPort).all(|flaw| {
            let port = text.as_str().get(flaw.span.range()).unwrap_or_default();
            port.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '_')
        }),
        _ => false,
    }
}

fn defects(
    variable: &str,
    text: &Text,
    parsed: &ConnectionString,
    real: bool,
    broken: &Broken,
) -> Vec<Defect> {
    let password = parsed.password.as_ref().map(|password| password.span);
    // Where the scheme is missing, nobody knows where the credentials begin: one finding says so.
    let shapeless =
        parsed.flaws.iter().any(|flaw| matches!(flaw.kind, FlawKind::MissingScheme | FlawKind::Quoted));
    // A blank for all of it says why there is no scheme.
    let whole = text.as_str().trim();
    let blank = parsed.flaws.iter().any(|flaw| {
        flaw.kind == FlawKind::Placeholder && text.as_str().get(flaw.span.range()) == Some(whole)
    });
    let told = |flaw: &&Flaw| {
        (!shapeless || character(flaw.kind).is_none()) && (!blank || flaw.kind == FlawKind::Placeholder)
    };
    let found = parsed.flaws.iter().filter(told).filter_map(|flaw| {
        if broken.explains(text, flaw.span.range()) {
            return None;
        }
        let mut defect = defect(variable, text, parsed, flaw)?;
        if flaw.kind == FlawKind::Placeholder && real && password == Some(flaw.span) {
            defect.kind = IN_USE;
        }
        Some(defect)
    });
    once(found.collect())
}

/// Several blanks of one value are one finding, at the first of them.
fn once(defects: Vec<Defect>) -> Vec<Defect> {
    let is_blank = |defect: &Defect| defect.rule == "url-placeholder-left" && defect.kind != IN_USE;
    let (blanks, mut found): (Vec<Defect>, Vec<Defect>) = defects.into_iter().partition(is_blank);
    let mut blanks = blanks.into_iter();
    if let Some(mut first) = blanks.next() {
        for other in blanks {
            first = first.label(other.place, "another blank");
        }
        found.push(first);
    }
    found
}

/// The kind of a placeholder that is a password for real.
const IN_USE: &str = "password in use";

/// The rule that a kind of flaw belongs to; `None` for what another rule judges by facts.
fn rule(kind: FlawKind) -> Option<&'static str> {
    match kind {
        FlawKind::MissingScheme
        | FlawKind::Quoted
        | FlawKind::GoAddress
        | FlawKind::MisspeltKeyword
        | FlawKind::MissingAuthority
        | FlawKind::MissingHost
        | FlawKind::BadPort
        | FlawKind::BadHost
        | FlawKind::SeveralHosts
        | FlawKind::ControlCharacter
        | FlawKind::Space
        | FlawKind::BadPercent => Some("url-unparseable"),
        // A page about URLs judges the scheme, with what the client says to it.
        FlawKind::MisspeltScheme => None,
        FlawKind::SlashInCredentials
        | FlawKind::QuestionInCredentials
        | FlawKind::HashInCredentials
        | FlawKind::AtInCredentials
        | FlawKind::BadPercentInCredentials
        | FlawKind::SpaceInCredentials => Some("url-unencoded-credentials"),
        FlawKind::SecondQuestionMark
        | FlawKind::AmpersandEntity
        | FlawKind::MissingEquals
        | FlawKind::SemicolonSeparator
        | FlawKind::DuplicateParam => Some("url-malformed-query"),
        FlawKind::Placeholder => Some("url-placeholder-left"),
    }
}

fn defect(variable: &str, text: &Text, parsed: &ConnectionString, flaw: &Flaw) -> Option<Defect> {
    let rule = rule(flaw.kind)?;
    let range = flaw.span.range();
    let place = text.place_of(range.clone())?;
    let mut defect =
        Defect::new(rule, flaw.kind.name(), place).of(variable.to_owned()).parts(text.parts_of(range));
    defect.facts.insert("engine", parsed.database_kind.name().into());
    if let Some(param) = parsed.params.iter().find(|param| param.span.contains(flaw.span)) {
        let secret = parsed.secrets.iter().any(|secret| param.name.span.contains(*secret));
        if let (false, Some(name)) = (secret, param.name.known()) {
            defect.facts.insert("parameter", name.into());
        }
    }
    if let Some(character) = character(flaw.kind) {
        defect.facts.insert("character", character.into());
    }
    if let Some(replacement) = flaw.replacement.as_deref().filter(|_| character(flaw.kind).is_some()) {
        defect.facts.insert("encoded", replacement.into());
    }
    if let (FlawKind::MisspeltKeyword, Some(meant)) = (flaw.kind, &flaw.replacement) {
        defect.facts.insert("meant", meant.clone().into());
    }
    defect.fix = fix(text, parsed, flaw);
    Some(defect)
}

/// The character that has to be encoded.
fn character(kind: FlawKind) -> Option<&'static str> {
    match kind {
        FlawKind::SlashInCredentials => Some("/"),
        FlawKind::QuestionInCredentials => Some("?"),
        FlawKind::HashInCredentials => Some("#"),
        FlawKind::AtInCredentials => Some("@"),
        FlawKind::BadPercentInCredentials => Some("%"),
        FlawKind::SpaceInCredentials => Some(" "),
        _ => None,
    }
}

/// The parser's replacement as an edit, where the text stands in one file byte for byte.
fn fix(text: &Text, parsed: &ConnectionString, flaw: &Flaw) -> Option<Fix> {
    let replacement = flaw.replacement.as_ref()?;
    // A line break belongs to the file's format, which may need it: whoever knows the format mends it.
    if text.as_str().get(flaw.span.range())?.contains(['\n', '\r']) {
        return None;
    }
    let place = text.editable(flaw.span.range())?;
    let credential = parsed.secrets.iter().any(|secret| secret.contains(flaw.span));
    let title = match flaw.kind {
        FlawKind::SecondQuestionMark | FlawKind::AmpersandEntity | FlawKind::SemicolonSeparator => {
            format!("separate the parameters with {replacement}")
        }
        FlawKind::MisspeltKeyword => format!("write {replacement}"),
        _ if replacement.is_empty() => "remove it".to_owned(),
        _ => "percent-encode the character".to_owned(),
    };
    // One encoded character is no credential text; anything longer inside one may be.
    let withheld = credential && (flaw.span.len() > 1 || replacement.len() > 3);
    let edits = vec![Edit { place, text: replacement.clone() }];
    Some(Fix { safety: Safety::Safe, title, edits, withheld })
}
