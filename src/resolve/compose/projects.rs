//! Which Compose files run together.

use std::collections::{BTreeMap, BTreeSet};

use super::listed::Listed;
use super::load::Loader;
use super::tree::Item;
use crate::readers::{ComposeFile, directory};
use crate::resolve::Context;
use crate::span::FileId;

/// Names of the main file, in the order in which Compose looks for them
/// (<https://docs.docker.com/compose/intro/compose-application-model/>).
const BASES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// Names of the file that Compose merges over the main one by itself.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// A set of files that Compose is run with.
#[derive(Debug, Clone)]
pub(super) struct Project {
    /// Path of the file that it is named after.
    pub(super) name: String,
    /// The directory that Compose is started in, whose `.env` it reads first.
    pub(super) started: String,
    /// The directory that relative paths count from.
    pub(super) directory: String,
    /// Main files in the order in which they are merged.
    pub(super) files: Vec<FileId>,
    /// What of it is not known.
    pub(super) partial: Vec<String>,
}

/// The projects of a run, sorted by directory.
pub(super) fn of(context: &Context<'_>) -> Vec<Project> {
    let all: Vec<&ComposeFile> = context.declarations.compose.iter().filter(|file| declares(file)).collect();
    let path = |file: &ComposeFile| context.files.path(file.file);
    let mut projects = Vec::new();
    let mut listed = BTreeSet::new();
    for project in super::listed::all(context.files).iter().filter_map(|list| of_list(context, list)) {
        listed.extend(project.files.iter().copied());
        if !projects.iter().any(|known: &Project| known.files == project.files) {
            projects.push(project);
        }
    }
    let (mut included, mut extended) = (BTreeSet::new(), BTreeSet::new());
    for file in &all {
        let own = path(file);
        let beside = |other: &String| directory(other) == directory(own) && is_base(other);
        included.extend(file.includes(own).into_iter().filter(|other| other != own && !beside(other)));
        extended.extend(file.extended(own).into_iter().filter(|other| other != own && !is_base(other)));
    }
    let mut directories: BTreeMap<&str, Vec<&ComposeFile>> = BTreeMap::new();
    for file in all {
        let path = path(file);
        // What is merged over an included base by itself is not merged when it is included.
        let idle = OVERRIDES.contains(&name(path))
            && BASES.iter().any(|base| included.contains(&sibling(path, base)));
        if !included.contains(path) && !extended.contains(path) && !idle {
            directories.entry(directory(path)).or_default().push(file);
        }
    }
    for (directory, files) in directories {
        let own = projects.iter().find(|project| project.started == directory).map(|project| &project.files);
        let chosen = own.cloned().unwrap_or_default();
        projects.extend(in_directory(context, directory, &files, &listed, &chosen));
    }
    projects
}

/// The project of the files that a `.env` lists, with notes about those that are not there.
fn of_list(context: &Context<'_>, list: &Listed) -> Option<Project> {
    let (mut files, mut partial) = (Vec::new(), Vec::new());
    for (written, path) in &list.entries {
        let file = path.as_ref().and_then(|path| context.files.find(path));
        match file.filter(|file| context.declarations.compose.iter().any(|known| known.file == *file)) {
            Some(file) => files.push(file),
            None => partial.push(format!("Compose file {written} is not in the repository")),
        }
    }
    let name = context.files.path(*files.first()?).to_owned();
    let first = list.entries.first()?.1.as_deref().unwrap_or(&name);
    let (started, directory) = (list.started.clone(), directory(first).to_owned());
    Some(Project { name, started, directory, files, partial })
}

