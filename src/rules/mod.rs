//! Station five: pages judged against the model. No I/O, no parsing.
//!
//! [`mod@page`] is the format of a rule, [`facts`] what rules may ask, [`cel`] the language they ask in; [`judge_by`]
//! puts them together.

pub mod cel;
mod check;
mod compiled;
mod defects;
mod engine;
pub mod facts;
mod finding;
mod fingerprint;
mod fix;
mod own;
pub mod page;
mod rulebook;
mod samples;
mod suppress;
mod template;

pub use check::{Fault, check_page};
pub use compiled::Broken;
pub use engine::{Judged, judge_by};
pub use finding::Finding;
pub use own::own_page;
pub use rulebook::{ConfigProblem, Rulebook};

use std::sync::OnceLock;

use page::Page;

/// Every built-in rule, sorted by name. Decoded on first use from what the build script wrote.
#[must_use]
pub fn pages() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(|| {
        // The bytes are made from the same types by the same build: they always decode, and a test says so.
        postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/pages.postcard"))).unwrap_or_default()
    })
}

/// The built-in rule of this name.
#[must_use]
pub fn page(name: &str) -> Option<&'static Page> {
    let pages = pages();
    pages.binary_search_by(|page| page.name.as_str().cmp(name)).ok().and_then(|index| pages.get(index))
}

#[cfg(test)]
mod tests;
