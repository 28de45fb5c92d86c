//! `poollint url`: judges one connection string, as if it stood alone in an env file, and prints its parts.

mod imagined;
mod parts;

use std::io::{self, Read};

use super::args::UrlArgs;
use super::check;
use super::error::Failure;
use super::output::{self, Target};
use crate::config::{Config, WorkloadConfig, nearest};
use crate::model::{Model, Severity};
use crate::pipeline;
use crate::report::{self, Format, Masked, Report};
use crate::rules::Judged;
use crate::span::{FileId, Place, Span};
use crate::syntax::connection;
use crate::tree::{Files, Memory, STDIN};
use imagined::Imagined;

/// What the argument goes by in output.
const ARGUMENT: &str = "<argument>";

pub(super) fn run(args: &UrlArgs) -> Result<u8, Failure> {
    let url = read(&args.url)?;
    if is_assignment(&url) {
        return Err(Failure::Usage(
            "a variable's name stands before the connection string: give the value alone".to_owned(),
        ));
    }
    let file = Imagined::new(&url);
    let mut config = Config { fallback_environment: args.environment, ..Config::default() };
    config.ignore_rules.extend(imagined::about_files());
    if let Some(label) = &args.client {
        config.workloads.insert(imagined::FILE.to_owned(), client(label)?);
    }
    let tree = Memory::new([(imagined::FILE, file.text.as_bytes())]);
    let loaded = pipeline::load(&tree, Files::default())?;
    let mut model = pipeline::resolve(&loaded, &config);
    if args.serverless {
        model.make_serverless();
    }
    let mut judged = pipeline::judge(&loaded, &config, &model);
    let parsed = connection::parse_as_url_value(&url).filter(|parsed| !shapeless(parsed));
    if parsed.is_none() && judged.findings.is_empty() {
        return Err(Failure::Usage(no_string(&url)));
    }
    let name = if args.url == "-" { STDIN } else { ARGUMENT };
    let (files, alone) = imagined::alone(name, &url);
    judged.findings = judged.findings.into_iter().map(|finding| file.finding(finding, alone)).collect();
    let hidden = hidden(&url, &file, alone, &model, parsed.is_none());
    write(args, &url, parsed.as_ref(), &model, &judged, (&files, &hidden))?;
    Ok(check::status(&judged, Some(Severity::Error)))
}

fn write(
    args: &UrlArgs,
    url: &str,
    parsed: Option<&connection::ConnectionString>,
    model: &Model,
    judged: &Judged,
    (files, hidden): (&Files, &[Place]),
) -> Result<(), Failure> {
    let paint = output::paint(&args.look);
    let masked = Masked::new(files, hidden);
    let report = Report {
        findings: &judged.findings,
        suppressed: judged.suppressed,
        files,
        masked: &masked,
        skipped: &[],
        partial: &[],
    };
    let target = Target { format: args.format, file: None };
    output::write(&target, |out| {
        if let (Format::Human, Some(parsed)) = (args.format, parsed) {
            parts::write(url, parsed, model, paint, out)?;
        }
        report::render(args.format, &report, paint, out)
    })
}

/// Whether nothing tells where the parts of a text begin.
fn shapeless(parsed: &connection::ConnectionString) -> bool {
    parsed.flaws.iter().any(|flaw| flaw.kind == connection::FlawKind::MissingScheme)
}

/// What no excerpt may show: the credentials, and all of a text that is no connection string.
fn hidden(url: &str, file: &Imagined, alone: FileId, model: &Model, whole: bool) -> Vec<Place> {
    let mut places: Vec<Place> = model.secrets.iter().map(|secret| file.place(*secret, alone)).collect();
    if whole {
        places.push(Place::new(alone, Span::new(0, url.len())));
    }
    places
}

/// The argument, or one line of standard input for `-`.
fn read(argument: &str) -> Result<String, Failure> {
    let (text, place) = if argument == "-" {
        let mut text = String::new();
        io::stdin()
            .lock()
            .take(1_000_000)
            .read_to_string(&mut text)
            .map_err(|_| Failure::Usage("standard input is not UTF-8 text".to_owned()))?;
        (text.trim_end_matches(['\n', '\r']).to_owned(), "standard input")
    } else {
        (argument.to_owned(), "the argument")
    };
    if text.trim().is_empty() {
        return Err(Failure::Usage(format!(
            "nothing to read: {place} is empty (a shell's variable that is not set leaves nothing)"
        )));
    }
    Ok(text)
}

/// Whether a text is a variable's assignment rather than its value.
fn is_assignment(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=').filter(|_| connection::parse(text).is_none()) else {
        return false;
    };
    let name = name.trim().trim_start_matches("export ");
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let plain = value.trim_matches(['"', '\'']);
    !name.is_empty() && name.chars().all(word) && connection::parse(plain).is_some()
}

/// Why a text in which nothing was found to judge is no connection string. Nothing of the text: it may be a secret.
fn no_string(text: &str) -> String {
    const KNOWN: &str =
        "postgresql://user:password@host:5432/database, host=… dbname=…, jdbc:… and their like";
    let text = text.trim();
    let reference = text.starts_with('$') || text.starts_with("{{");
    if reference && !text.contains("://") {
        return "a reference is no value: let the shell put the value in, or give the value itself"
            .to_owned();
    }
    if text.contains("://") || text.starts_with("sqlite:") || text.starts_with("file:") {
        return format!("a URL, but of no database server that poollint knows: it reads {KNOWN}");
    }
    format!("not a connection string that poollint knows: it reads {KNOWN}")
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
