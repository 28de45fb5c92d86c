//! What every platform's module makes: services, and from them the draft of a deployment.

use std::collections::BTreeMap;

use crate::model::{
    Basis, Container, Deployment, DeploymentKind, Environment, Factor, Instances, Located, Network, Role,
    Scope, Serving, Value, Variable, Workload, WorkloadClass,
};
use crate::readers::PlatformFile;
use crate::resolve::{Context, Draft, demand};
use crate::span::{FileId, Place, Text};
use crate::syntax::node::{Entry, Node};

/// Something that a platform runs.
#[derive(Debug)]
pub(super) struct Service {
    /// Its name.
    pub name: String,
    /// What the platform calls it: `Function`, `Web Service`.
    pub kind: &'static str,
    /// Where it is defined.
    pub place: Option<Place>,
    /// How it takes part in sums.
    pub class: WorkloadClass,
    /// How many run.
    pub instances: Instances,
    /// How long and how many at once it serves.
    pub serving: Serving,
    /// What it receives.
    pub variables: BTreeMap<String, Variable>,
    /// What starts it, when the file says so.
    pub command: Option<Text>,
    /// The directory of its code below the configuration's, where the file names one.
    pub directory: Option<String>,
}

/// The deployment that a file's services make up.
pub(super) fn draft(context: &Context<'_>, file: &PlatformFile, services: Vec<Service>) -> Draft {
    let path = context.files.path(file.file);
    let home = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    Draft {
        deployment: Deployment {
            name: path.to_owned(),
            kind: DeploymentKind::Serverless,
            environment: Located { value: Some(Environment::Unknown), ..Located::unknown() },
            scope: Scope::Full,
            files: vec![file.file],
            partial: Vec::new(),
            workloads: services.into_iter().map(|service| workload(home, service)).collect(),
            servers: Vec::new(),
            poolers: Vec::new(),
        },
        defects: Vec::new(),
        secrets: Vec::new(),
        env_uses: Vec::new(),
    }
}

fn workload(home: &str, service: Service) -> Workload {
    let (command, shell) = service.command.map_or_else(Default::default, words);
    let directory = service.directory.as_deref().and_then(|below| crate::readers::join(home, below));
    let container = Container {
        name: service.name.clone(),
        image: None,
        role: Role::Main,
        environment: service.variables,
        // Platforms keep variables of their own, which no file shows.
        open_environment: Some("variables that are set on the platform".into()),
        command,
        shell,
        build: Some(directory.unwrap_or_else(|| home.to_owned())),
        mounts: Vec::new(),
        ports: Vec::new(),
        connections: Vec::new(),
        processes: demand::single_process(),
    };
    Workload {
        name: service.name,
        kind: service.kind.to_owned(),
        namespace: None,
        place: service.place,
        class: service.class,
        instances: service.instances,
        serving: service.serving,
        containers: vec![container],
        endpoints: Vec::new(),
        network: Network::Unknown,
        profiles: Vec::new(),
        suppressions: Vec::new(),
    }
}

/// A command line as words, where it can be split without a shell; else the line.
fn words(line: Text) -> (Vec<Text>, bool) {
    match line.known().map(shell_words::split) {
        Some(Ok(words)) if !words.is_empty() => {
            let place = line.place_of(0..line.as_str().len());
            let text = |word: String| match place {
                Some(place) => Text::derived(&word, place),
                None => Text::unknown("a command without a place"),
            };
            (words.into_iter().map(text).collect(), false)
        }
        _ => (vec![line], true),
    }
}

/// What references look like in a platform's values.
pub(super) type Reader<'a> = &'a dyn Fn(&Node) -> Value;

/// The variables of a mapping of names to values.
pub(super) fn variables(
    file: FileId,
    mapping: Option<&Node>,
    read: Reader<'_>,
) -> BTreeMap<String, Variable> {
    let entries = mapping.map(Node::entries).unwrap_or_default();
    entries.iter().map(|entry| named(file, entry, read(&entry.value))).collect()
}

fn named(file: FileId, entry: &Entry, value: Value) -> (String, Variable) {
    let name = entry.key.as_str().to_owned();
    let name_place = Some(Place::new(file, entry.key_span));
    (name.clone(), Variable { name, name_place, value, reference: None, via: None })
}

/// A scalar as it stands; anything else is not known.
pub(super) fn literal(file: FileId, node: &Node) -> Value {
    match node.as_scalar() {
        Some(scalar) if node.tag.is_none() => Value::Text(Text::written(&scalar.text, file)),
        _ => Value::Unknown("not a plain value".into()),
    }
}

/// A count at its place, or the platform's default.
pub(super) fn count(file: FileId, node: Option<&Node>, default: Located<u64>) -> Located<u64> {
    let Some(node) = node.filter(|node| !node.is_null()) else { return default };
    let place = Place::new(file, node.span);
    match node.as_int().and_then(|value| u64::try_from(value).ok()) {
        Some(value) => Located::written(value, place),
        None => Located::unknown().at(Some(place)),
    }
}

/// A number of seconds at its place, or the platform's default.
#[expect(clippy::cast_precision_loss, reason = "seconds of a request are few")]
pub(super) fn seconds(file: FileId, node: Option<&Node>, default: Option<u64>) -> Option<Located<f64>> {
    let default = default.map_or_else(Located::unknown, platform_default);
    let seconds = count(file, node, default).map(|value| value as f64);
    (seconds.value.is_some() || seconds.place.is_some()).then_some(seconds)
}

/// A default that the platform documents.
pub(super) fn platform_default(value: u64) -> Located<u64> {
    Located::of(value, Basis::PlatformDefault)
}

/// Instances between two bounds, named after the platform's keys; a rollout adds `surge`.
pub(super) fn between(
    (low, min): (&str, Located<u64>),
    (high, max): (&str, Located<u64>),
    surge: Option<Located<u64>>,
) -> Instances {
    let mut factors = Vec::new();
    if low != high {
        factors.push(Factor::count(low, &min));
    }
    factors.push(Factor::count(high, &max));
    let mut rollout = max.clone();
    if let Some(surge) = surge {
        rollout = match Option::zip(max.value, surge.value) {
            Some((max, more)) => Located::of(max.saturating_add(more), Basis::Derived).at(surge.place),
            None => Located::unknown(),
        };
        factors.push(Factor::count("surge", &surge));
    }
    Instances { min, max, rollout, factors }
}
