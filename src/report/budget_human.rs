//! The budget for people: a table for each server, with every factor and its source, and a bar of used against
//! limit.

use std::io::{self, Write};

use super::Paint;
use crate::model::{
    Basis, Consumer, ConsumerKind, Deployment, Environment, Factor, Located, Model, Numbers, Pooler, Server,
    Severity, Size, Verdict,
};
use crate::tree::Files;

/// Factors that tell how many instances run.
const INSTANCES: [&str; 12] = [
    "replicas",
    "instances",
    "hpa-min",
    "hpa-max",
    "keda-min",
    "keda-max",
    "min-scale",
    "max-scale",
    "surge",
    "parallelism",
    "suspend",
    "nodes",
];

/// Factors of which there may be one.
const ONE: [(&str, &str); 3] = [("replicas", "replica"), ("instances", "instance"), ("processes", "process")];

/// Cells of the bar.
const BAR: u64 = 40;

/// Writes the budget.
///
/// # Errors
/// When the output cannot be written.
pub fn budget_human(model: &Model, files: &Files, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let mut any = false;
    for deployment in &model.deployments {
        if deployment.servers.is_empty() && deployment.poolers.is_empty() {
            continue;
        }
        any = true;
        heading(deployment, paint, out)?;
        for server in &deployment.servers {
            self::server(server, files, paint, out)?;
        }
        for pooler in &deployment.poolers {
            self::pooler(pooler, files, paint, out)?;
        }
    }
    if !any {
        writeln!(
            out,
            "No database server is known: nothing here runs one, and no connection leads to one by name."
        )?;
        writeln!(
            out,
            "Declare it under [databases.<name>] in poollint.toml; `poollint init` writes a first version."
        )?;
    }
    Ok(())
}

fn heading(deployment: &Deployment, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let environment = match deployment.environment.value {
        None | Some(Environment::Unknown) => String::new(),
        Some(environment) => format!(", {environment}"),
    };
    writeln!(out, "{}{environment}", paint.bold(&deployment.name))?;
    for gap in &deployment.partial {
        writeln!(out, "  {}", paint.dim(&format!("only partly known: {gap}")))?;
    }
    Ok(())
}

fn server(server: &Server, files: &Files, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let address = server.address.as_deref().map(|address| format!(" ({address})")).unwrap_or_default();
    writeln!(out, "\n  {} {}{address}", paint.bold(&server.name), server.engine)?;
    let limit = match server.max_connections.value {
        Some(limit) => format!("max_connections {limit}{}", source(&server.max_connections, files)),
        None => "max_connections unknown: declare it under [databases] in poollint.toml".to_owned(),
    };
    writeln!(out, "  {limit}")?;
    if let (Some(usable), Some(budget)) = (server.usable, server.budget) {
        let reserved = server.reserved.value.unwrap_or(0);
        let note = server.reserved.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
        writeln!(out, "  − {reserved} reserved{note} = {usable} usable; budget {budget}")?;
    }
    consumers(&server.consumers, files, out)?;
    let Numbers { min, max, rollout } = server.demand.numbers;
    let least = if server.demand.complete { "" } else { "at least " };
    let verdict = verdict(server.verdict, server.tight, paint);
    writeln!(out, "    {least}{min} at rest, {max} at full scale, {rollout} during a rollout: {verdict}")?;
    if let Some(limit) = server.max_connections.value {
        writeln!(out, "    {}", bar(max, limit, server.budget, paint))?;
    }
    writeln!(out)
}

fn pooler(pooler: &Pooler, files: &Files, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let address = pooler.address.as_deref().map(|address| format!(" ({address})")).unwrap_or_default();
    writeln!(out, "\n  {} {}{address}, clients", paint.bold(&pooler.name), pooler.kind)?;
    let mode = match pooler.mode.value {
        Some(mode) => format!("pool_mode {}{}", mode.name(), source(&pooler.mode, files)),
        None => "pool_mode unknown".to_owned(),
    };
    let limit = match pooler.max_client_conn.value {
        Some(limit) => {
            let source = source(&pooler.max_client_conn, files);
            let instances = match pooler.instances.max {
                1 => String::new(),
                instances => format!(" × {instances} instances"),
            };
            format!("max_client_conn {limit}{source}{instances}")
        }
        None => "max_client_conn unknown".to_owned(),
    };
    writeln!(out, "  {mode}; {limit}")?;
    consumers(&pooler.consumers, files, out)?;
    let Numbers { min, max, rollout } = pooler.demand.numbers;
    let least = if pooler.demand.complete { "" } else { "at least " };
    let verdict = self::verdict(pooler.verdict, false, paint);
    writeln!(out, "    {least}{min} at rest, {max} at full scale, {rollout} during a rollout: {verdict}\n")
}

fn consumers(consumers: &[Consumer], files: &Files, out: &mut dyn Write) -> io::Result<()> {
    if consumers.is_empty() {
        return writeln!(out, "    nobody is known to connect");
    }
    let names: Vec<String> = consumers.iter().map(name).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (consumer, name) in consumers.iter().zip(&names) {
        let Numbers { min, max, rollout } = consumer.connections;
        let sum =
            if min == max && max == rollout { max.to_string() } else { format!("{min} / {max} / {rollout}") };
        let unknown = if consumer.complete { "" } else { " at least" };
        writeln!(out, "    {name:width$} {unknown:>9} {sum:>14}   {}", product(consumer, files))?;
    }
    Ok(())
}

