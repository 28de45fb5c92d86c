//! Merging as compose-go does it (its `override` package; Compose specification, "Merge Compose files").

use std::collections::BTreeMap;
use std::sync::Arc;

use super::interpolation::Dangling;
use super::tree::{Entry, Item, Mode, Scalar, Shape};
use crate::span::{Place, Span, Text};

/// Where in a project an item stands; what decides how it merges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The whole project.
    Root,
    /// `services`
    Services,
    /// One service.
    Service,
    /// `build`
    Build,
    /// `deploy`
    Deploy,
    /// `healthcheck`
    Healthcheck,
    /// Anything else.
    Elsewhere,
}

/// How two items become one.
enum Rule {
    /// Mappings merge, lists append, scalars replace.
    Deep,
    /// The later one holds.
    Replace,
    /// By key, whether written as a mapping or as a list of `KEY=value`.
    Pairs,
    /// By name, whether written as a mapping or as a list of names.
    Names,
    /// Lists append; a scalar is a list of one.
    Append,
    /// A string is a build context.
    Build,
}

fn rule(at: At, key: &str) -> (Rule, At) {
    match (at, key) {
        (At::Root, "services") => (Rule::Deep, At::Services),
        (At::Services, _) => (Rule::Deep, At::Service),
        (At::Service, "command" | "entrypoint" | "ulimits") | (At::Healthcheck, "test") => {
            (Rule::Replace, At::Elsewhere)
        }
        (At::Service, "environment" | "labels" | "annotations" | "sysctls")
        | (At::Build, "args" | "labels" | "additional_contexts")
        | (At::Deploy, "labels") => (Rule::Pairs, At::Elsewhere),
        (At::Service, "depends_on" | "networks" | "models") => (Rule::Names, At::Elsewhere),
        (At::Service, "env_file" | "label_file" | "dns" | "dns_opt" | "dns_search" | "tmpfs") => {
            (Rule::Append, At::Elsewhere)
        }
        (At::Service, "build") => (Rule::Build, At::Build),
        (At::Service, "deploy") => (Rule::Deep, At::Deploy),
        (At::Service, "healthcheck") => (Rule::Deep, At::Healthcheck),
        _ => (Rule::Deep, At::Elsewhere),
    }
}

/// Merges `over`, which stands at `at`, over `base`.
#[must_use]
pub fn merge(base: Item, over: Item, at: At) -> Item {
    by_rule(base, over, &Rule::Deep, at)
}

/// The item without what it asks to remove; its merge tags have done their work.
#[must_use]
pub fn settled(mut item: Item) -> Item {
    item.mode = Mode::Merge;
    item.shape = match item.shape {
        Shape::Sequence(items) => {
            Shape::Sequence(items.into_iter().filter(|item| item.mode != Mode::Remove).map(settled).collect())
        }
        Shape::Mapping(entries) => Shape::Mapping(all_settled(entries)),
        Shape::Pairs(entries) => Shape::Pairs(all_settled(entries)),
        other => other,
    };
    item
}

fn all_settled(entries: BTreeMap<Arc<str>, Entry>) -> BTreeMap<Arc<str>, Entry> {
    let kept = entries.into_iter().filter(|(_, entry)| entry.item.mode != Mode::Remove);
    kept.map(|(key, entry)| (key, Entry { key: entry.key, item: settled(entry.item) })).collect()
}

fn by_rule(base: Item, over: Item, rule: &Rule, at: At) -> Item {
    if over.mode == Mode::Replace {
        return settled(over);
    }
    match rule {
        Rule::Replace => settled(over),
        Rule::Pairs => paired(base, over),
        _ if over.is_null() => base,
        Rule::Deep => deep(base, over, at),
        Rule::Names => deep(named(base), named(over), at),
        Rule::Append => deep(listed(base), listed(over), at),
        Rule::Build => deep(build(base), build(over), at),
    }
}

fn deep(base: Item, over: Item, at: At) -> Item {
    let place = over.place;
    let shape = match (base.shape, over.shape) {
        (Shape::Mapping(mut entries), Shape::Mapping(others)) => {
            for (key, entry) in others {
                if entry.item.mode == Mode::Remove {
                    entries.remove(&key);
                    continue;
                }
                let (rule, next) = rule(at, &key);
                let item = match entries.remove(&key) {
                    Some(known) => by_rule(known.item, entry.item, &rule, next),
                    None => settled(entry.item),
                };
                entries.insert(key, Entry { key: entry.key, item });
            }
            return Item { place: base.place, mode: Mode::Merge, shape: Shape::Mapping(entries) };
        }
        (Shape::Sequence(mut items), Shape::Sequence(others)) => {
            items.extend(others.into_iter().filter(|item| item.mode != Mode::Remove).map(settled));
            Shape::Sequence(items)
        }
        // Compose refuses to replace one shape by another; the later one is what was meant.
        (_, shape) => return settled(Item { place, mode: Mode::Merge, shape }),
    };
    Item { place, mode: Mode::Merge, shape }
}

