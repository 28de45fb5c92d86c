//! Station four: from all declarations to the model. Variables and references first, then connection
//! strings, then clients and pools, then who connects to whom, then totals.

mod advice;
mod applications;
mod broken;
mod clients;
mod committed;
pub mod compose;
mod conflicts;
mod connections;
mod declared;
mod demand;
mod drift;
mod env_files;
mod environment;
mod flaws;
mod home;
mod ignored;
pub mod interpolate;
pub mod kube;
mod leads;
mod limits;
mod lone;
mod migrations;
pub mod names;
mod platforms;
mod poolers;
mod pools;
mod processes;
mod rejected;
mod remedies;
mod replicas;
mod secrets;
mod servers;
mod shared;
mod sides;
pub mod sizing;
mod strays;
mod targets;
mod topology;
mod undefined;
mod unmatched;

use rayon::prelude::*;

pub use demand::{count, portion};
pub use limits::reserved;
pub use remedies::{PoolRoom, pool_room};
pub use targets::{Target, is_local, is_public, serves, target};
pub use unmatched::{Unmatched, unmatched};

use std::collections::BTreeSet;

use self::broken::Broken;
use crate::config::Config;
use crate::model::{Connection, Container, Defect, Deployment, EnvUse, Environment, Model, Role, Workload};
use crate::readers::Declarations;
use crate::span::{FileId, Place};
use crate::tree::Files;

/// Everything the resolver may look at. It reads no file by itself.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Texts and paths.
    pub files: &'a Files,
    /// What they declare.
    pub declarations: &'a Declarations,
    /// What the owner declares.
    pub config: &'a Config,
}

/// What the first half of the resolver makes of one set of files: the deployment with its workloads,
/// instances and environments, but without connections, pools, servers and sums; `connections`,
/// `servers` and `poolers` are empty.
#[derive(Debug)]
pub struct Draft {
    /// The deployment.
    pub deployment: Deployment,
    /// What was found wrong on the way; their `deployment` is filled in later.
    pub defects: Vec<Defect>,
    /// Places that are credentials by their position (a Secret's data, a password variable).
    pub secrets: Vec<Place>,
    /// Env files that were read, and by whom.
    pub env_uses: Vec<EnvUse>,
}

/// Resolves everything. Deterministic: deployments are sorted by name, everything in them by the order of the
/// files.
#[must_use]
pub fn resolve(context: &Context<'_>) -> Model {
    let mut drafts = compose::deployments(context);
    drafts.extend(kube::deployments(context));
    drafts.extend(platforms::deployments(context));
    let read = applications::apply(context, &mut drafts);
    let lone = lone::deployments(context, &drafts);
    drafts.extend(lone);
    drafts.extend(applications::lone(context, &read));
    drafts.sort_by(|one, two| one.deployment.name.cmp(&two.deployment.name));
    let mut model = Model { secrets: poolers::secrets(context), ..Model::default() };
    let mut reached = BTreeSet::new();
    model.secrets.extend(platforms::prisma_config::secrets(context));
    for draft in drafts {
        reached.extend(finish(context, draft, &mut model));
    }
    model.defects.extend(poolers::of_lone(context, &reached));
    let further = env_files::evidence::further(context, &model);
    model.env_uses.extend(further);
    model.shared_servers = shared::servers(context, &model);
    let mut defects = env_files::of_model(context, &model);
    model.defects.append(&mut defects);
    let mut defects = topology::machine::of_model(context, &model);
    defects.extend(drift::of_model(context, &model));
    defects.extend(undefined::of_model(context, &model));
    defects.extend(rejected::of_model(context, &model));
    defects.extend(advice::of_model(context, &model));
    model.defects.append(&mut defects);
    model.secrets.extend(applications::secrets(context));
    model.secrets.sort_unstable();
    model.secrets.dedup();
    model
}

/// The second half: what the first half left open, deployment by deployment. Returns the files of its poolers.
fn finish(context: &Context<'_>, draft: Draft, model: &mut Model) -> Vec<FileId> {
    let Draft { mut deployment, mut defects, secrets, env_uses } = draft;
    for gap in &mut deployment.partial {
        *gap = crate::mask::line(gap);
    }
    deployment.environment = environment::environment(context, &deployment);
    deployment.scope = environment::scope(context, &deployment);
    apply_declarations(context, &mut deployment);
    connect(context, &mut deployment);
    servers::forget_unused(&mut deployment);
    deployment.remember_hosts();
    let setups = servers::attach(context, &mut deployment);
    let broken = Broken::among(&defects);
    // Two halves of about the same work.
    let (first, (second, found)) = rayon::join(
        || {
            let mut found = of_connections(&deployment, &broken);
            found.extend(topology::defects(&deployment, &broken));
            found.extend(conflicts::defects(context.files, &deployment, &broken));
            found.extend(ignored::defects(context.files, &deployment));
            found
        },
        || {
            let mut found = committed::defects(context, &deployment);
            found.extend(migrations::defects(context, &deployment));
            found.extend(replicas::defects(&deployment));
            found.extend(advice::of_deployment(context, &deployment));
            found.extend(poolers::defects(context, &deployment, &setups));
            (found, secrets::of_deployment(&deployment))
        },
    );
    defects.extend(first);
    defects.extend(second);
    let index = model.deployments.len();
    for defect in &mut defects {
        defect.deployment = Some(index);
    }
    model.secrets.extend(secrets);
    model.secrets.extend(found);
    model.defects.append(&mut defects);
    model.env_uses.extend(env_uses);
    model.deployments.push(deployment);
    setups.iter().filter_map(poolers::Setup::file).collect()
}

