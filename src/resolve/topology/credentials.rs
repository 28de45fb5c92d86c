//! Users, passwords and databases that the addressed server does not have.

use std::collections::BTreeMap;

use super::{Way, Written};
use crate::catalog::{Image, ImageRole, VariableMeaning};
use crate::model::{Container, Defect, DefectFact, DeploymentKind, Source, Variable};
use crate::resolve::targets::{self, Target};
use crate::syntax::connection::Database;

/// Databases that every PostgreSQL server has (PostgreSQL documentation, "Template Databases").
const ALWAYS: [&str; 3] = ["postgres", "template0", "template1"];

pub(super) fn defects(way: &Way<'_>) -> Vec<Defect> {
    let told = |server: &Server<'_>| server.image.superuser && !adds_roles(server.container);
    let Some(server) = server(way).filter(told) else { return Vec::new() };
    let mut found = Vec::new();
    let user = user(way, &server);
    let wrong_user = user.is_some();
    found.extend(user);
    if !wrong_user {
        found.extend(password(way, &server));
    }
    found.extend(database(way, &server));
    found
}

/// Whether the addressed server is made with the very password that the connection has.
pub(super) fn has_servers_password(way: &Way<'_>) -> bool {
    let made = server(way).and_then(|server| server.password());
    made.is_some() && made == password_of(way).map(|(wanted, _)| wanted)
}

/// The server that a connection addresses, when the image's variables say what it is made with.
fn server<'a>(way: &Way<'a>) -> Option<Server<'a>> {
    let Target::Workload(target, _) = targets::target(way.deployment, way.workload, &way.connection.address)
    else {
        return None;
    };
    let (container, image) = targets::serves(target)?;
    let kind = way.connection.database_kind;
    let same = kind == Database::Unknown || image.engine.as_deref() == Some(kind.name());
    (image.role == ImageRole::Server && same).then_some(Server { name: &target.name, container, image })
}

/// Whether something else commonly makes roles and databases on a running server: in a cluster it is kept for years,
/// and init containers, Jobs and migrations do so.
pub(super) fn is_cluster(kind: DeploymentKind) -> bool {
    matches!(
        kind,
        DeploymentKind::Kustomize
            | DeploymentKind::Chart
            | DeploymentKind::Manifests
            | DeploymentKind::Stream
    )
}

