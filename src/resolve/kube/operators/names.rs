//! What stands for the words in braces of the catalogue's names and values.

use super::text;
use crate::catalog::Operator;
use crate::resolve::kube::object::Object;

/// The words that are known of one cluster.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub name: String,
    pub space: String,
    pub user: Option<String>,
    pub database: Option<String>,
    /// A pooler's own name, and what it chooses.
    pub own: Option<String>,
    pub choice: Option<String>,
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Known(String),
    Unknown,
}

impl Names {
    pub fn of(operator: &Operator, object: &Object) -> Self {
        let mut names =
            Self { name: object.name.clone(), space: object.space().to_owned(), ..Self::default() };
        let find = |at: &Option<_>, names: &Self| {
            let (found, _) = text(&object.root, at.as_ref()?)?;
            filled(&found, names)
        };
        names.database = find(&operator.database, &names);
        names.user = find(&operator.user, &names);
        names
    }

    fn word(&self, word: &str) -> Option<&str> {
        match word {
            "name" => Some(&self.name),
            "space" => Some(&self.space),
            "user" => self.user.as_deref(),
            "database" => self.database.as_deref(),
            "own" => self.own.as_deref(),
            "type" => self.choice.as_deref(),
            _ => None,
        }
    }
}

/// A template's parts in order.
pub(super) fn parts(template: &str, names: &Names) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((word, after)) = behind.split_once('}') else { break };
        parts.push(Part::Known(before.to_owned()));
        parts.push(names.word(word).map_or(Part::Unknown, |word| Part::Known(word.to_owned())));
        rest = after;
    }
    parts.push(Part::Known(rest.to_owned()));
    parts
}

/// A template with all its words, when all of them are known.
pub(super) fn filled(template: &str, names: &Names) -> Option<String> {
    parts(template, names)
        .into_iter()
        .map(|part| match part {
            Part::Known(text) => Some(text),
            Part::Unknown => None,
        })
        .collect()
}

/// What stands for `{user}` in a name that was made by this template; nothing when it was not. A template without it
/// has an empty one.
pub(super) fn user_in<'a>(template: &str, names: &Names, name: &'a str) -> Option<&'a str> {
    let Some((before, behind)) = template.split_once("{user}") else {
        return (filled(template, names)? == name).then_some("");
    };
    let user = name.strip_prefix(&filled(before, names)?)?.strip_suffix(&filled(behind, names)?)?;
    (!user.is_empty()).then_some(user)
}