/// What is wrong with the text of the connections.
fn of_connections(deployment: &Deployment, broken: &Broken) -> Vec<Defect> {
    let mut found = Vec::new();
    let example = deployment.environment.value == Some(Environment::Example);
    for (workload, container, connection) in deployment.connections() {
        let real = topology::has_servers_password(deployment, (workload, container, connection));
        for mut defect in flaws::of_connection(container, connection, real, broken) {
            if example && flaws::is_blank(connection, &defect) {
                continue;
            }
            defect.workload = Some(workload.name.clone());
            found.push(defect);
        }
    }
    found
}

/// What `[workloads.<name>]` says about instances and processes.
fn apply_declarations(context: &Context<'_>, deployment: &mut Deployment) {
    let name = deployment.name.clone();
    for workload in &mut deployment.workloads {
        let declared = declared::workload(context.config, &name, &workload.name);
        if let Some(declared) = &declared {
            declared::declare(&mut workload.instances, &declared.instances);
        }
        if let Some(over) = context.config.what_if.workloads.get(&workload.name) {
            declared::suppose(&mut workload.instances, &over.instances);
        }
        let others: Vec<bool> =
            workload.containers.iter().map(|container| is_beside(workload, container)).collect();
        for (container, other) in workload.containers.iter_mut().zip(others) {
            container.processes = declared
                .as_ref()
                .filter(|_| !other)
                .and_then(|declared| declared.processes.clone())
                .unwrap_or_else(|| processes::processes(context, &workload.name, container));
        }
    }
}

/// Whether a container runs a program whose pool is known for itself (a metrics exporter) beside the application: what
/// `[workloads.<name>]` says of processes and pools is about that one.
fn is_beside(workload: &Workload, container: &Container) -> bool {
    let known = |container: &Container| targets::image(container).is_some_and(|image| image.pool.is_some());
    known(container) && workload.containers.iter().any(|other| other.role == Role::Main && !known(other))
}

/// Finds the connections of every container.
fn connect(context: &Context<'_>, deployment: &mut Deployment) {
    let main = deployment.files.first().map(|file| context.files.path(*file).to_owned()).unwrap_or_default();
    let found: Vec<Vec<Vec<Connection>>> = deployment
        .workloads
        .par_iter()
        .map(|workload| {
            let path = workload.place.map_or(main.as_str(), |place| context.files.path(place.file));
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            let declared = declared::workload(context.config, &deployment.name, &workload.name);
            workload
                .containers
                .iter()
                .map(|container| {
                    let around = clients::Surroundings {
                        files: context.files,
                        declarations: context.declarations,
                        directory,
                        workload,
                        container,
                    };
                    let declared = declared.as_deref().filter(|_| !is_beside(workload, container));
                    connections::find(&around, context.config, declared)
                })
                .collect()
        })
        .collect();
    for (workload, found) in deployment.workloads.iter_mut().zip(found) {
        for (container, connections) in workload.containers.iter_mut().zip(found) {
            container.connections = connections;
        }
    }
    let own: Vec<Vec<Vec<bool>>> =
        deployment.workloads.iter().map(|workload| own_addresses(deployment, workload)).collect();
    for (workload, own) in deployment.workloads.iter_mut().zip(own) {
        for (container, own) in workload.containers.iter_mut().zip(own) {
            let mut own = own.into_iter();
            container.connections.retain(|_| !own.next().unwrap_or(false));
        }
    }
}

/// For every container, which of its connections lead to itself: what it serves under that name, whatever its image is
/// called, it is no client of.
fn own_addresses(deployment: &Deployment, workload: &Workload) -> Vec<Vec<bool>> {
    let main = workload.containers.iter().filter(|container| container.role != Role::Init).count();
    let own = |container: &Container, connection: &Connection| {
        let Some(host) = connection.address.host.as_deref().filter(|host| !is_local(host)) else {
            return false;
        };
        if !workload.endpoints.iter().any(|known| known.host.eq_ignore_ascii_case(host)) {
            return false;
        }
        let Target::Workload(meant, mapped) = target(deployment, workload, &connection.address) else {
            return false;
        };
        if !std::ptr::eq(meant, workload) {
            return false;
        }
        let port = mapped.or(connection.address.port);
        let listens = container.ports.iter().any(|known| Some(known.container) == port);
        container.role != Role::Init && (main == 1 || listens)
    };
    workload
        .containers
        .iter()
        .map(|container| container.connections.iter().map(|connection| own(container, connection)).collect())
        .collect()
}
