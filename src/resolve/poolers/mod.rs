//! Poolers between clients and servers: which there are, what they are told, and what they open themselves.

mod defects;
mod flow;
mod ini;
mod mounted;
mod operated;
mod others;
mod settings;
mod sum;
#[cfg(test)]
mod tests;
mod variables;

pub use defects::{defects, of_lone};
use mounted::Mounted;
pub use settings::{Entry, Settings};
pub use sum::{Asked, Side, side};

use super::{Context, targets};
use std::collections::BTreeSet;

use crate::catalog::{EndpointKind, Image, ImageRole, KeptStatements, catalog, provider_of_host};
use crate::model::{Address, Basis, Container, Deployment, Located, Mount, Workload};
use crate::span::{FileId, Place};
use crate::syntax::ini::Ini;
use crate::tree::Kind;

/// A pooler of one deployment before its clients are known.
#[derive(Debug)]
pub struct Setup {
    /// The workload's name, or the file's.
    pub name: String,
    /// `pgbouncer`, `pgcat` …
    pub kind: String,
    /// Engine whose protocol it speaks, when its image tells.
    pub engine: Option<&'static str>,
    /// Index of the workload that runs it; none for a file that nothing mounts, and for a provider's.
    pub workload: Option<usize>,
    /// The host of a provider's endpoint that pools.
    pub provider: Option<String>,
    /// Name of the container that runs it.
    pub container: Option<String>,
    /// Port it listens on.
    pub port: Option<u16>,
    /// Its version, from the image's tag.
    pub version: Option<(u32, u32)>,
    /// What it is told.
    pub settings: Settings,
    /// Its ini, and the file in which that stands.
    pub ini: Option<(FileId, Ini)>,
    /// Where it is defined.
    pub place: Option<Place>,
}

/// The poolers of a deployment: workloads that run one, and files that no workload mounts, in or above its directory.
#[must_use]
pub fn find(context: &Context<'_>, deployment: &Deployment) -> Vec<Setup> {
    let inis = inis(context);
    let mut found: Vec<Setup> = deployment
        .workloads
        .iter()
        .enumerate()
        .filter(|(_, workload)| !workload.dormant)
        .filter_map(|(index, workload)| {
            operated::setup(index, workload).or_else(|| of_workload(&inis, context, index, workload))
        })
        .collect();
    let root = directory(context, deployment);
    let home = |file: FileId| context.files.path(file).rsplit_once('/').map_or("", |(home, _)| home);
    // The nearest one comes first, and is the one that an address means.
    let mut nearest: Vec<&(FileId, &Ini)> = inis.iter().collect();
    nearest.sort_by_key(|(file, _)| std::cmp::Reverse(home(*file).len()));
    for (file, ini) in nearest {
        let path = context.files.path(*file);
        let home = home(*file);
        let below = home.is_empty()
            || root == home
            || root.strip_prefix(home).is_some_and(|rest| rest.starts_with('/'));
        // One that some workload mounts is that workload's alone.
        if below && !found.iter().any(|setup| setup.file() == Some(*file)) {
            found.push(of_file(path, *file, ini));
        }
    }
    found.extend(of_providers(deployment));
    for setup in &mut found {
        let supposed = context.config.what_if.poolers.get(&setup.name).into_iter().flatten();
        setup.settings.main.extend(supposed.map(|(name, value)| (name.clone(), value.clone())));
    }
    found
}

/// Endpoints of providers behind which a pooler answers. What it opens is the provider's to say, and not known.
fn of_providers(deployment: &Deployment) -> Vec<Setup> {
    let addresses: BTreeSet<(&str, Option<u16>)> = deployment
        .connections()
        .filter_map(|(_, _, connection)| Some((connection.address.host.as_deref()?, connection.address.port)))
        .map(|(host, port)| (deployment.real_host(host), port))
        .collect();
    let pooled = |(host, port): (&str, Option<u16>)| {
        let (_, endpoint) = provider_of_host(host, port)?;
        if endpoint.kind != EndpointKind::Pooled {
            return None;
        }
        let mut settings = Settings { open: true, ..Settings::default() };
        if let Some(mode) = &endpoint.mode {
            settings.main.insert("pool_mode".to_owned(), Located::of(mode.clone(), Basis::PlatformDefault));
        }
        Some(Setup {
            name: host.to_owned(),
            kind: endpoint.pooler.clone().unwrap_or_else(|| "pooler".to_owned()),
            engine: None,
            workload: None,
            provider: Some(host.to_owned()),
            container: None,
            port,
            version: None,
            settings,
            ini: None,
            place: None,
        })
    };
    addresses.into_iter().filter_map(pooled).collect()
}

/// Places of passwords in poolers' files.
#[must_use]
pub fn secrets(context: &Context<'_>) -> Vec<Place> {
    let files = inis(context).into_iter().flat_map(|(file, ini)| ini::secrets(file, ini));
    let maps = mounted::written(&context.declarations.objects);
    files.chain(maps.flat_map(|(file, ini)| ini::secrets(file, &ini))).collect()
}

