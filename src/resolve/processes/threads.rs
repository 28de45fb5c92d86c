//! Threads of one process that work at a time. Some clients open a connection for each of them, and a pool that is
//! smaller than they are many lets jobs wait.

use super::{Built, Started, command, each};
use crate::catalog::Threads;
use crate::model::{Basis, Container, Located, Value};
use crate::resolve::Context;
use crate::resolve::processes::command::Word;

/// Threads of one process of a container, with the setting as its note; of several programs those of the one that has
/// most. `None` where what runs is not known for its threads; unknown where there are as many as there is work, or as the
/// machine gives.
#[must_use]
pub fn threads(context: &Context<'_>, workload: &str, container: &Container) -> Option<Located<u64>> {
    let built = Built::of(context, workload, container);
    let words = command::words(container, built.as_ref());
    let all = each(container, &words);
    let all = all.iter().filter_map(|started| of_started(container, started));
    // What is not known may be any number.
    let found = all.max_by_key(|found| found.value.map_or((true, 0), |count| (false, count)))?;
    Some(match super::guessed(container, built.as_ref()) && found.value != Some(1) {
        true => Located::unknown().at(found.place).noted(super::MAY_BE),
        false => found,
    })
}

fn of_started(container: &Container, started: &Started<'_>) -> Option<Located<u64>> {
    let Started { server, arguments, place, .. } = *started;
    let threads = server.threads.as_ref().filter(|_| !started.otherwise())?;
    let extra = started.extra(container);
    let flag = |names: &[String]| command::flag(names, arguments).or_else(|| command::flag(names, &extra));
    let kind = flag(&threads.kind_flags);
    let kind = kind.as_ref().map(Word::as_str).or(threads.default_kind.as_deref());
    if kind.is_some_and(|kind| threads.single_kinds.iter().any(|known| known == kind)) {
        return Some(Located::of(1, Basis::PlatformDefault).noted(server.id.clone()));
    }
    if kind.is_some_and(|kind| !threads.kinds.iter().any(|known| known == kind)) {
        return Some(Located::unknown().at(place).noted(format!("{}: as many as there is work", server.id)));
    }
    for name in &threads.flags {
        let Some(word) = flag(std::slice::from_ref(name)) else { continue };
        let setting = format!("{} {name} {}", server.id, word.as_str());
        return Some(number(&word).noted(setting));
    }
    Some(of_variables(threads, container).unwrap_or_else(|| match threads.default {
        Some(count) => Located::of(count, Basis::PlatformDefault).noted(format!("{} by default", server.id)),
        None => Located::unknown().at(place).noted(format!("{}: as many as there is work", server.id)),
    }))
}

fn of_variables(threads: &Threads, container: &Container) -> Option<Located<u64>> {
    let (name, variable) =
        threads.variables.iter().find_map(|name| Some((name, container.environment.get(name)?)))?;
    Some(match &variable.value {
        Value::Text(text) => number(&Word::whole(text)).noted(format!("{name}={}", text.as_str().trim())),
        Value::Unknown(reason) => Located::unknown().at(variable.name_place).noted(reason.to_string()),
    })
}

/// The number of a word; of a range (`0:5`) the larger.
fn number(word: &Word) -> Located<u64> {
    let text = word.as_str().trim();
    let text = text.rsplit_once(':').map_or(text, |(_, most)| most);
    match text.parse::<u64>() {
        Ok(count) if count > 0 => {
            Located { place: word.place(), hops: word.hops(), ..Located::of(count, Basis::Written) }
        }
        _ => Located::unknown().at(word.place()),
    }
}
