//! The pages that come with the program.

use super::super::{check_page, page, pages};

#[test]
fn every_page_is_in_the_program() {
    let written = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules")).unwrap();
    let mut names: Vec<String> = written
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
        .collect();
    names.sort();
    let carried: Vec<&str> = pages().iter().map(|page| page.name.as_str()).collect();
    assert_eq!(carried, names);
    for name in names {
        assert_eq!(page(&name).map(|page| page.name.clone()), Some(name));
    }
    assert!(page("no-such-rule").is_none());
}

#[test]
fn every_page_names_only_facts_and_params_that_exist() {
    let problems: Vec<String> = pages()
        .iter()
        .flat_map(|page| check_page(page).into_iter().map(|fault| format!("{}: {fault}", page.name)))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_page_explains_itself_and_has_both_kinds_of_example() {
    for page in pages() {
        assert!(page.documentation.len() > 100, "{} says too little", page.name);
        assert!(
            page.examples().iter().any(|example| example.fires),
            "{} has no example of firing",
            page.name
        );
        assert!(
            page.examples().iter().any(|example| !example.fires),
            "{} has no example of silence",
            page.name
        );
        assert_ne!(page.summary, page.name.replace('-', " "), "{}: no summary", page.name);
        assert!(!page.summary.ends_with('.'), "{}: a summary has no final stop", page.name);
        for case in &page.cases {
            assert!(!case.message.ends_with('.'), "{}: a message has no final stop", page.name);
        }
    }
}

#[test]
fn rules_that_silence_each_other_exist() {
    for rule in pages() {
        for other in rule.silences.iter().chain(&rule.silenced_by) {
            assert!(page(other).is_some(), "{} speaks of {other}, which does not exist", rule.name);
        }
    }
}

#[test]
fn the_guide_to_writing_rules_knows_every_function_and_subject() {
    let guide = include_str!("../../../docs/writing-rules.md");
    for (usage, meaning) in super::super::cel::FUNCTIONS {
        assert!(guide.contains(&format!("| `{usage}` | {meaning} |")), "{usage}");
    }
    for kind in super::SubjectKind::ALL {
        assert!(guide.contains(&format!("`{}`", kind.name())), "{}", kind.name());
    }
}
