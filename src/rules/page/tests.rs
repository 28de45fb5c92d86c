use super::*;

const PAGE: &str = r#"---
name: a-rule
summary: something is wrong
on: pool
severity: warning
params: { min-seconds: 10, names: [a, b], strict: true, word: x }
when: pool.acquire_timeout > 0
at: pool.acquire_timeout
message: "waits {{ pool.acquire_timeout }} s"
help: wait longer
fix: { set: pool.acquire_timeout, to: 20, safety: unsafe }
cases:
  - when: workload.serverless
    severity: error
    fix: none
  - message: other words
    at: [pool.size, pool.acquire_timeout]
max-severity-in: { development: info }
sources: [prisma/orm#9622]
---
Why.

```js
a fence in the documentation
```

## More

Words.

## Fires

```env path=.env severity=error
A=1
```

Between.

````md path=doc.md
```
inner
```
````

## Stays silent

### Two files

```yaml path=compose.yaml
a: b
```
```env path=sub/.env
B=2
```
"#;

fn parse(text: &str) -> Result<Page, PageError> {
    Page::parse("rules/a-rule.md", text)
}

#[test]
fn cases_inherit_what_they_leave_out() {
    let page = parse(PAGE).unwrap();
    assert_eq!((page.severity, page.fixable), (Severity::Error, Some(Safety::Unsafe)));
    assert_eq!(page.when.as_deref(), Some("pool.acquire_timeout > 0"));
    let [first, second] = &page.cases[..] else { panic!("two cases") };
    assert_eq!((first.severity, second.severity), (Severity::Error, Severity::Warning));
    assert_eq!((first.fix.is_some(), second.fix.is_some()), (false, true));
    assert_eq!(first.message, "waits {{ pool.acquire_timeout }} s");
    assert_eq!((second.message.as_str(), second.help.as_deref()), ("other words", Some("wait longer")));
    assert_eq!(first.at, ["pool.acquire_timeout"]);
    assert_eq!(second.at, ["pool.size", "pool.acquire_timeout"]);
    let edits = &second.fix.as_ref().unwrap().edits;
    assert_eq!(edits, &[EditSpec::Set { path: "pool.acquire_timeout".to_owned(), to: "20".to_owned() }]);
    assert_eq!(page.max_severity_in, BTreeMap::from([(Environment::Development, Severity::Info)]));
    assert_eq!(page.params["min-seconds"], ParamValue::Number(10.0));
    assert_eq!(page.params["names"], ParamValue::List(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(page.params["strict"], ParamValue::Bool(true));
    assert_eq!(page.params["word"], ParamValue::Text("x".to_owned()));
}

#[test]
fn documentation_ends_where_the_examples_begin() {
    let page = parse(PAGE).unwrap();
    assert!(page.documentation.starts_with("Why."));
    assert!(page.documentation.ends_with("## More\n\nWords."));
    assert!(page.documentation.contains("a fence in the documentation"));
}

#[test]
fn examples_are_small_repositories() {
    let page = parse(PAGE).unwrap();
    let [first, second, third] = page.examples() else { panic!("three examples: {:?}", page.examples) };
    assert_eq!(first.files, [(".env".to_owned(), "A=1\n".to_owned())]);
    assert_eq!((first.fires, first.severity), (true, Some(Severity::Error)));
    assert_eq!(second.files, [("doc.md".to_owned(), "```\ninner\n```\n".to_owned())]);
    assert_eq!((second.title.as_str(), second.fires, second.severity), ("example 2", true, None));
    assert_eq!((third.title.as_str(), third.fires), ("Two files", false));
    let paths: Vec<&str> = third.files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["compose.yaml", "sub/.env"]);
    assert_eq!(PAGE.lines().nth(first.line - 1), Some("```env path=.env severity=error"));
    assert_eq!(PAGE.lines().nth(third.line - 1), Some("### Two files"));
}

#[test]
fn windows_line_endings_change_nothing() {
    assert_eq!(parse(&PAGE.replace('\n', "\r\n")), parse(PAGE));
}

#[test]
fn a_broken_page_names_its_line() {
    let change = |from: &str, to: &str| parse(&PAGE.replace(from, to)).unwrap_err();
    for (from, to, line, words) in [
        ("on: pool", "on: cat", 4, "`on` is one of url, param"),
        ("severity: warning\np", "severity: bad\np", 5, "unknown variant `bad`, expected"),
        ("summary:", "sumary:", 3, "sumary"),
        ("name: a-rule", "name: a_rule", 2, "kebab-case"),
        ("name: a-rule", "name: b-rule", 2, "must be named b-rule.md"),
        ("min-seconds", "min_seconds", 6, "kebab-case"),
        ("to: 20, ", "", 11, "an edit is"),
        ("message: \"waits {{ pool.acquire_timeout }} s\"\n", "", 11, "case 1 has no `message`"),
        ("when: pool.acquire_timeout > 0\n", "", 11, "case 2 has no `when`"),
        ("path=.env sev", "path=../x sev", 33, "relative"),
        ("severity=error", "severity=fatal", 33, "a severity is"),
        ("severity=error", "what", 33, "neither"),
        ("path=sub/.env", "path=compose.yaml", 52, "two files named"),
        ("B=2\n```", "B=2\n", 52, "never closed"),
        ("---\nWhy.", "Why.", 1, "begins with"),
    ] {
        let error = change(from, to);
        assert_eq!((error.line, error.message.contains(words)), (line, true), "{to}: {error}");
        assert!(error.to_string().starts_with("rules/a-rule.md:"));
        assert!(!error.message.contains("column"), "a second position would confuse: {error}");
    }
}

#[test]
fn an_example_without_a_file_is_an_error() {
    let error = parse(&PAGE.replace("### Two files", "### Empty\n### Two files")).unwrap_err();
    assert!(error.message.contains("has no file"), "{error}");
}
