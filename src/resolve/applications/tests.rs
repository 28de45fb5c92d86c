use crate::config::Config;
use crate::model::{DeploymentKind, Model};
use crate::pipeline;
use crate::tree::{Files, Memory};

const DOCKERFILE: (&str, &str) =
    ("Dockerfile", "FROM eclipse-temurin:21-jre\nENTRYPOINT [\"java\", \"-jar\", \"a.jar\"]\n");

fn model(files: &[(&str, &str)]) -> Model {
    let tree = Memory::new(files.iter().copied());
    let loaded = pipeline::load(&tree, Files::default()).unwrap();
    pipeline::resolve(&loaded, &Config::default())
}

/// What the first container of the Compose project receives under a name: its value, `?` where it is not known.
fn received(model: &Model, name: &str) -> Option<String> {
    let deployment = model.deployments.iter().find(|it| it.kind == DeploymentKind::Compose).unwrap();
    let (_, _, variable) = deployment.variables().find(|(_, _, variable)| variable.name == name)?;
    Some(variable.known().unwrap_or("?").to_owned())
}

fn compose(environment: &str) -> String {
    format!("services:\n  api:\n    build: .\n    environment: {{{environment}}}\n")
}

const URL: &str = "spring.datasource.url";
const SIZE: &str = "spring.datasource.hikari.maximum-pool-size";

#[test]
fn spring_takes_values_in_its_order() {
    let base = "spring:\n  datasource:\n    url: jdbc:postgresql://${DB_HOST:one}/a\n    hikari: {maximumPoolSize: 1_0}\n---\nspring:\n  config.activate.on-profile: prod\n  datasource.hikari.maximum-pool-size: 20\n";
    let file = ("src/main/resources/application.yml", base);
    let prod =
        ("src/main/resources/application-prod.properties", "spring.datasource.hikari.maximum_pool_size=30\n");
    for (environment, more, url, size) in [
        ("", None, Some("jdbc:postgresql://one/a"), Some("10")),
        ("DB_HOST: two", None, Some("jdbc:postgresql://two/a"), Some("10")),
        ("DB_HOST: \"${UNSET}\"", None, Some("?"), Some("10")),
        ("SPRING_PROFILES_ACTIVE: prod", None, Some("jdbc:postgresql://one/a"), Some("20")),
        ("SPRING_PROFILES_ACTIVE: \"eu,prod\"", Some(prod), Some("jdbc:postgresql://one/a"), Some("30")),
        ("SPRING_PROFILES_ACTIVE: dev", Some(prod), Some("jdbc:postgresql://one/a"), Some("10")),
        ("SPRING_PROFILES_ACTIVE: \"${UNSET}\"", Some(prod), None, None),
        ("SPRING_DATASOURCE_URL: \"jdbc:postgresql://three/a\"", None, None, Some("10")),
        ("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE: 5", None, Some("jdbc:postgresql://one/a"), None),
        ("SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE: 5", None, Some("jdbc:postgresql://one/a"), None),
        ("JAVA_OPTS: \"-Dspring.datasource.url=jdbc:x\"", None, None, Some("10")),
        ("JAVA_OPTS: \"-Dspring.profiles.active=prod\"", None, Some("jdbc:postgresql://one/a"), Some("20")),
        ("SPRING_CONFIG_LOCATION: /etc/app.yml", None, None, None),
        ("SPRING_APPLICATION_JSON: \"{}\"", None, None, None),
    ] {
        let compose = compose(environment);
        let mut files = vec![("compose.yaml", compose.as_str()), DOCKERFILE, file];
        files.extend(more);
        let model = model(&files);
        assert_eq!(received(&model, URL).as_deref(), url, "{environment}");
        assert_eq!(received(&model, SIZE).as_deref(), size, "{environment}");
    }
}

