//! What readers of env files disagree about.
//!
//! Sources: compose-go `dotenv/` (Docker Compose 5.6.1), docker/cli `pkg/kvfile` (28.2.2), motdotla/dotenv
//! 18.0.10, dotenv-expand 1000.0.0, python-dotenv 1.2.4, bkeepers/dotenv 3.2.0, kustomize 5.5.0.

use super::Dialect;

/// The switches of one dialect.
#[derive(Debug)]
pub(super) struct Rules {
    /// How the reader goes through the file.
    pub shape: Shape,
    /// Which characters are white space.
    pub space: Space,
    /// Whether CR and CRLF are line breaks that read as LF. Otherwise CR is white space.
    pub universal_breaks: bool,
    /// What a name may hold.
    pub key: fn(char) -> bool,
    /// What a name alone is.
    pub bare: Bare,
    /// Whether a line without a name is passed over, where others refuse the file.
    pub nameless: bool,
    /// Whether a name must not begin with a digit or with two dots, nor be a dot: what Kubernetes takes for the name
    /// of a variable and for a key.
    pub strict_names: bool,
    /// Whether a name may stand twice.
    pub repeats: bool,
    /// The signs that quote.
    pub quotes: &'static [u8],
    /// What starts a comment behind an unquoted value.
    pub comment: CommentStart,
    /// Escapes in an unquoted value, in `'…'` and in `"…"`.
    pub escapes: [Escapes; 3],
    /// Whether a value that begins with a double quote has the escapes of `"…"` although it does not end
    /// with one.
    pub escapes_unclosed: bool,
    /// References in an unquoted value, in `'…'` and in `"…"`.
    pub references: [References; 3],
}

/// How a reader goes through the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Line by line; a value is taken as it stands.
    Lines,
    /// From name to name. The first quote that no backslash escapes closes a value, and anything may follow
    /// it. What cannot be read makes the reader refuse the file.
    Names,
    /// From binding to binding. Only a comment may follow the closing quote. What cannot be read makes the
    /// reader pass over the line.
    Bindings,
    /// By looking for what one regular expression matches. What follows a closing quote decides whether it
    /// closes; where none does the value is unquoted. What does not match is passed over.
    Pattern,
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

/// What a name alone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    /// A variable to be taken from the reader's own environment.
    Inherited,
    /// A variable without a value.
    Undefined,
    /// A variable whose value is empty.
    Empty,
    /// Nothing at all.
    Ignored,
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
    shape: Shape::Names,
    space: Space::Unicode,
    universal_breaks: false,
    key: |sign| sign.is_alphabetic() || sign.is_numeric() || matches!(sign, '_' | '.' | '-' | '[' | ']'),
    bare: Bare::Inherited,
    nameless: false,
    strict_names: false,
    repeats: true,
    quotes: b"'\"",
    comment: CommentStart::Blank,
    escapes: [Escapes::None, Escapes::Quote, Escapes::Compose],
    escapes_unclosed: false,
    references: [References::Compose, References::None, References::Compose],
};

const NODE: Rules = Rules {
    shape: Shape::Pattern,
    space: Space::JavaScript,
    universal_breaks: true,
    key: |sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '.' | '-'),
    bare: Bare::Ignored,
    nameless: false,
    strict_names: false,
    repeats: true,
    quotes: b"'\"`",
    comment: CommentStart::Anywhere,
    escapes: [Escapes::None, Escapes::None, Escapes::Breaks],
    escapes_unclosed: true,
    references: [References::None; 3],
};

const EXPAND: Rules = Rules { references: [References::Expand; 3], ..NODE };

const RUBY: Rules = Rules {
    space: Space::Ascii,
    key: |sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '.'),
    bare: Bare::Empty,
    quotes: b"'\"",
    escapes: [Escapes::Ruby, Escapes::None, Escapes::RubyDouble],
    escapes_unclosed: false,
    references: [References::Ruby, References::None, References::Ruby],
    ..NODE
};

const PYTHON: Rules = Rules {
    shape: Shape::Bindings,
    space: Space::Python,
    universal_breaks: true,
    key: |sign| !matches!(sign, '=' | '#') && !Space::Python.has(sign),
    bare: Bare::Undefined,
    nameless: false,
    strict_names: false,
    repeats: true,
    quotes: b"'\"",
    comment: CommentStart::Space,
    escapes: [Escapes::None, Escapes::PythonSingle, Escapes::PythonDouble],
    escapes_unclosed: false,
    references: [References::Python; 3],
};

const DOCKER: Rules = Rules {
    shape: Shape::Lines,
    key: |sign| !matches!(sign, ' ' | '\t'),
    quotes: b"",
    escapes: [Escapes::None; 3],
    references: [References::None; 3],
    ..COMPOSE
};

const KUSTOMIZE: Rules = Rules { key: |_| true, bare: Bare::Empty, nameless: true, repeats: false, ..DOCKER };

/// What `kubectl create` takes for a name beyond its characters is in the lexer of lines.
const KUBECTL: Rules = Rules {
    key: |sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '.' | '-'),
    bare: Bare::Inherited,
    nameless: false,
    strict_names: true,
    ..KUSTOMIZE
};

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
            Self::Kubectl => &KUBECTL,
        }
    }
}
