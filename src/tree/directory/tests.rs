use std::collections::BTreeMap;
use std::process::Command;

use tempfile::TempDir;

use super::*;
use crate::tree::{Files, load};

/// A temporary directory with these files; a path that ends in `/` is a directory.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let place = root.path().join(path);
        if path.ends_with('/') {
            fs::create_dir_all(place).unwrap();
        } else {
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
        }
    }
    root
}

fn walked(directory: &Directory) -> (Vec<String>, BTreeMap<String, String>) {
    let walk = directory.walk().unwrap();
    let found = walk.found.into_iter().map(|found| found.path).collect();
    (found, walk.skipped.into_iter().map(|skipped| (skipped.path, skipped.reason)).collect())
}

fn found(root: &TempDir) -> Vec<String> {
    walked(&Directory::new(root.path()).unwrap()).0
}

fn skipped(root: &TempDir) -> BTreeMap<String, String> {
    walked(&Directory::new(root.path()).unwrap()).1
}

fn open_all(paths: &[PathBuf]) -> Directory {
    open(paths, &WalkOptions::default()).unwrap()
}

#[test]
fn candidates_are_found_wherever_people_keep_them() {
    let root = tree(&[
        (".env", ""),
        ("api/.env.production", ""),
        (".docker/compose.yaml", ""),
        (".devcontainer/docker-compose.yml", ""),
        ("build/compose.yaml", ""),
        ("README.md", ""),
        (".git/config.yaml", ""),
        ("web/node_modules/x/package.json", ""),
        ("vendor/x/go.mod", ""),
        ("target/x/Cargo.toml", ""),
        (".venv/x/requirements.txt", ""),
        ("py/pyvenv.cfg", ""),
        ("tool/.env/pyvenv.cfg", ""),
        ("py/lib/requirements.txt", ""),
    ]);
    assert_eq!(
        found(&root),
        [
            ".devcontainer/docker-compose.yml",
            ".docker/compose.yaml",
            ".env",
            "api/.env.production",
            "build/compose.yaml"
        ]
    );
    assert!(skipped(&root).is_empty());
}

#[test]
fn ignore_files_are_respected_but_dot_env_is_seen() {
    let root = tree(&[
        (".gitignore", ".env*\ncompose.dev.yaml\n/out/\nlocal.yaml\n*.env\n"),
        (".env", ""),
        (".env.local", ""),
        ("prod.env", ""),
        ("compose.dev.yaml", ""),
        ("compose.yaml", ""),
        ("local.yaml", ""),
        ("out/.env", ""),
        ("sub/out/.env", ""),
        ("sub/.gitignore", "!compose.dev.yaml\n"),
        ("sub/compose.dev.yaml", ""),
        ("other/.ignore", "stack.yml\n"),
        ("other/stack.yml", ""),
    ]);
    assert_eq!(found(&root), [".env", ".env.local", "compose.yaml", "sub/compose.dev.yaml", "sub/out/.env"]);
    let reasons = skipped(&root);
    let expected = [
        ("compose.dev.yaml", "ignored by .gitignore"),
        ("other/stack.yml", "ignored by other/.ignore"),
        ("prod.env", "ignored by .gitignore"),
    ];
    assert_eq!(reasons, expected.map(|(path, reason)| (path.to_owned(), reason.to_owned())).into());
}

#[test]
fn rules_above_the_root_count_up_to_the_repository() {
    let root = tree(&[
        (".gitignore", "never.env\n"),
        ("repo/.git/info/exclude", "mine.env\n"),
        ("repo/.gitignore", "a.env\n"),
        ("repo/x/.gitignore", "b.env\n"),
        ("repo/x/y/a.env", ""),
        ("repo/x/y/b.env", ""),
        ("repo/x/y/mine.env", ""),
        ("repo/x/y/never.env", ""),
        ("repo/x/y/seen.env", ""),
    ]);
    let inner = Directory::new(&root.path().join("repo/x/y")).unwrap();
    assert_eq!(walked(&inner).0, ["never.env", "seen.env"]);
    let bare = tree(&[(".gitignore", "a.env\n"), ("x/a.env", "")]);
    assert_eq!(walked(&Directory::new(&bare.path().join("x")).unwrap()).0, ["a.env"]);
}

