//! `pgcat.toml`: a pool for each user of each pool, to each server of each shard
//! (<https://github.com/postgresml/pgcat/blob/main/CONFIG.md>).

use super::{Entry, Settings, Source};
use crate::model::Located;
use crate::syntax::node::Node;
use crate::syntax::toml;

pub(super) fn settings(source: &Source<'_>) -> Settings {
    let mut settings = Settings::default();
    let Ok(root) = toml::parse(source.text.as_str()) else {
        settings.open = true;
        return settings;
    };
    if let Some(port) = root.at(&["general", "port"]) {
        settings.main.insert("listen_port".to_owned(), scalar(source, port));
    }
    let modes: Vec<&Node> = pools(&root).filter_map(|(_, pool)| pool.get("pool_mode")).collect();
    if let [mode] = modes.as_slice() {
        settings.main.insert("pool_mode".to_owned(), scalar(source, mode));
    }
    for (name, pool) in pools(&root) {
        let users = pool.get("users").map(Node::entries).unwrap_or_default();
        for user in users.iter().map(|entry| &entry.value) {
            for server in shards(pool) {
                let mut entry =
                    Entry { name: name.to_owned(), place: source.place(user.span), ..Entry::default() };
                let mut set = |name: &str, node: Option<&Node>| {
                    if let Some(node) = node {
                        entry.options.insert(name.to_owned(), scalar(source, node));
                    }
                };
                set("user", user.get("server_username").or_else(|| user.get("username")));
                set("pool_size", user.get("pool_size"));
                let [host, port, ..] = server else { continue };
                set("host", Some(host));
                set("port", Some(port));
                settings.databases.push(entry);
            }
        }
    }
    settings
}

fn pools(root: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = root.get("pools").map(Node::entries).unwrap_or_default();
    entries.iter().map(|entry| (entry.key.as_str(), &entry.value))
}

/// `[["host", 5432, "primary"], …]` of every shard.
fn shards(pool: &Node) -> impl Iterator<Item = &[Node]> {
    let shards = pool.get("shards").map(Node::entries).unwrap_or_default();
    let servers = shards.iter().filter_map(|shard| shard.value.get("servers"));
    servers.flat_map(Node::items).map(Node::items)
}

fn scalar(source: &Source<'_>, node: &Node) -> Located<String> {
    match node.as_scalar() {
        Some(scalar) => source.written(scalar.text.as_str(), node.span),
        None => Located::unknown(),
    }
}
