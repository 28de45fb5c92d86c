//! Whole manifests to drafts.

use super::deployments;
use crate::config::Config;
use crate::model::{Value, Workload};
use crate::readers;
use crate::resolve::{Context, Draft};
use crate::tree::{Files, Kind};

fn drafts(sources: &[(&str, &str)]) -> (Files, Vec<Draft>) {
    let mut files = Files::default();
    let ids: Vec<_> = sources
        .iter()
        .map(|(path, text)| {
            let kind = Kind::of_path(path).unwrap_or(Kind::Kubernetes);
            files.add(path, kind, *text)
        })
        .collect();
    let declarations = readers::read(&files, &ids);
    assert_eq!(declarations.unreadable, []);
    let config = Config::default();
    let found = deployments(&Context { files: &files, declarations: &declarations, config: &config });
    (files, found)
}

pub(super) fn one(text: &str) -> Draft {
    let mut found = drafts(&[("k8s/all.yaml", text)]).1;
    assert_eq!(found.len(), 1);
    found.remove(0)
}

pub(super) fn workload(text: &str) -> Workload {
    let mut draft = one(text);
    assert_eq!(draft.deployment.workloads.len(), 1);
    draft.deployment.workloads.remove(0)
}

/// A Deployment `api` with one container, the given fields, and further documents.
pub(super) fn api(container: &str, further: &str) -> Workload {
    let text = format!(
        "kind: Deployment\napiVersion: apps/v1\nmetadata: {{name: api}}\nspec:\n  template:\n    spec:\n      \
         containers:\n      - name: api\n{container}\n---\n{further}"
    );
    workload(&text)
}

/// `NAME=value`, `NAME?reason` or nothing for each variable.
pub(super) fn environment(container: &str, further: &str) -> Vec<String> {
    let workload = api(container, further);
    let variables = workload.containers[0].environment.values();
    variables
        .map(|variable| match &variable.value {
            Value::Text(text) => match text.known() {
                Some(known) => format!("{}={known}", variable.name),
                None => format!("{}?{}", variable.name, text.reasons().next().unwrap_or_default()),
            },
            Value::Unknown(reason) => format!("{}?{reason}", variable.name),
        })
        .collect()
}

const STORES: &str = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata: {A: one, B: two}\n\
                      binaryData: {X: AAAA}\n---\nkind: Secret\napiVersion: v1\nmetadata: {name: s}\n\
                      data: {B: c2VjcmV0, D: b2xk}\nstringData: {D: new}\n---\nkind: Secret\napiVersion: v1\n\
                      metadata: {name: other, namespace: shop}\nstringData: {A: x}\n";

#[test]
fn variables_arrive_in_the_kubelets_order() {
    let cases: &[(&str, &[&str])] = &[
        ("        envFrom: [{configMapRef: {name: c}}]", &["A=one", "B=two"]),
        (
            "        envFrom: [{configMapRef: {name: c}}, {secretRef: {name: s}}]",
            &["A=one", "B=secret", "D=new"],
        ),
        (
            "        envFrom: [{secretRef: {name: s}}, {configMapRef: {name: c}}]",
            &["A=one", "B=two", "D=new"],
        ),
        ("        envFrom: [{prefix: P_, configMapRef: {name: c}}]", &["P_A=one", "P_B=two"]),
        (
            "        envFrom: [{configMapRef: {name: c}}]\n        env: [{name: A, value: mine}]",
            &["A=mine", "B=two"],
        ),
        ("        env: [{name: A, value: a}, {name: A, value: b}]", &["A=b"]),
        ("        env: [{name: A, value: a}, {name: B, value: \"$(A)$(C)\"}]", &["A=a", "B=a$(C)"]),
        ("        env: [{name: B, value: $(A)}, {name: A, value: a}]", &["A=a", "B=$(A)"]),
        ("        env: [{name: A}]", &["A="]),
        // What a reference brings is not expanded.
        (
            "        env: [{name: D, valueFrom: {secretKeyRef: {name: s, key: D}}}, {name: E, value: x$(D)}]",
            &["D=new", "E=xnew"],
        ),
        (
            "        env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: Z}}}]",
            &["A?config map c has no key Z"],
        ),
        ("        env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: Z, optional: true}}}]", &[]),
        (
            "        envFrom: [{configMapRef: {name: c}}]\n        env:\n        - {name: A, valueFrom: \
             {secretKeyRef: {name: gone, key: A, optional: true}}}",
            &["A=one", "B=two"],
        ),
        (
            "        env: [{name: A, valueFrom: {secretKeyRef: {name: other, key: A}}}]",
            &["A?secret other is not in the repository"],
        ),
        (
            "        env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
            &["A?the pod's metadata.name"],
        ),
    ];
    for (container, expected) in cases {
        assert_eq!(environment(container, STORES), *expected, "{container}");
    }
}

