//! Facts about what answers where a connection leads, by what is known of providers' hosts.

use super::docs::{about, flag, text};
use super::url::Here;
use super::{FactDoc, Facts};
use crate::catalog::{EndpointKind, TlsPolicy, provider_of_host};
use crate::model::Operated;
use crate::resolve::{Target, target};
use crate::rules::page::SubjectKind;

/// Documentation of the facts.
pub(super) const DOCS: &[FactDoc] = &about(
    &[SubjectKind::Url, SubjectKind::Pool],
    [
        text("endpoint.provider", "whose managed database it is: `Amazon RDS`, `Neon`"),
        text("endpoint.provider_id", "the same as the catalogue's id: `aws-rds`, `neon`"),
        flag("endpoint.direct", "by its provider's host, the server itself answers"),
        flag(
            "endpoint.managed",
            "the server itself answers, which the same configuration has a provider run",
        ),
        flag("endpoint.pooled", "by its provider's host, a pooler answers"),
        text("endpoint.pooler", "which pooler: `pgbouncer`, `supavisor`, `rds-proxy`"),
        text("endpoint.mode", "its pool mode, where the provider fixes it: `transaction` or `session`"),
        flag("endpoint.requires_tls", "its provider refuses connections without TLS"),
        flag("endpoint.tls_by_default", "its provider refuses them unless the server's owner allows them"),
        flag(
            "endpoint.own_authority",
            "its provider's certificates come from an authority that systems do not trust by themselves",
        ),
    ],
);

/// The facts about the place that a connection leads to.
pub(super) fn facts(here: &Here<'_>) -> Facts {
    let mut facts = Facts::default();
    let address = &here.connection.address;
    let found = address.host.as_deref().and_then(|host| provider_of_host(host, address.port));
    let kind = found.map(|(_, endpoint)| endpoint.kind);
    facts.say("endpoint.direct", kind == Some(EndpointKind::Direct));
    let reached = target(here.deployment, here.workload, address);
    let managed = matches!(reached, Target::Workload(workload, _)
        if workload.kind == "DB Instance" && matches!(workload.operated, Some(Operated::Server(_))));
    facts.say("endpoint.managed", managed);
    facts.say("endpoint.pooled", kind == Some(EndpointKind::Pooled));
    if let Some((provider, endpoint)) = found {
        facts.say("endpoint.provider", provider.name.as_str());
        facts.say("endpoint.provider_id", provider.id.as_str());
        facts.say_some("endpoint.pooler", endpoint.pooler.as_deref());
        facts.say("endpoint.requires_tls", endpoint.tls == TlsPolicy::Required);
        facts.say("endpoint.tls_by_default", endpoint.tls == TlsPolicy::ByDefault);
        facts.say("endpoint.own_authority", endpoint.own_authority);
        facts.say_some("endpoint.mode", endpoint.mode.as_deref());
    }
    facts
}
