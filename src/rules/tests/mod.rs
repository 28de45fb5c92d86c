//! The rules' machinery, tried on pages and subjects made for it.

mod facts;
mod judging;
mod shipped;
mod suppressing;

use super::facts::{EditPoint, Fact, Subject};
use super::page::{Page, SubjectKind};
use super::{Judged, Rulebook, judge_by};
use crate::config::Config;
use crate::model::{
    Basis, Deployment, DeploymentKind, Environment, Hosts, Instances, Located, Model, Network, Scope,
    Workload, WorkloadClass,
};
use crate::readers::Comment;
use crate::span::{FileId, Place, Span};
use crate::tree::{Files, Kind};

/// Everything a judgement needs.
#[derive(Default)]
struct World {
    model: Model,
    files: Files,
    config: Config,
    comments: Vec<Comment>,
    pages: Vec<Page>,
    subjects: Vec<Subject>,
}

impl World {
    /// A world with these pages, each given as front matter without its name and its summary.
    fn of(pages: &[(&str, &str)]) -> Self {
        let mut world = Self::default();
        for (name, matter) in pages {
            let text = format!("---\nname: {name}\nsummary: x\n{matter}\n---\n");
            world.pages.push(Page::parse(&format!("{name}.md"), &text).unwrap());
        }
        world
    }

    fn file(&mut self, path: &str, text: &str) -> FileId {
        let file = self.files.add(path, Kind::EnvFile, text);
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if let Some(at) = line.find('#') {
                let span = Span::new(start + at, start + line.trim_end().len());
                self.comments.push(Comment { file, span, trailing: !line[..at].trim().is_empty() });
            }
            start += line.len();
        }
        file
    }

    /// The place of `part` in a file.
    fn place(&self, file: FileId, part: &str) -> Place {
        let start = self.files.text(file).find(part).unwrap();
        Place::new(file, Span::new(start, start + part.len()))
    }

    fn deployment(&mut self, name: &str, environment: Environment) -> usize {
        self.model.deployments.push(Deployment {
            name: name.to_owned(),
            kind: DeploymentKind::Compose,
            environment: Located::of(environment, Basis::Derived),
            scope: Scope::Full,
            files: Vec::new(),
            partial: Vec::new(),
            workloads: vec![workload("api"), workload("worker")],
            aliases: Vec::new(),
            hosts: Hosts::default(),
            servers: Vec::new(),
            poolers: Vec::new(),
        });
        self.model.deployments.len() - 1
    }

    /// A pool whose acquire timeout is written as `part` in a file.
    fn pool(&mut self, deployment: usize, workload: &str, seconds: f64, at: Place) {
        let mut subject = Subject::new(SubjectKind::Pool, "DATABASE_URL", None);
        subject.facts = super::facts::common(&self.model, Some(deployment), Some(workload));
        let mut fact = Fact::new(seconds).at(at);
        fact.edit = Some(EditPoint::plain(at));
        subject.facts.set("pool.acquire_timeout", fact);
        subject.facts.say("pool.acquire_explicit", true);
        subject.deployment = Some(deployment);
        subject.workload = Some(workload.to_owned());
        self.subjects.push(subject);
    }

    fn judge(&self) -> Judged {
        let book = Rulebook::built_in().with(&self.pages);
        let subjects = self.subjects.iter().cloned();
        judge_by(&book, &self.model, &self.files, &self.config, &self.comments, subjects)
    }

    /// `path:line rule severity message` of every finding; no page may be broken.
    fn lines(&self) -> Vec<String> {
        let judged = self.judge();
        assert_eq!(judged.broken, []);
        judged
            .findings
            .iter()
            .map(|finding| {
                let path = self.files.path(finding.place.file);
                let line = self.files.line(finding.place);
                format!("{path}:{line} {} {} {}", finding.rule, finding.severity.name(), finding.message)
            })
            .collect()
    }
}

fn workload(name: &str) -> Workload {
    Workload {
        name: name.to_owned(),
        kind: "Service".to_owned(),
        namespace: None,
        place: None,
        class: WorkloadClass::Service,
        instances: Instances {
            min: Located::unknown(),
            max: Located::unknown(),
            rollout: Located::unknown(),
            factors: Vec::new(),
            surge_percent: None,
        },
        containers: Vec::new(),
        endpoints: Vec::new(),
        network: Network::Unknown,
        profiles: Vec::new(),
        dormant: false,
        serving: crate::model::Serving::default(),
        suppressions: Vec::new(),
        operated: None,
    }
}