#[test]
fn a_missing_object_leaves_the_environment_open() {
    let found = api(
        "        envFrom: [{secretRef: {name: gone}}]\n        env: [{name: U, value: \"p:$(PW)@h\"}]",
        STORES,
    );
    let container = &found.containers[0];
    assert_eq!(container.open_environment.as_deref(), Some("secret gone is not in the repository"));
    assert_eq!(container.environment["U"].text().known(), None);
}

#[test]
fn references_are_kept_beside_known_values() {
    let found = api("        env: [{name: D, valueFrom: {secretKeyRef: {name: s, key: D}}}]", STORES);
    assert_eq!(found.containers[0].environment["D"].reference.as_deref(), Some("secret/default/s/D"));
}

#[test]
fn containers_have_roles_commands_and_ports() {
    let found = workload(
        "kind: Pod\napiVersion: v1\nmetadata: {name: p, annotations: {poollint/ignore: 'a, b-c'}}\nspec:\n  \
         hostNetwork: true\n  initContainers:\n  - {name: i, command: [sh, -c, x]}\n  - {name: s, restartPolicy: \
         Always}\n  containers:\n  - name: m\n    env: [{name: N, value: '4'}]\n    command: [gunicorn]\n    \
         args: [-w, $(N)]\n    ports: [{containerPort: 80, hostPort: 8080}]\n",
    );
    let roles: Vec<&str> = found.containers.iter().map(|container| container.role.name()).collect();
    assert_eq!(roles, ["main", "init", "sidecar"]);
    let words: Vec<&str> = found.containers[0].command.iter().map(crate::span::Text::as_str).collect();
    assert_eq!(words, ["gunicorn", "-w", "4"]);
    assert!(found.containers[1].shell && !found.containers[0].shell);
    assert_eq!(
        (found.containers[0].ports[0].container, found.containers[0].ports[0].published),
        (80, Some(8080))
    );
    assert_eq!(found.network, crate::model::Network::Host);
    let names: Vec<(&str, usize)> =
        found.suppressions.iter().map(|(name, place)| (name.as_str(), place.span.len())).collect();
    assert_eq!(names, [("a", 1), ("b-c", 3)]);
}

