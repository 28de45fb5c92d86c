//! Platforms that scale by themselves, and Terraform.

use super::{assert_all, drafts, line, lines};
use crate::model::{Environment, Role};

#[test]
fn app_engine_scales_as_its_environment_does() {
    assert_all(
        "app.yaml",
        &[
            ("runtime: nodejs22\n", &["default function 0/?/? 600s x10"]),
            (
                "runtime: nodejs22\nservice: api\nautomatic_scaling: {min_instances: 1, max_instances: 5, max_concurrent_requests: 40}\nenv_variables: {A: b}\n",
                &["api function 1/5/? 600s x40 A=b"],
            ),
            (
                "runtime: python312\nbasic_scaling: {max_instances: 4}\nentrypoint: gunicorn app\n",
                &["default service 0/4/? 86400s x? `gunicorn` `app`"],
            ),
            ("runtime: python312\nmanual_scaling: {instances: 3}\n", &["default service 3/3/? 86400s x?"]),
            ("runtime: custom\nenv: flex\n", &["default service ?/20/?"]),
            (
                "runtime: custom\nenv: flex\nautomatic_scaling: {min_num_instances: 2, max_num_instances: 8}\n",
                &["default service 2/8/?"],
            ),
        ],
    );
}

#[test]
fn heroku_runs_what_the_formation_says() {
    let app = "{\"formation\": {\"web\": {\"quantity\": 2}}, \"env\": {\"A\": \"b\", \"C\": {\"generator\": \"secret\"}}, \
               \"addons\": [\"heroku-postgresql\"]}";
    let procfile = "web: node server.js\nworker: node worker.js\nrelease: npx prisma migrate deploy\n";
    let both = drafts(&[("app.json", app), ("Procfile", procfile)]);
    let told: Vec<String> =
        both.iter().flat_map(|draft| draft.deployment.workloads.iter().map(super::line)).collect();
    assert_eq!(
        told,
        [
            "web service 2/2/2 30s `node` `server.js` A=b C? DATABASE_URL?",
            "worker service 0/0/0 `node` `worker.js` A=b C? DATABASE_URL?",
            "release once 1/1/1 `npx` `prisma` `migrate` `deploy` A=b C? DATABASE_URL?",
        ]
    );
    assert_eq!(
        lines("Procfile", procfile),
        [
            "web service ?/?/? 30s `node` `server.js`",
            "worker service ?/?/? `node` `worker.js`",
            "release once 1/1/1 `npx` `prisma` `migrate` `deploy`",
        ]
    );
    assert_eq!(
        lines("app.json", "{\"formation\": {\"worker\": {\"quantity\": 3}}}"),
        ["worker service 3/3/3"]
    );
}

#[test]
fn netlify_and_cloudflare_have_no_bound() {
    assert_all(
        "netlify.toml",
        &[
            ("[build]\npublish = 'dist'\n", &[]),
            ("[functions]\nnode_bundler = 'esbuild'\n", &["functions function 0/?/? 60s x1"]),
        ],
    );
    assert_all(
        "wrangler.toml",
        &[
            ("name = 'assets'\n[assets]\ndirectory = 'public'\n", &[]),
            ("name = 'api'\nmain = 'src/index.ts'\n[vars]\nA = 'b'\n", &["api function 0/?/? x1 A=b"]),
            (
                "name = 'api'\nmain = 'src/index.ts'\n[vars]\nA = 'b'\n[env.staging.vars]\nC = 'd'\n",
                &["api function 0/?/? x1 A=b", "api-staging function 0/?/? x1 C=d"],
            ),
        ],
    );
    assert_all(
        "wrangler.jsonc",
        &[("{ // a Worker\n \"name\": \"api\", \"main\": \"src/index.ts\", }", &["api function 0/?/? x1"])],
    );
}

#[test]
fn railway_replicas_of_all_regions_count() {
    assert_all(
        "api/railway.toml",
        &[
            ("[build]\nbuilder = 'NIXPACKS'\n", &["api service 1/1/?"]),
            (
                "[deploy]\nnumReplicas = 3\noverlapSeconds = 0\nstartCommand = 'node a.js'\n",
                &["api service 3/3/? `node` `a.js`"],
            ),
            ("[deploy]\nnumReplicas = 3\noverlapSeconds = 20\n", &["api service 3/3/6"]),
            (
                "[deploy]\npreDeployCommand = ['npm run migrate']\n[deploy.multiRegionConfig.us-west2]\nnumReplicas = 2\n[deploy.multiRegionConfig.europe-west4]\nnumReplicas = 1\n",
                &["api service 3/3/?", "pre-deploy once 1/1/1 `npm` `run` `migrate`"],
            ),
            ("[deploy]\ncronSchedule = '0 * * * *'\n", &["api scheduled 1/1/1"]),
        ],
    );
}

