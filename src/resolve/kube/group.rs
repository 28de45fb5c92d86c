//! Plain manifests to the sets that run together: by root folder, then by environment, and never two objects of
//! one identity in a set.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Environment;
use crate::readers::KubeObject;
use crate::resolve::environment::of_path;
use crate::span::FileId;
use crate::tree::Files;

/// A set of manifests.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Name of the deployment.
    pub name: String,
    /// Its files, those of its own first.
    pub files: Vec<FileId>,
}

/// A manifest's path and what it defines.
struct Manifest<'a> {
    file: FileId,
    path: &'a str,
    identities: BTreeSet<(&'a str, &'a str, &'a str)>,
}

impl Manifest<'_> {
    fn directory(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(directory, _)| directory)
    }
}

/// Groups the files that define `objects`.
pub(super) fn plain(files: &Files, objects: &[&KubeObject]) -> Vec<Group> {
    let mut manifests: BTreeMap<&str, Manifest<'_>> = BTreeMap::new();
    for object in objects {
        let path = files.path(object.file);
        let manifest = manifests.entry(path).or_insert_with(|| Manifest {
            file: object.file,
            path,
            identities: BTreeSet::new(),
        });
        if !object.name.is_empty() {
            let space = object.namespace.as_deref().unwrap_or_default();
            manifest.identities.insert((&object.kind, space, &object.name));
        }
    }
    let mut roots: BTreeMap<&str, Vec<&Manifest<'_>>> = BTreeMap::new();
    let in_root = manifests.values().any(|manifest| manifest.directory().is_empty());
    for manifest in manifests.values() {
        let root = manifest.path.split_once('/').map_or("", |(root, _)| root);
        roots.entry(if in_root { "" } else { root }).or_default().push(manifest);
    }
    let mut groups = Vec::new();
    for (root, manifests) in roots {
        by_environment(root, &manifests, &mut groups);
    }
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    groups
}

/// Sets the environments of a root apart. What belongs to none of them belongs to all, unless it defines what
/// they define too.
fn by_environment(root: &str, manifests: &[&Manifest<'_>], groups: &mut Vec<Group>) {
    let mut environments: BTreeMap<Key, Vec<&Manifest<'_>>> = BTreeMap::new();
    let mut shared = Vec::new();
    for manifest in manifests {
        match environment(root, manifest, manifests) {
            Some(key) => environments.entry(key).or_default().push(manifest),
            None => shared.push(*manifest),
        }
    }
    if environments.is_empty() {
        split(&shared, None, groups);
        return;
    }
    let own: BTreeSet<_> = shared.iter().flat_map(|manifest| &manifest.identities).collect();
    let apart = environments.values().flatten().any(|manifest| meets(manifest, &own)) || conflicts(&shared);
    for (key, mut members) in environments {
        let suffix = key.in_name.then_some(key.environment);
        if conflicts(&members) {
            split(&members, suffix, groups);
            continue;
        }
        let directory = if key.in_name { key.directory } else { common(&members).to_owned() };
        if !apart {
            members.extend(&shared);
        }
        groups.push(Group { name: named(&directory, suffix), files: ids(&members) });
    }
    if apart {
        split(&shared, None, groups);
    }
}

/// What sets an environment apart: a folder, or words in the names of files of one folder.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    directory: String,
    environment: Environment,
    in_name: bool,
}

/// The environment that a manifest's folder names, else the one its own name does, where that sets files of one
/// folder apart.
fn environment(root: &str, manifest: &Manifest<'_>, all: &[&Manifest<'_>]) -> Option<Key> {
    let mut directory = manifest.directory();
    while directory.len() > root.len() {
        let (parent, last) = directory.rsplit_once('/').unwrap_or(("", directory));
        if let Some(environment) = of_path(last) {
            return Some(Key { directory: directory.to_owned(), environment, in_name: false });
        }
        directory = parent;
    }
    let environment = of_name(manifest)?;
    let mut beside = all
        .iter()
        .filter(|other| other.directory() == manifest.directory() && of_name(other) != Some(environment));
    let stands_apart = beside.any(|other| {
        of_name(other).is_some() || other.identities.intersection(&manifest.identities).next().is_some()
    });
    let directory = manifest.directory().to_owned();
    stands_apart.then_some(Key { directory, environment, in_name: true })
}

fn of_name(manifest: &Manifest<'_>) -> Option<Environment> {
    of_path(manifest.path.rsplit('/').next().unwrap_or_default())
}

