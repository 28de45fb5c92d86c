//! Credentials in every form that occurs, under names that say nothing, wherever a variable, an argument or a label may
//! stand.

use base64::Engine as _;

/// Values under names that say nothing, each with a credential in it.
pub const FORMS: &[&str] = &[
    r#""app" "kanarie""#,
    "\"app\" \"kanarie\"\n\"admin\" \"kanarie\"",
    "curl -u app:kanarie http://search:9200",
    "curl -fsS --user app:kanarie http://search:9200",
    "curl -H \"Authorization: Bearer kanarie\" http://search:9200",
    "curl -H 'X-Api-Key: kanarie' http://search:9200",
    "mysql -pkanarie app",
    "mysql -p'kana kanarie' app",
    "mysqladmin -uroot -pkanarie ping",
    "mariadb-admin ping -uroot --password=kanarie",
    "redis-cli -a kanarie ping",
    "redis-server --requirepass kanarie --appendonly yes",
    "requirepass kanarie",
    "sshpass -p kanarie ssh app@bastion",
    "mongosh -u app -p kanarie --eval ping",
    "docker login -u app -p kanarie",
    "PGPASSWORD=kanarie psql -h db",
    "PGPASSWORD=a,kanarie psql -h db",
    "sqlcmd -S db -U sa -P kanarie",
    "app:kanarie",
    "app:kanarie,admin:kanarie",
    "app:$kanarie",
    "mc alias set s3 http://minio:9000 app kanarie",
    "mc config host add s3 http://minio:9000 app kanarie -api S3v4",
    "rabbitmqctl add_user app kanarie",
    "sqlplus system/kanarie",
    "sentinel auth-pass primary kanarie",
    "<datasource><password>kanarie</password></datasource>",
    "https://x.blob.example.net/c?sv=2020&sig=kanarie",
    "redis-cli -h cache AUTH kanarie",
    "htpasswd -nb app kanarie",
    "env X=1 PGPASSWORD=kana\\ kanarie psql",
    "export PGPASSWORD='kana kanarie'; psql -h db",
    "db:5432:app:app:kanarie",
    "*:*:*:app:kanarie",
    "app/kanarie@//db:1521/service",
    "app/kanarie@db:1521/service",
    "kanarie@db.internal:5432",
    "kanarie!@db.internal",
    "Server=db;Database=app;User Id=sa;Password=kanarie;",
    "Server=db;Database=app;Uid=sa;Pwd=kanarie",
    "host=db user=app password=kanarie dbname=app",
    "app:$apr1$Kanarie0$kanarieRg3TiDVJmkanarie",
    "app:{SHA}kanarieKANARIE0kanarie",
    "Bearer kanarie",
    "eyJkanarie.kanarie.kanarie",
    r#"{"host": "db", "password": "kanarie"}"#,
    r#"{"user":"a","api_key":"kana\"kanarie","port":1}"#,
    "-----BEGIN PRIVATE KEY-----\nkanarie\nkanarie\n-----END PRIVATE KEY-----",
    "AKIAKANARIEKANARIE",
    "sk_live_kanarie0",
    "postgres://u:p@h/d?options=-c%20password%3Dkanarie",
    "amqp://app:kanarie@queue:5672/",
    "amqp://app:kana://kanarie@queue:5672/",
    "redis://:kanarie@a:6379,redis://:kanarie@b:6379",
    "https://kanarie@sentry.example.com/1",
    "https://hooks.example.com/x?token=kanarie",
    "jdbc:oracle:thin:app/kanarie@//db:1521/service",
    "jdbc:sqlserver://db;databaseName=app;password=kanarie",
    "CREATE ROLE app LOGIN PASSWORD 'kanarie'",
    "ALTER USER app IDENTIFIED BY 'kanarie'",
    "java -Dspring.datasource.password=kanarie -jar app.jar",
    "java -jar app.jar --spring.datasource.password=kanarie",
    "machine db login app password kanarie",
    "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"app\" password=\"kanarie\";",
];

/// A URL with a finding of its own, so that excerpts show the lines around it.
pub fn judged(index: usize) -> String {
    format!("postgresql://app:kanarie@db:5432/app{index}?pool_timeout=2")
}

pub fn quoted(value: &str, dollar: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{}\"", escaped.replace('$', dollar))
}

