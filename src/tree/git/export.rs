//! Charts of a tree that stands nowhere on disk, put down for Helm, which reads files.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::super::names::file_name;
use super::super::{Directory, Tree, TreeError};
use super::versioned::Versioned;

/// A directory that nobody else can read, and that is gone with this value.
#[derive(Debug)]
pub struct Exported {
    place: PathBuf,
}

impl Exported {
    /// Everything that stands in a directory with a `Chart.yaml`.
    ///
    /// # Errors
    /// When git or the temporary directory fails.
    pub fn charts(tree: &Versioned) -> Result<Self, TreeError> {
        let exported = Self::new().map_err(|error| failed(&error))?;
        let found = tree.walk()?.found;
        let charts = found.iter().filter(|found| file_name(&found.path) == "Chart.yaml");
        let charts: Vec<&str> = charts.filter_map(|found| found.path.strip_suffix("Chart.yaml")).collect();
        for path in tree.paths().filter(|path| charts.iter().any(|chart| path.starts_with(chart))) {
            // A link that leads nowhere is as absent as on disk, and what is too large is no part of a chart.
            let Ok(bytes) = tree.read(path) else { continue };
            exported.write(path, &bytes).map_err(|error| failed(&error))?;
        }
        Ok(exported)
    }

    fn new() -> io::Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let place = std::env::temp_dir().join(format!("poollint-{}-{now}", std::process::id()));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // Fails when something is there already, a link of somebody else's too.
        builder.create(&place)?;
        Ok(Self { place })
    }

    /// Names come from git, which keeps neither `..` nor an absolute path.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let place = self.place.join(path);
        if let Some(above) = place.parent() {
            fs::create_dir_all(above)?;
        }
        fs::write(place, bytes)
    }

    /// As a tree.
    ///
    /// # Errors
    /// When it is not there any more.
    pub fn directory(&self) -> Result<Directory, TreeError> {
        Directory::new(&self.place)
    }
}

fn failed(error: &io::Error) -> TreeError {
    TreeError::Git(format!("charts cannot be put down for helm: {}", error.kind()))
}

impl Drop for Exported {
    fn drop(&mut self) {
        // What is left behind is found in the system's directory for such things.
        let _ = fs::remove_dir_all(&self.place);
    }
}
