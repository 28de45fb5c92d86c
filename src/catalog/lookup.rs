//! Finding entries by what files write.

use std::fmt;

use super::{
    Catalog, ClientEntry, DefaultSize, Engine, EnvLibrary, Image, Operator, Package, PoolerEntry,
    PoolerSetting, ProcessServer, VariableEntry,
};

impl PoolerEntry {
    /// The setting of this name in the pooler's main section.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&PoolerSetting> {
        self.settings.iter().find(|setting| setting.name == name)
    }
}

impl Package {
    /// Whether a dependency is this package: its ecosystem, its name, and its major version and the lowest minor one where they are told. Where
    /// releases differ, a dependency that tells none is none of them.
    #[must_use]
    pub fn is(&self, ecosystem: &str, name: &str, release: (Option<u32>, Option<u32>)) -> bool {
        let of_release = match release {
            (Some(major), minor) => {
                let reached =
                    self.from_minor.is_none_or(|from| self.from != Some(major) || minor >= Some(from));
                reached
                    && self.from.is_none_or(|from| major >= from)
                    && self.below.is_none_or(|below| major < below)
            }
            (None, _) => self.from.is_none() && self.below.is_none(),
        };
        self.ecosystem == ecosystem && wildcard(&self.name, name) && of_release
    }
}

impl Operator {
    /// The kinds of its custom resources that matter.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        let poolers = self.poolers.iter();
        let own = poolers.clone().filter_map(|pooler| pooler.kind.as_deref());
        let lookups = poolers.flat_map(|pooler| pooler.settings.iter()).chain(&self.parameters);
        let named = lookups.filter_map(|lookup| Some(lookup.object.as_ref()?.kind.as_str()));
        std::iter::once(self.kind.as_str()).chain(own).chain(named)
    }
}

impl Catalog {
    /// The client with this label (`prisma@6`); of several that share it, one for each engine, the usual one.
    #[must_use]
    pub fn client(&self, label: &str) -> Option<&ClientEntry> {
        self.clients.iter().find(|entry| entry.label == label)
    }

    /// The client with this label that speaks to `engine`, else the usual one with it.
    #[must_use]
    pub fn client_for(&self, label: &str, engine: &str) -> Option<&ClientEntry> {
        let mut entries = self.clients.iter().filter(|entry| entry.label == label);
        entries
            .clone()
            .find(|entry| entry.engines.iter().any(|known| known == engine))
            .or_else(|| entries.next())
    }

    /// The database engine with this id.
    #[must_use]
    pub fn engine(&self, id: &str) -> Option<&Engine> {
        self.engines.iter().find(|engine| engine.id == id)
    }

    /// What is known of an image: `postgres:16`, `docker.io/library/postgres@sha256:…`. The longest matching name
    /// holds.
    #[must_use]
    pub fn image(&self, reference: &str) -> Option<&Image> {
        let repository = repository(reference);
        self.images
            .iter()
            .filter(|image| wildcard(&image.image, repository))
            .max_by_key(|image| (!image.image.contains('*'), image.image.len()))
    }

    /// Whether an image is known to open no connection to an SQL database.
    #[must_use]
    pub fn is_bystander(&self, reference: &str) -> bool {
        let name = repository(reference).rsplit('/').next();
        self.ambient.bystander_images.iter().any(|known| name == Some(known))
    }

    /// The library that reads env files and that a dependency brings along.
    #[must_use]
    pub fn env_library(&self, ecosystem: &str, name: &str, major: Option<u32>) -> Option<EnvLibrary> {
        let brings = |package: &Package| package.is(ecosystem, name, (major, None));
        self.env_readers.iter().find(|entry| entry.packages.iter().any(brings)).map(|entry| entry.reader)
    }

    /// The pooler with this id.
    #[must_use]
    pub fn pooler(&self, id: &str) -> Option<&PoolerEntry> {
        self.poolers.iter().find(|pooler| pooler.id == id)
    }

    /// The operators whose custom resources are of this group.
    pub fn operators_of<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Operator> {
        self.operators.iter().filter(move |operator| operator.group == group)
    }

