//! No password, token or fragment of one leaves, in any format, at any verbosity, in any error.
//!
//! Every password in `fixtures/secrets` holds the word `kanarie`, and so does every one on a command line below. The
//! word must be in no output.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

#[path = "secrets/base64.rs"]
mod encoded;
#[path = "secrets/forms.rs"]
mod forms;
#[path = "common/program.rs"]
mod program;

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use forms::{FORMS, PLATFORMS, forms, platforms, quoted};
use program::{Ran, poollint, poollint_with, repository};

/// Every format that is or will be; one that does not exist is an error, which must not leak either.
const CHECK_FORMATS: &[&str] =
    &["human", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson", "markdown"];
const BUDGET_FORMATS: &[&str] = &["human", "json", "markdown", "mermaid", "svg"];

const CANARY: &str = "kanarie";

/// The lines of a text that hold the canary, plain, percent-encoded or as base64 (which has three forms, depending
/// on what stands before).
fn leaks(text: &str) -> Vec<&str> {
    let encoded: Vec<String> = (0..3)
        .map(|before| {
            let padded = format!("{}{CANARY}", "-".repeat(before));
            let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(padded);
            // The first and last letters depend on what stands around it.
            text[before + 1..text.len() - 2].to_owned()
        })
        .collect();
    let leaks = |line: &&str| {
        line.to_lowercase().contains(CANARY) || encoded.iter().any(|encoded| line.contains(encoded.as_str()))
    };
    text.lines().filter(leaks).collect()
}

/// What leaked, over many runs.
#[derive(Default)]
struct Leaks(Vec<String>);

impl Leaks {
    fn look(&mut self, ran: &Ran, what: &str) {
        for text in [&ran.stdout, &ran.stderr] {
            self.0.extend(leaks(text).iter().map(|line| format!("{what}: {}", line.trim())));
        }
    }

    #[track_caller]
    fn none(self) {
        assert!(self.0.is_empty(), "{} secrets are shown:\n{}", self.0.len(), self.0.join("\n"));
    }
}

fn fixture() -> PathBuf {
    repository("fixtures/secrets")
}

fn files(directory: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

#[test]
fn the_canary_is_found_where_it_is() {
    for text in ["a kanarie-b", "KANARIE", "x\ny kanarie%2Fz"] {
        assert!(!leaks(text).is_empty(), "{text}");
    }
    for before in ["", "a", "ab", "abc", "postgresql://app:"] {
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{before}kanarie-secret"));
        assert!(!leaks(&encoded).is_empty(), "{before}: {encoded}");
    }
    assert!(leaks("postgresql://app:***@db:5432/app").is_empty());
    let mut all = Vec::new();
    files(&fixture(), &mut all);
    assert!(all.len() >= 12);
    for path in all {
        assert!(!leaks(&fs::read_to_string(&path).unwrap()).is_empty(), "{} holds no canary", path.display());
    }
}

#[test]
fn no_format_shows_a_secret() {
    let mut found = Leaks::default();
    for format in CHECK_FORMATS {
        for more in [&[] as &[&str], &["--verbose"], &["--color", "always"], &["--environment", "production"]]
        {
            let mut arguments = vec!["check", "--format", format];
            arguments.extend(more);
            found.look(&poollint(&fixture(), &arguments), &arguments.join(" "));
        }
    }
    for format in BUDGET_FORMATS {
        let arguments = ["budget", "--verbose", "--format", format];
        found.look(&poollint(&fixture(), &arguments), &arguments.join(" "));
    }
    for arguments in [
        &["model"] as &[&str],
        &["recommend"],
        &["recommend", "--format", "json"],
        &["check", "--files"],
        &["check", "--files", "--format", "json"],
        &["check", "--diff"],
        &["check", "--diff", "--unsafe-fixes"],
    ] {
        found.look(&poollint(&fixture(), arguments), &arguments.join(" "));
    }
    found.none();
}

/// Neither what a repository holds nor what a message does, also where a number or a host is looked for.
#[test]
fn no_explanation_shows_a_secret() {
    let (mut found, mut told) = (Leaks::default(), 0);
    for entry in &poollint::catalog::knowledge().errors {
        let mut message = entry.texts[0].replace('*', "7");
        for says in entry.settings.iter().filter_map(|setting| setting.says.as_deref()) {
            message.push_str(&format!("\n{}", says.replace(['#', '@'], "kanarie-secret:5432")));
            message.push_str(&format!("\n{}", says.replace(['#', '@'], "app:kanarie@db:5432")));
        }
        let ran = poollint(&fixture(), &["explain", &message]);
        assert_eq!(ran.status, 0, "{}", ran.text());
        told += usize::from(ran.stdout.contains("compose.yaml:"));
        found.look(&ran, &entry.id);
    }
    found.none();
    assert!(told > 5, "the fixture has little to say: {told}");
}

/// The fixture is judged: what is silent because it says nothing proves nothing.
#[test]
fn the_fixture_has_much_to_say() {
    let human = poollint(&fixture(), &["check"]);
    let json = poollint(&fixture(), &["check", "--format", "json"]).json();
    let findings = json["findings"].as_array().unwrap();
    assert!(findings.len() >= 20, "only {} findings", findings.len());
    for file in [".env.production", ".env.malformed", "compose.yaml", "k8s/production/all.yaml"] {
        assert!(findings.iter().any(|finding| finding["path"] == file), "nothing is found in {file}");
    }
    assert!(human.stdout.contains("@db.internal"), "no excerpt shows a URL:\n{}", human.stdout);
    let model = poollint(&fixture(), &["model"]).stdout;
    assert!(model.contains("app:***@"), "the model shows no masked URL");
}

#[test]
fn every_file_on_its_own_is_as_silent() {
    let mut found = Leaks::default();
    let mut all = Vec::new();
    files(&fixture(), &mut all);
    for path in all {
        let relative = path.strip_prefix(fixture()).unwrap().to_str().unwrap().to_owned();
        for arguments in
            [&["check"] as &[&str], &["check", "--format", "json", "--verbose"], &["budget"], &["model"]]
        {
            let mut arguments = arguments.to_vec();
            arguments.push(&relative);
            found.look(&poollint(&fixture(), &arguments), &arguments.join(" "));
        }
        // As a stream, under the name it has and under none.
        let text = fs::read_to_string(&path).unwrap();
        for arguments in
            [&["check", "-"] as &[&str], &["check", "--format", "json", "-", "--stdin-path", &relative]]
        {
            found.look(&poollint_with(&fixture(), arguments, &text, &[]), &arguments.join(" "));
        }
    }
    found.none();
}

#[test]
fn a_file_that_cannot_be_used_is_not_quoted() {
    let mut found = Leaks::default();
    let broken = [
        "fail-on = \"postgresql://app:kanarie-fail-on@db:5432/app\"\n",
        "[databases.app]\npassword = \"kanarie-unknown-key\"\n",
        "[databases.app]\nmax-connections = \"postgresql://app:kanarie-not-a-number@db:5432/app\"\n",
        "[workloads.api]\nclient = \"postgresql://app:kanarie-client@db:5432/app\"\n",
        "[databases.app]\nplan = \"postgresql://app:kanarie-plan@db:5432/app\"\nmatch = [\"x\"]\n",
        "exclude = [\"postgresql://app:kanarie-pattern@db/[\"]\n",
        "rules-from = [\"postgresql://app:kanarie-rules@db/*.md\"]\n",
        "extend-select = [\"postgresql://app:kanarie-rule@db\"]\n",
        "database = 'postgresql://app:kanarie-open-quote@db:5432/app\n",
        "postgresql://app:kanarie-no-toml@db:5432/app\n",
        "[\"postgresql://app:kanarie-table@db:5432/app\"]\nx = 1\n",
        "[rules.\"postgresql://app:kanarie-no-rule@db\"]\nseverity = \"error\"\n",
        "[rules.pool-timeout-too-low]\nseverity = \"postgresql://app:kanarie-severity@db\"\n",
        "[rules.pool-timeout-too-low]\nmin-seconds = \"postgresql://app:kanarie-param@db\"\n",
        "[environments]\nproduction = \"postgresql://app:kanarie-environment@db\"\n",
    ];
    for configuration in broken {
        let root = program::directory(&[("poollint.toml", configuration), ("a.toml", configuration)]);
        for arguments in [&["check"] as &[&str], &["check", "--config", "a.toml"], &["budget"], &["rules"]] {
            let ran = poollint(root.path(), arguments);
            found.look(&ran, &format!("{arguments:?} with {configuration}"));
        }
    }
    found.none();
}

#[test]
fn an_argument_is_not_quoted() {
    let mut found = Leaks::default();
    let root = program::directory(&[]);
    let url = "postgresql://app:kanarie1@kana/kanarie2@db.internal:5432/app";
    for arguments in [
        &["check", url] as &[&str],
        &["check", "--config", url],
        &["check", "--format", url],
        &["check", "--output", url],
        &["check", "--select", url],
        &["check", "--ignore", url],
        &["check", "--extend-select", url],
        &["check", "--environment", url],
        &["check", "--fail-on", url],
        &["check", "--stdin-path", url],
        &["check", "--no-such-option", url],
        &[url],
        &["budget", url],
        &["budget", "--format", url],
        &["model", url],
        &["rules", "--format", url],
        &["rules", url],
        &["explain", url],
        &[
            "explain",
            "FATAL: password authentication failed for postgresql://app:kanarie@db.internal:5432/app",
        ],
        &["init", url],
        &["completions", url],
        &["url", url, "--client", url],
        &["url", "postgresql://h/d", url],
    ] {
        found.look(&poollint(root.path(), arguments), &arguments.join(" "));
    }
    found.none();
}

#[test]
fn a_url_is_shown_without_its_password() {
    let mut found = Leaks::default();
    let root = program::directory(&[]);
    let mut urls: Vec<String> = Vec::new();
    for name in [".env.production", ".env.malformed"] {
        let text = fs::read_to_string(fixture().join(name)).unwrap();
        let values = text.lines().filter(|line| line.contains("_DATABASE_URL=") || line.contains("_DSN="));
        urls.extend(values.filter_map(|line| line.split_once('=')).map(|(_, value)| value.to_owned()));
    }
    assert!(urls.len() > 30);
    for url in urls {
        for format in CHECK_FORMATS {
            let arguments = ["url", &url, "--format", format];
            found.look(&poollint(root.path(), &arguments), &arguments.join(" "));
        }
        for more in
            [&["--serverless"] as &[&str], &["--client", "prisma@6"], &["--environment", "production"]]
        {
            let mut arguments = vec!["url", "-"];
            arguments.extend(more);
            found.look(&poollint_with(root.path(), &arguments, &url, &[]), &format!("{arguments:?} {url}"));
        }
    }
    found.none();
}

/// What only resembles a credential, or stands where none is expected.
#[test]
fn what_may_be_a_credential_is_shown_nowhere() {
    let mut found = Leaks::default();
    let root = program::directory(&[]);
    for url in [
        "jdbc:mysql://h/app;password=kanarie",
        "jdbc:mysql://h/app;pasword=kanarie",
        "postgres://u:p@h/d?pasword=kanarie",
        "postgres://u:p@h/d?paswrod=kanarie",
        "postgres://u:p@h/d?passwd=kanarie&sslmode=require",
        "postgres://u:p@h/d?pwd=kanarie",
        "postgres://u:p@h/d?tokn=kanarie",
        "postgres://u:p@h/d?my_own=kanarie",
        "postgres://u:p@h/d?my_own=1kanarie&connection_limit=3",
        "postgres://u:p@h/d?connection_limit=kanarie",
        "postgres://u:p@h/d?connection_limit=5?pool_timeout=kanarie",
        "postgres://u:p@h/d?connection_limit=sec?kanarie",
        "postgres://u:p@h/d?pgbouncer=kanarie&sslmode=kanarie",
        "postgres://app%3Akanarie@h/d",
        "postgres://app%3akanarie:x@h/d",
        "mysql://app%3Akanarie@h/d",
        "kanarie",
        "'kanarie",
        "kanarie with words",
        "app:kanarie@h/d",
    ] {
        for format in CHECK_FORMATS {
            let arguments = ["url", url, "--format", format];
            found.look(&poollint(root.path(), &arguments), &arguments.join(" "));
        }
        let client = ["url", url, "--client", "prisma@6"];
        found.look(&poollint(root.path(), &client), &client.join(" "));
        if !url.contains("://") {
            continue;
        }
        let env = program::directory(&[(".env.production", &format!("DATABASE_URL={url}\n"))]);
        for arguments in [&["model"] as &[&str], &["budget"], &["check", "--format", "concise"]] {
            found.look(&poollint(env.path(), arguments), &format!("{arguments:?} {url}"));
        }
    }
    for value in [
        "postgres://app:pa${kanarie}@db/app",
        "postgres://app:${kanarie}word@db/app",
        "postgres://ap${kanarie}@db/app",
        "postgres://app:pa$KANARIE_X@db/app",
    ] {
        let manifest = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: api}}\nspec:\n  containers:\n    - name: api\n      image: \
             api:1\n      env:\n        - name: DATABASE_URL\n          value: \"{value}\"\n"
        );
        let root = program::directory(&[("k8s/pod.yaml", &manifest)]);
        assert!(poollint(root.path(), &["check"]).stdout.contains("env-unexpanded-variable"), "{value}");
        for format in CHECK_FORMATS {
            let arguments = ["check", "--format", format];
            found.look(&poollint(root.path(), &arguments), &format!("{arguments:?} {value}"));
        }
    }
    found.none();
}