/// Entries by key. One without a value takes the value away: the variable comes from the project, if at all. A single
/// entry can be removed from a mapping only, and from nothing that was merged before.
fn paired(base: Item, over: Item) -> Item {
    let place = base.place;
    let reached = matches!(base.shape, Shape::Mapping(_));
    let (base, over) = (pairs(base), pairs(over));
    let (Shape::Mapping(mut entries) | Shape::Pairs(mut entries)) = base.shape else {
        // What holds nothing becomes a list too.
        let Shape::Mapping(entries) = over.shape else { return settled(over) };
        return Item { place: over.place, mode: Mode::Merge, shape: Shape::Pairs(all_settled(entries)) };
    };
    if let Shape::Mapping(others) | Shape::Pairs(others) = over.shape {
        for (key, entry) in others {
            if entry.item.mode != Mode::Remove {
                entries.insert(key, Entry { key: entry.key, item: settled(entry.item) });
            } else if reached {
                entries.remove(&key);
            }
        }
    }
    Item { place, mode: Mode::Merge, shape: Shape::Pairs(entries) }
}

fn build(item: Item) -> Item {
    let Shape::Scalar(_) = item.shape else { return item };
    let Item { place, mode, .. } = item;
    let context = Entry { key: place, item: Item { mode: Mode::Merge, ..item } };
    Item { place, mode, shape: Shape::Mapping(BTreeMap::from([(Arc::from("context"), context)])) }
}

fn listed(item: Item) -> Item {
    let Shape::Scalar(_) = item.shape else { return item };
    let Item { place, mode, .. } = item;
    Item { place, mode, shape: Shape::Sequence(vec![Item { mode: Mode::Merge, ..item }]) }
}

/// A list of names as a mapping without values.
#[must_use]
pub fn named(item: Item) -> Item {
    let Shape::Sequence(items) = item.shape else { return item };
    let entries = items
        .iter()
        .filter_map(|name| {
            let value = Item { place: name.place, mode: name.mode, shape: Shape::Null };
            Some((Arc::from(name.known()?), Entry { key: name.place, item: value }))
        })
        .collect();
    Item { shape: Shape::Mapping(entries), ..item }
}

/// A list of `KEY=value` by key; `KEY` alone is one without a value. The last of equal keys holds, and an item that is to
/// be removed only vanishes itself.
#[must_use]
pub fn pairs(item: Item) -> Item {
    let Shape::Sequence(items) = item.shape else { return item };
    let entries = items.iter().filter(|item| item.mode != Mode::Remove).filter_map(pair).collect();
    Item { shape: Shape::Pairs(entries), ..item }
}

fn pair(item: &Item) -> Option<(Arc<str>, Entry)> {
    let scalar = item.scalar()?;
    let text = scalar.text.as_str();
    let Some((key, value)) = text.split_once('=') else {
        let key = scalar.text.known()?;
        let value = Item { place: item.place, mode: item.mode, shape: Shape::Null };
        return Some((Arc::from(key), Entry { key: item.place, item: value }));
    };
    let key_place = scalar.text.place_of(0..key.len()).unwrap_or(item.place);
    // A key that depends on something unknown names no variable that anybody could look up.
    scalar.text.slice(0..key.len()).is_known().then_some(())?;
    let start = key.len().saturating_add(1);
    let text = scalar.text.slice(start..start.saturating_add(value.len()));
    let place = whole_place(&text).unwrap_or_else(|| {
        let end = item.place.span.end;
        Place::new(item.place.file, Span::new(end, end))
    });
    let dangling = scalar
        .dangling
        .iter()
        .filter_map(|dangling| Some(Dangling { at: dangling.at.checked_sub(start)?, ..dangling.clone() }))
        .collect();
    let scalar = Scalar { text, directory: scalar.directory.clone(), dangling, in_list: true };
    let value = Item { place, mode: item.mode, shape: Shape::Scalar(Arc::new(scalar)) };
    Some((Arc::from(key), Entry { key: key_place, item: value }))
}

fn whole_place(text: &Text) -> Option<Place> {
    text.place_of(0..text.as_str().len())
}
