//! A line on the terminal while a run takes long. Nothing on anything but a terminal, and nothing on a short run.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a run may take in silence.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows that something happens until it is dropped.
pub(super) struct Progress {
    done: Option<Sender<()>>,
    shown: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to wait.
    pub fn start() -> Self {
        if !io::stderr().is_terminal() {
            return Self { done: None, shown: None };
        }
        let (done, waiting) = mpsc::channel::<()>();
        let shown = std::thread::spawn(move || {
            if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = write!(io::stderr(), "reading…");
                let _ = waiting.recv();
                let _ = write!(io::stderr(), "\r        \r");
            }
        });
        Self { done: Some(done), shown: Some(shown) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // The thread waits for this end of the channel.
        drop(self.done.take());
        if let Some(shown) = self.shown.take() {
            let _ = shown.join();
        }
    }
}
