//! Generated texts: nothing breaks, spans fit, secrets stay secret, and the `url` crate sees the same parts.

use percent_encoding::percent_decode_str;
use proptest::prelude::*;

use super::super::{ConnectionString, Part, mask_credentials, parse, parse_as_url_value};
use crate::span::Span;

fn spans(connection: &ConnectionString) -> Vec<Span> {
    let parts = [
        &connection.scheme,
        &connection.driver,
        &connection.user,
        &connection.password,
        &connection.database,
    ];
    let mut all: Vec<Span> = parts.into_iter().flatten().map(|part| part.span).collect();
    for host in &connection.hosts {
        all.push(host.name.span);
        all.extend(host.port.as_ref().map(|port| port.span));
    }
    for param in &connection.params {
        all.extend([param.span, param.name.span]);
        all.extend(param.value.as_ref().map(|value| value.span));
    }
    all.extend(connection.fragment);
    all.extend(connection.flaws.iter().map(|flaw| flaw.span));
    all.extend(&connection.secrets);
    all
}

fn well_formed(text: &str, connection: &ConnectionString) {
    for span in spans(connection) {
        assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    }
    assert!(connection.flaws.is_sorted_by_key(|flaw| flaw.span.start));
    assert!(connection.secrets.is_sorted());
    assert!(connection.secrets.windows(2).all(|pair| pair[0].end < pair[1].start));
    if let Some(password) = &connection.password {
        assert!(connection.secrets.iter().any(|secret| secret.contains(password.span)), "{text:?}");
    }
    let _ = connection.masked(text);
}

fn check(text: &str) {
    for connection in [parse(text), parse_as_url_value(text)].into_iter().flatten() {
        well_formed(text, &connection);
    }
    let _ = mask_credentials(text);
}

/// Pieces that make structure likely.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("postgresql://".to_owned()),
        Just("jdbc:sqlserver://".to_owned()),
        Just("sqlserver://".to_owned()),
        Just("host=".to_owned()),
        Just(" dbname=a".to_owned()),
        Just("Server=".to_owned()),
        Just(";Database=".to_owned()),
        Just("@tcp(".to_owned()),
        Just("${".to_owned()),
        Just("$(".to_owned()),
        Just("{{".to_owned()),
        Just("}}".to_owned()),
        Just("op://".to_owned()),
        Just("\u{F8FF}".to_owned()),
        Just("é".to_owned()),
        "[:/?#@&=;,%'\"\\\\<>(){}\\[\\]. a1]{1,4}",
        "\\PC{0,3}",
    ]
}

