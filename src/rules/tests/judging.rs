//! What pages make of subjects.

use std::collections::BTreeMap;

use super::super::facts::{AppendPoint, EditPoint};
use super::*;
use crate::config::{RuleConfig, RuleLevel};
use crate::model::{Defect, Edit, Label, Safety, Severity};

const LOW: &str = "on: pool
severity: warning
params: { min-seconds: 10 }
when: pool.acquire_timeout < params.min_seconds
at: pool.acquire_timeout
message: waits {{ pool.acquire_timeout }} s
fix: { set: pool.acquire_timeout, to: params.min_seconds * 2, safety: unsafe }";

fn low() -> World {
    let mut world = World::of(&[("low", LOW)]);
    world.config.select = vec!["low".to_owned()];
    let file = world.file(".env", "A=pool_timeout=2\nB=pool_timeout=30\n");
    let here = world.deployment("compose.yaml", Environment::Production);
    world.pool(here, "api", 2.0, world.place(file, "2"));
    world.pool(here, "worker", 30.0, world.place(file, "30"));
    world
}

#[test]
fn a_finding_stands_at_its_fact_and_can_be_mended() {
    let world = low();
    assert_eq!(world.lines(), [".env:1 low warning waits 2 s"]);
    let finding = &world.judge().findings[0];
    assert_eq!(finding.deployments, ["compose.yaml"]);
    assert_eq!(finding.environment, Some(Environment::Production));
    assert_eq!(finding.workload.as_deref(), Some("api"));
    let fix = finding.fix.as_ref().unwrap();
    assert_eq!((fix.safety, fix.title.as_str()), (Safety::Unsafe, "write 20"));
    assert_eq!(fix.edits, [Edit { place: finding.place.into(), text: "20".to_owned() }]);
}

#[test]
fn the_shipped_page_speaks_and_keeps_silent() {
    let mut world = low();
    world.config.select = vec!["pool-timeout-too-low".to_owned()];
    assert_eq!(
        world.lines(),
        [".env:1 pool-timeout-too-low warning a request waits only 2 s for a free connection"]
    );
    let judged = world.judge();
    assert_eq!(
        judged.findings[0].help.as_deref(),
        Some("use 20 to 30 s, so that a spike queues instead of failing")
    );
    for subject in &mut world.subjects {
        subject.facts.say("workload.serverless", true);
    }
    assert!(world.lines().is_empty());
}

#[test]
fn the_configuration_decides_which_rules_are_on() {
    let rule = |level| RuleConfig { level: Some(level), ..RuleConfig::default() };
    let mut world = low();
    world.config.ignore_rules = vec!["low".to_owned()];
    assert!(world.lines().is_empty());
    world.config.ignore_rules.clear();
    world.config.rules.insert("low".to_owned(), rule(RuleLevel::Off));
    assert!(world.lines().is_empty());
    world.config.rules.insert("low".to_owned(), rule(RuleLevel::Severity(Severity::Error)));
    assert_eq!(world.lines(), [".env:1 low error waits 2 s"]);

    let mut world = low();
    world.pages[0].opt_in = true;
    world.config.select.clear();
    world.config.ignore_rules = vec!["pool-timeout-too-low".to_owned()];
    assert!(world.lines().is_empty());
    world.config.extend_select = vec!["low".to_owned()];
    assert_eq!(world.lines().len(), 1);
}

#[test]
fn params_are_replaced_when_their_kind_is_right() {
    let set = |name: &str, value: serde_json::Value| {
        let mut world = low();
        let params = BTreeMap::from([(name.to_owned(), value)]);
        world.config.rules.insert("low".to_owned(), RuleConfig { params, ..RuleConfig::default() });
        let problems = Rulebook::of(&world.pages).problems(&world.config);
        (world.lines().len(), problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>())
    };
    assert_eq!(set("min-seconds", 2.into()), (0, vec![]));
    assert_eq!(set("min-seconds", 31.into()), (2, vec![]));
    let (found, problems) = set("min-seconds", "5".into());
    assert_eq!(
        (found, &problems[..]),
        (1, &["param \"min-seconds\" of rule low is a number".to_owned()][..])
    );
    let (found, problems) = set("min-second", 2.into());
    assert_eq!(found, 1);
    assert_eq!(problems, ["rule low has no param \"min-second\"; did you mean \"min-seconds\"?"]);
}

