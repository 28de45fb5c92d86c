//! How many connections pools can hold at once when databases and roles have limits of their own: each connection
//! counts against both of its limits, so that the answer is a maximum flow from databases to roles.

/// One pool: the index of its database, that of its role, and how many connections it may hold.
#[derive(Debug, Clone, Copy)]
pub struct Pool {
    pub database: usize,
    pub user: usize,
    pub size: u64,
}

/// So many times a better distribution is looked for before the search gives up: far more than any real file needs.
const MOST_STEPS: usize = 20_000;

/// The most connections that `pools` hold at once, given what their databases and roles may hold, and whether that is
/// sure: otherwise it is a lower bound.
#[must_use]
pub fn most(pools: &[Pool], databases: &[u64], users: &[u64]) -> (u64, bool) {
    let mut flow = Flow::of(pools, databases, users);
    for index in 0..pools.len() {
        flow.fill(index);
    }
    let mut steps = MOST_STEPS.checked_div(pools.len().max(1)).unwrap_or(0).max(100);
    while flow.improve() {
        steps = steps.saturating_sub(1);
        if steps == 0 {
            return (flow.total(), false);
        }
    }
    (flow.total(), true)
}

struct Flow<'a> {
    pools: &'a [Pool],
    /// Connections of each pool.
    held: Vec<u64>,
    /// What databases and roles have left.
    database_left: Vec<u64>,
    user_left: Vec<u64>,
    /// The pools of each database and role.
    of_database: Vec<Vec<usize>>,
    of_user: Vec<Vec<usize>>,
}

/// A stop on the way to a better distribution.
#[derive(Clone, Copy)]
enum Stop {
    Database(usize),
    User(usize),
}

impl<'a> Flow<'a> {
    fn of(pools: &'a [Pool], databases: &[u64], users: &[u64]) -> Self {
        let mut of_database = vec![Vec::new(); databases.len()];
        let mut of_user = vec![Vec::new(); users.len()];
        for (index, pool) in pools.iter().enumerate() {
            if let (Some(database), Some(user)) =
                (of_database.get_mut(pool.database), of_user.get_mut(pool.user))
            {
                database.push(index);
                user.push(index);
            }
        }
        Self {
            pools,
            held: vec![0; pools.len()],
            database_left: databases.to_vec(),
            user_left: users.to_vec(),
            of_database,
            of_user,
        }
    }

    fn total(&self) -> u64 {
        self.held.iter().fold(0, |total, held| total.saturating_add(*held))
    }

    /// Gives a pool what its database and its role have left.
    fn fill(&mut self, index: usize) {
        let Some(pool) = self.pools.get(index) else { return };
        let (Some(database), Some(user), Some(held)) = (
            self.database_left.get_mut(pool.database),
            self.user_left.get_mut(pool.user),
            self.held.get_mut(index),
        ) else {
            return;
        };
        let more = pool.size.saturating_sub(*held).min(*database).min(*user);
        *held = held.saturating_add(more);
        *database = database.saturating_sub(more);
        *user = user.saturating_sub(more);
    }

    fn room(&self, index: usize) -> u64 {
        let size = self.pools.get(index).map_or(0, |pool| pool.size);
        size.saturating_sub(self.held(index))
    }

    fn held(&self, index: usize) -> u64 {
        self.held.get(index).copied().unwrap_or(0)
    }

    /// Moves connections along the shortest way from a database to a role that both have some left. Whether there was
    /// one.
    fn improve(&mut self) -> bool {
        // By which pool a database or role was reached; a database to start from was reached by none.
        let mut to_database: Vec<Option<Option<usize>>> =
            self.database_left.iter().map(|left| (*left > 0).then_some(None)).collect();
        let mut to_user: Vec<Option<usize>> = vec![None; self.user_left.len()];
        let mut queue: Vec<Stop> = (0..to_database.len())
            .filter(|database| to_database.get(*database).is_some_and(Option::is_some))
            .map(Stop::Database)
            .collect();
        let mut next = 0usize;
        while let Some(stop) = queue.get(next).copied() {
            next = next.saturating_add(1);
            let (pools, forward) = match stop {
                Stop::Database(database) => (self.of_database.get(database), true),
                Stop::User(user) if self.user_left.get(user).is_some_and(|left| *left > 0) => {
                    return self.shift(user, &to_database, &to_user);
                }
                Stop::User(user) => (self.of_user.get(user), false),
            };
            for index in pools.into_iter().flatten().copied() {
                let Some(pool) = self.pools.get(index) else { continue };
                if forward {
                    let reached = to_user.get_mut(pool.user).filter(|reached| reached.is_none());
                    if let Some(reached) = reached
                        && self.room(index) > 0
                    {
                        *reached = Some(index);
                        queue.push(Stop::User(pool.user));
                    }
                } else {
                    let reached = to_database.get_mut(pool.database).filter(|reached| reached.is_none());
                    if let Some(reached) = reached
                        && self.held(index) > 0
                    {
                        *reached = Some(Some(index));
                        queue.push(Stop::Database(pool.database));
                    }
                }
            }
        }
        false
    }

