//! `budget --set name.field=value`: an overlay over the configuration, with the fields of its tables.

use std::collections::BTreeMap;

use super::table::nearest;
use super::types::{InstancesConfig, WorkloadConfig};
use crate::catalog::{self, catalog};
use crate::model::{Basis, Located, Size};

/// What is supposed to be otherwise than files and configuration say.
#[derive(Debug, Clone, Default)]
pub struct WhatIf {
    /// Workloads by name.
    pub workloads: BTreeMap<String, WorkloadConfig>,
    /// Servers by the name, address or `[databases]` key that was given.
    pub servers: BTreeMap<String, ServerIf>,
    /// Main settings of poolers, by the pooler's name.
    pub poolers: BTreeMap<String, BTreeMap<String, Located<String>>>,
}

/// What is supposed of a server.
#[derive(Debug, Clone, Default)]
pub struct ServerIf {
    /// Connection limit.
    pub max_connections: Option<Located<u64>>,
    /// Slots that applications do not get.
    pub reserved: Option<Located<u64>>,
}

/// What can be spoken of: the names that a deployment's parts go by.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Workloads.
    pub workloads: Vec<String>,
    /// Servers: names, addresses, keys of `[databases]`.
    pub servers: Vec<String>,
    /// Poolers, with their kind.
    pub poolers: Vec<(String, String)>,
}

/// The note of every value that comes from the command line.
pub const ORIGIN: &str = "--set";

const WORKLOAD: [&str; 7] =
    ["instances", "instances.min", "instances.max", "instances.rollout", "processes", "pool-size", "client"];
const SERVER: [&str; 2] = ["max-connections", "reserved"];

impl WhatIf {
    /// Adds one `name.field=value`.
    ///
    /// # Errors
    /// When it has another form, or names what is not there; says what would be near.
    pub fn set(&mut self, argument: &str, names: &Names) -> Result<(), String> {
        let form = || "--set takes name.field=value, as in api.instances.max=6".to_owned();
        let (path, value) = argument.split_once('=').ok_or_else(form)?;
        let (path, value) = (path.trim(), value.trim());
        let all = || {
            let plain = names.workloads.iter().chain(&names.servers).map(String::as_str);
            plain.chain(names.poolers.iter().map(|(name, _)| name.as_str()))
        };
        let field_of = |name: &str| path.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
        let name = all().filter(|name| field_of(name).is_some()).max_by_key(|name| name.len());
        let Some((name, field)) = name.and_then(|name| Some((name.to_owned(), field_of(name)?))) else {
            let (name, _) = split(path).ok_or_else(form)?;
            let hint = match nearest(name, all()) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => String::new(),
            };
            return Err(format!("--set: no workload, server or pooler here is called `{name}`{hint}"));
        };
        let is_workload = names.workloads.contains(&name);
        let is_server = names.servers.contains(&name);
        let kind = names.poolers.iter().find(|(pooler, _)| *pooler == name).map(|(_, kind)| kind.as_str());
        let settings: Vec<&str> = kind
            .and_then(|kind| catalog().pooler(kind))
            .map(|pooler| pooler.settings.iter().map(|setting| setting.name.as_str()).collect())
            .unwrap_or_default();
        if is_server && SERVER.contains(&field) {
            return self.server(name, field, value);
        }
        if settings.contains(&field) {
            return self.pooler(name, field, value);
        }
        if is_workload && WORKLOAD.contains(&field) {
            return self.workload(name, field, value);
        }
        let mut fields: Vec<&str> = Vec::new();
        fields.extend(SERVER.iter().filter(|_| is_server));
        fields.extend(settings);
        fields.extend(WORKLOAD.iter().filter(|_| is_workload));
        Err(match nearest(field, fields.iter().copied()) {
            Some(near) => format!("--set: `{name}` has no field `{field}`; did you mean `{near}`?"),
            None => format!("--set: `{name}` has no field `{field}`; it has {}", fields.join(", ")),
        })
    }

    fn server(&mut self, name: String, field: &str, value: &str) -> Result<(), String> {
        let count = count(field, value)?;
        let server = self.servers.entry(name).or_default();
        match field {
            "reserved" => server.reserved = Some(count),
            _ => server.max_connections = Some(count),
        }
        Ok(())
    }

    fn pooler(&mut self, name: String, field: &str, value: &str) -> Result<(), String> {
        let modes = ["session", "transaction", "statement"];
        let value = match field {
            "pool_mode" if modes.contains(&value) => value.to_owned(),
            "pool_mode" => return Err(format!("--set: `{field}` must be one of {}", modes.join(", "))),
            _ => count(field, value)?.value.unwrap_or_default().to_string(),
        };
        let value = Located::of(value, Basis::Declared).noted(ORIGIN);
        self.poolers.entry(name).or_default().insert(field.to_owned(), value);
        Ok(())
    }

    fn workload(&mut self, name: String, field: &str, value: &str) -> Result<(), String> {
        let workload = self.workloads.entry(name).or_default();
        match field {
            "client" => {
                let known = || catalog().clients.iter().map(|entry| entry.label.as_str());
                let Some(entry) = catalog::catalog().client(value) else {
                    let hint = nearest(value, known()).map(|near| format!("; did you mean `{near}`?"));
                    return Err(format!("--set: no client is called `{value}`{}", hint.unwrap_or_default()));
                };
                workload.client = Some((entry.label.clone(), None));
            }
            "pool-size" if value == "unlimited" => {
                workload.pool_size = Some(Located::of(Size::Unlimited, Basis::Declared).noted(ORIGIN));
            }
            "pool-size" => workload.pool_size = Some(count(field, value)?.map(Size::Limit)),
            "processes" => workload.processes = Some(count(field, value)?),
            "instances" => {
                let count = count(field, value)?;
                workload.instances.min = Some(count.clone());
                workload.instances.max = Some(count);
            }
            "instances.min" => workload.instances.min = Some(count(field, value)?),
            "instances.max" => workload.instances.max = Some(count(field, value)?),
            _ => workload.instances.rollout = Some(count(field, value)?),
        }
        let InstancesConfig { min, max, rollout } = &workload.instances;
        let order: Vec<u64> =
            [min, max, rollout].into_iter().filter_map(|count| count.as_ref()?.value).collect();
        if order.is_sorted() {
            Ok(())
        } else {
            Err("--set: `instances` must rise from `min` over `max` to `rollout`".to_owned())
        }
    }
}

