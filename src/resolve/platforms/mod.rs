//! Platforms: what runs a repository's functions and hosted containers, how many of them, and for how long a request
//! may take. One module for each, from its configuration's tree to workloads; where a file says nothing, the
//! platform's documented default holds, and where there is none the number is unknown.

mod app_engine;
mod azure_functions;
mod cloud_formation;
mod digital_ocean;
mod ecs;
mod env_files;
mod fly;
mod heroku;
mod netlify;
mod nomad;
mod numbers;
pub(super) mod prisma_config;
mod railway;
mod render;
mod serverless_framework;
mod service;
mod terraform;
#[cfg(test)]
mod tests;
mod values;
mod vercel;
mod workflow;
mod wrangler;

use super::{Context, Draft};
use crate::readers::PlatformFile;
use crate::tree::Platform;
use service::Stack;

/// One draft for each configuration, or environment of one, that describes something which runs.
#[must_use]
pub fn deployments(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for file in &context.declarations.platforms {
        let stacks = stacks(context, file).into_iter().filter(|stack| !stack.services.is_empty());
        drafts.extend(stacks.map(|stack| service::draft(context, file, stack)));
    }
    let configurations = terraform::stacks(context);
    drafts.extend(configurations.into_iter().map(|(file, stack)| service::draft(context, file, stack)));
    drafts
}

fn stacks(context: &Context<'_>, file: &PlatformFile) -> Vec<Stack> {
    match file.platform {
        Platform::ServerlessFramework => vec![serverless_framework::stack(file)],
        Platform::CloudFormation => vec![cloud_formation::stack(file)],
        Platform::Vercel => vec![vercel::stack(context, file)],
        Platform::Fly => vec![fly::services(file).into()],
        Platform::Render => render::stacks(file),
        Platform::EcsTask => vec![ecs::task(file).into()],
        Platform::Netlify => vec![netlify::stack(context, file)],
        Platform::Wrangler => wrangler::stacks(file),
        Platform::AppEngine => vec![app_engine::services(file).into()],
        Platform::AzureFunctions => vec![azure_functions::services(context, file).into()],
        Platform::AzureSettings => azure_functions::settings(file).into_iter().collect(),
        Platform::Nomad => vec![nomad::stack(file)],
        Platform::Workflow => workflow::stacks(file),
        Platform::PrismaConfig => prisma_config::stack(file).into_iter().collect(),
        Platform::Heroku => heroku::stacks(context, file),
        Platform::Procfile => vec![heroku::alone(context, file).into()],
        Platform::DigitalOcean => vec![digital_ocean::stack(file)],
        Platform::Railway => railway::stacks(context, file),
        // All files of a directory together.
        Platform::Terraform => Vec::new(),
    }
}
