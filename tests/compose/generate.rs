//! Small Compose projects of all that has to be resolved, the same ones on every run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Case;

/// Knuth's MMIX generator.
pub struct Random(pub u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// Whether one of so many times.
    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

const KEYS: &[&str] = &["POOL", "URL", "HOST", "MODE", "TOKEN"];

/// Texts with references to what is set in `.env` (HOST, POOL, URL), empty (EMPTY), set in an included project or an env
/// file alone (SUB, FILE), or nowhere (NONE).
const TEXTS: &[&str] = &[
    "a",
    "5",
    "two words",
    "postgres://u:p@db:5432/app?pool=5",
    "$HOST",
    "${HOST}",
    "${POOL:-9}",
    "${NONE:-9}",
    "${NONE-}",
    "${EMPTY:-full}",
    "${EMPTY-full}",
    "${HOST:+there}",
    "${NONE:+there}",
    "${EMPTY+there}",
    "${NONE:-${HOST}}",
    "${NONE:-${EMPTY:-${POOL}}}",
    "x${NONE:-a$$b}y",
    "pa$$word",
    "$$HOST",
    "$1",
    "a $ b",
    "${URL}",
    "postgres://${HOST}:${PORT:-5432}/app",
    "${NONE}",
    "[$HOST-$POOL]",
    "${SUB:-outer}",
    "${SUB}",
    "${FILE}",
    "#no",
    "a #b",
    "it's",
    "say \"so\"",
    "a=b=c",
    "",
    " padded ",
    "é",
    "${HOST:?must}",
    "{\"k\": \"${POOL}\"}",
    "a\\nb",
    "${POOL}0",
    "true",
    "010",
    "1.50",
    "${NONE:-{}}",
    "one\ntwo",
    "a\tb",
];

/// Values as YAML itself reads them.
const PLAIN: &[&str] = &[
    "5",
    "010",
    "0x1F",
    "1.50",
    "1e3",
    "true",
    "no",
    "~",
    "",
    "2024-02-03",
    "12:30",
    "1_000",
    "text",
    "two words",
    "$HOST",
    "${POOL:-9}",
    "'$HOST'",
    "'it''s'",
    "0o17",
    "-3",
    "+4",
    ".5",
    "1.0",
    "null",
    "!!str 5",
    "yes",
    "0b11",
    "1e-2",
];

const LINES: &[&str] = &[
    "run",
    "run --pool 5",
    "run \"two words\"",
    "run 'a b' c",
    "run ${POOL:-9} $HOST",
    "sh -c 'a && b'",
    "a && b",
    "run  twice",
    "run \\\"q\\\"",
    "run a\\ b",
    "run 'a\\nb' \"c\\nd\" e\\nf",
    "run \"$$HOME\" '$$HOME'",
    "run x=\"a b\" --y='c d'",
    "run \"a\\tb\" c\\td",
    "run ''",
    "run # c",
    "run a#b",
    "",
    "run *.sql ~",
    "run a;b",
    "run \"a\\\\b\" c\\\\d",
    "run --url=${URL}",
    "a|b",
    "run `x`",
    "run $$(x)",
    "run (x)",
    "run é",
    "run a\nb",
    "run\ta",
];

const COUNTS: &[&str] =
    &["0", "1", "2", "7", "\"3\"", "\"${POOL}\"", "\"${NONE:-4}\"", "\"${EMPTY:-2}\"", "${POOL}"];

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A project.
pub fn project(random: &mut Random, number: usize) -> Case {
    let mut files = BTreeMap::new();
    let mut add = |path: &str, text: String| files.insert(path.to_owned(), text);
    if !random.one_in(8) {
        add(".env", env_file(random, true));
    }
    for name in ["one.env", "two.env"] {
        add(name, env_file(random, false));
    }
    let mut base = String::new();
    let includes = random.one_in(4);
    if includes {
        base.push_str(random.of(&[
            "include: [sub/compose.yaml]\n",
            "include:\n  - path: sub/compose.yaml\n    env_file: two.env\n",
        ]));
        let mut body = "services:\n  inner:\n    image: i\n".to_owned();
        environment(random, &mut body, &mut false);
        env_files(random, &mut body, false);
        add("sub/compose.yaml", body);
        add("sub/one.env", env_file(random, false));
        add("sub/two.env", env_file(random, false));
        add("sub/.env", format!("SUB=inner\nHOST=inner\n{}", env_file(random, true)));
    }
    let anchors = random.one_in(3);
    if anchors {
        let (one, two) = (quoted(random.of(TEXTS)), quoted(random.of(TEXTS)));
        writeln!(base, "x-one: &one\n  POOL: {one}\n  MODE: one\nx-two: &two {{POOL: 2, URL: {two}}}")
            .unwrap();
    }
    base.push_str("services:\n");
    let foreign = random.one_in(4);
    if foreign {
        let mut body = "services:\n  common:\n    image: i\n".to_owned();
        service(random, &mut body, &mut false, false);
        add("base/common.yaml", body);
        add("base/one.env", env_file(random, false));
        add("base/two.env", env_file(random, false));
    }
    let mut names = vec!["app"];
    names.extend(["job", "db"].into_iter().take(random.below(3)));
    for (index, name) in names.iter().enumerate() {
        writeln!(base, "  {name}:").unwrap();
        match random.below(4) {
            0 if foreign => base.push_str("    extends: {file: base/common.yaml, service: common}\n"),
            1 if index > 0 => base.push_str("    extends: app\n"),
            _ => base.push_str("    image: i\n"),
        }
        service(random, &mut base, &mut anchors.clone(), false);
    }
    let main = random.of(&super::corpus::BASES);
    add(main, base);
    let mut run = Vec::new();
    if random.below(5) < 3 {
        let mut over = "services:\n".to_owned();
        for name in names.iter().chain(includes.then_some(&"inner")) {
            if random.one_in(4) {
                continue;
            }
            writeln!(over, "  {name}:").unwrap();
            // A variant that could run alone is a deployment of its own: this one cannot.
            service(random, &mut over, &mut false, true);
            over.push_str("    restart: always\n");
        }
        if over == "services:\n" {
            over.push_str("  app: {restart: always}\n");
        }
        if random.one_in(3) {
            let variant =
                if main.starts_with("docker") { "docker-compose.prod.yml" } else { "compose.prod.yaml" };
            add(variant, over);
            run = vec![main.to_owned(), variant.to_owned()];
        } else {
            add(
                random.of(&["compose.override.yaml", "docker-compose.override.yml", "compose.override.yml"]),
                over,
            );
        }
    }
    Case { about: format!("generated {number}"), run, files }
}

/// What a service may have besides its image. `tags` tells whether Compose's merge tags may stand there.
fn service(random: &mut Random, body: &mut String, anchors: &mut bool, tags: bool) {
    environment_tagged(random, body, anchors, tags);
    env_files(random, body, tags);
    for key in ["entrypoint", "command"] {
        if random.one_in(3) {
            let tag = tag(random, tags);
            let value = match random.below(5) {
                0 => format!("[run, {}, \"x y\"]", quoted(random.of(TEXTS))),
                1 => "[]".to_owned(),
                2 => String::new(),
                _ => quoted(random.of(LINES)),
            };
            writeln!(body, "    {key}: {tag}{value}").unwrap();
        }
    }
    match random.below(7) {
        0 => writeln!(body, "    scale: {}{}", tag(random, tags), random.of(COUNTS)).unwrap(),
        1 => {
            writeln!(body, "    deploy:\n      replicas: {}{}", tag(random, tags), random.of(COUNTS)).unwrap()
        }
        2 => writeln!(body, "    profiles: [{}]", random.of(&["batch", "dev, batch"])).unwrap(),
        _ => {}
    }
}

fn tag(random: &mut Random, tags: bool) -> &'static str {
    if tags { random.of(&["", "", "", "!override ", "!reset "]) } else { "" }
}

