//! Data sources beside the one that a framework configures by default. Quarkus documents a form for further ones
//! (`quarkus.datasource.NAME.…`, <https://quarkus.io/guides/datasource#multiple-datasources>); with Spring they are the
//! program's own keys, of which only the address is evident.

use super::scope::Scope;
use super::{quarkus, spring};
use crate::model::Variable;
use crate::resolve::names;
use crate::syntax::connection;

/// Where Quarkus' keys of data sources begin, in files and in the environment.
const QUARKUS: [&str; 2] = ["quarkus.datasource.", "QUARKUS_DATASOURCE_"];

/// Beginnings of the addresses of databases.
const SCHEMES: [&str; 5] = ["jdbc:", "r2dbc:", "vertx-reactive:", "postgres://", "postgresql://"];

/// Keys of tools that connect while the program starts and then no more.
const STARTERS: [&str; 4] = ["spring.flyway.", "spring.liquibase.", "quarkus.flyway.", "quarkus.liquibase."];

/// What the name of a variable says about the data source whose address it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataSource {
    /// The framework's default one, or none of a framework.
    Default,
    /// One of Quarkus' named ones.
    Named(String),
    /// One that the program sets up by keys of its own: who sizes its pool is not known.
    Own,
}

impl DataSource {
    /// The data source of the variable that holds an address.
    #[must_use]
    pub fn of(variable: &str) -> Self {
        let [files, environment] = QUARKUS;
        let named = variable
            .strip_prefix(files)
            .and_then(|rest| rest.strip_suffix(".jdbc.url"))
            .or_else(|| variable.strip_prefix(environment)?.strip_suffix("_JDBC_URL"));
        let known = || {
            let mut known = spring::ADDRESSES.iter().chain(&quarkus::ADDRESSES);
            known.any(|name| super::flatten::canonical(name) == super::flatten::canonical(variable))
        };
        match named {
            Some(name) => Self::Named(name.to_owned()),
            // `database.yml:production` and `ConnectionStrings:Default` are of other frameworks.
            None if is_property(variable) && !known() => Self::Own,
            None => Self::Default,
        }
    }

    /// The name under which this data source has the default one's setting `name`. `None` where it has no such setting.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<String> {
        let Self::Named(own) = self else { return Some(name.to_owned()) };
        let [files, environment] = QUARKUS;
        if let Some(rest) = name.strip_prefix(files) {
            return Some(format!("{files}{own}.{rest}"));
        }
        let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
        let own: String = own.to_ascii_uppercase().chars().map(letter).collect();
        name.strip_prefix(environment).map(|rest| format!("{environment}{own}_{rest}"))
    }
}

/// Whether a name is that of a property of a file, not that of an environment's variable.
#[must_use]
pub fn is_property(name: &str) -> bool {
    name.contains('.') && !name.contains(':')
}

/// The names of Quarkus' further data sources that a program's files set up.
pub(super) fn named(scope: &Scope<'_>) -> Vec<String> {
    let [files, _] = QUARKUS;
    let names = scope.layers.values().filter_map(|property| {
        let name = property.name.strip_prefix(files)?.strip_suffix(".jdbc.url")?;
        Some(name.trim_matches('"').to_owned()).filter(|name| !name.is_empty())
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    names
}

/// The addresses that a program's files hold under keys that are none of the framework's default data source.
/// `taken`: variables that are found already.
pub(super) fn own(scope: &Scope<'_>, taken: &[Variable]) -> Vec<Variable> {
    let properties = scope.layers.values().filter(|property| {
        !STARTERS.iter().any(|tool| property.key.starts_with(tool))
            && DataSource::of(&property.name) == DataSource::Own
            && !taken.iter().any(|variable| variable.name == property.name)
            && !scope.is_overridden(&property.name)
    });
    let found = properties.filter_map(|property| {
        let address = |text: &str| SCHEMES.iter().any(|scheme| text.starts_with(scheme));
        let text = scope.value(&property.key)?;
        let by_name = property.key.ends_with(".jdbcurl")
            || property.key.ends_with(".url") && property.key.contains("datasource.");
        let meant = match text.is_unknown() {
            true => by_name || address(property.value.as_str()),
            false => address(text.as_str()) && connection::parse(text.as_str()).is_some(),
        };
        // What something else may set instead is known by its name alone.
        let open = scope.open.is_some() && names::is_url_key(&property.name);
        if meant { scope.variable(property, &property.name, open) } else { None }
    });
    found.collect()
}
