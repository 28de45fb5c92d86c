//! Who connects to what as a picture: workloads, poolers and servers in columns, the connections at full scale on the
//! arrows, and for each server a bar of used against limit with a mark where the budget ends.

mod draw;
mod gauge;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::budget::counts;
use crate::model::{Consumer, ConsumerKind, Deployment, Environment, Model};
use draw::{cut, rectangle, text};
use gauge::Gauge;

/// Lengths in user units, which viewers take for pixels.
const WIDTH: u64 = 220;
const HEIGHT: u64 = 40;
const GAP: u64 = 16;
/// Between two columns: room for arrows and their numbers.
const BETWEEN: u64 = 150;
const MARGIN: u64 = 24;
/// A server's box also holds its bar and its verdict.
const SERVER_HEIGHT: u64 = 88;
/// Between two arrows that leave one box: room for their numbers one below the other.
const LINE: u64 = 18;
/// Width of a letter of 12 px monospace, rounded up.
const LETTER: u64 = 8;
/// Letters of a number on an arrow: what the room between two columns has beside a curve.
const NUMBER_LETTERS: usize = 14;
/// Letters of 13 px monospace that fit a box.
const LETTERS: usize = 24;
/// The same of 12 px.
const SMALL_LETTERS: usize = 27;
/// Width of a bar.
const BAR: u64 = WIDTH - 24;

/// Colours for light and for dark surroundings, without variables, which not every viewer knows; the meaning of a colour
/// always stands in words as well.
const STYLE: &str = "\
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328}.title{font-weight:600;font-size:15px}\
.soft{font-size:12px;fill:#57606a}.number{font-size:12px;stroke:#ffffff;stroke-width:4;paint-order:stroke}\
.paper{fill:#ffffff}.box{fill:#f6f8fa;stroke:#8c959f}.pooler{stroke-dasharray:5 3}.arrow{fill:none;stroke:#8c959f;stroke-width:1.5}\
.head{fill:#8c959f}.free{fill:#d0d7de}.fits{fill:#1a7f37}.warn{fill:#bf8700}.over{fill:#cf222e}.unknown{fill:#8c959f}.mark{stroke:#1f2328;stroke-width:2}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9198a1}.number{stroke:#0d1117}.paper{fill:#0d1117}.box{fill:#161b22;stroke:#656c76}\
.arrow{stroke:#656c76}.head{fill:#656c76}.free{fill:#30363d}.fits{fill:#3fb950}.warn{fill:#d29922}.over{fill:#f85149}.unknown{fill:#656c76}.mark{stroke:#e6edf3}}";

/// Writes the budget.
///
/// # Errors
/// When the output cannot be written.
pub fn budget_svg(model: &Model, out: &mut dyn Write) -> io::Result<()> {
    let mut body = String::new();
    let (mut top, mut right) = (MARGIN, 0u64);
    let known = |deployment: &&Deployment| !deployment.servers.is_empty() || !deployment.poolers.is_empty();
    for deployment in model.deployments.iter().filter(known) {
        let picture = Picture::of(deployment);
        picture.draw(deployment, top, &mut body);
        top = top.saturating_add(picture.height());
        right = right.max(picture.right());
        // A heading may be wider than the columns below it.
        let heading = u64::try_from(heading(deployment).chars().count()).unwrap_or(u64::MAX);
        right = right.max(heading.saturating_mul(10).saturating_add(2 * MARGIN));
    }
    if right == 0 {
        right = 420;
        text(&mut body, "soft", MARGIN, top.saturating_add(12), "No database server is known.");
        top = top.saturating_add(MARGIN);
    }
    let height = top.saturating_add(MARGIN);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{right}\" height=\"{height}\" viewBox=\"0 0 {right} {height}\" \
         role=\"img\" aria-label=\"Connection budget\">"
    )?;
    writeln!(out, "<title>Connection budget</title>\n<style>{STYLE}</style>")?;
    writeln!(out, "<rect class=\"paper\" width=\"{right}\" height=\"{height}\"/>")?;
    out.write_all(body.as_bytes())?;
    writeln!(out, "</svg>")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Source,
    Pooler,
}

/// A box of the first or second column.
struct Node<'a> {
    kind: Kind,
    name: &'a str,
    /// Its middle line, from the top of the deployment's picture.
    middle: u64,
    /// Arrows that leave it.
    leaving: u64,
}

impl Node<'_> {
    /// High enough for all its arrows.
    fn height(&self) -> u64 {
        if self.kind == Kind::Pooler { SERVER_HEIGHT } else { height(self.leaving) }
    }

    /// Where one of its arrows begins, below its top.
    fn start(&self, arrow: u64) -> u64 {
        let above = self.leaving.saturating_sub(1).saturating_mul(LINE / 2);
        self.middle.saturating_sub(above).saturating_add(arrow.saturating_mul(LINE))
    }
}

