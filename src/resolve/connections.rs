//! The connections in a container's environment: connection strings, and databases that are named by parts
//! (`DB_HOST`, `DB_PORT` …).

mod merge;

use std::collections::BTreeMap;

use merge::{Merged, count_largest, merge};

use super::applications::sources::DataSource;
use super::clients::{self, Surroundings};
use super::names::{self, Meaning};
use super::pools::{self, Inputs};
use super::{Context, migrations, processes, replicas};
use crate::catalog::{ClientEntry, Image, ImageRole, VariableMeaning};
use crate::config::{Config, WorkloadConfig};
use crate::model::{Address, Client, Connection, Container, Source, Variable};
use crate::span::{Place, Text};
use crate::syntax::connection::{self, ConnectionString, Database};
use crate::syntax::prisma::FieldValue;

/// What a connection is before its client and pool are known.
struct Found {
    variable: String,
    source: Source,
    database_kind: Database,
    address: Address,
    user: Option<String>,
    database: Option<String>,
    administrative: bool,
}

/// Role and database of a server, as far as they are known.
type Role = (Address, Option<String>, Option<String>);

impl Found {
    fn role(&self) -> Role {
        (self.address.clone(), self.user.clone(), self.database.clone())
    }
}

/// Every connection of a container, the main one first. A database server's or pooler's own variables are none.
#[must_use]
pub fn find(
    around: &Surroundings<'_>,
    config: &Config,
    declared: Option<&WorkloadConfig>,
) -> Vec<Connection> {
    let container = around.container;
    if role(container).is_some_and(|role| matches!(role, ImageRole::Server | ImageRole::Pooler)) {
        return Vec::new();
    }
    let mut all = from_urls(&container.environment);
    all.extend(from_parts(&container.environment, &all));
    if is_all_there_is(around, &all) {
        for found in &mut all {
            found.administrative = false;
        }
    }
    all.sort_by_key(|found| (found.administrative, rank(&found.variable)));
    let merged = merge(all);
    let twins: Vec<Option<usize>> = merged.iter().map(|merged| merged.twin).collect();
    let first = merged.first().map(|first| first.found.role());
    let mut connections: Vec<Connection> = merged
        .into_iter()
        .enumerate()
        .map(|(index, Merged { found, aliases, .. })| {
            // A pool for reading what the first one writes is sized as that is.
            let reads = replicas::is_replica(&found.variable) && first.as_ref() == Some(&found.role());
            finish(around, config, declared, found, aliases, index == 0 || reads)
        })
        .collect();
    count_largest(&mut connections, &twins);
    connections
}

/// Whether URLs whose names say that they are for administration are the ones in use: no other stands beside them, may
/// come from elsewhere or goes through Prisma's proxy, and what reads them is not known to administrate.
fn is_all_there_is(around: &Surroundings<'_>, all: &[Found]) -> bool {
    let container = around.container;
    let proxied = || {
        container.environment.values().filter_map(Variable::known).any(|value| {
            connection::parse(value).is_some_and(|parsed| parsed.database_kind == Database::PrismaProxy)
        })
    };
    let of_schema = |found: &Found| {
        around.declarations.schemas.iter().filter_map(|(_, schema)| schema.datasource.as_ref()).any(
            |source| {
                ["directUrl", "shadowDatabaseUrl"].iter().any(|field| {
                    let field = source.field(field).map(|field| &field.value);
                    matches!(field, Some(FieldValue::Env(name)) if *name == found.variable)
                })
            },
        )
    };
    all.iter().all(|found| found.administrative && !of_schema(found))
        && container.open_environment.is_none()
        && !migrations::is_tool(container)
        && !proxied()
}

/// What the container's image is known to run.
#[must_use]
pub fn role(container: &Container) -> Option<ImageRole> {
    image(container).map(|image| image.role)
}

fn image(container: &Container) -> Option<&'static Image> {
    super::targets::image(container)
}

