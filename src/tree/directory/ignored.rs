//! Ignore files: which apply in a directory, and what they say.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::read_file;

/// The ignore files that git itself reads.
const GIT: &[&str] = &[".gitignore"];

/// The largest ignore file that is respected: 1 MB. A larger one is no list that people keep, and to
/// compile it would take longer than everything else.
const MAX_IGNORE_BYTES: u64 = 1_000_000;

/// The rules of one directory and of those above it.
#[derive(Debug)]
pub(in crate::tree) struct Rules {
    matcher: Gitignore,
    above: Option<Arc<Self>>,
}

impl Rules {
    /// The ignore files of one directory; in their order, the later line holds.
    pub const FILES: &'static [&'static str] = &[".gitignore", ".ignore"];

    /// Adds the rules of the directory `place` to those above it. `names` are those of its ignore files.
    pub(super) fn enter(place: &Path, names: &[&str], above: Option<Arc<Self>>) -> Option<Arc<Self>> {
        let files = names.iter().map(|name| place.join(name));
        Self::with(place, files, above)
    }

    /// The rules that hold in `place` from above: those of the directories from the top of its git
    /// repository down to its parent, and, where `own` says so, the repository's own.
    pub fn above(place: &Path, names: &[&str], own: bool) -> Option<Arc<Self>> {
        let top = place.ancestors().find(|above| above.join(".git").symlink_metadata().is_ok())?;
        let exclude = git_directory(&top.join(".git")).map(|git| git.join("info").join("exclude"));
        let mut rules = Self::with(top, exclude.filter(|_| own), None);
        let mut between: Vec<&Path> =
            place.ancestors().skip(1).take_while(|above| above.starts_with(top)).collect();
        between.reverse();
        for directory in between {
            rules = Self::enter(directory, names, rules);
        }
        rules
    }

    fn with(
        place: &Path,
        files: impl IntoIterator<Item = PathBuf>,
        above: Option<Arc<Self>>,
    ) -> Option<Arc<Self>> {
        let texts = files.into_iter().filter_map(|file| {
            // A link is not followed, as git does not; a pipe must not be opened.
            let plain = |metadata: &fs::Metadata| metadata.is_file() && metadata.len() <= MAX_IGNORE_BYTES;
            file.symlink_metadata().ok().filter(plain)?;
            let bytes = read_file(&file).ok()?;
            Some((file, String::from_utf8_lossy(&bytes).into_owned()))
        });
        Self::of(place, texts, above)
    }

    /// Adds the rules in these texts of ignore files of the directory `place` to those above it.
    pub fn of(
        place: &Path,
        texts: impl IntoIterator<Item = (PathBuf, String)>,
        above: Option<Arc<Self>>,
    ) -> Option<Arc<Self>> {
        let mut builder = GitignoreBuilder::new(place);
        let mut any = false;
        for (file, text) in texts {
            for line in text.trim_start_matches('\u{feff}').lines() {
                // As with git, a line that is no pattern has no effect.
                any |= builder.add_line(Some(file.clone()), line).is_ok();
            }
        }
        match builder.build() {
            Ok(matcher) if any && !matcher.is_empty() => Some(Arc::new(Self { matcher, above })),
            _ => above,
        }
    }

    /// The file whose rule leaves `path` (absolute) out. The innermost directory that has a rule for it
    /// decides.
    pub fn ignore(&self, path: &Path, is_directory: bool) -> Option<&Path> {
        let mut level = Some(self);
        while let Some(rules) = level {
            match rules.matcher.matched(path, is_directory) {
                Match::Ignore(rule) => return Some(rule.from().unwrap_or(Path::new(".gitignore"))),
                Match::Whitelist(_) => return None,
                Match::None => level = rules.above.as_deref(),
            }
        }
        None
    }
}

/// Whether git keeps this file (absolute) out of its repository: an ignore file names it or a directory that it lies
/// in, and the index does not have it. Somebody may have added it all the same.
pub(super) fn is_kept_out(place: &Path) -> bool {
    let Some(top) = place.ancestors().skip(1).find(|above| above.join(".git").symlink_metadata().is_ok())
    else {
        return false;
    };
    let mut within: Vec<&Path> = place.ancestors().take_while(|part| *part != top).collect();
    within.reverse();
    let ignored = within.iter().any(|part| {
        let above =
            part.parent().and_then(|parent| Rules::enter(parent, GIT, Rules::above(parent, GIT, true)));
        above.is_some_and(|rules| rules.ignore(part, *part != place).is_some())
    });
    ignored && !is_in_index(top, place)
}

/// Whether the index of the work tree `top` has this file. In the index, the name stands behind two bytes of flags,
/// whose lower twelve bits are its length, and before a zero byte (gitformat-index(5), versions 2 and 3). Version 4
/// cuts names short: nothing is found there.
fn is_in_index(top: &Path, place: &Path) -> bool {
    let git = top.join(".git");
    let index = if git.is_dir() {
        git.join("index")
    } else {
        let pointer = read_file(&git).unwrap_or_default();
        let own = std::str::from_utf8(&pointer).ok().and_then(|text| text.strip_prefix("gitdir:"));
        top.join(own.unwrap_or_default().trim()).join("index")
    };
    let Some(name) = place.strip_prefix(top).ok().and_then(Path::to_str) else { return false };
    let name = name.replace('\\', "/");
    let Ok(length) = u16::try_from(name.len().min(0xFFF)) else { return false };
    let Ok(bytes) = read_file(&index) else { return false };
    let mut entry = name.into_bytes();
    entry.push(0);
    memchr::memmem::find_iter(&bytes, &entry).any(|at| {
        let flags = at.checked_sub(2).and_then(|start| bytes.get(start..at));
        let stated = flags.and_then(|flags| flags.try_into().ok()).map(u16::from_be_bytes);
        // Version 3 has two bytes more where the entry is marked as extended.
        let extended = at.checked_sub(4).and_then(|start| bytes.get(start..at.saturating_sub(2)));
        let before = extended.and_then(|flags| flags.try_into().ok()).map(u16::from_be_bytes);
        stated.is_some_and(|flags| flags & 0xFFF == length)
            || before.is_some_and(|flags| flags & 0x4FFF == 0x4000 | length)
    })
}

/// The directory with the repository's own files: `.git`, or what a work tree's or submodule's `.git` file
/// points to (gitrepository-layout(5): `gitdir: PATH`, and `commondir` in there).
fn git_directory(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let above = git.parent()?;
    let pointer = read_file(git).ok()?;
    let own = above.join(std::str::from_utf8(&pointer).ok()?.strip_prefix("gitdir:")?.trim());
    match fs::read_to_string(own.join("commondir")) {
        Ok(common) => Some(own.join(common.trim())),
        Err(_) => Some(own),
    }
}
