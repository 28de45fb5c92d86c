//! The `helm` program: it renders charts, and nothing else. It is never asked to fetch anything, so a chart whose
//! dependencies are not in its `charts/` is not rendered.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::charts::release;
use super::stream::{MAX_STREAM_BYTES, read_at_most};
use super::{Directory, Tree, Unread};
use crate::catalog::catalog;
use crate::mask;

/// How long one chart may take. The largest public ones take two seconds.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How often a process is asked whether it has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// The most that is shown of what Helm says.
const LONGEST_REASON: usize = 300;

/// Why nothing is rendered where there is no program.
pub(super) const NO_HELM: &str = "there is no helm on the PATH";

/// Why a library is not rendered; nothing is lost by that.
pub(super) const LIBRARY: &str = "a library, which has no manifests of its own";

/// What Helm says when a chart's dependencies are not in its `charts/`.
const MISSING: &str = "found in Chart.yaml, but missing in charts/";

/// Where the program is.
#[derive(Debug, Clone)]
pub struct Helm {
    program: Option<PathBuf>,
    limit: Duration,
}

impl Helm {
    /// The `helm` that stands first in the directories of `path`, the value of `PATH`.
    #[must_use]
    pub fn find(path: Option<&std::ffi::OsStr>) -> Self {
        let names: &[&str] = if cfg!(windows) { &["helm.exe"] } else { &["helm"] };
        let directories = path.map(std::env::split_paths).into_iter().flatten();
        // A relative entry would let the repository that is checked bring its own program.
        let program = directories
            .filter(|directory| directory.is_absolute())
            .flat_map(|directory| names.iter().map(move |name| directory.join(name)))
            .find(|place| is_program(place));
        Self { program, limit: TIME_LIMIT }
    }

    /// The manifests of the chart in `directory` of `tree`, with its own values.
    ///
    /// # Errors
    /// With the reason, fit for output.
    pub(super) fn render(&self, tree: &Directory, directory: &str) -> Result<Vec<u8>, String> {
        let file = |name: &str| {
            let path = if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") };
            tree.read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let library = |line: &str| {
            line.strip_prefix("type:").is_some_and(|kind| kind.trim().trim_matches(['"', '\'']) == "library")
        };
        if file("Chart.yaml").is_ok_and(|chart| chart.lines().any(library)) {
            return Err(LIBRARY.to_owned());
        }
        let Some(program) = &self.program else {
            return Err(NO_HELM.to_owned());
        };
        let place = if directory.is_empty() { tree.root().to_owned() } else { tree.root().join(directory) };
        let name = match directory {
            "" => release(&tree.root().file_name().unwrap_or_default().to_string_lossy()),
            directory => release(directory),
        };
        let mut command = Command::new(program);
        command.args(["template", &name]).arg(&place).current_dir(tree.root());
        let values = file("values.yaml").unwrap_or_default();
        let said = run(command, self.limit)?;
        if !said.well {
            return Err(reason(&said.errors, &values, tree.root()));
        }
        Ok(said.output)
    }
}

#[cfg(unix)]
fn is_program(place: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    place.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(place: &Path) -> bool {
    place.is_file()
}

/// What a process said.
struct Said {
    well: bool,
    output: Vec<u8>,
    errors: String,
}

fn run(mut command: Command, limit: Duration) -> Result<Said, String> {
    let began = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("helm cannot be run: {error}"))?;
    let output = child.stdout.take().map(read);
    let errors = child.stderr.take().map(read);
    let result = collect(&mut child, output, errors, began, limit);
    if result.is_err() {
        // It may have ended by itself in the meantime.
        let _ = child.kill();
    }
    let _ = child.wait();
    result
}

fn collect(
    child: &mut Child,
    output: Option<Receiver<Result<Vec<u8>, Unread>>>,
    errors: Option<Receiver<Result<Vec<u8>, Unread>>>,
    began: Instant,
    limit: Duration,
) -> Result<Said, String> {
    let late = || format!("helm takes longer than {} s", limit.as_secs());
    let receive = |receiver: Option<Receiver<Result<Vec<u8>, Unread>>>| {
        let left = limit.saturating_sub(began.elapsed());
        match receiver.map(|receiver| receiver.recv_timeout(left)) {
            Some(Ok(Ok(bytes))) => Ok(bytes),
            Some(Ok(Err(reason))) => Err(format!("what helm writes: {reason}")),
            Some(Err(RecvTimeoutError::Timeout)) => Err(late()),
            Some(Err(RecvTimeoutError::Disconnected)) | None => Ok(Vec::new()),
        }
    };
    let output = receive(output)?;
    let errors = String::from_utf8_lossy(&receive(errors)?).into_owned();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(Said { well: status.success(), output, errors }),
            Ok(None) if began.elapsed() >= limit => return Err(late()),
            Ok(None) => thread::sleep(PAUSE),
            Err(error) => return Err(format!("helm cannot be waited for: {error}")),
        }
    }
}

