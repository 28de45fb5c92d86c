//! Docker Compose.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use super::reading::{Service, Services};

/// The path of Compose.
///
/// # Panics
/// Without the variable: whoever asks for the comparison must say where Compose is.
fn compose() -> PathBuf {
    let path = std::env::var_os("POOLLINT_COMPOSE").expect("POOLLINT_COMPOSE is set: see .ci/run");
    PathBuf::from(path)
}

pub fn version() -> String {
    let output = Command::new(compose()).args(["version", "--short"]).output().expect("Compose starts");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What Compose makes of the project in a directory, with all profiles unless told which; else why it refuses.
/// Without `files` it looks for them by itself.
pub fn config(
    directory: &Path,
    files: &[&str],
    variables: &BTreeMap<String, String>,
    profiles: bool,
) -> Result<Services, String> {
    let mut command = Command::new(compose());
    command.current_dir(directory).env_clear().env("HOME", "/nonexistent").envs(variables);
    files.iter().for_each(|file| {
        command.args(["-f", file]);
    });
    if profiles {
        command.args(["--profile", "*"]);
    }
    let output = command.args(["config", "--format", "json"]).output().expect("Compose starts");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let config: serde_json::Value = serde_json::from_slice(&output.stdout).expect("Compose answers");
    let services = config["services"].as_object().cloned().unwrap_or_default();
    Ok(services.iter().map(|(name, value)| (name.clone(), service(value))).collect())
}

/// Compose doubles dollar signs on output, so that its output could be read again.
fn plain(text: &str) -> String {
    text.replace("$$", "$")
}

fn service(value: &serde_json::Value) -> Service {
    let environment = value["environment"].as_object().cloned().unwrap_or_default();
    let words = |key: &str| -> Vec<String> {
        let words = value[key].as_array().into_iter().flatten();
        words.filter_map(|word| word.as_str().map(plain)).collect()
    };
    let replicas = value["scale"].as_u64().or(value["deploy"]["replicas"].as_u64());
    Service {
        environment: environment.iter().map(|(key, value)| (plain(key), value.as_str().map(plain))).collect(),
        instances: replicas.unwrap_or(1),
        entrypoint: words("entrypoint"),
        command: words("command"),
        built: !value["build"].is_null(),
    }
}

/// Calls `work` for each item, on all processors, and gives the results in order.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(0);
    let results = Mutex::new(BTreeMap::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = {
                        let mut next = next.lock().unwrap();
                        *next += 1;
                        *next - 1
                    };
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    results.lock().unwrap().insert(index, result);
                }
            });
        }
    });
    results.into_inner().unwrap().into_values().collect()
}
