//! Who reads which env file: commands that name it, and the dependencies beside or above it.

use std::collections::BTreeSet;

use crate::catalog::{EnvLibrary, catalog};
use crate::model::{EnvReader, EnvUse, Model};
use crate::readers::{Dependency, EnvProgram, directory};
use crate::resolve::Context;
use crate::span::{FileId, Place};

/// The readers of one env file that commands and dependencies tell, the certain ones first.
#[must_use]
pub fn readers(context: &Context<'_>, file: FileId) -> Vec<EnvUse> {
    let mut found = commanded(context, file);
    found.extend(conventional(context, file));
    found
}

/// The same for the env files that a deployment reads through `env_file` or a generator: a program may read them
/// directly as well.
#[must_use]
pub fn further(context: &Context<'_>, model: &Model) -> Vec<EnvUse> {
    let files: BTreeSet<FileId> = model.env_uses.iter().map(|env_use| env_use.file).collect();
    let known = |new: &EnvUse| {
        model.env_uses.iter().any(|known| known.file == new.file && known.reader == new.reader)
    };
    let all = files.into_iter().flat_map(|file| {
        let name = context.files.path(file).rsplit('/').next().unwrap_or_default();
        // By convention programs look for these names alone.
        let usual = name == ".env" || name.starts_with(".env.");
        let mut found = commanded(context, file);
        found.extend(usual.then(|| conventional(context, file)).into_iter().flatten());
        found
    });
    all.filter(|new| !known(new)).collect()
}

/// The programs that commands hand the file to.
fn commanded(context: &Context<'_>, file: FileId) -> Vec<EnvUse> {
    let path = context.files.path(file);
    let mut found: Vec<EnvUse> = Vec::new();
    for command in context.declarations.commands.iter().filter(|command| command.path == path) {
        let reader = match command.program {
            EnvProgram::Docker => EnvReader::DockerRun,
            EnvProgram::Compose => EnvReader::ComposeProject,
            EnvProgram::Kubectl => EnvReader::KubectlCreate,
            EnvProgram::Node => EnvReader::NodeEnvFile,
            EnvProgram::DotenvCli => EnvReader::DotenvExpand,
        };
        if !found.iter().any(|known| known.reader == reader) {
            found.push(EnvUse::new(file, reader, Some(command.place)));
        }
    }
    found
}

/// The programs that read an env file of this directory by convention, by the dependencies beside it or, where there is
/// no manifest of that ecosystem, in the nearest directory above.
fn conventional(context: &Context<'_>, file: FileId) -> Vec<EnvUse> {
    let own = directory(context.files.path(file));
    let holds = |outer: &str| {
        outer.is_empty() || own == outer || own.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
    };
    let manifests = &context.declarations.dependencies;
    let near = |ecosystem: &str| {
        let all = manifests.iter().filter(|manifest| manifest.ecosystem == ecosystem);
        all.map(|manifest| manifest.directory.as_str())
            .filter(|outer| holds(outer))
            .max_by_key(|outer| outer.len())
    };
    let mut found: Vec<EnvUse> = Vec::new();
    for manifest in manifests.iter().filter(|manifest| holds(&manifest.directory)) {
        if near(manifest.ecosystem) != Some(manifest.directory.as_str()) {
            continue;
        }
        for dependency in &manifest.dependencies {
            let Dependency { name, major, .. } = dependency;
            let library = catalog().env_library(manifest.ecosystem, name, *major);
            let Some(reader) = library.map(of_library) else { continue };
            let evidence = Some(Place::new(manifest.file, dependency.span));
            if !found.iter().any(|known| known.reader == reader) {
                found.push(EnvUse::new(file, reader, evidence));
            }
        }
    }
    // What expands references has dotenv below it.
    if found.iter().any(|found| found.reader == EnvReader::DotenvExpand) {
        found.retain(|found| found.reader != EnvReader::NodeDotenv);
    }
    found
}

fn of_library(library: EnvLibrary) -> EnvReader {
    match library {
        EnvLibrary::NodeDotenv => EnvReader::NodeDotenv,
        EnvLibrary::DotenvExpand => EnvReader::DotenvExpand,
        EnvLibrary::PythonDotenv => EnvReader::PythonDotenv,
        EnvLibrary::RubyDotenv => EnvReader::RubyDotenv,
        EnvLibrary::Phpdotenv => EnvReader::PhpDotenv,
    }
}
