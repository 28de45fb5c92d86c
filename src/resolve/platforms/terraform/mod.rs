//! Terraform and OpenTofu: all files of one directory are one configuration
//! (<https://developer.hashicorp.com/terraform/language>).

mod amazon;
mod databases;
mod google;
mod kubernetes;
pub(super) mod module;

use std::collections::BTreeMap;

use super::service::{Stack, directory};
use crate::readers::PlatformFile;
use crate::resolve::Context;
use crate::tree::Platform;
use module::Module;

/// One stack for each directory, with the file that comes first.
pub(super) fn stacks<'a>(context: &Context<'a>) -> Vec<(&'a PlatformFile, Stack)> {
    let mut directories: BTreeMap<&str, Vec<&PlatformFile>> = BTreeMap::new();
    for file in context.declarations.platforms.iter().filter(|file| file.platform == Platform::Terraform) {
        directories.entry(directory(context.files.path(file.file))).or_default().push(file);
    }
    directories.into_iter().filter_map(|(home, files)| stack(context, home, &files)).collect()
}

fn stack<'a>(
    context: &Context<'a>,
    home: &str,
    files: &[&'a PlatformFile],
) -> Option<(&'a PlatformFile, Stack)> {
    let module = Module::new(context, files);
    let mut stack = Stack { secrets: module.secrets(), ..Stack::default() };
    for resource in module.resources() {
        match resource.kind {
            "aws_lambda_function" => stack.services.push(amazon::function(&module, &resource)),
            "aws_ecs_service" => stack.services.push(amazon::service(&module, &resource)),
            "google_cloud_run_v2_service" => stack.services.push(google::service(&module, &resource)),
            "kubernetes_deployment" | "kubernetes_deployment_v1" => {
                stack.services.push(kubernetes::deployment(&module, &resource));
            }
            _ => stack.services.extend(databases::server(&module, &resource)),
        }
    }
    // A configuration of databases alone tells nothing about who connects.
    if stack.services.iter().all(|service| service.managed.is_some()) {
        return None;
    }
    let first = stack.services.iter().find_map(|service| service.place).map(|place| place.file);
    let anchor = files.iter().copied().find(|file| Some(file.file) == first)?;
    stack.files = files.iter().map(|file| file.file).filter(|file| Some(*file) != first).collect();
    stack.name = Some(if home.is_empty() { ".".to_owned() } else { home.to_owned() });
    stack.partial = module.calls().map(|name| format!("module {name}")).collect();
    Some((anchor, stack))
}
