//! The variables that a service's container receives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::image::Built;
use super::merge::pairs;
use super::project_env::{ProjectEnv, demanded};
use super::tree::Item;
use crate::model::{EnvReader, EnvUse, Value, Variable};
use crate::readers::join;
use crate::resolve::Context;
use crate::resolve::interpolate::{self, Found};
use crate::span::{FileId, Place, Text};
use crate::syntax::dotenv::Dialect;

/// What a container receives.
#[derive(Debug, Default)]
pub(super) struct Received {
    /// Its variables.
    pub(super) variables: BTreeMap<String, Variable>,
    /// Why there may be more.
    pub(super) open: Option<Arc<str>>,
    /// Env files that were read.
    pub(super) env_uses: Vec<EnvUse>,
    /// What the env files set so far.
    listed: BTreeMap<String, Text>,
    /// What is not known.
    pub(super) partial: Vec<String>,
    /// Variables that its env files demand and nothing in the repository sets.
    pub(super) required: BTreeSet<String>,
}

/// The variables of a service: those of its image, then its env files, then its own.
pub(super) fn of(
    context: &Context<'_>,
    service: &Item,
    built: Option<&Built<'_>>,
    env: &ProjectEnv,
) -> Received {
    let variables = built.map(Built::environment).unwrap_or_default();
    let mut received = Received { variables, ..Received::default() };
    let own = service.get("environment");
    if own.is_some_and(|own| own.items().iter().any(is_hidden)) {
        received.open = Some("a variable whose name is set outside the repository".into());
    }
    let own = own.cloned().map(pairs);
    for entry in distinct(service.get("env_file").into_iter().flat_map(Item::one_or_many)) {
        env_file(context, entry, own.as_ref(), env, &mut received);
    }
    for (name, entry) in own.iter().flat_map(Item::entries) {
        let value = match entry.item.text() {
            Some(text) => Value::Text(text.clone()),
            None => match env.value(name) {
                Some(value) => {
                    let mut text = Text::default();
                    text.push_via(value, entry.key);
                    Value::Text(text)
                }
                None if env.tells(name) => {
                    received.variables.remove(name.as_ref());
                    continue;
                }
                None => Value::Unknown(format!("{name} is set outside the repository").into()),
            },
        };
        let variable = Variable {
            name: name.to_string(),
            name_place: Some(entry.key),
            value,
            reference: None,
            via: None,
        };
        received.variables.insert(name.to_string(), variable);
    }
    received
}

/// A file that is listed twice is read where it stands first, as it is described last; one under two spellings twice.
fn distinct<'a>(entries: impl Iterator<Item = &'a Item>) -> Vec<&'a Item> {
    let path = |entry: &'a Item| {
        let scalar = entry.get("path").unwrap_or(entry).scalar()?;
        Some(format!("{}/{}", scalar.directory, scalar.text.known()?))
    };
    let mut found: Vec<(Option<String>, &Item)> = Vec::new();
    for entry in entries {
        let own = path(entry);
        match found.iter_mut().find(|(known, _)| known.is_some() && *known == own) {
            Some(known) => known.1 = entry,
            None => found.push((own, entry)),
        }
    }
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// Whether a list item's name is not known.
fn is_hidden(item: &Item) -> bool {
    let Some(text) = item.text() else { return false };
    let end = text.as_str().find('=').unwrap_or(text.as_str().len());
    !text.slice(0..end).is_known()
}

/// Adds what one entry of `env_file` brings along.
fn env_file(
    context: &Context<'_>,
    entry: &Item,
    own: Option<&Item>,
    env: &ProjectEnv,
    received: &mut Received,
) {
    let required = entry.get("required").and_then(Item::known) != Some("false");
    let format = entry.get("format").and_then(Item::known);
    let path = entry.get("path").unwrap_or(entry);
    let Some(scalar) = path.scalar() else { return };
    let file = scalar
        .text
        .known()
        .and_then(|path| join(&scalar.directory, path))
        .and_then(|path| context.files.find(&path));
    let Some(file) = file else {
        let reason = match scalar.text.known() {
            Some(path) => format!("env file {} is not in the repository", crate::mask::line(path)),
            None => "an env file whose name is not known".to_owned(),
        };
        received.open.get_or_insert_with(|| reason.as_str().into());
        if required {
            received.partial.push(reason);
        }
        return;
    };
    let (dialect, reader) = match format {
        Some("raw") => (Dialect::Raw, EnvReader::ComposeRaw),
        _ => (Dialect::Compose, EnvReader::ComposeEnvFile),
    };
    let outer = own.into_iter().flat_map(Item::entries).map(|(name, _)| name.to_string());
    let names = outer.chain(env.names().map(str::to_owned)).chain(received.listed.keys().cloned());
    received.env_uses.push(EnvUse::new(file, reader, Some(path.place)).beside(names));
    let Received { listed, required, .. } = received;
    for (name, variable) in read((context, file, dialect), own, env, listed, required) {
        received.listed.insert(name.clone(), variable.text());
        let via = Some(path.place);
        received.variables.insert(name.clone(), Variable { via, ..variable });
    }
}

/// What an env file sets. Its references go to the project's variables, then to the service's own, then to the
/// lines above, then to the env files before it.
fn read(
    (context, file, dialect): (&Context<'_>, FileId, Dialect),
    own: Option<&Item>,
    env: &ProjectEnv,
    before: &BTreeMap<String, Text>,
    required: &mut BTreeSet<String>,
) -> Vec<(String, Variable)> {
    let text = context.files.text(file);
    let nothing = |_: &str| Found::Unset;
    let defined: BTreeSet<String> =
        interpolate::env_file(text, file, dialect, &nothing).variables.into_keys().collect();
    let outer = |name: &str| {
        if let Some(text) = env.value(name) {
            return Found::Value(text.clone());
        }
        if let Some(text) = own.and_then(|own| own.get(name)?.text()) {
            return Found::Value(text.clone());
        }
        if defined.contains(name) || before.contains_key(name) || env.tells(name) {
            Found::Unset
        } else {
            Found::Unknown("a variable that is set outside the repository".into())
        }
    };
    let map = interpolate::env_file_after(text, file, dialect, &outer, before);
    required.extend(map.missing_required.iter().filter_map(|span| demanded(text, *span)));
    map.variables
        .into_iter()
        .filter_map(|(name, entry)| {
            let value = Value::Text(entry.text?);
            let name_place = Some(Place::new(file, entry.key));
            Some((name.clone(), Variable { name, name_place, value, reference: None, via: None }))
        })
        .collect()
}
