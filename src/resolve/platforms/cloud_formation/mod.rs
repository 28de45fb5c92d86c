//! AWS CloudFormation, and SAM's functions: resources of one template
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/>,
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/>).

mod databases;
mod functions;
mod services;
mod template;

pub(super) use databases::engine_of;

use super::service::Stack;
use crate::readers::PlatformFile;
use template::Template;

/// What the template's resources run.
pub(super) fn stack(file: &PlatformFile) -> Stack {
    let template = Template::new(file);
    let mut stack = Stack { secrets: template.secrets(), ..Stack::default() };
    for resource in template.resources() {
        match resource.kind {
            "AWS::Serverless::Function" | "AWS::Lambda::Function" => {
                stack.services.push(functions::function(&template, &resource));
            }
            "AWS::ECS::Service" => stack.services.push(services::service(&template, &resource)),
            "AWS::ECS::TaskDefinition" => stack.services.extend(services::alone(&template, &resource)),
            "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" => {
                stack.services.extend(databases::server(&template, &resource));
            }
            "AWS::CloudFormation::Stack" | "AWS::Serverless::Application" => {
                stack.partial.push(format!("nested stack {}", resource.name));
            }
            _ => {}
        }
    }
    // A template of databases alone tells nothing about who connects.
    if stack.services.iter().all(|service| service.managed.is_some()) { Stack::default() } else { stack }
}
