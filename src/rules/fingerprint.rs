//! What a finding is recognised by from one run to the next.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Hex digits of a fingerprint: 128 bits.
const DIGITS: usize = 32;

/// Gives fingerprints; equal findings are told apart by their order.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    seen: HashMap<Vec<u8>, u64>,
}

impl Fingerprints {
    /// The fingerprint of the next finding with these marks. None of them moves when lines are added
    /// elsewhere in the file, and none is secret.
    pub fn next(&mut self, marks: &[&str]) -> String {
        let mut key = key(marks);
        let occurrence = self.seen.entry(key.clone()).or_insert(0);
        key.extend_from_slice(&occurrence.to_le_bytes());
        *occurrence = occurrence.saturating_add(1);
        hex(&key)
    }
}

/// The same marks always give the same digits.
pub(super) fn digest(marks: &[&str]) -> String {
    hex(&key(marks))
}

fn key(marks: &[&str]) -> Vec<u8> {
    let mut key = Vec::new();
    for mark in marks {
        key.extend_from_slice(mark.as_bytes());
        // Texts of files and names hold no zero byte that matters: ("a", "b") is not ("ab", "").
        key.push(0);
    }
    key
}

fn hex(key: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(key) {
        let _ = write!(text, "{byte:02x}");
    }
    text.truncate(DIGITS);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_marks_are_told_apart_and_others_are_not_mixed_up() {
        let mut prints = Fingerprints::default();
        let one = prints.next(&["rule", "a", "b"]);
        assert_eq!(one.len(), DIGITS);
        assert_ne!(one, prints.next(&["rule", "a", "b"]));
        assert_ne!(one, prints.next(&["rule", "ab", ""]));
        assert_eq!(one, Fingerprints::default().next(&["rule", "a", "b"]));
    }
}
