use std::collections::BTreeMap;

use super::*;
use crate::config::Config;
use crate::model::{Mount, MountSource, Role, Variable};
use crate::readers::Declarations;
use crate::span::SpanText;
use crate::span::{FileId, Text};
use crate::tree::{Files, Kind};

fn text(value: &str) -> Text {
    Text::written(&SpanText::verbatim(value, 0), FileId(0))
}

fn container(command: &[&str], variables: &[(&str, &str)], image: Option<&str>) -> Container {
    let environment: BTreeMap<String, Variable> = variables
        .iter()
        .map(|(name, value)| {
            let variable = Variable {
                name: (*name).to_owned(),
                name_place: None,
                value: Value::Text(text(value)),
                reference: None,
                via: None,
            };
            ((*name).to_owned(), variable)
        })
        .collect();
    Container {
        name: "app".to_owned(),
        image: image.map(text),
        role: Role::Main,
        environment,
        open_environment: None,
        command: command.iter().map(|word| text(word)).collect(),
        shell: false,
        build: None,
        dockerfile: None,
        base: None,
        mounts: Vec::new(),
        ports: Vec::new(),
        connections: Vec::new(),
        processes: Located::unknown(),
    }
}

fn count(container: &Container) -> Option<u64> {
    count_with(&Files::default(), container)
}

fn count_with(files: &Files, container: &Container) -> Option<u64> {
    let (declarations, config) = (Declarations::default(), Config::default());
    processes(&Context { files, declarations: &declarations, config: &config }, "app", container).value
}

#[test]
fn what_the_command_line_says() {
    let table: &[(&[&str], Option<u64>)] = &[
        (&["node", "server.js"], Some(1)),
        (&[], Some(1)),
        (&["gunicorn", "app:app"], Some(1)),
        (&["gunicorn", "-w", "4", "app:app"], Some(4)),
        (&["gunicorn", "-w4", "app:app"], Some(4)),
        (&["/venv/bin/gunicorn", "--workers=3", "app:app"], Some(3)),
        (&["gunicorn", "--worker-connections=99", "app:app"], Some(1)),
        (&["gunicorn", "-w", "2", "-w", "5", "app:app"], Some(5)),
        (&["gunicorn", "-w", "$WORKERS", "app:app"], None),
        (&["gunicorn", "-c", "conf.py", "app:app"], None),
        (&["gunicorn", "-c", "conf.py", "-w", "2", "app:app"], Some(2)),
        (&["sh", "-c", "migrate && exec gunicorn app:app --workers 4 --bind 0.0.0.0"], Some(4)),
        (&["python", "-m", "uvicorn", "app:app", "--workers", "4"], Some(4)),
        (&["uvicorn", "app:app", "--reload", "--workers", "4"], Some(1)),
        (&["fastapi", "dev", "--workers", "4"], Some(1)),
        (&["hypercorn", "app:app", "-w", "2"], Some(2)),
        (&["granian", "--workers", "2"], Some(2)),
        (&["uwsgi", "--http", ":80", "-p", "6"], Some(6)),
        (&["uwsgi", "app.ini"], None),
        (&["bundle", "exec", "puma", "-w", "0"], Some(1)),
        (&["bundle", "exec", "puma", "-C", "config/puma.rb"], None),
        (&["bundle", "exec", "sidekiq", "-c", "25"], Some(1)),
        (&["bundle", "exec", "sidekiqswarm"], None),
        // Beside each other.
        (&["sh", "-c", "celery -A app worker -c 4 & gunicorn -w 3 app:app"], Some(7)),
        (&["sh", "-c", "celery -A app beat & gunicorn -w 3 app:app"], Some(4)),
        (&["sh", "-c", "celery -A app worker & gunicorn -w 3 app:app"], None),
        (&["sh", "-c", "gunicorn -w 3 app:app & celery -A app worker -c 4 & wait"], Some(7)),
        // One after the other.
        (&["sh", "-c", "rails db:prepare && puma -w 3"], Some(3)),
        (&["sh", "-c", "gunicorn --check-config app:app; exec gunicorn -w 3 app:app"], Some(3)),
        (&["sh", "-c", "celery -A app inspect ping||gunicorn -w 3 app:app"], Some(3)),
        (&["sh", "-c", "gunicorn app:app 2>&1 -w 3 | tee log"], Some(3)),
        (&["sh", "-c", "celery -b redis://r?a=1&b=2 -A app worker -c 4"], Some(4)),
        (&["sh", "-c", "celery worker -c 4 &> log"], Some(4)),
        (&["pm2-runtime", "start", "app.js", "-i", "4"], Some(4)),
        (&["pm2-runtime", "start", "app.js", "-i", "max"], None),
        (&["pm2-runtime", "start", "app.js", "-i", "0"], None),
        (&["pm2-runtime", "ecosystem.config.js"], None),
        (&["celery", "-A", "app", "worker"], None),
        (&["celery", "-A", "app", "worker", "-c", "4"], Some(4)),
        (&["celery", "-A", "app", "worker", "--concurrency=8"], Some(8)),
        (&["celery", "-A", "app", "worker", "--autoscale=10,3"], Some(10)),
        (&["celery", "-A", "app", "worker", "-c", "100", "-P", "gevent"], Some(1)),
        (&["celery", "-A", "app", "worker", "-c", "100", "--pool=threads"], Some(1)),
        (&["celery", "-A", "app", "beat"], Some(1)),
        (&["-w", "4", "--bind=:80", "app:app"], Some(4)),
        (&["--workers", "$WORKERS"], None),
        (&["--wait", "4"], Some(1)),
        (&["node", "-w", "4"], Some(1)),
        (&["unicorn", "-c", "config/unicorn.rb"], None),
    ];
    for (command, expected) in table {
        assert_eq!(count(&container(command, &[], None)), *expected, "{command:?}");
    }
}

