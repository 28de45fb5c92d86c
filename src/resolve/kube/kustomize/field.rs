//! Paths to fields as `replacements` write them: `spec.containers.[name=api].env.0.value`
//! (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/>).

use regex_lite::Regex;

use super::super::value::{Shape, Val};
use crate::syntax::node::Style;

/// How deep a path may go.
const MAX_DEPTH: usize = 40;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A key of a mapping, or an index of a list.
    Key(String),
    /// The items of a list whose field has a value; without a field the item itself. Where something is written the
    /// value is a regular expression that may match anywhere in the field, as in kyaml's `PathMatcher`.
    Item(String, String),
    /// Everything in a list or mapping.
    Every,
}

/// Takes a path apart at its dots. Within brackets they do not count, nor behind a backslash. Nothing when it is
/// too long.
pub(super) fn steps(path: &str) -> Option<Vec<Step>> {
    let mut parts = vec![String::new()];
    let (mut inside, mut escaped) = (false, false);
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        let last = parts.last_mut()?;
        match letter {
            '\\' if letters.peek() == Some(&'.') => {
                escaped = true;
                continue;
            }
            '.' if !inside && !escaped => parts.push(String::new()),
            letter => {
                match letter {
                    '[' if last.is_empty() => inside = true,
                    ']' => inside = false,
                    _ => {}
                }
                last.push(letter);
            }
        }
        escaped = false;
    }
    (parts.len() <= MAX_DEPTH).then(|| parts.iter().map(|part| step(part)).collect())
}

fn step(part: &str) -> Step {
    if part == "*" {
        return Step::Every;
    }
    let Some(inner) = part.strip_prefix('[').and_then(|part| part.strip_suffix(']')) else {
        return Step::Key(part.to_owned());
    };
    match inner.split_once('=') {
        Some((field, value)) => Step::Item(field.to_owned(), value.to_owned()),
        None => Step::Key(inner.to_owned()),
    }
}

/// Everything that a path leads to.
pub(super) fn find<'a>(value: &'a Val, path: &[Step]) -> Vec<&'a Val> {
    let Some((first, rest)) = path.split_first() else { return vec![value] };
    let below: Vec<&Val> = match (&value.shape, first) {
        (Shape::Mapping(_), Step::Key(key)) => value.get(key).into_iter().collect(),
        (Shape::Mapping(pairs), Step::Every) => pairs.iter().map(|pair| &pair.value).collect(),
        (Shape::Sequence(items), Step::Key(index)) => {
            index.parse::<usize>().ok().and_then(|index| items.get(index)).into_iter().collect()
        }
        (Shape::Sequence(items), Step::Item(field, wanted)) => {
            items.iter().filter(|item| fits(item, field, wanted)).collect()
        }
        (Shape::Sequence(items), Step::Every) => items.iter().collect(),
        _ => Vec::new(),
    };
    below.into_iter().flat_map(|value| find(value, rest)).collect()
}

/// Hands everything that a path leads to to `change`; `false` when that is nothing. With `create` what is missing on
/// the way is made.
pub(super) fn change(value: &mut Val, path: &[Step], create: bool, change: &mut dyn FnMut(&mut Val)) -> bool {
    let Some((first, rest)) = path.split_first() else {
        change(value);
        return true;
    };
    if create {
        make(value, first, rest.first());
    }
    let mut any = false;
    match (&mut value.shape, first) {
        (Shape::Mapping(pairs), step) => {
            for pair in pairs {
                if matches!(step, Step::Every) || *step == Step::Key(pair.key.clone()) {
                    any |= self::change(&mut pair.value, rest, create, change);
                }
            }
        }
        (Shape::Sequence(items), step) => {
            let pattern = pattern(step);
            for (number, item) in items.iter_mut().enumerate() {
                let meant = match step {
                    Step::Key(index) => index.parse() == Ok(number),
                    Step::Item(field, _) => matches(item, field, pattern.as_ref()),
                    Step::Every => true,
                };
                if meant {
                    any |= self::change(item, rest, create, change);
                }
            }
        }
        (Shape::Scalar(_), _) => {}
    }
    any
}