#[test]
fn spring_files_decide_profiles_too() {
    let own = "spring.profiles.active=${STAGE:prod}\nspring.profiles.group.prod=db\nspring.datasource.url=jdbc:postgresql://a/a\n";
    let model = model(&[
        ("compose.yaml", &compose("")),
        DOCKERFILE,
        ("src/main/resources/application.properties", own),
        ("src/main/resources/application.yml", "spring.datasource.url: jdbc:postgresql://weaker/a\n"),
        ("src/main/resources/application-db.yml", "spring.datasource.hikari.maximum-pool-size: 7\n"),
    ]);
    assert_eq!(received(&model, URL).as_deref(), Some("jdbc:postgresql://a/a"));
    assert_eq!(received(&model, SIZE).as_deref(), Some("7"));
}

#[test]
fn what_spring_may_take_elsewhere_is_unknown() {
    let url = "spring.datasource.url: jdbc:postgresql://localhost/a\n";
    for more in [
        "spring.config.import: \"optional:configserver:\"\n",
        "spring.cloud.config.uri: http://config:8888\n",
        "spring.datasource.type: com.alibaba.druid.pool.DruidDataSource\n",
        "spring.datasource.tomcat.max-active: 5\n",
        "spring.datasource.jndi-name: java:comp/env/jdbc/a\n",
    ] {
        let text = format!("{url}{more}");
        let model = model(&[
            ("compose.yaml", &compose("")),
            DOCKERFILE,
            ("src/main/resources/application.yml", &text),
        ]);
        assert!(matches!(received(&model, URL).as_deref(), None | Some("?")), "{more}");
    }
    let script = ("Dockerfile", "FROM temurin:21-jre\nENTRYPOINT [\"./start.sh\"]\n");
    let model = model(&[("compose.yaml", &compose("")), script, ("src/main/resources/application.yml", url)]);
    assert_eq!(received(&model, URL).as_deref(), Some("?"));
}

#[test]
fn other_programs_read_none_of_it() {
    let url = "spring.datasource.url: jdbc:postgresql://localhost/a\n";
    for (compose, dockerfile) in [
        (
            "services:\n  web:\n    build: {context: ., dockerfile: web/Dockerfile}\n",
            ("web/Dockerfile", "FROM node:22\nRUN echo javascript\n"),
        ),
        ("services:\n  web:\n    build: .\n", ("Dockerfile", "FROM nginx:1\n")),
        ("services:\n  web:\n    image: nginx:1\n", DOCKERFILE),
        ("services:\n  web:\n    image: acme/other:1\n", DOCKERFILE),
    ] {
        let model =
            model(&[("compose.yaml", compose), dockerfile, ("src/main/resources/application.yml", url)]);
        assert_eq!(received(&model, URL), None, "{compose}");
    }
}

#[test]
fn programs_are_found_by_directory_and_name() {
    let url = "spring.datasource.url: jdbc:postgresql://db/a\n";
    let named = ("Dockerfile", "FROM maven:3 AS b\nCOPY shop /src\nFROM temurin:21-jre\n");
    for (compose, dockerfile) in [
        ("services:\n  a:\n    build: shop\n", ("shop/Dockerfile", "FROM temurin:21-jre\n")),
        ("services:\n  a:\n    build: shop\n", ("other/Dockerfile", "FROM x\n")),
        (
            "services:\n  a:\n    build: {context: ., dockerfile: shop/Dockerfile}\n",
            ("shop/Dockerfile", "FROM temurin:21-jre\n"),
        ),
        ("services:\n  a:\n    build: .\n", named),
        ("services:\n  a:\n    image: ghcr.io/acme/shop:1\n", named),
    ] {
        let model =
            model(&[("compose.yaml", compose), dockerfile, ("shop/src/main/resources/application.yml", url)]);
        assert_eq!(received(&model, URL).as_deref(), Some("jdbc:postgresql://db/a"), "{compose}");
    }
}

