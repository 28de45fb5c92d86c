//! One variable with different pool settings or another database, in files of the same environment.

use std::collections::BTreeMap;

use super::interpolate::{self, Found, Lookup};
use super::targets::{is_local, is_public};
use super::{Context, names};
use crate::catalog::{VariableMeaning, catalog};
use crate::mask::{is_plain, may_be_secret};
use crate::model::{Container, Defect, Deployment, DeploymentKind, EnvReader, Environment, Model, Workload};
use crate::readers::directory;
use crate::span::{FileId, Place, Text};
use crate::syntax::connection::{self, ConnectionString, Flaw, FlawKind};
use crate::syntax::dotenv::Dialect;

/// The rule's name.
const RULE: &str = "cross-file-drift";

/// What drifts apart anywhere in the repository.
#[must_use]
pub fn of_model(context: &Context<'_>, model: &Model) -> Vec<Defect> {
    let mut found = Vec::new();
    for (index, deployment) in model.deployments.iter().enumerate() {
        let mut own = overridden(context, model, deployment);
        for defect in &mut own {
            defect.deployment = Some(index);
        }
        found.append(&mut own);
    }
    found.extend(apart(context, model));
    found.extend(beside_schema(context, model));
    found
}

/// What an `env_file` of a service says and its `environment` says otherwise: Compose hands on the latter.
fn overridden(context: &Context<'_>, model: &Model, deployment: &Deployment) -> Vec<Defect> {
    let mut found = Vec::new();
    let uses = model.env_uses.iter().filter(|env_use| env_use.reader == EnvReader::ComposeEnvFile);
    for env_use in uses.filter(|_| deployment.kind == DeploymentKind::Compose) {
        let Some(entry) = env_use.evidence.filter(|place| deployment.files.contains(&place.file)) else {
            continue;
        };
        let lines = entries(context, env_use.file, Dialect::Compose);
        for (workload, container) in containers(deployment) {
            if !container.environment.values().any(|variable| variable.via == Some(entry)) {
                continue;
            }
            for (name, lost) in &lines {
                // What another service takes from the file as it is, this one sets apart on purpose.
                if is_taken(deployment, env_use.file, name) {
                    continue;
                }
                let won = container.environment.get(name).filter(|won| won.via.is_none());
                let Some(difference) = won.and_then(|won| difference(name, lost, &won.text(), false)) else {
                    continue;
                };
                let mut defect = difference.defect(context, "overridden", name);
                defect.workload = Some(workload.name.clone());
                found.push(defect);
            }
        }
    }
    found
}

/// Whether some service gets the variable from this file.
fn is_taken(deployment: &Deployment, file: FileId, name: &str) -> bool {
    containers(deployment).any(|(_, container)| {
        let variable = container.environment.get(name).filter(|variable| variable.via.is_some());
        variable.and_then(|variable| variable.name_place).is_some_and(|place| place.file == file)
    })
}

/// A lone env file and a deployment of the same environment, where the file's directory holds the deployment or what it
/// builds, and one workload alone has the variable.
fn apart(context: &Context<'_>, model: &Model) -> Vec<Defect> {
    let mut found = Vec::new();
    let environment = |deployment: &Deployment| {
        deployment.environment.value.filter(|it| !matches!(it, Environment::Unknown | Environment::Example))
    };
    let (lone, others): (Vec<(usize, &Deployment)>, Vec<_>) =
        model.deployments.iter().enumerate().partition(|(_, it)| it.kind == DeploymentKind::EnvFile);
    for (index, env_file) in lone {
        let Some(file) = env_file.files.first() else { continue };
        let own = directory(context.files.path(*file));
        let same = others
            .iter()
            .map(|(_, other)| *other)
            .filter(|other| environment(other).is_some() && environment(other) == environment(env_file));
        for other in same {
            for (_, container) in containers(env_file) {
                for (name, variable) in &container.environment {
                    let mut holders =
                        containers(other).filter(|(_, holder)| holder.environment.contains_key(name));
                    let Some((workload, holder)) = holders.next().filter(|_| holders.next().is_none()) else {
                        continue;
                    };
                    let main = other.files.first().map(|file| directory(context.files.path(*file)));
                    if holder.build.as_deref() != Some(own) && main != Some(own) {
                        continue;
                    }
                    let Some(beside) = holder.environment.get(name) else { continue };
                    let Some(difference) = difference(name, &variable.text(), &beside.text(), true) else {
                        continue;
                    };
                    let mut defect =
                        difference.defect(context, "apart", name).fact("user", workload.name.as_str());
                    defect.deployment = Some(index);
                    found.push(defect);
                }
            }
        }
    }
    found
}

/// `.env` and `prisma/.env` with the same variable: Prisma up to 6 loads both.
fn beside_schema(context: &Context<'_>, model: &Model) -> Vec<Defect> {
    let mut found = Vec::new();
    // Prisma 7 loads no file by itself.
    let later =
        context.declarations.dependencies.iter().flat_map(|manifest| &manifest.dependencies).any(|it| {
            matches!(it.name.as_str(), "prisma" | "@prisma/client")
                && it.major.is_some_and(|major| major >= 7)
        });
    if later {
        return found;
    }
    for (schema, _) in &context.declarations.schemas {
        let folder = directory(context.files.path(*schema));
        let Some(above) = folder.strip_suffix("prisma").map(|above| above.trim_end_matches('/')) else {
            continue;
        };
        let join =
            |folder: &str| if folder.is_empty() { ".env".to_owned() } else { format!("{folder}/.env") };
        let (Some(inner), Some(outer)) =
            (context.files.find(&join(folder)), context.files.find(&join(above)))
        else {
            continue;
        };
        let outer_lines = entries(context, outer, Dialect::NodeDotenv);
        for (name, one) in entries(context, inner, Dialect::NodeDotenv) {
            let Some(other) = outer_lines.get(&name).filter(|_| names::is_database_key(&name)) else {
                continue;
            };
            let (Some(place), Some(label)) = (whole(&one), whole(other)) else { continue };
            if one.as_str() == other.as_str() {
                continue;
            }
            let mut defect = Defect::new(RULE, "prisma", place)
                .of(name)
                .fact("one_at", at(context, place))
                .fact("other_at", at(context, label))
                .label(label, "the other value");
            defect.deployment =
                model.deployments.iter().position(|deployment| deployment.files.contains(&inner));
            found.push(defect);
        }
    }
    found
}

