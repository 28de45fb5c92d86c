//! What was and what would be.

use std::io::{self, Write};

use super::factors::name;
use crate::model::{Consumer, Demand, Numbers};
use crate::report::budget::{ENDLESS, change, consumers_before, count, signed};
use crate::report::{Budget, Paint};

/// At rest, at full scale, in a rollout.
pub(super) fn numbers(numbers: Numbers) -> String {
    let Numbers { min, max, rollout } = numbers;
    format!("{min} / {max} / {rollout}")
}

/// The consumers whose numbers changed.
pub(super) fn moved(
    budget: &Budget<'_>,
    was: Option<&[Consumer]>,
    is: &[Consumer],
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    if budget.before.is_none() {
        return Ok(());
    }
    let arrow = if paint.unicode { "→" } else { "->" };
    let (known, gone) = consumers_before(is, was.unwrap_or_default());
    for (consumer, was) in is.iter().zip(known) {
        let added = |was| change(was, consumer.connections).map(signed).join(" / ");
        let (name, now) = (name(consumer), numbers(consumer.connections));
        match was {
            None => writeln!(out, "  {name}: new, {}", added(Numbers::default()))?,
            Some(was) if was.connections == consumer.connections => {}
            Some(was) => {
                let before = numbers(was.connections);
                writeln!(out, "  {name}: {before} {arrow} {now} ({})", added(was.connections))?;
            }
        }
    }
    for gone in gone {
        let added = change(gone.connections, Numbers::default()).map(signed).join(" / ");
        writeln!(out, "  {}: gone, {added}", name(gone))?;
    }
    Ok(())
}

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
        let [min, max, rollout] = change(self.demand.0.numbers, self.demand.1.numbers);
        let by = |step: String, added: i128| match added {
            0 => step,
            added => format!("{step} ({})", signed(added)),
        };
        let limit = |limit: Option<u64>| limit.map_or_else(|| "?".to_owned(), |limit| limit.to_string());
        let (was, is) = (self.demand.0, self.demand.1);
        let sum = |demand: Demand, of: u64| count(of, demand.complete, demand.unlimited, ENDLESS);
        let parts = [
            by(step("at rest", sum(was, was.numbers.min), sum(is, is.numbers.min)), min),
            by(step("full scale", sum(was, was.numbers.max), sum(is, is.numbers.max)), max),
            by(step("rollout", sum(was, was.numbers.rollout), sum(is, is.numbers.rollout)), rollout),
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
