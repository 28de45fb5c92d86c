//! Faults put into repositories of many forms, and taken out again.

use proptest::prelude::*;

use super::mend::{Texts, mend, names, read};

/// A wrong URL; whether it could be read at all before.
const FAULTS: &[(&str, bool)] = &[
    ("postgresql://app:secret@db:5432/app?connection_limit=5&pool_timeout=20000", true),
    ("postgresql://app:secret@db:5432/app?pool_timeout=2&connection_limit=5", true),
    ("postgresql://app:secret@db:5432/app?conection_limit=5", true),
    ("postgresql://app:secret@db:5432/app?connectionLimit=5&pool_timeout=20", true),
    ("postgresql://app:secret@db:5432/app?connection_limit=0&pool_timeout=20", true),
    ("postgresql://app:secret@db:5432/app?connection_limit=5?pool_timeout=20", true),
    ("postgresql://app:secret@db:5432/app?connection_limit=5&amp;pool_timeout=20", true),
    ("postgresql://app:sec/ret@db:5432/app?connection_limit=5&pool_timeout=20", false),
    ("postgresql://app:sec@ret@db:5432/app?connection_limit=5&pool_timeout=20", false),
    ("postgresql://app:sec%ret@db:5432/app?connection_limit=5&pool_timeout=2", false),
    ("postgresql://app:secret@localhost:5432/app?connection_limit=5&pool_timeout=20", false),
];

/// What stands around a value in one of the forms that a file may have.
type Form = (&'static str, fn(&str) -> Texts);

fn one(path: &str, text: String) -> Texts {
    compose("env_file: app.env")
        .into_iter()
        .filter(|_| path == "app.env")
        .chain([(path.to_owned(), text)])
        .collect()
}

/// A Compose file whose service has these lines.
fn compose(lines: &str) -> Texts {
    let text = format!(
        "# Größe: 5\nservices:\n  api: # the api\n    image: ghcr.io/acme/api:1\n    {lines}\n  db:\n    image: postgres:16 # ünïcödé\n    \
         environment: {{ POSTGRES_USER: app, POSTGRES_PASSWORD: secret, POSTGRES_DB: app }}\n"
    );
    [("compose.yaml".to_owned(), text)].into()
}

fn deployment(env: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: api, namespace: prod }}\nspec:\n  selector: {{ matchLabels: {{ app: api }} }}\n  \
         template:\n    metadata: {{ labels: {{ app: api }} }}\n    spec:\n      containers:\n        - name: api\n          \
         image: ghcr.io/acme/api:1\n{env}"
    )
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

const FORMS: &[Form] = &[
    ("plain", |url| compose(&format!("environment:\n      DATABASE_URL: {url}"))),
    ("single quotes", |url| compose(&format!("environment:\n      DATABASE_URL: '{url}' # said"))),
    ("double quotes", |url| compose(&format!("environment:\n      DATABASE_URL: \"{url}\""))),
    ("escapes", |url| {
        let url = url.replace("app?", "\\u0061pp?").replace("://", ":\\/\\/");
        compose(&format!("environment:\n      DATABASE_URL: \"{url}\""))
    }),
    ("a folded block", |url| {
        compose(&format!("environment:\n      DATABASE_URL: >-\n        {url}\n      B: x"))
    }),
    ("a literal block", |url| {
        compose(&format!("environment:\n      DATABASE_URL: |-\n        {url}\n      B: x"))
    }),
    ("a flow mapping", |url| compose(&format!("environment: {{ A: 1, DATABASE_URL: \"{url}\", B: 'x' }}"))),
    ("a list", |url| compose(&format!("environment:\n      - A=1\n      - DATABASE_URL={url}\n      - B=x"))),
    ("a quoted list", |url| compose(&format!("environment: [A=1, 'DATABASE_URL={url}', \"B=x\"]"))),
    ("an anchor", |url| {
        compose(
            &format!("x-url: &url {url}\n    environment: {{ DATABASE_URL: *url }}")
                .replace("x-url", "labels: { a: b }\n    x-url"),
        )
    }),
    ("an env file", |url| one("app.env", format!("# first\nA=1\nDATABASE_URL={url}\nB=x"))),
    ("an env file with a comment", |url| one("app.env", format!("DATABASE_URL={url} # said\n"))),
    ("an env file with quotes", |url| one("app.env", format!("DATABASE_URL=\"{url}\" # said\n"))),
    ("an env file with single quotes", |url| one("app.env", format!("export DATABASE_URL='{url}'\n"))),
    ("a lone env file", |url| one(".env.production", format!("A=ä\nDATABASE_URL=\"{url}\"\n"))),
    ("a manifest", |url| {
        let env =
            format!("          env:\n            - name: DATABASE_URL\n              value: \"{url}\"\n");
        one("api.yaml", deployment(&env))
    }),
    ("a manifest in flow style", |url| {
        one(
            "api.yaml",
            deployment(&format!(
                "          env: [{{ name: A, value: \"1\" }}, {{ name: DATABASE_URL, value: '{url}' }}]\n"
            )),
        )
    }),
    ("a Secret", |url| {
        let from = "          envFrom: [{ secretRef: { name: api } }]\n";
        let secret = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{ name: api, namespace: prod }}\ndata:\n  A: YQ==\n  DATABASE_URL: {}\n",
            base64(url)
        );
        one("api.yaml", format!("{}---\n{secret}", deployment(from)))
    }),
    ("a Secret in quotes", |url| {
        let from =
            "          env: [{ name: DATABASE_URL, valueFrom: { secretKeyRef: { name: api, key: url } } }]\n";
        let secret = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{ name: api, namespace: prod }}\ndata: {{ A: YQ==, url: \"{}\" }} # said\n",
            base64(url)
        );
        one("api.yaml", format!("{secret}---\n{}", deployment(from)))
    }),
    ("a Secret's stringData", |url| {
        let from = "          envFrom: [{ secretRef: { name: api } }]\n";
        let secret = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{ name: api, namespace: prod }}\nstringData:\n  DATABASE_URL: >-\n    {url}\n"
        );
        one("api.yaml", format!("{secret}---\n{}", deployment(from)))
    }),
];

