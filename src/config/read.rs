//! From the text of `poollint.toml` to a [`Config`].

use std::collections::BTreeMap;

use globset::Glob;

use super::table::{Problem, Table, nearest, text};
use super::types::{
    BudgetConfig, Config, DatabaseConfig, Ignore, InstancesConfig, NodesConfig, OtherConsumer, RuleConfig,
    RuleLevel, WorkloadConfig,
};
use super::what_if::WhatIf;
use crate::catalog;
use crate::model::{Basis, Environment, Located, Severity, Size};
use crate::span::{FileId, Place};
use crate::syntax::node::{Node, Typed, Value};
use crate::syntax::toml;

type Result<T> = std::result::Result<T, Problem>;

/// Reads a configuration. Whether rules and params exist is for the rules to check.
///
/// # Errors
/// When it is no TOML, a key is unknown or a value has the wrong type.
pub fn parse(file: FileId, source: &str) -> std::result::Result<Config, Problem> {
    let root = toml::parse(source).map_err(|error| Problem { span: error.span, message: error.message })?;
    let mut table = Table::new(file, &root, "")?;
    let config = Config {
        fail_on: fail_on(&mut table)?,
        exclude: globs(&mut table, "exclude")?,
        select: Vec::new(),
        extend_select: table.strings("extend-select")?,
        ignore_rules: Vec::new(),
        helm: table.boolean("helm")?.unwrap_or(false),
        rules_from: globs(&mut table, "rules-from")?,
        rules_from_place: table.raw("rules-from").map(|list| Place::new(file, list.span)),
        budget: budget(&mut table)?,
        environments: environments(&mut table)?,
        fallback_environment: None,
        databases: databases(&mut table)?.into_iter().collect(),
        nodes: nodes(&mut table)?,
        workloads: workloads(&mut table)?.into_iter().collect(),
        what_if: WhatIf::default(),
        rules: rules(&mut table)?.into_iter().collect(),
        ignores: ignores(&mut table)?,
    };
    table.finish()?;
    Ok(config)
}

fn fail_on(table: &mut Table<'_>) -> Result<Option<Option<Severity>>> {
    let Some((name, place)) = table.string("fail-on")? else { return Ok(None) };
    match name.as_str() {
        "never" => Ok(Some(None)),
        other => severity(other)
            .map(|severity| Some(Some(severity)))
            .ok_or_else(|| wrong(place, "`fail-on` must be error, warning, info or never")),
    }
}

fn severity(name: &str) -> Option<Severity> {
    [Severity::Error, Severity::Warning, Severity::Info].into_iter().find(|severity| severity.name() == name)
}

fn wrong(place: Place, message: impl Into<String>) -> Problem {
    Problem { span: place.span, message: message.into() }
}

fn globs(table: &mut Table<'_>, key: &'static str) -> Result<Vec<String>> {
    let items = table.raw(key).map(Node::items).unwrap_or_default();
    let globs = table.strings(key)?;
    match globs.iter().zip(items).find(|(glob, _)| Glob::new(glob).is_err()) {
        Some((bad, item)) => {
            Err(Problem { span: item.span, message: format!("`{key}` holds {bad:?}, which is no glob") })
        }
        None => Ok(globs),
    }
}

fn budget(table: &mut Table<'_>) -> Result<BudgetConfig> {
    let defaults = BudgetConfig::default();
    let Some(mut table) = table.table("budget")? else { return Ok(defaults) };
    let share = table.share("share")?.unwrap_or(defaults.share);
    let info_share = table.share("info-share")?.unwrap_or_else(|| defaults.info_share.min(share));
    if info_share > share {
        let written = ["info-share", "share"].into_iter().find_map(|key| table.raw(key));
        return Err(Problem {
            span: written.map_or(table.place().span, |node| node.span),
            message: "`info-share` is above `share`: nothing would be left to it".to_owned(),
        });
    }
    table.finish()?;
    Ok(BudgetConfig { share, info_share })
}

fn environments(table: &mut Table<'_>) -> Result<Vec<(Environment, Vec<String>)>> {
    let Some(table) = table.table("environments")? else { return Ok(Vec::new()) };
    table
        .rest()
        .map(|entry| {
            let name = entry.key.as_str();
            let environment = name.parse::<Environment>().map_err(|known| {
                let names = Environment::KNOWN.iter().map(|environment| environment.name());
                let message = match nearest(name, names) {
                    Some(near) => format!("unknown environment `{name}`; did you mean `{near}`?"),
                    None => format!("unknown environment `{name}`; it must be {known}"),
                };
                Problem { span: entry.key_span, message }
            })?;
            let glob = |item| text(item).filter(|glob| Glob::new(glob).is_ok()).map(str::to_owned);
            let globs = match &entry.value.value {
                Value::Sequence(items) => items.iter().map(glob).collect::<Option<Vec<String>>>(),
                _ => None,
            };
            let globs = globs.ok_or_else(|| table.expected(&entry.value, name, "a list of globs"))?;
            Ok((environment, globs))
        })
        .collect()
}

