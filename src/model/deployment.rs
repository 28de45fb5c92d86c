//! The whole model, and the sets of files that run together.

use serde::Serialize;
use std::collections::BTreeSet;

use super::{Connection, Defect, Endpoint, Environment, Hosts, Located, Pooler, Server, Variable, Workload};
use crate::span::{FileId, Place};

/// What poollint believes about a repository.
#[derive(Debug, Default)]
pub struct Model {
    /// Deployments, sorted by name. Never added up with each other.
    pub deployments: Vec<Deployment>,
    /// Servers that several deployments of one environment use, with the demands of those together.
    pub shared_servers: Vec<SharedServer>,
    /// What parsers and the resolver discovered by themselves.
    pub defects: Vec<Defect>,
    /// Every place that is or may be a credential: masked in all output.
    pub secrets: Vec<Place>,
    /// Which programs read which env file, by what evidence.
    pub env_uses: Vec<EnvUse>,
}

/// How a note of [`Deployment::partial`] begins that tells of a value only.
pub const REQUIRED_VARIABLE: &str = "required variable";

/// A server of two and more deployments.
#[derive(Debug, Clone)]
pub struct SharedServer {
    /// The server with all their consumers.
    pub server: Server,
    /// Their names.
    pub deployments: Vec<String>,
    /// The environment of them all.
    pub environment: Environment,
}

/// A set of files that run together, never more.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Path of the main file or directory, with `#environment` when one directory holds several.
    pub name: String,
    /// What kind of set it is.
    pub kind: DeploymentKind,
    /// The environment it is for.
    pub environment: Located<Environment>,
    /// How much of it is judged.
    pub scope: Scope,
    /// The files it is made of, main file first.
    pub files: Vec<FileId>,
    /// What of it is not known: "include of a remote file: oci://…", "env file .env is not in the repository".
    pub partial: Vec<String>,
    /// What runs.
    pub workloads: Vec<Workload>,
    /// Other names of hosts, each with the host that it stands for (a Service of the type ExternalName).
    pub aliases: Vec<(String, String)>,
    /// Which workloads have which host names, once all of them are known.
    pub hosts: Hosts,
    /// Which database servers its connections lead to, with their sums.
    pub servers: Vec<Server>,
    /// Its poolers.
    pub poolers: Vec<Pooler>,
}

/// How many aliases one name may lead through; DNS servers follow about as many.
const MAX_ALIASES: usize = 8;

impl Deployment {
    /// The host that a name stands for; itself where it is no alias. A name that stands for several hosts stands for
    /// none that is known.
    #[must_use]
    pub fn real_host<'a>(&'a self, host: &'a str) -> &'a str {
        let mut real = host;
        for _ in 0..MAX_ALIASES {
            let mut meant = self.aliases.iter().filter(|(alias, _)| alias.eq_ignore_ascii_case(real));
            let Some((_, first)) = meant.next() else { return real };
            if meant.any(|(_, other)| other != first) {
                return real;
            }
            real = first;
        }
        real
    }

    /// Every alias that stands for a host.
    pub fn aliases_of(&self, host: &str) -> impl Iterator<Item = &str> {
        let names = self.aliases.iter().map(|(alias, _)| alias.as_str());
        names.filter(move |alias| *alias != host && self.real_host(alias).eq_ignore_ascii_case(host))
    }

    /// Remembers which workloads have which host names. From here on neither workloads nor their endpoints may change.
    pub fn remember_hosts(&mut self) {
        self.hosts = Hosts::of(&self.workloads);
    }

    /// The workloads that have an endpoint named `host`, each with the first such endpoint.
    #[must_use]
    pub fn named(&self, host: &str) -> Vec<(&Workload, &Endpoint)> {
        let among: Vec<&Workload> = match self.hosts.named(host) {
            Some(found) => found.iter().filter_map(|index| self.workloads.get(*index)).collect(),
            None => self.workloads.iter().collect(),
        };
        let named = |endpoint: &&Endpoint| endpoint.host.eq_ignore_ascii_case(host);
        among
            .into_iter()
            .filter_map(|workload| Some((workload, workload.endpoints.iter().find(named)?)))
            .collect()
    }

    /// Whether everything that runs is known, though values may be missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.partial.iter().all(|gap| gap.starts_with(REQUIRED_VARIABLE))
    }
}

