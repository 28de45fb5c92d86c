//! Two settings of one thing that disagree.

use super::names;
use crate::catalog::VariableMeaning;
use crate::model::{Connection, Container, Defect, Deployment, Setting, Source};

/// Pool variables beside URL parameters that say something else, and host variables beside a URL that leads
/// elsewhere.
#[must_use]
pub fn defects(deployment: &Deployment) -> Vec<Defect> {
    let mut found = Vec::new();
    for (workload, container, connection) in deployment.connections() {
        let mut own: Vec<Defect> =
            connection.pool.conflicts.iter().filter_map(|(winner, loser)| pool(winner, loser)).collect();
        own.extend(address(container, connection));
        for defect in &mut own {
            defect.workload = Some(workload.name.clone());
            defect.variable = Some(connection.variable.clone());
        }
        found.append(&mut own);
    }
    found
}

fn pool(winner: &Setting, loser: &Setting) -> Option<Defect> {
    let defect = Defect::new("pool-setting-conflict", "pool", loser.place?)
        .fact("loser_name", loser.name.as_str())
        .fact("winner_name", winner.name.as_str());
    let mut defect = defect;
    if let (Some(lost), Some(won)) = (loser.raw, winner.raw) {
        defect.facts.insert("loser", crate::model::DefectFact::Number(lost));
        defect.facts.insert("winner", crate::model::DefectFact::Number(won));
    }
    Some(match winner.place {
        Some(place) => defect.label(place, "the URL says this"),
        None => defect,
    })
}

/// `DB_HOST` beside a URL of the same group of names (`DB_URL`, or `DATABASE_URL` for the only group).
fn address(container: &Container, connection: &Connection) -> Option<Defect> {
    let Source::Url { .. } = connection.source else { return None };
    if connection.administrative {
        return None;
    }
    let host = connection.address.host.as_deref()?;
    let group = names::meaning(&connection.variable)?.group;
    let mut beside = container.environment.values().filter(|variable| {
        names::meaning(&variable.name).is_some_and(|meaning| {
            meaning.role == VariableMeaning::Host
                && (meaning.group == group || is_same_thing(&meaning.group, &group))
        })
    });
    let other = beside.next().filter(|_| beside.next().is_none())?;
    let said = other.known().filter(|said| !said.is_empty())?.to_ascii_lowercase();
    if said == host || said.split(':').next() == Some(host) {
        return None;
    }
    let defect = Defect::new("pool-setting-conflict", "address", other.place()?)
        .fact("loser_name", other.name.as_str())
        .fact("loser", said)
        .fact("winner", host);
    Some(match connection.place() {
        Some(place) => defect.label(place, "the URL leads elsewhere"),
        None => defect,
    })
}

/// `DB` and `DATABASE` name the same thing.
fn is_same_thing(one: &str, two: &str) -> bool {
    let plain = |group: &str| matches!(group, "DB" | "DATABASE");
    plain(one) && plain(two)
}
