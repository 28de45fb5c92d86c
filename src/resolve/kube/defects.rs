//! What is wrong in manifests before any connection is looked at. No fact here is a credential's text.

use super::environment::{Environment, Unanswered};
use super::object::Object;
use super::value::Val;
use crate::model::Defect;
use crate::resolve::names::is_database_key;
use crate::syntax::connection;
use crate::tree::Files;

/// What is wrong with a container's variables.
pub(super) fn of_container(
    object: &Object,
    _substituted: bool,
    container: &Val,
    environment: &Environment,
    files: &Files,
) -> Vec<Defect> {
    let entries = container.get("env").map(Val::items).unwrap_or_default();
    let mut found = Vec::new();
    for unanswered in &environment.unanswered {
        let value =
            entries.get(unanswered.index).and_then(|entry| entry.str_at(&["value"])).unwrap_or_default();
        if is_database_key(&unanswered.variable) || connection::looks_like(value) {
            found.push(forward_reference(unanswered, entries, files));
        }
    }
    for defect in &mut found {
        defect.workload = Some(object.name.clone());
    }
    found
}

fn forward_reference(unanswered: &Unanswered, entries: &[Val], files: &Files) -> Defect {
    let behind = entries.iter().skip(unanswered.index.saturating_add(1));
    let later =
        behind.filter_map(|entry| entry.get("name")).find(|name| name.as_str() == Some(&unanswered.name));
    let kind = match (unanswered.maybe, later) {
        (true, _) => "maybe",
        (false, Some(_)) => "later",
        (false, None) => "never",
    };
    let mut defect = Defect::new("k8s-env-forward-reference", kind, unanswered.place)
        .of(unanswered.variable.clone())
        .fact("reference", unanswered.name.clone());
    if let Some(later) = later {
        let lines = files.line(later.place).saturating_sub(files.line(unanswered.place));
        defect = defect.fact("lines", lines).label(later.place, "defined here");
    }
    defect
}

/// What is wrong with the keys of ConfigMaps and Secrets.
pub(super) fn of_stores(_objects: &super::object::Objects) -> Vec<Defect> {
    Vec::new()
}
