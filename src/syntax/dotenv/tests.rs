use proptest::prelude::*;

use super::*;
use crate::span::SpanText;
use crate::syntax::interpolation::Part;

/// The single entry of a file, its value as text.
fn only(text: &str, dialect: Dialect) -> (Entry, String) {
    let mut file = parse(text, dialect);
    assert_eq!(file.entries.len(), 1, "{text:?}");
    let entry = file.entries.remove(0);
    let value = entry.value.clone().and_then(|value| value.literal()).unwrap_or_default();
    (entry, value.as_str().to_owned())
}

fn pairs(text: &str, dialect: Dialect) -> Vec<(String, String)> {
    let value = |entry: &Entry| entry.value.as_ref()?.literal().map(|text| text.as_str().to_owned());
    let file = parse(text, dialect);
    file.entries.iter().map(|entry| (entry.key.clone(), value(entry).unwrap_or_default())).collect()
}

fn at(text: &str, span: Span) -> &str {
    &text[span.range()]
}

#[test]
fn entries_know_their_bytes() {
    let text = "\u{feff}A=1\r\n  export URL = \"a\\nb\nc\"  # why\r\nC: 'x' \n";
    let file = parse(text, Dialect::Compose);
    let shown: Vec<_> = file
        .entries
        .iter()
        .map(|entry| (at(text, entry.key_span), at(text, entry.raw), at(text, entry.line), entry.export))
        .collect();
    assert_eq!(
        shown,
        [
            ("A", "1", "A=1", false),
            ("URL", "\"a\\nb\nc\"", "  export URL = \"a\\nb\nc\"  # why", true),
            ("C", "'x'", "C: 'x' ", false),
        ]
    );
    assert_eq!(
        file.entries.iter().map(|entry| entry.quote).collect::<Vec<_>>(),
        [Quote::None, Quote::Double, Quote::Single]
    );
    assert_eq!(file.comments.iter().map(|span| at(text, *span)).collect::<Vec<_>>(), ["# why"]);
}

#[test]
fn an_escape_has_its_own_bytes_and_the_rest_stays_exact() {
    let text = "A=\"x\\ty\"";
    let (entry, value) = only(text, Dialect::Compose);
    assert_eq!(value, "x\ty");
    let value = entry.value.unwrap().literal().unwrap();
    let pieces: Vec<_> =
        value.pieces(0..3).map(|(_, segment)| (at(text, segment.span), segment.exact)).collect();
    assert_eq!(pieces, [("x", true), ("\\t", false), ("y", true)]);
}

#[test]
fn a_reference_knows_its_bytes_behind_escapes() {
    let text = "A=\"\\t$B ${C:-\\\"d\\\"}\"";
    let file = parse(text, Dialect::Compose);
    let value = file.entries[0].value.as_ref().unwrap();
    let spans: Vec<_> = value.references().map(|reference| at(text, reference.span)).collect();
    assert_eq!(spans, ["$B", "${C:-\\\"d\\\"}"]);
}

#[test]
fn trailing_comments_are_found_where_the_reader_sees_one() {
    let comments = |text: &str, dialect| -> Vec<String> {
        parse(text, dialect).comments.iter().map(|span| at(text, *span).to_owned()).collect()
    };
    assert_eq!(comments("A=x # c\n", Dialect::Compose), ["# c"]);
    assert!(comments("A=x\t# c\n", Dialect::Compose).is_empty());
    assert_eq!(comments("A=x\t# c\r\n", Dialect::PythonDotenv), ["# c"]);
    assert_eq!(comments("A=p#w\n", Dialect::NodeDotenv), ["#w"]);
    assert!(comments("A=x # c\n", Dialect::DockerEnvFile).is_empty());
    assert_eq!(comments(" # c\nA='x' # d", Dialect::NodeDotenv), ["# c", "# d"]);
    assert_eq!(comments("A=\"x\" # c\n#d", Dialect::PythonDotenv), ["# c", "#d"]);
}

