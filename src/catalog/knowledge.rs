//! What is known of providers and of error messages. Kept apart from the catalogue proper, because most runs need
//! none of it. Shared with the build script, so it uses serde alone.

use serde::{Deserialize, Serialize};

/// Everything of this kind.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Knowledge {
    /// `catalog/providers.yaml`. Of several whose hosts match, the first holds.
    pub providers: Vec<Provider>,
    /// `catalog/errors/`, one list for each file.
    pub errors: Vec<ErrorEntry>,
}

/// A provider of managed databases.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provider {
    /// `aws-rds`, `neon` …
    pub id: String,
    /// Its full name.
    pub name: String,
    /// Hosts under which its databases are reached. The first that matches holds.
    pub endpoints: Vec<Endpoint>,
    /// Plans whose limit is published. The same name may stand once for each engine.
    #[serde(default)]
    pub plans: Vec<Plan>,
    /// Where each fact was read.
    pub sources: Vec<String>,
    /// When (year-month).
    pub checked: String,
}

/// One kind of host of a provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Endpoint {
    /// The host in lower case; each `*` stands for any text.
    pub host: String,
    /// Only with this port, when given.
    #[serde(default)]
    pub port: Option<u16>,
    /// What answers there.
    pub kind: EndpointKind,
    /// Which pooler does (`pgbouncer`, `supavisor`, `rds-proxy` …).
    #[serde(default)]
    pub pooler: Option<String>,
    /// Its pool mode, where the provider fixes it: `transaction` or `session`.
    #[serde(default)]
    pub mode: Option<String>,
    /// Whether connections without TLS are refused there, where the provider says so.
    #[serde(default)]
    pub tls: TlsPolicy,
    /// Whether the certificates there come from an authority of the provider's own, which systems do not trust by
    /// themselves.
    #[serde(default)]
    pub own_authority: bool,
    /// The end of the host's first label that the server's own host lacks, all else being the same.
    #[serde(default)]
    pub pooled_mark: Option<String>,
}

/// What is known of connections without TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsPolicy {
    /// Nothing, or they are accepted.
    #[default]
    Open,
    /// They are refused unless the owner of the server allows them.
    ByDefault,
    /// They are refused.
    Required,
}

/// What answers under a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointKind {
    /// The server itself.
    Direct,
    /// A pooler before it.
    Pooled,
    /// Either: host and port do not tell.
    Either,
}

/// A plan with its limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Plan {
    /// Its name, without the provider's.
    pub name: String,
    /// The engine it is about, by id.
    pub engine: String,
    /// `max_connections`.
    pub max_connections: u64,
    /// Slots that applications do not get, when the provider changes the engine's.
    #[serde(default)]
    pub reserved: Option<u64>,
}

/// An error message about connections.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ErrorEntry {
    /// A name of its own.
    pub id: String,
    /// Who says it: `PostgreSQL`, `PgBouncer`, `Prisma` …
    pub layer: String,
    /// SQLSTATE, the vendor's number or the client's code.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Parts of the message; upper and lower case are the same, and each `*` stands for any text of the same line.
    pub texts: Vec<String>,
    /// Whether the texts are whole messages, which nothing goes before but who says it, and nothing follows.
    #[serde(default)]
    pub whole: bool,
    /// What it means.
    pub meaning: String,
    /// What usually leads to it.
    pub cause: String,
    /// What to change, and what that costs.
    pub change: String,
    /// What it is often mistaken for.
    #[serde(default)]
    pub mistaken_for: Option<String>,
    /// The settings that govern it, the one to look at first before the others.
    #[serde(default)]
    pub settings: Vec<Governing>,
    /// Clients by id whose pools it can be about; none where it is about any.
    #[serde(default)]
    pub clients: Vec<String>,
    /// Where each fact was read.
    pub sources: Vec<String>,
    /// When (year-month).
    pub checked: String,
}

/// A setting that governs an error.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Governing {
    /// Which: one that the model knows (`pool-size` …), a setting of the pooler that is the entry's layer, or a setting of which no
    /// file that is read tells (`statement_timeout`).
    pub name: String,
    /// What stands around its value in the message: `#` is a number, `@` a host that may have a port, `*` any text.
    #[serde(default)]
    pub says: Option<String>,
    /// What the number counts: `s`, `ms`; nothing for connections.
    #[serde(default)]
    pub unit: Option<String>,
}
