//! Facts about a connection string as a whole.

use super::docs::{about, flag, number, text};
use super::{AppendPoint, Fact, FactDoc, Facts, Subject, client, common, endpoint, tls};
use crate::catalog::catalog;
use crate::mask;
use crate::model::{Connection, Deployment, Model, Workload};
use crate::resolve::{is_local, is_public};
use crate::rules::page::SubjectKind;
use crate::span::{Span, Text};
use crate::syntax::connection::{ConnectionString, Database, FlawKind, Form};

/// Documentation of the facts.
pub(super) const DOCS: &[FactDoc] = &about(
    &[SubjectKind::Url],
    [
        text("url.variable", "name of the variable that holds it"),
        text("url.engine", "the database it is for: `postgresql`, `mysql` … or `unknown`"),
        text("url.scheme", "what stands before `://`, without the driver"),
        text("url.driver", "what follows the `+` in the scheme: `asyncpg`"),
        text("url.misspelt_scheme", "the scheme that was meant, where the one written is none"),
        text("url.host", "the first host; absent when the credentials make uncertain where it begins"),
        text("url.provider", "the `provider` of the schema.prisma that reads it"),
        flag("url.provider_mismatch", "that provider does not accept its scheme"),
        number("url.port", "", "the port, written or the database's own"),
        text("url.database", "name of the database"),
        text("url.user", "the role, when it is plainly no credential"),
        flag("url.local", "its host is the machine itself, or a socket"),
        flag("url.public", "its host is a name of the public DNS"),
        text("url.parameters", "the names of its parameters; the place where another can be added"),
    ],
);

/// Every connection string of every deployment.
pub(super) fn subjects(model: &Model) -> impl Iterator<Item = Subject> + '_ {
    connections(model).filter_map(move |here| {
        let (text, parsed) = here.connection.url()?;
        let mut subject = here.subject(SubjectKind::Url);
        subject.facts.extend(facts(here.connection, text, parsed));
        if sound(parsed) {
            subject.facts.extend(tls::facts(&here, text, parsed));
        }
        Some(subject)
    })
}

/// A connection and what surrounds it.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    pub index: usize,
    pub deployment: &'a Deployment,
    pub workload: &'a Workload,
    pub container: &'a crate::model::Container,
    pub connection: &'a Connection,
}

/// Every connection of every deployment.
pub(super) fn connections(model: &Model) -> impl Iterator<Item = Here<'_>> {
    model.deployments.iter().enumerate().flat_map(|(index, deployment)| {
        deployment.connections().map(move |(workload, container, connection)| Here {
            index,
            deployment,
            workload,
            container,
            connection,
        })
    })
}

impl Here<'_> {
    /// A subject with the facts that surround the connection and those of its client.
    pub fn subject(&self, kind: SubjectKind) -> Subject {
        let mut subject = Subject::new(kind, self.connection.variable.as_str(), self.connection.place());
        subject.deployment = Some(self.index);
        subject.workload = Some(self.workload.name.clone());
        subject.facts = common::around(self.deployment, Some(self.workload));
        subject.facts.extend(client::facts(self.connection));
        if matches!(kind, SubjectKind::Url | SubjectKind::Pool) {
            subject.facts.extend(endpoint::facts(self));
        }
        subject
    }
}

/// Whether Prisma's `provider` takes URLs of `scheme`; what is not known here is not refused.
fn accepts(provider: &str, scheme: &str) -> bool {
    let schemes = catalog().ambient.prisma_schemes.get(provider);
    schemes.is_none_or(|schemes| schemes.iter().any(|known| known == scheme))
}

fn facts(connection: &Connection, text: &Text, parsed: &ConnectionString) -> Facts {
    let mut facts = Facts::default();
    facts.say("url.variable", connection.variable.as_str());
    facts.say("url.engine", connection.database_kind.name());
    if let Some(scheme) = parsed.scheme.as_ref().filter(|scheme| scheme.known().is_some()) {
        facts.set("url.scheme", written(text, scheme.value.as_str(), scheme.span));
    }
    if let Some(driver) = parsed.driver.as_ref().filter(|driver| driver.known().is_some()) {
        facts.set("url.driver", written(text, driver.value.as_str(), driver.span));
    }
    facts.say_some("url.misspelt_scheme", meant(parsed));
    if let Some((provider, place)) = &connection.schema_provider {
        facts.set("url.provider", Fact::new(provider.as_str()).at(*place));
        let scheme = parsed.scheme.as_ref().and_then(|scheme| scheme.known());
        facts.say("url.provider_mismatch", scheme.is_some_and(|scheme| !accepts(provider, scheme)));
    }
    if sound(parsed) {
        place_facts(connection, text, parsed, &mut facts);
    }
    let names = parsed.params.iter().filter(|param| !secret(parsed, param.name.span));
    let names: Vec<&str> = names.filter_map(|param| param.name.known()).collect();
    let mut parameters = Fact::new(names.join(", "));
    parameters.append = append_point(text, parsed);
    facts.set("url.parameters", parameters);
    facts
}

