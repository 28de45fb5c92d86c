//! What a service reaches, and under which names it is reached.

use super::tree::Item;
use crate::model::{Endpoint, Network};

/// The network of a service of the project `root`.
pub(super) fn of(root: &Item, service: &Item) -> Network {
    if let Some(mode) = service.get("network_mode").filter(|mode| !mode.is_null()) {
        return match mode.known() {
            Some("host") => Network::Host,
            Some(mode) => match mode.strip_prefix("service:") {
                Some(other) => Network::Of(other.to_owned()),
                None => Network::Unknown,
            },
            None => Network::Unknown,
        };
    }
    let names: Vec<String> =
        service.get("networks").into_iter().flat_map(Item::names).map(|(name, _)| name.to_owned()).collect();
    let implied = [String::from("default")];
    let all = if names.is_empty() { &implied[..] } else { &names[..] };
    if all.iter().any(|name| is_external(root, name)) || has_foreign_names(service) {
        return Network::Unknown;
    }
    Network::Own(names)
}

/// Whether something outside the project may be on a network too.
fn is_external(root: &Item, name: &str) -> bool {
    let external = root.at(&["networks", name, "external"]);
    external.is_some_and(|external| !external.is_null() && external.known() != Some("false"))
}

/// Whether the service knows hosts by names that nothing in the project bears. Those with dots are taken for
/// hosts outside anyway.
fn has_foreign_names(service: &Item) -> bool {
    let links = service.get("external_links").is_some_and(|links| !links.items().is_empty());
    let hosts = service.get("extra_hosts").into_iter().flat_map(Item::names);
    links
        || hosts
            .map(|(entry, _)| entry.split(['=', ':']).next().unwrap_or(entry))
            .any(|host| !host.contains('.'))
}

/// The names of a service: its own, its container's, its host's (the engine answers for that one too: moby,
/// `buildEndpointDNSNames`), its aliases on each network.
pub(super) fn endpoints(name: &str, service: &Item) -> Vec<Endpoint> {
    let everywhere = |host: &str| Endpoint { host: host.to_owned(), ports: Vec::new(), networks: Vec::new() };
    let mut endpoints = vec![everywhere(name)];
    let own = ["container_name", "hostname"].iter().filter_map(|key| service.get(key).and_then(Item::known));
    endpoints.extend(own.filter(|own| *own != name).map(everywhere));
    for (network, entry) in service.get("networks").into_iter().flat_map(Item::entries) {
        let aliases = entry.item.get("aliases").into_iter().flat_map(Item::items).filter_map(Item::known);
        endpoints
            .extend(aliases.map(|host| Endpoint { networks: vec![network.to_string()], ..everywhere(host) }));
    }
    endpoints
}

/// The names that `links` gives to other services: service and name.
pub(super) fn links(service: &Item) -> impl Iterator<Item = (&str, &str)> {
    let links = service.get("links").into_iter().flat_map(Item::items).filter_map(Item::known);
    links.filter_map(|link| link.split_once(':'))
}
