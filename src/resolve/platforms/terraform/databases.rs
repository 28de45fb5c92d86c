//! Databases that providers run.

use super::super::cloud_formation::engine_of;
use super::super::numbers::fixed;
use super::super::service::{Service, provided};
use super::module::{At, Module, Resource, refers};
use crate::model::{Basis, Located};
use crate::resolve::limits;
use crate::span::Place;
use crate::syntax::connection::Database;

/// Attributes that are a server's host name or address.
const HOSTS: [&str; 7] = [
    "address",
    "fqdn",
    "private_ip_address",
    "public_ip_address",
    "first_ip_address",
    "dns_name",
    "endpoint",
];

/// The server that a resource is.
pub(super) fn server(module: &Module<'_>, resource: &Resource<'_>) -> Option<Service> {
    let engine = engine(module, resource)?;
    let mut service = Service::new("DB Instance", resource.name, Some(resource.place));
    service.instances = fixed("instances", Located::of(1, Basis::Derived));
    service.hosts = vec![resource.name.to_owned()];
    let plan = plan(module, resource);
    let mut server = provided(engine, port(module, resource, engine), limit(module, resource));
    if let Some(plan) = &plan
        && server.max_connections == Located::unknown()
        && keeps_limit(module, resource)
    {
        server.max_connections = limits::of_plan(plan, engine.name());
        server.reserved = limits::reserved_of_plan(plan, engine.name()).unwrap_or(server.reserved);
    }
    service.managed = Some(server);
    Some(service)
}

fn engine(module: &Module<'_>, resource: &Resource<'_>) -> Option<Database> {
    let written = |key: &str| module.text(resource.body.get(&[key])?).known().map(str::to_owned);
    match resource.kind {
        "aws_db_instance" | "aws_rds_cluster" => engine_of(&written("engine")?),
        "google_sql_database_instance" => {
            let version = written("database_version")?;
            let name = version.split('_').next().unwrap_or_default();
            match name {
                "POSTGRES" => Some(Database::PostgreSql),
                "MYSQL" => Some(Database::MySql),
                "SQLSERVER" => Some(Database::SqlServer),
                _ => None,
            }
        }
        "azurerm_postgresql_flexible_server" => Some(Database::PostgreSql),
        _ => None,
    }
}

fn port(module: &Module<'_>, resource: &Resource<'_>, engine: Database) -> Option<u16> {
    match resource.body.get(&["port"]) {
        Some(port) => module.text(port).known()?.trim().parse().ok(),
        None => engine.default_port(),
    }
}

/// The address of a server of this configuration reads as its name, as a service's name does in Compose.
pub(super) fn attribute(module: &Module<'_>, expression: &str) -> Option<String> {
    let (address, attribute) = expression.rsplit_once('.')?;
    let address = address.strip_suffix("[0]").unwrap_or(address);
    let resource = module.resources().find(|resource| resource.address() == address)?;
    if !matches!(
        resource.kind,
        "aws_db_instance"
            | "aws_rds_cluster"
            | "google_sql_database_instance"
            | "azurerm_postgresql_flexible_server"
    ) {
        return None;
    }
    let engine = engine(module, &resource)?;
    if attribute == "port" {
        return port(module, &resource, engine).map(|port| port.to_string());
    }
    // An instance's endpoint has its port, a cluster's has none.
    if attribute == "endpoint" && resource.kind == "aws_db_instance" {
        return Some(format!("{}:{}", resource.name, port(module, &resource, engine)?));
    }
    HOSTS.contains(&attribute).then(|| resource.name.to_owned())
}

/// `max_connections` of a parameter group or a flag, where it is a number. By default it follows from the machine's
/// memory.
fn limit(module: &Module<'_>, resource: &Resource<'_>) -> Located<u64> {
    let named =
        |item: &At<'_>| item.get(&["name"]).is_some_and(|name| name.node.as_str() == Some("max_connections"));
    let written = match resource.kind {
        "aws_db_instance" => group(module, resource, "parameter_group_name", "aws_db_parameter_group"),
        "aws_rds_cluster" => {
            group(module, resource, "db_cluster_parameter_group_name", "aws_rds_cluster_parameter_group")
        }
        "google_sql_database_instance" => resource
            .body
            .get(&["settings"])
            .and_then(|settings| settings.all("database_flags").find(named)?.get(&["value"])),
        _ => module
            .of_kind("azurerm_postgresql_flexible_server_configuration")
            .filter(|setting| refers(setting.body.get_raw("server_id"), &resource.address()))
            .find(|setting| named(&setting.body))
            .and_then(|setting| setting.body.get(&["value"])),
    };
    module.count(written, Located::unknown())
}

/// The catalogue's name of the machine, where it is written.
fn plan(module: &Module<'_>, resource: &Resource<'_>) -> Option<(String, Place)> {
    let (provider, key) = match resource.kind {
        "aws_db_instance" => ("aws-rds", "instance_class"),
        "azurerm_postgresql_flexible_server" => ("azure-postgresql", "sku_name"),
        _ => return None,
    };
    let at = resource.body.get(&[key])?;
    let written = module.text(at);
    let mut name = written.known()?;
    // `GP_Standard_D2s_v3`: tier, family, size, and the generation of the machine, which changes no limit.
    if provider == "azure-postgresql" {
        name = name.split_once("_Standard_").map_or(name, |(_, size)| size);
        name = name.split_once("_v").map_or(name, |(size, _)| size);
    }
    Some((format!("{provider}/{name}"), at.place()))
}

/// Whether nothing that is not seen here can set the limit: a parameter group of another configuration may.
fn keeps_limit(module: &Module<'_>, resource: &Resource<'_>) -> bool {
    let Some(named) = resource.body.get_raw("parameter_group_name").filter(|at| !at.node.is_null()) else {
        return true;
    };
    module.of_kind("aws_db_parameter_group").any(|group| {
        // Further parameters may come from a variable.
        refers(Some(named), &group.address()) && group.body.get_raw("dynamic").is_none()
    }) || module.text(named).known().is_some_and(|name| name.starts_with("default."))
}

fn group<'a>(module: &Module<'a>, resource: &Resource<'a>, key: &str, kind: &'static str) -> Option<At<'a>> {
    let group = module.of_kind(kind).find(|group| refers(resource.body.get_raw(key), &group.address()))?;
    let mut parameters = group.body.all("parameter");
    parameters
        .find(|item| item.get(&["name"]).is_some_and(|name| name.node.as_str() == Some("max_connections")))?
        .get(&["value"])
}
