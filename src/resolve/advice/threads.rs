//! Threads of one process that share a pool which is smaller than they are many.

use crate::model::{Basis, Container, Defect, Deployment, Size};
use crate::resolve::{Context, processes};
use crate::span::Place;

/// Every pool that is written and smaller than the threads that are written beside it.
pub(super) fn defects(context: &Context<'_>, deployment: &Deployment) -> Vec<Defect> {
    let mut found = Vec::new();
    for (workload, container, connection) in deployment.connections() {
        if connection.administrative || connection.repeats.is_some() {
            continue;
        }
        let Some(threads) = threads(context, container) else { continue };
        let pool = &connection.pool;
        // What a default is, code may have set, or the very variable that sets the threads.
        let Some(Size::Limit(size)) = pool.size.value.filter(|_| pool.size.basis == Basis::Written) else {
            continue;
        };
        let Some(Size::Limit(more)) = pool.overflow.value else { continue };
        let all = size.saturating_add(more);
        let Some(place) = pool.size.place.filter(|_| all < threads.count) else { continue };
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let mut defect = Defect::new("pool-smaller-than-concurrency", "threads", place)
            .of(connection.variable.clone())
            .fact("threads", count(threads.count))
            .fact("setting", threads.setting)
            .fact("size", count(all));
        if let Some(place) = threads.place {
            defect = defect.label(place, "the threads");
        }
        defect.workload = Some(workload.name.clone());
        found.push(defect);
    }
    found
}

struct Threads {
    count: u64,
    setting: String,
    place: Option<Place>,
}

/// Threads of one process, by its command or a variable that the program reads.
fn threads(context: &Context<'_>, container: &Container) -> Option<Threads> {
    let words = processes::words(context, container);
    let text: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
    let runs = |program: &str| text.iter().any(|word| word.rsplit('/').next() == Some(program));
    let flag = |names: &[&str]| {
        words.iter().enumerate().find_map(|(index, (word, place))| {
            let (name, value) =
                word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
            let name = names.iter().find(|known| **known == name)?;
            let value =
                value.or_else(|| words.get(index.saturating_add(1)).map(|(next, _)| next.as_str()))?;
            Some(((*name).to_owned(), value.to_owned(), *place))
        })
    };
    let counted = |program: &str, found: Option<(String, String, Option<Place>)>| {
        let (name, value, place) = found?;
        let count = value.parse().ok()?;
        Some(Threads { count, setting: format!("{program} {name} {value}"), place })
    };
    if runs("sidekiq") {
        return counted("sidekiq", flag(&["-c", "--concurrency"]))
            .or_else(|| variable(container, "RAILS_MAX_THREADS"));
    }
    if runs("celery") {
        // Processes have a pool each; threads and greenlets share one.
        let (_, kind, _) = flag(&["-P", "--pool"])?;
        let shared = matches!(kind.as_str(), "threads" | "gevent" | "eventlet");
        return shared.then(|| counted("celery", flag(&["-c", "--concurrency"]))).flatten();
    }
    if runs("gunicorn") {
        return counted("gunicorn", flag(&["--threads"]));
    }
    (runs("puma") || runs("rails")).then(|| variable(container, "RAILS_MAX_THREADS")).flatten()
}

fn variable(container: &Container, name: &str) -> Option<Threads> {
    let variable = container.environment.get(name)?;
    let count = variable.known()?.trim().parse().ok()?;
    Some(Threads { count, setting: format!("{name}={count}"), place: variable.place() })
}
