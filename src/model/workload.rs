//! What runs: workloads, their containers, what each receives and how many there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Connection, Factor, Located, Operated};
use crate::span::{Place, Text};

/// Something that runs: a Compose service, a Deployment, a CronJob, a function. A lone env file has one
/// imaginary workload, named after the file, of kind `EnvFile`.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// `Service` for Compose, the object's kind in Kubernetes, `EnvFile` for a lone env file.
    pub kind: String,
    /// Kubernetes namespace, when one is written.
    pub namespace: Option<String>,
    /// Where it is defined (its key in Compose, its name in Kubernetes).
    pub place: Option<Place>,
    /// How it takes part in sums.
    pub class: WorkloadClass,
    /// How many run.
    pub instances: Instances,
    /// What its platform lets an instance do.
    pub serving: Serving,
    /// Its containers, main ones first.
    pub containers: Vec<Container>,
    /// Names under which others reach it: service name, aliases, `container_name`, Service names in their
    /// short and qualified forms.
    pub endpoints: Vec<Endpoint>,
    /// What it can reach.
    pub network: Network,
    /// Compose profiles it belongs to; empty when it always runs.
    pub profiles: Vec<String>,
    /// Whether the project's choice of profiles leaves it out: it is judged, but takes no part in sums.
    pub dormant: bool,
    /// Where the object suppresses rules by annotation: rule name and place.
    pub suppressions: Vec<(String, Place)>,
    /// What an operator runs here, in containers that no file tells.
    pub operated: Option<Operated>,
}

/// How a workload takes part in sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadClass {
    /// Runs all the time.
    Service,
    /// Runs once: Jobs, hooks, one-shot Compose services. Counts only in `rollout`.
    OneShot,
    /// CronJobs: once × parallelism.
    Scheduled,
    /// Functions: each instance serves one request unless its platform says otherwise.
    Serverless,
    /// The imaginary workload of a lone env file: nothing says that it runs at all.
    Imaginary,
}

/// How many instances: at rest, at full scale, while one version replaces another. A factor without a
/// value makes sums incomplete.
#[derive(Debug, Clone, PartialEq)]
pub struct Instances {
    /// Declared replicas, or the autoscaler's minimum.
    pub min: Located<u64>,
    /// The autoscaler's maximum, else `min`.
    pub max: Located<u64>,
    /// `max` and what a rollout adds.
    pub rollout: Located<u64>,
    /// Every number that went into them, for the budget's table.
    pub factors: Vec<Factor>,
    /// What a rollout adds, in percent of `max` and rounded up, where it is a share of it.
    pub surge_percent: Option<u64>,
}

/// How an instance serves requests, as far as its platform says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Serving {
    /// Seconds after which the platform ends a request or an invocation.
    pub request_timeout: Option<Located<f64>>,
    /// Requests that one instance serves at the same time; without a value when they are several, but nothing tells
    /// how many.
    pub concurrency: Option<Located<u64>>,
    /// Whether queues or schedules start it, and no caller waits.
    pub asynchronous: bool,
    /// Whether its platform keeps a pooler of its own between it and a server, whatever its variables say.
    pub own_pooler: bool,
}

/// One container, or a Compose service's only one.
#[derive(Debug, Clone)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image as resolved.
    pub image: Option<Text>,
    /// Its role in the pod.
    pub role: Role,
    /// Every variable it receives, by name.
    pub environment: BTreeMap<String, Variable>,
    /// Whether more variables may arrive that the repository does not tell (`envFrom` of an unknown secret).
    pub open_environment: Option<Arc<str>>,
    /// What is run: entrypoint and command, one text per word where written in exec form or split safely.
    pub command: Vec<Text>,
    /// Whether the command is a shell line that poollint does not take apart.
    pub shell: bool,
    /// The directory its image is built from, relative to the root; its dependencies tell the client.
    pub build: Option<String>,
    /// The Dockerfile that it is built by, relative to the root, when that is not the one of that directory.
    pub dockerfile: Option<String>,
    /// What that image starts from, when it is a server's or a pooler's that is built here.
    pub base: Option<Base>,
    /// What is mounted into it.
    pub mounts: Vec<Mount>,
    /// Ports it listens on and publishes.
    pub ports: Vec<Port>,
    /// The connections found in its environment. Filled by the connection step of the resolver.
    pub connections: Vec<Connection>,
    /// Processes per instance that each open the pools (gunicorn's workers).
    pub processes: Located<u64>,
}

