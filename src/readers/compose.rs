//! Compose files.

use super::{Comment, Reference};
use crate::span::FileId;
use crate::syntax::SyntaxError;
use crate::syntax::node::{Node, Value};
use crate::syntax::yaml;
use crate::tree::{Kind, beyond, normalize};

/// A Compose file as written: not merged, not interpolated.
#[derive(Debug, Clone)]
pub struct ComposeFile {
    /// The file.
    pub file: FileId,
    /// Its documents' roots (more than one is merged by Compose), each a mapping.
    pub documents: Vec<Node>,
}

/// Dependency manifests that a build context may hold, by file name.
const MANIFESTS: [&str; 11] = [
    "package.json",
    "requirements.txt",
    "pyproject.toml",
    "Gemfile",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "mix.exs",
    "composer.json",
];

/// Extensions of files that are worth reading when a container mounts them.
const SETTINGS: [&str; 6] = ["conf", "ini", "cnf", "cfg", "env", "toml"];

/// Reads a Compose file and its comments. Tags (`!reset`, `!override`) stay on the nodes.
///
/// # Errors
/// When it is no YAML.
pub fn read(file: FileId, text: &str) -> Result<(ComposeFile, Vec<Comment>), SyntaxError> {
    let mut roots = Vec::new();
    let mut comments = Vec::new();
    for range in yaml::split(text) {
        let document = yaml::parse_document(text, range)?;
        roots.extend(document.root);
        comments.extend(document.comments.into_iter().map(|comment| Comment {
            file,
            span: comment.span,
            trailing: comment.trailing,
        }));
    }
    Ok((ComposeFile::new(file, roots), comments))
}

impl ComposeFile {
    /// A Compose file from the roots of its documents; those that are no mappings declare nothing.
    #[must_use]
    pub fn new(file: FileId, roots: impl IntoIterator<Item = Node>) -> Self {
        let documents = roots.into_iter().filter(|root| matches!(root.value, Value::Mapping(_))).collect();
        Self { file, documents }
    }

    /// The files that this one names, when it stands at `path`: `.env` beside it, env files, files it includes
    /// or extends, what builds its images and tells their dependencies, mounted settings. Names that depend on
    /// variables are left out; what lies outside the tree keeps its `..` in front.
    #[must_use]
    pub fn references(&self, path: &str) -> Vec<Reference> {
        let mut wanted = Wanted { directory: directory(path), found: Vec::new() };
        wanted.add(".env", Kind::EnvFile);
        for document in &self.documents {
            for include in document.get("include").map(Node::items).unwrap_or_default() {
                wanted.include(include);
            }
            for service in document.get("services").map(Node::entries).unwrap_or_default() {
                wanted.service(&service.value);
            }
            for top in ["configs", "secrets"] {
                for entry in document.get(top).map(Node::entries).unwrap_or_default() {
                    if let Some(file) = entry.value.get("file").and_then(Node::as_str) {
                        wanted.mounted(file, file);
                    }
                }
            }
        }
        wanted.found.sort();
        wanted.found.dedup();
        wanted.found
    }

    /// Paths of local files that this one includes, when it stands at `path`.
    #[must_use]
    pub fn includes(&self, path: &str) -> Vec<String> {
        let directory = directory(path);
        let includes = self.documents.iter().filter_map(|document| document.get("include"));
        let includes = includes
            .flat_map(Node::items)
            .flat_map(|include| strings(include.get("path").unwrap_or(include)));
        includes.filter_map(|include| join(directory, include)).collect()
    }

    /// Paths of other files whose services this one extends, when it stands at `path`.
    #[must_use]
    pub fn extended(&self, path: &str) -> Vec<String> {
        let directory = directory(path);
        let services =
            self.documents.iter().filter_map(|document| document.get("services")).flat_map(Node::entries);
        services
            .filter_map(|service| service.value.at(&["extends", "file"])?.as_str())
            .filter_map(|file| join(directory, file))
            .collect()
    }
}

/// The directory of a path; empty for the root.
#[must_use]
pub fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// `path`, seen from `directory`, as a path of the tree. Nothing when it leaves the tree or is not known.
#[must_use]
pub fn join(directory: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~']) || path.contains(['$', crate::span::UNKNOWN]) || path.contains("://") {
        return None;
    }
    if directory.is_empty() { normalize(path) } else { normalize(&format!("{directory}/{path}")) }
}

/// As [`join`], also for what leaves the tree: that keeps the `..` that lead out in front.
#[must_use]
pub fn reach(directory: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~']) || path.contains(['$', crate::span::UNKNOWN]) || path.contains("://") {
        return None;
    }
    join(directory, path)
        .or_else(|| beyond(&format!("{}/{path}", if directory.is_empty() { "." } else { directory })))
}

/// A scalar's text, or those of a sequence.
fn strings(node: &Node) -> impl Iterator<Item = &str> {
    node.as_str().into_iter().chain(node.items().iter().filter_map(Node::as_str))
}

struct Wanted<'a> {
    directory: &'a str,
    found: Vec<Reference>,
}

