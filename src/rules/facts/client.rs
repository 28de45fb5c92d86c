//! Facts about the library that opens a connection, from its entry in the catalogue.

use super::docs::{about, flag, text};
use super::{FactDoc, Facts};
use crate::catalog::{ClientEntry, DefaultSize, PoolDefaults, UnknownParam, catalog};
use crate::model::Connection;
use crate::rules::page::SubjectKind;
use crate::syntax::connection::Database;

/// Documentation of [`facts`]. Defects of a connection string have them too.
pub(super) const DOCS: &[FactDoc] = &about(
    &[SubjectKind::Url, SubjectKind::Param, SubjectKind::Pool],
    [
        text("client.id", "the library without its version: `prisma`; absent when nothing tells"),
        text("client.label", "the library with its version where that matters: `prisma@6`"),
        text("client.evidence", "what speaks for it: `@prisma/client ^6.1 in api/package.json`"),
        flag("client.guessed", "nothing but a parameter of the URL speaks for it"),
        flag("client.libpq", "it reads URLs as libpq does: the first `@` ends the credentials"),
        flag("client.whatwg", "it reads URLs as browsers do: `#` and `?` end the authority"),
        flag("client.strict_percent", "it refuses a `%` that two hexadecimal digits do not follow"),
        flag("client.several_hosts", "it accepts a list of hosts"),
        flag("client.open_params", "it passes parameters on unread, so that any name may be fine"),
        flag("client.per_cpu", "its default pool size is computed from the CPUs of the node"),
        flag("client.drivers", "it reads the driver behind the `+` of a scheme"),
        flag("client.rejects_scheme", "it refuses the scheme of this URL"),
        text(
            "client.unknown_param",
            "what it does with a parameter it does not know: `ignored`, `warned`, `error` (refuses the URL), \
         `error-server` (the server refuses) or `unknown`",
        ),
        flag("client.pool_in_url", "a parameter of the URL sizes its pool"),
        text("client.size_setting", "how its pool is sized, as `connection_limit in the URL`"),
        text("client.size_default", "its default pool size: `10`, `5 + 10`, `2 × CPUs + 1`, `without limit`"),
        text("client.acquire_setting", "how its acquire timeout is set, in the same way"),
        text("client.in_code", "what sizes its pool in code: `new Pool({ max })`"),
    ],
);

/// The catalogue's entry for a connection's client and database. `None` when the client is not known, or when
/// no entry of its label is for this database: what holds for another one proves nothing.
pub(super) fn entry(connection: &Connection) -> Option<&'static ClientEntry> {
    let label = connection.client.as_ref()?.label.as_str();
    let engine = connection.database_kind;
    catalog().clients.iter().find(|entry| entry.label == label && speaks(entry, engine))
}

/// Whether a client can open connections to a database. One that nothing tells excludes none.
pub(super) fn speaks(entry: &ClientEntry, engine: Database) -> bool {
    // MariaDB speaks MySQL's protocol and CockroachDB PostgreSQL's.
    let protocol = match engine {
        Database::Unknown => return true,
        Database::MariaDb => Database::MySql,
        Database::CockroachDb => Database::PostgreSql,
        other => other,
    };
    entry.engines.iter().any(|known| known == engine.name() || known == protocol.name())
}

/// What is known about the client of a connection. Without a client every flag is false and every text absent.
pub(in crate::rules) fn facts(connection: &Connection) -> Facts {
    let mut facts = Facts::default();
    let Some(client) = &connection.client else { return facts };
    facts.say("client.id", client.id.as_str());
    facts.say("client.label", client.label.as_str());
    facts.set("client.evidence", super::Fact::new(client.evidence.reason.as_str()).at(client.evidence.place));
    let drivers = catalog().clients.iter().any(|entry| entry.id == client.id && !entry.drivers.is_empty());
    facts.say("client.drivers", drivers);
    facts.say("client.guessed", client.guessed);
    let Some(entry) = entry(connection) else { return facts };
    facts.say("client.libpq", entry.libpq);
    facts.say("client.whatwg", entry.whatwg);
    facts.say("client.strict_percent", entry.strict_percent);
    facts.say("client.several_hosts", entry.several_hosts);
    facts.say("client.open_params", entry.open_params);
    facts.say("client.unknown_param", unknown_param(entry.unknown_param));
    let scheme =
        connection.url().and_then(|(_, parsed)| parsed.scheme.as_ref()).and_then(|part| part.known());
    let rejects = scheme.is_some_and(|scheme| entry.rejects_schemes.iter().any(|known| known == scheme));
    facts.say("client.rejects_scheme", rejects);
    if let Some(size) = &entry.pool.size {
        facts.say("client.pool_in_url", !size.params.is_empty());
        facts.say("client.per_cpu", matches!(size.default, DefaultSize::PerCpu { .. }));
        facts.say_some("client.in_code", size.in_code.as_deref());
        let setting = setting(entry, &size.params, &size.variables, size.in_code.as_deref());
        facts.say_some("client.size_setting", setting);
    }
    facts.say_some("client.size_default", size_default(&entry.pool));
    if let Some(time) = &entry.pool.acquire_timeout {
        let setting = setting(entry, &time.params, &time.variables, time.in_code.as_deref());
        facts.say_some("client.acquire_setting", setting);
    }
    facts
}

fn unknown_param(does: UnknownParam) -> &'static str {
    match does {
        UnknownParam::Ignored => "ignored",
        UnknownParam::Warned => "warned",
        UnknownParam::Error => "error",
        UnknownParam::ErrorServer => "error-server",
        UnknownParam::Unknown => "unknown",
    }
}

/// How something is set, ready for a sentence: by a parameter, else by a variable, in a file of the framework's, or in
/// code.
pub(crate) fn setting(
    entry: &ClientEntry,
    params: &[String],
    variables: &[String],
    in_code: Option<&str>,
) -> Option<String> {
    // Some names tell their file themselves: `pool in config/database.yml`.
    let in_file = in_code.filter(|name| name.contains(" in "));
    if let Some(name) = params.first() {
        // Connection strings of .NET are lists of keywords, which are written so.
        let keyword = name.contains(' ') || name.starts_with(|letter: char| letter.is_ascii_uppercase());
        return Some(match in_file {
            Some(in_file) => format!("{in_file}, or {name} in the URL"),
            None if keyword => format!("{name} in the connection string"),
            None => format!("{name} in the URL"),
        });
    }
    let property = |name: &str| variables.iter().any(|variable| variable == name);
    let in_code = in_code.map(|name| match in_file {
        Some(_) => name.to_owned(),
        None if property(name) => format!("{name} in the configuration"),
        None => format!("{name} in code"),
    });
    match (variables.first(), in_code) {
        (Some(variable), Some(in_code)) if entry.variables_by_code => {
            Some(format!("{in_code}, or {variable} where the code reads that"))
        }
        (Some(variable), Some(in_code)) => Some(format!("{variable}, or {in_code}")),
        (Some(variable), None) => Some(variable.clone()),
        (None, in_code) => in_code,
    }
}

fn size_default(pool: &PoolDefaults) -> Option<String> {
    let size = match &pool.size.as_ref()?.default {
        DefaultSize::Unknown => return None,
        size => size,
    };
    Some(match pool.overflow.as_ref().map(|overflow| &overflow.default) {
        Some(DefaultSize::Fixed(more)) if *more > 0 => format!("{size} + {more}"),
        _ => size.to_string(),
    })
}
