//! Takes credentials out of text that is about to be shown: error messages and paths.

/// What stands in place of a credential.
pub const MASK: &str = "***";

/// `text` without the credentials of the URLs in it: everything between `://` and the last `@` before
/// the next `://` is replaced. A password may hold any character, a raw `@`, `/` or blank among them, so
/// this rather hides too much than too little.
#[must_use]
pub fn line(text: &str) -> String {
    let mut parts = text.split("://");
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        masked.push_str("://");
        match part.rsplit_once('@') {
            Some((_, rest)) => {
                masked.push_str(MASK);
                masked.push('@');
                masked.push_str(rest);
            }
            None => masked.push_str(part),
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn credentials_of_urls_are_replaced() {
        for (text, masked) in [
            ("postgres://app:hunter2@db/app", "postgres://***@db/app"),
            ("postgres://app:hun@t/er 2@db/app", "postgres://***@db/app"),
            ("a://u:p@h and b://v:q@i", "a://***@h and b://***@i"),
            ("https://example.com/x", "https://example.com/x"),
            ("compose.yaml", "compose.yaml"),
            ("me@example.com", "me@example.com"),
            ("", ""),
        ] {
            assert_eq!(line(text), masked);
        }
    }
}
