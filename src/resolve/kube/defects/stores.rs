//! ConfigMaps and Secrets: values that are no strings, line breaks nobody meant.

use super::super::data::{self, Datum};
use super::super::object::{Object, Objects};
use super::super::value::Val;
use super::{Site, Substitution, concerns_database, not_a_string};
use crate::model::{Defect, Edit, Fix, Safety, Value};
use crate::resolve::names::is_database_key;
use crate::span::{Place, Span};
use crate::syntax::connection;
use crate::syntax::node::Style;
use crate::tree::{Files, Kind};

const TRAILING: &str = "k8s-secret-trailing-newline";

/// What is wrong with the keys of ConfigMaps and Secrets.
pub(in super::super) fn of_stores(
    objects: &Objects,
    substitution: &Substitution,
    files: &Files,
) -> Vec<Defect> {
    let mut found = Vec::new();
    for object in objects.all.iter().filter(|object| matches!(object.kind.as_str(), "ConfigMap" | "Secret")) {
        found.extend(unexpanded(object, substitution, files));
        // What a generator reads is judged where it is written.
        if object.generated.is_some() {
            continue;
        }
        if object.kind == "ConfigMap" {
            found.extend(no_strings(object, "data"));
        } else {
            found.extend(no_strings(object, "stringData"));
            found.extend(keys(object, "data").filter_map(|(key, value)| encoded(key, value)));
            found.extend(keys(object, "stringData").filter_map(|(key, value)| plain(key, value, files)));
        }
    }
    found
}

fn keys<'a>(object: &'a Object, field: &str) -> impl Iterator<Item = (&'a str, &'a Val)> {
    let pairs = object.root.get(field).map(Val::pairs).unwrap_or_default();
    pairs.iter().map(|pair| (pair.key.as_str(), &pair.value))
}

fn no_strings(object: &Object, field: &str) -> Vec<Defect> {
    keys(object, field).filter_map(|(key, value)| not_a_string(key, value)).collect()
}

/// References inside the values that containers receive.
fn unexpanded(object: &Object, substitution: &Substitution, files: &Files) -> Vec<Defect> {
    let judge = |datum: Datum| {
        let Value::Text(text) = &datum.value else { return None };
        if !(is_database_key(&datum.key) || connection::looks_like(text.as_str())) {
            return None;
        }
        // An env file that a generator reads is judged as an env file.
        let read = text.place_of(0..text.as_str().len()).and_then(|place| files.get(place.file));
        if read.is_some_and(|file| matches!(file.kind, Kind::EnvFile | Kind::Referenced)) {
            return None;
        }
        substitution.unexpanded(object, &datum.key, text, Site::Store)
    };
    data::of_object(object).into_iter().filter_map(judge).collect()
}

/// A value of `data`, base64 undone.
fn encoded(key: &str, value: &Val) -> Option<Defect> {
    let text = data::decoded_text(value)?;
    if !(is_database_key(key) || connection::looks_like(text.as_str())) {
        return None;
    }
    let kind = flaw(text.as_str())?;
    let fix = (kind == Flaw::LineBreak).then(|| {
        let line = text.as_str().trim_end_matches(['\r', '\n']);
        text.editable(line.len()..text.as_str().len()).map(|place| Fix {
            safety: Safety::Safe,
            title: "encode it again without the line break".to_owned(),
            edits: vec![Edit { place, text: String::new() }],
            withheld: true,
        })
    });
    let kind = if kind == Flaw::LineBreak { "encoded" } else { "control" };
    Some(Defect::new(TRAILING, kind, value.place).of(key).fix(fix.flatten()))
}

/// A value of `stringData`.
fn plain(key: &str, value: &Val, files: &Files) -> Option<Defect> {
    let scalar = value.scalar()?;
    if !concerns_database(key, value) {
        return None;
    }
    match flaw(scalar.text.as_str())? {
        Flaw::LineBreak if scalar.style == Style::Block => {
            Some(Defect::new(TRAILING, "block", value.place).of(key).fix(strip(value, files)))
        }
        Flaw::LineBreak => Some(Defect::new(TRAILING, "block", value.place).of(key)),
        Flaw::Control => Some(Defect::new(TRAILING, "control", value.place).of(key)),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    LineBreak,
    Control,
}

/// What is wrong with a value of one line. Certificates, keys and other values of several lines are left alone.
fn flaw(text: &str) -> Option<Flaw> {
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() || line.contains('\n') || line.contains("-----BEGIN") {
        None
    } else if line.bytes().any(|byte| byte.is_ascii_control()) {
        Some(Flaw::Control)
    } else {
        (line.len() < text.len()).then_some(Flaw::LineBreak)
    }
}

/// Turns `|` and `>` into `|-` and `>-`.
fn strip(value: &Val, files: &Files) -> Option<Fix> {
    let Place { file, span } = value.place;
    let sign = span.start.saturating_add(1);
    let after = files.text(file).get(sign..)?;
    let replaced = match after.bytes().next()? {
        b'+' => Span::new(sign, sign.saturating_add(1)),
        b'\n' | b'\r' | b' ' => Span::new(sign, sign),
        _ => return None,
    };
    Some(Fix {
        safety: Safety::Safe,
        title: "drop the line break with -".to_owned(),
        edits: vec![Edit { place: Place::new(file, replaced).into(), text: "-".to_owned() }],
        withheld: false,
    })
}
