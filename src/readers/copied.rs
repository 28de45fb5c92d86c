//! Files that a Dockerfile puts into the image and that may hold settings.

use super::{Reference, join};
use crate::syntax::dockerfile::Dockerfile;
use crate::tree::Kind;

/// Endings of files of settings that images read by themselves: those of PHP-FPM, databases and poolers.
const SETTINGS: [&str; 3] = [".conf", ".cnf", ".ini"];

/// The files that the `COPY` lines of the Dockerfile at `path` name. The build context is its directory or one above.
pub(super) fn references(path: &str, dockerfile: &Dockerfile) -> Vec<Reference> {
    let sources = dockerfile.stages.iter().flat_map(|stage| &stage.copies).flat_map(|copied| &copied.sources);
    let sources = sources.filter(|source| SETTINGS.iter().any(|ending| source.ends_with(ending)));
    let mut found = Vec::new();
    for source in sources.filter(|source| !source.contains(['*', '?', '[', '$'])) {
        let mut directory = path;
        while let Some(at) = directory.rfind('/') {
            directory = directory.get(..at).unwrap_or_default();
            found.extend(join(directory, source.trim_start_matches('/')));
        }
        found.extend(join("", source.trim_start_matches('/')));
    }
    let kind = |path: &str| match Kind::of_path(path) {
        Some(kind @ (Kind::PgBouncer | Kind::PostgresConf)) => kind,
        _ => Kind::Referenced,
    };
    found.into_iter().map(|path| Reference { kind: kind(&path), path }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::dockerfile;

    #[test]
    fn settings_that_are_copied() {
        let text = "FROM php:8.3-fpm\nCOPY fpm/www.conf /usr/local/etc/php-fpm.d/\nCOPY . /srv\nCOPY --from=x a.conf /\n\
                    COPY conf/*.conf /etc/\n";
        let found = references("docker/php/Dockerfile", &dockerfile::parse(text));
        let paths: Vec<&str> = found.iter().map(|reference| reference.path.as_str()).collect();
        assert_eq!(paths, ["docker/php/fpm/www.conf", "docker/fpm/www.conf", "fpm/www.conf"]);
    }
}