#[test]
fn unknown_rules_in_the_configuration_are_problems() {
    let config = Config {
        extend_select: vec!["pool-timeout-to-low".to_owned(), "cats".to_owned()],
        ..Config::default()
    };
    let problems = Rulebook::built_in().problems(&config);
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "there is no rule \"pool-timeout-to-low\"; did you mean \"pool-timeout-too-low\"?",
            "there is no rule \"cats\"; `poollint rules` lists them"
        ]
    );
}

#[test]
fn the_first_case_that_holds_wins_and_an_absent_fact_holds_nothing() {
    let cases = "on: pool
severity: warning
when: pool.acquire_timeout > 0
message: any
cases:
  - { when: pool.max_lifetime > 1, message: absent }
  - { when: pool.acquire_timeout > 20, message: long, severity: error }
  - { when: pool.acquire_timeout > 1 }
  - { when: 'true', message: never }";
    let mut world = low();
    world.pages = World::of(&[("low", cases)]).pages;
    // Without `at`, and without a place of the subject, the deployment's main file is the place.
    let file = world.files.find(".env").unwrap();
    world.model.deployments[0].files = vec![file];
    assert_eq!(world.lines(), [".env:1 low warning any", ".env:1 low error long"]);
}

#[test]
fn a_severity_is_capped_by_environment_unless_it_is_configured() {
    let mut world = low();
    world.pages = World::of(&[("low", &format!("{LOW}\nmax-severity-in: {{ production: info }}"))]).pages;
    assert_eq!(world.lines(), [".env:1 low info waits 2 s"]);
    let level = Some(RuleLevel::Severity(Severity::Error));
    world.config.rules.insert("low".to_owned(), RuleConfig { level, ..RuleConfig::default() });
    assert_eq!(world.lines(), [".env:1 low error waits 2 s"]);
}

#[test]
fn only_rules_of_syntax_judge_examples() {
    let mut world = low();
    world.model.deployments[0].scope = Scope::SyntaxOnly;
    assert!(world.lines().is_empty());
    world.pages[0].syntax = true;
    assert_eq!(world.lines().len(), 1);
}

#[test]
fn what_several_deployments_share_is_said_once() {
    let mut world = low();
    let place = world.place(world.files.find(".env").unwrap(), "2");
    let staging = world.deployment("a.yaml", Environment::Staging);
    world.pool(staging, "api", 2.0, place);
    let judged = world.judge();
    assert_eq!(judged.findings.len(), 1);
    assert_eq!(judged.findings[0].deployments, ["a.yaml", "compose.yaml"]);
    assert_eq!(judged.findings[0].environment, None);
    assert_eq!(judged.findings[0].workload.as_deref(), Some("api"));
    world.pool(staging, "worker", 2.0, place);
    let judged = world.judge();
    assert_eq!((judged.findings.len(), &judged.findings[0].workload), (1, &None));
}

#[test]
fn a_rule_silences_another_at_its_place() {
    let unit = "on: pool
severity: warning
when: pool.acquire_timeout == 2
at: pool.acquire_timeout
message: unit";
    for (first, second) in [("\nsilences: [low]", ""), ("", "\nsilenced-by: [unit]")] {
        let mut world = low();
        let pages = [("unit", format!("{unit}{first}")), ("low", format!("{LOW}{second}"))];
        world.pages = World::of(&[(pages[0].0, &pages[0].1), (pages[1].0, &pages[1].1)]).pages;
        world.config.select = vec!["low".to_owned(), "unit".to_owned()];
        let second = world.place(FileId(0), "30");
        world.subjects[1].facts.set("pool.acquire_timeout", Fact::new(3.0).at(second));
        assert_eq!(world.lines(), [".env:1 unit warning unit", ".env:2 low warning waits 3 s"]);
        world.config.select = vec!["low".to_owned()];
        assert_eq!(world.lines(), [".env:1 low warning waits 2 s", ".env:2 low warning waits 3 s"]);
    }
}

