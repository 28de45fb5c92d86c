//! What the renderers of a budget get, and what it is compared with.

use crate::model::{Consumer, ConsumerKind, Deployment, Model, Numbers, Pooler, Server, SharedServer, Size};
use crate::tree::Files;

/// A budget, and what it is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Budget<'a> {
    /// What is believed.
    pub model: &'a Model,
    /// The files, for places.
    pub files: &'a Files,
    /// What `--set` supposes, in its own words. Checked: fields of known names with numbers.
    pub what_if: &'a [String],
    /// The revision that it is compared with, as it is shown.
    pub base: Option<&'a str>,
    /// What is believed without what is supposed, or was believed at that revision.
    pub before: Option<&'a Model>,
}

impl<'a> Budget<'a> {
    /// The same deployment before.
    #[must_use]
    pub fn deployment_before(&self, deployment: &Deployment) -> Option<&'a Deployment> {
        self.before?.deployments.iter().find(|before| before.name == deployment.name)
    }

    /// The same server before.
    #[must_use]
    pub fn server_before(&self, deployment: &Deployment, server: &Server) -> Option<&'a Server> {
        let servers = || self.deployment_before(deployment).into_iter().flat_map(|before| &before.servers);
        let named = |before: &&Server| before.name == server.name;
        servers().find(|before| named(before) && before.address == server.address).or_else(|| {
            // Its address may have become known; one that is here as well is another server.
            let here = |before: &Server| {
                deployment
                    .servers
                    .iter()
                    .any(|other| other.name == before.name && other.address == before.address)
            };
            servers().find(|before| named(before) && !here(before))
        })
    }

    /// The same shared server before.
    #[must_use]
    pub fn shared_before(&self, shared: &SharedServer) -> Option<&'a Server> {
        let same = |before: &&SharedServer| {
            before.environment == shared.environment
                && before.server.name == shared.server.name
                && before.server.address == shared.server.address
        };
        self.before?.shared_servers.iter().find(same).map(|before| &before.server)
    }

    /// The same pooler before.
    #[must_use]
    pub fn pooler_before(&self, deployment: &Deployment, pooler: &Pooler) -> Option<&'a Pooler> {
        self.deployment_before(deployment)?.poolers.iter().find(|before| before.name == pooler.name)
    }

    /// The servers of before that a deployment has no more.
    #[must_use]
    pub fn servers_gone(&self, deployment: &Deployment) -> Vec<&'a Server> {
        let mut gone: Vec<&Server> =
            self.deployment_before(deployment).into_iter().flat_map(|before| &before.servers).collect();
        for server in &deployment.servers {
            if let Some(was) = self.server_before(deployment, server) {
                gone.retain(|before| !std::ptr::eq(*before, was));
            }
        }
        gone
    }

    /// The deployments of before that are no more, as far as they had a server.
    #[must_use]
    pub fn deployments_gone(&self) -> Vec<&'a Deployment> {
        let still = |before: &Deployment| {
            self.model.deployments.iter().any(|deployment| deployment.name == before.name)
        };
        let all = self.before.into_iter().flat_map(|before| &before.deployments);
        all.filter(|before| !before.servers.is_empty() && !still(before)).collect()
    }
}

/// Whether two consumers are the same one, whatever its numbers.
fn same(one: &Consumer, other: &Consumer) -> bool {
    match (&one.kind, &other.kind) {
        (
            ConsumerKind::Workload { workload, container, variable, .. },
            ConsumerKind::Workload {
                workload: other_workload,
                container: other_container,
                variable: other_variable,
                ..
            },
        ) => {
            // A container is named only where several of its workload connect.
            let containers = container.is_none() || other_container.is_none() || container == other_container;
            workload == other_workload && variable == other_variable && containers
        }
        (ConsumerKind::Pooler { pooler, .. }, ConsumerKind::Pooler { pooler: other, .. }) => pooler == other,
        (ConsumerKind::Other { name }, ConsumerKind::Other { name: other }) => name == other,
        _ => false,
    }
}

/// Each consumer with what it was before, and those of before that are gone.
pub(super) fn consumers_before<'b>(
    now: &[Consumer],
    before: &'b [Consumer],
) -> (Vec<Option<&'b Consumer>>, Vec<&'b Consumer>) {
    let mut left: Vec<&Consumer> = before.iter().collect();
    let known = now
        .iter()
        .map(|consumer| {
            let at = left.iter().position(|before| same(consumer, before))?;
            Some(left.remove(at))
        })
        .collect();
    (known, left)
}

/// What was added to each number.
pub(super) fn change(was: Numbers, is: Numbers) -> [i128; 3] {
    let added = |was: u64, is: u64| i128::from(is).saturating_sub(i128::from(was));
    [added(was.min, is.min), added(was.max, is.max), added(was.rollout, is.rollout)]
}

/// A change with its sign: `+10`, `−3`, `0`.
pub(super) fn signed(change: i128) -> String {
    match change {
        0 => "0".to_owned(),
        less if less < 0 => format!("−{}", less.unsigned_abs()),
        more => format!("+{more}"),
    }
}

/// What a table says of a number that nothing bounds.
pub(super) const ENDLESS: &str = "∞";

/// Connections as people read them: `≥` before a lower bound, and a word of their own where nothing bounds them, or
/// where they are more than can be counted.
pub(super) fn count(connections: u64, complete: bool, unlimited: bool, endless: &str) -> String {
    match connections {
        _ if unlimited => endless.to_owned(),
        u64::MAX => endless.to_owned(),
        _ if complete => connections.to_string(),
        _ => format!("≥ {connections}"),
    }
}

/// The same for a consumer at rest, at full scale and during a rollout.
pub(super) fn counts(consumer: &Consumer, endless: &str) -> [String; 3] {
    let unlimited = consumer
        .factors
        .iter()
        .any(|factor| factor.value.value == Some(Size::Unlimited) && factor.value.is_explicit());
    // What a pooler accepts from clients bounds what it opens.
    let unlimited = unlimited
        && !consumer
            .factors
            .iter()
            .any(|factor| factor.name == "max_client_conn" && factor.value.value.is_some());
    let Numbers { min, max, rollout } = consumer.connections;
    let instances = consumer.instances;
    let moments = [(min, instances.min), (max, instances.max), (rollout, instances.rollout)];
    moments.map(|(connections, run)| count(connections, consumer.complete, unlimited && run > 0, endless))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_a_sign() {
        let numbers = |min, max, rollout| Numbers { min, max, rollout };
        let change = change(numbers(10, 10, 0), numbers(0, 10, u64::MAX));
        assert_eq!(change.map(signed), ["−10", "0", "+18446744073709551615"]);
    }

    #[test]
    fn what_nothing_bounds_says_so() {
        for (connections, complete, unlimited, expected) in [
            (5, true, false, "5"),
            (5, false, false, "≥ 5"),
            (0, false, true, "∞"),
            (u64::MAX, true, false, "∞"),
            (u64::MAX - 1, true, false, "18446744073709551614"),
        ] {
            assert_eq!(count(connections, complete, unlimited, ENDLESS), expected);
        }
    }
}
