//! Whatever stands in a repository, poollint reads it or says why not, quickly, and ends with 0 or 1.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use program::{directory, poollint, write};

/// How long one of these repositories may take in an unoptimised build on a busy machine. What explodes never
/// ends.
const QUICK: Duration = Duration::from_secs(300);

/// Judges a repository with every command that reads one, and gives what was skipped, with the reasons.
#[track_caller]
fn survive(root: &Path) -> Vec<(String, String)> {
    let began = Instant::now();
    for arguments in [&["check"] as &[&str], &["budget"], &["model"], &["check", "--files"]] {
        let ran = poollint(root, arguments);
        assert!(ran.status <= 1, "{arguments:?}: {}", ran.text());
        assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {}", ran.stderr);
    }
    let json = poollint(root, &["check", "--format", "json"]).json();
    assert!(began.elapsed() < QUICK, "it takes {:?}", began.elapsed());
    let skipped = json["files"]["skipped"].as_array().unwrap().iter();
    skipped
        .map(|file| (file["path"].as_str().unwrap().to_owned(), file["reason"].as_str().unwrap().to_owned()))
        .collect()
}

#[track_caller]
fn assert_skipped(skipped: &[(String, String)], path: &str, reason: &str) {
    assert!(
        skipped.iter().any(|(skipped, why)| skipped == path && why.contains(reason)),
        "{path} ({reason}) is not among {skipped:?}"
    );
}

/// Names of every kind of file that is read.
const NAMES: &[&str] = &[
    ".env",
    "compose.yaml",
    "k8s/pod.yaml",
    "kustomization.yaml",
    "Dockerfile",
    "package.json",
    "requirements.txt",
    "pyproject.toml",
    "go.mod",
    "pom.xml",
    "Gemfile",
    "schema.prisma",
    "pgbouncer.ini",
    "postgresql.conf",
];

#[test]
fn nothing_at_all() {
    assert!(survive(directory(&[]).path()).is_empty());
    let empty: Vec<(&str, &str)> = NAMES.iter().map(|name| (*name, "")).collect();
    survive(directory(&empty).path());
    let blank: Vec<(&str, &str)> = NAMES.iter().map(|name| (*name, " \n\t\r\n\u{feff}\n")).collect();
    survive(directory(&blank).path());
}

#[test]
fn bytes_that_are_no_text() {
    let kinds: &[(&[u8], &str)] = &[
        (b"DATABASE_URL=postgresql://a:b@c/d\0\n", "binary"),
        (b"DATABASE_URL=postgresql://a:\xff\xfe@c/d\n", "not UTF-8"),
        (b"\xff\xfeD\0A\0", "UTF-16"),
        (b"\x1f\x8b\x08\0\0\0", "binary"),
    ];
    for (bytes, reason) in kinds {
        let root = directory(&[]);
        for name in NAMES {
            write(root.path(), name, bytes);
        }
        let skipped = survive(root.path());
        for name in NAMES {
            // Of what only its content would tell, nothing is known.
            if !name.starts_with("k8s/") {
                assert_skipped(&skipped, name, reason);
            }
        }
    }
}

#[test]
fn lines_of_every_ending() {
    for ending in ["\n", "\r\n", "\r"] {
        let env = format!("A=1{ending}DATABASE_URL=postgresql://a:b@c.internal/d?pool_timeout=2{ending}");
        let yaml = format!("services:{ending}  a:{ending}    image: postgres{ending}");
        let root = directory(&[(".env.production", &env), ("compose.yaml", &yaml), ("pgbouncer.ini", &env)]);
        survive(root.path());
    }
}

#[test]
fn what_nests_without_end() {
    let deep = 100_000;
    let flow = format!("services: {}{}\n", "[".repeat(deep), "]".repeat(deep));
    let maps = format!("services: {}1{}\n", "{a: ".repeat(deep), "}".repeat(deep));
    let open = format!("services: {}\n", "{a: [".repeat(deep));
    let json = format!("{}{}", "{\"a\":".repeat(deep), "}".repeat(deep));
    let mut block = String::from("services:\n");
    for depth in 1..2_000 {
        writeln!(block, "{}a:", " ".repeat(depth)).unwrap();
    }
    let references = format!("A={}x{}\n", "${A:-".repeat(deep), "}".repeat(deep));
    let toml = format!("a = {}{}\n", "[".repeat(deep), "]".repeat(deep));
    let xml = "<a>".repeat(deep);
    let root = directory(&[
        ("flow/compose.yaml", &flow),
        ("maps/compose.yaml", &maps),
        ("open/compose.yaml", &open),
        ("block/compose.yaml", &block),
        ("package.json", &json),
        ("pyproject.toml", &toml),
        ("pom.xml", &xml),
        (".env", &references),
        (
            "references/compose.yaml",
            &format!("services:\n  a:\n    image: a\n    environment:\n      {references}"),
        ),
    ]);
    let skipped = survive(root.path());
    for name in ["flow", "maps", "open", "block"] {
        assert_skipped(&skipped, &format!("{name}/compose.yaml"), "");
    }
}

