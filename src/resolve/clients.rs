//! Which library opens a connection, and what speaks for it. No evidence, no client.

use super::home;
use crate::catalog::{ClientEntry, ImageRole, catalog, wildcard};
use crate::model::{Client, Container, Evidence, Workload};
use crate::readers::{Declarations, Dependencies, Dependency};
use crate::span::{Place, Text};
use crate::syntax::connection::{ConnectionString, Database, Form};
use crate::syntax::dockerfile::Stage;
use crate::tree::Files;

/// What client detection may look at.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Texts and paths.
    pub files: &'a Files,
    /// Dependency manifests and the rest.
    pub declarations: &'a Declarations,
    /// The directory of the file that defines the workload.
    pub directory: &'a str,
    /// The workload.
    pub workload: &'a Workload,
    /// The container.
    pub container: &'a Container,
}

/// The client that opens `variable`'s connection, by the strongest evidence there is: the URL itself (unless it names a
/// driver of Python's where the image that is built has no Python), the image, a variable that only one client reads, and last the dependencies next to or above the workload.
#[must_use]
pub fn detect(
    around: &Surroundings<'_>,
    variable: &str,
    text: Option<&Text>,
    parsed: Option<&ConnectionString>,
    engine: Database,
) -> Option<(&'static ClientEntry, Client)> {
    let place = text.and_then(|text| text.place_of(0..text.as_str().len()));
    by_scheme(parsed, place)
        .map(|known| contradicted(around, parsed, engine).unwrap_or(known))
        .or_else(|| by_image(around.container))
        .or_else(|| by_variable(variable, place))
        .or_else(|| by_dependencies(around, engine).filter(|(entry, _)| takes_form(entry, parsed)))
        .or_else(|| by_parameter(around, parsed, text, engine).filter(|(entry, _)| takes_form(entry, parsed)))
        .or_else(|| by_jdbc(parsed, place, engine))
}

/// The driver itself reads what a JDBC URL of PostgreSQL's says, whatever pools above it.
fn by_jdbc(
    parsed: Option<&ConnectionString>,
    place: Option<Place>,
    engine: Database,
) -> Option<(&'static ClientEntry, Client)> {
    parsed.filter(|parsed| parsed.form == Form::Jdbc && engine == Database::PostgreSql)?;
    Some(found(catalog().client("pgjdbc")?, "the scheme jdbc:postgresql".to_owned(), place))
}

/// A `jdbc:` URL is read on the JVM alone, whatever else is in the repository.
fn takes_form(entry: &ClientEntry, parsed: Option<&ConnectionString>) -> bool {
    parsed.is_none_or(|parsed| parsed.form != Form::Jdbc)
        || entry.packages.iter().any(|package| package.ecosystem == "maven")
}

/// The entry with this label (`prisma@6`) and a client made from it, for a declaration in the configuration.
#[must_use]
pub fn declared(label: &str, place: Option<Place>) -> Option<(&'static ClientEntry, Client)> {
    let entry = catalog().client(label)?;
    let reason = if place.is_some() { "declared in poollint.toml" } else { "declared on the command line" };
    Some(found(entry, reason.to_owned(), place))
}

fn found(
    entry: &'static ClientEntry,
    reason: String,
    place: Option<Place>,
) -> (&'static ClientEntry, Client) {
    let client = Client {
        id: entry.id.clone(),
        label: entry.label.clone(),
        evidence: Evidence { reason, place },
        guessed: false,
    };
    (entry, client)
}

fn by_scheme(
    parsed: Option<&ConnectionString>,
    place: Option<Place>,
) -> Option<(&'static ClientEntry, Client)> {
    let parsed = parsed?;
    if let Some(driver) = parsed.driver.as_ref().and_then(|part| part.known()) {
        let mut entries =
            catalog().clients.iter().filter(|entry| entry.drivers.iter().any(|known| known == driver));
        return match (entries.next(), entries.next()) {
            (Some(entry), None) => Some(found(entry, format!("the scheme's driver {driver}"), place)),
            _ => None,
        };
    }
    let scheme = parsed.scheme.as_ref()?.known()?;
    let mut entries =
        catalog().clients.iter().filter(|entry| entry.schemes.iter().any(|known| known == scheme));
    match (entries.next(), entries.next()) {
        (Some(entry), None) => Some(found(entry, format!("the scheme {scheme}"), place)),
        _ => None,
    }
}