#[test]
fn references_and_the_labels_a_page_asks_for_are_shown() {
    let mut world = low();
    let text = format!(
        "{LOW}\nlabels: [{{ at: pool.client, message: 'from {{{{ pool.word }}}}' }}, {{ at: pool.users }}]"
    );
    world.pages = World::of(&[("low", &text)]).pages;
    let file = world.file("compose.yaml", "x: ${A} ${B} client api worker\n");
    let (hop, second, client) =
        (world.place(file, "${A}"), world.place(file, "${B}"), world.place(file, "client"));
    let user = Label { place: world.place(file, "api"), message: "api".to_owned() };
    let facts = &mut world.subjects[0].facts;
    let mut fact = facts.get("pool.acquire_timeout").unwrap().clone();
    fact.hops = vec![hop, second];
    facts.set("pool.acquire_timeout", fact);
    facts.set("pool.client", Fact::new("x").at(client));
    facts.say("pool.word", "here");
    let mut users = Fact::new(2.0);
    users.labels = vec![user.clone()];
    facts.set("pool.users", users);
    let label = |place, message: &str| Label { place, message: message.to_owned() };
    assert_eq!(
        world.judge().findings[0].labels,
        [label(hop, "used here"), label(second, "passed on here"), label(client, "from here"), user]
    );
}

#[test]
fn fixes_write_the_units_of_the_file_or_nothing_at_all() {
    let fix = |spec: &str, change: &dyn Fn(&mut Fact)| {
        let mut world = low();
        let matter = LOW.lines().filter(|line| !line.starts_with("fix")).collect::<Vec<_>>().join("\n");
        world.pages = World::of(&[("low", &format!("{matter}\nfix: {spec}"))]).pages;
        let mut fact = world.subjects[0].facts.get("pool.acquire_timeout").unwrap().clone();
        change(&mut fact);
        world.subjects[0].facts.set("pool.acquire_timeout", fact);
        let judged = world.judge();
        assert_eq!(judged.broken, []);
        let fix = judged.findings[0].fix.clone();
        fix.map(|fix| (fix.title, fix.edits.into_iter().map(|edit| edit.text).collect::<Vec<_>>()))
    };
    let set = "{ set: pool.acquire_timeout, to: 20, safety: unsafe }";
    let edit = |scale, suffix: &str| EditPoint {
        place: Place::new(FileId(0), Span::new(0, 1)).into(),
        scale,
        suffix: suffix.to_owned(),
        also: Vec::new(),
        below: None,
    };
    let one = |title: &str, text: &str| Some((title.to_owned(), vec![text.to_owned()]));
    assert_eq!(fix(set, &|fact| fact.edit = Some(edit(1000.0, ""))), one("write 20000", "20000"));
    assert_eq!(fix(set, &|fact| fact.edit = Some(edit(1.0, "s"))), one("write 20s", "20s"));
    assert_eq!(fix(set, &|fact| fact.edit = None), None);
    let quoted = "{ set: pool.acquire_timeout, to: \"'a b'\", safety: unsafe }";
    assert_eq!(fix(quoted, &|_| {}), None);
    let remove = "{ remove: pool.acquire_timeout, safety: safe, title: away }";
    let place = Place::new(FileId(0), Span::new(0, 3));
    assert_eq!(fix(remove, &|fact| fact.removal = Some(place.into())), one("away", ""));
    let append = "{ append: pool.acquire_timeout, text: 'connection_limit={{ 2 * 4 }}', safety: unsafe }";
    let point = AppendPoint { place: place.into(), separator: "&".to_owned() };
    assert_eq!(
        fix(append, &|fact| fact.append = Some(point.clone())),
        one("add connection_limit=8", "&connection_limit=8")
    );
    let both =
        "{ safety: unsafe, edits: [{ set: pool.acquire_timeout, to: 1 }, { remove: pool.acquire_timeout }] }";
    assert_eq!(fix(both, &|_| {}), None);
    assert_eq!(
        fix(both, &|fact| fact.removal = Some(place.into())),
        Some(("write 1 and remove the acquire_timeout".to_owned(), vec!["1".to_owned(), String::new()]))
    );
}