#[test]
fn app_platform_components() {
    assert_all(
        ".do/app.yaml",
        &[
            (
                "name: shop\nservices:\n- {name: api, instance_count: 2, run_command: node a.js, envs: [{key: A, value: b}, {key: B, value: c, scope: BUILD_TIME}]}\n",
                &["api service 2/2/? `node` `a.js` A=b"],
            ),
            (
                "envs: [{key: A, value: b}]\nservices:\n- {name: api, autoscaling: {min_instance_count: 2, max_instance_count: 6}}\n",
                &["api service 2/6/? A=b"],
            ),
            (
                "workers:\n- {name: queue}\njobs:\n- {name: migrate, kind: PRE_DEPLOY}\n- {name: nightly, kind: SCHEDULED}\nfunctions:\n- {name: hooks}\n",
                &[
                    "queue service 1/1/?",
                    "migrate once 1/1/1",
                    "nightly scheduled 1/1/1",
                    "hooks function 0/?/?",
                ],
            ),
            (
                "services:\n- name: api\n  image: {registry: acme, repository: api}\n  envs:\n  - {key: DATABASE_URL, value: '${db.DATABASE_URL}'}\n  - {key: S, value: 'EV[1:x]', type: SECRET}\n",
                &["api service 1/1/? image:acme/api DATABASE_URL=? S?"],
            ),
        ],
    );
}

#[test]
fn terraform_resources() {
    assert_all(
        "main.tf",
        &[
            (
                "resource \"aws_lambda_function\" \"api\" {\n  timeout = 10\n  reserved_concurrent_executions = 20\n  environment {\n    variables = { A = \"b\" }\n  }\n}\n",
                &["api function 0/20/20 10s x1 A=b"],
            ),
            ("resource \"aws_lambda_function\" \"api\" {}\n", &["api function 0/?/? 3s x1"]),
            (
                "variable \"most\" {\n  default = 7\n}\nlocals {\n  least = 2\n}\nresource \"google_cloud_run_v2_service\" \"api\" {\n  template {\n    timeout = \"60s\"\n    scaling {\n      min_instance_count = local.least\n      max_instance_count = var.most\n    }\n    containers {\n      image = \"acme/api\"\n      env {\n        name = \"A\"\n        value = \"b\"\n      }\n    }\n  }\n}\n",
                &["api function 2/7/7 60s x80 image:acme/api A=b"],
            ),
            (
                "resource \"aws_ecs_service\" \"api\" {\n  desired_count = 3\n  task_definition = aws_ecs_task_definition.api.arn\n}\nresource \"aws_ecs_task_definition\" \"api\" {\n  container_definitions = jsonencode([{ name = \"api\", image = \"acme/api\", environment = [{ name = \"A\", value = \"b\" }] }])\n}\n",
                &["api service 3/3/6 image:acme/api A=b"],
            ),
            (
                "resource \"kubernetes_deployment\" \"api\" {\n  spec {\n    replicas = 4\n    template {\n      spec {\n        container {\n          name = \"api\"\n          image = \"acme/api\"\n          env {\n            name = \"A\"\n            value = \"b\"\n          }\n        }\n      }\n    }\n  }\n}\n",
                &["api service 4/4/5 image:acme/api A=b"],
            ),
            // Nothing tells how often a repeated resource is there.
            (
                "resource \"aws_ecs_service\" \"api\" {\n  count = var.services\n  desired_count = 3\n}\n",
                &["api service ?/?/?"],
            ),
        ],
    );
}

