//! For people: each finding with the masked lines it is about, what to do, and a closing line.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::concise::one_line;
use super::paint::plural;
use super::source::Excerpt;
use super::{Paint, Report, Summary, plain};
use crate::compare::{Comparison, Counts, Gate};
use crate::model::{Safety, Severity};
use crate::rules::Finding;
use crate::span::{FileId, Place};

/// How many places beside its own one finding shows: what a reader still follows. Drawing them costs the square of
/// their number.
const MOST_LABELS: usize = 24;

/// How many of the findings that are gone are named.
const MOST_FIXED: usize = 10;

/// Writes the report.
pub(super) fn render(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let handler = handler(paint);
    let mut excerpts: BTreeMap<FileId, Excerpt> = BTreeMap::new();
    for (index, finding) in report.shown() {
        let diagnostic = shown(report, index, finding, &mut excerpts);
        let mut text = String::new();
        if handler.render_report(&mut text, &diagnostic).is_err() {
            text.clone_from(&finding.message);
        }
        writeln!(out, "{}\n", text.trim_end())?;
    }
    closing(report, paint, out)
}

fn handler(paint: Paint) -> GraphicalReportHandler {
    let theme = match (paint.unicode, paint.colour) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, colour) => {
            let mut theme = GraphicalTheme::ascii();
            if !colour {
                theme.styles = GraphicalTheme::unicode_nocolor().styles;
            }
            theme
        }
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(paint.width.0)
        .with_links(paint.links)
        .with_context_lines(0)
        .with_break_words(false)
        .without_syntax_highlighting()
}

/// A finding as miette sees it: what is on its own line, and other places by file as related diagnostics.
#[derive(Debug)]
struct Shown {
    severity: miette::Severity,
    message: String,
    rule: Option<String>,
    help: Option<String>,
    source: Excerpt,
    labels: Vec<LabeledSpan>,
    related: Vec<Shown>,
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.rule.as_ref().map(|rule| Box::new(rule) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.rule.as_ref().map(|rule| Box::new(super::page_address(rule)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(self.related.iter().map(|related| related as &dyn Diagnostic)))
    }
}

fn shown(
    report: &Report<'_>,
    index: usize,
    finding: &Finding,
    excerpts: &mut BTreeMap<FileId, Excerpt>,
) -> Shown {
    let mut excerpt = |file: FileId| {
        excerpts
            .entry(file)
            .or_insert_with(|| {
                let starts = report.files.get(file).map(|file| file.line_starts()).unwrap_or_default();
                Excerpt::new(&plain::name(report.files.path(file)), report.masked.text(file), starts)
            })
            .clone()
    };
    let primary = finding.place;
    let source = excerpt(primary.file);
    let mut help = help(finding);
    if let (Some(word), Some(comparison)) = (report.word(index), report.comparison) {
        let word = format!("{word}, compared with {}", comparison.against.name());
        help = Some(help.map_or(word.clone(), |help| format!("{help}\n{word}")));
    }
    let mut labels = Vec::new();
    if source.shows(primary.span) {
        labels.push(label(primary, None, true));
    } else {
        let at = report.files.position(primary.file, primary.span.start);
        let path = report.files.path(primary.file);
        let at = format!("it stands at {path}:{}:{}, on a line too long to show", at.line, at.column);
        help = Some(help.map_or(at.clone(), |help| format!("{help}\n{at}")));
    }
    let more = finding.labels.len().saturating_sub(MOST_LABELS);
    if more > 0 {
        let at = format!("{more} more places are not shown; --format json lists them all");
        help = Some(help.map_or(at.clone(), |help| format!("{help}\n{at}")));
    }
    let line = |place: Place| report.files.position(place.file, place.span.start).line;
    let mut elsewhere: BTreeMap<FileId, Vec<(Place, String)>> = BTreeMap::new();
    for other in finding.labels.iter().take(MOST_LABELS) {
        if !excerpt(other.place.file).shows(other.place.span) {
            continue;
        }
        // The finding's own place comes first, whatever stands above it in its file.
        if other.place.file == primary.file && line(other.place) == line(primary) {
            labels.push(label(other.place, Some(other.message.clone()), false));
        } else {
            elsewhere.entry(other.place.file).or_default().push((other.place, other.message.clone()));
        }
    }
    let related = elsewhere
        .into_iter()
        .map(|(file, places)| Shown {
            severity: miette::Severity::Advice,
            message: places.iter().map(|(_, message)| message.clone()).collect::<Vec<_>>().join("; "),
            rule: None,
            help: None,
            source: excerpt(file),
            labels: places
                .iter()
                .map(|(place, text)| label(*place, Some(text.clone()).filter(|_| places.len() > 1), false))
                .collect(),
            related: Vec::new(),
        })
        .collect();
    Shown {
        severity: severity(finding.severity),
        message: finding.message.clone(),
        rule: Some(finding.rule.clone()),
        help,
        source,
        labels,
        related,
    }
}

fn label(place: Place, text: Option<String>, primary: bool) -> LabeledSpan {
    let span = (place.span.start, place.span.len());
    if primary {
        LabeledSpan::new_primary_with_span(text, span)
    } else {
        LabeledSpan::new_with_span(text, span)
    }
}

fn severity(severity: Severity) -> miette::Severity {
    match severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Info => miette::Severity::Advice,
    }
}

