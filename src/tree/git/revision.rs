//! From what the user calls a revision to a commit that is there.

use super::super::TreeError;
use super::{Git, REMOTE};
use crate::mask;

/// The remote that is asked for a commit that a shallow clone lacks.
const REMOTE_NAME: &str = "origin";

/// A commit that is in the object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    id: String,
    name: String,
}

impl Commit {
    /// Its name in the object store, in hex.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// As the user called it; a commit's id by its first digits.
    #[must_use]
    pub fn shown(&self) -> &str {
        if is_id(&self.name) { self.name.get(..12).unwrap_or(&self.name) } else { &self.name }
    }
}

/// Whether this is the full name of an object (SHA-1 or SHA-256).
pub(super) fn is_id(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Git {
    /// The commit that `revision` names.
    ///
    /// A checkout of depth 1, as continuous integration makes them, has the commit that is tested and not the one it is
    /// compared with. Only there, and only when the commit is missing, `origin` is asked for it: it comes without
    /// history, and no branch, tag or file of the work tree changes.
    ///
    /// # Errors
    /// When it names no commit, or one that cannot be had; says what to do.
    pub fn commit(&self, revision: &str) -> Result<Commit, TreeError> {
        let shown = mask::line(revision);
        let fail = |reason: String| TreeError::Git(format!("--base {shown}: {reason}"));
        if revision.is_empty() || revision.starts_with('-') || revision.chars().any(char::is_control) {
            return Err(TreeError::Git(format!(
                "--base takes a revision, such as main or a commit's id; {shown:?} is none"
            )));
        }
        let commit = |id| Commit { id, name: shown.clone() };
        if let Some(id) = self.resolved(revision) {
            return Ok(commit(id));
        }
        if self.line(&["rev-parse", "--is-shallow-repository"]).map_err(|error| fail(error.to_string()))?
            != "true"
        {
            return Err(fail(format!(
                "there is no such commit here; `git fetch {REMOTE_NAME}` brings what others have pushed"
            )));
        }
        let missing = |reason: String| {
            fail(format!(
                "this clone is shallow and does not have the commit, and {REMOTE_NAME} does not give it ({reason}); \
                 clone with more history (`fetch-depth: 0` of actions/checkout), or bring it by `git fetch --depth=1 \
                 {REMOTE_NAME} <commit>`"
            ))
        };
        let id = self.wanted(revision).map_err(missing)?;
        self.run(
            &[
                "fetch",
                "--quiet",
                "--depth=1",
                "--no-tags",
                "--no-recurse-submodules",
                "--no-write-fetch-head",
                "--no-auto-gc",
                "--",
                REMOTE_NAME,
                &id,
            ],
            REMOTE,
        )
        .map_err(missing)?;
        self.resolved(&id).map(commit).ok_or_else(|| missing("it sends something else".to_owned()))
    }

    /// The commit of a revision, if it is there.
    fn resolved(&self, revision: &str) -> Option<String> {
        let peeled = format!("{revision}^{{commit}}");
        self.line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &peeled])
            .ok()
            .filter(|id| is_id(id))
    }

    /// The id of a commit that is not there.
    fn wanted(&self, revision: &str) -> Result<String, String> {
        if is_id(revision) {
            return Ok(revision.to_owned());
        }
        if let Some((child, number)) = parent(revision)
            && let Some(child) = self.resolved(child)
        {
            let content = self.run(&["cat-file", "commit", &child], super::LOCAL)?;
            let content = String::from_utf8_lossy(&content).into_owned();
            let parents = content.lines().take_while(|line| !line.is_empty());
            let mut parents = parents.filter_map(|line| line.strip_prefix("parent "));
            return match parents.nth(number.saturating_sub(1)) {
                Some(id) if is_id(id) => Ok(id.to_owned()),
                _ => Err("the commit has no such parent".to_owned()),
            };
        }
        let name =
            ["refs/remotes/origin/", "remotes/origin/", "origin/", "refs/heads/", "refs/tags/", "heads/"]
                .into_iter()
                .find_map(|prefix| revision.strip_prefix(prefix))
                .unwrap_or(revision);
        let (branch, tag) = (format!("refs/heads/{name}"), format!("refs/tags/{name}"));
        // What an annotated tag leads to is listed under its name with `^{}`.
        let peeled = format!("{tag}^{{}}");
        let listed =
            self.run(&["ls-remote", "--quiet", "--", REMOTE_NAME, &branch, &tag, &peeled], REMOTE)?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let id = |wanted: &str| {
            let mut lines = listed.lines().filter_map(|line| line.split_once('\t'));
            lines.find(|(id, name)| *name == wanted && is_id(id)).map(|(id, _)| id.to_owned())
        };
        id(&branch)
            .or_else(|| id(&peeled))
            .or_else(|| id(&tag))
            .ok_or_else(|| "it has no branch or tag of this name".to_owned())
    }
}

/// `HEAD^2` as `HEAD` and 2: git cannot say the parent of a commit where history ends, but the commit itself names it.
fn parent(revision: &str) -> Option<(&str, usize)> {
    let at = revision.rfind(['^', '~'])?;
    let (child, suffix) = revision.split_at_checked(at)?;
    let number = match suffix {
        "^" | "~" | "~1" => 1,
        suffix => suffix.strip_prefix('^')?.parse().ok().filter(|number| *number > 0)?,
    };
    (!child.is_empty()).then_some((child, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_recognised() {
        for (revision, expected) in [
            ("HEAD^", Some(("HEAD", 1))),
            ("HEAD^2", Some(("HEAD", 2))),
            ("HEAD~1", Some(("HEAD", 1))),
            ("HEAD^^", Some(("HEAD^", 1))),
            ("HEAD~3", None),
            ("HEAD^0", None),
            ("HEAD^{tree}", None),
            ("^HEAD", None),
            ("main", None),
        ] {
            assert_eq!(parent(revision), expected, "{revision}");
        }
    }

    #[test]
    fn ids_are_full_hex() {
        assert!(is_id(&"a1".repeat(20)));
        assert!(is_id(&"0".repeat(64)));
        assert!(!is_id("abc123"));
        assert!(!is_id(&"g".repeat(40)));
        let commit = Commit { id: "a1".repeat(20), name: "a1".repeat(20) };
        assert_eq!(commit.shown(), "a1a1a1a1a1a1");
    }
}
