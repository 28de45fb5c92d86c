//! The YAML between the two `---` of a page.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Case, EditSpec, FixSpec, LabelSpec, Page, ParamValue, SubjectKind};
use crate::model::{Environment, Safety, Severity};

/// Line from 1 within the front matter, and what is wrong.
type Fault = (usize, String);

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Matter {
    name: String,
    on: String,
    /// A page of one's own may go without.
    summary: Option<String>,
    severity: Option<Severity>,
    fixable: Option<Safety>,
    #[serde(default)]
    opt_in: bool,
    #[serde(default)]
    syntax: bool,
    #[serde(default)]
    defect: bool,
    #[serde(default)]
    params: BTreeMap<String, Param>,
    when: Option<String>,
    at: Option<OneOrMany>,
    message: Option<String>,
    help: Option<String>,
    measure: Option<String>,
    labels: Option<Vec<Label>>,
    fix: Option<Fix>,
    #[serde(default)]
    cases: Vec<MatterCase>,
    #[serde(default)]
    silences: Vec<String>,
    #[serde(default)]
    silenced_by: Vec<String>,
    #[serde(default)]
    max_severity_in: BTreeMap<Environment, Severity>,
    #[serde(default)]
    sources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct MatterCase {
    when: Option<String>,
    severity: Option<Severity>,
    at: Option<OneOrMany>,
    message: Option<String>,
    help: Option<String>,
    measure: Option<String>,
    labels: Option<Vec<Label>>,
    fix: Option<CaseFix>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    at: String,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CaseFix {
    /// `fix: none`: this case has no remedy although the page has one.
    None(NoFix),
    Some(Box<Fix>),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NoFix {
    None,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Fix {
    safety: Safety,
    title: Option<String>,
    set: Option<String>,
    to: Option<Scalar>,
    remove: Option<String>,
    append: Option<String>,
    text: Option<String>,
    #[serde(default)]
    edits: Vec<Edit>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Edit {
    set: Option<String>,
    to: Option<Scalar>,
    remove: Option<String>,
    append: Option<String>,
    text: Option<String>,
}

/// An expression; a plain number is one too.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum Scalar {
    Number(f64),
    Text(String),
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Param {
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<String>),
}

pub(super) fn read(text: &str) -> Result<Page, Fault> {
    let matter: Matter = serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().and_then(|at| usize::try_from(at.line()).ok()).unwrap_or(1);
        (line, reason(&error.to_string()))
    })?;
    page_of(matter).map_err(|(key, message)| (line_of(text, key), message))
}

/// The first line of the YAML reader's words, without its own position, which counts from the front matter.
fn reason(words: &str) -> String {
    let first = words.lines().next().unwrap_or_default();
    match first.split_once(": ") {
        Some(("error", rest)) => {
            rest.split_once(": ").filter(|(at, _)| at.starts_with("line ")).map_or(rest, |(_, reason)| reason)
        }
        _ => first,
    }
    .to_owned()
}

/// The line on which a top-level key stands.
fn line_of(text: &str, key: &str) -> usize {
    text.lines()
        .position(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
        .map_or(1, |index| index.saturating_add(1))
}

type At<'a> = (&'a str, String);

fn page_of(matter: Matter) -> Result<Page, At<'static>> {
    if !is_kebab(&matter.name) {
        return Err(("name", "a rule's name is kebab-case: lower-case words joined by hyphens".to_owned()));
    }
    let on = SubjectKind::ALL.into_iter().find(|kind| kind.name() == matter.on).ok_or_else(|| {
        let names: Vec<&str> = SubjectKind::ALL.iter().map(|kind| kind.name()).collect();
        ("on", format!("`on` is one of {}", names.join(", ")))
    })?;
    let summary = matter.summary.unwrap_or_else(|| matter.name.replace('-', " "));
    if summary.trim().is_empty() || summary.contains('\n') {
        return Err(("summary", "`summary` is one line".to_owned()));
    }
    if let Some(name) = matter.params.keys().find(|name| !is_kebab(name)) {
        return Err(("params", format!("param `{name}` is not kebab-case")));
    }
    let top_fix = matter.fix.as_ref().map(fix_of).transpose().map_err(|message| ("fix", message))?;
    let own_cases = !matter.cases.is_empty();
    let raw_cases = if own_cases { matter.cases } else { vec![MatterCase::nothing()] };
    let conditional = matter.when.is_some() || matter.defect;
    let mut cases = Vec::new();
    for (index, case) in raw_cases.into_iter().enumerate() {
        let number = index.saturating_add(1);
        let lacks = |what: &str| {
            if own_cases {
                ("cases", format!("case {number} has no `{what}`, and neither has the page"))
            } else {
                ("name", format!("the page has no `{what}`"))
            }
        };
        if case.when.is_none() && !conditional {
            return Err(lacks("when"));
        }
        let fix = match case.fix {
            None => top_fix.clone(),
            Some(CaseFix::None(NoFix::None)) => None,
            Some(CaseFix::Some(fix)) => Some(fix_of(&fix).map_err(|message| ("cases", message))?),
        };
        cases.push(Case {
            when: case.when,
            severity: case.severity.or(matter.severity).ok_or_else(|| lacks("severity"))?,
            message: case.message.or_else(|| matter.message.clone()).ok_or_else(|| lacks("message"))?,
            help: case.help.or_else(|| matter.help.clone()),
            measure: case.measure.or_else(|| matter.measure.clone()),
            at: case.at.or_else(|| matter.at.clone()).map_or_else(Vec::new, OneOrMany::list),
            labels: case.labels.as_ref().or(matter.labels.as_ref()).map_or_else(Vec::new, |labels| {
                labels
                    .iter()
                    .map(|label| LabelSpec { at: label.at.clone(), message: label.message.clone() })
                    .collect()
            }),
            fix,
        });
    }
    let severity = cases.iter().map(|case| case.severity).max().unwrap_or(Severity::Info);
    let fixes = cases.iter().filter_map(|case| case.fix.as_ref()).map(|fix| fix.safety);
    Ok(Page {
        on,
        severity,
        fixable: fixes.chain(matter.fixable).max(),
        name: matter.name,
        summary: summary.trim().to_owned(),
        opt_in: matter.opt_in,
        syntax: matter.syntax,
        defect: matter.defect,
        params: matter.params.into_iter().map(|(name, value)| (name, value.into())).collect(),
        when: matter.when,
        cases,
        silences: matter.silences,
        silenced_by: matter.silenced_by,
        max_severity_in: matter.max_severity_in,
        sources: matter.sources,
        documentation: String::new(),
        examples: Vec::new(),
    })
}

fn is_kebab(name: &str) -> bool {
    !name.is_empty()
        && name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

fn fix_of(fix: &Fix) -> Result<FixSpec, String> {
    let own = Edit {
        set: fix.set.clone(),
        to: fix.to.clone(),
        remove: fix.remove.clone(),
        append: fix.append.clone(),
        text: fix.text.clone(),
    };
    let mut edits = Vec::new();
    if !own.is_empty() {
        edits.push(own.spec()?);
    }
    for edit in &fix.edits {
        edits.push(edit.spec()?);
    }
    if edits.is_empty() {
        return Err(
            "a fix has `set` and `to`, `remove`, `append` and `text`, or a list of `edits`".to_owned()
        );
    }
    Ok(FixSpec { safety: fix.safety, title: fix.title.clone(), edits })
}

impl Edit {
    fn is_empty(&self) -> bool {
        self.set.is_none()
            && self.to.is_none()
            && self.remove.is_none()
            && self.append.is_none()
            && self.text.is_none()
    }

    fn spec(&self) -> Result<EditSpec, String> {
        match (&self.set, &self.to, &self.remove, &self.append, &self.text) {
            (Some(path), Some(to), None, None, None) => {
                Ok(EditSpec::Set { path: path.clone(), to: to.expression() })
            }
            (None, None, Some(path), None, None) => Ok(EditSpec::Remove { path: path.clone() }),
            (None, None, None, Some(path), Some(text)) => {
                Ok(EditSpec::Append { path: path.clone(), text: text.clone() })
            }
            _ => Err("an edit is `set` with `to`, or `remove`, or `append` with `text`".to_owned()),
        }
    }
}

impl Scalar {
    fn expression(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl OneOrMany {
    fn list(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

impl MatterCase {
    fn nothing() -> Self {
        Self {
            when: None,
            severity: None,
            at: None,
            message: None,
            help: None,
            measure: None,
            labels: None,
            fix: None,
        }
    }
}

impl From<Param> for ParamValue {
    fn from(param: Param) -> Self {
        match param {
            Param::Bool(value) => Self::Bool(value),
            Param::Number(number) => Self::Number(number),
            Param::Text(text) => Self::Text(text),
            Param::List(list) => Self::List(list),
        }
    }
}
