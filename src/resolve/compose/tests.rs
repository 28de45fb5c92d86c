//! Projects as a whole.

use super::deployments;
use crate::config::Config;
use crate::model::{Deployment, Network, WorkloadClass};
use crate::pipeline;
use crate::resolve::{Context, Draft};
use crate::tree::{Files, Memory};

/// The drafts of a tree, and the files they speak of.
fn drafts(tree: &[(&str, &str)]) -> Vec<Draft> {
    let tree = Memory::new(tree.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())));
    let loaded = pipeline::load(&tree, Files::default()).unwrap();
    let config = Config::default();
    deployments(&Context { files: &loaded.files, declarations: &loaded.declarations, config: &config })
}

fn one(tree: &[(&str, &str)]) -> Draft {
    let mut drafts = drafts(tree);
    assert_eq!(drafts.len(), 1);
    drafts.remove(0)
}

const OPEN: &str = "services:\n  app:\n    environment: {A: a}\n";
const APP: &str = "services:\n  app:\n    image: app\n";

#[test]
fn files_are_grouped_as_they_run() {
    let port = "services:\n  app:\n    ports: ['80:80']\n";
    let includes = "include: [db/compose.yaml]\nservices:\n  app:\n    image: app\n";
    let borrows = "services:\n  b:\n    image: b\n    volumes_from: ['app:ro']\n";
    let foreign = "services:\n  b:\n    image: b\n    volumes_from: ['container:app:ro']\n";
    let config = "services:\n  b:\n    image: b\n    configs: [{source: settings, target: /etc/x}]\n";
    let secret = "services:\n  b:\n    image: b\n    secrets: [token]\n";
    let listed = "COMPOSE_FILE=docker-compose.b.yml:compose.yaml\n";
    for (tree, expected) in [
        (vec![("compose.yaml", APP)], vec![("compose.yaml", 1)]),
        (vec![("docker-compose.yml", APP), ("compose.override.yaml", port)], vec![("docker-compose.yml", 2)]),
        (
            vec![("compose.yaml", APP), ("compose.prod.yaml", port), ("compose.override.yaml", port)],
            vec![("compose.prod.yaml", 2), ("compose.yaml", 2)],
        ),
        (
            vec![("compose.yaml", APP), ("compose.dev.yaml", APP)],
            vec![("compose.dev.yaml", 1), ("compose.yaml", 1)],
        ),
        (vec![("compose.yaml", includes), ("db/compose.yaml", APP)], vec![("compose.yaml", 2)]),
        (
            vec![("compose.yaml", includes), ("db/compose.yaml", APP), ("db/compose.override.yml", port)],
            vec![("compose.yaml", 2)],
        ),
        (
            vec![("compose.yaml", APP), ("compose.b.yaml", borrows)],
            vec![("compose.b.yaml", 2), ("compose.yaml", 1)],
        ),
        (
            vec![("compose.yaml", APP), ("compose.b.yaml", foreign)],
            vec![("compose.b.yaml", 1), ("compose.yaml", 1)],
        ),
        (
            vec![("compose.yaml", APP), ("compose.b.yaml", config)],
            vec![("compose.b.yaml", 2), ("compose.yaml", 1)],
        ),
        (
            vec![("compose.yaml", APP), ("compose.b.yaml", secret)],
            vec![("compose.b.yaml", 2), ("compose.yaml", 1)],
        ),
        (
            vec![
                ("compose.yaml", APP),
                ("docker-compose.b.yml", APP),
                (".env", listed),
                ("compose.override.yaml", port),
            ],
            vec![("docker-compose.b.yml", 3)],
        ),
        // Listed files have any name, and stand anywhere.
        (
            vec![
                ("base.yml", OPEN),
                ("deploy/live.yml", APP),
                (".env", "COMPOSE_FILE=base.yml:deploy/live.yml\n"),
            ],
            vec![("base.yml", 3)],
        ),
        (
            vec![
                ("base.yml", OPEN),
                ("deploy/live.yml", APP),
                (".env", "D=deploy\nCOMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=base.yml,$D/live.yml\n"),
            ],
            vec![("base.yml", 3)],
        ),
        (
            vec![("base.yml", OPEN), ("live.yml", APP), (".env", "COMPOSE_FILE=base.yml;live.yml\n")],
            vec![("base.yml", 3)],
        ),
        (
            vec![
                ("docker/compose.yaml", APP),
                ("docker/compose.override.yaml", port),
                ("docker/compose.dev.yaml", port),
                ("docker/.env", "X=x\n"),
                (".env", "COMPOSE_FILE=docker/compose.yaml\n"),
            ],
            vec![("docker/compose.dev.yaml", 3), ("docker/compose.yaml", 3)],
        ),
        (
            vec![
                ("base.yml", APP),
                ("dev.yml", borrows),
                ("x/.env", ""),
                (".env", "COMPOSE_FILE=base.yml\n"),
            ],
            vec![("base.yml", 2), ("dev.yml", 3)],
        ),
        (vec![("compose.yaml", APP), (".env", "COMPOSE_FILE=gone.yml\n")], vec![("compose.yaml", 2)]),
    ] {
        let mut found: Vec<(String, usize)> = drafts(&tree)
            .into_iter()
            .map(|draft| (draft.deployment.name, draft.deployment.files.len()))
            .collect();
        found.sort();
        let expected: Vec<(String, usize)> =
            expected.into_iter().map(|(name, files)| (name.to_owned(), files)).collect();
        assert_eq!(found, expected, "{tree:?}");
    }
}

