//! Who may connect to a server without being known to: no server is said to fit while they are about.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::connections;
use super::leads::{self, Key, Lead};
use super::names;
use super::poolers::Setup;
use super::targets;
use crate::catalog::{ImageRole, VariableMeaning, catalog};
use crate::model::{Container, Deployment, Stray, Workload, WorkloadClass};
use crate::syntax::connection::Database;

/// The strays of one deployment, each with the database it speaks to.
#[derive(Debug, Default)]
pub struct Strays {
    /// May lead to any server.
    anywhere: Vec<(Database, Stray)>,
    /// Lead to a name inside the deployment that nothing known has (a Service whose labels are set at run time), or
    /// belong to a container of which no connection is known: they are held to mean a server that nobody else reaches.
    nowhere: Vec<(Database, Stray)>,
    /// Name a host, and nothing else: by that host.
    naming: Vec<(String, Stray)>,
}

impl Strays {
    /// Finds them; `groups` holds the connections that lead to a server.
    #[must_use]
    pub fn of(deployment: &Deployment, setups: &[Setup], groups: &BTreeMap<Key, Vec<Lead<'_>>>) -> Self {
        let mut strays = Self::default();
        for workload in &deployment.workloads {
            if workload.class == WorkloadClass::Imaginary || workload.dormant {
                continue;
            }
            for container in &workload.containers {
                if !setups.iter().any(|setup| setup.is_run_by(deployment, workload, container)) {
                    strays.add(deployment, workload, container);
                }
            }
        }
        for (key, leads) in groups {
            if matches!(key, Key::Address(host, _) if is_inside(host)) {
                let of = |lead: &Lead<'_>| (lead.connection.database_kind, lead.stray());
                strays.nowhere.extend(leads.iter().filter(|lead| !lead.connection.administrative).map(of));
            }
        }
        strays
    }

    fn add(&mut self, deployment: &Deployment, workload: &Workload, container: &Container) {
        let leads = || {
            let connections = container.connections.iter();
            connections.map(|connection| Lead { workload, container, connection })
        };
        let astray = leads().filter(|lead| leads::is_astray(deployment, lead));
        self.anywhere.extend(astray.map(|lead| (lead.connection.database_kind, lead.stray())));
        let role = connections::role(container);
        if matches!(role, Some(ImageRole::Server | ImageRole::Pooler)) {
            return;
        }
        let mut known = leads().any(|lead| !lead.connection.administrative);
        for variable in container.environment.values() {
            let names_host =
                names::meaning(&variable.name).is_some_and(|meaning| meaning.role == VariableMeaning::Host);
            let Some(value) = variable.known().filter(|_| names_host) else { continue };
            known = true;
            let host = value.rsplit_once(':').map_or(value, |(host, _)| host);
            let same = |other: &str| other.eq_ignore_ascii_case(host);
            // The connection that the host belongs to is known.
            if !leads().any(|lead| lead.connection.address.host.as_deref().is_some_and(same)) {
                let stray = Stray { variable: Some(variable.name.clone()), ..Stray::of(workload) };
                self.naming.push((host.to_owned(), stray));
            }
        }
        if known || is_server(workload) || !may_be_application(container) {
            return;
        }
        let stray = Stray { reason: container.open_environment.clone(), ..Stray::of(workload) };
        let list = if stray.reason.is_some() { &mut self.anywhere } else { &mut self.nowhere };
        list.push((Database::Unknown, stray));
    }

    /// Those that may lead to a server of `engine`. One that is itself known by a secret only is none that others could
    /// mean.
    #[must_use]
    pub fn to(&self, key: &Key, engine: &str, workload: Option<&Workload>, used: bool) -> Vec<Stray> {
        if matches!(key, Key::Reference(_)) {
            return Vec::new();
        }
        let unknown = Database::Unknown.name();
        let may = |kind: &Database| *kind == Database::Unknown || engine == unknown || kind.name() == engine;
        let nowhere = self.nowhere.iter().filter(|_| workload.is_some() && !used);
        let of_engine = self.anywhere.iter().chain(nowhere).filter(|(kind, _)| may(kind));
        let reaches = |host: &str| {
            workload.is_some_and(|workload| {
                workload.endpoints.iter().any(|endpoint| endpoint.host.eq_ignore_ascii_case(host))
            })
        };
        let naming = self.naming.iter().filter(|(host, _)| reaches(host)).map(|(_, stray)| stray);
        let mut all: Vec<Stray> = Vec::new();
        for stray in naming.chain(of_engine.map(|(_, stray)| stray)) {
            let told = |other: &Stray| {
                other == stray || other.workload == stray.workload && stray.variable.is_none()
            };
            if !all.iter().any(told) {
                all.push(stray.clone());
            }
        }
        all
    }
}

/// A name that only the deployment itself could have.
fn is_inside(host: &str) -> bool {
    !targets::is_public(host) && !targets::is_local(host) && host.parse::<IpAddr>().is_err()
}

/// Whether a container may run a program that connects to a database, settings or not.
fn may_be_application(container: &Container) -> bool {
    let image = container.image.as_ref().and_then(|image| image.known());
    container.build.is_some() || image.is_none_or(|image| !catalog().is_bystander(image))
}

/// Whether a workload runs a database server or a pooler; what runs beside that in its pod watches it.
fn is_server(workload: &Workload) -> bool {
    let role =
        |container| matches!(connections::role(container), Some(ImageRole::Server | ImageRole::Pooler));
    workload.operated.is_some() || workload.containers.iter().any(role)
}
