//! Where the files of a run come from.

use std::path::Path;

use super::args::InputArgs;
use super::error::Failure;
use crate::config::Config;
use crate::tree::{self, Directory, Exported, Helm, Rendered, Stream, Tracked, Tree, Versioned};

/// Where the files of a run come from.
pub(super) struct Source {
    tree: Box<dyn Tree>,
    kind: Kind,
}

enum Kind {
    /// A directory, whose files can be changed.
    Disk(Directory),
    /// What git tracks of it.
    Tracked(Directory),
    /// What git's index has of it.
    Staged(Directory),
    /// Standard input.
    Stream,
}

impl Source {
    /// What the arguments name.
    pub fn open(input: &InputArgs, config: &Config) -> Result<Self, Failure> {
        if input.paths.iter().any(|path| path == Path::new("-")) {
            return Self::stream(input);
        }
        if input.stdin_path.is_some() {
            return Err(Failure::Usage("--stdin-path names what is read from `-`".to_owned()));
        }
        let options = tree::WalkOptions { exclude: config.exclude.clone() };
        let directory = tree::open(&input.paths, &options)?;
        if input.staged {
            let tree = versioned(Versioned::staged(directory.clone())?, &directory, config)?;
            return Ok(Self { tree, kind: Kind::Staged(directory) });
        }
        let (tree, kind): (Box<dyn Tree>, _) = if input.git_tracked {
            (Box::new(Tracked::new(directory.clone())?), Kind::Tracked(directory.clone()))
        } else {
            (Box::new(directory.clone()), Kind::Disk(directory.clone()))
        };
        let tree = if config.helm { rendered(tree, &directory, &directory)? } else { tree };
        Ok(Self { tree, kind })
    }

    fn stream(input: &InputArgs) -> Result<Self, Failure> {
        if input.paths.len() > 1 {
            return Err(Failure::Usage(
                "`-` reads standard input and takes no other path beside it".to_owned(),
            ));
        }
        if input.staged || input.git_tracked {
            return Err(Failure::Usage("standard input is in no index of git".to_owned()));
        }
        Ok(Self { tree: Box::new(Stream::stdin(input.stdin_path.as_deref())), kind: Kind::Stream })
    }

    /// As a tree.
    pub fn tree(&self) -> &dyn Tree {
        &*self.tree
    }

    /// The directory whose files can be changed.
    pub fn directory(&self) -> Option<&Directory> {
        match &self.kind {
            Kind::Disk(directory) | Kind::Tracked(directory) => Some(directory),
            Kind::Staged(_) | Kind::Stream => None,
        }
    }

    /// The directory that is meant, whoever says what it holds.
    pub fn place(&self) -> Option<&Directory> {
        match &self.kind {
            Kind::Disk(directory) | Kind::Tracked(directory) | Kind::Staged(directory) => Some(directory),
            Kind::Stream => None,
        }
    }

    /// Whether files are read that git does not know.
    pub fn is_disk(&self) -> bool {
        matches!(self.kind, Kind::Disk(_))
    }
}

/// What git has, with its charts rendered when that is asked for.
pub(super) fn versioned(
    tree: Versioned,
    place: &Directory,
    config: &Config,
) -> Result<Box<dyn Tree>, Failure> {
    if !config.helm {
        return Ok(Box::new(tree));
    }
    let exported = Exported::charts(&tree)?;
    rendered(Box::new(tree), &exported.directory()?, place)
}

fn rendered(tree: Box<dyn Tree>, at: &Directory, place: &Directory) -> Result<Box<dyn Tree>, Failure> {
    let helm = Helm::find(std::env::var_os("PATH").as_deref());
    let name = place.root().file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Box::new(Rendered::new(tree, at, &name, &helm)?))
}
