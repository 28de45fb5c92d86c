//! Each rule that declares a fix has its proof: an example of its page that the fix mends.

use std::collections::BTreeSet;

use poollint::rules::pages;

use super::mend::{mend, names, read};

/// What the fix of a rule may uncover: what could not be told before, since nothing made sense of the value that was mended.
const UNCOVERED: &[(&str, &str)] = &[
    ("env-dollar-interpolation", "credentials-committed"),
    ("localhost-in-container", "database-credentials-mismatch"),
    ("pool-size-unbounded", "pool-size-unknown"),
    ("unknown-database-host", "database-credentials-mismatch"),
];

#[test]
fn every_fix_has_its_proof() {
    let (mut without, mut wrong, mut uncovered) = (Vec::new(), Vec::new(), BTreeSet::new());
    for page in pages() {
        let mut proofs = 0;
        for example in page.examples().iter().filter(|example| example.fires) {
            let place = format!("rules/{}.md:{}", page.name, example.line);
            let texts = example.files.iter().cloned().collect();
            let on = [page.name.as_str()];
            let before = read(&texts, &on);
            let fixable =
                |finding: &&poollint::rules::Finding| finding.rule == page.name && finding.fix.is_some();
            let offered = before.findings.iter().filter(fixable).count();
            if offered == 0 {
                continue;
            }
            let safest = before
                .findings
                .iter()
                .filter(fixable)
                .filter_map(|finding| Some(finding.fix.as_ref()?.safety));
            if page.fixable.is_none()
                || safest.max() > page.fixable.max(Some(poollint::model::Safety::Unsafe))
            {
                wrong.push(format!("{place}: offers a fix that the page does not declare"));
            }
            let (after, applied) = mend(&texts, &on, |finding| finding.rule == page.name);
            if applied == 0 {
                wrong.push(format!("{place}: the fix changes nothing"));
                continue;
            }
            proofs += 1;
            let again = read(&after, &on);
            if before.loaded.files.skipped().len() != again.loaded.files.skipped().len() {
                wrong.push(format!("{place}: a file is not read any more"));
            }
            if let Some(left) = again.findings.iter().find(fixable) {
                wrong.push(format!("{place}: the fix leaves {}", left.message));
            }
            let old = names(&before.findings);
            let count =
                |read: &super::mend::Read| read.findings.iter().filter(|one| one.rule == page.name).count();
            if count(&again) >= count(&before) {
                wrong.push(format!("{place}: the rule still says the same"));
            }
            for finding in &again.findings {
                if !old.contains(&(finding.rule.clone(), finding.identity.clone())) {
                    if !UNCOVERED.contains(&(page.name.as_str(), finding.rule.as_str())) {
                        wrong.push(format!(
                            "{place}: the fix brings {}: {}\n{after:?}",
                            finding.rule, finding.message
                        ));
                    }
                    uncovered.insert((page.name.clone(), finding.rule.clone()));
                }
            }
        }
        if page.fixable.is_some() && proofs == 0 {
            without.push(page.name.as_str());
        }
    }
    for (rule, other) in UNCOVERED {
        let there = uncovered.contains(&((*rule).to_owned(), (*other).to_owned()));
        assert!(there, "the fix of {rule} does not uncover {other} any more");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(without.is_empty(), "no example that fires is mended: {}", without.join(", "));
}

#[test]
fn settings_that_say_the_same_change_together() {
    let around = |beside: &str| {
        let text = format!(
            "services:\n  api:\n    image: ghcr.io/acme/api:1\n    environment:\n      DATABASE_URL: \
             postgresql://app:secret@db:5432/app?connection_limit=0&pool_timeout=2\n      {beside}\n"
        );
        [("compose.yaml".to_owned(), text)].into()
    };
    for (beside, after) in [
        ("DB_CONNECTION_LIMIT: 0", "DB_CONNECTION_LIMIT: 10"),
        ("DB_CONNECTION_LIMIT: \"0\"", "DB_CONNECTION_LIMIT: \"10\""),
        ("DB_POOL_TIMEOUT: 2 # said twice", "DB_POOL_TIMEOUT: 20 # said twice"),
    ] {
        let (texts, _) = mend(&around(beside), &[], |_| true);
        let text = &texts["compose.yaml"];
        assert!(text.contains("connection_limit=10&pool_timeout=20"), "{text}");
        assert!(text.ends_with(&format!("      {after}\n")), "{text}");
        assert!(
            read(&texts, &[]).findings.iter().all(|finding| finding.rule != "pool-setting-conflict"),
            "{text}"
        );
    }
    // One that stands elsewhere in parts cannot be changed with it: then nothing is.
    let (texts, _) = mend(&around("DB_CONNECTION_LIMIT: \"${A:-0}0\""), &[], |_| true);
    assert!(texts["compose.yaml"].contains("connection_limit=0&"), "{texts:?}");
}

#[test]
fn an_entry_is_moved_with_what_is_said_about_it() {
    let before = "apiVersion: v1
kind: Pod
metadata: { name: api, namespace: production }
spec:
  containers:
    - name: api
      image: ghcr.io/acme/api:1
      env:
        # where it leads
        - name: DATABASE_URL
          value: postgresql://app@$(DB_HOST)/app
        - name: NOTE
          value: |
            # no comment
        # the host,
        # of this cluster
        - name: DB_HOST
          value: db.example.com

        # the last
        - name: OTHER
          value: x
";
    let host = "        # the host,\n        # of this cluster\n        - name: DB_HOST\n          value: db.example.com\n";
    let after = before
        .replace(host, "")
        .replace("        # where it leads\n", &format!("{host}        # where it leads\n"));
    let (texts, applied) = mend(&[("pod.yaml".to_owned(), before.to_owned())].into(), &[], |_| true);
    assert_eq!(applied, 1);
    assert_eq!(texts["pod.yaml"], after);
    let without = before.replace("        # the host,\n        # of this cluster\n", "");
    let (texts, _) = mend(&[("pod.yaml".to_owned(), without)].into(), &[], |_| true);
    assert!(texts["pod.yaml"].contains("value: |\n            # no comment\n\n"), "{texts:?}");
}
