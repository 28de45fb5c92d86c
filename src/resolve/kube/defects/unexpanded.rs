//! `${NAME}` where nothing expands it: Kubernetes knows `$(NAME)` only, and in ConfigMaps and Secrets nothing, not even
//! where a value of theirs is used through a `$(NAME)` of a container.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::object::{Object, Objects};
use super::super::value::{Shape, Val};
use super::references::is_name;
use crate::catalog::VariableMeaning;
use crate::model::Defect;
use crate::resolve::names::meaning;
use crate::span::{FileId, Span, Text};
use crate::syntax::connection;
use crate::tree::{Files, Kind};

/// Frameworks that expand `${NAME}` in the variables they are given
/// (<https://docs.spring.io/spring-boot/reference/features/external-config.html>,
/// <https://quarkus.io/guides/config-reference>).
const EXPANDING_PREFIXES: [&str; 4] = ["SPRING_", "QUARKUS_", "MICRONAUT_", "LOGGING_"];

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Site {
    /// In a container's `env`, where `$(NAME)` is filled in.
    Entry,
    /// In a ConfigMap or a Secret, where nothing is.
    Store,
}

/// Which files are filled in by another tool before they are applied.
pub(in super::super) struct Substitution {
    files: BTreeSet<FileId>,
    everywhere: bool,
}

impl Substitution {
    /// Finds them: files that hold references where Kubernetes would refuse them, or as whole values; and
    /// everything of a deployment in whose containers `envsubst` runs, or of a repository whose workflows and
    /// scripts run it.
    pub fn of(objects: &Objects, files: &Files) -> Self {
        let everywhere = files.iter().any(|(_, file)| {
            matches!(file.kind, Kind::Workflow | Kind::Dependencies) && file.text.contains("envsubst")
        });
        let mut found = Self { files: BTreeSet::new(), everywhere };
        for object in &objects.all {
            let mut look = Look { found: false, envsubst: false };
            look.at(&object.root, None);
            if look.found || object.substituted {
                found.files.insert(object.place.file);
            }
            found.everywhere |= look.envsubst;
        }
        found
    }

    /// A reference inside a value that reaches the program as it stands.
    pub fn unexpanded(&self, object: &Object, name: &str, text: &Text, site: Site) -> Option<Defect> {
        let content = text.as_str();
        let lower = content.to_ascii_lowercase();
        let framework = EXPANDING_PREFIXES.iter().any(|prefix| name.to_ascii_uppercase().starts_with(prefix))
            || lower.starts_with("jdbc:")
            || lower.starts_with("r2dbc:");
        // A password may hold anything, and part of one must not become a fact.
        let secret = meaning(name).is_some_and(|meaning| meaning.role == VariableMeaning::Password);
        let (range, reference) = match site {
            Site::Entry => references(content).next(),
            Site::Store => {
                let all = references(content).chain(parenthesised(content));
                all.min_by_key(|(range, _)| range.start)
            }
        }?;
        let own = content.as_bytes().get(range.start.saturating_add(1)) == Some(&b'(');
        if secret || range == (0..content.len()) || (framework && !own) {
            return None;
        }
        let place = text.place_of(range.clone())?;
        if self.everywhere || object.substituted || self.files.contains(&place.file) {
            return None;
        }
        let kind = if site == Site::Store { "kubernetes-store" } else { "kubernetes" };
        let defect = Defect::new("env-unexpanded-variable", kind, place).of(name);
        if is_glued_to_credential(content, &range) {
            return Some(defect);
        }
        Some(defect.fact("reference", reference))
    }
}

/// Whether a reference stands in the credentials of a URL and touches other text there: it may then be a piece of a
/// password, and its name must not be shown.
fn is_glued_to_credential(text: &str, range: &Range<usize>) -> bool {
    let Some(parsed) = connection::parse(text) else { return false };
    let held = |span: Span| span.start < range.end && range.start < span.end;
    let glued = |span: Span| span.start < range.start || range.end < span.end;
    let password = parsed.password.iter().map(|part| part.span);
    let user = parsed.user.iter().map(|part| part.span);
    parsed.secrets.iter().copied().chain(password).chain(user).any(|span| held(span) && glued(span))
}

