//! Changes that a kustomization makes to all of its objects: namespace, prefix and suffix of names, labels, images,
//! replicas.

use super::super::object::Object;
use super::super::pod;
use super::super::value::{Shape, Val};
use crate::span::Place;

/// Kinds whose replicas Kustomize sets.
const WITH_REPLICAS: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];

/// Puts all objects into the namespace that is set.
pub(super) fn namespace(root: &Val, objects: &mut [Object]) {
    let Some(name) = root.str_at(&["namespace"]).filter(|name| !name.is_empty()) else { return };
    for object in objects {
        object.remember();
        object.settle_in(name);
    }
}

/// Puts a prefix and a suffix around all names.
pub(super) fn names(root: &Val, objects: &mut [Object]) {
    let prefix = root.str_at(&["namePrefix"]).unwrap_or_default();
    let suffix = root.str_at(&["nameSuffix"]).unwrap_or_default();
    if prefix.is_empty() && suffix.is_empty() {
        return;
    }
    for object in objects {
        object.remember();
        object.rename(format!("{prefix}{}{suffix}", object.name));
        let affixes = &mut object.affixes;
        affixes.prefixes.extend(Some(prefix).filter(|prefix| !prefix.is_empty()).map(str::to_owned));
        affixes.suffixes.extend(Some(suffix).filter(|suffix| !suffix.is_empty()).map(str::to_owned));
    }
}

/// Adds labels and annotations, to pods and to what selects them too where that is asked for.
pub(super) fn labels(root: &Val, objects: &mut [Object]) {
    for entry in root.get("labels").map(Val::items).unwrap_or_default() {
        let Some(pairs) = entry.get("pairs") else { continue };
        let selectors = entry.get("includeSelectors").is_some_and(Val::is_true);
        let templates = selectors || entry.get("includeTemplates").is_some_and(Val::is_true);
        objects.iter_mut().for_each(|object| label(object, pairs, selectors, templates));
    }
    if let Some(pairs) = root.get("commonLabels") {
        objects.iter_mut().for_each(|object| label(object, pairs, true, true));
    }
    if let Some(pairs) = root.get("commonAnnotations") {
        for object in objects {
            put(object, &["metadata", "annotations"], pairs);
            if let Some(path) = pod::template_path(object) {
                put(object, &[path, &["metadata", "annotations"]].concat(), pairs);
            }
        }
    }
}

fn label(object: &mut Object, pairs: &Val, selectors: bool, templates: bool) {
    put(object, &["metadata", "labels"], pairs);
    let template = pod::template_path(object);
    if let Some(path) = template.filter(|_| templates) {
        put(object, &[path, &["metadata", "labels"]].concat(), pairs);
    }
    if selectors && object.kind == "Service" && object.root.at(&["spec", "selector"]).is_some() {
        put(object, &["spec", "selector"], pairs);
    }
}

/// Sets keys of the mapping at a path.
fn put(object: &mut Object, path: &[&str], pairs: &Val) {
    if let Some(target) = object.root.make(path) {
        pairs.pairs().iter().for_each(|pair| target.set(&pair.key, pair.value.clone()));
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

/// Sets images; `false` when an entry asks for what is not understood.
pub(super) fn images(root: &Val, objects: &mut [Object]) -> bool {
    let mut understood = true;
    for entry in root.get("images").map(Val::items).unwrap_or_default() {
        // Kustomize takes the name for an expression.
        let name = entry.str_at(&["name"]).and_then(|name| regex_lite::Regex::new(&format!("^{name}$")).ok());
        understood &= name.is_some() && entry.get("tagSuffix").is_none();
        let Some(name) = name else { continue };
        for object in objects.iter_mut() {
            if pod::template(object).is_some() {
                set_images(&mut object.root, &name, entry);
            }
        }
    }
    understood
}

fn set_images(value: &mut Val, name: &regex_lite::Regex, entry: &Val) {
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

fn set_image(container: &mut Val, name: &regex_lite::Regex, entry: &Val) {
    let Some(image) = container.get_mut("image") else { return };
    let Some(old) = image.as_str() else { return };
    let (old_name, old_rest) = split_image(old);
    if !name.is_match(old_name) {
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
