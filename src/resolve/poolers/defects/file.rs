//! What PgBouncer refuses or misreads in its ini.

use crate::catalog::{ImageRole, PoolerValue, catalog};
use crate::model::{Container, Defect, Deployment, Edit, Fix, Network, Role, Safety, Workload};
use crate::resolve::poolers::Setup;
use crate::resolve::{Context, connections, targets};
use crate::span::{FileId, Place};
use crate::syntax::ini::{Ini, Section, Setting};
use crate::tree::Kind;

const RULE: &str = "pooler-invalid-setting";

pub(super) fn defects(context: &Context<'_>, deployment: &Deployment, setup: &Setup) -> Vec<Defect> {
    let Some((file, ini)) = setup.ini.as_ref().map(|(file, ini)| (*file, ini)) else { return Vec::new() };
    let workload = setup.workload.and_then(|index| deployment.workloads.get(index));
    let container = workload.and_then(|workload| {
        workload.containers.iter().find(|one| Some(&one.name) == setup.container.as_ref())
    });
    let as_it_is = container.is_some_and(|container| nothing_expands(context, container, file));
    let mut found = of_ini(file, ini, as_it_is);
    found.extend(workload.zip(container).and_then(|run| port(setup, run, file, ini)));
    found.extend(workload.into_iter().flat_map(|workload| upstreams(deployment, workload, setup)));
    for defect in &mut found {
        defect.workload = workload.map(|workload| workload.name.clone());
    }
    found
}

/// What the file alone tells. `as_it_is` when nothing expands references in it.
pub(super) fn of_ini(file: FileId, ini: &Ini, as_it_is: bool) -> Vec<Defect> {
    let sections = ini.sections.iter();
    let settings =
        sections.flat_map(|section| section.settings.iter().map(move |setting| (section, setting)));
    settings.filter_map(|(section, setting)| of_setting(file, section, setting, as_it_is)).collect()
}

/// Databases on the pooler's own `localhost`, where no server runs.
fn upstreams(deployment: &Deployment, workload: &Workload, setup: &Setup) -> Vec<Defect> {
    let alone = workload.containers.iter().filter(|container| container.role != Role::Init).count() == 1;
    if !alone || !matches!(workload.network, Network::Own(_)) {
        return Vec::new();
    }
    let serves = |other: &&Workload| {
        targets::serves(other).is_some_and(|(_, image)| {
            image.role == ImageRole::Server && image.engine.as_deref() == Some("postgresql")
        })
    };
    let servers: Vec<&Workload> = deployment.workloads.iter().filter(serves).collect();
    let [server] = servers.as_slice() else { return Vec::new() };
    setup
        .settings
        .databases
        .iter()
        .filter_map(|entry| {
            let host = entry.options.get("host")?;
            let (name, place) = (host.value.as_deref()?, host.place?);
            if !targets::is_local(name) || name.starts_with('/') {
                return None;
            }
            let defect = Defect::new("localhost-in-container", "server", place)
                .fact("host", name)
                .fact("server", server.name.as_str());
            Some(match server.place {
                Some(place) => defect.label(place, "the database server"),
                None => defect,
            })
        })
        .collect()
}

/// Whether the file reaches PgBouncer as it stands in the repository: mounted under the very name that it opens, by a
/// container of a known image that runs no script.
fn nothing_expands(context: &Context<'_>, container: &Container, file: FileId) -> bool {
    let path = context.files.path(file);
    let in_map = context.files.get(file).is_some_and(|source| source.kind != Kind::PgBouncer);
    let mounted = in_map
        || container.mounts.iter().any(|mount| {
            mount.path().is_some_and(|source| {
                source == path && mount.inside.ends_with("pgbouncer.ini")
                    || path.starts_with(&format!("{source}/"))
            })
        });
    // An image of one's own may expand it when it starts.
    let known = connections::role(container).is_some();
    mounted
        && known
        && !container.shell
        && container.command.iter().all(|word| !word.as_str().contains("envsubst"))
}

fn of_setting(file: FileId, section: &Section, setting: &Setting, as_it_is: bool) -> Option<Defect> {
    let text = setting.value.as_str();
    let place = Place::new(file, setting.value_span);
    let defect = |kind, place| Defect::new(RULE, kind, place).fact("setting", setting.key.as_str());
    if text.contains("${") {
        return as_it_is.then(|| defect("reference", place));
    }
    if section.name != "pgbouncer" || setting.key == "%include" {
        return None;
    }
    let Some(known) = catalog().pooler("pgbouncer").and_then(|pooler| pooler.setting(&setting.key)) else {
        return Some(unknown(file, setting));
    };
    let takes = known.takes;
    if takes == PoolerValue::Text || fits(text, takes) {
        return None;
    }
    let edit = |title: &str, to: String| Fix {
        safety: Safety::Safe,
        title: title.to_owned(),
        edits: vec![Edit { place: place.into(), text: to }],
        withheld: false,
    };
    let head = text.split([';', '#']).next().unwrap_or_default().trim_end();
    if head.len() < text.len() {
        if !fits(head, takes) {
            return Some(defect("comment", place));
        }
        let fix = edit("take the comment off the line", head.to_owned());
        return Some(defect("comment", place).fact("value", head).fix(Some(fix)));
    }
    if let Some(seconds) = seconds(text).filter(|_| takes == PoolerValue::Seconds) {
        let fix = edit("write plain seconds", seconds.clone());
        return Some(defect("unit", place).fact("value", text).fact("seconds", seconds).fix(Some(fix)));
    }
    Some(defect(if takes == PoolerValue::Mode { "mode" } else { "number" }, place))
}

