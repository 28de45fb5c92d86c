//! Version requirements of all ecosystems, as far as the major version goes.

/// The only major version that a requirement admits; `None` when it leaves it open or is none of a version
/// (a URL, a path, a tag).
///
/// One reading serves all ecosystems, because they agree on what matters here: `^`, `~`, `~>`, `~=`, `=`, `==`
/// and a bare version keep the major version (a bare NuGet or Maven version admits later ones, but it is the one
/// that is installed), `>=` and `<` bound it, commas and spaces mean "and", `||` means "or", Maven writes
/// intervals (`[5,6)`).
pub(super) fn major(requirement: &str) -> Option<u32> {
    let requirement = requirement.trim();
    // `npm:name@^5` is npm's alias.
    let requirement = match requirement.strip_prefix("npm:") {
        Some(alias) => alias.rsplit_once('@').map_or("", |(_, version)| version),
        None => requirement,
    };
    if requirement.contains([':', '$', '/', '{']) {
        return None;
    }
    // Python may write a whole requirement in parentheses; an interval starts with a number or a comma.
    if requirement.starts_with(['[', '('])
        && !requirement.get(1..).is_some_and(|rest| rest.starts_with(is_operator))
    {
        return interval(requirement);
    }
    let mut majors = requirement.split('|').filter(|part| !part.trim().is_empty()).map(conjunction);
    let first = majors.next()??;
    majors.all(|major| major == Some(first)).then_some(first)
}

/// The lowest minor version of the only major one that a requirement admits: the greatest one written as a lower bound.
/// `None` where none is written, or where there is more than one way to satisfy it.
pub(super) fn minor(requirement: &str) -> Option<u32> {
    let major = major(requirement)?;
    if requirement.contains('|') {
        return None;
    }
    let mut lowest = None;
    let mut rest = requirement.trim();
    while let Some(start) = rest.find(|char: char| char.is_ascii_digit()) {
        let (before, from) = rest.split_at_checked(start)?;
        let end = from.find(|char: char| is_gap(char) || is_operator(char)).unwrap_or(from.len());
        let (version, behind) = from.split_at_checked(end)?;
        rest = behind;
        let operator = before.trim_end_matches(['v', 'V', ' ']);
        if operator.ends_with('<') || operator.ends_with("<=") || operator.ends_with("!=") {
            continue;
        }
        let mut parts = version.split(['.', '-', '+']).map(str::parse::<u32>);
        if let (Some(Ok(first)), Some(Ok(second))) = (parts.next(), parts.next())
            && first == major
        {
            lowest = lowest.max(Some(second));
        }
    }
    lowest
}

/// A version as far as it matters: the major, and whether anything behind it is above zero.
#[derive(Clone, Copy)]
struct Version {
    major: u32,
    more: bool,
}

impl Version {
    /// `5`, `v5.1.2`, `5.x`, `5.0.0-rc.1`; `None` for `*`, `latest` and the like.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', 'V', '=']);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (major, rest) = text.split_at_checked(digits)?;
        if !(rest.is_empty() || rest.starts_with(['.', '-', '+', '*', '@', '!']) || rest.starts_with("rc")) {
            return None;
        }
        let release = rest.split(['-', '+']).next().unwrap_or_default();
        let more = release.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
        Some(Self { major: major.parse().ok()?, more })
    }

    /// The highest major below this version.
    fn below(self) -> Option<u32> {
        if self.more { Some(self.major) } else { self.major.checked_sub(1) }
    }
}

/// What the parts joined by "and" leave.
#[derive(Default)]
struct Bounds {
    pinned: Option<u32>,
    lower: Option<u32>,
    upper: Option<u32>,
}

impl Bounds {
    fn only(self) -> Option<u32> {
        self.pinned.or_else(|| self.lower.filter(|lower| self.upper == Some(*lower)))
    }
}

fn conjunction(text: &str) -> Option<u32> {
    if let Some((low, high)) = text.split_once(" - ") {
        let lower = Version::parse(low)?.major;
        return (Version::parse(high)?.major == lower).then_some(lower);
    }
    let mut bounds = Bounds::default();
    let mut rest = text.trim_start_matches(is_gap);
    while !rest.is_empty() {
        let operator_len = rest.find(|char| !is_operator(char)).unwrap_or(rest.len());
        let (operator, behind) = rest.split_at_checked(operator_len)?;
        let behind = behind.trim_start();
        let len = behind.find(|char: char| is_gap(char) || is_operator(char)).unwrap_or(behind.len());
        let (version, behind) = behind.split_at_checked(len)?;
        rest = behind.trim_start_matches(is_gap);
        if operator == "!=" {
            continue;
        }
        // A word such as `and`, `*` or `latest` neither pins nor bounds.
        let Some(version) = Version::parse(version) else { continue };
        match operator {
            ">=" | ">" => bounds.lower = bounds.lower.max(Some(version.major)),
            "<=" => bounds.upper = Some(bounds.upper.map_or(version.major, |upper| upper.min(version.major))),
            "<" => {
                let below = version.below()?;
                bounds.upper = Some(bounds.upper.map_or(below, |upper| upper.min(below)));
            }
            _ => bounds.pinned = bounds.pinned.or(Some(version.major)),
        }
    }
    bounds.only()
}

