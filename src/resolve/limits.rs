//! How many connections a server accepts, and how many of them ordinary roles get.

use crate::catalog::{Engine, Image, Plan, catalog, plans};
use crate::model::{Basis, Container, Located};
use crate::readers::Declarations;
use crate::span::{Place, Text};
use crate::tree::Files;

/// The limit of a server that a container of the repository runs: its command line, else a configuration file
/// that is mounted and loaded, else its image's variable, else the image's or the engine's default.
#[must_use]
pub fn of_container(
    files: &Files,
    declarations: &Declarations,
    container: &Container,
    image: &Image,
    engine: &Engine,
) -> Located<u64> {
    let from_command = command_limit(container, engine);
    if let Some(limit) = from_command {
        return limit;
    }
    if let Some(limit) = file_limit(files, declarations, container, engine) {
        return limit;
    }
    if let Some(limit) = variable_limit(container, image) {
        return limit;
    }
    // A shell script, or arguments that are not known, may set anything.
    let altered = container.base.as_ref().is_some_and(|base| base.altered);
    if altered || container.shell || container.command.iter().any(|word| !word.is_known()) {
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

/// `-c max_connections=N`, `-cmax_connections=N`, `--max_connections=N`, `--max-connections N`, `-N N`; the last wins.
fn command_limit(container: &Container, engine: &Engine) -> Option<Located<u64>> {
    let mut found = None;
    let mut words = container.command.iter().peekable();
    while let Some(word) = words.next() {
        let text = word.as_str();
        if engine.flags.iter().any(|flag| flag == text) {
            found = words.peek().and_then(|next| number(next, 0)).or(found);
            continue;
        }
        if let Some(flag) = engine.flags.iter().find(|flag| text.starts_with(flag.as_str()))
            && let Some(limit) = number(word, flag.len())
        {
            found = Some(limit);
            continue;
        }
        let start = text.find(|character: char| character != '-').unwrap_or(0);
        let body = text.get(start..).unwrap_or_default();
        let (body, start) = match body.strip_prefix('c') {
            Some(rest) if text.starts_with("-c") && !text.starts_with("--") => {
                (rest, start.saturating_add(1))
            }
            _ => (body, start),
        };
        for setting in &engine.settings {
            let Some(rest) = strip_setting(body, setting) else { continue };
            let offset = start.saturating_add(body.len().saturating_sub(rest.len()));
            found = match rest.strip_prefix('=') {
                Some(_) => number(word, offset.saturating_add(1)),
                None if rest.is_empty() => words.peek().and_then(|next| number(next, 0)),
                None => None,
            }
            .or(found);
        }
    }
    found
}

/// What follows the setting's name, in which `-` and `_` are the same.
fn strip_setting<'a>(text: &'a str, setting: &str) -> Option<&'a str> {
    let head = text.get(..setting.len())?;
    let same = head
        .bytes()
        .zip(setting.bytes())
        .all(|(one, two)| one == two || (matches!(one, b'-' | b'_') && matches!(two, b'-' | b'_')));
    if same { text.get(setting.len()..) } else { None }
}

fn number(word: &Text, from: usize) -> Option<Located<u64>> {
    let text = word.as_str();
    let digits = text.get(from..)?;
    let range = from..text.len();
    let place = word.place_of(range.clone());
    match digits.trim().parse() {
        Ok(value) => {
            Some(Located { hops: word.hops_of(range), ..Located::of(value, Basis::Written).at(place) })
        }
        // Written, but not known or no number: whatever it is, it is not the default.
        Err(_) => Some(Located::unknown().at(place)),
    }
}

/// A configuration file that is mounted where the server looks, or that its command names.
fn file_limit(
    files: &Files,
    declarations: &Declarations,
    container: &Container,
    engine: &Engine,
) -> Option<Located<u64>> {
    let named = container.command.iter().find_map(|word| {
        let text = word.as_str();
        let (_, path) = text.split_once("config_file=")?;
        Some(path.to_owned())
    });
    container.mounts.iter().find_map(|(source, inside)| {
        let loaded = match &named {
            Some(path) => path == inside,
            None => {
                engine.config_files.iter().any(|known| inside == known || inside.ends_with(known.as_str()))
            }
        };
        if !loaded {
            return None;
        }
        let id = files.find(source)?;
        let (_, ini) = declarations.settings.iter().find(|(file, _)| *file == id)?;
        let setting = ini.sections.iter().flat_map(|section| &section.settings).rfind(|setting| {
            engine.settings.iter().any(|known| strip_setting(&setting.key, known) == Some(""))
        })?;
        let place = Place::new(id, setting.value_span);
        match setting.value.as_str().trim().parse() {
            Ok(value) => Some(Located::written(value, place)),
            Err(_) => Some(Located::unknown().at(Some(place))),
        }
    })
}

fn variable_limit(container: &Container, image: &Image) -> Option<Located<u64>> {
    let variable = container.environment.get(image.max_connections_variable.as_deref()?)?;
    let text = variable.text();
    number(&text, 0)
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
