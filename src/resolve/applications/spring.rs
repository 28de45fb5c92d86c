//! Spring Boot's configuration files
//! (<https://docs.spring.io/spring-boot/reference/features/external-config.html>): `application.yml` and
//! `application.properties` with their documents, those of the active profiles over them, and over all of these the
//! environment by relaxed binding.

mod profiles;

use std::collections::{BTreeMap, BTreeSet};

use profiles::Activation;

use super::flatten::{Property, canonical, properties};
use super::projects::{Project, Reader};
use super::scope::{Layers, Scope};
use super::{Part, Settings, sources};
use crate::model::Variable;
use crate::readers::{ApplicationFile, directory};
use crate::resolve::Context;
use crate::span::Text;
use crate::tree::Framework;

/// Where a connection leads and who makes it; anything of these may be set from outside.
pub(super) const ADDRESSES: [&str; 9] = [
    "spring.datasource.url",
    "spring.datasource.username",
    "spring.datasource.password",
    "spring.datasource.hikari.jdbc-url",
    "spring.datasource.hikari.username",
    "spring.datasource.hikari.password",
    "spring.r2dbc.url",
    "spring.r2dbc.username",
    "spring.r2dbc.password",
];

/// What decides how many connections there are and for how long.
const SETTINGS: [&str; 8] = [
    "spring.datasource.hikari.maximum-pool-size",
    "spring.datasource.hikari.connection-timeout",
    "spring.datasource.hikari.idle-timeout",
    "spring.datasource.hikari.max-lifetime",
    "spring.r2dbc.pool.max-size",
    "spring.r2dbc.pool.max-acquire-time",
    "spring.r2dbc.pool.max-idle-time",
    "spring.r2dbc.pool.max-life-time",
];

/// Endings of files, the weakest first.
const ENDINGS: [&str; 3] = ["yaml", "yml", "properties"];

/// What a program takes from its files. Nothing, where something else may take their place.
pub(super) fn settings(project: &Project<'_>, reader: &Reader<'_>) -> Option<Settings> {
    if is_replaced(reader) {
        return None;
    }
    let files = Files { project };
    let active = files.active(reader)?;
    let (layers, read) = files.layers(&active);
    let remote = files.is_remote(&layers);
    let open = reader.open.clone().or(remote.then(|| "the application imports further configuration".into()));
    let scope = Scope { layers: &layers, reader, open };
    let variables = scope.variables(false);
    (!variables.is_empty()).then_some(Settings { variables, read })
}

/// The connections of one file by itself: those that hold always, and those of each profile. What the file is laid over
/// counts as well, but is judged there.
pub(super) fn lone(
    context: &Context<'_>,
    application: &ApplicationFile,
) -> Vec<(Option<String>, Vec<Variable>)> {
    let path = context.files.path(application.file);
    let Some(stem) = stem(path).filter(|stem| stem.starts_with("application")) else { return Vec::new() };
    let mut parts: BTreeMap<Option<String>, Layers> = BTreeMap::new();
    for document in &application.documents {
        let properties = properties(application.file, document);
        let profile = match profiles::written(&properties) {
            None => None,
            Some(expression) => match expression.known().filter(|profile| profiles::is_name(profile)) {
                Some(profile) => Some(profile.to_owned()),
                None => continue,
            },
        };
        let layers = parts.entry(profile).or_default();
        layers.extend(properties.into_iter().map(|property| (property.key.clone(), property)));
    }
    let environment = BTreeMap::new();
    let reader = Reader::nobody(&environment);
    let found = parts.into_iter().map(|(profile, own)| {
        let active = profile.as_deref().or_else(|| stem.strip_prefix("application-"));
        let mut layers = below(context, directory(path), active);
        layers.extend(own.iter().map(|(key, property)| (key.clone(), property.clone())));
        let scope = Scope { layers: &layers, reader: &reader, open: None };
        let variables = scope.variables(true);
        let speaks = ADDRESSES.iter().chain(&SETTINGS).any(|name| own.contains_key(&canonical(name)));
        (profile, if speaks { variables } else { Vec::new() })
    });
    found.filter(|(_, variables)| !variables.is_empty()).collect()
}

/// A file's name without its ending.
fn stem(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(stem, _)| stem)
}

/// What the files without a profile in a directory say under one profile.
fn below(context: &Context<'_>, folder: &str, active: Option<&str>) -> Layers {
    let active: Vec<String> = active.map(str::to_owned).into_iter().collect();
    let beside = context.declarations.applications.iter().filter(|other| {
        let path = context.files.path(other.file);
        other.framework == Framework::Spring && directory(path) == folder && stem(path) == Some("application")
    });
    let documents = beside.flat_map(|other| other.documents.iter().map(|document| (other.file, document)));
    let kept = documents.map(|(file, document)| properties(file, document));
    let kept = kept.filter(|properties| profiles::activation(properties, &active) == Activation::Yes);
    kept.flatten().map(|property| (property.key.clone(), property)).collect()
}

