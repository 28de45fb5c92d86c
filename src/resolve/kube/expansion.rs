//! `$(NAME)` as the kubelet expands it in `value`, `command` and `args`
//! (<https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>).

use std::ops::Range;

use crate::span::Text;

/// A reference that nothing answers; it stays in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unanswered {
    /// The variable's name.
    pub name: String,
    /// Its bytes in the text before expansion, from `$` to `)`.
    pub range: Range<usize>,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Bytes that stay.
    Literal(Range<usize>),
    /// `$(NAME)`: the whole and the name.
    Reference(Range<usize>, Range<usize>),
}

/// Fills in the references of `text`. `$$` is a dollar sign that begins no reference; a reference to an
/// unknown name stays as it is.
pub(super) fn expand(
    text: &Text,
    lookup: &mut dyn FnMut(&str, Range<usize>) -> Option<Text>,
) -> (Text, Vec<Unanswered>) {
    let value = text.as_str();
    let (mut expanded, mut unanswered) = (Text::default(), Vec::new());
    for part in parts(value) {
        match part {
            Part::Literal(range) => expanded.push_text(&text.slice(range)),
            Part::Reference(whole, name) => {
                let name = value.get(name).unwrap_or_default();
                match (lookup(name, whole.clone()), text.place_of(whole.clone())) {
                    (Some(found), Some(hop)) => expanded.push_via(&found, hop),
                    (Some(found), None) => expanded.push_text(&found),
                    (None, _) => {
                        expanded.push_text(&text.slice(whole.clone()));
                        unanswered.push(Unanswered { name: name.to_owned(), range: whole });
                    }
                }
            }
        }
        if expanded.as_str().len() > MAX_LENGTH {
            return (Text::unknown("a value that grows beyond measure"), unanswered);
        }
    }
    (expanded, unanswered)
}

/// The longest value that is expanded; each variable may double the one before.
const MAX_LENGTH: usize = 64 * 1024;

