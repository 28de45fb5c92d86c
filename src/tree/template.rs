//! Whether YAML is a template that another tool has to fill in first.
//!
//! `{{ }}` alone proves nothing: alert annotations, an ExternalSecret's own templates and cloud
//! placeholders hold it as data. It is a template when the braces stand where YAML has structure, at the
//! start of a line or of an unquoted value, or when Helm's own objects are used in an unquoted value.
//! Inside quotes and block scalars they are data.

use super::names::file_name;

/// What fills a template in, as a reason to pass the file over.
pub(super) const HELM: &str = "Helm template";
const JINJA: &str = "Jinja template";
const OTHER: &str = "template with {{ }} that is not filled in";

/// What only Helm puts between the braces.
const HELM_OBJECTS: &[&str] = &[
    ".Values",
    ".Release",
    ".Chart",
    ".Capabilities",
    ".Template",
    ".Files",
    "include ",
    "template ",
    "tpl ",
    "toYaml ",
    "nindent ",
];

/// Words that begin an action of Go templates and cannot begin an expression of Jinja's.
const GO_WORDS: &[&str] = &["if", "else", "end", "range", "with", "define", "block", "template", "include"];

/// Why a YAML file cannot be used as it is, if it is a template. `in_chart`: it stands in the `templates`
/// directory of a Helm chart.
pub(super) fn reason(path: &str, text: &str, in_chart: bool) -> Option<&'static str> {
    let braces = text.contains("{{");
    if !braces && !text.contains("{%") {
        return None;
    }
    let below_templates = path.split('/').rev().skip(1).any(|part| part == "templates");
    if braces && (in_chart || (below_templates && actions(text).any(uses_helm))) {
        return Some(HELM);
    }
    let found = Scanner::default().scan(text)?;
    // One statement of Jinja's decides, wherever it stands: Go templates have none.
    Some(if text.contains("{%") { JINJA } else { found })
}

/// The same for a file that is not YAML, where braces mean nothing by themselves: only what can be
/// nothing else counts.
pub(super) fn reason_outside_yaml(path: &str, text: &str) -> Option<&'static str> {
    if !text.contains("{{") && !text.contains("{%") {
        return None;
    }
    let statement = text.lines().any(|line| line.trim_start().starts_with("{%"));
    let jinja = statement || actions(text).any(|action| inner(action).starts_with("cookiecutter."));
    // Vue, Handlebars and mustache sources are not read at all; package.json may quote any of them.
    (jinja && file_name(path) != "package.json").then_some(JINJA)
}

/// What stands after each `{{`, up to the `}}` or the end of the line.
fn actions(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| {
        line.match_indices("{{").filter_map(|(at, _)| {
            let rest = line.get(at.saturating_add(2)..)?;
            Some(rest.split("}}").next().unwrap_or(rest))
        })
    })
}

/// An action without trim marker and blanks.
fn inner(action: &str) -> &str {
    action.strip_prefix('-').unwrap_or(action).trim_start()
}

fn uses_helm(action: &str) -> bool {
    HELM_OBJECTS.iter().any(|object| action.contains(object))
}

/// Whose template this action belongs to.
fn owner(action: &str) -> &'static str {
    let inner = inner(action);
    if inner.starts_with(['.', '$', '/', '"', '(', '`']) || uses_helm(action) {
        return HELM;
    }
    let word_end =
        inner.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(inner.len());
    let (word, rest) = inner.split_at_checked(word_end).unwrap_or((inner, ""));
    // A function of Go templates takes its arguments after a blank.
    let argument =
        rest.starts_with(' ') && !rest.trim_start().starts_with(['|', '-', '}']) && !rest.trim().is_empty();
    if GO_WORDS.contains(&word) || argument {
        HELM
    } else if word.chars().any(char::is_lowercase) {
        JINJA
    } else {
        OTHER
    }
}

