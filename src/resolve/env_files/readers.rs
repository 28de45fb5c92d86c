//! What is known of each reader of env files.

use crate::model::EnvReader;
use crate::syntax::dotenv::Dialect;

/// Whether a command or a deployment names the file, rather than a dependency suggesting that a program reads it.
pub(super) fn is_proven(reader: EnvReader) -> bool {
    !matches!(
        reader,
        EnvReader::NodeDotenv
            | EnvReader::DotenvExpand
            | EnvReader::PythonDotenv
            | EnvReader::RubyDotenv
            | EnvReader::PhpDotenv
    )
}

/// Whether the reader takes quotes and references for text.
pub(super) fn is_literal(reader: EnvReader) -> bool {
    matches!(
        reader,
        EnvReader::ComposeRaw | EnvReader::Kustomize | EnvReader::DockerRun | EnvReader::KubectlCreate
    )
}

/// Whether the reader takes references for text, whatever it does with quotes.
pub(super) fn expands_nothing(reader: EnvReader) -> bool {
    is_literal(reader) || reader == EnvReader::NodeEnvFile
}

/// How the reader goes through a file. Node's own parser takes ordinary assignments as dotenv does (compared with
/// node 20's `util.parseEnv`; they part over names that nobody gives). phpdotenv cuts at `#` as dotenv does
/// (<https://github.com/vlucas/phpdotenv>, `EntryParser`), and is judged by nothing else.
pub(in crate::resolve) fn dialect(reader: EnvReader) -> Dialect {
    match reader {
        EnvReader::ComposeProject | EnvReader::ComposeEnvFile => Dialect::Compose,
        EnvReader::ComposeRaw => Dialect::Raw,
        EnvReader::NodeDotenv | EnvReader::NodeEnvFile | EnvReader::PhpDotenv => Dialect::NodeDotenv,
        EnvReader::DotenvExpand => Dialect::DotenvExpand,
        EnvReader::PythonDotenv => Dialect::PythonDotenv,
        EnvReader::RubyDotenv => Dialect::RubyDotenv,
        EnvReader::Kustomize => Dialect::Kustomize,
        EnvReader::KubectlCreate => Dialect::Kubectl,
        EnvReader::DockerRun => Dialect::DockerEnvFile,
    }
}
