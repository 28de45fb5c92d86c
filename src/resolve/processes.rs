//! Processes per instance. Every process opens pools of its own, so a server of several multiplies them: its command
//! line, its variables or a mounted file say how many there are. Without evidence of such a server there is one.

mod command;
#[cfg(test)]
mod tests;

use command::Word;

use super::{Context, demand};
use crate::catalog::{ProcessServer, catalog};
use crate::model::{Basis, Container, Located, Value};
use crate::span::{Place, Text};

/// The words of what a container runs, each with its place.
#[must_use]
pub fn words(context: &Context<'_>, container: &Container) -> Vec<(String, Option<crate::span::Place>)> {
    let words = command::words(context, container);
    words.iter().map(|word| (word.as_str().to_owned(), word.place())).collect()
}

/// Processes of one container that each open the pools.
#[must_use]
pub fn processes(context: &Context<'_>, container: &Container) -> Located<u64> {
    let words = command::words(context, container);
    let started: Vec<(bool, Located<u64>)> = command::commands(&words)
        .filter_map(|command| Some((command.background, of_command(context, container, command.words)?)))
        .collect();
    if let Some(found) = together(started) {
        return found;
    }
    // A command of its own takes the place of what the image starts; arguments are for a program that nothing tells.
    if let Some(first) = words.first() {
        let unknown = catalog().unknown_process_server().filter(|_| first.as_str().starts_with('-'));
        let flag = unknown.and_then(|server| Some((server, command::flag(&server.flags, &words)?)));
        return flag.map_or_else(demand::single_process, |(server, word)| number(server, &word));
    }
    let of_image = |text: &Text| {
        let place = text.place_of(0..text.as_str().len());
        Some((catalog().process_server_of_image(text.known()?)?, place))
    };
    let known = container.image.as_ref().and_then(of_image);
    if let Some((server, place)) =
        known.or_else(|| container.base.as_ref().and_then(|base| of_image(&base.image)))
    {
        return of_server(context, container, server, &[], place);
    }
    let set = |server: &&ProcessServer| {
        server.variables.iter().any(|name| container.environment.contains_key(name))
    };
    match catalog().unknown_process_server().filter(set) {
        Some(server) => of_server(context, container, server, &[], None),
        None => demand::single_process(),
    }
}

/// Processes of the first server that a command starts, if it starts one.
fn of_command(context: &Context<'_>, container: &Container, words: &[Word]) -> Option<Located<u64>> {
    let (server, at) = started(words)?;
    let arguments = words.get(at.saturating_add(1)..).unwrap_or_default();
    Some(of_server(context, container, server, arguments, words.get(at).and_then(Word::place)))
}

/// The first server that a command names, and which word does.
fn started(words: &[Word]) -> Option<(&'static ProcessServer, usize)> {
    words.iter().enumerate().find_map(|(at, word)| {
        let name = command::program(word.as_str());
        let named = |server: &&ProcessServer| server.programs.iter().any(|known| known == name);
        Some((catalog().process_servers.iter().find(named)?, at))
    })
}

/// What several commands of one container run at once: all that are left in the background, and of those that follow
/// each other the largest; one that is not known may be any.
fn together(started: Vec<(bool, Located<u64>)>) -> Option<Located<u64>> {
    let (beside, in_turn): (Vec<_>, Vec<_>) = started.into_iter().partition(|(background, _)| *background);
    let largest = in_turn.into_iter().map(|(_, found)| found).max_by_key(|found| match found.value {
        Some(count) => (false, count),
        None => (true, 0),
    });
    let mut all = beside.into_iter().map(|(_, found)| found).chain(largest);
    let first = all.next()?;
    Some(all.fold(first, |sum, one| match (sum.value, one.value) {
        (Some(count), Some(more)) => {
            let place = sum.place.or(one.place);
            Located { place, ..Located::of(count.saturating_add(more), Basis::Derived) }
        }
        (None, _) => sum,
        _ => one,
    }))
}

/// Threads of one process that work at once, as far as what starts them tells; not known where requests share an event
/// loop. Without evidence of more there is one.
#[must_use]
pub fn threads(context: &Context<'_>, container: &Container) -> Located<u64> {
    let words = command::words(context, container);
    let of_command = |words: &[Word]| {
        let (server, at) = started(words)?;
        let arguments = words.get(at.saturating_add(1)..).unwrap_or_default();
        Some(threads_of(container, server, arguments, words.get(at).and_then(Word::place)))
    };
    let all = command::commands(&words).filter_map(|command| of_command(command.words));
    // What is not known may be any number.
    let largest = all.max_by_key(|found| found.value.map_or((true, 0), |count| (false, count)));
    largest.unwrap_or_else(demand::single_process)
}

fn threads_of(
    container: &Container,
    server: &ProcessServer,
    arguments: &[Word],
    place: Option<Place>,
) -> Located<u64> {
    let Some(setting) = &server.threads else { return demand::single_process() };
    let further = further(container, server);
    let told = |flags: &[String]| command::flag(flags, arguments).or_else(|| command::flag(flags, &further));
    let class = told(&setting.class_flags);
    let known = |class: &Word| setting.classes.iter().any(|known| known == class.as_str());
    if setting.event_loop || class.is_some_and(|class| !known(&class)) {
        return Located::unknown().at(place).noted(format!("{} runs many requests at once", server.id));
    }
    let counts = setting.only_with.is_empty() || has(&setting.only_with, arguments);
    match told(&setting.flags).filter(|_| counts) {
        Some(word) => number(server, &word),
        None => demand::single_process(),
    }
}

/// The arguments in the variables of a server.
fn further(container: &Container, server: &ProcessServer) -> Vec<Word> {
    let variables = server.argument_variables.iter().filter_map(|name| container.environment.get(name));
    variables.flat_map(|variable| command::split(&variable.text())).collect()
}

fn of_server(
    context: &Context<'_>,
    container: &Container,
    server: &ProcessServer,
    arguments: &[Word],
    place: Option<Place>,
) -> Located<u64> {
    let worker = |word: &Word| server.subcommands.iter().any(|known| known == word.as_str());
    if !server.subcommands.is_empty() && !arguments.iter().any(worker) {
        return demand::single_process();
    }
    let extra = further(container, server);
    if has(&server.single_flags, arguments) || has(&server.single_flags, &extra) {
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
            match command::built_in(context, container, name) {
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
        None => Located::unknown().at(place).noted(format!("{}: as many as the machine gives", server.id)),
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

/// Whether one of the flags is there; with `=`, with that value.
fn has(flags: &[String], arguments: &[Word]) -> bool {
    flags.iter().any(|flag| match flag.split_once('=') {
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
