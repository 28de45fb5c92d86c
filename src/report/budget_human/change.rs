//! What was and what would be.

use std::io::{self, Write};

use crate::model::Demand;
use crate::report::Paint;
use crate::report::budget::{ENDLESS, count};

/// What was and what would be.
pub(super) struct Change {
    pub limit: (Option<u64>, Option<u64>),
    pub demand: (Demand, Demand),
    pub verdict: (String, String),
}

impl Change {
    /// Writes it as a line.
    pub fn write(&self, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
        let arrow = if paint.unicode { "→" } else { "->" };
        let step = |name: &str, was: String, is: String| {
            if was == is { format!("{name} {is}") } else { format!("{name} {was} {arrow} {is}") }
        };
        let limit = |limit: Option<u64>| limit.map_or_else(|| "?".to_owned(), |limit| limit.to_string());
        let (was, is) = (self.demand.0, self.demand.1);
        let sum = |demand: Demand, of: u64| count(of, demand.complete, demand.unlimited, ENDLESS);
        let parts = [
            step("at rest", sum(was, was.numbers.min), sum(is, is.numbers.min)),
            step("full scale", sum(was, was.numbers.max), sum(is, is.numbers.max)),
            step("rollout", sum(was, was.numbers.rollout), sum(is, is.numbers.rollout)),
            step("usable", limit(self.limit.0), limit(self.limit.1)),
            step("verdict", self.verdict.0.clone(), self.verdict.1.clone()),
        ];
        let same = was == is && self.limit.0 == self.limit.1 && self.verdict.0 == self.verdict.1;
        if same {
            return writeln!(out, "  before {arrow} after: no difference");
        }
        writeln!(out, "  before {arrow} after: {}", parts.join("; "))
    }
}
