//! A `Procfile`: `web: command` on each line (<https://devcenter.heroku.com/articles/procfile>).

use super::last_wins::LastWins;
use super::node::Node;
use crate::span::{Span, SpanText};

/// Reads a file of processes: `web: command` on each line.
#[must_use]
pub fn parse(text: &str) -> Node {
    let mut mapping = LastWins::default();
    for (line, start) in lines(text) {
        let Some((name, command)) = line.split_once(':') else { continue };
        let named = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let trimmed = command.trim();
        if name.is_empty() || !name.chars().all(named) || trimmed.is_empty() {
            continue;
        }
        let skipped = command.len().saturating_sub(command.trim_start().len());
        let at = start.saturating_add(name.len()).saturating_add(1).saturating_add(skipped);
        let span = Span::new(start, start.saturating_add(name.len()));
        mapping.add(SpanText::verbatim(name, start), span, SpanText::verbatim(trimmed, at), at);
    }
    mapping.finish(Span::new(0, text.len()))
}

/// Lines without their ends, and where each begins.
fn lines(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut start = text.len().saturating_sub(source.len());
    source.split_inclusive('\n').map(move |raw| {
        let at = start;
        start = start.saturating_add(raw.len());
        (raw.trim_end_matches(['\n', '\r']), at)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::node::check::tree as check;

    fn pairs(root: &Node) -> Vec<(&str, &str)> {
        root.entries().iter().map(|entry| (entry.key.as_str(), entry.value.as_str().unwrap())).collect()
    }

    #[test]
    fn reads_processes() {
        let text =
            "# c: d\nweb: bundle exec puma -p $PORT\nrelease:   rake db:migrate  \nempty:\nno process\n";
        let root = parse(text);
        check(text, &root);
        assert_eq!(pairs(&root), [("web", "bundle exec puma -p $PORT"), ("release", "rake db:migrate")]);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "([=: #!a\u{e9}\\\\\n\r]|\r\n){0,40}") {
            check(&text, &parse(&text));
        }
    }
}
