//! What parsers and the resolver discovered by themselves, as subjects of the pages of their names.

use super::facts::docs::{any, text};
use std::collections::HashMap;

use super::facts::{DefectParts, Fact, FactDoc, FactValue, Subject, around, client};
use super::page::SubjectKind;
use crate::model::{Connection, Defect, DefectFact, Model, Workload};

/// Documentation of a defect's facts.
pub(super) const DOCS: &[FactDoc] = &[
    text("defect.kind", "which of the situations that the rule's page tells apart was found"),
    text("defect.variable", "name of the variable it concerns"),
    any("defect.*", "what else was found out, described on the rule's page"),
];

/// The defects of a model, in its order.
pub(super) fn subjects(model: &Model) -> impl Iterator<Item = Subject> + '_ {
    let mut workloads: Workloads<'_> = HashMap::new();
    for (index, deployment) in model.deployments.iter().enumerate() {
        for workload in &deployment.workloads {
            workloads.entry((index, &workload.name)).or_default().push(workload);
        }
    }
    model.defects.iter().map(move |defect| subject(model, &workloads, defect))
}

/// Workloads by deployment and name.
type Workloads<'a> = HashMap<(usize, &'a str), Vec<&'a Workload>>;

fn subject(model: &Model, workloads: &Workloads<'_>, defect: &Defect) -> Subject {
    let identity = defect.variable.clone().unwrap_or_default();
    // Pages of defects are chosen by name: the kind plays no part.
    let mut subject = Subject::new(SubjectKind::Project, identity, Some(defect.place));
    let named = defect.deployment.zip(defect.workload.as_deref()).and_then(|name| workloads.get(&name));
    let named = named.map(Vec::as_slice).unwrap_or_default();
    if let Some(deployment) = defect.deployment.and_then(|index| model.deployments.get(index)) {
        subject.facts = around(deployment, named.first().copied());
    }
    if let Some(connection) = connection(named, defect) {
        subject.facts.extend(client::facts(connection));
    }
    for (name, value) in &defect.facts {
        let value = match value {
            DefectFact::Text(text) => FactValue::Text(text.clone()),
            DefectFact::Number(number) => FactValue::Number(*number),
            DefectFact::Bool(flag) => FactValue::Flag(*flag),
        };
        subject.facts.set(format!("defect.{name}"), Fact::new(value).at(defect.place));
    }
    subject.facts.set("defect.kind", Fact::new(defect.kind).at(defect.place));
    if let Some(variable) = &defect.variable {
        subject.facts.say("defect.variable", variable.as_str());
    }
    subject.deployment = defect.deployment;
    subject.workload = defect.workload.clone();
    subject.defect =
        Some(DefectParts { rule: defect.rule, labels: defect.labels.clone(), fix: defect.fix.clone() });
    subject
}

/// The connection that a defect of one of these workloads is about.
fn connection<'a>(workloads: &[&'a Workload], defect: &Defect) -> Option<&'a Connection> {
    let variable = defect.variable.as_deref()?;
    let mut all = workloads
        .iter()
        .flat_map(|workload| &workload.containers)
        .flat_map(|container| &container.connections);
    all.find(|connection| connection.variable == variable)
}
