use proptest::prelude::*;

use super::*;
use crate::syntax::node::check;

fn env(text: &str) -> Vec<(String, Option<String>)> {
    let file = parse(&format!("FROM x\n{text}"));
    let stage = file.stages.into_iter().next().unwrap();
    stage
        .env
        .into_iter()
        .map(|entry| (entry.key, entry.value.map(|value| value.as_str().to_owned())))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
    expected.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned()))).collect()
}

fn words(command: Option<&Command>) -> (bool, Vec<String>) {
    match command {
        Some(Command::Exec(words)) => (true, words.iter().map(|word| word.as_str().to_owned()).collect()),
        Some(Command::Shell(line)) => (false, vec![line.as_str().to_owned()]),
        None => (false, Vec::new()),
    }
}

#[test]
fn stages_and_their_bases() {
    let text = "# syntax=docker/dockerfile:1\nARG TAG=1\nENV lost=1\nfrom --platform=$BUILD node:${TAG} AS build\nARG A\nARG B=b C='c d'\nFROM build\n";
    let file = parse(text);
    assert_eq!(file.stages.len(), 2);
    let base = file.stages[0].base.as_ref().unwrap();
    assert_eq!((file.stages[0].name.as_deref(), base.as_str()), (Some("build"), "node:${TAG}"));
    assert_eq!(&text[base.span_of(0..base.as_str().len()).unwrap().range()], "node:${TAG}");
    assert_eq!(file.stages[1].name, None);
    let args: Vec<_> = file.stages[0]
        .args
        .iter()
        .map(|arg| (arg.key.as_str(), arg.value.as_ref().map(SpanText::as_str), &text[arg.key_span.range()]))
        .collect();
    assert_eq!(args, [("A", None, "A"), ("B", Some("b"), "B"), ("C", Some("c d"), "C")]);
    assert!(file.stages[0].env.is_empty());
}

#[test]
fn environment_in_both_forms() {
    assert_eq!(
        env("ENV A=b C=\"d e\" F='g $h' I=j\\ k\n"),
        pairs(&[("A", "b"), ("C", "d e"), ("F", "g $h"), ("I", "j k")])
    );
    assert_eq!(env("ENV A b  c\n"), pairs(&[("A", "b  c")]));
    assert_eq!(env("ENV A \"b c\"\n"), pairs(&[("A", "b c")]));
    assert_eq!(env("env A=${B:-c} D=\"\\\"\\$x\\n\"\n"), pairs(&[("A", "${B:-c}"), ("D", "\"$x\\n")]));
    assert_eq!(env("ENV A=b=c E=\n"), pairs(&[("A", "b=c"), ("E", "")]));
    assert_eq!(env("ENV A\n"), [("A".to_owned(), None)]);
    assert_eq!(env("ENV\nONBUILD ENV A=1\n"), []);
}

#[test]
fn instructions_are_continued_over_comments_and_empty_lines() {
    let text = "FROM x\nENV A=1 \\  \r\n    # note\n\n    B=two\\\nthree \\\n    C=\"é\\\n f\"\n";
    let file = parse(text);
    let entries = &file.stages[0].env;
    let values: Vec<_> = entries.iter().map(|entry| entry.value.as_ref().unwrap()).collect();
    assert_eq!(entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["A", "B", "C"]);
    assert_eq!(check::text(text, values[0]), ["=1"]);
    assert_eq!(check::text(text, values[1]), ["=two", "=three"]);
    assert_eq!(check::text(text, values[2]), ["=é", "= f"]);
    assert_eq!(&text[entries[1].key_span.range()], "B");
}

#[test]
fn the_escape_directive_is_heeded() {
    let text = "# syntax=x\n# escape=`\nFROM x\nENV A=C:\\a `\n  B=`$x\n";
    assert_eq!(
        parse(text).stages[0].env.iter().map(|e| e.value.as_ref().unwrap().as_str()).collect::<Vec<_>>(),
        ["C:\\a", "$x"]
    );
    let late = "# a comment\n# escape=`\nFROM x\nENV A=\\$x\n";
    assert_eq!(parse(late).stages[0].env[0].value.as_ref().unwrap().as_str(), "$x");
}

