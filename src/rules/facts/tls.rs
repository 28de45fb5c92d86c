//! Facts about the encryption of a connection, as far as its URL tells.

use super::docs::{about, flag, text};
use super::url::{Here, secret, written};
use super::{FactDoc, Facts};
use crate::model::{Deployment, DeploymentKind, Workload};
use crate::resolve::{Target, is_public, target};
use crate::rules::page::SubjectKind;
use crate::span::Text;
use crate::syntax::connection::{ConnectionString, Param};

/// Documentation of the facts.
pub(super) const DOCS: &[FactDoc] = &about(
    &[SubjectKind::Url],
    [
        flag("tls.exposed", "the connection leaves the deployment's own network: its host is public"),
        text("tls.parameter", "the parameter that decides about encryption: `sslmode`, `ssl`, `useSSL`"),
        text("tls.mode", "its value, when that is known"),
        flag("tls.written", "such a parameter is written, also with a value that is not known"),
        flag("tls.off", "its value switches encryption off"),
        flag("tls.optional", "its value goes on without encryption where the server offers none"),
        flag("tls.accepts_invalid", "a parameter has certificates accepted that are not valid"),
        flag(
            "tls.authority",
            "a parameter names the authority to trust, or the client's reading of `sslmode`",
        ),
    ],
);

/// What the URL says about encryption.
pub(super) fn facts(here: &Here<'_>, text: &Text, parsed: &ConnectionString) -> Facts {
    let mut facts = Facts::default();
    let host = here.connection.address.host.as_deref();
    facts.say("tls.exposed", host.is_some_and(|host| is_exposed(here, host)));
    let known = |param: &&Param| param.name.known().is_some_and(|name| NAMES.contains(&plain(name).as_str()));
    let deciding: Vec<&Param> = parsed.params.iter().filter(known).collect();
    // A name of which a part is unknown may be any.
    let unknown = parsed.params.iter().any(|param| param.name.known().is_none());
    facts.say("tls.written", unknown || !deciding.is_empty());
    if let [param] = deciding.as_slice()
        && let Some(name) = param.name.known()
    {
        facts.set("tls.parameter", written(text, name, param.name.span));
        let value = param.value.as_ref().filter(|value| !secret(parsed, value.span));
        if let Some((value, mode)) = value.and_then(|value| Some((value, value.known()?)))
            && let Some(meaning) = meaning(mode)
        {
            facts.set("tls.mode", written(text, mode, value.span));
            facts.say("tls.off", meaning == Meaning::Off);
            facts.say("tls.optional", meaning == Meaning::Optional);
        }
    }
    let has =
        |name: &str| parsed.params.iter().any(|param| param.name.known().is_some_and(|it| plain(it) == name));
    let accepts = parsed.params.iter().any(|param| {
        let value = param.value.as_ref().and_then(|value| value.known());
        param.name.known() == Some("sslaccept") && value == Some("accept_invalid_certs")
    });
    facts.say("tls.accepts_invalid", accepts);
    facts.say("tls.authority", has("sslrootcert") || has("uselibpqcompat") || unknown);
    facts
}

/// Parameters that decide whether to encrypt, without what their spellings differ in.
const NAMES: [&str; 5] = ["sslmode", "ssl", "usessl", "tls", "encrypt"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Off,
    Optional,
    On,
}

/// What a value says, in the words of libpq, MySQL, JDBC and ADO.NET; anything else is not shown and says nothing.
fn meaning(mode: &str) -> Option<Meaning> {
    Some(match plain(mode).as_str() {
        "disable" | "disabled" | "false" | "0" | "no" | "off" | "none" => Meaning::Off,
        "allow" | "prefer" | "preferred" => Meaning::Optional,
        "require" | "required" | "verifyca" | "verifyfull" | "verifyidentity" | "noverify" | "true" | "1"
        | "yes" | "on" | "strict" | "mandatory" | "skipverify" => Meaning::On,
        _ => return None,
    })
}

fn plain(text: &str) -> String {
    let letters = text.chars().filter(|letter| !matches!(letter, '_' | '-' | ' '));
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Whether the way there leaves what the deployment makes. `db.shop` is a Service of another namespace to Kubernetes.
fn is_exposed(here: &Here<'_>, host: &str) -> bool {
    let Here { deployment, workload, connection, .. } = here;
    let outside = |deployment: &Deployment, workload: &Workload| {
        matches!(target(deployment, workload, &connection.address), Target::Outside)
    };
    let kind = deployment.kind;
    let cluster = !kind.is_lone() && !matches!(kind, DeploymentKind::Compose | DeploymentKind::Serverless);
    is_public(host) && (!cluster || host.matches('.').count() > 1) && outside(deployment, workload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_of_every_client() {
        for (mode, meant) in [
            ("disable", Some(Meaning::Off)),
            ("DISABLED", Some(Meaning::Off)),
            ("prefer", Some(Meaning::Optional)),
            ("verify-full", Some(Meaning::On)),
            ("VERIFY_IDENTITY", Some(Meaning::On)),
            ("true", Some(Meaning::On)),
            ("{\"rejectUnauthorized\":true}", None),
        ] {
            assert_eq!(meaning(mode), meant, "{mode}");
        }
    }
}
