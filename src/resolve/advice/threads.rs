//! Threads of one process that share a pool which is smaller than they are many.

use crate::model::{Basis, Defect, Deployment, Size};
use crate::resolve::{Context, processes};

/// Every pool that is written and smaller than the threads that are written beside it.
pub(super) fn defects(context: &Context<'_>, deployment: &Deployment) -> Vec<Defect> {
    let mut found = Vec::new();
    for (workload, container, connection) in deployment.connections() {
        if connection.administrative || connection.repeats.is_some() {
            continue;
        }
        let Some(threads) = processes::threads(context, &workload.name, container) else { continue };
        let Some(count) = threads.value.filter(|_| threads.basis == Basis::Written) else { continue };
        let pool = &connection.pool;
        // What a default is, code may have set, or the very variable that sets the threads.
        let Some(Size::Limit(size)) = pool.size.value.filter(|_| pool.size.basis == Basis::Written) else {
            continue;
        };
        let Some(Size::Limit(more)) = pool.overflow.value else { continue };
        let all = size.saturating_add(more);
        let Some(place) = pool.size.place.filter(|_| all < count) else { continue };
        let fact = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let mut defect = Defect::new("pool-smaller-than-concurrency", "threads", place)
            .of(connection.variable.clone())
            .fact("threads", fact(count))
            .fact("setting", threads.note.unwrap_or_default())
            .fact("size", fact(all));
        if let Some(place) = threads.place {
            defect = defect.label(place, "the threads");
        }
        defect.workload = Some(workload.name.clone());
        found.push(defect);
    }
    found
}
