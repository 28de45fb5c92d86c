//! What looks like a credential in any text, by what stands before it. Rather too much than too little.

use super::options::Words;
use super::secret_data::Document;
use super::{forms, pairs, tokens, urls};
use crate::catalog::catalog;
use crate::span::Span;

/// Longest line that is looked at key by key; a longer one (a minified file) is masked for URLs and tokens alone.
const LONGEST_LINE: usize = 20_000;

/// The ranges of `text` that look like credentials.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut words = Words::default();
    let mut document = Document::new(text);
    // `name: DB_PASSWORD` makes the next `value:` one.
    let mut named = false;
    let mut in_key = false;
    let mut block: Option<usize> = None;
    let mut start = 0usize;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        urls::urls(body, start, &mut found);
        urls::bare(body, start, &mut found);
        tokens::tokens(body, start, &mut found);
        tokens::hashes(body, start, &mut found);
        let depth = body.len().saturating_sub(body.trim_start().len());
        block = block.filter(|above| depth > *above || body.trim().is_empty());
        if block.is_some() && depth < body.len() {
            found.push(shifted(depth, body.len(), start));
        }
        block = block.or_else(|| pairs::opens_block(body));
        in_key = key_block(body, start, in_key, &mut found);
        if body.len() <= LONGEST_LINE {
            tokens::userlist(body, start, &mut found);
            tokens::pgpass(body, start, &mut found);
            strings(body, start, &mut found);
            pairs::encoded(body, start, &mut found);
            pairs::elements(body, start, &mut found);
            words.line(body, start, &mut found);
            document.line(body, start, &mut found);
            named = pairs::pairs(body, start, named, &mut found);
        }
        start = start.saturating_add(line.len());
    }
    found
}

/// What stands between the first and the last line of a PEM block, also when it is written in one line. Returns
/// whether the block goes on.
fn key_block(line: &str, start: usize, open: bool, found: &mut Vec<Span>) -> bool {
    let begin = if open { Some(0) } else { line.find("-----BEGIN ") };
    let Some(begin) = begin else { return false };
    // A block that never ends must not hide the rest of a file: its lines are base64, headers or blank.
    let body = line.trim();
    if open && !body.starts_with("-----END") && body.contains([' ', '\t']) && !body.contains(": ") {
        return false;
    }
    let rest = line.get(begin..).unwrap_or_default();
    let closed = rest.find("-----END ");
    let end = closed.map_or(line.len(), |at| begin.saturating_add(at));
    let blanks = if open { line.len().saturating_sub(line.trim_start().len()) } else { begin };
    if end > blanks {
        found.push(shifted(blanks, end, start));
    }
    closed.is_none()
}

/// Quoted strings that are a credential as a whole, as the items of a list of arguments are. Keys are none.
fn strings(line: &str, start: usize, found: &mut Vec<Span>) {
    let mut at = 0usize;
    while let Some(rest) = line.get(at..)
        && let Some(open) = rest.find(['"', '\''])
    {
        let from = at.saturating_add(open).saturating_add(1);
        let quote = rest.get(open..).and_then(|rest| rest.chars().next()).unwrap_or('"');
        let inner = line.get(from..).unwrap_or_default();
        let Some(length) = pairs::closing(inner, quote, false) else { return };
        let content = inner.get(..length).unwrap_or_default();
        let end = from.saturating_add(length);
        at = end.saturating_add(1);
        let key = line.get(at..).is_some_and(|rest| rest.trim_start().starts_with(':'));
        if !key && forms::is_whole(&content.replace("\\n", "\n").replace('\\', "")) {
            found.push(shifted(from, end, start));
        }
    }
}

pub(super) fn shifted(from: usize, to: usize, by: usize) -> Span {
    Span::new(from, to).shifted(by)
}

/// Whether a key marks a credential. `key` and `keys` alone name entries of other things.
pub(super) fn is_credential(key: &str) -> bool {
    !matches!(key, "key" | "keys") && catalog().is_secret_name(key)
}

/// A value that only refers to one: `${NAME}`, `$(NAME)`, `{{ … }}`, an anchor, a block.
pub(super) fn is_reference(value: &str) -> bool {
    let value = value.trim();
    let whole = |open: &str, close: char| {
        value.starts_with(open) && value.find(close).is_some_and(|at| at.saturating_add(1) == value.len())
    };
    matches!(value, "|" | ">" | "|-" | ">-" | "{" | "[" | "true" | "false" | "null")
        || (whole("${", '}') && !value.contains(":-") && !value.contains(":="))
        || whole("$(", ')')
        || value.starts_with("{{")
        || value.starts_with('*')
}

#[cfg(test)]
mod tests {
    fn masked(text: &str) -> String {
        crate::mask::text(text, &[])
    }

