//! What every platform's module makes: stacks of services, and from them the draft of a deployment.

use std::collections::BTreeMap;

use crate::model::{
    Basis, Container, Deployment, DeploymentKind, Endpoint, EnvUse, Environment, Hosts, Instances, Located,
    Network, Operated, OperatedServer, Role, Scope, Serving, Variable, Workload, WorkloadClass,
};
use crate::readers::PlatformFile;
use crate::resolve::{Context, Draft, demand};
use crate::span::{FileId, Place, Text};
use crate::syntax::connection::Database;

use super::numbers::unknown_instances;

/// What one configuration, or one environment of it, runs.
#[derive(Debug, Default)]
pub(super) struct Stack {
    /// Its name, where it is not that of the configuration's file.
    pub name: Option<String>,
    /// The environment's name, where the configuration holds several.
    pub environment: Option<String>,
    /// What runs.
    pub services: Vec<Service>,
    /// What of it is not known.
    pub partial: Vec<String>,
    /// Places that are credentials by their position.
    pub secrets: Vec<Place>,
    /// Files that it is made of besides the configuration.
    pub files: Vec<FileId>,
    /// Env files among them, with their readers.
    pub env_uses: Vec<EnvUse>,
    /// What it is for, where more than its names tell that.
    pub purpose: Option<Located<Environment>>,
}

impl From<Vec<Service>> for Stack {
    fn from(services: Vec<Service>) -> Self {
        Self { services, ..Self::default() }
    }
}

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
    /// Its containers; a function is one.
    pub parts: Vec<Part>,
    /// What kind of server it is, when the provider runs one.
    pub managed: Option<OperatedServer>,
    /// Names under which the others reach it.
    pub hosts: Vec<String>,
}

/// One container of a service.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Its name; the service's when empty.
    pub name: String,
    /// Its image.
    pub image: Option<Text>,
    /// What it receives.
    pub variables: BTreeMap<String, Variable>,
    /// The line that starts it, when the file says so.
    pub command: Option<Text>,
    /// The words that start it, where the file has them one by one.
    pub words: Vec<Text>,
    /// The directory of its code below the configuration's, where the file names one.
    pub directory: Option<String>,
    /// When it runs, where that is not as long as the service.
    pub role: Option<Role>,
    /// Why variables may arrive that no file shows.
    pub open: Option<&'static str>,
}

/// A database server that a provider runs.
pub(super) fn provided(engine: Database, port: Option<u16>, max_connections: Located<u64>) -> OperatedServer {
    let reserved = crate::catalog::catalog().engine(engine.name()).map_or(0, |engine| engine.reserved);
    OperatedServer {
        engine: engine.name().to_owned(),
        port: port.or_else(|| engine.default_port()).unwrap_or_default(),
        max_connections,
        reserved: Located::of(reserved, Basis::EngineDefault),
        standby: false,
    }
}

/// Why a hosted service's environment is open.
pub(super) const SET_ON_PLATFORM: &str = "variables that are set on the platform";

impl Service {
    /// A service of unknown instances that receives nothing yet.
    pub fn new(kind: &'static str, name: impl Into<String>, place: Option<Place>) -> Self {
        Self {
            name: name.into(),
            kind,
            place,
            class: WorkloadClass::Service,
            instances: unknown_instances(),
            serving: Serving::default(),
            parts: Vec::new(),
            managed: None,
            hosts: Vec::new(),
        }
    }

    /// The same with one container that receives these variables, and perhaps others that are set on the platform.
    pub fn receiving(mut self, variables: BTreeMap<String, Variable>) -> Self {
        self.parts = vec![Part { variables, open: Some(SET_ON_PLATFORM), ..Part::default() }];
        self
    }
}

/// What runs on a developer's machine alone: variables to be judged, and nothing that takes part in sums.
pub(super) fn imagined(file: &PlatformFile, name: &str, variables: BTreeMap<String, Variable>) -> Stack {
    let mut service = Service::new("Local Settings", name, Some(Place::new(file.file, file.root.span)));
    service.class = WorkloadClass::Imaginary;
    let purpose = Located::of(Environment::Development, Basis::Derived).noted("for a developer's machine");
    Stack {
        environment: Some(name.to_owned()),
        services: vec![service.receiving(variables)],
        purpose: Some(purpose),
        ..Stack::default()
    }
}

/// The deployment that a stack is.
pub(super) fn draft(context: &Context<'_>, file: &PlatformFile, stack: Stack) -> Draft {
    let path = context.files.path(file.file);
    let home = directory(path);
    let name = match &stack.environment {
        Some(environment) => format!("{path}#{environment}"),
        None => stack.name.unwrap_or_else(|| path.to_owned()),
    };
    let mut files = vec![file.file];
    files.extend(stack.files);
    Draft {
        deployment: Deployment {
            name,
            kind: DeploymentKind::Serverless,
            environment: stack
                .purpose
                .unwrap_or_else(|| Located { value: Some(Environment::Unknown), ..Located::unknown() }),
            scope: Scope::Full,
            files,
            partial: stack.partial,
            workloads: stack.services.into_iter().map(|service| workload(home, service)).collect(),
            aliases: Vec::new(),
            hosts: Hosts::default(),
            servers: Vec::new(),
            poolers: Vec::new(),
        },
        defects: Vec::new(),
        secrets: stack.secrets,
        env_uses: stack.env_uses,
    }
}

/// The directory of a path.
pub(super) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn workload(home: &str, service: Service) -> Workload {
    let Service { name, kind, place, class, instances, serving, parts, managed, hosts } = service;
    let containers = parts.into_iter().map(|part| container(home, &name, part)).collect();
    let endpoint = |host| Endpoint { host, ports: Vec::new(), networks: Vec::new() };
    Workload {
        name,
        kind: kind.to_owned(),
        namespace: None,
        place,
        class,
        instances,
        serving,
        operated: managed.map(Operated::Server),
        containers,
        endpoints: hosts.into_iter().map(endpoint).collect(),
        network: Network::Unknown,
        profiles: Vec::new(),
        dormant: false,
        suppressions: Vec::new(),
    }
}

fn container(home: &str, service: &str, part: Part) -> Container {
    let (command, shell) = part.command.map_or_else(|| (part.words, false), words);
    let directory = part.directory.as_deref().and_then(|below| crate::readers::join(home, below));
    // An image that is pulled was built somewhere else.
    let build = part.image.is_none().then(|| directory.unwrap_or_else(|| home.to_owned()));
    Container {
        name: if part.name.is_empty() { service.to_owned() } else { part.name },
        image: part.image,
        role: part.role.unwrap_or(Role::Main),
        environment: part.variables,
        open_environment: part.open.map(Into::into),
        command,
        shell,
        build,
        dockerfile: None,
        base: None,
        mounts: Vec::new(),
        ports: Vec::new(),
        connections: Vec::new(),
        processes: demand::single_process(),
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
