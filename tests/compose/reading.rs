//! What a reader makes of a Compose project: poollint, or Compose itself.

use std::collections::{BTreeMap, BTreeSet};

use poollint::config::Config;
use poollint::model::Workload;
use poollint::resolve::{Context, compose};
use poollint::span::{Text, UNKNOWN};
use poollint::tree::{Files, Tree};
use serde::{Deserialize, Serialize};

/// A project's services by name.
pub type Services = BTreeMap<String, Service>;

/// What Compose makes of a service.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its variables; nothing for one that Compose leaves to whoever runs it.
    pub environment: BTreeMap<String, Option<String>>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub instances: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Whether its image is built here, so that a Dockerfile may add variables and words.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub built: bool,
}

fn one() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_one(number: &u64) -> bool {
    *number == 1
}

/// A deployment as poollint sees it.
pub struct Ours {
    pub name: String,
    /// Paths of its files, main one first.
    pub files: Vec<String>,
    pub partial: Vec<String>,
    workloads: Vec<Workload>,
}

/// The Compose deployments of a tree.
pub fn ours(tree: &dyn Tree) -> Vec<Ours> {
    let loaded = poollint::pipeline::load(tree, Files::default()).expect("the tree can be read");
    let config = Config::default();
    let context = Context { files: &loaded.files, declarations: &loaded.declarations, config: &config };
    let drafts = compose::deployments(&context).into_iter().map(|draft| draft.deployment);
    drafts
        .map(|deployment| Ours {
            name: deployment.name,
            files: deployment.files.iter().map(|file| loaded.files.path(*file).to_owned()).collect(),
            partial: deployment.partial,
            // Compose says nothing of what it leaves out.
            workloads: deployment.workloads.into_iter().filter(|workload| !workload.dormant).collect(),
        })
        .collect()
}

/// How much of what Compose says poollint knows too.
#[derive(Default, Debug, Clone, Copy)]
pub struct Known {
    pub values: usize,
    pub of: usize,
}

impl Known {
    pub fn add(&mut self, other: Self) {
        self.values += other.values;
        self.of += other.of;
    }

    fn count(&mut self, known: bool) {
        self.of += 1;
        self.values += usize::from(known);
    }
}

/// Where poollint differs from Compose. What is unknown to poollint may be anything. With `shown` false no value is
/// printed: it may be somebody's password.
pub fn differences(ours: &Ours, theirs: &Services, shown: bool, known: &mut Known) -> Vec<String> {
    let show = |value: &str| match shown {
        true => format!("{:?}", value.replace(UNKNOWN, "<?>")),
        false => format!("{} bytes", value.len()),
    };
    let mut found = Vec::new();
    let names: BTreeSet<&str> = ours.workloads.iter().map(|workload| workload.name.as_str()).collect();
    let expected: BTreeSet<&str> = theirs.keys().map(String::as_str).collect();
    if names != expected {
        found.push(format!("services {names:?}, Compose has {expected:?}"));
    }
    for workload in &ours.workloads {
        let (name, Some(service)) = (&workload.name, theirs.get(&workload.name)) else { continue };
        let container = &workload.containers[0];
        for (key, value) in &service.environment {
            let own = container.environment.get(key).map(|variable| variable.text());
            known.count(own.as_ref().is_none_or(Text::is_known));
            match (own, value) {
                (None, None) => {}
                (Some(own), None) if own.is_unknown() => {}
                (Some(own), Some(value)) if fits(own.as_str(), value) => {}
                (None, Some(_)) if container.open_environment.is_some() => {}
                (own, value) => {
                    let own = own.map_or_else(|| "unset".to_owned(), |own| show(own.as_str()));
                    let value = value.as_ref().map_or_else(|| "unset".to_owned(), |value| show(value));
                    found.push(format!("{name}: {key} is {own}, for Compose {value}"));
                }
            }
        }
        let more = |key: &&String| !service.built && !service.environment.contains_key(*key);
        for key in container.environment.keys().filter(more) {
            if container.environment.get(key).is_some_and(|variable| !variable.text().is_unknown()) {
                found.push(format!("{name}: {key} is set, for Compose it is not"));
            }
        }
        let instances = workload.instances.max.value;
        known.count(instances.is_some());
        if instances.is_some_and(|instances| instances != service.instances) {
            found.push(format!("{name}: {instances:?} instances, for Compose {}", service.instances));
        }
        let own: Vec<&str> = container.command.iter().map(Text::as_str).collect();
        let words = service.entrypoint.iter().chain(&service.command);
        let words: Vec<&str> = words.map(String::as_str).collect();
        // What the image begins with is not Compose's to say.
        let from = if service.built && service.entrypoint.is_empty() { own.len() } else { 0 };
        let same = (0..=from).any(|from| words_fit(&own[from..], &words));
        if !same {
            let list = |words: &[&str]| words.iter().map(|word| show(word)).collect::<Vec<_>>().join(" ");
            found.push(format!("{name}: runs {}, for Compose {}", list(&own), list(&words)));
        }
    }
    found
}

/// Whether a text can be what is partly unknown here.
pub fn fits(ours: &str, theirs: &str) -> bool {
    let mut parts = ours.split(UNKNOWN);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = theirs.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

/// Whether words can be what is partly unknown here: what is put in for it may be no word, or several.
fn words_fit(ours: &[&str], theirs: &[&str]) -> bool {
    let Some((first, ours)) = ours.split_first() else { return theirs.is_empty() };
    if !first.contains(UNKNOWN) {
        return theirs.split_first().is_some_and(|(word, theirs)| word == first && words_fit(ours, theirs));
    }
    (0..=theirs.len()).any(|end| fits(first, &theirs[..end].join(" ")) && words_fit(ours, &theirs[end..]))
}
