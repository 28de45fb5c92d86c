//! What a container receives, in the kubelet's order: `envFrom` first, `env` above it, each from top to bottom.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::data::{self, Source, Store};
use super::expansion;
use super::object::Objects;
use super::value::Val;
use crate::model::{Reason, Value, Variable};
use crate::span::{Place, Text};

/// A container's variables.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub variables: BTreeMap<String, Variable>,
    /// Why more variables may arrive.
    pub open: Option<Reason>,
    /// References that nothing above answers.
    pub unanswered: Vec<Unanswered>,
}

/// A `$(NAME)` that nothing above it answers.
#[derive(Debug)]
pub(super) struct Unanswered {
    /// The variable that holds it.
    pub variable: String,
    pub name: String,
    pub place: Place,
    /// Index of the entry in `env`.
    pub index: usize,
    /// Whether an `envFrom` that is not in the repository may answer it.
    pub maybe: bool,
}

/// The environment of a container in the namespace `space`.
pub(super) fn of_container(objects: &Objects, space: &str, container: &Val) -> Environment {
    let mut environment = Environment::default();
    for item in container.get("envFrom").map(Val::items).unwrap_or_default() {
        environment.take_all(objects, space, item);
    }
    for (index, entry) in container.get("env").map(Val::items).unwrap_or_default().iter().enumerate() {
        environment.take_entry(objects, space, entry, index);
    }
    environment
}

impl Environment {
    /// An item of `envFrom`.
    fn take_all(&mut self, objects: &Objects, space: &str, item: &Val) {
        let stores = [("configMapRef", Store::ConfigMap), ("secretRef", Store::Secret)];
        let prefix = item.str_at(&["prefix"]).unwrap_or_default();
        for (field, store) in stores {
            let Some(named) = item.at(&[field, "name"]) else { continue };
            let Some(name) = named.as_str() else { continue };
            match data::find(objects, store, space, name, named.place) {
                Source::Unknown(reason) => self.open = Some(reason),
                Source::Keys { keys, open } => {
                    self.open = open.or(self.open.take());
                    for datum in keys {
                        if !is_variable_name(&format!("{prefix}{}", datum.key)) {
                            continue;
                        }
                        let reference = format!("{}/{space}/{name}/{}", store.slug(), datum.key);
                        let variable = Variable {
                            name: format!("{prefix}{}", datum.key),
                            name_place: Some(datum.key_place),
                            value: datum.value,
                            reference: Some(reference),
                            via: Some(named.place),
                        };
                        self.variables.insert(variable.name.clone(), variable);
                    }
                }
            }
        }
    }

    /// An entry of `env`.
    fn take_entry(&mut self, objects: &Objects, space: &str, entry: &Val, index: usize) {
        let Some(named) = entry.get("name") else { return };
        let Some(name) = named.as_str().map(str::to_owned) else { return };
        let mut variable = Variable {
            name: name.clone(),
            name_place: Some(named.place),
            value: Value::Text(Text::default()),
            reference: None,
            via: None,
        };
        if let Some(value) =
            entry.get("value").filter(|value| value.as_str().is_some_and(|text| !text.is_empty()))
        {
            let Some(text) = value.text() else { return };
            variable.value = Value::Text(self.expanded(objects, space, &name, &text, index));
        } else if let Some(from) = entry.get("valueFrom") {
            match self.from(objects, space, from) {
                Some(found) => {
                    variable.value = found.value;
                    variable.reference = found.reference;
                    variable.via = found.via;
                }
                // An optional reference that leads nowhere leaves the name alone.
                None => return,
            }
            let may_be_missing = matches!(variable.value, Value::Unknown(_)) && is_optional(from);
            if may_be_missing && self.variables.contains_key(&name) {
                return;
            }
        }
        self.variables.insert(name, variable);
    }

