//! Files that hold what is expected. `UPDATE_EXPECT=1` rewrites them.

use std::path::Path;

/// Whether expectations are to be rewritten instead of compared.
pub fn updating() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1")
}

/// Holds the content of `path` against `actual`.
///
/// # Panics
/// When they differ, with the first lines that do.
#[track_caller]
pub fn file(path: &Path, actual: &str) {
    // A file that is not there is not an empty one.
    let expected = std::fs::read_to_string(path).ok();
    if expected.as_deref() == Some(actual) {
        return;
    }
    if updating() {
        std::fs::write(path, actual).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let expected = expected.unwrap_or_default();
    let missing: Vec<&str> =
        expected.lines().filter(|line| !actual.lines().any(|other| other == *line)).collect();
    let new: Vec<&str> =
        actual.lines().filter(|line| !expected.lines().any(|other| other == *line)).collect();
    panic!(
        "{} is not what it should be (UPDATE_EXPECT=1 rewrites it)\n--- expected, not there\n{}\n+++ there, not expected\n{}\n",
        path.display(),
        missing.join("\n"),
        new.join("\n"),
    );
}
