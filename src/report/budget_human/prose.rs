//! Text in lines of the output's width.

use std::io::{self, Write};

use crate::report::Paint;

/// The words of a text, each with the space behind it. A number belongs to what it counts, and a sign to what follows.
fn glued(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for word in text.split_inclusive(' ') {
        match words.last_mut() {
            Some(last) if open => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        let bare = word.trim().trim_start_matches('(');
        open = bare.chars().all(|letter| letter.is_ascii_digit() || "×+−≥".contains(letter));
    }
    words
}

/// Text in lines of the output's width, dimmed; a word that is longer than a line is left whole.
pub(super) fn paragraph(text: &str, indent: &str, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let room = paint.width.0.saturating_sub(indent.len());
    let mut line = String::new();
    let mut used: usize = 0;
    for word in glued(text) {
        let length = word.trim_end().chars().count();
        if used > 0 && used.saturating_add(length) > room {
            writeln!(out, "{indent}{}", paint.dim(line.trim_end()))?;
            line.clear();
            used = 0;
        }
        line.push_str(&word);
        used = used.saturating_add(word.chars().count());
    }
    writeln!(out, "{indent}{}", paint.dim(line.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_the_width() {
        let mut out = Vec::new();
        let paint = Paint { width: crate::report::Width(24), ..Paint::plain() };
        let text = "3 replicas (k8s/api.yaml:8) × 10 pool-size (.env:3)";
        paragraph(text, "    ", paint, &mut out).unwrap();
        let shown = String::from_utf8(out).unwrap();
        assert!(shown.lines().all(|line| line.chars().count() <= 24), "{shown}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&shown), words(text));
        assert!(!shown.contains("3\n") && !shown.contains("×\n") && !shown.contains("10\n"), "{shown}");
    }
}
