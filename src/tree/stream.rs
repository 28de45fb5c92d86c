//! Standard input as a tree of one file.

use std::io::Read;
use std::sync::{Mutex, PoisonError};

use super::{Found, Tree, TreeError, TreePath, Unread, Walk};

/// The name a stream goes by unless the user gives another.
pub const STDIN: &str = "<stdin>";

/// The most that is read of a stream: 64 MB, some hundred times what large charts render to, and little
/// enough for a small build machine.
pub const MAX_STREAM_BYTES: u64 = 64 * 1024 * 1024;

/// One file that comes from a stream. Like the stream itself it can be read once; it is not kept, so that
/// a large one is in memory a single time.
pub struct Stream {
    name: String,
    source: Mutex<Option<Box<dyn Read + Send>>>,
}

impl Stream {
    /// The file `name`, whose content is what `source` yields.
    #[must_use]
    pub fn new(name: impl Into<String>, source: impl Read + Send + 'static) -> Self {
        Self { name: name.into(), source: Mutex::new(Some(Box::new(source))) }
    }

    /// Standard input; `name` is the value of `--stdin-path`.
    #[must_use]
    pub fn stdin(name: Option<&str>) -> Self {
        Self::new(name.unwrap_or(STDIN), std::io::stdin())
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Stream").field(&self.name).finish()
    }
}

impl Tree for Stream {
    fn walk(&self) -> Result<Walk, TreeError> {
        Ok(Walk { found: vec![Found { path: self.name.clone(), explicit: true }], skipped: Vec::new() })
    }

    fn read(&self, path: &TreePath) -> Result<Vec<u8>, Unread> {
        if path != self.name {
            return Err(Unread::Missing);
        }
        let source = self.source.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(source) = source else {
            return Err(Unread::Denied("standard input was read before".to_owned()));
        };
        read_at_most(source, 0, MAX_STREAM_BYTES)
    }

    fn is_stream(&self) -> bool {
        true
    }
}

/// Everything that `source` yields, unless that is more than `limit` bytes. `expected` is a guess of how
/// much it will be.
pub(super) fn read_at_most(source: impl Read, expected: u64, limit: u64) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(limit)).unwrap_or(0).saturating_add(1));
    let read = source.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| denied(&error))?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > limit { Err(Unread::TooLarge(size)) } else { Ok(bytes) }
}

/// What the operating system said, in words without a path.
pub(super) fn denied(error: &std::io::Error) -> Unread {
    Unread::Denied(match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_one_explicit_file_read_once() {
        let stream = Stream::new(STDIN, &b"a: b\n"[..]);
        assert_eq!(stream.walk().unwrap().found, [Found { path: STDIN.to_owned(), explicit: true }]);
        assert!(stream.is_stream());
        assert_eq!(stream.read("other"), Err(Unread::Missing));
        assert_eq!(stream.read(STDIN).unwrap(), b"a: b\n");
        assert!(matches!(stream.read(STDIN), Err(Unread::Denied(_))));
    }

    #[test]
    fn an_endless_stream_ends() {
        let stream = Stream::new("x", std::io::repeat(b'a'));
        assert!(matches!(stream.read("x"), Err(Unread::TooLarge(_))));
    }

    #[test]
    fn the_limit_itself_is_allowed() {
        assert_eq!(read_at_most(&b"12345"[..], 0, 5).unwrap(), b"12345");
        assert_eq!(read_at_most(&b"123456"[..], 0, 5), Err(Unread::TooLarge(6)));
    }
}
