//! What PgBouncer refuses or misreads in its ini, and what clients ask of a pooler that it does not do.

mod clients;
mod file;

use std::collections::BTreeSet;

use super::Setup;
use crate::model::{Defect, Deployment};
use crate::resolve::{Context, environment};
use crate::span::FileId;

/// Everything that is wrong with the poolers of a deployment and the ways to them.
#[must_use]
pub fn defects(context: &Context<'_>, deployment: &Deployment, setups: &[Setup]) -> Vec<Defect> {
    let mut found: Vec<Defect> =
        setups.iter().flat_map(|setup| file::defects(context, deployment, setup)).collect();
    found.extend(clients::defects(deployment, setups));
    found
}

/// What is wrong with the poolers' files that no deployment reaches, whatever runs them; `reached` are those that one does.
/// Examples, tests and documentation are held to the syntax of other files.
#[must_use]
pub fn of_lone(context: &Context<'_>, reached: &BTreeSet<FileId>) -> Vec<Defect> {
    let lone = super::lone(context, reached).into_iter();
    let real = lone
        .filter_map(|setup| setup.ini)
        .filter(|(file, _)| !environment::is_example(context.config, context.files.path(*file)));
    real.flat_map(|(file, ini)| file::of_ini(file, &ini, false)).collect()
}
