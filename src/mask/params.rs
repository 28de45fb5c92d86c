//! Which parameters of a connection string may be shown with their values.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::catalog::{ParamType, catalog};
use crate::span::Span;
use crate::syntax::connection::ConnectionString;

/// The values of a connection string's parameters that may be a credential or a piece of one: those of every parameter
/// that no client of the catalogue knows (`pasword=…`), and text where a number or a choice is expected, which may be
/// what follows an unencoded `?` of a password.
#[must_use]
pub fn params(parsed: &ConnectionString) -> Vec<Span> {
    let values = parsed.params.iter().filter_map(|param| {
        let value = param.value.as_ref().filter(|value| !value.value.is_empty())?;
        (!is_plain(&param.name.value, &value.value)).then_some(value.span)
    });
    values.collect()
}

/// Whether the value of a parameter of this name may be shown: also where a second `?` has glued another parameter
/// to it (`5?pool_timeout=10`).
#[must_use]
pub fn is_plain(name: &str, value: &str) -> bool {
    let mut pieces = value.split('?');
    fits(name, pieces.next().unwrap_or_default())
        && pieces.all(|piece| piece.split_once('=').is_some_and(|(name, value)| fits(name, value)))
}

fn fits(name: &str, value: &str) -> bool {
    let known = takes(name);
    // Where one client takes a number, text is doubtful although another reads nothing but text.
    let narrow = known.iter().find(|takes| !matches!(takes, ParamType::Text)).or(known.first());
    match narrow {
        None => false,
        Some(ParamType::Text) => !holds_secret(value),
        Some(ParamType::Natural | ParamType::Integer | ParamType::Duration | ParamType::Boolean) => {
            is_number(value) || is_switch(value)
        }
        Some(ParamType::OneOf(values) | ParamType::OneOfElseDefault(values)) => {
            is_number(value) || is_switch(value) || values.iter().any(|known| is_near(known, value))
        }
    }
}

/// What the parameters of this name take, of all clients: sorted by name once, for every URL asks.
fn takes(name: &str) -> &'static [&'static ParamType] {
    static BY_NAME: OnceLock<HashMap<String, Vec<&'static ParamType>>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        let mut by_name: HashMap<String, Vec<&ParamType>> = HashMap::new();
        for param in catalog().clients.iter().flat_map(|client| &client.params) {
            by_name.entry(joined(&param.name)).or_default().push(&param.takes);
        }
        by_name
    });
    by_name.get(&joined(name)).map(Vec::as_slice).unwrap_or_default()
}

/// Whether a text holds a credential, as it is or percent-encoded (`options=-c%20password%3D…`).
fn holds_secret(value: &str) -> bool {
    let decoded = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
    let decoded = decoded.replace('+', " ");
    super::forms::holds_credential(value) || super::forms::holds_credential(&decoded)
}

/// A name in small letters, without the signs between its words.
fn joined(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// `10`, `-1`, `5.5`, and with the unit that people write behind: `10s`, `30 seconds`.
fn is_number(value: &str) -> bool {
    const UNITS: [&str; 13] =
        ["", "%", "ns", "us", "ms", "s", "sec", "secs", "second", "seconds", "m", "min", "h"];
    let value = value.trim().trim_start_matches(['+', '-']);
    let unit = value.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    unit.len() < value.len() && value.len() <= 24 && UNITS.contains(&unit.trim())
}

fn is_switch(value: &str) -> bool {
    const SWITCHES: [&str; 10] =
        ["true", "false", "yes", "no", "on", "off", "none", "null", "infinity", "unlimited"];
    SWITCHES.iter().any(|known| value.eq_ignore_ascii_case(known))
}

/// Whether a value is one of a parameter's, or a typing error away.
fn is_near(known: &str, value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.len() <= 64 && strsim::damerau_levenshtein(&known.to_ascii_lowercase(), &value) <= known.len() / 3
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn values_are_shown_where_the_name_is_known_and_the_value_fits() {
        for (name, value) in [
            ("connection_limit", "10"),
            ("connection_limit", "-1"),
            ("pool_timeout", "10s"),
            ("pool_timeout", "5.5"),
            ("connectionLimit", "10"),
            ("sslmode", "require"),
            ("sslmode", "requier"),
            ("pgbouncer", "1"),
            ("schema", "public"),
            ("application_name", "Backend2024ForQuarter1"),
            ("options", "-c%20statement_timeout%3D5000"),
            ("options", "-c search_path=app"),
            ("sslrootcert", "/etc/ssl/ca.pem"),
            ("connection_limit", "5?pool_timeout=10"),
        ] {
            assert!(is_plain(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("pasword", "hunter"),
            ("passwd", "10"),
            ("anything", "true"),
            ("connection_limit", "hunter"),
            ("connection_limit", "10hunter"),
            ("sslmode", "hunter"),
            ("connection_limit", "5?hunter"),
            ("connection_limit", "5?pool_timeout=hunter"),
            ("pgbouncer", "hunter"),
            ("options", "-c%20password%3Dhunter"),
            ("options", "-c+password%3Dhunter"),
            ("application_name", "postgres://u:hunter@h"),
        ] {
            assert!(!is_plain(name, value), "{name}={value}");
        }
    }
}
