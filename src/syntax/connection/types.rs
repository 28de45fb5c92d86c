//! What a connection string is made of.

use std::fmt;

use crate::span::{Span, UNKNOWN};

/// A parsed connection string. Every span is a byte range of the parsed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionString {
    /// How it is written.
    pub form: Form,
    /// The database it is for.
    pub database_kind: Database,
    /// The scheme as written, without driver suffix: `postgres`, `postgresql`, `mysql`, `jdbc:postgresql`.
    /// Absent for DSNs. A misspelt scheme (`posgresql`) is kept as written.
    pub scheme: Option<Part>,
    /// The driver suffix: `asyncpg` in `postgresql+asyncpg`.
    pub driver: Option<Part>,
    /// User name.
    pub user: Option<Part>,
    /// Password. Never leaves this type but as a span to mask.
    pub password: Option<Part>,
    /// Hosts, several in libpq's, JDBC's and MongoDB's lists. Empty for a socket or a default host.
    pub hosts: Vec<Host>,
    /// The database's name.
    pub database: Option<Part>,
    /// Query parameters, or the further keys of a DSN.
    pub params: Vec<Param>,
    /// The bytes behind `#`, where the text has a fragment.
    pub fragment: Option<Span>,
    /// Everything that is wrong with it, in the order of the text.
    pub flaws: Vec<Flaw>,
    /// Every range that is or may be a credential, also where a flaw makes that uncertain.
    pub secrets: Vec<Span>,
}

/// How a connection string is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `scheme://…`
    Url,
    /// libpq's `host=… dbname=…`
    KeyValue,
    /// `jdbc:…`
    Jdbc,
    /// ADO.NET's `Host=…;Database=…`
    AdoNet,
}

/// The kind of database a scheme stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Database {
    /// PostgreSQL and what speaks its protocol.
    PostgreSql,
    /// MySQL.
    MySql,
    /// MariaDB.
    MariaDb,
    /// MongoDB.
    MongoDb,
    /// Microsoft SQL Server.
    SqlServer,
    /// CockroachDB.
    CockroachDb,
    /// Prisma's proxy (`prisma://`, `prisma+postgres://`): no pool of its own.
    PrismaProxy,
    /// Not told: a text without scheme in a place where a database URL is expected, or an ADO.NET string that
    /// several drivers would take. (A misspelt scheme stands for the database that was meant.)
    Unknown,
}

impl Database {
    /// The engine's name in output and in the catalogue.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PostgreSql => "postgresql",
            Self::MySql => "mysql",
            Self::MariaDb => "mariadb",
            Self::MongoDb => "mongodb",
            Self::SqlServer => "sqlserver",
            Self::CockroachDb => "cockroachdb",
            Self::PrismaProxy => "prisma",
            Self::Unknown => "unknown",
        }
    }

    /// The port its server listens on when none is written.
    #[must_use]
    pub fn default_port(self) -> Option<u16> {
        match self {
            Self::PostgreSql => Some(5432),
            Self::MySql | Self::MariaDb => Some(3306),
            Self::MongoDb => Some(27017),
            Self::SqlServer => Some(1433),
            Self::CockroachDb => Some(26257),
            Self::PrismaProxy | Self::Unknown => None,
        }
    }
}

/// A part: where it stands, and its decoded value.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// Its bytes, still encoded.
    pub span: Span,
    /// Its value, percent-decoded (or unescaped, in a DSN).
    pub value: String,
}

impl Part {
    /// The value, unless a part of it is unknown.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        (!self.value.contains(UNKNOWN)).then_some(self.value.as_str())
    }
}

impl fmt::Debug for Part {
    /// Never shows the value: it may be a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Part({:?}, {} bytes)", self.span, self.value.len())
    }
}

/// One host of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Name or address; IPv6 without its brackets; a socket directory keeps its leading `/`. Empty when only a
    /// port is written.
    pub name: Part,
    /// Port as written. `None` when none is.
    pub port: Option<Part>,
}

impl Host {
    /// The port's number, when it is written, known and valid (1 to 65535).
    #[must_use]
    pub fn port_number(&self) -> Option<u16> {
        self.port.as_ref()?.known()?.parse().ok().filter(|port| *port != 0)
    }
}

/// One query parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Name as the client compares it (percent-decoded, case kept).
    pub name: Part,
    /// Value; `None` when there is no `=`.
    pub value: Option<Part>,
    /// From the name's first byte to the value's last.
    pub span: Span,
}

