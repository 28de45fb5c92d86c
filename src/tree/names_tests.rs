use std::io::Write;
use std::process::{Command, Stdio};

use regex_lite::Regex;

use super::*;

/// Paths, whether they could matter, and the kind that the name alone tells.
const PATHS: &[(&str, bool, Option<Kind>)] = &[
    ("compose.yaml", true, Some(Kind::Compose)),
    ("deploy/compose.prod.yml", true, Some(Kind::Compose)),
    ("compose-nested.yaml", true, Some(Kind::Compose)),
    ("docker-compose.yml", true, Some(Kind::Compose)),
    ("docker-compose.override.yml", true, Some(Kind::Compose)),
    ("docker-compose-tls.yml", true, Some(Kind::Compose)),
    ("podman/podman-compose.yml", true, Some(Kind::Compose)),
    ("prod-compose.yaml", true, Some(Kind::Compose)),
    ("app.compose.yml", true, Some(Kind::Compose)),
    ("docker-stack.yml", true, Some(Kind::Compose)),
    ("stack.yml", true, Some(Kind::Compose)),
    ("Docker-Compose.YML", true, Some(Kind::Compose)),
    ("serverless-compose.yml", true, None),
    ("rancher-compose.yml", true, None),
    ("docker-compose.override.yml.example", false, None),
    ("composer.yaml", true, None),
    ("k8s/deployment.yaml", true, None),
    ("k8s/pgbouncer.yaml", true, None),
    ("k8s/secrets.yaml.template", false, None),
    ("overlays/prod/kustomization.yaml", true, Some(Kind::Kustomization)),
    ("overlays/prod/Kustomization", true, Some(Kind::Kustomization)),
    (".env", true, Some(Kind::EnvFile)),
    ("api/.env.production", true, Some(Kind::EnvFile)),
    (".env.development.local", true, Some(Kind::EnvFile)),
    (".env.example", true, Some(Kind::EnvFile)),
    (".env.template", true, Some(Kind::EnvFile)),
    (".env-sample", true, Some(Kind::EnvFile)),
    (".env_prod", true, Some(Kind::EnvFile)),
    ("prod.env", true, Some(Kind::EnvFile)),
    ("ios/.xcode.env", true, Some(Kind::EnvFile)),
    ("docker/app.env.example", true, Some(Kind::EnvFile)),
    ("env.example", true, Some(Kind::EnvFile)),
    ("env.sample", true, Some(Kind::EnvFile)),
    ("backend/env.example.txt", true, Some(Kind::EnvFile)),
    ("env.production", true, Some(Kind::EnvFile)),
    (".env.yaml", true, None),
    (".envrc", false, None),
    (".environment", false, None),
    (".env.d.ts", false, None),
    (".env.ts", false, None),
    (".env.js", false, None),
    (".env.vault", false, None),
    (".env.bak", false, None),
    (".env~", false, None),
    ("src/env.ts", false, None),
    ("src/env.d.ts", false, None),
    ("migrations/env.py", false, None),
    ("Dockerfile", true, Some(Kind::Dockerfile)),
    ("dockerfile", true, Some(Kind::Dockerfile)),
    ("api/Dockerfile.prod", true, Some(Kind::Dockerfile)),
    ("Dockerfile-worker", true, Some(Kind::Dockerfile)),
    ("dev.Dockerfile", true, Some(Kind::Dockerfile)),
    ("Containerfile", true, Some(Kind::Dockerfile)),
    ("Dockerfile.dockerignore", false, None),
    ("dockerfiles.md", false, None),
    ("package.json", true, Some(Kind::Dependencies)),
    ("package-lock.json", false, None),
    ("requirements.txt", true, Some(Kind::Dependencies)),
    ("requirements-dev.txt", true, Some(Kind::Dependencies)),
    ("requirements/base.txt", true, Some(Kind::Dependencies)),
    ("api/requirements/base.txt", true, Some(Kind::Dependencies)),
    ("notes/base.txt", false, None),
    ("pyproject.toml", true, Some(Kind::Dependencies)),
    ("poollint.toml", false, None),
    ("Pipfile", true, Some(Kind::Dependencies)),
    ("Pipfile.lock", false, None),
    ("Gemfile", true, Some(Kind::Dependencies)),
    ("go.mod", true, Some(Kind::Dependencies)),
    ("go.sum", false, None),
    ("Cargo.toml", true, Some(Kind::Dependencies)),
    ("pom.xml", true, Some(Kind::Dependencies)),
    ("app/build.gradle.kts", true, Some(Kind::Dependencies)),
    ("mix.exs", true, Some(Kind::Dependencies)),
    ("composer.json", true, Some(Kind::Dependencies)),
    ("src/Api/Api.csproj", true, Some(Kind::Dependencies)),
    ("prisma/schema.prisma", true, Some(Kind::PrismaSchema)),
    ("pgbouncer.ini", true, Some(Kind::PgBouncer)),
    ("pooler.ini", true, None),
    ("postgresql.conf", true, Some(Kind::PostgresConf)),
    ("postgres.conf", true, Some(Kind::PostgresConf)),
    ("postgresql_ssl.conf", true, Some(Kind::PostgresConf)),
    ("src/main/resources/application.properties", true, None),
    ("application-prod.properties", true, None),
    ("gradle.properties", false, None),
    ("src/Api/appsettings.Production.json", true, None),
    ("nginx.conf", false, None),
    ("pg_hba.conf", false, None),
    ("README.md", false, None),
    ("", false, None),
];