#[test]
fn what_compose_refuses_says_where_and_ends_the_file() {
    for (text, bytes, message) in [
        ("A=1\nB=\"x\nC=1\n", "\"x", "this quote is never closed"),
        ("A=1\nB C=1\n", "B C", "a variable's name cannot hold a space"),
        ("A=1\nB%=1\n", "%", "this sign cannot stand in a variable's name"),
        ("A=1\nB=x${}\n", "${}", "Compose cannot read the variable reference that begins here"),
        ("A=1\nexport ", "export ", "no name follows export"),
    ] {
        let file = parse(text, Dialect::Compose);
        assert_eq!(file.entries.len(), 1, "{text:?}");
        let [problem] = file.problems.as_slice() else { panic!("{text:?}") };
        assert_eq!((at(text, problem.span), problem.message, problem.fatal), (bytes, message, true));
    }
}

#[test]
fn what_other_readers_pass_over_is_no_reason_to_stop() {
    for dialect in [Dialect::NodeDotenv, Dialect::PythonDotenv, Dialect::RubyDotenv] {
        let file = parse("not an assignment\nA=1\n", dialect);
        assert_eq!(file.entries.len(), 1);
        assert_eq!(file.problems.len(), 1);
        assert!(!file.problems[0].fatal);
    }
}

#[test]
fn readers_without_quotes_take_the_line_as_it_is() {
    let text = "A=\"x\" # c \r\n  B=$A\n# d\nC\n";
    let expected = [("A", "\"x\" # c "), ("B", "$A"), ("C", "")];
    for dialect in [Dialect::Raw, Dialect::DockerEnvFile, Dialect::Kustomize] {
        let found = pairs(text, dialect);
        let found: Vec<_> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
    }
    let bare = |dialect| parse("C\n", dialect).entries[0].value.is_some();
    assert!(bare(Dialect::Kustomize) && !bare(Dialect::DockerEnvFile));
    let fatal = |text: &str, dialect| parse(text, dialect).problems.iter().any(|problem| problem.fatal);
    assert!(fatal("A=1\nA=2\n", Dialect::Kustomize) && !fatal("A=1\nA=2\n", Dialect::DockerEnvFile));
    assert!(fatal("A B=1\n", Dialect::DockerEnvFile) && !fatal("A B=1\n", Dialect::Kustomize));
    assert!(fatal("=1\n", Dialect::DockerEnvFile) && fatal("=1\n", Dialect::Kubectl));
    assert!(!fatal("=1\n", Dialect::Kustomize) && pairs("=1\n", Dialect::Kustomize).is_empty());
    for name in ["A B", "9A", ".", "..a", "é", "A[1]"] {
        assert!(fatal(&format!("{name}=1\n"), Dialect::Kubectl), "{name}");
        assert!(!fatal(&format!("{name}=1\n"), Dialect::Kustomize), "{name}");
    }
    assert!(!fatal(".a-b=1\nC\n", Dialect::Kubectl));
}