#[test]
fn placeholders_that_multiply() {
    let url = "spring.datasource.url=jdbc:postgresql://h:5432/${p0}\nquarkus.datasource.jdbc.url=${p0}\n";
    let mut chain = String::from(url);
    for level in 0..40 {
        writeln!(chain, "p{level}={}", format!("${{p{}}}", level + 1).repeat(8)).unwrap();
    }
    let short = chain.replace("p10=", "p10=x\nother=");
    let cycle = format!("{url}p0=${{p0}}${{p0}}${{p0}}${{p0}}\n");
    let defaults = format!("{url}p0={}\n", "${p0:${p1:".repeat(200) + &"}".repeat(400));
    let spring = "<project><parent><artifactId>spring-boot-starter-parent</artifactId></parent></project>";
    for properties in [&chain, &short, &cycle, &defaults] {
        survive(
            directory(&[
                ("pom.xml", spring),
                ("src/main/resources/application.properties", properties),
                ("compose.yaml", "services:\n  a:\n    build: .\n"),
                ("Dockerfile", "FROM eclipse-temurin:21\nCOPY . .\n"),
            ])
            .path(),
        );
    }
}

#[test]
fn aliases_that_multiply() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{below}]").unwrap();
    }
    let mut merges = String::from("x0: &x0 {a: b}\n");
    for level in 1..40 {
        writeln!(merges, "x{level}: &x{level}\n  <<: [*x{0}, *x{0}, *x{0}]\n  k{level}: v", level - 1)
            .unwrap();
    }
    let services = "services:\n  api:\n    image: *a11\n";
    let root = directory(&[
        ("bomb/compose.yaml", &format!("{bomb}{services}")),
        ("merges/compose.yaml", &format!("{merges}services:\n  api:\n    <<: *x39\n    image: a\n")),
        ("itself/compose.yaml", "services: &a\n  api: *a\n"),
        ("nowhere/compose.yaml", "services:\n  api: *nowhere\n"),
        ("k8s/bomb.yaml", &format!("apiVersion: v1\nkind: Pod\n{bomb}spec: *a11\n")),
    ]);
    let skipped = survive(root.path());
    assert_skipped(&skipped, "bomb/compose.yaml", "");
    assert_skipped(&skipped, "nowhere/compose.yaml", "");
}

#[test]
fn references_in_a_circle() {
    let root = directory(&[
        (".env", "A=${B}\nB=${A}\nDATABASE_URL=postgresql://${A}@db/${B}\n"),
        (
            "compose.yaml",
            "include: [compose.yaml, other/compose.yaml]\nservices:\n  a:\n    extends: {service: b}\n  b:\n    extends: {service: a}\n    image: b\n",
        ),
        (
            "other/compose.yaml",
            "include: [../compose.yaml]\nservices:\n  c:\n    image: c\n    depends_on: [c]\n",
        ),
        ("kustomization.yaml", "resources: [., sub]\n"),
        ("sub/kustomization.yaml", "resources: [..]\n"),
        (
            "k8s/pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: a\n      env:\n        - {name: A, value: $(B)}\n        - {name: B, value: $(A)}\n",
        ),
    ]);
    survive(root.path());
}

#[test]
fn values_that_double_with_each_line() {
    let mut env = String::from("A0=xxxxxxxxxxxxxxxx\n");
    for level in 1..64 {
        writeln!(env, "A{level}=${{A{0}}}${{A{0}}}", level - 1).unwrap();
    }
    env.push_str("DATABASE_URL=postgresql://a:${A63}@db/a\n");
    let compose = "services:\n  a:\n    image: a\n    env_file: .env\n    environment:\n      DATABASE_URL: ${DATABASE_URL}\n";
    survive(directory(&[(".env", &env), ("compose.yaml", compose)]).path());
    let mut pod = String::from(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: a\n      env:\n        - {name: A0, value: xxxxxxxx}\n",
    );
    for level in 1..64 {
        writeln!(pod, "        - {{name: A{level}, value: $(A{0})$(A{0})}}", level - 1).unwrap();
    }
    survive(directory(&[("pod.yaml", &pod)]).path());
}

