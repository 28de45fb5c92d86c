//! The bar of used against limit.

use std::io::{self, Write};

use crate::model::{Demand, Model, Numbers, Server};
use crate::report::Paint;
use crate::report::budget::{ENDLESS, count};

/// Cells of the bar where there is room for them.
const BAR: usize = 48;

/// What the shades of the bars mean, where they differ.
pub(super) fn legend(model: &Model, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
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

/// What is asked against the limit, with a mark where the budget ends: at rest, what full scale adds, what a rollout
/// adds, what is left.
pub(super) fn bar(demand: &Demand, limit: u64, budget: Option<u64>, paint: Paint) -> String {
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
    let used = count(max, demand.complete, demand.unlimited, ENDLESS);
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
        let paint = Paint { width: crate::report::Width(44), ..Paint::plain() };
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
}
