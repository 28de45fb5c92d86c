//! `poollint recommend`: how large the pools should be, with the reasoning.

use super::args::{InputArgs, ListFormat, RecommendArgs};
use super::error::Failure;
use super::output::{self, Target};
use super::{CLEAN, run};
use crate::catalog::ClientEntry;
use crate::config::nearest;
use crate::model::{Consumer, ConsumerKind, Deployment, Environment, Numbers, Server, WorkloadClass};
use crate::report::{self, Advice, AdvicePool, AdvicePooler};
use crate::resolve::sizing::{self, Question};
use crate::resolve::{portion, reserved};
use crate::rules::Rulebook;
use crate::rules::page::ParamValue;

/// The engine that is meant when no repository tells another.
const ENGINE: &str = "postgresql";
/// The client that is meant when nothing tells another.
const PRISMA: &str = "prisma";

pub(super) fn run(args: &RecommendArgs) -> Result<u8, Failure> {
    let policy = Policy::read();
    let alone = args.path.is_none()
        && (args.db_cpus.is_some()
            || args.max_connections.is_some()
            || args.instances.is_some()
            || args.serverless);
    let advice = if alone { vec![by_hand(args, &policy)?] } else { of_repository(args, &policy)? };
    let target = Target { format: args.format, file: None };
    let paint = output::paint(&args.look);
    output::write(&target, |out| match args.format {
        ListFormat::Human => report::recommend_human(&advice, paint, out),
        ListFormat::Json => report::recommend_json(&advice, out),
    })?;
    Ok(CLEAN)
}

/// The ranges and times that the rules' pages recommend.
struct Policy {
    size: std::collections::BTreeMap<String, ParamValue>,
    /// Seconds to wait for a connection, of programs and of functions.
    timeouts: (u64, u64),
}

impl Policy {
    fn read() -> Self {
        let book = Rulebook::built_in();
        let params = |page: &str| book.get(page).map(|page| page.params.clone()).unwrap_or_default();
        let timeout = params("pool-timeout-too-low");
        let seconds = |name: &str, fallback: u64| number(&timeout, name).unwrap_or(fallback);
        Self {
            size: params("pool-size-out-of-range"),
            timeouts: (seconds("recommended-seconds", 20), seconds("min-seconds", 10)),
        }
    }

    /// The recommended range, and what it is for.
    fn range(
        &self,
        environment: Option<Environment>,
        instances: Option<u64>,
    ) -> Option<((u64, u64), String)> {
        let of = |name: &str| {
            let end = |end: &str| number(&self.size, &format!("{name}-{end}"));
            Some((end("min")?, end("max")?))
        };
        Some(match (environment?, instances) {
            (Environment::Development, _) => (of("development")?, "development".to_owned()),
            (Environment::Staging, _) => (of("staging")?, "staging".to_owned()),
            (Environment::Production, Some(0 | 1)) => {
                (of("production")?, "production, one instance".to_owned())
            }
            (Environment::Production, Some(_)) => {
                (of("production-several")?, "production, several instances".to_owned())
            }
            (Environment::Production, None) => {
                let (one, several) = (of("production")?, of("production-several")?);
                ((several.0, one.1), "production, any number of instances".to_owned())
            }
            _ => return None,
        })
    }
}

fn number(params: &std::collections::BTreeMap<String, ParamValue>, name: &str) -> Option<u64> {
    match params.get(name)? {
        ParamValue::Number(number) if *number >= 0.0 => format!("{number:.0}").parse().ok(),
        _ => None,
    }
}

