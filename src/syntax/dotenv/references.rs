//! References inside values, by the grammar of each reader.

use super::dialect::References;
use crate::span::SpanText;
use crate::syntax::SyntaxError;
use crate::syntax::interpolation::{self, Fallback, Part, Reference, Template, name_end};

/// How deep dotenv-expand's references may nest before they are taken for text.
const MAX_DEPTH: usize = 50;

/// Finds the references in a decoded value.
///
/// # Errors
/// Where the reader refuses the whole value; only Compose does.
pub(super) fn read(text: &SpanText, grammar: References) -> Result<Template, SyntaxError> {
    Ok(match grammar {
        References::None => Template::from_literal(text.clone()),
        References::Compose => return interpolation::parse(text),
        References::Python => python(text),
        References::Expand => expand(text),
        References::Ruby => ruby(text),
    })
}

/// Puts a reference at `start..end` into `template`, behind the text from `literal` on.
fn push(
    template: &mut Template,
    text: &SpanText,
    literal: usize,
    (start, end): (usize, usize),
    name: (usize, usize),
    fallback: Fallback,
) {
    template.push_literal(text, literal..start);
    let value = text.as_str();
    template.parts.push(Part::Reference(Reference {
        name: value.get(name.0..name.1).unwrap_or_default().to_owned(),
        span: text.span_of(start..end).unwrap_or_default(),
        fallback,
        braces: value.get(start.saturating_add(1)..).is_some_and(|rest| rest.starts_with('{')),
    }));
}

/// `${name}` and `${name:-text}`; a name is anything but `}` and `:`, and nothing nests. An empty variable
/// does not take the default.
fn python(text: &SpanText) -> Template {
    let value = text.as_str();
    let mut template = Template::default();
    let mut at = 0usize;
    let mut literal = 0usize;
    // The last end of a name that was found; it serves all references before it.
    let mut stop = 0usize;
    while let Some(found) = value.get(at..).and_then(|rest| rest.find("${")) {
        let dollar = at.saturating_add(found);
        let name = dollar.saturating_add(2);
        at = name;
        if stop < name {
            let Some(len) = value.get(name..).and_then(|rest| rest.find(['}', ':'])) else { break };
            stop = name.saturating_add(len);
        }
        let behind_name = stop;
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
        push(&mut template, text, literal, (dollar, end), (name, behind_name), fallback);
        at = end;
        literal = end;
    }
    template.push_literal(text, literal..value.len());
    template
}

/// `$V`, `${V}`, `$(` and lone dollars left alone, `\$` a dollar sign. A brace may be missing.
fn ruby(text: &SpanText) -> Template {
    let bytes = text.as_str().as_bytes();
    let mut template = Template::default();
    let mut at = 0usize;
    let mut literal = 0usize;
    while let Some(found) = memchr::memchr(b'$', bytes.get(at..).unwrap_or_default()) {
        let dollar = at.saturating_add(found);
        let next = dollar.saturating_add(1);
        let command = bytes.get(next) == Some(&b'(');
        let name = next.saturating_add(usize::from(bytes.get(next) == Some(&b'{')));
        let rest = bytes.get(name..).unwrap_or_default();
        let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let behind_name = name.saturating_add(len);
        let end = behind_name.saturating_add(usize::from(bytes.get(behind_name) == Some(&b'}')));
        at = end;
        let escaped =
            dollar.checked_sub(1).filter(|before| *before >= literal && bytes.get(*before) == Some(&b'\\'));
        if let Some(before) = escaped {
            template.push_literal(text, literal..before);
            literal = dollar;
        } else if len > 0 && !command {
            push(&mut template, text, literal, (dollar, end), (name, behind_name), Fallback::Empty);
            literal = end;
        }
    }
    template.push_literal(text, literal..bytes.len());
    template
}

/// `$V`, `${V}`, `${V:-d}`, `${V-d}`, `${V:+r}`, `${V+r}`, nested; `\$` is a dollar sign. dotenv-expand
/// replaces inner references first and then looks again; reading the nesting once gives the same, but for
/// names that are themselves put together from references.
fn expand(text: &SpanText) -> Template {
    let closes = closings(text.as_str().as_bytes());
    Expand { text, closes }.template(0, text.as_str().len(), 0)
}

/// For each `${` (by the position of `$`) the brace that closes it, in order.
fn closings(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut closes = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' => match at.checked_sub(1).filter(|dollar| unescaped_dollar(bytes, *dollar)) {
                Some(dollar) => open.push(dollar),
                // Any other brace stays, and with it whatever it stands in.
                None => open.clear(),
            },
            b'}' => match open.pop() {
                Some(dollar) if dollar.saturating_add(2) < at => closes.push((dollar, at)),
                Some(_) => open.clear(),
                None => {}
            },
            _ => {}
        }
    }
    closes.sort_unstable();
    closes
}

fn unescaped_dollar(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'$') && at.checked_sub(1).and_then(|before| bytes.get(before)) != Some(&b'\\')
}

struct Expand<'a> {
    text: &'a SpanText,
    closes: Vec<(usize, usize)>,
}

impl Expand<'_> {
    fn template(&self, start: usize, end: usize, depth: usize) -> Template {
        let bytes = self.text.as_str().as_bytes().get(..end).unwrap_or_default();
        let mut template = Template::default();
        let mut literal = start;
        let mut at = start;
        while let Some(found) = memchr::memchr(b'$', bytes.get(at..).unwrap_or_default()) {
            let dollar = at.saturating_add(found);
            let next = dollar.saturating_add(1);
            at = next;
            if !unescaped_dollar(bytes, dollar) {
                template.push_literal(self.text, literal..dollar.saturating_sub(1).max(literal));
                literal = dollar;
                continue;
            }
            let behind_name = name_end(bytes, next);
            let (name, fallback, behind) = if behind_name > next {
                ((next, behind_name), Fallback::Empty, behind_name)
            } else {
                let Ok(found) = self.closes.binary_search_by_key(&dollar, |(dollar, _)| *dollar) else {
                    continue;
                };
                let close = self.closes.get(found).map(|(_, close)| *close).filter(|close| *close < end);
                let Some(close) = close.filter(|_| depth < MAX_DEPTH) else { continue };
                let (name, fallback) = self.inside(next.saturating_add(1), close, depth);
                (name, fallback, close.saturating_add(1))
            };
            push(&mut template, self.text, literal, (dollar, behind), name, fallback);
            at = behind;
            literal = behind;
        }
        template.push_literal(self.text, literal..end);
        template
    }

    /// The name and the fallback between two braces.
    fn inside(&self, start: usize, close: usize, depth: usize) -> ((usize, usize), Fallback) {
        let inside = self.text.as_str().get(start..close).unwrap_or_default();
        let Some(operator) = inside.find(['-', '+']) else { return ((start, close), Fallback::Empty) };
        let sign = start.saturating_add(operator);
        let name = inside.get(..operator).unwrap_or_default();
        let or_empty = name.ends_with(':');
        let name = (start, sign.saturating_sub(usize::from(or_empty)));
        let value = self.template(sign.saturating_add(1), close, depth.saturating_add(1));
        let fallback = if inside.get(operator..).is_some_and(|rest| rest.starts_with('-')) {
            Fallback::Default { or_empty, value }
        } else {
            Fallback::Alternative { or_empty, value }
        };
        (name, fallback)
    }
}
