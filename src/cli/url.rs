//! `poollint url`: judges one connection string, as if it stood alone in an env file, and prints its parts.

use std::io::{self, Read, Write};

use super::args::UrlArgs;
use super::check;
use super::error::Failure;
use super::output::{self, Target};
use crate::config::{Config, WorkloadConfig, nearest};
use crate::mask;
use crate::model::{Model, Severity};
use crate::pipeline;
use crate::report::{self, Format, Masked, Paint, Report};
use crate::span::{Place, Span};
use crate::syntax::connection::{self, FlawKind, Part};
use crate::tree::{Files, Memory};

/// The imaginary file's name, and the variable in it.
const FILE: &str = "url.env";
const VARIABLE: &str = "DATABASE_URL";

pub(super) fn run(args: &UrlArgs) -> Result<u8, Failure> {
    let url = read(&args.url)?;
    // Single quotes keep every reader from touching the value; it holds none, or it is no URL.
    let text =
        if url.contains('\'') { format!("{VARIABLE}={url}\n") } else { format!("{VARIABLE}='{url}'\n") };
    let mut config = Config { fallback_environment: args.environment, ..Config::default() };
    if let Some(label) = &args.client {
        config.workloads.insert(FILE.to_owned(), client(label)?);
    }
    let tree = Memory::new([(FILE, text.as_bytes())]);
    let loaded = pipeline::load(&tree, Files::default())?;
    let mut model = pipeline::resolve(&loaded, &config);
    if args.serverless {
        model.make_serverless();
    }
    let judged = pipeline::judge(&loaded, &config, &model);
    let target = Target { format: args.format, file: None };
    let paint = output::paint(&args.look);
    let masked = Masked::new(&loaded.files, &hidden(&url, &text, &loaded.files, &model));
    let report = Report {
        findings: &judged.findings,
        suppressed: judged.suppressed,
        files: &loaded.files,
        masked: &masked,
        skipped: &[],
        comparison: None,
    };
    output::write(&target, |out| {
        if args.format == Format::Human {
            parts(&url, &model, paint, out)?;
        }
        report::render(args.format, &report, paint, out)
    })?;
    Ok(check::status(&judged, Some(Severity::Error), None))
}

/// What no excerpt may show: the credentials, and all of a text that is no connection string.
fn hidden(url: &str, text: &str, files: &Files, model: &Model) -> Vec<Place> {
    let mut places = model.secrets.clone();
    if let (None, Some(file), Some(start)) = (connection::parse(url), files.find(FILE), text.find('=')) {
        places.push(Place::new(file, Span::new(start.saturating_add(1), text.len())));
    }
    places
}

/// The argument, or one line of standard input for `-`.
fn read(argument: &str) -> Result<String, Failure> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut text = String::new();
    io::stdin()
        .lock()
        .take(1_000_000)
        .read_to_string(&mut text)
        .map_err(|_| Failure::Usage("standard input is not UTF-8 text".to_owned()))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// `[workloads."url.env"] client = …`
fn client(label: &str) -> Result<WorkloadConfig, Failure> {
    let catalog = crate::catalog::catalog();
    let entry = catalog.client(label).or_else(|| {
        catalog.clients.iter().filter(|entry| entry.id == label).max_by(|one, two| one.label.cmp(&two.label))
    });
    let Some(entry) = entry else {
        let known = catalog.clients.iter().map(|entry| entry.label.as_str());
        let hint = nearest(label, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        return Err(Failure::Usage(format!("no client is called {label:?}{hint}")));
    };
    Ok(WorkloadConfig { client: Some((entry.label.clone(), None)), ..WorkloadConfig::default() })
}

/// The parts of the connection string as poollint reads them.
fn parts(url: &str, model: &Model, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let Some(parsed) = connection::parse(url) else {
        return writeln!(out, "not a connection string that poollint knows\n");
    };
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
    let private = mask::params(&parsed);
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