#[test]
fn a_linked_work_tree_has_the_excludes_of_its_repository() {
    let root = tree(&[
        ("main/.git/info/exclude", "mine.env\n"),
        ("main/.git/worktrees/w/commondir", "../..\n"),
        ("w/mine.env", ""),
        ("w/seen.env", ""),
    ]);
    let pointer = format!("gitdir: {}\n", root.path().join("main/.git/worktrees/w").display());
    fs::write(root.path().join("w/.git"), pointer).unwrap();
    assert_eq!(walked(&Directory::new(&root.path().join("w")).unwrap()).0, ["seen.env"]);
}

#[test]
fn an_ignore_file_that_is_no_list_is_not_compiled() {
    let root = tree(&[("prod.env", "")]);
    fs::write(root.path().join(".gitignore"), "prod.env\n".repeat(200_000)).unwrap();
    assert_eq!(found(&root), ["prod.env"]);
    fs::write(root.path().join(".gitignore"), "\u{feff}[\nprod.env\n").unwrap();
    assert!(found(&root).is_empty());
}

#[test]
fn exclude_patterns_leave_out_even_dot_env() {
    let root =
        tree(&[("a/.env", ""), ("examples/x/.env", ""), ("b/compose.yaml", ""), ("b/c/compose.yaml", "")]);
    let options = WalkOptions { exclude: vec!["examples/**".to_owned(), "/b/compose.yaml".to_owned()] };
    let directory = open(&[root.path().to_owned()], &options).unwrap();
    let (found, skipped) = walked(&directory);
    assert_eq!(found, ["a/.env", "b/c/compose.yaml"]);
    assert_eq!(skipped.get("b/compose.yaml").unwrap(), "excluded by the configuration");
    let options = WalkOptions { exclude: vec!["a{b".to_owned()] };
    let error = open(&[root.path().to_owned()], &options).unwrap_err();
    assert!(error.to_string().contains("`a{b`"), "{error}");
}

#[test]
fn an_explicit_path_wins() {
    let root = tree(&[
        (".gitignore", "out/\nsecret.yaml\n"),
        ("out/.env", ""),
        ("node_modules/x/compose.yaml", ""),
        ("secret.yaml", "apiVersion: v1\nkind: Secret\n"),
        ("notes", "A=1\n"),
        ("seen/.env", ""),
    ]);
    let at = |path: &str| root.path().join(path);
    let walk = open_all(&[at("out")]).walk().unwrap();
    assert_eq!(walk.found.len(), 1);
    assert_eq!(walked(&open_all(&[at("node_modules/x")])).0, ["compose.yaml"]);
    let several = open_all(&[at("secret.yaml"), at("notes"), at("seen"), at("notes")]);
    assert_eq!(several.root(), fs::canonicalize(root.path()).unwrap());
    assert_eq!(walked(&several).0, ["notes", "secret.yaml", "seen/.env"]);
    let loaded = load(&several, Files::default()).unwrap();
    assert_eq!((loaded.files.read().len(), loaded.explicit.len()), (3, 2));
    // A file that is both named and walked is found once.
    let both = open_all(&[root.path().to_owned(), at("seen/.env")]);
    let walk = both.walk().unwrap();
    assert_eq!(walk.found.iter().filter(|found| found.path == "seen/.env").count(), 1);
    assert!(walk.found.iter().any(|found| found.path == "seen/.env" && found.explicit));
}

#[test]
fn the_root_holds_everything_named() {
    let root = tree(&[("a/b/compose.yaml", ""), ("a/c/d/.env", "")]);
    let real = fs::canonicalize(root.path()).unwrap();
    let file = open_all(&[root.path().join("a/b/compose.yaml")]);
    assert_eq!(file.root(), real.join("a/b"));
    let both = open_all(&[root.path().join("a/b/compose.yaml"), root.path().join("a/c/d/../d")]);
    assert_eq!(both.root(), real.join("a"));
    assert_eq!(walked(&both).0, ["b/compose.yaml", "c/d/.env"]);
    // The tests run in the package's directory.
    let here = open_all(&[PathBuf::from("Cargo.toml"), PathBuf::from("src/lib.rs")]);
    assert_eq!(here.root(), fs::canonicalize(".").unwrap());
    assert_eq!(walked(&here).0, ["Cargo.toml", "src/lib.rs"]);
    assert_eq!(open_all(&[]).root(), here.root());
}

