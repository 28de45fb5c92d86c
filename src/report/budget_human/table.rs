//! A server's or a pooler's table: who connects, by how many, and the sum.

use std::io::{self, Write};

use super::factors::{name, product};
use super::prose::paragraph;
use crate::model::{Consumer, Numbers};
use crate::report::Paint;
use crate::report::budget::{ENDLESS, count, counts};
use crate::tree::Files;

/// What stands before each row.
const INDENT: &str = "    ";

/// The headings of the numbers.
const HEAD: [&str; 3] = ["at rest", "full scale", "rollout"];

/// The last row of a table.
pub(super) struct Total {
    pub numbers: Numbers,
    pub complete: bool,
    pub unlimited: bool,
    pub verdict: String,
}

/// `autoscale-overflow` and what stands before it.
const LONGEST_VERDICT: usize = 21;

/// Widest name that its column makes room for.
const NAME: usize = 44;

/// Writes the table.
pub(super) fn consumers(
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
    let counts: Vec<[String; 3]> = consumers.iter().map(|consumer| counts(consumer, ENDLESS)).collect();
    let Numbers { min, max, rollout } = total.numbers;
    let sums = [min, max, rollout].map(|sum| count(sum, total.complete, total.unlimited, ENDLESS));
    let columns = columns(counts.iter().chain([&sums]));
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("all".len());
    let taken = columns.iter().fold(INDENT.len(), |sum, column| sum.saturating_add(*column));
    let width = widest.min(NAME).min(paint.width.0.saturating_sub(taken).max(12));
    let row = |name: &str, cells: &[String; 3]| {
        let gap = width.saturating_sub(name.chars().count());
        let cells: String = cells.iter().zip(columns).map(|(cell, room)| format!("{cell:>room$}")).collect();
        format!("{INDENT}{name}{:gap$}{cells}", "")
    };
    writeln!(out, "\n{}", paint.dim(&row("", &HEAD.map(str::to_owned))))?;
    for ((consumer, name), counts) in consumers.iter().zip(&names).zip(&counts) {
        // A name that is wider than its column has a line of its own.
        let name = if name.chars().count() > width {
            writeln!(out, "{INDENT}{name}")?;
            ""
        } else {
            name
        };
        writeln!(out, "{}", row(name, counts))?;
        paragraph(&product(consumer, files), "      ", paint, out)?;
    }
    let sum = row("all", &sums);
    let apart = sum.chars().count().saturating_add(LONGEST_VERDICT) > paint.width.0;
    let gap = if apart { "\n    " } else { "   " };
    writeln!(out, "{}{gap}{}", paint.bold(&sum), total.verdict)
}

/// The widths of the columns of numbers, each with the blanks before it: those of their headings, or more.
fn columns<'a>(rows: impl Iterator<Item = &'a [String; 3]>) -> [usize; 3] {
    let mut widths = [9, 11, 9];
    for cells in rows {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count().saturating_add(2));
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_grow_with_their_numbers() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        assert_eq!(columns([row(["1", "≥ 200", "3"])].iter()), [9, 11, 9]);
        let huge = row(["12000000000000000000", "4", "∞"]);
        assert_eq!(columns([row(["1", "2", "3"]), huge].iter()), [22, 11, 9]);
    }
}
