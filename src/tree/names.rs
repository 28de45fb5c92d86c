//! Which file names matter, as one table. [`Kind::of_path`], the walk and the pattern that pre-commit is
//! given are all made from it.

use std::sync::LazyLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::Kind;

/// Names that say what a file is. Globs of the file name, lower case (names are compared without regard
/// to case); one with a `/` also names the directory. `*` stands for anything but `/`.
struct Names {
    /// What it is; nothing when only the content tells.
    kind: Option<Kind>,
    globs: &'static [&'static str],
}

/// The first entry that matches holds.
const NAMES: &[Names] = &[
    Names { kind: None, globs: &["{serverless,rancher}-compose.{yaml,yml}"] },
    Names { kind: Some(Kind::Kustomization), globs: &["kustomization.{yaml,yml}", "kustomization"] },
    Names {
        kind: Some(Kind::Compose),
        globs: &[
            "compose.{yaml,yml}",
            "compose{.,-,_}*.{yaml,yml}",
            "*{.,-,_}compose.{yaml,yml}",
            "{docker,podman}-compose*.{yaml,yml}",
            "stack.{yaml,yml}",
            "docker-stack*.{yaml,yml}",
        ],
    },
    Names { kind: None, globs: &["*.{yaml,yml}"] },
    Names {
        kind: Some(Kind::EnvFile),
        globs: &[
            ".env",
            ".env{.,-,_}*",
            "*.env",
            "*.env.{example,sample,template,tmpl,dist,default,defaults}",
            "env.{example,sample,template,tmpl,dist,default,defaults,example.txt}",
            "env.{local,docker,dev,development,test,testing,ci,stage,staging,prod,production}",
        ],
    },
    Names {
        kind: Some(Kind::Dockerfile),
        globs: &[
            "{dockerfile,containerfile}",
            "{dockerfile,containerfile}{.,-,_}*",
            "*.{dockerfile,containerfile}",
        ],
    },
    Names {
        kind: Some(Kind::Dependencies),
        globs: &[
            "package.json",
            "requirements*.txt",
            "*{-,_,.}requirements.txt",
            "requirements/*.txt",
            "pyproject.toml",
            "pipfile",
            "gemfile",
            "go.mod",
            "cargo.toml",
            "pom.xml",
            "build.gradle",
            "build.gradle.kts",
            "mix.exs",
            "composer.json",
            "*.csproj",
        ],
    },
    Names { kind: Some(Kind::PrismaSchema), globs: &["*.prisma"] },
    Names { kind: Some(Kind::PgBouncer), globs: &["pgbouncer*.ini", "*{.,-,_}pgbouncer.ini"] },
    Names { kind: None, globs: &["*.ini"] },
    // Configuration of platforms, which Platform::of tells apart.
    Names {
        kind: None,
        globs: &[
            "{serverless,template,sam,cloudformation,cfn}*.json",
            "*.template.json",
            "{vercel,host,railway,app}.json",
            "wrangler.{json,jsonc}",
            "local.settings.json",
            "{netlify,wrangler,railway}.toml",
            "fly*.toml",
            "*taskdef*.json",
            "*task{-,_}def*.json",
            "procfile",
            "*.{tf,tfvars}",
            "prisma.config.{ts,mts,cts,js,mjs,cjs}",
            "*.nomad",
            "*.nomad.hcl",
        ],
    },
    // Configuration of applications, which Framework::of tells apart.
    Names { kind: None, globs: &["{application,bootstrap}*.properties", "appsettings*.json"] },
    Names { kind: Some(Kind::PostgresConf), globs: &["postgres*.conf", "*{.,-,_}postgresql.conf"] },
];

/// Names that only look like one of the above: source code that types or loads variables, encrypted
/// files, copies that editors leave behind.
const NOT: &[&str] = &[
    ".env*.{ts,mts,cts,tsx,js,mjs,cjs,jsx,json,json5,toml,py,rb,php,go,rs,java,kt,cs,ex,exs,sh,bash,zsh,fish,ps1,bat,md,html}",
    ".env*.{enc,encrypted,gpg,asc,age,sops,vault,keys,zip,gz}",
    ".env*.{bak,backup,old,orig,swp,swo,tmp}",
    ".env*~",
    "{dockerfile,containerfile}*{.dockerignore,.md,.sh,.bak,.orig,.swp,~}",
];

/// Names whose content is for another tool to fill in, and how to call that.
const TEMPLATES: &[(&str, &str)] = &[
    (".j2", "Jinja template"),
    (".jinja", "Jinja template"),
    (".jinja2", "Jinja template"),
    (".erb", "ERB template"),
];