/// The poolers' files that no deployment reaches; `reached` are those of the deployments' poolers.
fn lone(context: &Context<'_>, reached: &BTreeSet<FileId>) -> Vec<Setup> {
    let inis = inis(context).into_iter().filter(|(file, _)| !reached.contains(file));
    inis.map(|(file, ini)| of_file(context.files.path(file), file, ini)).collect()
}

fn inis<'a>(context: &Context<'a>) -> Vec<(FileId, &'a Ini)> {
    let pooler = |file: FileId| context.files.get(file).is_some_and(|source| source.kind == Kind::PgBouncer);
    context
        .declarations
        .settings
        .iter()
        .filter(|(file, _)| pooler(*file))
        .map(|(file, ini)| (*file, ini))
        .collect()
}

fn directory<'a>(context: &Context<'a>, deployment: &Deployment) -> &'a str {
    let main = deployment.files.first().map_or("", |file| context.files.path(*file));
    main.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn of_workload(
    inis: &[(FileId, &Ini)],
    context: &Context<'_>,
    index: usize,
    workload: &Workload,
) -> Option<Setup> {
    let known = targets::serves(workload).filter(|(_, image)| image.role == ImageRole::Pooler);
    let in_tree = workload.containers.iter().find_map(|container| {
        let (file, ini) = inis.iter().find(|(file, _)| mounts(container, context.files.path(*file)))?;
        Some((container, *file, (*ini).clone()))
    });
    let mut missing = false;
    // Looking through all objects for each workload would take long: only for what looks like a pooler.
    let likely = known.is_some()
        || workload.name.contains("bouncer")
        || workload.containers.iter().any(|container| {
            container.image.as_ref().is_some_and(|image| image.as_str().contains("bouncer"))
        });
    let mounted = in_tree.or_else(|| {
        if !likely {
            return None;
        }
        workload.containers.iter().find_map(|container| match mounted::of(context, workload, container) {
            Mounted::Ini(file, ini) => Some((container, file, *ini)),
            Mounted::Unknown => {
                missing = true;
                None
            }
            Mounted::Nothing => None,
        })
    });
    // A server's container may bring the pooler's file along without running it.
    let runs_server = targets::serves(workload).is_some_and(|(_, image)| image.role == ImageRole::Server);
    if runs_server || known.is_none() && mounted.is_none() {
        return None;
    }
    let (container, image) = match (known, &mounted) {
        (Some((container, image)), _) => (container, Some(image)),
        (None, Some((container, _, _))) => (*container, None),
        (None, None) => return None,
    };
    let kind = image.map_or("pgbouncer", kind);
    let settings = match (&mounted, image) {
        (Some((_, file, ini)), _) => ini::settings(*file, ini),
        (None, Some(image)) if kind != "pgbouncer" => {
            others::settings(context, workload, container, image, kind)
        }
        (None, Some(image)) => {
            let mut settings = variables::settings(container, image, kind);
            // Without a way to its server in its variables it has a file that is not in the repository; that, a script
            // or a mount may say anything.
            settings.open |= missing
                || settings.databases.is_empty()
                || container.shell
                || container.base.as_ref().is_some_and(|base| base.altered)
                || container.mounts.iter().any(|mount| mount.inside.contains("pgbouncer"));
            settings
        }
        (None, None) => Settings::default(),
    };
    let port = listen_port(&settings).or_else(|| match &mounted {
        Some(_) => catalog().pooler(kind).and_then(|pooler| pooler.port),
        None => image.and_then(|image| image.port),
    });
    Some(Setup {
        name: workload.name.clone(),
        kind: kind.to_owned(),
        engine: image
            .and_then(|image| image.engine.as_deref())
            .or(Some("postgresql").filter(|_| kind == "pgbouncer")),
        workload: Some(index),
        provider: None,
        container: Some(container.name.clone()),
        port,
        version: container
            .base
            .as_ref()
            .map(|base| &base.image)
            .or(container.image.as_ref())
            .and_then(|text| version(text.known()?)),
        settings,
        ini: mounted.map(|(_, file, ini)| (file, ini)),
        place: workload.place,
    })
}

fn of_file(path: &str, file: FileId, ini: &Ini) -> Setup {
    let settings = ini::settings(file, ini);
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let header = ini.sections.iter().find(|section| section.name == "pgbouncer");
    Setup {
        name: name.to_owned(),
        kind: "pgbouncer".to_owned(),
        engine: Some("postgresql"),
        workload: None,
        provider: None,
        container: None,
        port: listen_port(&settings).or_else(|| catalog().pooler("pgbouncer").and_then(|pooler| pooler.port)),
        version: None,
        settings,
        ini: Some((file, ini.clone())),
        place: header.map(|section| Place::new(file, section.span)),
    }
}

/// Whether a container mounts a file, by itself or with a directory above it.
fn mounts(container: &Container, path: &str) -> bool {
    container
        .mounts
        .iter()
        .filter_map(Mount::path)
        .any(|source| source == path || path.strip_prefix(source).is_some_and(|rest| rest.starts_with('/')))
}

