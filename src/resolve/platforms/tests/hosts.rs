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
