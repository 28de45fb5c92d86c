//! Texts with `{{ expressions }}` in them.

use super::cel::{CompileError, EvalError, Expression, Scope};

/// A compiled text.
#[derive(Debug)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Plain(String),
    Value(Expression),
}

impl Template {
    /// Compiles a text.
    ///
    /// # Errors
    /// When braces are not closed, or what they hold is no expression.
    pub fn compile(text: &str) -> Result<Self, CompileError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((expression, behind)) = after.split_once("}}") else {
                return Err(CompileError {
                    expression: text.to_owned(),
                    reason: "`{{` without `}}`".to_owned(),
                });
            };
            if !before.is_empty() {
                parts.push(Part::Plain(before.to_owned()));
            }
            parts.push(Part::Value(Expression::compile(expression.trim())?));
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Plain(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The text with its values.
    ///
    /// # Errors
    /// As [`Expression::evaluate`], for the first expression without a value.
    pub fn render(&self, facts: &Scope<'_>) -> Result<String, EvalError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Plain(plain) => text.push_str(plain),
                Part::Value(expression) => text.push_str(&expression.evaluate(facts)?.display()),
            }
        }
        Ok(text)
    }

    /// The expressions in it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(expression) => Some(expression),
            Part::Plain(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rules::cel::{CelValue, Runtime};

    #[test]
    fn values_stand_where_the_braces_were() {
        let runtime = Runtime::default();
        let facts = BTreeMap::from([("n".to_owned(), CelValue::Number(2.0))]);
        let scope = runtime.scope(&facts);
        let render = |text: &str| Template::compile(text).unwrap().render(&scope);
        assert_eq!(render("waits {{ n }} s, twice {{n * 2}}").unwrap(), "waits 2 s, twice 4");
        assert_eq!(render("{{ n > 1 ? 'many' : 'one' }}").unwrap(), "many");
        assert_eq!(render("no braces } at all").unwrap(), "no braces } at all");
        assert!(render("{{ missing }}").is_err());
        assert!(Template::compile("open {{ n").is_err());
        assert!(Template::compile("bad {{ n + }}").is_err());
    }
}