    /// Goes the way back from a role: the pools on it take and give in turn.
    fn shift(
        &mut self,
        last: usize,
        to_database: &[Option<Option<usize>>],
        to_user: &[Option<usize>],
    ) -> bool {
        let mut takes = Vec::new();
        let mut gives = Vec::new();
        let mut user = last;
        let first = loop {
            let Some(taking) = to_user.get(user).copied().flatten() else { return false };
            takes.push(taking);
            let Some(pool) = self.pools.get(taking) else { return false };
            match to_database.get(pool.database) {
                Some(Some(None)) => break pool.database,
                Some(Some(Some(giving))) => {
                    gives.push(*giving);
                    let Some(pool) = self.pools.get(*giving) else { return false };
                    user = pool.user;
                }
                _ => return false,
            }
        };
        let ends = [self.database_left.get(first), self.user_left.get(last)];
        let ends = ends.into_iter().map(|left| left.copied().unwrap_or(0));
        let rooms = takes.iter().map(|index| self.room(*index));
        let helds = gives.iter().map(|index| self.held(*index));
        let by = ends.chain(rooms).chain(helds).min().unwrap_or(0);
        for index in takes {
            if let Some(held) = self.held.get_mut(index) {
                *held = held.saturating_add(by);
            }
        }
        for index in gives {
            if let Some(held) = self.held.get_mut(index) {
                *held = held.saturating_sub(by);
            }
        }
        for left in [self.database_left.get_mut(first), self.user_left.get_mut(last)].into_iter().flatten() {
            *left = left.saturating_sub(by);
        }
        by > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: u64 = u64::MAX;

    fn pools(of: &[(usize, usize, u64)]) -> Vec<Pool> {
        of.iter()
            .map(|(database, user, size)| Pool { database: *database, user: *user, size: *size })
            .collect()
    }

    #[test]
    fn both_limits_hold_at_once() {
        for (of, databases, users, expected) in [
            // Neither limit alone tells: 40 + 50 by database, 40 + 40 + 40 by role.
            (vec![(0, 0, 50), (0, 1, 50), (1, 2, 50)], vec![40, NONE], vec![40, 40, 40], 80),
            (vec![(0, 0, 18), (0, 1, 18), (1, 2, 25)], vec![28, 28], vec![16, 16, 16], 44),
            // The first database must leave the first role to the second one.
            (vec![(0, 0, 10), (0, 1, 10), (1, 0, 10)], vec![10, 10], vec![10, 10], 20),
            // A way over two of them.
            (vec![(0, 0, 5), (0, 1, 5), (1, 1, 5), (1, 2, 5), (2, 0, 5)], vec![5, 5, 5], vec![5, 5, 5], 15),
            (vec![(0, 0, 7), (1, 0, 7)], vec![NONE, NONE], vec![NONE], 14),
            (vec![(0, 0, 7), (1, 0, 7)], vec![0, NONE], vec![NONE], 7),
            (vec![], vec![], vec![], 0),
        ] {
            assert_eq!(most(&pools(&of), &databases, &users), (expected, true), "{of:?}");
        }
    }

    #[test]
    fn many_pairs_end() {
        let of: Vec<(usize, usize, u64)> = (0..100)
            .flat_map(|database| (0..100).map(move |user| (database, user, 1 + (user as u64 % 3))))
            .collect();
        let (held, _) = most(&pools(&of), &[7; 100], &[5; 100]);
        assert!(held <= 500, "{held}");
        assert!(held > 400, "{held}");
    }
}