#[test]
fn listed_files_run_in_the_directory_of_the_first() {
    let base = "services:\n  app:\n    environment: {KEY: '${A}${B-}${C-}'}\n    env_file: settings/app\n";
    let live = "services:\n  app:\n    image: a\n    env_file: settings/live\n";
    let draft = one(&[
        (".env", "COMPOSE_FILE=docker/base.yml:other/live.yml\nA=root\nB=root\n"),
        ("docker/.env", "A=sub\nC=sub\n"),
        ("docker/base.yml", base),
        ("docker/settings/app", "ONE=1\n"),
        ("docker/settings/live", "TWO=2\n"),
        ("other/live.yml", live),
        ("other/settings/live", "TWO=3\n"),
    ]);
    assert_eq!(key(&draft.deployment).as_deref(), Some("rootrootsub"));
    assert!(draft.deployment.partial.is_empty(), "{:?}", draft.deployment.partial);
    let container = &draft.deployment.workloads[0].containers[0];
    let value = |name: &str| container.environment.get(name).and_then(|variable| variable.known());
    assert_eq!((value("ONE"), value("TWO")), (Some("1"), Some("2")));
    let gone = one(&[(".env", "COMPOSE_FILE=base.yml:gone.yml\n"), ("base.yml", APP)]);
    assert_eq!(gone.deployment.partial, ["Compose file gone.yml is not in the repository"]);
}

/// The variable `KEY` of the service `app`.
fn key(deployment: &Deployment) -> Option<String> {
    let app = deployment.workloads.iter().find(|workload| workload.name == "app").unwrap();
    let variable = app.containers[0].environment.get("KEY")?;
    Some(variable.known().unwrap_or("?").to_owned())
}