/// Directories that hold what tools made or fetched, or another tool's own state; never entered. Those
/// that hold a `pyvenv.cfg` (Python virtual environments, whatever their name) are not entered either.
const NEVER: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".bzr",
    ".jj",
    "_darcs",
    "cvs",
    "node_modules",
    "bower_components",
    "jspm_packages",
    ".yarn",
    ".pnpm-store",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".turbo",
    ".nx",
    ".angular",
    ".parcel-cache",
    ".sass-cache",
    "vendor",
    "target",
    "pods",
    "carthage",
    "deriveddata",
    "elm-stuff",
    ".venv",
    "venv",
    "virtualenv",
    ".virtualenv",
    "site-packages",
    "__pycache__",
    "__pypackages__",
    ".eggs",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".gradle",
    ".m2",
    ".mvn",
    ".bundle",
    ".stack-work",
    ".dart_tool",
    ".elixir_ls",
    ".terraform",
    ".terragrunt-cache",
    ".pulumi",
    ".serverless",
    ".aws-sam",
    "cdk.out",
    ".cache",
    ".direnv",
    ".devenv",
    ".idea",
    ".vscode",
    ".vs",
];

static MATCHER: LazyLock<Matcher> = LazyLock::new(Matcher::new);

struct Matcher {
    names: GlobSet,
    /// For each glob of `names`, what it stands for.
    kinds: Vec<Option<Kind>>,
    not: GlobSet,
}

impl Matcher {
    fn new() -> Self {
        let kinds = NAMES.iter().flat_map(|names| names.globs.iter().map(|_| names.kind)).collect();
        Self { names: set(NAMES.iter().flat_map(|names| names.globs)), kinds, not: set(NOT) }
    }

    /// Nothing: the name does not matter. `Some(None)`: only the content tells.
    fn find(&self, path: &str) -> Option<Option<Kind>> {
        let path = tail(path).to_ascii_lowercase();
        if self.not.is_match(&path) {
            return None;
        }
        let first = self.names.matches(&path).into_iter().min()?;
        self.kinds.get(first).copied()
    }
}

/// A set of globs, each also below any directory. The globs are this module's own; one that did not
/// compile would be missing, which the tests would see.
fn set<'a>(globs: impl IntoIterator<Item = &'a &'static str>) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        if let Ok(glob) = GlobBuilder::new(&format!("**/{glob}")).literal_separator(true).build() {
            builder.add(glob);
        }
    }
    builder.build().unwrap_or_default()
}

/// The last two components of a path: no glob of the table looks further.
fn tail(path: &str) -> &str {
    let mut slashes = path.rmatch_indices('/').map(|(at, _)| at);
    let cut = slashes.nth(1).map_or(0, |at| at.saturating_add(1));
    path.get(cut..).unwrap_or(path)
}

impl Kind {
    /// What a file is by its name alone; nothing when the content has to tell, or nothing would.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        MATCHER.find(path).flatten()
    }
}

/// Whether a file of this name could matter: its name says what it is, or its content may.
#[must_use]
pub fn is_candidate(path: &str) -> bool {
    MATCHER.find(path).is_some()
}

/// Whether the name is one of `.env` and its kin that begin with `.env`: they are hidden and usually
/// ignored by git, and are seen nevertheless.
#[must_use]
pub fn is_dot_env(path: &str) -> bool {
    let name = file_name(path);
    name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(".env"))
        && Kind::of_path(path) == Some(Kind::EnvFile)
}

/// Whether directories of this name are passed over, wherever they stand.
#[must_use]
pub fn is_never_entered(name: &str) -> bool {
    NEVER.iter().any(|never| never.eq_ignore_ascii_case(name))
}

/// How to call the file if its name says that another tool has to fill it in first.
pub(super) fn template_name(path: &str) -> Option<&'static str> {
    let name = file_name(path).to_ascii_lowercase();
    TEMPLATES.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, reason)| *reason)
}

/// Whether the file has one of the two endings of YAML.
pub(super) fn is_yaml(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml")
}

/// The last component of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// One regular expression, in Python's syntax, that finds every path that could be read: for the `files`
/// key of a pre-commit hook.
#[must_use]
pub fn hook_pattern() -> String {
    let names = alternatives(NAMES.iter().flat_map(|names| names.globs));
    let not = alternatives(NOT);
    format!("(?i)(?:^|/)(?!{not}$){names}$")
}

/// `(?:a|b)` from globs of the forms the table uses.
fn alternatives<'a>(globs: impl IntoIterator<Item = &'a &'static str>) -> String {
    let all: Vec<String> = globs.into_iter().map(|glob| to_regex(glob)).collect();
    format!("(?:{})", all.join("|"))
}

fn to_regex(glob: &str) -> String {
    let mut regex = String::with_capacity(glob.len().saturating_mul(2));
    let mut inside = false;
    for letter in glob.chars() {
        match letter {
            '*' => regex.push_str("[^/]*"),
            '{' => {
                inside = true;
                regex.push_str("(?:");
            }
            '}' => {
                inside = false;
                regex.push(')');
            }
            ',' if inside => regex.push('|'),
            '.' => regex.push_str("\\."),
            other => regex.push(other),
        }
    }
    regex
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