#[test]
fn terraform_databases_beside_what_connects() {
    let function = "resource \"aws_lambda_function\" \"api\" {}\n";
    for (text, expected) in [
        (
            "resource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  parameter_group_name = aws_db_parameter_group.pg.name\n}\nresource \"aws_db_parameter_group\" \"pg\" {\n  parameter {\n    name = \"max_connections\"\n    value = \"200\"\n  }\n}\n",
            "db service 1/1/1 postgresql:5432/200",
        ),
        (
            "resource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  instance_class = \"db.t3.micro\"\n}\n",
            "db service 1/1/1 postgresql:5432/95",
        ),
        // A group of another configuration may set the limit; one of this that does not leaves the machine's.
        (
            "resource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  instance_class = \"db.t3.micro\"\n  parameter_group_name = var.group\n}\n",
            "db service 1/1/1 postgresql:5432/?",
        ),
        (
            "resource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  instance_class = \"db.t3.micro\"\n  parameter_group_name = aws_db_parameter_group.pg.name\n}\nresource \"aws_db_parameter_group\" \"pg\" {\n  parameter {\n    name = \"max_connections\"\n    value = var.limit\n  }\n}\n",
            "db service 1/1/1 postgresql:5432/?",
        ),
        (
            "resource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  instance_class = var.class\n}\n",
            "db service 1/1/1 postgresql:5432/?",
        ),
        (
            "resource \"azurerm_postgresql_flexible_server\" \"db\" {\n  sku_name = \"GP_Standard_D2s_v3\"\n}\n",
            "db service 1/1/1 postgresql:5432/859",
        ),
        (
            "resource \"google_sql_database_instance\" \"db\" {\n  database_version = \"MYSQL_8_0\"\n}\n",
            "db service 1/1/1 mysql:3306/?",
        ),
        (
            "resource \"azurerm_postgresql_flexible_server\" \"db\" {}\nresource \"azurerm_postgresql_flexible_server_configuration\" \"limit\" {\n  name = \"max_connections\"\n  server_id = azurerm_postgresql_flexible_server.db.id\n  value = \"120\"\n}\n",
            "db service 1/1/1 postgresql:5432/120",
        ),
    ] {
        let found = lines("main.tf", &format!("{text}{function}"));
        assert!(found.iter().any(|line| line == expected), "{text}: {found:?}");
        assert_eq!(lines("main.tf", text), [""; 0], "databases alone tell nothing of who connects");
    }
}

#[test]
fn a_worker_may_have_a_pooler_of_its_platform() {
    let text = "main = 'a.ts'\nname = 'w'\n[vars]\nA = 'b'\n[[hyperdrive]]\nbinding = 'DB'\nid = 'x'\nlocalConnectionString = 'postgres://localhost/a'\n[env.staging.vars]\nA = 'c'\n[[env.live.hyperdrive]]\nbinding = 'OTHER'\nid = 'y'\n";
    let drafts = drafts(&[("wrangler.toml", text)]);
    let shown: Vec<(String, bool)> = drafts
        .iter()
        .flat_map(|draft| draft.deployment.workloads.iter().map(|one| (line(one), one.serving.own_pooler)))
        .collect();
    let shown: Vec<(&str, bool)> = shown.iter().map(|(line, pooler)| (line.as_str(), *pooler)).collect();
    assert_eq!(
        shown,
        [
            ("w function 0/?/? x1 A=b", true),
            ("w-staging function 0/?/? x1 A=c", false),
            ("w-live function 0/?/? x1", true),
            ("local imaginary ?/?/? DB=postgres://localhost/a", false),
        ]
    );
    let last = &drafts.last().unwrap().deployment;
    assert_eq!(
        (last.name.as_str(), last.environment.value),
        ("wrangler.toml#local", Some(Environment::Development))
    );
}

#[test]
fn local_settings_are_for_one_machine() {
    assert_all(
        "local.settings.json",
        &[
            (
                "{\"IsEncrypted\": false, \"Values\": {\"A\": \"b\"}, \"ConnectionStrings\": {\"C\": \"d\", \"E\": {\"ConnectionString\": \"f\", \"ProviderName\": \"g\"}}}",
                &["local imaginary ?/?/? A=b ConnectionStrings:C=d ConnectionStrings:E=f"],
            ),
            ("{\"IsEncrypted\": true, \"Values\": {\"A\": \"b\"}}", &[]),
        ],
    );
}

