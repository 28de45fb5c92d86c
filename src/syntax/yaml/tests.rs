use proptest::prelude::*;

use super::*;
use crate::syntax::node::check::{text as pieces, tree as check};
use crate::syntax::node::{Style, Typed, Value};

fn one(text: &str) -> Document {
    let ranges = split(text);
    assert_eq!(ranges.len(), 1, "{text:?}");
    parse_document(text, ranges[0].clone()).unwrap()
}

fn root(text: &str) -> Node {
    one(text).root.unwrap()
}

fn error(text: &str) -> SyntaxError {
    parse_document(text, 0..text.len()).unwrap_err()
}

fn value_pieces(source: &str) -> Vec<String> {
    let root = root(source);
    pieces(source, &root.get("k").unwrap().as_scalar().unwrap().text)
}

fn check_all(source: &str) {
    let mut end = 0;
    for range in split(source) {
        assert!(range.start >= end && range.end > range.start);
        end = range.end;
        match parse_document(source, range) {
            Ok(document) => {
                document.root.iter().for_each(|root| check(source, root));
                for comment in document.comments {
                    assert!(source[comment.span.range()].starts_with('#'));
                }
            }
            Err(error) => assert!(source.get(error.span.range()).is_some()),
        }
    }
}

#[test]
fn documents_are_split_at_marks_in_the_first_column() {
    let split = |text: &'static str| split(text).into_iter().map(|range| &text[range]).collect::<Vec<_>>();
    assert_eq!(split(""), Vec::<&str>::new());
    assert_eq!(split("\n \n"), Vec::<&str>::new());
    assert_eq!(split("a: 1"), ["a: 1"]);
    assert_eq!(split("a: 1\n---\nb: 2\n"), ["a: 1\n", "---\nb: 2\n"]);
    assert_eq!(split("---\na\n---\nb"), ["---\na\n", "---\nb"]);
    assert_eq!(split("--- a\n--- # c\nb\n---\tc\n"), ["--- a\n", "--- # c\nb\n", "---\tc\n"]);
    assert_eq!(split("a\r\n---\r\nb\r\n"), ["a\r\n", "---\r\nb\r\n"]);
    assert_eq!(split("a\r---\rb"), ["a\r", "---\rb"]);
    assert_eq!(split("\u{feff}---\na"), ["\u{feff}---\na"]);
    assert_eq!(split("# c\n%YAML 1.2\n---\na"), ["# c\n%YAML 1.2\n---\na"]);
    assert_eq!(split("a\n...\n# c\n---\nb"), ["a\n...\n", "# c\n---\nb"]);
    assert_eq!(split("a\n... # c\nb"), ["a\n... # c\n", "b"]);
    assert_eq!(split("a\n...\n"), ["a\n...\n"]);
    assert_eq!(split("a\n...\n# last\n"), ["a\n...\n", "# last\n"]);
    assert_eq!(split("k: |\n  ---\n  x\n"), ["k: |\n  ---\n  x\n"]);
    assert_eq!(split("k: |\n  x\n---\ny\n"), ["k: |\n  x\n", "---\ny\n"]);
    assert_eq!(split("----\na: ---\n---b\n"), ["----\na: ---\n---b\n"]);
    assert_eq!(split("---\n---\n"), ["---\n", "---\n"]);
}

#[test]
fn documents_count_their_spans_from_the_start_of_the_text() {
    let text = "é: 1\n--- # ü\nkey: \"va\\tlue\"\nlines: |\n  x\n";
    let ranges = split(text);
    let second = parse_document(text, ranges[1].clone()).unwrap();
    assert_eq!(&text[second.span.range()], "--- # ü\nkey: \"va\\tlue\"\nlines: |\n  x\n");
    let root = second.root.unwrap();
    check(text, &root);
    assert_eq!(&text[root.entry("key").unwrap().key_span.range()], "key");
    assert_eq!(&text[root.get("key").unwrap().span.range()], "\"va\\tlue\"");
    assert_eq!(&text[root.get("lines").unwrap().span.range()], "|\n  x");
    assert_eq!(&text[second.comments[0].span.range()], "# ü");
    assert!(second.comments[0].trailing);
}

#[test]
fn empty_documents_have_no_root_or_a_null_one() {
    assert_eq!(one("# nothing\n").root, None);
    assert_eq!(one("# nothing\n").comments.len(), 1);
    assert!(root("---\n").is_null());
    assert!(parse_document("a", 5..9).is_err());
}

