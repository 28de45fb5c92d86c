//! Filling references in: a template and a way to look names up become a text that knows where each of
//! its bytes was written.

use std::sync::Arc;

use crate::span::{FileId, Place, Span, Text};
use crate::syntax::SyntaxError;
use crate::syntax::interpolation::{Fallback, Part, Reference, Template};

mod env_file;

pub use env_file::{EnvMap, Variable, env_file, env_file_after};

/// What a value may grow to through references, in bytes. Linux refuses variables above 128 KiB, so that
/// nothing that works is cut.
pub const MAX_VALUE: usize = 1 << 20;

/// How many pieces references may add to what one call evaluates.
const MAX_PIECES: usize = 1 << 16;

/// What all references of one env file may add up to, in bytes.
const MAX_FILE: usize = 8 << 20;

/// Behind this many references the further ones are no longer recorded.
const MAX_HOPS: usize = 64;

const BEYOND_MEASURE: &str = "a value that expands beyond measure";

/// What is known of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Its value.
    Value(Text),
    /// It is not set.
    Unset,
    /// The repository does not tell; why, as a noun phrase fit for output.
    Unknown(Arc<str>),
}

/// Where variables are looked up.
pub trait Lookup {
    /// What is known of the variable `name`.
    fn get(&self, name: &str) -> Found;
}

impl<F: Fn(&str) -> Found> Lookup for F {
    fn get(&self, name: &str) -> Found {
        self(name)
    }
}

/// A template with its references filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evaluated {
    /// The value.
    pub text: Text,
    /// References without a default whose variable is not set: they became empty.
    pub unset: Vec<Span>,
    /// References that demand a variable which is not set (or empty): Compose refuses the file.
    pub missing_required: Vec<Span>,
    /// Fallbacks that were needed and that Compose cannot read.
    pub invalid: Vec<SyntaxError>,
}

/// Fills the references of `template` in, which stands in `file`. A value that would exceed
/// [`MAX_VALUE`] comes out unknown.
#[must_use]
pub fn evaluate(template: &Template, file: FileId, lookup: &dyn Lookup) -> Evaluated {
    evaluate_within(template, file, lookup, &mut Budget { bytes: MAX_VALUE, pieces: MAX_PIECES })
}

/// What references may still add. Once it is used up, nothing is looked up any more.
#[derive(Debug, Clone, Copy)]
struct Budget {
    bytes: usize,
    pieces: usize,
}

impl Budget {
    /// Pays for a value that was looked up, whether it is put in or only asked for.
    fn takes(&mut self, text: &Text) -> bool {
        let len = text.as_str().len();
        let pieces = text.pieces(0..len).count().max(1);
        let left = (self.bytes.checked_sub(len), self.pieces.checked_sub(pieces));
        let (Some(bytes), Some(pieces)) = left else {
            *self = Self { bytes: 0, pieces: 0 };
            return false;
        };
        *self = Self { bytes, pieces };
        true
    }
}

fn evaluate_within(template: &Template, file: FileId, lookup: &dyn Lookup, budget: &mut Budget) -> Evaluated {
    let mut evaluation = Evaluation { file, lookup, budget, exceeded: false, result: Evaluated::default() };
    let mut text = Text::default();
    evaluation.template(template, &mut text);
    let exceeded = evaluation.exceeded;
    let mut result = evaluation.result;
    result.text = if exceeded { Text::unknown(BEYOND_MEASURE) } else { text };
    result
}

struct Evaluation<'a> {
    file: FileId,
    lookup: &'a dyn Lookup,
    budget: &'a mut Budget,
    exceeded: bool,
    result: Evaluated,
}

impl Evaluation<'_> {
    /// Appends a template's value. Recursion is as deep as fallbacks nest, which their parser bounds.
    fn template(&mut self, template: &Template, into: &mut Text) {
        for part in &template.parts {
            if self.exceeded {
                return;
            }
            match part {
                Part::Literal(text) => into.push_text(&Text::written(text, self.file)),
                Part::Reference(reference) => self.reference(reference, into),
                Part::Invalid(error) => self.result.invalid.push(error.clone()),
            }
        }
    }

    fn reference(&mut self, reference: &Reference, into: &mut Text) {
        if self.budget.pieces == 0 {
            self.exceeded = true;
            return;
        }
        let found = match self.lookup.get(&reference.name) {
            Found::Unknown(reason) => Found::Value(Text::unknown(reason)),
            found => found,
        };
        let value = match &found {
            Found::Value(text) => Some(text),
            Found::Unset | Found::Unknown(_) => None,
        };
        if !value.is_none_or(|text| self.budget.takes(text)) {
            self.exceeded = true;
            return;
        }
        // A text that is all unknown is never empty, so that it stands for itself in every form.
        let filled = |or_empty: bool| value.filter(|text| !(or_empty && text.as_str().is_empty()));
        match &reference.fallback {
            Fallback::Empty => match value {
                Some(text) => self.value(text, reference, into),
                None => self.result.unset.push(reference.span),
            },
            Fallback::Default { or_empty, value } => match filled(*or_empty) {
                Some(text) => self.value(text, reference, into),
                None => self.template(value, into),
            },
            Fallback::Required { or_empty, .. } => match filled(*or_empty) {
                Some(text) => self.value(text, reference, into),
                None => self.result.missing_required.push(reference.span),
            },
            Fallback::Alternative { or_empty, value } => match filled(*or_empty) {
                Some(text) if text.is_unknown() => self.value(text, reference, into),
                Some(_) => self.template(value, into),
                None => {}
            },
        }
    }

    fn value(&mut self, text: &Text, reference: &Reference, into: &mut Text) {
        if into.as_str().len().saturating_add(text.as_str().len()) > MAX_VALUE {
            self.exceeded = true;
            return;
        }
        push_via(text, Place::new(self.file, reference.span), into);
    }
}

/// Appends `text` as reached through `hop`, unless the way to it is long already.
fn push_via(text: &Text, hop: Place, into: &mut Text) {
    let long = text.pieces(0..text.as_str().len()).any(|(_, piece)| piece.hops.len() >= MAX_HOPS);
    if long { into.push_text(text) } else { into.push_via(text, hop) }
}

#[cfg(test)]
mod tests;