/// The whole scheme as it was meant. In `jdbc:postgres` the flaw is only a part of it.
fn meant(parsed: &ConnectionString) -> Option<String> {
    let scheme = parsed.scheme.as_ref()?;
    let flaw = parsed.flaws.iter().find(|flaw| flaw.kind == FlawKind::MisspeltScheme)?;
    let before = flaw.span.start.checked_sub(scheme.span.start)?;
    let after = flaw.span.end.checked_sub(scheme.span.start)?;
    let head = scheme.known()?.get(..before)?;
    let tail = scheme.known()?.get(after..)?;
    Some(format!("{head}{}{tail}", flaw.replacement.as_deref()?))
}

/// Where it leads, and as whom: only where the credentials leave no doubt about what is what.
fn place_facts(connection: &Connection, text: &Text, parsed: &ConnectionString, facts: &mut Facts) {
    if let Some(host) =
        parsed.hosts.first().filter(|host| host.name.known().is_some_and(|name| !name.is_empty()))
    {
        facts.set("url.host", written(text, host.name.value.as_str(), host.name.span));
    }
    if let Some(host) = connection.address.host.as_deref() {
        facts.say("url.local", is_local(host));
        facts.say("url.public", is_public(host));
    }
    if let Some(port) = parsed.port() {
        let span = parsed.hosts.first().and_then(|host| host.port.as_ref()).map(|port| port.span);
        let fact =
            span.map_or_else(|| Fact::new(f64::from(port)), |span| written(text, f64::from(port), span));
        facts.set("url.port", fact);
    }
    let clean = |span: Span, value: &str| !secret(parsed, span) && !mask::may_be_secret(value);
    if let Some(database) = parsed.database.as_ref().filter(|part| part.known().is_some())
        && clean(database.span, &database.value)
    {
        facts.set("url.database", written(text, database.value.as_str(), database.span));
    }
    if let Some(user) = parsed.user.as_ref().filter(|part| part.known().is_some())
        && clean(user.span, &user.value)
        && user.value.len() <= LONGEST_ROLE
        && user.value.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter))
    {
        facts.set("url.user", written(text, user.value.as_str(), user.span));
    }
}

/// PostgreSQL cuts names of roles at 63 bytes; anything longer is a token.
const LONGEST_ROLE: usize = 63;

/// Whether every part is surely what it seems. A raw `@` or `/` in a password moves pieces of it into the host.
fn sound(parsed: &ConnectionString) -> bool {
    !parsed.flaws.iter().any(|flaw| {
        matches!(
            flaw.kind,
            FlawKind::MissingScheme
                | FlawKind::MissingAuthority
                | FlawKind::MissingHost
                | FlawKind::BadPort
                | FlawKind::BadHost
                | FlawKind::SlashInCredentials
                | FlawKind::QuestionInCredentials
                | FlawKind::HashInCredentials
                | FlawKind::AtInCredentials
                | FlawKind::BadPercentInCredentials
                | FlawKind::SpaceInCredentials
                | FlawKind::ControlCharacter
        )
    })
}

/// Whether a part is, holds or lies in a credential.
pub(super) fn secret(parsed: &ConnectionString, span: Span) -> bool {
    parsed.secrets.iter().any(|secret| secret.start < span.end && span.start < secret.end)
}

/// A fact that stands at a part of a text and can be replaced there.
pub(super) fn written(text: &Text, value: impl Into<super::FactValue>, span: Span) -> Fact {
    let range = span.range();
    Fact::new(value)
        .at(text.place_of(range.clone()))
        .via(text.hops_of(range.clone()))
        .parts(text.parts_of(range.clone()))
        .editable(text.editable(range))
}

/// Where a parameter can be added: behind the last byte, when that is written in a file as it is.
pub(super) fn append_point(text: &Text, parsed: &ConnectionString) -> Option<AppendPoint> {
    let ampersand = match parsed.form {
        Form::Url => true,
        Form::Jdbc => parsed.database_kind != Database::SqlServer,
        Form::KeyValue | Form::AdoNet => false,
    };
    let broken = |kind| {
        matches!(
            kind,
            FlawKind::SecondQuestionMark | FlawKind::SemicolonSeparator | FlawKind::AmpersandEntity
        )
    };
    if !ampersand
        || parsed.fragment.is_some()
        || !sound(parsed)
        || parsed.flaws.iter().any(|flaw| broken(flaw.kind))
    {
        return None;
    }
    let value = text.as_str();
    let (last, letter) = value.char_indices().next_back().filter(|(_, letter)| !letter.is_whitespace())?;
    let place = text.editable(last..value.len())?;
    let separator = match letter {
        '?' | '&' => "",
        _ if value.contains('?') => "&",
        _ => "?",
    };
    Some(AppendPoint { place: place.end(), separator: separator.to_owned() })
}
