//! What a container mounts, and the env files among it: dotenv and its kin read `.env` in the working directory, and
//! leave alone what the environment has already.

use super::data::{self, Source, Store};
use super::object::Objects;
use super::value::Val;
use crate::model::{Mount, MountSource, Value, Variable};
use crate::resolve::interpolate::{self, Found};
use crate::span::{FileId, Origin, Place, Spelling, Text};
use crate::syntax::dotenv::Dialect;

/// The readers whose agreement makes a value known: which of them a container runs is not told.
const READERS: [Dialect; 2] = [Dialect::NodeDotenv, Dialect::PythonDotenv];

/// The variables of the env files that a container mounts, in the order of the mounts.
pub(super) fn variables(objects: &Objects, space: &str, spec: &Val, container: &Val) -> Vec<Variable> {
    let mut found = Vec::new();
    for (mount, place) in located(objects, space, spec, container) {
        if let MountSource::Text(text) = &mount.source
            && is_env_file(&mount.inside)
        {
            found.extend(read(text, place));
        }
    }
    found
}

/// What a container of the pod `spec` mounts.
pub(super) fn mounts(objects: &Objects, space: &str, spec: &Val, container: &Val) -> Vec<Mount> {
    located(objects, space, spec, container).into_iter().map(|(mount, _)| mount).collect()
}

/// Each with the place of the `volumeMounts` entry.
fn located(objects: &Objects, space: &str, spec: &Val, container: &Val) -> Vec<(Mount, Place)> {
    let mut found = Vec::new();
    for mount in container.get("volumeMounts").map(Val::items).unwrap_or_default() {
        let (Some(name), Some(path)) = (mount.str_at(&["name"]), mount.str_at(&["mountPath"])) else {
            continue;
        };
        let volumes = spec.get("volumes").map(Val::items).unwrap_or_default();
        let volume = volumes.iter().find(|volume| volume.str_at(&["name"]) == Some(name));
        let sub = mount.str_at(&["subPath"]).filter(|sub| !sub.is_empty());
        let held = volume.map_or(Held::Volume, |volume| held(objects, space, volume));
        let at = |inside: String, source| (Mount { inside, source }, mount.place);
        match held {
            Held::Volume => found.push(at(path.to_owned(), MountSource::Volume)),
            Held::Files { files, open } => {
                for (file, text) in files {
                    let inside = match sub {
                        Some(sub) if sub == file => path.to_owned(),
                        Some(_) => continue,
                        None => format!("{}/{file}", path.trim_end_matches('/')),
                    };
                    found.push(at(inside, MountSource::Text(text)));
                }
                if open {
                    found.push(at(path.to_owned(), MountSource::Unknown));
                }
            }
        }
    }
    found
}

/// What a volume holds.
enum Held {
    /// What the containers put there.
    Volume,
    /// Files of ConfigMaps and Secrets: path and text. `open`: and others that the repository does not hold.
    Files { files: Vec<(String, Text)>, open: bool },
}

fn held(objects: &Objects, space: &str, volume: &Val) -> Held {
    let projected = volume.at(&["projected", "sources"]).map(Val::items).unwrap_or_default();
    let mut all: Option<(Vec<(String, Text)>, bool)> = None;
    for source in std::iter::once(volume).chain(projected) {
        let Some((files, open)) = files(objects, space, source) else { continue };
        let (known, unknown) = all.get_or_insert_default();
        known.extend(files);
        *unknown |= open;
    }
    match all {
        Some((files, open)) => Held::Files { files, open },
        None => Held::Volume,
    }
}

/// Whether a program would read it by itself.
fn is_env_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == ".env" || name.starts_with(".env.")
}

/// The known files of a source, path and text, and whether there may be others; nothing when it is of another kind.
fn files(objects: &Objects, space: &str, source: &Val) -> Option<(Vec<(String, Text)>, bool)> {
    let stores = [
        ("configMap", "name", Store::ConfigMap),
        ("secret", "secretName", Store::Secret),
        ("secret", "name", Store::Secret),
    ];
    let (own, name, store) = stores.into_iter().find_map(|(field, named, store)| {
        let own = source.get(field)?;
        Some((own, own.str_at(&[named])?, store))
    })?;
    let Source::Keys { keys, open } = data::find(objects, store, space, name, own.place) else {
        return Some((Vec::new(), true));
    };
    let items = own.get("items").map(Val::items);
    let mut found = Vec::new();
    let mut unknown = open.is_some();
    for datum in keys {
        let path = match items {
            None => Some(datum.key.as_str()),
            Some(items) => items
                .iter()
                .find(|item| item.str_at(&["key"]) == Some(&datum.key))
                .and_then(|item| item.str_at(&["path"])),
        };
        match (path, datum.value) {
            (Some(path), Value::Text(text)) => found.push((path.to_owned(), text)),
            (Some(_), Value::Unknown(_)) => unknown = true,
            (None, _) => {}
        }
    }
    Some((found, unknown))
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
            Origin::Written { place, spelling: Spelling::Verbatim } => {
                whole.push_text(&outer.slice(place.span.range()))
            }
            Origin::Written { place, .. } => match outer.place_of(place.span.range()) {
                Some(place) => whole.push_text(&Text::derived(piece, place)),
                None => whole.push(piece, from.origin, from.hops),
            },
            Origin::Unknown { .. } => whole.push(piece, from.origin, from.hops),
        }
    }
    whole
}