/// The client that the build context shows where the scheme names a driver that only clients of another ecosystem read:
/// what is built has none of those in it, whoever the URL was copied from. Beside a lone env file the whole repository
/// must have none.
fn contradicted(
    around: &Surroundings<'_>,
    parsed: Option<&ConnectionString>,
    engine: Database,
) -> Option<(&'static ClientEntry, Client)> {
    let driver = parsed?.driver.as_ref()?.known()?;
    let (directory, within) = match (&around.container.build, &around.container.image) {
        (Some(build), _) => (build.as_str(), build.as_str()),
        (None, None) => (around.directory, ""),
        (None, Some(_)) => return None,
    };
    let (entry, client) = in_directory(around, directory, engine)??;
    let all = &catalog().clients;
    let reads =
        |id: &str| all.iter().any(|one| one.id == id && one.drivers.iter().any(|known| known == driver));
    let readers = all.iter().filter(|one| reads(&one.id));
    let mut ecosystems = readers.flat_map(|one| &one.packages).map(|package| package.ecosystem.as_str());
    let strange =
        ecosystems.clone().next().is_some() && ecosystems.all(|ecosystem| !holds(around, within, ecosystem));
    (strange && entry.drivers.is_empty()).then_some((entry, client))
}

/// Whether a directory, or one below it, has a manifest of an ecosystem or a Dockerfile that speaks of its language.
fn holds(around: &Surroundings<'_>, directory: &str, ecosystem: &str) -> bool {
    let within = |other: &str| {
        directory.is_empty()
            || other.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let declared = around.declarations;
    let manifest = declared
        .dependencies
        .iter()
        .any(|manifest| manifest.ecosystem == ecosystem && within(&manifest.directory));
    let words: &[&str] = if ecosystem == "pypi" { &["python", "pip", "conda", "uv"] } else { &[] };
    let speaks = |text: &str| {
        text.split(|letter: char| !letter.is_ascii_alphabetic()).any(|word| words.contains(&word))
    };
    let dockerfile = declared.dockerfiles.iter().any(|(file, dockerfile)| {
        let stage = |stage: &Stage| {
            stage.base.as_ref().is_some_and(|base| speaks(base.as_str()))
                || stage.steps.iter().any(|step| speaks(step))
        };
        within(crate::readers::directory(around.files.path(*file))) && dockerfile.stages.iter().any(stage)
    });
    manifest || dockerfile
}

fn by_image(container: &Container) -> Option<(&'static ClientEntry, Client)> {
    let text = container.image.as_ref()?;
    let image = catalog().image(text.known()?)?;
    let entry = catalog().client(image.client.as_deref()?)?;
    let reason = format!("image {}", image.image);
    Some(found(entry, reason, text.place_of(0..text.as_str().len())))
}

fn by_variable(variable: &str, place: Option<Place>) -> Option<(&'static ClientEntry, Client)> {
    let mut entries = catalog()
        .clients
        .iter()
        .filter(|entry| entry.variables.iter().any(|pattern| wildcard(pattern, variable)));
    match (entries.next(), entries.next()) {
        (Some(entry), None) => Some(found(entry, format!("variable {variable}"), place)),
        _ => None,
    }
}

/// A parameter that only one client knows. The weakest evidence: people paste URLs between programs.
fn by_parameter(
    around: &Surroundings<'_>,
    parsed: Option<&ConnectionString>,
    text: Option<&Text>,
    engine: Database,
) -> Option<(&'static ClientEntry, Client)> {
    let parsed = parsed?;
    for param in &parsed.params {
        let Some(name) = param.name.known() else { continue };
        let mut entries = catalog()
            .clients
            .iter()
            .filter(|entry| speaks(entry, engine) && entry.evident_params.iter().any(|known| known == name));
        if let (Some(entry), None) = (entries.next(), entries.next()) {
            let place = text.and_then(|text| text.place_of(param.span.range()));
            let (entry, client) = found(entry, format!("the parameter {name}"), place);
            return Some((entry, Client { guessed: !is_dependency(around, entry), ..client }));
        }
    }
    None
}

/// Whether any manifest names the client, in whichever release.
fn is_dependency(around: &Surroundings<'_>, entry: &ClientEntry) -> bool {
    let mut packages =
        catalog().clients.iter().filter(|other| other.id == entry.id).flat_map(|other| &other.packages);
    packages.any(|package| {
        around.declarations.dependencies.iter().any(|manifest| {
            let dependencies = &manifest.dependencies;
            dependencies.iter().any(|dependency| matches_package(package, manifest, dependency))
        })
    })
}

/// The nearest directory, from the build context (or the workload's file) upwards, whose manifests name a
/// client of this engine. Clients of several ecosystems in one directory tell nothing.
fn by_dependencies(around: &Surroundings<'_>, engine: Database) -> Option<(&'static ClientEntry, Client)> {
    if known_foreign(around.container) {
        return None;
    }
    let start = match &around.container.build {
        Some(build) => build.clone(),
        None => named_directory(around).unwrap_or_else(|| around.directory.to_owned()),
    };
    ancestors(&start).find_map(|directory| in_directory(around, directory, engine))?
}

/// `Some(None)` when the directory names clients that contradict each other.
fn in_directory(
    around: &Surroundings<'_>,
    directory: &str,
    engine: Database,
) -> Option<Option<(&'static ClientEntry, Client)>> {
    let manifests =
        around.declarations.dependencies.iter().filter(|manifest| manifest.directory == directory);
    let mut best: Vec<(&'static ClientEntry, Client, &'static str)> = Vec::new();
    for manifest in manifests {
        if let Some((entry, dependency)) = strongest(manifest, engine) {
            let written =
                dependency.requirement.as_deref().map(|text| format!(" {text}")).unwrap_or_default();
            let reason = format!("{}{written} in {}", dependency.name, around.files.path(manifest.file));
            let place = Place::new(manifest.file, dependency.span);
            let (entry, client) = found(entry, reason, Some(place));
            best.push((entry, client, manifest.ecosystem));
        }
    }
    let (entry, client, _) = best.first()?.clone();
    let agreed = best.iter().all(|(other, _, _)| other.label == entry.label);
    Some(agreed.then_some((entry, client)))
}

/// The highest-ranking client that a manifest names for `engine`; nothing when two rank alike.
fn strongest(manifest: &Dependencies, engine: Database) -> Option<(&'static ClientEntry, &Dependency)> {
    let mut matches: Vec<(&'static ClientEntry, &Dependency)> = Vec::new();
    for entry in catalog().clients.iter().filter(|entry| speaks(entry, engine)) {
        let barred = manifest.dependencies.iter().any(|dependency| {
            entry.unless.iter().any(|package| matches_package(package, manifest, dependency))
        });
        if barred {
            continue;
        }
        let dependency = manifest.dependencies.iter().find(|dependency| {
            entry.packages.iter().any(|package| matches_package(package, manifest, dependency))
        });
        if let Some(dependency) = dependency {
            matches.push((entry, dependency));
        }
    }
    matches.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.rank));
    let (first, dependency) = *matches.first()?;
    let tie = matches.iter().skip(1).any(|(entry, _)| entry.rank == first.rank);
    (!tie).then_some((first, dependency))
}

