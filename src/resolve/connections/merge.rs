//! Several variables that lead to the same database.

use std::collections::{BTreeMap, HashMap};

use super::super::applications::sources::{DataSource, is_property};
use super::{Found, Role};
use crate::catalog::catalog;
use crate::model::{Connection, Located, Size, Source};
use crate::resolve::replicas;
use crate::syntax::connection::{ConnectionString, Part};

/// A connection with the names of those that say the same, and the index of the first one of the same role, server
/// and database that says something else besides.
pub struct Merged {
    pub found: Found,
    pub aliases: Vec<String>,
    pub twin: Option<usize>,
}

/// Connections with the same role, server and database are one, the first keeping the others' names; those that differ
/// in anything else stay, and know the first.
pub fn merge(all: Vec<Found>) -> Vec<Merged> {
    let mut merged: Vec<Merged> = Vec::new();
    // Where the connections of one role, server and database are: one for the application, one for administration.
    // A URL for reading has a pool beside the one for writing, wherever it leads.
    let mut known: HashMap<(Role, bool), Vec<usize>> = HashMap::new();
    for found in all {
        if found.address.host.is_none() && found.address.reference.is_none() {
            merged.push(Merged { found, aliases: Vec::new(), twin: None });
            continue;
        }
        let reads = replicas::is_replica(&found.variable);
        let key = (found.role(), reads);
        let same = known.entry(key).or_default();
        let twins = same.iter().copied().filter(|index| {
            let other = merged.get(*index).is_some_and(|other| other.found.administrative);
            let apart = merged.get(*index).is_some_and(|other| are_apart(&other.found, &found));
            (other == found.administrative || found.administrative) && !apart
        });
        let twins: Vec<usize> = twins.collect();
        let equal = twins.iter().find(|index| {
            merged
                .get(**index)
                .is_some_and(|other| found.administrative || says_the_same(&other.found, &found))
        });
        match equal.and_then(|index| merged.get_mut(*index)) {
            Some(other) => other.aliases.push(found.variable),
            None => {
                let twin = twins.first().copied();
                same.push(merged.len());
                merged.push(Merged { found, aliases: Vec::new(), twin });
            }
        }
    }
    merged
}

/// Whether two properties of a program's files set up a data source each, with a pool each.
fn are_apart(one: &Found, other: &Found) -> bool {
    let [source, beside] = [one, other].map(|found| DataSource::of(&found.variable));
    let named = |source: &DataSource| matches!(source, DataSource::Named(_));
    let properties = is_property(&one.variable) && is_property(&other.variable);
    source != beside && (named(&source) || named(&beside))
        || properties && (source == DataSource::Own || beside == DataSource::Own)
}

/// Whether two connections have the same parameters. Parts have none.
fn says_the_same(one: &Found, other: &Found) -> bool {
    match (&one.source, &other.source) {
        (Source::Url { parsed: one, .. }, Source::Url { parsed: other, .. }) => {
            let params = |url: &ConnectionString| -> Vec<(Option<String>, Option<String>)> {
                let known = |part: &Part| part.known().map(str::to_owned);
                url.params
                    .iter()
                    .map(|param| (known(&param.name), param.value.as_ref().and_then(known)))
                    .collect()
            };
            params(one) == params(other)
        }
        _ => true,
    }
}

/// Of the connections of one role, server and database the largest counts; of equal ones, and of those whose size is
/// not known, the first. `twins` holds the first of each.
pub fn count_largest(connections: &mut [Connection], twins: &[Option<usize>]) {
    let mut largest: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, twin) in twins.iter().enumerate() {
        let Some(first) = *twin else { continue };
        if [first, index].iter().any(|at| connections.get(*at).is_some_and(opens_one_each)) {
            continue;
        }
        let best = largest.entry(first).or_insert(first);
        let size = |at: usize| connections.get(at).and_then(largest_size);
        // A size that is known is a lower bound of what is opened; one that is not bounds nothing.
        if size(index) > size(*best) {
            *best = index;
        }
    }
    for (first, best) in largest {
        let Some(variable) = connections.get(best).map(|connection| connection.variable.clone()) else {
            continue;
        };
        for (index, connection) in connections.iter_mut().enumerate() {
            let of_group = index == first || twins.get(index) == Some(&Some(first));
            if of_group && index != best && !opens_one_each(connection) {
                connection.repeats = Some(variable.clone());
            }
        }
    }
}

/// Whether the client is known to open a pool for each URL, to the same database or not.
fn opens_one_each(connection: &Connection) -> bool {
    connection
        .client
        .as_ref()
        .and_then(|client| catalog().client_for(&client.label, connection.database_kind.name()))
        .is_some_and(|entry| entry.pool_per_url)
}

/// The connections that a pool opens at most, one without limit as the greatest number.
fn largest_size(connection: &Connection) -> Option<u64> {
    let part = |size: &Located<Size>| match size.value? {
        Size::Limit(limit) => Some(limit),
        Size::Unlimited => Some(u64::MAX),
    };
    Some(part(&connection.pool.size)?.saturating_add(part(&connection.pool.overflow)?))
}
