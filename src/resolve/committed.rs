//! Passwords of databases that stand in files which git keeps.

use super::names::{self, Meaning};
use super::{Context, environment, targets, topology};
use crate::catalog::{VariableMeaning, catalog};
use crate::model::{
    Connection, Container, Defect, Deployment, DeploymentKind, Environment, Label, Source, Variable, Workload,
};
use crate::span::{FileId, Origin, Place, Text};
use crate::syntax::connection::{self, FlawKind};

/// The rule's name.
const RULE: &str = "credentials-committed";

/// Every password of a connection that is written in a file of the repository.
#[must_use]
pub fn defects(context: &Context<'_>, deployment: &Deployment) -> Vec<Defect> {
    // What Helm renders or another program writes is in no repository as it stands here.
    if matches!(deployment.kind, DeploymentKind::Chart | DeploymentKind::Stream) {
        return Vec::new();
    }
    let mut found: Vec<Defect> = Vec::new();
    for (workload, container, connection) in deployment.connections() {
        let here = Here { context, deployment, workload, container, connection };
        let Some(mut defect) = here.defect() else { continue };
        // Of one role's password in one file one finding is enough.
        let same = |known: &&mut Defect| {
            known.place.file == defect.place.file && known.kind == defect.kind && known.facts == defect.facts
        };
        if let Some(known) = found.iter_mut().find(same) {
            // What several share is none's, and its name must not hang on the order of files.
            known.workload = known.workload.take().filter(|name| *name == workload.name);
            known.variable = known.variable.take().min(Some(connection.variable.clone()));
            let told =
                known.place == defect.place || known.labels.iter().any(|label| label.place == defect.place);
            if !told {
                known.labels.push(Label { place: defect.place, message: "and here".to_owned() });
            }
            continue;
        }
        defect.workload = Some(workload.name.clone());
        defect.variable = Some(connection.variable.clone());
        found.push(defect);
    }
    found
}

struct Here<'a> {
    context: &'a Context<'a>,
    deployment: &'a Deployment,
    workload: &'a Workload,
    container: &'a Container,
    connection: &'a Connection,
}

/// A password, and where it stands.
struct Password {
    value: String,
    place: Place,
    /// The Secret that it was taken from, when it was.
    secret: bool,
}

