//! Station four: from all declarations to the model. Variables and references first, then connection
//! strings, then clients and pools, then who connects to whom, then totals.

mod clients;
pub mod compose;
mod conflicts;
mod connections;
mod demand;
mod env_files;
mod environment;
mod flaws;
mod ignored;
pub mod interpolate;
pub mod kube;
mod leads;
mod limits;
mod lone;
pub mod names;
mod poolers;
mod pools;
mod processes;
mod remedies;
mod secrets;
mod servers;
mod shared;
mod sides;
mod targets;
mod topology;

pub use demand::count;
pub use targets::{Target, is_local, is_public, serves, target};

use crate::config::{Config, WorkloadConfig};
use crate::model::{Defect, Deployment, EnvUse, Factor, Instances, Model};
use crate::readers::Declarations;
use crate::span::Place;
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
    let lone = lone::deployments(context, &drafts);
    drafts.extend(lone);
    drafts.sort_by(|one, two| one.deployment.name.cmp(&two.deployment.name));
    let mut model = Model { secrets: poolers::secrets(context), ..Model::default() };
    for draft in drafts {
        finish(context, draft, &mut model);
    }
    model.shared_servers = shared::servers(context, &model);
    let mut defects = env_files::of_model(context, &model);
    model.defects.append(&mut defects);
    model.secrets.sort_unstable();
    model.secrets.dedup();
    model
}

/// The second half: what the first half left open, deployment by deployment.
fn finish(context: &Context<'_>, draft: Draft, model: &mut Model) {
    let Draft { mut deployment, mut defects, secrets, env_uses } = draft;
    deployment.environment = environment::environment(context, &deployment);
    deployment.scope = environment::scope(context, &deployment);
    apply_declarations(context, &mut deployment);
    connect(context, &mut deployment);
    let setups = servers::attach(context, &mut deployment);
    for (workload, container, connection) in deployment.connections() {
        for mut defect in flaws::of_connection(container, connection) {
            defect.workload = Some(workload.name.clone());
            defects.push(defect);
        }
    }
    defects.extend(topology::defects(&deployment));
    defects.extend(conflicts::defects(&deployment));
    defects.extend(ignored::defects(&deployment));
    defects.extend(poolers::defects(context, &deployment, &setups));
    let index = model.deployments.len();
    for defect in &mut defects {
        defect.deployment = Some(index);
    }
    model.secrets.extend(secrets);
    model.secrets.extend(secrets::of_deployment(&deployment));
    model.defects.append(&mut defects);
    model.env_uses.extend(env_uses);
    model.deployments.push(deployment);
}

/// What `[workloads.<name>]` says about instances and processes.
fn apply_declarations(context: &Context<'_>, deployment: &mut Deployment) {
    let name = deployment.name.clone();
    for workload in &mut deployment.workloads {
        let declared = declared_workload(context.config, &name, &workload.name);
        if let Some(declared) = declared {
            declare_instances(&mut workload.instances, &declared.instances);
        }
        for container in &mut workload.containers {
            container.processes = declared
                .and_then(|declared| declared.processes.clone())
                .unwrap_or_else(|| processes::processes(context, container));
        }
    }
}

/// Declared instances replace what was read; what is left out follows from what is declared.
fn declare_instances(instances: &mut Instances, declared: &crate::config::InstancesConfig) {
    let crate::config::InstancesConfig { min, max, rollout } = declared;
    let (Some(first), surge) = (min.as_ref().or(max.as_ref()).or(rollout.as_ref()), surge(instances)) else {
        return;
    };
    let min = min.clone().unwrap_or_else(|| first.clone());
    let max = max.clone().unwrap_or_else(|| min.clone());
    let rollout = rollout.clone().unwrap_or_else(|| {
        let mut value = max.clone();
        value.value = value.value.map(|value| value.saturating_add(surge));
        value
    });
    instances.factors = vec![Factor::count("instances", &max)];
    *instances = Instances { min, max, rollout, factors: std::mem::take(&mut instances.factors) };
}

/// What a rollout adds at present.
fn surge(instances: &Instances) -> u64 {
    let rollout = instances.rollout.value.unwrap_or(0);
    rollout.saturating_sub(instances.max.value.unwrap_or(rollout))
}

/// The `[workloads]` entry for a workload of a deployment.
fn declared_workload<'a>(config: &'a Config, deployment: &str, workload: &str) -> Option<&'a WorkloadConfig> {
    let entry = config.workloads.get(workload)?;
    let meant = entry.deployment.as_deref().is_none_or(|glob| {
        globset::Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(deployment))
    });
    meant.then_some(entry)
}

/// Finds the connections of every container.
fn connect(context: &Context<'_>, deployment: &mut Deployment) {
    let main = deployment.files.first().map(|file| context.files.path(*file).to_owned()).unwrap_or_default();
    let found: Vec<Vec<Vec<crate::model::Connection>>> = deployment
        .workloads
        .iter()
        .map(|workload| {
            let path = workload.place.map_or(main.as_str(), |place| context.files.path(place.file));
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            let declared = declared_workload(context.config, &deployment.name, &workload.name);
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
}
