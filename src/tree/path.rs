//! Paths inside a tree.

/// `path` without `.`, `..` and empty components; nothing when it is absolute or leads out of the tree.
/// Purely by its text: what links are on the way is the tree's concern when it reads.
#[must_use]
pub fn normalize(path: &str) -> Option<String> {
    let drive = path.as_bytes().get(1) == Some(&b':') && cfg!(windows);
    if path.starts_with('/') || drive {
        return None;
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

/// A relative path that leads out of the tree, without `.`, empty components and detours: each `..` that is left
/// stands in front. Nothing when it is absolute or stays inside.
#[must_use]
pub fn beyond(path: &str) -> Option<String> {
    let drive = path.as_bytes().get(1) == Some(&b':') && cfg!(windows);
    if path.starts_with('/') || drive {
        return None;
    }
    let mut up = 0usize;
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => up = up.saturating_add(1),
            ".." => {}
            other => parts.push(other),
        }
    }
    (up > 0).then(|| std::iter::repeat_n("..", up).chain(parts).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::{beyond, normalize};

    #[test]
    fn paths_that_lead_out() {
        for (path, expected) in [
            ("../a", Some("../a")),
            ("a/../../b/./c", Some("../b/c")),
            ("../../base//", Some("../../base")),
            ("x/../../y/../z", Some("../z")),
            ("..", Some("..")),
            ("a/b", None),
            ("a/..", None),
            ("/etc/passwd", None),
        ] {
            assert_eq!(beyond(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn paths_stay_inside() {
        for (path, expected) in [
            ("a/b", Some("a/b")),
            ("./a//b/", Some("a/b")),
            ("a/../b/./c", Some("b/c")),
            ("a/..", Some("")),
            ("../a", None),
            ("a/../../b", None),
            ("/etc/passwd", None),
        ] {
            assert_eq!(normalize(path).as_deref(), expected, "{path}");
        }
    }
}
