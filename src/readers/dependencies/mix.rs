//! `mix.exs`, read by the shape of its dependency tuples.

use super::{Dependency, lines, quoted, without_comment};
use crate::span::Span;

/// `{:name, "requirement", options}` tuples but those only for development or tests.
pub(super) fn mix_exs(text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        let code = without_comment(line, "#");
        let mut at = 0usize;
        for (index, part) in code.split("{:").enumerate() {
            if index > 0 {
                let tuple = part.split('}').next().unwrap_or_default();
                found.extend(dependency(tuple, start.saturating_add(at)));
            }
            at = at.saturating_add(part.len()).saturating_add(2);
        }
    }
    found
}

/// What stands between `{:` and `}`: a name, then a requirement or an option that only dependencies have.
fn dependency(tuple: &str, at: usize) -> Option<Dependency> {
    let (name, rest) = tuple.split_once(',')?;
    let rest = rest.trim_start();
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let sourced =
        ["git:", "github:", "path:", "hex:", "in_umbrella:"].iter().any(|key| rest.starts_with(key));
    if !is_name || !(rest.starts_with('"') || sourced) {
        return None;
    }
    if let Some((_, only)) = rest.split_once("only:") {
        let only = only.trim_start();
        let list = match only.strip_prefix('[') {
            Some(list) => list.split(']').next().unwrap_or_default(),
            None => only.split(',').next().unwrap_or_default(),
        };
        if !list.contains(":prod") {
            return None;
        }
    }
    let requirement = quoted(rest).first().filter(|_| !sourced).map(|(_, text)| *text);
    Some(Dependency::new(name, requirement, Span::new(at, at.saturating_add(name.len()))))
}
