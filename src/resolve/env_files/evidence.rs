//! Who reads which env file: commands that name it, and the dependencies beside or above it.

use std::collections::BTreeSet;

use crate::model::{EnvReader, EnvUse, Model};
use crate::readers::{EnvProgram, directory};
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
            found.push(EnvUse { file, reader, evidence: Some(command.place) });
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
            let Some(reader) = of_dependency(manifest.ecosystem, &dependency.name, dependency.major) else {
                continue;
            };
            let evidence = Some(Place::new(manifest.file, dependency.span));
            if !found.iter().any(|known| known.reader == reader) {
                found.push(EnvUse { file, reader, evidence });
            }
        }
    }
    // What expands references has dotenv below it.
    if found.iter().any(|found| found.reader == EnvReader::DotenvExpand) {
        found.retain(|found| found.reader != EnvReader::NodeDotenv);
    }
    found
}

/// Which reader a dependency brings. Prisma below 7 loads `.env` and expands references in it; 7 loads nothing
/// (<https://www.prisma.io/docs/orm/more/upgrade-guides/upgrading-versions/upgrading-to-prisma-7>).
fn of_dependency(ecosystem: &str, name: &str, major: Option<u32>) -> Option<EnvReader> {
    Some(match (ecosystem, name) {
        // Before 15 it knew no comments behind a value (<https://github.com/motdotla/dotenv/blob/master/CHANGELOG.md>).
        ("npm", "dotenv") if major.is_some_and(|major| major < 15) => return None,
        ("npm", "dotenv" | "@nestjs/config") => EnvReader::NodeDotenv,
        ("npm", "@prisma/client" | "prisma") if major.is_some_and(|major| major >= 7) => return None,
        ("npm", "dotenv-expand" | "dotenv-cli" | "next" | "@prisma/client" | "prisma") => {
            EnvReader::DotenvExpand
        }
        ("pypi", "python-dotenv" | "pydantic-settings" | "environs") => EnvReader::PythonDotenv,
        ("gem", "dotenv" | "dotenv-rails") => EnvReader::RubyDotenv,
        ("composer", "vlucas/phpdotenv" | "laravel/framework") => EnvReader::PhpDotenv,
        _ => return None,
    })
}