/// A copy of the fixture that may be written to.
fn copy(wanted: impl Fn(&Path) -> bool) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    files(&fixture(), &mut all);
    for path in all.iter().filter(|path| wanted(path)) {
        let relative = path.strip_prefix(fixture()).unwrap().to_str().unwrap();
        program::write(root.path(), relative, &fs::read(path).unwrap());
    }
    root
}

#[test]
fn what_is_mended_is_not_shown() {
    let mut found = Leaks::default();
    for format in CHECK_FORMATS {
        let root = copy(|_| true);
        for arguments in
            [&["check", "--fix", "--format", format] as &[&str], &["check", "--fix", "--unsafe-fixes"]]
        {
            found.look(&poollint(root.path(), arguments), &arguments.join(" "));
        }
    }
    found.none();
}

#[test]
fn what_init_writes_holds_no_secret() {
    let mut found = Leaks::default();
    let root = copy(|path| !path.ends_with("poollint.toml"));
    let ran = poollint(root.path(), &["init"]);
    assert_eq!(ran.status, 0, "{}", ran.text());
    found.look(&ran, "init");
    let written = fs::read_to_string(root.path().join("poollint.toml")).unwrap();
    assert!(leaks(&written).is_empty(), "poollint.toml shows {:?}", leaks(&written));
    // A second one is refused without showing the first.
    found.look(&poollint(root.path(), &["init"]), "init over a file");
    found.none();
}

