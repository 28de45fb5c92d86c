//! Two settings of one thing that disagree.

use super::broken::Broken;
use super::names;
use crate::catalog::VariableMeaning;
use crate::model::{Connection, Container, Defect, Deployment, DeploymentKind, Setting, Source};
use crate::readers::directory;
use crate::span::{FileId, Place};
use crate::tree::{Files, Kind};

/// Pool variables beside URL parameters that say something else, and host variables beside a URL that leads
/// elsewhere.
#[must_use]
pub fn defects(files: &Files, deployment: &Deployment, broken: &Broken) -> Vec<Defect> {
    let mut found = Vec::new();
    let layers = Layers { files, deployment };
    for (workload, container, connection) in deployment.connections() {
        let mut own: Vec<Defect> = connection
            .pool
            .conflicts
            .iter()
            .filter_map(|(winner, loser)| pool(&layers, winner, loser))
            .collect();
        own.extend(address(&layers, container, connection, broken));
        for defect in &mut own {
            defect.workload = Some(workload.name.clone());
            defect.variable = Some(connection.variable.clone());
        }
        found.append(&mut own);
    }
    found
}

/// The layers of a Kustomize deployment.
struct Layers<'a> {
    files: &'a Files,
    deployment: &'a Deployment,
}

impl Layers<'_> {
    /// Whether the overlay itself says one thing and what it is laid over another: then the overlay is where a person
    /// changes something, and what stands below may be right for others.
    fn overrides(&self, winner: Option<Place>, loser: Place) -> Option<Place> {
        let winner = winner.filter(|_| self.deployment.kind == DeploymentKind::Kustomize)?;
        let overlay = self.deployment.files.first().copied();
        let above = self.layer(winner.file) == overlay && self.layer(loser.file) != overlay;
        (overlay.is_some() && above).then_some(winner)
    }

    /// The kustomization of the deployment in the nearest directory above a file.
    fn layer(&self, file: FileId) -> Option<FileId> {
        let path = self.files.path(file);
        let kustomizations = self
            .deployment
            .files
            .iter()
            .copied()
            .filter(|id| self.files.get(*id).is_some_and(|source| source.kind == Kind::Kustomization));
        let above = kustomizations.filter_map(|id| {
            let place = directory(self.files.path(id));
            let inside =
                place.is_empty() || path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
            inside.then_some((place.len(), id))
        });
        above.max_by_key(|(length, _)| *length).map(|(_, id)| id)
    }
}

fn pool(layers: &Layers<'_>, winner: &Setting, loser: &Setting) -> Option<Defect> {
    let lost = loser.place?;
    let overlay = layers.overrides(winner.place, lost);
    let kind = if overlay.is_some() { "pool-overlay" } else { "pool" };
    let defect = Defect::new("pool-setting-conflict", kind, overlay.unwrap_or(lost))
        .fact("loser_name", loser.name.as_str())
        .fact("winner_name", winner.name.as_str());
    let mut defect = defect;
    if let (Some(lost), Some(won)) = (loser.raw, winner.raw) {
        defect.facts.insert("loser", crate::model::DefectFact::Number(lost));
        defect.facts.insert("winner", crate::model::DefectFact::Number(won));
    }
    Some(match (overlay, winner.place) {
        (Some(_), _) => defect.label(lost, "what it is laid over says this"),
        (None, Some(place)) => defect.label(place, "the URL says this"),
        (None, None) => defect,
    })
}

/// `DB_HOST` beside a URL of the same group of names (`DB_URL`, or `DATABASE_URL` for the only group).
fn address(
    layers: &Layers<'_>,
    container: &Container,
    connection: &Connection,
    broken: &Broken,
) -> Option<Defect> {
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
    if broken.is_same((&said, other.place()), (host, connection.place()))
        || said.split(':').next() == Some(host)
    {
        return None;
    }
    let lost = other.place()?;
    let overlay = layers.overrides(connection.place(), lost);
    let defect = Defect::new("pool-setting-conflict", "address", overlay.unwrap_or(lost))
        .fact("loser_name", other.name.as_str())
        .fact("loser", said)
        .fact("winner", host);
    Some(match (overlay, connection.place()) {
        (Some(_), _) => defect.label(lost, "what it is laid over says this"),
        (None, Some(place)) => defect.label(place, "the URL leads elsewhere"),
        (None, None) => defect,
    })
}

/// `DB` and `DATABASE` name the same thing.
fn is_same_thing(one: &str, two: &str) -> bool {
    let plain = |group: &str| matches!(group, "DB" | "DATABASE");
    plain(one) && plain(two)
}