#[test]
fn instances_follow_replicas_autoscalers_and_strategies() {
    let hpa = "kind: HorizontalPodAutoscaler\napiVersion: autoscaling/v2\nmetadata: {name: h}\nspec: \
               {scaleTargetRef: {kind: Deployment, name: x}, maxReplicas: 10}\n";
    let keda = "kind: ScaledObject\napiVersion: keda.sh/v1alpha1\nmetadata: {name: h}\nspec: \
                {scaleTargetRef: {name: x}}\n";
    let template = "template: {spec: {containers: [{name: c}]}}";
    let cases: &[(&str, &str, &str, [Option<u64>; 3])] = &[
        ("Deployment", "", "", [Some(1), Some(1), Some(2)]),
        ("Deployment", "replicas: 4", "", [Some(4), Some(4), Some(5)]),
        ("Deployment", "replicas: 5", "", [Some(5), Some(5), Some(7)]),
        ("Deployment", "replicas: 0", "", [Some(0), Some(0), Some(0)]),
        ("Deployment", "replicas: 4, strategy: {type: Recreate}", "", [Some(4), Some(4), Some(4)]),
        (
            "Deployment",
            "replicas: 4, strategy: {rollingUpdate: {maxSurge: 3}}",
            "",
            [Some(4), Some(4), Some(7)],
        ),
        (
            "Deployment",
            "replicas: 10, strategy: {rollingUpdate: {maxSurge: 39%}}",
            "",
            [Some(10), Some(10), Some(14)],
        ),
        ("Deployment", "replicas: 4, strategy: {rollingUpdate: {maxSurge: x}}", "", [Some(4), Some(4), None]),
        ("Deployment", "replicas: 4", hpa, [Some(1), Some(10), Some(13)]),
        ("Deployment", "replicas: 4", keda, [Some(0), Some(100), Some(125)]),
        ("StatefulSet", "replicas: 4", hpa, [Some(4), Some(4), Some(4)]),
        ("DaemonSet", "", "", [None, None, None]),
        ("Rollout", "replicas: 4, strategy: {blueGreen: {}}", "", [Some(4), Some(4), Some(8)]),
        ("Rollout", "replicas: 4, strategy: {canary: {}}", "", [Some(4), Some(4), Some(5)]),
        ("Rollout", "replicas: 4, strategy: {canary: {trafficRouting: {}}}", "", [Some(4), Some(4), Some(8)]),
        ("Job", "parallelism: 3", "", [Some(3), Some(3), Some(3)]),
        ("Job", "parallelism: 3, completions: 2", "", [Some(2), Some(2), Some(2)]),
    ];
    for (kind, spec, further, expected) in cases {
        let group = if *kind == "Rollout" { "argoproj.io/v1alpha1" } else { "apps/v1" };
        let comma = if spec.is_empty() { "" } else { ", " };
        let text = format!(
            "kind: {kind}\napiVersion: {group}\nmetadata: {{name: x}}\nspec: {{{spec}{comma}{template}}}\n---\n{further}"
        );
        let found = workload(&text).instances;
        assert_eq!([found.min.value, found.max.value, found.rollout.value], *expected, "{kind} {spec}");
    }
}

#[test]
fn services_name_the_workloads_they_select() {
    let found = workload(
        "kind: StatefulSet\napiVersion: apps/v1\nmetadata: {name: pg}\nspec:\n  serviceName: pg-all\n  template:\n    \
         metadata: {labels: {app: pg, tier: db}}\n    spec: {containers: [{name: c, ports: [{name: sql, \
         containerPort: 5432}]}]}\n---\nkind: Service\napiVersion: v1\nmetadata: {name: db}\nspec: {selector: {app: \
         pg}, ports: [{port: 6000, targetPort: sql}, {port: 5432}]}\n---\nkind: Service\napiVersion: v1\n\
         metadata: {name: pg-all}\nspec: {clusterIP: None, selector: {app: pg}}\n---\nkind: Service\n\
         apiVersion: v1\nmetadata: {name: no}\nspec: {selector: {app: other}}\n---\nkind: Service\n\
         apiVersion: v1\nmetadata: {name: away, namespace: shop}\nspec: {selector: {app: pg}}\n",
    );
    let host = |name: &str| found.endpoints.iter().find(|endpoint| endpoint.host == name);
    assert_eq!(host("db").unwrap().ports, [(6000, 5432), (5432, 5432)]);
    for name in ["db.default", "db.default.svc", "db.default.svc.cluster.local", "pg-all", "pg-0.pg-all"] {
        assert!(host(name).is_some(), "{name}");
    }
    assert!(host("no").is_none() && host("away").is_none());
}