#[test]
fn spans_are_bytes_and_cover_the_token() {
    let text = "\u{feff}ключ: \"знач\" # примечание\nß:\n- 'ä'\n- ö\nlast: {x: [1, 2]}\n\n\n# end\n";
    let document = one(text);
    let root = document.root.unwrap();
    let at = |span: Span| &text[span.range()];
    assert_eq!(at(root.get("ключ").unwrap().span), "\"знач\"");
    assert_eq!(at(root.entry("ключ").unwrap().key_span), "ключ");
    assert_eq!(at(root.get("ß").unwrap().span), "- 'ä'\n- ö");
    assert_eq!(at(root.get("last").unwrap().span), "{x: [1, 2]}");
    assert_eq!(at(root.at(&["last", "x"]).unwrap().span), "[1, 2]");
    assert!(at(root.span).starts_with("ключ") && at(root.span).ends_with("2]}"));
    let comments: Vec<_> = document.comments.iter().map(|c| (at(c.span), c.trailing)).collect();
    assert_eq!(comments, [("# примечание", true), ("# end", false)]);
}

#[test]
fn missing_values_stand_behind_their_key() {
    let text = "a:\nb: # c\n\"c\" :\nd: !reset\ne: &x\nf:\n  -\n  - ~\ng: {h: , i, j: }\n";
    let root = root(text);
    let at = |node: &Node| (node.is_null(), node.span.start, node.span.len());
    assert_eq!(at(root.get("a").unwrap()), (true, 2, 0));
    assert_eq!(at(root.get("b").unwrap()), (true, 5, 0));
    assert_eq!(at(root.get("c").unwrap()), (true, 15, 0));
    assert_eq!(at(root.get("d").unwrap()), (true, 25, 0));
    assert_eq!(at(root.get("e").unwrap()), (true, 31, 0));
    assert_eq!(&text[..38], "a:\nb: # c\n\"c\" :\nd: !reset\ne: &x\nf:\n  -");
    assert_eq!(at(&root.get("f").unwrap().items()[0]), (true, 38, 0));
    assert_eq!(at(&root.get("f").unwrap().items()[1]), (true, 43, 1));
    let flow = root.get("g").unwrap();
    assert!(flow.entries().iter().all(|entry| entry.value.is_null()));
    assert_eq!(&text[..flow.get("h").unwrap().span.start], &text[..=text.find("h:").unwrap() + 1]);
}

#[test]
fn scalars_know_the_source_of_each_part() {
    assert_eq!(value_pieces("k: plain text # c"), ["=plain text"]);
    assert_eq!(value_pieces("k: 'single'"), ["=single"]);
    assert_eq!(value_pieces("k: \"double\""), ["=double"]);
    assert_eq!(value_pieces("k: 'it''s'"), ["=it", "'<''", "=s"]);
    assert_eq!(
        value_pieces("k: \"a\\tb\\u00e9\\x41\\U0001F600c\""),
        ["=a", "\t<\\t", "=b", "é<\\u00e9", "A<\\x41", "😀<\\U0001F600", "=c"]
    );
    assert_eq!(value_pieces("k: \"\\ud83d\\ude00!\""), ["😀<\\ud83d\\ude00", "=!"]);
    assert_eq!(value_pieces("k: one\n  two\n\n  three"), ["=one", " <\n  ", "=two", "\n<\n\n  ", "=three"]);
    assert_eq!(value_pieces("k: \"a  \r\n  b\""), ["=a", " <  \r\n  ", "=b"]);
    assert_eq!(value_pieces("k: \"a \\\n   b\""), ["=a ", "=b"]);
    assert_eq!(value_pieces("k: \"a\\ \n b\""), ["=a", " <\\ ", " <\n ", "=b"]);
    assert_eq!(value_pieces("k: ''"), Vec::<String>::new());
}

#[test]
fn blocks_know_the_source_of_each_line() {
    assert_eq!(value_pieces("k: |\n  a\n   b\n\n  c\n"), ["=a\n", "= b\n\n", "=c\n"]);
    assert_eq!(value_pieces("k: |-\r\n  a\r\n  b\r\n"), ["=a", "\n<\r\n  ", "=b"]);
    assert_eq!(value_pieces("k: | # |\n  a"), ["=a"]);
    assert_eq!(value_pieces("k: |+\n  a\n\n"), ["=a\n\n"]);
    assert_eq!(value_pieces("k: |2\n    a\n  b\n"), ["=  a\n", "=b\n"]);
    assert_eq!(value_pieces("k: |\n\n  a\n    \n  b\n"), ["=\n", "=a\n", "=  \n", "=b\n"]);
    assert_eq!(value_pieces("k: >-\n  a\n  b\n\n  c\n"), ["=a", " <\n  ", "=b", "\n<\n\n  ", "=c"]);
    assert_eq!(value_pieces("k: >\n  a\n    b\n  c\n"), ["=a", "\n<\n  ", "=  b", "\n<\n  ", "=c", "\n<\n"]);
    let text = "k: &a !t |- # note\n\n  é\n\n# after\nl: >\nm:\n- |\n  x\n";
    let root = root(text);
    check(text, &root);
    assert_eq!(&text[root.get("k").unwrap().span.range()], "|- # note\n\n  é");
    assert_eq!(&text[root.get("l").unwrap().span.range()], ">");
    assert_eq!(&text[root.get("m").unwrap().span.range()], "- |\n  x");
}

