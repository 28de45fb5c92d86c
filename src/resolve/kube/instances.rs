//! How many pods of a workload run. Defaults are those of Kubernetes' own `defaults.go`, of KEDA, Argo Rollouts
//! and Knative.

use super::object::{Object, Objects};
use super::value::Val;
use crate::model::{Basis, Factor, Instances, Located, Serving, Size, WorkloadClass};
use crate::syntax::node::Typed;

/// KEDA's `maxReplicaCount` unless set (<https://keda.sh/docs/latest/reference/scaledobject-spec/>).
const KEDA_MAX: u64 = 100;

/// Instances of a Cloud Run revision at most unless set (<https://cloud.google.com/run/docs/configuring/max-instances>).
const CLOUD_RUN_MAX: u64 = 100;

/// Requests at the same time in one instance of Cloud Run unless set
/// (<https://cloud.google.com/run/docs/about-concurrency>).
const CLOUD_RUN_CONCURRENCY: u64 = 80;

/// Seconds of a request to Knative and to Cloud Run unless set
/// (<https://knative.dev/docs/serving/configuration/config-defaults/>,
/// <https://cloud.google.com/run/docs/configuring/request-timeout>).
const REQUEST_TIMEOUT: u64 = 300;

/// `maxSurge` of a Deployment and of an Argo canary unless set, in percent.
const DEFAULT_SURGE: u64 = 25;

/// How many run, and how that counts.
pub(super) fn of(objects: &Objects, object: &Object, template: &Val) -> (Instances, WorkloadClass) {
    let (instances, class) = by_kind(objects, object, template);
    // Helm and Argo CD run hooks beside a release, to their end.
    let annotations = object.root.at(&["metadata", "annotations"]);
    let hook = ["helm.sh/hook", "argocd.argoproj.io/hook"]
        .iter()
        .any(|name| annotations.is_some_and(|annotations| annotations.get(name).is_some()));
    (instances, if hook { WorkloadClass::OneShot } else { class })
}

fn by_kind(objects: &Objects, object: &Object, template: &Val) -> (Instances, WorkloadClass) {
    match object.kind.as_str() {
        "Pod" => (fixed("instances", Located::of(1, Basis::Derived)), WorkloadClass::Service),
        "Job" => (job(object.root.get("spec"), object.root.get("spec")), WorkloadClass::OneShot),
        "CronJob" => {
            let spec = object.root.at(&["spec", "jobTemplate", "spec"]);
            (job(spec, object.root.get("spec")), WorkloadClass::Scheduled)
        }
        "ScaledJob" => (scaled_job(object), WorkloadClass::Service),
        "Service" => (knative(object, template), WorkloadClass::Serverless),
        "DaemonSet" => {
            let unknown = Located::unknown().noted("one on each node");
            (fixed("replicas", unknown), WorkloadClass::Service)
        }
        _ => (replicated(objects, object), WorkloadClass::Service),
    }
}

/// The same number at rest, at full scale and during a rollout.
pub(super) fn fixed(name: &str, count: Located<u64>) -> Instances {
    let factors = vec![Factor::count(name, &count)];
    Instances { min: count.clone(), max: count.clone(), rollout: count, factors, surge_percent: None }
}

pub(super) fn number(value: Option<&Val>, default: u64) -> Located<u64> {
    match value.filter(|value| !value.is_null()) {
        None => Located::of(default, Basis::PlatformDefault),
        Some(value) => match value.as_count() {
            Some(count) => Located::written(count, value.place),
            None => Located::unknown().at(Some(value.place)),
        },
    }
}

/// Pods of a Job at once: `parallelism`, but never more than `completions`; none while suspended.
fn job(spec: Option<&Val>, suspending: Option<&Val>) -> Instances {
    if let Some(suspend) = suspending.and_then(|spec| spec.get("suspend")).filter(|value| value.is_true()) {
        return fixed("suspend", Located::written(0, suspend.place));
    }
    let field = |name: &str| spec.and_then(|spec| spec.get(name));
    let parallelism = number(field("parallelism"), 1);
    let completions = field("completions").map(|value| number(Some(value), 1));
    match completions {
        Some(completions) if completions.value.is_some() && completions.value < parallelism.value => {
            fixed("completions", completions)
        }
        _ => fixed("parallelism", parallelism),
    }
}

