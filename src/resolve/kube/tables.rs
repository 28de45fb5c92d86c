//! Kubernetes' own tables: what a reference becomes, what a container receives, how many pods a rollout adds. What each
//! row is about follows the tests of Kubernetes' `expansion`, `kubelet`, `intstr` and `deployment/util` packages.

use super::expansion::tests::TABLE;
use super::tests::{api, environment, workload};

/// A container's field `env` or `envFrom` on a line of its own.
fn fields(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("        {line}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn references_are_filled_in_from_maps_and_entries_alike() {
    let map = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata: {VAR_A: A, VAR_EMPTY: '', VAR_REF: \
               $(VAR_A)}\n";
    for (input, expected) in TABLE.iter().filter(|(input, _)| !input.is_empty()) {
        let value = serde_json::to_string(input).unwrap();
        let container = fields(&[
            "envFrom: [{configMapRef: {name: c}}]",
            "env:",
            "- {name: VAR_B, value: B}",
            "- {name: VAR_C, value: C}",
            &format!("- {{name: X, value: {value}}}"),
        ]);
        let found = api(&container, map);
        let found = found.containers[0].environment["X"].known().map(str::to_owned);
        assert_eq!(found.as_deref(), Some(*expected), "{input}");
    }
}

#[test]
fn each_reference_finds_what_stands_above_it() {
    let container = fields(&[
        "env:",
        "- {name: FOO, value: bar}",
        "- {name: ZOO, value: $(FOO)-1}",
        "- {name: BLU, value: $(ZOO)-2}",
    ]);
    assert_eq!(environment(&container, ""), ["BLU=bar-1-2", "FOO=bar", "ZOO=bar-1"]);
}

const STORES: &str = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: one}\ndata: {A: one, B: one, 1st: x, a.b-c: \
                      dotted}\nbinaryData: {BIN: AAAA}\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: two}\n\
                      data: {B: two, C: two}\n---\nkind: Secret\napiVersion: v1\nmetadata: {name: s}\ndata: {P: \
                      b2xk, Q: cQ==}\nstringData: {P: new}\n---\nkind: Service\napiVersion: v1\nmetadata: {name: db}\n\
                      spec: {selector: {app: db}, ports: [{port: 5432}]}\n---\nkind: Secret\napiVersion: v1\n\
                      metadata: {name: away, namespace: elsewhere}\nstringData: {P: x}\n";

#[test]
fn a_container_receives_what_the_kubelet_gives_it() {
    let one = "envFrom: [{configMapRef: {name: one}}]";
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("a map", &[one], &["A=one", "B=one", "a.b-c=dotted"]),
        (
            "the later map wins",
            &["envFrom: [{configMapRef: {name: one}}, {configMapRef: {name: two}}]"],
            &["A=one", "B=two", "C=two", "a.b-c=dotted"],
        ),
        (
            "the later map wins, the other way round",
            &["envFrom: [{configMapRef: {name: two}}, {configMapRef: {name: one}}]"],
            &["A=one", "B=one", "C=two", "a.b-c=dotted"],
        ),
        (
            "a prefix makes a name of a key that is none",
            &["envFrom: [{prefix: p_, configMapRef: {name: one}}]"],
            &["p_1st=x", "p_A=one", "p_B=one", "p_a.b-c=dotted"],
        ),
        (
            "a prefix keeps two maps apart",
            &["envFrom: [{configMapRef: {name: two}}, {prefix: X, configMapRef: {name: two}}]"],
            &["B=two", "C=two", "XB=two", "XC=two"],
        ),
        ("plain text above what is encoded", &["envFrom: [{secretRef: {name: s}}]"], &["P=new", "Q=q"]),
        (
            "an entry wins over a map",
            &[one, "env: [{name: A, value: mine}]"],
            &["A=mine", "B=one", "a.b-c=dotted"],
        ),
        (
            "an entry wins over a map wherever it stands",
            &["env: [{name: A, value: mine}]", one],
            &["A=mine", "B=one", "a.b-c=dotted"],
        ),
        ("an empty entry wins too", &[one, "env: [{name: A, value: ''}]"], &["A=", "B=one", "a.b-c=dotted"]),
        (
            "an entry uses what it replaces",
            &[one, "env: [{name: A, value: $(A)+}]"],
            &["A=one+", "B=one", "a.b-c=dotted"],
        ),
        ("the last of two entries", &["env: [{name: A, value: x}, {name: A, value: y}]"], &["A=y"]),
        (
            "what the last of two entries refers to",
            &["env: [{name: A, value: x}, {name: B, value: $(A)}, {name: A, value: y}]"],
            &["A=y", "B=x"],
        ),
        (
            "a key that may be missing",
            &[one, "env: [{name: A, valueFrom: {configMapKeyRef: {name: two, key: Z, optional: true}}}]"],
            &["A=one", "B=one", "a.b-c=dotted"],
        ),
        (
            "a key that must not be missing",
            &[one, "env: [{name: A, valueFrom: {configMapKeyRef: {name: two, key: Z}}}]"],
            &["A?config map two has no key Z", "B=one", "a.b-c=dotted"],
        ),
        (
            "bytes are no variable",
            &["env: [{name: A, valueFrom: {configMapKeyRef: {name: one, key: BIN}}}]"],
            &["A?config map one has no key BIN"],
        ),
        (
            "a key that is no variable's name is a value nevertheless",
            &["env: [{name: A, valueFrom: {configMapKeyRef: {name: one, key: 1st}}}]"],
            &["A=x"],
        ),
        (
            "what a reference brings is not expanded",
            &["env: [{name: Q, valueFrom: {secretKeyRef: {name: s, key: P}}}, {name: A, value: $(Q)}]"],
            &["A=new", "Q=new"],
        ),
        (
            "secrets of another namespace",
            &["env: [{name: A, valueFrom: {secretKeyRef: {name: away, key: P}}}]"],
            &["A?secret away is not in the repository"],
        ),
        (
            "what announces services is known by name only",
            &["env: [{name: A, value: $(DB_SERVICE_HOST)}, {name: B, value: '$(DB_PORT_5432_TCP)'}]"],
            &["A?the address of a Service", "B?the address of a Service"],
        ),
        (
            "an entry of a service's name wins over it",
            &["env: [{name: DB_SERVICE_HOST, value: mine}, {name: A, value: $(DB_SERVICE_HOST)}]"],
            &["A=mine", "DB_SERVICE_HOST=mine"],
        ),
        (
            "what the cluster tells of the pod",
            &["env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}, {name: B, value: x$(A)}]"],
            &["A?the pod's status.podIP", "B?the pod's status.podIP"],
        ),
    ];
    for (what, container, expected) in cases {
        assert_eq!(environment(&fields(container), STORES), *expected, "{what}");
    }
}