fn count(field: &str, value: &str) -> Result<Located<u64>, String> {
    match value.parse() {
        Ok(value) => Ok(Located::of(value, Basis::Declared).noted(ORIGIN)),
        Err(_) => Err(format!("--set: `{field}` must be a whole number, 0 or more")),
    }
}

/// Name and field where the name is not known: the longest field that is, else what follows the last dot.
fn split(path: &str) -> Option<(&str, &str)> {
    let known = WORKLOAD.iter().chain(&SERVER).filter_map(|field| {
        let name = path.strip_suffix(field)?.strip_suffix('.')?;
        Some((name, *field))
    });
    known.max_by_key(|(_, field)| field.len()).or_else(|| path.rsplit_once('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names {
            workloads: vec!["api".to_owned(), "api.v2".to_owned(), "db".to_owned(), "pool".to_owned()],
            servers: vec!["db".to_owned(), "db:5432".to_owned()],
            poolers: vec![("pool".to_owned(), "pgbouncer".to_owned())],
        }
    }

    #[test]
    fn each_field_goes_where_it_belongs() {
        let mut what_if = WhatIf::default();
        for argument in [
            "api.instances.max=6",
            "api.v2.processes = 4",
            "api.pool-size=unlimited",
            "db:5432.max-connections=200",
            "db.reserved=10",
            "db.instances=1",
            "pool.default_pool_size=7",
            "pool.pool_mode=session",
        ] {
            what_if.set(argument, &names()).unwrap();
        }
        let max = what_if.workloads["api"].instances.max.as_ref().unwrap();
        assert_eq!((max.value, max.basis, max.note.as_deref()), (Some(6), Basis::Declared, Some("--set")));
        assert_eq!(what_if.workloads["api"].pool_size.as_ref().unwrap().value, Some(Size::Unlimited));
        assert_eq!(what_if.workloads["api.v2"].processes.as_ref().unwrap().value, Some(4));
        assert_eq!(what_if.servers["db:5432"].max_connections.as_ref().unwrap().value, Some(200));
        assert_eq!(what_if.servers["db"].reserved.as_ref().unwrap().value, Some(10));
        assert_eq!(what_if.poolers["pool"]["default_pool_size"].value.as_deref(), Some("7"));
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        for (argument, said) in [
            ("api", "takes name.field=value"),
            ("apj.processes=4", "did you mean `api`"),
            ("zzzzzzzzzz.instances.max=4", "no workload, server or pooler here is called `zzzzzzzzzz`"),
            ("api.procesess=4", "did you mean `processes`"),
            ("api.max-connections=4", "`api` has no field `max-connections`"),
            ("pool.default_pol_size=4", "did you mean `default_pool_size`"),
            ("pool.pool_mode=x", "must be one of"),
            ("api.processes=many", "must be a whole number"),
            ("api.processes=-1", "must be a whole number"),
            ("api.client=prisma@66", "did you mean `prisma@"),
        ] {
            let error = WhatIf::default().set(argument, &names()).unwrap_err();
            assert!(error.contains(said), "{argument}: {error}");
        }
        let mut what_if = WhatIf::default();
        what_if.set("api.instances.max=2", &names()).unwrap();
        assert!(what_if.set("api.instances.min=3", &names()).unwrap_err().contains("must rise"));
    }
}
