//! Who connects to what as a Mermaid flowchart, with the connections at full scale on the arrows.

use std::io::{self, Write};

use super::budget::{count, counts};
use crate::model::{Consumer, ConsumerKind, Demand, Model, Verdict};

/// Writes the budget.
///
/// # Errors
/// When the output cannot be written.
pub fn budget_mermaid(model: &Model, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    let mut nodes = Nodes::default();
    for (at, deployment) in model.deployments.iter().enumerate() {
        if deployment.servers.is_empty() && deployment.poolers.is_empty() {
            continue;
        }
        writeln!(out, "  subgraph d{at}[\"{}\"]", escape(&deployment.name))?;
        nodes.known.clear();
        for pooler in &deployment.poolers {
            let target = nodes.id(Kind::Pooler, &pooler.name, out)?;
            for consumer in &pooler.consumers {
                edge(&mut nodes, consumer, target, out)?;
            }
        }
        for server in &deployment.servers {
            let target = nodes.next();
            let Demand { numbers, complete, unlimited } = server.demand;
            let needed = count(numbers.max, complete, unlimited, "unlimited");
            let usable = server.usable.map_or_else(|| "?".to_owned(), |usable| usable.to_string());
            writeln!(out, "    n{target}[(\"{}<br/>{needed} of {usable}\")]", escape(&server.name))?;
            for consumer in &server.consumers {
                edge(&mut nodes, consumer, target, out)?;
            }
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

fn edge(nodes: &mut Nodes, consumer: &Consumer, target: usize, out: &mut dyn Write) -> io::Result<()> {
    let (kind, name) = match &consumer.kind {
        ConsumerKind::Workload { workload, .. } => (Kind::Workload, workload),
        ConsumerKind::Pooler { pooler, .. } => (Kind::Pooler, pooler),
        ConsumerKind::Other { name } => (Kind::Other, name),
    };
    let from = nodes.id(kind, name, out)?;
    let [_, opens, _] = counts(consumer, "unlimited");
    writeln!(out, "    n{from} -->|\"{opens}\"| n{target}")
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
