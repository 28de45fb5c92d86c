//! What a service mounts: bind mounts, volumes, and its `configs` and `secrets`.

use super::tree::Item;
use crate::model::{Mount, MountSource};
use crate::readers::join;
use crate::span::UNKNOWN;

/// What `service` mounts; `root` is the whole project.
pub(super) fn mounts(root: &Item, service: &Item) -> Vec<Mount> {
    let volumes = service.get("volumes").into_iter().flat_map(Item::items).filter_map(volume);
    let stores = [("configs", "/"), ("secrets", "/run/secrets/")].into_iter().flat_map(|(top, folder)| {
        let entries = service.get(top).into_iter().flat_map(Item::items);
        entries.filter_map(move |entry| store(root, top, folder, entry))
    });
    volumes.chain(stores).collect()
}

/// An entry of `configs` or `secrets`, in its short or its long form.
fn store(root: &Item, top: &str, folder: &str, entry: &Item) -> Option<Mount> {
    let source = entry.known().or_else(|| entry.get("source")?.known())?;
    let target = entry.get("target").and_then(Item::known).unwrap_or(source);
    let inside = if target.starts_with('/') { target.to_owned() } else { format!("{folder}{target}") };
    let text = |name: &str| root.at(&[top, source, name])?.scalar();
    let source = if let Some(file) = text("file") {
        let path = file.text.known().and_then(|path| join(&file.directory, path));
        path.map_or(MountSource::Unknown, MountSource::Path)
    } else {
        text("content").map_or(MountSource::Unknown, |content| MountSource::Text(content.text.clone()))
    };
    Some(Mount { inside, source })
}

/// An entry of `volumes`, in its short or its long form.
fn volume(volume: &Item) -> Option<Mount> {
    if let Some(scalar) = volume.scalar() {
        let (source, rest) = scalar.text.as_str().split_once(':')?;
        let inside = rest.split(':').next().unwrap_or(rest).to_owned();
        return Some(Mount { inside, source: bound(source, &scalar.directory) });
    }
    let inside = volume.get("target")?.known()?.to_owned();
    let bind = volume.get("type").and_then(Item::known).is_none_or(|kind| kind == "bind");
    let source = match volume.get("source").and_then(Item::scalar) {
        Some(source) if bind => bound(source.text.as_str(), &source.directory),
        _ => MountSource::Volume,
    };
    Some(Mount { inside, source })
}

/// A path when it is one, which Compose tells by how it begins; else the name of a volume.
fn bound(source: &str, directory: &str) -> MountSource {
    if source.contains(UNKNOWN) || source.starts_with(['/', '~']) {
        MountSource::Unknown
    } else if source.starts_with('.') {
        join(directory, source).map_or(MountSource::Unknown, MountSource::Path)
    } else {
        MountSource::Volume
    }
}
