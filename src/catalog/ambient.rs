//! Names that carry meaning everywhere. Shared with the build script, so it uses serde alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Names that carry meaning everywhere.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ambient {
    /// Words in a file name, folder or namespace and the environment they stand for, e.g. `prod: production`.
    pub environment_words: BTreeMap<String, String>,
    /// Variables that tell the environment, strongest first (`APP_ENV` … `NODE_ENV`).
    pub environment_variables: Vec<String>,
    /// Words in a path that mark examples, tests and documentation.
    pub example_words: Vec<String>,
    /// Endings of public DNS suffixes under which each customer has a host of its own.
    pub provider_suffixes: Vec<String>,
    /// Endings of host names that no public DNS answers: those of clusters, private networks and machines.
    pub private_suffixes: Vec<String>,
    /// Words in a variable's name that mark a credential (`PASSWORD`, `SECRET`, `TOKEN` …).
    pub secret_words: Vec<String>,
    /// Words that mark one only as the last of the name (`BASIC_AUTH`).
    pub secret_last_words: Vec<String>,
    /// Last words of names that only tell where a credential is (`POSTGRES_PASSWORD_FILE`, `secretName`).
    pub reference_last_words: Vec<String>,
    /// Last names of images that open no connection to an SQL database.
    pub bystander_images: Vec<String>,
    /// How keys and tokens of well-known services begin.
    pub token_prefixes: Vec<String>,
    /// How hashed passwords begin.
    pub hash_marks: Vec<String>,
    /// Options of programs behind which a credential stands.
    pub credential_options: Vec<CredentialOptions>,
    /// Words of configuration behind which a password stands.
    pub credential_directives: Vec<String>,
    /// User names of URLs that only fill a place and are never connected to.
    pub dummy_users: Vec<String>,
    /// Words and syllables of which passwords are made that protect nothing: those of tutorials and developers'
    /// machines.
    pub trivial_password_words: Vec<String>,
    /// Commands that run migrations, their words in order; others may stand between (`prisma migrate deploy`).
    pub migration_commands: Vec<String>,
    /// Modules of one word that hold a program's entry point, in Python.
    pub entry_modules: Vec<String>,
    /// Names that entry points have in their modules, as in `app.main:app`.
    pub entry_points: Vec<String>,
    /// Packages of web frameworks that run code on a server.
    pub server_frameworks: Vec<String>,
    /// Env files that frameworks take along into functions, the strongest first, by the framework's package.
    pub function_env_files: BTreeMap<String, Vec<String>>,
    /// What stands between `jdbc:` or `r2dbc:` and the database's name for a driver that wraps the database's own.
    pub jdbc_wrappers: Vec<String>,
    /// What stands in place of `jdbc` for a driver that wraps the database's own.
    pub jdbc_schemes: Vec<String>,
    /// Schemes that Prisma's data sources take, by `provider`; a provider that is missing is not judged.
    pub prisma_schemes: BTreeMap<String, Vec<String>>,
}

/// The options of one program behind which a credential stands.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CredentialOptions {
    /// Its name; `*` stands for any ending.
    pub program: String,
    /// Its only command that takes them so (`docker login`); `None` for all.
    pub command: Option<String>,
    /// Options with a password as the next word or glued on.
    pub password: Vec<String>,
    /// Options with a password glued on only.
    pub glued: Vec<String>,
    /// Options with `user:password` as the next word or glued on.
    pub userinfo: Vec<String>,
    /// From which word on, counted from 1 behind the program's or the command's name, there are credentials.
    pub positional: Option<usize>,
}