/// The height of a workload's box with so many arrows.
fn height(leaving: u64) -> u64 {
    leaving.saturating_mul(LINE).saturating_add(8).max(HEIGHT)
}

/// What is drawn in a layer above the arrows, so that none of them crosses a number.
type Numbers = String;

/// Where everything stands in one deployment's picture.
struct Picture<'a> {
    nodes: Vec<Node<'a>>,
    /// Middles of the servers.
    servers: Vec<u64>,
    /// Whether there is a column of poolers.
    pooled: bool,
    tallest: u64,
}

impl<'a> Picture<'a> {
    fn of(deployment: &'a Deployment) -> Self {
        let mut nodes: Vec<Node<'a>> = Vec::new();
        let mut next = HEADING;
        let direct: Vec<&str> = sources(deployment.servers.iter().flat_map(|server| &server.consumers));
        let pooled: Vec<&str> = sources(deployment.poolers.iter().flat_map(|pooler| &pooler.consumers));
        let leaving = leaving(deployment);
        let leaving = |kind: Kind, name: &str| leaving.get(&(kind, name)).copied().unwrap_or(0);
        let mut place = |names: &[&'a str], next: &mut u64| {
            for name in names {
                let leaving = leaving(Kind::Source, name);
                let middle = next.saturating_add(height(leaving) / 2);
                nodes.push(Node { kind: Kind::Source, name, middle, leaving });
                *next = next.saturating_add(height(leaving)).saturating_add(GAP);
            }
        };
        let known: HashSet<&str> = direct.iter().copied().collect();
        let only: Vec<&str> = pooled.into_iter().filter(|name| !known.contains(name)).collect();
        place(&only, &mut next);
        // Arrows that go past the poolers start below them, lest they seem to go through.
        let poolers = u64::try_from(deployment.poolers.len()).unwrap_or(u64::MAX);
        next = next.max(poolers.saturating_mul(SERVER_HEIGHT + GAP).saturating_add(HEADING));
        place(&direct, &mut next);
        if direct.is_empty() && only.is_empty() {
            next = HEADING;
        }
        let mut tallest = next;
        let mut spread = |heights: &[u64]| -> Vec<u64> {
            let mut at = HEADING;
            let mut middles = Vec::new();
            for height in heights {
                middles.push(at.saturating_add(height / 2));
                at = at.saturating_add(height.saturating_add(GAP));
            }
            tallest = tallest.max(at);
            middles
        };
        let poolers = spread(&vec![SERVER_HEIGHT; deployment.poolers.len()]);
        let servers = spread(&vec![SERVER_HEIGHT; deployment.servers.len()]);
        let pooled = !poolers.is_empty();
        for (pooler, middle) in deployment.poolers.iter().zip(poolers) {
            let leaving = leaving(Kind::Pooler, &pooler.name);
            nodes.push(Node { kind: Kind::Pooler, name: &pooler.name, middle, leaving });
        }
        Self { nodes, servers, pooled, tallest }
    }

    fn height(&self) -> u64 {
        self.tallest.saturating_add(GAP)
    }

    /// The left edge of a column: workloads, poolers, servers.
    fn column(&self, at: u64) -> u64 {
        MARGIN.saturating_add(at.saturating_mul(WIDTH + BETWEEN))
    }

    fn server_column(&self) -> u64 {
        self.column(if self.pooled { 2 } else { 1 })
    }

    fn right(&self) -> u64 {
        self.server_column().saturating_add(WIDTH + MARGIN)
    }

