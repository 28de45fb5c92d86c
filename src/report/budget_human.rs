//! The budget for people: a table for each server, with every factor and its source, and a bar of used against
//! limit.

mod bar;
mod change;
mod factors;
mod prose;
mod table;

use std::io::{self, Write};

use super::{Budget, Paint, plain};
use bar::{bar, legend};
use change::{Change, moved, numbers};
use factors::source;
pub(super) use factors::{name, product};
use prose::paragraph;
use table::{Total, consumers};

use crate::model::{
    Demand, Deployment, Environment, Located, Pooler, REQUIRED_VARIABLE, Server, Severity, Stray, Verdict,
};
use crate::tree::Files;

/// Writes the budget.
///
/// # Errors
/// When the output cannot be written.
pub fn budget_human(budget: &Budget<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    plain::write(paint, out, |out| render(budget, paint, out))
}

fn render(budget: &Budget<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
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
            let before = budget.server_before(deployment, server);
            self::server(budget, server, before, paint, out)?;
        }
        for pooler in &deployment.poolers {
            self::pooler(budget, deployment, pooler, paint, out)?;
        }
        for gone in budget.servers_gone(deployment) {
            writeln!(out, "\n  {} is gone: {}", server_name(gone), numbers(gone.demand.numbers))?;
        }
    }
    for shared in &budget.model.shared_servers {
        let title = paint.bold(&format!("{} together", shared.deployments.join(" and ")));
        writeln!(out, "\n{title}, {}", shared.environment)?;
        self::server(budget, &shared.server, budget.shared_before(shared), paint, out)?;
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

/// A server; `before` is what it was, where there is something to compare with.
fn server(
    budget: &Budget<'_>,
    server: &Server,
    before: Option<&Server>,
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
    consumers(&server.consumers, Total { numbers, complete, unlimited, verdict: word }, files, paint, out)?;
    if !server.may_connect.is_empty() {
        let strays: Vec<String> = server.may_connect.iter().map(stray).collect();
        paragraph(&format!("may connect too: {}", strays.join(", ")), "    ", paint, out)?;
    }
    if let Some(limit) = server.max_connections.value {
        writeln!(out, "\n  {}", bar(&server.demand, limit, server.budget, paint))?;
    }
    if let Some(was) = before {
        moved(budget, Some(&was.consumers), &server.consumers, paint, out)?;
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
