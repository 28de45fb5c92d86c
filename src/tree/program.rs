//! Other programs: found on the `PATH`, run without a shell, ended when they take too long.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::Unread;
use super::stream::{MAX_STREAM_BYTES, read_at_most};

/// How often a process is asked whether it has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// The program `name` that stands first in the directories of `path`, the value of `PATH`.
pub(super) fn find(name: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    let file = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    let directories = path.map(std::env::split_paths).into_iter().flatten();
    // A relative entry would let the repository that is checked bring its own program.
    directories
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(&file))
        .find(|place| is_program(place))
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
pub(super) struct Said {
    /// Whether it ended well.
    pub well: bool,
    /// Its standard output.
    pub output: Vec<u8>,
    /// Its standard error.
    pub errors: String,
}

/// Runs a command to its end, with nothing on its standard input. `name` is for errors.
///
/// # Errors
/// When it cannot be run, takes longer than `limit`, or writes too much.
pub(super) fn run(name: &str, mut command: Command, limit: Duration) -> Result<Said, String> {
    let began = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{name} cannot be run: {error}"))?;
    let output = child.stdout.take().map(read);
    let errors = child.stderr.take().map(read);
    let result = collect(name, &mut child, output, errors, began, limit);
    if result.is_err() {
        // It may have ended by itself in the meantime.
        let _ = child.kill();
    }
    let _ = child.wait();
    result
}

fn collect(
    name: &str,
    child: &mut Child,
    output: Option<Receiver<Result<Vec<u8>, Unread>>>,
    errors: Option<Receiver<Result<Vec<u8>, Unread>>>,
    began: Instant,
    limit: Duration,
) -> Result<Said, String> {
    let late = || format!("{name} takes longer than {} s", limit.as_secs());
    let receive = |receiver: Option<Receiver<Result<Vec<u8>, Unread>>>| {
        let left = limit.saturating_sub(began.elapsed());
        match receiver.map(|receiver| receiver.recv_timeout(left)) {
            Some(Ok(Ok(bytes))) => Ok(bytes),
            Some(Ok(Err(reason))) => Err(format!("what {name} writes: {reason}")),
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
            Err(error) => return Err(format!("{name} cannot be waited for: {error}")),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_process_that_hangs_is_ended() {
        let mut command = Command::new("/bin/sleep");
        command.arg("30");
        let began = Instant::now();
        let said = run("helm", command, Duration::from_millis(200));
        assert_eq!(said.err().as_deref(), Some("helm takes longer than 0 s"));
        assert!(began.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn no_program_is_taken_from_a_relative_directory() {
        assert_eq!(find("helm", Some(OsStr::new(".:bin"))), None);
        assert_eq!(find("helm", None), None);
    }
}
