//! Station three: one reader per kind of file, from its spanned tree to declarations. A reader looks at one
//! file and resolves nothing.

mod application;
mod commands;
mod compose;
mod copied;
mod dependencies;
mod kube;
mod plain;
mod platform;

pub use application::ApplicationFile;
pub use commands::{EnvCommand, EnvProgram};
pub use compose::ComposeFile;
pub use compose::{directory, join, reach};
pub use dependencies::{Dependencies, Dependency};
pub use kube::{KUSTOMIZATION_FILES, KubeObject, is_manifest, is_of_interest, is_remote};
pub use plain::check as check_plain;
pub use platform::PlatformFile;

use rayon::prelude::*;

use crate::span::{FileId, Span};
use crate::syntax::{dockerfile, dotenv, ini, prisma};
use crate::tree::{Files, Kind, Platform};

/// What all files of a run declare, each list in the order of paths.
#[derive(Debug, Default)]
pub struct Declarations {
    /// Env files. They are lexed by whoever reads them, because readers differ.
    pub env_files: Vec<FileId>,
    /// Compose files.
    pub compose: Vec<ComposeFile>,
    /// Kubernetes objects, and kustomizations (kind `Kustomization`), one for each document.
    pub objects: Vec<KubeObject>,
    /// Dockerfiles.
    pub dockerfiles: Vec<(FileId, dockerfile::Dockerfile)>,
    /// Dependency manifests.
    pub dependencies: Vec<Dependencies>,
    /// Commands that hand env files to programs.
    pub commands: Vec<EnvCommand>,
    /// Prisma schemas.
    pub schemas: Vec<(FileId, prisma::Schema)>,
    /// Configuration of platforms.
    pub platforms: Vec<PlatformFile>,
    /// Configuration of applications.
    pub applications: Vec<ApplicationFile>,
    /// PgBouncer and PostgreSQL configuration.
    pub settings: Vec<(FileId, ini::Ini)>,
    /// Comments of every file in which suppressions may stand.
    pub comments: Vec<Comment>,
    /// Files that could not be read: path's file, reason with line and column.
    pub unreadable: Vec<(FileId, crate::syntax::SyntaxError)>,
}

/// A comment of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// The file.
    pub file: FileId,
    /// From the comment sign to the end of the line.
    pub span: Span,
    /// Whether something stands before it on its line.
    pub trailing: bool,
}

/// A file that a declaration names and that must be read too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Path relative to the root; one that lies outside of it begins with `../`.
    pub path: String,
    /// What it is to be read as.
    pub kind: Kind,
}

/// Reads the files in `ids`. Pure: the same files give the same declarations whatever the thread count.
#[must_use]
pub fn read(files: &Files, ids: &[FileId]) -> Declarations {
    let mut all = Declarations::default();
    for one in ids.par_iter().map(|id| read_one(files, *id)).collect::<Vec<_>>() {
        all.extend(one);
    }
    all
}

/// What one file declares.
fn read_one(files: &Files, file: FileId) -> Declarations {
    let mut found = Declarations::default();
    let Some(source) = files.get(file) else { return found };
    let text = &*source.text;
    let result = match source.kind {
        Kind::EnvFile => {
            found.env_files.push(file);
            found.comment(file, dotenv::parse(text, dotenv::Dialect::Compose).comments);
            Ok(())
        }
        Kind::Compose => compose::read(file, text).map(|(compose, comments)| {
            found.compose.push(compose);
            found.comments.extend(comments);
        }),
        Kind::Kubernetes | Kind::Kustomization => {
            let (objects, comments, result) = kube::read(file, text);
            found.objects.extend(objects);
            found.comments.extend(comments);
            result
        }
        Kind::Dockerfile => {
            found.dockerfiles.push((file, dockerfile::parse(text)));
            Ok(())
        }
        Kind::Workflow => {
            found.commands = commands::of_workflow(file, text);
            platform::read(file, Platform::Workflow, &source.path, text).map(|(read, comments)| {
                found.platforms.extend(read);
                found.comments.extend(comments);
            })
        }
        Kind::Dependencies => {
            if source.path.ends_with("package.json") {
                found.commands = commands::of_package(file, &source.path, text);
            }
            dependencies::read(file, &source.path, text).map(|read| found.dependencies.push(read))
        }
        Kind::PrismaSchema => {
            found.schemas.push((file, prisma::parse(text)));
            Ok(())
        }
        Kind::Platform(platform) => {
            platform::read(file, platform, &source.path, text).map(|(read, comments)| {
                found.platforms.extend(read);
                found.comments.extend(comments);
            })
        }
        Kind::Application(framework) => {
            application::read(file, framework, &source.path, text).map(|(read, comments)| {
                found.applications.push(read);
                found.comments.extend(comments);
            })
        }
        Kind::PgBouncer => {
            found.setting(file, ini::parse(text, ini::Dialect::PgBouncer));
            Ok(())
        }
        Kind::PostgresConf => {
            found.setting(file, ini::parse(text, ini::Dialect::Postgres));
            Ok(())
        }
        Kind::Referenced if source.path.ends_with(".cnf") => {
            found.setting(file, ini::parse(text, ini::Dialect::MySql));
            Ok(())
        }
        // Whoever refers to it knows how to read it.
        Kind::Referenced | Kind::Configuration => Ok(()),
    };
    if let Err(error) = result {
        found.unreadable.push((file, error));
    }
    found
}

