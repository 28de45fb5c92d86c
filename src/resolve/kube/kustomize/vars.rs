//! `vars`: `$(NAME)` in the variables, commands and arguments of containers, filled in once all names are final.
//! Elsewhere they stay.

use std::collections::BTreeMap;

use super::super::expansion;
use super::super::object::Object;
use super::super::pod;
use super::super::value::Val;
use super::build::Build;
use super::field;
use crate::span::Text;

impl Build<'_, '_> {
    /// Notes the vars of a kustomization at the objects that they are read from.
    pub(super) fn note_vars(&mut self, root: &Val, objects: &mut [Object]) {
        for entry in root.get("vars").map(Val::items).unwrap_or_default() {
            let told = |path: &[&str]| entry.str_at(path).filter(|text| !text.is_empty());
            let Some(name) = told(&["name"]) else { continue };
            let twice = objects.iter().any(|object| object.vars.iter().any(|(other, _)| other == name));
            let meant = |object: &&mut Object| {
                told(&["objref", "kind"]).is_none_or(|kind| kind == object.kind)
                    && told(&["objref", "name"]).is_none_or(|name| object.was(name))
                    && told(&["objref", "namespace"]).is_none_or(|namespace| namespace == object.space())
            };
            let path = told(&["fieldref", "fieldpath"]).or(told(&["fieldref", "fieldPath"]));
            let path = path.unwrap_or("metadata.name").to_owned();
            match objects.iter_mut().find(meant) {
                Some(object) if !twice => object.vars.push((name.to_owned(), path)),
                _ => {
                    let line = self.context.files.line(entry.place);
                    let file = self.context.files.path(entry.place.file);
                    self.say(format!("the var {name} in {file}, line {line}, is not applied"));
                }
            }
        }
    }
}

/// Fills the vars in; the result names those whose field is not there.
pub(super) fn resolve(objects: &mut [Object]) -> Vec<String> {
    let mut values: BTreeMap<String, Text> = BTreeMap::new();
    let mut missing = Vec::new();
    for object in objects.iter() {
        for (name, path) in &object.vars {
            let steps = field::steps(path).unwrap_or_default();
            // A Secret's value would be printed wherever it goes; nobody reads one through a var.
            let found = field::find(&object.root, &steps).into_iter().next().and_then(Val::text);
            match found.filter(|_| object.kind != "Secret" || path == "metadata.name") {
                Some(value) => drop(values.insert(name.clone(), value)),
                None => missing.push(format!("the var {name} has no value")),
            }
        }
    }
    if !values.is_empty() {
        for object in objects {
            let Some(template) = pod::template_path(object) else { continue };
            let Some(spec) = object.root.at_mut(&[template, &["spec"]].concat()) else { continue };
            for field in ["containers", "initContainers"] {
                let containers = spec.get_mut(field).map(Val::items_mut).unwrap_or_default();
                containers.iter_mut().for_each(|container| fill_container(container, &values));
            }
        }
    }
    missing
}

fn fill_container(container: &mut Val, values: &BTreeMap<String, Text>) {
    for field in ["command", "args"] {
        let words = container.get_mut(field).map(Val::items_mut).unwrap_or_default();
        words.iter_mut().for_each(|word| fill(word, values));
    }
    for entry in container.get_mut("env").map(Val::items_mut).unwrap_or_default() {
        if let Some(value) = entry.get_mut("value") {
            fill(value, values);
        }
    }
}

fn fill(value: &mut Val, values: &BTreeMap<String, Text>) {
    let Some(text) = value.text().filter(|text| text.as_str().contains('$')) else { return };
    let (filled, _) = expansion::expand(&text, &mut |name, _| values.get(name).cloned());
    if filled.as_str() != text.as_str() && filled.is_known() {
        *value = Val::made(filled.as_str(), value.place);
    }
}
