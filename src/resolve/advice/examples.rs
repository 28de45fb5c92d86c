//! Variables that the example of an env file forgets.

use std::collections::BTreeSet;

use crate::model::{Defect, Edit, Environment, Fix, Model, Safety};
use crate::readers::directory;
use crate::resolve::platforms::prisma_config;
use crate::resolve::{Context, environment, names};
use crate::span::{FileId, Place, Span};
use crate::syntax::dotenv::{self, Dialect};
use crate::syntax::prisma::FieldValue;

/// What schemas and env files beside an example have of databases and the example has not.
pub(super) fn defects(context: &Context<'_>, model: &Model) -> Vec<Defect> {
    let mut found = Vec::new();
    for file in &context.declarations.env_files {
        let path = context.files.path(*file);
        if environment::of_path(path) != Some(Environment::Example)
            || only_example_of(context, path) != Some(*file)
        {
            continue;
        }
        let mut told = BTreeSet::new();
        for (name, place) in wanted(context, model, directory(path)) {
            if !mentions(context.files.text(*file), &name) && told.insert(name.clone()) {
                let by = context.files.path(place.file);
                let defect = Defect::new("env-example-missing", "missing", place)
                    .fact("by", by)
                    .fact("example", path)
                    .fix(Some(append(context, *file, &name)));
                found.push(defect.of(name));
            }
        }
    }
    found
}

/// The one example of a directory; where there are several, each may be for something else.
fn only_example_of(context: &Context<'_>, path: &str) -> Option<FileId> {
    let folder = directory(path);
    let mut all = context.declarations.env_files.iter().filter(|file| {
        let other = context.files.path(**file);
        directory(other) == folder && environment::of_path(other) == Some(Environment::Example)
    });
    let first = all.next();
    first.copied().filter(|_| all.next().is_none())
}

/// The names that are used in this directory's project, each with a place.
fn wanted(context: &Context<'_>, model: &Model, folder: &str) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    for (file, schema) in &context.declarations.schemas {
        let home = directory(context.files.path(*file));
        if home != folder
            && home.strip_suffix("prisma").map(|above| above.trim_end_matches('/')) != Some(folder)
        {
            continue;
        }
        let fields = schema.datasource.iter().flat_map(|datasource| &datasource.fields);
        found.extend(fields.filter_map(|field| match &field.value {
            FieldValue::Env(name) if field.name != "shadowDatabaseUrl" => {
                Some((name.clone(), Place::new(*file, field.span)))
            }
            _ => None,
        }));
    }
    let asked = prisma_config::asked(context, folder).into_iter();
    found.extend(asked.map(|(name, place)| (name.to_owned(), place)));
    let lone = model.deployments.iter().filter(|deployment| {
        deployment.environment.value != Some(Environment::Example)
            && deployment.kind == crate::model::DeploymentKind::EnvFile
            && deployment.files.first().is_some_and(|file| directory(context.files.path(*file)) == folder)
    });
    for deployment in lone {
        let keys = deployment.variables().filter(|(_, _, variable)| names::is_url_key(&variable.name));
        found.extend(keys.filter_map(|(_, _, variable)| Some((variable.name.clone(), variable.name_place?))));
    }
    found
}

/// Whether the example has the name, also in a line that is commented out.
fn mentions(text: &str, name: &str) -> bool {
    let set = |line: &str| {
        let line = line.trim_start_matches(['#', ' ', '\t']);
        let line = line.strip_prefix("export ").unwrap_or(line);
        line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['=', ':']))
    };
    text.lines().any(set)
        || dotenv::parse(text, Dialect::Compose).entries.iter().any(|entry| entry.key == name)
}

fn append(context: &Context<'_>, file: FileId, name: &str) -> Fix {
    let text = context.files.text(file);
    let line_break = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let end = Place::new(file, Span::new(text.len(), text.len()));
    Fix {
        safety: Safety::Safe,
        title: format!("add {name} to it"),
        edits: vec![Edit { place: end.into(), text: format!("{line_break}{name}=\n") }],
        withheld: false,
    }
}