impl Wanted<'_> {
    fn add(&mut self, path: &str, kind: Kind) {
        if let Some(path) = reach(self.directory, path).filter(|path| !path.is_empty()) {
            self.found.push(Reference { path, kind });
        }
    }

    fn env_file(&mut self, path: &str) {
        let kind = match Kind::of_path(path) {
            Some(Kind::EnvFile) => Kind::EnvFile,
            _ => Kind::Referenced,
        };
        self.add(path, kind);
    }

    fn include(&mut self, include: &Node) {
        for path in strings(include.get("path").unwrap_or(include)) {
            self.add(path, Kind::Compose);
        }
        for path in include.get("env_file").into_iter().flat_map(strings) {
            self.add(path, Kind::EnvFile);
        }
        if let Some(directory) = include.get("project_directory").and_then(Node::as_str) {
            self.add(&format!("{directory}/.env"), Kind::EnvFile);
        }
    }

    fn service(&mut self, service: &Node) {
        if let Some(file) = service.at(&["extends", "file"]).and_then(Node::as_str) {
            self.add(file, Kind::Compose);
        }
        if let Some(env_file) = service.get("env_file") {
            strings(env_file).for_each(|path| self.env_file(path));
            for entry in env_file.items().iter().chain(std::iter::once(env_file)) {
                if let Some(path) = entry.get("path").and_then(Node::as_str) {
                    self.env_file(path);
                }
            }
        }
        if let Some(build) = service.get("build") {
            self.build(build);
        }
        for volume in service.get("volumes").map(Node::items).unwrap_or_default() {
            let pair = match volume.as_str() {
                Some(short) => short.split_once(':'),
                None => Option::zip(
                    volume.get("source").and_then(Node::as_str),
                    volume.get("target").and_then(Node::as_str),
                ),
            };
            if let Some((source, target)) = pair.filter(|(source, _)| source.starts_with('.')) {
                self.mounted(source, target.split(':').next().unwrap_or_default());
            }
        }
    }

    fn build(&mut self, build: &Node) {
        let context = match build.as_str() {
            Some(context) => context,
            None => build.get("context").and_then(Node::as_str).unwrap_or("."),
        };
        let dockerfile = build.get("dockerfile").and_then(Node::as_str).unwrap_or("Dockerfile");
        if build.get("dockerfile_inline").is_none() {
            self.add(&format!("{context}/{dockerfile}"), Kind::Dockerfile);
        }
        for manifest in MANIFESTS {
            self.add(&format!("{context}/{manifest}"), Kind::Dependencies);
        }
    }

    /// A file that a container sees at `target`, which may tell what it is better than its own name.
    fn mounted(&mut self, source: &str, target: &str) {
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let settings = |path: &str| match Kind::of_path(path) {
            Some(kind @ (Kind::PgBouncer | Kind::PostgresConf)) => Some(kind),
            _ => None,
        };
        if let Some(kind) = settings(source).or_else(|| settings(target)) {
            self.add(source, kind);
        } else if name(source).rsplit_once('.').is_some_and(|(_, extension)| SETTINGS.contains(&extension)) {
            self.add(source, Kind::Referenced);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Files;

    fn references(path: &str, text: &str) -> Vec<(String, Kind)> {
        let file = Files::default().add(path, Kind::Compose, text);
        let found = read(file, text).unwrap().0.references(path);
        found.into_iter().map(|reference| (reference.path, reference.kind)).collect()
    }

    #[test]
    fn names_what_must_be_read() {
        let text = "
include:
  - ./db/compose.yaml
  - path: [a.yml, ../b.yml]
    env_file: db/.env.db
  - oci://registry/x
services:
  api:
    extends: { file: common.yml, service: base }
    env_file:
      - .env.api
      - path: settings/app
        required: false
      - ${DYNAMIC}.env
    volumes:
      - ./pgbouncer.ini:/etc/pgbouncer/pgbouncer.ini:ro
      - ./conf/db.txt:/etc/postgresql/postgresql.conf
      - ./src:/app
      - data:/var/lib
";
        let found = references("deploy/compose.yaml", text);
        for (path, kind) in [
            ("deploy/.env", Kind::EnvFile),
            ("deploy/db/compose.yaml", Kind::Compose),
            ("deploy/a.yml", Kind::Compose),
            ("b.yml", Kind::Compose),
            ("deploy/db/.env.db", Kind::EnvFile),
            ("deploy/common.yml", Kind::Compose),
            ("deploy/.env.api", Kind::EnvFile),
            ("deploy/settings/app", Kind::Referenced),
            ("deploy/pgbouncer.ini", Kind::PgBouncer),
            ("deploy/conf/db.txt", Kind::PostgresConf),
        ] {
            assert!(found.contains(&(path.to_owned(), kind)), "{path} is missing in {found:?}");
        }
        assert_eq!(found.len(), 10, "{found:?}");
    }

    #[test]
    fn a_build_names_its_dockerfile_and_manifests() {
        let found = references(
            "compose.yaml",
            "services:\n  a:\n    build: ./api\n  b:\n    build:\n      context: .\n      dockerfile: docker/Dockerfile.b\n",
        );
        let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        for path in
            ["api/Dockerfile", "api/package.json", "api/go.mod", "docker/Dockerfile.b", "package.json"]
        {
            assert!(paths.contains(&path), "{path}");
        }
    }

    #[test]
    fn what_lies_outside_the_tree_says_so() {
        let found = references(
            "deploy/compose.yaml",
            "services:\n  a:\n    env_file: [../../x.env, /etc/x.env, ~/x.env, ../y.env]\n    extends: {file: \
             ../../../b.yaml, service: a}\n",
        );
        let expected = [
            ("../../b.yaml", Kind::Compose),
            ("../x.env", Kind::EnvFile),
            ("deploy/.env", Kind::EnvFile),
            ("y.env", Kind::EnvFile),
        ];
        assert_eq!(found, expected.map(|(path, kind)| (path.to_owned(), kind)));
    }
}
