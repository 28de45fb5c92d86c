//! The parser's errors in words of our own, which quote nothing of the input.

use granit_parser::ErrorKind;

/// What to tell the user.
pub(super) fn phrase(kind: &ErrorKind) -> &'static str {
    use ErrorKind as E;
    match kind {
        E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::UnclosedFlowCollection { .. } => "a bracket that was opened here is never closed",
        E::MisplacedFlowCollectionEnd | E::MismatchedFlowCollectionEnd { .. } => {
            "this bracket closes none that is open"
        }
        E::ExpectedFlowMappingSeparator | E::ExpectedFlowSequenceSeparator => {
            "expected a comma or a closing bracket here"
        }
        E::UnexpectedEof | E::UnexpectedEofBlockSequence | E::UnexpectedEofBlockMapping => {
            "the document ends too early"
        }
        E::UnknownAnchor => "this alias has no anchor above it in the same document",
        E::MissingAnchorOrAliasName => "an anchor or alias needs a name",
        E::ExpectedBlockMappingKey
        | E::SimpleKeyExpected
        | E::InvalidSimpleKey
        | E::InvalidIndentation
        | E::ExpectedNodeContent => {
            "expected `key: value` here; look at the indentation and for a missing `:`"
        }
        E::BlockEntryInFlowCollection => "a list item (`- `) cannot stand between brackets",
        E::ExpectedBlockSequenceEntry | E::BlockSequenceEntryNotAllowed | E::InvalidBlockEntryWhitespace => {
            "a list item (`- `) cannot stand here; look at the indentation"
        }
        E::TabNotAllowed | E::TabInBlockIndentation | E::TabInIndentation | E::TabAtBlockScalarStart => {
            "YAML is indented with spaces; there is a tab here"
        }
        E::UnclosedQuotedScalar | E::DocumentIndicatorInQuotedScalar => "a quoted text is never closed",
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => {
            "nothing but a comment may follow a quoted text"
        }
        E::UnknownQuotedScalarEscape | E::InvalidQuotedScalarHexEscape | E::InvalidLowSurrogateHexEscape => {
            "unknown escape in a double-quoted text"
        }
        E::InvalidQuotedScalarIndent => "a quoted text must be indented deeper than its key",
        E::ZeroBlockScalarIndent | E::InvalidBlockScalarHeader => {
            "after `|` or `>` only `+`, `-`, a digit and a comment may follow"
        }
        E::InvalidBlockScalarIndent => "this line of a text block is indented less than its first line",
        E::CommentInterceptedScalar => "a comment cannot stand within a text that spans lines",
        E::CommentNotSeparated | E::ExpectedWhitespace => "expected a space here",
        E::UnexpectedCharacter { .. } => "a text that starts with this character must be quoted",
        E::RecursionLimitExceeded => super::build::TOO_DEEP,
        E::BomInsideDocument => "a byte order mark can stand only at the start of a document",
        E::UndeclaredTagHandle => "this tag uses a handle that no %TAG directive declares",
        E::TooManyComments => "too many comment lines in a row",
        E::UnsupportedYamlMajorVersion => "only YAML 1 is supported",
        _ => "not valid YAML here",
    }
}
