//! The servers that a container starts, by the words of its command or by its image.

use super::command::{self, Word};
use crate::catalog::{ProcessServer, catalog};
use crate::model::Container;
use crate::span::{Place, Text};

/// A program that is known for its processes.
pub(super) struct Started<'a> {
    pub(super) server: &'static ProcessServer,
    pub(super) arguments: &'a [Word],
    /// The word, or the image, that names it.
    pub(super) place: Option<Place>,
    /// Whether it runs beside the commands that follow.
    pub(super) background: bool,
}

/// The first server that each of the commands names. A command of its own takes the place of what the image starts.
pub(super) fn each<'a>(container: &Container, words: &'a [Word]) -> Vec<Started<'a>> {
    let found: Vec<Started<'_>> = command::commands(words).filter_map(|command| one(&command)).collect();
    if !found.is_empty() || !words.is_empty() {
        return found;
    }
    let of_image = |text: &Text| {
        let server = catalog().process_server_of_image(text.known()?)?;
        let place = text.place_of(0..text.as_str().len());
        Some(Started { server, arguments: &[], place, background: false })
    };
    let known = container.image.as_ref().and_then(of_image);
    known.or_else(|| of_image(&container.base.as_ref()?.image)).into_iter().collect()
}

fn one<'a>(command: &command::Simple<'a>) -> Option<Started<'a>> {
    command.words.iter().enumerate().find_map(|(at, word)| {
        let name = command::program(word.as_str());
        let named = |server: &&ProcessServer| server.programs.iter().any(|known| known == name);
        let server = catalog().process_servers.iter().find(named)?;
        let arguments = command.words.get(at.saturating_add(1)..).unwrap_or_default();
        Some(Started { server, arguments, place: word.place(), background: command.background })
    })
}

impl Started<'_> {
    /// Whether it is told to do something else than to serve (`celery beat`).
    pub(super) fn otherwise(&self) -> bool {
        let worker = |word: &Word| self.server.subcommands.iter().any(|known| known == word.as_str());
        !self.server.subcommands.is_empty() && !self.arguments.iter().any(worker)
    }

    /// The arguments that variables add.
    pub(super) fn extra(&self, container: &Container) -> Vec<Word> {
        let names = self.server.argument_variables.iter();
        let variables = names.filter_map(|name| container.environment.get(name));
        variables.flat_map(|variable| command::split(&variable.text())).collect()
    }
}