fn scaled_job(object: &Object) -> Instances {
    let spec = object.root.get("spec");
    let field = |name: &str| spec.and_then(|spec| spec.get(name));
    let min = number(field("minReplicaCount"), 0);
    let max = number(field("maxReplicaCount"), KEDA_MAX);
    // KEDA counts Jobs, and each of them has its pods.
    let target = field("jobTargetRef");
    let pods = job(target, target);
    let mut factors = vec![Factor::count("keda-min", &min), Factor::count("keda-max", &max)];
    if pods.max.value != Some(1) {
        factors.extend(pods.factors);
    }
    let times = |jobs: Located<u64>| match jobs.value.zip(pods.max.value) {
        Some((_, 1)) => jobs,
        Some((count, pods)) => Located::of(count.saturating_mul(pods), Basis::Derived).at(jobs.place),
        None => Located::unknown().at(jobs.place),
    };
    let (min, max) = (times(min), times(max));
    Instances { min, max: max.clone(), rollout: max, factors, surge_percent: None }
}

/// The annotations of an object and of its template, the template's first.
fn annotations<'a>(object: &'a Object, template: &'a Val) -> impl Iterator<Item = &'a Val> {
    [template, &object.root].into_iter().filter_map(|holder| holder.at(&["metadata", "annotations"]))
}

/// Whether it runs on Cloud Run, by the annotations that only Cloud Run reads.
fn is_cloud_run(object: &Object, template: &Val) -> bool {
    annotations(object, template).flat_map(Val::pairs).any(|pair| pair.key.starts_with("run.googleapis.com/"))
}

/// Knative's autoscaler; a maximum of 0 is none (<https://knative.dev/docs/serving/autoscaling/scale-bounds/>). Cloud
/// Run has a maximum by default, and one for all revisions together.
fn knative(object: &Object, template: &Val) -> Instances {
    let annotation = |names: [&str; 2]| {
        let all = template.at(&["metadata", "annotations"])?;
        names.iter().find_map(|name| all.get(&format!("autoscaling.knative.dev/{name}")))
    };
    let of_service =
        |name: &str| object.root.at(&["metadata", "annotations"])?.get(&format!("run.googleapis.com/{name}"));
    let cloud_run = is_cloud_run(object, template);
    let manual = of_service("scalingMode").and_then(Val::as_str) == Some("manual");
    if let Some(count) = of_service("manualInstanceCount").filter(|_| manual) {
        return fixed("manual-instance-count", number(Some(count), 1));
    }
    let min = number(annotation(["min-scale", "minScale"]).or(of_service("minScale")), 0);
    let default = if cloud_run { CLOUD_RUN_MAX } else { 0 };
    let mut max = number(annotation(["max-scale", "maxScale"]).or(of_service("maxScale")), default);
    if let Some(all) = of_service("maxScale").map(|all| number(Some(all), default))
        && all.value.is_some()
        && all.value < max.value
    {
        max = all;
    }
    if max.value == Some(0) {
        max = Located::unknown().at(max.place).noted("Knative sets no maximum");
    }
    let factors = vec![Factor::count("min-scale", &min), Factor::count("max-scale", &max)];
    Instances { min, max: max.clone(), rollout: max, factors, surge_percent: None }
}

/// How an instance of a Knative service serves; nothing is known of other objects.
#[expect(clippy::cast_precision_loss, reason = "seconds of a request are few")]
pub(super) fn serving(object: &Object, template: &Val) -> Serving {
    if object.kind != "Service" {
        return Serving::default();
    }
    let timeout = number(template.at(&["spec", "timeoutSeconds"]), REQUEST_TIMEOUT);
    let default = if is_cloud_run(object, template) { CLOUD_RUN_CONCURRENCY } else { 0 };
    let mut concurrency = number(template.at(&["spec", "containerConcurrency"]), default);
    if concurrency.value == Some(0) {
        concurrency = Located::unknown().at(concurrency.place).noted("Knative sets no limit");
    }
    Serving {
        request_timeout: Some(timeout.map(|seconds| seconds as f64)),
        concurrency: Some(concurrency),
        asynchronous: false,
        ..Serving::default()
    }
}

