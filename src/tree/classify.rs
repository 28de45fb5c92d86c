//! What a file is, from its name and its content. Looks at bytes only where a name leaves it open, and
//! never parses: a search at line starts is enough to tell what is worth parsing.

use memchr::memmem;

use super::Platform;
use super::names::{self, file_name, is_yaml};
use super::template;
use super::{Framework, Kind};

/// Files of other tools that look like Compose files, by the start of their name.
const NOT_COMPOSE: &[(&str, &str)] = &[
    ("serverless-compose.", "Serverless Framework Compose file, which starts no containers"),
    ("rancher-compose.", "Rancher 1 file, which only adds to a Compose file"),
];

/// What a workflow that hands env files to programs, or variables of databases to its steps, has in it.
const WORKFLOW_SIGNS: &[&str] = &[
    "--env-file",
    "--from-env-file",
    "envsubst",
    "DATABASE",
    "DB_",
    "postgres",
    "mysql",
    "mariadb",
    "sqlserver",
    "mongodb",
];

/// Top-level keys of pipelines that have `services` with images too (Woodpecker, Drone and their kin).
const PIPELINE_KEYS: &[&str] = &["steps", "pipeline", "stages", "jobs"];

/// Keys of a service (Compose specification, "services") that Symfony's services do not have.
const SERVICE_KEYS: &[&str] = &[
    "build",
    "cap_add",
    "command",
    "container_name",
    "depends_on",
    "deploy",
    "develop",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "extends",
    "healthcheck",
    "image",
    "labels",
    "links",
    "logging",
    "network_mode",
    "networks",
    "ports",
    "profiles",
    "restart",
    "scale",
    "ulimits",
    "volumes",
    "volumes_from",
];

/// What is known about a file besides its name and content.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given {
    /// The user named this very file: what its name does not tell, its content may, whatever the name.
    pub explicit: bool,
    /// It stands in the `templates` directory of a Helm chart.
    pub in_chart: bool,
}

/// What a file is.
///
/// # Errors
/// With the reason when it looks as if it mattered but cannot be used; without one when it has nothing to
/// say to poollint, which goes without saying.
pub fn classify(path: &str, text: &str, given: Given) -> Result<Kind, Option<String>> {
    let named = Kind::of_path(path);
    if is_workflow(path) {
        if WORKFLOW_SIGNS.iter().any(|sign| text.contains(sign)) { Ok(Kind::Workflow) } else { Err(None) }
    } else if let Some(reason) = names::template_name(path) {
        Err(named.map(|_| reason.to_owned()))
    } else if let Some(platform) = Platform::of(path, text).filter(|platform| {
        // `stack.yaml` is a name for a Compose file, but what it holds says more.
        (named.is_none() || *platform == Platform::CloudFormation) && !is_kubernetes(text)
    }) {
        Ok(Kind::Platform(platform))
    } else if let Some(framework) = Framework::of(path, text)
        .filter(|_| !given.in_chart && !is_kubernetes(text) && template::reason(path, text, false).is_none())
    {
        Ok(Kind::Application(framework))
    } else if is_yaml(path) || named == Some(Kind::Kustomization) {
        of_yaml(path, text, named, given)
    } else if let Some(kind) = named {
        template::reason_outside_yaml(path, text).map_or(Ok(kind), |reason| Err(Some(reason.to_owned())))
    } else {
        of_content(path, text, given)
    }
}

/// Whether GitHub runs the file. Its `services` are no Compose file's.
fn is_workflow(path: &str) -> bool {
    is_yaml(path) && path.rsplit_once('/').is_some_and(|(folder, _)| folder.ends_with(".github/workflows"))
}

/// What to say of a file that the user named and that has nothing to say.
pub(super) fn nothing_in(path: &str, text: &str) -> &'static str {
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        "empty"
    } else if is_yaml(path) {
        "neither a Compose file nor a Kubernetes manifest"
    } else {
        "not a kind of file that poollint reads"
    }
}

