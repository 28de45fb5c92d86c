//! Strategic merge patches: mappings by key, lists of Kubernetes' own kinds by their merge key, everything else
//! as a whole (<https://kubectl.docs.kubernetes.io/references/kustomize/glossary/#patch-strategic-merge>).

use super::super::value::{Shape, Val};

/// Merge keys of lists, by field (`patchMergeKey` in Kubernetes' API types).
const MERGE_KEYS: [(&str, &[&str]); 9] = [
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("env", &["name"]),
    ("volumes", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("ports", &["containerPort", "port"]),
    ("imagePullSecrets", &["name"]),
    ("hostAliases", &["ip"]),
    ("volumeDevices", &["devicePath"]),
];

/// What a patch may ask for that is not understood here.
const UNSUPPORTED: [&str; 3] = ["$setElementOrder", "$retainKeys", "$deleteFromPrimitiveList"];

/// What came of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merged {
    Changed,
    /// The patch asks for the whole value to go.
    Deleted,
}

/// Merges `patch` into `base`. `lists`: whether lists are merged by key, which kinds without a schema are not.
pub(super) fn merge(base: &mut Val, patch: &Val, lists: bool) -> Merged {
    match patch.str_at(&["$patch"]) {
        Some("delete") => return Merged::Deleted,
        Some("replace") => {
            *base = patch.clone();
            base.remove("$patch");
            return Merged::Changed;
        }
        _ => {}
    }
    let (Shape::Mapping(_), Shape::Mapping(pairs)) = (&base.shape, &patch.shape) else {
        *base = patch.clone();
        return Merged::Changed;
    };
    for pair in pairs {
        if pair.value.is_null() {
            base.remove(&pair.key);
            continue;
        }
        let Some(existing) = base.get_mut(&pair.key) else {
            if pair.value.str_at(&["$patch"]) != Some("delete") {
                base.set(&pair.key, without_nulls(&pair.value));
            }
            continue;
        };
        let keys = MERGE_KEYS.iter().find(|(field, _)| lists && *field == pair.key).map(|(_, keys)| *keys);
        match (&existing.shape, &pair.value.shape, keys) {
            (Shape::Sequence(old), Shape::Sequence(new), Some(keys)) => {
                existing.shape = Shape::Sequence(merge_list(old, new, keys, lists));
            }
            _ => {
                if merge(existing, &pair.value, lists) == Merged::Deleted {
                    base.remove(&pair.key);
                }
            }
        }
    }
    Merged::Changed
}

/// The patch's items in its order, each merged into the one it means, and behind them what it does not mention;
/// this is how Kustomize orders them.
fn merge_list(old: &[Val], new: &[Val], keys: &[&str], lists: bool) -> Vec<Val> {
    if new.iter().any(|item| item.str_at(&["$patch"]) == Some("replace") && item.pairs().len() == 1) {
        let rest = new.iter().filter(|item| item.get("$patch").is_none());
        return rest.cloned().collect();
    }
    let mut left: Vec<Val> = old.to_vec();
    let mut merged = Vec::new();
    for item in new {
        let same = |other: &Val| {
            keys.iter().find_map(|key| Some(item.str_at(&[key])? == other.str_at(&[key])?)).unwrap_or(false)
        };
        let mut found = left.iter().position(same).map(|at| left.remove(at));
        match &mut found {
            Some(existing) => {
                if merge(existing, item, lists) == Merged::Changed {
                    merged.extend(found);
                }
            }
            None if item.str_at(&["$patch"]) == Some("delete") => {}
            None => merged.push(without_nulls(item)),
        }
    }
    merged.extend(left);
    merged
}

/// A value that a patch adds: what it sets to null is not there.
fn without_nulls(value: &Val) -> Val {
    let mut value = value.clone();
    clean(&mut value);
    value
}

fn clean(value: &mut Val) {
    match &mut value.shape {
        Shape::Scalar(_) => {}
        Shape::Sequence(items) => items.iter_mut().for_each(clean),
        Shape::Mapping(pairs) => {
            pairs.retain(|pair| !pair.value.is_null());
            pairs.iter_mut().for_each(|pair| clean(&mut pair.value));
        }
    }
}

/// Whether a patch holds a directive that is not understood.
pub(super) fn has_unsupported(patch: &Val) -> bool {
    match &patch.shape {
        Shape::Scalar(_) => false,
        // What Kustomize makes of an item that is to be replaced depends on its neighbours.
        Shape::Sequence(items) => items.iter().any(|item| {
            item.str_at(&["$patch"]) == Some("replace") && item.pairs().len() > 1 || has_unsupported(item)
        }),
        Shape::Mapping(pairs) => pairs.iter().any(|pair| {
            UNSUPPORTED.iter().any(|directive| pair.key.starts_with(directive))
                || has_unsupported(&pair.value)
        }),
    }
}
