//! What an operator runs for a custom resource: a server or a pooler whose containers no file tells.

use std::collections::BTreeMap;

use super::Located;

/// One of the two.
#[derive(Debug, Clone)]
pub enum Operated {
    /// Database servers behind one Service.
    Server(OperatedServer),
    /// A pooler.
    Pooler(OperatedPooler),
}

/// Database servers that are reached under one name, taken as one.
#[derive(Debug, Clone)]
pub struct OperatedServer {
    /// Engine, by id.
    pub engine: String,
    /// Port that clients use.
    pub port: u16,
    /// Connections that all of them accept.
    pub max_connections: Located<u64>,
    /// Slots of all of them that ordinary roles do not get.
    pub reserved: Located<u64>,
    /// Whether it is not the primary: of interest only when somebody connects to it.
    pub standby: bool,
}

/// A pooler by what its custom resource tells it.
#[derive(Debug, Clone)]
pub struct OperatedPooler {
    /// `pgbouncer`
    pub kind: String,
    /// Port that clients use.
    pub port: u16,
    /// Settings of the main section, with what the operator sets by itself.
    pub settings: BTreeMap<String, Located<String>>,
    /// Its databases with their options; `*` is any other.
    pub databases: Vec<(String, BTreeMap<String, Located<String>>)>,
    /// Its users with their options.
    pub users: Vec<(String, BTreeMap<String, Located<String>>)>,
    /// Whether something that the repository does not hold may set more.
    pub open: bool,
}
