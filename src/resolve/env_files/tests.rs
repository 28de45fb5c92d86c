//! Env files as their readers see them.

use super::defects;
use super::unexpanded::reference;
use crate::config::Config;
use crate::model::{EnvReader, EnvUse};
use crate::pipeline;
use crate::resolve::Context;
use crate::tree::{Files, Memory};

type Found = Vec<(&'static str, &'static str, String)>;

/// The defects of `app.env` with the columns they stand at and the text that a fix makes of it.
fn found(text: &str, readers: &[EnvReader]) -> (Found, Option<String>) {
    let compose = "services:\n  app:\n    image: app\n    env_file: app.env\n    environment:\n      \
                   word: x\n      URL: ${DATABASE_URL}\n";
    let tree = Memory::new(
        [("app.env", text), ("compose.yaml", compose)].map(|(path, text)| (path, text.as_bytes().to_vec())),
    );
    let loaded = pipeline::load(&tree, Files::default()).unwrap();
    let config = Config::default();
    let context = Context { files: &loaded.files, declarations: &loaded.declarations, config: &config };
    let file = loaded.files.find("app.env").unwrap();
    let uses: Vec<EnvUse> =
        readers.iter().map(|reader| EnvUse::new(file, *reader, None).beside(["word".to_owned()])).collect();
    let all = defects(&context, &uses, file);
    let fixed = all.first().and_then(|defect| defect.fix.as_ref()).map(|fix| {
        let mut edits = fix.edits.clone();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.span.start));
        edits.iter().fold(text.to_owned(), |mut text, edit| {
            text.replace_range(edit.place.span.range(), &edit.text);
            text
        })
    });
    let all = all
        .into_iter()
        .map(|defect| (defect.rule, defect.kind, defect.variable.unwrap_or_default()))
        .collect();
    (all, fixed)
}

/// A file, its readers, the rule and kind of the one defect, and the fixed file.
type Case<'a> = (&'a str, &'a [EnvReader], Option<(&'a str, &'a str)>, Option<&'a str>);

