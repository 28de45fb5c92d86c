//! The objects of one deployment, and how they find each other.

use std::collections::{HashMap, HashSet};

use super::data::Datum;
use super::value::{Pair, Val};
use crate::model::Reason;
use crate::readers::KubeObject;
use crate::span::Place;

/// An object as it will be applied.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    /// Where the name is written.
    pub place: Place,
    pub namespace: Option<String>,
    pub root: Val,
    /// What a generator put into a ConfigMap or Secret; `data` of the object itself stands above it.
    pub generated: Option<Generated>,
    /// Names and namespaces it had before Kustomize changed them, the oldest first.
    pub former: Vec<Former>,
    /// Prefixes and suffixes that Kustomize put around its name, the innermost first.
    pub affixes: Affixes,
    /// Kustomize's `vars` that are read from it: name and field.
    pub vars: Vec<(String, String)>,
    /// Whether something fills in `${NAME}` before it is applied.
    pub substituted: bool,
}

/// What an object was called before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Former {
    pub name: String,
    pub namespace: Option<String>,
}

/// What Kustomize put around a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Affixes {
    pub prefixes: Vec<String>,
    pub suffixes: Vec<String>,
}

/// What is special about a ConfigMap or Secret that a generator made or changed. What is known of its keys stands in
/// `data` (of a Secret in `stringData`, so that nothing has to be encoded).
#[derive(Debug, Clone, Default)]
pub(super) struct Generated {
    /// Keys whose values are not known.
    pub keys: Vec<Datum>,
    /// Why there may be more.
    pub open: Option<Reason>,
}

/// The namespace of objects that name none.
pub(super) const DEFAULT_NAMESPACE: &str = "default";

impl Object {
    pub fn of(object: &KubeObject) -> Self {
        Self {
            api_version: object.api_version.clone(),
            kind: object.kind.clone(),
            name: object.name.clone(),
            place: object.place,
            namespace: object.namespace.clone(),
            root: Val::of(&object.root, object.file),
            generated: None,
            former: Vec::new(),
            affixes: Affixes::default(),
            vars: Vec::new(),
            substituted: false,
        }
    }

    /// Whether it has, or once had, this name.
    pub fn was(&self, name: &str) -> bool {
        self.name == name || self.former.iter().any(|former| former.name == name)
    }

    /// Remembers what it is called, before that changes.
    pub fn remember(&mut self) {
        let now = Former { name: self.name.clone(), namespace: self.namespace.clone() };
        if !self.former.contains(&now) {
            self.former.push(now);
        }
    }

    /// Gives it another name, in its tree too.
    pub fn rename(&mut self, name: String) {
        self.tell("name", &name);
        self.name = name;
    }

    /// Puts it into a namespace, in its tree too.
    pub fn settle_in(&mut self, namespace: &str) {
        self.tell("namespace", namespace);
        self.namespace = Some(namespace.to_owned());
    }

    fn tell(&mut self, field: &str, text: &str) {
        let place = self.place;
        if let Some(metadata) = self.root.make(&["metadata"]) {
            metadata.set(field, Val::made(text, place));
        }
    }

    /// Takes over what its tree says about its name, after something changed that.
    pub fn reread(&mut self) {
        if let Some(name) = self.root.str_at(&["metadata", "name"]) {
            self.name = name.to_owned();
        }
        let namespace = self.root.str_at(&["metadata", "namespace"]);
        self.namespace = namespace.filter(|namespace| !namespace.is_empty()).map(str::to_owned);
    }

    /// The namespace it is applied to, as far as the repository tells.
    pub fn space(&self) -> &str {
        self.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE)
    }

    /// The group of `group/version`; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// The version of `group/version`.
    pub fn version(&self) -> &str {
        self.api_version.rsplit_once('/').map_or(&self.api_version, |(_, version)| version)
    }

    pub fn is(&self, kind: &str, space: &str, name: &str) -> bool {
        self.kind == kind && self.name == name && self.space() == space
    }

    /// Whether it is a Knative service rather than one of Kubernetes' own.
    pub fn is_knative(&self) -> bool {
        self.kind == "Service" && self.group() == "serving.knative.dev"
    }
}

/// All objects of a deployment.
#[derive(Debug, Clone, Default)]
pub(super) struct Objects {
    pub all: Vec<Object>,
    /// Kind, then namespace and name, to the position of the last such object.
    index: HashMap<String, HashMap<(String, String), usize>>,
    /// Positions by kind.
    kinds: HashMap<String, Vec<usize>>,
    /// Positions of Services by namespace and one of the labels that they select.
    services: HashMap<(String, String, String), Vec<usize>>,
    /// Positions of autoscalers by namespace and the name of what they scale.
    scalers: HashMap<(String, String), Vec<usize>>,
}

impl Objects {
    /// The objects that remain when all are applied in this order: of several of one identity the last.
    pub fn applied(objects: Vec<Object>) -> Self {
        let mut seen = HashSet::new();
        let mut all: Vec<Object> = objects
            .into_iter()
            .rev()
            .filter(|object| {
                let identity = (
                    object.group().to_owned(),
                    object.kind.clone(),
                    object.space().to_owned(),
                    object.name.clone(),
                );
                object.name.is_empty() || seen.insert(identity)
            })
            .collect();
        all.reverse();
        let mut found = Self::default();
        for (position, object) in all.iter().enumerate() {
            found.register(position, object);
        }
        found.all = all;
        found
    }

    fn register(&mut self, position: usize, object: &Object) {
        let space = || object.space().to_owned();
        self.kinds.entry(object.kind.clone()).or_default().push(position);
        self.index.entry(object.kind.clone()).or_default().insert((space(), object.name.clone()), position);
        if object.kind == "Service" {
            let selector = object.root.at(&["spec", "selector"]).map(Val::pairs).unwrap_or_default();
            if let Some((key, value)) =
                selector.first().and_then(|pair| Some((pair.key.clone(), pair.value.as_str()?.to_owned())))
            {
                self.services.entry((space(), key, value)).or_default().push(position);
            }
        }
        if let Some(target) = object.root.str_at(&["spec", "scaleTargetRef", "name"]) {
            self.scalers.entry((space(), target.to_owned())).or_default().push(position);
        }
    }

    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Object> {
        self.at(self.kinds.get(kind))
    }

    /// Services of a namespace that may select pods with these labels.
    pub fn services(&self, space: &str, labels: &[Pair]) -> Vec<&Object> {
        let mut positions: Vec<usize> = labels
            .iter()
            .filter_map(|label| Some((space.to_owned(), label.key.clone(), label.value.as_str()?.to_owned())))
            .filter_map(|key| self.services.get(&key))
            .flatten()
            .copied()
            .collect();
        positions.sort_unstable();
        positions.iter().filter_map(|position| self.all.get(*position)).collect()
    }

    /// Autoscalers of a namespace whose target has this name.
    pub fn scalers(&self, space: &str, name: &str) -> impl Iterator<Item = &Object> {
        self.at(self.scalers.get(&(space.to_owned(), name.to_owned())))
    }

    fn at(&self, positions: Option<&Vec<usize>>) -> impl Iterator<Item = &Object> {
        positions.into_iter().flatten().filter_map(|position| self.all.get(*position))
    }

    /// The object of this identity.
    pub fn find(&self, kind: &str, space: &str, name: &str) -> Option<&Object> {
        let position = self.index.get(kind)?.get(&(space.to_owned(), name.to_owned()))?;
        self.all.get(*position)
    }
}
