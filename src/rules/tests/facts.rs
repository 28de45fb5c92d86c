//! What is stated about connection strings, their parameters and pools, on models made by hand.

use super::super::facts::{Facts, Subject, all_subjects};
use super::super::page::SubjectKind;
use super::*;
use crate::model::{
    Address, Client, Connection, Consumer, ConsumerKind, Container, Demand, Evidence, Numbers, Pool, Role,
    Server, Setting, Size, Source, Verdict,
};
use crate::rules::facts::FactValue;
use crate::span::{SpanText, Text, UNKNOWN};
use crate::syntax::connection::parse;

/// A deployment whose workload `api` has one connection, written in a file.
struct Case {
    world: World,
    file: FileId,
}

impl Case {
    fn new(url: &str, client: Option<&str>) -> Self {
        let mut world = World::default();
        let file = world.file(".env", &format!("DATABASE_URL={url}\n"));
        let text = Text::written(&SpanText::verbatim(url, "DATABASE_URL=".len()), file);
        let parsed = parse(url).unwrap();
        let client = client.map(|label| Client {
            id: label.split('@').next().unwrap().to_owned(),
            label: label.to_owned(),
            evidence: Evidence { reason: "a test".to_owned(), place: None },
            guessed: false,
        });
        let connection = Connection {
            variable: "DATABASE_URL".to_owned(),
            aliases: Vec::new(),
            repeats: None,
            database_kind: parsed.database_kind,
            address: Address { host: parsed.host().map(str::to_owned), port: parsed.port(), reference: None },
            user: None,
            database: None,
            client,
            pool: Pool::default(),
            administrative: false,
            schema_provider: None,
            source: Source::Url { text, parsed: Box::new(parsed) },
        };
        world.deployment("compose.yaml", Environment::Production);
        let container = Container {
            name: "api".to_owned(),
            image: None,
            role: Role::Main,
            environment: std::collections::BTreeMap::new(),
            open_environment: None,
            command: Vec::new(),
            shell: false,
            build: None,
            dockerfile: None,
            base: None,
            mounts: Vec::new(),
            ports: Vec::new(),
            connections: vec![connection],
            processes: Located::of(2, Basis::Written),
        };
        let mut case = Self { world, file };
        case.api().containers.push(container);
        case
    }

    fn api(&mut self) -> &mut Workload {
        &mut self.world.model.deployments[0].workloads[0]
    }

    fn connection(&mut self) -> &mut Connection {
        &mut self.api().containers[0].connections[0]
    }

    fn place_of(&self, part: &str) -> Place {
        self.world.place(self.file, part)
    }

    fn subjects(&self, kind: SubjectKind) -> Vec<Subject> {
        all_subjects(&self.world.model, &self.world.files).filter(|subject| subject.kind == kind).collect()
    }

    /// The facts of the only subject of a kind.
    fn facts(&self, kind: SubjectKind) -> Facts {
        let mut subjects = self.subjects(kind);
        assert_eq!(subjects.len(), 1);
        subjects.remove(0).facts
    }

    fn removed(&self, place: Place) -> String {
        let text = self.world.files.text(place.file);
        format!("{}{}", &text[..place.span.start], &text[place.span.end..])
    }
}

fn text(facts: &Facts, path: &str) -> Option<String> {
    facts.get(path).map(|fact| match &fact.value {
        FactValue::Text(text) => text.clone(),
        other => panic!("{path} is {other:?}"),
    })
}

fn number(facts: &Facts, path: &str) -> Option<f64> {
    facts.get(path).map(|fact| match fact.value {
        FactValue::Number(number) => number,
        ref other => panic!("{path} is {other:?}"),
    })
}

fn flag(facts: &Facts, path: &str) -> bool {
    facts.get(path).is_some_and(|fact| fact.value == FactValue::Flag(true))
}

