//! Applying remedies: the edits of findings become new texts of files, byte for byte outside the edited spans.

use std::borrow::Cow;
use std::collections::BTreeMap;

mod encoded;

use crate::model::{Edit, Fix, Safety};
use crate::rules::Finding;
use crate::span::{EditPlace, FileId, Span};
use crate::tree::Files;

/// What remedies make of the files.
#[derive(Debug, Default)]
pub struct Fixed {
    /// New texts of changed files, by path. They hold the credentials that the files hold.
    pub texts: BTreeMap<String, String>,
    /// How many remedies are in them.
    pub applied: usize,
}

/// Applies the remedies of `findings`, safe ones and, when asked for, unsafe ones. Of two that touch the same
/// bytes, or the same point, the first is applied; the other one's turn comes when the result is judged again.
#[must_use]
pub fn apply(files: &Files, findings: &[Finding], with_unsafe: bool) -> Fixed {
    let mut taken: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    let mut applied = 0usize;
    let wanted = findings
        .iter()
        .filter_map(|finding| finding.fix.as_ref())
        .filter(|fix| with_unsafe || fix.safety == Safety::Safe);
    for fix in wanted {
        if !fits(files, fix)
            || fix.edits.iter().any(|edit| is_taken(&taken, edit))
            || !can_be_encoded(files, &taken, fix)
        {
            continue;
        }
        for edit in &fix.edits {
            taken.entry(edit.place.file).or_default().push(edit);
        }
        applied = applied.saturating_add(1);
    }
    let texts = taken
        .into_iter()
        .filter_map(|(file, edits)| {
            let text = edited(files.text(file), edits)?;
            Some((files.path(file).to_owned(), text))
        })
        .collect();
    Fixed { texts, applied }
}

/// Whether every edit lies in its file, changes something, and none of them meets another of the same remedy.
fn fits(files: &Files, fix: &Fix) -> bool {
    let inside = fix.edits.iter().all(|edit| {
        // What another program wrote is changed where it comes from.
        files.rendered_from(edit.place.file).is_none()
            && old(files, edit.place).is_some_and(|old| old != edit.text)
    });
    let apart = fix.edits.iter().enumerate().all(|(index, one)| {
        fix.edits
            .iter()
            .skip(index.saturating_add(1))
            .all(|other| one.place.spans(other.place).is_none_or(|(one, other)| !cross(one, other)))
    });
    inside && apart && !fix.edits.is_empty()
}

/// What an edit replaces.
fn old(files: &Files, place: EditPlace) -> Option<String> {
    let written = files.text(place.file).get(place.span.range())?;
    match place.decoded {
        Some(decoded) => encoded::decode(written)?.get(decoded.range()).map(str::to_owned),
        None => Some(written.to_owned()),
    }
}

/// Whether every encoded value that a remedy touches can be written again, with what others change in it.
fn can_be_encoded(files: &Files, taken: &BTreeMap<FileId, Vec<&Edit>>, fix: &Fix) -> bool {
    let coded = fix.edits.iter().filter(|edit| edit.place.decoded.is_some()).map(|edit| edit.place);
    coded.into_iter().all(|place| {
        let same = |edit: &&Edit| edit.place.file == place.file && edit.place.span == place.span;
        let others = taken.get(&place.file).into_iter().flatten().copied();
        let edits = others.chain(&fix.edits).filter(same).collect();
        let written = files.text(place.file).get(place.span.range());
        written.is_some_and(|written| encoded::edited(written, edits).is_some())
    })
}

fn is_taken(taken: &BTreeMap<FileId, Vec<&Edit>>, edit: &Edit) -> bool {
    let mut others = taken.get(&edit.place.file).into_iter().flatten();
    others.any(|other| other.place.spans(edit.place).is_some_and(|(other, own)| meet(other, own)))
}

/// Whether two spans share a byte, or are the same point, or one is a point inside the other.
fn meet(one: Span, other: Span) -> bool {
    if one.is_empty() || other.is_empty() {
        return one.start <= other.end && other.start <= one.end;
    }
    one.start < other.end && other.start < one.end
}

/// Whether two edits of one remedy cannot both be made: an insertion may stand right beside what another replaces.
fn cross(one: Span, other: Span) -> bool {
    if one.is_empty() && other.is_empty() {
        return one.start == other.start;
    }
    one.start < other.end && other.start < one.end
}

