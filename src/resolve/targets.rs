//! Where a connection leads inside its deployment: to a workload that runs a server or a pooler, to the container
//! itself, or outside.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::catalog::{Image, ImageRole, catalog};
use crate::model::{Address, Container, Deployment, Network, Operated, Role, Value, Workload, WorkloadClass};

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'a> {
    /// A workload of the same deployment, and the port of its container when the address reaches it through a
    /// Service that maps ports.
    Workload(&'a Workload, Option<u16>),
    /// The machine or container the client itself runs on (`localhost`).
    Itself,
    /// A name that no workload of the deployment has.
    Outside,
    /// Not known.
    Unknown,
}

impl PartialEq for Workload {
    /// Two workloads of one model are the same when they are the same object.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// Follows `address` from `from`.
#[must_use]
pub fn target<'a>(deployment: &'a Deployment, from: &'a Workload, address: &Address) -> Target<'a> {
    let Some(host) = address.host.as_deref().map(|host| deployment.real_host(host)) else {
        return Target::Unknown;
    };
    if is_local(host) {
        return local(deployment, from, address);
    }
    let reached = deployment.named(host).into_iter().map(|(workload, endpoint)| {
        let mapped = endpoint.ports.iter().find(|(service, _)| Some(*service) == address.port);
        (workload, mapped.map(|(_, container)| *container))
    });
    // One name may lead to a server and, by another port, to its pooler; and a Service whose selector fits too many
    // pods is meant for the one that runs the database. What a project leaves out gives its names up.
    let meant = reached.min_by_key(|(workload, mapped)| {
        let database = workload.operated.is_some() || serves(workload).is_some();
        (workload.dormant, mapped.is_none(), !database)
    });
    meant.map_or(Target::Outside, |(workload, mapped)| Target::Workload(workload, mapped))
}

/// The engine of the database server that a workload runs, by its image or its operator, and the port.
#[must_use]
pub fn server(workload: &Workload) -> Option<(Option<&str>, Option<u16>)> {
    match &workload.operated {
        Some(Operated::Server(server)) => Some((Some(&server.engine), Some(server.port))),
        Some(Operated::Pooler(_)) => None,
        None => serves(workload)
            .filter(|(_, image)| image.role == ImageRole::Server)
            .map(|(_, image)| (image.engine.as_deref(), image.port)),
    }
}

/// `localhost`: a server in the same pod or network namespace, the host's network, or the container itself.
fn local<'a>(deployment: &'a Deployment, from: &'a Workload, address: &Address) -> Target<'a> {
    match &from.network {
        Network::Of(other) => {
            if let Some(workload) = deployment.workloads.iter().find(|workload| workload.name == *other) {
                return Target::Workload(workload, None);
            }
            return Target::Unknown;
        }
        Network::Host => {
            // Everything on the host's network, and every published port, is reached as localhost.
            let on_host = deployment.workloads.iter().find(|workload| {
                serves(workload).is_some()
                    && (workload.network == Network::Host && listens(workload, address.port)
                        || publishes(workload, address.port))
            });
            return on_host.map_or(Target::Itself, |workload| Target::Workload(workload, None));
        }
        Network::Own(_) | Network::Unknown => {}
    }
    if from.containers.len() > 1 && serves(from).is_some() {
        return Target::Workload(from, None);
    }
    // A lone env file is read on the developer's machine, which reaches what the deployment publishes.
    Target::Itself
}

fn publishes(workload: &Workload, port: Option<u16>) -> bool {
    workload
        .containers
        .iter()
        .flat_map(|container| &container.ports)
        .any(|known| known.published == port && port.is_some())
}

fn listens(workload: &Workload, port: Option<u16>) -> bool {
    serves(workload).is_some_and(|(_, image)| image.port == port || port.is_none())
}

/// Whether a host name means the machine itself.
#[must_use]
pub fn is_local(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host == "::1"
        || host == "0.0.0.0"
        || host.ends_with(".localhost")
        || host
            .strip_prefix("127.")
            .is_some_and(|rest| rest.split('.').all(|part| part.parse::<u8>().is_ok()))
        || host.starts_with('/')
}

/// The container of a workload that runs a database server or a pooler, by its image.
#[must_use]
pub fn serves(workload: &Workload) -> Option<(&Container, &'static Image)> {
    // What runs to an end uses the image for its programs: a backup, a migration.
    if matches!(workload.class, WorkloadClass::OneShot | WorkloadClass::Scheduled) {
        return None;
    }
    workload.containers.iter().filter(|container| container.role != Role::Init).find_map(|container| {
        let image = image(container)?;
        matches!(image.role, ImageRole::Server | ImageRole::Pooler).then_some((container, image))
    })
}

/// What is known of the image that a container runs: of one that is built here by the server's or the pooler's that it
/// starts from, as long as that is what it starts.
#[must_use]
pub fn image(container: &Container) -> Option<&'static Image> {
    let base = container.base.as_ref().and_then(|base| catalog().image(base.image.known()?));
    let base = base.filter(|image| {
        matches!(image.role, ImageRole::Server | ImageRole::Pooler) && starts(container, image)
    });
    base.or_else(|| known_image(container.image.as_ref()?.known()?))
}

