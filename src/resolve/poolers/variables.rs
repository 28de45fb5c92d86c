//! The settings that a pooler's image takes from variables.

use super::settings::{Entry, Settings};
use crate::catalog::{Image, catalog};
use crate::model::{Basis, Container, Located, Value, Variable};
use crate::resolve::connections;

/// Settings from a container's variables, when its image reads any. The upstream is one entry for any database.
#[must_use]
pub fn settings(container: &Container, image: &Image, kind: &str) -> Settings {
    let mut settings = Settings { open: container.open_environment.is_some(), ..Settings::default() };
    let known = catalog().pooler(kind).map(|pooler| pooler.settings.as_slice()).unwrap_or_default();
    if let Some(prefix) = &image.settings_prefix {
        for setting in known {
            let name = format!("{prefix}{}", setting.name.to_ascii_uppercase());
            if let Some(variable) = container.environment.get(&name) {
                settings.main.insert(setting.name.clone(), located(variable));
            }
        }
    }
    let port = image.listen_port_variable.as_ref().and_then(|name| container.environment.get(name));
    if let Some(variable) = port {
        settings.main.insert("listen_port".to_owned(), located(variable));
    }
    settings.databases.extend(upstream(container, image));
    settings
}

fn upstream(container: &Container, image: &Image) -> Option<Entry> {
    let variable = |name: &Option<String>| container.environment.get(name.as_deref()?);
    let mut entry = Entry { name: "*".to_owned(), ..Entry::default() };
    if let Some(url) = variable(&image.url_variable) {
        entry.place = url.place();
        let text = url.text();
        let parsed = connections::parse(&text, true)?;
        let host = parsed.host().filter(|host| !host.is_empty());
        entry.options.insert("host".to_owned(), from(host.map(str::to_owned), url));
        entry.options.insert("port".to_owned(), from(parsed.port().map(|port| port.to_string()), url));
        return Some(entry);
    }
    let host = variable(&image.host_variable)?;
    entry.place = host.place();
    entry.options.insert("host".to_owned(), located(host));
    if let Some(port) = variable(&image.port_variable) {
        entry.options.insert("port".to_owned(), located(port));
    }
    Some(entry)
}

fn located(variable: &Variable) -> Located<String> {
    from(variable.known().map(str::to_owned), variable)
}

fn from(value: Option<String>, variable: &Variable) -> Located<String> {
    let basis = if value.is_some() { Basis::Written } else { Basis::Unknown };
    let hops = match &variable.value {
        Value::Text(text) => text.hops_of(0..text.as_str().len()),
        Value::Unknown(_) => Vec::new(),
    };
    Located { value, basis, place: variable.place(), hops, overridable: false, note: None }
}
