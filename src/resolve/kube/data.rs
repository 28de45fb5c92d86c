//! What ConfigMaps and Secrets hold.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::object::{Object, Objects};
use super::operators;
use super::value::Val;
use crate::model::{Reason, Value};
use crate::span::{Place, Span, Text};
use crate::syntax::connection;

/// One key of a ConfigMap or Secret.
#[derive(Debug, Clone)]
pub(super) struct Datum {
    pub key: String,
    pub key_place: Place,
    pub value: Value,
}

/// What a reference finds.
pub(super) enum Source {
    /// Its keys; `open` says why there may be more.
    Keys { keys: Vec<Datum>, open: Option<Reason> },
    /// Nothing tells.
    Unknown(Reason),
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    ConfigMap,
    Secret,
}

impl Store {
    /// As it appears in output.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::ConfigMap => "config map",
            Self::Secret => "secret",
        }
    }

    /// As it begins a [`crate::model::Variable::reference`].
    pub fn slug(self) -> &'static str {
        match self {
            Self::ConfigMap => "configmap",
            Self::Secret => "secret",
        }
    }
}

/// The keys of the store `name` that containers in the namespace `space` see. `at` is where its values are asked for:
/// those that an operator makes are written nowhere else.
pub(super) fn find(objects: &Objects, store: Store, space: &str, name: &str, at: Place) -> Source {
    let kind = if store == Store::ConfigMap { "ConfigMap" } else { "Secret" };
    if let Some(object) = objects.find(kind, space, name) {
        let open = object.generated.as_ref().and_then(|generated| generated.open.clone());
        return Source::Keys { keys: of_object(object), open };
    }
    if store == Store::Secret {
        if let Some(sealed) = objects.of_kind("SealedSecret").find(|object| {
            object.space() == space
                && (object.name == name
                    || object.root.str_at(&["spec", "template", "metadata", "name"]) == Some(name))
        }) {
            return sealed_keys(sealed, name);
        }
        if let Some(external) = objects.of_kind("ExternalSecret").find(|object| {
            let target = object.root.str_at(&["spec", "target", "name"]).unwrap_or(&object.name);
            object.space() == space && target == name
        }) {
            return external_keys(external, name);
        }
        if let Some(keys) = operators::secret(objects, space, name, at) {
            return Source::Keys { keys, open: None };
        }
    }
    Source::Unknown(format!("{} {name} is not in the repository", store.phrase()).into())
}

/// The keys of a ConfigMap or Secret as a container may receive them: no `binaryData`; base64 undone;
/// `stringData` above `data`. In a generated Secret `stringData` holds what was generated, and `data` what a patch put
/// over that.
pub(super) fn of_object(object: &Object) -> Vec<Datum> {
    let secret = object.kind == "Secret";
    let mut keys = object.generated.as_ref().map(|generated| generated.keys.clone()).unwrap_or_default();
    let fields: &[&str] = match (secret, object.generated.is_some()) {
        (false, _) => &["data"],
        (true, false) => &["data", "stringData"],
        (true, true) => &["stringData", "data"],
    };
    for field in fields.iter().copied() {
        for pair in object.root.get(field).map(Val::pairs).unwrap_or_default() {
            let value = if field == "data" && secret {
                decoded(&pair.value, &object.name)
            } else if is_encrypted(&pair.value) {
                Value::Unknown(encrypted(&object.name))
            } else {
                match pair.value.text() {
                    Some(text) => Value::Text(text),
                    None => continue,
                }
            };
            keys.retain(|datum| datum.key != pair.key);
            keys.push(Datum { key: pair.key.clone(), key_place: pair.key_place, value });
        }
    }
    keys
}

/// The bytes behind a base64 scalar; line breaks in it do not count.
pub(super) fn decode(value: &Val) -> Option<Vec<u8>> {
    let plain: String = value.as_str()?.chars().filter(|letter| !letter.is_whitespace()).collect();
    STANDARD.decode(plain).ok()
}

/// The text behind a base64 scalar.
pub(super) fn decoded_text(value: &Val) -> Option<Text> {
    Some(undone(value, &String::from_utf8(decode(value)?).ok()?))
}