#[test]
fn much_of_everything() {
    let long = "x".repeat(3_000_000);
    let many: String =
        (0..8_000).map(|number| format!("A{number}_URL=postgresql://a:b@c{number}/d\n")).collect();
    let mut services = String::from("services:\n");
    for number in 0..1_000 {
        writeln!(services, "  s{number}:\n    image: a\n    environment:\n      DATABASE_URL: postgresql://a:b@s{number}:5432/d?connection_limit=1").unwrap();
    }
    let documents = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {A: b}\n".repeat(3_000);
    let root = directory(&[
        ("long.env", &format!("DATABASE_URL=postgresql://a:{long}@db/a?pool_timeout=2\n")),
        ("long/compose.yaml", &format!("services:\n  a:\n    image: {long}\n")),
        ("many.env", &many),
        ("many/compose.yaml", &services),
        ("documents.yaml", &documents),
    ]);
    survive(root.path());
}

#[test]
fn a_file_larger_than_is_read() {
    let root = directory(&[(".env", "A=1\n")]);
    let file = std::fs::File::create(root.path().join("dump.env")).unwrap();
    file.set_len(50_000_000_000).unwrap();
    assert_skipped(&survive(root.path()), "dump.env", "MB");
}

#[test]
fn numbers_beyond_measure() {
    for number in [
        "0",
        "-1",
        "1e309",
        "99999999999999999999999999",
        "18446744073709551615",
        "4294967296",
        "NaN",
        "07",
        "0x10",
        "1_000",
    ] {
        let compose = format!(
            "services:\n  a:\n    image: a\n    environment:\n      DATABASE_URL: postgresql://a:b@db:{number}/d?connection_limit={number}&pool_timeout={number}\n      WEB_CONCURRENCY: \"{number}\"\n    deploy:\n      replicas: {number}\n      update_config: {{order: start-first, parallelism: {number}}}\n  db:\n    image: postgres\n    command: postgres -c max_connections={number}\n"
        );
        let kube = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  replicas: {number}\n  strategy: {{rollingUpdate: {{maxSurge: {number}}}}}\n  template:\n    spec:\n      containers:\n        - name: a\n          image: a\n          env: [{{name: DATABASE_URL, value: 'postgresql://a:b@db/d?connection_limit={number}'}}]\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: a}}\nspec:\n  maxReplicas: {number}\n  scaleTargetRef: {{kind: Deployment, name: a}}\n"
        );
        let ini = format!(
            "[databases]\n* = host=db pool_size={number}\n[pgbouncer]\ndefault_pool_size = {number}\nmax_client_conn = {number}\n"
        );
        survive(
            directory(&[("compose.yaml", &compose), ("kube.yaml", &kube), ("pgbouncer.ini", &ini)]).path(),
        );
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::{assert_skipped, directory, survive};

    #[test]
    fn what_is_no_file() {
        let root = directory(&[("real.env", "A=1\n")]);
        let place = root.path();
        std::fs::create_dir(place.join(".env")).unwrap();
        symlink("nowhere", place.join("broken.env")).unwrap();
        symlink("loop.env", place.join("loop.env")).unwrap();
        symlink("/etc/passwd", place.join("outside.env")).unwrap();
        symlink(".", place.join("again")).unwrap();
        assert!(Command::new("mkfifo").arg(place.join("pipe.env")).status().unwrap().success());
        assert!(Command::new("mkfifo").arg(place.join(".gitignore")).status().unwrap().success());
        let skipped = survive(place);
        assert_skipped(&skipped, ".env", "directory");
        assert_skipped(&skipped, "broken.env", "symbolic link");
        assert_skipped(&skipped, "loop.env", "symbolic link");
        assert_skipped(&skipped, "outside.env", "symbolic link");
        assert_skipped(&skipped, "pipe.env", "regular file");
    }

    #[test]
    fn what_may_not_be_read() {
        let root = directory(&[("closed.env", "A=1\n"), ("closed/b.env", "A=1\n")]);
        let place = root.path();
        let shut = |name: &str| {
            std::fs::set_permissions(place.join(name), std::fs::Permissions::from_mode(0o000)).unwrap();
        };
        shut("closed.env");
        shut("closed");
        // Root may read everything: then there is nothing to see.
        let all_powerful = std::fs::read(place.join("closed.env")).is_ok();
        let skipped = survive(place);
        if !all_powerful {
            assert_skipped(&skipped, "closed.env", "cannot be read");
            assert_skipped(&skipped, "closed", "cannot be read");
        }
        std::fs::set_permissions(place.join("closed"), std::fs::Permissions::from_mode(0o700)).unwrap();
    }

    #[test]
    fn names_that_are_no_text() {
        use std::os::unix::ffi::OsStrExt;
        let root = directory(&[]);
        let name = std::ffi::OsStr::from_bytes(b"\xff\xfe.env");
        std::fs::write(root.path().join(name), "A=1\n").unwrap();
        std::fs::write(root.path().join("new\nline.env"), "A=1\n").unwrap();
        let skipped = survive(root.path());
        assert!(skipped.iter().any(|(_, reason)| reason.contains("UTF-8")), "{skipped:?}");
    }
}
