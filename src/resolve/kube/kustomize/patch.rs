//! Patches of a kustomization: which objects each means, and what it does to them.

use super::super::object::{DEFAULT_NAMESPACE, Former, Object};
use super::super::value::{Shape, Val};
use super::build::Build;
use super::merge::{self, Merged};
use super::pointer;
use super::select::Selector;
use crate::readers::{is_of_interest, join};
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
            (Some(patch), _) if patch.as_str().is_some_and(|text| !text.is_empty()) => Some(inline(patch)),
            (_, Some(path)) => self.read_patches(directory, path),
            (_, None) => None,
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
        let mut understood = patches.as_ref().is_some_and(|patches| !patches.is_empty());
        let may = |option: &str| entry.at(&["options", option]).is_some_and(Val::is_true);
        let keep = Keep { name: !may("allowNameChange"), kind: !may("allowKindChange") };
        for patch in patches.unwrap_or_default() {
            understood &= match target {
                Some(target) => apply_to_some(target, &patch, keep, objects),
                None => apply_to_own(&patch, keep, objects),
            };
        }
        if !understood {
            let line = self.context.files.line(entry.place);
            let path = self.context.files.path(entry.place.file);
            self.say(format!("a patch in {path}, line {line}, is not fully applied"));
        }
    }
}

/// What of an object a patch must not change.
#[derive(Debug, Clone, Copy)]
struct Keep {
    name: bool,
    kind: bool,
}

fn apply_to_some(target: &Val, patch: &Val, keep: Keep, objects: &mut Vec<Object>) -> bool {
    let Some(target) = Selector::of(target) else { return false };
    let mut understood = true;
    objects.retain_mut(|object| !target.means(object) || change(object, patch, keep, &mut understood));
    understood
}

/// A strategic merge patch without a target means the object whose kind, name and namespace it bears. Where there is
/// none Kustomize refuses it.
fn apply_to_own(patch: &Val, keep: Keep, objects: &mut Vec<Object>) -> bool {
    if !matches!(patch.shape, Shape::Mapping(_)) {
        return false;
    }
    let told = |path: &[&str]| patch.str_at(path).unwrap_or_default();
    let (version, kind) = (told(&["apiVersion"]), told(&["kind"]));
    let (name, space) = (told(&["metadata", "name"]), told(&["metadata", "namespace"]));
    let space = if space.is_empty() { DEFAULT_NAMESPACE } else { space };
    let named = |object: &Object| {
        let was = |former: &Former| {
            former.name == name && former.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE) == space
        };
        object.kind == kind
            && object.api_version == version
            && ((object.name == name && object.space() == space) || object.former.iter().any(was))
    };
    let (mut understood, mut any) = (true, false);
    objects.retain_mut(|object| {
        if !named(object) {
            return true;
        }
        any = true;
        change(object, patch, keep, &mut understood)
    });
    // What is of no interest here is not read.
    understood && (any || !is_of_interest(kind))
}

/// Changes one object; `false` when that deletes it.
fn change(object: &mut Object, patch: &Val, keep: Keep, understood: &mut bool) -> bool {
    match &patch.shape {
        Shape::Sequence(operations) => {
            object.remember();
            *understood &= pointer::apply(&mut object.root, operations);
            object.reread();
        }
        Shape::Mapping(_) => {
            *understood &= !merge::has_unsupported(patch) && keep.kind;
            let lists = !WITHOUT_SCHEMA.contains(&object.kind.as_str()) && !object.is_knative();
            let mut patch = patch.clone();
            keep_identity(&mut patch, keep);
            if !keep.name {
                object.remember();
            }
            if merge::merge(&mut object.root, &patch, lists) == Merged::Deleted {
                return false;
            }
            object.reread();
        }
        Shape::Scalar(_) => *understood = false,
    }
    true
}

/// What a patch says about identity finds its object, and changes it only where that is allowed.
fn keep_identity(patch: &mut Val, keep: Keep) {
    patch.remove("kind");
    patch.remove("apiVersion");
    if let Some(metadata) = patch.get_mut("metadata") {
        metadata.remove("namespace");
        if keep.name {
            metadata.remove("name");
        }
    }
}

/// The documents of a patch that stands in the kustomization itself.
fn inline(patch: &Val) -> Vec<Val> {
    let Some(scalar) = patch.scalar() else { return Vec::new() };
    // What begins like JSON must be JSON.
    let text = scalar.text.as_str();
    if text.trim_start().starts_with('[') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return Vec::new();
    }
    let (outer, file): (&SpanText, FileId) = (&scalar.text, patch.place.file);
    let mut found = documents(outer.as_str(), |document| Val::within(document, outer, file));
    for value in &mut found {
        if value.place.span == Span::default() {
            value.place = patch.place;
        }
    }
    found
}

/// The documents of a text that are YAML.
pub(super) fn documents(text: &str, convert: impl Fn(&crate::syntax::node::Node) -> Val) -> Vec<Val> {
    yaml::split(text)
        .into_iter()
        .filter_map(|range| yaml::parse_document(text, range).ok()?.root)
        .map(|root| convert(&root))
        .collect()
}
