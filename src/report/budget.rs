//! What the renderers of a budget get.

use crate::model::{Consumer, Deployment, Model, Numbers, Pooler, Server, Size};
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
    /// What is believed without that.
    pub before: Option<&'a Model>,
}

impl<'a> Budget<'a> {
    fn deployment_before(&self, deployment: &Deployment) -> Option<&'a Deployment> {
        self.before?.deployments.iter().find(|before| before.name == deployment.name)
    }

    /// The same server before.
    #[must_use]
    pub fn server_before(&self, deployment: &Deployment, server: &Server) -> Option<&'a Server> {
        let mut servers = self.deployment_before(deployment)?.servers.iter();
        servers.find(|before| before.name == server.name && before.address == server.address)
    }

    /// The same pooler before.
    #[must_use]
    pub fn pooler_before(&self, deployment: &Deployment, pooler: &Pooler) -> Option<&'a Pooler> {
        self.deployment_before(deployment)?.poolers.iter().find(|before| before.name == pooler.name)
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
    let Numbers { min, max, rollout } = consumer.connections;
    let instances = consumer.instances;
    let moments = [(min, instances.min), (max, instances.max), (rollout, instances.rollout)];
    moments.map(|(connections, run)| count(connections, consumer.complete, unlimited && run > 0, endless))
}

#[cfg(test)]
mod tests {
    use super::*;

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
