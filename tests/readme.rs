//! What the README and the documentation show is what the program says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may fail loudly"
)]

#[path = "common/expect.rs"]
mod expect;
#[path = "common/program.rs"]
mod program;

use std::fmt::Write as _;

use poollint::rules::facts::facts_markdown;
use program::{poollint, repository};

fn readme() -> String {
    std::fs::read_to_string(repository("README.md")).unwrap()
}

/// The text with what stands between two markers replaced.
fn between(text: &str, name: &str, content: &str) -> String {
    let (start, end) = (format!("<!-- {name}:start -->\n"), format!("<!-- {name}:end -->"));
    let (before, rest) = text.split_once(&start).unwrap_or_else(|| panic!("no {start}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end}"));
    format!("{before}{start}{content}{end}{after}")
}

#[test]
fn the_table_of_rules_is_the_programs() {
    let rules = poollint(&repository("."), &["rules", "--format", "json"]).json();
    let mut table = String::from("| rule | speaks when | severity | fix |\n|---|---|---|---|\n");
    for rule in rules["rules"].as_array().unwrap() {
        let text = |key: &str| rule[key].as_str().unwrap_or_default();
        let name = text("name");
        let opt_in = if rule["opt-in"] == true { " (opt-in)" } else { "" };
        let fix = if rule["fixable"] == true { "yes" } else { "" };
        let summary = text("summary").replace('|', "\\|");
        writeln!(table, "| [`{name}`](rules/{name}.md){opt_in} | {summary} | {} | {fix} |", text("severity")).unwrap();
    }
    expect::file(&repository("README.md"), &between(&readme(), "rules", &table));
}

#[test]
fn the_example_is_what_the_program_prints() {
    let fixture = repository("fixtures/repos/guide-multi-instance");
    let ran = poollint(&fixture, &["check"]);
    assert_eq!(ran.status, 1, "the example shows an error: {}", ran.text());
    let shown = format!("```console\n$ poollint\n{}\n```\n", ran.stdout.trim_end());
    expect::file(&repository("README.md"), &between(&readme(), "example", &shown));
}

#[test]
fn the_list_of_facts_is_the_programs() {
    let page = repository("docs/facts.md");
    let head = "# Facts\n\nWhat the conditions and messages of a rule page may name; `rules::facts` is where they are made. Where \
                `*`\nstands, any name may. [Writing a rule](writing-rules.md) explains the rest.\n\n";
    expect::file(&page, &format!("{head}{}", facts_markdown()));
}

#[test]
fn the_configuration_that_the_readme_shows_is_accepted() {
    let readme = readme();
    let (_, rest) = readme.split_once("```toml\n").expect("a configuration");
    let (configuration, _) = rest.split_once("```").unwrap();
    let root = program::directory(&[("poollint.toml", configuration)]);
    let ran = poollint(root.path(), &["check"]);
    assert_eq!(ran.status, 0, "{}", ran.text());
}

#[test]
fn links_lead_somewhere() {
    for page in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs/writing-rules.md"] {
        let place = repository(page);
        let text = std::fs::read_to_string(&place).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            if target.contains("://") || target.is_empty() {
                continue;
            }
            assert!(place.parent().unwrap().join(target).exists(), "{page} links to {link}, which is not there");
        }
    }
}
