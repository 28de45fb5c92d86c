//! Quarkus' configuration (<https://quarkus.io/guides/config-reference>): `application.properties`, YAML over it, the
//! files of the active profiles over both, and in each of them the keys of a profile (`%prod.…`) over the others. The
//! environment goes before all of them. Read are the default data source and the named ones over JDBC.

use std::collections::{BTreeMap, BTreeSet};

use super::flatten::{Property, canonical, properties};
use super::projects::{Project, Reader};
use super::scope::{Layers, Scope};
use super::sources::{self, DataSource};
use super::{Part, Settings};
use crate::model::Variable;
use crate::readers::ApplicationFile;

/// Where the connection leads and who makes it.
pub(super) const ADDRESSES: [&str; 3] =
    ["quarkus.datasource.jdbc.url", "quarkus.datasource.username", "quarkus.datasource.password"];

/// What decides how many connections there are and for how long.
const SETTINGS: [&str; 4] = [
    "quarkus.datasource.jdbc.max-size",
    "quarkus.datasource.jdbc.acquisition-timeout",
    "quarkus.datasource.jdbc.idle-removal-interval",
    "quarkus.datasource.jdbc.max-lifetime",
];

/// Endings of files, the weakest first.
const ENDINGS: [&str; 3] = ["properties", "yml", "yaml"];

/// What a program takes from its files. Nothing, where something else may take their place.
pub(super) fn settings(project: &Project<'_>, reader: &Reader<'_>) -> Option<Settings> {
    let located = ["QUARKUS_CONFIG_LOCATIONS", "SMALLRYE_CONFIG_LOCATIONS", "SMALLRYE_CONFIG_PROFILE"];
    let replaced = located.iter().any(|name| reader.variable(name).is_some())
        || reader.words.iter().any(|word| word.contains("config.locations"))
        || reader.mounts.iter().any(|(inside, known)| {
            let name = inside.rsplit('/').next().unwrap_or_default();
            name.starts_with("application.") || name.starts_with("application-") || !known && name == "config"
        });
    if replaced {
        return None;
    }
    let active = active(reader)?;
    let (mut layers, mut read) = (Layers::new(), BTreeSet::new());
    let stems = std::iter::once("application".to_owned());
    for stem in stems.chain(active.iter().map(|profile| format!("application-{profile}"))) {
        for ending in ENDINGS {
            let name = format!("{stem}.{ending}");
            let Some((_, application)) = project.files.iter().find(|(path, _)| *path == name) else {
                continue;
            };
            read.insert((application.file, None));
            read.extend(active.iter().map(|profile| (application.file, Some(canonical(profile)))));
            for (profile, own) in parts(application) {
                if profile.is_none_or(|profile| active.iter().any(|name| canonical(name) == profile)) {
                    layers.extend(own);
                }
            }
        }
    }
    let scope = Scope { layers: &layers, reader, open: reader.open.clone() };
    let variables = variables(&scope, &active, false);
    let read: BTreeSet<Part> = read;
    (!variables.is_empty()).then_some(Settings { variables, read })
}

/// The connections of one file by itself: those that hold always, and those of each profile.
pub(super) fn lone(application: &ApplicationFile) -> Vec<(Option<String>, Vec<Variable>)> {
    let parts = parts(application);
    let base = parts.get(&None).cloned().unwrap_or_default();
    let nothing = BTreeMap::new();
    let reader = Reader::nobody(&nothing);
    let found = parts.into_iter().map(|(profile, own)| {
        let speaks = ADDRESSES.iter().chain(&SETTINGS).any(|name| own.contains_key(&canonical(name)));
        let mut layers = base.clone();
        layers.extend(own);
        let scope = Scope { layers: &layers, reader: &reader, open: None };
        let active: Vec<String> = profile.clone().into_iter().collect();
        (profile, if speaks { variables(&scope, &active, true) } else { Vec::new() })
    });
    found.filter(|(_, variables)| !variables.is_empty()).collect()
}

