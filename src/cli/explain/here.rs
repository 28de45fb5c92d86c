//! What a repository sets: for each setting that governs an error the file that sets it now, and what the budget says
//! about raising it.

use crate::catalog::{DefaultSize, ErrorEntry, Governing, SETTINGS, Said, TimeSetting, catalog};
use crate::config::ORIGIN;
use crate::model::{
    Basis, Connection, Consumer, ConsumerKind, Deployment, Located, Model, Pooler, Remedy, Server, Size,
    Verdict, Workload,
};
use crate::resolve::{PoolRoom, pool_room};
use crate::rules::facts::client_setting;
use crate::tree::Files;

/// Places that are told of one setting at most.
const MOST: usize = 8;

/// The repository, and the error that is met there.
pub(super) struct Here<'a> {
    /// What is believed.
    pub model: &'a Model,
    /// For places.
    pub files: &'a Files,
    /// The error.
    pub entry: &'a ErrorEntry,
}

impl Here<'_> {
    /// A line for each place where `setting` is set.
    pub fn lines(&self, setting: &Governing, said: Option<&Said>) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for deployment in &self.model.deployments {
            for line in self.of(deployment, setting, said) {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        // What is known comes first.
        lines.sort_by_key(|line| line.contains(": not known;"));
        if lines.len() > MOST {
            let rest = lines.len().saturating_sub(MOST);
            lines.truncate(MOST);
            lines.push(format!("and {rest} more, which `poollint budget` shows"));
        }
        if lines.is_empty() {
            lines.extend(self.nothing(setting, said));
        }
        lines
    }

    fn of(&self, deployment: &Deployment, setting: &Governing, said: Option<&Said>) -> Vec<String> {
        let connections = || self.connections(deployment);
        let time = |of: fn(&Connection) -> &Located<f64>| {
            connections()
                .filter_map(|(workload, connection)| {
                    let value = seconds(of(connection))?;
                    let same = same(said, setting, of(connection).value);
                    let from = self.source(of(connection));
                    let remedy = if of(connection).is_explicit() { None } else { put(connection, setting) };
                    let put = remedy.unwrap_or_default();
                    Some(format!("{}: {value}{from}{same}{put}", subject(workload, connection, deployment)))
                })
                .collect()
        };
        match setting.name.as_str() {
            "pool-size" => connections()
                .map(|(workload, connection)| self.pool(deployment, workload, connection, setting, said))
                .collect(),
            "acquire-timeout" => time(|connection| &connection.pool.acquire_timeout),
            "connect-timeout" => time(|connection| &connection.pool.connect_timeout),
            "idle-timeout" => time(|connection| &connection.pool.idle_timeout),
            "max-lifetime" => time(|connection| &connection.pool.max_lifetime),
            "address" => connections()
                .filter(|(_, connection)| leads(connection, said))
                .map(|(workload, connection)| {
                    let from = connection.place().map(|place| self.at(place)).unwrap_or_default();
                    format!("{} leads there{from}", subject(workload, connection, deployment))
                })
                .collect(),
            "max-connections" => {
                self.servers(deployment).map(|server| self.limit(deployment, server)).collect()
            }
            "reserved" => self
                .servers(deployment)
                .filter_map(|server| {
                    let reserved = server.reserved.value?;
                    Some(format!("{}: {reserved}{}", on(server, deployment), self.source(&server.reserved)))
                })
                .collect(),
            name => {
                self.poolers(deployment).filter_map(|pooler| self.pooler(deployment, pooler, name)).collect()
            }
        }
    }

    /// The connections that the error can be about.
    fn connections<'a>(
        &'a self,
        deployment: &'a Deployment,
    ) -> impl Iterator<Item = (&'a Workload, &'a Connection)> {
        let engines = self.engines();
        deployment
            .connections()
            .filter(|(_, _, connection)| !connection.administrative && connection.repeats.is_none())
            .filter(move |(_, _, connection)| match &connection.client {
                _ if self.entry.clients.is_empty() => {
                    let kind = connection.database_kind.name();
                    engines.is_empty() || engines.contains(&kind) || kind == "unknown"
                }
                Some(client) => self.entry.clients.contains(&client.id),
                None => false,
            })
            .map(|(workload, _, connection)| (workload, connection))
    }

    /// The engines that the layer names; none where it names none.
    fn engines(&self) -> Vec<&'static str> {
        let engines = catalog().engines.iter();
        engines
            .filter(|engine| self.entry.layer.contains(&engine.name))
            .map(|engine| engine.id.as_str())
            .collect()
    }

    fn servers<'a>(&'a self, deployment: &'a Deployment) -> impl Iterator<Item = &'a Server> {
        let engines = self.engines();
        deployment.servers.iter().filter(move |server| {
            engines.is_empty() || engines.contains(&server.engine.as_str()) || server.engine == "unknown"
        })
    }

    /// The poolers of the kind that is the layer, else all.
    fn poolers<'a>(&'a self, deployment: &'a Deployment) -> impl Iterator<Item = &'a Pooler> {
        let kind = catalog().poolers.iter().find(|pooler| pooler.name == self.entry.layer);
        deployment.poolers.iter().filter(move |pooler| kind.is_none_or(|kind| kind.id == pooler.kind))
    }

    fn pool(
        &self,
        deployment: &Deployment,
        workload: &Workload,
        connection: &Connection,
        setting: &Governing,
        said: Option<&Said>,
    ) -> String {
        let subject = subject(workload, connection, deployment);
        let size = &connection.pool.size;
        let value = match size.value {
            Some(Size::Limit(limit)) => limit.to_string(),
            Some(Size::Unlimited) => "without limit".to_owned(),
            None => return format!("{subject}: {}", unknown_pool(connection, setting)),
        };
        let number = match size.value {
            Some(Size::Limit(limit)) => Some(as_number(limit)),
            _ => None,
        };
        let overflow = match connection.pool.overflow.value {
            Some(Size::Limit(more)) if more > 0 => {
                format!(" + {more}{}", self.source(&connection.pool.overflow))
            }
            _ => String::new(),
        };
        let same = same(said, setting, number);
        let put = if size.is_explicit() { None } else { put(connection, setting) }.unwrap_or_default();
        let raised = self.raised(deployment, workload, connection).map(|text| format!("; {text}"));
        format!("{subject}: {value}{}{overflow}{same}{put}{}", self.source(size), raised.unwrap_or_default())
    }

    /// What the budget says about a larger pool.
    fn raised(
        &self,
        deployment: &Deployment,
        workload: &Workload,
        connection: &Connection,
    ) -> Option<String> {
        let is_it = |consumer: &&Consumer| {
            matches!(&consumer.kind, ConsumerKind::Workload { workload: name, variable, .. }
                if *name == workload.name && *variable == connection.variable)
        };
        for server in &deployment.servers {
            let Some(consumer) = server.consumers.iter().find(is_it) else { continue };
            return Some(match pool_room(server, consumer) {
                Some(room) => larger(server, room),
                None if server.max_connections.value.is_none() => unknown_limit(server),
                None => format!("what that adds up to at {} is not known", server.name),
            });
        }
        let pooler = deployment
            .poolers
            .iter()
            .find(|pooler| pooler.consumers.iter().any(|consumer| is_it(&consumer)))?;
        let asked = pooler.demand.numbers.rollout;
        Some(match pooler.max_client_conn.value {
            Some(limit) => format!(
                "a larger one counts against max_client_conn of {} ({asked} of {} asked), not against the server",
                pooler.name,
                limit.saturating_mul(pooler.instances.max),
            ),
            None => format!("a larger one counts at {}, not at the server", pooler.name),
        })
    }

    fn limit(&self, deployment: &Deployment, server: &Server) -> String {
        let on = on(server, deployment);
        let Some(limit) = server.max_connections.value else {
            return format!("{on}: not known; declare it under [databases] in poollint.toml");
        };
        let asked = server.demand.numbers.max.max(server.demand.numbers.rollout);
        let least = if server.demand.complete { "" } else { "at least " };
        let least_limit = server.remedies.iter().find_map(|remedy| match remedy {
            Remedy::Limit { at_least } => Some(*at_least),
            _ => None,
        });
        let verdict = match (server.verdict, least_limit) {
            (Verdict::Fits, _) => "which fits: what is known here gives no reason to raise it".to_owned(),
            (Verdict::Unknown, _) => "whether that fits is not known".to_owned(),
            (verdict, Some(at_least)) => format!("{}: it would fit from {at_least}", verdict.name()),
            (verdict, None) if server.demand.unlimited => {
                format!("{}: a pool without limit fits under no limit", verdict.name())
            }
            (verdict, None) => verdict.name().to_owned(),
        };
        let asked = plural(asked, "connection");
        let put = match (server.max_connections.basis, catalog().engine(&server.engine)) {
            (Basis::EngineDefault | Basis::ImageDefault, Some(engine)) => match engine.settings.first() {
                Some(name) => format!(": {name} in the server's command or configuration would"),
                None => String::new(),
            },
            _ => String::new(),
        };
        let from = self.source(&server.max_connections).replacen(')', &format!("{put})"), 1);
        format!("{on}: {limit}{from}; {least}{asked} asked for, {verdict}")
    }

    fn pooler(&self, deployment: &Deployment, pooler: &Pooler, name: &str) -> Option<String> {
        let on = format!("{}, {}", pooler.name, deployment.name);
        let told = |value: Option<String>, from: String| Some(format!("{on}: {}{from}", value?));
        match name {
            "max_client_conn" => {
                let value = &pooler.max_client_conn;
                let asked = plural(pooler.demand.numbers.rollout, "client connection");
                let limit = value.value?.saturating_mul(pooler.instances.max);
                let text = format!("{on}: {}{}", value.value?, self.source(value));
                Some(format!("{text}; {asked} of {limit} asked for, and a higher limit opens none at the server"))
            }
            "pool_mode" => {
                told(pooler.mode.value.map(|mode| mode.name().to_owned()), self.source(&pooler.mode))
            }
            "max_prepared_statements" => {
                let value = &pooler.max_prepared_statements;
                told(value.value.map(|count| count.to_string()), self.source(value))
            }
            _ => deployment.servers.iter().find_map(|server| {
                let consumer = server.consumers.iter().find(|consumer| {
                    matches!(&consumer.kind, ConsumerKind::Pooler { pooler: name, .. } if *name == pooler.name)
                })?;
                let value = &consumer.factors.iter().find(|factor| factor.name == name)?.value;
                let count = match value.value? {
                    Size::Limit(count) => count.to_string(),
                    Size::Unlimited => "without limit".to_owned(),
                };
                let free = match (server.demand.complete, server.budget) {
                    (true, Some(budget)) => format!(
                        "; {} asks {} of a budget of {budget}",
                        server.name, server.demand.numbers.max
                    ),
                    (false, Some(budget)) => format!(
                        "; {} asks at least {} of a budget of {budget}",
                        server.name, server.demand.numbers.max
                    ),
                    _ => format!("; {}", unknown_limit(server)),
                };
                Some(format!("{on}: {count}{}{free}", self.source(value)))
            }),
        }
    }

    /// What can be said where nothing sets it.
    fn nothing(&self, setting: &Governing, said: Option<&Said>) -> Option<String> {
        let text = match setting.name.as_str() {
            "address" if matches!(said, Some(Said::Host { .. })) => {
                "no connection that is known here leads to the host of the message"
            }
            "address" => return None,
            "pool-size" | "acquire-timeout" | "connect-timeout"
                if !self.entry.clients.is_empty()
                    && self
                        .model
                        .deployments
                        .iter()
                        .all(|deployment| self.connections(deployment).next().is_none()) =>
            {
                return Some(format!("no connection here is known to be {}'s", self.entry.layer));
            }
            name if SETTINGS.contains(&name) => "nothing is known of it here",
            _ => return None,
        };
        Some(text.to_owned())
    }

    fn source<T>(&self, value: &Located<T>) -> String {
        if value.note.as_deref() == Some(ORIGIN) {
            return String::new();
        }
        if let Some(place) = value.place.filter(|_| value.is_explicit()) {
            return self.at(place);
        }
        let word = match value.basis {
            Basis::ClientDefault => "client default",
            Basis::ImageDefault => "image default",
            Basis::EngineDefault => "engine default",
            Basis::PlatformDefault => "platform default",
            Basis::PoolerDefault => "pooler default",
            Basis::Plan => "plan",
            Basis::Written | Basis::Declared | Basis::Derived | Basis::Unknown => return String::new(),
        };
        let may = if value.overridable { ", code may change it" } else { "" };
        format!(" ({word}, nothing here sets it{may})")
    }

    fn at(&self, place: crate::span::Place) -> String {
        format!(" ({}:{})", self.files.path(place.file), self.files.line(place))
    }
}

