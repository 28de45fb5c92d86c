//! Lone env files: those that no deployment reads through `env_file`, a generator or a mount, and a `.env` that
//! serves interpolation only. Each is a deployment of its own with one imaginary workload.

use std::collections::{BTreeMap, BTreeSet};

use super::env_files::{dialect, evidence};
use super::interpolate::{self, Found, Lookup};
use super::{Context, Draft, demand};
use crate::model::{
    Container, Deployment, DeploymentKind, EnvReader, Environment, Hosts, Instances, Located, Network, Role,
    Scope, Value, Variable, Workload, WorkloadClass,
};
use crate::span::{FileId, Place};
use crate::syntax::dotenv::Dialect;

/// One draft for each env file that stands alone.
#[must_use]
pub fn deployments(context: &Context<'_>, drafts: &[Draft]) -> Vec<Draft> {
    let read: BTreeSet<FileId> = drafts
        .iter()
        .flat_map(|draft| &draft.env_uses)
        .filter(|env_use| env_use.reader != EnvReader::ComposeProject)
        .map(|env_use| env_use.file)
        .collect();
    context
        .declarations
        .env_files
        .iter()
        .filter(|file| !read.contains(file))
        .map(|file| draft(context, *file))
        .collect()
}

/// Nothing outside the file is known to a lone env file's reader.
struct Nothing;

impl Lookup for Nothing {
    fn get(&self, _name: &str) -> Found {
        Found::Unset
    }
}

fn draft(context: &Context<'_>, file: FileId) -> Draft {
    let path = context.files.path(file).to_owned();
    let readers = evidence::readers(context, file);
    let dialect = readers.first().map_or(Dialect::Compose, |env_use| match env_use.reader {
        EnvReader::PhpDotenv => Dialect::Compose,
        // What it would fill in from outside stays a reference, and thereby unknown.
        EnvReader::DotenvExpand => Dialect::NodeDotenv,
        reader => dialect(reader),
    });
    let environment = variables(context, file, dialect);
    let kind = DeploymentKind::EnvFile;
    Draft { env_uses: readers, ..imaginary(path, (kind, "EnvFile"), file, environment) }
}

/// A deployment of one imaginary workload, which receives the variables.
#[must_use]
pub fn imaginary(
    name: String,
    (kind, workload_kind): (DeploymentKind, &str),
    file: FileId,
    environment: BTreeMap<String, Variable>,
) -> Draft {
    let workload = Workload {
        name: name.clone(),
        kind: workload_kind.to_owned(),
        namespace: None,
        place: None,
        class: WorkloadClass::Imaginary,
        instances: Instances {
            min: Located::unknown(),
            max: Located::unknown(),
            rollout: Located::unknown(),
            factors: Vec::new(),
            surge_percent: None,
        },
        containers: vec![Container {
            name: name.clone(),
            image: None,
            role: Role::Main,
            environment,
            open_environment: None,
            command: Vec::new(),
            shell: false,
            build: None,
            dockerfile: None,
            base: None,
            mounts: Vec::new(),
            ports: Vec::new(),
            connections: Vec::new(),
            processes: demand::single_process(),
        }],
        endpoints: Vec::new(),
        network: Network::Unknown,
        profiles: Vec::new(),
        dormant: false,
        serving: crate::model::Serving::default(),
        suppressions: Vec::new(),
        operated: None,
    };
    Draft {
        deployment: Deployment {
            name,
            kind,
            environment: Located { value: Some(Environment::Unknown), ..Located::unknown() },
            scope: Scope::Full,
            files: vec![file],
            partial: Vec::new(),
            workloads: vec![workload],
            aliases: Vec::new(),
            hosts: Hosts::default(),
            servers: Vec::new(),
            poolers: Vec::new(),
        },
        defects: Vec::new(),
        secrets: Vec::new(),
        env_uses: Vec::new(),
    }
}

/// What the file defines, as its reader sees it. A reference to nothing in the file is unknown: the reader's own
/// environment may hold it.
fn variables(context: &Context<'_>, file: FileId, dialect: Dialect) -> BTreeMap<String, Variable> {
    let text = context.files.text(file);
    let map = interpolate::env_file(text, file, dialect, &Nothing);
    map.variables
        .into_iter()
        .filter_map(|(name, entry)| {
            let value = Value::Text(entry.text?);
            let name_place = Some(Place::new(file, entry.key));
            Some((name.clone(), Variable { name, name_place, value, reference: None, via: None }))
        })
        .collect()
}