#[test]
fn a_url_says_where_it_leads_and_where_a_parameter_fits() {
    let case = Case::new("postgresql://app:secret@db.example.com/shop?a=1", Some("prisma@6"));
    let facts = case.facts(SubjectKind::Url);
    for (path, value) in [
        ("url.variable", "DATABASE_URL"),
        ("url.engine", "postgresql"),
        ("url.scheme", "postgresql"),
        ("url.host", "db.example.com"),
        ("url.database", "shop"),
        ("url.user", "app"),
        ("url.parameters", "a"),
        ("client.label", "prisma@6"),
        ("client.unknown_param", "ignored"),
        ("client.size_setting", "connection_limit in the URL"),
        ("client.size_default", "2 × CPUs + 1"),
    ] {
        assert_eq!(text(&facts, path).as_deref(), Some(value), "{path}");
    }
    assert_eq!(number(&facts, "url.port"), Some(5432.0));
    assert!(flag(&facts, "client.whatwg") && flag(&facts, "client.per_cpu") && !flag(&facts, "client.libpq"));
    let point = facts.get("url.parameters").unwrap().append.clone().unwrap();
    assert_eq!((point.place.span.start, point.separator.as_str()), (case.place_of("a=1").span.end, "&"));
}

#[test]
fn the_separator_of_a_further_parameter_depends_on_what_is_there() {
    let separator = |url: &str| {
        let facts = Case::new(url, None).facts(SubjectKind::Url);
        facts.get("url.parameters").unwrap().append.clone().map(|point| point.separator)
    };
    assert_eq!(separator("postgresql://db/a").as_deref(), Some("?"));
    assert_eq!(separator("postgresql://db/a?").as_deref(), Some(""));
    assert_eq!(separator("postgresql://db/a?b=1").as_deref(), Some("&"));
    assert_eq!(separator("postgresql://db/a#b"), None);
    assert_eq!(separator("postgresql://db/a?b=1?c=2"), None);
    assert_eq!(separator("host=db dbname=a"), None);
}

#[test]
fn a_raw_character_in_the_password_leaves_host_and_user_unsaid() {
    for url in
        ["postgresql://app:se@cret@db/shop", "postgresql://app:se/cret@db/shop", "postgresql://app:54a2/shop"]
    {
        let facts = Case::new(url, None).facts(SubjectKind::Url);
        for path in ["url.host", "url.user", "url.port", "url.database"] {
            assert!(facts.get(path).is_none(), "{url}: {path}");
        }
        for (path, fact) in facts.iter() {
            assert!(!format!("{:?}", fact.value).contains("cret"), "{url}: {path}");
            assert!(!format!("{:?}", fact.value).contains("54a2"), "{url}: {path}");
        }
    }
}

#[test]
fn misspelt_schemes_are_told_with_the_one_that_was_meant() {
    for (url, scheme, meant) in [
        ("posgresql://db/a", "posgresql", "postgresql"),
        ("jdbc:postgres://db/a", "jdbc:postgres", "jdbc:postgresql"),
    ] {
        let facts = Case::new(url, None).facts(SubjectKind::Url);
        assert_eq!(text(&facts, "url.scheme").as_deref(), Some(scheme));
        assert_eq!(text(&facts, "url.misspelt_scheme").as_deref(), Some(meant));
    }
    let facts = Case::new("postgresql://db/a", None).facts(SubjectKind::Url);
    assert_eq!(text(&facts, "url.misspelt_scheme"), None);
}

#[test]
fn sqlalchemy_rejects_the_short_scheme() {
    let rejects = |url: &str, client: &str| {
        flag(&Case::new(url, Some(client)).facts(SubjectKind::Url), "client.rejects_scheme")
    };
    assert!(rejects("postgres://db/a", "sqlalchemy"));
    assert!(!rejects("postgresql://db/a", "sqlalchemy"));
    assert!(!rejects("postgres://db/a", "prisma@6"));
}

