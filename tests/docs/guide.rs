//! What a pooling guide for teams states, and what carries each statement here. `fixtures/guide/coverage.tsv` holds it:
//! `# heading`, or a statement, a tab and its carriers: `rule:`, `command:`, `option:`, `error:` or `doc:` and a name.

use std::fmt::Write as _;
use std::sync::OnceLock;

use poollint::catalog::knowledge;
use poollint::rules::Rulebook;

use crate::markdown::anchors;
use crate::program::{poollint, repository};

pub struct Statement {
    pub heading: String,
    pub text: String,
    pub carriers: Vec<String>,
}

pub fn read(data: &str) -> Vec<Statement> {
    let mut heading = String::new();
    let mut statements = Vec::new();
    for line in data.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(title) = line.strip_prefix("# ") {
            title.clone_into(&mut heading);
            continue;
        }
        let (text, carriers) = line.split_once('\t').unwrap_or((line, ""));
        let carriers = carriers.split(", ").map(str::trim).filter(|carrier| !carrier.is_empty());
        statements.push(Statement {
            heading: heading.clone(),
            text: text.to_owned(),
            carriers: carriers.map(str::to_owned).collect(),
        });
    }
    statements
}

/// What a command's help says.
fn help(command: &str) -> String {
    let ran = poollint(&repository("."), &[command, "--help"]);
    assert_eq!(ran.status, 0, "{command}: {}", ran.text());
    ran.stdout
}

/// The commands of the program.
fn commands() -> &'static str {
    static COMMANDS: OnceLock<String> = OnceLock::new();
    COMMANDS.get_or_init(|| poollint(&repository("."), &["--help"]).stdout)
}

/// Makes sure that a carrier exists.
#[track_caller]
pub fn check(carrier: &str, statement: &str) {
    let (kind, name) =
        carrier.split_once(':').unwrap_or_else(|| panic!("{statement}: {carrier} is of no kind"));
    let exists = match kind {
        "rule" => Rulebook::built_in().get(name).is_some(),
        "command" => commands().contains(&format!("\n  {name} ")),
        "option" => {
            let (command, option) = name.split_once(' ').unwrap();
            let help = help(command);
            help.split_whitespace().any(|word| word.trim_end_matches(',') == option)
        }
        "error" => knowledge().errors.iter().any(|entry| entry.id == name),
        "doc" => {
            let (file, anchor) = name.split_once('#').unwrap_or((name, ""));
            let text = std::fs::read_to_string(repository("docs").join(file)).unwrap_or_default();
            !text.is_empty() && (anchor.is_empty() || anchors(&text).contains(anchor))
        }
        _ => panic!("{statement}: {carrier} is of no kind"),
    };
    assert!(exists, "{statement}: {carrier} does not exist");
}

/// `docs/guide-coverage.md`.
pub fn page(statements: &[Statement]) -> String {
    let mut text = String::from(
        "# The pooling guide\n\npoollint began with a guide to connection pooling that teams follow by hand. This is what it \
         states, in\nshort, and what holds each statement here: a rule, a command, an error that `explain` knows, or a \
         page.\n",
    );
    let mut heading = "";
    for statement in statements {
        if statement.heading != heading {
            heading = &statement.heading;
            write!(text, "\n## {heading}\n\n| the guide | here |\n|---|---|\n").unwrap();
        }
        let here: Vec<String> = statement.carriers.iter().map(|carrier| linked(carrier)).collect();
        writeln!(text, "| {} | {} |", statement.text.replace('|', "\\|"), here.join(", ")).unwrap();
    }
    text
}

fn linked(carrier: &str) -> String {
    match carrier.split_once(':') {
        Some(("rule", name)) => format!("[`{name}`](rules/{name}.md)"),
        Some(("command" | "option", name)) => format!("`poollint {name}`"),
        Some(("error", name)) => format!("[error `{name}`](errors.md)"),
        Some(("doc", name)) => {
            let title = crate::pages::CHAPTERS.iter().find(|(file, _)| name.split('#').next() == Some(file));
            format!("[{}]({name})", title.map_or(name, |(_, title)| *title))
        }
        _ => carrier.to_owned(),
    }
}