#[test]
fn errors_name_the_path_without_its_credentials() {
    let wrong = PathBuf::from("postgres://app:hunter2@db/app");
    let error = open(&[wrong], &WalkOptions::default()).unwrap_err().to_string();
    assert_eq!(error, "postgres://***@db/app: no such file");
    let root = tree(&[("compose.yaml", "")]);
    assert!(Directory::new(&root.path().join("compose.yaml")).is_err());
}

#[test]
fn odd_things_are_reported() {
    let root = tree(&[("a/.env/", ""), ("b/.env", "A=1\n"), ("a/.env/inner.env", "")]);
    let huge = File::create(root.path().join("huge.env")).unwrap();
    huge.set_len(100_000_000).unwrap();
    assert_eq!(found(&root), ["a/.env/inner.env", "b/.env", "huge.env"]);
    let files = load(&Directory::new(root.path()).unwrap(), Files::default()).unwrap().files;
    let reasons: Vec<String> =
        files.skipped().into_iter().map(|s| format!("{}: {}", s.path, s.reason)).collect();
    assert_eq!(reasons, ["a/.env: is a directory", "huge.env: 100 MB is more than poollint reads"]);
    let error = open(&[root.path().join("huge.env")], &WalkOptions::default()).unwrap_err();
    assert!(error.to_string().ends_with("100 MB is more than poollint reads"));
}

#[test]
fn reading_stays_inside_the_tree() {
    let root = tree(&[("in/.env", "A=1\n"), ("outside.env", "B=2\n")]);
    let directory = Directory::new(&root.path().join("in")).unwrap();
    assert_eq!(directory.read("./.env").unwrap(), b"A=1\n");
    assert_eq!(directory.read("../outside.env"), Err(Unread::Missing));
    assert_eq!(directory.read("/etc/hostname"), Err(Unread::Missing));
    assert_eq!(directory.read(".env/x"), Err(Unread::Missing));
    assert_eq!(directory.read("a\0b"), Err(Unread::Missing));
    assert_eq!(directory.read(&"x".repeat(5000)), Err(Unread::Missing));
    assert_eq!(directory.read(""), Err(Unread::Directory));
}