    #[test]
    fn credentials_are_hidden_wherever_they_stand() {
        for (text, shown) in [
            ("DATABASE_URL=postgres://app:hunter2@db/app", "DATABASE_URL=postgres://app:*******@db/app"),
            ("# old: postgres://app:p@ss#1@db/app", "# old: postgres://app:******@db/app"),
            ("x: redis://:hunter2@cache", "x: redis://:*******@cache"),
            ("url: https://token@host/x", "url: https://*****@host/x"),
            ("DATABASE_URL=app:hunter2@db/app", "DATABASE_URL=app:*******@db/app"),
            ("url: \"postgres:/a:b@c\"", "url: \"postgres:****@c\""),
            ("DB_PASSWORD='a b'", "DB_PASSWORD='***'"),
            ("  password: hunter 2", "  password: ********"),
            ("DSN=host=db password=hunter2 dbname=app", "DSN=host=db password=******* dbname=app"),
            (
                "u: mysql://db/app?user=a&password=hunter2&x=1",
                "u: mysql://db/app?user=a&password=*******&x=1",
            ),
            ("- {name: DB_PASSWORD, value: hunter2}", "- {name: DB_PASSWORD, value: *******}"),
            ("- name: DB_PASSWORD\n  value: hunter2\n", "- name: DB_PASSWORD\n  value: *******\n"),
            (
                "kind: Secret\ndata:\n  URL: cG9zdGdyZXM6Ly9h\n",
                "kind: Secret\ndata:\n  URL: ****************\n",
            ),
            ("command: sh -c \"run --db-password hunter2\"", "command: sh -c \"run --db-password *******\""),
            ("command: sh -c \"mysql -uroot -phunter2 x\"", "command: sh -c \"mysql -uroot -p******* x\""),
            ("\"apiToken\": \"abc\",", "\"apiToken\": \"***\","),
            ("[\"redis-cli\", \"-a\", \"hunter2\"]", "[\"redis-cli\", \"-a\", \"*******\"]"),
            ("- redis-cli\n- -a\n- hunter2\n", "- redis-cli\n- -a\n- *******\n"),
            ("test: curl -u app:hunter2 http://h", "test: curl -u app:******* http://h"),
            ("run: mysql -p'hunter 2' app", "run: mysql -p'********' app"),
            (
                "args: [\"-H\", \"Authorization: Bearer a.b\"]",
                "args: [\"-H\", \"Authorization: **********\"]",
            ),
            ("x: PASSWORD=a,b psql", "x: PASSWORD=*** psql"),
            ("L: '\"app\" \"hunter2\"'", "L: '***************'"),
            ("args: [\"app:hunter2\"]", "args: [\"***********\"]"),
            ("P: db:5432:app:app:hunter2", "P: db:5432:app:app:*******"),
            ("- users=app:$$apr1$$abcd$$efghijkl", "- users=app:**********************"),
            ("ORACLE=app/hunter2@//db/s", "ORACLE=app/*******@//db/s"),
            ("OTHER_URL=hunter2@db", "OTHER_URL=*******@db"),
            ("u: x?options=-c%20password%3Dhunter2&a=b", "u: x?options=-c%20password%3D*******&a=b"),
            (
                "k: |\n  -----BEGIN KEY-----\n  abc\n  -----END KEY-----\na: b",
                "k: |\n  *******************\n  ***\n  -----END KEY-----\na: b",
            ),
            (
                "kind: Secret\nstringData:\n  a: hunter2\n  b:\nc: d\n",
                "kind: Secret\nstringData:\n  a: *******\n  b:\nc: d\n",
            ),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn what_only_refers_or_counts_is_shown() {
        for text in [
            "DB_PASSWORD=${DB_PASSWORD}",
            "value: $(DB_PASSWORD)",
            "secretKeyRef: {name: db, key: url}",
            "- name: DB_HOST\n  value: db\n",
            "- name: DB_PASSWORD\n  valueFrom: x\n- name: A\n  value: b\n",
            "POSTGRES_PASSWORD_FILE=/run/secrets/db",
            "image: postgres:16",
            "image: postgres:16@sha256:0a1b2c",
            "# ask a@example.com: she knows",
            "DB_POOL_SIZE=10",
            "https://example.com:8080/path",
            "ports: [\"8080:80\", '127.0.0.1:5432:5432']",
            "\"test:unit\": \"vitest run\",",
            "user: \"1000:1000\"",
            "volumes: [\"./a:/b:ro\"]",
            "test: [\"CMD\", \"pg_isready\", \"-U\", \"app\", \"-p\", \"5432\"]",
            "args: [\"-c\", \"max_connections=200\"]",
            "uses: actions/checkout@v4",
            "kind: ConfigMap\ndata:\n  a: bcdefgh\n",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