/// Makes what one step leads to, where it is missing.
fn make(value: &mut Val, first: &Step, next: Option<&Step>) {
    let place = value.place;
    let empty = match next {
        None => Val::made("", place),
        Some(Step::Item(..)) => Val { place, shape: Shape::Sequence(Vec::new()) },
        Some(_) => Val { place, shape: Shape::Mapping(Vec::new()) },
    };
    let missing = matches!(first, Step::Key(key) if value.get(key).is_none());
    match (&mut value.shape, first) {
        (Shape::Mapping(_), Step::Key(key)) if missing => value.set(key, empty),
        (Shape::Sequence(items), Step::Item(field, wanted))
            if !items.iter().any(|item| matches(item, field, pattern(first).as_ref())) =>
        {
            let mut item = Val { place, shape: Shape::Mapping(Vec::new()) };
            item.set(field, Val::made(wanted, place));
            items.push(item);
        }
        _ => {}
    }
}

fn fits(item: &Val, field: &str, wanted: &str) -> bool {
    let told = if field.is_empty() { item.as_str() } else { item.str_at(&[field]) };
    told == Some(wanted)
}

/// The expression of a step; nothing when there is none, or none that can be read.
fn pattern(step: &Step) -> Option<Regex> {
    let Step::Item(_, wanted) = step else { return None };
    Regex::new(wanted).ok()
}

/// Whether an expression matches a field. Kustomize looks at it as it is written: with its quotes.
fn matches(item: &Val, field: &str, pattern: Option<&Regex>) -> bool {
    let held = if field.is_empty() { Some(item) } else { item.get(field) };
    let (Some(scalar), Some(pattern)) = (held.and_then(Val::scalar), pattern) else { return false };
    let text = scalar.text.as_str();
    match scalar.style {
        Style::DoubleQuoted => pattern.is_match(&format!("\"{text}\"")),
        Style::SingleQuoted => pattern.is_match(&format!("'{text}'")),
        _ => pattern.is_match(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let key = |text: &str| Step::Key(text.to_owned());
        let item = |field: &str, value: &str| Step::Item(field.to_owned(), value.to_owned());
        for (path, expected) in [
            ("a", vec![key("a")]),
            ("a.b.0", vec![key("a"), key("b"), key("0")]),
            ("a.[name=x.y].*", vec![key("a"), item("name", "x.y"), Step::Every]),
            ("a.[b.c]", vec![key("a"), key("b.c")]),
            ("a.b\\.c/d", vec![key("a"), key("b.c/d")]),
            ("a.[name=\\w]", vec![key("a"), item("name", "\\w")]),
            ("a.[=x]", vec![key("a"), item("", "x")]),
        ] {
            assert_eq!(steps(path), Some(expected), "{path}");
        }
        assert_eq!(steps(&"a.".repeat(50)), None);
    }

    #[test]
    fn items_are_meant_by_an_expression_that_is_not_anchored() {
        for (wanted, written, expected) in [
            ("URL", "DATABASE_URL", true),
            ("^URL$", "DATABASE_URL", false),
            ("^URL$", "URL", true),
            ("^URL$", "'URL'", false),
            ("A.B", "AxB", true),
            ("A[.]B", "AxB", false),
            ("O(", "O(", false),
        ] {
            let text = format!("- name: {written}\n");
            let file = crate::span::FileId(0);
            let mut value = super::super::patch::documents(&text, |node| Val::of(node, file)).remove(0);
            let path = steps(&format!("[name={wanted}].name")).unwrap();
            assert_eq!(change(&mut value, &path, false, &mut |_| {}), expected, "{wanted} {written}");
        }
    }
}