fn finish(
    around: &Surroundings<'_>,
    config: &Config,
    declared: Option<&WorkloadConfig>,
    found: Found,
    aliases: Vec<String>,
    first: bool,
) -> Connection {
    let url = match &found.source {
        Source::Url { text, parsed } => Some((text, parsed.as_ref())),
        Source::Parts { .. } => None,
    };
    let source = DataSource::of(&found.variable);
    // The settings that a framework reads are for its own data sources.
    let client = match source {
        DataSource::Own if declared.is_none_or(|workload| workload.client.is_none()) => None,
        _ => client(around, declared, &found, url),
    };
    let context = Context { files: around.files, declarations: around.declarations, config };
    let threads = processes::threads(&context, &around.workload.name, around.container);
    let inputs = Inputs {
        url,
        environment: &around.container.environment,
        client: client.as_ref().map(|(entry, _)| *entry),
        image: image(around.container),
        threads: threads.as_ref(),
        declared,
        config,
        generic_variables: first && source == DataSource::Default,
        source: &source,
    };
    let pool = pools::pool(&inputs);
    let prisma = client.as_ref().is_some_and(|(entry, _)| entry.id == "prisma");
    let schema_provider = prisma.then(|| provider(around, &found.variable, &aliases)).flatten();
    Connection {
        variable: found.variable,
        aliases,
        repeats: None,
        source: found.source,
        database_kind: found.database_kind,
        address: found.address,
        user: found.user,
        database: found.database,
        client: client.map(|(_, client)| client),
        pool,
        administrative: found.administrative,
        schema_provider,
    }
}

/// What the one schema that reads the variable says about its database. Several that disagree tell nothing.
fn provider(around: &Surroundings<'_>, variable: &str, aliases: &[String]) -> Option<(String, Place)> {
    let reads = |name: &str| name == variable || aliases.iter().any(|alias| alias == name);
    let mut found: Option<(String, Place)> = None;
    for (file, schema) in &around.declarations.schemas {
        let Some(datasource) = &schema.datasource else { continue };
        let url = datasource.field("url").map(|field| &field.value);
        if !matches!(url, Some(FieldValue::Env(name)) if reads(name)) {
            continue;
        }
        let Some(field) = datasource.field("provider") else { continue };
        let FieldValue::Text(provider) = &field.value else { continue };
        match &found {
            Some((known, _)) if known != provider.as_str() => return None,
            Some(_) => {}
            None => found = Some((provider.as_str().to_owned(), Place::new(*file, field.span))),
        }
    }
    found
}

fn client(
    around: &Surroundings<'_>,
    declared: Option<&WorkloadConfig>,
    found: &Found,
    url: Option<(&Text, &ConnectionString)>,
) -> Option<(&'static ClientEntry, Client)> {
    if let Some((label, place)) = declared.and_then(|workload| workload.client.as_ref()) {
        return clients::declared(label, *place);
    }
    let (text, parsed) = url.unzip();
    clients::detect(around, &found.variable, text, parsed, found.database_kind)
}

fn from_urls(environment: &BTreeMap<String, Variable>) -> Vec<Found> {
    environment.values().filter_map(|variable| from_url(environment, variable)).collect()
}

fn from_url(environment: &BTreeMap<String, Variable>, variable: &Variable) -> Option<Found> {
    let text = variable.text();
    let meaning = names::meaning(&variable.name);
    let url_key = meaning.as_ref().is_some_and(|meaning| {
        matches!(meaning.role, VariableMeaning::Url | VariableMeaning::AdministrativeUrl)
    });
    let administrative =
        meaning.as_ref().is_some_and(|meaning| meaning.role == VariableMeaning::AdministrativeUrl);
    let engine = meaning.map_or(Database::Unknown, |meaning| meaning.engine);
    if let Some(parsed) = parse(&text, url_key) {
        if parsed.database_kind == Database::PrismaProxy {
            return None;
        }
        let host = parsed.host().filter(|host| !host.is_empty()).map(str::to_ascii_lowercase);
        let address = Address { port: parsed.port(), reference: variable.reference.clone(), host };
        let user = match &parsed.user {
            Some(user) => user.known(),
            None => names::login(environment, &variable.name, &parsed, VariableMeaning::User)
                .and_then(Variable::known)
                .map(str::trim)
                .filter(|user| !user.is_empty()),
        };
        let user = user.map(str::to_owned);
        let database = parsed.database.as_ref().and_then(|part| part.known()).map(str::to_owned);
        let kind = if parsed.database_kind == Database::Unknown { engine } else { parsed.database_kind };
        return Some(Found {
            variable: variable.name.clone(),
            source: Source::Url { text, parsed: Box::new(parsed) },
            database_kind: kind,
            address,
            user,
            database,
            administrative,
        });
    }
    // The URL itself is not in the repository, but the variable's name says what it is.
    (url_key && text.is_unknown()).then(|| Found {
        variable: variable.name.clone(),
        source: Source::Parts { place: variable.place() },
        database_kind: engine,
        address: Address { host: None, port: None, reference: variable.reference.clone() },
        user: None,
        database: None,
        administrative,
    })
}

