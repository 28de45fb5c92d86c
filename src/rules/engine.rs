//! Judging: every subject by every page of its kind, then what findings do to each other, then what the
//! repository's owner wants silent.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cel::Runtime;
use super::compiled::{Broken, Rule, Verdict};
use super::facts::{self, Subject};
use super::fingerprint::{self, Fingerprints};
use super::page::SubjectKind;
use super::suppress::{Spot, Standing, Suppressions};
use super::{Finding, Rulebook, defects, rulebook};
use crate::config::Config;
use crate::model::{Environment, Model, Scope};
use crate::readers::Comment;
use crate::span::{EditPlace, Place, Span};
use crate::tree::Files;

/// What the rules say.
#[derive(Debug, Default)]
pub struct Judged {
    /// Findings, sorted by path, position, rule.
    pub findings: Vec<Finding>,
    /// How many findings are kept silent by suppressions.
    pub suppressed: usize,
    /// Pages that are wrong in themselves, each fault once.
    pub broken: Vec<Broken>,
}

/// Judges subjects by the rules of a book. The model's defects are subjects too and need not be among them.
#[must_use]
pub fn judge_by(
    book: &Rulebook<'_>,
    model: &Model,
    files: &Files,
    config: &Config,
    comments: &[Comment],
    subjects: impl Iterator<Item = Subject>,
) -> Judged {
    let mut bench = Bench::new(book, model, config);
    let mut suppressions = Suppressions::collect(model, files, config, comments);
    let mut drafts = Drafts::default();
    for subject in subjects.chain(defects::subjects(model)) {
        for (rule, verdict) in bench.hear(&subject) {
            let mut silent = false;
            // Every one is asked: each that would silence it is of use.
            for workload in subject.workload.iter().chain(&subject.contributors) {
                silent |= subject
                    .deployment
                    .is_some_and(|deployment| suppressions.silences_workload(&rule, deployment, workload));
            }
            drafts.add(rule, verdict, &subject, model, silent);
        }
    }
    let mut judged = Judged::default();
    let mut kept = Vec::new();
    let mut settle = |drafts: Drafts, suppressions: &mut Suppressions| {
        for draft in drafts.settle(book) {
            // Asked also about what an annotation keeps silent: every suppression of it is of use.
            let mut covered =
                suppressions.silences(&draft.finding.rule, Spot::of(draft.finding.place, files));
            // What adds several workloads up is also spoken of where each of them adds its part.
            for label in draft.finding.labels.iter().filter(|_| draft.adds_up) {
                covered |= suppressions.silences_line(&draft.finding.rule, Spot::of(label.place, files));
            }
            if covered || draft.silent {
                judged.suppressed = judged.suppressed.saturating_add(1);
            } else {
                kept.push(draft);
            }
        }
    };
    settle(drafts, &mut suppressions);
    let mut about = Drafts::default();
    for subject in suppressions.subjects(|name| bench.standing(name)) {
        for (rule, verdict) in bench.hear(&subject) {
            about.add(rule, verdict, &subject, model, false);
        }
    }
    settle(about, &mut suppressions);
    judged.findings = finish(kept, files);
    bench.broken.sort();
    bench.broken.dedup();
    judged.broken = bench.broken;
    judged
}

/// The rules that are on, by what they judge.
struct Bench<'a> {
    book: &'a Rulebook<'a>,
    model: &'a Model,
    rules: Vec<Rule<'a>>,
    by_kind: BTreeMap<SubjectKind, Vec<usize>>,
    by_defect: HashMap<&'a str, usize>,
    runtime: Runtime,
    broken: Vec<Broken>,
}

impl<'a> Bench<'a> {
    fn new(book: &'a Rulebook<'a>, model: &'a Model, config: &'a Config) -> Self {
        let mut bench = Self {
            book,
            model,
            rules: Vec::new(),
            by_kind: BTreeMap::new(),
            by_defect: HashMap::new(),
            runtime: Runtime::with_base(facts::groups()),
            broken: Vec::new(),
        };
        for page in book.pages().iter().copied().filter(|page| book.enabled(page, config)) {
            let index = bench.rules.len();
            if page.defect {
                bench.by_defect.insert(&page.name, index);
            } else {
                bench.by_kind.entry(page.on).or_default().push(index);
            }
            let rule = Rule::new(page, rulebook::level(page, config), &rulebook::params(page, config));
            bench.rules.push(rule);
        }
        bench
    }