/// What a base64 scalar means. Where its letters stand in one piece, a part of it can be changed by encoding it anew.
fn undone(value: &Val, meaning: &str) -> Text {
    match letters(value) {
        Some(letters) => Text::encoded(meaning, value.place, letters),
        None => Text::derived(meaning, value.place),
    }
}

/// The letters of a base64 scalar that a file holds as they are, in one line.
fn letters(value: &Val) -> Option<Span> {
    let written = value.text()?;
    let text = written.as_str();
    let start = text.len().saturating_sub(text.trim_start().len());
    let letters = text.trim();
    if letters.contains(char::is_whitespace) {
        return None;
    }
    let place = written.editable(start..start.saturating_add(letters.len()))?;
    (place.file == value.place.file && !place.span.is_empty()).then_some(place.span)
}

/// A text as it stands in a Secret's `data`.
pub(super) fn encode(text: &str) -> String {
    STANDARD.encode(text)
}

fn decoded(value: &Val, name: &str) -> Value {
    if is_encrypted(value) {
        return Value::Unknown(encrypted(name));
    }
    match decode(value).map(String::from_utf8) {
        Some(Ok(text)) if text.is_empty() => Value::Text(Text::default()),
        Some(Ok(text)) => Value::Text(undone(value, &text)),
        Some(Err(_)) => Value::Unknown(format!("secret {name} holds bytes that are no text").into()),
        None => Value::Unknown(format!("secret {name} is not written in base64").into()),
    }
}

/// Values that SOPS encrypted begin so (<https://getsops.io/docs/>).
fn is_encrypted(value: &Val) -> bool {
    value.as_str().is_some_and(|text| text.starts_with("ENC["))
}

fn encrypted(name: &str) -> Reason {
    format!("secret {name} is encrypted").into()
}

fn sealed_keys(object: &Object, name: &str) -> Source {
    let reason: Reason = format!("secret {name} is sealed").into();
    let keys = object.root.at(&["spec", "encryptedData"]).map(Val::pairs).unwrap_or_default();
    let keys = keys
        .iter()
        .map(|pair| Datum {
            key: pair.key.clone(),
            key_place: pair.key_place,
            value: Value::Unknown(reason.clone()),
        })
        .collect();
    Source::Keys { keys, open: None }
}

fn external_keys(object: &Object, name: &str) -> Source {
    let reason: Reason = format!("secret {name} comes from an external store").into();
    let spec = object.root.get("spec");
    let listed = spec.and_then(|spec| spec.get("data")).map(Val::items).unwrap_or_default();
    let keys: Vec<Datum> = listed
        .iter()
        .filter_map(|item| {
            let key = item.get("secretKey")?;
            Some(Datum {
                key: key.as_str()?.to_owned(),
                key_place: key.place,
                value: Value::Unknown(reason.clone()),
            })
        })
        .collect();
    let open = object.root.at(&["spec", "dataFrom"]).is_some()
        || object.root.at(&["spec", "target", "template"]).is_some();
    Source::Keys { keys, open: open.then(|| Arc::clone(&reason)) }
}

/// Every place of a deployment's Secrets that is a credential. Of a connection string that stands in plain text
/// only the secret parts are, so that a finding can still show the rest.
pub(super) fn secret_places(objects: &Objects) -> Vec<Place> {
    let mut places = Vec::new();
    for object in objects.of_kind("Secret") {
        for pair in object.root.get("data").map(Val::pairs).unwrap_or_default() {
            places.push(pair.value.place);
        }
        for pair in object.root.get("stringData").map(Val::pairs).unwrap_or_default() {
            let parsed = pair.value.text().and_then(|text| Some((connection::parse(text.as_str())?, text)));
            match parsed {
                Some((parsed, text)) => {
                    places.extend(parsed.secrets.iter().flat_map(|secret| text.places_of(secret.range())))
                }
                None => places.push(pair.value.place),
            }
        }
        for datum in object.generated.iter().flat_map(|generated| &generated.keys) {
            if let Value::Text(text) = &datum.value {
                places.extend(text.places_of(0..text.as_str().len()));
            }
        }
    }
    places
}
