//! Which rules there are, which of them are on, and with which thresholds.

use std::collections::BTreeMap;

use super::cel::CelValue;
use super::page::{Page, ParamValue};
use crate::config::{Config, RuleLevel};
use crate::model::Severity;
use crate::span::Place;

/// The built-in pages and those of the repository's owner.
#[derive(Debug, Clone)]
pub struct Rulebook<'p> {
    pages: Vec<&'p Page>,
}

/// Something in `poollint.toml` or on the command line that speaks of a rule wrongly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigProblem {
    /// The table or the key, when it is in the file.
    pub place: Option<Place>,
    /// What is wrong and what there is instead.
    pub message: String,
}

impl Rulebook<'static> {
    /// The built-in rules.
    #[must_use]
    pub fn built_in() -> Self {
        Self { pages: super::pages().iter().collect() }
    }
}

impl<'p> Rulebook<'p> {
    /// A book of these pages alone, sorted by name.
    #[must_use]
    pub fn of(pages: &'p [Page]) -> Self {
        Rulebook { pages: Vec::new() }.with(pages)
    }

    /// With further pages. One that bears the name of a page that is there already replaces it.
    #[must_use]
    pub fn with(mut self, own: &'p [Page]) -> Self {
        self.pages.retain(|page| own.iter().all(|other| other.name != page.name));
        self.pages.extend(own);
        self.pages.sort_by(|one, other| one.name.cmp(&other.name));
        self
    }

    /// Every page, sorted by name.
    #[must_use]
    pub fn pages(&self) -> &[&'p Page] {
        &self.pages
    }

    /// The page of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'p Page> {
        let index = self.pages.binary_search_by(|page| page.name.as_str().cmp(name)).ok()?;
        self.pages.get(index).copied()
    }

    /// The rule whose name is nearest to a name that no rule has.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&'p str> {
        let names = self.pages.iter().map(|page| page.name.as_str());
        nearest(name, names)
    }

    /// Whether a rule is on.
    #[must_use]
    pub fn enabled(&self, page: &Page, config: &Config) -> bool {
        let named = |list: &[String]| list.contains(&page.name);
        let off = config.rules.get(&page.name).is_some_and(|rule| rule.level == Some(RuleLevel::Off));
        let chosen = if config.select.is_empty() { !page.opt_in } else { named(&config.select) };
        (chosen || named(&config.extend_select)) && !named(&config.ignore_rules) && !off
    }

    /// Everything in a configuration that names a rule or a param that does not exist, or gives a param a
    /// value of another kind.
    #[must_use]
    pub fn problems(&self, config: &Config) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let named = [&config.select, &config.extend_select, &config.ignore_rules].into_iter().flatten();
        for (name, place) in
            named.map(|name| (name, None)).chain(config.rules.iter().map(|(name, rule)| (name, rule.place)))
        {
            if self.get(name).is_none() {
                let hint = self.nearest(name).map_or_else(
                    || "`poollint rules` lists them".to_owned(),
                    |nearest| format!("did you mean \"{nearest}\"?"),
                );
                problems
                    .push(ConfigProblem { place, message: format!("there is no rule \"{name}\"; {hint}") });
            }
        }
        for (name, rule) in &config.rules {
            let Some(page) = self.get(name) else { continue };
            for (param, value) in &rule.params {
                if let Err(message) = override_param(page, param, value) {
                    let places = rule.places.get(param);
                    let known = page.params.contains_key(param);
                    let place = places.map(|(name, value)| if known { *value } else { *name });
                    problems.push(ConfigProblem { place: place.or(rule.place), message });
                }
            }
        }
        problems
    }
}

/// The severity that the configuration sets for a rule.
pub(super) fn level(page: &Page, config: &Config) -> Option<Severity> {
    match config.rules.get(&page.name)?.level? {
        RuleLevel::Severity(severity) => Some(severity),
        RuleLevel::Off => None,
    }
}

/// A page's params as expressions see them, with the configuration's values where they are of the right kind.
pub(super) fn params(page: &Page, config: &Config) -> CelValue {
    let own = config.rules.get(&page.name);
    let values = page.params.iter().map(|(name, default)| {
        let set = own
            .and_then(|rule| rule.params.get(name))
            .and_then(|value| override_param(page, name, value).ok());
        (name.replace('-', "_"), cel_value(set.as_ref().unwrap_or(default)))
    });
    CelValue::Map(values.collect::<BTreeMap<_, _>>())
}

/// A page's params as expressions see them, with its own values.
pub(super) fn default_params(page: &Page) -> CelValue {
    params(page, &Config::default())
}

fn override_param(page: &Page, name: &str, value: &serde_json::Value) -> Result<ParamValue, String> {
    let Some(default) = page.params.get(name) else {
        let hint = nearest(name, page.params.keys().map(String::as_str))
            .map_or_else(String::new, |nearest| format!("; did you mean \"{nearest}\"?"));
        return Err(format!("rule {} has no param \"{name}\"{hint}", page.name));
    };
    let given = match (default, value) {
        (ParamValue::Number(_), serde_json::Value::Number(number)) => number.as_f64().map(ParamValue::Number),
        (ParamValue::Text(_), serde_json::Value::String(text)) => Some(ParamValue::Text(text.clone())),
        (ParamValue::Bool(_), serde_json::Value::Bool(flag)) => Some(ParamValue::Bool(*flag)),
        (ParamValue::List(_), serde_json::Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .map(ParamValue::List),
        _ => None,
    };
    // What a page counts it counts from 0, unless its own value says otherwise.
    if let (ParamValue::Number(default), Some(ParamValue::Number(number))) = (default, &given)
        && *number < 0.0
        && *default >= 0.0
    {
        return Err(format!("param \"{name}\" of rule {} is a number, 0 or more", page.name));
    }
    given.ok_or_else(|| format!("param \"{name}\" of rule {} is {}", page.name, default.kind()))
}

fn cel_value(value: &ParamValue) -> CelValue {
    match value {
        ParamValue::Number(number) => CelValue::Number(*number),
        ParamValue::Text(text) => CelValue::Text(text.clone()),
        ParamValue::Bool(flag) => CelValue::Bool(*flag),
        ParamValue::List(items) => CelValue::List(items.iter().cloned().map(CelValue::Text).collect()),
    }
}

/// The name among `names` that a typing error away from `name` is likely to mean.
fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // Longer than any name: nothing is near, and the distance would be dear.
    if name.len() > 100 {
        return None;
    }
    let allowed = (name.chars().count() / 4).clamp(1, 4);
    names
        .map(|other| (strsim::damerau_levenshtein(name, other), other))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, other)| other)
}
