//! Tests: what other parsers say, then flaws, forms and secrets, then generated texts.

mod flaws;
mod forms;
mod generated;
mod oracles;
mod values;

use super::{ConnectionString, Host, parse};

/// The parsed text; panics with the text when it is none.
fn read(text: &str) -> ConnectionString {
    parse(text).unwrap_or_else(|| panic!("{text} is not recognised"))
}

/// Flaws as `kind "text" -> "replacement"`.
fn flaws(text: &str, connection: &ConnectionString) -> Vec<String> {
    connection
        .flaws
        .iter()
        .map(|flaw| {
            let shown = &text[flaw.span.range()];
            match &flaw.replacement {
                Some(replacement) => format!("{} {shown:?} -> {replacement:?}", flaw.kind.name()),
                None => format!("{} {shown:?}", flaw.kind.name()),
            }
        })
        .collect()
}

/// Hosts as `name:port`, without `:` where no port is written.
fn hosts(connection: &ConnectionString) -> Vec<String> {
    connection
        .hosts
        .iter()
        .map(|Host { name, port }| match port {
            Some(port) => format!("{}:{}", name.value, port.value),
            None => name.value.clone(),
        })
        .collect()
}
