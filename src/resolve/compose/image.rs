//! What a Dockerfile of the repository puts into the image of a service.

use std::collections::BTreeMap;

use super::command::{Words, is_shell};
use super::tree::Item;
use crate::model::{Base, Mount, MountSource, Value, Variable};
use crate::readers::join;
use crate::resolve::Context;
use crate::resolve::interpolate::{self, Found};
use crate::span::{FileId, Place, SpanText, Text};
use crate::syntax::dockerfile::{Command, Dockerfile, Stage};
use crate::syntax::interpolation;
use crate::tree::Files;

/// The stages that a service's image is made of, the first one first.
pub(super) struct Built<'a> {
    file: FileId,
    /// The `build` that leads to it.
    hop: Place,
    /// Directory of the build context.
    directory: String,
    stages: Vec<&'a Stage>,
}

/// The build context of a service, as a directory of the tree.
pub(super) fn context_directory(service: &Item) -> Option<String> {
    let context = service.get("build")?;
    let context = context.get("context").unwrap_or(context);
    match context.scalar() {
        Some(scalar) => join(&scalar.directory, scalar.text.known()?),
        // The mapping form without a context builds nothing that is known.
        None => None,
    }
}

/// The Dockerfile that a service names, as a path of the tree.
pub(super) fn dockerfile(service: &Item) -> Option<String> {
    let name = service.get("build")?.get("dockerfile")?.known()?;
    join(&context_directory(service)?, name)
}

impl<'a> Built<'a> {
    /// The stages of a service's image, when its Dockerfile is in the repository.
    pub(super) fn of(context: &Context<'a>, service: &Item) -> Option<Self> {
        let build = service.get("build")?;
        if build.get("dockerfile_inline").is_some() {
            return None;
        }
        let directory = context_directory(service)?;
        let name = match build.get("dockerfile") {
            Some(name) => name.known()?,
            None => "Dockerfile",
        };
        let file = context.files.find(&join(&directory, name)?)?;
        let (_, dockerfile) = context.declarations.dockerfiles.iter().find(|(id, _)| *id == file)?;
        let target = match build.get("target").filter(|target| !target.is_null()) {
            Some(target) => Some(target.known()?),
            None => None,
        };
        let hop = match build.get("context").unwrap_or(build) {
            context if context.scalar().is_some() => context.place,
            _ => service.entry("build")?.key,
        };
        Some(Self { file, hop, directory, stages: chain(dockerfile, target) })
    }

    /// What `ENV` sets, in the order of the stages.
    pub(super) fn environment(&self) -> BTreeMap<String, Variable> {
        let mut found: BTreeMap<String, Variable> = BTreeMap::new();
        for stage in &self.stages {
            for entry in &stage.env {
                let Some(value) = &entry.value else { continue };
                let text = self.evaluate(value, stage, &found);
                let name_place = Some(Place::new(self.file, entry.key_span));
                let value = Value::Text(text);
                let name = entry.key.clone();
                found.insert(name.clone(), Variable { name, name_place, value, reference: None, via: None });
            }
        }
        for variable in found.values_mut() {
            variable.value = Value::Text(self.reached(&variable.text()));
        }
        found
    }

    /// A text of the Dockerfile, as the service gets it.
    fn reached(&self, text: &Text) -> Text {
        let mut reached = Text::default();
        reached.push_via(text, self.hop);
        reached
    }

    /// The image that the first of the stages starts from, when its name does not hang on a variable.
    pub(super) fn base(&self) -> Option<Base> {
        let base = self.stages.first()?.base.as_ref()?;
        let name = base.as_str();
        // A variable may stand for the tag, which says nothing of what the image is.
        let end = match name.find('$') {
            Some(dollar) => {
                name.get(..dollar)?.rfind(':').filter(|colon| *colon > name.rfind('/').unwrap_or(0))?
            }
            None => name.len(),
        };
        let image = self.reached(&Text::written(&base.slice(0..end), self.file));
        let altered = self.stages.iter().any(|stage| alters(stage));
        Some(Base { image, altered })
    }

