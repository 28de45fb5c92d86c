//! One of a demand's sums with all that is said about it: the number, the way to it, and the places of those who ask for
//! it. Every finding takes all of them from here, so that they are of the same moment.

use std::collections::BTreeSet;

use super::Fact;
use crate::model::{Consumer, ConsumerKind, Deployment, Label, Names, Numbers, Server, Size, Verdict};

/// When connections are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// At rest.
    Rest,
    /// At full scale.
    FullScale,
    /// While a new version rolls out.
    Rollout,
}

impl Moment {
    /// The one that a server's verdict is about: the first in which more is asked for than there is.
    pub fn of_verdict(server: &Server) -> Self {
        match server.verdict {
            Verdict::Overflow if !server.demand.unlimited => Self::Rest,
            Verdict::RolloutOverflow => Self::Rollout,
            _ => Self::FullScale,
        }
    }

    /// Its number.
    pub fn of(self, numbers: Numbers) -> u64 {
        match self {
            Self::Rest => numbers.min,
            Self::FullScale => numbers.max,
            Self::Rollout => numbers.rollout,
        }
    }
}

/// Consumers, and when their connections are counted.
#[derive(Debug, Clone)]
pub(super) struct Sum<'a> {
    consumers: Vec<&'a Consumer>,
    names: Names<'a>,
    moment: Moment,
}

impl<'a> Sum<'a> {
    /// The sum over these consumers.
    pub fn new(consumers: impl IntoIterator<Item = &'a Consumer>, moment: Moment) -> Self {
        let consumers: Vec<&Consumer> = consumers.into_iter().collect();
        Self { names: Names::of(consumers.iter().copied()), consumers, moment }
    }

    /// The same over some of them; `None` when there are none.
    pub fn only(&self, wanted: impl Fn(&Consumer) -> bool) -> Option<Self> {
        let consumers: Vec<&Consumer> =
            self.consumers.iter().copied().filter(|consumer| wanted(consumer)).collect();
        (!consumers.is_empty()).then(|| Self { consumers, names: self.names.clone(), moment: self.moment })
    }

    /// The same at another moment.
    pub fn at(&self, moment: Moment) -> Self {
        Self { moment, ..self.clone() }
    }

    /// When it is as much as that, in words; `None` where it is the same at rest and at full scale.
    pub fn when(&self) -> Option<String> {
        let full_scale = self.at(Moment::FullScale).number();
        let differs = self.at(Moment::Rest).number() != full_scale;
        match self.moment {
            Moment::Rest => differs.then(|| format!("at rest ({full_scale} at full scale)")),
            Moment::FullScale => differs.then(|| "at full scale".to_owned()),
            Moment::Rollout => Some("while a new version rolls out".to_owned()),
        }
    }

    /// Connections of all together.
    pub fn number(&self) -> u64 {
        self.consumers.iter().fold(0, |sum, consumer| sum.saturating_add(self.opens(consumer)))
    }

    /// `api 3 × (5 + 10) = 45 · worker 2 × 20 = 40`, the largest first, with the places of the consumers.
    pub fn fact(&self) -> Fact {
        let mut fact = Fact::new(self.text());
        fact.labels = self.labels();
        fact
    }

    fn opens(&self, consumer: &Consumer) -> u64 {
        self.moment.of(consumer.connections)
    }

    fn asking(&self) -> impl Iterator<Item = (&'a Consumer, u64)> + '_ {
        let all = self.consumers.iter().map(|consumer| (*consumer, self.opens(consumer)));
        all.filter(|(_, opens)| *opens > 0)
    }

    fn text(&self) -> String {
        let mut parts: Vec<(u64, String)> = self
            .asking()
            .map(|(consumer, total)| {
                let product = product(consumer, self.moment.of(consumer.instances), total);
                (total, format!("{} {product}", self.names.shown(consumer)))
            })
            .collect();
        parts.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" · ")
    }

    /// The places of the consumers, with what each opens.
    fn labels(&self) -> Vec<Label> {
        let mut labels: Vec<Label> = Vec::new();
        for (consumer, opens) in self.asking() {
            let Some(place) = consumer.place else { continue };
            let message = format!("{} opens {opens}", self.names.shown(consumer));
            match labels.iter_mut().find(|label| label.place == place) {
                Some(label) => label.message = format!("{}, {message}", label.message),
                None => labels.push(Label { place, message }),
            }
        }
        labels
    }

    /// The clients' defaults in it that code may change, as a condition.
    pub fn defaults(&self) -> Option<String> {
        let kept: Vec<String> = self
            .asking()
            .filter(|(consumer, _)| consumer.overridable)
            .filter_map(|(consumer, _)| match &consumer.kind {
                ConsumerKind::Workload {
                    client: Some(client),
                    size: Some(Size::Limit(size)),
                    overflow,
                    ..
                } => {
                    let overflow = match overflow {
                        Some(Size::Limit(overflow)) if *overflow > 0 => format!(" + {overflow}"),
                        _ => String::new(),
                    };
                    let workload = self.names.shown(consumer);
                    Some(format!("{workload} keeps {client}'s {size}{overflow}"))
                }
                _ => None,
            })
            .collect();
        (!kept.is_empty()).then(|| kept.join(" and "))
    }
}

