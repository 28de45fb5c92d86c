//! What the renderers of a budget get.

use crate::model::{Deployment, Model, Pooler, Server};
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
