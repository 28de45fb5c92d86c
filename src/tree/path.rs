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

#[cfg(test)]
mod tests {
    use super::normalize;

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
