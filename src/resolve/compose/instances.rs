//! How many containers of a service run
//! (<https://github.com/compose-spec/compose-spec/blob/main/deploy.md>).

use super::tree::Item;
use crate::model::{Basis, Factor, Instances, Located};

/// The instances of a service.
pub(super) fn of(service: &Item) -> Instances {
    let deploy = service.get("deploy");
    let setting = |path: &[&str]| deploy.and_then(|deploy| deploy.at(path));
    let mode = setting(&["mode"]).filter(|mode| !mode.is_null());
    let replicas = match mode.map(|mode| (mode, mode.known())) {
        Some((mode, Some("global" | "global-job"))) => {
            Located::unknown().at(Some(mode.place)).noted("one on each node")
        }
        Some((mode, None)) => Located::unknown().at(Some(mode.place)),
        _ => match service.get("scale").or(setting(&["replicas"])).filter(|item| !item.is_null()) {
            Some(item) => number(item),
            None => Located::of(1, Basis::PlatformDefault),
        },
    };
    let mut factors = vec![Factor::count("replicas", &replicas)];
    let mut rollout = replicas.clone();
    let first = setting(&["update_config", "order"]).filter(|order| order.known() == Some("start-first"));
    let mut surge_percent = None;
    if let Some(order) = first {
        let surge = surge(setting(&["update_config", "parallelism"]), order, &replicas);
        // `parallelism: 0` starts all anew at once.
        let parallelism = setting(&["update_config", "parallelism"]);
        let all = parallelism.and_then(|item| number(item).value) == Some(0);
        surge_percent = all.then_some(100);
        rollout = match Option::zip(replicas.value, surge.value) {
            Some((replicas, more)) => {
                Located::of(replicas.saturating_add(more), Basis::Derived).at(surge.place)
            }
            None => Located::unknown(),
        };
        factors.push(Factor::count("surge", &surge));
    }
    Instances { min: replicas.clone(), max: replicas, rollout, factors, surge_percent }
}

/// What starts before something stops: `parallelism` containers, 1 unless told, all for 0.
fn surge(parallelism: Option<&Item>, order: &Item, replicas: &Located<u64>) -> Located<u64> {
    let all = replicas.value;
    let mut surge = match parallelism.filter(|item| !item.is_null()) {
        None => Located::of(1, Basis::PlatformDefault).at(Some(order.place)),
        Some(item) => number(item),
    };
    surge.value = match (surge.value, all) {
        (Some(_), None) | (None, _) => None,
        (Some(0), Some(all)) => Some(all),
        (Some(some), Some(all)) => Some(some.min(all)),
    };
    if surge.value.is_none() {
        surge.basis = Basis::Unknown;
    }
    surge
}

fn number(item: &Item) -> Located<u64> {
    let Some(text) = item.text() else { return Located::unknown().at(Some(item.place)) };
    let whole = 0..text.as_str().len();
    let place = text.place_of(whole.clone()).unwrap_or(item.place);
    let mut number = match text.known().and_then(|text| text.trim().parse().ok()) {
        Some(number) => Located::written(number, place),
        None => Located::unknown().at(Some(item.place)),
    };
    number.hops = text.hops_of(whole);
    number
}
