//! `go.mod`.

use super::{Dependency, lines, version};
use crate::span::Span;

/// The modules that the program requires itself; `// indirect` ones are left out.
/// <https://go.dev/ref/mod#go-mod-file-require>
pub(super) fn go_mod(text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut in_require = false;
    for (start, line) in lines(text) {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let content = code.trim();
        if content == ")" {
            in_require = false;
            continue;
        }
        let module = match content.strip_prefix("require") {
            Some(rest) if rest.trim_start().starts_with('(') => {
                in_require = true;
                continue;
            }
            Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
            _ if in_require => content,
            _ => continue,
        };
        if module.is_empty() || comment.trim_start().starts_with("indirect") {
            continue;
        }
        let mut words = module.split_whitespace();
        let raw = words.next().unwrap_or_default();
        let name = raw.trim_matches('"');
        let tag = words.next();
        let trailing = code.len().saturating_sub(code.trim_end().len()).saturating_add(module.len());
        let quote = raw.len().saturating_sub(raw.trim_start_matches('"').len());
        let at = start.saturating_add(code.len()).saturating_sub(trailing).saturating_add(quote);
        let mut dependency = Dependency::new(name, tag, Span::new(at, at.saturating_add(name.len())));
        // From v2 on the path carries the major version.
        let suffix = name.rsplit_once("/v").and_then(|(_, suffix)| version::major(suffix));
        dependency.major = suffix.or(dependency.major);
        found.push(dependency);
    }
    found
}