/// Mends one fault in one form. Tells whether there was something to mend.
fn mended(name: &str, texts: &Texts, readable: bool) -> bool {
    let before = read(texts, &[]);
    assert_eq!(before.loaded.files.skipped(), [], "{name}: {texts:?}");
    let (after, applied) = mend(texts, &[], |_| true);
    let again = read(&after, &[]);
    assert_eq!(again.loaded.files.skipped(), [], "{name}: a file is not read any more: {after:?}");
    for finding in &again.findings {
        let known = names(&before.findings).contains(&(finding.rule.clone(), finding.identity.clone()));
        assert!(
            known || !readable,
            "{name}: the fix brings {}: {}\n{after:?}",
            finding.rule,
            finding.message
        );
        assert!(finding.fix.is_none(), "{name}: {} is left: {}\n{after:?}", finding.rule, finding.message);
    }
    // A second run changes nothing.
    assert_eq!(mend(&after, &[], |_| true).1, 0, "{name}");
    for (path, old) in texts {
        let (old, new): (Vec<&str>, Vec<&str>) =
            (old.split('\n').collect(), after[path].split('\n').collect());
        assert_eq!(old.len(), new.len(), "{name}: {path} has other lines: {after:?}");
        let touched = old.iter().zip(&new).filter(|(old, new)| old != new).count();
        assert!(touched <= 1, "{name}: {touched} lines of {path} are changed: {after:?}");
    }
    applied > 0
}

#[test]
fn every_fault_is_mended_in_every_form() {
    let mut unmended = Vec::new();
    for (index, (form, around)) in FORMS.iter().enumerate() {
        for (other, (url, readable)) in FAULTS.iter().enumerate() {
            let ends = if (index + other) % 2 == 0 { "\n" } else { "\r\n" };
            let texts =
                around(url).into_iter().map(|(path, text)| (path, text.replace('\n', ends))).collect();
            let name = format!("{form}, {url}, {ends:?}");
            if !mended(&name, &texts, *readable) {
                unmended.push(name);
            }
        }
    }
    // A lone env file has no server beside it that could be meant instead of this machine.
    let meant = |name: &&String| name.starts_with("a lone env file") && name.contains("@localhost:");
    let (expected, left): (Vec<&String>, Vec<&String>) = unmended.iter().partition(meant);
    assert!(left.is_empty(), "{} of {} are left: {left:#?}", left.len(), FORMS.len() * FAULTS.len());
    assert_eq!(expected.len(), 1, "what could not be mended is");
}

