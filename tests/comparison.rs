//! What a change brings: `--base`, baselines, the index. With the real git, on real repositories.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;
#[path = "comparison/repository.rs"]
mod repository;

use repository::{Repository, git, git_is_there, run, run_with};

/// A server with room for a hundred connections, and an api with so many replicas of ten.
fn compose(replicas: u64) -> String {
    format!(
        "services:\n  api:\n    image: ghcr.io/acme/api:1\n    deploy: {{ replicas: {replicas} }}\n    environment:\n      DATABASE_URL: \
         postgresql://app:secret@db:5432/app?connection_limit=10\n  db:\n    image: postgres:16\n"
    )
}

/// An env file that is wrong: it waits too short a time.
const HASTY: &str =
    "DATABASE_URL=postgresql://app:secret@db.internal:5432/app?connection_limit=10&pool_timeout=2\n";
/// One that is right.
const PATIENT: &str =
    "DATABASE_URL=postgresql://app:secret@db.internal:5432/app?connection_limit=10&pool_timeout=20\n";

const OVERFLOW: &str = "total-connection-overflow";
const TOO_LOW: &str = "pool-timeout-too-low";

/// Says so, and leaves the test, where there is no git.
macro_rules! need_git {
    () => {
        if !git_is_there() {
            return;
        }
    };
}

#[test]
fn a_new_finding_fails_and_a_known_one_does_not() {
    need_git!();
    let repository = Repository::new(&[("a/.env.production", HASTY)]);
    let ran = repository.against_main();
    assert_eq!(ran.statuses(), [format!("known {TOO_LOW} a/.env.production")]);
    assert_eq!((ran.status, &ran.json["comparison"]["base"]), (0, &"main".into()));
    assert_eq!(repository.checked(&["--base", "main", "--gate", "all"]).status, 1);

    repository.write("b/.env.production", HASTY);
    let ran = repository.against_main();
    assert_eq!(
        ran.statuses(),
        [format!("known {TOO_LOW} a/.env.production"), format!("new {TOO_LOW} b/.env.production")]
    );
    assert_eq!(ran.status, 1);
    assert_eq!(ran.json["comparison"]["new"], 1);
}

#[test]
fn a_finding_that_moved_is_known() {
    need_git!();
    let repository = Repository::new(&[("a/.env.production", HASTY), ("compose.yaml", &compose(12))]);
    repository.write("a/.env.production", &format!("# one\n# two\nOTHER=1\n{HASTY}"));
    repository.write("compose.yaml", &format!("# a comment\n\n{}", compose(12)));
    let ran = repository.against_main();
    assert_eq!(ran.status, 0, "{:?}", ran.statuses());
    assert!(ran.statuses().iter().all(|status| status.starts_with("known ")), "{:?}", ran.statuses());
    assert!(ran.statuses().len() >= 2);
}

#[test]
fn what_is_mended_is_listed() {
    need_git!();
    let repository = Repository::new(&[("a/.env.production", HASTY)]);
    repository.write("a/.env.production", PATIENT);
    let ran = repository.against_main();
    assert_eq!((ran.status, ran.statuses()), (0, Vec::new()));
    assert_eq!(ran.fixed(), [format!("{TOO_LOW} a/.env.production")]);
    // What cannot be read is not mended by that.
    repository.write("a/.env.production", "\u{0}");
    assert_eq!(repository.against_main().fixed(), [""; 0]);
}

#[test]
fn a_sum_can_get_worse_and_better() {
    need_git!();
    let repository = Repository::new(&[("compose.yaml", &compose(12))]);
    for (replicas, status, word) in [(12, 0, "known"), (14, 1, "worsened"), (11, 0, "improved")] {
        repository.write("compose.yaml", &compose(replicas));
        let ran = repository.against_main();
        assert!(ran.statuses().contains(&format!("{word} {OVERFLOW} compose.yaml")), "{:?}", ran.statuses());
        assert_eq!(ran.status, status, "{replicas} replicas");
    }
}

