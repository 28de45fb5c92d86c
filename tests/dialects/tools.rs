//! The real readers of env files. Each takes a file's text and gives what it sets, or nothing where it
//! refuses the file.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