/// From the arguments alone.
fn by_hand(args: &RecommendArgs, policy: &Policy) -> Result<Advice, Failure> {
    let client = client(args.client.as_deref().unwrap_or(PRISMA))?;
    let (instances, processes) = (args.instances.unwrap_or(1).max(1), args.processes.unwrap_or(1).max(1));
    let pools = instances.saturating_mul(processes);
    let share = crate::config::BudgetConfig::default().share;
    let room = args.max_connections.map(|limit| {
        let usable = limit.saturating_sub(reserved(ENGINE, false).value.unwrap_or(0));
        (limit, usable, portion(limit, share, usable))
    });
    let fits = room.and_then(|(_, _, budget)| budget.checked_div(pools));
    let range = policy.range(args.environment, args.instances);
    let question = Question {
        cpus: args.db_cpus,
        spindles: args.spindles,
        pools,
        fits,
        range: range.as_ref().map(|range| range.0),
    };
    let mut missing = Vec::new();
    if args.db_cpus.is_none() {
        missing.push("CPUs of the database's host (--db-cpus): only the share that fits is known".to_owned());
    }
    if args.max_connections.is_none() {
        missing.push("max_connections (--max-connections): whether it fits is not known".to_owned());
    }
    if args.instances.is_none() && !args.serverless {
        missing.push("instances (--instances): one is taken".to_owned());
    }
    if args.environment.is_none() {
        missing.push("environment (--environment): no range is applied".to_owned());
    }
    let answer = sizing::answer(&question);
    Ok(Advice {
        title: None,
        share,
        room,
        pools: vec![AdvicePool {
            workload: None,
            variable: None,
            client: Some(client),
            instances,
            processes,
            serverless: args.serverless,
            range,
            answer,
            timeout: if args.serverless { policy.timeouts.1 } else { policy.timeouts.0 },
        }],
        poolers: Vec::new(),
        question,
        others: 0,
        server: None,
        missing,
    })
}

/// For each server of a repository.
fn of_repository(args: &RecommendArgs, policy: &Policy) -> Result<Vec<Advice>, Failure> {
    let path = args.path.clone().unwrap_or_else(|| ".".into());
    let input =
        InputArgs { environment: args.environment, ..InputArgs::directory(path, args.config.clone()) };
    let run = run::run(&input, |_| {})?;
    let mut advice = Vec::new();
    for deployment in &run.model.deployments {
        for server in deployment.servers.iter().filter(|server| !server.consumers.is_empty()) {
            advice.push(of_server(args, policy, deployment, server));
        }
    }
    Ok(advice)
}

