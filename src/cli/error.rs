//! Why a command could not do its work.

use std::io;

use crate::config::ConfigError;
use crate::rules::page::PageError;
use crate::tree::TreeError;

/// Exit status 2, but for a broken pipe.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// A path cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A page of one's own cannot be used.
    #[error(transparent)]
    Page(#[from] PageError),
    /// An argument makes no sense.
    #[error("{0}")]
    Usage(String),
    /// A file cannot be written.
    #[error("{path}: {reason}")]
    Write {
        /// The file.
        path: String,
        /// Why.
        reason: io::Error,
    },
    /// Standard output cannot be written.
    #[error("standard output: {0}")]
    Output(io::Error),
    /// Nobody reads standard output any more.
    #[error("broken pipe")]
    BrokenPipe,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::BrokenPipe } else { Self::Output(error) }
    }
}
