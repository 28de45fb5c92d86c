//! Values of Secrets that are reported for a line break or a control character: whatever else that same character breaks
//! is no finding of its own.

use crate::model::Defect;
use crate::span::{Place, Text};

/// The rule that reports them.
const RULE: &str = "k8s-secret-trailing-newline";

/// Where they are written.
#[derive(Debug, Default)]
pub struct Broken(Vec<Place>);

impl Broken {
    /// Those among the defects of a deployment.
    #[must_use]
    pub fn among(defects: &[Defect]) -> Self {
        Self(defects.iter().filter(|defect| defect.rule == RULE).map(|defect| defect.place).collect())
    }

    /// Whether what is written at a place is one of them, or a part of one. The line break that a block scalar keeps
    /// stands behind its text.
    #[must_use]
    pub fn holds(&self, place: Place) -> bool {
        let within =
            |whole: &Place| whole.span.start <= place.span.start && place.span.start <= whole.span.end;
        self.0.iter().any(|whole| whole.file == place.file && within(whole))
    }

    /// Whether every control character in this part of a text comes from one of them, and there is one.
    #[must_use]
    pub fn explains(&self, text: &Text, range: std::ops::Range<usize>) -> bool {
        let mut any = false;
        for (index, letter) in text.as_str().char_indices().filter(|(_, letter)| letter.is_control()) {
            if range.contains(&index) {
                any = true;
                let end = index.saturating_add(letter.len_utf8());
                if !text.place_of(index..end).is_some_and(|place| self.holds(place)) {
                    return false;
                }
            }
        }
        any
    }

    /// Whether two values would be the same without the line breaks of one that is written here.
    #[must_use]
    pub fn is_same(&self, one: (&str, Option<Place>), other: (&str, Option<Place>)) -> bool {
        let plain = |text: &str| text.trim_end_matches(['\r', '\n']).to_owned();
        let touched = [one.1, other.1].into_iter().flatten().any(|place| self.holds(place));
        one.0 == other.0 || (touched && plain(one.0) == plain(other.0))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use crate::config::Config;
    use crate::pipeline;
    use crate::tree::{Files, Memory};

    const CONSUMERS: &str = "---\nkind: Pod\napiVersion: v1\nmetadata: {name: api}\nspec:\n  containers:\n  - name: api\n    \
                             image: acme/api\n    envFrom: [{secretRef: {name: db}}]\n    env:\n    - {name: OTHER_URL, \
                             valueFrom: {secretKeyRef: {name: db, key: DATABASE_URL, optional: true}}}\n    - {name: THIRD_URL, \
                             value: 'postgresql://app:x@$(DB_HOST):$(DB_PORT)/app'}\n---\nkind: Pod\napiVersion: v1\nmetadata: \
                             {name: pg, labels: {app: pg}}\nspec:\n  containers:\n  - {name: pg, image: 'postgres:17', envFrom: \
                             [{secretRef: {name: db}}]}\n---\nkind: Service\napiVersion: v1\nmetadata: {name: pg}\nspec: \
                             {selector: {app: pg}}\n---\nkind: Pod\napiVersion: v1\nmetadata: {name: web}\nspec:\n  containers:\n  \
                             - {name: web, image: acme/web, env: [{name: DATABASE_URL, value: 'postgresql://app:s3@pg/app'}]}\n";

    /// The rules of the defects that a Secret with these lines leads to.
    fn rules(lines: &str) -> Vec<&'static str> {
        let text = format!("kind: Secret\napiVersion: v1\nmetadata: {{name: db}}\n{lines}{CONSUMERS}");
        let loaded = pipeline::load(&Memory::new([("all.yaml", text)]), Files::default()).unwrap();
        let model = pipeline::resolve(&loaded, &Config::default());
        let mut rules: Vec<&str> = model.defects.iter().map(|defect| defect.rule).collect();
        rules.sort_unstable();
        rules.retain(|rule| *rule != "k8s-env-forward-reference");
        rules
    }

    #[test]
    fn one_cause_is_one_finding() {
        const ONE: &[&str] = &["k8s-secret-trailing-newline"];
        let encoded = |key: &str, text: &str| format!("data: {{{key}: {}}}\n", STANDARD.encode(text));
        let url = "postgresql://app:s3@pg:5432/app";
        for (what, lines, expected) in [
            ("in order", encoded("DATABASE_URL", url), &[] as &[&str]),
            ("encoded", encoded("DATABASE_URL", &format!("{url}\n")), ONE),
            ("inside", encoded("DATABASE_URL", "postgresql://app:s3@p\u{1}g:5432/app"), ONE),
            ("a port", encoded("DATABASE_URL", "postgresql://app:s3@pg:5432\n"), ONE),
            ("a parameter", encoded("DATABASE_URL", &format!("{url}?pool_timeout=5\n")), ONE),
            ("a block", format!("stringData:\n  DATABASE_URL: |\n    {url}\n"), ONE),
            ("an escape", format!("stringData:\n  DATABASE_URL: \"{url}\\n\"\n"), ONE),
            ("a tab", format!("stringData:\n  DATABASE_URL: \"{url}\\t\"\n"), ONE),
            ("a part of a URL", encoded("DB_HOST", "pg\n"), ONE),
            ("a port by itself", encoded("DB_PORT", "5432\n"), ONE),
            ("a server's user", encoded("POSTGRES_USER", "app\n"), ONE),
            ("a server's password", encoded("POSTGRES_PASSWORD", "s3\n"), ONE),
            // What else is wrong is a finding of its own.
            (
                "another cause",
                encoded("DATABASE_URL", "postgresql://app:s3@pg:54a2/app\n"),
                &["k8s-secret-trailing-newline", "url-unparseable", "url-unparseable"],
            ),
            (
                "another password",
                encoded("POSTGRES_PASSWORD", "s4\n"),
                &["database-credentials-mismatch", "k8s-secret-trailing-newline"],
            ),
        ] {
            let found: Vec<&str> = match what {
                // Without a user of its own the server's is another than the one that is used.
                "a server's user" | "another password" | "a server's password" => {
                    let whole = format!(
                        "{lines}stringData: {{POSTGRES_DB: app, {}}}\n",
                        match what {
                            "a server's user" => "POSTGRES_PASSWORD: s3",
                            _ => "POSTGRES_USER: app",
                        }
                    );
                    rules(&whole)
                }
                _ => {
                    let found = rules(&lines);
                    found.into_iter().filter(|rule| *rule != "database-credentials-mismatch").collect()
                }
            };
            // What a committed password or absent timeouts mean is no matter of line breaks.
            let other = ["credentials-committed", "db-timeouts-missing"];
            let found: Vec<&str> = found.into_iter().filter(|rule| !other.contains(rule)).collect();
            assert_eq!(found, expected, "{what}");
        }
    }
}