#[test]
fn secrets_are_places_and_their_values_known() {
    let text = "kind: Secret\napiVersion: v1\nmetadata: {name: s}\ndata: {A: c2VjcmV0}\nstringData:\n  U: \
                postgres://a:hunter2@db/x\n  P: hunter3\n";
    let (files, found) = drafts(&[("k8s/s.yaml", text)]);
    let masked: Vec<&str> =
        found[0].secrets.iter().map(|place| &files.text(place.file)[place.span.range()]).collect();
    assert_eq!(masked, ["c2VjcmV0", "hunter2", "hunter3"]);
}

#[test]
fn jobs_and_functions_have_their_class() {
    use crate::model::WorkloadClass as Class;
    let spec = "{containers: [{name: c}]}";
    for (text, class, instances) in [
        (
            format!("kind: Job\napiVersion: batch/v1\nspec: {{template: {{spec: {spec}}}}}"),
            Class::OneShot,
            Some(1),
        ),
        (
            format!(
                "kind: CronJob\napiVersion: batch/v1\nspec: {{suspend: true, jobTemplate: {{spec: {{template: \
                 {{spec: {spec}}}}}}}}}"
            ),
            Class::Scheduled,
            Some(0),
        ),
        (
            format!(
                "kind: Service\napiVersion: serving.knative.dev/v1\nspec: {{template: {{metadata: {{annotations: \
                 {{autoscaling.knative.dev/max-scale: '7'}}}}, spec: {spec}}}}}"
            ),
            Class::Serverless,
            Some(7),
        ),
    ] {
        let text = text.replacen("spec:", "metadata: {name: x}\nspec:", 1);
        let found = workload(&text);
        assert_eq!((found.class, found.instances.max.value), (class, instances), "{text}");
    }
}

/// `rule kind variable` and what of the source each defect points at.
fn defects(text: &str) -> Vec<String> {
    let (files, found) = drafts(&[("k8s/x.yaml", text)]);
    let found = found.iter().flat_map(|draft| &draft.defects);
    found
        .map(|defect| {
            let at = &files.text(defect.place.file)[defect.place.span.range()];
            let variable = defect.variable.as_deref().unwrap_or_default();
            format!("{} {} {variable} {at}", defect.rule, defect.kind)
        })
        .collect()
}

/// The text with all fixes applied.
fn mended(text: &str) -> String {
    let found = drafts(&[("k8s/x.yaml", text)]).1;
    let edits: Vec<_> = found
        .iter()
        .flat_map(|draft| &draft.defects)
        .filter_map(|defect| defect.fix.clone())
        .flat_map(|fix| fix.edits)
        .collect();
    crate::fixing::edited(text, edits.iter().collect()).unwrap()
}

fn pod(env: &str) -> String {
    format!(
        "kind: Pod\napiVersion: v1\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: c\n    env:\n{env}"
    )
}

#[test]
fn forward_references_are_found_and_mended() {
    let rule = "k8s-env-forward-reference";
    for (env, expected) in [
        (
            "    - {name: DB_URL, value: \"x$(PW)\"}\n    - {name: PW, value: a}\n",
            vec![format!("{rule} later DB_URL $(PW)")],
        ),
        ("    - {name: DB_URL, value: \"x$(PW)\"}\n", vec![format!("{rule} never DB_URL $(PW)")]),
        ("    - {name: A, value: \"postgres://a:$(PW)@h/d\"}\n", vec![format!("{rule} never A $(PW)")]),
        ("    - {name: PW, value: a}\n    - {name: DB_URL, value: \"x$(PW)\"}\n", vec![]),
        ("    - {name: DB_URL, value: \"x$$(PW)\"}\n", vec![]),
        ("    - {name: A, value: \"x$(PW)\"}\n", vec![]),
        ("    - {name: DB_HOST, value: \"$(PG_SERVICE_HOST)\"}\n", vec![]),
        (
            "    - {name: DB_URL, value: \"x$(PW)\"}\n    envFrom: [{secretRef: {name: s}}]\n",
            vec![format!("{rule} maybe DB_URL $(PW)")],
        ),
    ] {
        assert_eq!(defects(&pod(env)), expected, "{env}");
    }
    let before = "    - name: DB_URL\n      value: x$(PW)\n    - name: B\n    - name: PW\n      value: a\n    - name: C\n";
    let after = "    - name: PW\n      value: a\n    - name: DB_URL\n      value: x$(PW)\n    - name: B\n    - name: C\n";
    assert_eq!(mended(&pod(before)), pod(after));
}

