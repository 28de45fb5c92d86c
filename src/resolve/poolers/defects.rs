//! What PgBouncer refuses or misreads in its ini, and what clients ask of a pooler that it does not do.

mod clients;
mod file;

use super::Setup;
use crate::model::{Defect, Deployment};
use crate::resolve::Context;

/// Everything that is wrong with the poolers of a deployment and the ways to them.
#[must_use]
pub fn defects(context: &Context<'_>, deployment: &Deployment, setups: &[Setup]) -> Vec<Defect> {
    let mut found: Vec<Defect> =
        setups.iter().flat_map(|setup| file::defects(context, deployment, setup)).collect();
    found.extend(clients::defects(deployment, setups));
    found
}
