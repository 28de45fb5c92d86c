//! Contents of the object store, from one `git cat-file --batch` that stays for as long as it is asked.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::super::Unread;
use super::super::directory::MAX_FILE_BYTES;
use super::Git;

/// Reads objects by their names.
#[derive(Debug)]
pub(super) struct Objects {
    git: Git,
    process: Mutex<Option<Process>>,
}

impl Objects {
    pub fn new(git: Git) -> Self {
        Self { git, process: Mutex::default() }
    }

    /// The content of a file.
    pub fn read(&self, id: &str) -> Result<Vec<u8>, Unread> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running = match process.take() {
            Some(running) => running,
            None => Process::start(self.git.command(&["cat-file", "--batch"])).map_err(|e| failed(&e))?,
        };
        let read = running.read(id).map_err(|error| failed(&error))?;
        // After an error nobody knows where the next answer would begin: the process is left to end.
        *process = Some(running);
        read
    }
}

fn failed(error: &io::Error) -> Unread {
    Unread::Denied(format!("git gives no content: {}", error.kind()))
}

#[derive(Debug)]
struct Process {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Process {
    fn start(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let requests = child.stdin.take();
        let answers = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child, requests, answers: BufReader::new(answers) })
    }

    /// The outer error is the process's, after which it is of no use; the inner one the object's.
    fn read(&mut self, id: &str) -> io::Result<Result<Vec<u8>, Unread>> {
        let requests = self.requests.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(requests, "{id}")?;
        requests.flush()?;
        let mut head = String::new();
        // `<id> <type> <size>`, or `<id> missing`.
        (&mut self.answers).take(1_000).read_line(&mut head)?;
        if head.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut words = head.split_whitespace().skip(1);
        let (kind, size) = (words.next(), words.next());
        let Some(size) = size.and_then(|size| size.parse::<u64>().ok()) else {
            return Ok(Err(Unread::Denied("git has no content of it".to_owned())));
        };
        let content = if kind != Some("blob") || size > MAX_FILE_BYTES {
            io::copy(&mut (&mut self.answers).take(size), &mut io::sink())?;
            Err(if kind == Some("blob") { Unread::TooLarge(size) } else { Unread::Special })
        } else {
            let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
            (&mut self.answers).take(size).read_to_end(&mut bytes)?;
            if u64::try_from(bytes.len()).ok() != Some(size) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Ok(bytes)
        };
        let mut end = [0u8; 1];
        self.answers.read_exact(&mut end)?;
        Ok(content)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Without requests it ends by itself; one that waits for something else need not be waited for.
        drop(self.requests.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