#[test]
fn a_password_where_a_url_belongs_is_shown_by_no_command() {
    let compose = "services:
  api:
    image: api
    env_file: ['postgresql://app:kanarie@db/app']
    environment:
      DATABASE_URL: kanarie
";
    let production =
        "# ghp_kanarie\nA=sk_live_kanarie\nDATABASE_URL=postgresql://app@db.acme.io/app?pool_timeout=2\n";
    let root = program::directory(&[
        (".env", "DATABASE_URL=kanarie\n"),
        ("compose.yaml", compose),
        (".env.production", production),
    ]);
    let mut leaks = Leaks::default();
    for command in [
        &["model"] as &[&str],
        &["budget"],
        &["budget", "--format", "json"],
        &["check"],
        &["check", "--files"],
        &["check", "--diff", "--unsafe-fixes"],
        &["check", "--format", "json"],
    ] {
        leaks.look(&poollint(root.path(), command), &command.join(" "));
    }
    assert_eq!(leaks.0, Vec::<String>::new());
}

#[test]
fn no_platform_shows_a_secret() {
    let mut found = Leaks::default();
    let root = platforms();
    for format in CHECK_FORMATS {
        let arguments = ["check", "--verbose", "--format", format];
        found.look(&poollint(root.path(), &arguments), &arguments.join(" "));
    }
    for format in BUDGET_FORMATS {
        let arguments = ["budget", "--verbose", "--format", format];
        found.look(&poollint(root.path(), &arguments), &arguments.join(" "));
    }
    for arguments in
        [&["model"] as &[&str], &["recommend"], &["check", "--files"], &["check", "--diff", "--unsafe-fixes"]]
    {
        found.look(&poollint(root.path(), arguments), &arguments.join(" "));
    }
    // All of it was read and judged.
    let check = poollint(root.path(), &["check", "--format", "json"]).json();
    let findings = check["findings"].as_array().unwrap();
    for file in PLATFORMS {
        assert!(findings.iter().any(|finding| finding["path"] == *file), "{file}");
    }
    found.none();
}

