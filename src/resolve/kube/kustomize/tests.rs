//! What Kustomize v5.5 builds of the same files, in terms of containers.

use crate::config::Config;
use crate::readers;
use crate::resolve::kube::deployments;
use crate::resolve::{Context, Draft};
use crate::tree::{Files, Kind};

const BASE: &str = "resources: [d.yaml]\nconfigMapGenerator: [{name: c, literals: [A=1, B=2]}]\n";

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  template:
    spec:
      containers:
      - name: api
        image: x/y:1
        env:
        - {name: ONE, value: a}
        - {name: TWO, value: b}
        - {name: VF, valueFrom: {configMapKeyRef: {name: c, key: A}}}
        envFrom: [{configMapRef: {name: c}}]
        args: [a, b]
";

fn build(sources: &[(&str, &str)]) -> Vec<Draft> {
    let mut files = Files::default();
    let ids: Vec<_> = sources
        .iter()
        .map(|(path, text)| files.add(path, Kind::of_path(path).unwrap_or(Kind::Kubernetes), *text))
        .collect();
    let known: Vec<_> = ids
        .into_iter()
        .filter(|id| files.get(*id).is_some_and(|file| !file.path.contains("patch")))
        .collect();
    let declarations = readers::read(&files, &known);
    let config = Config::default();
    deployments(&Context { files: &files, declarations: &declarations, config: &config })
}

/// The overlay `over` of the base, with further files.
fn overlay(text: &str, further: &[(&str, &str)]) -> Draft {
    let mut sources = vec![
        ("k/base/kustomization.yaml", BASE),
        ("k/base/d.yaml", DEPLOYMENT),
        ("k/over/kustomization.yaml", text),
    ];
    sources.extend(further);
    let mut found = build(&sources);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].deployment.name, "k/over");
    found.remove(0)
}

/// The variables of the first container.
fn variables(draft: &Draft) -> Vec<String> {
    let variables = draft.deployment.workloads[0].containers[0].environment.values();
    variables.map(|variable| format!("{}={}", variable.name, variable.known().unwrap_or("?"))).collect()
}

#[test]
fn a_base_alone_is_built() {
    let draft = overlay("resources: [../base]\n", &[]);
    assert_eq!(variables(&draft), ["A=1", "B=2", "ONE=a", "TWO=b", "VF=1"]);
    assert_eq!(draft.deployment.partial, Vec::<String>::new());
    assert_eq!(draft.deployment.files.len(), 3);
}

#[test]
fn names_namespace_images_and_replicas_change() {
    let draft = overlay(
        "resources: [../base]\nnamePrefix: p-\nnameSuffix: -s\nnamespace: ns\nimages: [{name: x/y, newName: z, \
         newTag: '2'}]\nreplicas: [{name: api, count: 5}]\n",
        &[],
    );
    let workload = &draft.deployment.workloads[0];
    assert_eq!((workload.name.as_str(), workload.namespace.as_deref()), ("p-api-s", Some("ns")));
    assert_eq!(workload.containers[0].image.as_ref().unwrap().as_str(), "z:2");
    assert_eq!(workload.instances.min.value, Some(5));
    // The references to the ConfigMap follow its name.
    assert_eq!(variables(&draft), ["A=1", "B=2", "ONE=a", "TWO=b", "VF=1"]);
    assert_eq!(workload.containers[0].environment["A"].reference.as_deref(), Some("configmap/ns/p-c-s/A"));
}

#[test]
fn strategic_patches_merge_lists_by_key() {
    let patch = "apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: api
        env:
        - {name: THREE, value: $(ONE)}
        - {name: TWO, value: bb}
        - {name: VF, $patch: delete}
        args: [z]
        envFrom: null
      - {name: side, image: 'z:1'}
";
    let inline =
        format!("resources: [../base]\npatches:\n- patch: |-\n    {}\n", patch.replace('\n', "\n    "));
    for (kustomization, files) in [
        (inline.as_str(), vec![]),
        ("resources: [../base]\npatches: [{path: patch.yaml}]\n", vec![("k/over/patch.yaml", patch)]),
        ("resources: [../base]\npatchesStrategicMerge: [patch.yaml]\n", vec![("k/over/patch.yaml", patch)]),
    ] {
        let draft = overlay(kustomization, &files);
        // New entries come first, so that one may not refer to an old one; `envFrom` is gone.
        assert_eq!(variables(&draft), ["ONE=a", "THREE=$(ONE)", "TWO=bb"], "{kustomization}");
        let workload = &draft.deployment.workloads[0];
        let names: Vec<&str> = workload.containers.iter().map(|container| container.name.as_str()).collect();
        assert_eq!(names, ["api", "side"]);
        let args: Vec<&str> = workload.containers[0].command.iter().map(crate::span::Text::as_str).collect();
        assert_eq!(args, ["z"]);
        assert_eq!(workload.instances.min.value, Some(3));
        assert_eq!(draft.deployment.partial, Vec::<String>::new());
    }
}