impl Here<'_> {
    fn defect(&self) -> Option<Defect> {
        let password = self.password()?;
        let file = password.place.file;
        if self.context.files.is_kept_out(file)
            || self.context.files.rendered_from(file).is_some()
            || self.is_foreign(file)
            || self.is_default(password.place)
            || is_reference(&password.value)
            || connection::is_placeholder_password(&password.value)
            || is_trivial(&password.value, &self.words())
        {
            return None;
        }
        let kind = match (self.is_cluster(), self.reach()) {
            (true, _) if password.secret => "secret",
            (true, _) => "manifest",
            (false, Reach::Public) => "public",
            // Whoever can read the repository cannot reach it, unless it is more than a developer's database.
            (false, Reach::Inside) if self.is_production() => "inside",
            (false, Reach::Inside) if is_random(&password.value) && !self.is_own() => "inside",
            (false, Reach::Inside | Reach::Machine) => return None,
        };
        let production = self.is_cluster() && self.is_production_overlay();
        let defect = Defect::new(RULE, kind, password.place).fact("login", self.login());
        Some(defect.fact("production", production))
    }

    fn password(&self) -> Option<Password> {
        match &self.connection.source {
            Source::Url { text, parsed } => {
                // Drivers of Java have a property of its own for it.
                let Some(part) = parsed.password.as_ref() else {
                    let (environment, name) = (&self.container.environment, &self.connection.variable);
                    let variable = names::login(environment, name, parsed, VariableMeaning::Password)?;
                    return self.whole_of(variable);
                };
                // Where characters are not encoded, nobody knows what belongs to it; another rule says so.
                let placeholder = parsed.flaws.iter().any(|flaw| {
                    flaw.kind == FlawKind::Placeholder
                        && (flaw.span == part.span || parsed.hosts.iter().any(|it| it.name.span == flaw.span))
                });
                if placeholder {
                    return None;
                }
                let secret = self.is_secret(&self.connection.variable);
                let place = whole(text, part.span.range())?;
                Some(Password { value: part.known()?.to_owned(), place, secret })
            }
            Source::Parts { .. } => self.beside(),
        }
    }

    /// The password in a variable of the same group of names.
    fn beside(&self) -> Option<Password> {
        let group = names::meaning(&self.connection.variable)?.group;
        let variable = self.container.environment.values().find(|variable| {
            names::meaning(&variable.name).is_some_and(|Meaning { role, group: own, .. }| {
                role == VariableMeaning::Password && own == group
            })
        })?;
        self.whole_of(variable)
    }

    /// A variable that holds nothing but the password.
    fn whole_of(&self, variable: &Variable) -> Option<Password> {
        let text = variable.text();
        let place = whole(&text, 0..text.as_str().len())?;
        let secret = self.is_secret(&variable.name);
        Some(Password { value: variable.known()?.to_owned(), place, secret })
    }

    fn is_secret(&self, variable: &str) -> bool {
        let variable = self.container.environment.get(variable);
        let reference = variable.and_then(|variable| variable.reference.as_deref());
        reference.is_some_and(|reference| reference.starts_with("secret/"))
    }

    /// Whether the file is one of an example, a test or the documentation, or of another environment than what uses it.
    fn is_foreign(&self, file: FileId) -> bool {
        let own = environment::of_path(self.context.files.path(file));
        let environment = own.or(self.deployment.environment.value).unwrap_or_default();
        matches!(environment, Environment::Development | Environment::Test | Environment::Example)
            || self.deployment.environment.value == Some(Environment::Test)
            || self.deployment.environment.value == Some(Environment::Development)
    }

    /// Whether the place is that of a reference's default (`${DB_PASSWORD:-…}`), which the platform replaces.
    fn is_default(&self, place: Place) -> bool {
        let before = self.context.files.text(place.file).get(..place.span.start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let open = line.rfind("${");
        open.is_some_and(|open| line.get(open..).is_some_and(|rest| !rest.contains('}')))
    }

    /// Whether the deployment itself makes the server, with this very password.
    fn is_own(&self) -> bool {
        topology::has_servers_password(self.deployment, (self.workload, self.container, self.connection))
    }

    fn is_cluster(&self) -> bool {
        matches!(self.deployment.kind, DeploymentKind::Kustomize | DeploymentKind::Manifests)
    }

    fn is_production(&self) -> bool {
        self.deployment.environment.value == Some(Environment::Production)
    }

    /// Production by path or namespace: variables such as `NODE_ENV` are set to it everywhere.
    fn is_production_overlay(&self) -> bool {
        let named = environment::of_path(&self.deployment.name) == Some(Environment::Production);
        let namespace = self.workload.namespace.as_deref().and_then(environment::of_path);
        self.is_production() && (named || namespace == Some(Environment::Production))
    }

    fn reach(&self) -> Reach {
        match self.connection.address.host.as_deref() {
            Some(host) if targets::is_local(host) => Reach::Machine,
            Some(host) if targets::is_public(host) => Reach::Public,
            _ => Reach::Inside,
        }
    }

    /// `app:***@db.example.com`, without what may be a credential itself; the variable's name where that is all.
    fn login(&self) -> String {
        let plain = |text: &&str| {
            !text.is_empty()
                && text.len() <= LONGEST_NAME
                && !crate::mask::may_be_secret(text)
                && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter))
        };
        let sound = self.connection.url().is_none_or(|(_, parsed)| {
            !parsed.flaws.iter().any(|flaw| {
                matches!(
                    flaw.kind,
                    FlawKind::SlashInCredentials
                        | FlawKind::QuestionInCredentials
                        | FlawKind::HashInCredentials
                        | FlawKind::AtInCredentials
                        | FlawKind::SpaceInCredentials
                        | FlawKind::BadPercentInCredentials
                        | FlawKind::BadPort
                        | FlawKind::BadHost
                        | FlawKind::MissingHost
                )
            })
        });
        let host = self.connection.address.host.as_deref().filter(|host| sound && plain(host));
        let Some(host) = host else { return self.connection.variable.clone() };
        let user = self.connection.user.as_deref().filter(plain).unwrap_or_default();
        format!("{user}:***@{host}")
    }

    /// Words that a password of no worth may be made of here.
    fn words(&self) -> Vec<String> {
        let root = self.deployment.name.rsplit('/').find(|segment| !segment.contains('.'));
        let texts = [
            self.connection.user.as_deref(),
            self.connection.database.as_deref(),
            self.connection.address.host.as_deref().filter(|host| !targets::is_public(host)),
            Some(self.workload.name.as_str()),
            root,
        ];
        let words = texts.into_iter().flatten().flat_map(|text| {
            let words: Vec<&str> = text.split(|letter: char| !letter.is_ascii_alphabetic()).collect();
            let whole = words.concat();
            words
                .into_iter()
                .map(str::to_ascii_lowercase)
                .chain([whole.to_ascii_lowercase()])
                .collect::<Vec<_>>()
        });
        words.filter(|word| word.len() >= 2).collect()
    }
}

