//! The parts of a Markdown text that are checked.

use std::collections::BTreeSet;

/// A fenced block.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// What stands behind the opening fence.
    pub info: String,
    /// Its text, every line with its end.
    pub text: String,
    /// Line of the opening fence, from 1.
    pub line: usize,
    /// How many headings stand above it: blocks of one section have the same.
    pub section: usize,
}

impl Block {
    /// `path` in `yaml path=compose.yaml`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.info.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }

    pub fn language(&self) -> &str {
        self.info.split_whitespace().next().unwrap_or_default()
    }
}

/// Every fenced block.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<(String, Block)> = None;
    let mut section = 0;
    for (index, line) in text.lines().enumerate() {
        match &mut open {
            Some((fence, block)) if line.trim_end() == fence => {
                found.push(std::mem::take(block));
                open = None;
            }
            Some((_, block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            None if line.starts_with("```") => {
                let ticks = line.len() - line.trim_start_matches('`').len();
                let (fence, info) = line.split_at(ticks);
                let block = Block { info: info.to_owned(), line: index + 1, section, ..Block::default() };
                open = Some((fence.to_owned(), block));
            }
            None if line.starts_with('#') => section += 1,
            None => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// The text without fenced blocks and without code.
pub fn prose(text: &str) -> String {
    let mut prose = String::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        match &fence {
            Some(end) => {
                if line.trim_end() == end {
                    fence = None;
                }
            }
            None if line.starts_with("```") => {
                let ticks = line.len() - line.trim_start_matches('`').len();
                fence = Some("`".repeat(ticks));
            }
            None => {
                // What stands between single backquotes is no link.
                for (index, piece) in line.split('`').enumerate() {
                    if index % 2 == 0 {
                        prose.push_str(piece);
                    } else {
                        prose.push('`');
                    }
                }
                prose.push('\n');
            }
        }
    }
    prose
}

/// Where the links of a text lead.
pub fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned).collect()
}

/// The anchors of a text's headings, as GitHub and mdbook make them.
pub fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        if let Some(end) = &fence {
            if line.trim_end() == end {
                fence = None;
            }
            continue;
        }
        if line.starts_with("```") {
            fence = Some("`".repeat(line.len() - line.trim_start_matches('`').len()));
            continue;
        }
        let heading = line.trim_start_matches('#');
        if heading.len() < line.len() && heading.starts_with(' ') {
            let kept = heading.trim().chars().filter_map(|sign| match sign {
                ' ' => Some('-'),
                '-' | '_' => Some(sign),
                _ if sign.is_alphanumeric() => Some(sign.to_ascii_lowercase()),
                _ => None,
            });
            found.insert(kept.collect());
        }
    }
    found
}