#[test]
fn no_form_of_a_credential_is_shown() {
    let mut found = Leaks::default();
    let root = forms();
    for format in CHECK_FORMATS {
        let arguments = ["check", "--verbose", "--format", format];
        found.look(&poollint(root.path(), &arguments), &arguments.join(" "));
    }
    for format in BUDGET_FORMATS {
        let arguments = ["budget", "--verbose", "--format", format];
        found.look(&poollint(root.path(), &arguments), &arguments.join(" "));
    }
    for arguments in [
        &["model"] as &[&str],
        &["check"],
        &["recommend"],
        &["check", "--files"],
        &["check", "--diff"],
        &["check", "--diff", "--unsafe-fixes"],
        &["model", "compose.yaml"],
        &["model", "values.env"],
        &["model", "k8s/pod.yaml"],
    ] {
        found.look(&poollint(root.path(), arguments), &arguments.join(" "));
    }
    // All of it was read and judged.
    let check = poollint(root.path(), &["check", "--format", "json"]).json();
    let findings = check["findings"].as_array().unwrap();
    for file in ["compose.yaml", "values.env", "k8s/pod.yaml"] {
        assert!(findings.iter().any(|finding| finding["path"] == file), "nothing is found in {file}");
    }
    let model = poollint(root.path(), &["model"]).stdout;
    let last = format!("\"V{}\"", FORMS.len() - 1);
    assert!(model.matches(&last).count() >= 3, "the model lacks the last variable");
    found.none();
}

