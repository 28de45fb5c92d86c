//! What parsers and the resolver discovered by themselves, as subjects of the pages of their names.

use super::facts::{DefectParts, Fact, FactDoc, FactKind, FactValue, Subject, client, common};
use super::page::SubjectKind;
use crate::model::{Connection, Defect, DefectFact, Model};

/// Documentation of a defect's facts.
pub(super) const DOCS: &[FactDoc] = &[
    FactDoc {
        path: "defect.kind",
        kind: FactKind::Text,
        unit: "",
        doc: "which of the situations that the rule's page tells apart was found",
        subjects: &[],
    },
    FactDoc {
        path: "defect.variable",
        kind: FactKind::Text,
        unit: "",
        doc: "name of the variable it concerns",
        subjects: &[],
    },
    FactDoc {
        path: "defect.*",
        kind: FactKind::Any,
        unit: "",
        doc: "what else was found out, described on the rule's page",
        subjects: &[],
    },
];

/// The defects of a model, in its order.
pub(super) fn subjects(model: &Model) -> impl Iterator<Item = Subject> + '_ {
    model.defects.iter().map(|defect| subject(model, defect))
}

fn subject(model: &Model, defect: &Defect) -> Subject {
    let identity = defect.variable.clone().unwrap_or_default();
    // Pages of defects are chosen by name: the kind plays no part.
    let mut subject = Subject::new(SubjectKind::Project, identity, Some(defect.place));
    subject.facts = common(model, defect.deployment, defect.workload.as_deref());
    if let Some(connection) = connection(model, defect) {
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

/// The connection that a defect is about.
fn connection<'a>(model: &'a Model, defect: &Defect) -> Option<&'a Connection> {
    let deployment = model.deployments.get(defect.deployment?)?;
    let (name, variable) = (defect.workload.as_deref()?, defect.variable.as_deref()?);
    let mut all = deployment.connections().filter(|(workload, _, _)| workload.name == name);
    all.find(|(_, _, connection)| connection.variable == variable).map(|(_, _, connection)| connection)
}