fn unknown(file: FileId, setting: &Setting) -> Defect {
    let place = Place::new(file, setting.key_span);
    let mut defect = Defect::new(RULE, "key", place).fact("setting", setting.key.as_str());
    // Options of a database that people write into the main section.
    let meant = match setting.key.as_str() {
        "pool_size" => Some("default_pool_size"),
        "reserve_pool" => Some("reserve_pool_size"),
        "max_connections" | "max_client_connections" => Some("max_client_conn"),
        _ => None,
    };
    if let Some(meant) = meant {
        defect = defect.fact("meant", meant);
    }
    defect
}

fn fits(text: &str, takes: PoolerValue) -> bool {
    match takes {
        PoolerValue::Text => true,
        PoolerValue::Count => text.parse::<i64>().is_ok(),
        PoolerValue::Seconds => {
            text.parse::<f64>().is_ok() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        }
        PoolerValue::Mode => matches!(text, "session" | "transaction" | "statement"),
    }
}

/// `30s`, `5min`, `500ms` as plain seconds.
fn seconds(text: &str) -> Option<String> {
    let cut = text.find(|char: char| !char.is_ascii_digit())?;
    let (digits, unit) = text.split_at_checked(cut)?;
    let number: u64 = digits.parse().ok()?;
    let factor = match unit.trim() {
        "ms" if number.is_multiple_of(1000) => {
            return number.checked_div(1000).map(|seconds| seconds.to_string());
        }
        "s" | "sec" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3600,
        _ => return None,
    };
    number.checked_mul(factor).map(|seconds| seconds.to_string())
}

/// A port other than the one that is published or that a Service leads to. What a pod merely declares changes nothing.
fn port(
    setup: &Setup,
    (workload, container): (&Workload, &Container),
    file: FileId,
    ini: &Ini,
) -> Option<Defect> {
    let listens = setup.port?;
    let published = container.ports.iter().filter(|port| port.published.is_some()).map(|port| port.container);
    let served = workload.endpoints.iter().flat_map(|endpoint| &endpoint.ports).map(|(_, port)| *port);
    let reached: Vec<u16> = published.chain(served).collect();
    let first = *reached.first()?;
    let declared = container.ports.iter().any(|port| port.container == listens);
    if setup.settings.open || declared || reached.contains(&listens) {
        return None;
    }
    let header = ini.sections.iter().find(|section| section.name == "pgbouncer")?;
    let written = setup.settings.main.get("listen_port").and_then(|port| port.place);
    let place = written.unwrap_or_else(|| Place::new(file, header.span));
    let defect = Defect::new(RULE, "port", place)
        .fact("setting", "listen_port")
        .fact("listens", usize::from(listens))
        .fact("port", usize::from(first));
    Some(match container.ports.iter().find_map(|port| port.place) {
        Some(place) => defect.label(place, "the container's port"),
        None => defect,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::ini::{Dialect, parse};

    #[test]
    fn what_pgbouncer_refuses() {
        type Found<'a> = Option<(&'a str, Option<&'a str>)>;
        let table: &[(&str, Found<'_>)] = &[
            ("default_pool_size = 20", None),
            ("pool_mode = transaction", None),
            ("query_wait_timeout = 2.5", None),
            ("auth_query = SELECT 1 -- # no number", None),
            ("default_pool_size = 20 # for all", Some(("comment", Some("20")))),
            ("pool_mode = transaction ; fast", Some(("comment", Some("transaction")))),
            ("query_wait_timeout = 30s", Some(("unit", Some("30")))),
            ("server_lifetime = 5min", Some(("unit", Some("300")))),
            ("server_lifetime = 500ms", Some(("number", None))),
            ("default_pool_size = many", Some(("number", None))),
            ("pool_mode = fast", Some(("mode", None))),
            ("pool_size = 20", Some(("key", None))),
            ("default_pool_size = ${SIZE}", Some(("reference", None))),
        ];
        for (line, expected) in table {
            let ini = parse(&format!("[pgbouncer]\n{line}\n"), Dialect::PgBouncer);
            let section = ini.sections.last().unwrap();
            let found = of_setting(FileId(0), section, &section.settings[0], true);
            let shown = found
                .as_ref()
                .map(|defect| (defect.kind, defect.fix.as_ref().map(|fix| fix.edits[0].text.as_str())));
            assert_eq!(shown, *expected, "{line}");
        }
        let ini = parse("[databases]\nshop = host=${HOST}\n", Dialect::PgBouncer);
        let section = ini.sections.last().unwrap();
        assert!(
            of_setting(FileId(0), section, &section.settings[0], false).is_none(),
            "something may expand it"
        );
        assert!(of_setting(FileId(0), section, &section.settings[0], true).is_some());
    }
}
