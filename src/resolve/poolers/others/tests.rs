use super::*;

fn read(read: fn(&Source<'_>) -> Settings, text: &str) -> Settings {
    read(&Source { file: FileId(0), text: &SpanText::verbatim(text, 0) })
}

/// Name, role, host, port and pool size of each entry.
fn shown(settings: &Settings) -> Vec<String> {
    let one = |entry: &Entry| {
        let option = |name: &str| entry.known(name).unwrap_or("?").to_owned();
        let options = ["user", "host", "port", "pool_size"].map(option);
        format!("{} {}", entry.name, options.join(" "))
    };
    settings.databases.iter().map(one).collect()
}

const PGCAT: &str = r#"
[general]
port = 6432
[pools.shop]
pool_mode = "transaction"
[pools.shop.users.0]
username = "app"
password = "s3"
pool_size = 20
[pools.shop.users.1]
username = "report"
server_username = "reader"
pool_size = 5
[pools.shop.shards.0]
servers = [["primary", 5432, "primary"], ["replica", 5433, "replica"]]
database = "shop"
"#;

#[test]
fn pgcat_has_a_pool_for_each_user_and_server() {
    let settings = read(pgcat::settings, PGCAT);
    assert_eq!(
        shown(&settings),
        [
            "shop app primary 5432 20",
            "shop app replica 5433 20",
            "shop reader primary 5432 5",
            "shop reader replica 5433 5",
        ]
    );
    assert_eq!(settings.mode("pgcat").value.map(crate::model::PoolerMode::name), Some("transaction"));
    let size = settings.databases[0].options["pool_size"].place.unwrap();
    assert_eq!(&PGCAT[size.span.range()], "20");
    let here: Vec<&Entry> =
        settings.databases.iter().filter(|entry| entry.known("host") == Some("primary")).collect();
    let side = side("pgcat", &settings, &here, &[]);
    assert_eq!((side.connections, side.pairs, side.complete), (25, 2, true));
    assert!(read(pgcat::settings, "[pools").open, "what cannot be read may say anything");
}

const ODYSSEY: &str = r#"
# a comment { with a brace
storage "main" {
    type "remote"
    host "db"
    port 5432
}
database "shop" {
    user "app" {
        storage "main"
        pool "transaction"
        pool_size 30
    }
    user "report"
    {
        storage "main"
        pool "transaction"
        storage_user "reader"
    }
}
client_max 200
listen { host "*" port 6432 }
"#;

#[test]
fn odyssey_has_a_pool_for_each_route() {
    let settings = read(odyssey::settings, ODYSSEY);
    assert_eq!(shown(&settings), ["shop app db 5432 30", "shop reader db 5432 0"]);
    assert_eq!(settings.count("odyssey", "max_client_conn").value, Some(200));
    let all: Vec<&Entry> = settings.databases.iter().collect();
    // A size of 0 is no limit: what it opens is not known.
    assert_eq!(
        (side("odyssey", &settings, &all, &[]).connections, side("odyssey", &settings, &all, &[]).complete),
        (30, false)
    );
    let first = side("odyssey", &settings, &all[..1], &[]);
    assert_eq!((first.connections, first.complete), (30, true));
}

#[test]
fn pgpool_multiplies_children_by_what_each_keeps() {
    let text = "num_init_children = 40\t# clients\nbackend_hostname0 = 'primary'\nbackend_port0 = 5433\nbackend_hostname1 = 'replica'\n";
    let settings = read(pgpool::settings, text);
    assert_eq!(shown(&settings), ["* ? primary 5433 160", "* ? replica ? 160"]);
    assert_eq!(settings.count("pgpool", "max_client_conn").value, Some(40));
    let side = side("pgpool", &settings, &[&settings.databases[0]], &[]);
    assert_eq!((side.connections, side.complete), (160, true));
    let unknown = read(pgpool::settings, "num_init_children = ${CHILDREN}\nbackend_hostname0 = 'primary'\n");
    assert_eq!(shown(&unknown), ["* ? primary ? ?"]);
}

#[test]
fn an_odyssey_block_on_one_line_says_all_that_it_says() {
    let text = "listen { host \"*\" port 6432 }\nstorage \"pg\" { type \"remote\" host \"db\" port 5432 }\n\
        database \"app\" {\n  user \"app\" { authentication \"none\" storage \"pg\" pool \"session\" pool_size 5 }\n}\n";
    let settings = read(odyssey::settings, text);
    assert_eq!(settings.main["listen_port"].value.as_deref(), Some("6432"));
    assert_eq!(settings.main["pool_mode"].value.as_deref(), Some("session"));
    let known = |name: &str| settings.databases[0].known(name);
    assert_eq!([known("pool_size"), known("host"), known("port")], [Some("5"), Some("db"), Some("5432")]);
}