/// Something wrong with a connection string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What.
    pub kind: FlawKind,
    /// The narrowest range that shows it. It may lie inside a password: render it masked.
    pub span: Span,
    /// A replacement of `span` after which the value means what was intended, when that is certain.
    /// May hold credential text when `span` lies in one of [`ConnectionString::secrets`].
    pub replacement: Option<String>,
}

/// The kinds of [`Flaw`]. Rules pick their severity by client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlawKind {
    /// No `://` behind the scheme, or no scheme at all where one is needed.
    MissingScheme,
    /// Quotes around the whole, which are a part of the value.
    Quoted,
    /// The address of Go's MySQL driver, `tcp(host:3306)`, behind a URL's scheme, which that driver does not take.
    GoAddress,
    /// A keyword within edit distance 2 of one of libpq's (`hots=db`).
    MisspeltKeyword,
    /// A scheme within edit distance 2 of a database scheme (`posgresql`).
    MisspeltScheme,
    /// `scheme://` with nothing behind it.
    MissingAuthority,
    /// Nothing between `@` (or `//`) and `:` or `/`, and no `host=` parameter.
    MissingHost,
    /// The port is no number from 1 to 65535. Its text may be a piece of the password.
    BadPort,
    /// The host is no name or address: a bracket that is empty, left open or followed by something else.
    BadHost,
    /// Several hosts, which libpq, JDBC and MongoDB accept and Prisma does not.
    SeveralHosts,
    /// Raw `/` in the credentials: every parser breaks.
    SlashInCredentials,
    /// Raw `?` in the credentials: WHATWG parsers break.
    QuestionInCredentials,
    /// Raw `#` in the credentials: WHATWG parsers break.
    HashInCredentials,
    /// Raw `@` in the credentials: libpq cuts at the first.
    AtInCredentials,
    /// `%` that two hex digits do not follow, in the credentials.
    BadPercentInCredentials,
    /// White space in the credentials.
    SpaceInCredentials,
    /// `%` that two hex digits do not follow, elsewhere.
    BadPercent,
    /// White space elsewhere.
    Space,
    /// A second `?` in the query.
    SecondQuestionMark,
    /// `&amp;` in the query.
    AmpersandEntity,
    /// A parameter without `=`.
    MissingEquals,
    /// `;` between parameters.
    SemicolonSeparator,
    /// The same parameter twice with different values.
    DuplicateParam,
    /// `[YOUR-PASSWORD]`, `<password>`, `USER:PASSWORD@HOST`, `xxx`.
    Placeholder,
    /// A control character (a line break, NUL) inside.
    ControlCharacter,
}

impl FlawKind {
    /// The kind's name in rule pages (`defect.kind`).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingScheme => "missing-scheme",
            Self::Quoted => "quoted",
            Self::GoAddress => "go-address",
            Self::MisspeltKeyword => "misspelt-keyword",
            Self::MisspeltScheme => "misspelt-scheme",
            Self::MissingAuthority => "missing-authority",
            Self::MissingHost => "missing-host",
            Self::BadPort => "bad-port",
            Self::BadHost => "bad-host",
            Self::SeveralHosts => "several-hosts",
            Self::SlashInCredentials => "slash-in-credentials",
            Self::QuestionInCredentials => "question-in-credentials",
            Self::HashInCredentials => "hash-in-credentials",
            Self::AtInCredentials => "at-in-credentials",
            Self::BadPercentInCredentials => "bad-percent-in-credentials",
            Self::SpaceInCredentials => "space-in-credentials",
            Self::BadPercent => "bad-percent",
            Self::Space => "space",
            Self::SecondQuestionMark => "second-question-mark",
            Self::AmpersandEntity => "ampersand-entity",
            Self::MissingEquals => "missing-equals",
            Self::SemicolonSeparator => "semicolon-separator",
            Self::DuplicateParam => "duplicate-param",
            Self::Placeholder => "placeholder",
            Self::ControlCharacter => "control-character",
        }
    }
}

impl ConnectionString {
    /// The first parameter with this exact name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name.value == name)
    }

    /// The first host's name, when one is written and known.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.hosts.first().and_then(|host| host.name.known()).filter(|name| !name.is_empty())
    }

    /// The port the client connects to: written, or the database's default. `None` when it is written but
    /// unknown or wrong.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self.hosts.first() {
            Some(Host { port: Some(_), .. }) => self.hosts.first().and_then(Host::port_number),
            _ => self.database_kind.default_port(),
        }
    }
}