/// One group where no two files define the same object; else one for each folder below, and at last for each file.
fn split(manifests: &[&Manifest<'_>], environment: Option<Environment>, groups: &mut Vec<Group>) {
    if manifests.is_empty() {
        return;
    }
    let directory = common(manifests);
    if !conflicts(manifests) {
        groups.push(Group { name: named(directory, environment), files: ids(manifests) });
        return;
    }
    let mut below: BTreeMap<&str, Vec<&Manifest<'_>>> = BTreeMap::new();
    let mut here = Vec::new();
    for manifest in manifests {
        let rest = manifest.path.get(directory.len()..).unwrap_or_default().trim_start_matches('/');
        match rest.split_once('/') {
            Some((folder, _)) => below.entry(folder).or_default().push(manifest),
            None => here.push(*manifest),
        }
    }
    for members in below.values() {
        split(members, environment, groups);
    }
    // Files of one folder that contradict each other are alternatives.
    let mut seen = BTreeSet::new();
    let mut together = Vec::new();
    for manifest in here {
        if meets(manifest, &seen) {
            groups.push(Group { name: manifest.path.to_owned(), files: vec![manifest.file] });
        } else {
            seen.extend(&manifest.identities);
            together.push(manifest);
        }
    }
    if !together.is_empty() {
        groups.push(Group { name: named(directory, environment), files: ids(&together) });
    }
}

fn meets(manifest: &Manifest<'_>, seen: &BTreeSet<&(&str, &str, &str)>) -> bool {
    manifest.identities.iter().any(|identity| seen.contains(identity))
}

fn conflicts(manifests: &[&Manifest<'_>]) -> bool {
    let mut seen = BTreeSet::new();
    manifests.iter().flat_map(|manifest| &manifest.identities).any(|identity| !seen.insert(identity))
}

fn ids(manifests: &[&Manifest<'_>]) -> Vec<FileId> {
    manifests.iter().map(|manifest| manifest.file).collect()
}

/// The deepest folder that holds all of them.
fn common<'a>(manifests: &[&Manifest<'a>]) -> &'a str {
    let mut directories = manifests.iter().map(|manifest| {
        let path = manifest.path;
        path.rsplit_once('/').map_or("", |(directory, _)| directory)
    });
    let mut shared = directories.next().unwrap_or_default();
    for directory in directories {
        while !shared.is_empty() && directory != shared && !directory.starts_with(&format!("{shared}/")) {
            shared = shared.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
    }
    shared
}

fn named(directory: &str, environment: Option<Environment>) -> String {
    let directory = if directory.is_empty() { "." } else { directory };
    match environment {
        Some(environment) => format!("{directory}#{}", environment.name()),
        None => directory.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers;
    use crate::tree::Kind;

    fn groups(manifests: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
        let mut files = Files::default();
        let mut ids = Vec::new();
        for (path, names) in manifests {
            let text: Vec<String> = names
                .split_whitespace()
                .map(|name| format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\n"))
                .collect();
            ids.push(files.add(path, Kind::Kubernetes, text.join("---\n")));
        }
        let declarations = readers::read(&files, &ids);
        let objects: Vec<&KubeObject> = declarations.objects.iter().collect();
        plain(&files, &objects)
            .into_iter()
            .map(|group| (group.name, group.files.iter().map(|file| files.path(*file).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn manifests_are_grouped_by_root_and_environment() {
        type Sources = &'static [(&'static str, &'static str)];
        type Groups = &'static [(&'static str, &'static [&'static str])];
        let cases: &[(Sources, Groups)] = &[
            (&[("a.yaml", "a"), ("k8s/b.yaml", "b")], &[(".", &["a.yaml", "k8s/b.yaml"])]),
            (&[("k8s/a.yaml", "a"), ("k8s/db/b.yaml", "b")], &[("k8s", &["k8s/a.yaml", "k8s/db/b.yaml"])]),
            (
                &[("k8s/a.yaml", "a"), ("deploy/a.yaml", "a")],
                &[("deploy", &["deploy/a.yaml"]), ("k8s", &["k8s/a.yaml"])],
            ),
            // A folder's environment; what stands beside them belongs to both.
            (
                &[("k8s/prod/a.yaml", "a"), ("k8s/staging/a.yaml", "a"), ("k8s/db.yaml", "db")],
                &[
                    ("k8s/prod", &["k8s/prod/a.yaml", "k8s/db.yaml"]),
                    ("k8s/staging", &["k8s/staging/a.yaml", "k8s/db.yaml"]),
                ],
            ),
            // Unless it is what they define.
            (
                &[("k8s/prod/a.yaml", "a"), ("k8s/a.yaml", "a"), ("k8s/db.yaml", "db")],
                &[("k8s", &["k8s/a.yaml", "k8s/db.yaml"]), ("k8s/prod", &["k8s/prod/a.yaml"])],
            ),
            (
                &[("k8s/a-prod.yaml", "a"), ("k8s/a-staging.yaml", "a")],
                &[("k8s#production", &["k8s/a-prod.yaml"]), ("k8s#staging", &["k8s/a-staging.yaml"])],
            ),
            // A word in one file's name sets nothing apart.
            (
                &[("k8s/a-test.yaml", "a"), ("k8s/b.yaml", "b")],
                &[("k8s", &["k8s/a-test.yaml", "k8s/b.yaml"])],
            ),
            // Alternatives.
            (
                &[("x/one/a.yaml", "a"), ("x/two/a.yaml", "a b"), ("x/two/b.yaml", "c b")],
                &[
                    ("x/one", &["x/one/a.yaml"]),
                    ("x/two", &["x/two/a.yaml"]),
                    ("x/two/b.yaml", &["x/two/b.yaml"]),
                ],
            ),
        ];
        for (manifests, expected) in cases {
            let expected: Vec<(String, Vec<String>)> = expected
                .iter()
                .map(|(name, files)| ((*name).to_owned(), files.iter().map(|f| (*f).to_owned()).collect()))
                .collect();
            assert_eq!(groups(manifests), expected, "{manifests:?}");
        }
    }
}
