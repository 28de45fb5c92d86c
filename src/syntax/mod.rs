//! Station two: text to spanned trees, one module per format, without any knowledge of databases
//! (but for [`connection`], which is the format of connection strings).
//!
//! Every parser here is total: it takes any `&str`, never panics, and reports what it could not read
//! as a [`SyntaxError`] with its byte range. No error text quotes the input: it may hold a credential.

pub mod connection;
pub mod dockerfile;
pub mod dotenv;
pub mod hcl;
pub mod ini;
pub mod interpolation;
pub mod json;
mod last_wins;
pub mod node;
pub mod prisma;
pub mod prisma_config;
pub mod procfile;
pub mod properties;
mod quoted;
pub mod toml;
pub mod yaml;

use crate::span::Span;

/// Why a text could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong, in words that quote nothing of the input.
    pub message: String,
    /// Where.
    pub span: Span,
}

impl SyntaxError {
    /// An error at `span`.
    pub fn new(message: impl Into<String>, span: Span) -> Self {
        Self { message: message.into(), span }
    }
}
