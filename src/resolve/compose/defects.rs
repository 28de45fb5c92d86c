//! What is wrong with the variables that a Compose file writes out. Messages never hold a value.

use super::interpolation::Dangling;
use super::merge::pairs;
use super::tree::{Item, Scalar};
use crate::catalog::VariableMeaning;
use crate::model::{Defect, Edit, Fix, Safety};
use crate::resolve::Context;
use crate::resolve::names::{is_database_key, meaning};
use crate::span::{Place, Span};
use crate::syntax::connection::parse;

/// The defects of a service's `environment`.
pub(super) fn of(context: &Context<'_>, name: &str, service: &Item) -> Vec<Defect> {
    let Some(environment) = service.get("environment").cloned().map(pairs) else { return Vec::new() };
    let mut found = Vec::new();
    for (key, entry) in environment.entries() {
        let Some(scalar) = entry.item.scalar() else { continue };
        let inner = unquoted(scalar.text.as_str());
        if !is_database_key(key) && parse(inner.unwrap_or(scalar.text.as_str())).is_none() {
            continue;
        }
        found.extend(quotes(scalar));
        found.extend(parentheses(scalar));
        found.extend(dollars(context, key, scalar));
        for defect in found.iter_mut().filter(|defect| defect.variable.is_none()) {
            defect.variable = Some(key.to_string());
            defect.workload = Some(name.to_owned());
        }
    }
    found
}

/// What stands between quotes that enclose the whole text.
fn unquoted(text: &str) -> Option<&str> {
    ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
}

/// Quotes inside a list item are part of the value: `- KEY="value"`.
fn quotes(scalar: &Scalar) -> Option<Defect> {
    let text = &scalar.text;
    unquoted(text.as_str())?;
    // Between the quotes of a mapping's value, quotes of the value's own are a pair too many.
    let kind = if scalar.in_list { "list-item" } else { "doubled" };
    let end = text.as_str().len();
    let fix = Option::zip(text.editable(0..1), text.editable(end.saturating_sub(1)..end));
    let place = text.place_of(0..end)?;
    let fix = fix.map(|(open, close)| Fix {
        safety: Safety::Safe,
        title: "remove the quotes".to_owned(),
        edits: [open, close].map(|place| Edit { place, text: String::new() }).into(),
        withheld: false,
    });
    Some(Defect::new("env-literal-quotes", kind, place).fix(fix))
}

/// `$(NAME)` means nothing to Compose.
fn parentheses(scalar: &Scalar) -> Option<Defect> {
    let text = scalar.text.as_str();
    let start = text.match_indices("$(").map(|(at, _)| at).find(|at| {
        let rest = text.get(at.saturating_add(2)..).unwrap_or_default();
        let name = rest.split_once(')').map_or("", |(name, _)| name);
        name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })?;
    let length = text.get(start..)?.find(')')?.saturating_add(1);
    let place = scalar.text.place_of(start..start.saturating_add(length))?;
    Some(Defect::new("env-unexpanded-variable", "compose-parentheses", place))
}

/// `$name` inside a value: most likely a part of a password when nothing sets it; when something does, inside a password
/// only.
fn dollars<'a>(
    context: &'a Context<'_>,
    key: &'a str,
    scalar: &'a Scalar,
) -> impl Iterator<Item = Defect> + 'a {
    let suspect = move |dangling: &&Dangling| {
        !dangling.conventional && (!dangling.defined || in_password(key, scalar.text.as_str(), dangling.at))
    };
    scalar.dangling.iter().filter(suspect).map(|dangling| {
        let Place { file, span } = dangling.place;
        let column = context.files.position(file, span.start).column;
        let place = Place::new(file, Span::new(span.start, span.start.saturating_add(1)));
        let fix = Fix {
            safety: Safety::Safe,
            title: "write $$".to_owned(),
            edits: vec![Edit {
                place: Place::new(file, Span::new(span.start, span.start)).into(),
                text: "$".to_owned(),
            }],
            withheld: false,
        };
        // A reference to what is set may be meant.
        let (kind, fix) = if dangling.defined { ("defined", None) } else { ("undefined", Some(fix)) };
        Defect::new("env-dollar-interpolation", kind, place).fact("column", column).fix(fix)
    })
}

/// Whether a byte of a variable's value belongs to a password: the whole value, or a part of a URL's user and password.
fn in_password(key: &str, text: &str, at: usize) -> bool {
    let Some((before, behind)) = text.split_at_checked(at) else { return false };
    let login = before.split_once("://").map(|(_, login)| login);
    let in_url = login.is_some_and(|login| login.contains(':') && !login.contains(['@', '/']));
    (in_url && behind.contains('@'))
        || meaning(key).is_some_and(|meaning| meaning.role == VariableMeaning::Password)
}
