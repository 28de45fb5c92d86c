//! Whether a whole value may be a credential by its form, whatever its name.

use super::{scan, tokens, urls};
use crate::catalog::catalog;

/// Whether a value may hold a credential by its form alone: whatever the scan finds in it, `user:password`, something
/// before an `@` that is no address, or a long run of letters and digits that nobody would type.
#[must_use]
pub fn may_be_secret(value: &str) -> bool {
    let value = value.trim();
    holds_credential(value)
        || is_user_info(value)
        || speaks(value)
        || value.split(separates).any(is_random)
        || (is_random(value) && !value.starts_with(['/', '.']))
}

/// Whether a text of several words names a credential: it may be among the others.
fn speaks(value: &str) -> bool {
    let plain =
        |word: &&str| word.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'));
    let mut words = value.split_whitespace().filter(|word| !word.starts_with('-'));
    value.contains(char::is_whitespace) && words.by_ref().filter(plain).any(scan::is_credential)
}

/// Whether something in a text is a credential by what stands around it or by how it begins.
pub(super) fn holds_credential(value: &str) -> bool {
    catalog().ambient.token_prefixes.iter().any(|prefix| value.starts_with(prefix.as_str()))
        || !scan::spans(value).is_empty()
        || urls::is_doubtful(value)
}

/// Whether a text is a credential as a whole by its form: `user:password`, a line of a file of users, or what stands
/// where a host is reached.
pub(super) fn is_whole(value: &str) -> bool {
    // Where the password in it can be told from the rest, it alone is hidden.
    let form = || is_user_info(value) || (urls::is_doubtful(value) && !value.contains(' '));
    value.lines().any(tokens::is_userlist) || (urls::before_at(value).is_none() && form())
}

fn separates(letter: char) -> bool {
    letter.is_whitespace() || "\"'`,;:=&?/|()[]{}<>\\".contains(letter)
}

/// Whether the last word of a variable's name says that it leads somewhere: what stands before an `@` in it is a
/// credential then, also where no scheme is.
#[must_use]
pub fn is_address_name(name: &str) -> bool {
    const LAST: [&str; 10] =
        ["url", "uri", "dsn", "conn", "connstr", "connection", "string", "endpoint", "broker", "jdbc"];
    let lower = name.to_ascii_lowercase();
    LAST.iter().any(|word| lower.ends_with(word))
}

/// A long run of letters and digits that nobody would type. The digest of an image and a UUID are none.
fn is_random(value: &str) -> bool {
    let token =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=' | '_' | '-');
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let letters = value.chars().filter(char::is_ascii_alphabetic).count();
    let mixed = value.chars().any(|letter| letter.is_ascii_lowercase())
        && (value.chars().any(|letter| letter.is_ascii_uppercase())
            || value.chars().all(|letter| letter.is_ascii_hexdigit()));
    let digest = value.len() == 64 && value.chars().all(|letter| letter.is_ascii_hexdigit());
    // Long ones may hold few digits: AWS's secret keys have forty signs of base64.
    let enough = digits >= 3 || (value.len() >= 32 && digits >= 1 && !value.contains(['_', '-']));
    value.len() >= 20 && value.chars().all(token) && enough && letters >= 3 && mixed && !digest
}

/// `user:password`, also with more words behind further colons. A host with its port, an image with its tag, a path,
/// numbers and a list of names in capitals are none.
fn is_user_info(value: &str) -> bool {
    value.split(',').any(|item| is_pair(item.trim()))
}

fn is_pair(item: &str) -> bool {
    let Some((left, right)) = item.split_once(':') else { return false };
    let word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-' | '@' | '+');
    let user = left.starts_with(|first: char| first.is_alphanumeric() || first == '_')
        && left.chars().all(word)
        && !item.contains(char::is_whitespace);
    user && !right.is_empty() && !is_opaque(left) && !is_harmless(left, right)
}

/// Schemes whose URLs have no `//`.
fn is_opaque(left: &str) -> bool {
    const OPAQUE: [&str; 12] = [
        "file",
        "classpath",
        "filesystem",
        "arn",
        "urn",
        "sqlite",
        "jdbc",
        "mem",
        "unix",
        "sha256",
        "mailto",
        "data",
    ];
    OPAQUE.iter().any(|scheme| left.eq_ignore_ascii_case(scheme))
}

/// What stands behind the colon of a port, a tag, a path, a time, an address and a map of names in capitals.
fn is_harmless(left: &str, right: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
    let first = right.split(['/', ':', '?']).next().unwrap_or_default();
    let port = first.parse::<u16>().is_ok();
    let hex = |text: &str| text.chars().all(|letter| letter.is_ascii_hexdigit() || letter == ':');
    let capitals = |text: &str| text.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    // Nobody's password has two signs: `en_US:en`.
    port || right.len() <= 2
        || right.starts_with(['/', '.', '\\', crate::span::UNKNOWN])
        || is_variable(right)
        || is_tag(right)
        || is_entry_point(left, right)
        || (number(left) && right.chars().all(|letter| letter.is_ascii_digit() || ":.".contains(letter)))
        || (right.contains(':') && hex(left) && hex(right))
        || (capitals(left) && capitals(right))
}

/// What a server of Python is told to run: `app.main:app`. A name of a user with a dot in it has another word behind it.
fn is_entry_point(module: &str, name: &str) -> bool {
    let known = |list: &[String], word: &str| list.iter().any(|known| known == word);
    let identifier = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    let ambient = &catalog().ambient;
    let dotted = module.contains('.') && module.split('.').all(identifier);
    (dotted || known(&ambient.entry_modules, module))
        && known(&ambient.entry_points, name.trim_end_matches("()"))
}

