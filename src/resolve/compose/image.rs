//! What a Dockerfile of the repository puts into the image of a service.

use std::collections::BTreeMap;

use super::command::{Words, is_shell};
use super::tree::Item;
use crate::model::{Value, Variable};
use crate::readers::join;
use crate::resolve::Context;
use crate::resolve::interpolate::{self, Found};
use crate::span::{FileId, Place, SpanText, Text};
use crate::syntax::dockerfile::{Command, Dockerfile, Stage};
use crate::syntax::interpolation;

/// The stages that a service's image is made of, the first one first.
pub(super) struct Built<'a> {
    file: FileId,
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
        Some(Self { file, stages: chain(dockerfile, target) })
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
        found
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
                let words: Vec<Text> = words.iter().map(|word| Text::written(word, self.file)).collect();
                let shell = is_shell(&words);
                (words, shell)
            }
            Command::Shell(line) => (vec![Text::written(line, self.file)], true),
        }
    }
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
