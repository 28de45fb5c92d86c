use proptest::prelude::*;

use super::*;

type Row = (String, Option<String>, Option<u32>);

/// Name, requirement and major of each dependency; the source of each span is given last.
fn rows(path: &str, text: &str) -> (Vec<Row>, Vec<String>) {
    let read = read(FileId(0), path, text).unwrap();
    let spans = read.dependencies.iter().map(|found| text[found.span.range()].to_owned()).collect();
    (read.dependencies.into_iter().map(|found| (found.name, found.requirement, found.major)).collect(), spans)
}

fn row(name: &str, requirement: &str, major: u32) -> Row {
    (name.to_owned(), Some(requirement.to_owned()), Some(major))
}

fn open(name: &str, requirement: Option<&str>) -> Row {
    (name.to_owned(), requirement.map(str::to_owned), None)
}

#[test]
fn the_place_of_a_manifest() {
    let read = read(FileId(3), "apps/api/package.json", "{}").unwrap();
    assert_eq!((read.file, read.directory.as_str(), read.ecosystem), (FileId(3), "apps/api", "npm"));
    assert!(super::read(FileId(0), "Makefile", "").is_err());
    assert!(super::read(FileId(0), "package.json", "{").is_err());
}

#[test]
fn npm() {
    let text = r#"{"dependencies": {"@prisma/client": "^6.1", "pg": ">=8 <9", "x": "workspace:*"},
        "devDependencies": {"prisma": "^6"}, "optionalDependencies": {"mysql2": "3"}, "peerDependencies": {"knex": "*"}}"#;
    let (found, spans) = rows("package.json", text);
    assert_eq!(
        found,
        [
            row("@prisma/client", "^6.1", 6),
            row("pg", ">=8 <9", 8),
            open("x", Some("workspace:*")),
            row("mysql2", "3", 3),
            open("knex", Some("*"))
        ]
    );
    assert_eq!(spans, ["@prisma/client", "pg", "x", "mysql2", "knex"]);
}

#[test]
fn composer() {
    let text = r#"{"require": {"php": "^8.2", "Doctrine/DBAL": "^4.0"}, "require-dev": {"x/y": "1"}}"#;
    assert_eq!(rows("composer.json", text).0, [row("php", "^8.2", 8), row("doctrine/dbal", "^4.0", 4)]);
}

#[test]
fn requirements_files() {
    let text = "\u{feff}# head\n-r base.txt\n--index-url https://x\nSQLAlchemy[asyncio]==2.0.30 ; python_version >= '3.8'  # orm\npsycopg[binary, pool]>=3.1,<4\nasync_pg\nDjango >=4.2 --hash=sha256:x\nflask@https://x/y.whl\n./local\nhttps://x/z.whl\npeewee \\\n  --hash=x\nzope.interface (>=5)\n";
    let (found, spans) = rows("deploy/requirements-prod.txt", text);
    assert_eq!(
        found,
        [
            row("sqlalchemy", "==2.0.30", 2),
            row("psycopg", ">=3.1,<4", 3),
            open("psycopg-pool", None),
            open("async-pg", None),
            open("django", Some(">=4.2")),
            open("flask", Some("@https://x/y.whl")),
            open("peewee", None),
            open("zope-interface", Some("(>=5)")),
        ]
    );
    assert_eq!(spans[..4], ["SQLAlchemy", "psycopg", " pool", "async_pg"]);
}

#[test]
fn pyproject() {
    let text = "[project]\ndependencies = [\"psycopg[pool]~=3.2\", 'Asyncpg']\n[project.optional-dependencies]\nx = [\"y\"]\n[dependency-groups]\ndev = [\"z\"]\n[tool.poetry.dependencies]\npython = \"^3.12\"\n\"Psycopg_2\" = {version = \"^2.9\", extras = [\"a\"]}\npsycopg = {version = \"3\", extras = [\"pool\"]}\n[tool.poetry.dependencies.sqlalchemy]\nversion = \"^2\"\n[tool.poetry.group.dev.dependencies]\npytest = \"*\"\n";
    let (found, spans) = rows("pyproject.toml", text);
    assert_eq!(
        found,
        [
            row("psycopg", "~=3.2", 3),
            open("psycopg-pool", None),
            open("asyncpg", None),
            row("psycopg-2", "^2.9", 2),
            row("psycopg", "3", 3),
            open("psycopg-pool", None),
            row("sqlalchemy", "^2", 2),
        ]
    );
    assert_eq!(spans[..4], ["psycopg", "pool", "Asyncpg", "Psycopg_2"]);
}