/// Kinds of deployment, named as in the JSON output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum DeploymentKind {
    /// A Compose project.
    Compose,
    /// A Kustomize directory that no other includes.
    Kustomize,
    /// A rendered chart.
    Chart,
    /// Plain Kubernetes manifests of one root and environment.
    Manifests,
    /// A serverless service.
    Serverless,
    /// An env file that no deployment reads.
    EnvFile,
    /// The configuration of an application that no deployment runs.
    Application,
    /// A stream from standard input.
    Stream,
}

impl DeploymentKind {
    /// Whether it is one file of which nothing tells who runs it.
    #[must_use]
    pub fn is_lone(self) -> bool {
        matches!(self, Self::EnvFile | Self::Application)
    }

    /// As the JSON output spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::Kustomize => "kustomize",
            Self::Chart => "chart",
            Self::Manifests => "manifests",
            Self::Serverless => "serverless",
            // To other programs both are one file of settings that nobody is known to read.
            Self::EnvFile | Self::Application => "env-file",
            Self::Stream => "stream",
        }
    }
}

/// How much of a deployment is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Scope {
    /// Everything.
    #[default]
    Full,
    /// Example, test and documentation files: the syntax of URLs and env files only.
    SyntaxOnly,
}

/// One program's reading of one env file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvUse {
    /// The env file.
    pub file: FileId,
    /// Who reads it.
    pub reader: EnvReader,
    /// The line that says so (`env_file: .env`), when one does.
    pub evidence: Option<Place>,
    /// Variables that the reader has from elsewhere when it comes to the file's first line, as far as files tell: the
    /// project's, the service's own, those of the env files before it.
    pub beside: BTreeSet<String>,
}

impl EnvUse {
    /// A reading for which nothing outside the file counts.
    #[must_use]
    pub fn new(file: FileId, reader: EnvReader, evidence: Option<Place>) -> Self {
        Self { file, reader, evidence, beside: BTreeSet::new() }
    }

    /// The same for a reader that has these variables from elsewhere.
    #[must_use]
    pub fn beside(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.beside.extend(names);
        self
    }
}

/// Programs that read env files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnvReader {
    /// Compose, as the project's `.env` (interpolation).
    ComposeProject,
    /// Compose, as `env_file` (the container's environment).
    ComposeEnvFile,
    /// Compose, as `env_file` with `format: raw`.
    ComposeRaw,
    /// node `dotenv` (in the dependencies next to it).
    NodeDotenv,
    /// node `dotenv` with `dotenv-expand` behind it, as dotenv-cli and Next.js have it (in the dependencies).
    DotenvExpand,
    /// node itself: `node --env-file=F`.
    NodeEnvFile,
    /// python-dotenv.
    PythonDotenv,
    /// Ruby's dotenv.
    RubyDotenv,
    /// phpdotenv.
    PhpDotenv,
    /// A Kustomize generator.
    Kustomize,
    /// `kubectl create configmap|secret --from-env-file=F`.
    KubectlCreate,
    /// `docker run --env-file F`.
    DockerRun,
}

impl EnvReader {
    /// The program's name in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ComposeProject | Self::ComposeEnvFile => "Docker Compose",
            Self::ComposeRaw => "Docker Compose (format: raw)",
            Self::NodeDotenv => "node dotenv",
            Self::PythonDotenv => "python-dotenv",
            Self::RubyDotenv => "Ruby dotenv",
            Self::DotenvExpand => "dotenv-expand",
            Self::NodeEnvFile => "node --env-file",
            Self::PhpDotenv => "phpdotenv",
            Self::Kustomize => "Kustomize",
            Self::KubectlCreate => "kubectl create --from-env-file",
            Self::DockerRun => "docker --env-file",
        }
    }
}

impl Model {
    /// Takes every workload for a function; for judging a single connection string.
    pub fn make_serverless(&mut self) {
        for workload in self.deployments.iter_mut().flat_map(|deployment| &mut deployment.workloads) {
            workload.class = super::WorkloadClass::Serverless;
        }
    }
}

impl Deployment {
    /// Every connection, with the workload and container that makes it.
    pub fn connections(&self) -> impl Iterator<Item = (&Workload, &super::Container, &Connection)> {
        self.workloads.iter().flat_map(|workload| {
            workload.containers.iter().flat_map(move |container| {
                container.connections.iter().map(move |connection| (workload, container, connection))
            })
        })
    }

    /// Every environment variable, with its workload and container.
    pub fn variables(&self) -> impl Iterator<Item = (&Workload, &super::Container, &Variable)> {
        self.workloads.iter().flat_map(|workload| {
            workload.containers.iter().flat_map(move |container| {
                container.environment.values().map(move |variable| (workload, container, variable))
            })
        })
    }
}
