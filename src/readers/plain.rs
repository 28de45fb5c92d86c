//! Files of no kind that poollint knows, which the user named all the same: whether they can be parsed is all
//! there is to say of them.

use crate::syntax::{SyntaxError, json, toml, yaml};

/// Checks the syntax that the name of a file promises; a stream without an extension is YAML.
///
/// # Errors
/// When the text is not what its name promises.
pub fn check(path: &str, text: &str) -> Result<(), SyntaxError> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("yaml" | "yml") => yaml(text),
        None if name.starts_with('<') => yaml(text),
        // Comments are common in files with this extension, and the parser allows them.
        Some("json" | "jsonc") if !text.trim().is_empty() => json::parse(text).map(drop),
        Some("toml") => toml::parse(text).map(drop),
        _ => Ok(()),
    }
}

fn yaml(text: &str) -> Result<(), SyntaxError> {
    yaml::split(text).into_iter().try_for_each(|range| yaml::parse_document(text, range).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_what_the_text_has_to_be() {
        for (path, text, parses) in [
            ("a.yaml", "a: [\n", false),
            ("a.yml", "a: 1\n---\nb: [\n", false),
            ("a.yaml", "a: []\n", true),
            ("<stdin>", "a: [\n", false),
            ("<stdin>", "hello\n", true),
            ("x/a.JSON", "{", false),
            ("a.json", "// c\n{\"a\": 1}", true),
            ("a.json", " ", true),
            ("a.toml", "a = \n", false),
            ("a.toml", "a = 1\n", true),
            ("notes.txt", "a: [", true),
            ("notes", "a: [", true),
        ] {
            assert_eq!(check(path, text).is_ok(), parses, "{path}: {text}");
        }
    }
}
