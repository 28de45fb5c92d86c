//! `--base`, `--baseline` and `--write-baseline`: what a run is compared with.

use std::path::Path;

use super::args::CheckArgs;
use super::error::Failure;
use super::output;
use super::run::Run;
use super::source;
use crate::compare::{Against, Baseline, Before, Comparison, Gate, Mark, Now, compare};
use crate::model::Model;
use crate::pipeline::{self, Loaded};
use crate::rules::page::Page;
use crate::rules::{Judged, Rulebook};
use crate::tree::{Directory, Git, Kind, Tree, Unread, Versioned};

/// A repository as a revision has it.
pub(super) struct Base {
    /// What is read of it.
    pub loaded: Loaded,
    /// What it means, by the present configuration.
    pub model: Model,
    /// The revision, as it is shown.
    pub revision: String,
}

/// Reads what the run reads, as `revision` has it.
pub(super) fn base(run: &Run, revision: &str, quiet: bool) -> Result<Base, Failure> {
    let Some(place) = run.source.place() else {
        return Err(Failure::Usage("--base reads a git repository, not standard input".to_owned()));
    };
    let git = Git::of(place.root())?;
    let commit = git.commit(revision)?;
    let beside = match run.source.is_disk() {
        true => Some(git.not_kept(run.loaded.files.iter().map(|(_, file)| &*file.path))?),
        false => None,
    };
    let open = || {
        let tree = Versioned::at(place.clone(), &git, &commit)?;
        Ok::<_, Failure>(match &beside {
            Some(paths) => tree.beside(paths.clone()),
            None => tree,
        })
    };
    let (tree, _) = source::versioned(open()?, place, &run.config)?;
    let (loaded, model) = match run.again(&*tree) {
        Ok(read) => read,
        // A file that the user named may be in order now and have been none then.
        Err(_) => run.again(&*source::versioned(open()?.leniently(), place, &run.config)?.0)?,
    };
    let revision = commit.shown().to_owned();
    if !quiet && configured_otherwise(run, place, &*tree) {
        output::complain(&format!(
            "the configuration is another one at {revision}; both sides are judged by the present one"
        ));
    }
    Ok(Base { loaded, model, revision })
}

/// Whether the revision has another configuration than the run goes by.
fn configured_otherwise(run: &Run, place: &Directory, tree: &dyn Tree) -> bool {
    let mut files = run.loaded.files.iter().map(|(_, file)| file);
    let Some(file) = files.find(|file| file.kind == Kind::Configuration) else { return false };
    match tree.read(&file.path) {
        Ok(bytes) => bytes != file.text.as_bytes(),
        Err(Unread::Missing) => place.locate(&file.path).is_ok(),
        Err(_) => false,
    }
}

/// What the arguments compare with, before anything is judged.
pub(super) enum Asked {
    /// Nothing.
    Nothing,
    /// A revision.
    Base(Box<Base>),
    /// A file that accepts findings.
    Baseline(String, Baseline),
}

/// Reads what `check` is to compare with.
pub(super) fn asked(run: &Run, args: &CheckArgs) -> Result<Asked, Failure> {
    if let Some(revision) = &args.base {
        return Ok(Asked::Base(Box::new(base(run, revision, args.look.quiet)?)));
    }
    if let Some(path) = &args.baseline {
        return Ok(Asked::Baseline(shown(path), read(path)?));
    }
    if args.gate == Some(Gate::New) && args.write_baseline.is_none() {
        return Err(Failure::Usage("--gate new compares: it needs --base REV or --baseline FILE".to_owned()));
    }
    Ok(Asked::Nothing)
}

/// Compares, and writes the baseline when that is asked for.
pub(super) fn comparison(
    run: &Run,
    args: &CheckArgs,
    book: &Rulebook<'_>,
    now: (&Loaded, &Model, &Judged),
    asked: &Asked,
) -> Result<Option<Comparison>, Failure> {
    let gate = args.gate.unwrap_or(Gate::New);
    let side = Side::of(now);
    let compared = match asked {
        Asked::Nothing => None,
        Asked::Base(base) => Some(side.against_base(run, book, base, gate)),
        Asked::Baseline(name, baseline) => Some(side.against(run, book, name, baseline, gate)),
    };
    let Some(path) = &args.write_baseline else { return Ok(compared.map(|compared| compared.comparison)) };
    let (name, accepted) = match (asked, &compared) {
        (Asked::Baseline(_, old), Some(compared)) => (shown(path), side.ratchet(old, compared)),
        _ => (shown(path), Baseline::new(side.marks())),
    };
    write(path, &accepted)?;
    output::complain(&match accepted.marks.len() {
        0 => format!("{name} accepts nothing"),
        count => format!("{name} accepts {}", crate::report::plural(count, "finding")),
    });
    Ok(Some(match compared {
        Some(compared) => compared.comparison,
        None => side.against(run, book, &name, &accepted, gate).comparison,
    }))
}

/// A comparison with what a baseline needs to be written again.
struct Compared {
    comparison: Comparison,
    /// For each finding the index of the mark that it matches.
    matches: Vec<Option<usize>>,
    /// Indexes of marks that nothing matches although it was looked for.
    stale: Vec<usize>,
}