/// The client's own setting that `setting` means.
fn own(connection: &Connection, setting: &Governing) -> Option<String> {
    let client = connection.client.as_ref()?;
    let entry = catalog().client_for(&client.label, connection.database_kind.name())?;
    let pool = &entry.pool;
    let of_time =
        |time: &TimeSetting| client_setting(entry, &time.params, &time.variables, time.in_code.as_deref());
    match setting.name.as_str() {
        "pool-size" => {
            let size = pool.size.as_ref()?;
            client_setting(entry, &size.params, &size.variables, size.in_code.as_deref())
        }
        "acquire-timeout" => of_time(pool.acquire_timeout.as_ref()?),
        "connect-timeout" => of_time(pool.connect_timeout.as_ref()?),
        "idle-timeout" => of_time(pool.idle_timeout.as_ref()?),
        "max-lifetime" => of_time(pool.max_lifetime.as_ref()?),
        _ => None,
    }
}

/// Where somebody would put it.
fn put(connection: &Connection, setting: &Governing) -> Option<String> {
    Some(format!("; {} would set it", own(connection, setting)?))
}

/// A pool whose size no file tells: by what its client does then, when that is known.
fn unknown_pool(connection: &Connection, setting: &Governing) -> String {
    let Some(client) = &connection.client else {
        return "not known: nothing here sets it, and nothing tells the client; declare it under [workloads] in \
                poollint.toml"
            .to_owned();
    };
    let entry = catalog().client_for(&client.label, connection.database_kind.name());
    let default = entry.and_then(|entry| entry.pool.size.as_ref()).map(|size| &size.default);
    let written = connection.pool.size_setting.is_some();
    match default {
        Some(default @ DefaultSize::PerCpu { .. }) if !written => format!(
            "{default} of the node (client default, nothing here sets it){}",
            put(connection, setting).unwrap_or_default()
        ),
        _ => "not known; declare it under [workloads] in poollint.toml".to_owned(),
    }
}

