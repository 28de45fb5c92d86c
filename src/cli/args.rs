//! Commands and options.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::model::{Environment, Severity};
use crate::report::Format;

/// Works out how many database connections a repository's deployments can open, and says what will break before it
/// ships.
#[derive(Debug, Parser)]
#[command(name = "poollint", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    after_help = "`poollint` alone checks the current directory; `poollint PATH…` is `poollint check PATH…`."
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lint a repository (the default command)
    Check(CheckArgs),
    /// Who may open how many connections to what, against which limit, with sources
    Budget(BudgetArgs),
    /// What poollint believes each container receives and how many run, as JSON
    Model(ModelArgs),
    /// Judge one connection string and print its parts, password masked
    Url(UrlArgs),
    /// How large the pools should be: the sizing formula, the share that fits, and a ready URL query
    Recommend(RecommendArgs),
    /// The page of a rule, or what an error message means
    Explain(ExplainArgs),
    /// Every rule: name, subject, severity, fix, on or off here
    Rules(RulesArgs),
    /// Write a commented poollint.toml with what was found
    Init(InitArgs),
    /// Shell completions
    Completions(CompletionsArgs),
    /// The manual page
    Man,
}

/// What every command that reads a repository takes.
#[derive(Debug, Clone, ClapArgs)]
pub(super) struct InputArgs {
    /// Directories and files to read; `-` reads one YAML stream from standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// Configuration file instead of the nearest poollint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The name that a stream read from `-` goes by
    #[arg(long, value_name = "NAME")]
    pub stdin_path: Option<String>,

    /// Environment of deployments for which nothing tells it
    #[arg(long, value_name = "ENVIRONMENT", value_parser = environment)]
    pub environment: Option<Environment>,

    /// Render charts with the `helm` on the PATH
    #[arg(long)]
    pub helm: bool,
}

impl InputArgs {
    /// The current directory, with whatever configuration holds there.
    pub fn here() -> Self {
        Self {
            paths: vec![PathBuf::from(".")],
            config: None,
            stdin_path: None,
            environment: None,
            helm: false,
        }
    }
}

/// How output looks.
#[derive(Debug, Clone, ClapArgs)]
pub(super) struct LookArgs {
    /// When to colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,

    /// Say nothing but findings
    #[arg(long, short)]
    pub quiet: bool,

    /// Say more
    #[arg(long, short, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub look: LookArgs,

    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,

    /// Write to FILE instead of standard output; FORMAT=FILE writes a further format (repeatable)
    #[arg(long, value_name = "[FORMAT=]FILE")]
    pub output: Vec<String>,

    /// The least severity that makes the exit status 1 [default: error]
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,

    /// Only these rules (repeatable)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,

    /// These opt-in rules too (repeatable)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub extend_select: Vec<String>,

    /// Not these rules (repeatable)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// Apply the safe fixes; what remains is judged
    #[arg(long)]
    pub fix: bool,

    /// Apply the fixes that change behaviour too
    #[arg(long)]
    pub unsafe_fixes: bool,

    /// Show what fixes would change, and change nothing; in place of a report, so without --format and --output
    #[arg(long)]
    pub diff: bool,

    /// List what would be read, as what, and what is skipped and why
    #[arg(long)]
    pub files: bool,
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Any finding
    Info,
    /// Nothing
    Never,
}

impl FailOn {
    /// The least severity; `None` for never.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct BudgetArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub look: LookArgs,

    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: BudgetFormat,

    /// What if: a workload's, server's or pooler's field with another value, as api.instances.max=6 (repeatable)
    #[arg(long, value_name = "NAME.FIELD=VALUE")]
    pub set: Vec<String>,

    /// Write to FILE instead of standard output; FORMAT=FILE writes a further format (repeatable)
    #[arg(long, value_name = "[FORMAT=]FILE")]
    pub output: Vec<String>,
}

/// `budget --format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum BudgetFormat {
    /// For people
    Human,
    /// poollint/budget/1
    Json,
    /// Tables
    Markdown,
    /// A flowchart
    Mermaid,
    /// A picture, for light and dark pages
    Svg,
}

/// `rules --format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// For people
    Human,
    /// poollint/rules/1
    Json,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct ModelArgs {
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct UrlArgs {
    /// The connection string; `-` reads it from standard input, which keeps it out of the shell's history
    #[arg(value_name = "URL", allow_hyphen_values = true)]
    pub url: String,

    /// The client that opens it (`prisma@6`, `sqlalchemy` …)
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,

    /// It is used by serverless functions
    #[arg(long)]
    pub serverless: bool,

    /// The environment it is for
    #[arg(long, value_name = "ENVIRONMENT", value_parser = environment)]
    pub environment: Option<Environment>,

    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,

    #[command(flatten)]
    pub look: LookArgs,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct RecommendArgs {
    /// A repository, for each server found there; without any argument the current directory
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,

    /// CPUs of the database's host
    #[arg(long, value_name = "N", value_parser = one_or_more())]
    pub db_cpus: Option<u64>,

    /// Disks of it that seek; 0 for SSDs and data that fits in memory
    #[arg(long, value_name = "M", default_value_t = 0)]
    pub spindles: u64,

    /// The server's limit
    #[arg(long, value_name = "X", value_parser = one_or_more())]
    pub max_connections: Option<u64>,

    /// Instances at full scale
    #[arg(long, value_name = "K", value_parser = one_or_more())]
    pub instances: Option<u64>,

    /// Processes of each instance
    #[arg(long, value_name = "P", value_parser = one_or_more())]
    pub processes: Option<u64>,

    /// The environment, which has a recommended range
    #[arg(long, value_name = "ENVIRONMENT", value_parser = environment)]
    pub environment: Option<Environment>,

    /// For serverless functions
    #[arg(long)]
    pub serverless: bool,

    /// The client, for the query [default: prisma]
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,

    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: ListFormat,

    /// Configuration file instead of the nearest poollint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    #[command(flatten)]
    pub look: LookArgs,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct ExplainArgs {
    /// A rule's name, an error message or its code, or `-` for a log on standard input
    #[arg(value_name = "RULE|ERROR|-")]
    pub subject: String,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct RulesArgs {
    /// Run the examples of your own page, or of every page in a directory
    #[arg(long, value_name = "PATH", conflicts_with = "format")]
    pub test: Option<PathBuf>,

    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: ListFormat,

    /// Configuration file instead of the nearest poollint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct InitArgs {
    /// The repository
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,

    /// Replace a poollint.toml that is already there
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// A number of which 0 would make no sense.
fn one_or_more() -> clap::builder::RangedU64ValueParser<u64> {
    clap::value_parser!(u64).range(1..)
}

fn environment(name: &str) -> Result<Environment, String> {
    name.parse()
}

/// The whole command, for completions, the manual page and the documentation.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// `poollint .` and `poollint --format json` mean `poollint check …`: the command is put in when the first argument
/// is neither a command nor an option of the program itself.
pub(super) fn with_default_command(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.collect();
    let own = ["--help", "-h", "--version", "-V"];
    let first = args.get(1).and_then(|first| first.to_str());
    let given = first.is_some_and(|first| {
        own.contains(&first) || command().get_subcommands().any(|known| known.get_name() == first)
    });
    if !given {
        args.insert(1.min(args.len()), "check".into());
    }
    args
}
