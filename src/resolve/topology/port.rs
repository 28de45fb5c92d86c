//! Published ports where containers talk to each other.

use super::Way;
use crate::catalog::{Image, ImageRole};
use crate::model::{Container, Defect, Edit, Fix, Network, Safety};
use crate::resolve::targets::{self, Target};

pub(super) fn defect(way: &Way<'_>) -> Option<Defect> {
    let Target::Workload(target, None) =
        targets::target(way.deployment, way.workload, &way.connection.address)
    else {
        return None;
    };
    if !matches!(way.workload.network, Network::Own(_)) {
        return None;
    }
    let (container, image) = targets::serves(target).filter(|(_, image)| image.role == ImageRole::Server)?;
    let port = way.connection.address.port?;
    let listens = listens(container, image)?;
    let published = container.ports.iter().find(|known| known.published == Some(port))?;
    if port == listens || container.ports.iter().any(|known| known.container == port) {
        return None;
    }
    let written = way.port()?;
    let mut defect = Defect::new("database-port-mismatch", "published", written.place)
        .fact("port", usize::from(port))
        .fact("listens", usize::from(published.container))
        .fact("server", target.name.as_str());
    if let Some(place) = published.place {
        defect = defect.label(place, format!("{port} is only published on the host"));
    }
    Some(defect.fix(written.editable.map(|place| Fix {
        // What reads the same line outside the network needs the published port.
        safety: Safety::Unsafe,
        title: format!("write {}", published.container),
        edits: vec![Edit { place, text: published.container.to_string() }],
        withheld: false,
    })))
}

/// The port a server listens on, unless its variables or its command may move it.
pub(super) fn listens(container: &Container, image: &Image) -> Option<u16> {
    let variable = image.listen_port_variable.as_deref();
    if let Some(name) = variable.filter(|name| container.environment.contains_key(*name)) {
        return targets::variable(container, name)?.trim().parse().ok();
    }
    let moved = container.command.iter().any(|word| {
        let word = word.as_str();
        word == "-p" || word.starts_with("--port") || word.contains("port=") || !word.is_ascii()
    });
    if moved || container.shell { None } else { image.port }
}