#[test]
fn a_renamed_directory_brings_nothing_new() {
    need_git!();
    let files = [("shop/.env.production", HASTY), ("blog/.env.production", HASTY)];
    let repository = Repository::new(&files);
    repository.git(&["mv", "blog", "weblog"]);
    let ran = repository.against_main();
    assert_eq!(
        ran.statuses(),
        [format!("known {TOO_LOW} shop/.env.production"), format!("known {TOO_LOW} weblog/.env.production")]
    );
    assert_eq!((ran.status, ran.fixed()), (0, Vec::new()));
    // Mended here and made anew there is no renaming.
    repository.git(&["reset", "--quiet", "--hard"]);
    repository.write("shop/.env.production", PATIENT);
    repository.write("new/.env.production", HASTY);
    let ran = repository.against_main();
    assert!(ran.statuses().contains(&format!("new {TOO_LOW} new/.env.production")), "{:?}", ran.statuses());
}

#[test]
fn a_base_that_is_not_there_is_an_error_that_says_what_to_do() {
    need_git!();
    let repository = Repository::new(&[("compose.yaml", &compose(1))]);
    for revision in ["nowhere", "HEAD~1", "0123456789012345678901234567890123456789", ":/nothing"] {
        let ran = repository.run(&["check", "--base", revision]);
        assert_eq!(ran.status, 2, "{revision}: {}", ran.text());
        assert!(ran.stderr.contains("no such commit") && ran.stderr.contains("git fetch"), "{}", ran.stderr);
    }
    // No repository at all.
    let directory = program::directory(&[("compose.yaml", &compose(1))]);
    let ran = run(directory.path(), &["check", "--base", "main"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("no git repository"), "{}", ran.stderr);
    let ran = run(directory.path(), &["check", "-", "--base", "main"]);
    assert_eq!(ran.status, 2, "{}", ran.text());
    let ran = run(&repository.place.join(".git"), &["check", "--base", "main"]);
    assert_eq!(ran.status, 2, "{}", ran.text());
    assert!(ran.stderr.contains("no work tree"), "{}", ran.stderr);
    // A git directory that stands elsewhere is found as git finds it.
    std::fs::rename(repository.place.join(".git"), repository.place.parent().unwrap().join("elsewhere"))
        .unwrap();
    std::fs::create_dir(repository.place.join("below")).unwrap();
    let variables = [("GIT_DIR", "../elsewhere"), ("GIT_WORK_TREE", ".")];
    for path in [".", "below"] {
        let ran = run_with(&repository.place, &["check", "--base", "main", path], &variables);
        assert_eq!(ran.status, 0, "{path}: {}", ran.text());
    }
}

#[test]
fn a_hostile_revision_is_no_option() {
    need_git!();
    let repository = Repository::new(&[("compose.yaml", &compose(1))]);
    let trap = "--upload-pack=touch pwned;";
    for arguments in [
        ["check", "--base=--upload-pack=touch pwned;"],
        ["check", "--base=-x"],
        ["check", "--base="],
        ["check", "--base=a\nb"],
        ["check", "--base=$(touch pwned)"],
        ["check", "--base=main;touch pwned"],
        ["budget", "--base=--output=pwned"],
    ] {
        let ran = repository.run(&arguments);
        assert_eq!(ran.status, 2, "{arguments:?}: {}", ran.text());
    }
    assert_eq!(repository.run(&["check", "--base", trap]).status, 2);
    assert!(!repository.place.join("pwned").exists());
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
}

/// A bare `origin` with a merge commit, and a clone of depth 1 of it.
struct Shallow {
    repository: Repository,
    clone: std::path::PathBuf,
    /// The commit that was merged into.
    base: String,
}

fn shallow() -> Shallow {
    let repository = Repository::new(&[("compose.yaml", &compose(12)), ("a/.env.production", HASTY)]);
    let base = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    repository.write("compose.yaml", &compose(14));
    repository.commit();
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["checkout", "--quiet", "--detach"]);
    repository.git(&["merge", "--quiet", "--no-ff", "--message", "m", "change"]);
    repository.git(&["branch", "merged"]);
    let above = repository.place.parent().unwrap().to_owned();
    git(&above, &["clone", "--quiet", "--bare", "work", "origin.git"]);
    let origin = format!("file://{}", above.join("origin.git").display());
    git(&above, &["clone", "--quiet", "--depth=1", "--branch=merged", &origin, "clone"]);
    Shallow { repository, clone: above.join("clone"), base }
}

