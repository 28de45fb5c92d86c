//! JSON 6902 patches: a list of operations at JSON pointers (RFC 6902, RFC 6901).

use super::super::value::{Shape, Val};

/// How deep a pointer may go; deeper ones are refused, so that no tree grows without bound.
const MAX_DEPTH: usize = 40;

/// How many nodes a copy may have: copies of copies would grow without bound.
const MAX_COPIED: usize = 10_000;

/// Applies the operations in order; `false` when one was not understood or found nothing to change, which Kustomize
/// refuses.
pub(super) fn apply(root: &mut Val, operations: &[Val]) -> bool {
    let mut all = true;
    for operation in operations {
        all &= one(root, operation).is_some();
    }
    all
}

fn one(root: &mut Val, operation: &Val) -> Option<()> {
    let path = tokens(operation.str_at(&["path"])?)?;
    let value = operation.get("value");
    match operation.str_at(&["op"])? {
        "add" => add(root, &path, value?.clone()),
        // Kustomize's library takes a key that is not there for one to add, but no index.
        "replace" => {
            let (last, parents) = path.split_last()?;
            let parent = walk(root, parents)?;
            if matches!(parent.shape, Shape::Mapping(_)) {
                parent.set(last, value?.clone());
                return Some(());
            }
            *child(parent, last)? = value?.clone();
            Some(())
        }
        "remove" => remove(root, &path).map(drop),
        "move" => {
            let moved = remove(root, &tokens(operation.str_at(&["from"])?)?)?;
            add(root, &path, moved)
        }
        "copy" => {
            let copied = walk(root, &tokens(operation.str_at(&["from"])?)?)?.clone();
            if size(&copied) > MAX_COPIED {
                return None;
            }
            add(root, &path, copied)
        }
        "test" => same(walk(root, &path)?, value?).then_some(()),
        _ => None,
    }
}

fn tokens(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    let tokens: Vec<String> =
        path.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
    (tokens.len() <= MAX_DEPTH).then_some(tokens)
}

fn walk<'a>(root: &'a mut Val, path: &[String]) -> Option<&'a mut Val> {
    path.iter().try_fold(root, |value, token| child(value, token))
}

fn child<'a>(value: &'a mut Val, token: &str) -> Option<&'a mut Val> {
    match &mut value.shape {
        Shape::Mapping(pairs) => pairs.iter_mut().find(|pair| pair.key == token).map(|pair| &mut pair.value),
        Shape::Sequence(items) => {
            let at = index(token, items.len())?;
            items.get_mut(at)
        }
        Shape::Scalar(_) => None,
    }
}

/// An index of a list; a negative one counts from its end.
fn index(token: &str, length: usize) -> Option<usize> {
    match token.strip_prefix('-') {
        Some(back) => length.checked_sub(back.parse().ok()?).filter(|at| *at < length),
        None => token.parse().ok(),
    }
}

fn add(root: &mut Val, path: &[String], value: Val) -> Option<()> {
    let (last, parents) = path.split_last()?;
    let parent = walk(root, parents)?;
    match &mut parent.shape {
        Shape::Mapping(_) => parent.set(last, value),
        Shape::Sequence(items) if last == "-" => items.push(value),
        Shape::Sequence(items) => {
            let at = last.parse::<usize>().ok().filter(|at| *at <= items.len())?;
            items.insert(at, value);
        }
        Shape::Scalar(_) => return None,
    }
    Some(())
}

/// Takes a value out.
fn remove(root: &mut Val, path: &[String]) -> Option<Val> {
    let (last, parents) = path.split_last()?;
    let parent = walk(root, parents)?;
    let removed = child(parent, last)?.clone();
    match &mut parent.shape {
        Shape::Sequence(items) => {
            let at = index(last, items.len()).filter(|at| *at < items.len())?;
            items.remove(at);
        }
        _ => parent.remove(last),
    }
    Some(removed)
}

fn size(value: &Val) -> usize {
    let below: usize = match &value.shape {
        Shape::Scalar(_) => 0,
        Shape::Sequence(items) => items.iter().map(size).sum(),
        Shape::Mapping(pairs) => pairs.iter().map(|pair| size(&pair.value)).sum(),
    };
    below.saturating_add(1)
}

/// Whether two values are the same, wherever they are written.
fn same(one: &Val, other: &Val) -> bool {
    match (&one.shape, &other.shape) {
        (Shape::Scalar(one), Shape::Scalar(other)) => {
            one.text.as_str() == other.text.as_str()
                && std::mem::discriminant(&one.core()) == std::mem::discriminant(&other.core())
        }
        (Shape::Sequence(one), Shape::Sequence(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Shape::Mapping(pairs), Shape::Mapping(others)) => {
            pairs.len() == others.len()
                && pairs.iter().all(|pair| other.get(&pair.key).is_some_and(|value| same(&pair.value, value)))
        }
        _ => false,
    }
}