fn check(cases: &[Case<'_>]) {
    for (text, readers, expected, fixed) in cases {
        let (all, fix) = found(text, readers);
        let all: Vec<(&str, &str)> = all.iter().map(|(rule, kind, _)| (*rule, *kind)).collect();
        assert_eq!(all, expected.iter().copied().collect::<Vec<_>>(), "{text} {readers:?}");
        assert_eq!(fix.as_deref(), *fixed, "{text} {readers:?}");
    }
}

const ENV_FILE: &[EnvReader] = &[EnvReader::ComposeEnvFile];
const PROJECT: &[EnvReader] = &[EnvReader::ComposeProject];
const RAW: &[EnvReader] = &[EnvReader::ComposeRaw];
const KUSTOMIZE: &[EnvReader] = &[EnvReader::Kustomize];
const NODE: &[EnvReader] = &[EnvReader::NodeDotenv];
const PYTHON: &[EnvReader] = &[EnvReader::PythonDotenv];
const RUBY: &[EnvReader] = &[EnvReader::RubyDotenv];

#[test]
fn quotes_that_become_text() {
    let doubled = Some(("env-literal-quotes", "doubled"));
    let raw = Some(("env-literal-quotes", "raw"));
    check(&[
        ("DB_HOST='\"db\"'\n", &[], doubled, Some("DB_HOST='db'\n")),
        ("DB_HOST=\"'db'\"\n", NODE, doubled, Some("DB_HOST=\"db\"\n")),
        ("X='\"postgres://a:b@db/x\"'\n", ENV_FILE, doubled, Some("X='postgres://a:b@db/x'\n")),
        ("X='\"db\"'\n", ENV_FILE, None, None),
        ("DB_HOST=\"db\"\n", ENV_FILE, None, None),
        ("DB_HOST=\"'a','b'\"\n", ENV_FILE, None, None),
        ("DB_HOST='\"'\n", ENV_FILE, None, None),
        ("DB_HOST=\"db\"\n", RAW, raw, Some("DB_HOST=db\n")),
        ("DB_HOST='db'\r\n", KUSTOMIZE, raw, Some("DB_HOST=db\r\n")),
        ("DB_HOST=\"a#b\"\n", &[EnvReader::ComposeEnvFile, EnvReader::ComposeRaw], raw, None),
        ("DB_HOST=db\n", RAW, None, None),
        ("NAME=\"db\"\n", RAW, None, None),
    ]);
}

#[test]
fn a_hash_that_cuts() {
    let proven = Some(("env-hash-truncation", "proven"));
    let possible = Some(("env-hash-truncation", "possible"));
    let url = "DATABASE_URL=postgres://a:p#1@db/x\n";
    let encoded = Some("DATABASE_URL=postgres://a:p%231@db/x\n");
    check(&[
        (url, &[], None, None),
        (url, ENV_FILE, None, None),
        (url, PYTHON, None, None),
        (url, NODE, possible, encoded),
        (url, RUBY, possible, encoded),
        (url, &[EnvReader::NodeDotenv, EnvReader::PhpDotenv], possible, encoded),
        (url, &[EnvReader::PhpDotenv], possible, encoded),
        (url, &[EnvReader::NodeEnvFile], proven, encoded),
        (url, &[EnvReader::DockerRun, EnvReader::KubectlCreate], None, None),
        ("DATABASE_URL='postgres://a:p#1@db/x'\n", NODE, None, None),
        ("DATABASE_URL=postgres://a:p #1@db/x\n", ENV_FILE, proven, None),
        ("DATABASE_URL=postgres://a:p #1@db/x\n", RAW, None, None),
        ("DATABASE_URL=postgres://a:p@db/x # the primary\n", ENV_FILE, None, None),
        ("DATABASE_URL=postgres://U:P@HOST:PORT/x # fill in\n", NODE, None, None),
        ("DATABASE_URL= # fill in\n", ENV_FILE, None, None),
        ("DATABASE_URL=# fill in\n", NODE, None, None),
        ("DB_PASSWORD=p#1secret\n", NODE, possible, None),
        ("DB_PASSWORD=#1secret\n", NODE, possible, None),
        ("DB_PASSWORD=p #1secret\n", NODE, None, None),
        ("NAME=p#1secret\n", NODE, None, None),
        ("X=postgres://a:p#1@db/x\n", NODE, possible, Some("X=postgres://a:p%231@db/x\n")),
    ]);
}

#[test]
fn a_dollar_that_compose_takes_for_a_reference() {
    let undefined = Some(("env-dollar-interpolation", "undefined"));
    let later = Some(("env-dollar-interpolation", "later"));
    check(&[
        ("DB_PASSWORD=pa$s1\n", ENV_FILE, undefined, Some("DB_PASSWORD='pa$s1'\n")),
        ("DB_PASSWORD=\"pa$s1\"\n", ENV_FILE, undefined, Some("DB_PASSWORD='pa$s1'\n")),
        ("DB_PASSWORD=\"pa'b$s1\"\n", ENV_FILE, undefined, None),
        ("DB_PASSWORD=pa$s1${B}\n", ENV_FILE, undefined, None),
        ("DB_PASSWORD='pa$s1'\n", ENV_FILE, None, None),
        ("DB_PASSWORD=pa$$s1\n", ENV_FILE, None, None),
        ("DB_PASSWORD=pa$1s\n", ENV_FILE, None, None),
        ("s1=x\nDB_PASSWORD=pa$s1\n", ENV_FILE, None, None),
        ("DB_PASSWORD=pa$word\n", ENV_FILE, None, None),
        // A word of the Compose file that is no variable.
        ("DB_PASSWORD=pa$services\n", ENV_FILE, undefined, Some("DB_PASSWORD='pa$services'\n")),
        ("DB_PASSWORD=pa$app\n", ENV_FILE, undefined, Some("DB_PASSWORD='pa$app'\n")),
        // Set, but too late.
        ("DB_PASSWORD=pa$s1\ns1=x\n", ENV_FILE, later, None),
        ("DATABASE_URL=postgres://a:${LATER}@db/x\nLATER=x\n", ENV_FILE, later, None),
        ("DATABASE_URL=postgres://a:$LATER@db/x\nLATER=x\n", PROJECT, later, None),
        ("DATABASE_URL=postgres://a:${LATER:-y}@db/x\nLATER=x\n", ENV_FILE, None, None),
        ("DATABASE_URL=postgres://a:${LATER}@db/x\n", ENV_FILE, None, None),
        ("LATER=y\nDATABASE_URL=postgres://a:${LATER}@db/x\nLATER=x\n", ENV_FILE, None, None),
        ("DATABASE_URL=postgres://a:${word}@db/x\nword=x\n", ENV_FILE, None, None),
        ("URL=http://${LATER}/\nLATER=x\n", ENV_FILE, None, None),
        ("DATABASE_URL=postgres://a:${LATER}@db/x\nLATER=x\n", NODE, None, None),
        ("DB_PASSWORD=pa$DB_HOST\n", ENV_FILE, None, None),
        ("DB_PASSWORD=$s1\n", ENV_FILE, None, None),
        ("DB_PASSWORD=pa$s1\n", PROJECT, None, None),
        (
            "DATABASE_URL=postgres://a:p$s1@db/x\n",
            PROJECT,
            undefined,
            Some("DATABASE_URL='postgres://a:p$s1@db/x'\n"),
        ),
        ("DB_PASSWORD=pa$s1\n", RAW, None, None),
        ("DB_PASSWORD=pa$s1\n", NODE, None, None),
        ("NAME=pa$s1\n", ENV_FILE, None, None),
    ]);
}

#[test]
fn a_dollar_that_dotenv_expand_takes_for_a_reference() {
    let possible = Some(("env-dollar-interpolation", "possible"));
    let undefined = Some(("env-dollar-interpolation", "undefined"));
    let both = &[EnvReader::ComposeEnvFile, EnvReader::DotenvExpand];
    check(&[
        ("DB_PASSWORD=pa$s1\n", &[EnvReader::DotenvExpand], possible, None),
        ("DB_PASSWORD='pa$s1'\n", &[EnvReader::DotenvExpand], possible, None),
        ("DB_PASSWORD=pa\\$s1\n", &[EnvReader::DotenvExpand], None, None),
        ("DB_PASSWORD=pa$s1\n", &[EnvReader::NodeEnvFile], None, None),
        // Single quotes would not mend it for both.
        ("DB_PASSWORD=pa$s1\n", both, undefined, None),
    ]);
}

#[test]
fn values_that_two_readers_read_differently() {
    let different = Some(("env-read-differently", "different"));
    let url = "DATABASE_URL=postgres://a:p#1@db/x\n";
    let encoded = Some("DATABASE_URL=postgres://a:p%231@db/x\n");
    let node = &[EnvReader::ComposeEnvFile, EnvReader::NodeDotenv];
    let project = &[EnvReader::ComposeProject, EnvReader::NodeDotenv];
    let docker = &[EnvReader::ComposeEnvFile, EnvReader::DockerRun];
    let python = &[EnvReader::PythonDotenv, EnvReader::NodeDotenv];
    check(&[
        (url, node, different, encoded),
        (url, project, different, encoded),
        (url, python, different, encoded),
        (url, docker, None, None),
        ("DB_PASSWORD=p#1\n", node, different, Some("DB_PASSWORD='p#1'\n")),
        // What the project's file sets and nobody asks for reaches no program.
        ("DB_PASSWORD=p#1\n", project, Some(("env-hash-truncation", "possible")), None),
        ("DB_PASSWORD=`p`\n", node, different, Some("DB_PASSWORD='p'\n")),
        ("DB_PASSWORD=`it's`\n", node, different, None),
        ("DB_PASSWORD=a$DB_HOST\n", node, different, None),
        ("DB_HOST=h # c\n", docker, different, None),
        ("export DB_HOST=h\n", docker, different, None),
        ("export DB_HOST=h\n", &[EnvReader::ComposeEnvFile, EnvReader::Kustomize], different, None),
        ("export DB_HOST=h\n", node, None, None),
        ("DB_HOST=h\n", docker, None, None),
        ("DB_HOST=h \n", docker, Some(("env-stray-whitespace", "trailing")), Some("DB_HOST=h\n")),
        ("DB_PASSWORD='p#$1'\n", node, None, None),
        ("DB_HOST=\"h\"\n", docker, Some(("env-literal-quotes", "raw")), Some("DB_HOST=h\n")),
        ("NAME=p#1\n", node, None, None),
        (
            url,
            &[EnvReader::ComposeEnvFile, EnvReader::PhpDotenv],
            Some(("env-hash-truncation", "possible")),
            encoded,
        ),
    ]);
}

#[test]
fn references_that_nobody_expands() {
    let kept = Some(("env-unexpanded-variable", "env-file"));
    check(&[
        ("DATABASE_URL=postgres://a:${PW}@db/x\n", RAW, kept, None),
        ("DATABASE_URL=postgres://a:$(PW)@db/x\n", KUSTOMIZE, kept, None),
        ("DATABASE_URL=${URL}\n", KUSTOMIZE, None, None),
        ("DATABASE_URL=jdbc:postgresql://${HOST}/x\n", KUSTOMIZE, None, None),
        ("DATABASE_URL=postgres://a:${PW}@db/x\n", ENV_FILE, None, None),
        (
            "DATABASE_URL=postgres://a:${PW}@db/x\n",
            &[EnvReader::ComposeEnvFile, EnvReader::ComposeRaw],
            Some(("env-read-differently", "different")),
            None,
        ),
        ("DATABASE_URL=postgres://a:${PW}@db/x\n", NODE, None, None),
        ("DB_PASSWORD=a${b}c\n", RAW, None, None),
    ]);
}

#[test]
fn a_variable_that_is_set_twice() {
    let twice = Some(("env-duplicate-key", "duplicate"));
    check(&[
        ("DB_HOST=a\nDB_HOST=b\n", &[], twice, None),
        ("DB_HOST=a\nDB_HOST=a\n", &[], None, None),
        ("DB_HOST=a\nDB_HOST='a'\n", &[], None, None),
        ("DB_HOST=${A}\nDB_HOST=${B}\n", ENV_FILE, twice, None),
        ("NAME=a\nNAME=b\n", &[], None, None),
        ("#DB_HOST=a\nDB_HOST=b\n", &[], None, None),
    ]);
}

#[test]
fn white_space_that_is_kept() {
    let stray = |kind| Some(("env-stray-whitespace", kind));
    check(&[
        ("DB_NAME = app\n", &[], stray("around-equals"), Some("DB_NAME=app\n")),
        ("DB_NAME= app\n", KUSTOMIZE, stray("around-equals"), Some("DB_NAME=app\n")),
        ("DB_NAME = app\n", ENV_FILE, None, None),
        ("DB_NAME= # none\n", &[], None, None),
        ("DB_NAME=app \n", &[], stray("trailing"), Some("DB_NAME=app\n")),
        ("DB_NAME=app \n", NODE, None, None),
        ("DB_NAME=app # one\n", &[], None, None),
        ("DB_NAME=app\r\nDB_HOST=db\r\n", &[], stray("carriage-return"), None),
        ("DB_NAME=app\r\n", KUSTOMIZE, None, None),
        ("DB_NAME=a\u{200B}pp\n", ENV_FILE, stray("invisible"), Some("DB_NAME=app\n")),
        ("NAME = app\n", &[], None, None),
    ]);
}

#[test]
fn references_are_recognised() {
    for (text, expected) in
        [("a${B}c", Some((1, 5))), ("$(B)", Some((0, 4))), ("${1}", None), ("${A:-b}", None), ("$A", None)]
    {
        assert_eq!(reference(text), expected, "{text}");
    }
}
