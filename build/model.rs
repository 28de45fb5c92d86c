//! What the parser of pages shares with the library's model.

#[path = "../src/model/environment.rs"]
mod environment;
#[path = "../src/model/severity.rs"]
mod severity;

pub use environment::Environment;
pub use severity::{Safety, Severity};
