//! The functions a page may call: CEL's own, and a few that messages about connections need.

use std::sync::Arc;

use cel::extractors::Arguments;
use cel::{Context, ExecutionError, Value};

use super::number_text;

/// Functions beyond CEL's operators and macros, with what they do, for the documentation of pages.
pub const FUNCTIONS: &[(&str, &str)] = &[
    ("size(x)", "how many items a list, or characters a text, has"),
    ("x.contains(y)", "whether the text x holds the text y"),
    ("x.startsWith(y)", "whether the text x begins with y"),
    ("x.endsWith(y)", "whether the text x ends with y"),
    ("string(x)", "x as a text"),
    ("ceil(x)", "the next whole number not below x"),
    ("floor(x)", "the next whole number not above x"),
    ("min(a, b, …)", "the smallest of its arguments"),
    ("max(a, b, …)", "the greatest of its arguments"),
    ("plural(n, word)", "`1 connection`, `2 connections`"),
    ("join(list, separator)", "the items of a list as one text"),
];

/// Whether an operator, macro or function of this name exists.
pub(super) fn known(name: &str) -> bool {
    const PLAIN: &[&str] = &["double", "int", "bool"];
    name.starts_with(|first: char| !first.is_ascii_alphabetic())
        || PLAIN.contains(&name)
        || FUNCTIONS.iter().any(|(usage, _)| {
            let head = usage.split('(').next().unwrap_or_default();
            head.rsplit('.').next() == Some(name)
        })
}

pub(super) fn register(context: &mut Context<'static, 'static>) {
    // A name clash with CEL's standard library is impossible to miss: the tests call each of these.
    let _ = context.add_function("ceil", |number: f64| number.ceil());
    let _ = context.add_function("floor", |number: f64| number.floor());
    let _ = context.add_function("min", |numbers: Arguments| fold(&numbers, "min", f64::min));
    let _ = context.add_function("max", |numbers: Arguments| fold(&numbers, "max", f64::max));
    let _ = context.add_function("plural", plural);
    let _ = context.add_function("join", join);
}

fn fold(numbers: &Arguments, name: &str, choose: fn(f64, f64) -> f64) -> Result<Value, ExecutionError> {
    let mut best: Option<f64> = None;
    for value in numbers.0.iter() {
        let Value::Float(number) = value else {
            return Err(ExecutionError::function_error(name, "takes numbers"));
        };
        best = Some(best.map_or(*number, |best| choose(best, *number)));
    }
    best.map(Value::Float).ok_or_else(|| ExecutionError::function_error(name, "takes at least one number"))
}

fn plural(count: f64, word: Arc<String>) -> String {
    let ending = if (count - 1.0).abs() < f64::EPSILON { "" } else { "s" };
    format!("{} {word}{ending}", number_text(count))
}

fn join(items: Arc<Vec<Value>>, separator: Arc<String>) -> String {
    let texts: Vec<String> = items.iter().map(|item| super::value_from(item).display()).collect();
    texts.join(&separator)
}
