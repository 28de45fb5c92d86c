//! Who connects to what, with which client and pool.

use super::Located;
use crate::span::{EditPlace, Place, Text};
use crate::syntax::connection::{ConnectionString, Database};

/// One URL (or set of variables) of a container that leads to a database.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The variable that holds it, or that names the host when it is put together from parts.
    pub variable: String,
    /// Further variables of the same container that hold the same.
    pub aliases: Vec<String>,
    /// The variable of the same container that leads to the same role, server and database by a pool at least as
    /// large: of such ones a program uses one, and this takes no part in sums.
    pub repeats: Option<String>,
    /// Where it comes from.
    pub source: Source,
    /// The database it is for.
    pub database_kind: Database,
    /// Where it leads.
    pub address: Address,
    /// User name, when known.
    pub user: Option<String>,
    /// Database name, when known.
    pub database: Option<String>,
    /// The library that opens it. No evidence, no client.
    pub client: Option<Client>,
    /// What the client opens for it in one process.
    pub pool: Pool,
    /// Whether it serves migrations or the client's command line only (`DIRECT_URL`, `SHADOW_DATABASE_URL`)
    /// and therefore takes no part in sums.
    pub administrative: bool,
    /// The `provider` of the `schema.prisma` that reads the variable, for Prisma, with its place.
    pub schema_provider: Option<(String, Place)>,
}

/// Where a connection comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A connection string.
    Url {
        /// Its text with the origin of every piece.
        text: Text,
        /// Its parts; spans are ranges of the text.
        parsed: Box<ConnectionString>,
    },
    /// Variables like `DB_HOST`, `DB_PORT`, `DB_NAME`.
    Parts {
        /// Where the host is written.
        place: Option<Place>,
    },
}

/// Where a connection leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Host name as written, lower case; `None` when unknown.
    pub host: Option<String>,
    /// Port; `None` when unknown.
    pub port: Option<u16>,
    /// The secret or config map key that holds the whole URL or the host: an identity for unknown hosts.
    pub reference: Option<String>,
}

/// A client library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id in the catalogue, without version: `prisma`, `node-postgres`, `sqlalchemy`.
    pub id: String,
    /// With version where behaviour differs: `prisma@6`.
    pub label: String,
    /// What speaks for it.
    pub evidence: Evidence,
    /// Nothing but a parameter of the URL speaks for it. People paste URLs: what such a client does beside its pool is
    /// nobody's business.
    pub guessed: bool,
}

/// Why a client is believed to be in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// A phrase fit for output: "@prisma/client ^6.1 in api/package.json".
    pub reason: String,
    /// Where.
    pub place: Option<Place>,
}

/// What a client opens for one URL in one process. Times in seconds.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Connections it keeps at most.
    pub size: Located<Size>,
    /// Connections beyond `size` (SQLAlchemy's `max_overflow`); 0 for clients without one.
    pub overflow: Located<Size>,
    /// How long a request waits for a free connection; 0 waits for ever.
    pub acquire_timeout: Located<f64>,
    /// How long opening a connection may take; 0 is without limit.
    pub connect_timeout: Located<f64>,
    /// After how long an idle connection is closed; 0 never.
    pub idle_timeout: Located<f64>,
    /// The greatest age of a connection; 0 is without limit.
    pub max_lifetime: Located<f64>,
    /// The setting that gives `size`, when something written does.
    pub size_setting: Option<Setting>,
    /// The setting that gives `acquire_timeout`, when something written does.
    pub acquire_setting: Option<Setting>,
    /// The setting that gives `connect_timeout`, when something written does.
    pub connect_setting: Option<Setting>,
    /// A second setting of the same thing that says something else (`DB_CONNECTION_LIMIT` beside
    /// `connection_limit`): which wins, which loses.
    pub conflicts: Vec<(Setting, Setting)>,
}

/// A setting as somebody wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its name: a URL parameter or a variable.
    pub name: String,
    /// The number as written, before any conversion of units; `None` when it is no number, or not known.
    pub raw: Option<f64>,
    /// `s`, `ms`, or nothing for counts and durations with a unit.
    pub unit: &'static str,
    /// Whether it is a parameter of the URL rather than a variable.
    pub in_url: bool,
    /// Where its value stands.
    pub place: Option<Place>,
    /// Where its value can be replaced by an edit.
    pub editable: Option<EditPlace>,
    /// Where variables say the same, as far as an edit can replace it there: a change of one without the others would make
    /// them disagree.
    pub also: Vec<Option<EditPlace>>,
}

/// A number of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// At most so many.
    Limit(u64),
    /// Without limit.
    Unlimited,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            size: Located::unknown(),
            overflow: Located::of(Size::Limit(0), super::Basis::Derived),
            acquire_timeout: Located::unknown(),
            connect_timeout: Located::unknown(),
            idle_timeout: Located::unknown(),
            max_lifetime: Located::unknown(),
            size_setting: None,
            acquire_setting: None,
            connect_setting: None,
            conflicts: Vec::new(),
        }
    }
}

impl Connection {
    /// The connection string's text and parts, when it is one.
    #[must_use]
    pub fn url(&self) -> Option<(&Text, &ConnectionString)> {
        match &self.source {
            Source::Url { text, parsed } => Some((text, parsed)),
            Source::Parts { .. } => None,
        }
    }

    /// Where it is written.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match &self.source {
            Source::Url { text, .. } => text.place_of(0..text.as_str().len()),
            Source::Parts { place } => *place,
        }
    }
}