/// The values above wherever a variable, an argument or a label may stand.
pub fn forms() -> tempfile::TempDir {
    use std::fmt::Write as _;
    let mut map = String::new();
    let mut list = String::new();
    let mut commands = String::new();
    let mut env = String::new();
    let mut pod = String::new();
    let mut config = String::new();
    for (index, value) in FORMS.iter().enumerate() {
        let (compose, plain) = (quoted(value, "$$"), quoted(value, "$"));
        // One beside each second value is beside all of them.
        let url = if index % 2 == 0 { judged(index) } else { "none".to_owned() };
        writeln!(map, "      V{index}: {compose}\n      U{index}_DATABASE_URL: {url}").unwrap();
        let item = quoted(&format!("V{index}={value}"), "$$");
        writeln!(list, "      - {item}\n      - U{index}_DATABASE_URL={url}").unwrap();
        let words =
            if value.contains(" -") { shell_words::split(value).unwrap() } else { vec![(*value).to_owned()] };
        let words = words.iter().map(|word| quoted(word, "$$")).collect::<Vec<_>>();
        writeln!(
            commands,
            "  c{index}:\n    image: api\n    command: [{}]\n    environment: {{DATABASE_URL: \"{url}\"}}\n    \
             healthcheck: {{test: {compose}}}\n    labels:\n      - {compose}\n",
            words.join(", ")
        )
        .unwrap();
        if !value.contains('\n') && !value.contains('\'') {
            writeln!(env, "V{index}='{value}'\nU{index}_DATABASE_URL={url}").unwrap();
        }
        writeln!(
            pod,
            "        - name: V{index}\n          value: {plain}\n        - name: U{index}_DATABASE_URL\n          \
             value: {url}"
        )
        .unwrap();
        writeln!(config, "  V{index}: {plain}\n  U{index}_DATABASE_URL: {url}").unwrap();
    }
    let compose = format!(
        "services:\n  map:\n    image: api\n    environment:\n{map}  list:\n    image: api\n    environment:\n{list}      \
         - postgresql://app:kanarie@db/app\n      - postgresql://app:kanarie@db/app?sslmode=require\n      - \
         app:kanarie@db/app\n      - POSTGRESQL_URL=kanarie@db.internal\n      - OTHER_URL=kanarie@db.internal\n  \
         file:\n    image: api\n    env_file: [values.env]\n{commands}  db:\n    image: postgres:16\n    environment: \
         {{POSTGRES_USER: app, POSTGRES_PASSWORD: kanarie}}\n"
    );
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: api}}\nspec:\n  containers:\n    - name: api\n      image: \
         api:1\n      envFrom: [{{configMapRef: {{name: c}}}}, {{secretRef: {{name: s}}}}]\n      env:\n{pod}---\napiVersion: \
         v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n{config}---\napiVersion: v1\nkind: Secret\nmetadata: \
         {{name: s}}\nstringData:\n  word: kanarie\n  S_DATABASE_URL: {}\n  other: kanarie\ndata:\n  encoded: {}\n",
        judged(999),
        base64::engine::general_purpose::STANDARD.encode("kanarie"),
    );
    crate::program::directory(&[("compose.yaml", &compose), ("values.env", &env), ("k8s/pod.yaml", &pod)])
}

/// Files of platforms in which variables stand, each with something to find.
pub const PLATFORMS: &[&str] = &[
    "worker/wrangler.jsonc",
    "functions/local.settings.json",
    "shop.nomad.hcl",
    ".github/workflows/ci.yml",
    "api/prisma.config.ts",
    "web/.env.production",
];

/// The same values in the files of platforms.
pub fn platforms() -> tempfile::TempDir {
    use std::fmt::Write as _;
    let url = |index: usize| format!("postgresql://app:kanarie@db.acme.io:5432/app{index}?pool_timeout=2");
    let (mut json, mut nomad, mut yaml) = (String::new(), String::new(), String::new());
    let (mut template, mut env) = (String::new(), String::new());
    for (index, value) in FORMS.iter().enumerate() {
        let plain = quoted(value, "$");
        writeln!(json, "    \"V{index}\": {plain},\n    \"U{index}_DATABASE_URL\": \"{}\",", url(index))
            .unwrap();
        writeln!(nomad, "        V{index} = {plain}\n        U{index}_DATABASE_URL = \"{}\"", url(index))
            .unwrap();
        writeln!(yaml, "      V{index}: {plain}\n      U{index}_DATABASE_URL: {}", url(index)).unwrap();
        if !value.contains('\n') {
            writeln!(template, "T{index}={value}\nT{index}_DATABASE_URL={}", url(index)).unwrap();
        }
        if !value.contains(['\n', '\'']) {
            writeln!(env, "V{index}='{value}'\nU{index}_DATABASE_URL={}", url(index)).unwrap();
        }
    }
    let wrangler = format!(
        "{{\n  \"main\": \"a.ts\",\n  \"hyperdrive\": [{{\"binding\": \"DB\", \"localConnectionString\": \"{}\"}}],\n  \
         \"vars\": {{\n{json}    \"X\": \"\"\n  }}\n}}\n",
        url(998)
    );
    let settings = format!(
        "{{\n  \"Values\": {{\n{json}    \"X\": \"\"\n  }},\n  \"ConnectionStrings\": {{\n    \"A\": \
         \"Server=db;Database=app;User Id=sa;Password=kanarie\"\n  }}\n}}\n"
    );
    let job = format!(
        "job \"shop\" {{\n  group \"api\" {{\n    task \"api\" {{\n      env {{\n{nomad}      }}\n      template {{\n        \
         env = true\n        data = <<EOH\n{template}EOH\n      }}\n    }}\n  }}\n}}\n"
    );
    let workflow = format!(
        "jobs:\n  test:\n    services:\n      db: {{image: postgres, env: {{POSTGRES_PASSWORD: kanarie}}}}\n    env:\n{yaml}    \
         steps:\n    - name: Test\n      env: {{DATABASE_URL: \"{}\"}}\n",
        url(997)
    );
    let prisma = format!(
        "export default defineConfig({{ datasource: {{ url: '{}', x: f('kanarie') ?? 'kanarie' }} }});\n",
        url(996)
    );
    crate::program::directory(&[
        ("worker/wrangler.jsonc", &wrangler),
        ("functions/local.settings.json", &settings),
        ("functions/host.json", "{\"version\": \"2.0\"}"),
        ("shop.nomad.hcl", &job),
        (".github/workflows/ci.yml", &workflow),
        ("api/prisma.config.ts", &prisma),
        ("web/vercel.json", "{}"),
        ("web/package.json", "{\"dependencies\": {\"next\": \"15\", \"@prisma/client\": \"6\"}}"),
        ("web/.env.production", &env),
    ])
}
