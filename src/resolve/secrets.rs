//! Every place of the repository that is or may be a credential, so that output can mask it.

use crate::catalog::catalog;
use crate::model::{Deployment, Value};
use crate::span::{Origin, Place, Text};
use crate::syntax::connection;

/// The places of credentials among a deployment's variables: whole values of variables whose names mark them, and
/// the secret parts of every connection string.
#[must_use]
pub fn of_deployment(deployment: &Deployment) -> Vec<Place> {
    let mut places = Vec::new();
    for (_, _, variable) in deployment.variables() {
        let Value::Text(text) = &variable.value else { continue };
        if catalog().is_secret_name(&variable.name) {
            push(text, 0..text.as_str().len(), &mut places);
        } else if let Some(parsed) = connection::parse(text.as_str()) {
            for secret in parsed.secrets {
                push(text, secret.range(), &mut places);
            }
        }
    }
    for (_, _, connection) in deployment.connections() {
        if let Some((text, parsed)) = connection.url() {
            for secret in &parsed.secrets {
                push(text, secret.range(), &mut places);
            }
        }
    }
    places
}

fn push(text: &Text, range: std::ops::Range<usize>, places: &mut Vec<Place>) {
    for (_, piece) in text.pieces(range) {
        if let Origin::Written { place, .. } = piece.origin {
            places.push(place);
        }
    }
}