#[test]
fn a_client_whose_entry_is_for_another_database_proves_nothing() {
    let case = Case::new("mongodb://db/a?x=1", Some("node-postgres"));
    let facts = case.facts(SubjectKind::Param);
    assert_eq!(text(&facts, "client.label").as_deref(), Some("node-postgres"));
    assert_eq!(text(&facts, "client.unknown_param"), None);
    assert!(!flag(&facts, "param.known") && !flag(&facts, "param.pool_elsewhere"));
}

#[test]
fn parameters_are_known_valid_or_near_to_one_that_is() {
    // Parameter, client; known, valid, pool_elsewhere; suggestion, pool suggestion, owner.
    type Row<'a> = (&'a str, Option<&'a str>, [bool; 3], [Option<&'a str>; 3]);
    let limit = Some("connection_limit");
    let rows: [Row<'_>; 9] = [
        ("connection_limit=5", Some("prisma@6"), [true, true, false], [None; 3]),
        ("connection_limit=5s", Some("prisma@6"), [true, false, false], [None; 3]),
        ("pgbouncer=1", Some("prisma@6"), [true, false, false], [None; 3]),
        ("connectionLimit=5", Some("prisma@6"), [false, true, false], [limit, limit, None]),
        ("conection_limit=5", None, [false, true, false], [None, limit, None]),
        ("connection_limit=5", Some("node-postgres"), [false, true, true], [None, None, Some("prisma@6")]),
        ("connection_limit=5", Some("psycopg-pool"), [false, true, true], [None, None, Some("prisma@6")]),
        ("sslmod=require", Some("psycopg-pool"), [false, true, false], [Some("sslmode"), None, None]),
        ("sslmode=requir", Some("psycopg-pool"), [true, false, false], [None; 3]),
    ];
    for (param, client, flags, texts) in rows {
        let facts = Case::new(&format!("postgresql://db/a?{param}"), client).facts(SubjectKind::Param);
        let found = ["param.known", "param.valid", "param.pool_elsewhere"].map(|path| flag(&facts, path));
        assert_eq!(found, flags, "{param} {client:?}");
        let found =
            ["param.suggestion", "param.pool_suggestion", "param.owner"].map(|path| text(&facts, path));
        assert_eq!(found.each_ref().map(Option::as_deref), texts, "{param} {client:?}");
    }
}

#[test]
fn spelling_variants_of_pool_parameters_are_known_to_no_client_of_the_database() {
    let (limit, timeout) = (Some("connection_limit"), Some("pool_timeout"));
    for (scheme, param, known, suggestion) in [
        ("postgresql", "connectionLimit", false, limit),
        ("postgresql", "connection-limit", false, limit),
        ("postgresql", "Connection_Limit", false, limit),
        ("postgresql", "CONNECTION_LIMIT", false, limit),
        ("postgresql", "poolTimeout", false, timeout),
        ("postgresql", "POOL_TIMEOUT", false, timeout),
        ("postgresql", "connection_limit", true, None),
        ("mysql", "connectionLimit", true, limit),
        ("mysql", "poolTimeout", false, timeout),
    ] {
        let facts = Case::new(&format!("{scheme}://db/a?{param}=5"), None).facts(SubjectKind::Param);
        assert_eq!(flag(&facts, "param.known_anywhere"), known, "{scheme} {param}");
        assert_eq!(text(&facts, "param.pool_suggestion").as_deref(), suggestion, "{scheme} {param}");
    }
}

#[test]
fn values_from_elsewhere_are_not_judged_and_credentials_not_printed() {
    let unknown = format!("postgresql://db/a?connection_limit={UNKNOWN}");
    let facts = Case::new(&unknown, Some("prisma@6")).facts(SubjectKind::Param);
    assert!(flag(&facts, "param.unresolved") && flag(&facts, "param.valid"));
    assert!(facts.get("param.value").is_none());
    for url in ["postgresql://db/a?sslpassword=hunter2", "postgresql://db/a?sslmode=prefer?password=hunter2"]
    {
        let case = Case::new(url, Some("prisma@6"));
        for kind in [SubjectKind::Url, SubjectKind::Param, SubjectKind::Pool] {
            for subject in case.subjects(kind) {
                for (path, fact) in subject.facts.iter() {
                    assert!(!format!("{:?}", fact.value).contains("hunter2"), "{url}: {path}");
                }
            }
        }
    }
}