#[test]
fn what_nobody_reads_is_judged_alone() {
    let text = "spring.datasource.url: jdbc:postgresql://db/a\n---\nspring.config.activate.on-profile: prod\nspring.datasource.hikari.maximum-pool-size: 9\n";
    let alone = |files: &[(&str, &str)]| -> Vec<String> {
        let kept = model(files).deployments.into_iter().filter(|it| it.kind == DeploymentKind::Application);
        kept.map(|deployment| deployment.name).collect()
    };
    let file = ("src/main/resources/application.yml", text);
    let both = ["src/main/resources/application.yml", "src/main/resources/application.yml#prod"];
    assert_eq!(alone(&[file]), both);
    assert_eq!(alone(&[("compose.yaml", &compose("")), DOCKERFILE, file]), both[1..]);
    let prod = compose("SPRING_PROFILES_ACTIVE: prod");
    assert!(alone(&[("compose.yaml", &prod), DOCKERFILE, file]).is_empty());
    assert!(alone(&[("bootstrap.yml", "spring.datasource.url: jdbc:postgresql://db/a\n")]).is_empty());
}

const RUBY: (&str, &str) = ("Dockerfile", "FROM ruby:3.4\nENV RAILS_ENV=production\n");

#[test]
fn rails_takes_values_in_its_order() {
    let yml = "default: &default\n  adapter: postgresql\n  pool: <%= ENV.fetch(\"RAILS_MAX_THREADS\") { 5 } %>\ndevelopment:\n  <<: *default\n  host: localhost\nproduction:\n  primary: &primary\n    <<: *default\n    host: <%= ENV[\"DB_HOST\"] %>\n    username: app\n    password: <%= ENV['DB_PW'] %>\n    database: a b\n  cache:\n    <<: *primary\n    database: cache\n    pool: 2\n  queue:\n    adapter: sqlite3\n";
    let file = ("config/database.yml", yml);
    let (one, cache) = ("database.yml:production.primary", "database.yml:production.cache");
    for (environment, primary, other) in [
        ("DB_HOST: db", Some("postgresql://app@db/a%20b?pool=5"), Some("postgresql://app@db/cache?pool=2")),
        (
            "DB_HOST: db, RAILS_MAX_THREADS: 9, DB_PW: \"x@y\"",
            Some("postgresql://app:x%40y@db/a%20b?pool=9"),
            Some("postgresql://app:x%40y@db/cache?pool=2"),
        ),
        ("DB_HOST: \"${UNSET}\"", Some("?"), Some("?")),
        ("", None, None),
        ("DB_HOST: db, DATABASE_URL: \"postgresql://x/y\"", None, Some("postgresql://app@db/cache?pool=2")),
        (
            "DB_HOST: db, CACHE_DATABASE_URL: \"postgresql://x/y\"",
            Some("postgresql://app@db/a%20b?pool=5"),
            None,
        ),
        ("RAILS_ENV: development", None, None),
    ] {
        let model = model(&[("compose.yaml", &compose(environment)), RUBY, file]);
        assert_eq!(received(&model, one).as_deref(), primary, "{environment}");
        assert_eq!(received(&model, cache).as_deref(), other, "{environment}");
    }
    let development = model(&[("compose.yaml", &compose("RAILS_ENV: development")), RUBY, file]);
    let local = received(&development, "database.yml:development");
    assert_eq!(local.as_deref(), Some("postgresql://localhost?pool=5"));
}

#[test]
fn rails_merges_the_url_over_its_file() {
    let file = ("config/database.yml", "production:\n  adapter: postgresql\n  host: other\n  pool: 25\n");
    let url = "DATABASE_URL: \"postgresql://app@db/a\", RAILS_MAX_THREADS: 3";
    let model = model(&[("compose.yaml", &compose(url)), RUBY, file]);
    assert_eq!(received(&model, "database.yml:production"), None);
    assert_eq!(received(&model, "database.yml:pool").as_deref(), Some("25"));
}

