//! Counts and times of platforms: written, a documented default, or unknown.

use crate::model::{Basis, Factor, Instances, Located, Value};
use crate::span::{FileId, Place, Text};
use crate::syntax::node::Node;

/// A count at its place, or the platform's default.
pub(super) fn count(file: FileId, node: Option<&Node>, default: Located<u64>) -> Located<u64> {
    let Some(node) = node.filter(|node| !node.is_null()) else { return default };
    let place = Place::new(file, node.span);
    match node.as_int().and_then(|value| u64::try_from(value).ok()) {
        Some(value) => Located::written(value, place),
        None => Located::unknown().at(Some(place)),
    }
}

/// The count that a resolved text spells; `at` is where the setting stands.
pub(super) fn count_of(text: &Text, at: Place) -> Located<u64> {
    let range = 0..text.as_str().len();
    match text.known().and_then(|known| known.trim().parse().ok()) {
        Some(value) => Located {
            hops: text.hops_of(range.clone()),
            ..Located::written(value, text.place_of(range).unwrap_or(at))
        },
        None => Located::unknown().at(Some(at)),
    }
}

/// The same of a value that may not be known at all.
pub(super) fn count_of_value(value: &Value, at: Place) -> Located<u64> {
    match value {
        Value::Text(text) => count_of(text, at),
        Value::Unknown(_) => Located::unknown().at(Some(at)),
    }
}

/// Seconds from a count; nothing where nothing is known, not even a place.
#[expect(clippy::cast_precision_loss, reason = "seconds of a request are few")]
pub(super) fn as_seconds(count: Located<u64>) -> Option<Located<f64>> {
    let seconds = count.map(|value| value as f64);
    (seconds.value.is_some() || seconds.place.is_some()).then_some(seconds)
}

/// A number of seconds at its place, or the platform's default.
pub(super) fn seconds(file: FileId, node: Option<&Node>, default: Option<u64>) -> Option<Located<f64>> {
    as_seconds(count(file, node, default.map_or_else(Located::unknown, platform_default)))
}

/// A default that the platform documents.
pub(super) fn platform_default(value: u64) -> Located<u64> {
    Located::of(value, Basis::PlatformDefault)
}

/// Nothing tells how many run.
pub(super) fn unknown_instances() -> Instances {
    fixed("instances", Located::unknown())
}

/// The same number at rest, at full scale and during a rollout.
pub(super) fn fixed(name: &str, count: Located<u64>) -> Instances {
    between((name, count.clone()), (name, count), None)
}

/// Instances between two bounds, named after the platform's keys; a rollout adds `surge`.
pub(super) fn between(
    (low, min): (&str, Located<u64>),
    (high, max): (&str, Located<u64>),
    surge: Option<Located<u64>>,
) -> Instances {
    let mut factors = Vec::new();
    if low != high {
        factors.push(Factor::count(low, &min));
    }
    factors.push(Factor::count(high, &max));
    let mut rollout = max.clone();
    if let Some(surge) = surge {
        rollout = match Option::zip(max.value, surge.value) {
            Some((max, more)) => Located::of(max.saturating_add(more), Basis::Derived).at(surge.place),
            None => Located::unknown(),
        };
        factors.push(Factor::count("surge", &surge));
    }
    Instances { min, max, rollout, factors, surge_percent: None }
}

/// What a rollout adds where old and new together may be so many percent of `max`, rounded down.
pub(super) fn beyond(max: &Located<u64>, percent: &Located<u64>) -> Located<u64> {
    let Some((max, share)) = Option::zip(max.value, percent.value) else { return Located::unknown() };
    let most = max.saturating_mul(share).checked_div(100).unwrap_or_default();
    Located { value: Some(most.saturating_sub(max)), ..percent.clone() }
        .noted(format!("up to {share} % of {max} while deploying"))
}

/// As many again: two versions at the same time.
pub(super) fn twice(max: &Located<u64>, place: Option<Place>) -> Located<u64> {
    match max.value {
        Some(max) => Located::of(max, Basis::Derived).at(place).noted("two versions run at the same time"),
        None => Located::unknown(),
    }
}
