use super::*;

/// What `parse` makes of a text, shown as Compose would write it, nested fallbacks in angle brackets.
fn show(template: &Template) -> String {
    let mut shown = String::new();
    for part in &template.parts {
        match part {
            Part::Literal(text) => shown.push_str(text.as_str()),
            Part::Invalid(_) => shown.push_str("<!>"),
            Part::Reference(reference) => {
                let (operator, inner) = match &reference.fallback {
                    Fallback::Empty => ("", String::new()),
                    Fallback::Default { or_empty: true, value } => (":-", show(value)),
                    Fallback::Default { or_empty: false, value } => ("-", show(value)),
                    Fallback::Required { or_empty: true, message } => (":?", show(message)),
                    Fallback::Required { or_empty: false, message } => ("?", show(message)),
                    Fallback::Alternative { or_empty: true, value } => (":+", show(value)),
                    Fallback::Alternative { or_empty: false, value } => ("+", show(value)),
                };
                shown.push_str(&format!("<{}{operator}{inner}>", reference.name));
            }
        }
    }
    shown
}

fn read(text: &str) -> Result<Template, SyntaxError> {
    parse(&SpanText::verbatim(text, 0))
}

/// What the rows are about was learned from compose-go (`template/template_test.go`, Apache-2.0); names and
/// values are ours. `tests/dialects.rs` holds the values that come out against Docker Compose itself.
#[test]
fn references_are_read_as_compose_reads_them() {
    for (text, expected) in [
        ("", ""),
        ("plain", "plain"),
        ("$${A}", "${A}"),
        ("$$", "$"),
        ("$$$A", "$<A>"),
        ("$$$$A", "$$A"),
        ("a $ b", "a $ b"),
        ("^a$", "^a$"),
        ("$}", "$}"),
        ("$", "$"),
        ("$1", "$1"),
        ("$-A", "$-A"),
        ("$é", "$é"),
        ("is $A here", "is <A> here"),
        ("is ${A} here", "is <A> here"),
        ("$_a1.b", "<_a1>.b"),
        ("$A-b", "<A>-b"),
        ("$A:-b", "<A>:-b"),
        ("$A$B${C}", "<A><B><C>"),
        ("${A:-d}", "<A:-d>"),
        ("${A-d}", "<A-d>"),
        ("${A:-}", "<A:->"),
        ("${A:?why}", "<A:?why>"),
        ("${A?why}", "<A?why>"),
        ("${A:?}", "<A:?>"),
        ("${A?}", "<A?>"),
        ("${A:+r}", "<A:+r>"),
        ("${A+r}", "<A+r>"),
        ("${A:-/x:-y}", "<A:-/x:-y>"),
        // The first operator wins.
        ("${A?b-c}", "<A?b-c>"),
        ("${A-b?c}", "<A-b?c>"),
        ("${A:?b?c}", "<A:?b?c>"),
        ("${A?b:?c}", "<A?b:?c>"),
        ("${A?b-c+d:?e}", "<A?b-c+d:?e>"),
        ("${A-b:-c:?d}", "<A-b:-c:?d>"),
        ("${A-b+c?d}", "<A-b+c?d>"),
        ("${A:+b:?c:-d}", "<A:+b:?c:-d>"),
        ("${A+b:+cd}", "<A+b:+cd>"),
        ("${A+b-c?d}", "<A+b-c?d>"),
        // What stands around does not matter.
        ("-x ${A:-d}", "-x <A:-d>"),
        (":?x ${A-d}", ":?x <A-d>"),
        ("+x ${A:-${B-d}}", "+x <A:-<B-d>>"),
        // Fallbacks nest.
        ("x ${A-$B}", "x <A-<B>>"),
        ("x ${A:-${B}}", "x <A:-<B>>"),
        ("x ${A-${B} ${B}}", "x <A-<B> <B>>"),
        ("x ${A+$B ${B:+two}}", "x <A+<B> <B:+two>>"),
        ("${A:+${A},}z", "<A:+<A>,>z"),
        ("${A:-a}.${B:?}", "<A:-a>.<B:?>"),
        ("${A?${B}}", "<A?<B>>"),
        // Braces.
        ("${A:-a}b}", "<A:-a>b}"),
        ("${A:-{}}", "<A:-{}>"),
        ("${A:-{\"n\":1}}", "<A:-{\"n\":1}>"),
        ("x ${A-{\"n\":1}} y", "x <A-{\"n\":1}> y"),
        ("${A:-$$}", "<A:-$>"),
        // A reference ends on its line.
        ("${A:-b}\n${C}", "<A:-b>\n<C>"),
        // Only a fallback that is needed can be wrong.
        ("${A:-${}}", "<A:-<!>>"),
    ] {
        assert_eq!(show(&read(text).unwrap()), expected, "{text:?}");
    }
}

#[test]
fn what_compose_refuses_is_refused_with_its_bytes() {
    for (text, bytes) in [
        ("a${", "${"),
        ("a${}", "${}"),
        ("${ }", "${ "),
        ("${ A}", "${ "),
        ("${A }", "${A "),
        ("${A!}", "${A!"),
        ("${A:0:1}", "${A:0"),
        ("${#A}", "${#"),
        ("${A%x}", "${A%"),
        ("${A/x/y}", "${A/"),
        ("${1}", "${1"),
        ("${A:-b", "${A:-"),
        ("${A:-b\nc}", "${A:-"),
        ("${A", "${A"),
        ("${A:-{}} ${B}", ""),
    ] {
        let result = read(text);
        if bytes.is_empty() {
            // One pair of braces too many hides the end, so that the default is wrong, and only it.
            assert_eq!(show(&result.unwrap()), "<A:-{}} <!>>");
            continue;
        }
        let error = result.unwrap_err();
        assert_eq!(&text[error.span.range()], bytes, "{text:?}");
        assert!(!error.message.contains(text));
    }
}

#[test]
fn references_are_listed_from_the_outside_in() {
    let template = read("${A:-${B-$C}}$D${E?$F}").unwrap();
    let names: Vec<_> = template.references().map(|reference| reference.name.as_str()).collect();
    assert_eq!(names, ["A", "B", "C", "D", "E", "F"]);
    assert!(!template.is_literal() && template.literal().is_none());
    assert_eq!(read("a$$b").unwrap().literal().unwrap().as_str(), "a$b");
}

#[test]
fn spans_are_those_of_the_source() {
    let mut text = SpanText::default();
    text.push("x", Span::new(10, 11), true);
    text.push("\n", Span::new(11, 13), false);
    text.push("${A:-d}$B", Span::new(13, 22), true);
    let template = parse(&text).unwrap();
    let spans: Vec<_> = template.references().map(|reference| reference.span).collect();
    assert_eq!(spans, [Span::new(13, 20), Span::new(20, 22)]);
    let braces: Vec<_> = template.references().map(|reference| reference.braces).collect();
    assert_eq!(braces, [true, false]);
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| "${A:-".repeat(depth) + "x" + &"}".repeat(depth);
    assert_eq!(read(&nested(50)).unwrap().references().count(), 50);
    let too_deep = read(&nested(51)).unwrap();
    assert!(show(&too_deep).contains("<!>"));
    assert!(read(&nested(100_000)).is_ok());
}