#[test]
fn many_threads_find_the_same() {
    let names: Vec<String> = (0..200).map(|n| format!("d{}/e{}/.env.{n}", n % 7, n % 13)).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "A=1\n")).collect();
    let root = tree(&files);
    let run = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let files = load(&Directory::new(root.path()).unwrap(), Files::default()).unwrap().files;
            files.iter().map(|(id, file)| (id, file.path.clone())).collect::<Vec<_>>()
        })
    };
    let one = run(1);
    assert_eq!(one.len(), 200);
    assert_eq!(one, run(8));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn links_are_followed_only_inside() {
        let root = tree(&[("outside/x.env", "B=2\n"), ("in/real.env", "A=1\n"), ("in/dir/.env", "")]);
        let at = |path: &str| root.path().join(path);
        symlink("real.env", at("in/good.env")).unwrap();
        symlink("loop.env", at("in/loop.env")).unwrap();
        symlink("nowhere", at("in/broken.env")).unwrap();
        symlink("../outside/x.env", at("in/escape.env")).unwrap();
        symlink("dir", at("in/folder.env")).unwrap();
        symlink("dir", at("in/again")).unwrap();
        symlink("..", at("in/dir/up")).unwrap();
        symlink("../outside", at("in/away")).unwrap();
        symlink("../outside", at("in/node_modules")).unwrap();
        let directory = Directory::new(&at("in")).unwrap();
        let (found, skipped) = walked(&directory);
        assert_eq!(found, ["dir/.env", "good.env", "real.env"]);
        let link = Unread::BadLink.to_string();
        let expected = [
            ("away", link.clone()),
            ("broken.env", link.clone()),
            ("escape.env", link.clone()),
            ("folder.env", Unread::Directory.to_string()),
            ("loop.env", link),
        ];
        assert_eq!(skipped, expected.map(|(path, reason)| (path.to_owned(), reason)).into());
        assert_eq!(directory.read("good.env").unwrap(), b"A=1\n");
        assert_eq!(directory.read("escape.env"), Err(Unread::BadLink));
        assert_eq!(directory.read("away/x.env"), Err(Unread::BadLink));
        assert_eq!(directory.read("loop.env"), Err(Unread::BadLink));
        assert_eq!(directory.read("again/.env").unwrap(), b"");
        // Named by the user, a link may lead anywhere, and keeps its own name.
        let named = open_all(&[at("in/escape.env")]);
        assert_eq!(walked(&named).0, ["escape.env"]);
        assert_eq!(named.read("escape.env").unwrap(), b"B=2\n");
        let broken = open(&[at("in/loop.env")], &WalkOptions::default()).unwrap_err();
        assert!(broken.to_string().ends_with(&Unread::BadLink.to_string()));
    }

    #[test]
    fn pipes_and_sockets_are_not_opened() {
        let root = tree(&[]);
        let _socket = UnixListener::bind(root.path().join("sock.env")).unwrap();
        let pipe = root.path().join(".env");
        let pipes = Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success());
        if pipes {
            Command::new("mkfifo").arg(root.path().join(".gitignore")).status().unwrap();
        }
        let skipped = skipped(&root);
        let special = Unread::Special.to_string();
        assert_eq!(skipped.get("sock.env"), Some(&special));
        if pipes {
            assert_eq!(skipped.get(".env"), Some(&special));
            assert_eq!(Directory::new(root.path()).unwrap().read(".env"), Err(Unread::Special));
            let error = open(&[pipe], &WalkOptions::default()).unwrap_err();
            assert!(error.to_string().ends_with(&special));
        }
    }

    #[test]
    fn what_may_not_be_read_is_reported() {
        let root = tree(&[(".env", "A=1\n"), ("closed/.env", ""), ("open/.env", "")]);
        let forbid = |path: &str| {
            fs::set_permissions(root.path().join(path), fs::Permissions::from_mode(0o0)).unwrap();
        };
        forbid(".env");
        forbid("closed");
        // Root may read everything; then there is nothing to see.
        if File::open(root.path().join(".env")).is_err() {
            let files = load(&Directory::new(root.path()).unwrap(), Files::default()).unwrap().files;
            let paths: Vec<String> = files.skipped().into_iter().map(|skipped| skipped.path).collect();
            assert_eq!(paths, [".env", "closed"]);
            assert_eq!(files.read().len(), 1);
            let error = open(&[root.path().join("closed")], &WalkOptions::default()).unwrap_err();
            assert!(error.to_string().contains("permission denied"));
        }
        fs::set_permissions(root.path().join("closed"), fs::Permissions::from_mode(0o700)).unwrap();
    }

    #[test]
    fn names_that_are_not_utf8_are_reported() {
        use std::os::unix::ffi::OsStrExt;
        let root = tree(&[]);
        let name = std::ffi::OsStr::from_bytes(b"\xE9.env");
        if fs::write(root.path().join(name), "A=1\n").is_err() {
            return;
        }
        let skipped = skipped(&root);
        assert_eq!(skipped.values().next().unwrap(), "cannot be read: its name is not UTF-8");
        assert!(open(&[root.path().join(name)], &WalkOptions::default()).is_err());
    }

    #[test]
    fn a_deep_tree_does_not_exhaust_the_stack() {
        let root = tree(&[]);
        let mut place = root.path().to_owned();
        for _ in 0..900 {
            place.push("d");
        }
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join(".env"), "").unwrap();
        assert_eq!(found(&root).len(), 1);
    }
}

#[test]
fn git_keeps_out_what_is_ignored_and_not_added() {
    let root = tree(&[
        (".gitignore", ".env\nsecrets/\n"),
        (".env", ""),
        ("added/.env", ""),
        ("kept.env", ""),
        ("secrets/db.env", ""),
    ]);
    let directory = Directory::new(root.path()).unwrap();
    let kept_out = || -> Vec<&str> {
        let all = [".env", "added/.env", "kept.env", "secrets/db.env", "missing.env"];
        all.into_iter().filter(|path| directory.is_kept_out(path)).collect()
    };
    assert_eq!(kept_out(), Vec::<&str>::new());
    // The entry of an index, without what stands before its flags.
    let mut index = b"DIRC\0\0\0\x02\0\0\0\x01".to_vec();
    index.extend([0; 60]);
    index.extend([0, 10]);
    index.extend(b"added/.env\0\0");
    fs::create_dir(root.path().join(".git")).unwrap();
    assert_eq!(kept_out(), [".env", "added/.env", "secrets/db.env"]);
    fs::write(root.path().join(".git/index"), index).unwrap();
    assert_eq!(kept_out(), [".env", "secrets/db.env"]);
}
