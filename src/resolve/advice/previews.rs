//! Preview deployments on production's database.

use crate::model::{Connection, Defect, Environment, Model};
use crate::resolve::is_local;
use crate::resolve::replicas::is_replica;
use crate::span::Place;

/// Every connection of a preview that leads to a database of production.
pub(super) fn defects(model: &Model) -> Vec<Defect> {
    let of = |environment: Environment| {
        let all = model.deployments.iter().enumerate();
        all.filter(move |(_, deployment)| deployment.environment.value == Some(environment)).flat_map(
            |(index, deployment)| {
                deployment
                    .connections()
                    .map(move |(workload, _, connection)| (index, &workload.name, connection))
            },
        )
    };
    // A replica bears what reads; migrations are refused there.
    let production: Vec<&Connection> = of(Environment::Production)
        .map(|(_, _, connection)| connection)
        .filter(|connection| !is_replica(&connection.variable))
        .collect();
    let mut found = Vec::new();
    for (index, workload, connection) in of(Environment::Preview).filter(|(_, _, it)| !it.administrative) {
        let Some(place) = connection.place() else { continue };
        let Some(host) = connection.address.host.as_deref() else { continue };
        let Some(other) = production.iter().find(|other| same(connection, other)) else { continue };
        let mut defect = Defect::new("preview-shares-production-db", "same", place)
            .of(connection.variable.clone())
            .fact("host", host);
        if let Some(place) = other.place() {
            defect = defect.label(place, "production");
        }
        defect.deployment = Some(index);
        defect.workload = Some(workload.clone());
        found.push(defect);
    }
    found.sort_by_key(|defect| (defect.place, defect.variable.clone()));
    found.dedup_by_key(|defect: &mut Defect| -> (Place, Option<String>) {
        (defect.place, defect.variable.clone())
    });
    found
}

/// The same database of the same server, by a name that means the same to both.
fn same(one: &Connection, other: &Connection) -> bool {
    let Some(host) = one.address.host.as_deref() else { return false };
    host.contains('.')
        && !is_local(host)
        && one.address.host == other.address.host
        && one.address.port == other.address.port
        && one.database.is_some()
        && one.database == other.database
}