/// Deployments and their kin: replicas or what an autoscaler makes of them, and the surge.
fn replicated(objects: &Objects, object: &Object) -> Instances {
    let replicas = number(object.root.at(&["spec", "replicas"]), 1);
    let scale = autoscaled(objects, object);
    scaled(replicas, "replicas", scale, surge_percent(object), |max| surge(object, max))
}

/// Pods of a Deployment that an operator makes for `object`: so many, or what an autoscaler makes of them. `strategy`
/// is the Deployment's.
pub(super) fn of_operated(
    objects: &Objects,
    object: &Object,
    count: Located<u64>,
    strategy: Option<&Val>,
    surges: bool,
) -> Instances {
    let recreate = strategy.and_then(|strategy| strategy.str_at(&["type"])) == Some("Recreate");
    let setting = strategy.and_then(|strategy| strategy.at(&["rollingUpdate", "maxSurge"]));
    scaled(count, "instances", autoscaled(objects, object), percentage(setting), |max| {
        (surges && !recreate).then(|| portion(setting, max))
    })
}

fn scaled(
    replicas: Located<u64>,
    name: &str,
    scaled: Option<Scale>,
    surge_percent: Option<u64>,
    surge: impl Fn(Option<u64>) -> Option<Located<u64>>,
) -> Instances {
    // An autoscaler leaves a workload with zero replicas alone.
    let off = replicas.value == Some(0) && replicas.basis == Basis::Written;
    let (min, max, mut factors) = match scaled {
        Some(Scale { min, max, names }) if !(off && names.0 == "hpa-min") => {
            let factors = vec![Factor::count(names.0, &min), Factor::count(names.1, &max)];
            (min, max, factors)
        }
        _ => (replicas.clone(), replicas.clone(), vec![Factor::count(name, &replicas)]),
    };
    let surge = surge(max.value);
    let rollout = match &surge {
        None => max.clone(),
        Some(surge) => {
            let total = Option::zip(max.value, surge.value).map(|(max, surge)| max.saturating_add(surge));
            factors.push(Factor { name: "surge".to_owned(), value: surge.clone().map(Size::Limit) });
            match total {
                Some(total) => Located::of(total, Basis::Derived).at(surge.place.or(max.place)),
                None => Located::unknown(),
            }
        }
    };
    let surge_percent = surge_percent.filter(|_| surge.is_some());
    Instances { min, max, rollout, factors, surge_percent }
}

struct Scale {
    min: Located<u64>,
    max: Located<u64>,
    names: (&'static str, &'static str),
}

/// What the autoscaler of a workload allows.
fn autoscaled(objects: &Objects, object: &Object) -> Option<Scale> {
    let aims = |scaler: &&Object| {
        let target = scaler.root.at(&["spec", "scaleTargetRef"]);
        let name = target.and_then(|target| target.str_at(&["name"]));
        let kind = target.and_then(|target| target.str_at(&["kind"])).unwrap_or("Deployment");
        name == Some(&object.name) && kind == object.kind
    };
    let of_kind = |kind: &'static str| {
        objects.scalers(object.space(), &object.name).filter(move |scaler| scaler.kind == kind).find(aims)
    };
    if let Some(hpa) = of_kind("HorizontalPodAutoscaler") {
        let min = number(hpa.root.at(&["spec", "minReplicas"]), 1);
        let max = match hpa.root.at(&["spec", "maxReplicas"]) {
            Some(max) => number(Some(max), 1),
            None => Located::unknown(),
        };
        return Some(Scale { min, max, names: ("hpa-min", "hpa-max") });
    }
    let scaled = of_kind("ScaledObject")?;
    let min = scaled.root.at(&["spec", "idleReplicaCount"]).or(scaled.root.at(&["spec", "minReplicaCount"]));
    let min = number(min, 0);
    let max = number(scaled.root.at(&["spec", "maxReplicaCount"]), KEDA_MAX);
    Some(Scale { min, max, names: ("keda-min", "keda-max") })
}

