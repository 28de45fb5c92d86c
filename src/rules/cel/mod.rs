//! CEL, the language of conditions and messages, behind one door: nothing else names the crate.
//!
//! Every number is a double here. The parser's integer literals are made doubles, and so is what `size()`
//! returns, because CEL does not let the two kinds meet in arithmetic and a page should not have to know.

mod compile;
mod functions;

pub use functions::FUNCTIONS;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cel::objects::{Key, Map};
use cel::{Context, Env, ExecutionError, IdedExpr};

/// Longest expression that is compiled, in bytes.
const LONGEST: usize = 2_000;
/// Most nodes of an expression. With `NESTED_LOOPS` it bounds what one evaluation can cost.
const MOST_NODES: usize = 400;
/// How deep parentheses, calls and lists may nest.
const DEEPEST: u16 = 32;
/// How deep `exists`, `all`, `filter` and `map` may nest.
const NESTED_LOOPS: usize = 2;

/// A value that goes into an expression or comes out of it.
#[derive(Debug, Clone, PartialEq)]
pub enum CelValue {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A list.
    List(Vec<CelValue>),
    /// Named values.
    Map(BTreeMap<String, CelValue>),
}

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    root: IdedExpr,
    references: Vec<String>,
}

/// Why an expression cannot be compiled. Speaks of the page's text, which holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{expression}` is not a CEL expression: {reason}")]
pub struct CompileError {
    /// The expression.
    pub expression: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// It touches a fact that is absent here. Ordinary: the case does not apply.
    #[error("a fact it names is absent")]
    Absent,
    /// It can never work as it is written: a fault of the page.
    #[error("{0}")]
    Broken(String),
}

impl Expression {
    /// Compiles `source`.
    ///
    /// # Errors
    /// When it is no CEL, too long, too deep, or calls a function that does not exist.
    pub fn compile(source: &str) -> Result<Self, CompileError> {
        compile::compile(source)
    }

    /// Every path of facts that it names (`pool.acquire_timeout`, `params.min_seconds`), sorted, without the
    /// variables that its own loops bind.
    #[must_use]
    pub fn references(&self) -> &[String] {
        &self.references
    }

    /// Its value among `facts`.
    ///
    /// # Errors
    /// [`EvalError::Absent`] when it touches an absent fact, [`EvalError::Broken`] when it can never work.
    pub fn evaluate(&self, facts: &Scope<'_>) -> Result<CelValue, EvalError> {
        let value = cel::Value::resolve(&self.root, &facts.context).map_err(|error| explain(&error))?;
        Ok(value_from(&value))
    }
}

/// The functions; made once for a run.
pub struct Runtime {
    context: Context<'static, 'static>,
}

/// The functions and the facts of one subject.
pub struct Scope<'a> {
    context: Context<'a, 'static>,
}

/// A value that is put into many scopes and made ready once.
#[derive(Debug, Clone)]
pub struct Prepared(cel::Value);

impl From<&CelValue> for Prepared {
    fn from(value: &CelValue) -> Self {
        Self(value_to(value))
    }
}

impl Default for Runtime {
    fn default() -> Self {
        let mut context = Context::with_env(Arc::new(Env::stdlib()));
        functions::register(&mut context);
        Self { context }
    }
}

impl Runtime {
    /// With values that every scope holds unless its own facts hide them.
    #[must_use]
    pub fn with_base(base: &BTreeMap<String, CelValue>) -> Self {
        let mut runtime = Self::default();
        for (name, value) in base {
            runtime.context.add_variable_from_value(name.as_str(), value_to(value));
        }
        runtime
    }

    /// A scope with these facts, by their first name.
    #[must_use]
    pub fn scope<'a>(&'a self, facts: &BTreeMap<String, CelValue>) -> Scope<'a> {
        let mut context = self.context.new_inner_scope();
        for (name, value) in facts {
            context.add_variable_from_value(name.as_str(), value_to(value));
        }
        Scope { context }
    }
}

