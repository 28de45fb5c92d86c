//! Shapes and texts, safe in XML.

use std::fmt::Write as _;

/// A box or a bar.
pub(super) fn rectangle(out: &mut String, class: &str, x: u64, y: u64, width: u64, height: u64) {
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>"
    );
}

/// A text that begins there.
pub(super) fn text(out: &mut String, class: &str, x: u64, y: u64, content: &str) {
    let content = escape(content);
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{content}</text>");
}

/// The beginning and the end of a text that is too long: names differ at both.
pub(super) fn cut(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let head = most.saturating_sub(1) / 2;
    let tail = most.saturating_sub(1).saturating_sub(head);
    let (start, end): (String, String) =
        (text.chars().take(head).collect(), text.chars().skip(count.saturating_sub(tail)).collect());
    format!("{start}…{end}")
}

/// Nothing in a name is markup, and nothing of it is forbidden in XML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::LETTERS;
    use super::{cut, escape};

    #[test]
    fn no_name_is_markup() {
        assert_eq!(escape("a<b>\"&'\u{1}\u{ffff}"), "a&lt;b&gt;&quot;&amp;&#39;  ");
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(cut("short", LETTERS), "short");
        let long = cut("a-very-long-name-of-a-deployment-of-the-worker", LETTERS);
        assert_eq!((long.as_str(), long.chars().count()), ("a-very-long…f-the-worker", LETTERS));
    }
}
