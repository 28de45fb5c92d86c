//! ConfigMaps and Secrets that a kustomization generates
//! (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/>). The hash behind a
//! generated name is left out: references find it by its logical name.

use super::super::data::Datum;
use super::super::object::{Affixes, Generated, Object};
use super::super::value::{Pair, Shape, Val};
use super::build::Build;
use crate::model::{EnvReader, EnvUse, Reason, Value};
use crate::readers::join;
use crate::resolve::interpolate::{self, Found};
use crate::span::{Place, SpanText, Text};
use crate::syntax::dotenv::Dialect;

/// What a generator reads.
#[derive(Default)]
struct Read {
    pairs: Vec<Pair>,
    unknown: Vec<Datum>,
    /// Why there may be more.
    open: Option<Reason>,
    /// Why Kustomize refuses it.
    refused: Option<String>,
}

impl Build<'_, '_> {
    /// Runs the generators of a kustomization.
    pub(super) fn generate(&mut self, directory: &str, root: &Val, objects: &mut Vec<Object>) {
        for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for entry in root.get(field).map(Val::items).unwrap_or_default() {
                let Some(name) = entry.get("name").filter(|name| name.as_str().is_some()) else { continue };
                let mut read = self.read(directory, entry);
                let refused = read.refused.take();
                let refused = place(objects, kind, name, entry, read).or(refused);
                if let Some(reason) = refused {
                    let file = self.context.files.path(name.place.file);
                    let line = self.context.files.line(name.place);
                    self.say(format!("{file}, line {line}: {reason}"));
                }
            }
        }
    }

    fn read(&mut self, directory: &str, entry: &Val) -> Read {
        let mut read = Read::default();
        let single = entry.get("env").into_iter();
        for path in entry.get("envs").map(Val::items).unwrap_or_default().iter().chain(single) {
            self.env_file(directory, path, &mut read);
        }
        for literal in entry.get("literals").map(Val::items).unwrap_or_default() {
            match literal.text().and_then(|text| literal_pair(&text, literal.place)) {
                Some(pair) => read.put(pair),
                None => read.refused = Some("a literal without =".to_owned()),
            }
        }
        for item in entry.get("files").map(Val::items).unwrap_or_default() {
            self.whole_file(directory, item, &mut read);
        }
        read
    }

    fn whole_file(&mut self, directory: &str, item: &Val, read: &mut Read) {
        let Some(text) = item.as_str() else { return };
        let (key, path) =
            text.split_once('=').unwrap_or_else(|| (text.rsplit('/').next().unwrap_or(text), text));
        let (key, key_place) = (key.to_owned(), item.place);
        match join(directory, path).and_then(|path| self.context.files.find(&path)) {
            Some(file) => {
                self.built.files.push(file);
                let text = Text::written(&SpanText::verbatim(self.context.files.text(file), 0), file);
                read.put(Pair { key, key_place, value: Val::from_text(&text, item.place) });
            }
            None => {
                let reason = format!("{path} is not in the repository");
                read.refused = Some(reason.clone());
                read.unknown.push(Datum { key, key_place, value: Value::Unknown(reason.into()) });
            }
        }
    }

    fn env_file(&mut self, directory: &str, entry: &Val, read: &mut Read) {
        let Some(path) = entry.as_str() else { return };
        let Some(file) = join(directory, path).and_then(|path| self.context.files.find(&path)) else {
            let reason = format!("env file {path} is not in the repository");
            self.say(reason.clone());
            read.open = Some(reason.into());
            return;
        };
        self.built.files.push(file);
        let evidence = Some(entry.place);
        self.built.env_uses.push(EnvUse::new(file, EnvReader::Kustomize, evidence));
        let nothing = |_: &str| Found::Unset;
        let text = self.context.files.text(file);
        let found = interpolate::env_file(text, file, Dialect::Kustomize, &nothing);
        if found.refused() {
            read.refused = Some(format!("Kustomize refuses {path}"));
        }
        for (key, variable) in found.variables {
            let at = Place::new(file, variable.raw);
            let value = Val::from_text(&variable.text.unwrap_or_default(), at);
            read.put(Pair { key, key_place: Place::new(file, variable.key), value });
        }
    }
}

