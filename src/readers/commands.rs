//! Commands that hand an env file to a program: the `scripts` of `package.json` and the `run` lines of GitHub's
//! workflows. They are evidence of who reads the file; nothing else is taken from them.

use super::{Reference, directory, join};
use crate::span::{FileId, Place};
use crate::syntax::node::Node;
use crate::syntax::{json, yaml};
use crate::tree::Kind;

/// Longest command text that is looked at, in bytes.
const LONGEST: usize = 64 * 1024;

/// One program's reading of one env file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvCommand {
    /// The env file's path, relative to the root.
    pub path: String,
    /// Who reads it.
    pub program: EnvProgram,
    /// The command.
    pub place: Place,
}

/// Programs that are handed env files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvProgram {
    /// `docker run --env-file F`: docker itself reads the file
    /// (<https://docs.docker.com/reference/cli/docker/container/run/#env>).
    Docker,
    /// `docker compose --env-file F`, in the stead of `.env`.
    Compose,
    /// `kubectl create configmap|secret --from-env-file=F`.
    Kubectl,
    /// `node --env-file=F` (<https://nodejs.org/api/cli.html#--env-fileconfig>).
    Node,
    /// `dotenv -e F -- command`: dotenv-cli, which expands references.
    DotenvCli,
}

/// Whether a text may hold such a command: the cheap question before anything is parsed.
#[must_use]
pub fn may_hold(text: &str) -> bool {
    ["--env-file", "--from-env-file", "dotenv -e", "dotenv --"].iter().any(|sign| text.contains(sign))
}

/// The commands of a `package.json`'s scripts. They run beside it.
#[must_use]
pub fn of_package(file: FileId, path: &str, text: &str) -> Vec<EnvCommand> {
    let Some(root) = may_hold(text).then(|| json::parse(text).ok()).flatten() else { return Vec::new() };
    let scripts = root.get("scripts").map(Node::entries).unwrap_or_default();
    scripts.iter().flat_map(|script| of_node(file, directory(path), &script.value)).collect()
}

/// The commands of a workflow's steps, each in its working directory.
#[must_use]
pub fn of_workflow(file: FileId, text: &str) -> Vec<EnvCommand> {
    let document = yaml::split(text).into_iter().next().map(|range| yaml::parse_document(text, range));
    let Some(root) = document.and_then(Result::ok).and_then(|document| document.root) else {
        return Vec::new();
    };
    let default = ["defaults", "run", "working-directory"];
    let mut found = Vec::new();
    for job in root.get("jobs").map(Node::entries).unwrap_or_default() {
        let usual = job.value.at(&default).or_else(|| root.at(&default)).and_then(Node::as_str);
        for step in job.value.get("steps").map(Node::items).unwrap_or_default() {
            let Some(run) = step.get("run") else { continue };
            let directory = step.get("working-directory").and_then(Node::as_str).or(usual).unwrap_or(".");
            if let Some(directory) = join("", directory) {
                found.extend(of_node(file, &directory, run));
            }
        }
    }
    found
}

/// The env files that commands name.
pub(super) fn references(commands: &[EnvCommand]) -> impl Iterator<Item = Reference> {
    commands.iter().map(|command| Reference { path: command.path.clone(), kind: Kind::EnvFile })
}

fn of_node(file: FileId, directory: &str, node: &Node) -> Vec<EnvCommand> {
    let place = Place::new(file, node.span);
    let text = node.as_str().filter(|text| text.len() <= LONGEST && may_hold(text)).unwrap_or_default();
    let uses = commands(text).into_iter().flat_map(|words| uses(&words));
    uses.filter_map(|(program, path)| Some(EnvCommand { path: join(directory, &path)?, program, place }))
        .collect()
}

/// The simple commands of a shell's text, each as its words without quotes.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match (quote, sign) {
            (Some(open), _) if open == sign => quote = None,
            (None, '"' | '\'') => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                let next = signs.next();
                if !matches!(next, None | Some('\n' | '\r')) {
                    word.get_or_insert_default().extend(next);
                }
            }
            (None, '#') if word.is_none() => while signs.next_if(|sign| *sign != '\n').is_some() {},
            (None, '\n' | ';' | '&' | '|' | '(' | ')') => {
                words.extend(word.take());
                all.push(std::mem::take(&mut words));
            }
            (None, _) if sign.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word);
    all.push(words);
    all
}

/// Words that may stand before the program: assignments and flags may, too.
const WRAPPERS: &[&str] =
    &["sudo", "time", "exec", "env", "command", "cross-env", "npx", "pnpm", "yarn", "bunx", "-"];

/// The env files that one command hands on.
fn uses(words: &[String]) -> Vec<(EnvProgram, String)> {
    let wraps =
        |word: &&String| WRAPPERS.contains(&word.as_str()) || word.starts_with('-') || word.contains('=');
    let start = words.iter().take_while(wraps).count();
    let Some((program, rest)) = words.get(start..).and_then(<[String]>::split_first) else {
        return Vec::new();
    };
    let program = program.rsplit('/').next().unwrap_or_default();
    let sub = rest.iter().position(|word| !word.starts_with('-'));
    let behind = |at: usize| rest.get(at.saturating_add(1)..).unwrap_or_default();
    let word = |at: usize| rest.get(at).map(String::as_str);
    match (program, sub) {
        ("docker", Some(at)) if word(at) == Some("container") => {
            docker(word(at.saturating_add(1)), behind(at.saturating_add(1)))
        }
        ("docker", Some(at)) => docker(word(at), behind(at)),
        ("docker-compose", _) => docker(Some("compose"), rest),
        ("kubectl", _) => {
            let Some(at) = rest.iter().position(|word| word == "create") else { return Vec::new() };
            let kind = rest.iter().any(|word| matches!(word.as_str(), "configmap" | "cm" | "secret"));
            if kind { values(behind(at), &["--from-env-file"], EnvProgram::Kubectl) } else { Vec::new() }
        }
        ("node" | "tsx", _) => {
            values(own(rest, NODE_VALUES), &["--env-file", "--env-file-if-exists"], EnvProgram::Node)
        }
        ("dotenv", _) => values(own(rest, &["-e", "-v", "-p"]), &["-e"], EnvProgram::DotenvCli),
        _ => Vec::new(),
    }
}

