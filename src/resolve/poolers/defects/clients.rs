//! What clients ask of a pooler that it does not do: named prepared statements, startup parameters.

use crate::catalog::{UnknownParam, catalog, provider_of_host};
use crate::model::{
    Connection, Defect, Deployment, Edit, Fix, Network, PoolerMode, Safety, Workload, WorkloadClass,
};
use crate::resolve::leads::{self, Key};
use crate::resolve::poolers::Setup;
use crate::resolve::targets::{self, Target};
use crate::syntax::connection::Database;

pub(super) fn defects(deployment: &Deployment, setups: &[Setup]) -> Vec<Defect> {
    let mut found = Vec::new();
    for (workload, _, connection) in deployment.connections() {
        if connection.administrative {
            continue;
        }
        let setup = match leads::key(deployment, setups, workload, &connection.address) {
            Some(Key::Pooler(index)) => setups.get(index),
            _ => None,
        };
        if let Some(mut defect) = setup.and_then(|setup| port(deployment, setup, workload, connection)) {
            defect.workload = Some(workload.name.clone());
            found.push(defect.of(connection.variable.clone()));
        }
        let (name, keeping) = match (of_provider(connection), setup) {
            (Some(known), _) => known,
            (None, Some(setup)) => {
                let mode = setup.settings.mode(&setup.kind).value;
                let statements = setup.prepared_statements().value;
                let noticed = setup.kept_statements().map(|kept| kept.deallocate_all_since);
                let pins = catalog().pooler(&setup.kind).is_some_and(|pooler| pooler.deallocate_pins);
                let notices = setup.version.zip(noticed).map(|(version, since)| version >= since);
                (setup.name.as_str(), Keeping { mode, statements, notices, pins })
            }
            (None, None) => continue,
        };
        let defects = [prepared(&keeping, connection), setup.and_then(|setup| startup(setup, connection))];
        found.extend(defects.into_iter().flatten().map(|mut defect| {
            defect.workload = Some(workload.name.clone());
            defect.fact("pooler", name).of(connection.variable.clone())
        }));
    }
    found
}

/// A port at which the pooler does not listen, where nothing stands between the two that might map it.
fn port(
    deployment: &Deployment,
    setup: &Setup,
    workload: &Workload,
    connection: &Connection,
) -> Option<Defect> {
    let runs = deployment.workloads.get(setup.workload?)?;
    // A default of the image may be another one in another version; what is written is sure.
    let listens =
        setup.port.filter(|_| !setup.settings.open && setup.settings.main.contains_key("listen_port"))?;
    let direct = targets::target(deployment, workload, &connection.address) == Target::Workload(runs, None);
    let mapped = runs.endpoints.iter().any(|endpoint| !endpoint.ports.is_empty());
    let own = |workload: &Workload| matches!(workload.network, Network::Own(_));
    if !direct || mapped || !own(runs) || !own(workload) || workload.class == WorkloadClass::Imaginary {
        return None;
    }
    let known = catalog().engine(connection.database_kind.name()).map(|engine| engine.port);
    let asked = connection.address.port.or(known)?;
    let container = runs.containers.iter().find(|one| Some(&one.name) == setup.container.as_ref())?;
    let elsewhere = container.ports.iter().any(|port| port.container == asked)
        || container.shell
        || runs.containers.len() > 1;
    if asked == listens || elsewhere {
        return None;
    }
    let defect = Defect::new("database-port-mismatch", "pooler", connection.place()?)
        .fact("port", usize::from(asked))
        .fact("listens", usize::from(listens))
        .fact("server", runs.name.as_str());
    let place = setup.settings.main.get("listen_port").and_then(|port| port.place);
    Some(match place {
        Some(place) => defect.label(place, format!("it listens on {listens}")),
        None => defect,
    })
}

/// What a pooler does about prepared statements.
struct Keeping {
    mode: Option<PoolerMode>,
    /// How many it keeps.
    statements: Option<u64>,
    /// Whether it notices when a client throws its statements away.
    notices: Option<bool>,
    /// Whether throwing statements away keeps a server connection for the client.
    pins: bool,
}

/// A provider's pooler that is documented to keep no prepared statements in transaction mode.
fn of_provider(connection: &Connection) -> Option<(&'static str, Keeping)> {
    let (provider, endpoint) =
        provider_of_host(connection.address.host.as_deref()?, connection.address.port)?;
    let pooler = catalog().pooler(endpoint.pooler.as_deref()?)?;
    let known = pooler.forgets_statements && endpoint.mode.as_deref() == Some("transaction");
    let keeping =
        Keeping { mode: Some(PoolerMode::Transaction), statements: Some(0), notices: None, pins: false };
    known.then_some((provider.name.as_str(), keeping))
}

