//! Where in the repository the program of an image may live, which no file links to it.

use crate::model::Container;
use crate::span::Text;

/// The one of `directories` that bears the workload's, the container's or the image's name, or the end of it behind a
/// hyphen (`shop-api` lives in `services/api`).
pub(super) fn named<'a>(
    directories: impl Iterator<Item = &'a str> + Clone,
    workload: &str,
    container: &Container,
) -> Option<&'a str> {
    let image = container.image.as_ref().and_then(Text::known).map(|reference| {
        let path = reference.rsplit('/').next().unwrap_or(reference);
        path.split([':', '@']).next().unwrap_or(path)
    });
    [Some(workload), Some(&container.name), image].into_iter().flatten().find_map(|name| {
        let mut found: Vec<&str> = directories
            .clone()
            .filter(|directory| {
                let base = directory.rsplit('/').next().unwrap_or(directory);
                let behind = name.strip_suffix(base).is_some_and(|front| front.ends_with('-'));
                !base.is_empty() && (base == name || behind)
            })
            .collect();
        found.dedup();
        match found.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    })
}
