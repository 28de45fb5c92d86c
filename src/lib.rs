//! poollint reads a repository the way its deployment will and works out how many database
//! connections the whole of it can open.
//!
//! Data flows one way, station by station; a module knows the ones above it in this list and never
//! the ones below:
//!
//! 1. [`tree`]: where files come from. Everything after it sees `path -> bytes`.
//! 2. [`syntax`]: text to trees in which every node knows its byte range.
//! 3. [`readers`]: from one file's tree to declarations; resolves nothing.
//! 4. [`model`]: the vocabulary that [`resolve`] fills and [`rules`] read.
//! 5. [`resolve`]: from all declarations to the model: what each container receives, how many run,
//!    who connects to whom.
//! 6. [`rules`]: pages judged against the model.
//! 7. [`compare`]: which findings are new, worsened, known or gone.
//! 8. [`report`]: one renderer per output format, all fed the same masked findings.
//!
//! [`catalog`] holds facts about the world as data and belongs to no station; neither does [`mask`].

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        reason = "a test may fail loudly"
    )
)]

pub mod catalog;
pub mod cli;
pub mod compare;
pub mod config;
pub mod examples;
pub mod fixing;
pub mod mask;
pub mod model;
pub mod pipeline;
pub mod readers;
pub mod report;
pub mod resolve;
pub mod rules;
#[cfg(test)]
mod schemas;
pub mod span;
pub mod syntax;
pub mod tree;
