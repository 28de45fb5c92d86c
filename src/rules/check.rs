//! Whether a page can work at all: every expression compiles, and names only facts and params that exist.

use super::cel::{CompileError, Expression};
use super::facts::documented;
use super::page::{EditSpec, Page, SubjectKind};
use super::template::Template;

/// Something in a page that can never work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// What is wrong.
    pub message: String,
    /// What stands in the page where it is wrong: an expression, or the name of a fact or a param.
    pub text: String,
}

/// Everything that is wrong with a page's expressions. Empty for a page that can work.
#[must_use]
pub fn check_page(page: &Page) -> Vec<Fault> {
    let mut check = Check { page, problems: Vec::new() };
    check.expression(page.when.as_deref());
    for case in &page.cases {
        check.expression(case.when.as_deref());
        check.template(Some(&case.message));
        check.template(case.help.as_deref());
        check.expression(case.measure.as_deref());
        case.at.iter().for_each(|path| check.path(path));
        for label in &case.labels {
            check.path(&label.at);
            check.template(label.message.as_deref());
        }
        let Some(fix) = &case.fix else { continue };
        check.template(fix.title.as_deref());
        for edit in &fix.edits {
            match edit {
                EditSpec::Set { path, to } => {
                    check.path(path);
                    check.expression(Some(to));
                }
                EditSpec::Remove { path } => check.path(path),
                EditSpec::Append { path, text } => {
                    check.path(path);
                    check.template(Some(text));
                }
            }
        }
    }
    check.problems.dedup();
    if check.problems.is_empty() { super::samples::faults(page) } else { check.problems }
}

struct Check<'p> {
    page: &'p Page,
    problems: Vec<Fault>,
}

impl Check<'_> {
    fn expression(&mut self, source: Option<&str>) {
        match source.map(Expression::compile) {
            None => {}
            Some(Ok(expression)) => self.references(&expression),
            Some(Err(error)) => self.fault(&error),
        }
    }

    fn template(&mut self, text: Option<&str>) {
        match text.map(Template::compile) {
            None => {}
            Some(Ok(template)) => template.expressions().for_each(|expression| self.references(expression)),
            Some(Err(error)) => self.fault(&error),
        }
    }

    fn references(&mut self, expression: &Expression) {
        for path in expression.references() {
            match path.strip_prefix("params.") {
                Some(name) if !self.page.params.contains_key(&name.replace('_', "-")) => {
                    self.push(format!("there is no param `{name}`"), path);
                }
                Some(_) => {}
                None => self.path(path),
            }
        }
    }

    fn path(&mut self, path: &str) {
        // A defect has the facts that surround everything, its own, and those of its connection's client.
        let client = self.page.defect && path.starts_with("client.");
        let kind = match self.page.defect {
            true if client => SubjectKind::Url,
            true => SubjectKind::Project,
            false => self.page.on,
        };
        if !documented(path, kind) {
            let on = self.page.on.name();
            self.push(format!("there is no fact `{path}` about a {on}: docs/facts.md lists them"), path);
        }
    }

    fn fault(&mut self, error: &CompileError) {
        self.push(error.to_string(), &error.expression);
    }

    fn push(&mut self, message: String, text: &str) {
        self.problems.push(Fault { message, text: text.to_owned() });
    }
}