#[test]
fn a_clone_of_depth_one_asks_for_the_commit_that_it_lacks() {
    need_git!();
    for revision in ["HEAD^1", "HEAD^", "HEAD~1", "origin/main", "main", "id"] {
        let Shallow { repository: _kept, clone, base } = shallow();
        let revision = if revision == "id" { base.as_str() } else { revision };
        let before = git(&clone, &["for-each-ref"]);
        let ran = run(&clone, &["check", "--format", "json", "--base", revision]);
        assert_eq!(ran.status, 1, "{revision}: {}", ran.text());
        assert_eq!(ran.json()["comparison"]["worsened"], 1, "{revision}: {}", ran.stdout);
        assert_eq!(git(&clone, &["for-each-ref"]), before, "no branch and no tag changes");
        assert_eq!(git(&clone, &["status", "--porcelain"]), "");
    }
}

#[test]
fn a_commit_that_cannot_be_had_is_said_plainly() {
    need_git!();
    let Shallow { repository, clone, .. } = shallow();
    for (revision, said) in [
        ("HEAD^3", "no such parent"),
        ("nowhere", "no branch or tag"),
        ("0123456789012345678901234567890123456789", "fetch-depth: 0"),
    ] {
        let ran = run(&clone, &["check", "--base", revision]);
        assert_eq!(ran.status, 2, "{revision}: {}", ran.text());
        assert!(ran.stderr.contains(said) && ran.stderr.contains("shallow"), "{revision}: {}", ran.stderr);
    }
    std::fs::remove_dir_all(repository.place.parent().unwrap().join("origin.git")).unwrap();
    let ran = run(&clone, &["check", "--base", "HEAD^1"]);
    assert_eq!(ran.status, 2, "{}", ran.text());
    assert!(ran.stderr.contains("clone with more history"), "{}", ran.stderr);
}

#[test]
fn a_part_of_a_repository_is_compared_with_the_same_part() {
    need_git!();
    let repository = Repository::new(&[("a/b/.env.production", HASTY), ("other/.env.production", PATIENT)]);
    repository.write("other/.env.production", HASTY);
    let (place, part) = (repository.place.clone(), repository.place.join("a"));
    for (directory, path) in [(&place, "a"), (&part, "."), (&part, "b"), (&place, "a/b/.env.production")] {
        let ran = run(directory, &["check", "--format", "json", "--fail-on", "info", "--base", "main", path]);
        assert_eq!(ran.status, 0, "{path}: {}", ran.text());
        assert_eq!(ran.json()["comparison"]["known"], 1, "{path}: {}", ran.stdout);
    }
    // A part that was not there.
    repository.write("fresh/.env.production", HASTY);
    let ran = run(&place, &["check", "--format", "json", "--fail-on", "info", "--base", "main", "fresh"]);
    assert_eq!((ran.status, &ran.json()["comparison"]["new"]), (1, &1.into()), "{}", ran.text());
    let file = "fresh/.env.production";
    let ran = run(&place, &["check", "--format", "json", "--fail-on", "info", "--base", "main", file]);
    assert_eq!((ran.status, &ran.json()["comparison"]["new"]), (1, &1.into()), "{}", ran.text());
}

#[test]
fn a_named_file_that_was_not_in_order_does_not_fail_the_comparison() {
    need_git!();
    let repository = Repository::new(&[("compose.yaml", "services: [\n")]);
    repository.write("compose.yaml", &compose(12));
    let ran = repository.checked(&["--base", "main", "compose.yaml"]);
    assert!(ran.statuses().contains(&format!("new {OVERFLOW} compose.yaml")), "{:?}", ran.statuses());
}

#[test]
fn names_may_be_anything() {
    need_git!();
    let odd = [
        "a \"quoted\"/.env.production",
        "tab\there/.env.production",
        "ü\n b/.env.production",
        "-x/.env.production",
    ];
    let files: Vec<(&str, &str)> = odd.iter().map(|path| (*path, HASTY)).collect();
    let repository = Repository::new(&files);
    for arguments in
        [&["--base", "main"][..], &["--base", "main", "--staged"], &["--base", "main", "--git-tracked"]]
    {
        let ran = repository.checked(arguments);
        assert_eq!((ran.status, ran.statuses().len()), (0, odd.len()), "{:?}", ran.statuses());
        assert_eq!(ran.json["comparison"]["known"], odd.len());
    }
}