/// The properties of a file: those that hold always, and those of each profile (`%prod.`, `%{prod,staging}.`).
fn parts(application: &ApplicationFile) -> BTreeMap<Option<String>, Layers> {
    let mut parts: BTreeMap<Option<String>, Layers> = BTreeMap::new();
    for document in &application.documents {
        for property in properties(application.file, document) {
            let (profiles, key) = match property.key.strip_prefix('%') {
                None => (vec![None], property.key.clone()),
                Some(rest) => {
                    let split = match rest.strip_prefix('{') {
                        Some(rest) => rest.split_once("}."),
                        None => rest.split_once('.'),
                    };
                    let Some((names, key)) = split else { continue };
                    let names = names.split(',').map(|name| Some(name.trim().to_owned()));
                    (names.collect(), key.to_owned())
                }
            };
            for profile in profiles {
                let name = match property.name.strip_prefix('%') {
                    None => property.name.clone(),
                    Some(rest) if rest.starts_with('{') => after(rest, "}."),
                    Some(rest) => after(rest, "."),
                };
                let property = Property { key: key.clone(), name, ..property.clone() };
                parts.entry(profile).or_default().insert(key.clone(), property);
            }
        }
    }
    parts
}

/// What stands after the first `mark`.
fn after(text: &str, mark: &str) -> String {
    text.split_once(mark).map_or(text, |(_, rest)| rest).to_owned()
}

/// The active profiles, `prod` unless told; nothing when they are not known.
fn active(reader: &Reader<'_>) -> Option<Vec<String>> {
    let words = reader.words.iter().rev().flat_map(|word| word.split_whitespace().rev());
    let mut told =
        words.filter_map(|word| word.split_once("quarkus.profile=")).map(|(_, names)| names.to_owned());
    let set = reader.variable("QUARKUS_PROFILE").or_else(|| reader.variable("quarkus.profile"));
    let names = match (told.next(), set) {
        (Some(names), _) => names,
        (None, Some(variable)) => variable.known()?.to_owned(),
        (None, None) => "prod".to_owned(),
    };
    Some(names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
}

fn variables(scope: &Scope<'_>, active: &[String], lone: bool) -> Vec<Variable> {
    let off = scope.value("quarkus.datasource.jdbc").is_some_and(|value| value.as_str() == "false");
    if off {
        return Vec::new();
    }
    let overridden = |name: &str| {
        let profiled = active.iter().any(|profile| scope.is_overridden(&format!("{profile}{name}")));
        profiled || scope.is_overridden(name)
    };
    let mut found = scope.listed(&ADDRESSES, &SETTINGS, &|name| !overridden(name));
    if !lone {
        for source in sources::named(scope).into_iter().map(DataSource::Named) {
            further(scope, &source, &overridden, &mut found);
        }
        let own = sources::own(scope, &found);
        found.extend(own);
    }
    let [url, ..] = ADDRESSES;
    let pooled = found.iter().any(|variable| SETTINGS.contains(&variable.name.as_str()));
    let addressed = scope.layers.contains_key(&canonical(url)) || overridden(url);
    if pooled && !addressed {
        found.extend(scope.unaddressed(url, lone));
    }
    found
}

/// What a named data source has, if it is in use.
fn further(
    scope: &Scope<'_>,
    source: &DataSource,
    overridden: &dyn Fn(&str) -> bool,
    found: &mut Vec<Variable>,
) {
    let is_off = |name: &str| {
        let name = source.setting(name);
        name.and_then(|name| scope.value(&name)).is_some_and(|value| value.as_str() == "false")
    };
    if ["quarkus.datasource.jdbc", "quarkus.datasource.active"].into_iter().any(is_off) {
        return;
    }
    for known in ADDRESSES.into_iter().chain(SETTINGS) {
        let Some(name) = source.setting(known).filter(|name| !overridden(name)) else { continue };
        let quoted = || {
            let DataSource::Named(own) = source else { return None };
            scope.layers.get(&canonical(&DataSource::Named(format!("\"{own}\"")).setting(known)?))
        };
        let property = scope.layers.get(&canonical(&name)).or_else(quoted);
        let open = ADDRESSES.contains(&known);
        found.extend(property.and_then(|property| scope.variable(property, &name, open)));
    }
}