fn of_server(args: &RecommendArgs, policy: &Policy, deployment: &Deployment, server: &Server) -> Advice {
    let mut missing = Vec::new();
    if args.db_cpus.is_none() {
        missing.push(
            "CPUs of the database's host (--db-cpus, behind the path): only the share that fits is known"
                .to_owned(),
        );
    }
    let limit = args.max_connections.or(server.max_connections.value);
    if limit.is_none() {
        missing.push(
            "max_connections: declare it under [databases] in poollint.toml, or --max-connections".to_owned(),
        );
    }
    let room = limit.map(|limit| {
        let usable = limit.saturating_sub(server.reserved.value.unwrap_or(0));
        (limit, usable, portion(limit, server.share, usable))
    });
    let environment = deployment.environment.value.filter(|environment| *environment != Environment::Unknown);
    if environment.is_none() {
        missing.push("environment (--environment): no range is applied".to_owned());
    }
    missing.extend(server.may_connect.iter().map(|stray| {
        let workload = &stray.workload;
        format!("whether {workload} connects too: declare it under [workloads.{workload}]")
    }));
    missing.dedup();
    // Where all come through poolers, those are what can be sized.
    let direct = server.consumers.iter().any(|one| matches!(one.kind, ConsumerKind::Workload { .. }));
    // How many pools there are: at full scale, and during a rollout.
    let (mut scale, mut rollout, mut others) = (0u64, 0u64, (0u64, 0u64));
    for consumer in server.consumers.iter().filter(|consumer| opens(consumer)) {
        match &consumer.kind {
            ConsumerKind::Workload { processes, workload, .. } => {
                let processes = processes.unwrap_or(1);
                scale = scale.saturating_add(consumer.instances.max.saturating_mul(processes));
                rollout = rollout.saturating_add(consumer.instances.rollout.saturating_mul(processes));
                if !consumer.instances_known {
                    missing
                        .push(format!("instances of {workload}: declare them under [workloads.{workload}]"));
                }
            }
            ConsumerKind::Pooler { .. } if !direct => {
                scale = scale.saturating_add(consumer.instances.max);
                rollout = rollout.saturating_add(consumer.instances.rollout);
            }
            ConsumerKind::Pooler { .. } | ConsumerKind::Other { .. } => {
                others.0 = others.0.saturating_add(consumer.connections.max);
                others.1 = others.1.saturating_add(consumer.connections.rollout);
            }
        }
    }
    let fits = room.map(|(_, usable, budget)| {
        let steady = budget.saturating_sub(others.0).checked_div(scale.max(1)).unwrap_or(0);
        let rolling = usable.saturating_sub(others.1).checked_div(rollout.max(1)).unwrap_or(0);
        steady.min(rolling)
    });
    let question = Question { cpus: args.db_cpus, spindles: args.spindles, pools: scale, fits, range: None };
    let pools = server.consumers.iter().filter(|consumer| opens(consumer)).filter_map(|consumer| {
        let ConsumerKind::Workload { workload, variable, client, processes, .. } = &consumer.kind else {
            return None;
        };
        let function = deployment
            .workloads
            .iter()
            .any(|known| known.name == *workload && known.class == WorkloadClass::Serverless);
        let serverless = args.serverless || function;
        let instances = Some(consumer.instances.max).filter(|_| consumer.instances_known);
        let range = policy.range(environment, instances);
        let question = Question { range: range.as_ref().map(|range| range.0), ..question };
        Some(AdvicePool {
            workload: Some(workload.clone()),
            variable: Some(variable.clone()),
            client: client.clone(),
            instances: consumer.instances.max,
            processes: processes.unwrap_or(1),
            serverless,
            range,
            answer: sizing::answer(&question),
            timeout: if serverless { policy.timeouts.1 } else { policy.timeouts.0 },
        })
    });
    Advice {
        title: Some((deployment.name.clone(), server.name.clone(), environment)),
        share: server.share,
        room,
        pools: pools.collect(),
        poolers: if direct { Vec::new() } else { poolers(server, &question) },
        question,
        others: others.0,
        server: server.address.clone().or_else(|| Some(server.name.clone())),
        missing,
    }
}

/// Whether a consumer opens connections at all, as far as is known.
fn opens(consumer: &Consumer) -> bool {
    !consumer.complete || consumer.connections != Numbers::default()
}

/// What each pooler of a server should open, where nobody else connects.
fn poolers(server: &Server, question: &Question) -> Vec<AdvicePooler> {
    let at_most = if question.fits == Some(0) { Some(0) } else { sizing::answer(question).size };
    let of = |consumer: &Consumer| match &consumer.kind {
        ConsumerKind::Pooler { pooler, pairs, .. } => Some(AdvicePooler {
            name: pooler.clone(),
            instances: consumer.instances.max,
            pairs: *pairs,
            at_most,
        }),
        _ => None,
    };
    server.consumers.iter().filter_map(of).collect()
}

/// The label of a client of the catalogue.
fn client(label: &str) -> Result<String, Failure> {
    let catalog = crate::catalog::catalog();
    let labels = || catalog.clients.iter().map(|entry| entry.label.as_str());
    let named = catalog.clients.iter().filter(|entry| entry.label == label || entry.id == label);
    // Of several versions the one whose URL sizes the pool: the other takes its size from code.
    let by_url = |entry: &&ClientEntry| {
        let usual = catalog.client(&entry.label).and_then(|usual| usual.pool.size.as_ref());
        usual.is_some_and(|size| !size.params.is_empty())
    };
    match named.max_by_key(|entry| (by_url(entry), entry.label.as_str())) {
        Some(entry) => Ok(entry.label.clone()),
        None => {
            let hint =
                nearest(label, labels()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            Err(Failure::Usage(format!("no client is called {label:?}{hint}")))
        }
    }
}
