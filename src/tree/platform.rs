//! Which platform a configuration file is for, by its name and what stands at the start of its lines.

use super::names::file_name;

/// Whose configuration a file is. Each has one module in `resolve::platforms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// `serverless.yml` of the Serverless Framework.
    ServerlessFramework,
    /// AWS CloudFormation, and SAM's extension of it.
    CloudFormation,
    /// `vercel.json`.
    Vercel,
    /// `netlify.toml`.
    Netlify,
    /// `wrangler.toml`, `.json` and `.jsonc` of Cloudflare Workers.
    Wrangler,
    /// `app.yaml` of Google App Engine.
    AppEngine,
    /// `host.json` of Azure Functions.
    AzureFunctions,
    /// `local.settings.json` of Azure Functions.
    AzureSettings,
    /// `fly.toml`.
    Fly,
    /// `render.yaml`.
    Render,
    /// `railway.toml` and `railway.json`.
    Railway,
    /// `app.json` of Heroku.
    Heroku,
    /// `.do/app.yaml` of DigitalOcean's App Platform.
    DigitalOcean,
    /// A job of Nomad.
    Nomad,
    /// A workflow of GitHub's. Its path tells, and its reader looks for more than its variables.
    Workflow,
    /// `prisma.config.ts`: what Prisma's command line connects to.
    PrismaConfig,
    /// A task definition of Amazon ECS as JSON.
    EcsTask,
    /// `Procfile`.
    Procfile,
    /// `*.tf` of Terraform and OpenTofu, and `*.tfvars`.
    Terraform,
}

impl Platform {
    /// As output names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerlessFramework => "Serverless Framework",
            Self::CloudFormation => "CloudFormation template",
            Self::Vercel => "Vercel configuration",
            Self::Netlify => "Netlify configuration",
            Self::Wrangler => "Wrangler configuration",
            Self::AppEngine => "App Engine configuration",
            Self::AzureFunctions => "Azure Functions configuration",
            Self::AzureSettings => "Azure Functions local settings",
            Self::Fly => "Fly.io configuration",
            Self::Render => "Render blueprint",
            Self::Railway => "Railway configuration",
            Self::Heroku => "Heroku app manifest",
            Self::DigitalOcean => "App Platform spec",
            Self::Nomad => "Nomad job",
            Self::Workflow => "workflow",
            Self::PrismaConfig => "Prisma configuration",
            Self::EcsTask => "ECS task definition",
            Self::Procfile => "Procfile",
            Self::Terraform => "Terraform configuration",
        }
    }

    /// The platform of a file, if it is one's. `text` decides where others use the same name.
    #[must_use]
    pub fn of(path: &str, text: &str) -> Option<Self> {
        let name = file_name(path).to_ascii_lowercase();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        let yaml = matches!(extension, "yaml" | "yml");
        let json = matches!(extension, "json" | "jsonc");
        let toml = extension == "toml";
        let found = match stem {
            _ if matches!(extension, "tf" | "tfvars") => Self::Terraform,
            _ if extension == "nomad" || name.ends_with(".nomad.hcl") => Self::Nomad,
            _ if name == "procfile" && is_procfile(text) => Self::Procfile,
            "serverless" if (yaml || json) && mentions(text, &["service", "provider"]) => {
                Self::ServerlessFramework
            }
            "vercel" if json => Self::Vercel,
            "netlify" if toml => Self::Netlify,
            "wrangler" if toml || json => Self::Wrangler,
            "host" if json && mentions(text, &["version"]) => Self::AzureFunctions,
            "prisma.config" => Self::PrismaConfig,
            "local.settings" if json => Self::AzureSettings,
            "fly" if toml => Self::Fly,
            "render" if yaml && mentions(text, &["services"]) => Self::Render,
            "railway" if toml || json => Self::Railway,
            "app"
                if json && ["formation", "addons", "buildpacks"].iter().any(|key| mentions(text, &[key])) =>
            {
                Self::Heroku
            }
            "app" | "deploy.template" if yaml && path.contains(".do/") => Self::DigitalOcean,
            "app" if yaml && mentions(text, &["runtime"]) => Self::AppEngine,
            _ if toml && stem.starts_with("fly.") => Self::Fly,
            _ if json && mentions(text, &["containerDefinitions"]) => Self::EcsTask,
            _ if (yaml || json) && is_cloud_formation(text) => Self::CloudFormation,
            _ => return None,
        };
        Some(found)
    }
}

/// Whether every one of these keys stands at the start of a line, or anywhere in quotes.
fn mentions(text: &str, keys: &[&str]) -> bool {
    keys.iter().all(|key| {
        text.contains(&format!("\"{key}\""))
            || text
                .lines()
                .any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with([':', ' '])))
    })
}

/// A line that names a process.
fn is_procfile(text: &str) -> bool {
    text.lines().any(|line| {
        line.split_once(':').is_some_and(|(name, command)| {
            !name.is_empty()
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
                && !command.trim().is_empty()
        })
    })
}

fn is_cloud_formation(text: &str) -> bool {
    text.contains("AWSTemplateFormatVersion")
        || text.contains("AWS::Serverless-")
        || (mentions(text, &["Resources"]) && text.contains("AWS::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_name_and_content() {
        use Platform::*;
        for (path, text, platform) in [
            ("serverless.yml", "service: a\nprovider:\n  name: aws\n", Some(ServerlessFramework)),
            ("serverless.yml", "- a\n", None),
            ("api/template.yaml", "AWSTemplateFormatVersion: '2010-09-09'\n", Some(CloudFormation)),
            ("template.yaml", "Resources:\n  A:\n    Type: AWS::Lambda::Function\n", Some(CloudFormation)),
            ("template.yaml", "a: b\n", None),
            ("vercel.json", "{}", Some(Vercel)),
            ("wrangler.jsonc", "{}", Some(Wrangler)),
            ("fly.toml", "app = 'a'\n", Some(Fly)),
            ("fly.staging.toml", "app = 'a'\n", Some(Fly)),
            ("app.yaml", "runtime: python312\n", Some(AppEngine)),
            ("app.yaml", "name: a\n", None),
            (".do/app.yaml", "name: a\nservices: []\n", Some(DigitalOcean)),
            ("app.json", "{\"expo\": {}}", None),
            ("app.json", "{\"formation\": {}}", Some(Heroku)),
            ("taskdef.json", "{\"containerDefinitions\": []}", Some(EcsTask)),
            ("host.json", "{\"version\": \"2.0\"}", Some(AzureFunctions)),
            ("local.settings.json", "{\"Values\": {}}", Some(AzureSettings)),
            ("package.json", "{}", None),
            ("Procfile", "web: node a.js\n", Some(Procfile)),
            ("Procfile", "nothing\n", None),
            ("prisma.config.ts", "export default {}", Some(PrismaConfig)),
            ("api.nomad", "", Some(Nomad)),
            ("deploy/api.nomad.hcl", "", Some(Nomad)),
            ("api.hcl", "", None),
            ("infra/main.tf", "", Some(Terraform)),
        ] {
            assert_eq!(Platform::of(path, text), platform, "{path}");
        }
    }
}