#[test]
fn styles_and_tags_are_kept() {
    let text =
        "a: !reset null\nb: !override [x]\nc: !Ref Name\nd: !!str 010\ne: \"1\"\nf: 1\ng: !!map\n  x: y\n";
    let root = root(text);
    let tag = |key| root.get(key).unwrap().tag.as_deref();
    assert_eq!(
        ["a", "b", "c", "d", "e", "g"].map(tag),
        [Some("!reset"), Some("!override"), Some("!Ref"), Some("!!str"), None, Some("!!map")]
    );
    assert_eq!(root.get("e").unwrap().as_scalar().unwrap().core(), Typed::Text);
    assert_eq!(root.get("e").unwrap().as_scalar().unwrap().style, Style::DoubleQuoted);
    assert_eq!(root.get("f").unwrap().as_scalar().unwrap().core(), Typed::Int(1));
    assert_eq!(root.get("d").unwrap().compose_text().unwrap(), "010");
    assert_eq!(root.get("e").unwrap().as_int(), Some(1));
}

#[test]
fn aliases_are_copied_and_say_where_they_stood() {
    let text = "base: &b {x: 1}\nuse: *b\nlist: [*b, &s word, *s]\n*s : key\n";
    let root = root(text);
    let at = |span: Span| &text[span.range()];
    let used = root.get("use").unwrap();
    assert_eq!(at(used.span), "{x: 1}");
    assert_eq!(at(used.alias.unwrap()), "*b");
    assert_eq!(used.get("x").unwrap().as_int(), Some(1));
    assert_eq!(used.get("x").unwrap().alias, None);
    assert_eq!(root.get("list").unwrap().items()[2].as_str(), Some("word"));
    assert_eq!(at(root.get("list").unwrap().span), "[*b, &s word, *s]");
    assert_eq!(at(root.entry("word").unwrap().key_span), "*s");
}

#[test]
fn merge_keys_are_applied() {
    let text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  y: 3\n  <<: [*a, *b]\nd: {\"<<\": *a}\ne:\n  <<: *a\n  <<: *b\nf: &f\n  <<: {w: 0}\ng: {<<: *f}\n";
    let root = root(text);
    check(text, &root);
    let flat = |key| -> Vec<(String, i64, bool)> {
        let entries = root.get(key).unwrap().entries();
        entries
            .iter()
            .map(|entry| (entry.key.as_str().to_owned(), entry.value.as_int().unwrap(), entry.merged))
            .collect()
    };
    let row = |key: &str, value, merged| (key.to_owned(), value, merged);
    assert_eq!(flat("c"), [row("y", 3, false), row("x", 1, true), row("z", 2, true)]);
    assert_eq!(flat("d"), [row("x", 1, true), row("y", 1, true)]);
    assert_eq!(flat("e"), [row("x", 1, true), row("y", 1, true), row("z", 2, true)]);
    assert_eq!(flat("g"), [row("w", 0, true)]);
    let merged = root.at(&["c", "z"]).unwrap();
    assert_eq!(&text[merged.alias.unwrap().range()], "*b");
    assert_eq!(&text[merged.span.range()], "2");
    assert!(error("a:\n  <<: text\n").message.contains("merge key"));
    assert!(error("a:\n  <<: [text]\n").message.contains("merge key"));
}

#[test]
fn the_last_of_repeated_keys_wins_and_is_noted() {
    let text = "a: 1\nb: 2\na: 3\n";
    let root = root(text);
    let Value::Mapping(mapping) = &root.value else { panic!("a mapping") };
    assert_eq!(mapping.entries.len(), 2);
    assert_eq!(root.get("a").unwrap().as_int(), Some(3));
    assert_eq!(mapping.duplicates, [Span::new(10, 11)]);
    let many: String = (0..40).map(|i| format!("k{}: {i}\n", i % 20)).collect();
    let root = super::tests::root(&many);
    let Value::Mapping(mapping) = &root.value else { panic!("a mapping") };
    assert_eq!((mapping.entries.len(), mapping.duplicates.len()), (20, 20));
    assert_eq!(root.get("k19").unwrap().as_int(), Some(39));
}

#[test]
fn keys_that_are_no_scalars_are_left_out() {
    let root = root("? [a]\n: b\n{c: d}: e\nf: g\nimage: {{ .Values.image }}\n");
    assert_eq!(root.entries().len(), 2);
    assert_eq!(root.get("f").unwrap().as_str(), Some("g"));
    assert!(root.get("image").unwrap().entries().is_empty());
}

#[test]
fn hostile_nesting_is_refused() {
    for text in ["[".repeat(10_000), "{a: ".repeat(10_000), "- ".repeat(10_000), "? ".repeat(10_000)] {
        assert!(error(&text).message.contains("nests deeper than 100 levels"), "{}", &text[..4]);
    }
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..200 {
        text.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert!(error(&text).message.contains("nests deeper than 100 levels"));
    let fits = format!("{}x{}", "[".repeat(100), "]".repeat(100));
    check(&fits, &root(&fits));
    let mixed = format!("{}{}x{}", "- ".repeat(60), "[".repeat(60), "]".repeat(60));
    assert!(error(&mixed).message.contains("nests deeper than 100 levels"));
}

#[test]
fn hostile_aliases_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let before = format!("*a{}", level - 1);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", ")));
    }
    assert!(error(&text).message.contains("aliases expand beyond measure"));
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1_000_000), ["*a"; 1000].join(", "));
    assert!(error(&long).message.contains("aliases expand beyond measure"));
    assert!(error("a: &a [*a]\n").message.contains("cannot stand within"));
    assert!(error("a: *nobody\n").message.contains("no anchor"));
}