fn of_yaml(path: &str, text: &str, named: Option<Kind>, given: Given) -> Result<Kind, Option<String>> {
    let name = file_name(path).to_ascii_lowercase();
    if let Some((_, reason)) = NOT_COMPOSE.iter().find(|(start, _)| name.starts_with(start)) {
        return Err(Some((*reason).to_owned()));
    }
    let kubernetes = is_kubernetes(text);
    let compose_like = has_key(text, "services") || has_key(text, "include");
    if let Some(reason) = template::reason(path, text, given.in_chart) {
        let matters = given.in_chart || named.is_some() || kubernetes || compose_like || given.explicit;
        return Err(matters.then(|| reason.to_owned()));
    }
    match named {
        Some(Kind::Kustomization) => return Ok(Kind::Kustomization),
        Some(Kind::Compose) if compose_like || is_flow_with(text, "services") => return Ok(Kind::Compose),
        _ => {}
    }
    if kubernetes {
        Ok(Kind::Kubernetes)
    } else if is_compose(text, given.explicit) {
        Ok(Kind::Compose)
    } else if named == Some(Kind::Compose) && name.contains("compose") {
        Err(Some("no top-level services or include".to_owned()))
    } else {
        Err(None)
    }
}

/// A file whose name tells nothing: an ini file, or whatever the user named.
fn of_content(path: &str, text: &str, given: Given) -> Result<Kind, Option<String>> {
    if has_line(text, |line| line.trim_end() == "[pgbouncer]") {
        return Ok(Kind::PgBouncer);
    }
    if !given.explicit {
        return Err(None);
    }
    if is_kubernetes(text) || is_compose(text, true) {
        return of_yaml(path, text, None, given);
    }
    if has_line(text, |line| line.starts_with("datasource ")) && text.contains("provider") {
        Ok(Kind::PrismaSchema)
    } else if is_dockerfile(text) {
        Ok(Kind::Dockerfile)
    } else if has_line(text, is_postgres_setting) {
        Ok(Kind::PostgresConf)
    } else if is_env(text) && !named_as_data(path) {
        Ok(Kind::EnvFile)
    } else {
        Err(None)
    }
}

/// Whether the name promises a format whose lines can look like assignments to variables.
fn named_as_data(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    [".toml", ".json", ".jsonc", ".ini", ".cfg"].iter().any(|extension| name.ends_with(extension))
}

/// Objects of Kubernetes have both keys, at the start of a line or in JSON.
fn is_kubernetes(text: &str) -> bool {
    (has_key(text, "apiVersion") && has_key(text, "kind"))
        || (is_flow_with(text, "apiVersion") && text.contains("kind"))
}

/// A mapping of services, at least one with an image or a build; in a file that the user named, with any key that only
/// Compose knows. The keys of a service stand at the indentation of the first key below the first service.
fn is_compose(text: &str, explicit: bool) -> bool {
    let keys = if explicit { SERVICE_KEYS } else { &["image", "build"] };
    if PIPELINE_KEYS.iter().any(|key| has_key(text, key)) {
        return false;
    }
    if is_flow_with(text, "services") {
        return keys.iter().any(|key| text.contains(&format!("\"{key}\"")));
    }
    let Some(start) = key_at(text, "services") else { return false };
    let block = text.get(start..).unwrap_or_default().lines().skip(1);
    let mut service = None;
    for line in block {
        let body = line.trim_start_matches(' ');
        if body.trim().is_empty() || body.starts_with('#') {
            continue;
        }
        let indent = line.len().saturating_sub(body.len());
        if indent == 0 || body.starts_with("- ") && service.is_none() {
            return false;
        }
        let service_indent = *service.get_or_insert(indent);
        if indent > service_indent && keys.iter().any(|key| is_key(body, key)) {
            return true;
        }
    }
    false
}

/// Whether the text is in JSON form and mentions `key`.
fn is_flow_with(text: &str, key: &str) -> bool {
    let first = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim_start)
        .find(|line| !line.trim_end().is_empty() && !line.starts_with('#') && line.trim_end() != "---");
    first.is_some_and(|line| line.starts_with(['{', '[']) && !line.starts_with("{{"))
        && memmem::find(text.as_bytes(), key.as_bytes()).is_some()
}

/// Whether a line begins with this key.
fn has_key(text: &str, key: &str) -> bool {
    key_at(text, key).is_some()
}