fn product(consumer: &Consumer, instances: u64, total: u64) -> String {
    let mut factors = vec![instances.to_string()];
    // What an init container adds beyond the others is no product.
    let pool = |size: u64, overflow: u64, processes: &Option<u64>| {
        instances.saturating_mul(processes.unwrap_or(1)).saturating_mul(size.saturating_add(overflow))
    };
    match &consumer.kind {
        ConsumerKind::Workload { processes, size, overflow, .. } => {
            factors
                .extend(processes.filter(|processes| *processes > 1).map(|processes| processes.to_string()));
            match (size, overflow) {
                (Some(Size::Limit(size)), Some(Size::Limit(0)) | None)
                    if pool(*size, 0, processes) == total =>
                {
                    factors.push(size.to_string());
                }
                (Some(Size::Limit(size)), Some(Size::Limit(overflow)))
                    if pool(*size, *overflow, processes) == total =>
                {
                    factors.push(format!("({size} + {overflow})"));
                }
                _ => return total.to_string(),
            }
        }
        ConsumerKind::Pooler { pairs, size: Some(Size::Limit(size)), reserve, .. } => {
            let pool = match reserve.unwrap_or(0) {
                0 => size.to_string(),
                reserve => format!("({size} + {reserve})"),
            };
            if *pairs != 1 {
                factors.push(pairs.to_string());
            }
            factors.push(pool);
            // Its own limits may hold it below the product: then the product is no sum to show.
            let product = pairs.saturating_mul(size.saturating_add(reserve.unwrap_or(0)));
            if instances.saturating_mul(product) != total {
                return total.to_string();
            }
        }
        ConsumerKind::Pooler { .. } | ConsumerKind::Other { .. } => return total.to_string(),
    }
    format!("{} = {total}", factors.join(" × "))
}

/// The workloads behind consumers, also those that a pooler stands for.
pub(super) fn contributors(
    deployment: &Deployment,
    consumers: &[Consumer],
    through: bool,
    found: &mut BTreeSet<String>,
) {
    for consumer in consumers {
        match &consumer.kind {
            ConsumerKind::Workload { workload, .. } => {
                found.insert(workload.clone());
            }
            ConsumerKind::Pooler { pooler, .. } if through => {
                for known in deployment.poolers.iter().filter(|known| known.name == *pooler) {
                    found.extend(known.workload.clone());
                    contributors(deployment, &known.consumers, false, found);
                }
            }
            ConsumerKind::Pooler { .. } | ConsumerKind::Other { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{FileId, Place, Span};

    fn consumer(workload: &str, [min, max, rollout]: [u64; 3], at: usize) -> Consumer {
        Consumer {
            kind: ConsumerKind::Workload {
                workload: workload.to_owned(),
                container: None,
                variable: "DATABASE_URL".to_owned(),
                client: Some("node-postgres".to_owned()),
                processes: Some(1),
                size: Some(Size::Limit(10)),
                overflow: Some(Size::Limit(0)),
                surge_percent: None,
            },
            home: crate::model::Home::default(),
            instances: Numbers { min, max, rollout },
            instances_known: true,
            connections: Numbers { min: min * 10, max: max * 10, rollout: rollout * 10 },
            complete: true,
            factors: Vec::new(),
            overridable: true,
            place: Some(Place::new(FileId(0), Span::new(at, at))),
        }
    }

    #[test]
    fn number_text_and_places_are_of_one_moment() {
        let all =
            [consumer("api", [2, 4, 5], 1), consumer("worker", [3, 3, 3], 2), consumer("job", [0, 0, 1], 1)];
        for (moment, number, text, labels) in [
            (Moment::Rest, 50, "worker 3 × 10 = 30 · api 2 × 10 = 20", ["api opens 20", "worker opens 30"]),
            (
                Moment::FullScale,
                70,
                "api 4 × 10 = 40 · worker 3 × 10 = 30",
                ["api opens 40", "worker opens 30"],
            ),
            (
                Moment::Rollout,
                90,
                "api 5 × 10 = 50 · worker 3 × 10 = 30 · job 1 × 10 = 10",
                ["api opens 50, job opens 10", "worker opens 30"],
            ),
        ] {
            let sum = Sum::new(&all, moment);
            let messages: Vec<String> = sum.labels().into_iter().map(|label| label.message).collect();
            assert_eq!((sum.number(), sum.text().as_str()), (number, text));
            assert_eq!(messages, labels);
            let when = match moment {
                Moment::Rest => "at rest (70 at full scale)",
                Moment::FullScale => "at full scale",
                Moment::Rollout => "while a new version rolls out",
            };
            assert_eq!(sum.when().as_deref(), Some(when));
            let steady = sum.only(|consumer| consumer.name() == "worker").unwrap();
            assert_eq!(steady.when().is_none(), moment != Moment::Rollout);
            let defaults = sum.defaults().unwrap_or_default();
            assert_eq!(defaults.contains("job keeps"), moment == Moment::Rollout, "{defaults}");
        }
    }
}
