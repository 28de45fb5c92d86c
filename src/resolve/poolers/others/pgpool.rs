//! Pgpool-II: `num_init_children` processes, each of which keeps up to `max_pool` connections to each backend
//! (<https://www.pgpool.net/docs/latest/en/html/runtime-config-connection-pooling.html>).

use super::{Entry, Settings, Source};
use crate::catalog::{Image, catalog};
use crate::model::{Basis, Container, Located, Value, Variable};
use crate::syntax::ini::{Dialect, parse};

/// Backends that are looked for in variables.
const BACKENDS: usize = 16;

pub(super) fn settings(source: &Source<'_>) -> Settings {
    let ini = parse(source.text.as_str(), Dialect::Postgres);
    let mut settings = Settings::default();
    for setting in ini.sections.iter().flat_map(|section| &section.settings) {
        settings.open |= setting.key == "include";
        let value = source.written(setting.value.as_str(), setting.value_span);
        settings.main.insert(setting.key.clone(), value);
    }
    if let Some(port) = settings.main.get("port").cloned() {
        settings.main.insert("listen_port".to_owned(), port);
    }
    numbered(&mut settings);
    finish(&mut settings, None);
    settings
}

/// What the images take from variables: `PGPOOL_PARAMS_<SETTING>` (pgpool/pgpool), or names of their own and the backends
/// in one list (bitnami).
pub(super) fn from_variables(container: &Container, image: &'static Image, settings: &mut Settings) {
    let prefix = image.settings_prefix.as_deref().unwrap_or_default();
    settings.databases.clear();
    for number in 0..BACKENDS {
        for part in ["backend_hostname", "backend_port"] {
            let name = format!("{prefix}{}{number}", part.to_ascii_uppercase());
            if let Some(variable) = container.environment.get(&name) {
                settings.main.insert(format!("{part}{number}"), located(variable, variable.known()));
            }
        }
    }
    numbered(settings);
    let list = image.host_variable.as_ref().and_then(|name| container.environment.get(name));
    if let Some(variable) = list {
        match variable.known() {
            Some(nodes) => settings.databases.extend(nodes.split(',').filter_map(|node| {
                // number:host[:port[:weight…]]
                let mut parts = node.trim().split(':').skip(1);
                let mut entry = Entry { name: "*".to_owned(), place: variable.place(), ..Entry::default() };
                entry.options.insert("host".to_owned(), located(variable, Some(parts.next()?)));
                if let Some(port) = parts.next() {
                    entry.options.insert("port".to_owned(), located(variable, Some(port)));
                }
                Some(entry)
            })),
            None => settings.open = true,
        }
    }
    finish(settings, Some(image));
}

/// `backend_hostname0`, `backend_port0` and so on.
fn numbered(settings: &mut Settings) {
    for number in 0..BACKENDS {
        let Some(host) = settings.main.get(&format!("backend_hostname{number}")).cloned() else { continue };
        let mut entry = Entry { name: "*".to_owned(), place: host.place, ..Entry::default() };
        entry.options.insert("host".to_owned(), host);
        if let Some(port) = settings.main.get(&format!("backend_port{number}")) {
            entry.options.insert("port".to_owned(), port.clone());
        }
        settings.databases.push(entry);
    }
}

/// What every backend gets, and how many clients get in: one for each child.
fn finish(settings: &mut Settings, image: Option<&'static Image>) {
    let number = |name: &str| -> Located<String> {
        if let Some(written) = settings.main.get(name) {
            return written.clone();
        }
        let of_image = image.and_then(|image| image.pool).filter(|_| name == "max_pool");
        if let Some(size) = of_image {
            return Located::of(size.to_string(), Basis::ImageDefault);
        }
        let pooler = catalog().pooler("pgpool");
        let default = pooler.and_then(|pooler| pooler.setting(name)?.default.clone());
        match default.filter(|_| !settings.open) {
            Some(default) => Located::of(default, Basis::PoolerDefault),
            None => Located::unknown(),
        }
    };
    let (children, each) = (number("num_init_children"), number("max_pool"));
    let count = |value: &Located<String>| value.value.as_deref()?.trim().parse::<u64>().ok();
    let all = count(&children).zip(count(&each)).map(|(children, each)| children.saturating_mul(each));
    let size = Located {
        value: all.map(|all| all.to_string()),
        basis: if all.is_some() { Basis::Derived } else { Basis::Unknown },
        ..children.clone()
    };
    for entry in &mut settings.databases {
        entry.options.insert("pool_size".to_owned(), size.clone());
        entry.options.insert("num_init_children".to_owned(), children.clone());
        entry.options.insert("max_pool".to_owned(), each.clone());
    }
    settings.main.insert("max_client_conn".to_owned(), children);
}

fn located(variable: &Variable, value: Option<&str>) -> Located<String> {
    let hops = match &variable.value {
        Value::Text(text) => text.hops_of(0..text.as_str().len()),
        Value::Unknown(_) => Vec::new(),
    };
    let basis = if value.is_some() { Basis::Written } else { Basis::Unknown };
    Located {
        value: value.map(str::to_owned),
        basis,
        place: variable.place(),
        hops,
        overridable: false,
        note: None,
    }
}
