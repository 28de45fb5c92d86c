//! How large pools should be: the formula over the database host's CPUs, the range for the environment, and what fits.

/// What is known about the pools of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Question {
    /// CPUs of the database's host.
    pub cpus: Option<u64>,
    /// Its disks that seek.
    pub spindles: u64,
    /// Pools at full scale: the sum of instances × processes over all that connect.
    pub pools: u64,
    /// Size of each pool that the budget allows beside everything that is no pool; `None` when no limit is known.
    pub fits: Option<u64>,
    /// The recommended range.
    pub range: Option<(u64, u64)>,
}

/// The recommendation and the way to it. Numbers of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answer {
    /// What keeps the host busy: 2 × CPUs + spindles.
    pub host: Option<u64>,
    /// That for each pool, rounded down.
    pub formula: Option<u64>,
    /// That within the range.
    pub in_range: Option<u64>,
    /// The recommendation; `None` when neither CPUs nor limit are known.
    pub size: Option<u64>,
    /// Whether a pooler is the answer: less than one connection for each pool.
    pub pooler: bool,
}

/// Works it out: formula, range, what fits; what fits wins; at least 1.
#[must_use]
pub fn answer(question: &Question) -> Answer {
    let host = question.cpus.map(|cpus| cpus.saturating_mul(2).saturating_add(question.spindles));
    let formula = host.map(|host| host.checked_div(question.pools.max(1)).unwrap_or(0));
    let in_range = match (formula, question.range) {
        (Some(formula), Some((low, high))) => Some(formula.clamp(low, high.max(low))),
        (formula, _) => formula,
    };
    // Without CPUs only the share that fits is known; nobody needs more than the range's upper end.
    let wanted =
        in_range.or(question.fits.map(|fits| question.range.map_or(fits, |(_, high)| fits.min(high))));
    let size = wanted.map(|wanted| question.fits.map_or(wanted, |fits| wanted.min(fits)).max(1));
    let pooler = formula == Some(0) || question.fits == Some(0);
    Answer { host, formula, in_range, size, pooler }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formula_then_range_then_what_fits() {
        let several = Some((5, 10));
        for (cpus, spindles, pools, fits, range, size, pooler) in [
            // One instance on 4 CPUs and a disk: 9, below the 10 to 20 for production.
            (Some(4), 1, 1, None, Some((10, 20)), Some(10), false),
            (Some(4), 1, 1, None, None, Some(9), false),
            (Some(16), 0, 1, None, Some((10, 20)), Some(20), false),
            // Three share the 9: 3 each, raised to 5; 26 would fit.
            (Some(4), 1, 3, Some(26), several, Some(5), false),
            // What fits wins over the range.
            (Some(16), 0, 3, Some(4), several, Some(4), false),
            // Less than one each: a pooler, and still at least 1.
            (Some(4), 0, 12, Some(6), several, Some(5), true),
            (Some(4), 0, 200, Some(0), several, Some(1), true),
            // Without CPUs only what fits.
            (None, 0, 3, Some(26), several, Some(10), false),
            (None, 0, 3, Some(26), None, Some(26), false),
            (None, 0, 3, None, several, None, false),
        ] {
            let question = Question { cpus, spindles, pools, fits, range };
            let answer = answer(&question);
            assert_eq!((answer.size, answer.pooler), (size, pooler), "{question:?}");
        }
    }
}
