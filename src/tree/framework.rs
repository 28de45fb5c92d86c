//! Which framework a configuration file of an application is for, by its name and the words in it.

use super::names::file_name;

/// Whose configuration a file is. Each has one module in `resolve::applications`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Framework {
    /// `application.yml` and `application.properties` of Spring Boot, those of its profiles, and `bootstrap.yml`.
    Spring,
}

impl Framework {
    /// As output names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spring => "Spring configuration",
        }
    }

    /// The framework of a file, if it is one's. Other programs use the same names: words in the text decide.
    #[must_use]
    pub fn of(path: &str, text: &str) -> Option<Self> {
        let name = file_name(path).to_ascii_lowercase();
        let (stem, extension) = name.rsplit_once('.')?;
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let named = |prefix: &str| {
            stem.strip_prefix(prefix).is_some_and(|profile| profile.is_empty() || profile.starts_with('-'))
        };
        if !matches!(extension, "yml" | "yaml" | "properties") {
            return None;
        }
        ((named("application") || named("bootstrap")) && says(&["spring", "datasource", "hikari", "jdbc:"]))
            .then_some(Self::Spring)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_name_and_words() {
        for (path, text, framework) in [
            ("src/main/resources/application.yml", "spring:\n  datasource:\n", Some(Framework::Spring)),
            ("application-prod.properties", "spring.datasource.url=a\n", Some(Framework::Spring)),
            ("bootstrap.yaml", "spring:\n  cloud: {}\n", Some(Framework::Spring)),
            ("application.properties", "server.port=1\n", None),
            ("applications.yml", "spring:\n", None),
            ("application.json", "{\"spring\": {}}", None),
            ("application", "spring", None),
        ] {
            assert_eq!(Framework::of(path, text), framework, "{path}");
        }
    }
}