/// Goes through YAML line by line, knowing only quotes, block scalars and comments.
#[derive(Default)]
struct Scanner {
    /// The quote that is open, across lines.
    quote: Option<u8>,
    /// Depth of `[` and `{`.
    flow: usize,
    /// The column above which a block scalar goes on.
    block: Option<usize>,
}

impl Scanner {
    fn scan(mut self, text: &str) -> Option<&'static str> {
        text.lines().find_map(|line| self.line(line))
    }

    fn line(&mut self, line: &str) -> Option<&'static str> {
        let body = line.trim_start_matches(' ');
        let indent = line.len().saturating_sub(body.len());
        if self.quote.is_none() {
            if let Some(parent) = self.block {
                if indent > parent || body.trim_end().is_empty() {
                    return None;
                }
                self.block = None;
            }
            if body.starts_with('#') {
                return None;
            }
            if line.starts_with("---") {
                self.flow = 0;
            }
        }
        self.tokens(line, indent)
    }

    /// Reads one line from `start` on.
    fn tokens(&mut self, line: &str, start: usize) -> Option<&'static str> {
        let bytes = line.as_bytes();
        let mut at = start;
        // Whether a new node may begin here, and whether only `- ` was seen so far.
        let mut fresh = true;
        let mut leading = true;
        let mut key = start;
        while let Some(byte) = bytes.get(at).copied() {
            let next = bytes.get(at.saturating_add(1)).copied();
            if let Some(quote) = self.quote {
                let pair = (quote == b'"' && byte == b'\\')
                    || (quote == b'\'' && byte == quote && next == Some(quote));
                if !pair && byte == quote {
                    self.quote = None;
                    fresh = false;
                }
                at = at.saturating_add(if pair { 2 } else { 1 });
                continue;
            }
            let blank_next = next.is_none_or(|next| next.is_ascii_whitespace());
            match byte {
                b'{' if matches!(next, Some(b'{' | b'%')) => {
                    let action = line.get(at.saturating_add(2)..).unwrap_or_default();
                    let action = action.split("}}").next().unwrap_or(action);
                    if next == Some(b'%') || inner(action).starts_with("cookiecutter.") {
                        return Some(JINJA);
                    }
                    if fresh || uses_helm(action) {
                        return Some(owner(action));
                    }
                    at = at.saturating_add(action.len()).saturating_add(4);
                    leading = false;
                    continue;
                }
                b'#' if fresh || bytes.get(at.wrapping_sub(1)).is_some_and(u8::is_ascii_whitespace) => break,
                b'"' | b'\'' if fresh => {
                    if leading {
                        key = at;
                    }
                    self.quote = Some(byte);
                    leading = false;
                }
                b'&' | b'!' if fresh => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let word = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                    at = at.saturating_add(word);
                    continue;
                }
                b'|' | b'>' if fresh && is_block_header(line.get(at.saturating_add(1)..)) => {
                    self.block = Some(key);
                    break;
                }
                b'-' if leading && blank_next => key = at,
                b'[' | b'{' if fresh || self.flow > 0 => {
                    self.flow = self.flow.saturating_add(1);
                    fresh = true;
                }
                b']' | b'}' if self.flow > 0 => {
                    self.flow = self.flow.saturating_sub(1);
                    fresh = false;
                }
                b',' if self.flow > 0 => fresh = true,
                b':' if blank_next => fresh = true,
                byte if byte.is_ascii_whitespace() => {}
                _ => {
                    if leading {
                        key = at;
                    }
                    leading = false;
                    fresh = false;
                }
            }
            at = at.saturating_add(1);
        }
        None
    }
}

