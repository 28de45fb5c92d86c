//! Facts about what surrounds a subject: its deployment and its workload.

use super::docs::{flag, number, text};
use super::{Fact, FactDoc, Facts};
use crate::model::{Deployment, Environment, Located, Model, Workload, WorkloadClass};

/// Seconds.
const MINUTE: f64 = 60.0;

/// Documentation of [`common`].
pub(super) const DOCS: &[FactDoc] = &[
    text("deployment.name", "path of the deployment's main file or directory"),
    text(
        "deployment.kind",
        "`compose`, `kustomize`, `chart`, `manifests`, `serverless`, `env-file` or `stream`",
    ),
    text(
        "deployment.environment",
        "`development`, `test`, `staging`, `preview`, `production`, `example` or `unknown`",
    ),
    text("workload.name", "name of the service or object that runs"),
    text(
        "workload.kind",
        "`Service` for Compose, the object's kind in Kubernetes, `EnvFile` for an env file that nothing reads",
    ),
    flag(
        "workload.serverless",
        "it is a function: each instance serves one request unless its platform says otherwise",
    ),
    flag("workload.hosted_runner", "it is a job of a workflow on GitHub, or a step of one"),
    flag("workload.concurrent", "its platform lets one instance serve several requests at the same time"),
    number("workload.request_timeout", "seconds", "after which its platform ends a request or an invocation"),
    flag(
        "workload.long_requests",
        "its own configuration lets a request or an invocation take more than a minute",
    ),
    flag("workload.asynchronous", "queues or schedules start it, and no caller waits"),
    flag(
        "workload.own_pooler",
        "its platform keeps a pooler between it and a server (Hyperdrive), whatever its variables say",
    ),
    flag("workload.job", "it runs to an end: a Job, a hook, a CronJob, a one-shot Compose service"),
    number("workload.instances.max", "", "how many run at full scale; absent when the files do not tell"),
    flag("workload.instances_known", "the files tell how many run"),
    flag("workload.several", "more than one runs at full scale"),
    flag("workload.single", "exactly one runs, also at full scale"),
];

/// Facts about a deployment and, when it is named, one of its workloads.
#[must_use]
pub fn common(model: &Model, deployment: Option<usize>, workload: Option<&str>) -> Facts {
    let Some(deployment) = deployment.and_then(|index| model.deployments.get(index)) else {
        return Facts::default();
    };
    let found = workload.and_then(|name| deployment.workloads.iter().find(|workload| workload.name == name));
    around(deployment, found)
}

/// The same for a workload that was found already.
pub(in crate::rules) fn around(deployment: &Deployment, workload: Option<&Workload>) -> Facts {
    let mut facts = Facts::default();
    facts.say("deployment.name", deployment.name.as_str());
    facts.say("deployment.kind", deployment.kind.name());
    let environment = deployment.environment.value.unwrap_or(Environment::Unknown);
    facts.say("deployment.environment", environment.name());
    if let Some(workload) = workload {
        facts.say("workload.name", workload.name.as_str());
        facts.say("workload.kind", workload.kind.as_str());
        facts.say("workload.serverless", workload.class == WorkloadClass::Serverless);
        let hosted_runner = workload.class == WorkloadClass::Imaginary && workload.kind == "Job";
        facts.say("workload.hosted_runner", hosted_runner);
        let serving = &workload.serving;
        let concurrent =
            serving.concurrency.as_ref().is_some_and(|count| count.value.is_none_or(|count| count > 1));
        facts.say("workload.concurrent", concurrent);
        facts.say("workload.asynchronous", serving.asynchronous);
        facts.say("workload.own_pooler", serving.own_pooler);
        if let Some(timeout) = serving.request_timeout.as_ref() {
            let fact = timeout.value.map(|value| Fact::new(value).at(timeout.place));
            fact.into_iter().for_each(|fact| facts.set("workload.request_timeout", fact));
        }
        let long = |timeout: &Located<f64>| {
            timeout.is_explicit() && timeout.value.is_some_and(|value| value > MINUTE)
        };
        facts.say("workload.long_requests", serving.request_timeout.as_ref().is_some_and(long));
        let job = matches!(workload.class, WorkloadClass::OneShot | WorkloadClass::Scheduled);
        facts.say("workload.job", job);
        let instances = workload.instances.max.value;
        facts.say_some("workload.instances.max", instances);
        facts.say("workload.instances_known", instances.is_some());
        facts.say("workload.several", instances.is_some_and(|count| count > 1));
        facts.say("workload.single", instances == Some(1));
    }
    facts
}