#[test]
fn a_parameter_is_removed_with_one_separator() {
    for (url, rest) in [
        ("postgresql://db/a?x=1", "postgresql://db/a"),
        ("postgresql://db/a?x=1&y=2", "postgresql://db/a?y=2"),
        ("postgresql://db/a?y=2&x=1", "postgresql://db/a?y=2"),
        ("postgresql://db/a?y=2&x=1&z=3", "postgresql://db/a?y=2&z=3"),
    ] {
        let case = Case::new(url, None);
        let subjects = case.subjects(SubjectKind::Param);
        let fact = subjects.iter().find_map(|subject| {
            subject.facts.get("param.name").filter(|fact| fact.value == FactValue::Text("x".to_owned()))
        });
        let place = fact.unwrap().removal.unwrap();
        assert_eq!(case.removed(place.place()), format!("DATABASE_URL={rest}\n"));
    }
}

#[test]
fn a_pool_tells_its_settings_in_their_own_units() {
    let mut case = Case::new("postgresql://db/a?connection_limit=7&t=500", Some("prisma@6"));
    let (seven, half) = (case.place_of("7"), case.place_of("500"));
    let setting = |name: &str, raw, unit, place| Setting {
        name: name.to_owned(),
        raw: Some(raw),
        unit,
        in_url: true,
        place: Some(place),
        editable: Some(place.into()),
        also: Vec::new(),
    };
    let pool = &mut case.connection().pool;
    pool.size = Located::written(Size::Limit(7), seven);
    pool.size_setting = Some(setting("connection_limit", 7.0, "", seven));
    pool.acquire_timeout = Located::written(0.5, half);
    pool.acquire_setting = Some(setting("t", 500.0, "ms", half));
    pool.connect_timeout = Located::of(20_000.0, Basis::ClientDefault);
    case.api().instances.max = Located::of(3, Basis::Written);
    let facts = case.facts(SubjectKind::Pool);
    assert_eq!(number(&facts, "pool.size"), Some(7.0));
    assert_eq!(number(&facts, "pool.together"), Some(42.0));
    assert_eq!(text(&facts, "pool.size_name").as_deref(), Some("connection_limit"));
    assert!(flag(&facts, "pool.size_explicit") && !flag(&facts, "pool.size_by_default"));
    assert_eq!(number(&facts, "pool.acquire_timeout"), Some(0.5));
    assert_eq!(number(&facts, "pool.acquire_raw"), Some(500.0));
    assert_eq!(text(&facts, "pool.acquire_spoken").as_deref(), Some("500 ms"));
    let edit = facts.get("pool.acquire_timeout").unwrap().edit.clone().unwrap();
    assert!((edit.scale - 1000.0).abs() < f64::EPSILON && edit.suffix.is_empty());
    assert!(flag(&facts, "pool.connect_by_default") && !flag(&facts, "pool.connect_explicit"));
    assert_eq!(text(&facts, "pool.connect_spoken").as_deref(), Some("5.6 hours"));
    assert!(flag(&facts, "workload.several") && flag(&facts, "workload.instances_known"));
    // There is one already: nothing to add.
    assert_eq!(facts.get("pool.size_parameter").unwrap().append, None);
}

#[test]
fn a_pool_without_limit_has_no_size() {
    let mut case = Case::new("postgresql://db/a", Some("prisma@6"));
    case.connection().pool.size = Located::of(Size::Unlimited, Basis::Written);
    let facts = case.facts(SubjectKind::Pool);
    assert_eq!(number(&facts, "pool.size"), None);
    assert!(flag(&facts, "pool.unlimited") && flag(&facts, "pool.size_explicit"));
    case.connection().administrative = true;
    assert!(case.subjects(SubjectKind::Pool).is_empty());
    assert_eq!(case.subjects(SubjectKind::Url).len(), 1);
}