/// The help text, which deployments share the finding, and whether `--fix` can mend it.
fn help(finding: &Finding) -> Option<String> {
    let mut lines: Vec<String> = finding.help.iter().cloned().collect();
    if let Some(fix) = &finding.fix {
        let option = match fix.safety {
            Safety::Safe => "--fix",
            Safety::Unsafe => "--fix --unsafe-fixes",
        };
        lines.push(format!("{option} can {}", fix.title));
    }
    if finding.deployments.len() > 1 {
        lines.push(format!("in {}", finding.deployments.join(", ")));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn closing(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let Summary { error, warning, info } = Summary::of(report.shown().map(|(_, finding)| finding));
    let counts: Vec<String> = [
        (Severity::Error, error, "error"),
        (Severity::Warning, warning, "warning"),
        (Severity::Info, info, "hint"),
    ]
    .into_iter()
    .filter(|(_, count, _)| *count > 0)
    .map(|(severity, count, word)| paint.severity(severity, &plural(count, word)))
    .collect();
    let new =
        if report.comparison.is_some_and(|comparison| comparison.gate == Gate::New) { "new " } else { "" };
    let found = if counts.is_empty() { paint.good(&format!("no {new}problems")) } else { counts.join(", ") };
    let read = report.files.read();
    let place = match read.as_slice() {
        // What came in as an argument or a stream has a name that no file has.
        [(_, file)] if file.path.starts_with('<') => file.path.to_string(),
        files => plural(files.len(), "file"),
    };
    // What is not known is not known to be in order.
    let within = if counts.is_empty() && !report.partial.is_empty() { "what is known of " } else { "" };
    let mut line = format!("{found} in {within}{place}");
    if report.suppressed > 0 {
        line.push_str(&format!(", {} suppressed", report.suppressed));
    }
    if !report.skipped.is_empty() {
        line.push_str(&format!(", {} skipped (--files lists them)", report.skipped.len()));
    }
    match report.partial {
        [] => {}
        [one] => line.push_str(&format!("; {} is only partly known (--files says why)", one.deployment)),
        all => {
            line.push_str(&format!("; {} deployments are only partly known (--files says why)", all.len()))
        }
    }
    writeln!(out, "{line}")?;
    match report.comparison {
        Some(comparison) => compared(comparison, paint, out),
        None => Ok(()),
    }
}

/// What became of the findings of before.
fn compared(comparison: &Comparison, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let Counts { new, worsened, known, improved, fixed } = comparison.totals();
    let name = comparison.against.name();
    let counts = format!("{new} new, {worsened} worsened, {known} known, {improved} improved, {fixed} fixed");
    writeln!(out, "compared with {name}: {counts}")?;
    for mark in comparison.fixed.iter().take(MOST_FIXED) {
        let said = mark.message.as_deref().map(|message| format!(" {}", one_line(message)));
        let text = format!("  fixed {}: [{}]{}", mark.path, mark.rule, said.unwrap_or_default());
        writeln!(out, "{}", paint.dim(&text))?;
    }
    let more = comparison.fixed.len().saturating_sub(MOST_FIXED);
    if more > 0 {
        writeln!(out, "{}", paint.dim(&format!("  and {more} more")))?;
    }
    Ok(())
}