/// Reads a value as a connection string; one in a variable that is named for a URL is held to be one even where
/// it is malformed.
#[must_use]
pub fn parse(text: &Text, url_key: bool) -> Option<ConnectionString> {
    connection::parse(text.as_str()).or_else(|| {
        (url_key && !text.is_unknown()).then(|| connection::parse_as_url_value(text.as_str())).flatten()
    })
}

/// Databases that are named by variables for host, port, user and name with a common prefix.
fn from_parts(environment: &BTreeMap<String, Variable>, urls: &[Found]) -> Vec<Found> {
    let mut groups: BTreeMap<String, Vec<(Meaning, &Variable)>> = BTreeMap::new();
    for variable in environment.values() {
        if let Some(meaning) = names::meaning(&variable.name) {
            groups.entry(meaning.group.clone()).or_default().push((meaning, variable));
        }
    }
    groups.values().filter_map(|parts| from_group(parts, urls)).collect()
}

fn from_group(parts: &[(Meaning, &Variable)], urls: &[Found]) -> Option<Found> {
    let of =
        |role: VariableMeaning| parts.iter().find(|(meaning, _)| meaning.role == role).map(|(_, it)| *it);
    let host = of(VariableMeaning::Host)?;
    // A host alone (of a metrics agent, a health check) is no database: some other part must stand beside it.
    let companions = [VariableMeaning::User, VariableMeaning::Password, VariableMeaning::Database];
    if !companions.iter().any(|role| of(*role).is_some()) {
        return None;
    }
    let known = |role: VariableMeaning| of(role).and_then(Variable::known).map(str::to_owned);
    let (name, port_in_host) = split_port(host.known().unwrap_or_default());
    let port = of(VariableMeaning::Port).and_then(Variable::known).and_then(|port| port.trim().parse().ok());
    let engine = parts
        .iter()
        .map(|(meaning, _)| meaning.engine)
        .find(|engine| *engine != Database::Unknown)
        .unwrap_or(Database::Unknown);
    let port = port_in_host
        .or(port)
        .or_else(|| of(VariableMeaning::Port).is_none().then(|| engine.default_port()).flatten());
    let address = Address {
        host: (!name.is_empty()).then(|| name.to_ascii_lowercase()),
        port,
        reference: host.reference.clone(),
    };
    // The URL put together from these very parts is the same connection.
    if urls.iter().any(|url| same_host(&url.address, &address)) {
        return None;
    }
    Some(Found {
        variable: host.name.clone(),
        source: Source::Parts { place: host.place() },
        database_kind: engine,
        user: known(VariableMeaning::User),
        database: known(VariableMeaning::Database),
        address,
        administrative: false,
    })
}

fn same_host(url: &Address, parts: &Address) -> bool {
    match (&url.host, &parts.host) {
        (Some(one), Some(two)) => one == two,
        // Either may be the other: counting both would claim connections that nothing proves.
        _ => true,
    }
}

fn split_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (host, None),
        },
        _ => (host, None),
    }
}

/// `DATABASE_URL` first, then other URLs by name.
fn rank(variable: &str) -> (u8, String) {
    (u8::from(variable != "DATABASE_URL"), variable.to_owned())
}
