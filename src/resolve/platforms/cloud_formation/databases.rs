//! Databases of Amazon RDS.

use super::super::numbers::fixed;
use super::super::service::{Service, provided};
use super::template::{Resource, Template};
use crate::model::{Basis, Located};
use crate::syntax::connection::Database;
use crate::syntax::node::Node;

/// Whether a resource is a database server with an address of its own.
pub(super) fn is_server(resource: &Resource<'_>) -> bool {
    matches!(resource.kind, "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster")
}

/// The server that a resource is. The instances of a cluster share its address and are none of their own.
pub(super) fn server(template: &Template<'_>, resource: &Resource<'_>) -> Option<Service> {
    if resource.kind == "AWS::RDS::DBInstance" && resource.property(&["DBClusterIdentifier"]).is_some() {
        return None;
    }
    let engine = engine(template, resource)?;
    let mut service = Service::new("DB Instance", resource.name, Some(resource.place));
    service.instances = fixed("instances", Located::of(1, Basis::Derived));
    service.hosts = vec![resource.name.to_owned()];
    service.managed = Some(provided(engine, port(template, resource), limit(template, resource)));
    Some(service)
}

/// The port it listens on: the one that is written, else the engine's.
pub(super) fn port(template: &Template<'_>, resource: &Resource<'_>) -> Option<u16> {
    match resource.property(&["Port"]) {
        Some(port) => template.text(port).known()?.trim().parse().ok(),
        None => engine(template, resource)?.default_port(),
    }
}

fn engine(template: &Template<'_>, resource: &Resource<'_>) -> Option<Database> {
    engine_of(template.text(resource.property(&["Engine"])?).known()?)
}

/// The engine that a provider's name for it means (`aurora-postgresql`, `sqlserver-ex`).
pub(in crate::resolve::platforms) fn engine_of(name: &str) -> Option<Database> {
    match name.trim() {
        "postgres" | "aurora-postgresql" => Some(Database::PostgreSql),
        "mysql" | "aurora-mysql" | "aurora" => Some(Database::MySql),
        "mariadb" => Some(Database::MariaDb),
        name if name.starts_with("sqlserver-") => Some(Database::SqlServer),
        _ => None,
    }
}

/// `max_connections` of the parameter group, where it is a number. By default it follows from the machine's memory.
fn limit(template: &Template<'_>, resource: &Resource<'_>) -> Located<u64> {
    let (key, kind) = match resource.kind {
        "AWS::RDS::DBCluster" => ("DBClusterParameterGroupName", "AWS::RDS::DBClusterParameterGroup"),
        _ => ("DBParameterGroupName", "AWS::RDS::DBParameterGroup"),
    };
    let group = template.referred(resource.property(&[key]), kind);
    let written: Option<&Node> = group.and_then(|group| group.property(&["Parameters", "max_connections"]));
    template.count(written, Located::unknown())
}