/// Of all these defects of one deployment one for each server, with everybody who connects as a label.
pub(super) fn by_server(mut defects: Vec<Defect>) -> Vec<Defect> {
    // The order of files is nobody's intention: what is said must not hang on it.
    defects.sort_by(|one, two| (&one.workload, &one.variable).cmp(&(&two.workload, &two.variable)));
    let mut found: BTreeMap<String, Defect> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for defect in defects {
        let told = |name: &str| match defect.facts.get(name) {
            Some(DefectFact::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let server = told("server");
        let workload = defect.workload.clone().unwrap_or_default();
        let words = match defect.kind {
            "user" => format!("{workload} connects as \"{}\"", told("user")),
            "password" => format!("{workload} uses another password"),
            _ => format!("{workload} uses the database \"{}\"", told("database")),
        };
        let whole = found.entry(server.clone()).or_insert_with(|| {
            order.push(server.clone());
            let default = matches!(defect.facts.get("default"), Some(DefectFact::Bool(true)));
            let default = if default { ", its image's default" } else { "" };
            let made = match defect.kind {
                "user" => format!("the user \"{}\"{default}", told("server_user")),
                "password" => "another".to_owned(),
                _ => format!("the database \"{}\"{default}", told("server_database")),
            };
            let mut whole = Defect::new(defect.rule, "cluster", defect.place)
                .fact("server", server)
                .fact("consumer", words.clone())
                .fact("made", made);
            whole.workload.clone_from(&defect.workload);
            whole.variable.clone_from(&defect.variable);
            whole
        });
        // What several share is none's.
        whole.workload = whole.workload.take().filter(|name| Some(name) == defect.workload.as_ref());
        if !whole.labels.iter().any(|label| label.place == defect.place && label.message == words) {
            whole.labels.push(crate::model::Label { place: defect.place, message: words });
        }
        for label in defect.labels {
            if !whole.labels.contains(&label) {
                whole.labels.push(label);
            }
        }
    }
    let mut all: Vec<Defect> = order.iter().filter_map(|server| found.remove(server)).collect();
    for defect in &mut all {
        let consumers = defect.labels.iter().filter(|label| label.message != MADE_WITH).count();
        let others = consumers.saturating_sub(1);
        if let Some(DefectFact::Text(first)) = defect.facts.get_mut("consumer") {
            match others {
                0 => {}
                1 => first.push_str(" and one more likewise"),
                others => first.push_str(&format!(" and {others} more likewise")),
            }
        }
        // What the server is made with stands last.
        defect.labels.sort_by_key(|label| label.message == MADE_WITH);
    }
    all
}

/// The label of a server's own variables.
const MADE_WITH: &str = "what the server is made with";

struct Server<'a> {
    name: &'a str,
    container: &'a Container,
    image: &'a Image,
}

/// Whether more than the image's variables may have made roles and databases: scripts, an image of one's own,
/// secrets from files, variables that are not known.
fn adds_roles(container: &Container) -> bool {
    container.build.is_some()
        || container.open_environment.is_some()
        || container.mounts.iter().any(|mount| mount.inside.contains("initdb"))
        || container.environment.keys().any(|name| name.ends_with("_FILE"))
}

impl<'a> Server<'a> {
    fn variable(&self, name: Option<&String>) -> Option<&'a Variable> {
        self.container.environment.get(name?)
    }

    fn password_variable(&self) -> Option<&'a Variable> {
        let image = self.image;
        self.variable(image.password_variable.as_ref())
            .or_else(|| self.variable(image.former_password_variable.as_ref()))
    }

    fn password(&self) -> Option<String> {
        self.password_variable()?.known().map(str::to_owned)
    }

    fn user(&self) -> Option<&'a str> {
        match self.variable(self.image.user_variable.as_ref()) {
            Some(variable) => variable.known(),
            None => self.image.user.as_deref(),
        }
    }
}

fn user(way: &Way<'_>, server: &Server<'_>) -> Option<Defect> {
    let wanted = way.connection.user.as_deref()?;
    let made = server.user()?;
    if made.is_empty() || wanted.is_empty() {
        return None;
    }
    let written = match &way.connection.source {
        Source::Url { text, parsed } => match &parsed.user {
            Some(user) => Written::of(text, user.span.range())?,
            None => Written::variable(way.login(VariableMeaning::User)?)?,
        },
        Source::Parts { .. } => Written::variable(way.sibling(VariableMeaning::User)?)?,
    };
    let variable = server.variable(server.image.user_variable.as_ref());
    if way.broken.is_same((wanted, Some(written.place)), (made, variable.and_then(Variable::place))) {
        return None;
    }
    let defect = Defect::new("database-credentials-mismatch", "user", written.place)
        .fact("user", wanted)
        .fact("server_user", made)
        .fact("default", server.variable(server.image.user_variable.as_ref()).is_none())
        .fact("server", server.name);
    Some(label(defect, variable))
}

fn password(way: &Way<'_>, server: &Server<'_>) -> Option<Defect> {
    let trusting = targets::variable(server.container, "POSTGRES_HOST_AUTH_METHOD") == Some("trust");
    let made = server.password()?;
    let (wanted, written) = password_of(way)?;
    if trusting || wanted.is_empty() || made.is_empty() {
        return None;
    }
    let variable = server.password_variable();
    if way.broken.is_same((&wanted, Some(written.place)), (&made, variable.and_then(Variable::place))) {
        return None;
    }
    let defect =
        Defect::new("database-credentials-mismatch", "password", written.place).fact("server", server.name);
    Some(label(defect, variable))
}