#[test]
fn variables_count_only_beside_a_server_that_reads_them() {
    let concurrency = [("WEB_CONCURRENCY", "3")];
    type Row<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], Option<u64>);
    let table: &[Row<'_>] = &[
        (&["node", "server.js"], &concurrency, Some(1)),
        (&[], &concurrency, Some(3)),
        (&[], &[("WEB_CONCURRENCY", "0")], Some(1)),
        (&[], &[("WEB_CONCURRENCY", "auto")], None),
        (&["sidekiqswarm"], &[("SIDEKIQ_COUNT", "2")], Some(2)),
        (&["gunicorn", "app:app"], &concurrency, Some(3)),
        (&["gunicorn", "app:app", "-w", "2"], &concurrency, Some(2)),
        (
            &["gunicorn", "app:app"],
            &[("GUNICORN_CMD_ARGS", "--bind=:80 --workers=6"), ("WEB_CONCURRENCY", "3")],
            Some(6),
        ),
        (&["uvicorn", "app:app"], &[("UVICORN_WORKERS", "2")], Some(2)),
        (&["uvicorn", "app:app"], &[("WEB_CONCURRENCY", "")], Some(1)),
        (&["puma"], &[("WEB_CONCURRENCY", "auto")], None),
        (&["rails", "server"], &concurrency, Some(3)),
        (&["rails", "db:migrate"], &concurrency, Some(1)),
    ];
    for (command, variables, expected) in table {
        assert_eq!(count(&container(command, variables, None)), *expected, "{command:?} {variables:?}");
    }
}

#[test]
fn images_that_start_one_by_themselves() {
    for (image, expected) in [
        ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", None),
        ("php:8.3-fpm-alpine", None),
        ("php:8.3-cli", Some(1)),
        ("acme/api:fpm", Some(1)),
    ] {
        assert_eq!(count(&container(&[], &[], Some(image))), expected, "{image}");
    }
    let based = |image: &str| Container {
        base: Some(crate::model::Base { image: text(image), altered: false }),
        ..container(&[], &[], Some("acme/api:1"))
    };
    assert_eq!(count(&based("php:8.3-fpm")), None);
    assert_eq!(count(&based("php:8.3-cli")), Some(1));
    let given = container(&[], &[("WEB_CONCURRENCY", "4")], Some("tiangolo/uvicorn-gunicorn"));
    assert_eq!(count(&given), Some(4));
}

