//! The real readers of env files. Each takes a file's text and gives what it sets, or nothing where it
//! refuses the file.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;

pub type Values = BTreeMap<String, Option<String>>;

const NODE: &str = r"
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const [modules, expand] = process.argv.slice(1);
const dotenv = require(modules + '/dotenv');
const results = texts.map(text => {
  const parsed = dotenv.parse(Buffer.from(text));
  return expand ? require(modules + '/dotenv-expand').expand({ parsed, processEnv: {} }).parsed : parsed;
});
process.stdout.write(JSON.stringify(results));
";

const PYTHON: &str = r"
import json, logging, os, sys, tempfile
from dotenv import dotenv_values
logging.disable()
os.environ.clear()
results = []
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'env')
    for text in json.load(sys.stdin):
        with open(path, 'wb') as file:
            file.write(text.encode())
        results.append(dict(dotenv_values(path)))
json.dump(results, sys.stdout)
";

/// The path in an environment variable.
///
/// # Panics
/// Without the variable: whoever asks for the comparison must say where the tools are.
fn tool(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set: see .ci/run"));
    PathBuf::from(path)
}

pub fn node(texts: &[String], expand: bool) -> Vec<Option<Values>> {
    let modules = tool("POOLLINT_NODE_MODULES");
    let mut command = Command::new("node");
    command.arg("-e").arg(NODE).arg("--").arg(modules);
    if expand {
        command.arg("expand");
    }
    batch(command, texts)
}

pub fn python(texts: &[String]) -> Vec<Option<Values>> {
    let mut command = Command::new(tool("POOLLINT_PYTHON"));
    command.arg("-c").arg(PYTHON);
    batch(command, texts)
}

/// Runs a tool that reads all texts at once.
fn batch(mut command: Command, texts: &[String]) -> Vec<Option<Values>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the tool starts");
    let input = serde_json::to_vec(texts).unwrap();
    child.stdin.take().unwrap().write_all(&input).expect("the tool reads");
    let output = child.wait_with_output().expect("the tool ends");
    assert!(output.status.success(), "the tool fails");
    serde_json::from_slice(&output.stdout).expect("the tool answers")
}

/// One run for each text, because one refused file ends a run.
pub fn compose(texts: &[String], format: Option<&str>) -> Vec<Option<Values>> {
    let compose = tool("POOLLINT_COMPOSE");
    let folder = tempfile::tempdir().unwrap();
    let format = format.map(|format| format!("\n        format: {format}")).unwrap_or_default();
    let project =
        format!("name: p\nservices:\n  s:\n    image: i\n    env_file:\n      - path: case.env{format}\n");
    std::fs::write(folder.path().join("compose.yaml"), project).unwrap();
    let run = |text: &String| {
        std::fs::write(folder.path().join("case.env"), text).unwrap();
        compose_once(&compose, folder.path())
    };
    texts.iter().map(run).collect()
}

/// The words of an env file that may be names of variables.
pub fn words(text: &str) -> Vec<&str> {
    let ends = |letter: char| {
        letter.is_whitespace() || "=:\"'`#;,{}$\\&?\u{feff}".contains(letter) || letter.is_control()
    };
    text.split(ends).filter(|word| !word.is_empty()).collect()
}

/// What Compose takes out of a project's `.env` for names that a service asks for.
pub fn compose_project(texts: &[String]) -> Vec<Option<Values>> {
    let compose = tool("POOLLINT_COMPOSE");
    let folder = tempfile::tempdir().unwrap();
    let run = |text: &String| {
        std::fs::write(folder.path().join(".env"), text).unwrap();
        let names = serde_json::to_string(&words(text)).unwrap();
        let project = format!("name: p\nservices:\n  s:\n    image: i\n    environment: {names}\n");
        std::fs::write(folder.path().join("compose.yaml"), project).unwrap();
        let values = compose_once(&compose, folder.path())?;
        Some(values.into_iter().filter(|(_, value)| value.is_some()).collect())
    };
    texts.iter().map(run).collect()
}

