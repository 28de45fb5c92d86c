//! How many connections a server accepts, and how many of them ordinary roles get.

mod command;
mod files;
#[cfg(test)]
mod tests;

use files::Configuration;

use crate::catalog::{Engine, Image, Plan, catalog, plans};
use crate::model::{Basis, Container, Located, Workload};
use crate::span::{Place, Text};
use crate::tree::Files;

/// A server that a container of the repository runs.
#[derive(Debug, Clone, Copy)]
pub struct Runs<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// Its container that runs the server.
    pub container: &'a Container,
    /// Its image.
    pub image: &'a Image,
    /// What the image serves.
    pub engine: &'a Engine,
}

impl Runs<'_> {
    /// Its limit: of the command line, else of a configuration file that is mounted and loaded, else of what the image
    /// hands on when it makes the data directory, else of its variable, else the image's or the engine's default.
    #[must_use]
    pub fn limit(&self, files: &Files) -> Located<u64> {
        let Self { container, image, engine, .. } = *self;
        if let Some(limit) = command::limit(&container.command, engine) {
            return limit;
        }
        let configuration = self.configuration(files);
        let written = configuration.count(&engine.settings);
        let written =
            written.or_else(|| self.at_setup(&engine.settings)).or_else(|| variable_limit(container, image));
        if let Some(limit) = written {
            return limit;
        }
        if self.is_open(&configuration) {
            return Located::unknown();
        }
        let name = container.base.as_ref().map(|base| &base.image).or(container.image.as_ref());
        let of = |limit, basis| Located {
            place: name.and_then(whole_place),
            hops: name.map(|name| name.hops_of(0..name.as_str().len())).unwrap_or_default(),
            ..Located::of(limit, basis)
        };
        if let Some(limit) = image.max_connections {
            return of(limit, Basis::ImageDefault);
        }
        match engine.max_connections {
            Some(limit) if !image.max_connections_varies => of(limit, Basis::EngineDefault),
            _ => Located::unknown(),
        }
    }

    /// Slots that ordinary roles do not get, where anything but the engine's default holds.
    #[must_use]
    pub fn reserved(&self, files: &Files) -> Option<Located<u64>> {
        let Self { container, engine, .. } = *self;
        let configuration = self.configuration(files);
        let mut sum = 0u64;
        let mut written: Option<Located<u64>> = None;
        for (name, default) in &engine.reserved_settings {
            let names = std::slice::from_ref(name);
            let set = command::count(&container.command, names, &[])
                .or_else(|| configuration.count(names))
                .or_else(|| self.at_setup(names));
            match set {
                Some(set) => {
                    sum = sum.saturating_add(set.value?);
                    written = written.or(Some(set));
                }
                None => sum = sum.saturating_add(*default),
            }
        }
        written.map(|first| Located { value: Some(sum), ..first })
    }

    /// A configuration file that is mounted in vain: its path in the container, and the limit that it sets.
    #[must_use]
    pub fn unread_file(&self, files: &Files) -> Option<(&str, Located<u64>)> {
        let named = command::path(&self.container.command, &self.engine.config_settings);
        files::beside(files, self.container, self.engine, named)
    }

    fn configuration(&self, files: &Files) -> Configuration<'_> {
        let named = command::path(&self.container.command, &self.engine.config_settings);
        Configuration::of(files, self.container, self.engine, named)
    }

    /// What the image hands on to the program that makes the data directory.
    fn at_setup(&self, names: &[String]) -> Option<Located<u64>> {
        self.engine.setup_variables.iter().find_map(|variable| {
            let line = self.container.environment.get(variable)?.text();
            command::count(&command::words(&line), names, &[])
        })
    }

    /// Whether another container of the pod writes configuration: its command speaks of it.
    fn is_prepared(&self) -> bool {
        let Self { workload, container, engine, .. } = *self;
        let files = engine.config_files.iter().filter_map(|pattern| pattern.rsplit('/').next());
        let names: Vec<&str> = files
            .filter(|name| !name.contains('*'))
            .chain(engine.settings.iter().map(String::as_str))
            .collect();
        let others = workload.containers.iter().filter(|other| !std::ptr::eq(*other, container));
        others
            .flat_map(|other| &other.command)
            .any(|word| names.iter().any(|name| word.as_str().contains(name)))
    }

    /// Whether something that is not known may set anything: a shell script, arguments, another program than the
    /// server, a file.
    fn is_open(&self, configuration: &Configuration<'_>) -> bool {
        let Self { container, engine, .. } = *self;
        let program = container.command.first().map(Text::as_str).unwrap_or_default();
        let name = program.rsplit('/').next().unwrap_or_default();
        let foreign = !engine.programs.is_empty()
            && !program.is_empty()
            && !program.starts_with('-')
            && !engine.programs.iter().chain(&engine.entrypoints).any(|known| known == name);
        let asked =
            |variable: &String| container.environment.get(variable).is_some_and(|it| it.known().is_none());
        container.shell
            || container.base.as_ref().is_some_and(|base| base.altered)
            || container.command.iter().any(|word| !word.is_known())
            || foreign
            || engine.setup_variables.iter().any(asked)
            || configuration.open
            || configuration.includes()
            || self.is_prepared()
    }
}

/// The limit of a plan that the configuration names. Unknown when the plan is offered for several engines and which one
/// it is is not known, or when its limit for this engine is not published.
#[must_use]
pub fn of_plan(declared: &(String, Place), engine: &str) -> Located<u64> {
    let (name, place) = declared;
    match plan(name, engine) {
        Some(plan) => Located::of(plan.max_connections, Basis::Plan).at(Some(*place)).noted(name.clone()),
        None => Located::unknown().at(Some(*place)),
    }
}

/// The slots that a plan keeps from applications, when its provider keeps other ones than the engine.
#[must_use]
pub fn reserved_of_plan(declared: &(String, Place), engine: &str) -> Option<Located<u64>> {
    let (name, place) = declared;
    let reserved = plan(name, engine)?.reserved?;
    Some(Located::of(reserved, Basis::Plan).at(Some(*place)).noted(name.clone()))
}

fn plan(name: &str, engine: &str) -> Option<&'static Plan> {
    let plans = plans(name);
    let exact = plans.iter().find(|plan| plan.engine == engine);
    let only = plans.first().filter(|_| plans.len() == 1 && catalog().engine(engine).is_none());
    exact.or(only).copied()
}

fn whole_place(text: &Text) -> Option<Place> {
    text.place_of(0..text.as_str().len())
}

fn variable_limit(container: &Container, image: &Image) -> Option<Located<u64>> {
    let variable = container.environment.get(image.max_connections_variable.as_deref()?)?;
    let text = variable.text();
    command::number(&text, 0)
}

/// Slots that ordinary roles do not get. Held back from nobody when every role that connects is a superuser.
#[must_use]
pub fn reserved(engine: &str, superusers_only: bool) -> Located<u64> {
    if superusers_only {
        return Located::of(0, Basis::Derived).noted("every role that connects is a superuser");
    }
    match catalog().engine(engine) {
        Some(engine) => Located::of(engine.reserved, Basis::EngineDefault),
        None => Located::of(0, Basis::EngineDefault),
    }
}
