//! Runs the real program in a clean environment.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a run may take before it counts as hanging. Far above what it needs, for the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Both streams.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// Runs poollint in a directory.
#[track_caller]
pub fn poollint(directory: &Path, arguments: &[&str]) -> Ran {
    poollint_with(directory, arguments, "", &[])
}

/// Runs poollint in a directory with standard input and further variables.
///
/// # Panics
/// When it does not end in time, or ends by a signal.
#[track_caller]
pub fn poollint_with(directory: &Path, arguments: &[&str], input: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poollint"));
    command.args(arguments).current_dir(directory).env_clear().envs(variables.iter().copied());
    // Files, not pipes: nobody has to read while the program writes.
    let (mut stdout, mut stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    command.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let mut stdin = tempfile::tempfile().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    stdin.seek(SeekFrom::Start(0)).unwrap();
    command.stdin(Stdio::from(stdin));
    let mut child = command.spawn().expect("the program starts");
    let began = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if began.elapsed() > PATIENCE => {
                let _ = child.kill();
                panic!("poollint {arguments:?} hangs in {}", directory.display());
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let read = |file: &mut fs::File| {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).expect("output is UTF-8")
    };
    let (stdout, stderr) = (read(&mut stdout), read(&mut stderr));
    let Some(status) = status.code() else {
        panic!("poollint {arguments:?} ends by a signal: {status}\n{stderr}");
    };
    assert!(status <= 2, "poollint {arguments:?}: exit status {status}\n{stderr}");
    Ran { status, stdout, stderr }
}

/// A file or folder of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The folders of small whole repositories, by name.
pub fn fixtures() -> Vec<PathBuf> {
    let entries = fs::read_dir(repository("fixtures/repos")).unwrap();
    let mut all: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    all.sort();
    all
}

/// A temporary directory with these files.
pub fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(directory.path(), path, text.as_bytes());
    }
    directory
}

/// Writes a file and the directories above it.
pub fn write(directory: &Path, path: &str, bytes: &[u8]) {
    let place = directory.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, bytes).unwrap();
}
