//! What a program of the JVM sees: its files' properties, and the environment before them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::elsewhere;
use super::flatten::{Property, canonical};
use super::placeholder::{self, Meaning};
use super::projects::{self, Reader};
use crate::model::{Value, Variable};
use crate::span::Text;

/// Properties by their canonical names: the last that was set.
pub type Layers = BTreeMap<String, Property>;

/// What a program sees.
#[derive(Debug)]
pub struct Scope<'a> {
    /// What the files set.
    pub layers: &'a Layers,
    /// What the program has besides them.
    pub reader: &'a Reader<'a>,
    /// Why something outside the repository may set more.
    pub open: Option<Arc<str>>,
}

impl Scope<'_> {
    /// The value of a property of the files, complete. `None` when no file sets it.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Text> {
        let property = self.layers.get(&canonical(name))?;
        Some(placeholder::resolve(&property.value, &|name| self.meaning(name)))
    }

    /// What a placeholder's name stands for: the environment goes before the files.
    #[must_use]
    pub fn meaning(&self, name: &str) -> Meaning {
        let upper = || name.to_ascii_uppercase().replace(['.', '-'], "_");
        let variable = self.reader.variable(name).or_else(|| self.reader.variable(&upper()));
        if let Some(variable) = variable {
            return match &variable.value {
                Value::Text(text) => Meaning::Value(text.clone()),
                Value::Unknown(reason) => Meaning::Unknown(reason.clone()),
            };
        }
        if let Some(property) = self.layers.get(&canonical(name)) {
            return Meaning::Template(property.value.clone());
        }
        match &self.open {
            Some(reason) => Meaning::Unknown(reason.clone()),
            None if name.starts_with("random.") => Meaning::Unknown("a random value".into()),
            None => Meaning::Nothing,
        }
    }

    /// A property as a variable under `name`; nothing where it is empty. `open`: something else may set it.
    #[must_use]
    pub fn variable(&self, property: &Property, name: &str, open: bool) -> Option<Variable> {
        let value = match self.open.clone().filter(|_| open) {
            Some(reason) => Value::Unknown(reason),
            None => {
                let text = placeholder::resolve(&property.value, &|name| self.meaning(name));
                if text.as_str().trim().is_empty() {
                    return None;
                }
                let reason: Option<Arc<str>> = text.reasons().next().map(Arc::from);
                match reason.filter(|_| text.is_unknown()) {
                    Some(reason) => Value::Unknown(reason),
                    None => Value::Text(text),
                }
            }
        };
        let name_place = projects::place(property.file, property.key_span);
        Some(Variable { name: name.to_owned(), name_place, value, reference: None, via: None })
    }

    /// What the files set of these properties, by the properties' names: those that `holds`, and are not empty. Where
    /// more may be set from outside, no address is known.
    #[must_use]
    pub fn listed(
        &self,
        addresses: &[&str],
        settings: &[&str],
        holds: &dyn Fn(&str) -> bool,
    ) -> Vec<Variable> {
        let all = addresses.iter().chain(settings).filter(|name| holds(name));
        let variable = |name: &&str| {
            let property = self.layers.get(&canonical(name))?;
            self.variable(property, name, addresses.contains(name))
        };
        all.filter_map(variable).collect()
    }

    /// The address of a pool that the files set up and nobody in the repository gives an address: it has a connection,
    /// wherever that leads. `lone`, when nobody reads the files.
    #[must_use]
    pub fn unaddressed(&self, url: &str, lone: bool) -> Option<Variable> {
        let reason = self.open.clone().or_else(|| lone.then(|| elsewhere(url)))?;
        let (name, value) = (url.to_owned(), Value::Unknown(reason));
        Some(Variable { name, name_place: None, value, reference: None, via: None })
    }

    /// Whether the environment or the command line sets a property, whatever the files say.
    #[must_use]
    pub fn is_overridden(&self, name: &str) -> bool {
        let plain = |text: &str| -> String {
            let letters = text.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|letter| letter.to_ascii_lowercase()).collect()
        };
        let name = plain(name);
        self.reader.variables().any(|variable| plain(&variable.name) == name)
            || self.reader.words.iter().any(|word| {
                let options = word.split_whitespace().filter_map(|part| part.split_once('='));
                options.map(|(option, _)| plain(option)).any(|option| {
                    option == name || option.strip_prefix('d').is_some_and(|option| option == name)
                })
            })
    }
}