/// Where the first line that begins with this key (which may be quoted) begins.
fn key_at(text: &str, key: &str) -> Option<usize> {
    let begin = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    memmem::find_iter(text.as_bytes(), key.as_bytes()).find_map(|found| {
        let before = text.get(..found)?;
        let unquoted = before.strip_suffix(['"', '\'']).unwrap_or(before);
        let start = unquoted.len();
        let at_line_start = start == begin || unquoted.ends_with('\n');
        (at_line_start && is_key(text.get(start..)?, key)).then_some(start)
    })
}

/// Whether `line` begins with the key `key` and its colon.
fn is_key(line: &str, key: &str) -> bool {
    let quote = line.chars().next().filter(|letter| matches!(letter, '"' | '\''));
    let rest = quote.map_or(Some(line), |quote| line.strip_prefix(quote));
    let rest = rest.and_then(|line| line.strip_prefix(key));
    let rest = rest.and_then(|line| quote.map_or(Some(line), |quote| line.strip_prefix(quote)));
    rest.and_then(|line| line.trim_start_matches(' ').strip_prefix(':'))
        .is_some_and(|line| line.is_empty() || line.starts_with(char::is_whitespace))
}

fn has_line(text: &str, matches: impl Fn(&str) -> bool) -> bool {
    text.trim_start_matches('\u{feff}').lines().any(matches)
}

/// Lines that are neither blank nor comments.
fn content_lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The first instruction is FROM, or ARG with a FROM later.
fn is_dockerfile(text: &str) -> bool {
    let is = |line: &str, word: &str| {
        line.split_whitespace().next().is_some_and(|first| first.eq_ignore_ascii_case(word))
    };
    content_lines(text).find(|line| !is(line, "ARG")).is_some_and(|line| is(line, "FROM"))
}

fn is_postgres_setting(line: &str) -> bool {
    let name = line.split(['=', ' ', '\t']).next().unwrap_or_default();
    matches!(name, "max_connections" | "shared_buffers" | "listen_addresses") && name.len() < line.len()
}