#[test]
fn variables_come_from_where_compose_takes_them() {
    for (service, env, expected) in [
        ("environment: {KEY: a}", "", Some("a")),
        ("environment: {KEY: 010}", "", Some("8")),
        ("environment: ['KEY=a', 'KEY=b']", "", Some("b")),
        ("environment: {KEY: '${X:-d}'}", "", Some("d")),
        ("environment: {KEY: '${X:-d}'}", "X=x", Some("x")),
        ("environment: {KEY: '${Y}'}", "X=x", Some("")),
        ("environment: {KEY: 'a$$b'}", "", Some("a$b")),
        ("env_file: app.env", "", Some("file")),
        ("env_file: [app.env, other.env]", "", Some("other")),
        ("env_file: [{path: other.env, format: raw}]", "", Some("'other'")),
        ("env_file: app.env\n    environment: {KEY: own}", "", Some("own")),
        ("env_file: app.env\n    environment: {KEY: ''}", "", Some("")),
        ("env_file: app.env\n    environment: [KEY]", "X=x", None),
        ("env_file: app.env\n    environment: [KEY]", "KEY=project", Some("project")),
        ("env_file: app.env\n    environment: [KEY]", "", Some("?")),
        ("env_file: [app.env, refers.env]", "", Some("old!")),
        ("env_file: [app.env, twice.env]", "", Some("first!")),
        ("env_file: [app.env, other.env, app.env]", "", Some("other")),
        ("environment: {KEY: 2024-01-01}", "", Some("2024-01-01 00:00:00 +0000 UTC")),
        ("build: image", "", Some("image")),
        ("build: {context: image, target: first}", "", Some("first")),
        ("build: image\n    env_file: app.env", "", Some("file")),
    ] {
        let compose = format!("services:\n  app:\n    {service}\n");
        let mut tree = vec![
            ("compose.yaml", compose.as_str()),
            ("app.env", "OLD=old\nKEY=file\n"),
            ("other.env", "KEY='other'\n"),
            ("twice.env", "KEY=first\nKEY=${KEY}!\n"),
            ("refers.env", "KEY=${OLD}!\n"),
            ("image/Dockerfile", "FROM a AS first\nENV KEY=first\nFROM first\nENV KEY=image\n"),
        ];
        if !env.is_empty() {
            tree.push((".env", env));
        }
        assert_eq!(key(&one(&tree).deployment).as_deref(), expected, "{service} with {env}");
    }
}

#[test]
fn an_override_without_a_value_takes_it_away() {
    for (over, expected) in
        [("KEY: null", None), ("KEY: ''", Some("")), ("KEY: b", Some("b")), ("X: y", Some("a"))]
    {
        let over = format!("services:\n  app:\n    environment: {{{over}}}\n");
        let draft = one(&[
            ("compose.yaml", "services:\n  app:\n    image: a\n    environment: [KEY=a]\n"),
            ("compose.override.yaml", &over),
            (".env", "Z=z\n"),
        ]);
        assert_eq!(key(&draft.deployment).as_deref(), expected, "{over}");
    }
}

#[test]
fn instances_are_counted() {
    for (service, expected) in [
        ("image: a", (Some(1), Some(1))),
        ("scale: 3", (Some(3), Some(3))),
        ("deploy: {replicas: '4'}", (Some(4), Some(4))),
        ("deploy: {replicas: 4, update_config: {parallelism: 2}}", (Some(4), Some(4))),
        ("deploy: {replicas: 4, update_config: {order: start-first}}", (Some(4), Some(5))),
        ("deploy: {replicas: 4, update_config: {order: start-first, parallelism: 0}}", (Some(4), Some(8))),
        ("deploy: {replicas: 4, update_config: {order: start-first, parallelism: 9}}", (Some(4), Some(8))),
        ("deploy: {mode: global}", (None, None)),
        ("deploy: {replicas: '${N}'}", (None, None)),
    ] {
        let compose = format!("services:\n  app:\n    {service}\n");
        let draft = one(&[("compose.yaml", &compose)]);
        let instances = &draft.deployment.workloads[0].instances;
        assert_eq!((instances.max.value, instances.rollout.value), expected, "{service}");
    }
}