proptest! {
    #[test]
    fn any_text(text in "\\PC*") {
        check(&text);
    }

    #[test]
    fn structured_text(pieces in prop::collection::vec(piece(), 0..14)) {
        check(&pieces.concat());
    }

    #[test]
    fn broken_urls(rest in "[a-c1:/?#@&=;,%<>\\[\\]$() \n]{0,24}") {
        check(&format!("postgresql://{rest}"));
        check(&format!("postgresql://u:p@h:1/d?{rest}"));
        check(&format!("jdbc:mysql://{rest}"));
    }

    /// Whatever a password holds, no piece of it is shown.
    #[test]
    fn a_planted_password_is_hidden(
        before in "[/?#@:%&=;$ ]{0,2}",
        after in "[a-z/?#@:%&=;$ ]{0,3}",
        tail in prop_oneof![Just("/app"), Just(""), Just("/app?sslmode=require"), Just("?x=1")],
    ) {
        let text = format!("postgresql://app:{before}S3CR3T{after}@db:5432{tail}");
        let connection = parse(&text).unwrap();
        prop_assert!(!connection.masked(&text).contains("S3CR3T"), "{text}");
        well_formed(&text, &connection);
        let dsn = format!("host=db user=app password='{before}S3CR3T{after}' dbname=x");
        prop_assert!(!parse(&dsn).unwrap().masked(&dsn).contains("S3CR3T"), "{}", dsn);
    }

    /// The replacements of raw delimiters give a URL that means the same and has none left. Without `%`: what looks
    /// like a format verb between two delimiters (`:%i?`) no longer does once one of them is encoded.
    #[test]
    fn replacements_repair(password in "[a-z/?#@ $!&*:;=,+]{1,8}") {
        // What reads as a host and its parameter is taken for them: `@a?a=`.
        let parameter = regex_lite::Regex::new("@[^/?#]*[?][^#]*=").unwrap();
        prop_assume!(!parameter.is_match(&password));
        let text = format!("postgresql://app:q{password}@db:5432/app");
        let connection = parse(&text).unwrap();
        prop_assert_eq!(connection.host(), Some("db"), "{}", text);
        let meant = connection.password.clone().unwrap().value;
        let mut fixed = text.clone();
        for flaw in connection.flaws.iter().rev() {
            fixed.replace_range(flaw.span.range(), flaw.replacement.as_deref().unwrap());
        }
        let again = parse(&fixed).unwrap();
        prop_assert!(again.flaws.is_empty(), "{}", fixed);
        prop_assert_eq!(&again.password.unwrap().value, &meant);
        let url = url::Url::parse(&fixed).unwrap();
        prop_assert_eq!(percent_decode_str(url.password().unwrap()).decode_utf8_lossy(), meant);
    }

    /// The `url` crate sees the same. Known differences: it lower-cases nothing here, but it has an empty
    /// password as none, as we do, and keeps parts encoded; a `host=` parameter is left out, because it
    /// overrides the authority.
    #[test]
    fn agrees_with_the_url_crate(
        scheme in prop_oneof![Just("postgresql"), Just("postgres"), Just("mysql"), Just("mongodb"), Just("mariadb")],
        user in "[a-zA-Z0-9._~%!$&*+=-]{0,6}",
        password in "[a-zA-Z0-9._~%!$&*+=:@;,-]{0,8}",
        host in "[a-z0-9][a-z0-9.-]{0,8}|\\[::1\\]|\\[2001:db8::2\\]",
        port in prop::option::of(1u16..),
        path in "(/[a-zA-Z0-9_~%-]{0,8})?",
        query in prop::option::of("[a-z_]{1,4}=[a-zA-Z0-9%+.]{0,4}(&[a-z_]{1,4}=[a-zA-Z0-9%+.]{0,4}){0,2}"),
        fragment in prop::option::of("[a-z]{0,4}"),
    ) {
        let mut text = format!("{scheme}://{user}:{password}@{host}");
        if let Some(port) = port { text.push_str(&format!(":{port}")); }
        text.push_str(&path);
        if let Some(query) = &query { text.push_str(&format!("?{query}")); }
        if let Some(fragment) = &fragment { text.push_str(&format!("#{fragment}")); }
        // WHATWG parsers resolve `.` in paths, also an encoded one; database clients differ.
        prop_assume!(!path.to_ascii_lowercase().contains("%2e"));
        // What may fill its place from one delimiter to the next is a reference to us (`$NAME`) or a format verb (`%d`).
        let reference = regex_lite::Regex::new("[$%][A-Za-z_]").unwrap();
        let text = reference.replace_all(&text, "0").into_owned();
        let url = url::Url::parse(&text);
        prop_assume!(url.is_ok());
        let url = url.unwrap();
        let ours = parse(&text).unwrap();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let value = |part: Option<&Part>| part.map_or(String::new(), |part| part.value.clone());
        prop_assert_eq!(value(ours.user.as_ref()), decoded(url.username()));
        prop_assert_eq!(value(ours.password.as_ref()), decoded(url.password().unwrap_or_default()));
        prop_assert_eq!(ours.hosts.len(), 1);
        let name = ours.hosts[0].name.value.clone();
        prop_assert_eq!(name, url.host_str().unwrap_or_default().trim_matches(['[', ']']));
        prop_assert_eq!(ours.hosts[0].port_number(), url.port());
        prop_assert_eq!(value(ours.database.as_ref()), decoded(url.path().strip_prefix('/').unwrap_or_default()));
        let pairs: Vec<(String, String)> = ours
            .params
            .iter()
            .map(|param| (param.name.value.clone(), value(param.value.as_ref())))
            .collect();
        let theirs: Vec<(String, String)> =
            url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        prop_assert_eq!(pairs, theirs);
        prop_assert_eq!(ours.fragment.map(|span| &text[span.range()]), url.fragment());
    }
}

/// Hostile input costs no more than its length.
#[test]
fn long_texts_take_no_long_time() {
    let started = std::time::Instant::now();
    for piece in
        ["@", "?k=@a/", "${", "{{", "<a", "&a=1", "%(", "[", "op://", ";a=b", ",", "(", "{your", "a@b:1/"]
    {
        let long = piece.repeat(200_000 / piece.len());
        for start in ["postgresql://", "jdbc:sqlserver://h;", "host=a dbname=", "Server=a;Database=", ""] {
            check(&format!("{start}{long}"));
        }
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
