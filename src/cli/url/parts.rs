//! The parts of a connection string as poollint reads them.

use std::io::{self, Write};

use crate::mask;
use crate::model::Model;
use crate::report::Paint;
use crate::span::Span;
use crate::syntax::connection::{self, ConnectionString, FlawKind, Part};

/// Writes the parts of `url`, which was read as `parsed`, each on a line.
pub(super) fn write(
    url: &str,
    parsed: &ConnectionString,
    model: &Model,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = |name: &str, value: Option<&str>| match value {
        Some(value) => writeln!(out, "{:12} {value}", paint.dim(&format!("{name:12}"))),
        None => Ok(()),
    };
    // Behind a credential that ends in the wrong place, any part may be a piece of it.
    let malformed = parsed.flaws.iter().any(|flaw| {
        flaw.kind != FlawKind::Placeholder && parsed.secrets.iter().any(|secret| secret.contains(flaw.span))
    });
    line("engine", Some(parsed.database_kind.name()))?;
    line("driver", parsed.driver.as_ref().and_then(|part| part.known()))?;
    let private = mask::params(parsed);
    // A part as it is written where it holds something that is masked, otherwise its value.
    let shown = |part: &Part| {
        let touches = |span: &Span| span.start < part.span.end && part.span.start < span.end;
        if !parsed.secrets.iter().chain(&private).any(touches) {
            return part.known().map(str::to_owned);
        }
        let inside = |span: &&Span| touches(span);
        let within = |span: &Span| {
            let (start, end) = (span.start.max(part.span.start), span.end.min(part.span.end));
            Span::new(start.saturating_sub(part.span.start), end.saturating_sub(part.span.start))
        };
        let spans: Vec<Span> = parsed.secrets.iter().chain(&private).filter(inside).map(within).collect();
        Some(connection::mask_spans(url.get(part.span.range()).unwrap_or_default(), &spans))
    };
    line("user", parsed.user.as_ref().filter(|_| !malformed).and_then(shown).as_deref())?;
    line("password", parsed.password.as_ref().map(|_| "***"))?;
    for host in parsed.hosts.iter().filter(|_| !malformed) {
        line("host", host.name.known())?;
        let port = host.port_number().or_else(|| parsed.database_kind.default_port());
        line("port", port.map(|port| port.to_string()).as_deref())?;
    }
    line("database", parsed.database.as_ref().filter(|_| !malformed).and_then(shown).as_deref())?;
    for param in parsed.params.iter().filter(|_| !malformed) {
        let value = param.value.as_ref().and_then(shown).unwrap_or_default();
        line("parameter", Some(&format!("{} = {value}", param.name.value)))?;
    }
    let client = model.deployments.iter().flat_map(|deployment| deployment.connections()).find_map(|found| {
        let client = found.2.client.as_ref()?;
        Some(format!("{} ({})", client.label, client.evidence.reason))
    });
    line("client", client.as_deref())?;
    writeln!(out)
}
