//! JSON 6902 patches: a list of operations at JSON pointers (RFC 6902, RFC 6901).

use super::super::value::{Shape, Val};

/// How deep a pointer may go; deeper ones are refused, so that no tree grows without bound.
const MAX_DEPTH: usize = 40;

/// Applies the operations in order; `false` when one was not understood or found nothing to change.
pub(super) fn apply(root: &mut Val, operations: &[Val]) -> bool {
    let mut all = true;
    for operation in operations {
        all &= one(root, operation).is_some();
    }
    all
}

fn one(root: &mut Val, operation: &Val) -> Option<()> {
    let path = operation.str_at(&["path"])?.strip_prefix('/')?;
    let tokens: Vec<String> =
        path.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
    let (last, parents) = tokens.split_last()?;
    if parents.len() > MAX_DEPTH {
        return None;
    }
    let mut parent = root;
    for token in parents {
        parent = child(parent, token)?;
    }
    let value = operation.get("value").cloned();
    match operation.str_at(&["op"])? {
        "add" => add(parent, last, value?),
        // Kustomize's library takes a key that is not there for one to add, but no index.
        "replace" => {
            if matches!(parent.shape, Shape::Mapping(_)) {
                return add(parent, last, value?);
            }
            *child(parent, last)? = value?;
            Some(())
        }
        "remove" => remove(parent, last),
        "test" => Some(()),
        _ => None,
    }
}

fn child<'a>(value: &'a mut Val, token: &str) -> Option<&'a mut Val> {
    match &mut value.shape {
        Shape::Mapping(pairs) => pairs.iter_mut().find(|pair| pair.key == token).map(|pair| &mut pair.value),
        Shape::Sequence(items) => items.get_mut(token.parse::<usize>().ok()?),
        Shape::Scalar(_) => None,
    }
}

fn add(parent: &mut Val, token: &str, value: Val) -> Option<()> {
    match &mut parent.shape {
        Shape::Mapping(_) => parent.set(token, value),
        Shape::Sequence(items) if token == "-" => items.push(value),
        Shape::Sequence(items) => {
            let at = token.parse::<usize>().ok().filter(|at| *at <= items.len())?;
            items.insert(at, value);
        }
        Shape::Scalar(_) => return None,
    }
    Some(())
}

fn remove(parent: &mut Val, token: &str) -> Option<()> {
    child(parent, token)?;
    match &mut parent.shape {
        Shape::Sequence(items) => {
            items.remove(token.parse().ok()?);
        }
        _ => parent.remove(token),
    }
    Some(())
}
