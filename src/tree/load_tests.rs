use super::*;
use crate::tree::{Memory, Skipped, Stream, Walk};

fn kinds(files: &Files) -> Vec<(&str, Kind)> {
    files.iter().map(|(_, file)| (&*file.path, file.kind)).collect()
}

fn skipped(files: &Files) -> Vec<(String, String)> {
    files.skipped().into_iter().map(|Skipped { path, reason }| (path, reason)).collect()
}

#[test]
fn what_matters_is_read_in_order() {
    let tree = Memory::new([
        ("z/.env", "A=1\n"),
        ("k8s/pod.yaml", "apiVersion: v1\nkind: Pod\n"),
        ("values.yaml", "a: b\n"),
        ("README.md", "# hello\n"),
        ("compose.yaml", "services:\n  a:\n    image: b\n"),
    ]);
    let loaded = load(&tree, Files::default()).unwrap();
    assert_eq!(
        kinds(&loaded.files),
        [("compose.yaml", Kind::Compose), ("k8s/pod.yaml", Kind::Kubernetes), ("z/.env", Kind::EnvFile)]
    );
    assert!(loaded.files.skipped().is_empty() && loaded.explicit.is_empty());
}

#[test]
fn what_is_not_text_is_passed_over_with_the_reason() {
    let tree = Memory::new([
        (".env", b"\xEF\xBB\xBFA=1\n".to_vec()),
        ("a.env", b"\xFF\xFEA\0=\0".to_vec()),
        ("b.env", b"\xFE\xFF\0A".to_vec()),
        ("c.env", b"A=\0".to_vec()),
        ("d.env", b"A=\xE9".to_vec()),
    ]);
    let files = load(&tree, Files::default()).unwrap().files;
    assert_eq!(kinds(&files), [(".env", Kind::EnvFile)]);
    assert!(files.text(FileId(0)).starts_with('\u{feff}'));
    let reasons: Vec<String> = skipped(&files).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(
        reasons,
        ["UTF-16 text: save it as UTF-8", "UTF-16 text: save it as UTF-8", "binary", "not UTF-8 (byte 2)"]
    );
}

#[test]
fn templates_of_a_chart_are_passed_over() {
    let quoted = "apiVersion: v1\nkind: Pod\nname: \"{{ .host }}\"\n";
    let tree = Memory::new([
        ("charts/app/Chart.yaml", "apiVersion: v2\nname: app\n"),
        ("charts/app/templates/web/pod.yaml", quoted),
        ("charts/app/templates/plain.yaml", "apiVersion: v1\nkind: Pod\n"),
        ("other/templates/pod.yaml", quoted),
        ("other/mytemplates/pod.yaml", quoted),
    ]);
    let files = load(&tree, Files::default()).unwrap().files;
    assert_eq!(
        skipped(&files),
        [(
            "charts/app/templates/web/pod.yaml".to_owned(),
            "Helm template: helm template app charts/app | poollint check -".to_owned()
        )]
    );
    assert_eq!(files.read().len(), 3);
}

#[test]
fn a_stream_is_told_by_its_content() {
    let loaded =
        load(&Stream::new("<stdin>", &b"---\napiVersion: v1\nkind: Pod\n"[..]), Files::default()).unwrap();
    assert_eq!(kinds(&loaded.files), [("<stdin>", Kind::Kubernetes)]);
    assert_eq!(loaded.explicit.len(), 1);
    let empty = load(&Stream::new("<stdin>", &b""[..]), Files::default()).unwrap();
    assert_eq!(skipped(&empty.files), [("<stdin>".to_owned(), "empty".to_owned())]);
    let error = load(&Stream::new("<stdin>", &b"A\0"[..]), Files::default()).unwrap_err();
    assert_eq!(error.to_string(), "<stdin>: binary");
}

#[test]
fn a_file_found_twice_stays_explicit() {
    struct Twice;
    impl Tree for Twice {
        fn walk(&self) -> Result<Walk, TreeError> {
            let found = |explicit| Found { path: "notes".to_owned(), explicit };
            Ok(Walk { found: vec![found(false), found(true), found(false)], skipped: Vec::new() })
        }
        fn read(&self, _: &str) -> Result<Vec<u8>, Unread> {
            Ok(b"A=1\n".to_vec())
        }
    }
    let loaded = load(&Twice, Files::default()).unwrap();
    assert_eq!(kinds(&loaded.files), [("notes", Kind::EnvFile)]);
    assert_eq!(loaded.explicit.len(), 1);
}

#[test]
fn references_are_added_once_and_stay_inside() {
    let tree = Memory::new([
        ("compose.yaml", b"services:\n  a:\n    image: b\n".to_vec()),
        ("conf/app.list", b"A=1\n".to_vec()),
        ("conf/bad.list", b"\0".to_vec()),
        ("base/x.yaml", b"a: {{ .Values.x }}\n".to_vec()),
        ("base/patch.yaml", b"- op: add\n".to_vec()),
    ]);
    let mut files = load(&tree, Files::default()).unwrap().files;
    let wanted = [
        ("./conf/../conf/app.list", Kind::EnvFile),
        ("conf/app.list", Kind::Referenced),
        ("compose.yaml", Kind::Referenced),
        ("conf/bad.list", Kind::EnvFile),
        ("conf/missing.list", Kind::EnvFile),
        ("../secret.env", Kind::EnvFile),
        ("/etc/app.env", Kind::EnvFile),
        ("base/x.yaml", Kind::Kubernetes),
        ("base/patch.yaml", Kind::Kubernetes),
    ]
    .map(|(path, kind)| (path.to_owned(), kind));
    let added = load_more(&tree, &mut files, &wanted);
    assert_eq!(
        added.iter().map(|id| files.path(*id)).collect::<Vec<_>>(),
        ["base/patch.yaml", "conf/app.list"]
    );
    assert_eq!(files.get(added[1]).unwrap().kind, Kind::EnvFile);
    let outside = "outside the directory that is checked";
    assert_eq!(
        skipped(&files),
        [
            ("../secret.env", outside),
            ("/etc/app.env", outside),
            ("base/x.yaml", "Helm template"),
            ("conf/bad.list", "binary")
        ]
        .map(|(path, reason)| (path.to_owned(), reason.to_owned()))
    );
    assert!(load_more(&tree, &mut files, &wanted).is_empty());
}

#[test]
fn what_was_passed_over_and_then_referred_to_was_read() {
    let tree = Memory::new([("secret.list", "A=1\n")]);
    let mut files = Files::default();
    files.skip("secret.list", "ignored by .gitignore");
    load_more(&tree, &mut files, &[("secret.list".to_owned(), Kind::EnvFile)]);
    assert!(files.skipped().is_empty());
}