#[test]
fn defects_speak_through_the_page_of_their_name() {
    let page = "on: url
severity: error
defect: true
fixable: safe
message: '{{ defect.variable }} has a bad {{ defect.part }} at column {{ defect.column }}'
cases:
  - { when: defect.kind == 'host', severity: warning }
  - {}";
    let mut world = low();
    world.pages = World::of(&[("bad-part", page)]).pages;
    assert_eq!(world.pages[0].fixable, Some(Safety::Safe));
    world.config.select = vec!["bad-part".to_owned()];
    let place = world.place(FileId(0), "30");
    let fix = crate::model::Fix {
        safety: Safety::Safe,
        title: "mend".to_owned(),
        edits: vec![Edit { place: place.into(), text: "1".to_owned() }],
        withheld: false,
    };
    for kind in ["port", "host"] {
        let defect = Defect::new("bad-part", kind, place)
            .fact("part", kind)
            .fact("column", 3usize)
            .label(world.place(FileId(0), "A"), "key")
            .fix(Some(fix.clone()))
            .of("URL");
        world.model.defects.push(defect);
    }
    world.model.defects.push(Defect::new("not-selected", "x", place));
    assert_eq!(
        world.lines(),
        [
            ".env:2 bad-part warning URL has a bad host at column 3",
            ".env:2 bad-part error URL has a bad port at column 3"
        ]
    );
    let judged = world.judge();
    assert_eq!(judged.findings[0].fix, Some(fix));
    assert_eq!(judged.findings[0].labels.len(), 1);
}

#[test]
fn a_page_that_cannot_work_is_reported_and_says_nothing() {
    for (matter, words) in [
        ("message: '{{ pool.nothing }}'", "a text of it has no value"),
        ("message: '{{ pool. }}'", "is not a CEL expression"),
        ("message: x\nwhen: pool.acquire_timeout", "neither true nor false"),
        ("message: x\nwhen: pol.size > 1", "nothing is called `pol`"),
    ] {
        let when = if matter.contains("when") { "" } else { "\nwhen: 'true'" };
        let mut world = low();
        world.pages = World::of(&[("low", &format!("on: pool\nseverity: error\n{matter}{when}"))]).pages;
        world.subjects[0].place = Some(world.place(FileId(0), "2"));
        world.subjects.truncate(1);
        let judged = world.judge();
        assert!(judged.findings.is_empty());
        assert_eq!(judged.broken.len(), 1, "{matter}: {:?}", judged.broken);
        assert!(judged.broken[0].reason.contains(words), "{matter}: {:?}", judged.broken);
    }
}

#[test]
fn fingerprints_do_not_move_with_lines_and_differ_among_findings() {
    let prints = |world: &World| -> Vec<String> {
        world.judge().findings.into_iter().map(|finding| finding.fingerprint).collect()
    };
    let mut world = low();
    let second = world.place(FileId(0), "30");
    world.subjects[1].facts.set("pool.acquire_timeout", Fact::new(3.0).at(second));
    world.subjects[1].workload = Some("api".to_owned());
    let before = prints(&world);
    assert_eq!(before.len(), 2);
    assert_ne!(before[0], before[1]);
    let mut moved = World::of(&[("low", LOW)]);
    moved.config.select = vec!["low".to_owned()];
    let file = moved.file(".env", "\n\n\nA=pool_timeout=2\nB=pool_timeout=30\n");
    let here = moved.deployment("compose.yaml", Environment::Production);
    moved.pool(here, "api", 2.0, moved.place(file, "2"));
    assert_eq!(prints(&moved)[..], before[..1]);
}
