//! `replacements`: a field of one object is copied to fields of others.

use super::super::data::encode;
use super::super::object::Object;
use super::super::value::{Shape, Val};
use super::build::Build;
use super::field;
use super::patch::documents;
use super::select::Selector;
use crate::readers::join;

/// What is copied unless a field is told, and where to.
const NAME: &str = "metadata.name";

impl Build<'_, '_> {
    /// Applies the replacements of a kustomization.
    pub(super) fn replacements(&mut self, directory: &str, root: &Val, objects: &mut [Object]) {
        for entry in root.get("replacements").map(Val::items).unwrap_or_default() {
            let all = match entry.str_at(&["path"]) {
                Some(path) => self.read_replacements(directory, path),
                None => Some(vec![entry.clone()]),
            };
            let Some(all) = all else {
                self.refuse(entry, "its file is not in the repository");
                continue;
            };
            for replacement in &all {
                if let Err(reason) = apply(replacement, objects) {
                    self.refuse(entry, reason);
                }
            }
        }
    }

    fn refuse(&mut self, entry: &Val, reason: &str) {
        let line = self.context.files.line(entry.place);
        let path = self.context.files.path(entry.place.file);
        self.say(format!("a replacement in {path}, line {line}, is not applied: {reason}"));
    }

    /// The replacements of a file: one, or a list.
    fn read_replacements(&mut self, directory: &str, path: &str) -> Option<Vec<Val>> {
        let file = self.context.files.find(&join(directory, path)?)?;
        self.built.files.push(file);
        let found = documents(self.context.files.text(file), |document| Val::of(document, file));
        let take = |value: Val| match value.shape {
            Shape::Sequence(items) => items,
            _ => vec![value],
        };
        Some(found.into_iter().flat_map(take).collect())
    }
}

fn apply(replacement: &Val, objects: &mut [Object]) -> Result<(), &'static str> {
    let source = replacement.get("source").ok_or("it has no source")?;
    let value = copied(source, objects)?;
    for target in replacement.get("targets").map(Val::items).unwrap_or_default() {
        put(target, &value, objects)?;
    }
    Ok(())
}

/// The value of the source: of the only object that it means.
fn copied(source: &Val, objects: &[Object]) -> Result<Val, &'static str> {
    let told = |field: &str| source.str_at(&[field]).filter(|text| !text.is_empty());
    let same = |field: &str, text: &str| told(field).is_none_or(|wanted| wanted == text);
    let mut meant = objects.iter().filter(|object| {
        let names = object.former.iter().map(|former| (&former.name, former.namespace.as_deref()));
        let mut names = names.chain(std::iter::once((&object.name, object.namespace.as_deref())));
        same("group", object.group())
            && same("version", object.version())
            && same("kind", &object.kind)
            && names.any(|(name, space)| same("name", name) && same("namespace", space.unwrap_or_default()))
    });
    let (Some(object), None) = (meant.next(), meant.next()) else {
        return Err("no object, or several, is its source");
    };
    let path = field::steps(told("fieldPath").unwrap_or(NAME)).ok_or("its path is too long")?;
    let encoded = encoded(object, &path);
    let found = encoded.as_ref().or_else(|| field::find(&object.root, &path).into_iter().next());
    let found = found.ok_or("its source has no such field")?;
    let Some((delimiter, index)) = delimiter(source) else { return Ok(found.clone()) };
    let text = found.as_str().ok_or("its source is no text")?;
    let part = usize::try_from(index).ok().and_then(|index| text.split(delimiter).nth(index));
    part.map(|part| Val::made(part, found.place)).ok_or("its source has no such part")
}

/// A key of a generated Secret, as it stands in what Kustomize prints.
fn encoded(object: &Object, path: &[field::Step]) -> Option<Val> {
    let [field::Step::Key(data), field::Step::Key(key)] = path else { return None };
    if object.kind != "Secret" || object.generated.is_none() || data != "data" {
        return None;
    }
    let value = object.root.at(&["stringData", key])?;
    Some(Val::made(&encode(value.as_str()?), value.place))
}

fn delimiter(owner: &Val) -> Option<(&str, i64)> {
    let options = owner.get("options")?;
    let delimiter = options.str_at(&["delimiter"]).filter(|delimiter| !delimiter.is_empty())?;
    let index = options.str_at(&["index"]).and_then(|index| index.parse().ok()).unwrap_or(0);
    Some((delimiter, index))
}

/// Writes the value into the fields of a target.
fn put(target: &Val, value: &Val, objects: &mut [Object]) -> Result<(), &'static str> {
    let select = target.get("select").ok_or("a target selects nothing")?;
    let select = Selector::of(select).ok_or("its selector is not understood")?;
    let rejects = target.get("reject").map(Val::items).unwrap_or_default();
    let rejects: Option<Vec<Selector>> = rejects.iter().map(Selector::of).collect();
    let rejects = rejects.ok_or("its selector is not understood")?;
    let create = target.at(&["options", "create"]).is_some_and(Val::is_true);
    let paths: Vec<&str> =
        target.get("fieldPaths").map(Val::items).unwrap_or_default().iter().filter_map(Val::as_str).collect();
    let paths = if paths.is_empty() { vec![NAME] } else { paths };
    let meant =
        |object: &&mut Object| select.means(object) && !rejects.iter().any(|reject| reject.means(object));
    for object in objects.iter_mut().filter(meant) {
        for path in &paths {
            let steps = field::steps(path).ok_or("its path is too long")?;
            let written = |held: &mut Val| write(held, value, delimiter(target));
            let mut all = true;
            let any = field::change(&mut object.root, &steps, create, &mut |held| all &= written(held));
            if !any {
                return Err("a target has no such field");
            }
            if !all {
                return Err("a target is no text");
            }
        }
        object.remember();
        object.reread();
    }
    Ok(())
}

/// Writes the value, or makes it one of the parts between delimiters; `false` when there are none.
fn write(held: &mut Val, value: &Val, delimiter: Option<(&str, i64)>) -> bool {
    let Some((delimiter, index)) = delimiter else {
        *held = value.clone();
        return true;
    };
    let (Some(text), Some(part)) = (held.as_str(), value.as_str()) else { return false };
    let mut parts: Vec<&str> = text.split(delimiter).collect();
    match usize::try_from(index) {
        Err(_) => parts.insert(0, part),
        Ok(index) => match parts.get_mut(index) {
            Some(old) => *old = part,
            None => parts.push(part),
        },
    }
    // Whatever is secret in it came from the source.
    *held = Val::made(&parts.join(delimiter), value.place);
    true
}
