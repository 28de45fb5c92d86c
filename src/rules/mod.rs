//! Station five: pages judged against the model. No I/O, no parsing.

mod finding;

pub use finding::Finding;
