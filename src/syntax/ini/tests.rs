use proptest::prelude::*;

use super::*;
use crate::syntax::node::check;

fn flat(text: &str, dialect: Dialect) -> Vec<(String, String, String)> {
    let ini = parse(text, dialect);
    let mut rows = Vec::new();
    for section in ini.sections {
        for setting in section.settings {
            rows.push((section.name.clone(), setting.key, setting.value.as_str().to_owned()));
        }
    }
    rows
}

fn rows(expected: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    expected.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

#[test]
fn pgbouncer_keeps_values_whole() {
    let text = "\u{feff}; head\n[databases]\n# c\n* = host=db port=5432 # not a comment\n\"my \"\"db\" = host='a b' password='x;y'\napp=  \n[pgbouncer]\r\npool_mode = transaction ; fast  \r\n  max_client_conn=1_00\n%include other.ini\nloose\n[pgbouncer]\nlisten_port = 1\n";
    assert_eq!(
        flat(text, Dialect::PgBouncer),
        rows(&[
            ("databases", "*", "host=db port=5432 # not a comment"),
            ("databases", "my \"db", "host='a b' password='x;y'"),
            ("databases", "app", ""),
            ("pgbouncer", "pool_mode", "transaction ; fast"),
            ("pgbouncer", "max_client_conn", "1_00"),
            ("pgbouncer", "%include", "other.ini"),
            ("pgbouncer", "listen_port", "1"),
        ])
    );
    let ini = parse(text, Dialect::PgBouncer);
    let at = |span: Span| &text[span.range()];
    assert_eq!(ini.sections.len(), 4);
    assert_eq!(at(ini.sections[1].span), "[databases]");
    assert_eq!(at(ini.sections[1].settings[1].key_span), "\"my \"\"db\"");
    assert_eq!(at(ini.sections[2].settings[0].value_span), "transaction ; fast");
    assert_eq!(ini.comments.iter().map(|span| at(*span)).collect::<Vec<_>>(), ["; head", "# c"]);
    assert_eq!(ini.strays.iter().map(|span| at(*span)).collect::<Vec<_>>(), ["loose"]);
}

#[test]
fn postgres_takes_quotes_comments_and_lines_without_a_sign() {
    let text = "# head\nmax_connections = 200\t# (change)\nPort 5433\nlisten_addresses='*'\nnote = 'it''s \\'so\\' # fine' # c\nempty = ''\ninclude_if_exists 'more.conf'\nbad = 1 2\nopen = 'x\nalone\n[x]\nshared_preload_libraries = 'a,b'\n; = 1\n";
    assert_eq!(
        flat(text, Dialect::Postgres),
        rows(&[
            ("", "max_connections", "200"),
            ("", "port", "5433"),
            ("", "listen_addresses", "*"),
            ("", "note", "it's 'so' # fine"),
            ("", "empty", ""),
            ("", "include_if_exists", "more.conf"),
            ("", "shared_preload_libraries", "a,b"),
            ("", ";", "1"),
        ])
    );
    let ini = parse(text, Dialect::Postgres);
    let note = &ini.sections[0].settings[3];
    assert_eq!(&text[note.value_span.range()], "'it''s \\'so\\' # fine'");
    assert_eq!(check::text(text, &note.value), ["=it", "'<''", "=s ", "'<\\'", "=so", "'<\\'", "= # fine"]);
    let at = |spans: &[Span]| spans.iter().map(|span| text[span.range()].to_owned()).collect::<Vec<_>>();
    assert_eq!(at(&ini.comments), ["# head", "# (change)", "# c"]);
    assert_eq!(at(&ini.strays), ["bad = 1 2", "open = 'x", "alone", "[x]"]);
}

#[test]
fn mysql_folds_keys_and_takes_bare_ones() {
    let text = "[client]\nport=3306\n[mysqld] # server\nMax-Connections = 500 # many\nskip-networking\nsocket = \"/tmp/a # b\"\nsql_mode='X' junk\nname = a\\sb\n; c\n!includedir /etc/mysql/conf.d\ntwo words\n";
    assert_eq!(
        flat(text, Dialect::MySql),
        rows(&[
            ("client", "port", "3306"),
            ("mysqld", "max_connections", "500"),
            ("mysqld", "skip_networking", ""),
            ("mysqld", "socket", "/tmp/a # b"),
            ("mysqld", "sql_mode", "'X' junk"),
            ("mysqld", "name", "a b"),
            ("mysqld", "!includedir", "/etc/mysql/conf.d"),
        ])
    );
    let ini = parse(text, Dialect::MySql);
    assert_eq!(ini.strays.len(), 1);
    assert_eq!(ini.comments.len(), 3);
}

proptest! {
    #[test]
    fn any_text_is_taken(text in "([a=\\[\\]#;'\"\\\\ \té\n%!-]|\r\n|''|key = ){0,40}") {
        for dialect in [Dialect::PgBouncer, Dialect::Postgres, Dialect::MySql] {
            let ini = parse(&text, dialect);
            for span in ini.comments.iter().chain(&ini.strays) {
                prop_assert!(text.get(span.range()).is_some_and(|line| !line.contains('\n')));
            }
            for section in &ini.sections {
                prop_assert!(text.get(section.span.range()).is_some());
                for setting in &section.settings {
                    prop_assert!(text.get(setting.key_span.range()).is_some());
                    prop_assert!(text.get(setting.value_span.range()).is_some());
                    check::text(&text, &setting.value);
                }
            }
        }
    }
}
