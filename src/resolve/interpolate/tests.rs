use super::*;
use crate::span::SpanText;
use crate::syntax::dotenv::Dialect;
use crate::syntax::interpolation::parse;

const FILE: FileId = FileId(1);
const OTHER: FileId = FileId(2);

fn variables(name: &str) -> Found {
    match name {
        "SET" => Found::Value(Text::written(&SpanText::verbatim("v", 100), OTHER)),
        "EMPTY" => Found::Value(Text::default()),
        "HIDDEN" => Found::Unknown("secret app is not in the repository".into()),
        _ => Found::Unset,
    }
}

fn filled(text: &str) -> Evaluated {
    evaluate(&parse(&SpanText::verbatim(text, 10)).unwrap(), FILE, &variables)
}

#[test]
fn a_value_keeps_where_it_was_written_and_how_it_was_reached() {
    let text = filled("a${SET}b").text;
    assert_eq!(text.as_str(), "avb");
    assert_eq!(text.place_of(1..2), Some(Place::new(OTHER, Span::new(100, 101))));
    assert_eq!(text.hops_of(1..2), [Place::new(FILE, Span::new(11, 17))]);
    assert_eq!(text.place_of(2..3), Some(Place::new(FILE, Span::new(17, 18))));
    assert!(text.hops_of(2..3).is_empty());
}

#[test]
fn a_default_stands_where_the_template_stands() {
    let text = filled("${NONE:-d${SET}}").text;
    assert_eq!(text.as_str(), "dv");
    assert_eq!(text.editable(0..1), Some(Place::new(FILE, Span::new(18, 19)).into()));
    assert_eq!(text.hops_of(1..2), [Place::new(FILE, Span::new(19, 25))]);
}

#[test]
fn what_is_unknown_is_neither_set_nor_unset() {
    for text in ["${HIDDEN}", "${HIDDEN:-d}", "${HIDDEN-d}", "${HIDDEN:+d}", "${HIDDEN:?e}"] {
        let result = filled(text);
        assert!(result.text.is_unknown(), "{text}");
        assert_eq!(result.text.reasons().collect::<Vec<_>>(), ["secret app is not in the repository"]);
        assert_eq!(result.text.hops_of(0..3).len(), 1);
        assert!(result.missing_required.is_empty() && result.unset.is_empty());
    }
}

#[test]
fn unset_and_missing_references_are_named_by_their_place() {
    let result = filled("$NONE ${NONE:?e} ${EMPTY:?e} ${EMPTY?e} ${NONE:+x} ${SET:-$NONE}");
    assert_eq!(result.unset, [Span::new(10, 15)]);
    assert_eq!(result.missing_required, [Span::new(16, 26), Span::new(27, 38)]);
}

#[test]
fn a_broken_default_is_an_error_only_when_it_is_needed() {
    assert!(filled("${SET:-${}}").invalid.is_empty());
    assert_eq!(filled("${NONE:-${}}").invalid.len(), 1);
}

#[test]
fn an_env_file_is_read_from_top_to_bottom_outer_variables_first() {
    let outer = |name: &str| match name {
        "HOST" => Found::Value(Text::written(&SpanText::verbatim("outer", 0), OTHER)),
        _ => Found::Unset,
    };
    let text = "LATE=$B\nHOST=inner\nURL=${HOST}/${B-none}\nB=1\nB=2\nHOST\nNEVER\n";
    let map = env_file(text, FILE, Dialect::Compose, &outer);
    let value = |name: &str| map.text(name).map(Text::as_str);
    assert_eq!(value("LATE"), Some(""));
    assert_eq!(value("URL"), Some("outer/none"));
    assert_eq!(value("B"), Some("2"));
    assert_eq!(value("HOST"), Some("outer"));
    assert_eq!(value("NEVER"), None);
    assert!(map.variables.contains_key("NEVER"));
    assert_eq!(map.unset, [Span::new(5, 7)]);
    assert!(!map.refused());
}

#[test]
fn references_that_multiply_come_out_unknown_instead_of_filling_the_memory() {
    let mut text = String::from("A0=ha\n");
    for line in 1..200 {
        let before = line - 1;
        text.push_str(&format!("A{line}=${{A{before}}}${{A{before}}}\n"));
    }
    let map = env_file(&text, FILE, Dialect::Compose, &|_: &str| Found::Unset);
    assert_eq!(map.text("A3").unwrap().known(), Some("hahahahahahahaha"));
    let last = map.text("A199").unwrap();
    assert!(!last.is_known() && last.as_str().len() < 64);
    assert_eq!(last.reasons().next(), Some("a value that expands beyond measure"));
}

#[test]
fn a_long_chain_of_references_stays_cheap() {
    let mut text = String::from("A0=x\n");
    for line in 1..20_000 {
        let before = line - 1;
        text.push_str(&format!("A{line}=$A{before}\n"));
    }
    let map = env_file(&text, FILE, Dialect::Compose, &|_: &str| Found::Unset);
    let last = map.text("A19999").unwrap();
    assert_eq!(last.known(), Some("x"));
    assert!(last.hops_of(0..1).len() <= MAX_HOPS);
}
