//! Station six: one small renderer per output format, all fed the same masked findings.

mod budget;
mod budget_human;
mod budget_json;
mod budget_markdown;
mod budget_mermaid;
mod budget_shape;
mod budget_svg;
mod concise;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod markdown;
mod masked;
mod model_json;
mod paint;
mod plain;
mod rdjson;
mod recommend;
mod sarif;
mod source;

use std::io::{self, Write};

pub use budget::Budget;
pub use budget_human::budget_human;
pub use budget_json::budget_json;
pub use budget_markdown::budget_markdown;
pub use budget_mermaid::budget_mermaid;
#[cfg(test)]
pub(crate) use budget_shape::Output as BudgetOutput;
pub use budget_svg::budget_svg;
#[cfg(test)]
pub(crate) use json::Output as CheckOutput;
pub use masked::Masked;
pub use model_json::model_json;
pub use paint::{Paint, Width, plural};
pub use recommend::{Advice, AdvicePool, AdvicePooler, recommend_human, recommend_json};

use crate::compare::{Comparison, Gate, Status};
use crate::model::{Model, Scope, Severity};
use crate::rules::Finding;
use crate::tree::{Files, Skipped};

/// A format of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with source excerpts.
    Human,
    /// One line for each finding.
    Concise,
    /// `poollint/check/1`.
    Json,
    /// GitHub workflow commands.
    Github,
    /// SARIF 2.1.0.
    Sarif,
    /// GitLab Code Quality.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// Reviewdog diagnostics.
    Rdjson,
    /// A job summary.
    Markdown,
}

/// Everything a renderer of findings gets.
#[derive(Debug)]
pub struct Report<'a> {
    /// Findings in output order.
    pub findings: &'a [Finding],
    /// How many were suppressed.
    pub suppressed: usize,
    /// The files of the run, for positions and paths.
    pub files: &'a Files,
    /// Their texts with every credential masked.
    pub masked: &'a Masked<'a>,
    /// What was passed over.
    pub skipped: &'a [Skipped],
    /// Deployments of which a part is not known: that nothing was found there says less.
    pub partial: &'a [PartlyKnown],
    /// What the findings were compared with.
    pub comparison: Option<&'a Comparison>,
}

impl<'a> Report<'a> {
    /// The findings that people are to look at: of a comparison whose gate lets new ones through only, those that are
    /// new or worse.
    pub fn shown(&self) -> impl Iterator<Item = (usize, &'a Finding)> {
        let (findings, comparison) = (self.findings, self.comparison);
        findings
            .iter()
            .enumerate()
            .filter(move |(index, _)| comparison.is_none_or(|comparison| comparison.counts(*index)))
    }

    /// The status of a finding, where it was compared.
    fn status(&self, index: usize) -> Option<Status> {
        self.comparison.map(|comparison| comparison.status(index))
    }

    /// Whether a finding was there before, and did not get worse.
    fn is_known(&self, index: usize) -> bool {
        self.status(index).is_some_and(|status| !status.counts())
    }

    /// A word about what became of a finding, where it is not plain from being shown.
    fn word(&self, index: usize) -> Option<&'static str> {
        let comparison = self.comparison?;
        let status = comparison.status(index);
        (comparison.gate == Gate::All || status != Status::New).then(|| status.name())
    }
}

/// A deployment of which a part is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartlyKnown {
    /// Its name.
    pub deployment: String,
    /// What of it is not known.
    pub reasons: Vec<String>,
}

impl PartlyKnown {
    /// Those of a model that are judged for more than syntax. A value that is kept elsewhere makes none of them.
    #[must_use]
    pub fn among(model: &Model) -> Vec<Self> {
        let judged = model.deployments.iter().filter(|deployment| deployment.scope == Scope::Full);
        judged
            .filter(|deployment| !deployment.is_whole())
            .map(|deployment| Self {
                deployment: deployment.name.clone(),
                reasons: deployment.partial.clone(),
            })
            .collect()
    }
}

/// Where the page of a built-in rule is published.
fn page_address(rule: &str) -> String {
    format!("{}/rules/{rule}.html", env!("CARGO_PKG_HOMEPAGE"))
}

/// Counts by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Hints.
    pub info: usize,
}

impl Summary {
    /// Counts findings.
    #[must_use]
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let severities: Vec<Severity> = findings.into_iter().map(|finding| finding.severity).collect();
        let count = |severity| severities.iter().filter(|one| **one == severity).count();
        Self { error: count(Severity::Error), warning: count(Severity::Warning), info: count(Severity::Info) }
    }
}

/// Writes a report in a format.
///
/// # Errors
/// When the output cannot be written.
pub fn render(format: Format, report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => plain::write(paint, out, |out| human::render(report, paint, out)),
        Format::Concise => plain::write(paint, out, |out| concise::render(report, paint, out)),
        Format::Json => json::render(report, out),
        Format::Github => github::render(report, out),
        Format::Sarif => sarif::render(report, out),
        Format::Gitlab => gitlab::render(report, out),
        Format::Junit => junit::render(report, out),
        Format::Rdjson => rdjson::render(report, out),
        Format::Markdown => markdown::render(report, out),
    }
}
