//! .NET's `appsettings.json` and what `appsettings.ENVIRONMENT.json` says over it
//! (<https://learn.microsoft.com/aspnet/core/fundamentals/configuration/>): connection strings, which variables
//! (`ConnectionStrings__Name`, `SQLCONNSTR_Name`) go before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::projects::{Project, Reader};
use super::{Part, Settings};
use crate::model::{Value, Variable};
use crate::readers::ApplicationFile;
use crate::resolve::Context;
use crate::span::{FileId, Place, Text};
use crate::syntax::node::{Entry, Node};

/// The key that holds connection strings.
const SECTION: &str = "ConnectionStrings";

/// Prefixes of variables that Azure App Service sets, and .NET reads, in place of the section's name.
const PREFIXES: [&str; 5] =
    ["SQLCONNSTR_", "SQLAZURECONNSTR_", "MYSQLCONNSTR_", "POSTGRESQLCONNSTR_", "CUSTOMCONNSTR_"];

/// Packages that add configuration from a service.
const REMOTE: [&str; 4] = [
    "Azure.Extensions.AspNetCore.Configuration.",
    "Microsoft.Azure.AppConfiguration.",
    "Microsoft.Extensions.Configuration.AzureAppConfiguration",
    "Amazon.Extensions.Configuration.",
];

/// What a program takes from its files. Nothing, where the environment is not known or something may replace them.
pub(super) fn settings(
    context: &Context<'_>,
    project: &Project<'_>,
    reader: &Reader<'_>,
) -> Option<Settings> {
    let mounted = reader.mounts.iter().any(|(inside, _)| {
        inside.rsplit('/').next().is_some_and(|name| name.to_ascii_lowercase().starts_with("appsettings"))
    });
    let remote = context.declarations.dependencies.iter().any(|manifest| {
        manifest.directory == project.directory
            && manifest.dependencies.iter().any(|it| REMOTE.iter().any(|name| it.name.starts_with(name)))
    });
    if mounted || remote || reader.open.is_some() {
        return None;
    }
    let environment = environment(reader)?;
    let mut found: BTreeMap<String, Variable> = BTreeMap::new();
    let mut read: BTreeSet<Part> = BTreeSet::new();
    for name in ["appsettings.json".to_owned(), format!("appsettings.{environment}.json")] {
        let Some((_, application)) = project.files.iter().find(|(path, _)| *path == name) else { continue };
        read.insert((application.file, None));
        for variable in strings(application) {
            found.insert(variable.name.to_ascii_lowercase(), variable);
        }
    }
    let mut variables: Vec<Variable> = found.into_values().collect();
    variables.retain(|variable| !is_overridden(reader, &variable.name));
    (!variables.is_empty()).then_some(Settings { variables, read })
}

/// The connection strings of one file by itself.
pub(super) fn lone(application: &ApplicationFile) -> Vec<(Option<String>, Vec<Variable>)> {
    Some(strings(application))
        .filter(|found| !found.is_empty())
        .map(|found| (None, found))
        .into_iter()
        .collect()
}

/// The environment, `Production` unless told; nothing when it is not known, or two variables disagree.
fn environment(reader: &Reader<'_>) -> Option<String> {
    let mut told = ["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"]
        .into_iter()
        .filter_map(|name| reader.variable(name))
        .map(|variable| variable.known().map(|name| name.trim().to_owned()));
    let Some(first) = told.next() else { return Some("Production".to_owned()) };
    let first = first.filter(|name| !name.is_empty())?;
    told.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

fn is_overridden(reader: &Reader<'_>, name: &str) -> bool {
    let same = |one: &str| one.replace("__", ":").eq_ignore_ascii_case(name);
    let short = name.rsplit(':').next().unwrap_or(name);
    let set = reader.variables().any(|variable| {
        let prefixed = PREFIXES.iter().any(|prefix| {
            let rest = variable.name.get(..prefix.len()).zip(variable.name.get(prefix.len()..));
            rest.is_some_and(|(start, rest)| {
                start.eq_ignore_ascii_case(prefix) && rest.eq_ignore_ascii_case(short)
            })
        });
        prefixed || same(&variable.name)
    });
    set || reader.words.iter().any(|word| {
        let option = word.trim_start_matches(['-', '/']).split('=').next().unwrap_or_default();
        same(option)
    })
}

/// The connection strings of a file.
fn strings(application: &ApplicationFile) -> Vec<Variable> {
    let Some(root) = application.documents.first() else { return Vec::new() };
    let sections = root.entries().iter().filter(|entry| entry.key.as_str().eq_ignore_ascii_case(SECTION));
    let entries = sections.flat_map(|section| section.value.entries());
    entries.filter_map(|entry| variable(application.file, entry)).collect()
}

fn variable(file: FileId, entry: &Entry) -> Option<Variable> {
    let text = Node::as_scalar(&entry.value).map(|scalar| Text::written(&scalar.text, file))?;
    if text.as_str().trim().is_empty() || is_machines_own(text.as_str()) {
        return None;
    }
    let value = match is_template(text.as_str()) {
        true => Value::Unknown(Arc::from("what deploys it fills it in")),
        false => Value::Text(text),
    };
    let name_place = Some(Place::new(file, entry.key_span));
    let name = format!("{SECTION}:{}", entry.key.as_str());
    Some(Variable { name, name_place, value, reference: None, via: None })
}

/// SQL Server's LocalDB and a server beside the program on Windows, which no container has.
fn is_machines_own(text: &str) -> bool {
    let plain: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let plain = plain.to_ascii_lowercase();
    let server =
        |name: &str| ["server", "datasource"].iter().any(|key| plain.contains(&format!("{key}={name}")));
    plain.contains("(localdb)")
        || plain.contains("attachdbfilename")
        || plain.contains("|datadirectory|")
        || server("(local)")
        || server(".;")
        || server(".\\")
}

/// Whether a deployment puts parts of it in: `#{Password}#`, `__Password__`, `$(Password)`, `<password>`, `{0}`.
fn is_template(text: &str) -> bool {
    let marks = ["#{", "${", "$(", "{{", "<", "%", "__", "{"];
    marks.iter().any(|mark| text.contains(mark))
}