impl Declarations {
    /// Adds what a further batch of files declares.
    pub fn extend(&mut self, other: Self) {
        self.env_files.extend(other.env_files);
        self.compose.extend(other.compose);
        self.objects.extend(other.objects);
        self.dockerfiles.extend(other.dockerfiles);
        self.dependencies.extend(other.dependencies);
        self.commands.extend(other.commands);
        self.schemas.extend(other.schemas);
        self.platforms.extend(other.platforms);
        self.applications.extend(other.applications);
        self.settings.extend(other.settings);
        self.comments.extend(other.comments);
        self.unreadable.extend(other.unreadable);
    }

    /// Files that these declarations name: `.env` beside a Compose file, `env_file`s, build contexts'
    /// Dockerfiles and dependency manifests, includes, generators' inputs, mounted configuration. Whether they
    /// exist is for the caller to find out.
    #[must_use]
    pub fn references(&self, files: &Files) -> Vec<Reference> {
        let compose = self.compose.iter().flat_map(|compose| compose.references(files.path(compose.file)));
        let objects =
            self.objects.iter().flat_map(|object| kube::references(object, files.path(object.file)));
        let dockerfiles = self.dockerfiles.iter();
        let copied = dockerfiles.flat_map(|(file, built)| copied::references(files.path(*file), built));
        let mut found: Vec<Reference> =
            compose.chain(objects).chain(copied).chain(commands::references(&self.commands)).collect();
        found.sort();
        found.dedup();
        found
    }

    /// Puts each list in the order of paths, however often further files were read.
    pub fn sort(&mut self, files: &Files) {
        let path = |file: FileId| files.path(file).to_owned();
        self.env_files.sort_by_cached_key(|file| path(*file));
        self.compose.sort_by_cached_key(|compose| path(compose.file));
        self.objects.sort_by_cached_key(|object| (path(object.file), object.place.span.start));
        self.dockerfiles.sort_by_cached_key(|(file, _)| path(*file));
        self.dependencies.sort_by_cached_key(|manifest| path(manifest.file));
        self.commands.sort_by_cached_key(|command| (path(command.place.file), command.place.span.start));
        self.schemas.sort_by_cached_key(|(file, _)| path(*file));
        self.platforms.sort_by_cached_key(|platform| path(platform.file));
        self.applications.sort_by_cached_key(|application| path(application.file));
        self.settings.sort_by_cached_key(|(file, _)| path(*file));
        self.comments.sort_by_cached_key(|comment| (path(comment.file), comment.span.start));
        self.unreadable.sort_by_cached_key(|(file, _)| path(*file));
    }

    /// Adds comments of a format without trailing ones.
    fn comment(&mut self, file: FileId, spans: Vec<Span>) {
        self.comments.extend(spans.into_iter().map(|span| Comment { file, span, trailing: false }));
    }

    fn setting(&mut self, file: FileId, settings: ini::Ini) {
        self.comment(file, settings.comments.clone());
        self.settings.push((file, settings));
    }
}