fn databases(table: &mut Table<'_>) -> Result<Vec<(String, DatabaseConfig)>> {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    table
        .named_tables("databases")?
        .into_iter()
        .map(|(name, mut table)| {
            let written = table.raw("match").is_some();
            // Without any it is about the server of its own name.
            let mut matches = globs(&mut table, "match")?;
            if !written {
                matches.push(name.clone());
            }
            if written && matches.is_empty() {
                return Err(Problem {
                    span: table.raw("match").map_or(table.place().span, |list| list.span),
                    message: format!(
                        "[databases.{name}] matches nothing: name the hosts that it is about, as in match = [\"db.internal:5432\"]"
                    ),
                });
            }
            let config = DatabaseConfig {
                matches,
                max_connections: table.positive("max-connections")?,
                plan: plan(&mut table)?,
                reserved: table.count("reserved")?,
                others: others(&mut table)?,
                shared: table.boolean("shared")?.unwrap_or(false),
                place: Some(table.place()),
            };
            for pattern in &config.matches {
                let lower = pattern.to_ascii_lowercase();
                if let Some(other) = taken.insert(lower, name.clone()).filter(|other| *other != name) {
                    let list = table.raw("match");
                    return Err(Problem {
                        span: list.map_or(table.place().span, |list| list.span),
                        message: format!(
                            "[databases.{name}] and [databases.{other}] are both about {pattern}: make them one"
                        ),
                    });
                }
            }
            contradiction(&name, &config, &mut table)?;
            table.finish()?;
            Ok((name, config))
        })
        .collect()
}

/// Numbers of one database that cannot all be true.
fn contradiction(name: &str, config: &DatabaseConfig, table: &mut Table<'_>) -> Result<()> {
    let number = |count: &Option<Located<u64>>| count.as_ref().and_then(|count| count.value);
    let message = if number(&config.max_connections)
        .zip(number(&config.reserved))
        .is_some_and(|(limit, kept)| kept >= limit)
    {
        format!("[databases.{name}] reserves as many connections as there are")
    } else {
        return Ok(());
    };
    let span = table.raw("reserved").map_or(table.place().span, |node| node.span);
    Err(Problem { span, message })
}

/// A plan that the catalogue knows.
fn plan(table: &mut Table<'_>) -> Result<Option<(String, Place)>> {
    let Some((name, place)) = table.string("plan")? else { return Ok(None) };
    if !catalog::plans(&name).is_empty() {
        return Ok(Some((name, place)));
    }
    let known: Vec<String> = catalog::plan_names().collect();
    let message = match nearest(&name, known.iter().map(String::as_str)) {
        Some(near) => format!("unknown plan `{name}`; did you mean `{near}`?"),
        None => {
            format!(
                "unknown plan `{name}`; it must be a provider's, as in `aws-rds/db.t3.medium`, or state `max-connections`"
            )
        }
    };
    Err(wrong(place, message))
}

fn others(table: &mut Table<'_>) -> Result<Vec<OtherConsumer>> {
    table
        .tables("others")?
        .into_iter()
        .map(|mut table| {
            let place = table.place();
            let name =
                table.string("name")?.ok_or_else(|| wrong(place, "an entry of `others` needs a `name`"))?.0;
            let connections = table
                .count("connections")?
                .ok_or_else(|| wrong(place, "an entry of `others` needs a number of `connections`"))?;
            table.finish()?;
            Ok(OtherConsumer { name, connections })
        })
        .collect()
}

fn nodes(table: &mut Table<'_>) -> Result<NodesConfig> {
    let Some(mut table) = table.table("nodes")? else { return Ok(NodesConfig::default()) };
    let cpus = table.positive("cpus")?;
    table.finish()?;
    Ok(NodesConfig { cpus })
}

fn workloads(table: &mut Table<'_>) -> Result<Vec<(String, WorkloadConfig)>> {
    table
        .named_tables("workloads")?
        .into_iter()
        .map(|(name, mut table)| {
            let config = WorkloadConfig {
                deployment: table.string("deployment")?.map(|(glob, _)| glob),
                instances: instances(&mut table)?,
                processes: table.positive("processes")?,
                client: client(&mut table)?.map(|(label, place)| (label, Some(place))),
                pool_size: pool_size(&mut table)?,
                place: Some(table.place()),
            };
            table.finish()?;
            Ok((name, config))
        })
        .collect()
}

