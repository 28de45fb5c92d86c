//! Suppressions as subjects of rules: those that name no rule, and those of no use.

use super::{Entry, Name, Reach, Suppressions};
use crate::rules::facts::docs::{about, flag, text};
use crate::rules::facts::{Fact, FactDoc, Subject};
use crate::rules::page::SubjectKind;
use crate::span::{EditPlace, Place, Span};

/// Rules about suppressions. One that suppresses them is never called unused, or mending one finding would
/// make the next.
const ABOUT_SUPPRESSIONS: [&str; 2] = ["unknown-rule-in-ignore", "unused-suppression"];

const HERE: &[SubjectKind] = &[SubjectKind::Suppression];

/// Documentation of these facts.
pub(in crate::rules) const DOCS: &[FactDoc] = &about(
    HERE,
    [
        text("suppression.rule", "the rule it names; several, when none of them is of use"),
        text(
            "suppression.suggestion",
            "the rule whose name is nearest, when it names one that does not exist",
        ),
        flag("suppression.unknown", "the rule it names does not exist"),
        flag("suppression.unused", "the rule it names is on and reports nothing where the suppression holds"),
        flag("suppression.malformed", "it is a comment that names no rule in brackets"),
        flag(
            "suppression.misplaced",
            "it is meant for the whole file and stands below its first line of content",
        ),
    ],
);

/// What is known about a rule's name.
pub(in crate::rules) enum Standing {
    /// The rule exists and was applied.
    On,
    /// The rule exists and is off: whether the suppression is of use cannot be known.
    Off,
    /// No such rule; the nearest name.
    Unknown(Option<String>),
}

impl Suppressions {
    /// The suppressions that rules may have something to say about, after all findings were shown to them.
    pub fn subjects(&self, standing: impl Fn(&str) -> Standing) -> Vec<Subject> {
        let mut subjects = Vec::new();
        for entry in &self.entries {
            if entry.malformed {
                let mut subject = Subject::new(SubjectKind::Suppression, "", Some(entry.place));
                subject.facts.say("suppression.malformed", true);
                subjects.push(subject);
            }
            let mut unused = Vec::new();
            for name in &entry.names {
                match standing(&name.rule) {
                    Standing::Unknown(suggestion) => subjects.push(unknown(entry, name, suggestion)),
                    Standing::On if !name.used && !ABOUT_SUPPRESSIONS.contains(&name.rule.as_str()) => {
                        unused.push(name);
                    }
                    Standing::On | Standing::Off => {}
                }
            }
            if unused.len() == entry.names.len() {
                subjects.extend(useless(entry, &unused, entry.whole));
            } else {
                subjects.extend(unused.iter().flat_map(|name| useless(entry, &[name], name.removal)));
            }
        }
        subjects
    }
}

fn unknown(entry: &Entry, name: &Name, suggestion: Option<String>) -> Subject {
    let removal = if entry.names.len() > 1 { name.removal } else { entry.whole };
    let mut subject = Subject::new(SubjectKind::Suppression, name.rule.clone(), Some(name.place));
    let rule = Fact::new(name.rule.as_str()).at(name.place).removable(removal.map(EditPlace::from));
    let rule = if name.exact { rule.editable(Some(name.place.into())) } else { rule };
    subject.facts.set("suppression.rule", rule);
    subject.facts.say("suppression.unknown", true);
    subject.facts.say_some("suppression.suggestion", suggestion);
    subject
}

/// Names of one entry that are of no use, as one subject.
fn useless(entry: &Entry, names: &[&Name], removal: Option<Place>) -> Option<Subject> {
    let rules: Vec<&str> = names.iter().map(|name| name.rule.as_str()).collect();
    let rules = rules.join(", ");
    let span = names.iter().map(|name| name.place.span).reduce(Span::to)?;
    let place = Place::new(entry.place.file, span);
    let mut subject = Subject::new(SubjectKind::Suppression, rules.clone(), Some(place));
    subject.facts.set("suppression.rule", Fact::new(rules).at(place).removable(removal.map(EditPlace::from)));
    subject.facts.say("suppression.unused", true);
    subject.facts.say("suppression.misplaced", matches!(entry.reach, Reach::Misplaced));
    Some(subject)
}