#[test]
fn names_tell_kinds() {
    for (path, candidate, kind) in PATHS {
        assert_eq!(is_candidate(path), *candidate, "{path}");
        assert_eq!(Kind::of_path(path), *kind, "{path}");
    }
}

#[test]
fn every_glob_of_the_tables_compiles() {
    let names: usize = NAMES.iter().map(|names| names.globs.len()).sum();
    assert_eq!(MATCHER.names.len(), names);
    assert_eq!(MATCHER.not.len(), NOT.len());
}

/// The engine at hand has no look-ahead, so the two halves of the hook's pattern are asked one by one.
#[test]
fn the_hook_and_the_walk_agree() {
    let names =
        Regex::new(&format!("(?i)(?:^|/){}$", alternatives(NAMES.iter().flat_map(|n| n.globs)))).unwrap();
    let not = Regex::new(&format!("(?i)(?:^|/){}$", alternatives(NOT))).unwrap();
    for (path, candidate, _) in PATHS {
        assert_eq!(names.is_match(path) && !not.is_match(path), *candidate, "{path}");
    }
}

/// The very pattern in the very engine that pre-commit uses, where there is one.
#[test]
fn python_agrees_with_the_hook() {
    let program = "import re, sys\npattern = re.compile(sys.argv[1])\nfor line in sys.stdin:\n    print(int(bool(pattern.search(line[:-1]))))";
    let Ok(mut python) = Command::new("python3")
        .args(["-c", program, &hook_pattern()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    else {
        return;
    };
    let mut input = python.stdin.take().unwrap();
    for (path, ..) in PATHS {
        writeln!(input, "{path}").unwrap();
    }
    drop(input);
    let output = python.wait_with_output().unwrap();
    let answers: Vec<bool> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| line == "1").collect();
    let expected: Vec<bool> = PATHS.iter().map(|(_, candidate, _)| *candidate).collect();
    assert_eq!(answers, expected);
}

#[test]
fn names_of_places_and_templates() {
    assert!(is_dot_env("a/.env") && is_dot_env(".env.local") && is_dot_env(".ENV"));
    assert!(!is_dot_env("prod.env") && !is_dot_env(".env.ts") && !is_dot_env("é.e"));
    assert!(is_never_entered("node_modules") && is_never_entered("Pods") && is_never_entered(".git"));
    assert!(!is_never_entered(".docker") && !is_never_entered("build") && !is_never_entered(".github"));
    assert_eq!(template_name("Dockerfile.j2"), Some("Jinja template"));
    assert_eq!(template_name(".env.template"), None);
}
