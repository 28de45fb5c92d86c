//! References to objects by their names, once all names are final. Where references stand follows Kustomize's own
//! table (<https://github.com/kubernetes-sigs/kustomize/blob/master/examples/transformerconfigs/README.md>): of kinds
//! that are not in it none is rewritten.

use std::collections::HashMap;

use super::super::object::{Affixes, Object};
use super::super::value::{Shape, Val};

/// What an autoscaler may scale, in the order in which Kustomize asks.
const SCALED: [&str; 4] = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"];

/// An object as others refer to it.
struct Named {
    name: String,
    space: String,
    affixes: Affixes,
}

/// Everything that has had another name, by kind and former name.
struct Renamed(HashMap<(String, String), Vec<Named>>);

/// Rewrites the references of all objects. `everywhere`: also those of kinds that Kustomize does not know, because
/// a configuration tells it of them. The result names references that may mean several objects, which Kustomize
/// refuses.
pub(super) fn settle(objects: &mut [Object], everywhere: bool) -> Vec<String> {
    let renamed = Renamed::of(objects);
    let mut unclear = Vec::new();
    for object in objects {
        let here =
            Named { name: String::new(), space: object.space().to_owned(), affixes: object.affixes.clone() };
        let mut new = |kind: &str, name: &str| match renamed.find(kind, name, &here) {
            Ok(found) => found,
            Err(()) => {
                unclear.push(format!("{name} may be one of several {kind}s"));
                None
            }
        };
        if object.kind == "HorizontalPodAutoscaler" {
            for kind in SCALED {
                rename(object.root.at_mut(&["spec", "scaleTargetRef", "name"]), kind, &mut new);
            }
        }
        if object.kind == "StatefulSet" {
            rename(object.root.at_mut(&["spec", "serviceName"]), "Service", &mut new);
        }
        if everywhere {
            rewrite(&mut object.root, &mut new);
        } else if let Some(spec) = pod_spec(object) {
            rewrite(spec, &mut new);
        }
    }
    unclear
}

/// The pod of an object in which Kustomize looks for references.
fn pod_spec(object: &mut Object) -> Option<&mut Val> {
    let path: &[&str] = match object.kind.as_str() {
        "Pod" => &["spec"],
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "Job" => &["spec", "template", "spec"],
        "Service" if object.is_knative() => &["spec", "template", "spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => return None,
    };
    object.root.at_mut(path)
}

impl Renamed {
    fn of(objects: &[Object]) -> Self {
        let mut all: HashMap<(String, String), Vec<Named>> = HashMap::new();
        for object in objects {
            let mut names: Vec<&str> = object.former.iter().map(|former| former.name.as_str()).collect();
            // A hash will change it yet.
            if object.generated.is_some() {
                names.push(&object.name);
            }
            names.sort_unstable();
            names.dedup();
            for name in names {
                let named = Named {
                    name: object.name.clone(),
                    space: object.space().to_owned(),
                    affixes: object.affixes.clone(),
                };
                all.entry((object.kind.clone(), name.to_owned())).or_default().push(named);
            }
        }
        Self(all)
    }

    /// The name now of what `referrer` calls `name`: the only one in its namespace, else the one with its own
    /// prefixes and suffixes.
    fn find(&self, kind: &str, name: &str, referrer: &Named) -> Result<Option<String>, ()> {
        let Some(all) = self.0.get(&(kind.to_owned(), name.to_owned())) else { return Ok(None) };
        let beside: Vec<&Named> = all.iter().filter(|named| named.space == referrer.space).collect();
        if let [only] = beside.as_slice() {
            return Ok(Some(only.name.clone()));
        }
        let alike = |named: &&Named| {
            same_ending(&named.affixes.prefixes, &referrer.affixes.prefixes)
                && same_ending(&named.affixes.suffixes, &referrer.affixes.suffixes)
        };
        let mut alike = beside.into_iter().filter(alike);
        let Some(first) = alike.next() else { return Ok(None) };
        if alike.all(|other| other.name == first.name) { Ok(Some(first.name.clone())) } else { Err(()) }
    }
}

/// Whether the shorter list is the end of the longer one; the empty one is the end of itself only.
fn same_ending(one: &[String], other: &[String]) -> bool {
    let (shorter, longer) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if shorter.is_empty() { longer.is_empty() } else { longer.ends_with(shorter) }
}

/// Replaces names in references: `new` is asked with the kind and name that a reference means.
fn rewrite(value: &mut Val, new: &mut dyn FnMut(&str, &str) -> Option<String>) {
    match &mut value.shape {
        Shape::Scalar(_) => {}
        Shape::Sequence(items) => items.iter_mut().for_each(|item| rewrite(item, new)),
        Shape::Mapping(pairs) => {
            for pair in pairs {
                match pair.key.as_str() {
                    "configMapRef" | "configMapKeyRef" | "configMap" => {
                        rename(pair.value.get_mut("name"), "ConfigMap", new);
                    }
                    "secretRef" | "secretKeyRef" => rename(pair.value.get_mut("name"), "Secret", new),
                    "secret" => {
                        rename(pair.value.get_mut("secretName"), "Secret", new);
                        rename(pair.value.get_mut("name"), "Secret", new);
                    }
                    "scaleTargetRef" | "workloadRef" => {
                        let kind = pair.value.str_at(&["kind"]).unwrap_or("Deployment").to_owned();
                        rename(pair.value.get_mut("name"), &kind, new);
                    }
                    _ => rewrite(&mut pair.value, new),
                }
            }
        }
    }
}

fn rename(name: Option<&mut Val>, kind: &str, new: &mut dyn FnMut(&str, &str) -> Option<String>) {
    if let Some(name) = name
        && let Some(renamed) = name.as_str().and_then(|old| new(kind, old))
        && name.as_str() != Some(&renamed)
    {
        *name = Val::made(&renamed, name.place);
    }
}

#[cfg(test)]
mod tests {
    use super::same_ending;

    #[test]
    fn the_shorter_list_is_the_end_of_the_longer() {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for (one, other, same) in [
            ("", "", true),
            ("a", "", false),
            ("a b", "b", true),
            ("b", "a b", true),
            ("a b", "a", false),
            ("a b", "a b", true),
        ] {
            assert_eq!(same_ending(&list(one), &list(other)), same, "{one:?} {other:?}");
        }
    }
}
