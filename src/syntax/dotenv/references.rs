//! References inside values, by the grammar of each reader.

use super::dialect::References;
use crate::span::{Span, SpanText};
use crate::syntax::SyntaxError;
use crate::syntax::interpolation::{self, Fallback, Part, Reference, Template, name_end};

/// Finds the references in a decoded value.
///
/// # Errors
/// Where the reader refuses the whole value; only Compose does.
pub(super) fn read(text: &SpanText, grammar: References) -> Result<Template, SyntaxError> {
    match grammar {
        References::None => Ok(Template::from_literal(text.clone())),
        References::Compose => interpolation::parse(text),
        References::Python => Ok(python(text)),
        References::Expand | References::Ruby => Ok(Template::from_literal(text.clone())),
    }
}

/// `${name}` and `${name:-text}`; a name is anything but `}` and `:`, and nothing nests.
fn python(text: &SpanText) -> Template {
    let value = text.as_str();
    let mut template = Template::default();
    let mut at = 0usize;
    let mut literal = 0usize;
    while let Some(found) = value.get(at..).and_then(|rest| rest.find("${")) {
        let dollar = at.saturating_add(found);
        let name = dollar.saturating_add(2);
        at = name;
        let Some(len) = value.get(name..).and_then(|rest| rest.find(['}', ':'])) else { break };
        let behind_name = name.saturating_add(len);
        let rest = value.get(behind_name..).unwrap_or_default();
        let (fallback, end) = if rest.starts_with('}') {
            (Fallback::Empty, behind_name.saturating_add(1))
        } else if rest.starts_with(":-") {
            let Some(len) = rest.find('}') else { break };
            let close = behind_name.saturating_add(len);
            let value = Template::from_literal(text.slice(behind_name.saturating_add(2)..close));
            (Fallback::Default { or_empty: false, value }, close.saturating_add(1))
        } else {
            continue;
        };
        template.push_literal(text, literal..dollar);
        template.parts.push(Part::Reference(Reference {
            name: value.get(name..behind_name).unwrap_or_default().to_owned(),
            span: text.span_of(dollar..end).unwrap_or_default(),
            fallback,
            braces: true,
        }));
        at = end;
        literal = end;
    }
    template.push_literal(text, literal..value.len());
    template
}

#[allow(unused)]
fn placeholder(_: Span) {
    let _ = name_end;
}
