//! Which profiles are active, and what holds under them.

use crate::model::Value;
use crate::resolve::applications::flatten::Property;
use crate::resolve::applications::scope::Scope;
use crate::span::Text;

/// Whether a document holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// That depends on what is not known.
    Unknown,
}

/// Keys by which a document names its profiles; the last of them up to Spring Boot 2.3.
const KEYS: [&str; 2] = ["spring.config.activate.onprofile", "spring.profiles"];

/// The expression by which a document is bound to profiles.
#[must_use]
pub fn written(properties: &[Property]) -> Option<&Text> {
    let bound = |property: &&Property| {
        let key = property.key.split('[').next().unwrap_or_default();
        KEYS.contains(&key) || property.key == "spring.config.activate.oncloudplatform"
    };
    properties.iter().find(bound).map(|property| &property.value)
}

/// Whether a document with these properties holds under the active profiles.
#[must_use]
pub fn activation(properties: &[Property], active: &[String]) -> Activation {
    let has = |key: &str| properties.iter().any(|property| property.key == key);
    if has("spring.config.activate.oncloudplatform") {
        return Activation::Unknown;
    }
    let mut bound = properties.iter().filter(|property| {
        let key = property.key.split('[').next().unwrap_or_default();
        KEYS.contains(&key)
    });
    let Some(first) = bound.next() else { return Activation::Yes };
    // One of several in a list is enough.
    let all = std::iter::once(first).chain(bound).map(|property| match property.value.known() {
        Some(expression) => holds(expression, active),
        None => Activation::Unknown,
    });
    all.fold(Activation::No, either)
}

fn either(one: Activation, other: Activation) -> Activation {
    match (one, other) {
        (Activation::Yes, _) | (_, Activation::Yes) => Activation::Yes,
        (Activation::Unknown, _) | (_, Activation::Unknown) => Activation::Unknown,
        _ => Activation::No,
    }
}

/// Whether an expression of profiles holds: `a`, `!a`, `a | b`, `a & b`, and lists with commas.
fn holds(expression: &str, active: &[String]) -> Activation {
    let one = |name: &str| {
        let (wanted, name) = match name.trim().strip_prefix('!') {
            Some(name) => (false, name.trim()),
            None => (true, name.trim()),
        };
        match is_name(name) {
            true if active.iter().any(|profile| profile == name) == wanted => Activation::Yes,
            true => Activation::No,
            false => Activation::Unknown,
        }
    };
    let any = expression.split([',', '|']).map(|part| {
        let all: Vec<Activation> = part.split('&').map(one).collect();
        if all.contains(&Activation::Unknown) {
            Activation::Unknown
        } else if all.contains(&Activation::No) {
            Activation::No
        } else {
            Activation::Yes
        }
    });
    any.fold(Activation::No, either)
}

/// Whether a text is the name of one profile.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || "-_.".contains(letter))
}

/// How many profiles there can be, groups of groups included.
const MOST: usize = 64;

/// The active profiles, the strongest last; nothing when they are not known.
pub fn active(scope: &Scope<'_>) -> Option<Vec<String>> {
    let told = match told(scope) {
        Some(profiles) => Some(profiles),
        None => match set(scope, "SPRING_PROFILES_ACTIVE", "spring.profiles.active") {
            Ok(found) => found,
            Err(()) => return None,
        },
    };
    let included = set(scope, "SPRING_PROFILES_INCLUDE", "spring.profiles.include").ok()?;
    let mut names = included.unwrap_or_default();
    names.extend(told.unwrap_or_default());
    if names.is_empty() {
        names.extend(
            set(scope, "SPRING_PROFILES_DEFAULT", "spring.profiles.default").ok()?.unwrap_or_default(),
        );
    }
    if names.is_empty() {
        names.push("default".to_owned());
    }
    let mut active: Vec<String> = Vec::new();
    let mut waiting: Vec<String> = names.into_iter().rev().collect();
    while let Some(name) = waiting.pop() {
        if active.len() >= MOST || !is_name(&name) {
            return None;
        }
        if active.contains(&name) {
            continue;
        }
        let group = list(scope, &format!("spring.profiles.group.{name}"))?;
        active.push(name);
        waiting.extend(group.into_iter().rev());
    }
    Some(active)
}

/// The profiles that the command line names.
fn told(scope: &Scope<'_>) -> Option<Vec<String>> {
    let options = scope.reader.words.iter().rev().flat_map(|word| word.split_whitespace().rev());
    let mut values = options.filter_map(|option| option.split_once("spring.profiles.active="));
    values.next().map(|(_, names)| split(names.trim_matches(['"', '\''])))
}

/// The profiles of a variable, else of a property of the files; an error when they are not known.
fn set(scope: &Scope<'_>, variable: &str, property: &str) -> Result<Option<Vec<String>>, ()> {
    match scope.reader.variable(variable).or_else(|| scope.reader.variable(property)) {
        Some(variable) => match &variable.value {
            Value::Text(text) => text.known().map(|names| Some(split(names))).ok_or(()),
            Value::Unknown(_) => Err(()),
        },
        None => list(scope, property).map(|names| Some(names).filter(|names| !names.is_empty())).ok_or(()),
    }
}

/// The names under a key of the files, in a list or with commas; nothing when one is not known.
fn list(scope: &Scope<'_>, key: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    if let Some(value) = scope.value(key) {
        names.extend(split(value.known()?));
    }
    for index in 0..MOST {
        match scope.value(&format!("{key}[{index}]")) {
            Some(value) => names.push(value.known()?.to_owned()),
            None => break,
        }
    }
    Some(names)
}

fn split(names: &str) -> Vec<String> {
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_profiles() {
        let active = ["prod".to_owned(), "eu".to_owned()];
        for (expression, expected) in [
            ("prod", Activation::Yes),
            ("!prod", Activation::No),
            ("dev", Activation::No),
            ("dev, prod", Activation::Yes),
            ("dev | eu", Activation::Yes),
            ("prod & eu", Activation::Yes),
            ("prod & dev", Activation::No),
            ("prod & (eu | us)", Activation::Unknown),
        ] {
            assert_eq!(holds(expression, &active), expected, "{expression}");
        }
    }
}
