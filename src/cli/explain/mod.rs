//! `poollint explain`: a rule's page, or what an error message means and, in a repository, what sets the settings that
//! govern it.

mod here;

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use here::Here;

use super::args::{ExplainArgs, InputArgs};
use super::error::Failure;
use super::{CLEAN, FOUND, output, run};
use crate::catalog::{self, ErrorEntry, Governing, Said, catalog};
use crate::config::{Config, FILE_NAME, nearest};
use crate::rules::Rulebook;
use crate::rules::facts::client_setting;
use crate::rules::page::Page;

/// What is read of a log at most, in bytes.
const LONGEST_LOG: u64 = 32 * 1024 * 1024;

/// The longest text that may be a rule's misspelt name, in bytes.
const LONGEST_NAME: usize = 80;

pub(super) fn run(args: &ExplainArgs) -> Result<u8, Failure> {
    let subject = match args.subject.trim() {
        "-" => log()?,
        subject => subject.to_owned(),
    };
    let name = subject.trim();
    let mut out = io::stdout().lock();
    // What the owner's pages say; without them `explain` works anywhere.
    let own = run::only_configuration(&InputArgs::here()).map(|(_, own)| own).unwrap_or_default();
    let book = Rulebook::built_in().with(&own);
    if let Some(page) = book.get(name) {
        writeln!(out, "{}", text(page))?;
        return Ok(CLEAN);
    }
    let errors = catalog::errors_of(name);
    if errors.is_empty() {
        let known = book.pages().iter().map(|page| page.name.as_str());
        // A log is no misspelt name, and comparing one with each takes minutes.
        let hint = match Some(name)
            .filter(|name| name.len() <= LONGEST_NAME)
            .and_then(|name| nearest(name, known))
        {
            Some(near) => format!("no rule is called that; did you mean {near}?"),
            None => "neither a rule's name nor an error that is known; `poollint rules` lists the rules"
                .to_owned(),
        };
        output::complain(&hint);
        return Ok(FOUND);
    }
    let repository = repository().and_then(|root| read(&root));
    let entries: Vec<String> =
        errors.into_iter().map(|entry| error(entry, &subject, repository.as_ref())).collect();
    writeln!(out, "{}", entries.join("\n\n"))?;
    Ok(CLEAN)
}

/// The root of the repository that the current directory lies in: the nearest directory that holds a `.git` or a
/// `poollint.toml`.
fn repository() -> Option<PathBuf> {
    let here = std::path::absolute(".").ok()?;
    let is_root = |directory: &&Path| directory.join(FILE_NAME).is_file() || directory.join(".git").exists();
    here.ancestors().find(is_root).map(Path::to_owned)
}

/// The repository as the budget sees it. One that cannot be read takes nothing away from what the error means.
fn read(root: &Path) -> Option<run::Run> {
    let input = InputArgs { paths: vec![root.to_owned()], ..InputArgs::here() };
    let unhelmed = |config: &mut Config| config.helm = false;
    match run::run(&input, unhelmed) {
        Ok(run) => Some(run),
        Err(failure) => {
            output::complain(&format!("nothing is said about this repository: {failure}"));
            None
        }
    }
}

/// Standard input, whatever bytes it holds.
fn log() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(LONGEST_LOG)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::Usage(format!("standard input: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What an error means. Of the text in which it was met nothing but the numbers of its settings: the rest may hold a
/// credential.
fn error(entry: &ErrorEntry, met: &str, repository: Option<&run::Run>) -> String {
    let mut text =
        format!("{}: {}", entry.layer, entry.texts.first().map_or(entry.id.as_str(), String::as_str));
    if !entry.codes.is_empty() {
        text.push_str(&format!(" ({})", entry.codes.join(", ")));
    }
    text.push_str(&format!("\n\n{}\n\nCause: {}\nChange: {}\n", entry.meaning, entry.cause, entry.change));
    if let Some(other) = &entry.mistaken_for {
        text.push_str(&format!("Often mistaken for: {other}\n"));
    }
    let said = catalog::said(entry, met);
    if !said.is_empty() {
        text.push_str("\nSettings:\n");
    }
    for (setting, said) in &said {
        text.push_str(&format!("  {}{}\n", title(setting, entry), number(setting, said.as_ref())));
        let Some(run) = repository else { continue };
        let here = Here { model: &run.model, files: &run.loaded.files, entry };
        for line in here.lines(setting, said.as_ref()) {
            text.push_str(&format!("    {}\n", crate::mask::line(&line)));
        }
    }
    text.push_str("\nSources:\n");
    for source in &entry.sources {
        text.push_str(&format!("  {source}\n"));
    }
    text.trim_end().to_owned()
}

/// What a setting is called, and by which client.
fn title(setting: &Governing, entry: &ErrorEntry) -> String {
    let clients = &catalog().clients;
    let client = |id: &String| clients.iter().find(|client| client.id == *id);
    let mut names: Vec<String> = Vec::new();
    for client in entry.clients.iter().filter_map(client) {
        let pool = &client.pool;
        let time = match setting.name.as_str() {
            "acquire-timeout" => &pool.acquire_timeout,
            "connect-timeout" => &pool.connect_timeout,
            "idle-timeout" => &pool.idle_timeout,
            "max-lifetime" => &pool.max_lifetime,
            _ => &None,
        };
        let name = match (&pool.size, time) {
            (Some(size), _) if setting.name == "pool-size" => {
                client_setting(client, &size.params, &size.variables, size.in_code.as_deref())
            }
            (_, Some(time)) => client_setting(client, &time.params, &time.variables, time.in_code.as_deref()),
            _ => None,
        };
        names.extend(name.filter(|name| !names.contains(name)));
    }
    let word = match setting.name.as_str() {
        "pool-size" => "pool size",
        "acquire-timeout" => "acquire timeout",
        "connect-timeout" => "connect timeout",
        "idle-timeout" => "idle timeout of the pool",
        "max-lifetime" => "greatest age of a connection in the pool",
        "address" => "host and port",
        "max-connections" => "max_connections of the server",
        "reserved" => "slots reserved from ordinary roles",
        name => name,
    };
    if names.is_empty() { word.to_owned() } else { format!("{word}: {}", names.join("; ")) }
}

/// The number of the message.
fn number(setting: &Governing, said: Option<&Said>) -> String {
    let Some(Said::Number(number)) = said else { return String::new() };
    let unit = setting.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
    format!("; {number}{unit} by the message")
}

/// The page as people read it: what it says, its params, its sources.
fn text(page: &Page) -> String {
    let mut text = format!("{}: {}\n\n{}\n", page.name, page.summary, page.documentation.trim());
    if !page.params.is_empty() {
        text.push_str("\nParams, under [rules.");
        text.push_str(&page.name);
        text.push_str("] in poollint.toml:\n");
        for (name, value) in &page.params {
            text.push_str(&format!("  {name} = {value}\n"));
        }
    }
    if page.opt_in {
        text.push_str("\nOff unless extend-select names it.\n");
    }
    if !page.sources.is_empty() {
        text.push_str("\nSources:\n");
        for source in &page.sources {
            text.push_str(&format!("  {source}\n"));
        }
    }
    text.trim_end().to_owned()
}
