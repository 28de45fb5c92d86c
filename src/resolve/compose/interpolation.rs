//! Interpolation as Compose does it, but for one thing: a variable that nothing in the repository sets is unknown
//! rather than empty, unless the project has a `.env` that could have set it.

use std::sync::Arc;

use super::project_env::ProjectEnv;
use crate::resolve::interpolate;
use crate::resolve::interpolate::{Found, Lookup};
use crate::span::{FileId, Place, Text};
use crate::syntax::interpolation::{Fallback, Part, Reference, Template};

/// A bare `$name` glued to other text: it may be a part of a password rather than a reference. Its name is never shown.
/// One that is set is a matter only behind a letter or a digit, and when its name is not all in capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling {
    /// From `$` to the end of the name.
    pub place: Place,
    /// The byte of the evaluated text at which its value would stand.
    pub at: usize,
    /// Whether the name is one that people give to variables (`DB_HOST`) rather than by chance.
    pub conventional: bool,
    /// Whether the project sets it.
    pub defined: bool,
}

/// A text with its references filled in.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// The text.
    pub text: Text,
    /// Its dangling references.
    pub dangling: Vec<Dangling>,
    /// The names that it demands (`${NAME:?}`) in vain.
    pub required: Vec<String>,
}

/// Fills the references of `template` in.
#[must_use]
pub fn evaluate(template: &Template, file: FileId, env: &ProjectEnv) -> Evaluated {
    let mut text = Text::default();
    let (mut dangling, mut required) = (Vec::new(), Vec::new());
    for (index, part) in template.parts.iter().enumerate() {
        let reference = match part {
            Part::Literal(literal) => {
                text.push_text(&Text::written(literal, file));
                continue;
            }
            // Compose refuses the whole file; what it would mean nobody can tell.
            Part::Invalid(_) => {
                text.push_text(&Text::unknown("a reference that Compose rejects"));
                continue;
            }
            Part::Reference(reference) => reference,
        };
        let alone = Template { parts: vec![part.clone()] };
        let evaluated = interpolate::evaluate(&alone, file, env);
        let place = Place::new(file, reference.span);
        let missing = |reference: &&Reference| evaluated.missing_required.contains(&reference.span);
        required.extend(alone.references().filter(missing).map(|reference| reference.name.clone()));
        if !evaluated.missing_required.is_empty() || !evaluated.invalid.is_empty() {
            text.push_via(&Text::unknown(outside(reference, false)), place);
        } else if evaluated.unset.is_empty() {
            if is_glued(template, index, reference) && may_be_chance(&reference.name, &text) {
                dangling.push(Dangling {
                    place,
                    at: text.as_str().len(),
                    conventional: false,
                    defined: true,
                });
            }
            text.push_text(&evaluated.text);
        } else {
            let glued = reference.fallback == Fallback::Empty && is_glued(template, index, reference);
            if glued {
                let conventional = is_conventional(&reference.name);
                dangling.push(Dangling { place, at: text.as_str().len(), conventional, defined: false });
            }
            if env.tells(&reference.name) {
                text.push_text(&evaluated.text);
            } else {
                text.push_via(&Text::unknown(outside(reference, glued)), place);
            }
        }
    }
    Evaluated { text, dangling, required }
}

/// Why a variable is unknown. A bare name may be a piece of a password: it is told only when it looks like
/// a variable's and stands by itself.
fn outside(reference: &Reference, glued: bool) -> Arc<str> {
    if reference.braces || (!glued && is_conventional(&reference.name)) {
        format!("{} is set outside the repository", reference.name).into()
    } else {
        "a variable that is set outside the repository".into()
    }
}

/// Whether a name that is set may stand behind a `$` by chance.
fn may_be_chance(name: &str, before: &Text) -> bool {
    name.contains(is_lower) && before.as_str().ends_with(|letter: char| letter.is_ascii_alphanumeric())
}

/// Whether a bare reference touches other text that no delimiter separates from it.
#[must_use]
pub fn is_glued(template: &Template, index: usize, reference: &Reference) -> bool {
    if reference.braces {
        return false;
    }
    let literal = |part: Option<&Part>| match part {
        Some(Part::Literal(text)) => Some(text.as_str().to_owned()),
        _ => None,
    };
    let before = index.checked_sub(1).and_then(|before| literal(template.parts.get(before)));
    let after = literal(template.parts.get(index.saturating_add(1)));
    before.and_then(|text| text.chars().next_back()).is_some_and(|letter| !is_delimiter(letter))
        || after.and_then(|text| text.chars().next()).is_some_and(|letter| !is_delimiter(letter))
}

fn is_delimiter(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, ':' | '/' | '@' | '?' | '&' | '=' | ',' | ';' | '"' | '\'' | '|')
}

/// Whether a name is one that people give to environment variables: several words in capitals.
#[must_use]
pub fn is_conventional(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    let word = |word: &&str| {
        word.len() > 1
            && word.starts_with(|letter: char| letter.is_ascii_uppercase())
            && !word.contains(is_lower)
    };
    (words.len() > 1 && words.iter().all(word)) || super::project_env::is_ambient(name)
}

fn is_lower(letter: char) -> bool {
    letter.is_ascii_lowercase()
}

impl Lookup for ProjectEnv {
    fn get(&self, name: &str) -> Found {
        self.value(name).map_or(Found::Unset, |text| Found::Value(text.clone()))
    }
}
