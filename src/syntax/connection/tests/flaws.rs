//! What is wrong, where exactly, and what would put it right.

use super::super::{FlawKind, parse_as_url_value};
use super::{flaws, read};

fn check(table: &[(&str, &[&str])]) {
    for (text, expected) in table {
        assert_eq!(flaws(text, &read(text)), *expected, "{text}");
    }
}

#[test]
fn sound_ones_have_none() {
    for text in [
        "postgresql://app:x@db:5432/app",
        "postgresql://app:$!&*:;=,+~'()@db:5432/app?schema=public&connection_limit=10",
        "postgresql://app:p%40ss%231%2F%3F%25@db:5432/app",
        "postgres://u:p@/db?host=/cloudsql/project:region:instance",
        "mysql+pymysql://u:p@/db?unix_socket=/cloudsql/p:r:i",
        "postgresql://%2Fvar%2Frun%2Fpostgresql/app",
        "postgresql://host/db?user=me@corp&password=x",
        "postgresql://u:p@host:5432/db?email=a@b.example",
        "mongodb://u:p@h1:27017,h2:27017/?replicaSet=rs0&authSource=admin",
        "mongodb+srv://u:p@cluster0.abc.mongodb.net/app?retryWrites=true&w=majority",
        "postgresql://h/db?options=-c%20search_path%3Da&options=-c%20statement_timeout%3D1",
        "postgresql+asyncpg://u:p@h/db?host=a:1&host=b:2",
        "mssql+pyodbc://sa:p@h:1433/db?driver=ODBC+Driver+18+for+SQL+Server",
        "sqlserver://h:1433;database=app;user=sa;password={pa;ss};encrypt=true",
        "prisma://accelerate.prisma-data.net/?api_key=abc",
        "postgresql://user:password@localhost:5432/app",
        "postgres://postgres:postgres@host.docker.internal:5432/app",
        "postgresql://app:x@db:5432/app?statement=a%3Fb",
    ] {
        assert_eq!(flaws(text, &read(text)), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn two_forms_in_one() {
    check(&[
        ("mysql://user:pw@tcp(db:3306)/app", &["go-address \"tcp(db:3306)\""]),
        ("user:pw@tcp(db:3306)/app", &[]),
    ]);
    let parsed = read("mysql://u:p@tcp(db:3307)/app?tls=true");
    assert_eq!((parsed.host(), parsed.port()), (Some("db"), Some(3307)));
}

#[test]
fn quotes_and_misspelt_keywords_of_a_value() {
    for (text, expected, host) in [
        (
            "\"postgresql://app:x@db/app\"",
            &["quoted \"\\\"postgresql://app:x@db/app\\\"\""] as &[&str],
            Some("db"),
        ),
        ("'host=db dbname=app'", &["quoted \"'host=db dbname=app'\""], Some("db")),
        ("hots=db dbname=app", &["misspelt-keyword \"hots\" -> \"host\""], None),
        ("host=db dbnam=app user=x", &["misspelt-keyword \"dbnam\" -> \"dbname\""], Some("db")),
        ("host=db dbname=app user=x pool_size=5 database=y", &[], Some("db")),
    ] {
        let parsed = parse_as_url_value(text).expect(text);
        assert_eq!(flaws(text, &parsed), expected, "{text}");
        assert_eq!(parsed.host(), host, "{text}");
    }
    // What only resembles one, or names nothing that a client would look for.
    for text in ["usr=x pssword=y", "hosting=1 colour=red", "port=1 hue=2"] {
        assert!(parse_as_url_value(text).is_none(), "{text}");
    }
}

#[test]
fn credentials() {
    check(&[
        (
            "postgresql://app:p@ss#1@db:5432/app",
            &["at-in-credentials \"@\" -> \"%40\"", "hash-in-credentials \"#\" -> \"%23\""],
        ),
        ("postgresql://app:pa/ss@db:5432/app", &["slash-in-credentials \"/\" -> \"%2F\""]),
        ("postgresql://app:12/ss@db:5432/app", &["slash-in-credentials \"/\" -> \"%2F\""]),
        ("postgresql://app:pa?ss@db/app", &["question-in-credentials \"?\" -> \"%3F\""]),
        ("postgresql://app:pa?s=s@db/app", &["question-in-credentials \"?\" -> \"%3F\""]),
        (
            "postgresql://app:p@ss/w@db:5432/app?x=1",
            &["at-in-credentials \"@\" -> \"%40\"", "slash-in-credentials \"/\" -> \"%2F\""],
        ),
        ("postgresql://app:100%@db/app", &["bad-percent-in-credentials \"%\" -> \"%25\""]),
        ("postgresql://app:a%zz%41@db/app", &["bad-percent-in-credentials \"%\" -> \"%25\""]),
        ("postgresql://app:a b@db/app", &["space-in-credentials \" \" -> \"%20\""]),
    ]);
    // No valid host, so nothing tells where the credentials end: no replacement.
    let text = "postgresql://a@pp:x@/app";
    assert!(
        read(text)
            .flaws
            .iter()
            .any(|flaw| flaw.kind == FlawKind::AtInCredentials && flaw.replacement.is_none())
    );
}

#[test]
fn authority() {
    check(&[
        ("postgresql://app:x@db:54a2/app", &["bad-port \"54a2\""]),
        ("postgresql://app:x@db:65536/app", &["bad-port \"65536\""]),
        ("postgresql://app:x@db:+1/app", &["bad-port \"+1\""]),
        ("postgresql://app:54a2/app", &["bad-port \"54a2\""]),
        ("postgresql://app:x@:5432/app", &["missing-host \"\""]),
        ("postgresql://app:x@/app", &["missing-host \"\""]),
        ("postgresql://", &["missing-authority \"\""]),
        ("postgresql://h1,h2:5433/app", &["several-hosts \"h1,h2:5433\""]),
        ("posgresql://h/app", &["misspelt-scheme \"posgresql\" -> \"postgresql\""]),
        ("postgress://h/app", &["misspelt-scheme \"postgress\" -> \"postgres\""]),
        ("mysqll://h/app", &["misspelt-scheme \"mysqll\" -> \"mysql\""]),
        ("postgre+asyncpg://h/app", &["misspelt-scheme \"postgre\" -> \"postgres\""]),
        ("jdbc:postgres://h/app", &["misspelt-scheme \"postgres\" -> \"postgresql\""]),
    ]);
}

#[test]
fn query() {
    check(&[
        (
            "postgresql://h/db?schema=public&sslmode=prefer?connection_limit=10",
            &["second-question-mark \"?\" -> \"&\""],
        ),
        ("postgresql://h/db?a=1&amp;b=2", &["ampersand-entity \"&amp;\" -> \"&\""]),
        ("postgresql://h/db?sslmode", &["missing-equals \"sslmode\""]),
        ("postgresql://h/db?a=1;b=2", &["semicolon-separator \";\" -> \"&\""]),
        ("postgresql://h/db?a=1&b=3&a=2", &["duplicate-param \"a=2\""]),
        ("postgresql://h/db?a=1&a=1", &[]),
        ("postgresql://h/db?a=1&&b=2&", &[]),
        (
            "postgresql://h/db?application_name=%app%",
            &["bad-percent \"%\" -> \"%25\"", "bad-percent \"%\" -> \"%25\""],
        ),
        ("postgresql://h/db?a=b c", &["space \" \" -> \"%20\""]),
        ("jdbc:mysql://h/db?sessionVariables=a=1;b=2", &[]),
        ("jdbc:sqlserver://h:1433;databaseName=app;user=sa;password=x", &[]),
    ]);
    let swallowed = read("postgresql://h/db?sslmode=prefer?connection_limit=10");
    assert_eq!(swallowed.param("connection_limit"), None);
    assert_eq!(
        swallowed.param("sslmode").unwrap().value.as_ref().unwrap().value,
        "prefer?connection_limit=10"
    );
}

#[test]
fn placeholders() {
    check(&[
        (
            "postgresql://postgres:[YOUR-PASSWORD]@db.abc.supabase.co:5432/postgres",
            &["placeholder \"[YOUR-PASSWORD]\""],
        ),
        (
            "postgres://postgres.[project-ref]:x@aws-0-[region].pooler.supabase.com:6543/postgres",
            &["placeholder \"[project-ref]\"", "placeholder \"[region]\""],
        ),
        (
            "postgresql://<USER>:<PASSWORD HERE>@<HOST>:<PORT>/<DB>",
            &[
                "placeholder \"<USER>\"",
                "placeholder \"<PASSWORD HERE>\"",
                "placeholder \"<HOST>\"",
                "placeholder \"<PORT>\"",
                "placeholder \"<DB>\"",
            ],
        ),
        (
            "postgresql://USER:PASSWORD@HOST:5432/app",
            &["placeholder \"USER\"", "placeholder \"PASSWORD\"", "placeholder \"HOST\""],
        ),
        (
            "postgresql://user:password@host:5432/app",
            &["placeholder \"user\"", "placeholder \"password\"", "placeholder \"host\""],
        ),
        ("postgresql://app:changeme@db/app", &["placeholder \"changeme\""]),
        ("postgresql://app:CHANGE_ME@db/app", &["placeholder \"CHANGE_ME\""]),
        (
            "postgresql://app:xxxxxx@xxx.xxx.xxx.xxx/app",
            &["placeholder \"xxxxxx\"", "placeholder \"xxx.xxx.xxx.xxx\""],
        ),
        ("postgresql://__USER__:x@__HOST__/app", &["placeholder \"__USER__\"", "placeholder \"__HOST__\""]),
        ("postgresql://app:your_password@db/app", &["placeholder \"your_password\""]),
        ("mysql://u:p@host[:port]/db", &["placeholder \"[:port]\""]),
        (
            "Server=tcp:x.database.windows.net,1433;Initial Catalog=app;User ID=sa;Password={your_password};",
            &["placeholder \"{your_password}\""],
        ),
        ("postgresql://app:password@db/app", &[]),
        ("postgresql://user:password@db/app", &[]),
        ("postgresql://app:hello<ther>e@db/app", &[]),
        ("postgresql://[2001:db8::1]/app", &[]),
    ]);
}

#[test]
fn white_space_and_control_characters() {
    check(&[
        ("postgresql://h/app\n", &["control-character \"\\n\" -> \"\""]),
        (" postgresql://h/app", &["space \" \" -> \"\""]),
        ("postgresql://h/a\rb", &["control-character \"\\r\""]),
        ("postgresql://h/a\0b", &["control-character \"\\0\""]),
        ("postgresql://u:a\tb@h/a", &["control-character \"\\t\""]),
    ]);
}

#[test]
fn unresolved_references_cause_none() {
    for text in [
        "postgresql://app:\u{F8FF}@db:\u{F8FF}/app?connection_limit=\u{F8FF}",
        "postgresql://\u{F8FF}/app",
        "postgresql://\u{F8FF}",
        "postgresql://\u{F8FF}@\u{F8FF}/\u{F8FF}?\u{F8FF}",
        "postgresql://$(USER):$(PASSWORD)@$(HOST):$(PORT)/$(DB)",
        "postgresql://${U:-a@b/c?d#e}:${P:?no password / given}@${H}:${PORT:-5432}/${D}?x=${Y}",
        "postgresql://{{ .Values.user }}:{{ .Values.password | quote }}@{{ .Release.Name }}-db:{{ .Values.port }}/app",
        "postgresql://${{ secrets.USER }}:${{ secrets.PASSWORD }}@db/app",
        "postgresql://app:op://vault/item/field@db:5432/app",
        "postgresql://%s:%s@%s:%s/%s",
        "postgresql://{user}:{password}@{host}:{port}/{name}",
        "postgresql://app:$DB_PASSWORD@$DB_HOST:$DB_PORT/app",
        "postgresql://<%= ENV['A'] %>:x@<%= ENV['H'] %>:<%= ENV['P'] %>/app",
        "host=${DB_HOST} port=${DB_PORT} user=app dbname=app",
        "Host=${DB_HOST};Port=${DB_PORT};Database=app;Username=app;Password=${PW}",
    ] {
        assert_eq!(flaws(text, &read(text)), Vec::<String>::new(), "{text}");
    }
}