/// Named prepared statements in a mode in which each transaction may get another server connection.
fn prepared(keeping: &Keeping, connection: &Connection) -> Option<Defect> {
    const RULE: &str = "pooler-prepared-statements";
    let (text, parsed) = connection.url()?;
    let client = connection.client.as_ref()?;
    let engine = connection.database_kind.name();
    let uses = catalog().client_for(&client.label, engine)?.prepared_statements.as_ref()?;
    let value = |name: &str| {
        let param = parsed.params.iter().find(|param| param.name.known() == Some(name))?;
        param.value.as_ref()?.known()
    };
    let place = connection.place()?;
    let off = uses.off.iter().any(|(name, without)| value(name) == Some(without.as_str()));
    if off && uses.deallocates && keeping.pins {
        return Some(Defect::new(RULE, "pinned", place).fact("client", client.label.as_str()));
    }
    let mode = keeping.mode.filter(|mode| *mode != PoolerMode::Session)?;
    let kept = keeping.statements?;
    let defect =
        |kind| Defect::new(RULE, kind, place).fact("client", client.label.as_str()).fact("mode", mode.name());
    if kept == 0 && !off && !uses.deallocates {
        return Some(defect("cache"));
    }
    if kept == 0 && !off {
        let end = text.as_str().len();
        let (name, without) = uses.off.iter().next()?;
        let open = parsed.fragment.is_none() && value(name).is_none();
        let fix = text.editable(end..end).filter(|_| open).map(|place| {
            let separator = if parsed.params.is_empty() { '?' } else { '&' };
            Fix {
                safety: Safety::Safe,
                title: format!("add {name}={without}"),
                edits: vec![Edit { place, text: format!("{separator}{name}={without}") }],
                withheld: false,
            }
        });
        return Some(defect("missing").fix(fix));
    }
    if kept == 0 || !off || !uses.deallocates {
        return None;
    }
    keeping.notices.map(|notices| defect(if notices { "unnecessary" } else { "untracked" }))
}

/// Startup parameters that the pooler neither tracks nor ignores: it refuses the connection.
fn startup(setup: &Setup, connection: &Connection) -> Option<Defect> {
    let accepted = setup.startup_parameters().value?;
    let accepts = |name: &str| accepted.iter().any(|known| known == &name.to_ascii_lowercase());
    let (text, parsed) = connection.url()?;
    let engine = setup.engine.unwrap_or(Database::PostgreSql.name());
    let client = connection.client.as_ref().and_then(|client| catalog().client(&client.label));
    let reads = catalog().pooler(&setup.kind).and_then(|pooler| pooler.options_read_since);
    let looks = reads.is_some_and(|since| setup.version.is_none_or(|version| version >= since));
    parsed.params.iter().find_map(|param| {
        let name = param.name.known()?;
        let place = text.place_of(param.span.range())?;
        let defect = |kind, setting: &str| {
            Defect::new("pooler-startup-params", kind, place).fact("parameter", setting)
        };
        if name == "options" {
            if accepts("options") {
                return None;
            }
            let value = param.value.as_ref()?.known()?;
            return match settings(value).iter().find(|setting| !accepts(setting)) {
                Some(setting) if looks => Some(defect("inside", setting)),
                None if looks => None,
                _ => Some(defect("options", "options")),
            };
        }
        let sent = catalog()
            .engine(engine)
            .is_some_and(|engine| engine.session_settings.iter().any(|known| known == name))
            && client.is_some_and(|client| {
                client.unknown_param == UnknownParam::ErrorServer
                    && !client.params.iter().any(|known| known.name == name)
            });
        (sent && !accepts(name)).then(|| defect("parameter", name))
    })
}

/// The names set by `-c name=value` and `--name=value`.
fn settings(options: &str) -> Vec<String> {
    let mut names = Vec::new();
    for word in options.split_whitespace() {
        let word = word.strip_prefix("--").or_else(|| word.strip_prefix("-c")).unwrap_or(word);
        if let Some((name, _)) = word.split_once('=') {
            names.push(name.replace('-', "_"));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::settings;

    #[test]
    fn settings_inside_options() {
        assert_eq!(
            settings("-c statement_timeout=5000 -csearch_path=x --lock-timeout=1"),
            ["statement_timeout", "search_path", "lock_timeout"]
        );
        assert!(settings("endpoint").is_empty());
    }
}
