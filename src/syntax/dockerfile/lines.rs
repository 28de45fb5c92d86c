//! Instructions: continued lines joined, comments and here-documents left out.

/// One character of an instruction and where it stands. An instruction may be scattered over many lines, so each
/// character brings its own place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Char {
    /// Byte offset.
    pub at: usize,
    /// The character.
    pub char: char,
}

/// One instruction.
pub(super) struct Instruction {
    /// Its name in lower case.
    pub name: String,
    /// What follows the name, without white space around it.
    pub arguments: Vec<Char>,
    /// The file's escape character.
    pub escape: char,
}

/// The instructions of a file, in order.
pub(super) fn instructions(text: &str) -> impl Iterator<Item = Instruction> {
    let mut lines = Lines { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    let escape = directives(lines.clone());
    std::iter::from_fn(move || {
        let joined = joined(&mut lines, escape)?;
        let split = joined.iter().position(|char| char.char.is_whitespace()).unwrap_or(joined.len());
        let (name, rest) = joined.split_at_checked(split)?;
        let name: String = name.iter().map(|char| char.char.to_ascii_lowercase()).collect();
        let arguments = rest.iter().skip_while(|char| char.char.is_whitespace()).copied().collect::<Vec<_>>();
        if matches!(name.as_str(), "run" | "copy" | "add") {
            for delimiter in here_documents(&arguments) {
                skip_here_document(&mut lines, &delimiter);
            }
        }
        Some(Instruction { name, arguments, escape })
    })
}

/// The escape character that the directives at the top of a file set.
fn directives(lines: Lines<'_>) -> char {
    for (_, line) in lines {
        let Some((name, value)) = line.trim().strip_prefix('#').and_then(|line| line.split_once('=')) else {
            break;
        };
        if name.trim().eq_ignore_ascii_case("escape") {
            return if value.trim() == "`" { '`' } else { '\\' };
        }
        if !name.trim().bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            break;
        }
    }
    '\\'
}

/// The next instruction's characters, without white space around them.
fn joined(lines: &mut Lines<'_>, escape: char) -> Option<Vec<Char>> {
    let mut joined: Vec<Char> = Vec::new();
    loop {
        let Some((start, line)) = lines.next() else {
            return (!joined.is_empty()).then(|| trimmed(joined));
        };
        // Empty lines and comments may stand between the lines of one instruction.
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let body = line.trim_end();
        let continued = body.strip_suffix(escape);
        let body = continued.unwrap_or(body);
        let skipped = if joined.is_empty() { body.len().saturating_sub(body.trim_start().len()) } else { 0 };
        let base = start.saturating_add(skipped);
        let chars = body.get(skipped..).unwrap_or_default().char_indices();
        joined.extend(chars.map(|(at, char)| Char { at: base.saturating_add(at), char }));
        if continued.is_none() {
            return Some(trimmed(joined));
        }
    }
}

fn trimmed(mut chars: Vec<Char>) -> Vec<Char> {
    while chars.last().is_some_and(|char| char.char.is_whitespace()) {
        chars.pop();
    }
    chars
}

/// A here-document's end.
struct Delimiter {
    word: String,
    /// `<<-`: tabs in front of it do not count.
    tabs: bool,
}

/// The here-documents that an instruction opens: words like `<<EOF`, `<<-EOF`, `3<<"EOF"`.
fn here_documents(arguments: &[Char]) -> Vec<Delimiter> {
    let text: String = arguments.iter().map(|char| char.char).collect();
    text.split_whitespace()
        .filter_map(|word| {
            let rest = word.trim_start_matches(|char: char| char.is_ascii_digit()).strip_prefix("<<")?;
            let (tabs, name) = rest.strip_prefix('-').map_or((false, rest), |name| (true, name));
            let name = name.trim_matches(['"', '\'']);
            let plain = name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.'));
            (!name.is_empty() && plain).then(|| Delimiter { word: name.to_owned(), tabs })
        })
        .collect()
}

/// Passes the lines of a here-document. One that is never closed takes the rest of the file, as it would for
/// BuildKit.
fn skip_here_document(lines: &mut Lines<'_>, delimiter: &Delimiter) {
    for (_, line) in lines {
        let line = line.trim_end_matches(['\r', '\n']);
        let line = if delimiter.tabs { line.trim_start_matches('\t') } else { line };
        if line == delimiter.word {
            return;
        }
    }
}

/// The lines of a text with their places, breaks included.
#[derive(Clone)]
struct Lines<'text> {
    text: &'text str,
    at: usize,
}

impl<'text> Iterator for Lines<'text> {
    type Item = (usize, &'text str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..)?;
        if rest.is_empty() {
            return None;
        }
        let len = rest.find('\n').map_or(rest.len(), |found| found.saturating_add(1));
        let start = self.at;
        self.at = start.saturating_add(len);
        Some((start, rest.get(..len)?))
    }
}
