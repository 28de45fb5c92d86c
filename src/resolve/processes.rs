//! Processes per instance. Every process opens pools of its own, so a server of several multiplies them: its command
//! line, its variables or a mounted file say how many there are. Without evidence of such a server there is one.

mod command;
#[cfg(test)]
mod tests;
mod threads;

use command::{Built, Word};
pub use threads::threads;

use super::{Context, demand};
use crate::catalog::{ProcessServer, catalog};
use crate::model::{Basis, Container, Located, Value};
use crate::span::Place;

/// Processes of one container that each open the pools.
#[must_use]
pub fn processes(context: &Context<'_>, workload: &str, container: &Container) -> Located<u64> {
    let built = Built::of(context, workload, container);
    let words = command::words(container, built.as_ref());
    let Some(Started { server, arguments, place }) = started(container, &words) else {
        return demand::single_process();
    };
    let found = of_server(context, container, built.as_ref(), server, arguments, place);
    match guessed(container, built.as_ref()) && found.value != Some(1) {
        true => Located::unknown().at(found.place).noted(MAY_BE),
        false => found,
    }
}

/// Why a number is not taken from the only Dockerfile there is.
const MAY_BE: &str = "the only Dockerfile may be that of this image";

/// Whether what a container runs is only supposed.
fn guessed(container: &Container, built: Option<&Built<'_>>) -> bool {
    container.command.is_empty() && built.is_some_and(|built| !built.sure)
}

/// What a container starts, when it is known for its processes.
struct Started<'a> {
    server: &'static ProcessServer,
    arguments: &'a [Word],
    place: Option<Place>,
}

/// By the words of its command, else by its image.
fn started<'a>(container: &Container, words: &'a [Word]) -> Option<Started<'a>> {
    let started = words.iter().enumerate().find_map(|(at, word)| {
        let name = command::program(word.as_str());
        let server =
            catalog().process_servers.iter().find(|server| server.programs.iter().any(|it| it == name))?;
        let arguments = words.get(at.saturating_add(1)..).unwrap_or_default();
        Some(Started { server, arguments, place: word.place() })
    });
    // A command of its own takes the place of what the image starts.
    if started.is_some() || !words.is_empty() {
        return started;
    }
    let text = container.base.as_ref().map(|base| &base.image).or(container.image.as_ref())?;
    let server = catalog().process_server_of_image(text.known()?)?;
    Some(Started { server, arguments: &[], place: text.place_of(0..text.as_str().len()) })
}

/// Whether the server is told to do something else than to serve (`celery beat`).
fn other_command(server: &ProcessServer, arguments: &[Word]) -> bool {
    let worker = |word: &Word| server.subcommands.iter().any(|known| known == word.as_str());
    !server.subcommands.is_empty() && !arguments.iter().any(worker)
}

/// The arguments that variables add.
fn extra(server: &ProcessServer, container: &Container) -> Vec<Word> {
    let variables = server.argument_variables.iter().filter_map(|name| container.environment.get(name));
    variables.flat_map(|variable| command::split(&variable.text())).collect()
}

fn of_server(
    context: &Context<'_>,
    container: &Container,
    built: Option<&Built<'_>>,
    server: &ProcessServer,
    arguments: &[Word],
    place: Option<Place>,
) -> Located<u64> {
    if other_command(server, arguments) {
        return demand::single_process();
    }
    let extra = extra(server, container);
    if single(server, arguments) || single(server, &extra) {
        return demand::single_process();
    }
    let written = command::flag(&server.flags, arguments).or_else(|| command::flag(&server.flags, &extra));
    if let Some(word) = written {
        return number(server, &word);
    }
    if let Some(found) = of_files(context, container, server) {
        return found;
    }
    for name in &server.variables {
        let Some(variable) = container.environment.get(name) else {
            match built.and_then(|built| built.variable(name)) {
                Some(word) => return number(server, &word),
                None => continue,
            }
        };
        match &variable.value {
            Value::Text(text) if text.as_str().trim().is_empty() => {}
            Value::Text(text) => return number(server, &Word::whole(text)),
            Value::Unknown(reason) => {
                return Located::unknown().at(variable.name_place.or(place)).noted(reason.to_string());
            }
        }
    }
    if let Some(file) = config_file(server, arguments).or_else(|| config_file(server, &extra)) {
        return Located::unknown()
            .at(file.place().or(place))
            .noted(format!("{} takes it from a file that poollint does not read", server.id));
    }
    if let Some(reason) = &container.open_environment
        && !server.variables.is_empty()
    {
        return Located::unknown()
            .at(place)
            .noted(format!("{} may come from elsewhere: {reason}", server.variables.join(" or ")));
    }
    match server.default {
        Some(processes) => Located::of(processes, Basis::PlatformDefault)
            .at(place)
            .noted(format!("{} by default", server.id)),
        None => Located::unknown().at(place).noted(format!("{}: not written here", server.id)),
    }
}

/// The number that a word says.
fn number(server: &ProcessServer, word: &Word) -> Located<u64> {
    let place = word.place();
    // `--autoscale=10,3` counts by its first number.
    let text = word.as_str().split(',').next().unwrap_or_default().trim();
    match text.parse::<u64>() {
        Ok(0) if server.zero_is_one => Located { place, ..Located::of(1, Basis::Written) },
        Ok(count) if count > 0 => Located { place, hops: word.hops(), ..Located::of(count, Basis::Written) },
        _ => Located::unknown().at(place).noted(format!("what {} is told is not known", server.id)),
    }
}

/// Whether a flag makes it one process.
fn single(server: &ProcessServer, arguments: &[Word]) -> bool {
    server.single_flags.iter().any(|flag| match flag.split_once('=') {
        Some((flag, value)) => {
            command::flag(&[flag.to_owned()], arguments).is_some_and(|word| word.as_str() == value)
        }
        None => arguments.iter().any(|word| word.as_str() == flag),
    })
}

/// The argument that names a file which may set the number.
fn config_file<'a>(server: &ProcessServer, arguments: &'a [Word]) -> Option<&'a Word> {
    arguments.iter().find(|word| {
        let text = word.as_str();
        let flag = text.split('=').next().unwrap_or_default();
        server.config_flags.iter().any(|known| known == flag)
            || !text.starts_with('-') && server.config_suffixes.iter().any(|end| text.ends_with(end.as_str()))
    })
}

/// The setting in the mounted files, the last one that is written.
fn of_files(context: &Context<'_>, container: &Container, server: &ProcessServer) -> Option<Located<u64>> {
    let setting = server.file_setting.as_deref()?;
    let mut found = None;
    for mount in &container.mounts {
        if !server.files.iter().any(|end| mount.inside.ends_with(end.as_str())) {
            continue;
        }
        let Some(file) = mount.path().and_then(|path| context.files.find(path)) else { continue };
        if let Some((value, span)) = command::setting(context.files.text(file), setting) {
            let place = Place::new(file, span);
            found = Some(match value.parse::<u64>() {
                Ok(count) if count > 0 => Located::written(count, place),
                _ => Located::unknown().at(Some(place)),
            });
        }
    }
    found
}
