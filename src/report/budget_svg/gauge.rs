//! The box of a server or a pooler, with its bar of used against limit.

use std::fmt::Write as _;

use super::draw::{cut, rectangle, text};
use super::{BAR, LETTERS, SERVER_HEIGHT, SMALL_LETTERS, WIDTH};
use crate::model::{Demand, Pooler, Server, Verdict};
use crate::report::budget::count;

/// The box of a server or a pooler: its name, its bar, its verdict.
pub(super) struct Gauge<'a> {
    name: &'a str,
    class: &'static str,
    demand: Demand,
    /// What the bar is as long as.
    limit: Option<u64>,
    /// Where its mark is.
    budget: Option<u64>,
    verdict: String,
    colour: &'static str,
}

impl<'a> Gauge<'a> {
    /// A server's.
    pub fn of_server(server: &'a Server) -> Self {
        let colour = match server.verdict {
            Verdict::Overflow | Verdict::AutoscaleOverflow | Verdict::RolloutOverflow => "over",
            Verdict::OverShare => "warn",
            Verdict::Fits if server.tight => "warn",
            Verdict::Fits => "fits",
            Verdict::Unknown => "unknown",
        };
        let tight = if server.verdict == Verdict::Fits && server.tight { ", tight" } else { "" };
        Self {
            name: &server.name,
            class: "box",
            demand: server.demand,
            limit: server.max_connections.value,
            budget: server.budget,
            verdict: format!("{}{tight}", server.verdict.name()),
            colour,
        }
    }

    /// Of a pooler's client side.
    pub fn of_pooler(pooler: &'a Pooler) -> Self {
        Self {
            name: &pooler.name,
            class: "box pooler",
            demand: pooler.demand,
            limit: pooler.max_client_conn.value.map(|limit| limit.saturating_mul(pooler.instances.max)),
            budget: None,
            verdict: format!("clients: {}", pooler.verdict.name()),
            colour: match pooler.verdict {
                Verdict::Overflow => "over",
                Verdict::Unknown => "unknown",
                _ => "fits",
            },
        }
    }

    /// Draws it around its middle line.
    pub fn draw(&self, left: u64, middle: u64, out: &mut String) {
        let top = middle.saturating_sub(SERVER_HEIGHT / 2);
        let inside = left.saturating_add(12);
        rectangle(out, self.class, left, top, WIDTH, SERVER_HEIGHT);
        text(out, "", inside, top.saturating_add(22), &cut(self.name, LETTERS));
        let Demand { numbers, complete, unlimited } = self.demand;
        let used = count(numbers.max, complete, unlimited, "unlimited");
        let of = match self.limit {
            Some(limit) => format!("{used} of {limit}"),
            None => format!("{used}, limit unknown"),
        };
        // The mark shows it too, where there is no room for the number.
        let budget = self.budget.map(|budget| format!("{of}, budget {budget}"));
        let of = budget.filter(|text| text.chars().count() <= SMALL_LETTERS).unwrap_or(of);
        text(out, "soft", inside, top.saturating_add(78), &cut(&of, SMALL_LETTERS));
        text(out, "soft", inside, top.saturating_add(42), &cut(&self.verdict, LETTERS));
        let Some(limit) = self.limit else { return };
        let bar = top.saturating_add(50);
        let length = |count: u64| count.saturating_mul(BAR).checked_div(limit.max(1)).unwrap_or(0).min(BAR);
        let filled = if self.demand.unlimited { BAR } else { length(self.demand.numbers.max) };
        rectangle(out, "free", inside, bar, BAR, 12);
        if filled > 0 {
            rectangle(out, self.colour, inside, bar, filled, 12);
        }
        if let Some(budget) = self.budget {
            let x = inside.saturating_add(length(budget));
            let (from, to) = (bar.saturating_sub(3), bar.saturating_add(15));
            let _ = writeln!(out, "<path class=\"mark\" d=\"M{x} {from}V{to}\"/>");
        }
    }
}