/// What a rollout adds to `max` pods; `None` where the kind never does.
fn surge(object: &Object, max: Option<u64>) -> Option<Located<u64>> {
    let strategy = object.root.at(&["spec", "strategy"]);
    match object.kind.as_str() {
        "Deployment" => {
            if strategy.and_then(|strategy| strategy.str_at(&["type"])) == Some("Recreate") {
                return None;
            }
            let setting = strategy.and_then(|strategy| strategy.at(&["rollingUpdate", "maxSurge"]));
            Some(portion(setting, max))
        }
        "Rollout" => {
            if let Some(blue_green) = strategy.and_then(|strategy| strategy.get("blueGreen")) {
                return Some(whole(max, blue_green, "a second stack runs beside the first"));
            }
            let canary = strategy.and_then(|strategy| strategy.get("canary"))?;
            if let Some(routing) = canary.get("trafficRouting") {
                return Some(whole(max, routing, "the old version keeps its pods"));
            }
            Some(portion(canary.get("maxSurge"), max))
        }
        _ => None,
    }
}

/// The share of `max` that a rollout adds, where it is a share.
fn surge_percent(object: &Object) -> Option<u64> {
    let strategy = object.root.at(&["spec", "strategy"]);
    let setting = match object.kind.as_str() {
        "Deployment" => strategy.and_then(|strategy| strategy.at(&["rollingUpdate", "maxSurge"])),
        "Rollout" => {
            let canary = strategy.and_then(|strategy| strategy.get("canary"));
            if canary.is_none_or(|canary| canary.get("trafficRouting").is_some()) {
                return Some(100);
            }
            canary.and_then(|canary| canary.get("maxSurge"))
        }
        _ => return None,
    };
    percentage(setting)
}

/// The percentage of a `maxSurge`, where it is one.
fn percentage(setting: Option<&Val>) -> Option<u64> {
    match setting.filter(|setting| !setting.is_null()) {
        None => Some(DEFAULT_SURGE),
        Some(setting) => setting.as_str()?.trim().strip_suffix('%')?.parse().ok(),
    }
}

fn whole(max: Option<u64>, at: &Val, note: &str) -> Located<u64> {
    match max {
        Some(max) => Located::of(max, Basis::Derived).at(Some(at.place)).noted(note),
        None => Located::unknown(),
    }
}

/// `maxSurge`: a number, or a percentage of `max` rounded up.
fn portion(setting: Option<&Val>, max: Option<u64>) -> Located<u64> {
    let Some(setting) = setting.filter(|setting| !setting.is_null()) else {
        return match max {
            Some(max) => {
                let note = format!("{DEFAULT_SURGE} % of {max}, rounded up");
                Located::of(percent(max, DEFAULT_SURGE), Basis::PlatformDefault).noted(note)
            }
            None => Located::unknown(),
        };
    };
    let text = setting.as_str().unwrap_or_default();
    let count = match text.strip_suffix('%') {
        Some(digits) => Option::zip(max, digits.parse().ok()).map(|(max, part)| percent(max, part)),
        // A number in quotes is neither.
        None if setting.scalar().is_some_and(|scalar| scalar.core() == Typed::Text) => None,
        None => setting.as_count(),
    };
    // Nothing surges where nothing runs.
    let count = if max == Some(0) { count.map(|_| 0) } else { count };
    match count {
        Some(count) => Located::written(count, setting.place),
        None => Located::unknown().at(Some(setting.place)),
    }
}

/// So many percent, rounded up.
fn percent(of: u64, part: u64) -> u64 {
    of.saturating_mul(part).div_ceil(100)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn surge_rounds_up() {
        for (of, part, surge) in [
            (10, 39, 4),
            (95, 90, 86),
            (1, 25, 1),
            (4, 25, 1),
            (5, 25, 2),
            (10, 0, 0),
            (10, 100, 10),
            (0, 25, 0),
        ] {
            assert_eq!(percent(of, part), surge, "{part} % of {of}");
        }
    }
}