    /// What `valueFrom` gives; nothing when it is optional and its key is known to be missing.
    fn from(&self, objects: &Objects, space: &str, from: &Val) -> Option<Found> {
        for (field, store) in [("configMapKeyRef", Store::ConfigMap), ("secretKeyRef", Store::Secret)] {
            let Some(reference) = from.get(field) else { continue };
            let name = reference.str_at(&["name"]).unwrap_or_default();
            let key = reference.str_at(&["key"]).unwrap_or_default();
            let at = reference.get("key").unwrap_or(reference).place;
            let value = match data::find(objects, store, space, name, at) {
                Source::Unknown(reason) => Value::Unknown(reason),
                Source::Keys { keys, open } => {
                    match (keys.into_iter().find(|datum| datum.key == key), open) {
                        (Some(datum), _) => datum.value,
                        (None, Some(reason)) => Value::Unknown(reason),
                        (None, None) if is_optional(from) => return None,
                        (None, None) => {
                            Value::Unknown(format!("{} {name} has no key {key}", store.phrase()).into())
                        }
                    }
                }
            };
            let reference_name = format!("{}/{space}/{name}/{key}", store.slug());
            let via = reference.get("key").or(reference.get("name")).map(|node| node.place);
            return Some(Found { value, reference: Some(reference_name), via });
        }
        let told = |path: &[&str]| from.at(path).and_then(Val::as_str);
        let reason: Reason = if let Some(path) = told(&["fieldRef", "fieldPath"]) {
            format!("the pod's {path}").into()
        } else if let Some(resource) = told(&["resourceFieldRef", "resource"]) {
            format!("the container's {resource}").into()
        } else if from.get("fileKeyRef").is_some() {
            Arc::from("a file in the pod")
        } else {
            Arc::from("a source that poollint does not know")
        };
        Some(Found { value: Value::Unknown(reason), reference: None, via: Some(from.place) })
    }

    /// A literal value with its references filled in.
    fn expanded(
        &mut self,
        objects: &Objects,
        space: &str,
        variable: &str,
        text: &Text,
        index: usize,
    ) -> Text {
        let mut open = Vec::new();
        let (expanded, unanswered) = expansion::expand(text, &mut |name, range| {
            let found = self.lookup(objects, space, name);
            if found.is_none() && self.open.is_some() {
                open.push((name.to_owned(), range));
                return self.open.clone().map(Text::unknown);
            }
            found
        });
        let left = unanswered.into_iter().map(|left| (left.name, left.range, false));
        for (name, range, maybe) in left.chain(open.into_iter().map(|(name, range)| (name, range, true))) {
            if let Some(place) = text.place_of(range) {
                self.unanswered.push(Unanswered { variable: variable.to_owned(), name, place, index, maybe });
            }
        }
        expanded
    }

    /// What a reference to `name` finds: variables so far, then those that announce Services.
    fn lookup(&self, objects: &Objects, space: &str, name: &str) -> Option<Text> {
        let known = self.variables.get(name).map(Variable::text);
        known.or_else(|| {
            is_service_link(objects, space, name).then(|| Text::unknown("the address of a Service"))
        })
    }

    /// The words of a command, with references filled in from the whole environment.
    pub fn words(&self, objects: &Objects, space: &str, words: &[Val]) -> Vec<Text> {
        let mut lookup = |name: &str, _: Range<usize>| {
            let unknown = || self.open.clone().map(Text::unknown);
            self.lookup(objects, space, name).or_else(unknown)
        };
        words.iter().filter_map(Val::text).map(|text| expansion::expand(&text, &mut lookup).0).collect()
    }
}

/// Whether the kubelet takes a key of a ConfigMap or Secret for a variable's name; others it leaves out
/// (<https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#configure-all-key-value-pairs-in-a-configmap-as-container-environment-variables>).
fn is_variable_name(name: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    name.bytes().all(part)
        && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
        && name != "."
        && !name.starts_with("..")
}

struct Found {
    value: Value,
    reference: Option<String>,
    via: Option<Place>,
}

fn is_optional(from: &Val) -> bool {
    ["configMapKeyRef", "secretKeyRef"]
        .iter()
        .any(|field| from.at(&[field, "optional"]).is_some_and(Val::is_true))
}

/// Whether a variable is one of those that tell a pod where Services are (`DB_SERVICE_HOST`, `DB_PORT_5432_TCP`).
fn is_service_link(objects: &Objects, space: &str, name: &str) -> bool {
    if name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT") || name.contains("_SERVICE_PORT_") {
        return true;
    }
    let Some(at) = name.find("_PORT") else { return false };
    let service = name.get(..at).unwrap_or_default();
    objects
        .of_kind("Service")
        .any(|object| object.space() == space && object.name.replace('-', "_").eq_ignore_ascii_case(service))
}
