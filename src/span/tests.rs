//! Texts that are put together from several places.

use super::*;

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
