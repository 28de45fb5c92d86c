//! What a file can be.

use super::{Framework, Platform};

/// What a file was taken for. Decides which reader sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `.env`, `.env.production`, `prod.env` and their kin.
    EnvFile,
    /// A Compose file, base, override or variant.
    Compose,
    /// YAML that holds Kubernetes objects.
    Kubernetes,
    /// `kustomization.yaml`.
    Kustomization,
    /// A Dockerfile or Containerfile.
    Dockerfile,
    /// A dependency manifest: `package.json`, `requirements.txt`, `go.mod` …
    Dependencies,
    /// A workflow of GitHub's below `.github/workflows` that may hand an env file to a program, fill manifests in with
    /// `envsubst`, or set variables of a database.
    Workflow,
    /// `schema.prisma`.
    PrismaSchema,
    /// `pgbouncer.ini`.
    PgBouncer,
    /// `postgresql.conf`.
    PostgresConf,
    /// The configuration of a platform that runs functions or containers.
    Platform(Platform),
    /// The configuration of an application, as its framework reads it.
    Application(Framework),
    /// A file that only another file's reference makes relevant (an `env_file`, a mounted file).
    Referenced,
    /// `poollint.toml`.
    Configuration,
}

impl Kind {
    /// As `--files` shows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EnvFile => "env file",
            Self::Compose => "Compose file",
            Self::Kubernetes => "Kubernetes manifest",
            Self::Kustomization => "kustomization",
            Self::Dockerfile => "Dockerfile",
            Self::Dependencies => "dependency manifest",
            Self::Workflow => "workflow",
            Self::PrismaSchema => "Prisma schema",
            Self::PgBouncer => "PgBouncer configuration",
            Self::PostgresConf => "PostgreSQL configuration",
            Self::Platform(platform) => platform.name(),
            Self::Application(framework) => framework.name(),
            Self::Referenced => "referenced file",
            Self::Configuration => "configuration",
        }
    }
}