impl Read {
    /// Adds a key; one that is there already Kustomize refuses.
    fn put(&mut self, pair: Pair) {
        if self.pairs.iter().any(|other| other.key == pair.key) {
            self.refused = Some(format!("the key {} twice", pair.key));
            self.pairs.retain(|other| other.key != pair.key);
        }
        self.pairs.push(pair);
    }
}

/// `KEY=value`, one pair of quotes around the value taken off.
fn literal_pair(text: &Text, place: Place) -> Option<Pair> {
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
    Some(Pair { key: key.to_owned(), key_place, value: Val::from_text(&value, place) })
}

/// Adds a generated object, or changes the one that its `behavior` means. The result tells why Kustomize refuses it.
fn place(objects: &mut Vec<Object>, kind: &str, name: &Val, entry: &Val, read: Read) -> Option<String> {
    let text = name.as_str().unwrap_or_default();
    let behavior = entry.str_at(&["behavior"]).unwrap_or("create");
    let namespace = entry.str_at(&["namespace"]).filter(|namespace| !namespace.is_empty());
    let means = |object: &&mut Object| {
        let former = object.former.iter().map(|former| (&former.name, former.namespace.as_deref()));
        let mut all = former.chain(std::iter::once((&object.name, object.namespace.as_deref())));
        object.kind == kind && all.any(|(other, space)| other == text && space == namespace)
    };
    let existing = objects.iter_mut().find(means);
    let fits = existing.is_some() == (behavior != "create");
    match existing {
        Some(existing) => existing.take(read, behavior == "merge"),
        None => {
            let pair = |key: &str, value: Val| Pair { key: key.to_owned(), key_place: name.place, value };
            let mapping = |pairs| Val { place: entry.place, shape: Shape::Mapping(pairs) };
            let mut metadata = mapping(vec![pair("name", name.clone())]);
            for told in ["labels", "annotations"] {
                if let Some(value) = entry.at(&["options", told]) {
                    metadata.set(told, value.clone());
                }
            }
            if let Some(namespace) = entry.get("namespace") {
                metadata.set("namespace", namespace.clone());
            }
            let root = mapping(vec![
                pair("apiVersion", Val::made("v1", entry.place)),
                pair("kind", Val::made(kind, entry.place)),
                pair("metadata", metadata),
            ]);
            let mut object = Object {
                api_version: "v1".to_owned(),
                kind: kind.to_owned(),
                name: text.to_owned(),
                place: name.place,
                namespace: namespace.map(str::to_owned),
                root,
                generated: None,
                former: Vec::new(),
                affixes: Affixes::default(),
                vars: Vec::new(),
                substituted: false,
            };
            object.take(read, false);
            objects.push(object);
        }
    }
    match (fits, behavior) {
        (true, _) => None,
        (false, "create") => Some(format!("{kind} {text} is there already")),
        (false, _) => Some("there is nothing to merge with".to_owned()),
    }
}

impl Object {
    /// Takes over what a generator read, in place of what it holds or above that.
    fn take(&mut self, read: Read, above: bool) {
        let secret = self.kind == "Secret";
        if !above {
            self.root.remove("data");
            self.root.remove("stringData");
        }
        // A written Secret may hold plain text above what is encoded; what is merged goes above both.
        let place = self.place;
        let empty = || Val { place, shape: Shape::Mapping(Vec::new()) };
        for field in ["data", "stringData"] {
            if self.root.get(field).is_none() && (secret || field == "data") {
                self.root.set(field, empty());
            }
        }
        let generated = self.generated.get_or_insert_default();
        if !above {
            *generated = Generated::default();
        }
        generated.open = read.open.or(generated.open.take());
        for pair in read.pairs {
            generated.keys.retain(|datum| datum.key != pair.key);
            for field in ["data", "stringData"] {
                if let Some(held) = self.root.get_mut(field) {
                    held.remove(&pair.key);
                }
            }
            if let Some(Val { shape: Shape::Mapping(pairs), .. }) =
                self.root.get_mut(if secret { "stringData" } else { "data" })
            {
                pairs.push(pair);
            }
        }
        for datum in read.unknown {
            generated.keys.retain(|other| other.key != datum.key);
            generated.keys.push(datum);
        }
    }
}
