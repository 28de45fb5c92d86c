//! Which of the paths that git lists are read: what the walk of a directory would find if they stood there.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::directory::{Directory, EXCLUDED, Rules};
use super::super::names::{is_candidate, is_dot_env, is_never_entered};
use super::super::{Found, Kind, Skipped, Unread, Walk};
use super::listing::{Listing, Mode};

/// Ignore files that hold whatever git keeps. What git keeps although a `.gitignore` names it is somebody's will.
const OTHERS: &[&str] = &[".ignore"];

/// Which ignore files are respected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ignoring {
    /// Those that speak about what git keeps.
    Others,
    /// All, as in a walk that does not know what git keeps.
    All,
}

impl Ignoring {
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Others => OTHERS,
            Self::All => Rules::FILES,
        }
    }
}

/// Every candidate among the paths.
pub(super) fn walk(
    place: &Directory,
    listing: &Listing,
    ignoring: Ignoring,
    text: &dyn Fn(&str) -> Option<String>,
) -> Walk {
    let mut selection =
        Selection { place, listing, ignoring, text, above: HashMap::new(), entered: HashMap::new() };
    let mut walk = Walk::default();
    for (path, entry) in listing.iter() {
        if entry.mode == Mode::Submodule {
            if let Reached::Yes | Reached::Ignored(_) = selection.file(path) {
                let reason = "a submodule: its files are in a repository of their own".to_owned();
                walk.skipped.push(Skipped { path: path.to_owned(), reason });
            }
        } else if is_candidate(path) {
            match selection.file(path) {
                Reached::Yes => walk.found.push(Found { path: path.to_owned(), explicit: false }),
                Reached::Ignored(reason) if Kind::of_path(path).is_some() => {
                    walk.skipped.push(Skipped { path: path.to_owned(), reason });
                }
                Reached::Ignored(_) | Reached::No => {}
            }
        }
    }
    for path in listing.unnamed.iter().filter(|path| is_candidate(path)) {
        let reason = Unread::Denied("its name is not UTF-8".to_owned()).to_string();
        walk.skipped.push(Skipped { path: path.clone(), reason });
    }
    walk
}

enum Reached {
    /// It stands in no directory that is walked.
    No,
    Yes,
    /// For this reason it is left out.
    Ignored(String),
}

/// The rules that hold in a directory; `None` for one that is not entered.
type Entered = Option<Option<Arc<Rules>>>;

struct Selection<'a> {
    place: &'a Directory,
    listing: &'a Listing,
    ignoring: Ignoring,
    /// The text of an ignore file.
    text: &'a dyn Fn(&str) -> Option<String>,
    /// The rules from above, by start.
    above: HashMap<&'a str, Option<Arc<Rules>>>,
    /// By start and directory.
    entered: HashMap<(&'a str, String), Entered>,
}

impl<'a> Selection<'a> {
    fn file(&mut self, path: &str) -> Reached {
        let place = self.place;
        let mut reached = Reached::No;
        for start in place.starts() {
            if !(start.is_empty()
                || path.strip_prefix(start.as_str()).is_some_and(|rest| rest.starts_with('/')))
            {
                continue;
            }
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            let Some(rules) = self.directory(start, directory) else { continue };
            match self.left_out(path, false, rules.as_ref()) {
                Some(reason) if reason == EXCLUDED || !is_dot_env(path) => {
                    reached = Reached::Ignored(reason);
                }
                _ => return Reached::Yes,
            }
        }
        reached
    }

    /// The rules in a directory at or below a start, entering those between first.
    fn directory(&mut self, start: &'a str, directory: &str) -> Entered {
        let below = directory.strip_prefix(start).unwrap_or_default().trim_start_matches('/');
        let mut here = start.to_owned();
        let mut rules = match self.entered.get(&(start, here.clone())) {
            Some(known) => known.clone()?,
            None => {
                let above = self.above(start);
                let rules = self.enter(&here, above);
                self.entered.insert((start, here.clone()), Some(rules.clone()));
                rules
            }
        };
        for name in below.split('/').filter(|name| !name.is_empty()) {
            let next = if here.is_empty() { name.to_owned() } else { format!("{here}/{name}") };
            rules = match self.entered.get(&(start, next.clone())) {
                Some(known) => known.clone()?,
                None => {
                    let shut = is_never_entered(name)
                        || self.listing.get(&format!("{next}/pyvenv.cfg")).is_some()
                        || self.left_out(&next, true, rules.as_ref()).is_some();
                    let entered = (!shut).then(|| self.enter(&next, rules.clone()));
                    self.entered.insert((start, next.clone()), entered.clone());
                    entered?
                }
            };
            here = next;
        }
        Some(rules)
    }

    fn above(&mut self, start: &'a str) -> Option<Arc<Rules>> {
        let names = self.ignoring.names();
        let place = self.place.root().join(start);
        self.above
            .entry(start)
            .or_insert_with(|| Rules::above(&place, names, self.ignoring == Ignoring::All))
            .clone()
    }

    fn enter(&self, directory: &str, above: Option<Arc<Rules>>) -> Option<Arc<Rules>> {
        let place = self.place.root().join(directory);
        let texts = self.ignoring.names().iter().filter_map(|name| {
            let path = if directory.is_empty() { (*name).to_owned() } else { format!("{directory}/{name}") };
            // A link is not followed, as git does not.
            self.listing.get(&path).filter(|entry| entry.mode == Mode::File)?;
            Some((place.join(name), (self.text)(&path)?))
        });
        let texts: Vec<(PathBuf, String)> = texts.collect();
        Rules::of(&place, texts, above)
    }

    fn left_out(&self, path: &str, is_directory: bool, rules: Option<&Arc<Rules>>) -> Option<String> {
        self.place.left_out(&self.place.root().join(path), is_directory, rules)
    }
}
