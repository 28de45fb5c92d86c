//! Variables that look like a limit or a setting of a pooler and that the image does not read.

use super::limits::Runs;
use super::targets;
use crate::catalog::{Image, ImageRole, catalog};
use crate::model::{Container, Defect, Deployment, Workload};
use crate::tree::Files;

/// What the containers of servers and poolers are told in vain.
#[must_use]
pub fn defects(files: &Files, deployment: &Deployment) -> Vec<Defect> {
    let mut found = Vec::new();
    for workload in &deployment.workloads {
        // What is built here may read what its base does not.
        let served = targets::serves(workload).filter(|(container, _)| container.base.is_none());
        let Some((container, image)) = served else { continue };
        let mut defects = match image.role {
            ImageRole::Server => server(files, deployment, workload, container, image),
            ImageRole::Pooler => pooler(deployment, &workload.name, container, image),
            ImageRole::Tool | ImageRole::Application => Vec::new(),
        };
        for defect in &mut defects {
            defect.workload = Some(workload.name.clone());
            defect.facts.insert("image", image.image.as_str().into());
        }
        found.append(&mut defects);
    }
    found
}

fn server(
    files: &Files,
    deployment: &Deployment,
    workload: &Workload,
    container: &Container,
    image: &Image,
) -> Vec<Defect> {
    let Some(engine) = image.engine.as_deref().and_then(|engine| catalog().engine(engine)) else {
        return Vec::new();
    };
    let limit = deployment
        .servers
        .iter()
        .find(|server| server.workload.as_deref() == Some(&workload.name))
        .and_then(|server| server.max_connections.value);
    let runs = Runs { workload, container, image, engine };
    let unread = || {
        let (path, wanted) = runs.unread_file(files)?;
        let (limit, wanted, place) = (limit?, wanted.value?, wanted.place?);
        let defect = Defect::new(RULE, "file", place).of("max_connections").fact("path", path);
        let defect = defect.fact("limit", usize::try_from(limit).ok()?);
        (limit != wanted).then_some(defect.fact("wanted", usize::try_from(wanted).ok()?))
    };
    let file = unread();
    engine
        .lookalike_variables
        .iter()
        .filter(|name| {
            image.max_connections_variable.as_ref() != Some(*name)
                && !image.max_connections_aliases.contains(name)
        })
        .filter_map(|name| {
            let variable = container.environment.get(name)?;
            let wanted: u64 = variable.known()?.trim().parse().ok()?;
            // A command or a script may hand it on, and what already holds is told in vain but harms nobody.
            if container.shell || passes_on(container, name) || limit.is_none() || limit == Some(wanted) {
                return None;
            }
            let defect = Defect::new(RULE, "server", variable.place()?).of(name.clone());
            let defect = defect.fact("limit", usize::try_from(limit?).ok()?);
            Some(defect.fact("wanted", usize::try_from(wanted).ok()?))
        })
        .chain(file)
        .collect()
}

fn passes_on(container: &Container, name: &str) -> bool {
    container.command.iter().any(|word| !word.is_known() || word.as_str().contains(name))
}

const RULE: &str = "max-connections-variable-ignored";

/// The page about a setting that is no limit.
const MODE_RULE: &str = "pooler-invalid-setting";

/// The setting that decides when a server connection returns to the pool.
const MODE: &str = "pool_mode";

/// Settings of a pooler that decide how many connections there are.
const LIMITS: [&str; 6] = [
    "max_client_conn",
    "default_pool_size",
    "min_pool_size",
    "reserve_pool_size",
    "max_db_connections",
    "max_user_connections",
];

/// The prefix of another image's variables.
const PREFIX: &str = "PGBOUNCER_";

fn pooler(deployment: &Deployment, workload: &str, container: &Container, image: &Image) -> Vec<Defect> {
    let Some(prefix) = image.settings_prefix.as_deref() else { return Vec::new() };
    let other = if prefix.is_empty() { PREFIX } else { "" };
    if container.shell || !container.command.is_empty() || image.pooler.as_deref() != Some("pgbouncer") {
        return Vec::new();
    }
    let found = |rule, kind, setting: &str| {
        let setting = setting.to_ascii_uppercase();
        let (written, read) = (format!("{other}{setting}"), format!("{prefix}{setting}"));
        let variable = container.environment.get(&written)?;
        if container.environment.contains_key(&read) {
            return None;
        }
        let defect = Defect::new(rule, kind, variable.place()?).of(written).fact("read", read);
        Some((defect, variable))
    };
    let mut defects: Vec<Defect> = LIMITS
        .iter()
        .filter_map(|setting| found(RULE, "pooler", setting))
        .map(|(defect, _)| defect)
        .collect();
    let holds = deployment
        .poolers
        .iter()
        .find(|pooler| pooler.workload.as_deref() == Some(workload))
        .and_then(|pooler| pooler.mode.value);
    if let Some((mut defect, variable)) = found(MODE_RULE, "variable", MODE) {
        if let Some(mode) = holds {
            defect.facts.insert("mode", mode.name().into());
        }
        // What holds anyhow is told in vain, but harms nobody.
        if holds.is_none_or(|mode| variable.known().map(str::trim) != Some(mode.name())) {
            defects.push(defect);
        }
    }
    defects
}
