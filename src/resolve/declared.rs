//! What the owner declares about workloads, in `poollint.toml` and on the command line.

use std::borrow::Cow;

use crate::config::{Config, InstancesConfig, WorkloadConfig};
use crate::model::{Basis, Factor, Instances, Located, Size};

/// What is declared about a workload of a deployment: its `[workloads]` entry, with what `--set` says on top.
/// Instances of the two are applied one after the other and stay those of the entry.
#[must_use]
pub fn workload<'a>(config: &'a Config, deployment: &str, workload: &str) -> Option<Cow<'a, WorkloadConfig>> {
    let entry = config.workloads.get(workload).filter(|entry| is_for(entry, deployment));
    let Some(over) = config.what_if.workloads.get(workload) else { return entry.map(Cow::Borrowed) };
    let mut merged = entry.cloned().unwrap_or_default();
    merged.processes = over.processes.clone().or(merged.processes);
    merged.client = over.client.clone().or(merged.client);
    merged.pool_size = over.pool_size.clone().or(merged.pool_size);
    Some(Cow::Owned(merged))
}

/// Whether an entry is meant for a deployment.
#[must_use]
pub fn is_for(entry: &WorkloadConfig, deployment: &str) -> bool {
    entry.deployment.as_deref().is_none_or(|glob| {
        globset::Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(deployment))
    })
}

/// Declared instances replace what was read; what is left out follows from what is declared.
pub fn declare(instances: &mut Instances, declared: &InstancesConfig) {
    let InstancesConfig { min, max, rollout } = declared;
    let Some(first) = min.as_ref().or(max.as_ref()).or(rollout.as_ref()) else { return };
    let min = min.clone().unwrap_or_else(|| first.clone());
    let max = max.clone().unwrap_or_else(|| min.clone());
    replace(instances, min, max, rollout.clone());
}

/// What if there were so many: what is not said stays as it is, unless it would stand against what is said.
pub fn suppose(instances: &mut Instances, over: &InstancesConfig) {
    if over.min.is_none() && over.max.is_none() && over.rollout.is_none() {
        return;
    }
    let mut min = over.min.clone().unwrap_or_else(|| instances.min.clone());
    let mut max = over.max.clone().unwrap_or_else(|| instances.max.clone());
    if min.value > max.value {
        if over.min.is_some() {
            max = min.clone();
        } else {
            min = max.clone();
        }
    }
    replace(instances, min, max, over.rollout.clone());
}

fn replace(instances: &mut Instances, min: Located<u64>, max: Located<u64>, rollout: Option<Located<u64>>) {
    let mut factors = vec![Factor::count("instances", &max)];
    if min.value != max.value {
        factors.insert(0, Factor::count("instances-min", &min));
    }
    let rollout = match rollout {
        Some(rollout) => {
            if rollout.value != max.value {
                factors.push(Factor::count("instances-rollout", &rollout));
            }
            rollout
        }
        None => {
            let surge = surge(instances, max.value);
            let value = Option::zip(max.value, surge).map(|(max, surge)| max.saturating_add(surge));
            let known = instances.factors.iter().find(|factor| factor.name == "surge");
            if let (Some(known), Some(surge)) = (known, surge) {
                let note = instances
                    .surge_percent
                    .zip(max.value)
                    .map(|(percent, max)| format!("{percent} % of {max}, rounded up"));
                let value = Located { value: Some(Size::Limit(surge)), note, ..known.value.clone() };
                factors.push(Factor { name: "surge".to_owned(), value });
            }
            let basis = if value.is_some() { max.basis } else { Basis::Unknown };
            Located { value, basis, ..max.clone() }
        }
    };
    *instances = Instances { min, max, rollout, factors, surge_percent: instances.surge_percent };
}

/// What a rollout adds to `max` instances.
fn surge(instances: &Instances, max: Option<u64>) -> Option<u64> {
    if let (Some(percent), Some(max)) = (instances.surge_percent, max) {
        return Some(max.saturating_mul(percent).div_ceil(100));
    }
    let rollout = instances.rollout.value.unwrap_or(0);
    Some(rollout.saturating_sub(instances.max.value.unwrap_or(rollout)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(value: u64) -> Located<u64> {
        Located::of(value, Basis::Written)
    }

    fn read(min: u64, max: u64, surge: u64, surge_percent: Option<u64>) -> Instances {
        let factors = vec![Factor::count("surge", &count(surge))];
        Instances { min: count(min), max: count(max), rollout: count(max + surge), factors, surge_percent }
    }

    fn over(min: Option<u64>, max: Option<u64>, rollout: Option<u64>) -> InstancesConfig {
        InstancesConfig { min: min.map(count), max: max.map(count), rollout: rollout.map(count) }
    }

    fn numbers(instances: &Instances) -> [u64; 3] {
        [&instances.min, &instances.max, &instances.rollout].map(|count| count.value.unwrap())
    }

    #[test]
    fn what_if_changes_what_it_says_and_no_more() {
        for (read, over, expected) in [
            (read(2, 10, 3, Some(25)), over(None, Some(6), None), [2, 6, 8]),
            (read(2, 10, 3, None), over(None, Some(6), None), [2, 6, 9]),
            (read(2, 10, 3, Some(25)), over(None, Some(1), None), [1, 1, 2]),
            (read(2, 10, 3, Some(25)), over(Some(12), None, None), [12, 12, 15]),
            (read(2, 10, 3, Some(25)), over(None, None, Some(20)), [2, 10, 20]),
            (read(3, 3, 0, None), over(None, None, None), [3, 3, 3]),
        ] {
            let mut instances = read;
            suppose(&mut instances, &over);
            assert_eq!(numbers(&instances), expected, "{over:?}");
        }
    }

    #[test]
    fn what_is_declared_stands_for_what_it_leaves_out() {
        let mut instances = read(2, 10, 3, Some(25));
        declare(&mut instances, &over(None, Some(6), None));
        assert_eq!(numbers(&instances), [6, 6, 8]);
        let names: Vec<&str> = instances.factors.iter().map(|factor| factor.name.as_str()).collect();
        assert_eq!(names, ["instances", "surge"]);
    }
}
