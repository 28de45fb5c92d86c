//! The Secrets that operators make: the repository does not hold them, but it tells most of what stands in them.

use std::sync::Arc;

use super::names::{Names, Part, parts, user_in};
use crate::catalog::catalog;
use crate::model::{Reason, Value};
use crate::resolve::kube::data::Datum;
use crate::resolve::kube::object::Objects;
use crate::span::{Origin, Place, Spelling, Text};

/// The keys of the Secret `name`, when an operator makes it for a cluster of the namespace. Their place is `at`.
pub(in crate::resolve::kube) fn secret(
    objects: &Objects,
    space: &str,
    name: &str,
    at: Place,
) -> Option<Vec<Datum>> {
    catalog().operators.iter().filter(|operator| !operator.secrets.is_empty()).find_map(|operator| {
        let clusters = objects
            .of_kind(&operator.kind)
            .filter(|object| object.group() == operator.group && object.space() == space);
        clusters.into_iter().find_map(|cluster| {
            let mut names = Names::of(operator, cluster);
            operator.secrets.iter().find_map(|secret| {
                let user = user_in(&secret.name, &names, name)?;
                if !user.is_empty() {
                    names.user = Some(user.to_owned());
                }
                let reason: Reason = format!("secret {name} is made by {}", operator.name).into();
                let datum = |(key, template): (&String, &String)| Datum {
                    key: key.clone(),
                    key_place: at,
                    value: value(template, &names, &reason, at),
                };
                Some(secret.keys.iter().map(datum).collect())
            })
        })
    })
}

fn value(template: &str, names: &Names, reason: &Reason, place: Place) -> Value {
    let parts = parts(template, names);
    let empty = |part: &Part| *part == Part::Known(String::new());
    if parts.iter().all(|part| *part == Part::Unknown || empty(part)) {
        return Value::Unknown(Arc::clone(reason));
    }
    let mut text = Text::default();
    for part in parts {
        match part {
            Part::Known(known) => {
                text.push(&known, Origin::Written { place, spelling: Spelling::Derived }, Arc::default());
            }
            Part::Unknown => text.push_text(&Text::unknown(Arc::clone(reason))),
        }
    }
    Value::Text(text)
}
