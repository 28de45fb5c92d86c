//! Kubernetes objects and kustomizations.

use std::sync::Arc;

use memchr::memmem;

use super::compose::{directory, reach};
use super::{Comment, Reference};
use crate::catalog::catalog;
use crate::span::{FileId, Place};
use crate::syntax::node::{Node, Value};
use crate::syntax::{SyntaxError, yaml};
use crate::tree::Kind;

/// One object of a manifest, `List` items taken apart.
#[derive(Debug, Clone)]
pub struct KubeObject {
    /// The file.
    pub file: FileId,
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// `metadata.name`; empty when it has none (`generateName`).
    pub name: String,
    /// Where the name is written, else the object.
    pub place: Place,
    /// `metadata.namespace`.
    pub namespace: Option<String>,
    /// The whole object.
    pub root: Arc<Node>,
}

/// Kinds that say something about what runs, with what environment, how often, under which names.
const KINDS: [&str; 20] = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
    "Rollout",
    "Service",
    "ConfigMap",
    "Secret",
    "SealedSecret",
    "ExternalSecret",
    "HorizontalPodAutoscaler",
    "ScaledObject",
    "ScaledJob",
    "Kustomization",
    "Component",
    "List",
];

/// Fields of which a kustomization without `kind` has at least one.
const KUSTOMIZATION_FIELDS: [&str; 10] = [
    "resources",
    "bases",
    "components",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "configMapGenerator",
    "secretGenerator",
    "images",
    "namespace",
];

/// How deep lists may stand in lists.
const MAX_LISTS: usize = 8;

/// The objects of a manifest, its comments, and the first document that is no YAML. The other documents are read
/// nevertheless.
///
/// # Errors
/// The third part tells where a document that matters is no YAML.
pub fn read(file: FileId, text: &str) -> (Vec<KubeObject>, Vec<Comment>, Result<(), SyntaxError>) {
    let (mut objects, mut comments, mut result) = (Vec::new(), Vec::new(), Ok(()));
    for range in yaml::split(text) {
        if !may_matter(text.get(range.clone()).unwrap_or_default()) {
            continue;
        }
        match yaml::parse_document(text, range) {
            Ok(document) => {
                comments.extend(document.comments.into_iter().map(|comment| Comment {
                    file,
                    span: comment.span,
                    trailing: comment.trailing,
                }));
                if let Some(root) = document.root {
                    take(file, root, MAX_LISTS, &mut objects);
                }
            }
            Err(error) if result.is_ok() => result = Err(error),
            Err(_) => {}
        }
    }
    (objects, comments, result)
}

/// Whether a document can hold something of interest, by its bytes: its kind where one stands at the start of a
/// line, else any kind's name. Descriptions of custom resources alone make up most of many manifests.
fn may_matter(document: &str) -> bool {
    let bytes = document.as_bytes();
    let mut told = false;
    for at in memmem::find_iter(bytes, b"kind:") {
        let starts_line = at.checked_sub(1).is_none_or(|before| bytes.get(before) == Some(&b'\n'));
        if starts_line {
            let line = document.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
            let value = line.trim_start_matches("kind:").split('#').next().unwrap_or_default();
            let kind = value.trim().trim_matches(['"', '\'']);
            if is_of_interest(kind) || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return true;
            }
            told = true;
        }
    }
    if told {
        return false;
    }
    let any = |words: &[&str]| words.iter().any(|word| memmem::find(bytes, word.as_bytes()).is_some());
    any(&KINDS) || any(&KUSTOMIZATION_FIELDS)
}

/// Whether objects of this kind are read.
#[must_use]
pub fn is_of_interest(kind: &str) -> bool {
    KINDS.contains(&kind) || kind.ends_with("List") || catalog().is_operated(None, kind)
}