#[test]
fn the_last_command_counts() {
    let text = "FROM x\nHEALTHCHECK CMD curl\nCMD old\nENTRYPOINT [\"a\", \\\n  \"b \\\"ü\\u00e9\"]\nCMD node  server.js --pool=5\n";
    let stage = &parse(text).stages[0];
    assert_eq!(words(stage.entrypoint.as_ref()), (true, vec!["a".to_owned(), "b \"üé".to_owned()]));
    assert_eq!(words(stage.cmd.as_ref()), (false, vec!["node  server.js --pool=5".to_owned()]));
    let Some(Command::Exec(list)) = &stage.entrypoint else { panic!("exec form") };
    assert_eq!(check::text(text, &list[1]), ["=b ", "\"<\\\"", "=ü", "é<\\u00e9"]);
    let empty = parse("FROM x\nCMD []\nENTRYPOINT\n");
    assert_eq!(words(empty.stages[0].cmd.as_ref()), (true, Vec::new()));
    assert_eq!(empty.stages[0].entrypoint, None);
    for line in ["['a']", "[\"a\" \"b\"]", "[\"a\",]", "[\"a\"] b", "[\"a", "[,\"a\"]"] {
        assert!(!words(parse(&format!("FROM x\nCMD {line}\n")).stages[0].cmd.as_ref()).0, "{line}");
    }
}

#[test]
fn here_documents_are_passed_over() {
    let text = "FROM x\nRUN <<EOF cat <<-\"TWO\"\nENV A=1\nEOF\nENV B=1\n\tTWO\nCOPY <<f /f\nENV C=1\nf\nRUN x <<< y\nENV D=1\nRUN echo $((1 << 2))\nENV E=1\n";
    let stage = &parse(text).stages[0];
    assert_eq!(stage.env.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["D", "E"]);
}

proptest! {
    #[test]
    fn any_text_is_taken(text in "(FROM |ENV |ARG |CMD |ENTRYPOINT |RUN |<<E|\\$\\{A\\}|[a=\\[\\],\"'\\\\`# \té\n]|\\\\\n|\r\n){0,40}") {
        let text = format!("FROM é\n{text}");
        for stage in parse(&text).stages {
            for entry in stage.env.iter().chain(&stage.args) {
                prop_assert!(text.get(entry.key_span.range()).is_some());
                if let Some(value) = &entry.value {
                    check::text(&text, value);
                }
            }
            for command in [stage.cmd, stage.entrypoint].into_iter().flatten() {
                match command {
                    Command::Exec(words) => words.iter().for_each(|word| drop(check::text(&text, word))),
                    Command::Shell(line) => drop(check::text(&text, &line)),
                }
            }
        }
    }
}

#[test]
fn what_is_copied() {
    for (line, expected) in [
        ("COPY a.conf /etc/a.conf", Some((vec!["a.conf"], "/etc/a.conf"))),
        ("ADD --chown=1:1 --chmod=644 a b /etc/", Some((vec!["a", "b"], "/etc/"))),
        ("COPY [\"a b\", \"/etc/c\"]", Some((vec!["a b"], "/etc/c"))),
        ("COPY --from=build /a /b", None),
        ("COPY a", None),
        ("RUN cp a b", None),
    ] {
        let file = parse(&format!("FROM x\n{line}\n"));
        let stage = &file.stages[0];
        let found: Vec<(Vec<&str>, &str)> = stage
            .copies
            .iter()
            .map(|copied| (copied.sources.iter().map(String::as_str).collect(), copied.target.as_str()))
            .collect();
        assert_eq!(found, Vec::from_iter(expected), "{line}");
        assert_eq!(stage.steps, [line.split_once(' ').unwrap().1], "{line}");
    }
}
