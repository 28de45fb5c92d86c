//! Compose's interpolation grammar: `$V ${V} ${V:-d} ${V-d} ${V:?e} ${V?e} ${V:+r} ${V+r} $$`, nested.
//!
//! Parsing only; looking names up is [`crate::resolve`]'s. Source of the grammar: compose-go `template/`
//! (its expression is one regular expression per level, and its quirks are kept, because a text that
//! Compose refuses or reads oddly must be refused or read oddly here too).

use crate::span::{Span, SpanText};

use super::SyntaxError;

/// A text with references in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// A part of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it is (`$$` already made `$`).
    Literal(SpanText),
    /// A reference to a variable.
    Reference(Reference),
    /// What Compose refuses. Only inside a fallback, where it is an error no sooner than the fallback is
    /// needed; anywhere else [`parse`] fails instead.
    Invalid(SyntaxError),
}

/// `${NAME}` in one of its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The variable's name.
    pub name: String,
    /// From `$` to the last byte of the reference, in the source.
    pub span: Span,
    /// What happens when it is unset (or empty).
    pub fallback: Fallback,
    /// Whether it is written `${NAME}` rather than `$NAME`.
    pub braces: bool,
}

/// The operator behind a name. `or_empty` is the `:` that makes an empty value count as unset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fallback {
    /// None: unset becomes empty.
    Empty,
    /// `:-` and `-`.
    Default {
        /// With `:`.
        or_empty: bool,
        /// What it becomes.
        value: Template,
    },
    /// `:?` and `?`.
    Required {
        /// With `:`.
        or_empty: bool,
        /// The message.
        message: Template,
    },
    /// `:+` and `+`.
    Alternative {
        /// With `:`.
        or_empty: bool,
        /// What a set variable becomes.
        value: Template,
    },
}

/// How deep fallbacks may nest before the text is refused.
const MAX_DEPTH: usize = 50;

const INVALID: &str =
    "this is not a variable reference: write ${NAME}, ${NAME:-default} or, for a dollar sign, $$";
const TOO_DEEP: &str = "variable references are nested too deeply";

/// Reads a text with Compose's grammar.
///
/// # Errors
/// Where Compose refuses it (`${}`, `${1}`, `${V!}` …).
pub fn parse(text: &SpanText) -> Result<Template, SyntaxError> {
    let template = Parser { text }.template(0, text.as_str().len(), 0);
    for part in &template.parts {
        if let Part::Invalid(error) = part {
            return Err(error.clone());
        }
    }
    Ok(template)
}

impl Template {
    /// A template without references.
    #[must_use]
    pub fn from_literal(text: SpanText) -> Self {
        Self { parts: vec![Part::Literal(text)] }
    }

    /// Whether it holds no reference, so that its value is the same everywhere.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Literal(_)))
    }

    /// Its text, when it holds no reference.
    #[must_use]
    pub fn literal(&self) -> Option<SpanText> {
        let mut whole = SpanText::default();
        for part in &self.parts {
            let Part::Literal(text) = part else { return None };
            whole.push_slice(text, 0..text.as_str().len());
        }
        Some(whole)
    }

    /// All references in the order of the text, those inside fallbacks right behind their own.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let mut open: Vec<std::slice::Iter<'_, Part>> = vec![self.parts.iter()];
        std::iter::from_fn(move || {
            loop {
                match open.last_mut()?.next() {
                    Some(Part::Reference(reference)) => {
                        if let Some(inner) = reference.fallback.template() {
                            open.push(inner.parts.iter());
                        }
                        return Some(reference);
                    }
                    Some(Part::Literal(_) | Part::Invalid(_)) => {}
                    None => {
                        open.pop();
                    }
                }
            }
        })
    }

    /// Appends text, joining it with text that stands there already.
    pub(crate) fn push_literal(&mut self, text: &SpanText, range: std::ops::Range<usize>) {
        if range.is_empty() {
            return;
        }
        if let Some(Part::Literal(last)) = self.parts.last_mut() {
            last.push_slice(text, range);
        } else {
            self.parts.push(Part::Literal(text.slice(range)));
        }
    }
}

impl Fallback {
    /// The text behind the operator.
    #[must_use]
    pub fn template(&self) -> Option<&Template> {
        match self {
            Self::Empty => None,
            Self::Default { value, .. } | Self::Alternative { value, .. } => Some(value),
            Self::Required { message, .. } => Some(message),
        }
    }
}

/// Whether `byte` may begin a variable's name.
pub(crate) fn starts_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

/// The end of the name that begins at `at`, which is `at` itself where none does.
pub(crate) fn name_end(bytes: &[u8], at: usize) -> usize {
    if !bytes.get(at).copied().is_some_and(starts_name) {
        return at;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let len = rest.iter().take_while(|byte| byte.is_ascii_digit() || starts_name(**byte)).count();
    at.saturating_add(len)
}

struct Parser<'a> {
    text: &'a SpanText,
}