#[test]
fn what_git_does_not_keep_is_the_same_on_both_sides() {
    need_git!();
    let repository = Repository::new(&[(".gitignore", ".env\nlocal/\n"), ("compose.yaml", &compose(1))]);
    repository.write(".env", HASTY);
    let ran = repository.against_main();
    assert_eq!(ran.status, 0, "{:?}", ran.statuses());
    // Neither ignored nor added yet: it is about to be.
    repository.write(".env.production", HASTY);
    let ran = repository.against_main();
    assert!(ran.statuses().contains(&format!("new {TOO_LOW} .env.production")), "{:?}", ran.statuses());
}

#[test]
fn ignore_files_hold_in_a_revision_too() {
    need_git!();
    let repository = Repository::new(&[
        (".gitignore", "/build/\n"),
        (".ignore", "testdata/\n"),
        ("testdata/.env.production", HASTY),
        ("node_modules/x/.env.production", HASTY),
    ]);
    repository.write("build/compose.yaml", &compose(12));
    repository.git(&["add", "--force", "build/compose.yaml"]);
    repository.commit();
    let ran = repository.against_main();
    assert_eq!((ran.statuses().len(), ran.fixed().len()), (0, 0), "{:?} {:?}", ran.statuses(), ran.fixed());
    // What is tracked is seen where git says what there is.
    for option in ["--git-tracked", "--staged"] {
        let ran = repository.checked(&[option]);
        assert!(ran.statuses().contains(&format!("- {OVERFLOW} build/compose.yaml")), "{:?}", ran.statuses());
        assert!(ran.statuses().iter().all(|status| !status.contains("testdata")), "{:?}", ran.statuses());
    }
}

#[test]
fn staged_reads_the_index_and_not_the_disk() {
    need_git!();
    let repository = Repository::new(&[("a/.env.production", PATIENT), ("b/.env.production", PATIENT)]);
    repository.write("a/.env.production", HASTY);
    repository.git(&["add", "a"]);
    repository.write("a/.env.production", PATIENT);
    repository.write("b/.env.production", HASTY);
    assert_eq!(repository.checked(&["--staged"]).statuses(), [format!("- {TOO_LOW} a/.env.production")]);
    assert_eq!(repository.checked(&["--git-tracked"]).statuses(), [format!("- {TOO_LOW} b/.env.production")]);
    assert_eq!(
        repository.checked(&["--staged", "--base", "main"]).statuses(),
        [format!("new {TOO_LOW} a/.env.production")]
    );
    // Removed from the index, still on disk.
    repository.git(&["rm", "--quiet", "--force", "--cached", "a/.env.production"]);
    assert_eq!(repository.checked(&["--staged"]).statuses(), [""; 0]);
    let ran = repository.run(&["check", "--staged", "a/.env.production"]);
    assert_eq!(ran.status, 2, "{}", ran.text());
    assert!(ran.stderr.contains("git add"), "{}", ran.stderr);
    assert_eq!(repository.run(&["check", "--staged", "--fix"]).status, 2);
    assert_eq!(repository.run(&["check", "--staged", "--git-tracked"]).status, 2);
}

#[test]
fn another_index_is_the_one_that_git_names() {
    need_git!();
    let repository = Repository::new(&[("a/.env.production", PATIENT)]);
    std::fs::copy(repository.place.join(".git/index"), repository.place.join(".git/next")).unwrap();
    repository.write("a/.env.production", HASTY);
    repository.git(&["add", "a"]);
    let arguments = ["check", "--format", "concise", "--staged", "."];
    let ran =
        |place: &std::path::Path, variables: &[(&str, &str)]| run_with(place, &arguments, variables).stdout;
    assert!(ran(&repository.place, &[]).contains(TOO_LOW));
    // As git calls its hooks: paths from the top of the work tree.
    let hook = [("GIT_INDEX_FILE", ".git/next"), ("GIT_DIR", ".git")];
    assert_eq!(ran(&repository.place, &hook), "");
    // The variables speak of another repository than the one that is checked.
    let other = Repository::new(&[("a/.env.production", HASTY)]);
    let path = other.place.display().to_string();
    let ran = run_with(&repository.place, &["check", "--format", "concise", "--staged", &path], &hook);
    assert!(ran.stdout.contains(TOO_LOW), "{}", ran.text());
}

