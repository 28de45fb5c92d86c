//! What is wrong in manifests before any connection is looked at. No fact here is a credential's text.

mod references;
mod stores;
mod unexpanded;

pub(super) use stores::of_stores;
pub(super) use unexpanded::Substitution;

use unexpanded::Site;

use super::environment::Environment;
use super::object::Object;
use super::value::Val;
use crate::model::{Defect, Edit, Fix, Safety};
use crate::resolve::names::{is_database_key, says_database};
use crate::span::{Place, Span};
use crate::syntax::connection;
use crate::syntax::node::{Style, Typed};
use crate::tree::Files;

/// What is wrong with a container's variables.
pub(super) fn of_container(
    object: &Object,
    substitution: &Substitution,
    container: &Val,
    environment: &Environment,
    files: &Files,
) -> Vec<Defect> {
    let entries = container.get("env").map(Val::items).unwrap_or_default();
    let mut found = references::of_entries(environment, entries, files);
    for entry in entries {
        let (Some(name), Some(value)) = (entry.str_at(&["name"]), entry.get("value")) else { continue };
        found.extend(not_a_string(name, value));
        if concerns_database(name, value) {
            let text = value.text();
            found.extend(text.and_then(|text| substitution.unexpanded(object, name, &text, Site::Entry)));
        }
    }
    for defect in &mut found {
        defect.workload = Some(object.name.clone());
    }
    found
}

/// Whether a variable is about a database, by its name or its value.
fn concerns_database(name: &str, value: &Val) -> bool {
    is_database_key(name) || value.as_str().is_some_and(connection::looks_like)
}

/// A number or a boolean where the API server takes nothing but a string, under a name that speaks of a database.
fn not_a_string(name: &str, value: &Val) -> Option<Defect> {
    if !says_database(name) {
        return None;
    }
    let scalar = value.scalar()?;
    let kind = match scalar.yaml11() {
        Typed::Int(_) | Typed::Float(_) => "number",
        Typed::Bool(_) => "boolean",
        Typed::Null | Typed::Text => return None,
    };
    let Place { file, span } = value.place;
    let quote = |at: usize| Edit { place: Place::new(file, Span::new(at, at)).into(), text: "\"".to_owned() };
    let fix = (scalar.style == Style::Plain).then(|| Fix {
        safety: Safety::Safe,
        title: "put it in quotes".to_owned(),
        edits: vec![quote(span.start), quote(span.end)],
        withheld: false,
    });
    Some(Defect::new("k8s-env-not-a-string", kind, value.place).of(name).fact("type", kind).fix(fix))
}