/// What the rows are about was learned from bkeepers/dotenv 3.2.0 (`spec/dotenv/parser_spec.rb`, MIT);
/// names and values are ours. Commands are never executed here.
#[test]
fn ruby_dotenv_keeps_escaped_line_breaks_and_drops_other_backslashes() {
    for (text, expected) in [
        ("POOL= 5", "5"),
        ("POOL=a\\ b", "a b"),
        ("POOL=\"a\\\"b\"", "a\"b"),
        ("POOL=\"a\\nb\\rc\"", "a\\nb\\rc"),
        ("POOL='a\\'b'", "a\\'b"),
        ("POOL='a $B'", "a $B"),
        ("POOL=\"a\\$B \\${C}\"", "a$B ${C}"),
        ("POOL=\"a\\$ \\$\\$ $\"", "a$ $$ $"),
        ("POOL=\"a\n\nb\" # c", "a\n\nb"),
        ("POOL: 5", "5"),
        ("POOL=`5`", "`5`"),
        ("POOL=\\$(true)", "$(true)"),
        ("POOL=$(true)", "$(true)"),
        ("POOL=5#6", "5"),
        ("POOL\n", ""),
    ] {
        assert_eq!(only(text, Dialect::RubyDotenv).1, expected, "{text:?}");
    }
    for (text, refused) in [
        ("export POOL\n", true),
        ("export POOL=\n", true),
        ("export POOL=#5\n", true),
        ("POOL=5\nexport POOL\n", false),
        ("POOL=5\nexport POOL=\n", false),
        ("export POOL= \n", false),
        ("export POOL=\n'5'\n", false),
    ] {
        let file = parse(text, Dialect::RubyDotenv);
        assert_eq!(file.problems.iter().any(|problem| problem.fatal), refused, "{text:?}");
        assert_eq!(file.entries.len(), usize::from(!refused), "{text:?}");
    }
    let value = only("URL=$A-${B}", Dialect::RubyDotenv).0.value.unwrap();
    assert_eq!(value.references().map(|reference| reference.name.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    assert!(parse("po$ol", Dialect::RubyDotenv).entries.is_empty());
}

#[test]
fn a_hostile_file_is_read_in_linear_time() {
    let long = 50_000;
    for text in [
        "A=\"\\\"".repeat(long),
        format!("A=\"{}", "\\\" x".repeat(long)),
        "A=${B:-x} ".repeat(long) + &"z".repeat(long),
        "${A:-".repeat(long),
        format!("A={}", "${A:-".repeat(long)),
        format!("A={}{}", "${A:-".repeat(long), "}".repeat(long)),
        "A=\n\n'\n".repeat(long),
        "export\n".repeat(long),
        "A='\n".repeat(long),
        "A=\"x\" ".repeat(long),
        format!("A={}:", "${".repeat(long)),
        format!("A={}}}", "${:".repeat(long)),
        format!("A={}", "$A".repeat(long)),
        "'".repeat(long),
        "\r".repeat(long),
    ] {
        for dialect in Dialect::ALL {
            let started = std::time::Instant::now();
            let _ = parse(&text, dialect);
            assert!(started.elapsed().as_secs() < 5, "{dialect:?} takes too long for {:?}", &text[..12]);
        }
    }
}

/// Whether a text's segments lie in the source, on character boundaries, and are what they say.
fn check(text: &SpanText, source: &str) {
    for (piece, segment) in text.pieces(0..text.as_str().len()) {
        let written = source.get(segment.span.range()).expect("a segment lies in the source");
        assert!(!segment.exact || piece == written);
    }
}

fn check_template(value: &Template, source: &str) {
    for part in &value.parts {
        match part {
            Part::Literal(text) => check(text, source),
            Part::Reference(reference) => {
                let written = source.get(reference.span.range()).expect("a reference lies in the source");
                assert!(written.starts_with('$') || written.starts_with('\\'), "{written:?}");
                if let Some(inner) = reference.fallback.template() {
                    check_template(inner, source);
                }
            }
            Part::Invalid(error) => assert!(source.get(error.span.range()).is_some()),
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read_and_every_span_is_a_part_of_it(
        text in prop_oneof![any::<String>(), "[A-C=:'\"`#$\\\\{}\\-+? \t\r\nné\u{feff}\u{a0}]{0,60}"]
    ) {
        for dialect in Dialect::ALL {
            let file = parse(&text, dialect);
            for entry in &file.entries {
                for span in [entry.key_span, entry.raw, entry.line] {
                    prop_assert!(text.get(span.range()).is_some());
                }
                prop_assert!(entry.line.contains(entry.key_span) && entry.line.contains(entry.raw));
                if let Some(value) = &entry.value {
                    check_template(value, &text);
                }
            }
            for span in file.comments {
                prop_assert!(text.get(span.range()).is_some_and(|comment| comment.starts_with('#')));
            }
            for problem in file.problems {
                prop_assert!(text.get(problem.span.range()).is_some());
            }
        }
    }
}
