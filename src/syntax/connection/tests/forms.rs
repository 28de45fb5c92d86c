//! DSNs, JDBC, ADO.NET, Go's MySQL DSN, and what is none of them.

use super::super::{ConnectionString, Database, Form, looks_like, parse};
use super::{hosts, read};

type Row = (&'static str, Form, Database, &'static str, &'static str, &'static str, &'static str);

fn value(part: Option<&super::super::Part>) -> &str {
    part.map_or("", |part| part.value.as_str())
}

fn parts(connection: &ConnectionString) -> (String, &str, &str, &str) {
    (
        hosts(connection).join(","),
        value(connection.user.as_ref()),
        value(connection.password.as_ref()),
        value(connection.database.as_ref()),
    )
}

#[test]
fn every_form() {
    use Database::{CockroachDb, MariaDb, MongoDb, MySql, PostgreSql, PrismaProxy, SqlServer};
    let rows: &[Row] = &[
        (
            "host=db port=5432 user=app password=s dbname=app",
            Form::KeyValue,
            PostgreSql,
            "db:5432",
            "app",
            "s",
            "app",
        ),
        ("host=h1,h2 port=1,2 dbname=a", Form::KeyValue, PostgreSql, "h1:1,h2:2", "", "", "a"),
        ("host=h1,h2 port=7 dbname=a", Form::KeyValue, PostgreSql, "h1:7,h2:7", "", "", "a"),
        (
            "user = app  password = 'a b\\'c\\\\' dbname=x host=/tmp",
            Form::KeyValue,
            PostgreSql,
            "/tmp",
            "app",
            "a b'c\\",
            "x",
        ),
        ("user=app password=a\\ b dbname=x", Form::KeyValue, PostgreSql, "", "app", "a b", "x"),
        ("host=db port=5432", Form::KeyValue, PostgreSql, "db:5432", "", "", ""),
        (
            "jdbc:postgresql://h1:1,h2:2/db?user=a&password=b",
            Form::Jdbc,
            PostgreSql,
            "h1:1,h2:2",
            "a",
            "b",
            "db",
        ),
        ("jdbc:postgresql:db", Form::Jdbc, PostgreSql, "", "", "", "db"),
        ("jdbc:mysql://a:b@h:3306/db", Form::Jdbc, MySql, "h:3306", "a", "b", "db"),
        ("jdbc:mysql:loadbalance://h1,h2/db", Form::Jdbc, MySql, "h1,h2", "", "", "db"),
        ("jdbc:mariadb://h/db?user=a&password=b", Form::Jdbc, MariaDb, "h", "a", "b", "db"),
        ("jdbc:otel:postgresql://h/db", Form::Jdbc, PostgreSql, "h", "", "", "db"),
        ("jdbc-secretsmanager:postgresql://h:1/db", Form::Jdbc, PostgreSql, "h:1", "", "", "db"),
        (
            "jdbc:sqlserver://h\\i:1433;databaseName=db;user=sa;password={a;b}}c};encrypt=true",
            Form::Jdbc,
            SqlServer,
            "h\\i:1433",
            "sa",
            "a;b}c",
            "db",
        ),
        ("r2dbc:postgresql://a:b@h:1/db", Form::Url, PostgreSql, "h:1", "a", "b", "db"),
        ("r2dbc:pool:postgres://a:b@h:1/db", Form::Url, PostgreSql, "h:1", "a", "b", "db"),
        (
            "sqlserver://h:1433;database=db;user=sa;password=x",
            Form::Url,
            SqlServer,
            "h:1433",
            "sa",
            "x",
            "db",
        ),
        ("sqlserver://sa:pa;ss@h:1433/db", Form::Url, SqlServer, "h:1433", "sa", "pa;ss", "db"),
        (
            "Host=db;Port=5432;Database=app;Username=u;Password=p",
            Form::AdoNet,
            PostgreSql,
            "db:5432",
            "u",
            "p",
            "app",
        ),
        (
            "Host=db:5432;Port=5433;Database=app;Username=u;Password=p;",
            Form::AdoNet,
            PostgreSql,
            "db:5432",
            "u",
            "p",
            "app",
        ),
        (
            "Server=db;Port=5432;Database=app;User Id=u;Password=p;;Pooling=true",
            Form::AdoNet,
            PostgreSql,
            "db:5432",
            "u",
            "p",
            "app",
        ),
        (
            "Server=tcp:h,1433;Initial Catalog=app;User ID=u;Password=\"p;\"\"q\"",
            Form::AdoNet,
            SqlServer,
            "h:1433",
            "u",
            "p;\"q",
            "app",
        ),
        ("server=h;port=3306;database=app;uid=u;pwd=p", Form::AdoNet, MySql, "h:3306", "u", "p", "app"),
        (
            "Driver={ODBC Driver 18 for SQL Server};Server=h;Database=a;Uid=u;Pwd={p}",
            Form::AdoNet,
            SqlServer,
            "h",
            "u",
            "p",
            "a",
        ),
        ("u:p@ss/w@tcp(h:3306)/db?parseTime=true", Form::Url, MySql, "h:3306", "u", "p@ss/w", "db"),
        ("u:p@unix(/run/mysqld.sock)/db", Form::Url, MySql, "/run/mysqld.sock", "u", "p", "db"),
        ("u@tcp([::1]:3306)/db", Form::Url, MySql, "::1:3306", "u", "", "db"),
        ("cockroachdb://u@h/db", Form::Url, CockroachDb, "h", "u", "", "db"),
        ("ecto://u:p@h/db", Form::Url, PostgreSql, "h", "u", "p", "db"),
        ("mongodb://u:p@h1:1,h2/db", Form::Url, MongoDb, "h1:1,h2", "u", "p", "db"),
        (
            "prisma+postgres://localhost:51213/?api_key=k",
            Form::Url,
            PrismaProxy,
            "localhost:51213",
            "",
            "",
            "",
        ),
        ("POSTGRESQL://u:p@h/db", Form::Url, PostgreSql, "h", "u", "p", "db"),
    ];
    for (text, form, kind, hosts, user, password, database) in rows {
        let connection = read(text);
        assert_eq!(connection.form, *form, "{text}");
        assert_eq!(connection.database_kind, *kind, "{text}");
        assert_eq!(parts(&connection), ((*hosts).to_owned(), *user, *password, *database), "{text}");
        assert_eq!(
            connection.flaws.iter().filter(|flaw| flaw.kind.name() != "several-hosts").count(),
            0,
            "{text}"
        );
        assert!(looks_like(text), "{text}");
    }
}

#[test]
fn schemes_and_drivers() {
    for (text, scheme, driver) in [
        ("postgresql+asyncpg://h/db", "postgresql", "asyncpg"),
        ("mysql+mysqldb://h/db", "mysql", "mysqldb"),
        ("mongodb+srv://h/db", "mongodb+srv", ""),
        ("prisma+postgres://h/", "prisma+postgres", ""),
        ("jdbc:p6spy:mysql://h/db", "jdbc:mysql", ""),
        ("jdbc:aws-wrapper:postgresql://h/db", "jdbc:postgresql", ""),
        ("jdbc-secretsmanager:postgresql://h/db", "jdbc-secretsmanager:postgresql", ""),
        ("r2dbc:pool:postgresql://h/db", "r2dbc:postgresql", ""),
        ("jdbc:postgresql://h/db", "jdbc:postgresql", ""),
        ("posgresql+psycopg://h/db", "posgresql", "psycopg"),
    ] {
        let connection = read(text);
        assert_eq!(
            (value(connection.scheme.as_ref()), value(connection.driver.as_ref())),
            (scheme, driver),
            "{text}"
        );
    }
}

#[test]
fn what_is_none() {
    for text in [
        "",
        "   ",
        "\u{F8FF}",
        "${DATABASE_URL}",
        "redis://:secret@cache:6379/0",
        "rediss://h:6379",
        "amqp://guest:guest@rabbit:5672/",
        "https://example.com/?a=b",
        "kafka://h:9092",
        "nats://h:4222",
        "s3://bucket/key",
        "file:./dev.db",
        "sqlite:///app.db",
        "sqlite+aiosqlite:///app.db",
        "clickhouse://h/db",
        "neo4j://h",
        "mssqlx://h",
        "jdbc:h2:mem:test",
        "jdbc:oracle:thin:@h:1521:x",
        "postgres:16-alpine",
        "postgres",
        "db:5432",
        "host=localhost;username=guest;password=guest",
        "Data Source=app.db;Cache=Shared",
        "Data Source=//h:1521/x;User Id=u;Password=p",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b",
        "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=b",
        "localhost:6379,password=x",
        "host=logs facility=local0",
        "max_connections=200 shared_buffers=1GB",
        "host=db\nport=5432\nuser=app\npassword=x\n",
        "./server host=db user=app dbname=x",
        "echo hi (there)/x",
    ] {
        assert!(parse(text).is_none(), "{text}");
        assert!(!looks_like(text), "{text}");
    }
}

#[test]
fn unknown_parts_are_unknown() {
    let all = read("postgresql://\u{F8FF}/app");
    assert_eq!((all.host(), all.port()), (None, None));
    assert!(all.user.as_ref().is_some_and(|user| user.known().is_none()));
    assert_eq!(all.hosts.len(), 1);
    let some = read("postgresql://app:\u{F8FF}@db:\u{F8FF}/app?connection_limit=\u{F8FF}");
    assert_eq!((some.host(), some.port()), (Some("db"), None));
    assert_eq!(some.user.as_ref().unwrap().known(), Some("app"));
    assert_eq!(some.param("connection_limit").unwrap().value.as_ref().unwrap().known(), None);
    let host = read("postgresql://app:x@\u{F8FF}/app");
    assert_eq!((host.host(), host.port()), (None, None));
    let credentials = read("postgresql://\u{F8FF}@db/app");
    assert!(credentials.password.as_ref().is_some_and(|password| password.known().is_none()));
    assert_eq!((credentials.host(), credentials.port()), (Some("db"), Some(5432)));
}