/// Every line assigns a variable, as far as the first twenty show; a value that goes on over several lines
/// ends the look.
fn is_env(text: &str) -> bool {
    let mut any = false;
    for line in content_lines(text).take(20) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else { return false };
        let mut letters = name.trim_end().chars();
        let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
        if !first || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            return false;
        }
        any = true;
        if value.matches('"').count() == 1 {
            break;
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(path: &str, text: &str) -> Result<Kind, Option<String>> {
        classify(path, text, Given::default())
    }

    fn explicit(path: &str, text: &str) -> Result<Kind, Option<String>> {
        classify(path, text, Given { explicit: true, in_chart: false })
    }

    const POD: &str = "apiVersion: v1\nkind: Pod\n";
    const SERVICES: &str = "services:\n  # the database\n  db:\n    image: postgres\n";

    #[test]
    fn yaml_is_told_by_its_keys() {
        for (path, text, kind) in [
            ("a.yaml", POD, Kind::Kubernetes),
            ("a.yaml", "# c\n---\r\n\"kind\": Pod\r\n\"apiVersion\" : v1\r\n", Kind::Kubernetes),
            ("a.yaml", "\u{feff}apiVersion: v1\nkind: Pod\n", Kind::Kubernetes),
            ("a.yml", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}", Kind::Kubernetes),
            ("compose.yaml", SERVICES, Kind::Compose),
            ("compose.yaml", "include:\n  - a.yaml\n", Kind::Compose),
            ("compose.prod.yaml", "services:\n  api:\n    environment: {A: b}\n", Kind::Compose),
            ("compose.yaml", "{\"services\": {}}", Kind::Compose),
            ("whatever.yaml", SERVICES, Kind::Compose),
            ("whatever.yaml", "services:\n  api:\n    ports: []\n    build: .\n", Kind::Compose),
            ("compose.yaml", POD, Kind::Kubernetes),
            ("kustomization.yaml", "resources: []\n", Kind::Kustomization),
            ("eso.yaml", "apiVersion: v1\nkind: ExternalSecret\nurl: \"{{ .a }}\"\n", Kind::Kubernetes),
        ] {
            assert_eq!(plain(path, text), Ok(kind), "{path}: {text}");
        }
    }

    #[test]
    fn yaml_with_nothing_to_say_is_dropped() {
        for (path, text) in [
            ("Chart.yaml", "apiVersion: v2\nname: app\n"),
            ("values.yaml", "kindness: 1\napiVersion: v1\n"),
            ("values.yaml", "web:\n  apiVersion: v1\n  kind: Pod\n"),
            ("services.yaml", "services:\n  _defaults:\n    autowire: true\n"),
            (".gitlab-ci.yml", "services:\n- name: x\n  image: y\n"),
            (".woodpecker.yml", "services:\n  db:\n    image: postgres\nsteps:\n  - a\n"),
            ("stack.yaml", "resolver: lts-22\n"),
            ("playbook.yaml", "- hosts: {{ all }}\n"),
            ("services.yaml", "services:\nimage: x\n"),
            ("empty.yaml", ""),
            ("alembic.ini", "[alembic]\n"),
            ("serverless.yml", "service: x\nfunctions: {}\n"),
        ] {
            assert_eq!(plain(path, text), Err(None), "{path}: {text}");
        }
    }

    #[test]
    fn what_cannot_be_used_has_a_reason() {
        let template = "apiVersion: v1\nkind: Pod\nname: {{ .Values.x }}\n";
        for (path, text, part) in [
            ("chart/templates/pod.yaml", template, "Helm"),
            ("compose.yaml", "services:\n  a:\n    image: {{ image }}\n", "Jinja"),
            ("serverless-compose.yml", "services:\n  a:\n    path: a\n", "Serverless"),
            ("rancher-compose.yml", "services:\n  a:\n    scale: 1\n", "Rancher"),
            ("Dockerfile.j2", "FROM {{ x }}\n", "Jinja"),
            (".env", "A={{ cookiecutter.a }}\n", "Jinja"),
            ("docker-compose.yml", "networks: {}\n", "services"),
        ] {
            let reason = plain(path, text).unwrap_err().unwrap();
            assert!(reason.contains(part), "{path}: {reason}");
        }
        let bare = classify(
            "c/templates/x.yaml",
            "{{ include \"x\" . }}",
            Given { explicit: false, in_chart: true },
        );
        assert_eq!(bare, Err(Some("Helm template".to_owned())));
    }

    #[test]
    fn a_named_file_is_told_by_its_content() {
        for (text, kind) in [
            (POD, Kind::Kubernetes),
            (SERVICES, Kind::Compose),
            ("services:\n  api:\n    environment:\n      A: b\n", Kind::Compose),
            ("services:\n  api:\n    extends: { file: a.yml, service: b }\n", Kind::Compose),
            ("{\"services\": {\"api\": {\"env_file\": \".env\"}}}", Kind::Compose),
            ("; c\n[databases]\n[pgbouncer]\n", Kind::PgBouncer),
            ("datasource db {\n  provider = \"postgresql\"\n}\n", Kind::PrismaSchema),
            ("# syntax\nARG V=1\nFROM x:${V}\n", Kind::Dockerfile),
            ("#c\nmax_connections = 100\n", Kind::PostgresConf),
            ("\u{feff}# c\nexport A=1\nB = 2\nC=\"x\nyy\"\n", Kind::EnvFile),
        ] {
            assert_eq!(explicit("<stdin>", text), Ok(kind), "{text}");
        }
        for (path, text, part) in [
            ("a.yaml", "x: y\n", "neither"),
            ("a.yaml", "services:\n  _defaults:\n    autowire: true\n", "neither"),
            ("a.txt", "hello\nA=1\n", "not a kind"),
            ("<stdin>", " \n", "empty"),
        ] {
            assert_eq!(explicit(path, text), Err(None), "{path}");
            assert!(nothing_in(path, text).contains(part), "{path}");
        }
        for (path, text, part) in [
            ("a.yaml", "x: {{ y }}\n", "Jinja"),
            ("<stdin>", "apiVersion: v1\nkind: {{ .Values.x }}\n", "Helm"),
        ] {
            let reason = explicit(path, text).unwrap_err().unwrap();
            assert!(reason.contains(part), "{path}: {reason}");
        }
        assert_eq!(plain("pooler.ini", "[databases]\n[pgbouncer]\n"), Ok(Kind::PgBouncer));
        assert_eq!(plain("notes.txt", "A=1\n"), Err(None));
    }
}