    /// What the rules say about a subject.
    fn hear(&mut self, subject: &Subject) -> Vec<(String, Verdict)> {
        let indexes: &[usize] = match &subject.defect {
            Some(defect) => self.by_defect.get(defect.rule).map_or(&[], std::slice::from_ref),
            None => self.by_kind.get(&subject.kind).map_or(&[], Vec::as_slice),
        };
        if indexes.is_empty() {
            return Vec::new();
        }
        let deployment = subject.deployment.and_then(|index| self.model.deployments.get(index));
        let syntax_only = deployment.is_some_and(|deployment| deployment.scope == Scope::SyntaxOnly);
        let environment = deployment.and_then(|deployment| deployment.environment.value);
        let fallback = deployment.and_then(|deployment| deployment.files.first());
        let fallback = fallback.map(|file| Place::new(*file, Span::default()));
        let scope = self.runtime.scope(&subject.facts.stated_groups());
        let mut heard = Vec::new();
        for rule in indexes.iter().filter_map(|index| self.rules.get(*index)) {
            if syntax_only && !rule.page.syntax {
                continue;
            }
            if let Some(verdict) = rule.judge(subject, &scope, environment, fallback, &mut self.broken) {
                heard.push((rule.page.name.clone(), verdict));
            }
        }
        heard
    }

    fn standing(&self, name: &str) -> Standing {
        if self.rules.iter().any(|rule| rule.page.name == name) {
            Standing::On
        } else if self.book.get(name).is_some() {
            Standing::Off
        } else {
            Standing::Unknown(self.book.nearest(name).map(str::to_owned))
        }
    }
}

/// A finding in the making.
struct Draft {
    finding: Finding,
    identity: String,
    deployments: BTreeSet<String>,
    environments: BTreeSet<Option<Environment>>,
    /// Whether its workload's annotation keeps it silent.
    silent: bool,
    /// Whether it is about a sum.
    adds_up: bool,
}

/// Findings of which those with the same rule, place and message are one.
#[derive(Default)]
struct Drafts {
    drafts: Vec<Draft>,
    index: HashMap<(String, Place, String, bool), usize>,
}

impl Drafts {
    fn add(&mut self, rule: String, verdict: Verdict, subject: &Subject, model: &Model, silent: bool) {
        let deployment = subject.deployment.and_then(|index| model.deployments.get(index));
        let environment = deployment.and_then(|deployment| deployment.environment.value);
        let environment = environment.filter(|environment| *environment != Environment::Unknown);
        let name = deployment.map(|deployment| deployment.name.clone());
        let key = (rule.clone(), verdict.place, verdict.message.clone(), silent);
        let known = self.index.get(&key).and_then(|index| self.drafts.get_mut(*index));
        if let Some(draft) = known {
            let finding = &mut draft.finding;
            finding.severity = finding.severity.max(verdict.severity);
            finding.measure = finding.measure.into_iter().chain(verdict.measure).reduce(f64::max);
            if finding.workload != subject.workload {
                finding.workload = None;
            }
            if finding.server != subject.server {
                finding.server = None;
            }
            for label in verdict.labels {
                if !finding.labels.contains(&label) {
                    finding.labels.push(label);
                }
            }
            // Two deployments that want the same bytes changed differently: nobody can be right for both.
            if finding.fix.as_ref().map(|fix| &fix.edits) != verdict.fix.as_ref().map(|fix| &fix.edits) {
                finding.fix = None;
            }
            draft.deployments.extend(name);
            draft.environments.insert(environment);
            return;
        }
        self.index.insert(key, self.drafts.len());
        self.drafts.push(Draft {
            finding: Finding {
                rule,
                severity: verdict.severity,
                message: verdict.message,
                help: verdict.help,
                place: verdict.place,
                labels: verdict.labels,
                deployments: Vec::new(),
                environment: None,
                workload: subject.workload.clone(),
                server: subject.server.clone(),
                fix: verdict.fix,
                measure: verdict.measure,
                identity: String::new(),
                fingerprint: String::new(),
            },
            identity: subject.identity.clone(),
            deployments: name.into_iter().collect(),
            environments: BTreeSet::from([environment]),
            silent,
            adds_up: matches!(subject.kind, SubjectKind::Server | SubjectKind::Pooler),
        });
    }