fn environment(random: &mut Random, body: &mut String, anchors: &mut bool) {
    environment_tagged(random, body, anchors, false);
}

fn environment_tagged(random: &mut Random, body: &mut String, anchors: &mut bool, tags: bool) {
    let many = random.below(5);
    match random.below(5) {
        0 => {}
        1 if many == 0 => body.push_str("    environment:\n"),
        1 | 2 => {
            writeln!(body, "    environment: {}", tag(random, tags)).unwrap();
            body.push_str("      - FIRST=1\n");
            for _ in 0..many {
                let key = random.of(KEYS);
                match random.below(6) {
                    0 => writeln!(body, "      - {key}").unwrap(),
                    1 => writeln!(body, "      - {key}=").unwrap(),
                    _ => {
                        let item = quoted(&format!("{key}={}", random.of(TEXTS)));
                        writeln!(body, "      - {item}").unwrap();
                    }
                }
            }
        }
        _ => {
            writeln!(body, "    environment: {}", tag(random, tags)).unwrap();
            if *anchors {
                writeln!(body, "      <<: {}", random.of(&["*one", "*two", "[*one, *two]", "[*two, *one]"]))
                    .unwrap();
            }
            body.push_str("      FIRST: 1\n");
            let start = random.below(KEYS.len());
            for key in KEYS.iter().cycle().skip(start).take(many) {
                let removed = if tags && random.one_in(6) { "!reset " } else { "" };
                let value = if random.one_in(3) && removed.is_empty() {
                    random.of(PLAIN).to_owned()
                } else {
                    quoted(random.of(TEXTS))
                };
                writeln!(body, "      {key}: {removed}{value}").unwrap();
            }
        }
    }
}

fn env_files(random: &mut Random, body: &mut String, tags: bool) {
    let tag = tag(random, tags);
    let text = match random.below(9) {
        0 => "one.env",
        1 => "[one.env, two.env]",
        2 => "[./two.env, one.env]",
        3 => "[{path: two.env, format: raw}, one.env]",
        4 => "[{path: gone.env, required: false}, {path: one.env, required: true}]",
        5 => "[\"${NONE:-one}.env\"]",
        _ => return,
    };
    writeln!(body, "    env_file: {tag}{text}").unwrap();
}

/// An env file; the project's own sets what the texts refer to.
fn env_file(random: &mut Random, project: bool) -> String {
    let mut text = String::new();
    if project {
        text.push_str(random.of(&["HOST=db\n", "HOST=\"db\" # where\n", "export HOST='db'\n"]));
        text.push_str(random.of(&["POOL=5\nEMPTY=\n", "POOL=6\n", "EMPTY=''\nPOOL=8\n"]));
        text.push_str(random.of(&["URL=postgres://$HOST/app\n", "URL='postgres://$HOST/app'\n", ""]));
    } else {
        text.push_str("FILE=file\n");
        for _ in 0..random.below(4) {
            let (key, value) = (
                random.of(KEYS),
                random.of(&[
                    "5",
                    "$HOST",
                    "${FILE}",
                    "'${FILE}'",
                    "\"a b\"",
                    "${NONE:-n}",
                    "${FIRST}",
                    "a # c",
                    "x${POOL}y",
                    "$MODE",
                    "",
                ]),
            );
            writeln!(text, "{key}={value}").unwrap();
        }
        if random.one_in(5) {
            writeln!(text, "{}", random.of(KEYS)).unwrap();
        }
    }
    text
}