impl Parser<'_> {
    /// Bytes of the text up to `end`, so that positions stay those of the whole.
    fn bytes(&self, end: usize) -> &[u8] {
        self.text.as_str().as_bytes().get(..end).unwrap_or_default()
    }

    fn error(&self, message: &str, from: usize, to: usize) -> Part {
        let span = self.text.span_of(from..to).unwrap_or_default();
        Part::Invalid(SyntaxError::new(message, span))
    }

    /// Reads `start..end`, stopping behind the first thing that Compose refuses.
    fn template(&self, start: usize, end: usize, depth: usize) -> Template {
        let bytes = self.bytes(end);
        let mut template = Template::default();
        let mut lines = Braces::default();
        let mut literal = start;
        let mut at = start;
        while let Some(found) = memchr::memchr(b'$', bytes.get(at..).unwrap_or_default()) {
            let dollar = at.saturating_add(found);
            let next = dollar.saturating_add(1);
            match bytes.get(next).copied() {
                Some(b'$') => {
                    template.push_literal(self.text, literal..next);
                    at = next.saturating_add(1);
                }
                Some(byte) if starts_name(byte) => {
                    template.push_literal(self.text, literal..dollar);
                    at = name_end(bytes, next);
                    template.parts.push(self.reference(dollar, (next, at), at, Fallback::Empty, false));
                }
                Some(b'{') => {
                    template.push_literal(self.text, literal..dollar);
                    let (part, behind) = self.braced(dollar, end, &mut lines, depth);
                    let refused = matches!(part, Part::Invalid(_));
                    template.parts.push(part);
                    if refused {
                        return template;
                    }
                    at = behind;
                }
                _ => {
                    at = next;
                    continue;
                }
            }
            literal = at;
        }
        template.push_literal(self.text, literal..end);
        template
    }

    fn reference(
        &self,
        start: usize,
        name: (usize, usize),
        end: usize,
        fallback: Fallback,
        braces: bool,
    ) -> Part {
        let name = self.text.as_str().get(name.0..name.1).unwrap_or_default().to_owned();
        let span = self.text.span_of(start..end).unwrap_or_default();
        Part::Reference(Reference { name, span, fallback, braces })
    }

    /// `${…}` at `dollar`, and where the text goes on.
    fn braced(&self, dollar: usize, end: usize, lines: &mut Braces, depth: usize) -> (Part, usize) {
        let bytes = self.bytes(end);
        let name = dollar.saturating_add(2);
        let behind_name = name_end(bytes, name);
        let refused = |to: usize| (self.error(INVALID, dollar, to.min(end)), end);
        if behind_name == name {
            return refused(name.saturating_add(1));
        }
        if bytes.get(behind_name) == Some(&b'}') {
            let behind = behind_name.saturating_add(1);
            return (self.reference(dollar, (name, behind_name), behind, Fallback::Empty, true), behind);
        }
        let or_empty = bytes.get(behind_name) == Some(&b':');
        let operator = behind_name.saturating_add(usize::from(or_empty));
        let inner = operator.saturating_add(1);
        let Some(kind @ (b'-' | b'?' | b'+')) = bytes.get(operator).copied() else {
            return refused(inner);
        };
        // A reference ends on its line. Its last brace is a bound only: the one that balances ends it.
        let Some(last) = lines.last_on_line(bytes, inner) else { return refused(inner) };
        if depth >= MAX_DEPTH {
            return (self.error(TOO_DEEP, dollar, inner), end);
        }
        let close = balancing(bytes.get(..=last).unwrap_or_default(), dollar).unwrap_or(last);
        let value = self.template(inner, close, depth.saturating_add(1));
        let fallback = match kind {
            b'-' => Fallback::Default { or_empty, value },
            b'?' => Fallback::Required { or_empty, message: value },
            _ => Fallback::Alternative { or_empty, value },
        };
        let behind = close.saturating_add(1);
        (self.reference(dollar, (name, behind_name), behind, fallback, true), behind)
    }
}

/// The brace that closes the first one behind `from`. As in Compose the byte behind an opening brace is
/// not looked at, so `{}` opens only; where nothing balances the caller takes the last brace of the line.
fn balancing(bytes: &[u8], from: usize) -> Option<usize> {
    let mut open = 0usize;
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                open = open.saturating_add(1);
                at = at.saturating_add(1);
            }
            _ => {}
        }
        at = at.saturating_add(1);
    }
    None
}

/// Remembers the last closing brace of a line, so that many references on it stay linear.
#[derive(Default)]
struct Braces {
    line_end: usize,
    last: Option<usize>,
}

impl Braces {
    /// The last `}` on the line of `at`, if it stands at or behind `at`.
    fn last_on_line(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        if at >= self.line_end {
            let rest = bytes.get(at..).unwrap_or_default();
            let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            self.last = memchr::memrchr(b'}', rest.get(..len).unwrap_or_default())
                .map(|found| at.saturating_add(found));
            self.line_end = at.saturating_add(len);
        }
        self.last.filter(|last| *last >= at)
    }
}

#[cfg(test)]
mod tests;