#[test]
fn git_tracked_never_reads_what_is_not_tracked() {
    need_git!();
    let repository = Repository::new(&[
        (".gitignore", "secret.env\n"),
        ("compose.yaml", "services:\n  api:\n    image: x\n    env_file: [secret.env, .env]\n"),
        ("a/.env.production", PATIENT),
    ]);
    for path in [".env", "secret.env"] {
        repository.write(
            path,
            "DATABASE_URL=postgresql://app:kanarie@db.internal:5432/app?pool_timeout=2&connection_limit=10\n",
        );
    }
    assert!(repository.run(&["check", "--format", "concise"]).stdout.contains(TOO_LOW));
    let ran = repository.run(&["check", "--git-tracked", "--format", "json"]);
    assert_eq!(ran.json()["findings"], serde_json::json!([]), "{}", ran.text());
    let model = repository.run(&["model", "--git-tracked"]);
    assert!(!model.stdout.contains("db.internal:5432/app?pool_timeout"), "{}", model.stdout);
    // A tracked link to an untracked file is a way to read it.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret.env", repository.place.join("a/.env.staging")).unwrap();
        repository.git(&["add", "a"]);
        let ran = repository.run(&["check", "--git-tracked", "--format", "json"]);
        assert_eq!(ran.json()["findings"], serde_json::json!([]), "{}", ran.text());
    }
}

#[cfg(unix)]
#[test]
fn links_lead_to_what_the_revision_has() {
    need_git!();
    let repository = Repository::new(&[("shared/base.env", HASTY)]);
    std::fs::create_dir(repository.place.join("app")).unwrap();
    std::os::unix::fs::symlink("../shared/base.env", repository.place.join("app/.env.production")).unwrap();
    std::os::unix::fs::symlink("nowhere", repository.place.join("app/.env.staging")).unwrap();
    std::os::unix::fs::symlink(".env.loop", repository.place.join("app/.env.loop")).unwrap();
    repository.commit();
    let ran = repository.against_main();
    assert!(ran.statuses().contains(&format!("known {TOO_LOW} app/.env.production")), "{:?}", ran.statuses());
    assert_eq!((ran.status, ran.json["comparison"]["new"].clone()), (0, 0.into()));
    let staged = repository.checked(&["--staged"]);
    assert!(
        staged.statuses().contains(&format!("- {TOO_LOW} app/.env.production")),
        "{:?}",
        staged.statuses()
    );
    let skipped = staged.json["files"]["skipped"].to_string();
    assert!(skipped.contains("app/.env.staging") && skipped.contains("app/.env.loop"), "{skipped}");
}

#[test]
fn a_submodule_is_the_same_on_both_sides() {
    need_git!();
    let inner = Repository::new(&[(".env.production", HASTY)]);
    let repository = Repository::new(&[("compose.yaml", &compose(1))]);
    let path = inner.place.display().to_string();
    repository.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &path, "sub"]);
    repository.commit();
    let ran = repository.checked(&["--base", "HEAD"]);
    assert!(ran.statuses().contains(&format!("known {TOO_LOW} sub/.env.production")), "{:?}", ran.statuses());
    assert_eq!((ran.status, &ran.json["comparison"]["new"]), (0, &0.into()));
    let staged = repository.checked(&["--staged"]);
    assert!(staged.statuses().iter().all(|status| !status.contains("sub/")), "{:?}", staged.statuses());
    assert!(staged.json["files"]["skipped"].to_string().contains("a submodule"));
}

