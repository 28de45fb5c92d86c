//! Promise: a rule's page is its own test. Every example runs through the whole pipeline.

use poollint::examples::failures;
use poollint::rules::{Rulebook, pages};

#[test]
fn every_example_of_every_page_holds() {
    let book = Rulebook::built_in();
    let failed: Vec<String> =
        pages().iter().flat_map(|page| failures(&book, page)).map(|failed| failed.to_string()).collect();
    assert!(failed.is_empty(), "{} examples do not hold:\n{}", failed.len(), failed.join("\n"));
}