#[test]
fn networks_are_told_apart() {
    let tail = "networks:\n  out: {external: true}\n  own: {}\n";
    for (service, expected) in [
        ("image: a", Network::Own(vec![])),
        ("networks: [own]", Network::Own(vec!["own".into()])),
        ("networks: [out, own]", Network::Unknown),
        ("network_mode: host", Network::Host),
        ("network_mode: service:db", Network::Of("db".into())),
        ("extra_hosts: ['db:10.0.0.1']", Network::Unknown),
        ("extra_hosts: ['host.docker.internal:host-gateway']", Network::Own(vec![])),
    ] {
        let compose = format!("services:\n  app:\n    {service}\n{tail}");
        let draft = one(&[("compose.yaml", &compose)]);
        assert_eq!(draft.deployment.workloads[0].network, expected, "{service}");
    }
}

#[test]
fn a_service_that_is_waited_for_runs_once() {
    let draft = one(&[(
        "compose.yaml",
        "services:\n  app:\n    image: a\n    depends_on:\n      job: {condition: service_completed_successfully}\n  job:\n    image: b\n",
    )]);
    let classes: Vec<_> = draft.deployment.workloads.iter().map(|workload| workload.class).collect();
    assert_eq!(classes, [WorkloadClass::Service, WorkloadClass::OneShot]);
}

#[test]
fn services_of_other_profiles_are_left_out_of_what_runs() {
    let compose = "services:
  app: {image: a}
  tool: {image: b, profiles: [tools]}
  job: {image: c, profiles: [jobs], env_file: gone.env, depends_on: {app: {condition: service_completed_successfully}}}
";
    for (env, dormant, profiled) in [
        ("X=x", vec![], 2),
        ("COMPOSE_PROFILES=tools", vec!["job"], 0),
        ("COMPOSE_PROFILES=tools,jobs", vec![], 0),
        ("COMPOSE_PROFILES=*", vec![], 0),
        ("COMPOSE_PROFILES=", vec!["tool", "job"], 0),
    ] {
        let Deployment { workloads, partial, .. } =
            one(&[("compose.yaml", compose), (".env", env)]).deployment;
        let left_out: Vec<&str> = workloads
            .iter()
            .filter(|workload| workload.dormant)
            .map(|workload| workload.name.as_str())
            .collect();
        assert_eq!((workloads.len(), left_out), (3, dormant.clone()), "{env}");
        assert_eq!(
            workloads.iter().filter(|workload| !workload.profiles.is_empty()).count(),
            profiled,
            "{env}"
        );
        // It asks for no file, and waits for nothing.
        let runs = !dormant.contains(&"job");
        assert_eq!(
            (partial.len(), workloads[0].class == WorkloadClass::OneShot),
            (usize::from(runs), runs),
            "{env}"
        );
    }
}

#[test]
fn a_missing_env_file_leaves_the_environment_open() {
    for (entry, notes) in [("[no.env]", 1), ("[{path: no.env, required: false}]", 0)] {
        let compose = format!("services:\n  app:\n    image: a\n    env_file: {entry}\n");
        let draft = one(&[("compose.yaml", &compose)]);
        assert_eq!(draft.deployment.partial.len(), notes, "{entry}");
        assert!(draft.deployment.workloads[0].containers[0].open_environment.is_some(), "{entry}");
    }
}

#[test]
fn a_required_variable_that_is_missing_is_told() {
    let gap = |name: &str| format!("required variable {name} is not in the repository");
    for (value, env, expected) in [
        ("${PW:?set it}", "", vec![gap("PW")]),
        ("${PW?}", "X=x", vec![gap("PW")]),
        ("${PW:?}", "PW=", vec![gap("PW")]),
        ("${PW:?}", "PW=x", vec![]),
        ("${X:-${PW:?}}", "X=x", vec![]),
        ("${X:-${PW:?}}", "", vec![gap("PW")]),
        ("${PW:?} ${X:?}", "", vec!["required variables PW, X are not in the repository".to_owned()]),
        ("$X", "X=${PW:?}", vec![gap("PW")]),
        ("$PW", "", vec![]),
    ] {
        let compose = format!("services:\n  app:\n    image: a\n    environment: {{KEY: '{value}'}}\n");
        let mut tree = vec![("compose.yaml", compose.as_str())];
        if !env.is_empty() {
            tree.push((".env", env));
        }
        let deployment = one(&tree).deployment;
        assert_eq!(deployment.partial, expected, "{value} with {env}");
        assert!(deployment.is_whole(), "{value}");
    }
    let listed = "services:\n  app:\n    image: a\n    env_file: [a.env, gone.env]\n";
    let deployment =
        one(&[("compose.yaml", listed), ("a.env", "URL=${PW:?}\n"), (".env", "X=x\n")]).deployment;
    assert_eq!(deployment.partial, ["env file gone.env is not in the repository".to_owned(), gap("PW")]);
    assert!(!deployment.is_whole());
}