#[cfg(unix)]
#[test]
fn charts_are_rendered_on_both_sides() {
    use std::os::unix::fs::PermissionsExt;
    need_git!();
    let manifest = |timeout: u64| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: NAME-api }}\nspec:\n  replicas: 3\n  template:\n    spec:\n      \
             containers:\n        - name: api\n          image: ghcr.io/acme/api:1\n          env:\n            - {{ name: DATABASE_URL, \
             value: \"postgresql://app:secret@db.internal:5432/shop?connection_limit=10&pool_timeout={timeout}\" }}\n# {{{{ .Values.x }}}}\n"
        )
    };
    let chart = "apiVersion: v2\nname: api\nversion: 1.0.0\n";
    let repository = Repository::new(&[("Chart.yaml", chart), ("templates/api.yaml", &manifest(2))]);
    let tools =
        program::directory(&[("helm", "#!/bin/sh\nsed \"s/NAME/$2/;/{{/d\" \"$3/templates/api.yaml\"\n")]);
    let helm = tools.path().join("helm");
    std::fs::set_permissions(helm, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap());
    let scratch = tempfile::tempdir().unwrap();
    let variables = [("PATH", path.as_str()), ("TMPDIR", scratch.path().to_str().unwrap())];
    let checked = |arguments: &[&str]| {
        let all: Vec<&str> = [&["check", "--helm", "--format", "json"], arguments].concat();
        let ran = run_with(&repository.place, &all, &variables);
        let json = ran.json();
        let found = json["findings"].as_array().unwrap().iter();
        found.map(|finding| format!("{} {}", finding["status"], finding["rule"])).collect::<Vec<_>>()
    };
    assert_eq!(checked(&["--base", "main"]), [format!("\"known\" \"{TOO_LOW}\"")]);
    repository.write("templates/api.yaml", &manifest(1));
    assert_eq!(checked(&["--base", "main"]), [format!("\"worsened\" \"{TOO_LOW}\"")]);
    repository.write("templates/api.yaml", &manifest(20));
    assert_eq!(checked(&["--base", "main"]), [""; 0]);
    assert_eq!(checked(&["--staged", "--base", "main"]), [format!("\"known\" \"{TOO_LOW}\"")]);
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn the_configuration_is_staged_too() {
    need_git!();
    let repository =
        Repository::new(&[("a/.env.production", HASTY), ("poollint.toml", "exclude = [\"other/**\"]\n")]);
    repository.write("poollint.toml", "exclude = [\"a/**\"]\n");
    assert_eq!(repository.checked(&[]).statuses(), [""; 0]);
    assert_eq!(repository.checked(&["--staged"]).statuses(), [format!("- {TOO_LOW} a/.env.production")]);
}

#[test]
fn no_secret_leaves_from_a_revision_or_into_a_baseline() {
    need_git!();
    let secret = |timeout: u64, word: &str| {
        format!(
            "# postgres://u:{word}1@h/d\nDATABASE_URL=postgresql://app:{word}2@db.internal:5432/a?connection_limit=10&pool_timeout={timeout}\n\
             OTHER_URL=postgres://app:p@{word}3#x@db/app?pool_timeout=1\nAPI_TOKEN={word}6\n"
        )
    };
    let compose = |word: &str| {
        format!(
            "services:\n  api:\n    image: x\n    deploy: {{ replicas: 30 }}\n    environment:\n      DATABASE_URL: \
             postgresql://app:{word}7@db:5432/app?connection_limit=10\n  db:\n    image: postgres:16\n    environment: {{ \
             POSTGRES_PASSWORD: {word}8 }}\n"
        )
    };
    let repository = Repository::new(&[
        ("a/.env.production", &secret(1, "kanarie")),
        ("b/.env.production", &secret(2, "kanarie")),
        ("compose.yaml", &compose("kanarie")),
    ]);
    repository.write("a/.env.production", &secret(3, "kanarie"));
    repository.remove("b/.env.production");
    repository.write("baseline", &secret(1, "kanarie"));
    let mut runs: Vec<Vec<&str>> = vec![
        vec!["check", "--write-baseline", "accepted.json"],
        vec!["check", "--baseline", "baseline"],
        vec!["check", "--baseline", "accepted.json", "--verbose"],
        vec!["check", "--base", "postgres://u:kanarie@h/d"],
        vec!["check", "--baseline", "postgres://u:kanarie@h/d"],
    ];
    for format in ["human", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson", "markdown"] {
        for further in [&["--gate", "all"][..], &["--gate", "new"], &["--staged"], &["--git-tracked"]] {
            runs.push([&["check", "--base", "main", "--format", format], further].concat());
        }
    }
    for format in ["human", "json", "markdown", "mermaid", "svg"] {
        runs.push(vec!["budget", "--base", "main", "--format", format]);
    }
    for arguments in runs {
        let ran = repository.run(&arguments);
        assert!(!ran.text().contains("kanarie"), "{arguments:?}: {}", ran.text());
    }
    let accepted = std::fs::read_to_string(repository.place.join("accepted.json")).unwrap();
    assert!(!accepted.contains("kanarie") && accepted.lines().count() > 6, "{accepted}");
}