/// A model without values is of no use: what is harmless stays.
#[test]
fn harmless_values_are_shown() {
    use std::fmt::Write as _;
    let values = [
        "postgres:16-alpine",
        "redis:alpine",
        "ghcr.io/acme/api:main",
        "registry.acme.io:5000/team/api:1.2.3",
        "db:5432",
        "db.internal",
        "a:9092,b:9092",
        "8080:80",
        "127.0.0.1:5432:5432",
        "1000:1000",
        "./a:/b:ro",
        "data:/var/lib/postgresql/data",
        "/var/lib/app/config.yaml",
        "PLAINTEXT:PLAINTEXT,SSL:SSL",
        "production",
        "10",
        "30s",
        "true",
        "http://api:8080/path?x=1",
        "a@example.com",
        "Acme <noreply@example.com>",
        "en_US.UTF-8",
        "info,sqlx=warn",
        "pg_isready -U app -d app",
        "curl -f http://localhost:3000/health",
        "-Xmx512m -XX:MaxRAMPercentage=75",
        "550e8400-e29b-41d4-a716-446655440000",
        "0 3 * * *",
    ];
    let mut compose =
        "services:\n  api:\n    image: ghcr.io/acme/api@sha256:0a1b\n    environment:\n".to_owned();
    for (index, value) in values.iter().enumerate() {
        writeln!(compose, "      V{index}: {}", quoted(value, "$$")).unwrap();
    }
    let root = program::directory(&[("compose.yaml", &compose)]);
    let model = poollint(root.path(), &["model"]).json();
    let container = &model["deployments"][0]["workloads"][0]["containers"][0];
    assert_eq!(container["image"], "ghcr.io/acme/api@sha256:0a1b");
    for (index, value) in values.iter().enumerate() {
        assert_eq!(container["environment"][format!("V{index}")]["value"], *value);
    }
}

/// What is typed for an option may be a password as a whole, and is in the log of a job then.
#[test]
fn the_value_of_an_option_is_not_quoted() {
    let mut found = Leaks::default();
    let root = program::directory(&[]);
    for value in [
        "kanarie",
        "app:kanarie@db/app",
        "postgresql:/app:kanarie@db",
        "kanarie@db.internal:5432",
        "app/kanarie@//db/s",
    ] {
        for arguments in [
            &["check", "--environment", value] as &[&str],
            &["check", "--format", value],
            &["check", "--fail-on", value],
            &["check", "--color", value],
            &["check", &format!("--quiet={value}")],
            &["model", "--environment", value],
            &["budget", "--format", value],
            &["url", "--environment", value, "postgresql://h/d"],
            &["recommend", "--db-cpus", value],
            &["recommend", "--environment", value],
            &["completions", value],
        ] {
            let ran = poollint(root.path(), arguments);
            assert_eq!(ran.status, 2, "{arguments:?}");
            found.look(&ran, &arguments.join(" "));
        }
        if value == "kanarie" {
            continue;
        }
        for arguments in [
            &["check", value] as &[&str],
            &["check", "--config", value],
            &["check", "--output", &format!("{value}=x")],
            &["check", "--select", value],
            &["url", "--client", value, "postgresql://h/d"],
            &["budget", "--set", value],
            &["explain", value],
        ] {
            found.look(&poollint(root.path(), arguments), &arguments.join(" "));
        }
    }
    found.none();
}