/// The catalogue's entry for an image, which is asked for by every connection of every other workload.
fn known_image(reference: &str) -> Option<&'static Image> {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, Option<&'static Image>>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| match known.get(reference) {
        Some(found) => *found,
        None => {
            let found = catalog().image(reference);
            known.insert(reference.to_owned(), found);
            found
        }
    })
}

/// Whether the command of a container is its image's own, or arguments to it, or names the image's program.
fn starts(container: &Container, image: &Image) -> bool {
    let engine = image.engine.as_deref().filter(|_| image.role == ImageRole::Server);
    let programs =
        engine.and_then(|engine| catalog().engine(engine)).map(|engine| engine.programs.as_slice());
    let pooler = image.pooler.as_ref().map(std::slice::from_ref);
    let own = |word: &str| {
        let name = word.rsplit('/').next().unwrap_or_default();
        programs.into_iter().chain(pooler).flatten().any(|program| program == name)
    };
    let words = || container.command.iter().map(crate::span::Text::as_str);
    words().next().is_none_or(|first| first.starts_with('-'))
        || words().flat_map(str::split_whitespace).any(own)
}

/// The value of a variable of a container, when it is set and known.
#[must_use]
pub fn variable<'a>(container: &'a Container, name: &str) -> Option<&'a str> {
    container.environment.get(name).and_then(|variable| match &variable.value {
        Value::Text(text) => text.known(),
        Value::Unknown(_) => None,
    })
}

/// Whether a host is a public name: the same for every deployment, like a provider's endpoint.
#[must_use]
pub fn is_public(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_private = |suffix: &String| {
        host.len().checked_sub(suffix.len()).and_then(|start| host.split_at_checked(start)).is_some_and(
            |(outer, inner)| inner.eq_ignore_ascii_case(suffix) && (outer.is_empty() || outer.ends_with('.')),
        )
    };
    host.contains('.')
        && !catalog().ambient.private_suffixes.iter().any(is_private)
        && last.chars().all(|character| character.is_ascii_alphabetic())
        && last.len() >= 2
        && host.split('.').all(|label| !label.is_empty())
        && !is_local(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_names() {
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]", "0.0.0.0", "/var/run/postgresql"]
        {
            assert!(is_local(host), "{host}");
        }
        for host in ["db", "127.example.com", "localhost.example.com"] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn public_names() {
        for host in ["db.example-app.io", "x.rds.amazonaws.com"] {
            assert!(is_public(host), "{host}");
        }
        for host in ["db.lan.acme.io", "db.consul.acme.io", "notlan.io", "arpa.acme.io"] {
            assert!(is_public(host), "{host}");
        }
        for host in ["db", "db.shop.svc.cluster.local", "db.internal", "10.0.0.5", "localhost", "a..com"] {
            assert!(!is_public(host), "{host}");
        }
        for host in [
            "shop-db.flycast",
            "top1.nearest.of.shop-db.internal",
            "postgres.service.consul",
            "postgres.service.dc1.consul",
            "pg.virtual.consul",
            "db.home.arpa",
            "db.tail1234.ts.net",
            "db.corp",
            "db.LAN",
            "db.local.",
            "db.intranet",
        ] {
            assert!(!is_public(host), "{host}");
        }
    }
}
