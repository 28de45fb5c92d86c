//! A rule that is on, ready to judge: its expressions are compiled when the first subject of its kind occurs,
//! its texts when it first speaks.

use std::cell::OnceCell;

use super::cel::{CelValue, CompileError, EvalError, Expression, Prepared, Scope};
use super::facts::Subject;
use super::fix::CompiledFix;
use super::page::{Case, LabelSpec, Page};
use super::template::Template;
use crate::model::{Environment, Fix, Label, PART, Severity};
use crate::span::Place;

/// An expression of a page that can never work. Tests require that there is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The page.
    pub rule: String,
    /// What is wrong.
    pub reason: String,
}

/// A rule that is on.
pub(super) struct Rule<'p> {
    pub page: &'p Page,
    /// The configuration's severity.
    level: Option<Severity>,
    /// As `params` in expressions.
    params: Prepared,
    conditions: OnceCell<Option<Conditions>>,
    texts: Vec<OnceCell<Option<Texts>>>,
}

struct Conditions {
    page: Option<Expression>,
    cases: Vec<Option<Expression>>,
}

struct Texts {
    message: Template,
    help: Option<Template>,
    labels: Vec<(String, Option<Template>)>,
    fix: Option<CompiledFix>,
}

/// What a rule says about one subject.
pub(super) struct Verdict {
    pub severity: Severity,
    pub message: String,
    pub help: Option<String>,
    pub place: Place,
    pub labels: Vec<Label>,
    pub fix: Option<Fix>,
}

impl<'p> Rule<'p> {
    pub fn new(page: &'p Page, level: Option<Severity>, params: &CelValue) -> Self {
        let texts = page.cases.iter().map(|_| OnceCell::new()).collect();
        Self { page, level, params: params.into(), conditions: OnceCell::new(), texts }
    }

    /// Judges a subject. `fallback` is the place of a finding that knows none.
    pub fn judge(
        &self,
        subject: &Subject,
        scope: &Scope<'_>,
        environment: Option<Environment>,
        fallback: Option<Place>,
        broken: &mut Vec<Broken>,
    ) -> Option<Verdict> {
        let conditions =
            self.conditions.get_or_init(|| self.noted(conditions(self.page), broken)).as_ref()?;
        let scope = scope.with("params", &self.params);
        if !self.holds(conditions.page.as_ref(), &scope, broken) {
            return None;
        }
        for ((case, condition), texts) in self.page.cases.iter().zip(&conditions.cases).zip(&self.texts) {
            if !self.holds(condition.as_ref(), &scope, broken) {
                continue;
            }
            let texts = texts.get_or_init(|| self.noted(Texts::of(case), broken)).as_ref();
            let Some(texts) = texts else { continue };
            let severity = self.level.unwrap_or_else(|| self.capped(case.severity, environment));
            match verdict(case, texts, severity, subject, &scope, fallback) {
                Ok(verdict) => return verdict,
                Err(error) => broken.push(self.broken(format!("a text of it has no value: {error}"))),
            }
        }
        None
    }

    fn capped(&self, severity: Severity, environment: Option<Environment>) -> Severity {
        let most = environment.and_then(|environment| self.page.max_severity_in.get(&environment));
        most.map_or(severity, |most| severity.min(*most))
    }

    fn holds(&self, condition: Option<&Expression>, scope: &Scope<'_>, broken: &mut Vec<Broken>) -> bool {
        match condition.map(|condition| condition.evaluate(scope)) {
            None | Some(Ok(CelValue::Bool(true))) => true,
            Some(Ok(CelValue::Bool(false)) | Err(EvalError::Absent)) => false,
            Some(Ok(_)) => {
                broken.push(self.broken("a condition of it is neither true nor false".to_owned()));
                false
            }
            Some(Err(EvalError::Broken(reason))) => {
                broken.push(self.broken(reason));
                false
            }
        }
    }

    fn noted<T>(&self, result: Result<T, CompileError>, broken: &mut Vec<Broken>) -> Option<T> {
        result.map_err(|error| broken.push(self.broken(error.to_string()))).ok()
    }

    fn broken(&self, reason: String) -> Broken {
        Broken { rule: self.page.name.clone(), reason }
    }
}

fn conditions(page: &Page) -> Result<Conditions, CompileError> {
    let compile = |source: &Option<String>| source.as_deref().map(Expression::compile).transpose();
    Ok(Conditions {
        page: compile(&page.when)?,
        cases: page.cases.iter().map(|case| compile(&case.when)).collect::<Result<_, _>>()?,
    })
}

impl Texts {
    fn of(case: &Case) -> Result<Self, CompileError> {
        let template = |text: &Option<String>| text.as_deref().map(Template::compile).transpose();
        let label = |label: &LabelSpec| Ok((label.at.clone(), template(&label.message)?));
        Ok(Self {
            message: Template::compile(&case.message)?,
            help: template(&case.help)?,
            labels: case.labels.iter().map(label).collect::<Result<_, CompileError>>()?,
            fix: case.fix.as_ref().map(CompiledFix::compile).transpose()?,
        })
    }
}

/// `Ok(None)` when nothing tells where the finding would stand.
fn verdict(
    case: &Case,
    texts: &Texts,
    severity: Severity,
    subject: &Subject,
    scope: &Scope<'_>,
    fallback: Option<Place>,
) -> Result<Option<Verdict>, EvalError> {
    let facts = &subject.facts;
    let fact = case.at.iter().filter_map(|path| facts.get(path)).find(|fact| fact.place.is_some());
    let Some(place) = fact.and_then(|fact| fact.place).or(subject.place).or(fallback) else {
        return Ok(None);
    };
    let mut labels = Vec::new();
    for (index, hop) in fact.map_or(&[][..], |fact| &fact.hops).iter().enumerate() {
        let message = if index == 0 { "used here" } else { "passed on here" };
        labels.push(Label { place: *hop, message: message.to_owned() });
    }
    for part in fact.map_or(&[][..], |fact| &fact.parts) {
        labels.push(Label { place: *part, message: PART.to_owned() });
    }
    for (path, message) in &texts.labels {
        let Some(fact) = facts.get(path) else { continue };
        match (message, fact.place) {
            (None, _) => labels.extend(fact.labels.iter().cloned()),
            (Some(message), Some(place)) => labels.push(Label { place, message: message.render(scope)? }),
            (Some(_), None) => {}
        }
    }
    let brought = subject.defect.as_ref();
    labels.extend(brought.map_or(&[][..], |defect| &defect.labels).iter().cloned());
    labels.retain(|label| label.place != place);
    let fix = match &texts.fix {
        Some(fix) => fix.apply(facts, scope)?,
        None => brought.and_then(|defect| defect.fix.clone()),
    };
    let help = texts.help.as_ref().map(|help| help.render(scope)).transpose()?;
    Ok(Some(Verdict { severity, message: texts.message.render(scope)?, help, place, labels, fix }))
}