fn kind(image: &'static Image) -> &'static str {
    image.pooler.as_deref().unwrap_or_else(|| image.image.rsplit('/').next().unwrap_or(&image.image))
}

fn listen_port(settings: &Settings) -> Option<u16> {
    settings.main.get("listen_port")?.value.as_deref()?.trim().parse().ok()
}

/// `1.23` of `edoburu/pgbouncer:v1.23.1-p2`.
fn version(reference: &str) -> Option<(u32, u32)> {
    let (_, tag) = reference.split('@').next()?.rsplit_once(':')?;
    let mut numbers = tag.trim_start_matches('v').split(|char: char| !char.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

impl Setup {
    /// The file in which its ini stands.
    #[must_use]
    pub fn file(&self) -> Option<FileId> {
        self.ini.as_ref().map(|(file, _)| *file)
    }

    /// Whether this container is the pooler itself.
    #[must_use]
    pub fn is_run_by(&self, deployment: &Deployment, workload: &Workload, container: &Container) -> bool {
        let runs = self.workload.and_then(|index| deployment.workloads.get(index));
        runs.is_some_and(|runs| runs == workload) && self.container.as_deref() == Some(&container.name)
    }

    /// Whether a host outside the deployment means this pooler, which no workload runs: named after it, or on its port,
    /// unless that is the servers' own.
    #[must_use]
    pub fn is_reached_by(&self, address: &Address) -> bool {
        let Some(host) = address.host.as_deref().filter(|_| self.workload.is_none()) else { return false };
        if let Some(own) = &self.provider {
            return host.eq_ignore_ascii_case(own) && self.port == address.port;
        }
        let named = host
            .split('.')
            .next()
            .is_some_and(|label| label == self.name || label.split(['-', '_']).any(|part| part == self.kind));
        let servers_own = catalog().engines.iter().any(|engine| Some(engine.port) == self.port);
        named || !servers_own && self.port.is_some() && self.port == address.port
    }

    /// `so_reuseport`, when it lets several processes listen on one port: how many there are is not its to say.
    #[must_use]
    pub fn shares_port(&self) -> Option<Located<u64>> {
        let written = self.settings.main.get("so_reuseport")?;
        let off = written.value.as_deref().map(str::trim) == Some("0");
        (self.kind == "pgbouncer" && !off).then(|| self.settings.count(&self.kind, "so_reuseport"))
    }

    /// Where an entry leads. An entry without host leads to a socket on the pooler's own machine.
    #[must_use]
    pub fn upstream(&self, entry: &Entry) -> Option<Address> {
        let host = match entry.options.get("host") {
            Some(host) => host.value.clone()?,
            None => "localhost".to_owned(),
        };
        let port = match entry.options.get("port") {
            Some(port) => port.value.as_deref()?.trim().parse().ok(),
            None => catalog().engine("postgresql").map(|engine| engine.port),
        };
        Some(Address { host: Some(host.to_ascii_lowercase()), port, reference: None })
    }

    /// How many prepared statements it keeps: as written, else by its version.
    #[must_use]
    pub fn prepared_statements(&self) -> Located<u64> {
        let Some(kept) = self.kept_statements() else { return Located::unknown() };
        match (self.version, self.settings.main.contains_key(&kept.setting)) {
            (Some(version), _) if version < kept.since => Located::of(0, Basis::PoolerDefault),
            (_, true) => self.settings.count(&self.kind, &kept.setting),
            _ if self.settings.open => Located::unknown(),
            (Some(version), _) if version < kept.default_since => Located::of(0, Basis::PoolerDefault),
            (Some(_), _) => Located::of(kept.default, Basis::PoolerDefault),
            (None, _) => Located::unknown(),
        }
    }

    /// What its kind does about prepared statements.
    #[must_use]
    pub fn kept_statements(&self) -> Option<&'static KeptStatements> {
        catalog().pooler(&self.kind)?.prepared_statements.as_ref()
    }

    /// Startup parameters that it accepts: those it ignores and those it tracks.
    #[must_use]
    pub fn startup_parameters(&self) -> Located<Vec<String>> {
        if self.kind != "pgbouncer" || self.settings.open {
            return Located::unknown();
        }
        let mut place = None;
        let mut names =
            catalog().pooler(&self.kind).map(|pooler| pooler.tracked_parameters.clone()).unwrap_or_default();
        if self.ini.is_none() && !self.settings.main.contains_key("ignore_startup_parameters") {
            // The images that are configured by variables write this by default.
            names.push("extra_float_digits".to_owned());
        }
        for setting in ["ignore_startup_parameters", "track_extra_parameters"] {
            let Some(written) = self.settings.main.get(setting) else { continue };
            let Some(value) = &written.value else { return Located::unknown() };
            place = place.or(written.place);
            names.extend(value.split(',').map(|name| name.trim().to_ascii_lowercase()));
        }
        Located { place, ..Located::of(names, Basis::Derived) }
    }
}
