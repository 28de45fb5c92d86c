//! Env files that a framework takes along into the functions that a host makes of it.

use std::collections::BTreeMap;

use super::service::Stack;
use super::values::variable;
use crate::catalog::VariableMeaning;
use crate::model::{Basis, EnvReader, EnvUse, Environment, Located, Value, Variable};
use crate::resolve::interpolate::{self, EnvMap, Found};
use crate::resolve::{Context, environment, is_public, names};
use crate::span::{FileId, Place, Text};
use crate::syntax::connection;
use crate::syntax::dotenv::{self, Dialect};

/// Adds what the env files of the project in `home` give its functions beyond the variables that its host sets, and tells
/// which files those were. Of several the first that has a variable counts
/// (<https://nextjs.org/docs/app/guides/environment-variables#environment-variable-load-order>).
///
/// Left alone are files that git keeps out, for hosts build from what it has, and those with a database that no function
/// of a host reaches: they are for a machine of one's own, and the host has values of its own.
pub(super) fn load(context: &Context<'_>, home: &str, variables: &mut BTreeMap<String, Variable>) -> Stack {
    let mut stack = Stack::default();
    let Some((names, evidence)) = framework(context, home) else { return stack };
    let set: BTreeMap<String, Text> =
        variables.iter().map(|(name, variable)| (name.clone(), variable.text())).collect();
    for name in names {
        let path = if home.is_empty() { name.clone() } else { format!("{home}/{name}") };
        let Some(file) = context.files.find(&path).filter(|file| is_taken_along(context, *file)) else {
            continue;
        };
        let map = read(context, file, &set);
        if map.refused()
            || !map
                .variables
                .iter()
                .all(|(name, one)| one.text.as_ref().is_none_or(|text| leads_out(name, text)))
        {
            continue;
        }
        for (name, entry) in map.variables {
            let Some(text) = entry.text else { continue };
            let (name, found) = variable(&name, Some(Place::new(file, entry.key)), Value::Text(text));
            variables.entry(name).or_insert(found);
        }
        stack.files.push(file);
        stack.env_uses.push(EnvUse::new(file, EnvReader::DotenvExpand, Some(evidence)));
        if environment::of_path(name) == Some(Environment::Production) {
            let production = Located::of(Environment::Production, Basis::Derived);
            stack.purpose = Some(production.noted(format!("from {name}")));
        }
    }
    stack
}

/// The env files of the first framework in the project's own manifest that takes some along, and where that names it.
fn framework(context: &Context<'_>, home: &str) -> Option<(&'static [String], Place)> {
    let known = &crate::catalog::catalog().ambient.function_env_files;
    let manifests = context.declarations.dependencies.iter();
    manifests.filter(|manifest| manifest.ecosystem == "npm" && manifest.directory == home).find_map(
        |manifest| {
            manifest.dependencies.iter().find_map(|dependency| {
                let names = known.get(&dependency.name)?;
                Some((names.as_slice(), Place::new(manifest.file, dependency.span)))
            })
        },
    )
}

fn is_taken_along(context: &Context<'_>, file: FileId) -> bool {
    context.declarations.env_files.contains(&file) && !context.files.is_kept_out(file)
}

/// What the host sets is there before the file is read. A reference to neither may be set on the host.
fn read(context: &Context<'_>, file: FileId, set: &BTreeMap<String, Text>) -> EnvMap {
    let text = context.files.text(file);
    let own = dotenv::parse(text, Dialect::DotenvExpand);
    let outer = |name: &str| match set.get(name) {
        Some(text) => Found::Value(text.clone()),
        None if own.entries.iter().any(|entry| entry.key == name) => Found::Unset,
        None => Found::Unknown("a variable that is set on the platform".into()),
    };
    interpolate::env_file(text, file, Dialect::DotenvExpand, &outer)
}

/// Whether a value is no database's host, or that of one which is reached from everywhere, as far as it is known.
fn leads_out(name: &str, text: &Text) -> bool {
    let public = |host: &str| host.contains(crate::span::UNKNOWN) || is_public(host);
    match connection::parse(text.as_str()) {
        Some(parsed) => !parsed.hosts.is_empty() && parsed.hosts.iter().all(|host| public(&host.name.value)),
        None => match names::meaning(name) {
            Some(meaning) if meaning.role == VariableMeaning::Host => public(text.as_str()),
            _ => true,
        },
    }
}
