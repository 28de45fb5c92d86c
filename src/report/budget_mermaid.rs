//! Who connects to what as a Mermaid flowchart, with the connections at full scale on the arrows, and in brackets what a
//! change added.

use std::io::{self, Write};

use super::Budget;
use super::budget::{change, consumers_before, count, counts, signed};
use crate::model::{Consumer, ConsumerKind, Demand, Numbers, Verdict};

/// Writes the budget.
///
/// # Errors
/// When the output cannot be written.
pub fn budget_mermaid(budget: &Budget<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    let mut nodes = Nodes::default();
    for (at, deployment) in budget.model.deployments.iter().enumerate() {
        if deployment.servers.is_empty() && deployment.poolers.is_empty() {
            continue;
        }
        writeln!(out, "  subgraph d{at}[\"{}\"]", escape(&deployment.name))?;
        nodes.known.clear();
        for pooler in &deployment.poolers {
            let target = nodes.id(Kind::Pooler, &pooler.name, out)?;
            let was = budget.pooler_before(deployment, pooler).map(|was| was.consumers.as_slice());
            edges(budget, &mut nodes, &pooler.consumers, was, target, out)?;
        }
        for server in &deployment.servers {
            let target = nodes.next();
            let Demand { numbers, complete, unlimited } = server.demand;
            let needed = count(numbers.max, complete, unlimited, "unlimited");
            let usable = server.usable.map_or_else(|| "?".to_owned(), |usable| usable.to_string());
            let was = budget.server_before(deployment, server);
            let more = added(budget, was.map(|was| was.demand.numbers), numbers);
            writeln!(out, "    n{target}[(\"{}<br/>{needed} of {usable}{more}\")]", escape(&server.name))?;
            let was = was.map(|was| was.consumers.as_slice());
            edges(budget, &mut nodes, &server.consumers, was, target, out)?;
            if matches!(
                server.verdict,
                Verdict::Overflow | Verdict::AutoscaleOverflow | Verdict::RolloutOverflow
            ) {
                writeln!(out, "    style n{target} fill:#ffebe9,stroke:#cf222e,color:#1f2328")?;
            }
        }
        writeln!(out, "  end")?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Workload,
    Pooler,
    Other,
}

/// The nodes written so far in one deployment; ids count on through all of them.
#[derive(Default)]
struct Nodes {
    count: usize,
    known: Vec<(Kind, String, usize)>,
}

impl Nodes {
    fn next(&mut self) -> usize {
        self.count = self.count.saturating_add(1);
        self.count
    }

    /// The id of a node, which is written when it is new.
    fn id(&mut self, kind: Kind, name: &str, out: &mut dyn Write) -> io::Result<usize> {
        if let Some((_, _, id)) = self.known.iter().find(|(known, of, _)| *known == kind && of == name) {
            return Ok(*id);
        }
        let id = self.next();
        self.known.push((kind, name.to_owned(), id));
        let label = escape(name);
        match kind {
            Kind::Workload => writeln!(out, "    n{id}[\"{label}\"]")?,
            Kind::Pooler => writeln!(out, "    n{id}{{{{\"{label}\"}}}}")?,
            Kind::Other => writeln!(out, "    n{id}([\"{label}\"])")?,
        }
        Ok(id)
    }
}

/// What a change added at full scale, in brackets; nothing where it added nothing, or there is nothing to compare with.
fn added(budget: &Budget<'_>, was: Option<Numbers>, is: Numbers) -> String {
    let [_, more, _] = change(was.unwrap_or_default(), is);
    if budget.before.is_some() && more != 0 { format!(" ({})", signed(more)) } else { String::new() }
}

fn edges(
    budget: &Budget<'_>,
    nodes: &mut Nodes,
    consumers: &[Consumer],
    before: Option<&[Consumer]>,
    target: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (known, _) = consumers_before(consumers, before.unwrap_or_default());
    for (consumer, was) in consumers.iter().zip(known) {
        let more = added(budget, was.map(|was| was.connections), consumer.connections);
        edge(nodes, consumer, &more, target, out)?;
    }
    Ok(())
}

fn edge(
    nodes: &mut Nodes,
    consumer: &Consumer,
    more: &str,
    target: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (kind, name) = match &consumer.kind {
        ConsumerKind::Workload { workload, .. } => (Kind::Workload, workload),
        ConsumerKind::Pooler { pooler, .. } => (Kind::Pooler, pooler),
        ConsumerKind::Other { name } => (Kind::Other, name),
    };
    let from = nodes.id(kind, name, out)?;
    let [_, opens, _] = counts(consumer, "unlimited");
    writeln!(out, "    n{from} -->|\"{opens}{more}\"| n{target}")
}

/// Mermaid reads `#35;` as a character reference; everything that could end a label is written so.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            char if char.is_control() => out.push(' '),
            ' ' | '.' | ',' | '/' | '-' | '_' => out.push(char),
            char if char.is_ascii_punctuation() => out.push_str(&format!("#{};", u32::from(char))),
            char => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Kind, Nodes, escape};

    #[test]
    fn no_name_ends_its_label() {
        assert_eq!(escape("a\"]\n<b>#"), "a#34;#93; #60;b#62;#35;");
    }

    #[test]
    fn a_node_is_written_once() {
        let (mut nodes, mut out) = (Nodes::default(), Vec::new());
        let first = nodes.id(Kind::Workload, "api", &mut out).unwrap();
        assert_eq!(nodes.id(Kind::Workload, "api", &mut out).unwrap(), first);
        assert_ne!(nodes.id(Kind::Pooler, "api", &mut out).unwrap(), first);
        assert_eq!(String::from_utf8(out).unwrap(), "    n1[\"api\"]\n    n2{{\"api\"}}\n");
    }
}