/// What Compose makes of texts in a Compose file itself, as the variable `V`, with `env` as its `.env`.
pub fn compose_values(texts: &[String], env: &str) -> Vec<Option<Values>> {
    let compose = tool("POOLLINT_COMPOSE");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), env).unwrap();
    let run = |text: &String| {
        let text = serde_json::to_string(text).unwrap();
        let project = format!("name: p\nservices:\n  s:\n    image: i\n    environment:\n      V: {text}\n");
        std::fs::write(folder.path().join("compose.yaml"), project).unwrap();
        compose_once(&compose, folder.path())
    };
    texts.iter().map(run).collect()
}

fn compose_once(compose: &Path, folder: &Path) -> Option<Values> {
    let output = Command::new(compose)
        .args(["config", "--format", "json"])
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .output()
        .expect("Compose starts");
    if !output.status.success() {
        return None;
    }
    let config: serde_json::Value = serde_json::from_slice(&output.stdout).expect("Compose answers");
    let values = config["services"]["s"]["environment"].as_object().cloned().unwrap_or_default();
    // Compose doubles dollar signs on output, so that its output could be read again.
    let plain = |text: &str| text.replace("$$", "$");
    Some(values.into_iter().map(|(key, value)| (plain(&key), value.as_str().map(plain))).collect())
}

pub fn compose_version() -> String {
    version(Command::new(tool("POOLLINT_COMPOSE")).args(["version", "--short"]))
}

/// What `kubectl create configmap` makes of env files.
pub fn kubectl(texts: &[String]) -> Vec<Option<Values>> {
    let kubectl = tool("POOLLINT_KUBECTL");
    let folder = tempfile::tempdir().unwrap();
    let run = |text: &String| {
        std::fs::write(folder.path().join("case.env"), text).unwrap();
        let output = Command::new(&kubectl)
            .args(["create", "configmap", "c", "--from-env-file=case.env", "--dry-run=client", "-o", "json"])
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .output()
            .expect("kubectl starts");
        data(&output, |text| serde_json::from_str(text).expect("kubectl answers"))
    };
    texts.iter().map(run).collect()
}

/// What a generator of Kustomize, which is built into kubectl, makes of env files.
pub fn kustomize(texts: &[String]) -> Vec<Option<Values>> {
    let kubectl = tool("POOLLINT_KUBECTL");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("kustomization.yaml"),
        "configMapGenerator:\n- name: c\n  envs: [case.env]\ngeneratorOptions:\n  disableNameSuffixHash: true\n",
    )
    .unwrap();
    let run = |text: &String| {
        std::fs::write(folder.path().join("case.env"), text).unwrap();
        let output = Command::new(&kubectl)
            .args(["kustomize", "."])
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .output()
            .expect("kubectl starts");
        data(&output, |text| serde_saphyr::from_str(text).expect("Kustomize writes YAML"))
    };
    texts.iter().map(run).collect()
}

/// The data of the one ConfigMap that a tool wrote.
fn data(output: &Output, read: impl Fn(&str) -> serde_json::Value) -> Option<Values> {
    if !output.status.success() {
        return None;
    }
    let object = read(std::str::from_utf8(&output.stdout).expect("UTF-8"));
    let data = object["data"].as_object().cloned().unwrap_or_default();
    Some(data.into_iter().map(|(key, value)| (key, value.as_str().map(str::to_owned))).collect())
}

pub fn kubectl_version() -> String {
    let output = Command::new(tool("POOLLINT_KUBECTL"))
        .args(["version", "--client", "--output", "json"])
        .output()
        .expect("kubectl starts");
    let version: serde_json::Value = serde_json::from_slice(&output.stdout).expect("kubectl answers");
    let of =
        |path: &str| version.pointer(path).and_then(|version| version.as_str()).unwrap_or("?").to_owned();
    format!("{} (kustomize {})", of("/clientVersion/gitVersion"), of("/kustomizeVersion"))
}

