//! Platforms that run containers and functions of a repository by one small file.

use super::{assert_all, drafts};

#[test]
fn fly_groups_share_what_serves_them() {
    assert_all(
        "fly.toml",
        &[
            ("app = 'shop'\n[env]\nA = 'b'\n", &["shop service ?/?/? A=b"]),
            (
                "app = 'shop'\n[http_service]\nmin_machines_running = 2\n[http_service.concurrency]\nhard_limit = 25\n",
                &["shop service 2/?/? x25"],
            ),
            (
                "app = 'shop'\n[processes]\nweb = 'node a.js'\nworker = 'node b.js'\n[http_service]\nprocesses = ['web']\nmin_machines_running = 1\n",
                &["web service 1/?/? `node` `a.js`", "worker service ?/?/? `node` `b.js`"],
            ),
            (
                "[deploy]\nrelease_command = 'migrate'\n[env]\nA = '1'\n",
                &["app service ?/?/? A=1", "release_command once 1/1/1 `migrate` A=1"],
            ),
        ],
    );
}

#[test]
fn render_services_scale_between_their_bounds() {
    assert_all(
        "render.yaml",
        &[
            (
                "services:\n- {type: web, name: a, runtime: node, startCommand: npm start}\n- {type: web, name: s, runtime: static}\n- {type: keyvalue, name: k}\n",
                &["a service 1/1/? `npm` `start`"],
            ),
            (
                "services:\n- {type: worker, name: a, numInstances: 3, disk: {name: d}}\n- {type: cron, name: c}\n",
                &["a service 3/3/3", "c scheduled 1/1/1"],
            ),
            (
                "services:\n- {type: pserv, name: a, numInstances: 3, scaling: {minInstances: 2, maxInstances: 5}}\n",
                &["a service 2/5/?"],
            ),
            (
                "services:\n- type: web\n  name: a\n  image: {url: docker.io/x/y:1}\n  envVars:\n  - {key: A, value: b}\n  - {fromGroup: g}\n  - {key: D, fromDatabase: {name: db, property: connectionString}}\nenvVarGroups:\n- {name: g, envVars: [{key: G, value: 1}]}\n",
                &["a service 1/1/? image:docker.io/x/y:1 A=b D? G=1"],
            ),
            (
                "projects:\n- environments:\n  - {name: staging, services: [{type: web, name: a}]}\nservices: []\n",
                &["a service 1/1/?"],
            ),
        ],
    );
}

#[test]
fn environments_of_a_project_are_deployments_of_their_own() {
    let text = "services: []\nprojects:\n- environments:\n  - {name: staging, services: [{type: web, name: a}]}\n  - {name: production, services: [{type: web, name: a}]}\n";
    let names: Vec<String> =
        drafts(&[("render.yaml", text)]).into_iter().map(|draft| draft.deployment.name).collect();
    assert_eq!(names, ["render.yaml#staging", "render.yaml#production"]);
}

#[test]
fn vercel_functions_need_evidence() {
    assert_all(
        "vercel.json",
        &[
            ("{}", &[]),
            ("{\"builds\": [{\"use\": \"@vercel/static\"}]}", &[]),
            ("{\"builds\": [{\"use\": \"@vercel/python\"}]}", &["functions function 0/?/? 300s x?"]),
            ("{\"crons\": [{\"path\": \"/a\"}], \"fluid\": false}", &["functions function 0/?/? x1"]),
            (
                "{\"functions\": {\"a\": {\"maxDuration\": 10}, \"b\": {\"maxDuration\": 60}}, \"env\": {\"A\": \"b\"}, \"build\": {\"env\": {\"C\": \"d\"}}}",
                &["functions function 0/?/? 60s x? A=b"],
            ),
        ],
    );
    let with = |package: &str| {
        let manifest = format!("{{\"dependencies\": {{\"{package}\": \"1.0.0\"}}}}");
        drafts(&[("vercel.json", "{}"), ("package.json", &manifest)]).len()
    };
    assert_eq!((with("next"), with("react")), (1, 0));
}

/// The line of the functions, which files the deployment has, and what it is for.
fn with_env_files(files: &[(&str, &str)]) -> String {
    let next = ("package.json", "{\"dependencies\": {\"next\": \"15\"}}");
    let vercel = ("vercel.json", "{\"env\": {\"A\": \"a\"}}");
    let package = files.iter().any(|(path, _)| *path == "package.json");
    let mut sources = vec![vercel];
    sources.extend((!package).then_some(next));
    sources.extend(files);
    let drafts = drafts(&sources);
    let [draft] = drafts.as_slice() else { return format!("{} deployments", drafts.len()) };
    let environment = draft.deployment.environment.value.unwrap().name();
    let uses = draft.env_uses.len();
    let count = draft.deployment.files.len() - 1;
    assert_eq!(uses, count);
    format!("{} +{count} {environment}", super::line(&draft.deployment.workloads[0]))
}

#[test]
fn a_framework_takes_its_env_files_along() {
    let functions = "functions function 0/?/? 300s x? A=a";
    for (files, rest) in [
        (&[(".env.production", "A=x\nC=c\nB=${A}${C}${D}\n")] as &[(&str, &str)], " B=ac? C=c +1 production"),
        (&[(".env.production", "B=1\n"), (".env", "B=2\nC=3\n")], " B=1 C=3 +2 production"),
        (&[(".env", "U=postgres://db.abc.supabase.co/a\n")], " U=postgres://db.abc.supabase.co/a +1 unknown"),
        (&[(".env", "U=postgres://localhost/a\n")], " +0 unknown"),
        (&[(".env", "U=postgres://db:5432/a\n"), (".env.production", "C=1\n")], " C=1 +1 production"),
        (&[(".env", "DB_HOST=127.0.0.1\n")], " +0 unknown"),
        (&[(".env.local", "B=1\n"), (".env.example", "B=1\n"), ("web/.env", "B=1\n")], " +0 unknown"),
        (&[("package.json", "{\"dependencies\": {\"astro\": \"5\"}}"), (".env", "B=1\n")], " +0 unknown"),
    ] {
        assert_eq!(with_env_files(files), format!("{functions}{rest}"), "{files:?}");
    }
}

#[test]
fn a_site_may_stand_below_its_configuration() {
    let drafts = drafts(&[
        ("netlify.toml", "[build]\nbase = \"web/\"\n"),
        ("package.json", "{}"),
        ("web/package.json", "{\"dependencies\": {\"next\": \"15\"}}"),
        ("web/.env.production", "A=b\n"),
        (".env.production", "A=c\n"),
    ]);
    let workload = &drafts[0].deployment.workloads[0];
    assert_eq!(super::line(workload), "functions function 0/?/? 60s x1 A=b");
    assert_eq!(workload.containers[0].build.as_deref(), Some("web"));
}
