//! Migrations that go through a pooler which gives a session away between transactions.

use super::platforms::prisma_config::{Source, configurations, tells};
use super::{Context, Target, target};
use crate::catalog::{EndpointKind, catalog, provider_of_host};
use crate::model::{Connection, Container, Defect, Deployment, PoolerMode, Workload};
use crate::readers::directory;
use crate::span::FileId;
use crate::syntax::prisma::{FieldValue, Schema};
use crate::tree::{Kind, Platform};

/// The rule's name.
const RULE: &str = "migrations-through-pooler";

/// What Prisma Migrate and other tools are given, where that is a pooler.
#[must_use]
pub fn defects(context: &Context<'_>, deployment: &Deployment) -> Vec<Defect> {
    let mut found = Vec::new();
    for (workload, container, connection) in deployment.connections() {
        let Some(pooler) = pooler(deployment, workload, connection) else { continue };
        let here = Here { context, deployment, container, connection };
        let Some(kind) = here.configured().or_else(|| here.prisma()).or_else(|| here.command()) else {
            continue;
        };
        let Some(place) = host_place(connection) else { continue };
        let mut defect =
            Defect::new(RULE, kind.name(), place).of(connection.variable.clone()).fact("pooler", pooler);
        defect.workload = Some(workload.name.clone());
        if let Found::Direct(name) | Found::Configured(name) = &kind {
            defect.variable = Some(name.clone());
        }
        if let Found::Command(tool) = &kind {
            defect.facts.insert("tool", tool.as_str().into());
        }
        found.push(defect);
    }
    found
}

enum Found {
    /// The schema names no URL of its own for migrations.
    NoDirect,
    /// The one that it names leads to the pooler: this variable.
    Direct(String),
    /// The datasource of `prisma.config.ts` is this.
    Configured(String),
    /// The container runs this tool.
    Command(String),
}

impl Found {
    fn name(&self) -> &'static str {
        match self {
            Self::NoDirect => "no-direct",
            Self::Direct(_) => "direct",
            Self::Configured(_) => "configured",
            Self::Command(_) => "command",
        }
    }
}

struct Here<'a> {
    context: &'a Context<'a>,
    deployment: &'a Deployment,
    container: &'a Container,
    connection: &'a Connection,
}

impl Here<'_> {
    /// Whether the connection is what `prisma.config.ts` gives to Prisma's command line, which migrates: by itself, or by
    /// the variable that every such file asks for.
    fn configured(&self) -> Option<Found> {
        let mut sources = configurations(self.context).peekable();
        sources.peek()?;
        let place = self.connection.place();
        let own = sources.find(|(file, _)| place.is_some_and(|place| place.file == *file));
        if let Some((_, source)) = own {
            let is_it = matches!(source, Source::Text(key) if self.connection.variable == key);
            return is_it.then(|| Found::Configured(format!("datasource.{}", self.connection.variable)));
        }
        let asked =
            |(_, source): (FileId, Source<'_>)| matches!(source, Source::Variable(name) if self.holds(name));
        let ours = self.connection.client.as_ref().is_some_and(|client| client.label.starts_with("prisma@"))
            && configurations(self.context).all(asked);
        // Where one container of a deployment migrates, what the others receive is for their clients.
        let workloads = self.deployment.workloads.iter();
        let mut containers = workloads.flat_map(|workload| &workload.containers);
        let elsewhere = !migrates_by_prisma(self.container) && containers.any(migrates_by_prisma);
        (ours && !elsewhere).then(|| Found::Configured(self.connection.variable.clone()))
    }

    /// What the one schema that reads the variable makes of it, when its project runs Prisma Migrate.
    fn prisma(&self) -> Option<Found> {
        let client = self.connection.client.as_ref()?;
        if client.label != "prisma@6" {
            return None;
        }
        let mut schemas = self.context.declarations.schemas.iter().filter(|(_, schema)| self.reads(schema));
        let (file, schema) = schemas.next().filter(|_| schemas.next().is_none())?;
        let datasource = schema.datasource.as_ref()?;
        // The project's configuration goes before the schema.
        if tells(self.context, self.context.files.path(*file)) {
            return None;
        }
        let found = match datasource.field("directUrl").map(|field| &field.value) {
            None => Found::NoDirect,
            Some(FieldValue::Env(name)) if self.holds(name) => Found::Direct(name.clone()),
            // Where it is another variable, that one's connection is judged.
            Some(_) => return None,
        };
        self.migrates(*file).then_some(found)
    }

    /// Whether the schema reads the variable, as its `url` without a `directUrl`, or as its `directUrl`.
    fn reads(&self, schema: &Schema) -> bool {
        let Some(datasource) = &schema.datasource else { return false };
        let field = datasource.field("directUrl").or_else(|| datasource.field("url"));
        matches!(field.map(|field| &field.value), Some(FieldValue::Env(name)) if self.holds(name))
    }

    fn holds(&self, name: &str) -> bool {
        self.connection.variable == name || self.connection.aliases.iter().any(|alias| alias == name)
    }

    /// Whether something in the schema's project runs Prisma Migrate: a script, a Dockerfile, a container.
    fn migrates(&self, schema: FileId) -> bool {
        let schema = self.context.files.path(schema);
        let around = |path: &str| {
            let outer = directory(path);
            outer.is_empty() || schema.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
        };
        self.context.files.iter().any(|(_, file)| {
            matches!(file.kind, Kind::Dependencies | Kind::Dockerfile)
                && around(&file.path)
                && says(&file.text)
        }) || self
            .deployment
            .workloads
            .iter()
            .flat_map(|workload| &workload.containers)
            .any(migrates_by_prisma)
    }

    /// The tool that the container runs. Prisma's takes the URL that its schema names.
    fn command(&self) -> Option<Found> {
        if self.connection.administrative && !self.is_only() {
            return None;
        }
        let tool = tool(self.container)?;
        let own = self.context.declarations.schemas.iter().any(|(_, schema)| {
            schema.datasource.as_ref().is_some_and(|datasource| datasource.field("directUrl").is_some())
        });
        let configured = self
            .context
            .declarations
            .platforms
            .iter()
            .any(|file| file.platform == Platform::PrismaConfig && !file.root.entries().is_empty());
        let prisma = tool.starts_with("prisma");
        (!(prisma && (own || configured)) && self.is_only()).then(|| Found::Command(tool.clone()))
    }

    /// Whether the container has no other connection: which one the tool takes is told by nothing.
    fn is_only(&self) -> bool {
        self.container.connections.len() == 1
    }
}