/// Adds an object, or those of a list.
fn take(file: FileId, root: Node, depth: usize, objects: &mut Vec<KubeObject>) {
    if !matches!(root.value, Value::Mapping(_)) {
        return;
    }
    let text = |path: &[&str]| root.at(path).and_then(Node::as_str).map(str::to_owned);
    let kind = match text(&["kind"]) {
        Some(kind) if kind.ends_with("List") && root.get("items").is_some() => {
            if depth > 0 {
                take_items(file, root, depth.saturating_sub(1), objects);
            }
            return;
        }
        Some(kind) => kind,
        None if KUSTOMIZATION_FIELDS.iter().any(|field| root.get(field).is_some()) => {
            "Kustomization".to_owned()
        }
        None => return,
    };
    let api_version = text(&["apiVersion"]).unwrap_or_default();
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    // Other operators have clusters too.
    if !KINDS.contains(&kind.as_str())
        && !kind.ends_with("List")
        && !catalog().is_operated(Some(group), &kind)
    {
        return;
    }
    let span = root.at(&["metadata", "name"]).map_or(root.span, |name| name.span);
    objects.push(KubeObject {
        file,
        api_version,
        kind,
        name: text(&["metadata", "name"]).unwrap_or_default(),
        place: Place::new(file, span),
        namespace: text(&["metadata", "namespace"]).filter(|namespace| !namespace.is_empty()),
        root: Arc::new(root),
    });
}

fn take_items(file: FileId, root: Node, depth: usize, objects: &mut Vec<KubeObject>) {
    let Value::Mapping(mapping) = root.value else { return };
    let items = mapping.entries.into_iter().find(|entry| entry.key.as_str() == "items");
    if let Some(Value::Sequence(items)) = items.map(|entry| entry.value.value) {
        for item in items {
            take(file, item, depth, objects);
        }
    }
}

impl KubeObject {
    /// Whether it is a kustomization or a component of Kustomize's; Flux has a kind of the same name.
    #[must_use]
    pub fn is_kustomization(&self) -> bool {
        match self.kind.as_str() {
            "Kustomization" | "Component" => {
                self.api_version.is_empty() || self.api_version.starts_with("kustomize.config.k8s.io/")
            }
            _ => false,
        }
    }
}

/// Names under which a directory holds its kustomization, the first that is there counts
/// (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>).
pub const KUSTOMIZATION_FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The files that a kustomization at `path` names: resources, or for directories their kustomizations; what
/// generators read; patches; replacements. What is remote is left out; what lies outside the tree keeps its `..` in
/// front.
#[must_use]
pub fn references(object: &KubeObject, path: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    if !object.is_kustomization() {
        return found;
    }
    let here = directory(path);
    let mut add = |path: &str, kind: Kind| {
        if let Some(path) = reach(here, path).filter(|path| !path.is_empty()) {
            found.push(Reference { path, kind });
        }
    };
    let root = &object.root;
    for field in ["resources", "bases", "components"] {
        for path in texts(root.get(field)).filter(|path| !is_remote(path)) {
            if is_manifest(path) {
                add(path, Kind::Kubernetes);
            } else {
                KUSTOMIZATION_FILES
                    .iter()
                    .for_each(|name| add(&format!("{path}/{name}"), Kind::Kustomization));
            }
        }
    }
    for generator in ["configMapGenerator", "secretGenerator"]
        .iter()
        .flat_map(|field| root.get(field).map(Node::items).unwrap_or_default())
    {
        for path in texts(generator.get("envs")).chain(texts(generator.get("env"))) {
            let env = Kind::of_path(path) == Some(Kind::EnvFile);
            add(path, if env { Kind::EnvFile } else { Kind::Referenced });
        }
        for entry in texts(generator.get("files")) {
            add(entry.split_once('=').map_or(entry, |(_, path)| path), Kind::Referenced);
        }
    }
    for field in ["patches", "patchesJson6902", "replacements"] {
        for entry in root.get(field).map(Node::items).unwrap_or_default() {
            texts(entry.get("path")).for_each(|path| add(path, Kind::Referenced));
        }
    }
    for path in texts(root.get("patchesStrategicMerge")).filter(|path| is_manifest(path)) {
        add(path, Kind::Referenced);
    }
    found
}

