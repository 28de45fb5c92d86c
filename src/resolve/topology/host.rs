//! Hosts that lead nowhere: `localhost` inside a container, names that no service has.

use super::Way;
use crate::catalog::ImageRole;
use crate::model::{Defect, Deployment, DeploymentKind, Edit, Fix, Network, Safety, Workload};
use crate::resolve::targets::{self, Target};
use crate::syntax::connection::Database;

pub(super) fn defect(way: &Way<'_>) -> Option<Defect> {
    let host = way.connection.address.host.as_deref()?;
    // A name with a control character in it is reported for that.
    if way.parsed().is_some_and(|(text, parsed)| {
        parsed.hosts.first().is_some_and(|host| way.broken.explains(text, host.name.span.range()))
    }) {
        return None;
    }
    match targets::target(way.deployment, way.workload, &way.connection.address) {
        Target::Itself => local(way, host),
        Target::Outside => outside(way, host),
        Target::Workload(target, _) => disjoint(way, host, target),
        Target::Unknown => None,
    }
}

/// `localhost` in a container that shares its network with nothing else.
fn local(way: &Way<'_>, host: &str) -> Option<Defect> {
    let alone =
        way.workload.containers.iter().filter(|container| container.role != crate::model::Role::Init).count()
            == 1;
    // A socket may be mounted, and another container of the pod may be a proxy.
    if host.starts_with('/') || !matches!(way.workload.network, Network::Own(_)) || !alone {
        return None;
    }
    let written = way.host()?;
    let servers = servers(way);
    // A whole image may hold its own database server.
    if servers.is_empty() && way.container.build.is_none() {
        return None;
    }
    let kind = if servers.is_empty() { "no-server" } else { "server" };
    let mut defect = Defect::new("localhost-in-container", kind, written.place).fact("host", host);
    if let Some(port) = way.connection.address.port {
        defect = defect.fact("port", usize::from(port));
    }
    let [(server, listens)] = servers.as_slice() else { return Some(defect) };
    defect = defect.fact("server", server.name.as_str());
    if let Some(place) = server.place {
        defect = defect.label(place, "the database server");
    }
    let fix = written.editable.map(|place| {
        let mut edits = vec![Edit { place, text: server.name.clone() }];
        let wrong = way.connection.address.port != Some(*listens);
        if let Some(place) = way.port().filter(|_| wrong).and_then(|port| port.editable) {
            edits.push(Edit { place, text: listens.to_string() });
        }
        // Others may read the same line from a place where it is right: the developer's machine, the host's network.
        Fix { safety: Safety::Unsafe, title: format!("connect to {}", server.name), edits, withheld: false }
    });
    Some(defect.fix(fix))
}

/// A name without dots that nothing in a complete deployment has.
fn outside(way: &Way<'_>, host: &str) -> Option<Defect> {
    let alias = way.deployment.real_host(host) != host;
    let single = !alias && !host.contains(['.', ':', '/']) && !host.is_empty();
    let complete = way.deployment.is_whole() && matches!(way.workload.network, Network::Own(_));
    if !single || !complete {
        return None;
    }
    let servers = servers(way);
    let near = servers.iter().find(|(server, _)| strsim::damerau_levenshtein(&server.name, host) <= 2);
    // What a cluster runs besides is not in the files: only a near miss proves a mistake.
    let suggestion = match (way.deployment.kind, servers.as_slice()) {
        (DeploymentKind::Compose, [(one, _)]) => Some(one.name.clone()),
        (DeploymentKind::Compose, _) => near.map(|(server, _)| server.name.clone()),
        _ => Some(near?.0.name.clone()),
    };
    let written = way.host()?;
    let kind = if suggestion.is_some() { "near" } else { "unknown" };
    let mut defect = Defect::new("unknown-database-host", kind, written.place).fact("host", host);
    if let Some(suggestion) = suggestion {
        let fix = written.editable.map(|place| Fix {
            safety: Safety::Unsafe,
            title: format!("connect to {suggestion}"),
            edits: vec![Edit { place, text: suggestion.clone() }],
            withheld: false,
        });
        defect = defect.fact("suggestion", suggestion).fix(fix);
    }
    Some(defect)
}

/// A service that exists, on networks that the container is not on.
fn disjoint(way: &Way<'_>, host: &str, target: &Workload) -> Option<Defect> {
    let (Network::Own(from), Network::Own(to)) = (&way.workload.network, &target.network) else {
        return None;
    };
    let default = [String::from("default")];
    let from = if from.is_empty() { &default[..] } else { from };
    let to = if to.is_empty() { &default[..] } else { to };
    if way.deployment.kind != DeploymentKind::Compose || from.iter().any(|network| to.contains(network)) {
        return None;
    }
    let written = way.host()?;
    let mut defect = Defect::new("unknown-database-host", "networks", written.place)
        .fact("host", host)
        .fact("networks", from.join(", "))
        .fact("server_networks", to.join(", "));
    if let Some(place) = target.place {
        defect = defect.label(place, "the service that is meant");
    }
    Some(defect)
}

/// A database server of a deployment.
pub(super) struct Served<'a> {
    workload: &'a Workload,
    engine: Option<&'a str>,
    /// Where it listens.
    port: u16,
}

/// The database servers of a deployment, which all its connections are held against.
pub(super) fn served(deployment: &Deployment) -> Vec<Served<'_>> {
    let awake = deployment.workloads.iter().filter(|workload| !workload.dormant);
    awake
        .filter_map(|workload| {
            let (container, image) = targets::serves(workload)?;
            let port = super::port::listens(container, image)?;
            let engine = image.engine.as_deref();
            (image.role == ImageRole::Server).then_some(Served { workload, engine, port })
        })
        .collect()
}

/// The database servers of the deployment that the connection could mean, with the port each listens on.
fn servers<'a>(way: &Way<'a>) -> Vec<(&'a Workload, u16)> {
    let wanted = way.connection.database_kind;
    let same = |served: &&Served<'_>| {
        wanted == Database::Unknown
            || served.engine == Some(wanted.name())
            || matches!(
                (wanted, served.engine),
                (Database::MySql, Some("mariadb")) | (Database::MariaDb, Some("mysql"))
            )
    };
    way.served.iter().filter(same).map(|served| (served.workload, served.port)).collect()
}