/// Whether a container's command is a tool for migrations, or Prisma's command line.
#[must_use]
pub fn is_tool(container: &Container) -> bool {
    tool(container).is_some() || runs(&line(container), "prisma")
}

/// The tool for migrations that the container runs.
fn tool(container: &Container) -> Option<&'static String> {
    let line = line(container);
    catalog().ambient.migration_commands.iter().find(|tool| runs(&line, tool))
}

/// Whether a command line has the words of a tool in their order.
fn runs(line: &str, tool: &str) -> bool {
    let mut words = line.split(|letter: char| letter.is_whitespace() || "\"';&|()".contains(letter));
    tool.split(' ').all(|part| words.any(|word| word == part || word.ends_with(&format!("/{part}"))))
}

/// Whether a command line runs Prisma Migrate.
fn says(text: &str) -> bool {
    text.contains("migrate deploy") || text.contains("migrate dev")
}

fn migrates_by_prisma(container: &Container) -> bool {
    says(&line(container))
}

fn line(container: &Container) -> String {
    let words = container.command.iter().map(|word| word.as_str());
    words.collect::<Vec<_>>().join(" ")
}

/// The pooler that a connection leads to, when it is known to take sessions away between transactions.
fn pooler(deployment: &Deployment, workload: &Workload, connection: &Connection) -> Option<String> {
    let address = &connection.address;
    let host = address.host.as_deref()?;
    if let Some((provider, endpoint)) = provider_of_host(host, address.port) {
        let transaction =
            endpoint.kind == EndpointKind::Pooled && endpoint.mode.as_deref() == Some("transaction");
        return transaction.then(|| format!("{}'s pooler", provider.name));
    }
    let Target::Workload(found, _) = target(deployment, workload, address) else { return None };
    let pooler = deployment.poolers.iter().find(|pooler| pooler.workload.as_deref() == Some(&found.name))?;
    // Beside the server in one pod the port tells them apart.
    if pooler.upstreams.contains(&found.name) {
        return None;
    }
    let mode = pooler.mode.value?;
    (mode != PoolerMode::Session).then(|| pooler.name.clone())
}

fn host_place(connection: &Connection) -> Option<crate::span::Place> {
    connection
        .url()
        .and_then(|(text, parsed)| text.place_of(parsed.hosts.first()?.name.span.range()))
        .or_else(|| connection.place())
}