/// What `docker create --env-file` would have the daemon set: the command-line program reads the file, and a stub in
/// the daemon's place keeps what it is asked for.
pub fn docker(texts: &[String]) -> Vec<Option<Values>> {
    let docker = tool("POOLLINT_DOCKER");
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("tcp://{}", listener.local_addr().unwrap());
    let (send, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = answer(stream, &send);
        }
    });
    let run = |text: &String| {
        std::fs::write(folder.path().join("case.env"), text).unwrap();
        let output = Command::new(&docker)
            .args(["create", "--env-file", "case.env", "image"])
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .env("DOCKER_HOST", &host)
            .output()
            .expect("docker starts");
        assert!(!output.status.success(), "the stub refuses everything");
        // Without a request it was the file that docker refused.
        let body = asked.try_recv().ok()?;
        let request: serde_json::Value = serde_json::from_slice(&body).expect("docker asks in JSON");
        let variables = request["Env"].as_array().cloned().unwrap_or_default();
        let pair = |variable: &serde_json::Value| {
            let (key, value) = variable.as_str()?.split_once('=')?;
            Some((key.to_owned(), Some(value.to_owned())))
        };
        Some(variables.iter().filter_map(pair).collect())
    };
    texts.iter().map(run).collect()
}

/// Answers one request of docker, and hands on the body of one that would create a container: before the answer, after
/// which docker ends.
fn answer(mut stream: TcpStream, keep: &mpsc::Sender<Vec<u8>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while reader.read_line(&mut head).ok()? > 2 {}
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let creates = head.starts_with("POST") && head.contains("/containers/create");
    if creates {
        keep.send(body).ok()?;
    }
    let reply = r#"{"message":"kept"}"#;
    let status = if head.contains("/_ping") { "200 OK" } else { "400 Bad Request" };
    let written = if head.starts_with("HEAD") { "" } else { reply };
    let answer = format!(
        "HTTP/1.1 {status}\r\nApi-Version: 1.43\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{written}",
        written.len()
    );
    stream.write_all(answer.as_bytes()).ok()
}

pub fn docker_version() -> String {
    let text = version(Command::new(tool("POOLLINT_DOCKER")).arg("--version"));
    text.trim_start_matches("Docker version ").split(',').next().unwrap_or_default().to_owned()
}

const RUBY: &str = r#"
require 'json'
require 'dotenv/version'
require 'dotenv/parser'
# Commands are not run.
Dotenv::Parser.instance_variable_set(:@substitutions, [Dotenv::Substitutions::Variable])
ENV.clear
# dotenv opens files so that a byte order mark is passed over.
def values(text)
  Dotenv::Parser.call(text.delete_prefix("\u{feff}"))
rescue Dotenv::FormatError
  nil
end
print JSON.generate(JSON.parse(STDIN.read).map { |text| values(text) })
"#;

/// What ruby dotenv, whose folder is given, makes of env files.
pub fn ruby(texts: &[String]) -> Vec<Option<Values>> {
    let mut command = Command::new("ruby");
    command.arg("-EUTF-8").arg("-I").arg(tool("POOLLINT_RUBY_DOTENV").join("lib")).arg("-e").arg(RUBY);
    batch(command, texts)
}

pub fn ruby_version() -> String {
    let folder = tool("POOLLINT_RUBY_DOTENV").join("lib");
    let script = "require 'dotenv/version'; print Dotenv::VERSION";
    version(Command::new("ruby").arg("-I").arg(folder).args(["-e", script]))
}

pub fn node_version(package: &str) -> String {
    let path = tool("POOLLINT_NODE_MODULES").join(package).join("package.json");
    let package: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    package["version"].as_str().unwrap().to_owned()
}

pub fn python_version() -> String {
    let script = "import importlib.metadata as m; print(m.version('python-dotenv'))";
    version(Command::new(tool("POOLLINT_PYTHON")).args(["-c", script]))
}

fn version(command: &mut Command) -> String {
    let output = command.output().expect("the tool starts");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
