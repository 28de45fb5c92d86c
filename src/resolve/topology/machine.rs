//! Env files that programs on the developer's machine read: there, a server of a Compose project is reached by the
//! port that is published.

use super::super::targets;
use super::port::listens;
use super::{Way, certain};
use crate::catalog::ImageRole;
use crate::model::{Defect, Deployment, DeploymentKind, Edit, Fix, Model, Safety};
use crate::resolve::Context;
use crate::resolve::broken::Broken;
use crate::syntax::connection::Database;

/// The connections of lone env files to a port of the machine at which nothing is published, while the server beside
/// them publishes another.
#[must_use]
pub fn of_model(context: &Context<'_>, model: &Model) -> Vec<Defect> {
    let directory = |deployment: &Deployment| {
        let path = deployment.files.first().map(|file| context.files.path(*file)).unwrap_or_default();
        path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned()
    };
    let lone = model.deployments.iter().enumerate();
    let lone = lone.filter(|(_, deployment)| deployment.kind == DeploymentKind::EnvFile);
    let mut found = Vec::new();
    for (index, deployment) in lone {
        let home = directory(deployment);
        let beside = model.deployments.iter();
        let beside: Vec<&Deployment> = beside
            .filter(|other| other.kind == DeploymentKind::Compose && directory(other) == home)
            .collect();
        for (workload, container, connection) in deployment.connections() {
            let way =
                Way { deployment, workload, container, connection, broken: &Broken::default(), served: &[] };
            if let Some(mut defect) = defect(&way, &beside).filter(|_| certain(connection)) {
                defect.deployment = Some(index);
                defect.workload = Some(workload.name.clone());
                defect.variable = Some(connection.variable.clone());
                found.push(defect);
            }
        }
    }
    found
}

fn defect(way: &Way<'_>, beside: &[&Deployment]) -> Option<Defect> {
    let port = way.connection.address.port?;
    way.connection
        .address
        .host
        .as_deref()
        .filter(|host| targets::is_local(host) && !host.starts_with('/'))?;
    let workloads = || beside.iter().flat_map(|deployment| &deployment.workloads);
    let at_port = |known: &crate::model::Port| known.published == Some(port);
    if workloads().flat_map(|workload| &workload.containers).flat_map(|one| &one.ports).any(at_port) {
        return None;
    }
    let kind = way.connection.database_kind;
    let servers = workloads().filter_map(|workload| {
        let (container, image) =
            targets::serves(workload).filter(|(_, image)| image.role == ImageRole::Server)?;
        let same = kind != Database::Unknown && image.engine.as_deref() == Some(kind.name());
        let published = container.ports.iter().find(|known| known.container == port)?;
        (same && listens(container, image) == Some(port)).then_some((workload, published))
    });
    let [(server, published)] = servers.collect::<Vec<_>>().try_into().ok()?;
    let outside = published.published?;
    let written = way.port()?;
    let mut defect = Defect::new("database-port-mismatch", "machine", written.place)
        .fact("port", usize::from(port))
        .fact("listens", usize::from(outside))
        .fact("server", server.name.as_str());
    if let Some(place) = published.place {
        defect = defect.label(place, format!("the machine has it at {outside}"));
    }
    Some(defect.fix(written.editable.map(|place| Fix {
        safety: Safety::Unsafe,
        title: format!("write {outside}"),
        edits: vec![Edit { place, text: outside.to_string() }],
        withheld: false,
    })))
}