#[test]
fn a_configuration_that_changed_judges_both_sides() {
    need_git!();
    let configuration =
        |limit: u64| format!("[databases.app]\nmatch = [\"db:5432\"]\nmax-connections = {limit}\n");
    let repository =
        Repository::new(&[("compose.yaml", &compose(12)), ("poollint.toml", &configuration(500))]);
    repository.write("poollint.toml", &configuration(100));
    let ran = repository.run(&["check", "--format", "json", "--base", "main"]);
    assert_eq!(ran.status, 0, "the change of a declared limit is no change of the files: {}", ran.text());
    assert!(ran.stderr.contains("another one at main"), "{}", ran.stderr);
    assert_eq!(repository.run(&["check", "--quiet", "--base", "main"]).stderr, "");
}

#[test]
fn every_format_knows_what_is_new() {
    need_git!();
    let repository = Repository::new(&[("a/.env.production", HASTY), ("b/.env.production", HASTY)]);
    repository.write("c/.env.production", HASTY);
    repository.write("b/.env.production", PATIENT);
    let shown = |format: &str, further: &[&str]| {
        let mut arguments = vec!["check", "--color", "never", "--base", "main", "--format", format];
        arguments.extend(further);
        repository.run(&arguments).stdout
    };
    for format in ["human", "concise", "github", "junit", "rdjson"] {
        let text = shown(format, &[]);
        assert!(text.contains("c/.env.production"), "{format}: {text}");
        assert!(!text.contains("a/.env.production"), "{format}: {text}");
        assert!(shown(format, &["--gate", "all"]).contains("a/.env.production"), "{format}");
    }
    let human = shown("human", &[]);
    assert!(human.contains("compared with main: 1 new, 0 worsened, 1 known, 0 improved, 1 fixed"), "{human}");
    assert!(human.contains("fixed b/.env.production"), "{human}");
    let github = shown("github", &["--gate", "all"]);
    assert!(github.find("c/.env") < github.find("a/.env"), "what is new comes first: {github}");
    assert!(shown("concise", &["--gate", "all"]).contains(" (known)\n"));
    let markdown = shown("markdown", &[]);
    assert!(markdown.contains("| new | warning |") && markdown.contains("| known | warning |"), "{markdown}");
    assert!(
        markdown.contains("There before: 1 finding<") && markdown.contains("Fixed: 1 finding<"),
        "{markdown}"
    );
    let sarif: serde_json::Value = serde_json::from_str(&shown("sarif", &[])).unwrap();
    let states: Vec<&str> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["baselineState"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["unchanged", "new"]);
    let plain: serde_json::Value =
        serde_json::from_str(&repository.run(&["check", "--format", "sarif"]).stdout).unwrap();
    assert!(plain["runs"][0]["results"][0].get("baselineState").is_none());
}

#[test]
fn gate_new_needs_something_to_compare_with() {
    let directory = program::directory(&[("compose.yaml", &compose(1))]);
    let ran = run_with(directory.path(), &["check", "--gate", "new"], &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("--base"), "{}", ran.stderr);
    assert_eq!(run_with(directory.path(), &["check", "--fail-on", "never", "--gate", "all"], &[]).status, 0);
}

#[path = "comparison/baseline.rs"]
mod baseline;
#[path = "comparison/budget.rs"]
mod budget;
#[path = "comparison/identity.rs"]
mod identity;