    /// Whether a custom resource of this kind, of this group when one is given, says something about a database.
    #[must_use]
    pub fn is_operated(&self, group: Option<&str>, kind: &str) -> bool {
        let groups = self.operators.iter().filter(|one| group.is_none_or(|group| group == one.group));
        groups.into_iter().any(|operator| operator.kinds().any(|known| known == kind))
    }

    /// What is held of the processes of an image that nothing is known of.
    #[must_use]
    pub fn unknown_process_server(&self) -> Option<&ProcessServer> {
        self.process_servers.iter().find(|server| server.programs.is_empty() && server.images.is_empty())
    }

    /// The server of several processes that an image starts by itself.
    #[must_use]
    pub fn process_server_of_image(&self, reference: &str) -> Option<&ProcessServer> {
        let repository = repository(reference);
        let tag = reference.split('@').next().and_then(|name| name.rsplit_once(':')).map(|(_, tag)| tag);
        self.process_servers.iter().find(|server| {
            server.images.iter().any(|pattern| match pattern.split_once(':') {
                Some((name, tags)) => {
                    wildcard(name, repository) && tag.is_some_and(|tag| wildcard(tags, tag))
                }
                None => wildcard(pattern, repository),
            })
        })
    }

    /// What a variable of this exact name sets.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&VariableEntry> {
        self.variables.iter().find(|entry| entry.name == name)
    }

    /// The name of the environment that a word in a path stands for.
    #[must_use]
    pub fn environment_of_word(&self, word: &str) -> Option<&str> {
        self.ambient.environment_words.get(word).map(String::as_str)
    }

    /// Whether a variable's name says that its value is a credential.
    #[must_use]
    pub fn is_secret_name(&self, name: &str) -> bool {
        let words = words(name);
        let joined: String = words.concat();
        let marks = |known: &String| {
            words.iter().any(|word| glued(word, known))
                || (known.len() >= 5 && joined.contains(known.as_str()))
        };
        let last = words.last();
        if self.ambient.reference_last_words.iter().any(|known| last == Some(known)) {
            return false;
        }
        self.ambient.secret_words.iter().any(marks)
            || self.ambient.secret_last_words.iter().any(|known| last == Some(known))
    }
}

impl fmt::Display for DefaultSize {
    /// As people write it: `10`, `2 × CPUs + 1`, `without limit`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => size.fmt(formatter),
            Self::PerThread => formatter.write_str("one for each thread"),
            Self::PerProcess => formatter.write_str("one for each process"),
            Self::Unlimited => formatter.write_str("without limit"),
            Self::Unknown => formatter.write_str("unknown"),
            Self::PerCpu { times, plus, at_least } => {
                if *times > 1 {
                    write!(formatter, "{times} × ")?;
                }
                formatter.write_str("CPUs")?;
                if *plus > 0 {
                    write!(formatter, " + {plus}")?;
                }
                if *at_least > 1 { write!(formatter, ", at least {at_least}") } else { Ok(()) }
            }
        }
    }
}

/// An image reference without tag, digest and the names of Docker Hub.
fn repository(reference: &str) -> &str {
    let untagged = reference.split('@').next().unwrap_or(reference);
    let name_start = untagged.rfind('/').map_or(0, |slash| slash.saturating_add(1));
    let untagged = match untagged.get(name_start..).and_then(|name| name.find(':')) {
        Some(colon) => untagged.get(..name_start.saturating_add(colon)).unwrap_or(untagged),
        None => untagged,
    };
    let mut rest = untagged;
    for prefix in [
        "docker.io/",
        "index.docker.io/",
        "registry-1.docker.io/",
        "public.ecr.aws/docker/",
        "mirror.gcr.io/",
    ] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    rest.strip_prefix("library/").unwrap_or(rest)
}

/// `*` at either end of `pattern` matches any rest.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(inner), Some(_)) => text.contains(inner.trim_end_matches('*')),
        (Some(end), None) => text.ends_with(end),
        (None, Some(start)) => text.starts_with(start),
        (None, None) => pattern == text,
    }
}

/// Whether a word is a mark of credentials, also with a number behind it or something before it: PASS2, PGPASS.
fn glued(word: &str, mark: &str) -> bool {
    let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    word == mark || (matches!(mark, "pass" | "pwd") && word.ends_with(mark))
}

