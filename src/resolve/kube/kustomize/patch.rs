//! Patches of a kustomization: which objects each means, and what it does to them.

use super::super::object::Object;
use super::super::value::{Shape, Val};
use super::build::Build;
use super::merge::{self, Merged};
use super::pointer;
use crate::readers::join;
use crate::span::{FileId, Span, SpanText};
use crate::syntax::yaml;

/// Kinds whose lists have no merge keys, because Kustomize knows no schema of them.
const WITHOUT_SCHEMA: [&str; 6] =
    ["Rollout", "ScaledObject", "ScaledJob", "ExternalSecret", "SealedSecret", "Kustomization"];

impl Build<'_, '_> {
    /// Applies the patches of the fields `patchesStrategicMerge` and `patches`.
    pub(super) fn patches(&mut self, directory: &str, root: &Val, objects: &mut Vec<Object>) {
        for entry in root.get("patchesStrategicMerge").map(Val::items).unwrap_or_default() {
            let found = match entry.as_str() {
                Some(text) if text.contains('\n') => Some(inline(entry)),
                Some(path) => self.read_patches(directory, path),
                None => None,
            };
            self.apply(entry, None, found, objects);
        }
        for entry in root.get("patches").map(Val::items).unwrap_or_default() {
            self.patch(directory, entry, objects);
        }
    }

    /// Applies the patches of the field `patchesJson6902`, which come after names have changed.
    pub(super) fn json_patches(&mut self, directory: &str, root: &Val, objects: &mut Vec<Object>) {
        for entry in root.get("patchesJson6902").map(Val::items).unwrap_or_default() {
            self.patch(directory, entry, objects);
        }
    }

    fn patch(&mut self, directory: &str, entry: &Val, objects: &mut Vec<Object>) {
        let found = match (entry.get("patch"), entry.str_at(&["path"])) {
            (Some(patch), _) => Some(inline(patch)),
            (None, Some(path)) => self.read_patches(directory, path),
            (None, None) => None,
        };
        self.apply(entry, entry.get("target"), found, objects);
    }

    /// The documents of a patch's file; nothing when it is not there.
    fn read_patches(&mut self, directory: &str, path: &str) -> Option<Vec<Val>> {
        let file = self.context.files.find(&join(directory, path)?)?;
        self.built.files.push(file);
        let text = self.context.files.text(file);
        Some(documents(text, |document| Val::of(document, file)))
    }

    fn apply(
        &mut self,
        entry: &Val,
        target: Option<&Val>,
        patches: Option<Vec<Val>>,
        objects: &mut Vec<Object>,
    ) {
        let mut understood = patches.is_some();
        for patch in patches.unwrap_or_default() {
            understood &= apply_one(target, &patch, objects);
        }
        if !understood {
            let line = self.context.files.line(entry.place);
            let path = self.context.files.path(entry.place.file);
            self.say(format!("a patch in {path}, line {line}, is not fully applied"));
        }
    }
}

fn apply_one(target: Option<&Val>, patch: &Val, objects: &mut Vec<Object>) -> bool {
    let Some(target) = target.cloned().or_else(|| own_target(patch)) else { return false };
    let Some(target) = Target::of(&target) else { return false };
    let mut understood = true;
    objects.retain_mut(|object| {
        if !target.means(object) {
            return true;
        }
        match &patch.shape {
            Shape::Sequence(operations) => understood &= pointer::apply(&mut object.root, operations),
            Shape::Mapping(_) => {
                understood &= !merge::has_unsupported(patch);
                let lists = !WITHOUT_SCHEMA.contains(&object.kind.as_str()) && !object.is_knative();
                let mut patch = patch.clone();
                keep_identity(&mut patch);
                if merge::merge(&mut object.root, &patch, lists) == Merged::Deleted {
                    return false;
                }
            }
            Shape::Scalar(_) => understood = false,
        }
        true
    });
    understood
}

/// A patch for several objects names none of them; names do not change by patches.
fn keep_identity(patch: &mut Val) {
    patch.remove("kind");
    patch.remove("apiVersion");
    if let Some(metadata) = patch.get_mut("metadata") {
        metadata.remove("name");
        metadata.remove("namespace");
    }
}

/// A strategic merge patch without a target means the object whose kind and name it bears.
fn own_target(patch: &Val) -> Option<Val> {
    let mut target = Val { place: patch.place, shape: Shape::Mapping(Vec::new()) };
    target.set("kind", patch.get("kind")?.clone());
    let name = patch.at(&["metadata", "name"])?;
    target.set("name", Val::made(&regex_lite::escape(name.as_str()?), name.place));
    Some(target)
}

/// Which objects a patch is for.
struct Target {
    kind: Option<regex_lite::Regex>,
    name: Option<regex_lite::Regex>,
    namespace: Option<regex_lite::Regex>,
    labels: Vec<(String, String)>,
}

impl Target {
    /// Nothing when it asks for something that is not understood.
    fn of(target: &Val) -> Option<Self> {
        // Kustomize anchors these expressions at both ends.
        let pattern = |field: &str| match target.str_at(&[field]).filter(|text| !text.is_empty()) {
            None => Some(None),
            Some(text) => regex_lite::Regex::new(&format!("^(?:{text})$")).ok().map(Some),
        };
        if target.get("annotationSelector").is_some() {
            return None;
        }
        let selector = target.str_at(&["labelSelector"]).unwrap_or_default();
        let labels: Option<Vec<(String, String)>> = selector
            .split(',')
            .filter(|part| !part.trim().is_empty())
            .map(|part| {
                let (key, value) = part.split_once('=')?;
                let plain = !key.contains(['!', ' ']) || key.trim() == key;
                plain.then(|| (key.trim().to_owned(), value.trim_start_matches('=').trim().to_owned()))
            })
            .collect();
        Some(Self {
            kind: pattern("kind")?,
            name: pattern("name")?,
            namespace: pattern("namespace")?,
            labels: labels?,
        })
    }

    fn means(&self, object: &Object) -> bool {
        let fits = |pattern: &Option<regex_lite::Regex>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
        };
        let named = std::iter::once(&object.name).chain(&object.former).any(|name| fits(&self.name, name));
        let labelled = self
            .labels
            .iter()
            .all(|(key, value)| object.root.str_at(&["metadata", "labels", key]) == Some(value.as_str()));
        named && labelled && fits(&self.kind, &object.kind) && fits(&self.namespace, object.space())
    }
}

/// The documents of a patch that stands in the kustomization itself.
fn inline(patch: &Val) -> Vec<Val> {
    let Some(scalar) = patch.scalar() else { return Vec::new() };
    let (outer, file): (&SpanText, FileId) = (&scalar.text, patch.place.file);
    let mut found = documents(outer.as_str(), |document| Val::within(document, outer, file));
    for value in &mut found {
        if value.place.span == Span::default() {
            value.place = patch.place;
        }
    }
    found
}

fn documents(text: &str, convert: impl Fn(&crate::syntax::node::Node) -> Val) -> Vec<Val> {
    yaml::split(text)
        .into_iter()
        .filter_map(|range| yaml::parse_document(text, range).ok()?.root)
        .map(|root| convert(&root))
        .collect()
}