#[test]
fn numbers_and_booleans_are_no_strings() {
    let rule = "k8s-env-not-a-string";
    for (value, kind) in [
        ("5432", Some("number")),
        ("1.5", Some("number")),
        ("0x1f", Some("number")),
        ("true", Some("boolean")),
        ("yes", Some("boolean")),
        ("off", Some("boolean")),
        ("'5432'", None),
        ("\"yes\"", None),
        ("5432a", None),
        ("", None),
    ] {
        let text = pod(&format!("    - name: DB_PORT\n      value: {value}\n"));
        let expected: Vec<String> =
            kind.iter().map(|kind| format!("{rule} {kind} DB_PORT {value}")).collect();
        assert_eq!(defects(&text), expected, "{value}");
        if kind.is_some() {
            assert!(mended(&text).contains(&format!("value: \"{value}\"\n")));
        }
    }
    let store = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata:\n  DB_PORT: 5432\n  OTHER: 1\n";
    assert_eq!(defects(store), [format!("{rule} number DB_PORT 5432")]);
    for (key, value, kind) in [
        ("DB_SSL", "true", Some("boolean")),
        ("POSTGRES_SSL", "yes", Some("boolean")),
        ("DATABASE_POOL", "1.5", Some("number")),
        ("REDIS_DB_SSL", "true", None),
        ("VERBOSE", "true", None),
    ] {
        let expected: Vec<String> = kind.iter().map(|kind| format!("{rule} {kind} {key} {value}")).collect();
        let store =
            format!("kind: ConfigMap\napiVersion: v1\nmetadata: {{name: c}}\ndata:\n  {key}: {value}\n");
        assert_eq!(defects(&store), expected, "{key}");
        assert_eq!(defects(&pod(&format!("    - {{name: {key}, value: {value}}}\n"))), expected, "{key}");
    }
}

#[test]
fn line_breaks_in_secrets_are_found_and_mended() {
    let rule = "k8s-secret-trailing-newline";
    let secret = |data: &str| format!("kind: Secret\napiVersion: v1\nmetadata: {{name: s}}\n{data}");
    for (data, expected) in [
        ("data: {POSTGRES_DB: dGVzdAo=}", Some("encoded POSTGRES_DB dGVzdAo=")),
        ("data: {POSTGRES_DB: dGVzdA==}", None),
        ("data: {OTHER: dGVzdAo=}", None),
        ("data: {POSTGRES_DB: YQliCg==}", Some("control POSTGRES_DB YQliCg==")),
        // Two lines.
        ("data: {POSTGRES_DB: YQpiCg==}", None),
        ("stringData:\n  DB_URL: |\n    x\n", Some("block DB_URL |\n    x\n")),
        ("stringData:\n  DB_URL: |-\n    x\n", None),
        ("stringData:\n  DB_URL: |\n    x\n    y\n", None),
    ] {
        let expected: Vec<String> = expected.iter().map(|rest| format!("{rule} {rest}")).collect();
        let found: Vec<String> =
            defects(&secret(data)).iter().map(|found| found.trim_end().to_owned()).collect();
        let expected: Vec<String> = expected.iter().map(|found| found.trim_end().to_owned()).collect();
        assert_eq!(found, expected, "{data}");
    }
    assert_eq!(mended(&secret("data: {POSTGRES_DB: dGVzdAo=}")), secret("data: {POSTGRES_DB: dGVzdA==}"));
    assert_eq!(
        mended(&secret("stringData:\n  DB_URL: |\n    x\n")),
        secret("stringData:\n  DB_URL: |-\n    x\n")
    );
}

