//! What one directory builds: its resources, then what it makes of them.

use std::collections::BTreeSet;

use super::super::is_below;
use super::super::object::{Object, Objects};
use super::super::value::Val;
use super::{Built, Directories, change, is_file, references, vars};
use crate::readers::{KubeObject, is_remote, join, reach};
use crate::resolve::Context;
use crate::syntax::node::{Node, Typed};

/// How deep directories may include each other.
const MAX_DEPTH: usize = 16;

/// Fields that may change objects and are not applied.
const NOT_APPLIED: [&str; 7] = [
    "helmCharts",
    "helmChartInflationGenerator",
    "transformers",
    "generators",
    "openapi",
    "configurations",
    "crds",
];

/// The other fields of a kustomization (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>).
/// One that is none of them Kustomize refuses.
const FIELDS: [&str; 28] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "components",
    "namespace",
    "namePrefix",
    "nameSuffix",
    "labels",
    "commonLabels",
    "commonAnnotations",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "images",
    "imageTags",
    "replicas",
    "replacements",
    "vars",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "sortOptions",
    "buildMetadata",
    "validators",
    "helmGlobals",
    "inventory",
];

/// The annotation of objects that are not applied.
const LOCAL: &str = "config.kubernetes.io/local-config";

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
            lacks_part: false,
            env_uses: Vec::new(),
        },
        stack: BTreeSet::new(),
        configured: false,
    };
    let mut objects = build.directory(path, Vec::new(), MAX_DEPTH);
    let unclear = references::settle(&mut objects, build.configured);
    let missing = vars::resolve(&mut objects);
    unclear.into_iter().chain(missing).for_each(|phrase| build.say(phrase));
    // Objects for the use of other tools.
    objects.retain(|object| object.root.at(&["metadata", "annotations", LOCAL]).is_none());
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
    /// Whether something tells Kustomize of further references.
    configured: bool,
}

impl<'a> Build<'_, 'a> {
    /// The objects of a directory; a component changes those of `below` too.
    fn directory(&mut self, path: &str, below: Vec<Object>, depth: usize) -> Vec<Object> {
        let mut objects = below;
        let Some(kustomization) = self.directories.by_path.get(path).copied() else {
            self.lack(format!("{path} has no kustomization"));
            return objects;
        };
        if depth == 0 || !self.stack.insert(path.to_owned()) {
            self.say(format!("{path} includes itself"));
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
                None => self.elsewhere("component", path, entry),
            }
        }
        self.change(path, &root, &mut objects);
        let file = self.context.files.path(kustomization.file);
        let told = |field: &&&str| root.get(field).is_some_and(|value| !value.is_empty());
        for field in NOT_APPLIED.iter().filter(told) {
            self.say(format!("{field} in {file} are not applied"));
        }
        self.configured |= root.get("configurations").is_some() || root.get("crds").is_some();
        self.unknown_fields(&root, file);
        // What is filled in is known only in part, so that what is left may be meant for something else.
        if root.get("vars").is_some() {
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
        change::labels(root, objects);
        self.json_patches(path, root, objects);
        let here = if path.is_empty() { "." } else { path };
        if change::replicas(root, objects) > 0 {
            self.say(format!("replicas in {here} name nothing"));
        }
        if !change::images(root, objects) {
            self.say(format!("images in {here} are not fully applied"));
        }
        self.replacements(path, root, objects);
        self.note_vars(root, objects);
    }

    /// Names what Kustomize refuses: fields that it does not know, and names that are none in old YAML.
    fn unknown_fields(&mut self, root: &Val, file: &str) {
        let known = |field: &str| FIELDS.contains(&field) || NOT_APPLIED.contains(&field);
        for pair in root.pairs().iter().filter(|pair| !known(&pair.key)) {
            self.say(format!(
                "{file} has a field {} that Kustomize does not know",
                crate::mask::line(&pair.key)
            ));
        }
        for field in ["namespace", "namePrefix", "nameSuffix"] {
            let scalar = root.get(field).and_then(Val::scalar);
            if scalar.is_some_and(|scalar| {
                matches!(scalar.yaml11(), Typed::Bool(_) | Typed::Int(_) | Typed::Float(_))
            }) {
                self.say(format!("{field} in {file} is no text without quotes"));
            }
        }
    }

    fn resource(&mut self, directory: &str, entry: &str, objects: &mut Vec<Object>, depth: usize) {
        let Some(path) = join(directory, entry).filter(|_| !is_remote(entry)) else {
            self.elsewhere("resource", directory, entry);
            return;
        };
        if !is_file(&path) {
            if self.directories.by_path.get(&path).is_some_and(|object| object.kind == "Component") {
                self.say(format!("the component {path} stands among the resources"));
            }
            objects.extend(self.directory(&path, Vec::new(), depth.saturating_sub(1)));
            return;
        }
        let Some(file) = self.context.files.find(&path) else {
            self.lack(format!("resource {path} is not in the repository"));
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

    /// Notes a resource or component that is fetched, or that lies outside what is checked.
    fn elsewhere(&mut self, what: &str, directory: &str, entry: &str) {
        let shown = crate::mask::line(entry);
        if is_remote(entry) || reach(directory, entry).is_none() {
            self.say(format!("{what} from elsewhere: {shown}"));
        } else {
            self.lack(format!("{what} {shown} lies outside the directory that is checked"));
        }
    }

    /// Notes a local part that cannot be read: what it holds runs all the same.
    fn lack(&mut self, phrase: String) {
        self.built.lacks_part = true;
        self.say(phrase);
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