/// A client that the catalogue knows.
fn client(table: &mut Table<'_>) -> Result<Option<(String, Place)>> {
    let Some((name, place)) = table.string("client")? else { return Ok(None) };
    let clients = &catalog::catalog().clients;
    if clients.iter().any(|entry| entry.label == name) {
        return Ok(Some((name, place)));
    }
    let labels = clients.iter().map(|entry| entry.label.as_str());
    let message = match nearest(&name, labels) {
        Some(near) => format!("unknown client `{name}`; did you mean `{near}`?"),
        None => format!("unknown client `{name}`: leave it out, and declare its `pool-size`"),
    };
    Err(wrong(place, message))
}

/// `instances = 3` or `instances = { min = 2, max = 6, rollout = 8 }`.
fn instances(table: &mut Table<'_>) -> Result<InstancesConfig> {
    if table.raw("instances").is_some_and(|node| matches!(node.value, Value::Scalar(_))) {
        let count = table.count("instances")?;
        return Ok(InstancesConfig { min: count.clone(), max: count, rollout: None });
    }
    let Some(mut table) = table.table("instances")? else { return Ok(InstancesConfig::default()) };
    let place = table.place();
    let instances = InstancesConfig {
        min: table.count("min")?,
        max: table.count("max")?,
        rollout: table.count("rollout")?,
    };
    table.finish()?;
    let order: Vec<u64> = [&instances.min, &instances.max, &instances.rollout]
        .into_iter()
        .filter_map(|count| count.as_ref()?.value)
        .collect();
    if !order.is_sorted() {
        return Err(wrong(place, "`instances` must rise from `min` over `max` to `rollout`"));
    }
    Ok(instances)
}

/// A number, or `"unlimited"`.
fn pool_size(table: &mut Table<'_>) -> Result<Option<Located<Size>>> {
    if table.raw("pool-size").and_then(text) == Some("unlimited") {
        let place = table.string("pool-size")?.map(|(_, place)| place);
        return Ok(Some(Located::of(Size::Unlimited, Basis::Declared).at(place)));
    }
    Ok(table.count("pool-size")?.map(|count| count.map(Size::Limit)))
}

fn rules(table: &mut Table<'_>) -> Result<Vec<(String, RuleConfig)>> {
    table
        .named_tables("rules")?
        .into_iter()
        .map(|(name, mut table)| {
            let level = match table.string("severity")? {
                None => None,
                Some((level, _)) if level == "off" => Some(RuleLevel::Off),
                Some((level, place)) => Some(RuleLevel::Severity(severity(&level).ok_or_else(|| {
                    wrong(place, format!("`rules.{name}.severity` must be error, warning, info or off"))
                })?)),
            };
            let params =
                table.rest().map(|entry| (entry.key.as_str().to_owned(), json(&entry.value))).collect();
            let place = |span| Place::new(table.place().file, span);
            let places = table.rest().map(|entry| {
                (entry.key.as_str().to_owned(), (place(entry.key_span), place(entry.value.span)))
            });
            let places = places.collect();
            Ok((name, RuleConfig { level, params, places, place: Some(table.place()) }))
        })
        .collect()
}

/// A param's value.
fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Sequence(items) => items.iter().map(json).collect(),
        Value::Mapping(mapping) => {
            mapping.entries.iter().map(|entry| (entry.key.as_str().to_owned(), json(&entry.value))).collect()
        }
        Value::Scalar(scalar) => match text(node) {
            Some(text) => text.into(),
            None => match scalar.core() {
                Typed::Bool(value) => value.into(),
                Typed::Int(value) => i64::try_from(value).map_or(serde_json::Value::Null, Into::into),
                Typed::Float(value) => value.into(),
                Typed::Null | Typed::Text => scalar.text.as_str().into(),
            },
        },
    }
}

fn ignores(table: &mut Table<'_>) -> Result<Vec<Ignore>> {
    table
        .tables("ignore")?
        .into_iter()
        .map(|mut table| {
            let place = table.place();
            let rule = table.string("rule")?.ok_or_else(|| wrong(place, "an `[[ignore]]` needs a `rule`"))?.0;
            let path = table.string("path")?;
            if let Some((glob, place)) = &path
                && Glob::new(glob).is_err()
            {
                return Err(wrong(*place, "`path` must be a glob"));
            }
            let reason = table.string("reason")?.map(|(reason, _)| reason);
            table.finish()?;
            Ok(Ignore { rule, path: path.map(|(glob, _)| glob), reason, place })
        })
        .collect()
}
