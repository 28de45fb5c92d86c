//! What poollint makes of a kustomization or of manifests, as lines that can be compared.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use poollint::config::Config;
use poollint::model::{Container, Deployment, Located, Value, Workload};
use poollint::readers::KUSTOMIZATION_FILES;
use poollint::resolve::{Context, kube};
use poollint::tree::{Files, Found, Memory, Stream, Tree, TreeError, TreePath, Unread, Walk};

/// What poollint builds of a directory.
pub struct Built {
    /// Workloads, their containers, the variables of these, a line for each.
    pub shown: String,
    /// What poollint says that it did not apply.
    pub partial: Vec<String>,
}

/// A tree of which the walk sees one kustomization; the rest is found because something names it.
struct Only<T> {
    tree: T,
    directory: String,
}

impl<T: Tree> Tree for Only<T> {
    fn walk(&self) -> Result<Walk, TreeError> {
        let at = |name: &&str| match self.directory.as_str() {
            "" | "." => (*name).to_owned(),
            directory => format!("{directory}/{name}"),
        };
        let path = KUSTOMIZATION_FILES.iter().map(&at).find(|path| self.tree.read(path).is_ok());
        let found = path.into_iter().map(|path| Found { path, explicit: false }).collect();
        Ok(Walk { found, skipped: Vec::new() })
    }

    fn read(&self, path: &TreePath) -> Result<Vec<u8>, Unread> {
        self.tree.read(path)
    }
}

/// A folder, read as it is.
struct Folder(PathBuf);

impl Tree for Folder {
    fn walk(&self) -> Result<Walk, TreeError> {
        Ok(Walk { found: Vec::new(), skipped: Vec::new() })
    }

    fn read(&self, path: &TreePath) -> Result<Vec<u8>, Unread> {
        std::fs::read(self.0.join(path)).map_err(|_| Unread::Missing)
    }
}

/// Builds a directory of files in memory.
pub fn of_memory(files: &BTreeMap<String, String>, directory: &str) -> Built {
    let memory = Memory::new(files.iter().map(|(path, text)| (path, text.as_bytes())));
    built(memory, directory)
}

/// Builds a directory of a folder.
pub fn of_directory(root: &Path, directory: &str) -> Built {
    built(Folder(root.to_owned()), directory)
}

/// What manifests on standard input come to.
pub fn of_stream(text: &str) -> String {
    let stream = Stream::new("<stdin>", std::io::Cursor::new(text.to_owned().into_bytes()));
    let found = deployments(&stream);
    assert!(found.len() <= 1, "one stream is one deployment");
    found.first().map(shown).unwrap_or_default()
}

fn built(tree: impl Tree, directory: &str) -> Built {
    let wanted = if directory.is_empty() { "." } else { directory };
    let found = deployments(&Only { tree, directory: directory.to_owned() });
    let own = found.iter().find(|deployment| deployment.name == wanted);
    Built {
        shown: own.map(shown).unwrap_or_default(),
        partial: own.map(|deployment| deployment.partial.clone()).unwrap_or_default(),
    }
}

fn deployments(tree: &dyn Tree) -> Vec<Deployment> {
    let loaded = poollint::pipeline::load(tree, Files::default()).unwrap();
    let config = Config::default();
    let context = Context { files: &loaded.files, declarations: &loaded.declarations, config: &config };
    kube::deployments(&context).into_iter().map(|draft| draft.deployment).collect()
}

fn shown(deployment: &Deployment) -> String {
    let mut all: Vec<String> = deployment.workloads.iter().map(workload).collect();
    all.sort();
    all.concat()
}

fn workload(workload: &Workload) -> String {
    let count = |count: &Located<u64>| count.value.map_or("?".to_owned(), |count| count.to_string());
    let name =
        format!("{} {}/{}", workload.kind, workload.namespace.as_deref().unwrap_or_default(), workload.name);
    let instances = &workload.instances;
    let mut text = format!(
        "{name} runs {} {} {}\n",
        count(&instances.min),
        count(&instances.max),
        count(&instances.rollout)
    );
    for (number, one) in workload.containers.iter().enumerate() {
        container(&format!("{name} {number}"), one, &mut text);
    }
    text
}

fn container(owner: &str, container: &Container, text: &mut String) {
    let words: Vec<&str> = container.command.iter().map(poollint::span::Text::as_str).collect();
    let image = container.image.as_ref().map(poollint::span::Text::as_str).unwrap_or_default();
    let owner = format!("{owner} {}", container.name);
    let open = if container.open_environment.is_some() { ", more may arrive" } else { "" };
    writeln!(text, "{owner} {} {image} {words:?}{open}", container.role.name()).unwrap();
    for variable in container.environment.values() {
        // Why a value is unknown may name an object with its hash.
        match &variable.value {
            Value::Text(value) => writeln!(text, "{owner} {}={:?}", variable.name, value.known()),
            Value::Unknown(_) => writeln!(text, "{owner} {}=None", variable.name),
        }
        .unwrap();
    }
}