/// A file's text after edits that do not meet. Those of one encoded value are made together.
pub(crate) fn edited(text: &str, edits: Vec<&Edit>) -> Option<String> {
    let mut coded: BTreeMap<Span, Vec<&Edit>> = BTreeMap::new();
    let mut all: Vec<(Span, Cow<'_, str>)> = Vec::new();
    for edit in edits {
        match edit.place.decoded {
            Some(_) => coded.entry(edit.place.span).or_default().push(edit),
            None => all.push((edit.place.span, Cow::Borrowed(&edit.text))),
        }
    }
    for (span, edits) in coded {
        all.push((span, Cow::Owned(encoded::edited(text.get(span.range())?, edits)?)));
    }
    replaced(text, all)
}

/// A text with spans of it replaced.
fn replaced(text: &str, mut edits: Vec<(Span, Cow<'_, str>)>) -> Option<String> {
    edits.sort_by_key(|(span, _)| *span);
    let mut result = String::with_capacity(text.len());
    let mut at = 0usize;
    for (span, new) in edits {
        result.push_str(text.get(at..span.start)?);
        result.push_str(&new);
        at = span.end;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;
    use crate::span::Place;
    use crate::tree::Kind;

    fn finding(file: FileId, safety: Safety, edits: &[(usize, usize, &str)]) -> Finding {
        let edits = edits
            .iter()
            .map(|(start, end, text)| Edit {
                place: Place::new(file, Span::new(*start, *end)).into(),
                text: (*text).to_owned(),
            })
            .collect();
        Finding {
            rule: "a-rule".to_owned(),
            severity: Severity::Warning,
            message: String::new(),
            help: None,
            place: Place::new(file, Span::default()),
            labels: Vec::new(),
            deployments: Vec::new(),
            environment: None,
            workload: None,
            server: None,
            fix: Some(Fix { safety, title: String::new(), edits, withheld: false }),
            measure: None,
            identity: String::new(),
            fingerprint: String::new(),
        }
    }

    /// Start, end and new text of each edit of a remedy.
    type Remedy<'a> = (Safety, &'a [(usize, usize, &'a str)]);

    fn texts(edits: &[Remedy<'_>], with_unsafe: bool) -> (String, usize) {
        let mut files = Files::default();
        let file = files.add("a.env", Kind::EnvFile, "0123456789");
        let findings: Vec<Finding> =
            edits.iter().map(|(safety, edits)| finding(file, *safety, edits)).collect();
        let fixed = apply(&files, &findings, with_unsafe);
        (fixed.texts.get("a.env").cloned().unwrap_or_default(), fixed.applied)
    }

    #[test]
    fn edits_replace_insert_and_remove() {
        let safe = Safety::Safe;
        assert_eq!(texts(&[(safe, &[(2, 4, "x")])], false), ("01x456789".to_owned(), 1));
        assert_eq!(texts(&[(safe, &[(0, 0, "'"), (10, 10, "'")])], false), ("'0123456789'".to_owned(), 1));
        assert_eq!(texts(&[(safe, &[(8, 10, "")])], false), ("01234567".to_owned(), 1));
        assert_eq!(texts(&[(safe, &[(8, 10, "x"), (10, 10, "&y")])], false), ("01234567x&y".to_owned(), 1));
        assert_eq!(texts(&[(safe, &[(8, 10, "x"), (9, 9, "y")])], false), (String::new(), 0));
        assert_eq!(texts(&[(safe, &[(9, 9, "x"), (9, 9, "y")])], false), (String::new(), 0));
    }

    #[test]
    fn edits_of_an_encoded_value_are_made_together() {
        // "user=app" between two bytes.
        let (mut files, text) = (Files::default(), "'dXNlcj1hcHA='");
        let file = files.add("s.yaml", Kind::Kubernetes, text);
        let coded = |edits: &[(usize, usize, &str)]| {
            let mut finding = finding(file, Safety::Safe, edits);
            for edit in finding.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
                let decoded = Some(edit.place.span);
                edit.place = EditPlace { file, span: Span::new(1, 13), decoded };
            }
            assert!(finding.fix.as_ref().is_some_and(Fix::is_withheld));
            finding
        };
        let plain = |edits: &[(usize, usize, &str)]| finding(file, Safety::Safe, edits);
        for (findings, value, applied) in [
            (vec![coded(&[(0, 4, "USER")]), coded(&[(5, 8, "me")])], "USER=me", 2),
            (vec![coded(&[(8, 8, "&a"), (0, 0, "?")])], "?user=app&a", 1),
            (vec![coded(&[(0, 4, "x")]), coded(&[(3, 5, "y")]), coded(&[(8, 8, "z")])], "x=appz", 2),
            // What is written already, lies behind the end, cuts a letter, or leaves nothing.
            (vec![coded(&[(0, 4, "user")])], "user=app", 0),
            (vec![coded(&[(7, 9, "x")])], "user=app", 0),
            (vec![coded(&[(0, 8, "")])], "user=app", 0),
            (vec![coded(&[(0, 5, "")]), coded(&[(5, 8, "")])], "app", 1),
            (vec![coded(&[(0, 1, "\u{444}")])], "user=app", 0),
            // An edit of the letters themselves, and one of what they mean.
            (vec![coded(&[(0, 4, "x")]), plain(&[(2, 4, "QQ")])], "x=app", 1),
        ] {
            let fixed = apply(&files, &findings, false);
            assert_eq!(fixed.applied, applied, "{value}");
            let new = fixed.texts.get("s.yaml").map_or(text, String::as_str);
            assert_eq!(encoded::decode(new.trim_matches('\'')).as_deref(), Some(value));
        }
        let beside = apply(&files, &[coded(&[(0, 4, "x")]), plain(&[(0, 1, ""), (13, 14, "")])], false);
        assert_eq!(beside.texts["s.yaml"], "eD1hcHA=");
    }

    #[test]
    fn unsafe_ones_wait_to_be_asked_for() {
        let edits: &[Remedy<'_>] = &[(Safety::Unsafe, &[(0, 1, "x")])];
        assert_eq!(texts(edits, false), (String::new(), 0));
        assert_eq!(texts(edits, true), ("x123456789".to_owned(), 1));
    }

    #[test]
    fn of_two_that_meet_the_first_is_applied() {
        let safe = Safety::Safe;
        assert_eq!(
            texts(&[(safe, &[(2, 5, "x")]), (safe, &[(4, 6, "y")])], false),
            ("01x56789".to_owned(), 1)
        );
        assert_eq!(
            texts(&[(safe, &[(5, 5, "x")]), (safe, &[(5, 5, "y")])], false),
            ("01234x56789".to_owned(), 1)
        );
        assert_eq!(
            texts(&[(safe, &[(2, 4, "x")]), (safe, &[(6, 7, "y")])], false),
            ("01x45y789".to_owned(), 2)
        );
    }
}