/// From where a server can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// By a name of the public DNS.
    Public,
    /// From the network that the deployment makes.
    Inside,
    /// From the machine itself.
    Machine,
}

/// `PostgreSQL` cuts names at 63 bytes; hosts of providers are longer.
const LONGEST_NAME: usize = 120;

/// Where a text stands, when all of it is written in one file.
fn whole(text: &Text, range: std::ops::Range<usize>) -> Option<Place> {
    let mut files = text.pieces(range.clone()).map(|(_, piece)| match piece.origin {
        Origin::Written { place, .. } => Some(place.file),
        Origin::Unknown { .. } => None,
    });
    let first = files.next()??;
    files.all(|file| file == Some(first)).then(|| text.place_of(range)).flatten()
}

/// Whether a value stands for another, or is encrypted: what a vault, a template or an operator puts in.
fn is_reference(value: &str) -> bool {
    let starts = [
        "ENC[", "ENC(", "{cipher}", "op://", "vault:", "ref+", "sm://", "arn:", "ssm:", "file:", "AgA",
        "!vault",
    ];
    let parts = ["${", "$(", "{{", "<%", "%(", "<path:", "\u{f8ff}"];
    let marked = |open: char, close: char| value.starts_with(open) && value.ends_with(close);
    starts.iter().any(|start| value.starts_with(start))
        || parts.iter().any(|part| value.contains(part))
        || marked('<', '>')
        || marked('[', ']')
        || marked('{', '}')
        || marked('%', '%')
        || marked('_', '_')
        || value.strip_prefix('$').is_some_and(is_name)
        || (value.contains('_') && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether nothing but digits and well-known words, those of the surroundings among them, is in it.
fn is_trivial(password: &str, around: &[String]) -> bool {
    let letters: Vec<u8> =
        password.bytes().filter(u8::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect();
    if letters.len() > LONGEST_NAME || !password.is_ascii() {
        return false;
    }
    let known = catalog().ambient.trivial_password_words.iter().chain(around);
    let words: Vec<&[u8]> = known.map(|word| word.as_bytes()).filter(|word| !word.is_empty()).collect();
    // Which beginnings can be put together from words.
    let mut reached = vec![false; letters.len().saturating_add(1)];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for at in 0..letters.len() {
        if reached.get(at) != Some(&true) {
            continue;
        }
        let rest = letters.get(at..).unwrap_or_default();
        for word in words.iter().filter(|word| rest.starts_with(word)) {
            if let Some(end) = reached.get_mut(at.saturating_add(word.len())) {
                *end = true;
            }
        }
    }
    reached.last() == Some(&true)
}

/// Whether it looks like what a generator makes: long, of letters and digits.
fn is_random(password: &str) -> bool {
    let count = |is: fn(&u8) -> bool| password.bytes().filter(is).count();
    password.len() >= 12 && count(u8::is_ascii_digit) >= 2 && count(u8::is_ascii_alphabetic) >= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_digits_are_no_secret() {
        let around = [String::from("shop")];
        for password in ["", "postgres", "Shop_Password-123", "12345678", "mysecretpassword", "dev_shop_pw"] {
            assert!(is_trivial(password, &around), "{password}");
        }
        for password in ["S3cret", "hunter2", "kX93bdjQ2", "shopkeeper", "pässword"] {
            assert!(!is_trivial(password, &around), "{password}");
        }
    }

    #[test]
    fn references_are_no_passwords() {
        for value in [
            "${PW}",
            "$PW",
            "$(PW)",
            "ENC[AES256_GCM,data:x]",
            "{{ pw }}",
            "<pw>",
            "DB_PASSWORD",
            "op://a/b/c",
        ] {
            assert!(is_reference(value), "{value}");
        }
        for value in ["S3cret", "pa$$word1", "a_b", "SECRET1"] {
            assert!(!is_reference(value), "{value}");
        }
    }
}
