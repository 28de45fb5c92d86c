//! What a service runs.

use std::ops::Range;

use super::tree::Item;
use crate::span::Text;

/// Words, and whether they are a line for a shell.
pub(super) type Words = (Vec<Text>, bool);

/// The words of `command` or `entrypoint` in either form; nothing when none is given. The second is whether they
/// are a line that could not be taken apart.
pub(super) fn words(item: Option<&Item>) -> Option<Words> {
    let item = item.filter(|item| !item.is_null())?;
    match item.text() {
        None => Some((item.items().iter().filter_map(|word| word.text().cloned()).collect(), false)),
        Some(line) => Some(match split(line) {
            Some(words) => (words, false),
            None => (vec![line.clone()], true),
        }),
    }
}

/// Whether the words hand a line to a shell.
pub(super) fn is_shell(words: &[Text]) -> bool {
    let Some(first) = words.first() else { return false };
    let program = first.as_str().rsplit('/').next().unwrap_or_default();
    ["sh", "bash", "ash", "dash", "zsh"].contains(&program)
        && words.iter().skip(1).any(|word| {
            let word = word.as_str();
            word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
        })
}

/// The words of a line by a shell's rules of quoting; nothing when a quote stays open.
fn split(line: &Text) -> Option<Vec<Text>> {
    let mut words: Vec<Vec<Range<usize>>> = Vec::new();
    let mut word: Option<Vec<Range<usize>>> = None;
    let mut quote = None;
    let mut escaped = false;
    for (at, char) in line.as_str().char_indices() {
        let end = at.saturating_add(char.len_utf8());
        if escaped {
            escaped = false;
            // Inside double quotes a backslash before anything else stays.
            let stays = quote == Some('"') && !matches!(char, '"' | '\\' | '$' | '`' | '\n');
            if stays || char != '\n' {
                let start = if stays { at.saturating_sub(1) } else { at };
                extend(word.get_or_insert_default(), start..end);
            }
            continue;
        }
        match (quote, char) {
            (None | Some('"'), '\\') => escaped = true,
            (None, '"' | '\'') => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            (Some(open), close) if open == close => quote = None,
            // Compose's reader of commands is no shell: it stops where another command would begin, or a redirection.
            (None, ';' | '&' | '|' | '<' | '>') => break,
            (None, char) if char.is_whitespace() => words.extend(word.take()),
            _ => extend(word.get_or_insert_default(), at..end),
        }
    }
    if quote.is_some() || escaped {
        return None;
    }
    words.extend(word);
    let text = |ranges: Vec<Range<usize>>| {
        ranges.into_iter().fold(Text::default(), |mut text, range| {
            text.push_text(&line.slice(range));
            text
        })
    };
    Some(words.into_iter().map(text).collect())
}

/// Adds a range to a word; side by side they are one.
fn extend(word: &mut Vec<Range<usize>>, range: Range<usize>) {
    match word.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => word.push(range),
    }
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::span::{FileId, Place, Span, SpanText, Text};

    #[test]
    fn lines_are_split_like_a_shell_does() {
        for (line, expected) in [
            ("a b  c", Some(vec!["a", "b", "c"])),
            ("sh -c 'a b'", Some(vec!["sh", "-c", "a b"])),
            (r#"a "b c"d"#, Some(vec!["a", "b cd"])),
            (r#""a\"b" '\n' \ x"#, Some(vec!["a\"b", "\\n", " x"])),
            (r#""a\n""#, Some(vec!["a\\n"])),
            ("a ''", Some(vec!["a", ""])),
            ("npm run migrate && npm start", Some(vec!["npm", "run", "migrate"])),
            ("a 'b;c' >d", Some(vec!["a", "b;c"])),
            ("", Some(vec![])),
            ("a 'b", None),
        ] {
            let text = Text::written(&SpanText::verbatim(line, 10), FileId(0));
            let words = split(&text);
            let words = words.as_ref().map(|words| words.iter().map(Text::as_str).collect::<Vec<_>>());
            assert_eq!(words, expected, "{line}");
        }
    }

    #[test]
    fn words_know_where_they_stand() {
        let text = Text::written(&SpanText::verbatim("a -c max_connections=5", 10), FileId(3));
        let words = split(&text).unwrap();
        let place = words[2].editable(0..words[2].as_str().len());
        assert_eq!(place, Some(Place::new(FileId(3), Span::new(15, 32))));
    }
}
