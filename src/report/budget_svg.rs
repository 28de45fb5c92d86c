//! Who connects to what as a picture: workloads, poolers and servers in columns, the connections at full scale on the
//! arrows, and for each server a bar of used against limit with a mark where the budget ends.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::model::{Consumer, ConsumerKind, Demand, Deployment, Environment, Model, Pooler, Server, Verdict};

/// Lengths in user units, which viewers take for pixels.
const WIDTH: u64 = 220;
const HEIGHT: u64 = 40;
const GAP: u64 = 16;
/// Between two columns: room for arrows and their numbers.
const BETWEEN: u64 = 150;
const MARGIN: u64 = 24;
/// A server's box also holds its bar and its verdict.
const SERVER_HEIGHT: u64 = 88;
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
.soft{font-size:12px;fill:#57606a}.number{font-size:12px;text-anchor:middle;stroke:#ffffff;stroke-width:4;paint-order:stroke}\
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
}

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
        let mut place = |names: &[&'a str], next: &mut u64| {
            for name in names {
                nodes.push(Node { kind: Kind::Source, name, middle: next.saturating_add(HEIGHT / 2) });
                *next = next.saturating_add(HEIGHT + GAP);
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
            nodes.push(Node { kind: Kind::Pooler, name: &pooler.name, middle });
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
        let mut begun = HashMap::new();
        for (pooler, node) in
            deployment.poolers.iter().filter_map(|one| Some((one, self.find(Kind::Pooler, &one.name)?)))
        {
            self.arrows(&pooler.consumers, (self.column(1), top, node.middle), &mut begun, out);
        }
        for (server, middle) in deployment.servers.iter().zip(&self.servers) {
            self.arrows(&server.consumers, (self.server_column(), top, *middle), &mut begun, out);
        }
        for node in self.nodes.iter().filter(|node| node.kind == Kind::Source) {
            let y = top.saturating_add(node.middle).saturating_sub(HEIGHT / 2);
            rectangle(out, "box", self.column(0), y, WIDTH, HEIGHT);
            text(out, "", self.column(0).saturating_add(12), y.saturating_add(25), &cut(node.name, LETTERS));
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
        out: &mut String,
    ) {
        let count = u64::try_from(consumers.len()).unwrap_or(1).max(1);
        let spread = SERVER_HEIGHT - 24;
        for (at, consumer) in (0u64..).zip(consumers) {
            let (kind, name) = end(consumer);
            let Some(node) = self.find(kind, name) else { continue };
            let column = if kind == Kind::Pooler { 1 } else { 0 };
            // Several that leave one box leave it one below the other, each with its number.
            let before = begun.entry((kind, name)).or_default();
            let shift = if *before == 0 { 0 } else { HEIGHT / 2 - 6 };
            *before = before.saturating_add(1);
            let start = if *before == 3 {
                top.saturating_add(node.middle).saturating_sub(shift)
            } else {
                top.saturating_add(node.middle).saturating_add(shift)
            };
            let from = (self.column(column).saturating_add(WIDTH), start);
            let offset = at
                .saturating_mul(2)
                .saturating_add(1)
                .saturating_mul(spread)
                .checked_div(count.saturating_mul(2))
                .unwrap_or(0);
            let to = (left, top.saturating_add(middle).saturating_sub(spread / 2).saturating_add(offset));
            // Where an arrow passes the poolers' column it keeps between the boxes as well as it can.
            let bend = to.0.saturating_sub(BETWEEN / 2);
            let label = format!("{}{}", if consumer.complete { "" } else { "≥ " }, consumer.connections.max);
            let tip = to.0.saturating_sub(8);
            let _ = writeln!(
                out,
                "<path class=\"arrow\" d=\"M{} {}H{}C{bend} {} {bend} {} {tip} {}\"/>",
                from.0,
                from.1,
                to.0.saturating_sub(BETWEEN).saturating_add(4).max(from.0),
                from.1,
                to.1,
                to.1,
            );
            let _ = writeln!(out, "<path class=\"head\" d=\"M{} {}l-9 -4v8z\"/>", to.0, to.1);
            text(out, "number", from.0.saturating_add(34), from.1.saturating_add(4), &label);
        }
    }
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

/// The box of a server or a pooler: its name, its bar, its verdict.
struct Gauge<'a> {
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
    fn of_server(server: &'a Server) -> Self {
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

    fn of_pooler(pooler: &'a Pooler) -> Self {
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

    fn draw(&self, left: u64, middle: u64, out: &mut String) {
        let top = middle.saturating_sub(SERVER_HEIGHT / 2);
        let inside = left.saturating_add(12);
        rectangle(out, self.class, left, top, WIDTH, SERVER_HEIGHT);
        text(out, "", inside, top.saturating_add(22), &cut(self.name, LETTERS));
        let least = if self.demand.complete { "" } else { "≥ " };
        let used = match self.demand.unlimited {
            true => "unlimited".to_owned(),
            false => format!("{least}{}", self.demand.numbers.max),
        };
        let budget = self.budget.map(|budget| format!(", budget {budget}")).unwrap_or_default();
        let of = match self.limit {
            Some(limit) => format!("{used} of {limit}{budget}"),
            None => format!("{used}, limit unknown"),
        };
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

fn rectangle(out: &mut String, class: &str, x: u64, y: u64, width: u64, height: u64) {
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>"
    );
}

fn text(out: &mut String, class: &str, x: u64, y: u64, content: &str) {
    let content = escape(content);
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{content}</text>");
}

/// The beginning and the end of a text that is too long: names differ at both.
fn cut(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let head = most.saturating_sub(1) / 2;
    let tail = most.saturating_sub(1).saturating_sub(head);
    let (start, end): (String, String) =
        (text.chars().take(head).collect(), text.chars().skip(count.saturating_sub(tail)).collect());
    format!("{start}…{end}")
}

/// Nothing in a name is markup, and nothing of it is forbidden in XML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{LETTERS, cut, escape};

    #[test]
    fn no_name_is_markup() {
        assert_eq!(escape("a<b>\"&'\u{1}\u{ffff}"), "a&lt;b&gt;&quot;&amp;&#39;  ");
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(cut("short", LETTERS), "short");
        let long = cut("a-very-long-name-of-a-deployment-of-the-worker", LETTERS);
        assert_eq!((long.as_str(), long.chars().count()), ("a-very-long…f-the-worker", LETTERS));
    }
}