/// What is believed now.
struct Side<'a> {
    loaded: &'a Loaded,
    judged: &'a Judged,
    deployments: Vec<String>,
}

impl<'a> Side<'a> {
    fn of((loaded, model, judged): (&'a Loaded, &Model, &'a Judged)) -> Self {
        let deployments = model.deployments.iter().map(|deployment| deployment.name.clone()).collect();
        Self { loaded, judged, deployments }
    }

    fn marks(&self) -> Vec<Mark> {
        self.judged.findings.iter().map(|finding| Mark::of(finding, &self.loaded.files)).collect()
    }

    fn compare(
        &self,
        before: Before<'_>,
        against: Against,
        gate: Gate,
        seen: impl Fn(&Mark) -> bool,
    ) -> Compared {
        let now = Now {
            findings: &self.judged.findings,
            files: &self.loaded.files,
            deployments: &self.deployments,
        };
        let (found, gone) = compare(now, before);
        let (statuses, matches) = found.into_iter().unzip();
        // What cannot be read any more is not mended by that.
        let skipped = self.loaded.files.skipped();
        let unread = |mark: &Mark| skipped.iter().any(|skipped| skipped.path == mark.path);
        let stale: Vec<usize> = gone
            .into_iter()
            .filter(|index| before.marks.get(*index).is_some_and(|mark| seen(mark) && !unread(mark)))
            .collect();
        let fixed = stale.iter().filter_map(|index| before.marks.get(*index).cloned()).collect();
        Compared { comparison: Comparison { against, gate, statuses, fixed }, matches, stale }
    }

    fn against_base(&self, run: &Run, book: &Rulebook<'_>, base: &Base, gate: Gate) -> Compared {
        let judged = pipeline::judge_by(book, &base.loaded, &run.config, &base.model);
        let marks: Vec<Mark> =
            judged.findings.iter().map(|finding| Mark::of(finding, &base.loaded.files)).collect();
        let had_file = |path: &str| base.loaded.files.find(path).is_some();
        let before = Before { marks: &marks, had_file: &had_file };
        self.compare(before, Against::Revision(base.revision.clone()), gate, |_| true)
    }

    fn against(
        &self,
        run: &Run,
        book: &Rulebook<'_>,
        name: &str,
        accepted: &Baseline,
        gate: Gate,
    ) -> Compared {
        let had_file = |path: &str| accepted.marks.iter().any(|mark| mark.path == path);
        let before = Before { marks: &accepted.marks, had_file: &had_file };
        let seen = |mark: &Mark| {
            let page = book.get(&mark.rule);
            // A rule that is off, and a part of the repository that is not checked, find nothing.
            page.is_none_or(|page: &Page| book.enabled(page, &run.config)) && self.covers(run, &mark.path)
        };
        self.compare(before, Against::Baseline(name.to_owned()), gate, seen)
    }

    fn covers(&self, run: &Run, path: &str) -> bool {
        if self.loaded.files.find(path).is_some() {
            return true;
        }
        run.source.place().is_some_and(|place| {
            let mut starts = place.starts().iter();
            place.explicit().any(|explicit| explicit == path)
                || starts.any(|start| {
                    start.is_empty()
                        || path.strip_prefix(start.as_str()).is_some_and(|rest| rest.starts_with('/'))
                })
        })
    }

    /// What is accepted already and still there, as it is now unless it got worse.
    fn ratchet(&self, old: &Baseline, compared: &Compared) -> Baseline {
        let mut kept: Vec<Mark> = Vec::new();
        for (index, (is, was)) in self.marks().into_iter().zip(&compared.matches).enumerate() {
            match was.and_then(|was| old.marks.get(was)) {
                Some(was) if compared.comparison.status(index).counts() => kept.push(was.clone()),
                Some(_) => kept.push(is),
                None => {}
            }
        }
        let matched = |index: usize| compared.matches.contains(&Some(index));
        let rest = old.marks.iter().enumerate();
        let rest = rest.filter(|(index, _)| !matched(*index) && !compared.stale.contains(index));
        kept.extend(rest.map(|(_, mark)| mark.clone()));
        Baseline::new(kept)
    }
}

fn shown(path: &Path) -> String {
    crate::mask::line(&path.to_string_lossy())
}

fn read(path: &Path) -> Result<Baseline, Failure> {
    let name = shown(path);
    let text = std::fs::read_to_string(path).map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "no such file".to_owned(),
            std::io::ErrorKind::InvalidData => "is no baseline of poollint (not UTF-8)".to_owned(),
            _ => format!("cannot be read: {error}"),
        };
        Failure::Usage(format!("{name}: {reason}; `poollint check --write-baseline {name}` writes one"))
    })?;
    Baseline::parse(&text).map_err(|error| {
        Failure::Usage(format!("{name} {error}; `poollint check --write-baseline {name}` writes one"))
    })
}

fn write(path: &Path, baseline: &Baseline) -> Result<(), Failure> {
    std::fs::write(path, baseline.text()).map_err(|reason| Failure::Write { path: shown(path), reason })
}
