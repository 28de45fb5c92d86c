//! Variables that a Prisma schema asks for and that stand nowhere, beside another that does.

use super::Context;
use crate::model::{Container, Defect, Deployment, DeploymentKind, Environment, Model};
use crate::readers::directory;
use crate::span::Place;
use crate::syntax::prisma::{FieldValue, Schema};

/// The rule's name.
const RULE: &str = "env-reference-undefined";

/// What of a schema's `url` and `directUrl` a container has one of only.
#[must_use]
pub fn of_model(context: &Context<'_>, model: &Model) -> Vec<Defect> {
    let mut found = Vec::new();
    for (file, schema) in &context.declarations.schemas {
        let Some([url, direct]) = names(schema) else { continue };
        if url.0 == direct.0 {
            continue;
        }
        let project = project(context.files.path(*file));
        for (index, deployment) in model.deployments.iter().enumerate() {
            if deployment.environment.value == Some(Environment::Example) {
                continue;
            }
            for workload in &deployment.workloads {
                for container in &workload.containers {
                    let here = Here { context, model, deployment, container, project };
                    let Some((present, missing)) = here.halves(&url, &direct) else { continue };
                    let variable = container.environment.get(&present.0);
                    let Some(place) = variable.and_then(|it| it.name_place.or(it.place())) else { continue };
                    let label = Place::new(*file, missing.1);
                    let mut defect = Defect::new(RULE, "prisma", place)
                        .of(missing.0.clone())
                        .fact("sibling", present.0.as_str())
                        .fact("schema", context.files.path(*file))
                        .label(label, "asked for here");
                    defect.deployment = Some(index);
                    defect.workload = Some(workload.name.clone());
                    found.push(defect);
                }
            }
        }
    }
    found
}

/// A variable's name, and where the schema asks for it.
type Asked = (String, crate::span::Span);

/// What the schema's `url` and `directUrl` ask for, where it has both.
fn names(schema: &Schema) -> Option<[Asked; 2]> {
    let datasource = schema.datasource.as_ref()?;
    let asked = |name: &str| {
        let field = datasource.field(name)?;
        match &field.value {
            FieldValue::Env(name) => Some((name.clone(), field.span)),
            _ => None,
        }
    };
    Some([asked("url")?, asked("directUrl")?])
}

/// The directory of the package that a schema belongs to: `prisma/schema.prisma` and `prisma/schema/x.prisma` lie in one.
fn project(schema: &str) -> &str {
    let folder = directory(schema);
    let folder = folder.strip_suffix("/schema").unwrap_or(folder);
    folder.strip_suffix("prisma").map_or(folder, |above| above.trim_end_matches('/'))
}

struct Here<'a> {
    context: &'a Context<'a>,
    model: &'a Model,
    deployment: &'a Deployment,
    container: &'a Container,
    project: &'a str,
}

impl Here<'_> {
    /// The variable that is there and the one that is not.
    fn halves<'n>(&self, url: &'n Asked, direct: &'n Asked) -> Option<(&'n Asked, &'n Asked)> {
        let has = |asked: &Asked| self.container.environment.contains_key(&asked.0);
        let (present, missing) = match (has(url), has(direct)) {
            (true, false) => (url, direct),
            (false, true) => (direct, url),
            _ => return None,
        };
        let settled = self.container.open_environment.is_none() && !self.may_be_elsewhere(&missing.0);
        (settled && self.is_reader(&present.0) && self.may_migrate()).then_some((present, missing))
    }

    /// Whether the container runs the schema's program, by its client and where it is built.
    fn is_reader(&self, present: &str) -> bool {
        let prisma = self.container.connections.iter().any(|connection| {
            let named =
                connection.variable == present || connection.aliases.iter().any(|alias| alias == present);
            named && connection.client.as_ref().is_some_and(|client| client.label == "prisma@6")
        });
        let home = match &self.container.build {
            Some(build) => build.as_str(),
            None => {
                self.deployment.files.first().map_or("", |file| directory(self.context.files.path(*file)))
            }
        };
        let one_schema = self.context.declarations.schemas.len() == 1;
        prisma && (home == self.project || (one_schema && self.deployment.kind != DeploymentKind::EnvFile))
    }

    /// Whether Prisma's commands may run: not where the container's own command, or all that its Dockerfile starts, is
    /// plainly another program.
    fn may_migrate(&self) -> bool {
        let starts = |text: &str| {
            ["prisma", "migrate", ".sh", "entrypoint", "npm", "yarn", "bun", "sh -c"]
                .iter()
                .any(|sign| text.contains(sign))
        };
        if !self.container.command.is_empty() {
            return self.container.command.iter().any(|word| !word.is_known() || starts(word.as_str()));
        }
        let Some(build) = &self.container.build else { return true };
        let dockerfiles = &self.context.declarations.dockerfiles;
        let own = dockerfiles.iter().filter(|(file, _)| directory(self.context.files.path(*file)) == build);
        let texts: Vec<&str> = own.map(|(file, _)| self.context.files.text(*file)).collect();
        let mut lines = texts.iter().flat_map(|text| text.lines()).map(str::trim_start);
        texts.is_empty()
            || lines.any(|line| (line.starts_with("CMD") || line.starts_with("ENTRYPOINT")) && starts(line))
    }

    /// Whether something else may supply it: a Dockerfile, a platform, or another env file beside a lone one.
    fn may_be_elsewhere(&self, name: &str) -> bool {
        let dockerfiles = self.context.declarations.dockerfiles.iter();
        if dockerfiles.map(|(file, _)| self.context.files.text(*file)).any(|text| text.contains(name)) {
            return true;
        }
        if self.deployment.kind == DeploymentKind::Serverless {
            return true;
        }
        // Frameworks load several env files; Prisma itself loads the one beside its schema too.
        let lone = self.deployment.kind == DeploymentKind::EnvFile;
        let below = |path: &str| {
            self.project.is_empty()
                || directory(path) == self.project
                || directory(path).starts_with(&format!("{}/", self.project))
        };
        let known = |deployment: &Deployment| {
            deployment.environment.value != Some(Environment::Example)
                && deployment.kind == DeploymentKind::EnvFile
                && deployment.files.first().is_some_and(|file| below(self.context.files.path(*file)))
                && deployment.variables().any(|(_, _, variable)| variable.name == name)
        };
        lone && self.model.deployments.iter().any(known)
    }
}
