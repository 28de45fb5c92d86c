//! Values that are written in base64.

use std::fs;

use base64::Engine as _;

use super::program::{self, Ran, poollint};
use super::{CHECK_FORMATS, Leaks};

/// A fix in a Secret's base64 writes all of the value anew: neither the old letters nor the new ones are shown.
#[test]
fn what_is_mended_in_base64_is_not_shown() {
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let (wrong, right) = (
        "postgresql://app:kanarie-secret@db.internal:5432/app?connection_limit=5&amp;pool_timeout=20000",
        "postgresql://app:kanarie-secret@db.internal:5432/app?connection_limit=5&pool_timeout=20",
    );
    let manifest = |url: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: api}}\nspec:\n  containers:\n    - name: api\n      image: \
             api:1\n      envFrom: [{{secretRef: {{name: api}}}}]\n---\napiVersion: v1\nkind: Secret\nmetadata: {{name: \
             api}}\ndata:\n  A: YQ==\n  DATABASE_URL: {}\n",
            encode(url)
        )
    };
    let mut found = Leaks::default();
    let mut look = |ran: &Ran, what: &str| {
        found.look(ran, what);
        // Not eight letters of either in a row, in whatever a program may make of them.
        for letters in [encode(wrong), encode(right)] {
            let parts: Vec<&str> = (0..letters.len() - 8).map(|at| &letters[at..at + 8]).collect();
            let shown = |part: &&&str| ran.stdout.contains(**part) || ran.stderr.contains(**part);
            assert_eq!(parts.iter().find(shown), None, "{what}: {}", ran.text());
        }
    };
    let root = program::directory(&[("k8s/api.yaml", &manifest(wrong))]);
    for format in CHECK_FORMATS {
        let arguments = ["check", "--verbose", "--format", format];
        look(&poollint(root.path(), &arguments), &arguments.join(" "));
    }
    let json = poollint(root.path(), &["check", "--format", "json"]).json();
    let fixes: Vec<_> = json["findings"].as_array().unwrap().iter().map(|one| &one["fix"]).collect();
    let fixes: Vec<_> = fixes.into_iter().filter(|fix| fix.is_object()).collect();
    assert!(!fixes.is_empty(), "{json:#}");
    assert!(fixes.iter().all(|fix| fix["withheld"] == true && fix["edits"].is_null()), "{fixes:#?}");
    let diff = poollint(root.path(), &["check", "--diff", "--unsafe-fixes"]);
    look(&diff, "--diff");
    for sign in ["-", "+"] {
        let line = format!("{sign}  DATABASE_URL: ****");
        assert!(diff.stdout.lines().any(|shown| shown.starts_with(&line)), "{}", diff.stdout);
    }
    for format in CHECK_FORMATS {
        let root = program::directory(&[("k8s/api.yaml", &manifest(wrong))]);
        let arguments = ["check", "--fix", "--unsafe-fixes", "--format", format];
        look(&poollint(root.path(), &arguments), &arguments.join(" "));
        let written = fs::read_to_string(root.path().join("k8s/api.yaml")).unwrap();
        assert_eq!(written, manifest(right), "{format}");
    }
    found.none();
}
