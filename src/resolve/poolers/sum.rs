//! What a pooler opens to its servers: the pools of all (database, user) pairs, capped by its own limits, whatever its
//! clients ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::{Entry, Settings};
use super::{flow, others};
use crate::model::{Basis, Factor, Located, Size};

/// What a client asks the pooler for. `None` where it is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// Name of the database.
    pub database: Option<String>,
    /// Role.
    pub user: Option<String>,
}

/// What one process of a pooler opens to the servers of some of its databases.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// Connections.
    pub connections: u64,
    /// Distinct pairs.
    pub pairs: u64,
    /// Whether everything is known.
    pub complete: bool,
    /// Pool size, when all pairs have the same.
    pub size: Option<Size>,
    /// Reserve, when all pairs have the same.
    pub reserve: Option<u64>,
    /// Roles, where they are known.
    pub users: BTreeSet<Option<String>>,
    /// What went into the sum.
    pub factors: Vec<Factor>,
}

/// One pool of the pooler.
struct Pool {
    database: String,
    user: Option<String>,
    size: Located<Size>,
    size_name: &'static str,
    reserve: Located<u64>,
    /// Limit of its database; 0 is none.
    database_cap: Located<u64>,
}

/// The side of the databases `here`, of all that the pooler offers.
#[must_use]
pub fn side(kind: &str, settings: &Settings, here: &[&Entry], clients: &[Asked]) -> Side {
    if kind != "pgbouncer" {
        return others::side(kind, settings, here, clients);
    }
    let mut complete = !settings.open;
    let mut pools = Vec::new();
    for entry in here {
        let (pairs, all) = pairs(settings, entry, clients);
        complete &= all;
        pools.extend(pairs.into_iter().map(|pair| pool(kind, settings, entry, pair)));
    }
    let user_cap = settings.count(kind, "max_user_connections");
    let total_cap = settings.count(kind, "max_client_conn");
    complete &= total_cap.value.is_some();
    let mut caps = Caps::default();
    let mut flows = Vec::new();
    for (index, pool) in pools.iter().enumerate() {
        let size = match pool.size.value {
            Some(Size::Limit(size)) => size,
            // Without limit of its own it is held by the others.
            Some(Size::Unlimited) => total_cap.value.unwrap_or(0),
            None => 0,
        };
        complete &= pool.size.value.is_some() && pool.reserve.value.is_some();
        let size = size.saturating_add(pool.reserve.value.unwrap_or(0));
        complete &= pool.database_cap.value.is_some();
        let database = caps.of_database(&pool.database, pool.database_cap.value);
        let cap = pool
            .user
            .as_deref()
            .and_then(|user| settings.user(user)?.count(&["max_user_connections"]))
            .unwrap_or_else(|| user_cap.clone());
        complete &= cap.value.is_some();
        // Roles that are not known are not known to be one: each pool of theirs is counted by itself.
        let user = match pool.user.as_deref() {
            Some(user) => caps.of_user(Ok(user), cap.value),
            None => caps.of_user(Err(index), cap.value.map(|_| 0)),
        };
        flows.push(flow::Pool { database, user, size });
    }
    let (connections, exact) = flow::most(&flows, &caps.databases, &caps.users);
    complete &= exact;
    let connections = connections.min(total_cap.value.unwrap_or(0));
    Side {
        connections,
        pairs: u64::try_from(pools.len()).unwrap_or(u64::MAX),
        complete,
        size: same(pools.iter().map(|pool| pool.size.value)),
        reserve: same(pools.iter().map(|pool| pool.reserve.value)),
        users: pools.iter().map(|pool| pool.user.clone()).collect(),
        factors: factors(settings, &pools, &user_cap, &total_cap, connections),
    }
}

/// The limits of the databases and of the roles, each with its index.
#[derive(Default)]
struct Caps<'a> {
    database_index: BTreeMap<&'a str, usize>,
    databases: Vec<u64>,
    /// Roles by name; those that are not known by their pool.
    user_index: BTreeMap<Result<&'a str, usize>, usize>,
    users: Vec<u64>,
}

impl<'a> Caps<'a> {
    fn of_database(&mut self, name: &'a str, cap: Option<u64>) -> usize {
        *self.database_index.entry(name).or_insert_with(|| add(&mut self.databases, cap))
    }

    fn of_user(&mut self, user: Result<&'a str, usize>, cap: Option<u64>) -> usize {
        *self.user_index.entry(user).or_insert_with(|| add(&mut self.users, cap))
    }
}