#[test]
fn a_mounted_pool_file() {
    let mut files = Files::default();
    files.add(
        "fpm/www.conf",
        Kind::Referenced,
        "[www]\npm = static\n;pm.max_children = 5\npm.max_children = 12 ; twelve\n",
    );
    let mut php = container(&["php-fpm"], &[], Some("php:8.3-fpm"));
    php.mounts = vec![Mount {
        inside: "/usr/local/etc/php-fpm.d/www.conf".to_owned(),
        source: MountSource::Path("fpm/www.conf".to_owned()),
    }];
    assert_eq!(count_with(&files, &php), Some(12));
}

#[test]
fn what_the_image_is_built_to_run() {
    for (text, expected) in [
        ("FROM python\nCMD gunicorn app:app -w 3\n", Some(3)),
        ("FROM python\nENTRYPOINT [\"gunicorn\"]\nCMD [\"-w\", \"2\", \"app:app\"]\n", Some(2)),
        ("FROM python\nENV WEB_CONCURRENCY=5\nCMD gunicorn app:app\n", Some(5)),
        ("FROM python\nENV WEB_CONCURRENCY=$CPUS\nCMD gunicorn app:app\n", None),
        ("FROM python\nENV WEB_CONCURRENCY=5\nCMD python app.py\n", Some(1)),
    ] {
        let mut files = Files::default();
        let file = files.add("api/Dockerfile", Kind::Dockerfile, text);
        let declarations = crate::readers::read(&files, &[file]);
        let config = Config::default();
        let context = Context { files: &files, declarations: &declarations, config: &config };
        let built = Container { build: Some("api".to_owned()), ..container(&[], &[], None) };
        assert_eq!(processes(&context, "api", &built).value, expected, "{text}");
        let told = Container { build: Some("api".to_owned()), ..container(&["sleep"], &[], None) };
        assert_eq!(processes(&context, "api", &told).value, Some(1), "a command of its own: {text}");
    }
}

#[test]
fn an_unknown_number_has_a_place() {
    let told = container(&["gunicorn", "-w", "$WORKERS"], &[], None);
    let (files, declarations, config) = (Files::default(), Declarations::default(), Config::default());
    let context = Context { files: &files, declarations: &declarations, config: &config };
    let found = processes(&context, "app", &told);
    assert!(found.value.is_none() && found.place.is_some() && found.note.is_some());
}

#[test]
fn threads_of_one_process() {
    let known = |count| Some(Some(count));
    type Row<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], Option<Option<u64>>);
    let table: &[Row<'_>] = &[
        (&["gunicorn", "app:app"], &[], known(1)),
        (&["gunicorn", "app:app", "--threads", "8"], &[], known(8)),
        (&["gunicorn", "-k", "gthread", "--threads=8"], &[], known(8)),
        (&["gunicorn", "app:app"], &[("GUNICORN_CMD_ARGS", "--threads 3")], known(3)),
        (&["gunicorn", "--threads", "$THREADS"], &[], Some(None)),
        (&["gunicorn", "-k", "gevent", "--threads", "8"], &[], Some(None)),
        (&["uvicorn", "app:app"], &[], Some(None)),
        (&["celery", "worker", "-c", "16"], &[], known(1)),
        (&["celery", "worker", "-c", "16", "-P", "threads"], &[], known(16)),
        (&["celery", "worker", "--pool=gevent", "-c", "100"], &[], known(100)),
        (&["celery", "worker", "--pool=gevent"], &[], Some(None)),
        (&["celery", "beat"], &[], None),
        (&["sidekiq"], &[("RAILS_MAX_THREADS", "10")], known(10)),
        (&["sidekiq", "-c", "7"], &[("RAILS_MAX_THREADS", "10")], known(7)),
        (&["puma", "-t", "2:16"], &[], known(16)),
        (&["uwsgi", "--threads", "4"], &[], known(4)),
        (&["uwsgi", "--gevent", "100"], &[], Some(None)),
        (&["waitress-serve", "app:app"], &[], known(4)),
        (&["python", "manage.py", "migrate"], &[], None),
    ];
    let (files, declarations, config) = (Files::default(), Declarations::default(), Config::default());
    let context = Context { files: &files, declarations: &declarations, config: &config };
    for (command, variables, expected) in table {
        let found = threads(&context, "app", &container(command, variables, None));
        assert_eq!(found.map(|found| found.value), *expected, "{command:?} {variables:?}");
    }
}
