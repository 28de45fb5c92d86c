//! Env files that a container mounts from a ConfigMap or a Secret. dotenv and its kin read `.env` in the working
//! directory, and leave alone what the environment has already.

use super::data::{self, Source, Store};
use super::object::Objects;
use super::value::Val;
use crate::model::{Value, Variable};
use crate::resolve::interpolate::{self, Found};
use crate::span::{FileId, Origin, Place, Text};
use crate::syntax::dotenv::Dialect;

/// The readers whose agreement makes a value known: which of them a container runs is not told.
const READERS: [Dialect; 2] = [Dialect::NodeDotenv, Dialect::PythonDotenv];

/// The variables of the env files that a container of the pod `spec` mounts, in the order of the mounts.
pub(super) fn variables(objects: &Objects, space: &str, spec: &Val, container: &Val) -> Vec<Variable> {
    let mut found = Vec::new();
    for mount in container.get("volumeMounts").map(Val::items).unwrap_or_default() {
        let (Some(name), Some(path)) = (mount.str_at(&["name"]), mount.str_at(&["mountPath"])) else {
            continue;
        };
        let volumes = spec.get("volumes").map(Val::items).unwrap_or_default();
        let Some(volume) = volumes.iter().find(|volume| volume.str_at(&["name"]) == Some(name)) else {
            continue;
        };
        let projected = volume.at(&["projected", "sources"]).map(Val::items).unwrap_or_default();
        for source in std::iter::once(volume).chain(projected) {
            for (file, text) in files(objects, space, source) {
                let inside = match mount.str_at(&["subPath"]).filter(|sub| !sub.is_empty()) {
                    Some(sub) if sub == file => path,
                    Some(_) => continue,
                    None => file.as_str(),
                };
                if is_env_file(inside) {
                    found.extend(read(&text, mount.place));
                }
            }
        }
    }
    found
}

/// Whether a program would read it by itself.
fn is_env_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == ".env" || name.starts_with(".env.")
}

/// The known files of a volume: path and text.
fn files(objects: &Objects, space: &str, source: &Val) -> Vec<(String, Text)> {
    let stores = [
        ("configMap", "name", Store::ConfigMap),
        ("secret", "secretName", Store::Secret),
        ("secret", "name", Store::Secret),
    ];
    let mut found = Vec::new();
    for (field, named, store) in stores {
        let Some(own) = source.get(field) else { continue };
        let Some(name) = own.str_at(&[named]) else { continue };
        let Source::Keys { keys, .. } = data::find(objects, store, space, name, own.place) else { continue };
        let items = own.get("items").map(Val::items);
        for datum in keys {
            let Value::Text(text) = datum.value else { continue };
            let path = match items {
                None => Some(datum.key.as_str()),
                Some(items) => items
                    .iter()
                    .find(|item| item.str_at(&["key"]) == Some(&datum.key))
                    .and_then(|item| item.str_at(&["path"])),
            };
            found.extend(path.map(|path| (path.to_owned(), text)));
        }
    }
    found
}

/// The variables of a file's text. What the readers disagree about is not known.
fn read(text: &Text, mount: Place) -> Vec<Variable> {
    let Some(known) = text.known() else { return Vec::new() };
    let nothing = |_: &str| Found::Unset;
    // Spans are ranges of the text here; `moved` turns them into places.
    let [node, python] = READERS.map(|dialect| interpolate::env_file(known, FileId(0), dialect, &nothing));
    let mut found = Vec::new();
    for (name, variable) in node.variables {
        let Some(value) = &variable.text else { continue };
        let other = python.text(&name);
        let value = if other.is_some_and(|other| other.as_str() == value.as_str()) {
            Value::Text(moved(value, text))
        } else {
            Value::Unknown("programs read it differently".into())
        };
        found.push(Variable {
            name,
            name_place: text.place_of(variable.key.range()),
            value,
            reference: None,
            via: Some(mount),
        });
    }
    found
}

/// A part of a text that was read as a file of its own, with the places of that text.
fn moved(value: &Text, outer: &Text) -> Text {
    let mut whole = Text::default();
    for (piece, from) in value.pieces(0..value.as_str().len()) {
        match from.origin {
            Origin::Written { place, exact: true } => whole.push_text(&outer.slice(place.span.range())),
            Origin::Written { place, exact: false } => match outer.place_of(place.span.range()) {
                Some(place) => whole.push_text(&Text::derived(piece, place)),
                None => whole.push(piece, from.origin, from.hops),
            },
            Origin::Unknown { .. } => whole.push(piece, from.origin, from.hops),
        }
    }
    whole
}
