//! Promise: what `docs/` says is so. Its commands print what is shown, its examples are judged as it says, its
//! configuration is accepted, its links lead somewhere, and what can be made from the rules and the catalogue is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

#[path = "common/expect.rs"]
mod expect;
#[path = "docs/guide.rs"]
mod guide;
#[path = "docs/markdown.rs"]
mod markdown;
#[path = "docs/pages.rs"]
mod pages;
#[path = "common/program.rs"]
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use markdown::{Block, anchors, blocks, links};
use poollint::rules::Rulebook;
use program::{directory, poollint, repository};

/// Tests run at once, and when expectations are rewritten several of them write one file.
static PAGES: Mutex<()> = Mutex::new(());

fn text(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Holds what stands between two markers of a page against what should.
#[track_caller]
fn expect_between(page: &str, name: &str, content: &str) {
    let _turn = PAGES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let text = text(page);
    let (start, end) = (format!("<!-- {name}:start -->\n"), format!("<!-- {name}:end -->"));
    let (before, rest) = text.split_once(&start).unwrap_or_else(|| panic!("{page}: no {start}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{page}: no {end}"));
    expect::file(&repository(page), &format!("{before}{start}\n{}\n\n{end}{after}", content.trim_end()));
}

/// The Markdown files of a folder, by path.
fn pages_of(folder: &str) -> Vec<String> {
    let mut found: Vec<String> = fs::read_dir(repository(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"))
        .map(|name| if folder == "." { name } else { format!("{folder}/{name}") })
        .collect();
    found.sort();
    found
}

#[test]
fn every_rule_has_its_page() {
    let book = Rulebook::built_in();
    let mut expected = BTreeSet::new();
    for page in book.pages() {
        let path = format!("docs/rules/{}.md", page.name);
        expect::file(&repository(&path), &pages::rule(page));
        expected.insert(path);
    }
    for path in pages_of("docs/rules") {
        if !expected.contains(&path) && expect::updating() {
            fs::remove_file(repository(&path)).unwrap();
        } else {
            assert!(expected.contains(&path), "{path} is no rule's");
        }
    }
}

#[test]
fn tables_are_made_from_the_rules_and_the_catalogue() {
    expect_between("docs/rules.md", "rules", &pages::rules());
    expect_between("docs/clients.md", "clients", &pages::clients());
    expect_between("docs/clients.md", "packages", &pages::packages());
    expect_between("docs/budgets.md", "processes", &pages::processes());
    expect_between("docs/poolers.md", "poolers", &pages::poolers());
    expect_between("docs/providers.md", "providers", &pages::providers());
    expect_between("docs/errors.md", "errors", &pages::errors());
}

#[test]
fn the_book_holds_every_page() {
    expect::file(&repository("docs/SUMMARY.md"), &pages::summary());
    let summary = text("docs/SUMMARY.md");
    for page in pages_of("docs").iter().chain(&pages_of("docs/rules")) {
        let inside = page.strip_prefix("docs/").unwrap();
        assert!(
            inside == "SUMMARY.md" || summary.contains(&format!("({inside})")),
            "{page} is not in the book"
        );
    }
    assert!(text("book.toml").contains("src = \"docs\""));
}

/// The pages whose blocks are run: those that people write.
fn written() -> Vec<String> {
    let made = ["docs/SUMMARY.md", "docs/facts.md", "docs/guide-coverage.md", "docs/writing-rules.md"];
    pages_of("docs").into_iter().filter(|page| !made.contains(&page.as_str())).collect()
}

#[test]
fn commands_print_what_is_shown() {
    let _turn = PAGES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut ran = 0;
    for page in written() {
        let text = text(&page);
        let mut actual = text.clone();
        for block in blocks(&text).iter().filter(|block| block.language() == "console") {
            let (line, _) = block.text.split_once('\n').unwrap();
            let command =
                line.strip_prefix("$ poollint ").unwrap_or_else(|| panic!("{page}:{}: {line}", block.line));
            let words = shell_words::split(command).unwrap();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let nowhere = directory(&[]);
            let place = match block.attribute("in") {
                Some("nowhere") => nowhere.path().to_owned(),
                folder => repository(folder.unwrap_or(".")),
            };
            let said = poollint(&place, &words);
            assert!(said.status < 2, "{page}:{}: {}", block.line, said.text());
            let shown = format!("```{}\n{line}\n{}\n```\n", block.info, said.stdout.trim_end());
            actual = actual.replace(&format!("```{}\n{}```\n", block.info, block.text), &shown);
            ran += 1;
        }
        expect::file(&repository(&page), &actual);
    }
    assert!(ran > 8, "{ran}");
}

/// Blocks with a `path=` under one heading are one repository, in which exactly the rules are met that `finds=` names.
#[test]
fn examples_are_judged_as_the_pages_say() {
    let mut judged = 0;
    for page in written() {
        let mut sections: BTreeMap<usize, Vec<Block>> = BTreeMap::new();
        for block in blocks(&text(&page)).into_iter().filter(|block| block.attribute("path").is_some()) {
            sections.entry(block.section).or_default().push(block);
        }
        for files in sections.values() {
            let root = directory(
                &files
                    .iter()
                    .map(|file| (file.attribute("path").unwrap(), file.text.as_str()))
                    .collect::<Vec<_>>(),
            );
            let at = format!("{page}:{}", files[0].line);
            let report = poollint(root.path(), &["check", "--format", "json"]).json();
            assert_eq!(report["files"]["skipped"].to_string(), "[]", "{at}: {report:#}");
            let met: BTreeSet<&str> = report["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|finding| finding["rule"].as_str().unwrap())
                .collect();
            let said: BTreeSet<&str> = files
                .iter()
                .filter_map(|file| file.attribute("finds"))
                .flat_map(|rules| rules.split(','))
                .collect();
            assert_eq!(met, said, "{at}: {report:#}");
            judged += 1;
        }
    }
    assert!(judged > 8, "{judged}");
}

/// A page of one's own.
const OWN_PAGE: &str = "---\nname: own\non: url\nsummary: an example\nseverity: info\nwhen: 'false'\nmessage: never\n---\nText.\n";

#[test]
fn the_configuration_that_is_shown_is_accepted() {
    let mut accepted = 0;
    for page in written().iter().chain(&pages_of("docs/rules")) {
        for block in blocks(&text(page)).iter().filter(|block| block.language() == "toml") {
            // The examples of rules are other programs' files too, and have tests of their own.
            if page.starts_with("docs/rules/") && !block.text.starts_with("[rules.") {
                continue;
            }
            // What `rules-from` names has to be there.
            let root = directory(&[("poollint.toml", &block.text), ("policies/own.md", OWN_PAGE)]);
            let ran = poollint(root.path(), &["check"]);
            assert_eq!(ran.status, 0, "{page}:{}: {}", block.line, ran.text());
            accepted += 1;
        }
    }
    assert!(accepted > 12, "{accepted}");
}

/// The keys that the program reads, taken from the code that reads them.
#[test]
fn every_key_of_the_configuration_is_described() {
    let (code, page) = (text("src/config/read.rs"), text("docs/configuration.md"));
    let mut keys = BTreeSet::new();
    for reader in ["string", "strings", "boolean", "count", "share", "table", "tables", "named_tables"] {
        keys.extend(
            code.split(&format!("table.{reader}(\"")).skip(1).filter_map(|rest| rest.split('"').next()),
        );
    }
    keys.extend(code.split("globs(&mut table, \"").skip(1).filter_map(|rest| rest.split('"').next()));
    keys.extend(code.split(".named_tables(\"").skip(1).filter_map(|rest| rest.split('"').next()));
    assert!(keys.len() > 25, "{keys:?}");
    for key in keys {
        let told = [format!("`{key}`"), format!("`[{key}"), format!("`[[{key}"), format!("{key} = ")];
        assert!(told.iter().any(|form| page.contains(form)), "{key} is not described");
    }
}

#[test]
fn links_lead_somewhere() {
    let mut followed = 0;
    let folders = [".", "docs", "docs/rules", "rules"];
    for page in folders.into_iter().flat_map(pages_of) {
        let place = repository(&page);
        for link in links(&text(&page)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (target, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if target.is_empty() { place.clone() } else { place.parent().unwrap().join(target) };
            assert!(target.exists(), "{page} links to {link}, which is not there");
            if page.starts_with("docs/") {
                let inside =
                    target.canonicalize().unwrap().starts_with(repository("docs").canonicalize().unwrap());
                assert!(inside, "{page} links to {link}, which is not in the book");
            }
            if !anchor.is_empty() {
                let known = anchors(&fs::read_to_string(&target).unwrap());
                assert!(known.contains(anchor), "{page} links to {link}; there are {known:?}");
            }
            followed += 1;
        }
    }
    assert!(followed > 150, "{followed}");
}

#[test]
fn the_pooling_guide_is_covered() {
    let data = text("fixtures/guide/coverage.tsv");
    let statements = guide::read(&data);
    assert!(statements.len() >= 80, "{}", statements.len());
    for statement in &statements {
        assert!(!statement.carriers.is_empty(), "nothing carries: {}", statement.text);
        for carrier in &statement.carriers {
            guide::check(carrier, &statement.text);
        }
    }
    expect::file(&repository("docs/guide-coverage.md"), &guide::page(&statements));
}