/// Reads a pipe to its end in a thread of its own: a process that fills one while the other is read would wait for
/// ever.
fn read(pipe: impl Read + Send + 'static) -> Receiver<Result<Vec<u8>, Unread>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Nobody listens any more when the time is over.
        let _ = sender.send(read_at_most(pipe, 0, MAX_STREAM_BYTES));
    });
    receiver
}

/// Helm's error in one line, without what may be a credential: an error may quote values of the chart.
fn reason(errors: &str, values: &str, root: &Path) -> String {
    let lines = || errors.lines().map(str::trim).filter(|line| !line.is_empty());
    let chosen = lines().find_map(|line| line.strip_prefix("Error:")).or_else(|| lines().next_back());
    let Some(line) = chosen.map(str::trim) else { return "helm fails without a word".to_owned() };
    let line = mask::line(line).replace(&*root.to_string_lossy(), ".");
    // What Helm says of dependencies quotes `Chart.yaml`; masking a word of it would tell a password that is one.
    let (said, dependencies) = line.split_at(line.find(MISSING).unwrap_or(line.len()));
    let mut secrets: Vec<&str> = values.lines().filter_map(secret).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let said = secrets.into_iter().fold(said.to_owned(), |said, secret| without(&said, secret));
    let mut line = said + dependencies;
    if line.chars().count() > LONGEST_REASON {
        line = line.chars().take(LONGEST_REASON).chain(['…']).collect();
    }
    line
}

/// A line with a mask in place of each `secret` that is no part of a longer word.
fn without(line: &str, secret: &str) -> String {
    let mut masked = String::new();
    let mut from = 0usize;
    for (at, found) in line.match_indices(secret) {
        let end = at.saturating_add(found.len());
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let behind = line.get(end..).and_then(|text| text.chars().next());
        let whole = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
        if whole(before) && whole(behind) {
            masked.push_str(line.get(from..at).unwrap_or_default());
            masked.push_str(mask::MASK);
            from = end;
        }
    }
    masked.push_str(line.get(from..).unwrap_or_default());
    masked
}

/// The value of a line of YAML whose key says that it is a credential.
fn secret(line: &str) -> Option<&str> {
    let (key, value) = line.split_once(':')?;
    let value = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
    let key = key.trim().trim_start_matches("- ").trim_matches(['"', '\'']);
    (!value.is_empty() && catalog().is_secret_name(key)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_short_and_hold_no_secret() {
        let values = "auth:\n  password: \"s3cr3t\" # change\n  username: app\n";
        for (errors, expected) in [
            ("", "helm fails without a word"),
            (
                "WARNING: x\nError: found in Chart.yaml, but missing in charts/: db\n",
                "found in Chart.yaml, but missing in charts/: db",
            ),
            ("Error: password s3cr3t is too short", "password *** is too short"),
            ("Error: \"s3cr3t\" and s3cr3ts", "\"***\" and s3cr3ts"),
            (
                "Error: found in Chart.yaml, but missing in charts/ directory: s3cr3t",
                "found in Chart.yaml, but missing in charts/ directory: s3cr3t",
            ),
            ("boom postgres://app:pw@db/x", "boom postgres://***@db/x"),
            ("at /repo/charts/api/x", "at ./charts/api/x"),
        ] {
            assert_eq!(reason(errors, values, Path::new("/repo")), expected);
        }
        assert!(reason(&"x".repeat(1000), "", Path::new("/repo")).chars().count() <= LONGEST_REASON + 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_process_that_hangs_is_ended() {
        let mut command = Command::new("/bin/sleep");
        command.arg("30");
        let began = Instant::now();
        let said = run(command, Duration::from_millis(200));
        assert_eq!(said.err().as_deref(), Some("helm takes longer than 0 s"));
        assert!(began.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn no_program_is_taken_from_a_relative_directory() {
        assert!(Helm::find(Some(std::ffi::OsStr::new(".:bin"))).program.is_none());
        assert!(Helm::find(None).program.is_none());
    }
}
