//! From files to one tree: interpolation, `extends`, `include` and merging, in Compose's order.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::merge::{At, merge, pairs, settled};
use super::project_env::ProjectEnv;
use super::projects::Project;
use super::tree::{Entry, Item, Scalar, Shape, Surroundings, Tally, lift};
use crate::model::{EnvReader, EnvUse};
use crate::readers::{ComposeFile, directory, join};
use crate::resolve::Context;
use crate::span::{FileId, Place, Span, Text};
use crate::syntax::node::Node;

/// How deep includes and extensions may nest.
const DEPTH: usize = 16;

/// How many values one project may hold.
const VALUES: usize = 500_000;

/// A project as one tree.
pub(super) struct Loaded {
    /// The merged project.
    pub(super) root: Item,
    /// The files it was read from, main ones first.
    pub(super) files: Vec<FileId>,
    /// What of it is not known.
    pub(super) partial: Vec<String>,
    /// Variables that it demands and nothing in the repository sets.
    pub(super) required: BTreeSet<String>,
    /// What it was interpolated with.
    pub(super) env: ProjectEnv,
    /// Env files of included projects.
    pub(super) env_uses: Vec<EnvUse>,
}

/// Loads one project.
pub(super) struct Loader<'a> {
    context: &'a Context<'a>,
    tally: Tally,
    files: Vec<FileId>,
    partial: Vec<String>,
    env_uses: Vec<EnvUse>,
}

/// Where an `extends` is written.
#[derive(Clone, Copy)]
struct Written<'a> {
    services: &'a Item,
    file: FileId,
    env: &'a ProjectEnv,
}

impl<'a> Loader<'a> {
    /// Loads the files of a project and what they refer to.
    pub(super) fn load(context: &'a Context<'a>, project: &Project) -> Loaded {
        let mut loader = Self {
            context,
            tally: Tally::default(),
            files: project.files.clone(),
            partial: Vec::new(),
            env_uses: Vec::new(),
        };
        let env = ProjectEnv::of_project(context.files, &project.started, &project.directory);
        loader.tally.required.extend(env.required().iter().cloned());
        let directory = Arc::from(project.directory.as_str());
        let root = loader.project(&project.files, &directory, &env, 0);
        let Self { tally, files, partial, env_uses, .. } = loader;
        let required = tally.required;
        Loaded { root, files, partial, required, env, env_uses }
    }

