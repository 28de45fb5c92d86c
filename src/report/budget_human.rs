//! The budget for people: a table for each server, with every factor and its source, and a bar of used against
//! limit.

use std::io::{self, Write};

use super::budget_change::{Change, moved, numbers};
use super::{Budget, Paint};
use crate::config::ORIGIN;
use crate::model::{
    Basis, Consumer, ConsumerKind, Demand, Deployment, Environment, Factor, Located, Model, Numbers, Pooler,
    REQUIRED_VARIABLE, Server, Severity, Size, Stray, Verdict,
};
use crate::tree::Files;

/// Factors that tell how many instances run.
const INSTANCES: [&str; 14] = [
    "replicas",
    "instances-min",
    "instances",
    "instances-rollout",
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
const ONE: [(&str, &str); 4] =
    [("replicas", "replica"), ("instances", "instance"), ("processes", "process"), ("pairs", "pair")];

/// Cells of the bar where there is room for them.
const BAR: usize = 48;

/// Writes the budget.
///
/// # Errors
/// When the output cannot be written.
pub fn budget_human(budget: &Budget<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if let Some(base) = budget.base {
        writeln!(out, "{}\n", paint.bold(&format!("Compared with {base}.")))?;
    }
    if !budget.what_if.is_empty() {
        let said = budget.what_if.join(", ");
        writeln!(out, "{}", paint.bold(&format!("What if {said}? Nothing is changed on disk.")))?;
        writeln!(out)?;
    }
    let mut first = true;
    for deployment in &budget.model.deployments {
        if deployment.servers.is_empty() && deployment.poolers.is_empty() {
            continue;
        }
        if !std::mem::take(&mut first) {
            writeln!(out)?;
        }
        heading(deployment, paint, out)?;
        for server in &deployment.servers {
            self::server(budget, deployment, server, paint, out)?;
        }
        for pooler in &deployment.poolers {
            self::pooler(budget, deployment, pooler, paint, out)?;
        }
        for gone in budget.servers_gone(deployment) {
            writeln!(out, "\n  {} is gone: {}", server_name(gone), numbers(gone.demand.numbers))?;
        }
    }
    for gone in budget.deployments_gone() {
        let servers: Vec<String> = gone
            .servers
            .iter()
            .map(|server| format!("{} {}", server_name(server), numbers(server.demand.numbers)))
            .collect();
        writeln!(out, "\n{} is gone: {}", paint.bold(&gone.name), servers.join(", "))?;
    }
    if first {
        writeln!(
            out,
            "No database server is known: nothing here runs one, and no connection leads to one by name."
        )?;
        writeln!(
            out,
            "Declare it under [databases.<name>] in poollint.toml; `poollint init` writes a first version."
        )?;
    }
    legend(budget.model, paint, out)
}

/// What the shades of the bars mean, where they differ.
fn legend(model: &Model, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let servers = model.deployments.iter().flat_map(|deployment| &deployment.servers);
    let mut barred = servers.filter(|server| server.max_connections.value.is_some());
    let differs = |server: &Server| {
        let Numbers { min, max, rollout } = server.demand.numbers;
        !server.demand.unlimited && (min != max || max != rollout)
    };
    if !barred.any(differs) {
        return Ok(());
    }
    let [rest, scale, rollout, _, edge] = signs(paint);
    let text =
        format!("{rest} at rest, {scale} added at full scale, {rollout} added by a rollout, {edge} budget");
    writeln!(out, "\n{}", paint.dim(&text))
}

/// What bars are made of: at rest, full scale, rollout, free, the mark.
fn signs(paint: Paint) -> [char; 5] {
    if paint.unicode { ['█', '▓', '▒', '░', '│'] } else { ['#', '=', '-', '.', '|'] }
}

fn heading(deployment: &Deployment, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let environment = match deployment.environment.value {
        None | Some(Environment::Unknown) => String::new(),
        Some(environment) => format!(", {environment}"),
    };
    writeln!(out, "{}{environment}", paint.bold(&deployment.name))?;
    // A password that is kept elsewhere changes no number.
    for gap in deployment.partial.iter().filter(|gap| !gap.starts_with(REQUIRED_VARIABLE)) {
        paragraph(&format!("only partly known: {gap}"), "  ", paint, out)?;
    }
    Ok(())
}

fn server(
    budget: &Budget<'_>,
    deployment: &Deployment,
    server: &Server,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let files = budget.files;
    let engine = if server.engine == "unknown" { "" } else { server.engine.as_str() };
    title(server_name(server), engine, server.address.as_deref(), paint, out)?;
    match (server.max_connections.value, server.usable, server.budget) {
        (Some(limit), Some(usable), Some(portion)) => {
            let reserved = server.reserved.value.unwrap_or(0);
            let text = format!(
                "max_connections {limit}{}, {reserved} reserved{}: {usable} usable, budget {portion} ({:.0} %)",
                source(&server.max_connections, files),
                reserved_source(&server.reserved, files),
                server.share * 100.0,
            );
            paragraph(&text, "  ", paint, out)?;
        }
        _ => paragraph(
            "max_connections unknown: declare it under [databases] in poollint.toml",
            "  ",
            paint,
            out,
        )?,
    }
    let Demand { numbers, complete, unlimited } = server.demand;
    let word = verdict(server.verdict, server.tight, paint);
    let before = budget.server_before(deployment, server);
    consumers(&server.consumers, Total { numbers, complete, unlimited, verdict: word }, files, paint, out)?;
    if !server.may_connect.is_empty() {
        let strays: Vec<String> = server.may_connect.iter().map(stray).collect();
        paragraph(&format!("may connect too: {}", strays.join(", ")), "    ", paint, out)?;
    }
    if let Some(limit) = server.max_connections.value {
        writeln!(out, "\n  {}", bar(&server.demand, limit, server.budget, paint))?;
    }
    let was_there = before.map(|was| was.consumers.as_slice());
    moved(budget, was_there, &server.consumers, paint, out)?;
    if let Some(was) = before {
        let change = Change {
            limit: (was.usable, server.usable),
            demand: (was.demand, server.demand),
            verdict: (verdict(was.verdict, was.tight, paint), verdict(server.verdict, server.tight, paint)),
        };
        change.write(paint, out)?;
    }
    Ok(())
}

/// Who, and what is not known of it.
fn stray(stray: &Stray) -> String {
    let Stray { workload, variable, reason } = stray;
    match (variable, reason) {
        (Some(variable), _) => format!("{workload} ({variable})"),
        (None, Some(reason)) => format!("{workload} ({reason})"),
        (None, None) => format!("{workload} (no connection of it is known)"),
    }
}

/// One that is known by a secret only has no name of its own.
fn server_name(server: &Server) -> &str {
    if server.name == "unknown" { "server of unknown address" } else { &server.name }
}

fn reserved_source(reserved: &Located<u64>, files: &Files) -> String {
    match reserved.note.as_deref() {
        Some(note) if reserved.place.is_none() => format!(" ({note})"),
        _ => source(reserved, files),
    }
}

fn title(name: &str, kind: &str, address: Option<&str>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let kind = if kind.is_empty() { String::new() } else { format!(", {kind}") };
    let address = address.map(|address| format!(" at {address}")).unwrap_or_default();
    writeln!(out, "\n  {}{kind}{address}", paint.bold(name))
}

fn pooler(
    budget: &Budget<'_>,
    deployment: &Deployment,
    pooler: &Pooler,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let files = budget.files;
    title(&pooler.name, &format!("clients of {}", pooler.kind), pooler.address.as_deref(), paint, out)?;
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
    paragraph(&format!("{mode}; {limit}"), "  ", paint, out)?;
    let Demand { numbers, complete, unlimited } = pooler.demand;
    let word = verdict(pooler.verdict, false, paint);
    consumers(&pooler.consumers, Total { numbers, complete, unlimited, verdict: word }, files, paint, out)?;
    if let Some(limit) = pooler.max_client_conn.value {
        let limit = limit.saturating_mul(pooler.instances.max);
        writeln!(out, "\n  {}", bar(&pooler.demand, limit, None, paint))?;
    }
    let before = budget.pooler_before(deployment, pooler);
    moved(budget, before.map(|was| was.consumers.as_slice()), &pooler.consumers, paint, out)?;
    if let Some(was) = before {
        let limit =
            |pooler: &Pooler| Some(pooler.max_client_conn.value?.saturating_mul(pooler.instances.max));
        let change = Change {
            limit: (limit(was), limit(pooler)),
            demand: (was.demand, pooler.demand),
            verdict: (verdict(was.verdict, false, paint), verdict(pooler.verdict, false, paint)),
        };
        change.write(paint, out)?;
    }
    Ok(())
}

/// The last row of a table.
struct Total {
    numbers: Numbers,
    complete: bool,
    unlimited: bool,
    verdict: String,
}

/// `autoscale-overflow` and what stands before it.
const LONGEST_VERDICT: usize = 21;

/// Widest name that its column makes room for.
const NAME: usize = 44;

fn consumers(
    consumers: &[Consumer],
    total: Total,
    files: &Files,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    if consumers.is_empty() {
        return writeln!(out, "\n    nobody is known to connect: {}", total.verdict);
    }
    let names: Vec<String> = consumers.iter().map(name).collect();
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("all".len());
    let width = widest.min(NAME).min(paint.width.0.saturating_sub(36).max(12));
    let row = |name: &str, cells: [String; 3]| {
        let [min, max, rollout] = cells;
        let room = width.saturating_add(9).saturating_sub(name.chars().count());
        format!("    {name}{min:>room$}{max:>11}{rollout:>9}")
    };
    let head = ["at rest", "full scale", "rollout"].map(str::to_owned);
    writeln!(out, "\n{}", paint.dim(&row("", head)))?;
    for (consumer, name) in consumers.iter().zip(&names) {
        let Numbers { min, max, rollout } = consumer.connections;
        // A name that is wider than its column has a line of its own.
        let name = if name.chars().count() > width {
            writeln!(out, "    {name}")?;
            ""
        } else {
            name
        };
        writeln!(out, "{}", row(name, [min, max, rollout].map(|count| at_least(count, consumer.complete))))?;
        paragraph(&product(consumer, files), "      ", paint, out)?;
    }
    let Numbers { min, max, rollout } = total.numbers;
    let cells = [min, max, rollout].map(|count| match total.unlimited {
        true => "∞".to_owned(),
        false => at_least(count, total.complete),
    });
    let sum = row("all", cells);
    let apart = sum.chars().count().saturating_add(LONGEST_VERDICT) > paint.width.0;
    let gap = if apart { "\n    " } else { "   " };
    writeln!(out, "{}{gap}{}", paint.bold(&sum), total.verdict)
}

/// A sum that is incomplete is a lower bound.
pub(super) fn at_least(count: u64, complete: bool) -> String {
    if complete { count.to_string() } else { format!("≥ {count}") }
}

/// The words of a text, each with the space behind it. A number belongs to what it counts, and a sign to what follows.
fn glued(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for word in text.split_inclusive(' ') {
        match words.last_mut() {
            Some(last) if open => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        let bare = word.trim().trim_start_matches('(');
        open = bare.chars().all(|letter| letter.is_ascii_digit() || "×+−≥".contains(letter));
    }
    words
}

/// Text in lines of the output's width, dimmed; a word that is longer than a line is left whole.
fn paragraph(text: &str, indent: &str, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let room = paint.width.0.saturating_sub(indent.len());
    let mut line = String::new();
    let mut used: usize = 0;
    for word in glued(text) {
        let length = word.trim_end().chars().count();
        if used > 0 && used.saturating_add(length) > room {
            writeln!(out, "{indent}{}", paint.dim(line.trim_end()))?;
            line.clear();
            used = 0;
        }
        line.push_str(&word);
        used = used.saturating_add(word.chars().count());
    }
    writeln!(out, "{indent}{}", paint.dim(line.trim_end()))
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
    if value.note.as_deref() == Some(ORIGIN) {
        return format!(" ({ORIGIN})");
    }
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

/// What is asked against the limit, with a mark where the budget ends: at rest, what full scale adds, what a rollout
/// adds, what is left.
fn bar(demand: &Demand, limit: u64, budget: Option<u64>, paint: Paint) -> String {
    let cells = u64::try_from(BAR.min(paint.width.0.saturating_sub(34)).max(10)).unwrap_or(10);
    let cell = |connections: u64| {
        connections.saturating_mul(cells).checked_div(limit.max(1)).unwrap_or(0).min(cells)
    };
    let Numbers { min, max, rollout } = demand.numbers;
    let [rest, full, peak] = if demand.unlimited { [cells; 3] } else { [min, max, rollout].map(cell) };
    let mark = budget.map(cell).filter(|mark| *mark < cells);
    let [at_rest, at_scale, in_rollout, free, edge] = signs(paint);
    let drawn: String = (0..cells)
        .map(|at| match at {
            at if Some(at) == mark => edge,
            at if at < rest => at_rest,
            at if at < full => at_scale,
            at if at < peak => in_rollout,
            _ => free,
        })
        .collect();
    let used = if demand.unlimited { "∞".to_owned() } else { at_least(max, demand.complete) };
    let budget = budget.map(|budget| format!(", {edge} {budget}")).unwrap_or_default();
    format!("{drawn} {used} of {limit}{budget}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(min: u64, max: u64, rollout: u64) -> Demand {
        Demand { numbers: Numbers { min, max, rollout }, complete: true, unlimited: false }
    }

    #[test]
    fn the_bar_shows_rest_scale_rollout_and_the_mark() {
        let paint = Paint { width: super::super::Width(44), ..Paint::plain() };
        for (demand, expected) in [
            (demand(30, 50, 60), "███▓▓▒░░│░ 50 of 100, │ 80"),
            (demand(300, 500, 600), "████████│█ 500 of 100, │ 80"),
            (demand(0, 0, 0), "░░░░░░░░│░ 0 of 100, │ 80"),
            (Demand { complete: false, ..demand(0, 10, 10) }, "▓░░░░░░░│░ ≥ 10 of 100, │ 80"),
            (Demand { unlimited: true, ..demand(0, 0, 0) }, "████████│█ ∞ of 100, │ 80"),
        ] {
            assert_eq!(bar(&demand, 100, Some(80), paint), expected);
        }
    }

    #[test]
    fn lines_keep_to_the_width() {
        let mut out = Vec::new();
        let paint = Paint { width: super::super::Width(24), ..Paint::plain() };
        let text = "3 replicas (k8s/api.yaml:8) × 10 pool-size (.env:3)";
        paragraph(text, "    ", paint, &mut out).unwrap();
        let shown = String::from_utf8(out).unwrap();
        assert!(shown.lines().all(|line| line.chars().count() <= 24), "{shown}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&shown), words(text));
        assert!(!shown.contains("3\n") && !shown.contains("×\n") && !shown.contains("10\n"), "{shown}");
    }
}
