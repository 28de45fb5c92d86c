//! Texts that are put together from several places.

use super::*;

/// `url=postgres` as base64 between quotes at byte 10.
fn encoded() -> Text {
    Text::encoded("url=postgres", at(ENV, 9, 27), Span::new(10, 26))
}

fn inside(start: usize, end: usize) -> Option<EditPlace> {
    Some(EditPlace { file: ENV, span: Span::new(10, 26), decoded: Some(Span::new(start, end)) })
}

#[test]
fn a_part_of_an_encoded_value_is_edited_in_it() {
    let text = encoded();
    assert_eq!((text.editable(0..12), text.editable(4..8)), (inside(0, 12), inside(4, 8)));
    assert_eq!((text.editable(0..0), text.editable(5..5)), (inside(0, 0), inside(5, 5)));
    assert_eq!(text.editable(12..12), inside(12, 12));
    assert_eq!(text.editable(4..12).map(EditPlace::end), inside(12, 12));
    assert_eq!(text.place_of(4..8), Some(at(ENV, 9, 27)));
    let part = text.slice(4..12).slice(2..6);
    assert_eq!((part.as_str(), part.editable(1..3)), ("stgr", inside(7, 9)));
    let mut joined = text.slice(0..4);
    joined.push_text(&text.slice(4..12));
    assert_eq!(joined.editable(2..6), inside(2, 6));
    let mut apart = text.slice(0..3);
    apart.push_text(&text.slice(4..12));
    assert_eq!((apart.editable(2..6), apart.editable(3..6)), (None, inside(4, 7)));
    let mut mixed = text.clone();
    mixed.push_text(&word("x", ENV, 27));
    assert_eq!(mixed.editable(11..13), None);
}

#[test]
fn a_reference_to_an_encoded_value_leads_into_it() {
    let mut text = word("x://", COMPOSE, 100);
    text.push_via(&encoded(), at(COMPOSE, 104, 110));
    assert_eq!(text.editable(8..12), inside(4, 8));
    assert_eq!(text.editable(10..10), inside(6, 6));
    // At either end of the reference, it is put in beside it.
    assert_eq!(text.editable(16..16), Some(at(COMPOSE, 110, 110).into()));
    let mut whole = Text::default();
    whole.push_via(&encoded(), at(COMPOSE, 104, 110));
    assert_eq!(whole.editable(12..12), inside(12, 12));
    // A reference within an encoded text has the place of all of that.
    let mut outer = encoded().slice(0..4);
    outer.push_via(&word("db", COMPOSE, 5), at(ENV, 9, 27));
    assert_eq!((outer.editable(6..6), outer.editable(4..6)), (None, Some(at(COMPOSE, 5, 7).into())));
}

#[test]
fn nothing_is_put_in_beside_what_only_means_the_same() {
    let text = Text::derived("5", at(ENV, 3, 6));
    assert_eq!((text.editable(0..1), text.editable(1..1), text.editable(0..0)), (None, None, None));
    let mut text = word("a", ENV, 2);
    text.push_text(&Text::derived("5", at(ENV, 3, 6)));
    assert_eq!(text.editable(1..1), Some(at(ENV, 3, 3).into()));
}

const COMPOSE: FileId = FileId(0);
const ENV: FileId = FileId(1);

fn at(file: FileId, start: usize, end: usize) -> Place {
    Place::new(file, Span::new(start, end))
}

fn word(value: &str, file: FileId, start: usize) -> Text {
    Text::written(&SpanText::verbatim(value, start), file)
}

/// `db://${USER}@${HOST}` at byte 100 of a Compose file, its parts on two lines of an env file.
fn url() -> Text {
    let mut text = word("db://", COMPOSE, 100);
    text.push_via(&word("app", ENV, 5), at(COMPOSE, 105, 112));
    text.push_text(&word("@", COMPOSE, 112));
    text.push_via(&word("host", ENV, 20), at(COMPOSE, 113, 120));
    text
}

#[test]
fn a_part_stands_where_it_is_written_and_the_whole_where_it_is_put_together() {
    let text = url();
    for (range, place, hops, parts) in [
        (0..2, at(COMPOSE, 100, 102), vec![], vec![]),
        (5..8, at(ENV, 5, 8), vec![at(COMPOSE, 105, 112)], vec![]),
        (6..7, at(ENV, 6, 7), vec![at(COMPOSE, 105, 112)], vec![]),
        (9..13, at(ENV, 20, 24), vec![at(COMPOSE, 113, 120)], vec![]),
        (0..8, at(COMPOSE, 100, 112), vec![], vec![at(ENV, 5, 8)]),
        (5..13, at(COMPOSE, 105, 120), vec![], vec![at(ENV, 5, 8), at(ENV, 20, 24)]),
        (0..13, at(COMPOSE, 100, 120), vec![], vec![at(ENV, 5, 8), at(ENV, 20, 24)]),
        (0..0, at(COMPOSE, 100, 100), vec![], vec![]),
        (6..6, at(ENV, 6, 6), vec![], vec![]),
        (9..9, at(COMPOSE, 113, 113), vec![], vec![]),
        (13..13, at(COMPOSE, 120, 120), vec![], vec![]),
    ] {
        assert_eq!(text.place_of(range.clone()), Some(place), "{range:?}");
        assert_eq!(text.hops_of(range.clone()), hops, "{range:?}");
        assert_eq!(text.parts_of(range.clone()), parts, "{range:?}");
    }
}

#[test]
fn what_is_put_together_behind_a_reference_stands_there() {
    let mut text = Text::default();
    text.push_via(&url(), at(ENV, 900, 910));
    assert_eq!(text.place_of(0..13), Some(at(COMPOSE, 100, 120)));
    assert_eq!(text.hops_of(0..13), [at(ENV, 900, 910)]);
    assert_eq!(text.hops_of(5..8), [at(ENV, 900, 910), at(COMPOSE, 105, 112)]);
}

#[test]
fn one_variable_over_several_lines_stands_on_all_of_them() {
    let mut lines = SpanText::verbatim("one", 10);
    lines.push(" ", Span::new(13, 20), false);
    lines.push("two", Span::new(20, 23), true);
    let mut text = Text::default();
    text.push_via(&Text::written(&lines, ENV), at(COMPOSE, 0, 4));
    assert_eq!(text.place_of(0..7), Some(at(ENV, 10, 23)));
    assert_eq!((text.hops_of(0..7), text.parts_of(0..7)), (vec![at(COMPOSE, 0, 4)], vec![]));
}

#[test]
fn what_is_unknown_has_its_references_only() {
    let mut text = word("db://", COMPOSE, 100);
    text.push_via(&Text::unknown("a secret"), at(COMPOSE, 105, 112));
    let end = text.as_str().len();
    assert_eq!(text.place_of(5..end), None);
    assert_eq!(text.hops_of(5..end), [at(COMPOSE, 105, 112)]);
    assert_eq!((text.place_of(0..end), text.hops_of(0..end)), (Some(at(COMPOSE, 100, 105)), vec![]));
}

#[test]
fn an_end_of_a_whole_stands_where_the_whole_does() {
    let mut text = Text::default();
    text.push_via(&word("app", ENV, 5), at(COMPOSE, 0, 4));
    assert_eq!((text.place_of(0..0), text.place_of(3..3)), (Some(at(ENV, 5, 5)), Some(at(ENV, 8, 8))));
    text.push_text(&word("/x", COMPOSE, 4));
    assert_eq!(
        (text.place_of(0..0), text.place_of(3..3)),
        (Some(at(COMPOSE, 0, 0)), Some(at(COMPOSE, 4, 4)))
    );
}