impl Scope<'_> {
    /// The same scope with one more name in it.
    #[must_use]
    pub fn with<'b>(&'b self, name: &str, value: &Prepared) -> Scope<'b> {
        let mut context = self.context.new_inner_scope();
        context.add_variable_from_value(name, value.0.clone());
        Scope { context }
    }
}

/// Absence is [`EvalError::Absent`]; so is a sum without a result (a division by zero), for which no page
/// should have to take precautions.
fn explain(error: &ExecutionError) -> EvalError {
    match error {
        ExecutionError::NoSuchKey(_)
        | ExecutionError::IndexOutOfBounds(_)
        | ExecutionError::DivisionByZero(_)
        | ExecutionError::RemainderByZero(_) => EvalError::Absent,
        ExecutionError::UndeclaredReference(name) => EvalError::Broken(format!("nothing is called `{name}`")),
        ExecutionError::NoSuchOverload(error) => EvalError::Broken(error.to_string()),
        ExecutionError::InvalidArgumentCount { expected, actual } => {
            EvalError::Broken(format!("a function takes {expected} arguments and is given {actual}"))
        }
        ExecutionError::ValuesNotComparable(..) => {
            EvalError::Broken("it compares two values of different kinds".to_owned())
        }
        // The crate's own words may quote values: none of them is passed on.
        _ => EvalError::Broken("its operands are of the wrong kind".to_owned()),
    }
}

fn value_to(value: &CelValue) -> cel::Value {
    match value {
        CelValue::Number(number) => cel::Value::Float(*number),
        CelValue::Text(text) => cel::Value::String(Arc::new(text.clone())),
        CelValue::Bool(value) => cel::Value::Bool(*value),
        CelValue::List(items) => cel::Value::List(Arc::new(items.iter().map(value_to).collect())),
        CelValue::Map(entries) => {
            let map: HashMap<Key, cel::Value> = entries
                .iter()
                .map(|(name, value)| (Key::String(Arc::new(name.clone())), value_to(value)))
                .collect();
            cel::Value::Map(Map { map: Arc::new(map) })
        }
    }
}

fn value_from(value: &cel::Value) -> CelValue {
    match value {
        cel::Value::Float(number) => CelValue::Number(*number),
        #[expect(clippy::cast_precision_loss, reason = "what `int()` of a page yields is far below 2^52")]
        cel::Value::Int(number) => CelValue::Number(*number as f64),
        #[expect(clippy::cast_precision_loss, reason = "what `uint()` of a page yields is far below 2^52")]
        cel::Value::UInt(number) => CelValue::Number(*number as f64),
        cel::Value::String(text) => CelValue::Text(text.as_str().to_owned()),
        cel::Value::Bool(value) => CelValue::Bool(*value),
        cel::Value::List(items) => CelValue::List(items.iter().map(value_from).collect()),
        cel::Value::Map(map) => {
            CelValue::Map(map.map.iter().map(|(name, value)| (name.to_string(), value_from(value))).collect())
        }
        _ => CelValue::Text(String::new()),
    }
}

/// A number as people write it: without `.0`, at most three decimals.
#[must_use]
pub fn number_text(number: f64) -> String {
    let rounded = (number * 1000.0).round() / 1000.0;
    let text = format!("{rounded}");
    if text == "-0" { "0".to_owned() } else { text }
}

impl CelValue {
    /// As a message shows it.
    #[must_use]
    pub fn display(&self) -> String {
        match self {
            Self::Number(number) => number_text(*number),
            Self::Text(text) => text.clone(),
            Self::Bool(value) => value.to_string(),
            Self::List(items) => items.iter().map(Self::display).collect::<Vec<_>>().join(", "),
            Self::Map(entries) => entries.keys().cloned().collect::<Vec<_>>().join(", "),
        }
    }
}

#[cfg(test)]
mod tests;