fn is_operator(char: char) -> bool {
    matches!(char, '<' | '>' | '=' | '~' | '^' | '!')
}

fn is_gap(char: char) -> bool {
    char.is_whitespace() || matches!(char, ',' | '(' | ')')
}

/// `[5,6)`, `[5.1]`, `(,6)`.
fn interval(text: &str) -> Option<u32> {
    let (inner, close) = match (text.strip_suffix(')'), text.strip_suffix(']')) {
        (Some(inner), _) => (inner, ')'),
        (None, Some(inner)) => (inner, ']'),
        _ => return None,
    };
    let inner = inner.trim_start_matches(['[', '(']);
    if inner.contains([')', ']']) {
        return None;
    }
    let Some((low, high)) = inner.split_once(',') else {
        return Version::parse(inner).map(|version| version.major);
    };
    let lower = Version::parse(low)?.major;
    let high = Version::parse(high)?;
    let upper = if close == ')' { high.below()? } else { high.major };
    (lower == upper).then_some(lower)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{major, minor};

    #[test]
    fn minors_are_lower_bounds() {
        for (requirement, expected) in [
            ("~> 8.1", Some(1)),
            ("8.1.2", Some(1)),
            (">= 8.1, < 9", Some(1)),
            ("~> 8.0.1", Some(0)),
            (">= 8, < 8.1", None),
            ("~> 8", None),
            (">= 8.1", None),
            ("^8.0 || ^8.1", None),
            ("latest", None),
        ] {
            assert_eq!(minor(requirement), expected, "{requirement}");
        }
    }

    #[test]
    fn requirements() {
        for (requirement, expected) in [
            ("^6.1", Some(6)),
            (">=5 <6", Some(5)),
            ("~> 7.2", Some(7)),
            ("~> 7", Some(7)),
            ("~7.2.1", Some(7)),
            ("~=2.0", Some(2)),
            ("==2.9.*", Some(2)),
            ("===2.9", Some(2)),
            ("1.2.3", Some(1)),
            ("v5.5.0", Some(5)),
            ("5.x", Some(5)),
            ("5.*", Some(5)),
            ("^0.29.0", Some(0)),
            ("5", Some(5)),
            ("^5.0.0-rc.1", Some(5)),
            ("2.0.0rc1", Some(2)),
            ("2.0.0+incompatible", Some(2)),
            ("6.1.0.Final", Some(6)),
            (">= 5.1, < 6", Some(5)),
            (">=5.1,<6.0.0", Some(5)),
            (">=5,<=5.9", Some(5)),
            (">=5,<5.4", Some(5)),
            (">=1.4,!=1.4.1,<2", Some(1)),
            ("(>=2,<3)", Some(2)),
            ("1.2 - 1.9", Some(1)),
            ("1.2 - 2.9", None),
            ("^5 || ^5.1", Some(5)),
            ("^5 || ^6", None),
            ("^5|^6", None),
            (">=5", None),
            ("<6", None),
            (">=5 <7", None),
            ("<1", None),
            (">5", None),
            ("*", None),
            ("x", None),
            ("", None),
            ("latest", None),
            ("workspace:*", None),
            ("npm:@scope/pg@^8.1", Some(8)),
            ("file:../x-5", None),
            ("git+ssh://git@host/x.git#v5", None),
            ("user/repo", None),
            ("${pg.version}", None),
            ("$version", None),
            ("dev-master", None),
            ("[5,6)", Some(5)),
            ("[5.1,5.9]", Some(5)),
            ("[5.1]", Some(5)),
            ("[5,6]", None),
            ("(,6)", None),
            ("[5,)", None),
            ("[1,2),[3,4)", None),
            ("99999999999", None),
            ("1abc", None),
        ] {
            assert_eq!(major(requirement), expected, "{requirement}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "[0-9.<>=~^!|,()\\[\\] vx*é-]{0,16}") {
            let _ = major(&text);
            let _ = minor(&text);
        }
    }
}