#[test]
fn templates_are_called_by_name() {
    let text = "{{- if .Values.enabled }}\na: 1\n{{- end }}\n";
    assert!(error(text).message.contains("template"));
    assert!(!error("a: '{{ x }}'\nb: [\n").message.contains("template"));
    assert!(error("[- a]").message.contains("between brackets"));
}

#[test]
fn errors_quote_nothing() {
    for text in [
        "url: \"postgres://u:s3cret@h",
        "a: b: s3cret",
        "[s3cret",
        "s3cret: @s3cret",
        "*s3cret",
        "a:\n\t- s3cret: x",
    ] {
        let error = parse_document(text, 0..text.len()).unwrap_err();
        assert!(!error.message.contains("s3cret") && !error.message.is_empty(), "{}", error.message);
        assert!(error.span.end <= text.len());
    }
}

#[test]
fn thousands_of_comments_are_no_error() {
    let text = format!("a:\n{}  b: 1\n", "  # comment\n".repeat(5000));
    assert_eq!(one(&text).comments.len(), 5000);
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé€:/@.#=_\\-]{1,12}",
        "[a-z][ a-zé€]{0,8}",
        "[ -~é€]{0,12}".prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        "[ -~é€]{0,12}".prop_map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))),
        "([a-zé \n]|\\\\n|\\\\u00e9|\\\\\n|\r\n){0,12}"
            .prop_map(|text| format!("\"{}\"", text.replace('\n', "\n   "))),
        "([a-zé '\"\n]|\n\n){0,16}".prop_map(|text| format!("|\n   {}", text.replace('\n', "\n   "))),
        "([a-zé '\"\n]|\n\n){0,16}".prop_map(|text| format!(">-\n   {}", text.replace('\n', "\n   "))),
    ]
}

proptest! {
    #[test]
    fn exact_segments_hold_the_bytes_of_the_source(values in prop::collection::vec(scalar(), 1..6)) {
        let text: String =
            values.iter().enumerate().map(|(i, value)| format!("k{i}: {value}\n")).collect();
        check_all(&text);
    }

    #[test]
    fn quoted_texts_come_back(value in "[ -~é€😀]{0,20}") {
        let text = format!("k: '{}'\nl: \"{}\"\n", value.replace('\'', "''"), value.replace('\\', "\\\\").replace('"', "\\\""));
        let root = root(&text);
        prop_assert_eq!(root.get("k").unwrap().as_str(), Some(value.as_str()));
        prop_assert_eq!(root.get("l").unwrap().as_str(), Some(value.as_str()));
        check(&text, &root);
    }

    #[test]
    fn any_text_is_taken(text in "\\PC*") {
        check_all(&text);
    }

    #[test]
    fn any_soup_of_signs_is_taken(text in "([a<é ]|\n|\r|\t|: |- |\\? |\\[|\\]|\\{|\\}|,|&a|\\*a|!t |\\||>|'|\"|\\\\|#|---|\\.\\.\\.|%|\u{feff}|<<: ){0,40}") {
        check_all(&text);
        let _ = parse_document(&text, 0..text.len());
    }
}