#[test]
fn an_inline_patch_knows_its_place() {
    let text = "resources: [../base]\npatches:\n- target: {kind: Deployment, name: a.*}\n  patch: |-\n    - op: \
                add\n      path: /spec/replicas\n      value: 77\n";
    let draft = overlay(text, &[]);
    let place = draft.deployment.workloads[0].instances.min.place.unwrap();
    assert_eq!(&text[place.span.range()], "77");
}

#[test]
fn json_patches_follow_their_pointers() {
    let patch = "- {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: FIVE, value: e}}
- {op: replace, path: /spec/template/spec/containers/0/env/0/value, value: first}
- {op: remove, path: /spec/template/spec/containers/0/envFrom}
";
    let draft = overlay(
        "resources: [../base]\npatches: [{path: patch.yaml, target: {kind: Deployment}}]\n",
        &[("k/over/patch.yaml", patch)],
    );
    assert_eq!(variables(&draft), ["FIVE=e", "ONE=first", "TWO=b", "VF=1"]);
    for (patch, target) in [
        ("- {op: move, path: /spec/x, from: /spec/y}\n", "{kind: Deployment}"),
        ("- {op: replace, path: /spec/template/spec/containers/7, value: {}}\n", "{kind: Deployment}"),
        ("- {op: remove, path: /spec/gone}\n", "{kind: Deployment}"),
        ("[]", "{annotationSelector: a > b}"),
    ] {
        let text = format!("resources: [../base]\npatches: [{{path: patch.yaml, target: {target}}}]\n");
        let draft = overlay(&text, &[("k/over/patch.yaml", patch)]);
        assert_eq!(
            draft.deployment.partial.len(),
            usize::from(patch != "[]" || target.contains("ann")),
            "{patch}"
        );
    }
}

#[test]
fn generators_merge_and_components_come_after_them() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- patch: |-\n    \
                     apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: c}\n    data: {B: component, Z: z}\n";
    let draft = overlay(
        "resources: [../base]\ncomponents: [../comp]\nconfigMapGenerator: [{name: c, behavior: merge, literals: \
         ['B=\"3\"', C=$x]}]\n",
        &[("k/comp/kustomization.yaml", component)],
    );
    assert_eq!(variables(&draft), ["A=1", "B=component", "C=$x", "ONE=a", "TWO=b", "VF=1", "Z=z"]);
}

#[test]
fn env_files_feed_generators() {
    let text = "resources: [../base]\nsecretGenerator: [{name: s, envs: [.env, gone.env]}]\npatches:\n- target: \
                {name: api}\n  patch: |-\n    - {op: add, path: /spec/template/spec/containers/0/envFrom/-, value: \
                {secretRef: {name: s}}}\n";
    let draft = overlay(text, &[("k/over/.env", "A=9\nDB_URL=\"quoted\" # no comment\n")]);
    assert_eq!(variables(&draft), ["A=9", "B=2", "DB_URL=\"quoted\" # no comment", "ONE=a", "TWO=b", "VF=1"]);
    assert_eq!(draft.env_uses.len(), 1);
    assert_eq!(draft.secrets.len(), 2);
    let open = draft.deployment.workloads[0].containers[0].open_environment.as_deref();
    assert_eq!(open, Some("env file gone.env is not in the repository"));
}

#[test]
fn a_circle_ends() {
    let found = build(&[
        ("a/kustomization.yaml", "resources: [../b]\n"),
        ("b/kustomization.yaml", "resources: [../a]\n"),
        ("c/kustomization.yaml", "resources: [../a, .]\n"),
    ]);
    assert!(found.is_empty());
}