/// A manifest whose Secret has the lines `data`.
fn secret(data: &str) -> Texts {
    let from = "          envFrom: [{ secretRef: { name: api } }]\n";
    let secret =
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{ name: api, namespace: prod }}\ndata:\n{data}");
    one("api.yaml", format!("{}---\n{secret}", deployment(from)))
}

const WRONG: &str = "postgresql://app:sec/ret@db:5432/app?connection_limit=0&amp;pool_timeout=20000";
const RIGHT: &str = "postgresql://app:sec%2Fret@db:5432/app?connection_limit=10&pool_timeout=20";

#[test]
fn faults_of_one_encoded_value_are_mended_in_place() {
    let wrong = base64(&format!("{WRONG}\n"));
    let right = base64(RIGHT);
    for around in [
        "  A: YQ==\n  DATABASE_URL: BASE64\n  B: Yg==\n",
        "  DATABASE_URL: 'BASE64' # said\n",
        "  DATABASE_URL: \"BASE64\"",
        "  DATABASE_URL: |\n    BASE64\n  B: Yg==\n",
    ] {
        let around = |base64: &str| around.replace("BASE64", base64);
        let (after, applied) = mend(&secret(&around(&wrong)), &[], |_| true);
        assert!(applied >= 4, "{applied} fixes");
        assert_eq!(after, secret(&around(&right)));
        assert_eq!(mend(&after, &[], |_| true), (after.clone(), 0));
    }
}

/// Base64 on several lines would have to be broken anew.
#[test]
fn base64_on_several_lines_stays() {
    let wrong = base64(WRONG);
    let (head, tail) = wrong.split_at(40);
    for data in [
        format!("  DATABASE_URL: |\n    {head}\n    {tail}\n"),
        format!("  DATABASE_URL: >-\n    {head}\n    {tail}\n"),
        format!("  DATABASE_URL: \"{head}\n    {tail}\"\n"),
        format!("  DATABASE_URL: \"{head}\\\n    {tail}\"\n"),
    ] {
        let texts = secret(&data);
        assert!(read(&texts, &[]).findings.iter().any(|finding| finding.rule.starts_with("url-")), "{data}");
        assert_eq!(mend(&texts, &[], |_| true), (texts.clone(), 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Several services of several forms in one file, with several faults in one value.
    #[test]
    fn several_faults_are_mended_together(
        limits in proptest::collection::vec((0u32..8, 0u32..40_000, any::<bool>(), any::<bool>()), 1..5),
        style in proptest::collection::vec(0usize..5, 5),
    ) {
        let mut text = "services:\n".to_owned();
        for (index, ((limit, timeout, misspelt, amp), style)) in limits.iter().zip(style).enumerate() {
            let name = if *misspelt { "conection_limit" } else { "connection_limit" };
            let and = if *amp { "&amp;" } else { "&" };
            let url = format!("postgresql://app:secret@db:5432/app?{name}={limit}{and}pool_timeout={timeout}");
            let value = match style {
                0 => url,
                1 => format!("'{url}'"),
                2 => format!("\"{url}\" # said"),
                3 => format!(">-\n        {url}"),
                _ => format!("|\n        {url}"),
            };
            text.push_str(&format!(
                "  s{index}:\n    image: ghcr.io/acme/s{index}:1\n    environment:\n      DATABASE_URL: {value}\n"
            ));
        }
        let texts: Texts = [("compose.yaml".to_owned(), text)].into();
        let before = read(&texts, &[]);
        let (after, _) = mend(&texts, &[], |_| true);
        let again = read(&after, &[]);
        prop_assert!(again.loaded.files.skipped().is_empty(), "{:?}", after);
        let left: Vec<&str> = again.findings.iter().filter(|one| one.fix.is_some()).map(|one| one.message.as_str()).collect();
        prop_assert!(left.is_empty(), "{:?} is left\n{}", left, after["compose.yaml"]);
        prop_assert_eq!(texts["compose.yaml"].lines().count(), after["compose.yaml"].lines().count());
        // What a value says becomes known as it is mended: sums may follow, nothing about the value itself.
        let fresh: Vec<String> = names(&again.findings).difference(&names(&before.findings)).map(|(rule, _)| rule.clone()).filter(|rule| !rule.contains("overflow") && rule != "total-connection-headroom" && rule != "max-connections-unknown").collect();
        prop_assert!(fresh.is_empty(), "{:?}\n{}\n{}", fresh, texts["compose.yaml"], after["compose.yaml"]);
    }
}
