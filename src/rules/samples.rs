//! A page's expressions tried on facts of their documented kinds: what compares a number with a text, or is a number
//! where a condition stands, fails whatever the facts are.

use std::collections::BTreeMap;

use super::cel::{CelValue, EvalError, Expression, Runtime};
use super::check::Fault;
use super::facts::{FactKind, all_facts, insert};
use super::page::{EditSpec, Page};
use super::rulebook::default_params;
use super::template::Template;

/// What fails on sample facts. Expressions that do not compile are somebody else's.
pub(super) fn faults(page: &Page) -> Vec<Fault> {
    let mut tried = Tried { runtime: Runtime::default(), params: default_params(page), faults: Vec::new() };
    tried.condition(page.when.as_deref());
    for case in &page.cases {
        tried.condition(case.when.as_deref());
        tried.template(Some(&case.message));
        tried.template(case.help.as_deref());
        tried.value(case.measure.as_deref());
        case.labels.iter().for_each(|label| tried.template(label.message.as_deref()));
        let Some(fix) = &case.fix else { continue };
        tried.template(fix.title.as_deref());
        for edit in &fix.edits {
            match edit {
                EditSpec::Set { to, .. } => tried.value(Some(to)),
                EditSpec::Append { text, .. } => tried.template(Some(text)),
                EditSpec::Remove { .. } => {}
            }
        }
    }
    tried.faults
}

struct Tried {
    runtime: Runtime,
    params: CelValue,
    faults: Vec<Fault>,
}

impl Tried {
    fn condition(&mut self, source: Option<&str>) {
        let Some(source) = source else { return };
        let Ok(expression) = Expression::compile(source) else { return };
        let other = |value: &CelValue| !matches!(value, CelValue::Bool(_));
        if self.values(&expression, source).iter().any(other) {
            self.push("is a condition, and neither true nor false", source);
        }
    }

    fn value(&mut self, source: Option<&str>) {
        let Some(source) = source else { return };
        if let Ok(expression) = Expression::compile(source) {
            self.values(&expression, source);
        }
    }

    fn template(&mut self, text: Option<&str>) {
        let Some(Ok(template)) = text.map(Template::compile) else { return };
        for expression in template.expressions() {
            let at = expression.references().first().map_or("", String::as_str);
            self.values(expression, at);
        }
    }

    /// The values among sample facts, with all evidence there and with none.
    fn values(&mut self, expression: &Expression, source: &str) -> Vec<CelValue> {
        let mut values = Vec::new();
        for evidence in [true, false] {
            let Some(facts) = samples(expression.references(), evidence, &self.params) else { continue };
            match expression.evaluate(&self.runtime.scope(&facts)) {
                Ok(value) => values.push(value),
                Err(EvalError::Absent) => {}
                Err(EvalError::Broken(reason)) => {
                    self.push(&format!("can never work: {reason}"), source);
                    break;
                }
            }
        }
        values
    }

    fn push(&mut self, what: &str, source: &str) {
        let message = format!("`{source}` {what}");
        self.faults.push(Fault { message, text: source.to_owned() });
    }
}

/// A value of its kind for each path; nothing where one may be of any kind, or is a thing with facts of its own.
fn samples(paths: &[String], evidence: bool, params: &CelValue) -> Option<BTreeMap<String, CelValue>> {
    let mut facts = BTreeMap::from([("params".to_owned(), params.clone())]);
    for path in paths.iter().filter(|path| !path.starts_with("params.")) {
        let kind = all_facts().find(|fact| fact.path == path)?.kind;
        let value = match kind {
            FactKind::Number => CelValue::Number(1.0),
            // May be taken for a number, as a port.
            FactKind::Text => CelValue::Text("1".to_owned()),
            FactKind::Flag => CelValue::Bool(evidence),
            FactKind::List => CelValue::List(vec![CelValue::Text("1".to_owned())]),
            FactKind::Records | FactKind::Any => return None,
        };
        insert(&mut facts, path, value);
    }
    Some(facts)
}
