//! What rules that a repository has to ask for look at.

mod examples;
mod previews;
mod threads;
mod timeouts;

use super::Context;
use crate::model::{Defect, Deployment, Model};

/// What is found in one deployment.
#[must_use]
pub fn of_deployment(context: &Context<'_>, deployment: &Deployment) -> Vec<Defect> {
    let mut found = threads::defects(context, deployment);
    found.extend(timeouts::defects(deployment));
    found
}

/// What is found by looking at all of them.
#[must_use]
pub fn of_model(context: &Context<'_>, model: &Model) -> Vec<Defect> {
    let mut found = examples::defects(context, model);
    found.extend(previews::defects(model));
    found
}