#[test]
fn groups_of_nomad_run_between_their_bounds() {
    let job =
        |head: &str, group: &str| format!("job \"shop\" {{\n{head}\n  group \"api\" {{\n{group}\n  }}\n}}\n");
    let task = |body: &str| format!("task \"t\" {{\n{body}\n}}\n");
    for (head, group, expected) in [
        ("", String::new(), "api service 1/1/1"),
        ("", "count = 3\nupdate {\n  canary = 2\n}\n".to_owned(), "api service 3/3/5"),
        ("update {\n  max_parallel = 2\n  canary = 1\n}", "count = 3".to_owned(), "api service 3/3/4"),
        ("", "count = 3\nscaling {\n  min = 2\n  max = 9\n}\n".to_owned(), "api service 2/9/9"),
        ("", "scaling {\n  min = 2\n  max = 9\n  enabled = false\n}\n".to_owned(), "api service 2/2/2"),
        ("", "count = 3\nscaling {\n  max = var.most\n}\n".to_owned(), "api service 3/?/?"),
        ("type = \"system\"", String::new(), "api service ?/?/?"),
        ("type = \"batch\"", String::new(), "api once 1/1/1"),
        (
            "type = \"batch\"\nperiodic {\n  crons = [\"@daily\"]\n}",
            "count = 2".to_owned(),
            "api scheduled 2/2/2",
        ),
        ("type = \"batch\"\nparameterized {\n}", String::new(), "api once ?/?/?"),
        (
            "",
            task(
                "driver = \"docker\"\nconfig {\n  image = \"acme/a:${var.tag}\"\n  command = \"node\"\n  args = [\"a.js\", \"${NOMAD_PORT_http}\"]\n}\nenv {\n  A = \"b\"\n  C = \"${NOMAD_IP_db}\"\n}\n",
            ),
            "api service 1/1/1 [t] image:acme/a:? `node` `a.js` `?` A=b C=?",
        ),
        (
            "",
            task(
                "env {\n  A = \"b\"\n}\ntemplate {\n  data = <<EOH\nA=c\nU=postgres://{{ env \"H\" }}/d\nEOH\n  destination = \"secrets/e\"\n  env = true\n}\ntemplate {\n  data = \"X=y\"\n  destination = \"local/x\"\n}\n",
            ),
            "api service 1/1/1 [t] A=c U=postgres://?/d",
        ),
    ] {
        assert_eq!(lines("shop.nomad.hcl", &job(head, &group)), [expected], "{head} {group}");
    }
    let text = "variable \"n\" {\n  default = 4\n}\njob \"shop\" {\n  group \"db\" {\n    service {\n      name = \"db\"\n    }\n    service {\n      name = \"x\"\n      provider = \"nomad\"\n    }\n  }\n  group \"api\" {\n    count = var.n\n    task \"m\" {\n      lifecycle {\n        hook = \"prestart\"\n      }\n    }\n    task \"api\" {}\n  }\n}\n";
    let drafts = drafts(&[("shop.nomad", text)]);
    let [db, api] = drafts[0].deployment.workloads.as_slice() else { panic!("two groups") };
    assert_eq!(db.endpoints.iter().map(|one| one.host.as_str()).collect::<Vec<_>>(), ["db.service.consul"]);
    assert_eq!(line(api), "api service 4/4/4 [m]");
    assert_eq!(api.containers.iter().map(|one| one.role).collect::<Vec<_>>(), [Role::Main, Role::Init]);
}

/// Deployments with what each is for, and their lines.
fn workflow(text: &str) -> Vec<String> {
    let drafts = drafts(&[(".github/workflows/ci.yml", text)]);
    let shown = |draft: &crate::resolve::Draft| {
        let lines: Vec<String> = draft.deployment.workloads.iter().map(line).collect();
        let environment = draft.deployment.environment.value.unwrap().name();
        format!("{environment}: {}", lines.join(" | "))
    };
    drafts.iter().map(shown).collect()
}

#[test]
fn workflows_tell_what_their_jobs_receive() {
    for (text, expected) in [
        ("jobs:\n  a:\n    env: {NODE_VERSION: 20, U: \"https://x\"}\n", &[] as &[&str]),
        (
            "env: {DB_PORT: 5432}\njobs:\n  a:\n    env: {DATABASE_URL: \"postgres://a:${{ secrets.P }}@localhost/${{ matrix.d }}\"}\n  b:\n    steps: []\n",
            &["test: a imaginary ?/?/? DATABASE_URL=postgres://a:?@localhost/? DB_PORT=5432"],
        ),
        (
            "jobs:\n  a:\n    services:\n      db: {image: postgres, env: {POSTGRES_PASSWORD: x}}\n      cache: {image: redis}\n    env: {DB_HOST: h, U: postgres://a/b}\n    steps:\n    - {run: x}\n    - {name: Test, env: {DB_PORT: 1}}\n    - {env: {DATABASE_URL: \"${{ secrets.U }}\"}}\n",
            &[
                "test: a imaginary ?/?/? DB_HOST=h U=postgres://a/b [Test] DB_HOST=h DB_PORT=1 | db imaginary ?/?/? POSTGRES_PASSWORD=x",
            ],
        ),
        (
            "jobs:\n  a:\n    environment: {name: production}\n    container: {image: node, env: {DATABASE_URL: postgres://a/b}}\n",
            &["production: a imaginary ?/?/? DATABASE_URL=postgres://a/b"],
        ),
    ] {
        assert_eq!(workflow(text), expected, "{text}");
    }
}

#[test]
fn a_configuration_of_prisma_may_hold_a_connection() {
    assert_all(
        "prisma.config.ts",
        &[
            ("export default { datasource: { url: env('A') } }", &[]),
            (
                "export default { datasource: { url: 'postgres://a/b' } }",
                &["datasource imaginary ?/?/? url=postgres://a/b"],
            ),
        ],
    );
}
