//! Changes that a kustomization makes to all of its objects: namespace, prefix and suffix of names with the
//! references to them, images, replicas.

use super::super::object::Object;
use super::super::pod;
use super::super::value::{Shape, Val};
use crate::span::Place;

/// Kinds whose replicas Kustomize sets.
const WITH_REPLICAS: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];

/// Puts all objects into the namespace that is set.
pub(super) fn namespace(root: &Val, objects: &mut [Object]) {
    let Some(namespace) = root.get("namespace") else { return };
    let Some(name) = namespace.as_str().filter(|name| !name.is_empty()) else { return };
    for object in objects {
        object.namespace = Some(name.to_owned());
    }
}

/// Renames all objects, and what refers to them.
pub(super) fn names(root: &Val, objects: &mut [Object]) {
    let prefix = root.str_at(&["namePrefix"]).unwrap_or_default();
    let suffix = root.str_at(&["nameSuffix"]).unwrap_or_default();
    if prefix.is_empty() && suffix.is_empty() {
        return;
    }
    let renamed: Vec<(String, String)> =
        objects.iter().map(|object| (object.kind.clone(), object.name.clone())).collect();
    let new_name = |name: &str| format!("{prefix}{name}{suffix}");
    for object in objects {
        let old = std::mem::take(&mut object.name);
        object.name = new_name(&old);
        object.former.push(old);
        rewrite(&mut object.root, &|kind, name| {
            renamed.iter().any(|(other, old)| other == kind && old == name).then(|| new_name(name))
        });
    }
}

/// Rewrites references by former names that name nothing now: patches of outer layers use the names of inner ones.
pub(super) fn settle(objects: &mut [Object]) {
    let all: Vec<(String, String, Vec<String>)> = objects
        .iter()
        .map(|object| (object.kind.clone(), object.name.clone(), object.former.clone()))
        .collect();
    for object in objects {
        rewrite(&mut object.root, &|kind, name| {
            let mut of_kind = all.iter().filter(|(other, ..)| other == kind);
            if of_kind.clone().any(|(_, current, _)| current == name) {
                return None;
            }
            of_kind.find(|(.., former)| former.iter().any(|old| old == name)).map(|(_, new, _)| new.clone())
        });
    }
}

/// Replaces names in references: `new` is asked with the kind and name that a reference means.
fn rewrite(value: &mut Val, new: &dyn Fn(&str, &str) -> Option<String>) {
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
                    "secret" => rename(pair.value.get_mut("secretName"), "Secret", new),
                    "serviceName" => rename(Some(&mut pair.value), "Service", new),
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

fn rename(name: Option<&mut Val>, kind: &str, new: &dyn Fn(&str, &str) -> Option<String>) {
    if let Some(name) = name
        && let Some(renamed) = name.as_str().and_then(|old| new(kind, old))
    {
        *name = Val::made(&renamed, name.place);
    }
}

/// Sets replicas; entries that match nothing, or of which the count is no number, are returned.
pub(super) fn replicas(root: &Val, objects: &mut [Object]) -> usize {
    let mut unmatched = 0usize;
    for entry in root.get("replicas").map(Val::items).unwrap_or_default() {
        let (Some(name), Some(count)) = (entry.str_at(&["name"]), entry.get("count")) else { continue };
        let mut any = false;
        for object in objects.iter_mut() {
            if WITH_REPLICAS.contains(&object.kind.as_str()) && object.was(name) {
                any = true;
                if let Some(spec) = object.root.make(&["spec"]) {
                    spec.set("replicas", count.clone());
                }
            }
        }
        unmatched = unmatched.saturating_add(usize::from(!any));
    }
    unmatched
}

/// Sets images.
pub(super) fn images(root: &Val, objects: &mut [Object]) {
    for entry in root.get("images").map(Val::items).unwrap_or_default() {
        let Some(name) = entry.str_at(&["name"]) else { continue };
        for object in objects.iter_mut() {
            if pod::template(object).is_some() {
                set_images(&mut object.root, name, entry);
            }
        }
    }
}

fn set_images(value: &mut Val, name: &str, entry: &Val) {
    match &mut value.shape {
        Shape::Scalar(_) => {}
        Shape::Sequence(items) => items.iter_mut().for_each(|item| set_images(item, name, entry)),
        Shape::Mapping(pairs) => {
            for pair in pairs {
                if pair.key == "containers" || pair.key == "initContainers" {
                    if let Shape::Sequence(containers) = &mut pair.value.shape {
                        containers.iter_mut().for_each(|container| set_image(container, name, entry));
                    }
                } else {
                    set_images(&mut pair.value, name, entry);
                }
            }
        }
    }
}

fn set_image(container: &mut Val, name: &str, entry: &Val) {
    let Some(image) = container.get_mut("image") else { return };
    let Some(old) = image.as_str() else { return };
    let (old_name, old_rest) = split_image(old);
    if old_name != name {
        return;
    }
    let field =
        |name: &str| entry.get(name).filter(|value| value.as_str().is_some_and(|text| !text.is_empty()));
    let new_name = field("newName").and_then(Val::as_str).unwrap_or(old_name);
    let rest = match (field("digest").and_then(Val::as_str), field("newTag").and_then(Val::as_str)) {
        (Some(digest), Some(tag)) => format!(":{tag}@{digest}"),
        (Some(digest), None) => format!("@{digest}"),
        (None, Some(tag)) => format!(":{tag}"),
        (None, None) => old_rest.to_owned(),
    };
    let place: Place = field("newTag").or(field("newName")).map_or(entry.place, |value| value.place);
    *image = Val::made(&format!("{new_name}{rest}"), place);
}

/// An image's name and its tag and digest.
fn split_image(image: &str) -> (&str, &str) {
    let digest = image.find('@').unwrap_or(image.len());
    let before = image.get(..digest).unwrap_or(image);
    let slash = before.rfind('/').map_or(0, |at| at.saturating_add(1));
    let tag = before.get(slash..).and_then(|last| last.find(':')).map(|at| slash.saturating_add(at));
    image.split_at(tag.unwrap_or(digest))
}

#[cfg(test)]
mod tests {
    use super::split_image;

    #[test]
    fn images_have_names_tags_and_digests() {
        for (image, expected) in [
            ("a", ("a", "")),
            ("a:1", ("a", ":1")),
            ("h:5000/a", ("h:5000/a", "")),
            ("h:5000/a:1@sha256:x", ("h:5000/a", ":1@sha256:x")),
            ("a@sha256:x", ("a", "@sha256:x")),
        ] {
            assert_eq!(split_image(image), expected, "{image}");
        }
    }
}
