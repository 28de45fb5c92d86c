//! `scheme://…`

use super::ado;
use super::authority;
use super::draft::{Draft, filled};
use super::go_mysql;
use super::query;
use super::raw::{Decoding, Raw};
use super::scheme::Meaning;
use super::{Database, FlawKind, Form, Host, Part};
use crate::span::{Span, UNKNOWN};

/// Parameters with which a URL without host is complete: a socket, libpq's address, or a service file.
const HOST_PARAMS: &[&str] =
    &["host", "hostaddr", "service", "socket", "unix_socket", "unixSocket", "socketPath", "socket_dir"];

/// Reads a URL whose scheme `meaning` tells.
pub(super) fn read(raw: &Raw<'_>, span: Span, meaning: Meaning) -> Draft {
    let mut draft = Draft::new(Form::Url, meaning.database);
    let colon = raw.find(span, |byte| byte == b':').unwrap_or(span.end);
    scheme(raw, &mut draft, Span::new(span.start, colon), meaning);
    let rest = Span::new(colon.saturating_add(3).min(span.end), span.end);
    if meaning.database == Database::SqlServer && ado::is_sqlserver_list(raw, rest) {
        ado::read_sqlserver(raw, &mut draft, rest);
    } else if let Database::MySql | Database::MariaDb = meaning.database
        && let Some(pieces) = go_mysql::pieces(raw, rest)
    {
        go_mysql::read_with_scheme(raw, &mut draft, pieces);
    } else {
        read_rest(raw, &mut draft, rest, true);
    }
    draft
}

fn scheme(raw: &Raw<'_>, draft: &mut Draft, span: Span, meaning: Meaning) {
    let base = Span::new(span.start, span.start.saturating_add(meaning.base).min(span.end));
    draft.out.scheme = Some(raw.part(base, Decoding::Plain));
    let driver = Span::new(base.end.saturating_add(1).min(span.end), span.end);
    draft.out.driver = filled(raw, driver, Decoding::Plain);
    if let Some(instead) = meaning.instead {
        draft.flaw(FlawKind::MisspeltScheme, base, Some(instead));
    }
}

/// Reads what follows `//`. `judge` says whether the credentials follow a URL's rules.
pub(super) fn read_rest(raw: &Raw<'_>, draft: &mut Draft, rest: Span, judge: bool) {
    if rest.is_empty() {
        draft.flaw(FlawKind::MissingAuthority, rest, None);
        return;
    }
    let split = authority::split(raw, rest);
    if let Some(credentials) = split.credentials {
        authority::credentials(raw, draft, credentials, split.hosts, judge);
    }
    if let Some(doubtful) = split.doubtful {
        draft.secret(doubtful);
    }
    authority::hosts(raw, draft, split.hosts);
    if draft.out.hosts.len() > 1
        && draft.out.form == Form::Url
        && draft.out.database_kind != Database::MongoDb
    {
        draft.flaw(FlawKind::SeveralHosts, split.hosts, None);
    }
    let jdbc = draft.out.form == Form::Jdbc;
    let tail = query::tail(raw, Span::new(split.hosts.end, rest.end), !jdbc);
    let path = if raw.byte(tail.path.start) == Some(b'/') {
        Span::new(tail.path.start.saturating_add(1), tail.path.end)
    } else {
        tail.path
    };
    draft.check_text(raw, path, false);
    draft.out.database = filled(raw, path, Decoding::Percent);
    if raw.find(path, |byte| byte == b';').is_some() && query::secrets(raw, draft, path) {
        // Parameters in another driver's form: where the name ends depends on who reads it.
        draft.out.database = Some(Part { span: path, value: UNKNOWN.to_string() });
    }
    draft.out.fragment = tail.fragment;
    if let Some(fragment) = tail.fragment {
        draft.check_text(raw, fragment, false);
    }
    if let Some(query) = tail.query {
        query::read(raw, draft, query);
    }
    apply_params(draft);
    missing_host(draft, split.hosts);
}

/// Parameters that stand for parts of the authority. libpq, Prisma, node-postgres and pgjdbc let `host`
/// override the authority; pgjdbc lets `port` and `dbname` do so too, libpq and the others are given here only
/// what the authority leaves open. MySQL's drivers take a socket from a parameter.
pub(super) fn apply_params(draft: &mut Draft) {
    let jdbc = draft.out.form == Form::Jdbc;
    let value = |draft: &Draft, name: &str| {
        let last = draft.out.params.iter().rev().find(|param| param.name.value == name)?;
        last.value.clone().filter(|part| !part.value.is_empty())
    };
    let names: &[&str] = match draft.out.database_kind {
        Database::PostgreSql | Database::CockroachDb => &["host", "hostaddr"],
        Database::MySql | Database::MariaDb => &["socket", "unix_socket", "unixSocket", "socketPath"],
        _ => &[],
    };
    for name in names {
        let Some(part) = value(draft, name) else { continue };
        let nameless = draft.out.hosts.iter().all(|host| host.name.value.is_empty());
        if nameless || *name == "host" {
            replace_hosts(draft, &part);
        }
    }
    if draft.out.database_kind == Database::PostgreSql {
        if let Some(part) = value(draft, "port") {
            set_ports(draft, &part, jdbc);
        }
        if let Some(part) = value(draft, "dbname")
            && (jdbc || draft.out.database.is_none())
        {
            draft.out.database = Some(part);
        }
    }
    let credentials = match draft.out.database_kind {
        Database::PostgreSql | Database::CockroachDb => true,
        _ => jdbc,
    };
    if credentials {
        if draft.out.user.is_none() {
            draft.out.user = value(draft, "user");
        }
        if draft.out.password.is_none()
            && let Some(part) = value(draft, "password")
        {
            draft.password(part);
        }
    }
}

/// Puts the comma-separated hosts of a parameter in the authority's stead; ports stay where they were.
fn replace_hosts(draft: &mut Draft, part: &Part) {
    let ports: Vec<Option<Part>> = draft.out.hosts.iter().map(|host| host.port.clone()).collect();
    draft.out.hosts = part
        .value
        .split(',')
        .enumerate()
        .map(|(index, name)| Host {
            name: Part { span: part.span, value: name.to_owned() },
            port: ports.get(index).cloned().flatten(),
        })
        .collect();
}

fn set_ports(draft: &mut Draft, part: &Part, overriding: bool) {
    if draft.out.hosts.is_empty() {
        let start = Span::new(part.span.start, part.span.start);
        draft.out.hosts.push(Host { name: Part { span: start, value: String::new() }, port: None });
    }
    let ports: Vec<&str> = part.value.split(',').collect();
    for (index, host) in draft.out.hosts.iter_mut().enumerate() {
        let port = ports.get(index).or(ports.last()).copied().unwrap_or_default();
        if overriding || host.port.is_none() {
            host.port = Some(Part { span: part.span, value: port.to_owned() });
        }
    }
}

fn missing_host(draft: &mut Draft, hosts: Span) {
    let nameless = draft.out.hosts.iter().all(|host| host.name.value.is_empty());
    let named_elsewhere =
        draft.out.params.iter().any(|param| HOST_PARAMS.contains(&param.name.value.as_str()));
    // JDBC drivers take localhost when nothing at all is written.
    let default = draft.out.form == Form::Jdbc && draft.out.hosts.is_empty();
    let bad = draft.out.flaws.iter().any(|flaw| flaw.kind == FlawKind::BadHost);
    if nameless && !named_elsewhere && !default && !bad {
        draft.flaw(FlawKind::MissingHost, Span::new(hosts.start, hosts.start), None);
    }
}