#[test]
fn pipfile() {
    let text = "[packages]\ndjango = \"~=4.2\"\n[dev-packages]\npytest = \"*\"\n";
    assert_eq!(rows("Pipfile", text).0, [row("django", "~=4.2", 4)]);
}

#[test]
fn gemfile() {
    let text = "source \"https://rubygems.org\" # gem \"no\"\ngem \"rails\", \"~> 7.1.3\", \">= 7.1.3.2\"\ngem 'pg', require: false\ngem('mysql2')\ngroup :development, :test do\n  gem \"sqlite3\"\n  platforms :ruby do |x|\n    gem 'byebug'\n  end\nend\ngroup :production do\n  gem 'sequel', '5.1'\nend\nif x\n  gem 'inside'\nend\ngem 'a', '1', group: :test\ngem 'b', :group => [:test, :production]\ngem 'c', groups: [:development, :test]\n";
    let (found, spans) = rows("Gemfile", text);
    assert_eq!(
        found,
        [
            row("rails", "~> 7.1.3, >= 7.1.3.2", 7),
            open("pg", None),
            open("mysql2", None),
            row("sequel", "5.1", 5),
            open("inside", None),
            open("b", None)
        ]
    );
    assert_eq!(spans, ["rails", "pg", "mysql2", "sequel", "inside", "b"]);
}

#[test]
fn go_mod() {
    let text = "module x\n\ngo 1.22\n\nrequire github.com/lib/pq v1.10.9\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.5.0\n\t\"gorm.io/gorm\" v1.25.0 // note\n\tgithub.com/x/y v2.0.0+incompatible\n\tgithub.com/z v0.1.0 // indirect\n)\nexclude (\n\tgithub.com/e v1.0.0\n)\nreplace a => b v1.0.0\n";
    let (found, spans) = rows("go.mod", text);
    assert_eq!(
        found,
        [
            row("github.com/lib/pq", "v1.10.9", 1),
            row("github.com/jackc/pgx/v5", "v5.5.0", 5),
            row("gorm.io/gorm", "v1.25.0", 1),
            row("github.com/x/y", "v2.0.0+incompatible", 2),
        ]
    );
    assert_eq!(spans, ["github.com/lib/pq", "github.com/jackc/pgx/v5", "gorm.io/gorm", "github.com/x/y"]);
}

#[test]
fn cargo() {
    let text = "[package]\nname = \"x\"\n[dependencies]\nsqlx = { version = \"0.8\", features = [\"postgres\"] }\npg = {package = \"tokio-postgres\", version = \"0.7\"}\nshared.workspace = true\n[dev-dependencies]\na = \"1\"\n[build-dependencies]\nb = \"1\"\n[target.'cfg(unix)'.dependencies]\ndiesel = \"2.1\"\n[workspace.dependencies]\nsea-orm = \"1\"\n";
    let (found, spans) = rows("Cargo.toml", text);
    assert_eq!(
        found,
        [
            row("sqlx", "0.8", 0),
            row("tokio-postgres", "0.7", 0),
            open("shared", None),
            row("sea-orm", "1", 1),
            row("diesel", "2.1", 2)
        ]
    );
    assert_eq!(spans, ["sqlx", "tokio-postgres", "shared", "sea-orm", "diesel"]);
}

