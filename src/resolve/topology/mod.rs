//! Whether connections reach what they name: the container's own localhost, ports, host names, and the credentials
//! of servers that the deployment runs.

mod credentials;
mod host;
pub mod machine;
mod port;

use super::broken::Broken;
use super::names;
use crate::catalog::{VariableMeaning, catalog};
use crate::model::{Connection, Container, Defect, Deployment, Source, Variable, Workload, WorkloadClass};
use crate::span::{EditPlace, Place, Text};
use crate::syntax::connection::{ConnectionString, FlawKind};

/// What is wrong with the ways that the deployment's connections take.
#[must_use]
pub fn defects(deployment: &Deployment, broken: &Broken) -> Vec<Defect> {
    let served = &host::served(deployment);
    let mut credentials = Vec::new();
    let mut found: Vec<Defect> = deployment
        .connections()
        .filter(|(workload, _, connection)| {
            workload.class != WorkloadClass::Imaginary
                && !connection.administrative
                && certain(connection)
                && !is_dummy(connection)
        })
        .flat_map(|(workload, container, connection)| {
            let way = Way { deployment, workload, container, connection, broken, served };
            let mut found: Vec<Defect> = Vec::new();
            found.extend(host::defect(&way));
            found.extend(port::defect(&way));
            let mut refused = credentials::defects(&way);
            for defect in found.iter_mut().chain(&mut refused) {
                defect.workload = Some(workload.name.clone());
                defect.variable = Some(connection.variable.clone());
            }
            if credentials::is_cluster(deployment.kind) {
                credentials.extend(refused);
            } else {
                found.extend(refused);
            }
            found
        })
        .collect();
    found.extend(credentials::by_server(credentials));
    found
}

/// Whether the password of a connection is the one that the server it leads to is made with: then it is a real one,
/// however much it looks like a placeholder.
#[must_use]
pub fn has_servers_password(
    deployment: &Deployment,
    (workload, container, connection): (&Workload, &Container, &Connection),
) -> bool {
    let broken = &Broken::default();
    credentials::has_servers_password(&Way {
        deployment,
        workload,
        container,
        connection,
        broken,
        served: &[],
    })
}

/// One connection with everything around it.
struct Way<'a> {
    deployment: &'a Deployment,
    workload: &'a Workload,
    container: &'a Container,
    connection: &'a Connection,
    broken: &'a Broken,
    /// The deployment's servers, where they are looked for.
    served: &'a [host::Served<'a>],
}

/// A part of a connection: its value and where an edit would change it.
struct Written {
    place: Place,
    editable: Option<EditPlace>,
}

impl Written {
    fn of(text: &Text, range: std::ops::Range<usize>) -> Option<Self> {
        Some(Self { place: text.place_of(range.clone())?, editable: text.editable(range) })
    }

    fn variable(variable: &Variable) -> Option<Self> {
        let text = variable.text();
        let range = 0..text.as_str().len();
        Self::of(&text, range)
    }
}

impl<'a> Way<'a> {
    /// Where the host is written.
    fn host(&self) -> Option<Written> {
        match &self.connection.source {
            Source::Url { text, parsed } => Written::of(text, parsed.hosts.first()?.name.span.range()),
            Source::Parts { .. } => {
                Written::variable(self.container.environment.get(&self.connection.variable)?)
            }
        }
    }

    /// Where the port is written.
    fn port(&self) -> Option<Written> {
        match &self.connection.source {
            Source::Url { text, parsed } => {
                Written::of(text, parsed.hosts.first()?.port.as_ref()?.span.range())
            }
            Source::Parts { .. } => Written::variable(self.sibling(VariableMeaning::Port)?),
        }
    }

    /// The variable with another part of the same database (`DB_PORT` beside `DB_HOST`).
    fn sibling(&self, role: VariableMeaning) -> Option<&'a Variable> {
        let group = names::meaning(&self.connection.variable)?.group;
        self.container.environment.values().find(|variable| {
            names::meaning(&variable.name)
                .is_some_and(|meaning| meaning.role == role && meaning.group == group)
        })
    }

    /// The variable with a part of the login that the URL leaves out.
    fn login(&self, role: VariableMeaning) -> Option<&'a Variable> {
        let (_, parsed) = self.parsed()?;
        names::login(&self.container.environment, &self.connection.variable, parsed, role)
    }

    /// The parsed connection string.
    fn parsed(&self) -> Option<(&'a Text, &'a ConnectionString)> {
        self.connection.url()
    }
}

/// Whether the URL only fills a place: `postgresql://unused:unused@localhost/unused`.
fn is_dummy(connection: &Connection) -> bool {
    let user = connection.user.as_deref().unwrap_or_default();
    catalog().ambient.dummy_users.iter().any(|dummy| dummy == user)
}

/// Whether the host is where it seems to be: behind a malformed password it may be anything.
fn certain(connection: &Connection) -> bool {
    connection.url().is_none_or(|(_, parsed)| {
        !parsed.flaws.iter().any(|flaw| {
            matches!(
                flaw.kind,
                FlawKind::SlashInCredentials
                    | FlawKind::QuestionInCredentials
                    | FlawKind::HashInCredentials
                    | FlawKind::AtInCredentials
                    | FlawKind::SpaceInCredentials
                    | FlawKind::BadPort
                    | FlawKind::BadHost
                    | FlawKind::MissingHost
                    | FlawKind::MissingScheme
                    | FlawKind::Quoted
                    | FlawKind::GoAddress
            )
        })
    })
}
