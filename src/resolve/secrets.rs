//! Every place of the repository that is or may be a credential, so that output can mask it.

use crate::catalog::catalog;
use crate::model::{Deployment, Value};
use crate::span::{Origin, Place, Text};
use crate::syntax::connection;

/// The places of credentials among a deployment's variables: whole values of variables whose names or forms mark them,
/// and the secret parts of every connection string.
#[must_use]
pub fn of_deployment(deployment: &Deployment) -> Vec<Place> {
    let mut places = Vec::new();
    for (_, container, variable) in deployment.variables() {
        let Value::Text(text) = &variable.value else { continue };
        if catalog().is_secret_name(&variable.name) {
            push(text, 0..text.as_str().len(), &mut places);
        } else if let Some(parsed) = connection::parse(text.as_str()) {
            let doubtful = crate::mask::params(&parsed);
            for span in doubtful {
                push(text, span.range(), &mut places);
            }
            for secret in parsed.secrets {
                push(text, secret.range(), &mut places);
                // What a password refers to is one, also where nothing puts it in.
                for name in text.as_str().get(secret.range()).map(references).unwrap_or_default() {
                    if let Some(Value::Text(text)) = container.environment.get(name).map(|found| &found.value)
                    {
                        push(text, 0..text.as_str().len(), &mut places);
                    }
                }
            }
        } else if crate::mask::may_be_secret(text.as_str()) && !text.as_str().contains("://") {
            push(text, 0..text.as_str().len(), &mut places);
        }
    }
    for (_, _, connection) in deployment.connections() {
        if let Some((text, parsed)) = connection.url() {
            for secret in parsed.secrets.iter().chain(&crate::mask::params(parsed)) {
                push(text, secret.range(), &mut places);
            }
        }
    }
    places
}

/// The names in `$NAME`, `${NAME…}` and `$(NAME)`.
fn references(text: &str) -> Vec<&str> {
    let starts = text.split('$').skip(1).map(|rest| rest.trim_start_matches(['{', '(']));
    let names = starts.map(|rest| {
        let end = rest.find(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    });
    names.filter(|name| !name.is_empty()).collect()
}

fn push(text: &Text, range: std::ops::Range<usize>, places: &mut Vec<Place>) {
    for (_, piece) in text.pieces(range) {
        if let Origin::Written { place, .. } = piece.origin {
            places.push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::references;

    #[test]
    fn references_of_every_form() {
        assert_eq!(references("a$(B)c${D:-e}$F/$$(G)$-$"), ["B", "D", "F", "G"]);
    }
}
