//! What a service runs.

use std::ops::Range;
use std::sync::Arc;

use super::tree::Item;
use crate::span::{Origin, Spelling, Text};

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

/// The words of a line as Compose takes them apart; nothing where it cannot. It is no shell: a backslash means the same in
/// double quotes as outside, `\n` and `\t` are a line break and a tab, and it stops where another command or a redirection
/// would begin (<https://github.com/mattn/go-shellwords>).
fn split(line: &Text) -> Option<Vec<Text>> {
    let mut words: Vec<Text> = Vec::new();
    let mut word: Option<Text> = None;
    let (mut quote, mut ticks, mut command, mut escaped) = (None, false, false, false);
    for (at, char) in line.as_str().char_indices() {
        let range = at..at.saturating_add(char.len_utf8());
        if escaped {
            escaped = false;
            let word = word.get_or_insert_default();
            match char {
                'n' => control(word, "\n", line, range),
                't' => control(word, "\t", line, range),
                _ => word.push_text(&line.slice(range)),
            }
            continue;
        }
        // A backtick, or `$(`, holds a command, whose words stay together.
        let inside = quote.is_some() || ticks || command;
        match char {
            '\\' if quote != Some('\'') => {
                escaped = true;
                continue;
            }
            ' ' | '\t' | '\r' | '\n' if !inside => {
                words.extend(word.take());
                continue;
            }
            '`' if quote.is_none() && !command => ticks = !ticks,
            ')' if quote.is_none() && !ticks => command = !command,
            '(' if quote.is_none() && !ticks => {
                if command || !word.as_ref().is_some_and(|word| word.as_str().ends_with('$')) {
                    return None;
                }
                command = true;
            }
            '"' | '\'' if !command && quote.is_none() => {
                quote = Some(char);
                word.get_or_insert_default();
                continue;
            }
            '"' | '\'' if !command && quote == Some(char) => {
                quote = None;
                continue;
            }
            ';' | '&' | '|' | '<' | '>' if !inside => {
                // A number before `>` is that of what is redirected.
                let number = |word: &Text| word.as_str().starts_with(|letter: char| letter.is_ascii_digit());
                word = word.filter(|word| char != '>' || !number(word));
                break;
            }
            _ => {}
        }
        word.get_or_insert_default().push_text(&line.slice(range));
    }
    if quote.is_some() || ticks || command || escaped {
        return None;
    }
    words.extend(word);
    Some(words)
}

/// Adds the character that an escape stands for.
fn control(word: &mut Text, character: &str, line: &Text, range: Range<usize>) {
    let origin = match line.place_of(range.clone()) {
        Some(place) => Origin::Written { place, spelling: Spelling::Derived },
        None => Origin::Unknown { reason: "a value from outside the repository".into() },
    };
    word.push(character, origin, Arc::from(line.hops_of(range)));
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::span::{FileId, Place, Span, SpanText, Text};

    #[test]
    fn lines_are_split_as_compose_does() {
        for (line, expected) in [
            ("a b  c", Some(vec!["a", "b", "c"])),
            ("sh -c 'a b'", Some(vec!["sh", "-c", "a b"])),
            (r#"a "b c"d"#, Some(vec!["a", "b cd"])),
            (r#""a\"b" '\n' \ x"#, Some(vec!["a\"b", "\\n", " x"])),
            (r#""a\n" b\t\c"#, Some(vec!["a\n", "b\tc"])),
            ("a\\\nb", Some(vec!["a\nb"])),
            ("`a b` $(c d)e", Some(vec!["`a b`", "$(c d)e"])),
            ("a (b)", None),
            ("a )", None),
            ("a 2>b", Some(vec!["a"])),
            ("a\u{a0}b", Some(vec!["a\u{a0}b"])),
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
        assert_eq!(place, Some(Place::new(FileId(3), Span::new(15, 32)).into()));
    }
}
