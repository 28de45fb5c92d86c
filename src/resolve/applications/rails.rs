//! Rails' `config/database.yml` (<https://guides.rubyonrails.org/configuring.html>, "Configuring a Database"): one entry
//! for each environment, with one or several databases; `DATABASE_URL` and `NAME_DATABASE_URL` go before it.

mod erb;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::projects::{Project, Reader};
use super::{Part, Settings};
use crate::model::{Value, Variable};
use crate::readers::ApplicationFile;
use crate::span::{FileId, Origin, Place, Span, Spelling, Text};
use crate::syntax::node::{Entry, Node, Value as NodeValue};

/// The name under which the pool of the database that `DATABASE_URL` leads to is set here.
const POOL: &str = "database.yml:";

/// Keys of the pool's size; the second since Rails 8.1.
const POOL_KEYS: [&str; 2] = ["pool", "max_connections"];

/// Keys that are parameters of a URL as well.
const PARAMS: [&str; 7] = [
    "pool",
    "max_connections",
    "checkout_timeout",
    "idle_timeout",
    "connect_timeout",
    "sslmode",
    "prepared_statements",
];

/// Adapters, and the scheme of a URL for the same.
const ADAPTERS: [(&str, &str); 5] = [
    ("postgresql", "postgresql"),
    ("postgis", "postgresql"),
    ("mysql2", "mysql2"),
    ("trilogy", "trilogy"),
    ("cockroachdb", "cockroachdb"),
];

/// What a program takes from its file.
pub(super) fn settings(project: &Project<'_>, reader: &Reader<'_>) -> Option<Settings> {
    let (_, application) = project.files.first()?;
    let root = application.documents.first()?;
    let told = reader.variable("RAILS_ENV").or_else(|| reader.variable("RACK_ENV"));
    let environment = match told {
        Some(variable) => variable.known()?.trim().to_owned(),
        None if reader.open.is_some() => return None,
        None => "development".to_owned(),
    };
    let entry = root.entry(&environment)?;
    let file = application.file;
    let scope = Scope { file, reader, lone: false };
    let databases = databases(entry);
    let mut variables: Vec<Variable> = Vec::new();
    let mut pools: Vec<Option<Variable>> = Vec::new();
    for database in &databases {
        let name = database.name;
        let own = format!("{}_DATABASE_URL", name.unwrap_or("primary").to_ascii_uppercase());
        let primary = name.is_none_or(|name| name == "primary");
        let set = reader.variable(&own).is_some() || primary && reader.variable("DATABASE_URL").is_some();
        if set {
            pools.push(scope.pool(database.node));
        } else if reader.open.is_none() {
            variables.extend(scope.variable(&environment, database));
        }
    }
    // One name serves all databases that variables lead to: they have to agree.
    let size = |pool: &Option<Variable>| pool.as_ref().map(|pool| pool.text().as_str().to_owned());
    let agreed = pools.iter().all(|pool| size(pool) == pools.first().and_then(size));
    variables.extend(pools.into_iter().next().flatten().filter(|_| agreed));
    let read: BTreeSet<Part> = [(file, Some(environment))].into();
    (!variables.is_empty()).then_some(Settings { variables, read })
}

/// The connections of a file by itself, for each of its environments.
pub(super) fn lone(application: &ApplicationFile) -> Vec<(Option<String>, Vec<Variable>)> {
    let Some(root) = application.documents.first() else { return Vec::new() };
    let nothing = std::collections::BTreeMap::new();
    let reader = Reader::nobody(&nothing);
    let scope = Scope { file: application.file, reader: &reader, lone: true };
    let environments = root.entries().iter().filter(|entry| {
        let name = entry.key.as_str();
        crate::resolve::environment::of_path(name).is_some() && !name.contains(['/', '#'])
    });
    let found = environments.map(|entry| {
        let name = entry.key.as_str();
        let all = databases(entry);
        let variables = all.iter().filter_map(|database| scope.variable(name, database));
        (Some(name.to_owned()), variables.collect::<Vec<_>>())
    });
    found.filter(|(_, variables)| !variables.is_empty()).collect()
}

/// A database of an environment.
struct Database<'a> {
    /// Its name, where there are several.
    name: Option<&'a str>,
    key: Span,
    node: &'a Node,
}

/// The databases of an environment: several where every value is a mapping.
fn databases(environment: &Entry) -> Vec<Database<'_>> {
    let entries = environment.value.entries();
    let several =
        !entries.is_empty() && entries.iter().all(|entry| matches!(entry.value.value, NodeValue::Mapping(_)));
    if !several {
        return vec![Database { name: None, key: environment.key_span, node: &environment.value }];
    }
    let named = entries.iter().map(|entry| Database {
        name: Some(entry.key.as_str()),
        key: entry.key_span,
        node: &entry.value,
    });
    named.collect()
}

/// What a file is read with.
struct Scope<'a> {
    file: FileId,
    reader: &'a Reader<'a>,
    /// Nobody is known to read it: what it asks for is set elsewhere.
    lone: bool,
}

