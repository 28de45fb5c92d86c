//! Which environment a deployment is for, and whether it is judged in full.

use globset::Glob;

use super::Context;
use crate::catalog::catalog;
use crate::config::Config;
use crate::model::{Basis, Deployment, Environment, Located, Scope};
use crate::span::Place;

/// Settles [`Deployment::environment`], the strongest source first: the configuration's globs, what kind of file it is,
/// the name of the file or folder, the namespace, variables such as `APP_ENV`, and last `--environment`.
#[must_use]
pub fn environment(context: &Context<'_>, deployment: &Deployment) -> Located<Environment> {
    let paths = paths(context, deployment);
    if let Some(environment) = declared(context.config, &paths) {
        return Located::of(environment, Basis::Declared);
    }
    if deployment.environment.basis == Basis::Derived {
        return deployment.environment.clone();
    }
    let found = of_path(own_name(&deployment.name))
        .or_else(|| paths.first().and_then(|path| of_path(own_name(path))))
        .map(|environment| Located::of(environment, Basis::Derived).noted("from its name"))
        .or_else(|| of_namespaces(deployment))
        .or_else(|| of_variables(deployment));
    match found {
        Some(found) => found,
        None => context
            .config
            .fallback_environment
            .map_or_else(unknown, |environment| Located::of(environment, Basis::Declared)),
    }
}

/// Examples, tests and documentation are held to syntax only.
#[must_use]
pub fn scope(context: &Context<'_>, deployment: &Deployment) -> Scope {
    let example = deployment.environment.value == Some(Environment::Example)
        && deployment.environment.basis != Basis::Declared;
    let main = paths(context, deployment).first().cloned().unwrap_or_else(|| deployment.name.clone());
    if example || is_marked(&main) { Scope::SyntaxOnly } else { Scope::Full }
}

/// The same for a file that is part of no deployment: whether it is an example, a test or documentation.
#[must_use]
pub fn is_example(config: &Config, path: &str) -> bool {
    let environment = match declared(config, &[path.to_owned()]) {
        Some(declared) => Some(declared).filter(|declared| *declared != Environment::Example),
        None => of_path(path),
    };
    environment == Some(Environment::Example) || is_marked(path)
}

/// Whether a folder of the path is for examples, tests or documentation.
fn is_marked(path: &str) -> bool {
    let words = &catalog().ambient.example_words;
    path.rsplit_once('/').is_some_and(|(folders, _)| {
        folders.split('/').any(|folder| words.iter().any(|word| folder.eq_ignore_ascii_case(word)))
    })
}

/// A path without a file name that says nothing: `template.yaml` is how SAM and CloudFormation call what they deploy.
fn own_name(path: &str) -> &str {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let data = [".yaml", ".yml", ".json"].iter().any(|end| file.ends_with(end));
    if stem == "template" && data { folders } else { path }
}

fn unknown() -> Located<Environment> {
    Located { value: Some(Environment::Unknown), ..Located::unknown() }
}

fn paths(context: &Context<'_>, deployment: &Deployment) -> Vec<String> {
    deployment.files.iter().map(|file| context.files.path(*file).to_owned()).collect()
}

fn declared(config: &Config, paths: &[String]) -> Option<Environment> {
    let main = paths.first()?;
    config.environments.iter().find_map(|(environment, globs)| {
        globs
            .iter()
            .filter_map(|glob| Glob::new(glob).ok())
            .any(|glob| glob.compile_matcher().is_match(main))
            .then_some(*environment)
    })
}

/// The environment that a path's words name; the file's own name counts more than its folders', and an inner
/// folder more than an outer one. Words that contradict each other in one segment tell nothing.
#[must_use]
pub fn of_path(path: &str) -> Option<Environment> {
    path.rsplit('/').find_map(|segment| {
        let lower = segment.to_ascii_lowercase();
        let mut found: Vec<Environment> = lower
            .split(|character: char| !character.is_ascii_alphanumeric())
            .filter_map(|word| catalog().environment_of_word(word))
            .filter_map(|name| name.parse().ok())
            .collect();
        found.sort_unstable();
        found.dedup();
        if found.contains(&Environment::Example) {
            return Some(Environment::Example);
        }
        match found.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    })
}

fn of_namespaces(deployment: &Deployment) -> Option<Located<Environment>> {
    let found =
        deployment.workloads.iter().filter_map(|workload| workload.namespace.as_deref()).filter_map(of_path);
    agreed(found).map(|environment| Located::of(environment, Basis::Derived).noted("from its namespace"))
}

/// The first variable of the catalogue's list, strongest first, that any workload has and on which all agree.
fn of_variables(deployment: &Deployment) -> Option<Located<Environment>> {
    for name in &catalog().ambient.environment_variables {
        let values: Vec<(Environment, Option<Place>)> = deployment
            .variables()
            .filter(|(_, _, variable)| variable.name == *name)
            .filter_map(|(_, _, variable)| Some((of_path(variable.known()?)?, variable.place())))
            .collect();
        if values.is_empty() {
            continue;
        }
        let environment = agreed(values.iter().map(|(environment, _)| *environment))?;
        let place = values.first().and_then(|(_, place)| *place);
        return Some(Located::of(environment, Basis::Written).at(place).noted(format!("from {name}")));
    }
    None
}

fn agreed(mut found: impl Iterator<Item = Environment>) -> Option<Environment> {
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}