/// Options of node that a value follows as a word of its own.
const NODE_VALUES: &[&str] = &[
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "--env-file",
    "--env-file-if-exists",
];

fn docker(sub: Option<&str>, rest: &[String]) -> Vec<(EnvProgram, String)> {
    match sub {
        Some("run" | "create" | "exec") => {
            // What the container runs may have the same option.
            let inner =
                |word: &String| matches!(word.as_str(), "node" | "tsx" | "bun" | "deno" | "sh" | "bash");
            let end = rest.iter().position(inner).unwrap_or(rest.len());
            values(rest.get(..end).unwrap_or_default(), &["--env-file"], EnvProgram::Docker)
        }
        Some("compose") => values(rest, &["--env-file"], EnvProgram::Compose),
        _ => Vec::new(),
    }
}

/// A program's own options: up to the first word that is neither one nor a value of one.
fn own<'a>(words: &'a [String], with_value: &[&str]) -> &'a [String] {
    let mut awaited = false;
    let end = words.iter().position(|word| {
        let ends = !awaited && (!word.starts_with('-') || word == "--");
        awaited = !awaited && with_value.contains(&word.as_str());
        ends
    });
    words.get(..end.unwrap_or(words.len())).unwrap_or_default()
}

/// The values of options, written as `--name value` and `--name=value`.
fn values(words: &[String], names: &[&str], program: EnvProgram) -> Vec<(EnvProgram, String)> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let glued = word.split_once('=').filter(|(name, _)| names.contains(name)).map(|(_, value)| value);
        let next = || words.get(at.saturating_add(1)).map(String::as_str);
        let value = glued.or_else(|| names.contains(&word.as_str()).then(next).flatten());
        found.extend(value.filter(|value| !value.is_empty()).map(|value| (program, value.to_owned())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(EnvProgram, String)> {
        commands(text).into_iter().flat_map(|words| uses(&words)).collect()
    }

    #[test]
    fn commands_tell_who_reads_a_file() {
        use EnvProgram::{Compose, Docker, DotenvCli, Kubectl, Node};
        for (text, expected) in [
            ("docker run --rm --env-file .env api", Some((Docker, ".env"))),
            ("docker container run --env-file=a.env api", Some((Docker, "a.env"))),
            ("sudo docker -H x create --name a \\\n  --env-file 'a b.env' api", None),
            ("sudo docker create --name a \\\n  --env-file 'a b.env' api", Some((Docker, "a b.env"))),
            ("npm ci && docker run --env-file .env api; true", Some((Docker, ".env"))),
            ("docker compose --env-file prod.env up -d", Some((Compose, "prod.env"))),
            ("docker-compose --env-file prod.env up -d", Some((Compose, "prod.env"))),
            ("docker run api node --env-file=.env x.js", None),
            ("docker build --build-arg --env-file .", None),
            ("kubectl -n x create secret generic a --from-env-file=.env", Some((Kubectl, ".env"))),
            ("kubectl create secret generic a --from-env-file=.env", Some((Kubectl, ".env"))),
            (
                "kubectl create configmap a --from-env-file .env -o yaml | kubectl apply -f -",
                Some((Kubectl, ".env")),
            ),
            ("kubectl apply --from-env-file .env", None),
            ("node --env-file=.env server.js", Some((Node, ".env"))),
            ("NODE_ENV=x node -r a --env-file-if-exists .env server.js", Some((Node, ".env"))),
            ("node server.js --env-file=.env", None),
            ("dotenv -e .env.test -- vitest", Some((DotenvCli, ".env.test"))),
            ("echo docker run --env-file .env api", None),
            ("# docker run --env-file .env api", None),
            ("docker run --env-file", None),
            ("docker run --env-file= api", None),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(program, path)| (program, path.to_owned())).collect();
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn paths_are_seen_from_where_the_command_runs() {
        let paths = |commands: Vec<EnvCommand>| -> Vec<String> {
            commands.into_iter().map(|command| command.path).collect()
        };
        let package = r#"{"scripts": {"a": "node --env-file=../.env x", "b": "node --env-file=$F x"}}"#;
        assert_eq!(paths(of_package(FileId(0), "apps/api/package.json", package)), ["apps/.env"]);
        let workflow = "defaults: {run: {working-directory: api}}\njobs:\n  a:\n    steps:\n      - uses: x\n      - run: \
                        docker run --env-file .env x\n      - run: |\n          docker run --env-file b.env x\n        \
                        working-directory: ./web\n      - run: docker run --env-file ${{ x }} x\n";
        assert_eq!(paths(of_workflow(FileId(0), workflow)), ["api/.env", "web/b.env"]);
        assert!(of_workflow(FileId(0), "a: [").is_empty());
        assert!(of_package(FileId(0), "package.json", "{ --env-file").is_empty());
    }
}