/// Whether a resource's name is a file's rather than a directory's.
#[must_use]
pub fn is_manifest(path: &str) -> bool {
    !path.contains('\n') && [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

/// Whether a resource is fetched from elsewhere.
#[must_use]
pub fn is_remote(path: &str) -> bool {
    path.contains("://")
        || path.contains("?ref=")
        || path.starts_with("git@")
        || path.starts_with("github.com/")
        || path.contains(".com/")
}

/// A scalar's text, or those of a sequence.
fn texts(node: Option<&Node>) -> impl Iterator<Item = &str> {
    node.into_iter()
        .flat_map(|node| node.as_str().into_iter().chain(node.items().iter().filter_map(Node::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, String)> {
        let (objects, _, result) = read(FileId(0), text);
        assert_eq!(result, Ok(()), "{text}");
        objects.into_iter().map(|object| (object.kind, object.name)).collect()
    }

    fn pair(kind: &str, name: &str) -> (String, String) {
        (kind.to_owned(), name.to_owned())
    }

    #[test]
    fn every_object_of_a_stream_is_found() {
        let text = "# one\nkind: Pod\napiVersion: v1\nmetadata: {name: a, namespace: n}\n---\n\
                    kind: CustomResourceDefinition\nspec: {names: {kind: Deployment}}\n---\n\
                    {\"kind\": \"Service\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"s\"}}\n---\n\
                    kind: Deployment\nmetadata: {generateName: x-}\n";
        assert_eq!(names(text), [pair("Pod", "a"), pair("Service", "s"), pair("Deployment", "")]);
        let (objects, comments, _) = read(FileId(0), text);
        assert_eq!(objects[0].namespace.as_deref(), Some("n"));
        assert_eq!(&text[objects[0].place.span.range()], "a");
        assert_eq!(&text[comments[0].span.range()], "# one");
    }

    #[test]
    fn lists_are_taken_apart() {
        let text = "kind: List\nitems:\n- kind: Pod\n  metadata: {name: a}\n- kind: ConfigMapList\n  items:\n  \
                    - kind: ConfigMap\n    metadata: {name: b}\n- kind: Role\n";
        assert_eq!(names(text), [pair("Pod", "a"), pair("ConfigMap", "b")]);
        assert_eq!(names("kind: List\n"), [pair("List", "")]);
    }

    #[test]
    fn a_bad_document_does_not_hide_the_others() {
        let text = "kind: Pod\nmetadata: [\n---\nkind: Pod\nmetadata: {name: b}\n---\nkind: Role\nx: [\n";
        let (objects, _, result) = read(FileId(0), text);
        assert_eq!(objects.len(), 1);
        assert!(result.is_err());
    }

    #[test]
    fn kustomizations_need_no_kind() {
        let (objects, ..) = read(FileId(0), "resources: [a.yaml]\n");
        assert!(objects[0].is_kustomization());
        let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n";
        let (objects, ..) = read(FileId(0), flux);
        assert!(!objects[0].is_kustomization());
        assert_eq!(references(&objects[0], "k.yaml"), []);
    }

    #[test]
    fn kustomizations_name_their_files() {
        let text = "resources: [api.yaml, ../base, https://x/y.yaml, github.com/a/b?ref=v1]\n\
                    configMapGenerator: [{name: a, envs: [.env], files: [k=conf/a.txt, b.txt]}]\n\
                    patches: [{path: p.yaml}, {patch: \"[]\"}]\npatchesStrategicMerge: [s.yaml, \"kind: Pod\\n\"]\n";
        let (objects, ..) = read(FileId(0), text);
        let found: Vec<(String, Kind)> = references(&objects[0], "k8s/prod/kustomization.yaml")
            .into_iter()
            .map(|reference| (reference.path, reference.kind))
            .collect();
        let expected = [
            ("k8s/prod/api.yaml", Kind::Kubernetes),
            ("k8s/base/kustomization.yaml", Kind::Kustomization),
            ("k8s/base/kustomization.yml", Kind::Kustomization),
            ("k8s/base/Kustomization", Kind::Kustomization),
            ("k8s/prod/.env", Kind::EnvFile),
            ("k8s/prod/conf/a.txt", Kind::Referenced),
            ("k8s/prod/b.txt", Kind::Referenced),
            ("k8s/prod/p.yaml", Kind::Referenced),
            ("k8s/prod/s.yaml", Kind::Referenced),
        ];
        assert_eq!(found, expected.map(|(path, kind)| (path.to_owned(), kind)));
    }
}