/// The password that the connection has, and where.
fn password_of(way: &Way<'_>) -> Option<(String, Written)> {
    match &way.connection.source {
        Source::Url { .. } => {
            let (text, parsed) = way.parsed()?;
            if let Some(password) = &parsed.password {
                return Some((password.known()?.to_owned(), Written::of(text, password.span.range())?));
            }
            let variable = way.login(VariableMeaning::Password)?;
            Some((variable.known()?.to_owned(), Written::variable(variable)?))
        }
        Source::Parts { .. } => {
            let variable = way.sibling(VariableMeaning::Password)?;
            Some((variable.known()?.to_owned(), Written::variable(variable)?))
        }
    }
}

fn database(way: &Way<'_>, server: &Server<'_>) -> Option<Defect> {
    let wanted = way.connection.database.as_deref()?;
    let variable = server.variable(server.image.database_variable.as_ref());
    let (made, told) = match variable {
        Some(variable) => (variable.known()?, Some(variable)),
        // The image names the database after the user; but where nobody asks for a database, those who use the server
        // make their own (`rails db:prepare`, `createdb`). What is deployed to a cluster is told all the same.
        None if is_cluster(way.deployment.kind) => {
            (server.user()?, server.variable(server.image.user_variable.as_ref()))
        }
        None => return None,
    };
    if wanted.is_empty() || made.is_empty() || ALWAYS.contains(&wanted) {
        return None;
    }
    let written = match &way.connection.source {
        Source::Url { text, parsed } => Written::of(text, parsed.database.as_ref()?.span.range())?,
        Source::Parts { .. } => Written::variable(way.sibling(VariableMeaning::Database)?)?,
    };
    if way.broken.is_same((wanted, Some(written.place)), (made, told.and_then(Variable::place))) {
        return None;
    }
    let defect = Defect::new("database-credentials-mismatch", "database", written.place)
        .fact("database", wanted)
        .fact("server_database", made)
        .fact("default", variable.is_none())
        .fact("server", server.name);
    Some(label(defect, variable))
}

fn label(defect: Defect, variable: Option<&Variable>) -> Defect {
    match variable.and_then(Variable::place) {
        Some(place) => defect.label(place, MADE_WITH),
        None => defect,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{FileId, Place, Span};

    #[test]
    fn one_finding_for_each_server_names_all_consumers() {
        let at = |start: usize| Place::new(FileId(0), Span::new(start, start + 1));
        let one = |kind: &'static str, server: &str, workload: &str, start: usize| {
            let mut defect = Defect::new("database-credentials-mismatch", kind, at(start))
                .fact("server", server)
                .fact("user", "u")
                .fact("server_user", "root")
                .fact("default", true)
                .fact("database", "d")
                .label(at(90), MADE_WITH);
            defect.workload = Some(workload.to_owned());
            defect
        };
        let found = by_server(vec![
            one("user", "db", "api", 1),
            one("database", "db", "api", 2),
            one("password", "other", "api", 3),
            one("user", "db", "worker", 4),
            one("user", "db", "worker", 4),
        ]);
        let told: Vec<(usize, Vec<&str>)> = found
            .iter()
            .map(|defect| {
                let labels = defect.labels.iter().map(|label| label.message.as_str()).collect();
                (defect.place.span.start, labels)
            })
            .collect();
        let consumers =
            ["api connects as \"u\"", "api uses the database \"d\"", "worker connects as \"u\"", MADE_WITH];
        assert_eq!(told, [(1, consumers.to_vec()), (3, vec!["api uses another password", MADE_WITH])]);
        let made: Vec<_> = found.iter().filter_map(|defect| defect.facts.get("made")).collect();
        assert_eq!(
            made,
            [&DefectFact::from("the user \"root\", its image's default"), &DefectFact::from("another")]
        );
    }
}
