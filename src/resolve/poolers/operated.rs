//! Poolers that an operator runs.

use super::Setup;
use super::settings::{Entry, Settings};
use crate::model::{Operated, Workload};

/// The pooler that a workload is, when an operator runs it.
#[must_use]
pub fn setup(index: usize, workload: &Workload) -> Option<Setup> {
    let Some(Operated::Pooler(pooler)) = &workload.operated else { return None };
    let entries = |named: &[(String, _)]| {
        let entries = named.iter().map(|(name, options): &(String, std::collections::BTreeMap<_, _>)| {
            Entry { name: name.clone(), options: options.clone(), place: workload.place }
        });
        entries.collect()
    };
    Some(Setup {
        name: workload.name.clone(),
        kind: pooler.kind.clone(),
        engine: Some("postgresql"),
        workload: Some(index),
        container: None,
        provider: None,
        port: Some(pooler.port),
        version: None,
        settings: Settings {
            main: pooler.settings.clone(),
            databases: entries(&pooler.databases),
            users: entries(&pooler.users),
            open: pooler.open,
        },
        ini: None,
        place: workload.place,
    })
}
