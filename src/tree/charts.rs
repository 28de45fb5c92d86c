//! Helm charts of a tree: where they are, and a tree in which some of them are rendered.
//!
//! A chart's templates are no YAML before Helm fills them in, and what Helm writes stands byte for byte in no file of
//! the repository. So a rendered chart is one further file, a stream named after the chart's directory
//! (`charts/api (rendered)`): places in it are those of `helm template NAME DIR`, whose `# Source:` marks name the
//! template above each manifest. Nothing in it can be edited, so it is never fixed. The chart's own templates, and the
//! charts below its `charts/`, which the stream holds already, are then not looked at by themselves.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::helm;
use super::names::{file_name, is_yaml};
use super::{Directory, Found, Helm, Skipped, Tree, TreeError, TreePath, Unread, Walk};

/// What follows a chart's directory in the name of its stream.
const RENDERED: &str = " (rendered)";

/// The directories that hold a `Chart.yaml`, each with a `/` at its end; the root is empty.
#[derive(Debug, Default)]
pub(super) struct Charts(BTreeSet<String>);

impl Charts {
    pub(super) fn among(found: &[Found]) -> Self {
        let charts = found.iter().filter(|found| file_name(&found.path) == "Chart.yaml");
        Self(charts.filter_map(|found| found.path.strip_suffix("Chart.yaml").map(str::to_owned)).collect())
    }

    /// The chart of which a file is one of the templates.
    pub(super) fn of_template<'a>(&self, tree: &dyn Tree, found: &'a Found) -> Option<&'a str> {
        if !is_yaml(&found.path) {
            return None;
        }
        found.path.match_indices("templates/").find_map(|(at, _)| {
            let above = found.path.get(..at).unwrap_or_default();
            let whole = above.is_empty() || above.ends_with('/');
            let known = self.0.contains(above)
                // The walk saw nothing but this file.
                || (found.explicit && whole && tree.read(&format!("{above}Chart.yaml")).is_ok());
            (whole && known).then_some(above)
        })
    }

    /// Whether a file holds a chart's values: they look like whatever they are meant for.
    pub(super) fn hold_values(&self, path: &str) -> bool {
        let name = file_name(path);
        let directory = path.strip_suffix(name).unwrap_or_default();
        is_yaml(name) && name.starts_with("values") && self.0.contains(directory)
    }

    /// The chart that is rendered with this one in it: itself, unless it stands in another's `charts/`.
    pub(super) fn outermost<'a>(&'a self, chart: &'a str) -> &'a str {
        let above = chart.match_indices("charts/").find_map(|(at, _)| {
            let parent = chart.get(..at)?;
            self.0.contains(parent).then_some(parent)
        });
        above.unwrap_or(chart)
    }
}

/// How to render the chart in `directory` (with or without a `/` at its end) by hand.
pub(super) fn command(directory: &str) -> String {
    let directory = directory.trim_end_matches('/');
    let shown = if directory.is_empty() { "." } else { directory };
    let shown = shell_words::quote(shown);
    format!("helm template {} {shown} | poollint check -", release(directory))
}

/// A release's name made of a directory's: Helm takes lower-case letters, digits and `-`, at most 53 of them.
pub(super) fn release(directory: &str) -> String {
    let plain = |letter: char| {
        let lower = letter.to_ascii_lowercase();
        if lower.is_ascii_lowercase() || lower.is_ascii_digit() { lower } else { '-' }
    };
    let name: String = file_name(directory).chars().map(plain).take(53).collect();
    match name.trim_matches('-') {
        "" => "release".to_owned(),
        name => name.to_owned(),
    }
}

/// A directory whose charts are rendered.
#[derive(Debug)]
pub struct Rendered {
    below: Directory,
    /// What the walk found, without what is rendered.
    walk: Vec<Found>,
    skipped: Vec<Skipped>,
    /// Streams by name: the chart's directory, and the manifests.
    streams: BTreeMap<String, (String, Vec<u8>)>,
    failed: usize,
    lacks_helm: bool,
}