#[test]
fn extended_and_included_files_bring_their_own() {
    let draft = one(&[
        (
            "compose.yaml",
            "include: [sub/compose.yaml]\nservices:\n  app:\n    extends: {file: base/common.yml, service: base}\n",
        ),
        ("base/common.yml", "services:\n  base:\n    image: a\n    env_file: base.env\n"),
        ("base/base.env", "KEY=base\n"),
        ("sub/compose.yaml", "services:\n  other:\n    image: '${IMAGE}'\n"),
        ("sub/.env", "IMAGE=sub\n"),
    ]);
    assert_eq!(key(&draft.deployment).as_deref(), Some("base"));
    let other = draft.deployment.workloads.iter().find(|workload| workload.name == "other").unwrap();
    assert_eq!(other.containers[0].image.as_ref().unwrap().known(), Some("sub"));
    let looped = "services:\n  a:\n    extends: b\n  b:\n    extends: a\n";
    assert_eq!(one(&[("compose.yaml", looped)]).deployment.workloads.len(), 2);
}

#[test]
fn what_is_written_wrongly_is_told() {
    for (environment, expected) in [
        ("- DATABASE_URL=\"postgres://a:b@db/x\"", vec![("env-literal-quotes", "list-item")]),
        ("- DATABASE_URL=postgres://a:b@db/x", vec![]),
        ("DATABASE_URL: \"postgres://a:b@db/x\"", vec![]),
        ("DATABASE_URL: postgres://a:pa$word@db/x", vec![("env-dollar-interpolation", "undefined")]),
        ("DATABASE_URL: postgres://a:pa$$word@db/x", vec![]),
        ("DATABASE_URL: postgres://a:${PW}@db/x", vec![]),
        ("DATABASE_URL: postgres://a:$(PW)@db/x", vec![("env-unexpanded-variable", "compose-parentheses")]),
        ("GREETING: hi$(PW)", vec![]),
        ("DATABASE_URL: postgres://a:pa$set@db/x", vec![("env-dollar-interpolation", "defined")]),
        ("DB_PASSWORD: pa$set", vec![("env-dollar-interpolation", "defined")]),
        ("DB_PASSWORD: pa$DB_SET", vec![]),
        ("DB_PASSWORD: pa$SET", vec![]),
        ("DB_PASSWORD: pa${set}", vec![]),
        ("DB_PASSWORD: $set", vec![]),
        ("DB_PASSWORD: pa-$set", vec![]),
        ("DB_HOST: pa$set", vec![]),
        ("DATABASE_URL: postgres://a:pw@pa$set/x", vec![]),
        ("DATABASE_URL: postgres://a:pw@db/pa$set", vec![]),
    ] {
        let compose = format!("services:\n  app:\n    image: a\n    environment:\n      {environment}\n");
        let draft = one(&[("compose.yaml", &compose), (".env", "set=x\nDB_SET=x\nSET=x\n")]);
        let found: Vec<_> = draft.defects.iter().map(|defect| (defect.rule, defect.kind)).collect();
        assert_eq!(found, expected, "{environment}");
    }
}