fn containers(deployment: &Deployment) -> impl Iterator<Item = (&Workload, &Container)> {
    deployment
        .workloads
        .iter()
        .flat_map(|workload| workload.containers.iter().map(move |container| (workload, container)))
}

/// Nothing outside the file is known.
struct Nothing;

impl Lookup for Nothing {
    fn get(&self, _name: &str) -> Found {
        Found::Unset
    }
}

fn entries(context: &Context<'_>, file: FileId, dialect: Dialect) -> BTreeMap<String, Text> {
    let map = interpolate::env_file(context.files.text(file), file, dialect, &Nothing);
    map.variables.into_iter().filter_map(|(name, entry)| Some((name, entry.text?))).collect()
}

/// What two values of one variable disagree about.
struct Difference {
    what: String,
    one: Option<String>,
    other: Option<String>,
    one_place: Place,
    other_place: Place,
}

impl Difference {
    fn defect(&self, context: &Context<'_>, kind: &'static str, name: &str) -> Defect {
        let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
        Defect::new(RULE, kind, self.one_place)
            .of(name)
            .fact("what", self.what.as_str())
            .fact("one", told(&self.one))
            .fact("other", told(&self.other))
            .fact("one_at", at(context, self.one_place))
            .fact("other_at", at(context, self.other_place))
            .label(self.other_place, "the other value")
    }
}

/// `compose.yaml:12`
fn at(context: &Context<'_>, place: Place) -> String {
    format!("{}:{}", context.files.path(place.file), context.files.line(place))
}

fn whole(text: &Text) -> Option<Place> {
    text.place_of(0..text.as_str().len())
}

/// The first difference that is one of pools or of where the connection leads. `host` tells whether another host is
/// one: what runs in a container reaches the same server by another name than what does not.
fn difference(name: &str, one: &Text, other: &Text, host: bool) -> Option<Difference> {
    if !one.is_known() || !other.is_known() || one.as_str() == other.as_str() {
        return None;
    }
    let (one_place, other_place) = (whole(one)?, whole(other)?);
    if one_place.file == other_place.file {
        return None;
    }
    let different = |what: &str, one: Option<String>, other: Option<String>| {
        Some(Difference { what: what.to_owned(), one, other, one_place, other_place })
    };
    if let (Some(first), Some(second)) = (connection::parse(one.as_str()), connection::parse(other.as_str()))
    {
        if !sound(&first) || !sound(&second) || first.database_kind != second.database_kind {
            return None;
        }
        for param in pool_params() {
            let (left, right) = (value(&first, param), value(&second, param));
            if left != right && (left.is_some() || right.is_some()) {
                return different(param, left, right);
            }
        }
        let (from, to) = (first.host()?, second.host()?);
        if host && from != to && is_public(from) && is_public(to) && plain(from) && plain(to) {
            return different("the host", Some(from.to_owned()), Some(to.to_owned()));
        }
        let database = |parsed: &ConnectionString| {
            parsed.database.as_ref()?.known().filter(|name| plain(name)).map(str::to_owned)
        };
        let (left, right) = (database(&first)?, database(&second)?);
        let same = from.eq_ignore_ascii_case(to) && !is_local(from) && first.port() == second.port();
        return (same && left != right).then(|| different("the database", Some(left), Some(right))).flatten();
    }
    let pool = names::meaning(name).filter(|meaning| {
        matches!(
            meaning.role,
            VariableMeaning::PoolSize | VariableMeaning::PoolOverflow | VariableMeaning::AcquireTimeout
        )
    });
    pool?;
    let number = |text: &Text| text.as_str().trim().parse::<u64>().ok();
    let (left, right) = (number(one)?, number(other)?);
    (left != right).then(|| different(name, Some(left.to_string()), Some(right.to_string()))).flatten()
}

/// Parameters of URLs that size a pool or time the wait for it.
fn pool_params() -> impl Iterator<Item = &'static str> {
    let pools = catalog().clients.iter().map(|client| &client.pool);
    let names = pools.flat_map(|pool| {
        let sizes = [&pool.size, &pool.overflow].into_iter().flatten().flat_map(|size| &size.params);
        sizes.chain(pool.acquire_timeout.iter().flat_map(|time| &time.params))
    });
    let names: std::collections::BTreeSet<&str> = names.map(String::as_str).collect();
    names.into_iter()
}

fn value(parsed: &ConnectionString, param: &str) -> Option<String> {
    let value = parsed.param(param)?.value.as_ref()?.known()?;
    is_plain(param, value).then(|| value.to_owned())
}

fn plain(text: &str) -> bool {
    !may_be_secret(text)
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter))
}

fn sound(parsed: &ConnectionString) -> bool {
    let harmless = |flaw: &Flaw| matches!(flaw.kind, FlawKind::SeveralHosts | FlawKind::MissingEquals);
    parsed.flaws.iter().all(harmless)
}
