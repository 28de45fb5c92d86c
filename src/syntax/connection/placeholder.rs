//! Text that was meant to be replaced and was not.

use super::draft::Draft;
use super::raw::Raw;
use super::{FlawKind, Form};
use crate::span::Span;

/// Passwords that say that they are none. Compared in lower case without `-` and `_`, and with what follows cut
/// off (`replace-me-with-a-random-string`).
const PASSWORD_STARTS: &[&str] = &[
    "changeme",
    "changethis",
    "changeit",
    "replaceme",
    "replacethis",
    "replacewith",
    "yourpassword",
    "yourpass",
    "yoursecure",
    "yourstrong",
    "yoursecret",
    "yourdb",
    "yourpostgres",
    "yourmysql",
    "insertpassword",
    "enterpassword",
    "passwordhere",
    "placeholder",
    "redacted",
    "tobereplaced",
    "setme",
    "fillme",
];
/// The same as whole words.
const PASSWORD_WORDS: &[&str] = &["todo", "fixme", "tbd", "secrethere"];
/// Words that stand for a user in `user:password@host`. A real user may have such a name, so they count only
/// beside a host that is a placeholder too.
const USER_WORDS: &[&str] = &["user", "username", "dbuser", "myuser", "youruser", "yourusername", "login"];
/// The same for passwords.
const PASSWORD_GENERIC: &[&str] =
    &["password", "pass", "pwd", "passwd", "dbpassword", "mypassword", "secret", "pw"];
/// Hosts that are nobody's, beside a generic user and password.
const HOST_WORDS: &[&str] = &[
    "host",
    "hostname",
    "server",
    "servername",
    "dbhost",
    "databasehost",
    "postgreshost",
    "mysqlhost",
    "myhost",
    "hostport",
    "pgbouncerhost",
    "netloc",
];
/// Hosts that say that they are none.
const HOST_STARTS: &[&str] = &[
    "yourhost",
    "yourdb",
    "yourserver",
    "yourdatabase",
    "yourinstance",
    "yourproject",
    "yourrds",
    "yourendpoint",
];

/// Adds a flaw for every placeholder.
pub(super) fn check(raw: &Raw<'_>, draft: &mut Draft) {
    for span in raw.placeholders() {
        draft.flaw(FlawKind::Placeholder, *span, None);
    }
    let text_of = |span: Option<Span>| span.filter(|span| !raw.is_open(*span)).map(|span| raw.text(span));
    let user = draft.out.user.as_ref().map(|part| part.span);
    let password = draft.out.password.as_ref().map(|part| part.span);
    let database = draft.out.database.as_ref().map(|part| part.span);
    let hosts: Vec<Span> = draft.out.hosts.iter().map(|host| host.name.span).collect();
    let mut found: Vec<Span> = Vec::new();
    let mut note = |span: Option<Span>, is: bool| found.extend(span.filter(|_| is));

    let first = text_of(hosts.first().copied()).unwrap_or_default();
    let generic = draft.out.form != Form::KeyValue
        && text_of(user).is_some_and(|text| USER_WORDS.contains(&plain(text).as_str()))
        && text_of(password).is_some_and(|text| PASSWORD_GENERIC.contains(&plain(text).as_str()))
        && HOST_WORDS.contains(&plain(first).as_str());
    note(
        user,
        generic || text_of(user).is_some_and(|text| is_marked(text) || plain(text).starts_with("youruser")),
    );
    note(password, generic || text_of(password).is_some_and(is_password));
    note(database, text_of(database).is_some_and(is_marked));
    for host in hosts {
        let text = text_of(Some(host)).unwrap_or_default();
        note(Some(host), (generic && text == first) || is_host(text));
    }
    for span in found {
        draft.flaw(FlawKind::Placeholder, span, None);
    }
}

/// Whether a word that stands for a whole connection string says that it is none (`your_database_url`).
pub(super) fn is_one(word: &str) -> bool {
    is_password(word) || is_host(word)
}

fn plain(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, '-' | '_')).collect::<String>().to_ascii_lowercase()
}

/// `__NAME__`, `xxx`, `***`, `...`, `your_…`, `…_HERE`.
fn is_marked(text: &str) -> bool {
    let dunder = text
        .strip_prefix("__")
        .and_then(|rest| rest.strip_suffix("__"))
        .is_some_and(|inner| inner.chars().any(|letter| letter.is_ascii_uppercase()));
    let repeated =
        text.len() >= 3 && ['x', 'X', '*', '.'].iter().any(|mark| text.chars().all(|letter| letter == *mark));
    let lower = text.to_ascii_lowercase();
    let told = ["your_", "your-"].iter().any(|start| lower.starts_with(start))
        || ["_here", "-here"].iter().any(|end| lower.ends_with(end));
    dunder || repeated || told
}

fn is_password(text: &str) -> bool {
    let plain = plain(text);
    // `DB_PASSWORD`: a variable's name that lost its `$`.
    let variable = text.ends_with("_PASSWORD")
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit());
    is_marked(text)
        || variable
        || PASSWORD_WORDS.contains(&plain.as_str())
        || PASSWORD_STARTS.iter().any(|start| plain.starts_with(start))
}

fn is_host(text: &str) -> bool {
    let first = text.split('.').next().unwrap_or_default();
    let capitals = text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-'));
    let labels = text.contains('.') && text.split('.').all(|label| label.len() >= 2 && is_marked(label));
    (capitals && HOST_WORDS.contains(&plain(text).as_str()))
        || is_marked(first) && !text.is_empty()
        || labels
        || HOST_STARTS.iter().any(|start| plain(first).starts_with(start))
}