/// A limit as it is written: 0 is none, and one that is not known may be any.
fn add(caps: &mut Vec<u64>, cap: Option<u64>) -> usize {
    caps.push(match cap {
        Some(0) => u64::MAX,
        Some(cap) => cap,
        None => 0,
    });
    caps.len().saturating_sub(1)
}

pub(super) fn same<T: PartialEq>(mut values: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = values.next()??;
    values.all(|value| value.as_ref() == Some(&first)).then_some(first)
}

/// The (database, user) pairs of an entry, and whether they are all.
pub(super) fn pairs(
    settings: &Settings,
    entry: &Entry,
    clients: &[Asked],
) -> (Vec<(String, Option<String>)>, bool) {
    let wildcard = entry.name == "*";
    let named = |name: &str| settings.databases.iter().any(|other| other.name == name);
    let forced = entry.options.get("user").map(|user| user.value.clone());
    let mut complete = true;
    let mut found: BTreeSet<(String, Option<String>)> = BTreeSet::new();
    for asked in clients {
        // Without a database of its own a client asks for the one named like its role.
        let database = asked.database.as_deref().or(asked.user.as_deref());
        match database {
            Some(name) if name == entry.name || wildcard && !named(name) => {
                let user = forced.clone().unwrap_or_else(|| asked.user.clone());
                complete &= user.is_some();
                found.insert((name.to_owned(), user));
            }
            Some(_) => {}
            // It may ask for this one.
            None => complete = false,
        }
    }
    if !found.is_empty() {
        // An unknown role may be one of the known ones.
        let known: BTreeSet<String> =
            found.iter().filter(|(_, user)| user.is_some()).map(|(name, _)| name.clone()).collect();
        found.retain(|(name, user)| user.is_some() || !known.contains(name));
        return (found.into_iter().collect(), complete);
    }
    let only = match settings.users.as_slice() {
        [user] => Some(user.name.clone()),
        _ => None,
    };
    let user = forced.unwrap_or(only);
    let complete = complete && !wildcard && user.is_some();
    (vec![(entry.name.clone(), user)], complete)
}

fn pool(kind: &str, settings: &Settings, entry: &Entry, (database, user): (String, Option<String>)) -> Pool {
    let own = user.as_deref().and_then(|user| settings.user(user));
    let of_user = own.and_then(|user| user.count(&["pool_size"]));
    let (size, size_name) = match of_user.or_else(|| entry.count(&["pool_size"])) {
        Some(size) => (size, "pool_size"),
        None => (settings.count(kind, "default_pool_size"), "default_pool_size"),
    };
    let unlimited = size.value == Some(0);
    let size = size.map(|size| if unlimited { Size::Unlimited } else { Size::Limit(size) });
    let reserve_names = ["reserve_pool_size", "reserve_pool"];
    let mut reserve = own
        .and_then(|user| user.count(&reserve_names))
        .or_else(|| entry.count(&reserve_names))
        .unwrap_or_else(|| settings.count(kind, "reserve_pool_size"));
    let off = settings.main.get("reserve_pool_timeout").and_then(|time| time.value.as_deref());
    if off.and_then(|time| time.trim().parse::<f64>().ok()) == Some(0.0) {
        reserve = Located::of(0, Basis::Derived).noted("reserve_pool_timeout 0 switches the reserve off");
    }
    let database_cap =
        entry.count(&["max_db_connections"]).unwrap_or_else(|| settings.count(kind, "max_db_connections"));
    Pool { database, user, size, size_name, reserve, database_cap }
}

fn factors(
    settings: &Settings,
    pools: &[Pool],
    user_cap: &Located<u64>,
    total_cap: &Located<u64>,
    connections: u64,
) -> Vec<Factor> {
    let pairs = u64::try_from(pools.len()).unwrap_or(u64::MAX);
    let mut factors = vec![Factor::given("pairs", pairs, Basis::Derived)];
    let mut push = |factor: Factor| {
        if !factors.contains(&factor) {
            factors.push(factor);
        }
    };
    for pool in pools {
        push(Factor { name: pool.size_name.to_owned(), value: pool.size.clone() });
        if pool.reserve.value != Some(0) {
            push(Factor::count("reserve_pool_size", &pool.reserve));
        }
        if pool.database_cap.value != Some(0) {
            push(Factor::count("max_db_connections", &pool.database_cap));
        }
        let own = pool.user.as_deref().and_then(|user| settings.user(user)?.count(&["max_user_connections"]));
        let cap = own.unwrap_or_else(|| user_cap.clone());
        if cap.value != Some(0) {
            push(Factor::count("max_user_connections", &cap));
        }
    }
    if total_cap.value == Some(connections) {
        push(Factor::count("max_client_conn", total_cap));
    }
    factors
}
