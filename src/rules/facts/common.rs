//! Facts about what surrounds a subject: its deployment and its workload.

use super::{Fact, FactDoc, FactKind, Facts};
use crate::model::{Deployment, Environment, Located, Model, Workload, WorkloadClass};

/// Seconds.
const MINUTE: f64 = 60.0;

/// Documentation of [`common`].
pub(super) const DOCS: &[FactDoc] = &[
    FactDoc {
        path: "deployment.name",
        kind: FactKind::Text,
        unit: "",
        doc: "path of the deployment's main file or directory",
        subjects: &[],
    },
    FactDoc {
        path: "deployment.kind",
        kind: FactKind::Text,
        unit: "",
        doc: "`compose`, `kustomize`, `chart`, `manifests`, `serverless`, `env-file` or `stream`",
        subjects: &[],
    },
    FactDoc {
        path: "deployment.environment",
        kind: FactKind::Text,
        unit: "",
        doc: "`development`, `test`, `staging`, `preview`, `production`, `example` or `unknown`",
        subjects: &[],
    },
    FactDoc {
        path: "workload.name",
        kind: FactKind::Text,
        unit: "",
        doc: "name of the service or object that runs",
        subjects: &[],
    },
    FactDoc {
        path: "workload.kind",
        kind: FactKind::Text,
        unit: "",
        doc: "`Service` for Compose, the object's kind in Kubernetes, `EnvFile` for an env file that nothing reads",
        subjects: &[],
    },
    FactDoc {
        path: "workload.serverless",
        kind: FactKind::Flag,
        unit: "",
        doc: "it is a function: each instance serves one request unless its platform says otherwise",
        subjects: &[],
    },
    FactDoc {
        path: "workload.concurrent",
        kind: FactKind::Flag,
        unit: "",
        doc: "its platform lets one instance serve several requests at the same time",
        subjects: &[],
    },
    FactDoc {
        path: "workload.request_timeout",
        kind: FactKind::Number,
        unit: "seconds",
        doc: "after which its platform ends a request or an invocation",
        subjects: &[],
    },
    FactDoc {
        path: "workload.long_requests",
        kind: FactKind::Flag,
        unit: "",
        doc: "its own configuration lets a request or an invocation take more than a minute",
        subjects: &[],
    },
    FactDoc {
        path: "workload.asynchronous",
        kind: FactKind::Flag,
        unit: "",
        doc: "queues or schedules start it, and no caller waits",
        subjects: &[],
    },
    FactDoc {
        path: "workload.job",
        kind: FactKind::Flag,
        unit: "",
        doc: "it runs to an end: a Job, a hook, a CronJob, a one-shot Compose service",
        subjects: &[],
    },
    FactDoc {
        path: "workload.instances.max",
        kind: FactKind::Number,
        unit: "",
        doc: "how many run at full scale; absent when the files do not tell",
        subjects: &[],
    },
    FactDoc {
        path: "workload.instances_known",
        kind: FactKind::Flag,
        unit: "",
        doc: "the files tell how many run",
        subjects: &[],
    },
    FactDoc {
        path: "workload.several",
        kind: FactKind::Flag,
        unit: "",
        doc: "more than one runs at full scale",
        subjects: &[],
    },
    FactDoc {
        path: "workload.single",
        kind: FactKind::Flag,
        unit: "",
        doc: "exactly one runs, also at full scale",
        subjects: &[],
    },
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
        let serving = &workload.serving;
        let concurrent =
            serving.concurrency.as_ref().is_some_and(|count| count.value.is_none_or(|count| count > 1));
        facts.say("workload.concurrent", concurrent);
        facts.say("workload.asynchronous", serving.asynchronous);
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