/// Whether this follows the `|` or `>` of a block scalar: indicators, then at most a comment.
fn is_block_header(rest: Option<&str>) -> bool {
    let rest = rest.unwrap_or_default();
    let rest =
        rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '+' || letter == '-');
    let trimmed = rest.trim_start();
    trimmed.is_empty() || (trimmed.starts_with('#') && trimmed.len() < rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_makes_a_template() {
        for (text, expected) in [
            ("{{- if .Values.enabled }}\nkind: Pod\n{{- end }}\n", HELM),
            ("metadata:\n  name: {{ include \"app.fullname\" . }}\n", HELM),
            ("name: app-{{ .Release.Name }}\n", HELM),
            ("env:\n  - {{ . }}\n", HELM),
            ("spec:\n  {{- toYaml .Values.spec | nindent 2 }}\n", HELM),
            ("args: [{{ .x }}]\n", HELM),
            ("{{ $name := .x }}\n", HELM),
            ("a: |\n  text {{ .x }}\nb: {{ .x }}\n", HELM),
            ("- a: |\n    text\n  b: {{ .x }}\n", HELM),
            ("a: 'it''s'\nb: {{ .x }}\n", HELM),
            ("a: \"x\\\"\"\nb: {{ .x }}\n", HELM),
            ("a: don't\nb: {{ .x }}\n", HELM),
            ("a: {b: 'c'}\nd: {{ .x }}\n", HELM),
            ("url: {{ db_url }}\n", JINJA),
            ("url: {{ db.url | default('x') }}\n", JINJA),
            ("{% if x %}\nkind: Pod\n{% endif %}\n", JINJA),
            ("name: app-{{cookiecutter.slug}}\n", JINJA),
            ("image: {{IMAGE}}\n", OTHER),
        ] {
            assert_eq!(reason("a.yaml", text, false), Some(expected), "{text}");
        }
    }

    #[test]
    fn data_does_not() {
        for text in [
            "url: \"postgresql://{{ .username }}:{{ .password }}@{{ .host }}/db\"\n",
            "summary: '{{ $labels.name }} is open'\n",
            "username: system:node:{{EC2PrivateDNSName}}\n",
            "token: !Sub \"{{resolve:secretsmanager:x}}\"\n",
            "a: &x '{{ .y }}'\n",
            "data:\n  config: |\n    {{ range .x }}\n    {% if %}\n\n    {{ end }}\n",
            "data:\n  config: >-2 # folded\n    {{ .x }}\n",
            "- |\n  {{ .x }}\n- b\n",
            "# {{ .Values.x }}\na: b # {{ .x }}\n",
            "a: \"several\n  {{ .lines }}\n  end\"\nb: c\n",
            "a: {b: {c: d}}\n",
            "",
        ] {
            assert_eq!(reason("a.yaml", text, false), None, "{text}");
        }
    }

    #[test]
    fn the_place_counts() {
        let quoted = "name: \"{{ .Release.Name }}-x\"\n";
        assert_eq!(reason("k8s/a.yaml", quoted, false), None);
        assert_eq!(reason("chart/templates/a.yaml", quoted, false), Some(HELM));
        assert_eq!(reason("templates/eso.yaml", "url: \"{{ .host }}\"\n", false), None);
        assert_eq!(reason("chart/templates/eso.yaml", "url: \"{{ .host }}\"\n", true), Some(HELM));
        assert_eq!(reason("chart/templates/plain.yaml", "kind: Pod\n", true), None);
    }

    #[test]
    fn outside_yaml_only_the_certain_counts() {
        assert_eq!(reason_outside_yaml(".env", "A={{ cookiecutter.a }}\n"), Some(JINJA));
        assert_eq!(reason_outside_yaml(".env", "{% if x %}\nA=1\n"), Some(JINJA));
        assert_eq!(reason_outside_yaml(".env", "A={{ x }}\n"), None);
        assert_eq!(reason_outside_yaml("package.json", "{% if x %}\n"), None);
    }

    #[test]
    fn hostile_text_is_survived() {
        for text in
            ["{{", "{%", "a: {{", "\"{{", "'", "a: &", "a: |{{", "- - - - {{", "\u{feff}{{ x", "a: '\n{{"]
        {
            let _ = reason("a.yaml", text, false);
        }
        let deep = "[".repeat(100_000) + "{{";
        assert!(reason("a.yaml", &deep, false).is_some());
    }
}
