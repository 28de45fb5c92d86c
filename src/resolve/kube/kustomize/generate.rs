//! ConfigMaps and Secrets that a kustomization generates
//! (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/>). The hash behind a
//! generated name is left out: references find it by its logical name.

use super::super::data::{Datum, of_object};
use super::super::object::{Generated, Object};
use super::super::value::{Pair, Shape, Val};
use super::build::Build;
use crate::model::{EnvReader, EnvUse, Value};
use crate::readers::join;
use crate::resolve::interpolate::{self, Found};
use crate::span::{Place, SpanText, Text};
use crate::syntax::dotenv::Dialect;

impl Build<'_, '_> {
    /// Runs the generators of a kustomization.
    pub(super) fn generate(&mut self, directory: &str, root: &Val, objects: &mut Vec<Object>) {
        for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for entry in root.get(field).map(Val::items).unwrap_or_default() {
                let Some(name) = entry.get("name").filter(|name| name.as_str().is_some()) else { continue };
                let generated = self.read(directory, entry);
                if !place(objects, kind, name, entry, generated) {
                    let file = self.context.files.path(name.place.file);
                    let line = self.context.files.line(name.place);
                    self.say(format!("{file}, line {line}: there is nothing to merge with"));
                }
            }
        }
    }

    fn read(&mut self, directory: &str, entry: &Val) -> Generated {
        let mut generated = Generated::default();
        let single = entry.get("env").into_iter();
        for path in entry.get("envs").map(Val::items).unwrap_or_default().iter().chain(single) {
            self.env_file(directory, path, &mut generated);
        }
        for literal in entry.get("literals").map(Val::items).unwrap_or_default() {
            if let Some(datum) = literal.text().and_then(|text| literal_datum(&text, literal.place)) {
                generated.put(datum);
            }
        }
        for item in entry.get("files").map(Val::items).unwrap_or_default() {
            let Some(text) = item.as_str() else { continue };
            let (key, path) =
                text.split_once('=').unwrap_or_else(|| (text.rsplit('/').next().unwrap_or(text), text));
            let file = join(directory, path).and_then(|path| self.context.files.find(&path));
            let value = match file {
                Some(file) => {
                    self.built.files.push(file);
                    Value::Text(Text::written(&SpanText::verbatim(self.context.files.text(file), 0), file))
                }
                None => Value::Unknown(format!("{path} is not in the repository").into()),
            };
            generated.put(Datum { key: key.to_owned(), key_place: item.place, value });
        }
        generated
    }

    fn env_file(&mut self, directory: &str, entry: &Val, generated: &mut Generated) {
        let Some(path) = entry.as_str() else { return };
        let Some(file) = join(directory, path).and_then(|path| self.context.files.find(&path)) else {
            let reason = format!("env file {path} is not in the repository");
            self.say(reason.clone());
            generated.open = Some(reason.into());
            return;
        };
        self.built.files.push(file);
        let evidence = Some(entry.place);
        self.built.env_uses.push(EnvUse { file, reader: EnvReader::Kustomize, evidence });
        let nothing = |_: &str| Found::Unset;
        let text = self.context.files.text(file);
        let read = interpolate::env_file(text, file, Dialect::Kustomize, &nothing);
        for (key, variable) in read.variables {
            let value = Value::Text(variable.text.unwrap_or_default());
            generated.put(Datum { key, key_place: Place::new(file, variable.key), value });
        }
    }
}

impl Generated {
    /// Adds a key or replaces its value.
    fn put(&mut self, datum: Datum) {
        self.keys.retain(|other| other.key != datum.key);
        self.keys.push(datum);
    }
}

/// `KEY=value`, one pair of quotes around the value taken off.
fn literal_datum(text: &Text, place: Place) -> Option<Datum> {
    let (key, value) = text.as_str().split_once('=')?;
    let start = key.len().saturating_add(1);
    let inner = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let value = match inner {
        Some(inner) => {
            let from = start.saturating_add(1);
            text.slice(from..from.saturating_add(inner.len()))
        }
        None => text.slice(start..text.as_str().len()),
    };
    let key_place = text.place_of(0..key.len()).unwrap_or(place);
    Some(Datum { key: key.to_owned(), key_place, value: Value::Text(value) })
}

/// Adds a generated object, or changes the one that its `behavior` means; `false` when that is not there, which
/// Kustomize refuses.
fn place(objects: &mut Vec<Object>, kind: &str, name: &Val, entry: &Val, generated: Generated) -> bool {
    let text = name.as_str().unwrap_or_default();
    let behavior = entry.str_at(&["behavior"]).unwrap_or("create");
    let existing = objects.iter_mut().find(|object| object.kind == kind && object.was(text));
    let fits = existing.is_some() || behavior == "create";
    match (behavior, existing) {
        ("merge", Some(existing)) => {
            let mut all = Generated { keys: of_object(existing), open: generated.open };
            if let Some(open) = existing.generated.as_ref().and_then(|former| former.open.clone()) {
                all.open.get_or_insert(open);
            }
            generated.keys.into_iter().for_each(|datum| all.put(datum));
            existing.root.remove("data");
            existing.root.remove("stringData");
            existing.generated = Some(all);
        }
        ("replace", Some(existing)) => {
            existing.root.remove("data");
            existing.root.remove("stringData");
            existing.generated = Some(generated);
        }
        _ => {
            let pair = |key: &str, value: Val| Pair { key: key.to_owned(), key_place: name.place, value };
            let mapping = |pairs| Val { place: entry.place, shape: Shape::Mapping(pairs) };
            let metadata = mapping(vec![pair("name", name.clone())]);
            let root = mapping(vec![pair("kind", Val::made(kind, entry.place)), pair("metadata", metadata)]);
            objects.push(Object {
                api_version: "v1".to_owned(),
                kind: kind.to_owned(),
                name: text.to_owned(),
                place: name.place,
                namespace: entry.str_at(&["namespace"]).map(str::to_owned),
                root,
                generated: Some(generated),
                former: Vec::new(),
                substituted: false,
            });
        }
    }
    fits
}