impl Scope<'_> {
    /// The value of a key, its ERB evaluated; nothing when it is missing or empty.
    fn value(&self, database: &Node, key: &str) -> Option<Text> {
        let scalar = database.get(key)?.as_scalar()?;
        let written = Text::written(&scalar.text, self.file);
        let value = erb::evaluate(&written, &|name| self.asked(name));
        (!value.as_str().trim().is_empty() && value.as_str() != "~").then_some(value)
    }

    fn asked(&self, name: &str) -> erb::Asked {
        match self.reader.variable(name) {
            Some(variable) => match &variable.value {
                Value::Text(text) => erb::Asked::Value(text.clone()),
                Value::Unknown(reason) => erb::Asked::Unknown(reason.clone()),
            },
            None => match &self.reader.open {
                Some(reason) => erb::Asked::Unknown(reason.clone()),
                None if self.lone => erb::Asked::Elsewhere(super::elsewhere(name)),
                None => erb::Asked::Nothing,
            },
        }
    }

    /// The size of the pool, for the database that a variable leads to.
    fn pool(&self, database: &Node) -> Option<Variable> {
        let key = POOL_KEYS.into_iter().rev().find(|key| database.get(key).is_some())?;
        let value = self.value(database, key)?;
        let name_place = database.entry(key).map(|entry| Place::new(self.file, entry.key_span));
        let value = Value::Text(value);
        Some(Variable { name: format!("{POOL}{key}"), name_place, value, reference: None, via: None })
    }

    /// A database as the URL that says the same. What is merged into it comes by way of its key.
    fn variable(&self, environment: &str, database: &Database<'_>) -> Option<Variable> {
        let name = match database.name {
            Some(name) => format!("database.yml:{environment}.{name}"),
            None => format!("database.yml:{environment}"),
        };
        let key = Place::new(self.file, database.key);
        let value = Value::Text(self.url(database.node, key)?);
        Some(Variable { name, name_place: Some(key), value, reference: None, via: None })
    }

    /// The value of a key on the way through the database's own, where it is merged in.
    fn reached(&self, database: &Node, key: &str, hop: Place) -> Option<Text> {
        let value = self.value(database, key)?;
        if !database.entry(key)?.merged {
            return Some(value);
        }
        let mut reached = Text::default();
        reached.push_via(&value, hop);
        Some(reached)
    }

    fn url(&self, database: &Node, key: Place) -> Option<Text> {
        let mut url = match self.reached(database, "url", key) {
            // What it says, nobody knows.
            Some(url) if !url.is_known() && !url.as_str().contains("://") => return None,
            Some(url) => url,
            None => self.of_parts(database, key)?,
        };
        for name in PARAMS {
            let Some(value) = self.reached(database, name, key) else { continue };
            let said =
                url.as_str().contains(&format!("?{name}=")) || url.as_str().contains(&format!("&{name}="));
            if !said {
                let mark = if url.as_str().contains('?') { '&' } else { '?' };
                glue(&mut url, &format!("{mark}{name}="), key);
                encoded(&mut url, &value);
            }
        }
        Some(url)
    }

    fn of_parts(&self, database: &Node, key: Place) -> Option<Text> {
        let adapter = self.value(database, "adapter")?;
        let scheme = ADAPTERS.iter().find(|(name, _)| Some(*name) == adapter.known()).map(|(_, it)| *it)?;
        let part = |name: &str| self.reached(database, name, key);
        // Without a host, it is a socket, or what the driver's own variables say.
        let host = part("host").filter(|host| !host.as_str().starts_with('/'))?;
        let mut url = Text::default();
        glue(&mut url, &format!("{scheme}://"), key);
        if let Some(user) = part("username") {
            encoded(&mut url, &user);
            if let Some(password) = part("password") {
                glue(&mut url, ":", key);
                encoded(&mut url, &password);
            }
            glue(&mut url, "@", key);
        }
        url.push_text(&host);
        if let Some(port) = part("port") {
            glue(&mut url, ":", key);
            url.push_text(&port);
        }
        if let Some(name) = part("database") {
            glue(&mut url, "/", key);
            encoded(&mut url, &name);
        }
        Some(url)
    }
}

/// What stands in no file: the punctuation of a URL.
fn glue(url: &mut Text, piece: &str, place: Place) {
    url.push(piece, Origin::Written { place, spelling: Spelling::Derived }, Arc::default());
}

/// Appends a value, percent-encoded.
fn encoded(url: &mut Text, value: &Text) {
    for (text, piece) in value.pieces(0..value.as_str().len()) {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
        if matches!(piece.origin, Origin::Unknown { .. }) || text.chars().all(plain) {
            url.push(text, piece.origin, piece.hops);
            continue;
        }
        let code: String = text
            .chars()
            .flat_map(|letter| match plain(letter) {
                true => vec![letter],
                false => {
                    let mut buffer = [0; 4];
                    let bytes = letter.encode_utf8(&mut buffer).bytes();
                    bytes.flat_map(|byte| format!("%{byte:02X}").chars().collect::<Vec<_>>()).collect()
                }
            })
            .collect();
        let origin = match piece.origin {
            Origin::Written { place, .. } => Origin::Written { place, spelling: Spelling::Derived },
            unknown @ Origin::Unknown { .. } => unknown,
        };
        url.push(&code, origin, piece.hops);
    }
}
