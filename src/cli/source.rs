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
    /// Where charts were to be rendered.
    unrendered: Option<Unrendered>,
}

/// The charts that were to be rendered and are not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unrendered {
    /// How many.
    pub charts: usize,
    /// Whether that is because there is no Helm.
    pub lacks_helm: bool,
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
        Self::of_directory(tree::open(&input.paths, &options)?, input, config)
    }

    /// A directory, as the arguments want it to be read.
    pub fn of_directory(directory: Directory, input: &InputArgs, config: &Config) -> Result<Self, Failure> {
        if input.staged {
            let staged = Versioned::staged(directory.clone())?;
            let (tree, unrendered) = versioned(staged, &directory, config)?;
            return Ok(Self { tree, kind: Kind::Staged(directory), unrendered });
        }
        let (tree, kind): (Box<dyn Tree>, _) = if input.git_tracked {
            (Box::new(Tracked::new(directory.clone())?), Kind::Tracked(directory.clone()))
        } else {
            (Box::new(directory.clone()), Kind::Disk(directory.clone()))
        };
        let (tree, unrendered) = match config.helm {
            true => rendered(tree, &directory, &directory)?,
            false => (tree, None),
        };
        Ok(Self { tree, kind, unrendered })
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
        Ok(Self {
            tree: Box::new(Stream::stdin(input.stdin_path.as_deref())),
            kind: Kind::Stream,
            unrendered: None,
        })
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

    /// What was to be rendered and is not.
    pub fn unrendered(&self) -> Option<Unrendered> {
        self.unrendered
    }

    /// Whether files are read that git does not know.
    pub fn is_disk(&self) -> bool {
        matches!(self.kind, Kind::Disk(_))
    }
}

/// What git has, with its charts rendered when that is asked for.
pub(super) fn versioned(tree: Versioned, place: &Directory, config: &Config) -> Result<Read, Failure> {
    if !config.helm {
        return Ok((Box::new(tree), None));
    }
    let exported = Exported::charts(&tree)?;
    rendered(Box::new(tree), &exported.directory()?, place)
}

/// A tree, and what of it could not be rendered.
type Read = (Box<dyn Tree>, Option<Unrendered>);

fn rendered(tree: Box<dyn Tree>, at: &Directory, place: &Directory) -> Result<Read, Failure> {
    let helm = Helm::find(std::env::var_os("PATH").as_deref());
    let name = place.root().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let rendered = Rendered::new(tree, at, &name, &helm)?;
    let unrendered = Unrendered { charts: rendered.failed(), lacks_helm: rendered.lacks_helm() };
    Ok((Box::new(rendered), Some(unrendered)))
}
