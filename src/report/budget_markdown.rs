//! The budget as Markdown: a table for each server and each pooler, with every factor.

use std::io::{self, Write};

use super::Budget;
use super::budget::{change, consumers_before, count, counts, signed};
use super::budget_human::{name, product};
use super::markdown::escape;
use crate::model::{Consumer, Demand, Numbers, Server, Verdict};
use crate::tree::Files;

/// Writes the budget.
///
/// # Errors
/// When the output cannot be written.
pub fn budget_markdown(budget: &Budget<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Budget { model, files, .. } = *budget;
    writeln!(out, "## Connection budget")?;
    if !budget.what_if.is_empty() {
        writeln!(out, "\nWhat if {}? Nothing is changed on disk.", escape(&budget.what_if.join(", ")))?;
    }
    if let Some(base) = budget.base {
        writeln!(out, "\nCompared with {}.", escape(base))?;
    }
    if budget.before.is_some() {
        summary(budget, out)?;
    }
    let known = |deployment: &&crate::model::Deployment| {
        !deployment.servers.is_empty() || !deployment.poolers.is_empty()
    };
    let mut any = false;
    for deployment in model.deployments.iter().filter(known) {
        any = true;
        writeln!(out, "\n### {}", escape(&deployment.name))?;
        for gap in &deployment.partial {
            writeln!(out, "\nOnly partly known: {}", escape(gap))?;
        }
        for server in &deployment.servers {
            writeln!(
                out,
                "\n**{}** ({}): {}\n",
                escape(&server.name),
                escape(&server.engine),
                limit(server)
            )?;
            let was = budget.server_before(deployment, server);
            let before = was.map(|was| was.consumers.as_slice()).unwrap_or_default();
            let before = budget.before.map(|_| before);
            table(&server.consumers, before, server.demand, files, out)?;
            let tight = if server.verdict == Verdict::Fits && server.tight { ", tight" } else { "" };
            writeln!(out, "\nVerdict: **{}**{tight}", server.verdict.name())?;
            if let Some(was) = was {
                let Numbers { min, max, rollout } = was.demand.numbers;
                writeln!(out, "\nBefore: {min} / {max} / {rollout}, **{}**", was.verdict.name())?;
            }
        }
        for pooler in &deployment.poolers {
            let limit =
                pooler.max_client_conn.value.map_or_else(|| "unknown".to_owned(), |limit| limit.to_string());
            let kind = escape(&pooler.kind);
            writeln!(out, "\n**{}** ({kind}), clients: max_client_conn {limit}\n", escape(&pooler.name))?;
            let was = budget.pooler_before(deployment, pooler);
            let before = was.map(|was| was.consumers.as_slice()).unwrap_or_default();
            let before = budget.before.map(|_| before);
            table(&pooler.consumers, before, pooler.demand, files, out)?;
            writeln!(out, "\nVerdict: **{}**", pooler.verdict.name())?;
        }
    }
    for shared in &model.shared_servers {
        let server = &shared.server;
        writeln!(out, "\n### {} together", escape(&shared.deployments.join(" and ")))?;
        writeln!(out, "\n**{}** ({}): {}\n", escape(&server.name), escape(&server.engine), limit(server))?;
        let was = budget.shared_before(shared);
        let before = was.map(|was| was.consumers.as_slice()).unwrap_or_default();
        table(&server.consumers, budget.before.map(|_| before), server.demand, files, out)?;
        writeln!(out, "\nVerdict: **{}**", server.verdict.name())?;
        if let Some(was) = was {
            let Numbers { min, max, rollout } = was.demand.numbers;
            writeln!(out, "\nBefore: {min} / {max} / {rollout}, **{}**", was.verdict.name())?;
        }
    }
    if !any {
        writeln!(out, "\nNo database server is known.")?;
    }
    Ok(())
}