    fn find(&self, kind: Kind, name: &str) -> Option<&Node<'a>> {
        self.nodes.iter().find(|node| node.kind == kind && node.name == name)
    }

    fn draw(&self, deployment: &Deployment, top: u64, out: &mut String) {
        text(out, "title", MARGIN, top.saturating_add(16), &heading(deployment));
        let (mut begun, mut numbers) = (HashMap::new(), Numbers::new());
        for (pooler, node) in
            deployment.poolers.iter().filter_map(|one| Some((one, self.find(Kind::Pooler, &one.name)?)))
        {
            self.arrows(
                &pooler.consumers,
                (self.column(1), top, node.middle),
                &mut begun,
                (out, &mut numbers),
            );
        }
        for (server, middle) in deployment.servers.iter().zip(&self.servers) {
            self.arrows(
                &server.consumers,
                (self.server_column(), top, *middle),
                &mut begun,
                (out, &mut numbers),
            );
        }
        out.push_str(&numbers);
        for node in self.nodes.iter().filter(|node| node.kind == Kind::Source) {
            let middle = top.saturating_add(node.middle);
            let y = middle.saturating_sub(node.height() / 2);
            rectangle(out, "box", self.column(0), y, WIDTH, node.height());
            text(
                out,
                "",
                self.column(0).saturating_add(12),
                middle.saturating_add(5),
                &cut(node.name, LETTERS),
            );
        }
        for pooler in &deployment.poolers {
            let Some(node) = self.find(Kind::Pooler, &pooler.name) else { continue };
            Gauge::of_pooler(pooler).draw(self.column(1), top.saturating_add(node.middle), out);
        }
        for (server, middle) in deployment.servers.iter().zip(&self.servers) {
            Gauge::of_server(server).draw(self.server_column(), top.saturating_add(*middle), out);
        }
    }

    /// Arrows from consumers to the box whose left edge and middle are given. Where several arrive, they arrive one
    /// below the other.
    fn arrows<'b>(
        &self,
        consumers: &'b [Consumer],
        (left, top, middle): (u64, u64, u64),
        begun: &mut HashMap<(Kind, &'b str), u64>,
        (out, numbers): (&mut String, &mut Numbers),
    ) {
        let arriving = u64::try_from(consumers.len()).unwrap_or(1).max(1);
        let spread = SERVER_HEIGHT - 24;
        for (at, consumer) in (0u64..).zip(consumers) {
            let (kind, name) = end(consumer);
            let Some(node) = self.find(kind, name) else { continue };
            let column = if kind == Kind::Pooler { 1 } else { 0 };
            // Several that leave one box leave it one below the other, each with its number.
            let before = begun.entry((kind, name)).or_default();
            let from = (self.column(column).saturating_add(WIDTH), top.saturating_add(node.start(*before)));
            *before = before.saturating_add(1);
            let offset = at
                .saturating_mul(2)
                .saturating_add(1)
                .saturating_mul(spread)
                .checked_div(arriving.saturating_mul(2))
                .unwrap_or(0);
            let to = (left, top.saturating_add(middle).saturating_sub(spread / 2).saturating_add(offset));
            let [_, opens, _] = counts(consumer, "unlimited");
            let label = cut(&opens, NUMBER_LETTERS);
            let tip = to.0.saturating_sub(8);
            // It runs straight under its number, and past the poolers' column, where it keeps between the boxes as
            // well as it can.
            let letters = u64::try_from(label.chars().count()).unwrap_or(0);
            let number = from.0.saturating_add(8);
            let straight =
                number.saturating_add(letters.saturating_mul(LETTER)).max(to.0.saturating_sub(BETWEEN));
            let bend = straight.midpoint(tip);
            let _ = writeln!(
                out,
                "<path class=\"arrow\" d=\"M{} {}H{straight}C{bend} {} {bend} {} {tip} {}\"/>",
                from.0, from.1, from.1, to.1, to.1,
            );
            let _ = writeln!(out, "<path class=\"head\" d=\"M{} {}l-9 -4v8z\"/>", to.0, to.1);
            text(numbers, "number", number, from.1.saturating_add(4), &label);
        }
    }
}

/// How many arrows leave each box.
fn leaving(deployment: &Deployment) -> HashMap<(Kind, &str), u64> {
    let servers = deployment.servers.iter().flat_map(|server| &server.consumers);
    let poolers = deployment.poolers.iter().flat_map(|pooler| &pooler.consumers);
    let mut count: HashMap<(Kind, &str), u64> = HashMap::new();
    for consumer in servers.chain(poolers) {
        let arrows = count.entry(end(consumer)).or_default();
        *arrows = arrows.saturating_add(1);
    }
    count
}

/// The names of those that are no poolers, each once, in their order.
fn sources<'a>(consumers: impl Iterator<Item = &'a Consumer>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    consumers
        .map(end)
        .filter(|(kind, name)| *kind == Kind::Source && seen.insert(*name))
        .map(|(_, name)| name)
        .collect()
}

/// Room for a deployment's name.
const HEADING: u64 = 36;

fn heading(deployment: &Deployment) -> String {
    match deployment.environment.value {
        None | Some(Environment::Unknown) => deployment.name.clone(),
        Some(environment) => format!("{}, {environment}", deployment.name),
    }
}

fn end(consumer: &Consumer) -> (Kind, &str) {
    match &consumer.kind {
        ConsumerKind::Workload { workload, .. } => (Kind::Source, workload),
        ConsumerKind::Other { name } => (Kind::Source, name),
        ConsumerKind::Pooler { pooler, .. } => (Kind::Pooler, pooler),
    }
}
