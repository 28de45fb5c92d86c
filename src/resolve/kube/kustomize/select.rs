//! Which objects a patch or a replacement is for.

use super::super::object::Object;
use super::super::value::Val;

/// The selector of a patch or a replacement.
pub(super) struct Selector {
    kind: Pattern,
    group: Pattern,
    version: Pattern,
    name: Pattern,
    namespace: Pattern,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

/// An expression that Kustomize anchors at both ends; nothing is everything.
struct Pattern(Option<regex_lite::Regex>);

impl Pattern {
    fn fits(&self, text: &str) -> bool {
        self.0.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }
}

impl Selector {
    /// Nothing when it asks for something that is not understood.
    pub fn of(target: &Val) -> Option<Self> {
        let pattern = |field: &str| match target.str_at(&[field]).filter(|text| !text.is_empty()) {
            None => Some(Pattern(None)),
            Some(text) => {
                regex_lite::Regex::new(&format!("^(?:{text})$")).ok().map(|text| Pattern(Some(text)))
            }
        };
        let requirements = |field: &str| requirements(target.str_at(&[field]).unwrap_or_default());
        Some(Self {
            kind: pattern("kind")?,
            group: pattern("group")?,
            version: pattern("version")?,
            name: pattern("name")?,
            namespace: pattern("namespace")?,
            labels: requirements("labelSelector")?,
            annotations: requirements("annotationSelector")?,
        })
    }

    /// Whether it is for this object, by its name and namespace now or any that it had before.
    pub fn means(&self, object: &Object) -> bool {
        let former = object.former.iter().map(|former| (former.name.as_str(), former.namespace.as_deref()));
        let now = std::iter::once((object.name.as_str(), object.namespace.as_deref()));
        let (name, space) = former.chain(now).fold((false, false), |(name, space), (other, namespace)| {
            let namespace = namespace.unwrap_or(super::super::object::DEFAULT_NAMESPACE);
            (name || self.name.fits(other), space || self.namespace.fits(namespace))
        });
        let told = |field: &'static str| move |key: &str| object.root.str_at(&["metadata", field, key]);
        name && space
            && self.kind.fits(&object.kind)
            && self.group.fits(object.group())
            && self.version.fits(object.version())
            && self.labels.iter().all(|one| one.holds(told("labels")))
            && self.annotations.iter().all(|one| one.holds(told("annotations")))
    }
}

/// One condition of a selector (<https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/>).
#[derive(Debug, PartialEq, Eq)]
enum Requirement {
    /// The key is there.
    There(String),
    /// It is not.
    Absent(String),
    /// It has one of the values.
    In(String, Vec<String>),
    /// It has none of them, or is not there.
    NotIn(String, Vec<String>),
}

impl Requirement {
    fn holds<'a>(&self, told: impl Fn(&str) -> Option<&'a str>) -> bool {
        let one_of = |key: &str, values: &[String]| {
            told(key).is_some_and(|value| values.iter().any(|other| other == value))
        };
        match self {
            Self::There(key) => told(key).is_some(),
            Self::Absent(key) => told(key).is_none(),
            Self::In(key, values) => one_of(key, values),
            Self::NotIn(key, values) => !one_of(key, values),
        }
    }
}

/// The conditions of a selector; nothing when one is not understood.
fn requirements(text: &str) -> Option<Vec<Requirement>> {
    let mut parts = vec![String::new()];
    let mut inside = false;
    for letter in text.chars() {
        match letter {
            ',' if !inside => parts.push(String::new()),
            letter => {
                inside = (inside || letter == '(') && letter != ')';
                if let Some(last) = parts.last_mut() {
                    last.push(letter);
                }
            }
        }
    }
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).map(requirement).collect()
}

fn requirement(part: &str) -> Option<Requirement> {
    let key = |text: &str| {
        let text = text.trim();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
        (!text.is_empty() && text.chars().all(plain)).then(|| text.to_owned())
    };
    if let Some((name, value)) = part.split_once("!=") {
        return Some(Requirement::NotIn(key(name)?, vec![value.trim().to_owned()]));
    }
    if let Some((name, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return Some(Requirement::In(key(name)?, vec![value.trim().to_owned()]));
    }
    if let Some(rest) = part.strip_suffix(')') {
        let (head, values) = rest.split_once('(')?;
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let head = head.trim();
        return match head.strip_suffix(" notin") {
            Some(name) => Some(Requirement::NotIn(key(name)?, values)),
            None => Some(Requirement::In(key(head.strip_suffix(" in")?)?, values)),
        };
    }
    match part.strip_prefix('!') {
        Some(name) => key(name).map(Requirement::Absent),
        None => key(part).map(Requirement::There),
    }
}

#[cfg(test)]
mod tests {
    use super::requirements;

    #[test]
    fn selectors_hold_or_not() {
        let labels = |key: &str| match key {
            "app" => Some("api"),
            "tier" => Some("web"),
            _ => None,
        };
        for (selector, holds) in [
            ("", Some(true)),
            ("app=api", Some(true)),
            ("app==api, tier = web", Some(true)),
            ("app=other", Some(false)),
            ("app!=other,gone!=x", Some(true)),
            ("app!=api", Some(false)),
            ("app,!gone", Some(true)),
            ("gone", Some(false)),
            ("!app", Some(false)),
            ("tier in (back,web),app", Some(true)),
            ("tier in (back)", Some(false)),
            ("tier notin (back, x)", Some(true)),
            ("gone notin (a)", Some(true)),
            ("tier notin (web)", Some(false)),
            ("tier > 1", None),
            ("a b", None),
        ] {
            let found = requirements(selector).map(|all| all.iter().all(|one| one.holds(labels)));
            assert_eq!(found, holds, "{selector}");
        }
    }
}
