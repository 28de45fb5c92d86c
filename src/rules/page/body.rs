//! The Markdown below the front matter: documentation, then `## Fires` and `## Stays silent`.
//!
//! In these two sections a fenced block whose info string has `path=` is a file. Blocks under one `###`
//! heading are one repository; without headings every block is a repository of its own. `severity=warning`
//! in an info string says how severe the finding must be. Other text is for people.

use super::{Example, Severity};

/// Line from 1 within the body, and what is wrong.
type Fault = (usize, String);

pub(super) struct Body {
    pub documentation: String,
    pub examples: Vec<Example>,
}

/// A fence that has been opened.
struct Open<'a> {
    fence: &'a str,
    line: usize,
    path: Option<String>,
    text: String,
}

#[derive(Default)]
struct Reader {
    documentation: Vec<String>,
    examples: Vec<Example>,
    /// In which section the reader is: fires or stays silent.
    section: Option<bool>,
    /// Whether a `###` heading gathers the blocks that follow.
    gathering: bool,
}

pub(super) fn read(text: &str) -> Result<Body, Fault> {
    let mut reader = Reader::default();
    let mut open: Option<Open<'_>> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index.saturating_add(1);
        if let Some(block) = &mut open {
            if line.trim_end() == block.fence {
                if let Some(block) = open.take()
                    && let Some(path) = block.path
                    && let Some(example) = reader.examples.last_mut()
                {
                    example.files.push((path, block.text));
                }
            } else {
                block.text.push_str(line);
                block.text.push('\n');
            }
            reader.document(line);
            continue;
        }
        if let Some((fence, info)) = fence(line) {
            let path = reader.begin(info, number)?;
            open = Some(Open { fence, line: number, path, text: String::new() });
        } else if let Some(title) = line.strip_prefix("### ") {
            reader.heading(title.trim(), number);
        } else if let Some(title) = line.strip_prefix("## ") {
            reader.section = match title.trim() {
                "Fires" => Some(true),
                "Stays silent" => Some(false),
                _ => None,
            };
            reader.gathering = false;
        }
        reader.document(line);
    }
    if let Some(block) = open {
        return Err((block.line, "this block of code is never closed".to_owned()));
    }
    if let Some(empty) = reader.examples.iter().find(|example| example.files.is_empty()) {
        return Err((empty.line, "this example has no file: give its blocks a `path=`".to_owned()));
    }
    Ok(Body { documentation: reader.documentation.join("\n").trim().to_owned(), examples: reader.examples })
}

impl Reader {
    fn document(&mut self, line: &str) {
        if self.section.is_none() {
            self.documentation.push(line.to_owned());
        }
    }

    fn heading(&mut self, title: &str, line: usize) {
        if let Some(fires) = self.section {
            self.gathering = true;
            self.add(title.to_owned(), fires, line);
        }
    }

    fn add(&mut self, title: String, fires: bool, line: usize) {
        self.examples.push(Example { title, files: Vec::new(), fires, severity: None, line });
    }

    /// Begins a block; its path when it is a file of an example.
    fn begin(&mut self, info: &str, line: usize) -> Result<Option<String>, Fault> {
        let Some(fires) = self.section else { return Ok(None) };
        let mut path = None;
        let mut severity = None;
        for word in info.split_whitespace().skip(1) {
            match word.split_once('=') {
                Some(("path", value)) => path = Some(value.to_owned()),
                Some(("severity", value)) => severity = Some(severity_of(value, line)?),
                _ => return Err((line, format!("`{word}` is neither `path=` nor `severity=`"))),
            }
        }
        let Some(path) = path else { return Ok(None) };
        if path.is_empty() || path.starts_with('/') || path.split('/').any(|part| part == "..") {
            return Err((line, "a path is relative to the example's root".to_owned()));
        }
        if !self.gathering {
            let number = self.examples.len().saturating_add(1);
            self.add(format!("example {number}"), fires, line);
        }
        if let Some(example) = self.examples.last_mut() {
            if example.files.iter().any(|(other, _)| *other == path) {
                return Err((line, format!("the example has two files named {path}")));
            }
            if severity.is_some() && !fires {
                return Err((line, "an example of silence has no severity".to_owned()));
            }
            example.severity = example.severity.or(severity);
        }
        Ok(Some(path))
    }
}

fn severity_of(name: &str, line: usize) -> Result<Severity, Fault> {
    [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .find(|severity| severity.name() == name)
        .ok_or_else(|| (line, "a severity is error, warning or info".to_owned()))
}

/// The fence that opens a block, and its info string.
fn fence(line: &str) -> Option<(&str, &str)> {
    let marks = line.bytes().take_while(|byte| *byte == b'`').count();
    if marks < 3 {
        return None;
    }
    line.split_at_checked(marks).map(|(fence, info)| (fence, info.trim()))
}