pub(super) fn name(consumer: &Consumer) -> String {
    match &consumer.kind {
        ConsumerKind::Workload { workload, container: Some(container), variable, .. } => {
            format!("{workload}/{container} ({variable})")
        }
        ConsumerKind::Workload { workload, variable, .. } => format!("{workload} ({variable})"),
        ConsumerKind::Pooler { pooler, .. } => format!("{pooler} (pooler)"),
        ConsumerKind::Other { name } => format!("{name} (declared)"),
    }
}

/// `3 replicas (k8s/api.yaml:8) × (10 pool-size (.env:3) + 5 pool-overflow (.env:4))`, and what holds it below. Of an
/// init container `1 surge × (12 starting − 9 running), starting: 1 process × 12 pool-size`.
pub(super) fn product(consumer: &Consumer, files: &Files) -> String {
    let (start, factors): (Vec<&Factor>, Vec<&Factor>) =
        consumer.factors.iter().partition(|factor| ["starting", "running"].contains(&factor.name.as_str()));
    if let [starting, rest @ ..] = start.as_slice() {
        let (instances, own): (Vec<&Factor>, Vec<&Factor>) =
            factors.into_iter().partition(|factor| INSTANCES.contains(&factor.name.as_str()));
        let own = times(&own, files);
        return match rest {
            [] => format!("starts beside more: {own}"),
            rest => {
                let starting = factor(starting, files);
                let running: String =
                    rest.iter().map(|running| format!(" − {}", factor(running, files))).collect();
                format!("{} × ({starting}{running}), starting: {own}", times(&instances, files))
            }
        };
    }
    times(&factors, files)
}

fn times(factors: &[&Factor], files: &Files) -> String {
    let (caps, factors): (Vec<&Factor>, Vec<&Factor>) =
        factors.iter().copied().partition(|factor| factor.name.starts_with("max_"));
    let (instances, factors): (Vec<&Factor>, Vec<&Factor>) =
        factors.into_iter().partition(|factor| INSTANCES.contains(&factor.name.as_str()));
    let instances: Vec<String> = instances.into_iter().map(|one| self::factor(one, files)).collect();
    // They tell together how many run; they are not multiplied with each other.
    let mut parts: Vec<String> = match instances.as_slice() {
        [] => Vec::new(),
        [one] => vec![one.clone()],
        several => vec![format!("({})", several.join(", "))],
    };
    for factor in factors {
        let text = self::factor(factor, files);
        match parts.last_mut() {
            Some(last) if ["pool-overflow", "reserve_pool_size"].contains(&factor.name.as_str()) => {
                *last = format!("({last} + {text})");
            }
            // Pools of different sizes are added up, not multiplied.
            Some(last) if factor.name.ends_with("pool_size") && last.contains("pool_size") => {
                *last = format!("{last} or {text}");
            }
            _ => parts.push(text),
        }
    }
    let caps: String = caps.iter().map(|cap| format!(", at most {}", self::factor(cap, files))).collect();
    format!("{}{caps}", parts.join(" × "))
}

fn factor(factor: &Factor, files: &Files) -> String {
    let Factor { name, value } = factor;
    let number = match (value.value, value.note.as_deref()) {
        (Some(Size::Limit(number)), _) => number.to_string(),
        (Some(Size::Unlimited), _) => "unlimited".to_owned(),
        (None, Some(note)) if value.place.is_none() => format!("({note})"),
        (None, _) => "?".to_owned(),
    };
    let name = match value.value {
        Some(Size::Limit(1)) => {
            ONE.iter().find(|(many, _)| many == name).map_or(name.as_str(), |(_, one)| *one)
        }
        _ => name,
    };
    format!("{number} {name}{}", source(value, files))
}

/// Where a value comes from, in brackets.
fn source<T>(value: &Located<T>, files: &Files) -> String {
    if let Some(place) = value.place.filter(|_| value.is_explicit()) {
        return format!(" ({}:{})", files.path(place.file), files.line(place));
    }
    let word = match value.basis {
        Basis::ClientDefault => "client default",
        Basis::ImageDefault => "image default",
        Basis::EngineDefault => "engine default",
        Basis::PlatformDefault => "platform default",
        Basis::PoolerDefault => "pooler default",
        Basis::Plan => "plan",
        Basis::Written | Basis::Declared | Basis::Derived => return String::new(),
        Basis::Unknown => "unknown",
    };
    let may = if value.overridable { ", code may change it" } else { "" };
    format!(" ({word}{may})")
}

fn verdict(verdict: Verdict, tight: bool, paint: Paint) -> String {
    let word = verdict.name();
    match verdict {
        Verdict::Overflow | Verdict::AutoscaleOverflow => paint.severity(Severity::Error, word),
        Verdict::RolloutOverflow | Verdict::OverShare => paint.severity(Severity::Warning, word),
        Verdict::Fits if tight => paint.severity(Severity::Info, "fits, tight"),
        Verdict::Fits => paint.good(word),
        Verdict::Unknown => word.to_owned(),
    }
}

/// Used against limit, with a mark where the budget ends.
fn bar(used: u64, limit: u64, budget: Option<u64>, paint: Paint) -> String {
    let cell =
        |connections: u64| connections.saturating_mul(BAR).checked_div(limit.max(1)).unwrap_or(0).min(BAR);
    let filled = cell(used);
    let mark = budget.map(cell);
    let (full, empty, edge) = if paint.unicode { ('█', '░', '│') } else { ('#', '.', '|') };
    let cells: String = (0..BAR)
        .map(|at| match at {
            at if Some(at) == mark => edge,
            at if at < filled => full,
            _ => empty,
        })
        .collect();
    format!("{cells} {used} of {limit}")
}