#[test]
fn maven() {
    let text = "<?xml version=\"1.0\"?>\n<project xmlns=\"m\">\n<properties><pg.version>42.7.3</pg.version></properties>\n<dependencyManagement><dependencies><dependency><groupId>m</groupId><artifactId>m</artifactId></dependency></dependencies></dependencyManagement>\n<dependencies>\n<!-- <dependency><groupId>c</groupId></dependency> -->\n<dependency>\n  <groupId> org.postgresql </groupId>\n  <artifactId>postgresql</artifactId>\n  <version>${pg.version}</version>\n  <exclusions><exclusion><groupId>e</groupId><artifactId>e</artifactId></exclusion></exclusions>\n</dependency>\n<dependency><groupId>com.zaxxer</groupId><artifactId>HikariCP</artifactId><version>5.1.0</version></dependency>\n<dependency><groupId>t</groupId><artifactId>t</artifactId><scope>test</scope></dependency>\n<dependency><groupId>s</groupId><artifactId>s</artifactId><optional/></dependency>\n</dependencies></project>";
    let (found, spans) = rows("pom.xml", text);
    assert_eq!(
        found,
        [
            row("org.postgresql:postgresql", "${pg.version}", 42),
            row("com.zaxxer:HikariCP", "5.1.0", 5),
            open("s:s", None)
        ]
    );
    assert_eq!(spans, ["postgresql", "HikariCP", "s"]);
}

#[test]
fn gradle() {
    let text = "dependencies {\n  implementation 'org.postgresql:postgresql:42.7.3' // c\n  implementation(\"com.zaxxer:HikariCP:5.1.0\")\n  runtimeOnly \"com.mysql:mysql-connector-j\"\n  api \"g:a:$v\"\n  // implementation 'no:no:1'\n  testImplementation 'h:h:1'\n  implementation platform('b:b:1')\n  implementation group: 'g', name: 'n', version: '3.1'\n  implementation libs.jooq\n  implementation project(':core')\n}\n";
    let (found, spans) = rows("build.gradle.kts", text);
    assert_eq!(
        found,
        [
            row("org.postgresql:postgresql", "42.7.3", 42),
            row("com.zaxxer:HikariCP", "5.1.0", 5),
            open("com.mysql:mysql-connector-j", None),
            open("g:a", Some("$v")),
            row("g:n", "3.1", 3)
        ]
    );
    assert_eq!(spans[0], "org.postgresql:postgresql");
    assert_eq!(spans[4], "n");
}

#[test]
fn mix() {
    let text = "defp deps do\n  [\n    {:ecto_sql, \"~> 3.10\"}, {:postgrex, \">= 0.0.0\"},\n    {:x, github: \"a/b\"},\n    {:credo, \"~> 1.7\", only: [:dev, :test]},\n    {:y, \"1.0\", only: :prod} # {:no, \"1\"}\n  ]\nend\n{:ok, value}\n";
    let (found, spans) = rows("mix.exs", text);
    assert_eq!(
        found,
        [
            row("ecto_sql", "~> 3.10", 3),
            open("postgrex", Some(">= 0.0.0")),
            open("x", None),
            row("y", "1.0", 1)
        ]
    );
    assert_eq!(spans, ["ecto_sql", "postgrex", "x", "y"]);
}

#[test]
fn nuget() {
    let text = "<Project Sdk=\"x\"><ItemGroup>\n<PackageReference Include=\"Npgsql\" Version='8.0.1' />\n<PackageReference Version=\"7.0\" Include=\"Dapper\"><PrivateAssets>all</PrivateAssets></PackageReference>\n<PackageReference Include=\"EF\"><Version>9.0.0</Version></PackageReference>\n<Version>1.0</Version></ItemGroup></Project>";
    let (found, spans) = rows("src/App.csproj", text);
    assert_eq!(found, [row("Npgsql", "8.0.1", 8), row("Dapper", "7.0", 7), row("EF", "9.0.0", 9)]);
    assert_eq!(spans, ["Npgsql", "Dapper", "EF"]);
}

const MANIFESTS: [&str; 12] = [
    "package.json",
    "composer.json",
    "pyproject.toml",
    "Pipfile",
    "requirements.txt",
    "Gemfile",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "mix.exs",
    "a.csproj",
];

proptest! {
    #[test]
    fn any_text_is_taken(text in "(gem |group: |implementation |require |\\{:|name: |only:|<dependency>|</|<PackageReference Include=|[a=\\[\\]{}<>(),\"'/:;#@é \n.1-]){0,40}") {
        for path in MANIFESTS {
            match read(FileId(0), path, &text) {
                Ok(found) => for found in found.dependencies {
                    prop_assert!(text.get(found.span.range()).is_some());
                },
                Err(error) => prop_assert!(text.get(error.span.range()).is_some()),
            }
        }
    }
}
