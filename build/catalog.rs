//! `catalog/**/*.yaml` to `$OUT_DIR/catalog.postcard`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::de::DeserializeOwned;

#[path = "../src/catalog/knowledge.rs"]
mod knowledge;
#[path = "../src/catalog/types.rs"]
mod types;

use knowledge::Knowledge;
use types::{Catalog, ClientEntry, ParamEntry};

/// One named set of parameters of `catalog/params.yaml`.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct ParamSet(#[serde(deserialize_with = "types::params::list")] Vec<ParamEntry>);

/// Reads every file, completes the clients' parameters and writes the whole catalogue.
///
/// # Errors
/// Everything that is wrong with any file, each with its name and line.
pub fn catalog() -> Result<(), Vec<String>> {
    println!("cargo::rerun-if-changed=catalog");
    println!("cargo::rerun-if-changed=build/catalog.rs");
    println!("cargo::rerun-if-changed=src/catalog/types.rs");
    println!("cargo::rerun-if-changed=src/catalog/ambient.rs");
    println!("cargo::rerun-if-changed=src/catalog/operators.rs");
    println!("cargo::rerun-if-changed=src/catalog/programs.rs");
    println!("cargo::rerun-if-changed=src/catalog/servers.rs");
    println!("cargo::rerun-if-changed=src/catalog/knowledge.rs");
    let mut problems = Vec::new();
    let sets: BTreeMap<String, ParamSet> = read(Path::new("catalog/params.yaml"), &mut problems);
    let mut catalog = Catalog {
        clients: Vec::new(),
        engines: read(Path::new("catalog/servers.yaml"), &mut problems),
        images: read(Path::new("catalog/images.yaml"), &mut problems),
        variables: read(Path::new("catalog/variables.yaml"), &mut problems),
        ambient: read(Path::new("catalog/ambient.yaml"), &mut problems),
        process_servers: read(Path::new("catalog/process_servers.yaml"), &mut problems),
        poolers: read(Path::new("catalog/poolers.yaml"), &mut problems),
        env_readers: read(Path::new("catalog/env_readers.yaml"), &mut problems),
        operators: read(Path::new("catalog/operators.yaml"), &mut problems),
    };
    let applications: Vec<types::servers::Image> =
        read(Path::new("catalog/applications.yaml"), &mut problems);
    catalog.images.extend(applications);
    for path in files("catalog/clients")? {
        let clients: Vec<ClientEntry> = read(&path, &mut problems);
        catalog.clients.extend(clients);
    }
    let mut knowledge =
        Knowledge { providers: read(Path::new("catalog/providers.yaml"), &mut problems), errors: Vec::new() };
    for path in files("catalog/errors")? {
        let errors: Vec<_> = read(&path, &mut problems);
        knowledge.errors.extend(errors);
    }
    for client in &mut catalog.clients {
        complete(client, &sets, &mut problems);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    write("catalog.postcard", &catalog)?;
    write("knowledge.postcard", &knowledge)
}

fn write<T: serde::Serialize>(name: &str, value: &T) -> Result<(), Vec<String>> {
    let bytes = postcard::to_stdvec(value).map_err(|error| vec![format!("catalog: {error}")])?;
    let directory = env::var_os("OUT_DIR").ok_or_else(|| vec!["OUT_DIR is not set".to_owned()])?;
    fs::write(Path::new(&directory).join(name), bytes).map_err(|error| vec![format!("catalog: {error}")])
}

/// The files of a folder, by name.
fn files(folder: &str) -> Result<Vec<PathBuf>, Vec<String>> {
    let named = |error: std::io::Error| vec![format!("{folder}: {error}")];
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(named)? {
        let path = entry.map_err(named)?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read<T: DeserializeOwned + Default>(path: &Path, problems: &mut Vec<String>) -> T {
    let name = path.to_string_lossy().replace('\\', "/");
    let parsed = fs::read_to_string(path)
        .map_err(|error| error.to_string())
        .and_then(|text| serde_saphyr::from_str(&text).map_err(|error| error.to_string()));
    parsed.unwrap_or_else(|error: String| {
        // Only the first line of an error reaches cargo's output.
        problems.push(format!("{name}: {}", error.lines().collect::<Vec<_>>().join(" | ")));
        T::default()
    })
}

/// Adds the parameters of the sets a client names. Its own entry for a name wins over a set's.
fn complete(client: &mut ClientEntry, sets: &BTreeMap<String, ParamSet>, problems: &mut Vec<String>) {
    for name in std::mem::take(&mut client.param_sets) {
        let Some(set) = sets.get(&name) else {
            problems.push(format!("catalog: client {}: there is no set of parameters {name}", client.label));
            continue;
        };
        for param in &set.0 {
            if !client.params.iter().any(|own| own.name == param.name) {
                client.params.push(param.clone());
            }
        }
    }
}