impl Rendered {
    /// Renders every chart of `below` that stands in no other's `charts/`. One that cannot be rendered is listed as
    /// passed over, with Helm's reason; its templates are then too.
    ///
    /// # Errors
    /// When the walk fails.
    pub fn new(below: Directory, helm: &Helm) -> Result<Self, TreeError> {
        let Walk { found, mut skipped } = below.walk()?;
        let charts = Charts::among(&found);
        let outer: Vec<&String> =
            charts.0.iter().filter(|chart| charts.outermost(chart) == **chart).collect();
        let results: Vec<Result<Vec<u8>, String>> =
            outer.par_iter().map(|chart| helm.render(&below, chart.trim_end_matches('/'))).collect();
        let mut streams = BTreeMap::new();
        let mut done = Vec::new();
        let (mut failed, mut lacks_helm) = (0usize, false);
        for (chart, result) in outer.into_iter().zip(results) {
            let directory = chart.trim_end_matches('/');
            let directory = if directory.is_empty() { "." } else { directory };
            match result {
                Ok(bytes) => {
                    done.push(chart.clone());
                    streams.insert(format!("{directory}{RENDERED}"), (directory.to_owned(), bytes));
                }
                Err(reason) => {
                    failed = failed.saturating_add(usize::from(reason != helm::LIBRARY));
                    lacks_helm |= reason == helm::NO_HELM;
                    let reason = format!("Helm chart that is not rendered: {reason}");
                    skipped.push(Skipped { path: directory.to_owned(), reason });
                }
            }
        }
        let inside = |path: &str| {
            done.iter().any(|chart| {
                path.strip_prefix(chart.as_str())
                    .is_some_and(|rest| rest.starts_with("templates/") || rest.starts_with("charts/"))
            })
        };
        // What the user names is read as it is.
        let mut walk: Vec<Found> =
            found.into_iter().filter(|found| found.explicit || !inside(&found.path)).collect();
        walk.extend(streams.keys().map(|path| Found { path: path.clone(), explicit: false }));
        skipped.retain(|skipped| !inside(&skipped.path));
        Ok(Self { below, walk, skipped, streams, failed, lacks_helm })
    }

    /// How many charts could not be rendered.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// Whether that is because there is no Helm.
    #[must_use]
    pub fn lacks_helm(&self) -> bool {
        self.lacks_helm
    }

    /// The directory itself.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.below
    }
}

impl Tree for Rendered {
    fn walk(&self) -> Result<Walk, TreeError> {
        Ok(Walk { found: self.walk.clone(), skipped: self.skipped.clone() })
    }

    fn read(&self, path: &TreePath) -> Result<Vec<u8>, Unread> {
        match self.streams.get(path) {
            Some((_, bytes)) => Ok(bytes.clone()),
            None => self.below.read(path),
        }
    }

    fn rendered_from(&self, path: &TreePath) -> Option<&str> {
        self.streams.get(path).map(|(directory, _)| directory.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charts(directories: &[&str]) -> Charts {
        Charts(directories.iter().map(|directory| (*directory).to_owned()).collect())
    }

    #[test]
    fn a_release_is_named_after_the_directory() {
        for (directory, name) in
            [("charts/api", "api"), ("", "release"), ("My_App", "my-app"), ("a/-x-", "x"), ("ä", "release")]
        {
            assert_eq!(release(directory), name, "{directory}");
        }
        assert_eq!(release(&"x".repeat(80)).len(), 53);
        assert_eq!(command("a b/c"), "helm template c 'a b/c' | poollint check -");
        assert_eq!(command(""), "helm template release . | poollint check -");
    }

    #[test]
    fn charts_inside_charts_belong_to_the_outer_one() {
        let charts = charts(&["deploy/app/", "deploy/app/charts/db/", "deploy/charts/api/", "x/charts/"]);
        for (chart, outer) in [
            ("deploy/app/charts/db/", "deploy/app/"),
            ("deploy/app/", "deploy/app/"),
            // A folder `charts` of a directory that is no chart.
            ("deploy/charts/api/", "deploy/charts/api/"),
            ("x/charts/", "x/charts/"),
        ] {
            assert_eq!(charts.outermost(chart), outer, "{chart}");
        }
        assert!(charts.hold_values("deploy/app/values.yaml"));
        assert!(charts.hold_values("deploy/app/values-prod.yaml"));
        assert!(!charts.hold_values("deploy/values.yaml"));
        assert!(!charts.hold_values("deploy/app/compose.yaml"));
    }
}