#[test]
fn poolers_are_known_by_their_names_and_by_what_the_url_says() {
    let behind = |url: &str| flag(&Case::new(url, None).facts(SubjectKind::Pool), "pool.behind_pooler");
    assert!(behind("postgresql://pgbouncer/a"));
    assert!(behind("postgresql://ep-x-pooler.eu.example.com/a"));
    assert!(behind("postgresql://db/a?pgbouncer=true"));
    assert!(!behind("postgresql://db/a"));
    assert!(!behind("postgresql://db/a?pgbouncer=false"));
}

#[test]
fn the_budget_tells_what_a_pool_may_have() {
    let mut case = Case::new("postgresql://db/a", None);
    case.connection().pool.size = Located::of(Size::Limit(5), Basis::Written);
    case.api().instances.max = Located::of(2, Basis::Written);
    let numbers = |max| Numbers { min: max, max, rollout: max };
    case.world.model.deployments[0].servers.push(Server {
        name: "db".to_owned(),
        engine: "postgresql".to_owned(),
        address: Some("db:5432".to_owned()),
        workload: None,
        max_connections: Located::of(100, Basis::Written),
        reserved: Located::of(3, Basis::EngineDefault),
        share: 0.8,
        usable: Some(97),
        budget: Some(80),
        consumers: vec![Consumer {
            kind: ConsumerKind::Workload {
                workload: "api".to_owned(),
                container: None,
                variable: "DATABASE_URL".to_owned(),
                client: None,
                processes: Some(2),
                size: Some(Size::Limit(5)),
                overflow: Some(Size::Limit(0)),
                surge_percent: None,
            },
            home: crate::model::Home::default(),
            instances: numbers(2),
            instances_known: true,
            connections: numbers(20),
            complete: true,
            factors: Vec::new(),
            overridable: false,
            place: None,
        }],
        may_connect: Vec::new(),
        // Others ask for 30: 50 are left for 2 instances of 2 processes.
        demand: Demand { numbers: numbers(50), complete: true, unlimited: false },
        verdict: Verdict::Fits,
        tight: false,
        place: None,
        rests_on_default: false,
        remedies: Vec::new(),
    });
    let subjects = case.subjects(SubjectKind::Pool);
    let facts = &subjects[0].facts;
    assert_eq!(number(facts, "pool.affordable"), Some(12.0));
    assert_eq!(number(facts, "server.max_connections"), Some(100.0));
    assert_eq!(text(facts, "server.name").as_deref(), Some("db"));
    assert_eq!(subjects[0].server.as_deref(), Some("db:5432"));
}

#[test]
fn defects_of_a_connection_know_its_client() {
    let mut case = Case::new("postgresql://app:a@b@db/a", Some("psycopg-pool"));
    case.world.config.select = vec!["url-unencoded-credentials".to_owned()];
    let mut defect =
        crate::model::Defect::new("url-unencoded-credentials", "at-in-credentials", case.place_of("@"))
            .of("DATABASE_URL");
    defect.deployment = Some(0);
    defect.workload = Some("api".to_owned());
    case.world.model.defects.push(defect.clone());
    let lines = case.world.lines();
    assert!(lines[0].contains(" error ") && lines[0].contains("psycopg-pool takes"), "{lines:?}");
    defect.workload = None;
    case.world.model.defects = vec![defect];
    assert!(case.world.lines()[0].contains(" warning "));
}

#[test]
fn some_clients_size_their_pool_by_a_parameter() {
    for (client, sizes) in [
        ("activerecord", true),
        ("activerecord@8.1", true),
        ("prisma@6", true),
        ("pgxpool", true),
        ("node-postgres", false),
        ("prisma@7", false),
        ("sqlalchemy", false),
    ] {
        let facts = Case::new("postgresql://db/a?pools=5", Some(client)).facts(SubjectKind::Param);
        assert_eq!(flag(&facts, "client.pool_in_url"), sizes, "{client}");
    }
}
