//! What readers of env files disagree about.
//!
//! Sources: compose-go `dotenv/` (Docker Compose 5.6.1), docker/cli `pkg/kvfile` (28.2.2), motdotla/dotenv
//! 18.0.10, dotenv-expand 1000.0.0, python-dotenv 1.2.4, bkeepers/dotenv 3.2.0, kustomize 5.5.0.

use super::Dialect;

/// The switches of one dialect.
#[derive(Debug)]
pub(super) struct Rules {
    /// Every line is `KEY=value` and the value is taken as it stands; only [`Self::key`], [`Self::bare`],
    /// [`Self::repeats`] and [`Self::space`] apply then.
    pub whole_lines: bool,
    /// Which characters are white space.
    pub space: Space,
    /// Whether CR and CRLF are line breaks that read as LF. Otherwise CR is white space.
    pub universal_breaks: bool,
    /// What a name may hold.
    pub key: Key,
    /// What may stand between name and value.
    pub separator: Separator,
    /// What a name alone is.
    pub bare: Bare,
    /// Whether a name may stand twice.
    pub repeats: bool,
    /// The signs that quote.
    pub quotes: &'static [u8],
    /// What ends a quoted value.
    pub closing: Closing,
    /// What starts a comment behind an unquoted value.
    pub comment: CommentStart,
    /// Escapes in an unquoted value, in `'…'` and in `"…"`.
    pub escapes: [Escapes; 3],
    /// References in an unquoted value, in `'…'` and in `"…"`.
    pub references: [References; 3],
}

/// White space as the reader's language has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// Unicode's.
    Unicode,
    /// Unicode's and the byte order mark, without U+0085: JavaScript's `\s`.
    JavaScript,
    /// Unicode's and U+001C to U+001F: Python's `\s`.
    Python,
    /// ASCII's: Ruby's `\s`.
    Ascii,
}

impl Space {
    pub fn has(self, sign: char) -> bool {
        match self {
            Self::Unicode => sign.is_whitespace(),
            Self::JavaScript => sign == '\u{FEFF}' || (sign != '\u{85}' && sign.is_whitespace()),
            Self::Python => matches!(sign, '\u{1C}'..='\u{1F}') || sign.is_whitespace(),
            Self::Ascii => matches!(sign, '\t'..='\r' | ' '),
        }
    }
}

/// What a name may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// Letters, digits and `_ . - [ ]`; white space inside is an error unless it is no blank.
    Compose,
    /// `A-Z a-z 0-9 _ . -`.
    Node,
    /// `A-Z a-z 0-9 _ .`.
    Ruby,
    /// All but `=`, `#` and white space, or all but `'` between two of them.
    Python,
    /// All but white space.
    NoSpace,
    /// Anything that is not empty.
    Any,
}

/// What may stand between name and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// `=`.
    Equals,
    /// `=` or `:`.
    EqualsOrColon,
    /// `=`, also on a later line, or `:` with white space behind it.
    EqualsOrColonSpace,
}

/// What a name alone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    /// A variable to be taken from the reader's own environment.
    Inherited,
    /// Nothing at all.
    Ignored,
    /// A variable without value.
    Empty,
}

/// What ends a quoted value, and what a value is that does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// The next sign that no backslash escapes; anything may follow. Without one the file is refused.
    Refuse,
    /// The next sign that no backslash escapes; only a comment may follow on the line. Otherwise the line is
    /// passed over.
    SkipLine,
    /// The next sign that no backslash precedes, or an earlier one that only a comment follows. Otherwise the
    /// value is unquoted.
    Unquoted,
}

/// What starts a comment behind an unquoted value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommentStart {
    /// `#` behind a blank, but not as the first sign of the value.
    Blank,
    /// `#` behind any white space.
    Space,
    /// Any `#`.
    Anywhere,
}

/// Which escapes a value knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// None.
    None,
    /// A backslash before the quote itself.
    Quote,
    /// `\a \b \f \n \r \t \v \\ \" \$` and `\0` with three octal digits.
    Compose,
    /// `\n` and `\r`.
    Breaks,
    /// `\\` and `\'`.
    PythonSingle,
    /// `\a \b \f \n \r \t \v \\ \' \"`.
    PythonDouble,
    /// A backslash goes away before anything but `$`.
    Ruby,
    /// As [`Self::Ruby`], but `\n` and `\r` keep it.
    RubyDouble,
}

/// Which references a value knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum References {
    /// None.
    None,
    /// Compose's.
    Compose,
    /// `${V}` and `${V:-text}`.
    Python,
    /// `$V`, `${V}` with `- :- + :+`, and `\$`.
    Expand,
    /// `$V`, `${V}` and `\$`.
    Ruby,
}

const COMPOSE: Rules = Rules {
    whole_lines: false,
    space: Space::Unicode,
    universal_breaks: false,
    key: Key::Compose,
    separator: Separator::EqualsOrColon,
    bare: Bare::Inherited,
    repeats: true,
    quotes: b"'\"",
    closing: Closing::Refuse,
    comment: CommentStart::Blank,
    escapes: [Escapes::None, Escapes::Quote, Escapes::Compose],
    references: [References::Compose, References::None, References::Compose],
};

const NODE: Rules = Rules {
    whole_lines: false,
    space: Space::JavaScript,
    universal_breaks: true,
    key: Key::Node,
    separator: Separator::EqualsOrColonSpace,
    bare: Bare::Ignored,
    repeats: true,
    quotes: b"'\"`",
    closing: Closing::Unquoted,
    comment: CommentStart::Anywhere,
    escapes: [Escapes::None, Escapes::None, Escapes::Breaks],
    references: [References::None; 3],
};

const EXPAND: Rules = Rules { references: [References::Expand; 3], ..NODE };

const PYTHON: Rules = Rules {
    whole_lines: false,
    space: Space::Python,
    universal_breaks: true,
    key: Key::Python,
    separator: Separator::Equals,
    bare: Bare::Empty,
    repeats: true,
    quotes: b"'\"",
    closing: Closing::SkipLine,
    comment: CommentStart::Space,
    escapes: [Escapes::None, Escapes::PythonSingle, Escapes::PythonDouble],
    references: [References::Python; 3],
};

const RUBY: Rules = Rules {
    space: Space::Ascii,
    key: Key::Ruby,
    quotes: b"'\"",
    escapes: [Escapes::Ruby, Escapes::None, Escapes::RubyDouble],
    references: [References::Ruby, References::None, References::Ruby],
    ..NODE
};

const DOCKER: Rules = Rules {
    whole_lines: true,
    key: Key::NoSpace,
    separator: Separator::Equals,
    bare: Bare::Inherited,
    quotes: b"",
    escapes: [Escapes::None; 3],
    references: [References::None; 3],
    ..COMPOSE
};

const KUSTOMIZE: Rules = Rules { key: Key::Any, bare: Bare::Empty, repeats: false, ..DOCKER };

impl Dialect {
    pub(super) fn rules(self) -> &'static Rules {
        match self {
            Self::Compose => &COMPOSE,
            Self::Raw | Self::DockerEnvFile => &DOCKER,
            Self::NodeDotenv => &NODE,
            Self::PythonDotenv => &PYTHON,
            Self::DotenvExpand => &EXPAND,
            Self::RubyDotenv => &RUBY,
            Self::Kustomize => &KUSTOMIZE,
        }
    }
}
