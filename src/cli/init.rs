//! `poollint init`: a commented `poollint.toml` with what was found.

use std::fmt::Write as _;

use super::args::{InitArgs, InputArgs};
use super::error::Failure;
use super::{CLEAN, output, run};
use crate::config::FILE_NAME;
use crate::model::{Environment, Model};

pub(super) fn run(args: &InitArgs) -> Result<u8, Failure> {
    let path = args.path.join(FILE_NAME);
    if path.exists() && !args.force {
        let shown = path.display();
        return Err(Failure::Usage(format!("{shown} is already there; --force replaces it")));
    }
    let input = InputArgs::directory(args.path.clone(), None);
    let run = run::run(&input, |_| {})?;
    let text = text(&run.model);
    std::fs::write(&path, text)
        .map_err(|reason| Failure::Write { path: path.display().to_string(), reason })?;
    output::complain(&format!("wrote {}", path.display()));
    Ok(CLEAN)
}

/// The file's text: every setting commented out, with what was found as its example.
fn text(model: &Model) -> String {
    let mut text = String::from(
        "# poollint reads this repository as its deployment will. What the files do not tell is declared here.\n\
         # Every setting is optional.\n\n\
         # The least severity that fails a run: error, warning, info or never.\n\
         # fail-on = \"error\"\n\n\
         # Paths that are not read.\n\
         # exclude = [\"vendor/**\"]\n",
    );
    environments(model, &mut text);
    databases(model, &mut text);
    workloads(model, &mut text);
    text
}

/// Writing to a `String` cannot fail.
macro_rules! line {
    ($text:expr, $($argument:tt)*) => {
        let _ = writeln!($text, $($argument)*);
    };
}

fn environments(model: &Model, text: &mut String) {
    let unknown: Vec<&str> = model
        .deployments
        .iter()
        .filter(|deployment| !deployment.kind.is_lone())
        .filter(|deployment| matches!(deployment.environment.value, None | Some(Environment::Unknown)))
        .map(|deployment| deployment.name.as_str())
        .collect();
    if unknown.is_empty() {
        return;
    }
    line!(text, "\n# Nothing tells which environment these are for: {}.", unknown.join(", "));
    line!(text, "# [environments]");
    line!(text, "# production = [{}]", quoted(unknown.first().copied().unwrap_or("deploy/live/**")));
}

fn databases(model: &Model, text: &mut String) {
    let mut seen = std::collections::BTreeSet::new();
    for server in model.deployments.iter().flat_map(|deployment| &deployment.servers) {
        let Some(address) = server.address.as_deref() else { continue };
        if server.max_connections.value.is_some() || !seen.insert(address.to_owned()) {
            continue;
        }
        line!(text, "\n# How many connections {} accepts is not in the repository.", server.name);
        line!(text, "# [databases.{}]", key(&server.name));
        line!(text, "# match = [{}]", quoted(address));
        line!(text, "# max-connections = 100");
        line!(text, "# others = [{{ name = \"metabase\", connections = 10 }}]");
    }
}

fn workloads(model: &Model, text: &mut String) {
    let mut seen = std::collections::BTreeSet::new();
    for deployment in model.deployments.iter().filter(|deployment| !deployment.kind.is_lone()) {
        for (workload, _, connection) in deployment.connections() {
            if connection.pool.size.value.is_some() || !seen.insert(workload.name.clone()) {
                continue;
            }
            line!(text, "\n# How many connections {} opens is not in the repository.", workload.name);
            line!(text, "# [workloads.{}]", key(&workload.name));
            line!(text, "# pool-size = 10");
        }
    }
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A bare key where TOML allows one.
fn key(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '-' || character == '_');
    if bare { name.to_owned() } else { quoted(name) }
}
