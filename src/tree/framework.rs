//! Which framework a configuration file of an application is for, by its name and the words in it.

use super::names::file_name;

/// Whose configuration a file is. Each has one module in `resolve::applications`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Framework {
    /// `application.yml` and `application.properties` of Spring Boot, those of its profiles, and `bootstrap.yml`.
    Spring,
    /// `application.properties` and `application.yml` of Quarkus.
    Quarkus,
    /// `config/database.yml` of Rails.
    Rails,
    /// `appsettings.json` of .NET, and those of its environments.
    DotNet,
}

impl Framework {
    /// As output names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spring => "Spring configuration",
            Self::Quarkus => "Quarkus configuration",
            Self::Rails => "Rails database configuration",
            Self::DotNet => ".NET settings",
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
        if extension == "json" {
            let dotnet = stem == "appsettings" || stem.starts_with("appsettings.");
            return (dotnet && says(&["ConnectionStrings", "connectionStrings"])).then_some(Self::DotNet);
        }
        if !matches!(extension, "yml" | "yaml" | "properties") {
            return None;
        }
        let rails = extension == "yml" && stem == "database" && path.ends_with("config/database.yml");
        // A line of ERB that prints nothing decides what else there is.
        if rails && says(&["adapter:", "url:"]) && !text.lines().any(is_statement) {
            return Some(Self::Rails);
        }
        if named("application") && says(&["quarkus.", "quarkus:"]) {
            return Some(Self::Quarkus);
        }
        ((named("application") || named("bootstrap")) && says(&["spring", "datasource", "hikari", "jdbc:"]))
            .then_some(Self::Spring)
    }
}

/// A line of ERB that is no value.
fn is_statement(line: &str) -> bool {
    line.trim_start().strip_prefix("<%").is_some_and(|rest| !rest.starts_with('='))
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
            ("config/database.yml", "test:\n  adapter: postgresql\n", Some(Framework::Rails)),
            ("config/database.yml", "test:\n<% if x %>\n  adapter: postgresql\n", None),
            ("config/database.yml", "test: 1\n", None),
            ("database.yml", "adapter: x\n", None),
            ("appsettings.Production.json", "{\"ConnectionStrings\": {}}", Some(Framework::DotNet)),
            ("appsettings.json", "{}", None),
            ("settings.json", "{\"ConnectionStrings\": {}}", None),
            ("application.properties", "%prod.quarkus.datasource.jdbc.url=a\n", Some(Framework::Quarkus)),
            ("application.properties", "server.port=1\n", None),
            ("applications.yml", "spring:\n", None),
            ("application.json", "{\"spring\": {}}", None),
            ("application", "spring", None),
        ] {
            assert_eq!(Framework::of(path, text), framework, "{path}");
        }
    }
}