    /// The files of the repository that the build puts into the image, as if they were mounted.
    pub(super) fn copies<'b>(&'b self, files: &'b Files) -> impl Iterator<Item = Mount> + 'b {
        let copies = self.stages.iter().flat_map(|stage| &stage.copies);
        copies.flat_map(move |copied| {
            let folder = copied.target.ends_with('/') || copied.sources.len() > 1;
            copied.sources.iter().filter_map(move |source| {
                let path = join(&self.directory, source.trim_start_matches('/'))?;
                let name = path.rsplit('/').next().unwrap_or_default();
                let inside = match folder {
                    true => format!("{}/{name}", copied.target.trim_end_matches('/')),
                    false => copied.target.clone(),
                };
                files.find(&path).map(|_| Mount { inside, source: MountSource::Path(path) })
            })
        })
    }

    fn evaluate(&self, value: &SpanText, stage: &Stage, found: &BTreeMap<String, Variable>) -> Text {
        let Ok(template) = interpolation::parse(value) else {
            return Text::unknown("a reference that only the build resolves");
        };
        let lookup = |name: &str| match found.get(name) {
            Some(variable) => Found::Value(variable.text()),
            None if stage.args.iter().any(|argument| argument.key == name) => {
                Found::Unknown(format!("build argument {name}").into())
            }
            None => Found::Unknown("a variable of the base image".into()),
        };
        let evaluated = interpolate::evaluate(&template, self.file, &lookup);
        if evaluated.invalid.is_empty() {
            evaluated.text
        } else {
            Text::unknown("a reference that only the build resolves")
        }
    }

    /// Its entrypoint and its command, each with whether it is a line for a shell. An entrypoint resets the
    /// command of the stages before it.
    pub(super) fn commands(&self) -> (Option<Words>, Option<Words>) {
        let (mut entrypoint, mut command) = (None, None);
        for stage in &self.stages {
            if let Some(own) = &stage.entrypoint {
                entrypoint = Some(self.words(own));
                command = None;
            }
            if let Some(own) = &stage.cmd {
                command = Some(self.words(own));
            }
        }
        (entrypoint, command)
    }

    fn words(&self, command: &Command) -> Words {
        match command {
            Command::Exec(words) => {
                let words: Vec<Text> =
                    words.iter().map(|word| self.reached(&Text::written(word, self.file))).collect();
                let shell = is_shell(&words);
                (words, shell)
            }
            Command::Shell(line) => (vec![self.reached(&Text::written(line, self.file))], true),
        }
    }
}

/// Whether a stage may change the settings of what it starts from: it deals with a configuration, brings along what the
/// files do not tell, or starts something of its own first.
fn alters(stage: &Stage) -> bool {
    let step = |step: &String| {
        let step = step.to_ascii_lowercase().replace("configure", "");
        ["conf", "max_connections", "alter system", "<<"].iter().any(|sign| step.contains(sign))
    };
    let whole = |path: &str| matches!(path, "." | "./" | "/" | "*") || path.starts_with("/etc");
    stage.entrypoint.is_some()
        || stage.steps.iter().any(step)
        || stage
            .copies
            .iter()
            .any(|copied| whole(&copied.target) || copied.sources.iter().any(|source| whole(source)))
}

/// The target's stage (the last one unless told) and those it starts from, first things first.
fn chain<'a>(dockerfile: &'a Dockerfile, target: Option<&str>) -> Vec<&'a Stage> {
    let named =
        |stage: &Stage, name: &str| stage.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
    let stages = &dockerfile.stages;
    let mut at = match target {
        Some(target) => stages.iter().rposition(|stage| named(stage, target)),
        None => stages.len().checked_sub(1),
    };
    let mut found = Vec::new();
    while let Some(stage) = at.and_then(|at| stages.get(at)) {
        found.push(stage);
        let before = stages.get(..at.unwrap_or(0)).unwrap_or_default();
        let base = stage.base.as_ref().map(SpanText::as_str);
        at = base.and_then(|base| before.iter().rposition(|stage| named(stage, base)));
    }
    found.reverse();
    found
}