    /// Without those that another finding at the same place silences.
    fn settle(self, book: &Rulebook<'_>) -> Vec<Draft> {
        let mut at: HashMap<Place, BTreeSet<String>> = HashMap::new();
        for draft in &self.drafts {
            at.entry(draft.finding.place).or_default().insert(draft.finding.rule.clone());
        }
        let silenced = |draft: &Draft| {
            let own = &draft.finding.rule;
            let by = book.get(own).map_or(&[][..], |page| &page.silenced_by);
            at.get(&draft.finding.place).into_iter().flatten().filter(|other| *other != own).any(|other| {
                by.contains(other) || book.get(other).is_some_and(|page| page.silences.contains(own))
            })
        };
        let mut kept: Vec<Draft> = self.drafts.into_iter().filter(|draft| !silenced(draft)).collect();
        settle_fixes(&mut kept);
        kept
    }
}

/// Of one rule's fixes that would write different things in one place for one deployment, the gravest finding's stays;
/// of equally grave ones none does.
fn settle_fixes(drafts: &mut [Draft]) {
    let mut by_place: BTreeMap<(&str, EditPlace), Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        for edit in draft.finding.fix.iter().flat_map(|fix| &fix.edits) {
            by_place.entry((&draft.finding.rule, edit.place)).or_default().push(index);
        }
    }
    let mut dropped: BTreeSet<usize> = BTreeSet::new();
    for group in by_place.values() {
        for (index, draft) in group.iter().filter_map(|index| Some((*index, drafts.get(*index)?))) {
            let edits = draft.finding.fix.as_ref().map(|fix| &fix.edits);
            let outdone = group.iter().filter_map(|other| drafts.get(*other)).any(|other| {
                other.finding.fix.as_ref().map(|fix| &fix.edits) != edits
                    && other.finding.severity >= draft.finding.severity
                    && !other.deployments.is_disjoint(&draft.deployments)
            });
            if outdone {
                dropped.insert(index);
            }
        }
    }
    for index in dropped {
        if let Some(draft) = drafts.get_mut(index) {
            draft.finding.fix = None;
        }
    }
}

/// Sorted and recognisable.
fn finish(mut drafts: Vec<Draft>, files: &Files) -> Vec<Finding> {
    drafts.sort_by(|one, other| {
        let key = |draft: &Draft| (draft.finding.place.span.start, draft.finding.place.span.end);
        let path = |draft: &Draft| files.path(draft.finding.place.file).to_owned();
        path(one)
            .cmp(&path(other))
            .then_with(|| key(one).cmp(&key(other)))
            .then_with(|| one.finding.rule.cmp(&other.finding.rule))
            .then_with(|| one.finding.message.cmp(&other.finding.message))
    });
    let mut fingerprints = Fingerprints::default();
    drafts
        .into_iter()
        .map(|draft| {
            let mut finding = draft.finding;
            finding.deployments = draft.deployments.into_iter().collect();
            let mut environments = draft.environments.into_iter();
            finding.environment = environments.next().flatten().filter(|_| environments.next().is_none());
            finding.identity = fingerprint::digest(&[&finding.rule, &draft.identity]);
            finding.fingerprint = fingerprints.next(&[
                &finding.rule,
                files.path(finding.place.file),
                finding.workload.as_deref().unwrap_or_default(),
                &draft.identity,
                finding.server.as_deref().unwrap_or_default(),
            ]);
            finding
        })
        .collect()
}