fn subject(workload: &Workload, connection: &Connection, deployment: &Deployment) -> String {
    match deployment.kind {
        kind if kind.is_lone() => format!("{}, {}", connection.variable, deployment.name),
        _ => format!("{} ({}), {}", workload.name, connection.variable, deployment.name),
    }
}

fn on(server: &Server, deployment: &Deployment) -> String {
    format!("{}, {}", server.name, deployment.name)
}

fn larger(server: &Server, room: PoolRoom) -> String {
    let PoolRoom { pool, each, at_most } = room;
    let name = &server.name;
    let more = format!("one more in each process opens {} more at {name}", plural(each, "connection"));
    match (at_most, server.budget) {
        (Some(0), _) => format!("{more}, which has no room even for a pool of one"),
        (Some(most), Some(budget)) if most > pool => {
            format!("{more}, and up to {most} fit its budget of {budget}")
        }
        (Some(most), Some(budget)) if most == pool => {
            format!("{more}, and no more than these {most} fit its budget of {budget}")
        }
        (Some(most), Some(budget)) => {
            format!("{more}, which is asked too much already: at most {most} fit its budget of {budget}")
        }
        _ if server.max_connections.value.is_none() => format!("{more}; {}", unknown_limit(server)),
        _ => format!("{more}; not everybody who connects there is known, so its room is not either"),
    }
}

fn plural(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn unknown_limit(server: &Server) -> String {
    format!("the limit of {} is not known", server.name)
}

fn seconds(value: &Located<f64>) -> Option<String> {
    value.value.map(|seconds| if seconds > 0.0 { format!("{seconds} s") } else { "without limit".to_owned() })
}

/// Whether the message speaks of this very value.
fn same(said: Option<&Said>, setting: &Governing, value: Option<f64>) -> &'static str {
    let (Some(Said::Number(said)), Some(value)) = (said, value) else { return "" };
    let said = if setting.unit.as_deref() == Some("ms") { said / 1000.0 } else { *said };
    if (said - value).abs() < 0.001 { ", as in the message" } else { "" }
}

fn leads(connection: &Connection, said: Option<&Said>) -> bool {
    let Some(Said::Host { host, port }) = said else { return false };
    connection.address.host.as_ref() == Some(host)
        && (port.is_none() || connection.address.port.is_none() || connection.address.port == *port)
}

#[expect(clippy::cast_precision_loss, reason = "pool sizes are far below 2^52")]
fn as_number(count: u64) -> f64 {
    count as f64
}
