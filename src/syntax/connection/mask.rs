//! Showing a text without its credentials.

use super::{ConnectionString, parse};
use crate::span::{Span, UNKNOWN};

/// What stands for a credential.
const MASK: &str = "***";
/// What stands for an unknown part.
const GAP: &str = "…";

impl ConnectionString {
    /// `text`, from which this was parsed, fit for output: `***` for every credential, `…` for unknown parts.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        masked(text, &self.secrets)
    }

    /// As [`Self::masked`], with further ranges of `text` hidden.
    #[must_use]
    pub fn masked_with(&self, text: &str, more: &[Span]) -> String {
        let spans: Vec<Span> = self.secrets.iter().chain(more).copied().collect();
        mask_spans(text, &spans)
    }
}

/// `text` with `***` for each of the ranges, and `…` for unknown parts.
#[must_use]
pub fn mask_spans(text: &str, spans: &[Span]) -> String {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => *last = last.to(span),
            _ => merged.push(span),
        }
    }
    masked(text, &merged)
}

/// Any text fit for output: a connection string masked as such, and in everything else what stands between
/// `://` and `@`, as Redis and AMQP URLs have it.
#[must_use]
pub fn mask_credentials(text: &str) -> String {
    match parse(text) {
        Some(connection) => connection.masked(text),
        None => masked(text, &credentials_in(text)),
    }
}

/// The passwords (or, without user name, all credentials) of every URL in a text.
fn credentials_in(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut from = 0usize;
    while let Some(rest) = text.get(from..)
        && let Some(offset) = rest.find("://")
    {
        let start = from.saturating_add(offset).saturating_add(3);
        let word = text.get(start..).unwrap_or_default();
        let end = word
            .find(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\''))
            .unwrap_or(word.len());
        let word = word.get(..end).unwrap_or_default();
        if let Some(at) = word.rfind('@') {
            let colon = word.get(..at).and_then(|credentials| credentials.find(':'));
            let secret = colon.map_or(0, |colon| colon.saturating_add(1));
            found.push(Span::new(start.saturating_add(secret), start.saturating_add(at)));
        }
        from = start.saturating_add(end);
    }
    found
}

fn masked(text: &str, secrets: &[Span]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut at = 0usize;
    let clear = |from: usize, to: usize, shown: &mut String| {
        shown.push_str(&text.get(from..to).unwrap_or_default().replace(UNKNOWN, GAP));
    };
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        clear(at, secret.start, &mut shown);
        shown.push_str(MASK);
        at = secret.end;
    }
    clear(at, text.len(), &mut shown);
    shown
}
