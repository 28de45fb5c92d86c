//! Variables that look like a limit and that the image does not read.

use super::targets;
use crate::catalog::{Image, ImageRole, catalog};
use crate::model::{Container, Defect, Deployment};

/// What the containers of servers and poolers are told in vain.
#[must_use]
pub fn defects(deployment: &Deployment) -> Vec<Defect> {
    let mut found = Vec::new();
    for workload in &deployment.workloads {
        // What is built here may read what its base does not.
        let served = targets::serves(workload).filter(|(container, _)| container.base.is_none());
        let Some((container, image)) = served else { continue };
        let mut defects = match image.role {
            ImageRole::Server => server(deployment, &workload.name, container, image),
            ImageRole::Pooler => pooler(container, image),
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

fn server(deployment: &Deployment, workload: &str, container: &Container, image: &Image) -> Vec<Defect> {
    let Some(engine) = image.engine.as_deref().and_then(|engine| catalog().engine(engine)) else {
        return Vec::new();
    };
    let limit = deployment
        .servers
        .iter()
        .find(|server| server.workload.as_deref() == Some(workload))
        .and_then(|server| server.max_connections.value);
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
            let mut defect = Defect::new(RULE, "server", variable.place()?).of(name.clone());
            defect = defect.fact("limit", usize::try_from(limit?).ok()?);
            Some(defect.fact("wanted", usize::try_from(wanted).ok()?))
        })
        .collect()
}

fn passes_on(container: &Container, name: &str) -> bool {
    container.command.iter().any(|word| !word.is_known() || word.as_str().contains(name))
}

const RULE: &str = "max-connections-variable-ignored";

/// Settings of a pooler that decide how many connections there are.
const LIMITS: [&str; 7] = [
    "pool_mode",
    "max_client_conn",
    "default_pool_size",
    "min_pool_size",
    "reserve_pool_size",
    "max_db_connections",
    "max_user_connections",
];

/// The prefix of another image's variables.
const PREFIX: &str = "PGBOUNCER_";

fn pooler(container: &Container, image: &Image) -> Vec<Defect> {
    let Some(prefix) = image.settings_prefix.as_deref() else { return Vec::new() };
    let other = if prefix.is_empty() { PREFIX } else { "" };
    if container.shell || !container.command.is_empty() || image.pooler.as_deref() != Some("pgbouncer") {
        return Vec::new();
    }
    LIMITS
        .iter()
        .filter_map(|setting| {
            let setting = setting.to_ascii_uppercase();
            let (written, read) = (format!("{other}{setting}"), format!("{prefix}{setting}"));
            let variable = container.environment.get(&written)?;
            if container.environment.contains_key(&read) {
                return None;
            }
            Some(Defect::new(RULE, "pooler", variable.place()?).of(written).fact("read", read))
        })
        .collect()
}
