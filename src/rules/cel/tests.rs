use std::collections::BTreeMap;

use super::{CelValue, EvalError, Expression, Runtime, number_text};

fn facts() -> BTreeMap<String, CelValue> {
    let map = |entries: &[(&str, CelValue)]| {
        CelValue::Map(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    };
    let text = |text: &str| CelValue::Text(text.to_owned());
    BTreeMap::from([
        (
            "pool".to_owned(),
            map(&[("acquire_timeout", CelValue::Number(10.0)), ("half", CelValue::Number(2.5))]),
        ),
        ("params".to_owned(), map(&[("min_seconds", CelValue::Number(20.0))])),
        ("workload".to_owned(), map(&[("serverless", CelValue::Bool(false)), ("name", text("api"))])),
        (
            "server".to_owned(),
            map(&[
                ("names", CelValue::List(vec![text("api"), text("worker")])),
                (
                    "consumers",
                    CelValue::List(vec![
                        map(&[("name", text("api")), ("connections", CelValue::Number(30.0))]),
                        map(&[("name", text("worker")), ("connections", CelValue::Number(40.0))]),
                    ]),
                ),
            ]),
        ),
        ("empty".to_owned(), map(&[])),
    ])
}

fn run(source: &str) -> Result<CelValue, EvalError> {
    let runtime = Runtime::default();
    Expression::compile(source).unwrap().evaluate(&runtime.scope(&facts()))
}

#[test]
fn all_numbers_are_one_kind() {
    for (source, expected) in [
        ("pool.acquire_timeout < params.min_seconds", true),
        ("pool.acquire_timeout > 0", true),
        ("pool.acquire_timeout == 10", true),
        ("pool.acquire_timeout == 10.0", true),
        ("pool.acquire_timeout != 10u", false),
        ("pool.acquire_timeout * 2 + 1 == 21", true),
        ("pool.half * 2 == 5", true),
        ("-pool.acquire_timeout == -10", true),
        ("7 / 2 == 3.5", true),
        ("size(server.names) == 2 && server.names.size() * 2 == 4", true),
        ("size(workload.name) - 1 < 2.5", true),
        ("server.names[0] == 'api'", true),
        ("pool.acquire_timeout in [5, 10]", true),
        ("server.consumers.exists(c, c.connections > 35)", true),
        ("server.consumers.all(c, c.connections > 35)", false),
        ("server.consumers.exists_one(c, c.connections > 35)", true),
        ("size(server.consumers.filter(c, c.connections > 10)) == 2", true),
        ("server.consumers.map(c, c.connections * 2)[1] == 80", true),
        ("(workload.serverless ? 1 : 2) == 2", true),
        ("workload.name.startsWith('a') && workload.name.contains('p') && workload.name.endsWith('i')", true),
    ] {
        assert_eq!(run(source), Ok(CelValue::Bool(expected)), "{source}");
    }
}

#[test]
fn own_functions() {
    let text = |source: &str| run(source).unwrap().display();
    assert_eq!(text("ceil(2.1)"), "3");
    assert_eq!(text("ceil(10 / 4)"), "3");
    assert_eq!(text("floor(pool.half)"), "2");
    assert_eq!(text("min(3, pool.half, 9)"), "2.5");
    assert_eq!(text("max(3, size(server.names))"), "3");
    assert_eq!(text("plural(1, 'connection')"), "1 connection");
    assert_eq!(text("plural(size(server.names), 'connection')"), "2 connections");
    assert_eq!(text("join(server.names, ' · ')"), "api · worker");
    assert_eq!(
        text("join(server.consumers.map(c, c.name + ' ' + string(c.connections)), ', ')"),
        "api 30, worker 40"
    );
}

#[test]
fn absence_is_an_error_that_only_has_may_ask_about() {
    assert_eq!(run("pool.max_lifetime > 3"), Err(EvalError::Absent));
    assert_eq!(run("empty.x == 1"), Err(EvalError::Absent));
    assert_eq!(run("has(pool.max_lifetime)"), Ok(CelValue::Bool(false)));
    assert_eq!(run("has(empty.x)"), Ok(CelValue::Bool(false)));
    assert_eq!(run("has(pool.half)"), Ok(CelValue::Bool(true)));
    assert_eq!(run("has(pool.max_lifetime) && pool.max_lifetime > 3"), Ok(CelValue::Bool(false)));
    assert_eq!(run("server.names[7] == 'x'"), Err(EvalError::Absent));
}

#[test]
fn faults_of_a_page_are_told_apart_from_absence() {
    for source in
        ["pol.acquire_timeout > 1", "workload.name + 1 == 3", "workload.name && true", "min('a') == 1"]
    {
        assert!(matches!(run(source), Err(EvalError::Broken(_))), "{source}: {:?}", run(source));
    }
}

#[test]
fn faults_never_quote_a_value() {
    for source in ["workload.name + 1", "workload.name > 3", "-workload.name", "ceil(workload.name)"] {
        let error = run(source).unwrap_err().to_string();
        assert!(!error.contains("api"), "{source}: {error}");
    }
}

#[test]
fn references_are_whole_paths_without_loop_variables() {
    let expression = Expression::compile(
        "has(pool.max_lifetime) && server.consumers.exists(c, c.connections > params.x) && url.host.startsWith('a')",
    )
    .unwrap();
    assert_eq!(expression.references(), ["params.x", "pool.max_lifetime", "server.consumers", "url.host"]);
}

#[test]
fn hostile_expressions_are_refused() {
    let deep = format!("{}1{}", "(".repeat(500), ")".repeat(500));
    let not = format!("{}true", "!".repeat(1_990));
    let minus = format!("{}a", "- ".repeat(990));
    let chain = format!("a{}", ".b".repeat(990));
    let ternary = format!("{}1", "a ? 1 : ".repeat(240));
    for harmless in [not, minus, chain] {
        let _ = Expression::compile(&harmless).map(|it| it.evaluate(&Runtime::default().scope(&facts())));
    }
    let wide = "1 + ".repeat(450) + "1";
    let long = "1".repeat(3_000);
    let loops = "a.exists(x, a.exists(y, a.exists(z, x + y + z > 1)))";
    for source in [deep.as_str(), &ternary, &wide, &long, loops, "launch()", "a +", "", "Type{a: 1}"] {
        assert!(Expression::compile(source).is_err(), "{}", source.chars().take(40).collect::<String>());
    }
    let chain = vec!["pool.acquire_timeout > 1"; 25].join(" && ");
    assert_eq!(run(&chain), Ok(CelValue::Bool(true)));
}

#[test]
fn numbers_print_as_people_write_them() {
    for (number, expected) in
        [(2.0, "2"), (5.5, "5.5"), (0.1 + 0.2, "0.3"), (-0.0, "0"), (20_000.0, "20000"), (1.0 / 3.0, "0.333")]
    {
        assert_eq!(number_text(number), expected);
    }
}
