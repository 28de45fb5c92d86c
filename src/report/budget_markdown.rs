//! The budget as Markdown: a table for each server and each pooler, with every factor.

use std::io::{self, Write};

use super::Budget;
use super::budget::{count, counts};
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
            table(&server.consumers, server.demand, files, out)?;
            let tight = if server.verdict == Verdict::Fits && server.tight { ", tight" } else { "" };
            writeln!(out, "\nVerdict: **{}**{tight}", server.verdict.name())?;
            if let Some(was) = budget.server_before(deployment, server) {
                let Numbers { min, max, rollout } = was.demand.numbers;
                writeln!(out, "\nBefore: {min} / {max} / {rollout}, **{}**", was.verdict.name())?;
            }
        }
        for pooler in &deployment.poolers {
            let limit =
                pooler.max_client_conn.value.map_or_else(|| "unknown".to_owned(), |limit| limit.to_string());
            let kind = escape(&pooler.kind);
            writeln!(out, "\n**{}** ({kind}), clients: max_client_conn {limit}\n", escape(&pooler.name))?;
            table(&pooler.consumers, pooler.demand, files, out)?;
            writeln!(out, "\nVerdict: **{}**", pooler.verdict.name())?;
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

fn table(consumers: &[Consumer], demand: Demand, files: &Files, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| consumer | factors | min | max | rollout |\n|---|---|--:|--:|--:|")?;
    for consumer in consumers {
        let (name, product) = (escape(&name(consumer)), escape(&product(consumer, files)));
        writeln!(out, "| {name} | {product} | {} |", counts(consumer, "unlimited").join(" | "))?;
    }
    let Numbers { min, max, rollout } = demand.numbers;
    let sums = [min, max, rollout].map(|sum| count(sum, demand.complete, demand.unlimited, "unlimited"));
    writeln!(out, "| **all** | | {} |", sums.join(" | "))
}
