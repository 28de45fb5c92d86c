//! What the README and the documentation show is what the program says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may fail loudly"
)]

#[path = "common/expect.rs"]
mod expect;
#[path = "common/program.rs"]
mod program;
#[allow(dead_code, reason = "each test uses a part of it")]
#[path = "comparison/repository.rs"]
mod repository;

use std::fmt::Write as _;

use poollint::rules::facts::facts_markdown;
use program::{poollint, repository};

/// Tests run at once, and when expectations are rewritten all of them write the one file.
static README: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Holds what stands between two markers of the README against what should.
#[track_caller]
fn expect_between(name: &str, content: &str) {
    let _turn = README.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    expect::file(&repository("README.md"), &between(&readme(), name, content));
}

fn readme() -> String {
    std::fs::read_to_string(repository("README.md")).unwrap()
}

/// The text with what stands between two markers replaced.
fn between(text: &str, name: &str, content: &str) -> String {
    let (start, end) = (format!("<!-- {name}:start -->\n"), format!("<!-- {name}:end -->"));
    let (before, rest) = text.split_once(&start).unwrap_or_else(|| panic!("no {start}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end}"));
    format!("{before}{start}{content}{end}{after}")
}

#[test]
fn the_table_of_rules_is_the_programs() {
    let rules = poollint(&repository("."), &["rules", "--format", "json"]).json();
    let mut table = String::from("| rule | speaks when | severity | fix |\n|---|---|---|---|\n");
    for rule in rules["rules"].as_array().unwrap() {
        let text = |key: &str| rule[key].as_str().unwrap_or_default();
        let name = text("name");
        let opt_in = if rule["opt-in"] == true { " (opt-in)" } else { "" };
        let fix = if rule["fixable"] == true { "yes" } else { "" };
        let summary = text("summary").replace('|', "\\|");
        writeln!(
            table,
            "| [`{name}`](docs/rules/{name}.md){opt_in} | {summary} | {} | {fix} |",
            text("severity")
        )
        .unwrap();
    }
    expect_between("rules", &table);
}

#[test]
fn the_inputs_and_outputs_of_the_action_are_those_of_its_metadata() {
    let text = std::fs::read_to_string(repository("action.yml")).unwrap();
    let action: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    let mut inputs = String::from("| input | default | meaning |\n|---|---|---|\n");
    for (name, input) in action["inputs"].as_object().unwrap() {
        // The job's token, where it is one of github.com.
        let default = match input["default"].as_str().unwrap() {
            "" => String::new(),
            expression if expression.starts_with("${{") => "the job's".to_owned(),
            default => format!("`{default}`"),
        };
        writeln!(inputs, "| `{name}` | {default} | {} |", input["description"].as_str().unwrap()).unwrap();
    }
    expect_between("inputs", &inputs);
    let mut outputs = String::from("| output | |\n|---|---|\n");
    for (name, output) in action["outputs"].as_object().unwrap() {
        writeln!(outputs, "| `{name}` | {} |", output["description"].as_str().unwrap()).unwrap();
    }
    expect_between("outputs", &outputs);
}

/// The command that the README lets its readers try.
const TRY: &str = "fixtures/repos/guide-multi-instance";

/// A command and what it prints, as a block.
fn block(command: &str, output: &str) -> String {
    format!("```console\n$ {command}\n{}\n```\n", output.trim_end())
}

#[test]
fn the_example_is_what_the_program_prints() {
    let ran = poollint(&repository("."), &["check", TRY]);
    assert_eq!(ran.status, 1, "the example shows an error: {}", ran.text());
    let shown = block(&format!("poollint {TRY}"), &ran.stdout);
    expect_between("example", &shown);
    assert!(
        readme().contains(&format!("\ncargo run --locked -- check {TRY}\n")),
        "another one is to be tried"
    );
}

#[test]
fn the_budget_is_what_the_program_prints() {
    let ran = poollint(&repository("."), &["budget", TRY]);
    let shown = block(&format!("poollint budget {TRY}"), &ran.stdout);
    expect_between("budget", &shown);
}

/// What a reviewer sees of a change that gives an api four times the replicas. The drawing and the foot come from the
/// action's own script.
#[test]
fn the_summary_is_what_the_action_writes() {
    let there = |program: &str| std::process::Command::new(program).arg("--version").output().is_ok();
    if !(there("git") && there("bash")) {
        println!("skipped: there is no git or no bash on the PATH");
        return;
    }
    let compose = |replicas: u64| {
        format!(
            "services:\n  api:\n    image: ghcr.io/acme/api:1\n    deploy: {{ replicas: {replicas} }}\n    environment:\n      \
             DATABASE_URL: postgresql://app:${{DB_PASSWORD}}@db:5432/app?connection_limit=10&pool_timeout=20\n  db:\n    \
             image: postgres:16\n    environment: {{ POSTGRES_USER: app, POSTGRES_PASSWORD: \"${{DB_PASSWORD}}\" }}\n"
        )
    };
    let project = repository::Repository::new(&[("compose.prod.yaml", &compose(3))]);
    project.write("compose.prod.yaml", &compose(12));
    let work = tempfile::tempdir().unwrap();
    let file = |format: &str, name: &str| format!("{format}={}", work.path().join(name).display());
    let check =
        ["check", "--base=main", "--fail-on=never", "--quiet", "--output", &file("markdown", "check.md")];
    assert_eq!(repository::run(&project.place, &check).status, 0);
    let (tables, drawing) = (file("markdown", "budget.md"), file("mermaid", "budget.mmd"));
    let budget = ["budget", "--base=main", "--output", &tables, "--output", &drawing];
    assert_eq!(repository::run(&project.place, &budget).status, 0);
    let script = format!(
        ". {}; work={} version={} base=main budget=0 no_base=; compose 262144",
        repository("action/lib/summary.sh").display(),
        work.path().display(),
        env!("CARGO_PKG_VERSION")
    );
    let said = std::process::Command::new("bash").args(["-euo", "pipefail", "-c", &script]).output().unwrap();
    assert!(said.status.success(), "{said:?}");
    let summary = String::from_utf8(said.stdout).unwrap();
    // A quotation keeps its headings out of the README's.
    let quoted: String =
        summary.lines().map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect();
    expect_between("summary", &quoted);
}

#[test]
fn the_commands_are_the_programs() {
    let help = poollint(&repository("."), &["--help"]).stdout;
    let (_, rest) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = rest.split_once("\n\n").unwrap();
    let mut table = String::from("| command | does |\n|---|---|\n");
    // A long line goes on below itself, where every column starts.
    let commands = commands.replace("\n               ", " ");
    for line in commands.lines() {
        let (name, what) = line.trim().split_once(' ').unwrap();
        writeln!(table, "| `{name}` | {} |", what.trim()).unwrap();
    }
    expect_between("commands", &table);
}

#[test]
fn the_list_of_facts_is_the_programs() {
    let page = repository("docs/facts.md");
    let head = "# Facts\n\nWhat the conditions and messages of a rule page may name; `rules::facts` is where they are made. Where \
                `*`\nstands, any name may. [Writing a rule](writing-rules.md) explains the rest.\n\n";
    expect::file(&page, &format!("{head}{}", facts_markdown()));
}

#[test]
fn the_configuration_that_the_readme_shows_is_accepted() {
    let readme = readme();
    let (_, rest) = readme.split_once("```toml\n").expect("a configuration");
    let (configuration, _) = rest.split_once("```").unwrap();
    let root = program::directory(&[("poollint.toml", configuration)]);
    let ran = poollint(root.path(), &["check"]);
    assert_eq!(ran.status, 0, "{}", ran.text());
}