struct Look {
    found: bool,
    envsubst: bool,
}

impl Look {
    fn at(&mut self, value: &Val, key: Option<&str>) {
        match &value.shape {
            Shape::Scalar(scalar) => {
                let text = scalar.text.as_str();
                let whole = references(text).next().is_some_and(|(range, _)| range == (0..text.len()));
                let settings =
                    matches!(key, Some("value" | "data" | "stringData" | "command" | "args" | "annotations"));
                self.found |= whole || (!settings && references(text).next().is_some());
                self.envsubst |= text.contains("envsubst");
            }
            Shape::Sequence(items) => items.iter().for_each(|item| self.at(item, key)),
            Shape::Mapping(pairs) => {
                for pair in pairs {
                    let inherited = matches!(key, Some("data" | "stringData" | "annotations"));
                    self.at(&pair.value, if inherited { key } else { Some(&pair.key) });
                }
            }
        }
    }
}

/// `${NAME}` and, in capitals with an underscore, `$NAME`: anything shorter may be part of a password.
fn references(text: &str) -> impl Iterator<Item = (Range<usize>, String)> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'$', bytes).filter_map(move |at| {
        if at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'$') {
            return None;
        }
        let braced = bytes.get(at.saturating_add(1)) == Some(&b'{');
        let start = at.saturating_add(if braced { 2 } else { 1 });
        let rest = text.get(start..)?;
        let is_part = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
        let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let name = rest.get(..length)?;
        let end = start.saturating_add(length);
        if name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit()) {
            return None;
        }
        if braced {
            let closed = bytes.get(end) == Some(&b'}');
            return closed.then(|| (at..end.saturating_add(1), name.to_owned()));
        }
        let shouted = name.contains('_') && !name.bytes().any(|byte| byte.is_ascii_lowercase());
        shouted.then(|| (at..end, name.to_owned()))
    })
}

/// `$(NAME)`, with what Kubernetes takes for a name.
fn parenthesised(text: &str) -> impl Iterator<Item = (Range<usize>, String)> {
    text.match_indices("$(").filter_map(|(at, sign)| {
        let start = at.saturating_add(sign.len());
        let (name, _) = text.get(start..)?.split_once(')')?;
        let escaped = text.get(..at).is_some_and(|before| before.ends_with('$'));
        let end = start.saturating_add(name.len()).saturating_add(1);
        (is_name(name) && !escaped).then(|| (at..end, name.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::{parenthesised, references};

    #[test]
    fn kubernetes_own_references() {
        for (text, expected) in [
            ("a$(DB_HOST)b", Some((1..11, "DB_HOST"))),
            ("$(a.b-c)", Some((0..8, "a.b-c"))),
            ("$(whoami me)", None),
            ("$$(X)", None),
            ("$(X", None),
            ("$()", None),
            ("${X}", None),
        ] {
            let found = parenthesised(text).next();
            assert_eq!(found, expected.map(|(range, name)| (range, name.to_owned())), "{text}");
        }
    }

    #[test]
    fn references_are_told_from_passwords() {
        for (text, expected) in [
            ("a${DB_HOST}b", Some((1..11, "DB_HOST"))),
            ("${x}", Some((0..4, "x"))),
            ("a$DB_HOST/", Some((1..9, "DB_HOST"))),
            ("pa$word", None),
            ("pa$WORD", None),
            ("a$${X}", None),
            ("${X:-d}", None),
            ("$(X)", None),
            ("a$", None),
        ] {
            let found = references(text).next();
            assert_eq!(found, expected.map(|(range, name)| (range, name.to_owned())), "{text}");
        }
    }
}