/// The lower-case words of a name, cut at `_`, `-`, `.` and changes from lower to upper case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for letter in name.chars() {
        let cut = !letter.is_alphanumeric();
        if (cut || (lower && letter.is_uppercase())) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| !cut) {
            word.extend(letter.to_lowercase());
        }
        lower = letter.is_lowercase() || letter.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::super::catalog;
    use super::*;

    #[test]
    fn references_lose_what_does_not_tell_the_image() {
        for (reference, name) in [
            ("postgres", "postgres"),
            ("postgres:16-alpine", "postgres"),
            ("docker.io/library/postgres:16@sha256:abc", "postgres"),
            ("ghcr.io:443/acme/postgres:16", "ghcr.io:443/acme/postgres"),
            ("registry:5000/postgres", "registry:5000/postgres"),
            ("public.ecr.aws/docker/library/postgres", "postgres"),
        ] {
            assert_eq!(repository(reference), name, "{reference}");
        }
    }

    #[test]
    fn default_sizes_read_as_people_write_them() {
        let per_cpu = |times, plus, at_least| DefaultSize::PerCpu { times, plus, at_least }.to_string();
        assert_eq!(per_cpu(2, 1, 1), "2 × CPUs + 1");
        assert_eq!(per_cpu(1, 0, 4), "CPUs, at least 4");
        assert_eq!(DefaultSize::Fixed(10).to_string(), "10");
    }

    #[test]
    fn every_entry_names_its_sources() {
        let catalog = catalog();
        assert!(!catalog.clients.is_empty() && !catalog.engines.is_empty() && !catalog.images.is_empty());
        let sourced = catalog
            .clients
            .iter()
            .map(|entry| (&entry.label, &entry.sources, &entry.checked))
            .chain(catalog.engines.iter().map(|entry| (&entry.id, &entry.sources, &entry.checked)))
            .chain(catalog.images.iter().map(|entry| (&entry.image, &entry.sources, &entry.checked)))
            .chain(catalog.poolers.iter().map(|entry| (&entry.id, &entry.sources, &entry.checked)));
        let readers = catalog
            .env_readers
            .iter()
            .filter_map(|entry| Some((&entry.packages.first()?.name, &entry.sources, &entry.checked)));
        let sourced = sourced.chain(readers);
        for (name, sources, checked) in sourced {
            assert!(
                !sources.is_empty() && sources.iter().all(|source| !source.is_empty()),
                "{name} has no source"
            );
            let month = checked.split_once('-');
            assert!(
                month.is_some_and(|(year, month)| year.len() == 4 && month.len() == 2),
                "{name}: {checked}"
            );
        }
    }

    #[test]
    fn entries_that_name_others_name_ones_that_exist() {
        let catalog = catalog();
        for image in &catalog.images {
            if let Some(label) = &image.client {
                assert!(catalog.client(label).is_some(), "{}: there is no client {label}", image.image);
            }
            if let Some(engine) = &image.engine {
                assert!(catalog.engine(engine).is_some(), "{}: there is no engine {engine}", image.image);
            }
        }
        for word in catalog.ambient.environment_words.values() {
            assert!(word.parse::<crate::model::Environment>().is_ok(), "{word}");
        }
    }

    #[test]
    fn wildcards_stand_at_either_end() {
        assert!(wildcard("@prisma/adapter-*", "@prisma/adapter-pg"));
        assert!(wildcard("*_HIKARI", "SPRING_HIKARI"));
        assert!(wildcard("*hikari*", "a_hikari_b"));
        assert!(!wildcard("pg", "pg-promise"));
    }

    #[test]
    fn names_of_credentials() {
        for name in [
            "DB_PASSWORD",
            "PGPASSWORD",
            "apiToken",
            "SECRET_KEY_BASE",
            "BASIC_AUTH",
            "jwt-secret",
            "PGPASS",
            "PASS2",
        ] {
            assert!(catalog().is_secret_name(name), "{name}");
        }
        for name in [
            "DATABASE_URL",
            "AUTH_TYPE",
            "PORT",
            "NODE_ENV",
            "MONKEY_COUNT",
            "POSTGRES_USER",
            "POSTGRES_PASSWORD_FILE",
            "secretName",
        ] {
            assert!(!catalog().is_secret_name(name), "{name}");
        }
    }
}
