//! What one directory builds: its resources, then what it makes of them.

use std::collections::BTreeSet;

use super::super::is_below;
use super::super::object::{Object, Objects};
use super::super::value::Val;
use super::{Built, Directories, change, is_file};
use crate::readers::{KubeObject, is_remote, join};
use crate::resolve::Context;
use crate::syntax::node::Node;

/// How deep directories may include each other.
const MAX_DEPTH: usize = 16;

/// Fields that change objects and are not applied.
const NOT_APPLIED: [&str; 7] = [
    "replacements",
    "vars",
    "helmCharts",
    "helmChartInflationGenerator",
    "transformers",
    "generators",
    "openapi",
];

/// Builds the directory `path`.
pub(super) fn directory(directories: &Directories<'_>, path: &str, flux: &[String]) -> Built {
    let mut build = Build {
        directories,
        context: directories.context,
        built: Built {
            name: if path.is_empty() { ".".to_owned() } else { path.to_owned() },
            objects: Objects::default(),
            files: Vec::new(),
            partial: Vec::new(),
            env_uses: Vec::new(),
        },
        stack: BTreeSet::new(),
    };
    let mut objects = build.directory(path, Vec::new(), MAX_DEPTH);
    change::settle(&mut objects);
    if flux.iter().any(|folder| folder == path || is_below(path, folder)) {
        objects.iter_mut().for_each(|object| object.substituted = true);
    }
    let mut built = build.built;
    built.objects = Objects::applied(objects);
    let mut seen = BTreeSet::new();
    built.files.retain(|file| seen.insert(*file));
    let mut said = BTreeSet::new();
    built.partial.retain(|phrase| said.insert(phrase.clone()));
    built
}

pub(super) struct Build<'d, 'a> {
    directories: &'d Directories<'a>,
    pub(super) context: Context<'a>,
    pub(super) built: Built,
    /// Directories that are being built.
    stack: BTreeSet<String>,
}

impl<'a> Build<'_, 'a> {
    /// The objects of a directory; a component changes those of `below` too.
    fn directory(&mut self, path: &str, below: Vec<Object>, depth: usize) -> Vec<Object> {
        let mut objects = below;
        let Some(kustomization) = self.directories.by_path.get(path).copied() else {
            self.say(format!("{path} has no kustomization"));
            return objects;
        };
        if depth == 0 || !self.stack.insert(path.to_owned()) {
            return objects;
        }
        self.built.files.push(kustomization.file);
        for field in ["resources", "bases"] {
            for entry in list(kustomization, field) {
                self.resource(path, entry, &mut objects, depth);
            }
        }
        let root = Val::of(&kustomization.root, kustomization.file);
        self.generate(path, &root, &mut objects);
        for entry in list(kustomization, "components") {
            match join(path, entry).filter(|_| !is_remote(entry)) {
                Some(component) => {
                    objects = self.directory(&component, objects, depth.saturating_sub(1));
                }
                None => self.say(format!("component from elsewhere: {}", crate::mask::line(entry))),
            }
        }
        self.change(path, &root, &mut objects);
        let file = self.context.files.path(kustomization.file);
        for field in NOT_APPLIED.iter().filter(|field| root.get(field).is_some()) {
            self.say(format!("{field} in {file} are not applied"));
        }
        // What fills in references may do so in any text.
        if root.get("vars").is_some() || root.get("replacements").is_some() {
            objects.iter_mut().for_each(|object| object.substituted = true);
        }
        self.stack.remove(path);
        objects
    }

    /// What a kustomization does to its objects, in Kustomize's order.
    fn change(&mut self, path: &str, root: &Val, objects: &mut Vec<Object>) {
        self.patches(path, root, objects);
        change::namespace(root, objects);
        change::names(root, objects);
        self.json_patches(path, root, objects);
        if change::replicas(root, objects) > 0 {
            self.say(format!("replicas in {} name nothing", if path.is_empty() { "." } else { path }));
        }
        change::images(root, objects);
    }

    fn resource(&mut self, directory: &str, entry: &str, objects: &mut Vec<Object>, depth: usize) {
        let Some(path) = join(directory, entry).filter(|_| !is_remote(entry)) else {
            self.say(format!("resource from elsewhere: {}", crate::mask::line(entry)));
            return;
        };
        if !is_file(&path) {
            objects.extend(self.directory(&path, Vec::new(), depth.saturating_sub(1)));
            return;
        }
        let Some(file) = self.context.files.find(&path) else {
            self.say(format!("resource {path} is not in the repository"));
            return;
        };
        self.built.files.push(file);
        let own = self.context.declarations.objects.iter().filter(|object| object.file == file);
        for object in own.filter(|object| !object.is_kustomization()).map(Object::of) {
            // Kustomize refuses a second one; which of the two was meant nobody knows.
            if objects.iter().any(|other| {
                other.is(&object.kind, object.space(), &object.name) && other.group() == object.group()
            }) {
                self.say(format!("{path} defines {} {} a second time", object.kind, object.name));
            } else {
                objects.push(object);
            }
        }
    }

    pub(super) fn say(&mut self, phrase: String) {
        self.built.partial.push(phrase);
    }
}

/// The texts of a list.
pub(super) fn list<'a>(kustomization: &'a KubeObject, field: &str) -> Vec<&'a str> {
    let items = kustomization.root.get(field).map(Node::items).unwrap_or_default();
    items.iter().filter_map(Node::as_str).collect()
}
