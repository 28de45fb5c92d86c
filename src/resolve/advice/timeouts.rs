//! PostgreSQL servers that let statements and forgotten transactions run for ever.

use crate::model::{
    Connection, Container, Defect, Deployment, Mount, MountSource, Server, Workload, WorkloadClass,
};
use crate::resolve::{limits, targets};

/// The rule's name.
const RULE: &str = "db-timeouts-missing";

/// The two settings that end what nobody waits for any more.
const SETTINGS: [&str; 2] = ["statement_timeout", "idle_in_transaction_session_timeout"];

/// What the servers that the deployment runs lack.
pub(super) fn defects(deployment: &Deployment) -> Vec<Defect> {
    if deployment.kind.is_lone() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for server in deployment.servers.iter().filter(|server| server.engine == "postgresql") {
        let Some(workload) =
            deployment.workloads.iter().find(|it| Some(&it.name) == server.workload.as_ref())
        else {
            continue;
        };
        let Some((container, _)) = targets::serves(workload) else { continue };
        let mut defect = match defect(deployment, server, container) {
            Some(defect) => defect.fact("server", server.name.as_str()),
            None => continue,
        };
        defect.workload = Some(workload.name.clone());
        found.push(defect);
    }
    found
}

fn defect(deployment: &Deployment, server: &Server, container: &Container) -> Option<Defect> {
    let place = server.place?;
    if let Some((ends, at)) = set(container, "statement_timeout") {
        // Those who wait for a connection give up before the statement that holds it is ended.
        let waits = waits(deployment, server)?;
        let slower = ends.filter(|ends| *ends > waits)?;
        return Some(
            Defect::new(RULE, "slower", at.unwrap_or(place))
                .fact("statement", seconds(slower))
                .fact("acquire", seconds(waits)),
        );
    }
    let untold = container.build.is_some()
        || container.shell
        || container.command.iter().any(|word| !word.is_known() || word.as_str().contains("config_file"))
        || container.mounts.iter().any(may_set);
    let missing: Vec<&str> = SETTINGS.into_iter().filter(|name| set(container, name).is_none()).collect();
    let in_urls = deployment.connections().any(|(_, _, connection)| {
        connection.url().is_some_and(|(text, _)| text.as_str().contains("statement_timeout"))
    });
    if untold || in_urls || missing.len() < SETTINGS.len() || server.consumers.is_empty() {
        return None;
    }
    Some(Defect::new(RULE, "missing", place))
}

/// Whether a mount may hold settings, or SQL that gives them to roles.
fn may_set(mount: &Mount) -> bool {
    let inside = mount.inside.as_str();
    let volume = mount.source == MountSource::Volume;
    !volume && (inside.contains("initdb") || inside.ends_with(".conf") || inside.contains("postgresql"))
}

/// A setting of the command, in seconds where that is known.
fn set(container: &Container, name: &str) -> Option<(Option<f64>, Option<crate::span::Place>)> {
    container.command.iter().find_map(|word| {
        let text = word.as_str().trim_start_matches("--").trim_start_matches("-c");
        let value = limits::strip_setting(text, name)?.strip_prefix('=')?;
        Some((duration(value), word.place_of(0..word.as_str().len())))
    })
}

/// PostgreSQL's times: a bare number is milliseconds (PostgreSQL documentation, "Parameter Names and Values").
fn duration(value: &str) -> Option<f64> {
    let value = value.trim_matches(['\'', '"', ' ']);
    let end = value.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(value.len());
    let number: f64 = value.get(..end)?.parse().ok()?;
    let scale = match value.get(end..)?.trim() {
        "" | "ms" => 0.001,
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Some(number * scale)
}

/// The shortest written wait for a connection among those who connect, in seconds. Migrations and jobs wait for
/// themselves.
fn waits(deployment: &Deployment, server: &Server) -> Option<f64> {
    let serving = |workload: &Workload, connection: &Connection| {
        !connection.administrative
            && !matches!(workload.class, WorkloadClass::OneShot | WorkloadClass::Scheduled)
    };
    let all = deployment.connections().filter(|(workload, _, connection)| serving(workload, connection));
    let times = all.filter_map(|(workload, _, connection)| {
        let time = &connection.pool.acquire_timeout;
        let here = server.consumers.iter().any(|consumer| {
            matches!(&consumer.kind, crate::model::ConsumerKind::Workload { workload: name, .. } if *name == workload.name)
        });
        time.value.filter(|value| here && time.is_explicit() && *value > 0.0)
    });
    times.min_by(f64::total_cmp)
}

fn seconds(value: f64) -> crate::model::DefectFact {
    crate::model::DefectFact::Number(value)
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn times_of_postgresql() {
        for (value, seconds) in
            [("15000", Some(15.0)), ("15s", Some(15.0)), ("'2min'", Some(120.0)), ("1d", None)]
        {
            assert_eq!(duration(value), seconds, "{value}");
        }
    }
}
