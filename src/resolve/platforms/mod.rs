//! Platforms: what runs a repository's functions and hosted containers, how many of them, and for how long a request
//! may take. One module for each, from its configuration's tree to workloads; where a file says nothing, the
//! platform's documented default holds, and where there is none the number is unknown.

mod fly;
mod render;
mod serverless_framework;
mod service;
mod vercel;

use super::{Context, Draft};
use crate::readers::PlatformFile;
use crate::tree::Platform;

/// One draft for each configuration that describes something which runs.
#[must_use]
pub fn deployments(context: &Context<'_>) -> Vec<Draft> {
    let files = context.declarations.platforms.iter();
    files.filter_map(|file| draft(context, file)).collect()
}

fn draft(context: &Context<'_>, file: &PlatformFile) -> Option<Draft> {
    let services = match file.platform {
        Platform::ServerlessFramework => serverless_framework::services(file),
        Platform::Vercel => vercel::services(context, file),
        Platform::Fly => fly::services(file),
        Platform::Render => render::services(file),
        _ => return None,
    };
    (!services.is_empty()).then(|| service::draft(context, file, services))
}
