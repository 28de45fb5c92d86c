//! Whole repositories. Their values may be somebody's passwords: none is printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::reading::{Known, Ours, Services, differences};
use super::tool;

/// What Compose looks for by itself.
pub const BASES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// How the comparison of a deployment ended.
pub enum Outcome {
    /// Compose took it, with stand-ins for so many things that are not in the repository.
    Compared { differences: Vec<String>, known: Known, stand_ins: usize },
    /// Compose refuses it, stand-ins or not.
    Refused { reason: String },
}

/// What is put where something is not in the repository.
#[derive(Default)]
struct StandIns {
    files: usize,
    variables: BTreeMap<String, String>,
    /// Whether the variables that Compose took for empty have values now.
    filled: bool,
}

/// Compares one deployment of a repository.
pub fn compare(repository: &Path, ours: &Ours) -> Outcome {
    let mut known = Known::default();
    let mut compared = |services: &Services, stand_ins: usize, partial: bool| {
        let mut differences = differences(ours, services, false, &mut known);
        if partial && ours.partial.is_empty() {
            differences.push("taken for complete, but something that Compose needs is not there".to_owned());
        }
        Outcome::Compared { differences, known, stand_ins }
    };
    if let Ok(services) = run(repository, ours, &BTreeMap::new()) {
        return compared(&services, 0, false);
    }
    let copy = tempfile::tempdir().unwrap();
    duplicate(repository, copy.path());
    let mut stand_ins = StandIns::default();
    loop {
        match run(copy.path(), ours, &stand_ins.variables) {
            Ok(services) => {
                let required = stand_ins.files > 0 || !stand_ins.filled;
                return compared(&services, stand_ins.files + stand_ins.variables.len(), required);
            }
            Err(reason) if stand_ins.add(&reason, copy.path()) => {}
            Err(reason) => {
                return Outcome::Refused { reason: reason.lines().last().unwrap_or_default().to_owned() };
            }
        }
    }
}

fn run(root: &Path, ours: &Ours, variables: &BTreeMap<String, String>) -> Result<Services, String> {
    let (directory, main) = ours.name.rsplit_once('/').unwrap_or(("", &ours.name));
    let env = std::fs::read_to_string(root.join(directory).join(".env")).unwrap_or_default();
    let listed = env.lines().any(|line| line.starts_with("COMPOSE_FILE=") && line.contains(main));
    let mut files: Vec<&str> = Vec::new();
    if !BASES.contains(&main) && !listed {
        // A variant that is merged over the base has the base for its first file.
        let first = ours.files.first().filter(|first| **first != ours.name);
        files.extend(first.map(|first| first.rsplit('/').next().unwrap_or(first)));
        files.push(main);
    }
    tool::config(&root.join(directory), &files, variables, !env.contains("COMPOSE_PROFILES"))
}

impl StandIns {
    /// Puts something where Compose misses it, and says whether it could.
    fn add(&mut self, reason: &str, root: &Path) -> bool {
        let last = reason.lines().last().unwrap_or_default();
        let between =
            |before: &str, after: &str| Some(last.split_once(before)?.1.split_once(after)?.0.to_owned());
        if let Some(path) = between("env file ", " not found") {
            return self.write(Path::new(&path), "", root);
        }
        if let Some(path) = between("open ", ": no such file") {
            return self.write(Path::new(&path), "services: {}\n", root);
        }
        if let Some(name) = between("required variable ", " is missing") {
            return self.variables.insert(name, "stand-in".to_owned()).is_none();
        }
        // What is empty because nothing sets it may have to be a number or a truth value.
        let unset = ["failed to cast", "empty section", "no port specified"];
        if unset.iter().any(|problem| last.contains(problem)) {
            self.filled = true;
            let warned = reason.lines().filter(|line| line.contains("variable is not set"));
            let names = warned.filter_map(|line| line.split("\\\"").nth(1));
            let value = |name: &str| match name {
                name if name.contains("PATH") => "./stand-in",
                name if name.contains("PORT") => "1",
                _ => "true",
            };
            let before = self.variables.len();
            for name in names {
                self.variables.entry(name.to_owned()).or_insert_with(|| value(name).to_owned());
            }
            return self.variables.len() > before;
        }
        false
    }

    fn write(&mut self, path: &Path, text: &str, root: &Path) -> bool {
        if !path.starts_with(root) || path.exists() {
            return false;
        }
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self.files += 1;
        true
    }
}

fn duplicate(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() && !path.is_symlink() {
            duplicate(&path, &target);
        } else if path.is_file() {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// Prints the figures, and fails when anything differs.
pub fn judge(deployments: &[(&PathBuf, Ours)], outcomes: &[Outcome]) {
    let (mut compared, mut helped, mut known) = (0, 0, Known::default());
    let (mut failed, mut refused) = (Vec::new(), Vec::new());
    for ((repository, ours), outcome) in deployments.iter().zip(outcomes) {
        let name = format!("{}/{}", repository.file_name().unwrap().to_string_lossy(), ours.name);
        match outcome {
            Outcome::Compared { differences, known: own, stand_ins } => {
                compared += 1;
                helped += usize::from(*stand_ins > 0);
                known.add(*own);
                failed.extend(differences.iter().map(|difference| format!("{name}: {difference}")));
            }
            Outcome::Refused { reason } => {
                if super::lacks_something(reason) && ours.partial.is_empty() {
                    failed.push(format!("{name}: taken for complete, but Compose misses a part of it"));
                }
                // What is quoted may be a value.
                let parts: Vec<&str> = reason.split('"').step_by(2).collect();
                let reason = parts.join("…");
                refused.push(format!("{name}: {reason}"));
            }
        }
    }
    println!(
        "{} deployments: {compared} compared, {helped} of them with stand-ins for what is not in the repository; \
         {} refused; {} of {} values known",
        deployments.len(),
        refused.len(),
        known.values,
        known.of
    );
    refused.iter().for_each(|line| println!("  refused: {line}"));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