/// `$NAME`, `${NAME}` and what follows it, and `$(NAME)`.
fn is_variable(right: &str) -> bool {
    let Some(name) = right.strip_prefix('$') else { return false };
    name.starts_with(['{', '('])
        || name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// Tags as images have them: versions, with the usual words behind, and the names of branches of development.
fn is_tag(right: &str) -> bool {
    const WORDS: [&str; 24] = [
        "latest",
        "stable",
        "main",
        "master",
        "edge",
        "nightly",
        "dev",
        "alpine",
        "slim",
        "bookworm",
        "bullseye",
        "trixie",
        "jammy",
        "noble",
        "focal",
        "debian",
        "ubuntu",
        "management",
        "rc",
        "beta",
        "alpha",
        "lts",
        "community",
        "ro",
    ];
    let mut words = right.split(['-', '.', '_']);
    !right.is_empty()
        && words.all(|word| {
            let word = word.trim_start_matches('v').trim_end_matches(|letter: char| letter.is_ascii_digit());
            word.is_empty() || WORDS.contains(&word)
        })
        && (right.len() <= 5 || !right.chars().all(|letter| letter.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_credentials() {
        for value in [
            "sk_live_abc",
            "app:hunter2@db/app",
            "postgres:/app:hunter2@db/app",
            "eyJhbGciOi",
            "d41d8cd98f00b204e9800998ecf8427e",
            "Zm9vYmFyMTIzNDU2Nzg5MA==",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1",
            "https://hooks.example.com/services/T0001/Zm9vYmFyMTIzNDU2Nzg5MA",
            "app:hunter2",
            "app.main:hunter2",
            "main:hunter2",
            "john.doe:application2",
            "admin:app",
            "admin:123456",
            "a:1,app:hunter2",
            "app:hunter:2",
            "app:$hunter2",
            "auth hunter2",
            "the password is hunter2",
            "sentinel auth-pass primary hunter2",
            "https://x.blob.example.net/c?sv=2020&sig=hunter2",
            "mc alias set s3 http://minio:9000 app hunter2",
            "rabbitmqctl add_user app hunter2",
            "sqlplus system/hunter2",
            "redis-cli -h cache AUTH hunter2",
            "htpasswd -nb app hunter2",
            "mysqladmin -u root password hunter2",
            "\"app\" \"hunter2\"",
            "\"app\" \"hunter2\"\n\"b\" \"c\"",
            "db:5432:app:app:hunter2",
            "*:*:*:app:hunter2",
            "app/hunter2@//db:1521/service",
            "hunter2@db.internal:5432",
            "curl -u app:hunter2 http://h",
            "curl --user=app:hunter2 http://h",
            "mysql -phunter2",
            "mysqladmin -uroot -phunter2 ping",
            "redis-cli -h cache -a hunter2 ping",
            "redis-server --requirepass hunter2",
            "requirepass hunter2",
            "sshpass -p hunter2 ssh h",
            "docker login -u app -p hunter2",
            "PGPASSWORD=hunter2 psql -h db",
            "curl -H 'Authorization: Bearer hunter2' http://h",
            "Bearer hunter2",
            "Basic YXBwOmh1bnRlcg==",
            "{\"host\": \"db\", \"password\": \"hunter2\"}",
            "Server=db;Database=app;User Id=sa;Password=hunter2;",
            "host=db user=app password=hunter2",
            "app:$apr1$abcdefgh$ijklmnopq",
            "app:$2y$05$abcdefghijklmno",
            "md5d41d8cd98f00b204e9800998ecf8427e",
            "CREATE ROLE app LOGIN PASSWORD 'hunter2'",
            "CREATE USER app IDENTIFIED BY 'hunter2'",
            "machine h login app password hunter2",
        ] {
            assert!(may_be_secret(value), "{value}");
        }
        for value in [
            "",
            "production",
            "app.main:app",
            "main:app",
            "shop.wsgi:application",
            "shop.factory:create_app()",
            "a@example.com",
            "http://api:8080",
            "http://api:8080/path?x=1&y=2",
            "postgres:16-alpine",
            "postgres:16",
            "redis:alpine",
            "redis:7.2-alpine3.19",
            "ghcr.io/acme/api:main",
            "registry.acme.io:5000/team/api:1.2.3",
            "ghcr.io/acme/api@sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "my-service-name-for-2024",
            "10",
            "db:5432",
            "db.internal:5432/app",
            "a:9092,b:9092",
            "0@kafka:9093",
            "8080:80",
            "127.0.0.1:5432:5432",
            "[::1]:5432",
            "fe80::1:2",
            "1000:1000",
            "./a:/b:ro",
            "data:/var/lib/postgresql/data",
            "/var/lib/app/Data2024/File33/x1y2z3",
            "./scripts/wait-for-it.sh db:5432 -- npm start",
            "PLAINTEXT:PLAINTEXT,SSL:SSL_PLAINTEXT",
            "en_US:en",
            "arn:aws:iam::123456789012:role/app",
            "classpath:db/migration",
            "jdbc:h2:mem:test",
            "00:30",
            "550e8400-e29b-41d4-a716-446655440000",
            "-Xmx512m -XX:MaxRAMPercentage=75",
            "pg_isready -U app -d app -h db -p 5432",
            "curl -f http://localhost:3000/health || exit 1",
            "mysqladmin ping -h localhost -u root",
            "postgres -c max_connections=200 -c shared_buffers=1GB",
            "{\"host\": \"db\", \"port\": 5432}",
            "info,sqlx=warn",
            "basic",
            "app:$PORT",
            "app:${PORT}",
            "set",
            "mc ls s3",
            "$HOME/app",
        ] {
            assert!(!may_be_secret(value), "{value}");
        }
    }
}