fn limit(server: &Server) -> String {
    let Some(limit) = server.max_connections.value else {
        return "max_connections unknown".to_owned();
    };
    match (server.usable, server.budget) {
        (Some(usable), Some(budget)) => format!("max_connections {limit}, {usable} usable, budget {budget}"),
        _ => format!("max_connections {limit}"),
    }
}

/// Every server with its sums before and after, at full scale and in a rollout.
fn summary(budget: &Budget<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n| server | | before | after | change | usable | verdict |\n|---|---|--:|--:|--:|--:|---|"
    )?;
    let mut row = |deployment: &str, was: Option<&Server>, is: Option<&Server>| {
        let Some(server) = is.or(was) else { return Ok(()) };
        let shown = |server: Option<&Server>| match server {
            Some(server) if server.demand.unlimited => "unlimited".to_owned(),
            Some(server) => sums(server.demand.numbers, server.demand.complete),
            None => "-".to_owned(),
        };
        let of = |server: Option<&Server>| server.map(|server| server.demand.numbers).unwrap_or_default();
        let usable = server.usable.map_or_else(|| "?".to_owned(), |usable| usable.to_string());
        let verdict = is.map_or("gone", |server| server.verdict.name());
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {usable} | {verdict} |",
            escape(&server.name),
            escape(deployment),
            shown(was),
            shown(is),
            change(of(was), of(is)).map(signed).join(" / "),
        )
    };
    for deployment in &budget.model.deployments {
        for server in &deployment.servers {
            row(&deployment.name, budget.server_before(deployment, server), Some(server))?;
        }
        for gone in budget.servers_gone(deployment) {
            row(&deployment.name, Some(gone), None)?;
        }
    }
    for deployment in budget.deployments_gone() {
        for gone in &deployment.servers {
            row(&deployment.name, Some(gone), None)?;
        }
    }
    for shared in &budget.model.shared_servers {
        let together = format!("{} together", shared.deployments.join(" and "));
        row(&together, budget.shared_before(shared), Some(&shared.server))?;
    }
    writeln!(out, "\nNumbers are connections at rest / at full scale / during a rollout.")
}

/// A table of consumers. `before` are those of before, where there is something to compare with.
fn table(
    consumers: &[Consumer],
    before: Option<&[Consumer]>,
    demand: Demand,
    files: &Files,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (head, line) = if before.is_some() { (" before | change |", "--:|--:|") } else { ("", "") };
    writeln!(out, "| consumer | factors | min | max | rollout |{head}\n|---|---|--:|--:|--:|{line}")?;
    let (known, gone) = consumers_before(consumers, before.unwrap_or_default());
    for (consumer, was) in consumers.iter().zip(known) {
        let compared = before.map(|_| {
            let shown = was.map_or_else(|| "-".to_owned(), |was| sums(was.connections, was.complete));
            let was = was.map(|was| was.connections).unwrap_or_default();
            format!(" {shown} | {} |", change(was, consumer.connections).map(signed).join(" / "))
        });
        let (name, product) = (escape(&name(consumer)), escape(&product(consumer, files)));
        let cells = counts(consumer, "unlimited").join(" | ");
        writeln!(out, "| {name} | {product} | {cells} |{}", compared.unwrap_or_default())?;
    }
    for gone in gone {
        let change = change(gone.connections, Numbers::default()).map(signed).join(" / ");
        let was = sums(gone.connections, gone.complete);
        writeln!(out, "| {} | gone | 0 | 0 | 0 | {was} | {change} |", escape(&name(gone)))?;
    }
    let rest = if before.is_some() { " | |" } else { "" };
    writeln!(
        out,
        "| **all** | | {} |{rest}",
        cells(demand.numbers, demand.complete, demand.unlimited).join(" | ")
    )
}

/// In one cell.
fn sums(numbers: Numbers, complete: bool) -> String {
    cells(numbers, complete, false).join(" / ")
}

fn cells(numbers: Numbers, complete: bool, unlimited: bool) -> [String; 3] {
    let Numbers { min, max, rollout } = numbers;
    [min, max, rollout].map(|sum| count(sum, complete, unlimited, "unlimited"))
}