/// Whether other files may take the place of the program's own.
fn is_replaced(reader: &Reader<'_>) -> bool {
    let set = reader.variables().any(|variable| {
        variable.name == "SPRING_APPLICATION_JSON" || variable.name.starts_with("SPRING_CONFIG_")
    });
    let told = reader.words.iter().any(|word| word.contains("spring.config."));
    let mounted = reader.mounts.iter().any(|(inside, known)| {
        let (folder, name) = inside.rsplit_once('/').unwrap_or(("", inside));
        let file = name.strip_prefix("application").is_some_and(|rest| rest.starts_with(['.', '-']));
        file || (!known && name == "config") || (!known && folder.ends_with("/config"))
    });
    set || told || mounted
}

/// A program's files by their names.
struct Files<'a> {
    project: &'a Project<'a>,
}

impl<'a> Files<'a> {
    /// The files of a stem in their order, the strongest last: those in `config` over those beside it, properties over
    /// YAML.
    fn of(&self, stem: &str) -> impl Iterator<Item = &'a ApplicationFile> {
        let names = ["", "config/"]
            .into_iter()
            .flat_map(move |folder| ENDINGS.map(|ending| format!("{folder}{stem}.{ending}")));
        let project = self.project;
        let names: Vec<String> = names.collect();
        names.into_iter().filter_map(move |name| {
            project.files.iter().find(|(path, _)| *path == name).map(|(_, application)| *application)
        })
    }

    /// The documents of a stem that hold under the active profiles.
    fn add(&self, stem: &str, active: &[String], layers: &mut Layers, read: &mut BTreeSet<Part>) {
        for application in self.of(stem) {
            read.insert((application.file, None));
            read.extend(active.iter().map(|profile| (application.file, Some(profile.clone()))));
            for document in &application.documents {
                let properties = properties(application.file, document);
                match profiles::activation(&properties, active) {
                    Activation::No => {}
                    Activation::Yes => {
                        for property in properties {
                            layers.insert(property.key.clone(), property);
                        }
                    }
                    // Whatever it says may hold or not.
                    Activation::Unknown => {
                        for property in properties {
                            let value = Text::unknown("a part of the file that holds on some platforms only");
                            layers.insert(property.key.clone(), Property { value, ..property });
                        }
                    }
                }
            }
        }
    }

    fn layers(&self, active: &[String]) -> (Layers, BTreeSet<Part>) {
        let (mut layers, mut read) = (Layers::new(), BTreeSet::new());
        self.add("application", active, &mut layers, &mut read);
        for profile in active {
            self.add(&format!("application-{profile}"), active, &mut layers, &mut read);
        }
        (layers, read)
    }

    /// The active profiles; nothing when they are not known.
    fn active(&self, reader: &Reader<'_>) -> Option<Vec<String>> {
        let (mut base, mut read) = (Layers::new(), BTreeSet::new());
        self.add("application", &[], &mut base, &mut read);
        let scope = Scope { layers: &base, reader, open: reader.open.clone() };
        profiles::active(&scope)
    }

    /// Whether a server of configurations or a vault has a say.
    fn is_remote(&self, layers: &Layers) -> bool {
        let (mut bootstrap, mut read) = (Layers::new(), BTreeSet::new());
        self.add("bootstrap", &[], &mut bootstrap, &mut read);
        let remote = |key: &String| {
            let servers = ["config", "consul", "nacos", "vault", "kubernetes", "zookeeper", "azure"];
            key.starts_with("spring.config.import")
                || servers.iter().any(|name| key.starts_with(&format!("spring.cloud.{name}.")))
                    && !key.ends_with("enabled")
        };
        layers.keys().chain(bootstrap.keys()).any(remote)
    }
}

impl Scope<'_> {
    /// Whether another pool than HikariCP takes the data source, or none of the program's own.
    fn is_foreign(&self) -> bool {
        let others = ["druid.", "tomcat.", "dbcp2.", "oracleucp.", "jndiname"];
        let kind = self.value("spring.datasource.type");
        kind.is_some_and(|kind| !kind.as_str().contains("Hikari"))
            || self.layers.keys().any(|key| {
                key.strip_prefix("spring.datasource.")
                    .is_some_and(|rest| others.iter().any(|other| rest.starts_with(other)))
            })
    }

    /// The properties that matter, as variables. `lone`: what the file does not tell is set elsewhere.
    fn variables(&self, lone: bool) -> Vec<Variable> {
        let foreign = self.is_foreign();
        let pools_own_url = self.layers.contains_key("spring.datasource.hikari.jdbcurl");
        let holds = |name: &str| {
            let lost = foreign && name.starts_with("spring.datasource.")
                || pools_own_url && name == "spring.datasource.url";
            !lost && !self.is_overridden(name)
        };
        let mut found = self.listed(&ADDRESSES, &SETTINGS, &holds);
        if !lone {
            let own = sources::own(self, &found);
            found.extend(own);
        }
        // A pool that the file sets up has a connection, wherever its address is set.
        for (pool, url) in [
            ("spring.datasource.hikari.", "spring.datasource.url"),
            ("spring.r2dbc.pool.", "spring.r2dbc.url"),
        ] {
            let pooled = found.iter().any(|variable| variable.name.starts_with(pool));
            let addressed = ADDRESSES
                .iter()
                .filter(|name| name.ends_with("url") && name.starts_with(url.trim_end_matches("url")))
                .any(|name| self.layers.contains_key(&canonical(name)) || self.is_overridden(name));
            if pooled && !addressed {
                found.extend(self.unaddressed(url, lone));
            }
        }
        found
    }
}