    fn file(&self, id: FileId) -> Option<&'a ComposeFile> {
        self.context.declarations.compose.iter().find(|file| file.file == id)
    }

    /// The merged tree of some files that run together.
    fn project(&mut self, files: &[FileId], directory: &Arc<str>, env: &ProjectEnv, depth: usize) -> Item {
        let start = files.first().copied().unwrap_or(FileId(0));
        let mut whole = Item::empty(Place::new(start, Span::default()));
        for id in files {
            self.note(*id);
            let Some(file) = self.file(*id) else { continue };
            for document in &file.documents {
                let Some(own) = self.lifted(document, *id, directory, env) else { continue };
                // What is included can be extended.
                let own = self.including(own, *id, directory, env, depth);
                let own = self.extended(own, *id, env);
                whole = merge(whole, own, At::Root);
            }
        }
        settled(whole)
    }

    fn note(&mut self, file: FileId) {
        if !self.files.contains(&file) {
            self.files.push(file);
        }
    }

    fn lifted(&mut self, node: &Node, file: FileId, directory: &Arc<str>, env: &ProjectEnv) -> Option<Item> {
        if self.tally.spent > VALUES {
            self.partial.push("more than can be read of it".to_owned());
            return None;
        }
        Some(lift(node, Surroundings { file, directory, env }, &mut self.tally))
    }

    /// The document with each service laid over the one that it extends.
    fn extended(&mut self, mut root: Item, file: FileId, env: &ProjectEnv) -> Item {
        let Some(services) = root.get("services").cloned() else { return root };
        if !services.entries().any(|(_, entry)| entry.item.get("extends").is_some()) {
            return root;
        }
        let written = Written { services: &services, file, env };
        let entries = services.entries().map(|(name, entry)| {
            let item = self.service(name, entry.item.clone(), written, DEPTH);
            (name.clone(), Entry { key: entry.key, item })
        });
        let shape = Shape::Mapping(entries.collect());
        if let Shape::Mapping(tops) = &mut root.shape
            && let Some(entry) = tops.get_mut("services")
        {
            entry.item.shape = shape;
        }
        root
    }

    /// A service laid over what it extends, `left` steps deep at most.
    fn service(&mut self, name: &str, mut own: Item, written: Written<'_>, left: usize) -> Item {
        let Shape::Mapping(entries) = &mut own.shape else { return own };
        let Some(extends) = entries.remove("extends") else { return own };
        let Some(left) = left.checked_sub(1) else { return own };
        let extends = extends.item;
        let service = extends.known().or_else(|| extends.get("service")?.known());
        let Some(service) = service else {
            self.partial.push(format!("what {name} extends"));
            return own;
        };
        let base = match extends.get("file") {
            None => {
                written.services.get(service).cloned().map(|base| self.service(service, base, written, left))
            }
            Some(other) => self.foreign(service, other, written, left),
        };
        match base {
            Some(base) if self.tally.spent <= VALUES => {
                self.tally.spent = self.tally.spent.saturating_add(base.size());
                merge(base, own, At::Service)
            }
            _ => {
                self.partial.push(format!("what {name} extends"));
                own
            }
        }
    }

    /// A service of another file.
    fn foreign(&mut self, service: &str, other: &Item, written: Written<'_>, left: usize) -> Option<Item> {
        let path = join(&other.scalar()?.directory, other.known()?)?;
        let id = self.context.files.find(&path)?;
        if id == written.file {
            let base = written.services.get(service)?.clone();
            return Some(self.service(service, base, written, left));
        }
        let file = self.file(id)?;
        self.note(id);
        let beside = Arc::from(directory(&path));
        let mut services: Option<Item> = None;
        for document in &file.documents {
            let Some(node) = document.get("services") else { continue };
            let own = self.lifted(node, id, &beside, written.env)?;
            services = Some(match services {
                Some(known) => merge(known, own, At::Services),
                None => own,
            });
        }
        let services = services?;
        let base = services.get(service)?.clone();
        Some(self.service(service, base, Written { services: &services, file: id, env: written.env }, left))
    }

    /// The document laid over the projects that it includes.
    fn including(
        &mut self,
        mut own: Item,
        file: FileId,
        directory: &Arc<str>,
        env: &ProjectEnv,
        depth: usize,
    ) -> Item {
        let Shape::Mapping(entries) = &mut own.shape else { return own };
        let Some(include) = entries.remove("include") else { return own };
        let mut below: Option<Item> = None;
        for include in include.item.one_or_many() {
            let Some(item) = self.included(include, file, directory, env, depth) else { continue };
            below = Some(match below {
                // Of two includes the first wins.
                Some(known) => merge(item, known, At::Root),
                None => item,
            });
        }
        match below {
            Some(below) => merge(below, own, At::Root),
            None => own,
        }
    }

    fn included(
        &mut self,
        include: &Item,
        file: FileId,
        parent: &Arc<str>,
        env: &ProjectEnv,
        depth: usize,
    ) -> Option<Item> {
        if depth >= DEPTH {
            self.partial.push("includes that nest too deeply".to_owned());
            return None;
        }
        let path = include.get("path").unwrap_or(include);
        let mut files = Vec::new();
        for path in path.one_or_many() {
            let Some(written) = path.known() else {
                self.partial.push("include of a file whose name is not known".to_owned());
                continue;
            };
            if written.contains("://") || written.starts_with("git@") {
                // What stands before an @, or in a query, may be a credential.
                let written = written.split('?').next().unwrap_or_default();
                let shown = match written.split_once("://") {
                    Some((scheme, rest)) => {
                        format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, rest)| rest))
                    }
                    None => written.to_owned(),
                };
                self.partial.push(format!("include of a remote file: {shown}"));
                continue;
            }
            let found = join(parent, written).and_then(|path| self.context.files.find(&path));
            match found.filter(|found| self.file(*found).is_some()) {
                Some(found) if found != file => files.push(found),
                Some(_) => {}
                None => self.partial.push(format!("included file {written} is not in the repository")),
            }
        }
        let first = *files.first()?;
        let own = match include.get("project_directory").and_then(Item::known) {
            Some(written) => join(parent, written)?,
            None => directory(self.context.files.path(first)).to_owned(),
        };
        let mut env_files = Vec::new();
        match include.get("env_file") {
            Some(written) => {
                for entry in written.one_or_many().filter_map(Item::known) {
                    match join(parent, entry).and_then(|path| self.context.files.find(&path)) {
                        Some(found) => env_files.push(found),
                        None => self.partial.push(format!("env file {entry} is not in the repository")),
                    }
                }
            }
            None => {
                let path = if own.is_empty() { ".env".to_owned() } else { format!("{own}/.env") };
                env_files.extend(self.context.files.find(&path));
            }
        }
        let inner = env.below(self.context.files, &env_files);
        self.tally.required.extend(inner.required().iter().cloned());
        for file in env_files.iter().copied() {
            self.note(file);
            let others = inner.names_beside(self.context.files, file);
            let read = EnvUse::new(file, EnvReader::ComposeProject, Some(include.place));
            self.env_uses.push(read.beside(others.chain(env.names().map(str::to_owned))));
        }
        let mut project = self.project(&files, &Arc::from(own.as_str()), &inner, depth.saturating_add(1));
        fill_bare(&mut project, &inner);
        Some(project)
    }
}

/// Gives the names alone in the lists of `environment` the values that their own project has for them; Compose does so for
/// lists before anything else is laid over them.
fn fill_bare(project: &mut Item, env: &ProjectEnv) {
    let Shape::Mapping(tops) = &mut project.shape else { return };
    let Some(Entry { item: Item { shape: Shape::Mapping(services), .. }, .. }) = tops.get_mut("services")
    else {
        return;
    };
    for service in services.values_mut() {
        let Shape::Mapping(settings) = &mut service.item.shape else { continue };
        let Some(environment) = settings.get_mut("environment") else { continue };
        if let Shape::Sequence(_) = environment.item.shape {
            environment.item = pairs(environment.item.clone());
        }
        let Shape::Pairs(entries) = &mut environment.item.shape else { continue };
        for (name, entry) in entries.iter_mut().filter(|(_, entry)| entry.item.is_null()) {
            let Some(value) = env.value(name) else { continue };
            let mut text = Text::default();
            text.push_via(value, entry.key);
            let scalar = Scalar { text, directory: Arc::default(), dangling: Vec::new(), in_list: false };
            entry.item.shape = Shape::Scalar(Arc::new(scalar));
        }
    }
}