#[test]
fn shell_references_reach_the_program_as_they_stand() {
    let rule = "env-unexpanded-variable kubernetes";
    for (env, expected) in [
        ("    - {name: DB_URL, value: \"x${PW}\"}\n", vec![format!("{rule} DB_URL ${{PW}}")]),
        ("    - {name: DB_URL, value: \"${PW}\"}\n", vec![]),
        // The file is filled in by another tool.
        ("    - {name: DB_URL, value: \"x${PW}\"}\n    image: \"a:${TAG}\"\n", vec![]),
        ("    - {name: DB_URL, value: \"x${PW}\"}\n    command: [sh, -c, \"envsubst < a\"]\n", vec![]),
        ("    - {name: SPRING_DATASOURCE_URL, value: \"x${PW}\"}\n", vec![]),
        ("    - {name: DB_URL, value: \"jdbc:postgresql://${HOST}/d\"}\n", vec![]),
        ("    - {name: DB_PASSWORD, value: \"x${PW}\"}\n", vec![]),
    ] {
        assert_eq!(defects(&pod(env)), expected, "{env}");
    }
}

#[test]
fn what_flux_fills_in_keeps_its_references() {
    let manifest = pod("    - {name: DB_URL, value: \"x${PW}\"}\n");
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: f}\nspec: {path: \
                ./k8s/app, postBuild: {substitute: {PW: a}}}\n";
    for (path, count) in [("k8s/app/x.yaml", 0), ("k8s/application/x.yaml", 1)] {
        let found = drafts(&[(path, manifest.as_str()), ("flux/f.yaml", flux)]).1;
        assert_eq!(found.iter().map(|draft| draft.defects.len()).sum::<usize>(), count, "{path}");
    }
}

#[test]
fn cloud_run_has_bounds_where_knative_has_none() {
    let service = |object: &str, template: &str, spec: &str| {
        let text = format!(
            "kind: Service\napiVersion: serving.knative.dev/v1\nmetadata: {{name: x, annotations: {{{object}}}}}\nspec: \
             {{template: {{metadata: {{annotations: {{{template}}}}}, spec: {{{spec}containers: [{{image: i}}]}}}}}}\n"
        );
        let found = workload(&text);
        let serving = found.serving;
        (
            [found.instances.min.value, found.instances.max.value],
            serving.concurrency.and_then(|count| count.value),
            serving.request_timeout.and_then(|seconds| seconds.value),
        )
    };
    const RUN: &str = "run.googleapis.com/ingress: all";
    for (object, template, spec, expected) in [
        ("", "", "", ([Some(0), None], None, Some(300.0))),
        (RUN, "", "", ([Some(0), Some(100)], Some(80), Some(300.0))),
        ("", "run.googleapis.com/cpu-throttling: 'true'", "", ([Some(0), Some(100)], Some(80), Some(300.0))),
        (
            RUN,
            "autoscaling.knative.dev/maxScale: '7', autoscaling.knative.dev/minScale: '2'",
            "containerConcurrency: 1, timeoutSeconds: 60, ",
            ([Some(2), Some(7)], Some(1), Some(60.0)),
        ),
        (
            "run.googleapis.com/maxScale: '5'",
            "autoscaling.knative.dev/maxScale: '7'",
            "",
            ([Some(0), Some(5)], Some(80), Some(300.0)),
        ),
        (
            "run.googleapis.com/scalingMode: manual, run.googleapis.com/manualInstanceCount: '3'",
            "",
            "",
            ([Some(3), Some(3)], Some(80), Some(300.0)),
        ),
    ] {
        assert_eq!(service(object, template, spec), expected, "{object} {template} {spec}");
    }
}
