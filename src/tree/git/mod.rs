//! Git: the files of a revision and of the index, read from the object store by the `git` program.
//!
//! Nothing is checked out and no work tree is touched. The one thing that may be written is a commit that a shallow
//! clone lacks: see [`Git::commit`].

mod export;
mod listing;
mod objects;
mod revision;
mod selection;
mod tracked;
mod versioned;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub use export::Exported;
use listing::Listing;
pub use revision::Commit;
pub use tracked::Tracked;
pub use versioned::Versioned;

use super::{TreeError, program};
use crate::mask;

/// How long git may take for what is on this machine.
const LOCAL: Duration = Duration::from_secs(60);

/// How long git may take to bring a commit.
const REMOTE: Duration = Duration::from_secs(120);

/// Variables that say which repository, index and objects are meant (`git rev-parse --local-env-vars`). Git sets them
/// for its hooks; they hold for that repository alone.
const LOCATING: [&str; 9] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_SHALLOW_FILE",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// Those of them that are kept: another index, as for `git commit FILE`, and objects that are not yet in the store.
const KEPT: [&str; 3] = ["GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];

/// The repository that a directory belongs to.
#[derive(Debug, Clone)]
pub struct Git {
    program: PathBuf,
    /// Where git is run: paths are relative to this directory.
    at: PathBuf,
    /// Variables of [`LOCATING`] with the values they get.
    environment: Vec<(&'static str, OsString)>,
}

impl Git {
    /// The repository of `directory`, found by the `git` on the `PATH`.
    ///
    /// # Errors
    /// When there is no git, or no repository.
    pub fn of(directory: &Path) -> Result<Self, TreeError> {
        let program = program::find("git", std::env::var_os("PATH").as_deref())
            .ok_or_else(|| TreeError::Git("there is no git on the PATH".to_owned()))?;
        let mut git = Self { program, at: directory.to_owned(), environment: Vec::new() };
        let found = git.line(&["rev-parse", "--absolute-git-dir"]);
        match (&found, git.inherited()) {
            (Ok(found), Some((own, _))) if !same(found, &own) => {}
            (Ok(_), Some((_, top))) => git.keep(&top),
            (Err(_), Some((own, top))) => {
                git.keep(&top);
                git.environment.push(("GIT_DIR", own));
                git.environment.push(("GIT_WORK_TREE", top));
            }
            (_, None) => {
                found?;
            }
        }
        // In a bare repository, and in `.git` itself, stands nothing that git keeps.
        match git.line(&["rev-parse", "--is-inside-work-tree"])?.as_str() {
            "true" => Ok(git),
            _ => Err(TreeError::Git("this is no work tree of a git repository".to_owned())),
        }
    }

    /// The repository that the variables of [`LOCATING`] mean where the program was started, and the top of its work
    /// tree; `None` when none is set.
    fn inherited(&self) -> Option<(OsString, OsString)> {
        LOCATING.iter().find(|name| std::env::var_os(name).is_some())?;
        let ask = |what: &str| {
            let mut command = Command::new(&self.program);
            command.args(["rev-parse", what]);
            let said = program::run("git", command, LOCAL).ok().filter(|said| said.well)?;
            Some(OsString::from(String::from_utf8(said.output).ok()?.strip_suffix('\n')?))
        };
        Some((ask("--absolute-git-dir")?, ask("--show-toplevel")?))
    }

    /// Keeps what says more than where the repository is. A relative path is one from the top of the work tree.
    fn keep(&mut self, top: &OsStr) {
        for name in KEPT {
            let Some(value) = std::env::var_os(name).filter(|value| !value.is_empty()) else { continue };
            let value = match name {
                "GIT_ALTERNATE_OBJECT_DIRECTORIES" => value,
                _ => Path::new(top).join(value).into_os_string(),
            };
            self.environment.push((name, value));
        }
    }

    /// Git with these arguments: no pager, no prompt, no hook, no pattern in a path, messages in English.
    fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false"]).args(arguments);
        command.current_dir(&self.at);
        for name in LOCATING {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.envs([("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_OPTIONAL_LOCKS", "0")]);
        command
    }

    fn run<A: AsRef<OsStr>>(&self, arguments: &[A], limit: Duration) -> Result<Vec<u8>, String> {
        let said = program::run("git", self.command(arguments), limit)?;
        if said.well { Ok(said.output) } else { Err(reason(&said.errors, &self.at)) }
    }

    /// What git writes.
    fn output<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Vec<u8>, TreeError> {
        self.run(arguments, LOCAL).map_err(TreeError::Git)
    }

    /// What git writes, one line.
    fn line<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<String, TreeError> {
        let bytes = self.output(arguments)?;
        let text = String::from_utf8(bytes)
            .map_err(|_| TreeError::Git("the repository's path is not UTF-8".to_owned()))?;
        Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
    }

    /// What the index lists below the directory.
    fn index(&self) -> Result<Listing, TreeError> {
        self.output(&["ls-files", "--stage", "-z"]).map(|bytes| Listing::of_index(&bytes))
    }

    /// What a commit holds below the directory; nothing where it has no such directory.
    fn listing(&self, commit: &Commit) -> Result<Listing, TreeError> {
        let prefix = self.line(&["rev-parse", "--show-prefix"])?;
        let tree = match prefix.trim_end_matches('/') {
            "" => format!("{}^{{tree}}", commit.id()),
            prefix => format!("{}:{prefix}", commit.id()),
        };
        let tree = match self.line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &tree]) {
            Ok(tree) if revision::is_id(&tree) => tree,
            _ => return Ok(Listing::default()),
        };
        if self.line(&["cat-file", "-t", &tree])? != "tree" {
            return Ok(Listing::default());
        }
        self.output(&["ls-tree", "-r", "-z", "--full-tree", &tree]).map(|bytes| Listing::of_tree(&bytes))
    }

    /// Those of `paths`, relative to the directory, that git does not keep: files that it ignores, and whatever
    /// belongs to a submodule. A revision says nothing about them.
    ///
    /// # Errors
    /// When git fails.
    pub fn not_kept<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Result<Vec<String>, TreeError> {
        /// How many paths one command gets: command lines have an end.
        const AT_ONCE: usize = 200;
        let index = self.index()?;
        let (mut out, mut unknown) = (Vec::new(), Vec::new());
        for path in paths {
            if index.submodule_of(path).is_some() {
                out.push(path.to_owned());
            } else if index.get(path).is_none() {
                unknown.push(path);
            }
        }
        for part in unknown.chunks(AT_ONCE) {
            let mut arguments = vec!["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--"];
            arguments.extend(part);
            let listed = self.output(&arguments)?;
            let listed = listed.split(|byte| *byte == 0).filter_map(|path| std::str::from_utf8(path).ok());
            out.extend(listed.filter(|path| part.contains(path)).map(str::to_owned));
        }
        Ok(out)
    }
}

fn same(one: &str, other: &OsStr) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    real(Path::new(one)) == real(Path::new(other))
}

/// Git's error in one line, without credentials of an address and without where the repository lies.
fn reason(errors: &str, at: &Path) -> String {
    if errors.contains("dubious ownership") {
        return "git does not trust this repository, for it belongs to somebody else: see safe.directory in \
                git-config(1)"
            .to_owned();
    }
    let lines = || errors.lines().map(str::trim).filter(|line| !line.is_empty());
    let chosen = lines().find_map(|line| line.strip_prefix("fatal: ")).or_else(|| lines().next_back());
    let line = mask::line(chosen.unwrap_or("git fails without a word"));
    if line.starts_with("not a git repository") {
        return "this is no git repository".to_owned();
    }
    line.replace(&*at.to_string_lossy(), ".")
}