/// Whether a file declares anything that runs.
fn declares(file: &ComposeFile) -> bool {
    let has = |key: &str| file.documents.iter().any(|document| document.get(key).is_some());
    has("services") || has("include")
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path of a file next to another.
fn sibling(path: &str, name: &str) -> String {
    match directory(path) {
        "" => name.to_owned(),
        directory => format!("{directory}/{name}"),
    }
}

fn is_base(path: &str) -> bool {
    BASES.contains(&name(path))
}

/// The projects of one directory beside those of the lists. `listed` are the files of all lists, `chosen` those of the
/// directory's own `.env`.
fn in_directory(
    context: &Context<'_>,
    directory: &str,
    files: &[&ComposeFile],
    listed: &BTreeSet<FileId>,
    chosen: &[FileId],
) -> Vec<Project> {
    let path = |file: FileId| context.files.path(file);
    let find = |names: &[&str]| {
        names
            .iter()
            .find_map(|wanted| files.iter().map(|file| file.file).find(|file| name(path(*file)) == *wanted))
    };
    let project = |named: FileId, files: Vec<FileId>| Project {
        name: path(named).to_owned(),
        started: directory.to_owned(),
        directory: directory.to_owned(),
        files,
        partial: Vec::new(),
    };
    // What a list begins with is what further files are meant for.
    let first = chosen.first().copied().filter(|first| self::directory(path(*first)) == directory);
    let base = find(&BASES).or(first);
    let over = find(&OVERRIDES);
    let mut projects = Vec::new();
    let mut used = listed.clone();
    if let Some(base) = base.filter(|base| chosen.is_empty() && !listed.contains(base)) {
        used.insert(base);
        used.extend(over);
        projects.push(project(base, std::iter::once(base).chain(over).collect()));
    }
    for file in files.iter().map(|file| file.file).filter(|file| !used.contains(file)) {
        // Further spellings of the main file are never read beside the first; those of the override neither.
        if base.is_some_and(|base| base != file)
            && (is_base(path(file)) || OVERRIDES.contains(&name(path(file))))
        {
            continue;
        }
        let alone = project(file, vec![file]);
        let Some(base) = base.filter(|base| *base != file) else {
            projects.push(needy(context, alone));
            continue;
        };
        let whole = Loader::load(context, &project(base, vec![base])).root;
        let own = Loader::load(context, &alone).root;
        projects.push(if is_partial(&own, &whole) { project(file, vec![base, file]) } else { alone });
    }
    projects
}

/// A file that cannot run by itself, with a note that says so.
fn needy(context: &Context<'_>, mut project: Project) -> Project {
    let root = Loader::load(context, &project).root;
    if lacks_image(&root) || lacks_definition(&root) {
        project.partial.push(format!("{} is merged over a file that is not known", project.name));
    }
    project
}

/// Whether a variant needs the base under it.
fn is_partial(own: &Item, base: &Item) -> bool {
    lacks_image(own) || lacks_definition(own) || reaches_into(own, base)
}

fn services(root: &Item) -> impl Iterator<Item = (&str, &Item)> {
    let services = root.get("services").into_iter().flat_map(Item::entries);
    services.map(|(name, entry)| (name.as_ref(), &entry.item))
}

fn lacks_image(root: &Item) -> bool {
    services(root).any(|(_, service)| {
        ["image", "build", "extends", "provider"].iter().all(|key| service.get(key).is_none())
    })
}

/// Whether a service refers to one, or to a network, volume, config or secret, that is not there.
fn lacks_definition(root: &Item) -> bool {
    let has = |top: &str, name: &str| root.at(&[top, name]).is_some();
    services(root).any(|(_, service)| {
        let names = |key: &str| service.get(key).into_iter().flat_map(Item::names);
        let links = names("links").map(|(link, _)| link.split(':').next().unwrap_or(link));
        let mode = service.get("network_mode").and_then(Item::known);
        let joined = mode.and_then(|mode| mode.strip_prefix("service:"));
        names("depends_on")
            .map(|(name, _)| name)
            .chain(links)
            .chain(joined)
            .chain(names("volumes_from").map(|(name, _)| name).filter_map(lender))
            .any(|name| !has("services", name))
            || names("networks").any(|(name, _)| name != "default" && !has("networks", name))
            || ["configs", "secrets"].into_iter().any(|top| granted(service, top).any(|name| !has(top, name)))
            || service.get("volumes").into_iter().flat_map(Item::items).any(|volume| {
                let source = volume.known().and_then(|short| Some(short.split_once(':')?.0));
                source.is_some_and(|source| {
                    !source.is_empty() && !source.contains(['/', '.', '~', '\\']) && !has("volumes", source)
                })
            })
    })
}

/// The service whose volumes `volumes_from` borrows; a container may be one of another project.
fn lender(entry: &str) -> Option<&str> {
    let name = entry.split(':').next().unwrap_or(entry);
    (name != "container").then_some(name)
}

/// The names of the configs or secrets that a service is given.
fn granted<'a>(service: &'a Item, top: &str) -> impl Iterator<Item = &'a str> {
    let entries = service.get(top).into_iter().flat_map(Item::items);
    entries.filter_map(|entry| entry.known().or_else(|| entry.get("source")?.known()))
}

/// Whether a URL leads to a service that only `base` has.
fn reaches_into(own: &Item, base: &Item) -> bool {
    services(own).filter_map(|(_, service)| service.get("environment")).any(|environment| {
        let environment = super::merge::pairs(environment.clone());
        environment.entries().filter_map(|(_, entry)| entry.item.text()).any(|text| {
            let hosts =
                crate::syntax::connection::parse(text.as_str()).map(|url| url.hosts).unwrap_or_default();
            hosts.iter().any(|host| {
                let host = host.name.value.as_str();
                base.at(&["services", host]).is_some() && own.at(&["services", host]).is_none()
            })
        })
    })
}
