//! What a Kubernetes Secret holds is a credential by its place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::pairs;
use super::scan::shifted;
use crate::span::Span;

/// Where in a file of manifests the scan is.
#[derive(Debug)]
pub(super) struct Document {
    /// Whether the text speaks of Secrets at all.
    mentioned: bool,
    /// For each document of the file in turn, whether it is a Secret.
    secrets: std::vec::IntoIter<bool>,
    secret: bool,
    /// The indentation of the `data:` above, and whether it is base64.
    data: Option<(usize, bool)>,
}

impl Document {
    pub(super) fn new(text: &str) -> Self {
        let mentioned = text.contains("Secret");
        let mut secrets = vec![false];
        for line in text.lines().take_while(|_| mentioned) {
            if line.starts_with("---") {
                secrets.push(false);
            } else if is_secret(line)
                && let Some(last) = secrets.last_mut()
            {
                *last = true;
            }
        }
        let mut secrets = secrets.into_iter();
        let secret = secrets.next().unwrap_or_default();
        Self { mentioned, secrets, secret, data: None }
    }

    pub(super) fn line(&mut self, line: &str, start: usize, found: &mut Vec<Span>) {
        if !self.mentioned {
            return;
        }
        if line.starts_with("---") {
            self.secret = self.secrets.next().unwrap_or_default();
            self.data = None;
            return;
        }
        let body = line.trim_start();
        if body.is_empty() {
            return;
        }
        let depth = line.len().saturating_sub(body.len());
        if self.data.is_some_and(|(above, _)| depth <= above) {
            self.data = None;
        }
        let sign = line.find(':');
        let value = sign.map(|at| pairs::value_after(line, at.saturating_add(1), ':', true));
        if let Some((_, encoded)) = self.data {
            let (from, to) = value.unwrap_or((depth, line.trim_end().len()));
            let text = line.get(from..to).unwrap_or_default();
            if !text.is_empty() && (encoded || !is_plain(text)) && !super::scan::is_reference(text) {
                found.push(shifted(from, to, start));
            }
        } else if let Some((from, to)) = value
            && is_encoded(line.get(from..to).unwrap_or_default())
        {
            found.push(shifted(from, to, start));
        }
        let key = body.trim_start_matches("- ").trim_matches(['"', '\'']);
        let opens = |name: &str| {
            key.strip_prefix(name).is_some_and(|rest| rest.trim_start_matches('"').starts_with(':'))
        };
        if self.secret && self.data.is_none() && (opens("data") || opens("stringData")) {
            self.data = Some((depth, opens("data")));
        }
    }
}

/// `kind: Secret`, in YAML or JSON.
fn is_secret(line: &str) -> bool {
    let body = line.trim().trim_start_matches("- ").trim_start_matches('{').trim_end_matches(',');
    let Some((key, value)) = body.split_once(':') else { return false };
    let bare = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
    let value = value.split(" #").next().unwrap_or_default();
    bare(key) == "kind" && bare(value) == "Secret"
}

/// A value of `stringData` that may be shown: a URL, of which the credentials are hidden by themselves, a number or
/// a switch.
fn is_plain(value: &str) -> bool {
    value.contains("://") || value.len() <= 5 && value.chars().all(|letter| letter.is_ascii_digit())
}

/// Base64 of a text, as Secrets hold them.
fn is_encoded(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', ',']);
    value.len() >= 8
        && STANDARD.decode(value).is_ok_and(|bytes| {
            std::str::from_utf8(&bytes)
                .is_ok_and(|text| text.chars().all(|letter| !letter.is_control() || letter == '\n'))
        })
}