/// A file or a directory that is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Its path in the container.
    pub inside: String,
    /// What is there.
    pub source: MountSource,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A path in the tree, whether or not the tree has something there.
    Path(String),
    /// A file of this text: of a ConfigMap, of a Compose file's `configs`.
    Text(Text),
    /// Something that the repository does not hold.
    Unknown,
    /// A volume, which holds what the container itself puts there.
    Volume,
}

impl Mount {
    /// Where it is in the tree.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match &self.source {
            MountSource::Path(path) => Some(path),
            _ => None,
        }
    }
}

/// The image that one of the repository's own starts from.
#[derive(Debug, Clone)]
pub struct Base {
    /// Its name, as the Dockerfile's first stage has it, behind the `build` that leads there.
    pub image: Text,
    /// Whether the build may change settings that no file of the repository tells.
    pub altered: bool,
}

/// A container's role. Named as in the JSON output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs as long as the pod.
    Main,
    /// Runs before the main ones.
    Init,
    /// An init container that keeps running (native sidecar).
    Sidecar,
}

impl Role {
    /// As the JSON output spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Init => "init",
            Self::Sidecar => "sidecar",
        }
    }
}

/// A published or container port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Port inside the container.
    pub container: u16,
    /// Port on the host, when published.
    pub published: Option<u16>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// A name under which a workload is reached inside its deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name (`db`, `db.shop.svc.cluster.local`).
    pub host: String,
    /// Port mapping of a Kubernetes Service: port there, port of the container. Empty: as the container.
    pub ports: Vec<(u16, u16)>,
    /// Networks on which the name is known; empty: all.
    pub networks: Vec<String>,
}

/// What a workload's network namespace is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Network {
    /// Its own, on these networks (empty: the default one).
    Own(Vec<String>),
    /// The host's.
    Host,
    /// That of another workload (`network_mode: service:db`).
    Of(String),
    /// Not known.
    #[default]
    Unknown,
}

/// A variable a container receives.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The bytes of its name, where a key stands in a file.
    pub name_place: Option<Place>,
    /// What it holds.
    pub value: Value,
    /// The secret or config map key it comes from, as `secret/name/key`: two workloads that read the same
    /// one use the same server even when the value is unknown.
    pub reference: Option<String>,
    /// Where the container's own definition takes it from (the `env_file:` entry, the `envFrom` item), when
    /// that is not where the value is written.
    pub via: Option<Place>,
}

/// What a variable holds.
#[derive(Debug, Clone)]
pub enum Value {
    /// A text, parts of which may be unknown.
    Text(Text),
    /// Nothing tells.
    Unknown(Reason),
}

/// Why a value is unknown, as a phrase fit for output: "secret api-keys is not in the repository".
pub type Reason = Arc<str>;

impl Variable {
    /// The value as a text; an unknown one is a text of one unknown piece.
    #[must_use]
    pub fn text(&self) -> Text {
        match &self.value {
            Value::Text(text) => text.clone(),
            Value::Unknown(reason) => Text::unknown(reason.clone()),
        }
    }

    /// The value, when all of it is known. May be a credential: never print it.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => text.known(),
            Value::Unknown(_) => None,
        }
    }

    /// Where the value is written, else the name.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match &self.value {
            Value::Text(text) => text.place_of(0..text.as_str().len()).or(self.name_place),
            Value::Unknown(_) => self.name_place,
        }
    }
}