#[test]
fn a_map_that_is_not_here_leaves_the_environment_open() {
    for (reference, open) in [
        ("{configMapRef: {name: one}}", false),
        ("{configMapRef: {name: gone}}", true),
        ("{configMapRef: {name: gone, optional: true}}", true),
        ("{secretRef: {name: gone}}", true),
    ] {
        let found = api(&fields(&[&format!("envFrom: [{reference}]")]), STORES);
        assert_eq!(found.containers[0].open_environment.is_some(), open, "{reference}");
    }
}

#[test]
fn a_rollout_adds_what_the_deployment_controller_allows() {
    let default = "25%";
    for (replicas, surge, unavailable, expected) in [
        (10, "39%", "39%", Some(4)),
        (95, "90%", "90%", Some(86)),
        (100, "90%", "90%", Some(90)),
        (100, "123", "0", Some(123)),
        (0, "0%", "0%", Some(0)),
        (10, "0%", "0%", Some(0)),
        (10, "0", "0", Some(0)),
        (10, "0", "39%", Some(0)),
        (10, "0%", "1", Some(0)),
        (1, "1%", "0", Some(1)),
        (10, "100%", "0", Some(10)),
        (10, "150%", "0", Some(15)),
        (3, "5", "1", Some(5)),
        (1, default, default, Some(1)),
        (4, default, default, Some(1)),
        (5, default, default, Some(2)),
        (0, default, default, Some(0)),
        (10, "null", default, Some(3)),
        // Neither a number nor a percentage.
        (10, "oops", "39%", None),
        (10, "'5'", "1", None),
        (10, "'%'", "1", None),
        (10, "-1", "1", None),
        (10, "' 5%'", "1", None),
        (10, "5.5%", "1", None),
    ] {
        let found = workload(&format!(
            "kind: Deployment\napiVersion: apps/v1\nmetadata: {{name: x}}\nspec:\n  replicas: {replicas}\n  strategy: \
             {{rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}}}\n  template: {{spec: {{containers: \
             [{{name: c}}]}}}}\n"
        ));
        let added = found.instances.rollout.value.map(|rollout| rollout - replicas);
        assert_eq!(added, expected, "{replicas} {surge} {unavailable}");
    }
}

#[test]
fn mounted_env_files_stand_below_the_environment() {
    let text = |mount: &str, volume: &str| {
        format!(
            "kind: Pod\napiVersion: v1\nmetadata: {{name: p}}\nspec:\n  volumes: [{{name: v, {volume}}}]\n  containers:\n  \
             - name: c\n    env: [{{name: MODE, value: fast}}, {{name: REF, value: $(DB_HOST)}}]\n    volumeMounts: \
             [{{name: v, {mount}}}]\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: m}}\ndata:\n  other: A=1\n  \
             .env: |\n    DB_HOST=db\n    MODE=slow\n    HASH=a#b\n"
        )
    };
    let found = |mount: &str, volume: &str| {
        let workload = workload(&text(mount, volume));
        let variables = workload.containers[0].environment.values();
        variables.map(|one| format!("{}={}", one.name, one.known().unwrap_or("?"))).collect::<Vec<_>>()
    };
    let none = ["MODE=fast", "REF=$(DB_HOST)"].as_slice();
    // The readers differ about a `#`.
    let all = ["DB_HOST=db", "HASH=?", "MODE=fast", "REF=$(DB_HOST)"].as_slice();
    for (mount, volume, expected) in [
        ("mountPath: /app", "configMap: {name: m}", all),
        ("mountPath: /app/.env, subPath: .env", "configMap: {name: m}", all),
        ("mountPath: /app/.env.local, subPath: .env", "configMap: {name: m}", all),
        ("mountPath: /app/settings, subPath: .env", "configMap: {name: m}", none),
        (
            "mountPath: /app/.env, subPath: other",
            "configMap: {name: m}",
            &["A=1", "MODE=fast", "REF=$(DB_HOST)"],
        ),
        ("mountPath: /app", "configMap: {name: m, items: [{key: .env, path: x}]}", none),
        (
            "mountPath: /app",
            "configMap: {name: m, items: [{key: other, path: .env}]}",
            &["A=1", "MODE=fast", "REF=$(DB_HOST)"],
        ),
        ("mountPath: /app", "projected: {sources: [{configMap: {name: m}}]}", all),
        ("mountPath: /app", "configMap: {name: gone}", none),
    ] {
        assert_eq!(found(mount, volume), expected, "{mount} {volume}");
    }
    let source = text("mountPath: /app", "configMap: {name: m}");
    let pod = workload(&source);
    let place = pod.containers[0].environment["DB_HOST"].text().editable(0..2).unwrap();
    assert_eq!(&source[place.span.range()], "db");
}