/// Takes a text apart. The name goes up to the first closing parenthesis, whatever stands in it; without one
/// the opening is text.
fn parts(value: &str) -> Vec<Part> {
    let bytes = value.as_bytes();
    let mut parts = Vec::new();
    let (mut literal, mut at) = (0usize, 0usize);
    while let Some(found) = memchr::memchr(b'$', bytes.get(at..).unwrap_or_default()) {
        let dollar = at.saturating_add(found);
        let next = dollar.saturating_add(1);
        match bytes.get(next) {
            Some(b'$') => {
                parts.push(Part::Literal(literal..next));
                at = next.saturating_add(1);
                literal = at;
            }
            Some(b'(') => {
                let name = next.saturating_add(1);
                let Some(length) = memchr::memchr(b')', bytes.get(name..).unwrap_or_default()) else {
                    at = name;
                    continue;
                };
                let close = name.saturating_add(length);
                let behind = close.saturating_add(1);
                parts.push(Part::Literal(literal..dollar));
                parts.push(Part::Reference(dollar..behind, name..close));
                at = behind;
                literal = at;
            }
            _ => at = next,
        }
    }
    parts.push(Part::Literal(literal..value.len()));
    parts.retain(|part| !matches!(part, Part::Literal(range) if range.is_empty()));
    parts
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::span::{FileId, SpanText};

    /// What each text becomes where `VAR_A`, `VAR_B` and `VAR_C` are `A`, `B` and `C`, `VAR_REF` is the text
    /// `$(VAR_A)` and `VAR_EMPTY` is empty.
    pub(in super::super) const TABLE: &[(&str, &str)] = &[
        ("$(VAR_A)", "A"),
        ("___$(VAR_B)___", "___B___"),
        ("___$(VAR_C)", "___C"),
        ("$(VAR_A)-$(VAR_A)", "A-A"),
        ("$(VAR_A)-1", "A-1"),
        ("$(VAR_A)_$(VAR_B)_$(VAR_C)", "A_B_C"),
        ("$$(VAR_B)_$(VAR_A)", "$(VAR_B)_A"),
        ("$$(VAR_A)_$$(VAR_B)", "$(VAR_A)_$(VAR_B)"),
        ("f000-$$VAR_A", "f000-$VAR_A"),
        ("foo\\$(VAR_C)bar", "foo\\Cbar"),
        ("foo\\\\$(VAR_C)bar", "foo\\\\Cbar"),
        ("foo\\\\\\\\$(VAR_A)bar", "foo\\\\\\\\Abar"),
        ("$(VAR_A$(VAR_B))", "$(VAR_A$(VAR_B))"),
        ("$(VAR_A$(VAR_B)", "$(VAR_A$(VAR_B)"),
        ("$(VAR_REF)", "$(VAR_A)"),
        ("%%$(VAR_REF)--$(VAR_REF)%%", "%%$(VAR_A)--$(VAR_A)%%"),
        ("foo$(VAR_EMPTY)bar", "foobar"),
        ("foo$(VAR_Awhoops!", "foo$(VAR_Awhoops!"),
        ("f00__(VAR_A)__", "f00__(VAR_A)__"),
        ("$?_boo_$!", "$?_boo_$!"),
        ("$VAR_A", "$VAR_A"),
        ("${VAR_A}", "${VAR_A}"),
        ("$(VAR_DNE)", "$(VAR_DNE)"),
        ("$$$$$$(BIG_MONEY)", "$$$(BIG_MONEY)"),
        ("$$$$$$(VAR_A)", "$$$(VAR_A)"),
        ("$$$$$$$(GOOD_ODDS)", "$$$$(GOOD_ODDS)"),
        ("$$$$$$$(VAR_A)", "$$$A"),
        ("$VAR_A)", "$VAR_A)"),
        ("${VAR_A)", "${VAR_A)"),
        ("$(VAR_B)_______$(A", "B_______$(A"),
        ("$(VAR_C)_______$(", "C_______$("),
        ("$(VAR_A)foobarzab$", "Afoobarzab$"),
        ("foo-\\\\$(VAR_A", "foo-\\\\$(VAR_A"),
        ("--$($($($($--", "--$($($($($--"),
        ("$($($($($--foo$(", "$($($($($--foo$("),
        ("foo0--$($($($(", "foo0--$($($($("),
        ("$(foo$$var)", "$(foo$$var)"),
        ("", ""),
    ];

    fn run(input: &str, known: &[&[(&str, &str)]]) -> String {
        let text = Text::written(&SpanText::verbatim(input, 0), FileId(0));
        let mut lookup = |name: &str, _: Range<usize>| {
            let found = known.iter().find_map(|known| known.iter().find(|(key, _)| *key == name))?;
            Some(Text::written(&SpanText::verbatim(found.1, 0), FileId(1)))
        };
        expand(&text, &mut lookup).0.as_str().to_owned()
    }

    #[test]
    fn expands_as_the_kubelet_does() {
        let all =
            [("VAR_A", "A"), ("VAR_B", "B"), ("VAR_C", "C"), ("VAR_REF", "$(VAR_A)"), ("VAR_EMPTY", "")];
        let (first, second) = all.split_at(2);
        for (input, expected) in TABLE {
            assert_eq!(run(input, &[&all]), *expected, "{input}");
            assert_eq!(run(input, &[second, first]), *expected, "{input}");
        }
        assert!(TABLE.len() >= 37);
    }

    #[test]
    fn a_value_remembers_its_reference() {
        let text = Text::written(&SpanText::verbatim("a$(B)c$(D)", 10), FileId(0));
        let found = Text::written(&SpanText::verbatim("bb", 50), FileId(1));
        let (expanded, unanswered) = expand(&text, &mut |name, _| (name == "B").then(|| found.clone()));
        assert_eq!(expanded.as_str(), "abbc$(D)");
        assert_eq!(expanded.editable(1..3).unwrap().file, FileId(1));
        assert_eq!(expanded.hops_of(1..3).len(), 1);
        assert_eq!(unanswered, [Unanswered { name: "D".to_owned(), range: 6..10 }]);
    }
}
