//! Processes per instance. Every process opens pools of its own, so a server of several multiplies them: its command
//! line, its variables or a mounted file say how many there are. Without evidence of such a server there is one.

mod command;
mod started;
#[cfg(test)]
mod tests;
mod threads;

use command::{Built, Word};
use started::{Started, each};
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
    let all = each(container, &words);
    let of = |one: &Started<'_>| (one.background, of_server(context, container, built.as_ref(), one));
    let Some(found) = together(all.iter().map(of).collect()) else {
        return of_unknown(context, container, &words);
    };
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

/// Processes of a program that nothing tells. A variable is set for one that forks, and so are arguments that take the
/// place of the image's.
fn of_unknown(context: &Context<'_>, container: &Container, words: &[Word]) -> Located<u64> {
    let Some(server) = catalog().unknown_process_server() else { return demand::single_process() };
    let flag = || command::flag(&server.flags, words);
    match words.first() {
        Some(first) if first.as_str().starts_with('-') => {
            flag().map_or_else(demand::single_process, |word| number(server, &word))
        }
        None if server.variables.iter().any(|name| container.environment.contains_key(name)) => {
            let alone = Started { server, arguments: &[], place: None, background: false };
            of_server(context, container, None, &alone)
        }
        _ => demand::single_process(),
    }
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

fn of_server(
    context: &Context<'_>,
    container: &Container,
    built: Option<&Built<'_>>,
    started: &Started<'_>,
) -> Located<u64> {
    let Started { server, arguments, place, .. } = *started;
    let extra = started.extra(container);
    if started.otherwise() || has(&server.single_flags, arguments) || has(&server.single_flags, &extra) {
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