fn matches_package(
    package: &crate::catalog::Package,
    manifest: &Dependencies,
    dependency: &Dependency,
) -> bool {
    package.is(manifest.ecosystem, &dependency.name, (dependency.major, dependency.minor))
}

/// Whether a client can open connections of `engine`. An engine that nothing tells excludes none.
#[must_use]
pub fn speaks(entry: &ClientEntry, engine: Database) -> bool {
    engine == Database::Unknown
        || entry.engines.iter().any(|known| known == engine.name())
        || (engine == Database::MariaDb && entry.engines.iter().any(|known| known == "mysql"))
        || (engine == Database::CockroachDb && entry.engines.iter().any(|known| known == "postgresql"))
}

/// Images that the catalogue knows are not the repository's own program: its dependencies say nothing about them.
fn known_foreign(container: &Container) -> bool {
    super::targets::image(container)
        .is_some_and(|image| container.build.is_none() || image.role != ImageRole::Application)
}

/// The directory of manifests that bears the workload's, the container's or the image's name.
fn named_directory(around: &Surroundings<'_>) -> Option<String> {
    let directories = around.declarations.dependencies.iter().map(|manifest| manifest.directory.as_str());
    home::named(directories, &around.workload.name, around.container).map(str::to_owned)
}

/// A directory and everything above it, the root (`""`) last.
fn ancestors(directory: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(directory), |path| {
        if path.is_empty() { None } else { Some(path.rsplit_once('/').map_or("", |(parent, _)| parent)) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_end_at_the_root() {
        assert_eq!(ancestors("a/b").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(ancestors("").collect::<Vec<_>>(), [""]);
    }
}
