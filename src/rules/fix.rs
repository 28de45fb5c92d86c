//! Remedies that pages describe: edits of the bytes that state a fact.

use super::cel::{CelValue, CompileError, EvalError, Expression, Scope, number_text};
use super::facts::{EditPoint, Facts};
use super::page::{EditSpec, FixSpec};
use super::template::Template;
use crate::model::{Edit, Fix, Safety};

/// A compiled [`FixSpec`].
pub(super) struct CompiledFix {
    safety: Safety,
    title: Option<Template>,
    edits: Vec<CompiledEdit>,
}

enum CompiledEdit {
    Set(String, Expression),
    Remove(String),
    Append(String, Template),
}

impl CompiledFix {
    pub fn compile(spec: &FixSpec) -> Result<Self, CompileError> {
        let edits = spec.edits.iter().map(|edit| {
            Ok(match edit {
                EditSpec::Set { path, to } => CompiledEdit::Set(path.clone(), Expression::compile(to)?),
                EditSpec::Remove { path } => CompiledEdit::Remove(path.clone()),
                EditSpec::Append { path, text } => {
                    CompiledEdit::Append(path.clone(), Template::compile(text)?)
                }
            })
        });
        Ok(Self {
            safety: spec.safety,
            title: spec.title.as_deref().map(Template::compile).transpose()?,
            edits: edits.collect::<Result<_, CompileError>>()?,
        })
    }

    /// The remedy for these facts; `None` when one of its edits cannot be made, because a value was put
    /// together from several places or would need quoting.
    pub fn apply(&self, facts: &Facts, scope: &Scope<'_>) -> Result<Option<Fix>, EvalError> {
        let mut edits = Vec::new();
        let mut what = Vec::new();
        for edit in &self.edits {
            let Some((made, title)) = edit.apply(facts, scope)? else { return Ok(None) };
            edits.extend(made);
            what.push(title);
        }
        let title = match &self.title {
            Some(title) => title.render(scope)?,
            None => what.join(" and "),
        };
        Ok(Some(Fix { safety: self.safety, title, edits, withheld: false }))
    }
}

impl CompiledEdit {
    fn apply(&self, facts: &Facts, scope: &Scope<'_>) -> Result<Option<(Vec<Edit>, String)>, EvalError> {
        Ok(match self {
            Self::Set(path, expression) => {
                let Some(point) = facts.get(path).and_then(|fact| fact.edit.as_ref()) else {
                    return Ok(None);
                };
                written(&expression.evaluate(scope)?, point).map(|text| {
                    let title = format!("write {text}");
                    let places = std::iter::once(point.place).chain(point.also.iter().copied());
                    (places.map(|place| Edit { place, text: text.clone() }).collect(), title)
                })
            }
            Self::Remove(path) => facts.get(path).and_then(|fact| fact.removal).map(|place| {
                let name = path.rsplit('.').next().unwrap_or(path);
                (vec![Edit { place, text: String::new() }], format!("remove the {name}"))
            }),
            Self::Append(path, template) => {
                let Some(point) = facts.get(path).and_then(|fact| fact.append.as_ref()) else {
                    return Ok(None);
                };
                let text = template.render(scope)?;
                plain(&text).then(|| {
                    let title = format!("add {text}");
                    (vec![Edit { place: point.place, text: format!("{}{text}", point.separator) }], title)
                })
            }
        })
    }
}

/// A value as the file spells it.
fn written(value: &CelValue, point: &EditPoint) -> Option<String> {
    match value {
        CelValue::Number(number) if point.below.is_some_and(|below| *number >= below) => None,
        CelValue::Number(number) => Some(format!("{}{}", number_text(number * point.scale), point.suffix)),
        CelValue::Text(text) => plain(text).then(|| text.clone()),
        CelValue::Bool(flag) => Some(flag.to_string()),
        CelValue::List(_) | CelValue::Map(_) => None,
    }
}

/// Whether a text means the same in every format without quotes: what else it could be is not ours to guess.
fn plain(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.~%=&+@/:".contains(letter))
}
