//! Values where a URL is expected, and what is shown of them.

use super::super::{FlawKind, mask_credentials, parse_as_url_value};
use super::read;

#[test]
fn values_without_scheme() {
    for (text, host) in [
        ("db:5432/app", Some("db")),
        ("//user:pw@host/db", Some("host")),
        ("postgresql:/x", None),
        ("postgresql:user:pw@host/db", Some("host")),
        ("user:pw@host:5432/db", Some("host")),
        ("changeme", None),
    ] {
        let connection = parse_as_url_value(text).unwrap_or_else(|| panic!("{text}"));
        assert!(connection.flaws.iter().any(|flaw| flaw.kind == FlawKind::MissingScheme), "{text}");
        if host.is_some() {
            assert_eq!(connection.host(), host, "{text}");
        }
        assert!(!connection.masked(text).contains("pw"), "{text}");
    }
}

#[test]
fn words_that_stand_for_a_whole_url() {
    for (text, placeholder) in [
        ("your_database_url", true),
        ("YOUR_DATABASE_URL_HERE", true),
        ("changeme", true),
        ("<your-database-url>", true),
        ("xxx", true),
        ("hunter2", false),
        ("database", false),
    ] {
        let connection = parse_as_url_value(text).unwrap_or_else(|| panic!("{text}"));
        let found = connection.flaws.iter().filter(|flaw| flaw.kind == FlawKind::Placeholder);
        let texts: Vec<_> = found.filter_map(|flaw| text.get(flaw.span.range())).collect();
        assert_eq!(texts, if placeholder { vec![text] } else { vec![] }, "{text}");
    }
}

#[test]
fn values_that_are_something_else() {
    for text in [
        "",
        " ",
        "\u{F8FF}",
        "${DB_SCHEME}://x/y",
        "file:./dev.db",
        "sqlite:///x.db",
        "sqlite://./x.db",
        "redis://h:6379",
        "https://proxy/?api=1",
        ":memory:",
        "/data/app.db",
        "./app.sqlite",
        "C:\\data\\app.mdb",
        "true",
        "none",
        "op://vault/db/url",
        "arn:aws:secretsmanager:eu-west-1:1:secret:db",
        "vault:secret/data/db#url",
        "@Microsoft.KeyVault(SecretUri=https://x)",
        "ENC[AES256_GCM,data:x]",
        "{{ .Values.url }}",
        "jdbc:h2:mem:x",
        "foo://bar",
    ] {
        assert!(parse_as_url_value(text).is_none(), "{text}");
    }
    // A libpq DSN stays one.
    let dsn = parse_as_url_value("host=db user=a dbname=b").unwrap();
    assert_eq!(dsn.flaws, []);
}

#[test]
fn masked_texts() {
    for (text, shown) in [
        (
            "postgresql://app:s3cret@db:5432/shop?connection_limit=10",
            "postgresql://app:***@db:5432/shop?connection_limit=10",
        ),
        ("postgresql://app@db/shop", "postgresql://app@db/shop"),
        ("postgresql://app:\u{F8FF}@db:\u{F8FF}/app", "postgresql://app:***@db:…/app"),
        ("postgresql://app:s3/cr#et@db/app", "postgresql://***@db/app"),
        ("postgresql://app:54a2/app", "postgresql://app:***/app"),
        ("postgresql://app:53/cret@db", "postgresql://***@db"),
        (
            "postgresql://h/db?user=a&password=se#cret&sslmode=x",
            "postgresql://h/db?user=a&password=***&sslmode=x",
        ),
        ("postgresql://h/db?sslmode=prefer?password=x", "postgresql://h/db?sslmode=prefer?password=***"),
        ("prisma://h/?api_key=abc", "prisma://h/?api_key=***"),
        ("host=h user=u password='a b' dbname=d", "host=h user=u password='***' dbname=d"),
        ("host=h user=u password=a b dbname=d", "host=h user=u password=*** *** dbname=d"),
        ("Host=h;Database=d;Password=x;Username=u", "Host=h;Database=d;Password=***;Username=u"),
        ("u:p@tcp(h:1)/d", "u:***@tcp(h:1)/d"),
        ("jdbc:sqlserver://h;user=a;password=b", "jdbc:sqlserver://h;user=a;password=***"),
    ] {
        assert_eq!(read(text).masked(text), shown, "{text}");
        assert_eq!(mask_credentials(text), shown, "{text}");
    }
    for (text, shown) in [
        ("redis://:secret@cache:6379/0", "redis://:***@cache:6379/0"),
        ("amqp://u:p@a,amqp://u:q@b", "amqp://u:***@b"),
        ("run --url redis://u:p@h --x 'amqp://token@h'", "run --url redis://u:***@h --x 'amqp://***@h'"),
        ("plain text \u{F8FF}", "plain text …"),
    ] {
        assert_eq!(mask_credentials(text), shown, "{text}");
    }
}

#[test]
fn debug_output_hides_the_password() {
    let shown = format!("{:?}", read("postgresql://app:s3cret@db:5432/shop?password=hidden"));
    assert!(!shown.contains("s3cret") && !shown.contains("hidden"), "{shown}");
}
