//! A value together with where it came from.

use serde::Serialize;

use crate::span::Place;

/// What a value rests on. Names as in the JSON output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Basis {
    /// Written in the repository.
    Written,
    /// Declared in `poollint.toml` or on the command line.
    Declared,
    /// A client library's documented default.
    ClientDefault,
    /// An image's documented default.
    ImageDefault,
    /// A database engine's documented default.
    EngineDefault,
    /// A platform's documented default (Kubernetes' one replica).
    PlatformDefault,
    /// A pooler's documented default.
    PoolerDefault,
    /// A provider's plan.
    Plan,
    /// Follows from other values.
    Derived,
    /// Not known.
    Unknown,
}

/// A value, its basis and its place. `value` is `None` exactly when the basis is `Unknown` or the value is a
/// formula over something unknown (Prisma's pool on a machine of unknown size).
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: Option<T>,
    /// What it rests on.
    pub basis: Basis,
    /// Where a person would change it.
    pub place: Option<Place>,
    /// The references between the place of use and `place`, outermost first.
    pub hops: Vec<Place>,
    /// Whether code, which poollint does not read, may set it differently. Only for client defaults.
    pub overridable: bool,
    /// What it is, when the value alone does not say ("2 × physical CPUs + 1 of the node", "Prisma 6 default").
    pub note: Option<String>,
}

impl<T> Located<T> {
    /// A value from a file.
    pub fn written(value: T, place: Place) -> Self {
        Self { place: Some(place), ..Self::of(value, Basis::Written) }
    }

    /// A value without a place.
    pub fn of(value: T, basis: Basis) -> Self {
        Self { value: Some(value), basis, place: None, hops: Vec::new(), overridable: false, note: None }
    }

    /// Not known.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            value: None,
            basis: Basis::Unknown,
            place: None,
            hops: Vec::new(),
            overridable: false,
            note: None,
        }
    }

    /// The same with a note.
    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The same at a place.
    #[must_use]
    pub fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// Another value on the same basis.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Located<U> {
        Located {
            value: self.value.map(change),
            basis: self.basis,
            place: self.place,
            hops: self.hops,
            overridable: self.overridable,
            note: self.note,
        }
    }

    /// Whether somebody wrote or declared it, as opposed to a default.
    #[must_use]
    pub fn is_explicit(&self) -> bool {
        matches!(self.basis, Basis::Written | Basis::Declared)
    }
}