#[test]
fn dotnet_takes_values_in_its_order() {
    let base = "\u{feff}{\n // c\n \"ConnectionStrings\": {\"Default\": \"Host=localhost;Database=a\", \"Local\": \"Server=(localdb)\\\\x;Database=a\", \"Token\": \"Host=#{h}#;Database=a\", \"Empty\": \"\"}}";
    let production = "{\"connectionStrings\": {\"default\": \"Host=db;Database=a;Maximum Pool Size=5\",},}";
    let dockerfile = ("src/Api/Dockerfile", "FROM mcr.microsoft.com/dotnet/aspnet:9.0\n");
    let project = (
        "src/Api/Api.csproj",
        "<Project><ItemGroup><PackageReference Include=\"Npgsql\" Version=\"9.0.0\" /></ItemGroup></Project>",
    );
    let build =
        "services:\n  api:\n    build: {context: ., dockerfile: src/Api/Dockerfile}\n    environment: {E}\n";
    let (one, two) = ("ConnectionStrings:Default", "ConnectionStrings:default");
    let local = Some("Host=localhost;Database=a");
    let real = Some("Host=db;Database=a;Maximum Pool Size=5");
    for (environment, expected) in [
        ("", real),
        ("ASPNETCORE_ENVIRONMENT: Development", local),
        ("DOTNET_ENVIRONMENT: Production", real),
        ("DOTNET_ENVIRONMENT: Production, ASPNETCORE_ENVIRONMENT: Development", None),
        ("ASPNETCORE_ENVIRONMENT: \"${UNSET}\"", None),
        ("CONNECTIONSTRINGS__DEFAULT: x", None),
        ("\"ConnectionStrings:Default\": x", None),
        ("POSTGRESQLCONNSTR_Default: x", None),
    ] {
        let compose = build.replace("{E}", &format!("{{{environment}}}"));
        let model = model(&[
            ("compose.yaml", &compose),
            dockerfile,
            project,
            ("src/Api/appsettings.json", base),
            ("src/Api/appsettings.Production.json", production),
        ]);
        let found = received(&model, two).filter(|value| value.len() > 1).or_else(|| received(&model, one));
        assert_eq!(found.filter(|value| value != "x").as_deref(), expected, "{environment}");
        assert_eq!(received(&model, "ConnectionStrings:Local"), None);
        assert_ne!(received(&model, "ConnectionStrings:Token").as_deref(), Some("Host=#{h}#;Database=a"));
    }
}

#[test]
fn quarkus_takes_values_in_its_order() {
    let own = "quarkus.datasource.jdbc.url=jdbc:postgresql://${DB_HOST:one}/a\nquarkus.datasource.jdbc.max-size=10\n%prod.quarkus.datasource.jdbc.max-size=20\n%{dev,test}.quarkus.datasource.jdbc.max-size=5\n";
    let yaml = "\"%prod\":\n  quarkus:\n    datasource:\n      jdbc:\n        max-size: 30\n";
    let more = ("src/main/resources/application.yaml", yaml);
    let (url, size) = ("quarkus.datasource.jdbc.url", "quarkus.datasource.jdbc.max-size");
    let one = Some("jdbc:postgresql://one/a");
    for (environment, with, expected_url, expected_size) in [
        ("", None, one, Some("20")),
        ("", Some(more), one, Some("30")),
        ("QUARKUS_PROFILE: dev", Some(more), one, Some("5")),
        ("QUARKUS_PROFILE: staging", None, one, Some("10")),
        ("QUARKUS_PROFILE: \"${UNSET}\"", None, None, None),
        ("DB_HOST: db", None, Some("jdbc:postgresql://db/a"), Some("20")),
        ("QUARKUS_DATASOURCE_JDBC_URL: x", None, None, Some("20")),
        ("_PROD_QUARKUS_DATASOURCE_JDBC_MAX_SIZE: 3", None, one, None),
        ("JAVA_OPTS: -Dquarkus.profile=test", None, one, Some("5")),
    ] {
        let compose = compose(environment);
        let mut files = vec![
            ("compose.yaml", compose.as_str()),
            DOCKERFILE,
            ("src/main/resources/application.properties", own),
        ];
        files.extend(with);
        let model = model(&files);
        assert_eq!(received(&model, url).as_deref(), expected_url, "{environment}");
        assert_eq!(received(&model, size).as_deref(), expected_size, "{environment}");
    }
}
