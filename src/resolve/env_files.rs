//! What the readers of an env file make of its database values: quotes that become text, a `#` that cuts, a `$`
//! that is taken for a reference, a reference that stays text. Nothing is told of a reading that nobody does.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::Context;
use super::compose::{is_conventional, is_glued};
use super::names::{is_database_key, meaning};
use crate::catalog::VariableMeaning;
use crate::model::{Defect, Edit, EnvReader, EnvUse, Fix, Model, Safety};
use crate::span::{FileId, Place, Span};
use crate::syntax::connection::{self, Form, looks_like};
use crate::syntax::dotenv::{self, Dialect, Entry, EnvFile, Quote};
use crate::syntax::interpolation::{Fallback, Part, Reference, Template};

mod style;
#[cfg(test)]
mod tests;

/// The defects of every env file, each belonging to the first deployment that the file is part of.
#[must_use]
pub fn of_model(context: &Context<'_>, model: &Model) -> Vec<Defect> {
    let named = model.env_uses.iter().map(|env_use| env_use.file);
    let files: BTreeSet<FileId> = named.chain(context.declarations.env_files.iter().copied()).collect();
    let mut found = Vec::new();
    for file in files {
        let deployment = model.deployments.iter().position(|deployment| deployment.files.contains(&file));
        let known: BTreeSet<(&str, Span)> = model
            .defects
            .iter()
            .filter(|known| known.place.file == file)
            .map(|known| (known.rule, known.place.span))
            .collect();
        for mut defect in defects(context, &model.env_uses, file) {
            // What a generator makes of the file has been judged where it is used.
            if !known.contains(&(defect.rule, defect.place.span)) {
                defect.deployment = deployment;
                found.push(defect);
            }
        }
    }
    found
}

/// The defects of one env file, judged by those who read it.
#[must_use]
pub fn defects(context: &Context<'_>, uses: &[EnvUse], file: FileId) -> Vec<Defect> {
    let text = context.files.text(file);
    let readers: BTreeSet<EnvReader> =
        uses.iter().filter(|env_use| env_use.file == file).map(|env_use| env_use.reader).collect();
    let (referred, defined) = (OnceCell::new(), OnceCell::new());
    let judge = Judge { context, uses, file, text, readers, referred, defined };
    let mut found = judge.quotes();
    found.extend(judge.hashes());
    found.extend(judge.dollars());
    found.extend(judge.unexpanded());
    found.extend(judge.repeats());
    found.extend(judge.stray());
    found.sort_by_key(|defect| defect.place.span.start);
    found
}

struct Judge<'a> {
    context: &'a Context<'a>,
    uses: &'a [EnvUse],
    file: FileId,
    text: &'a str,
    readers: BTreeSet<EnvReader>,
    /// Names that Compose files and this file refer to, found when first asked for.
    referred: OnceCell<BTreeSet<String>>,
    /// Names that env files and Compose files seem to set, found when first asked for.
    defined: OnceCell<BTreeSet<String>>,
}

/// Whether a deployment names the file, rather than a dependency suggesting that a program reads it.
fn is_proven(reader: EnvReader) -> bool {
    !matches!(reader, EnvReader::NodeDotenv | EnvReader::PythonDotenv | EnvReader::RubyDotenv)
}

fn is_name(letter: char) -> bool {
    letter == '_' || letter.is_ascii_alphanumeric()
}

/// Whether the reader takes quotes and references for text.
fn is_literal(reader: EnvReader) -> bool {
    matches!(reader, EnvReader::ComposeRaw | EnvReader::Kustomize)
}

fn dialect(reader: EnvReader) -> Dialect {
    match reader {
        EnvReader::ComposeProject | EnvReader::ComposeEnvFile => Dialect::Compose,
        EnvReader::ComposeRaw => Dialect::Raw,
        EnvReader::NodeDotenv => Dialect::NodeDotenv,
        EnvReader::PythonDotenv => Dialect::PythonDotenv,
        EnvReader::RubyDotenv => Dialect::RubyDotenv,
        EnvReader::Kustomize => Dialect::Kustomize,
    }
}

impl Judge<'_> {
    fn parse(&self, dialect: Dialect) -> EnvFile {
        dotenv::parse(self.text, dialect)
    }

    fn raw(&self, entry: &Entry) -> &str {
        self.text.get(entry.raw.range()).unwrap_or_default()
    }

    fn place(&self, start: usize, end: usize) -> Place {
        Place::new(self.file, Span::new(start, end))
    }

    fn column(&self, at: usize) -> usize {
        self.context.files.position(self.file, at).column
    }

    fn is_database(&self, entry: &Entry) -> bool {
        is_database_key(&entry.key) || looks_like(self.raw(entry).trim_matches(['"', '\'']))
    }

    /// Whether the value reaches a program through `reader`: what Compose reads for interpolation alone does so
    /// only where it is referred to.
    fn hands_on(&self, reader: EnvReader, name: &str) -> bool {
        reader != EnvReader::ComposeProject || self.referred.get_or_init(|| self.references()).contains(name)
    }

    fn references(&self) -> BTreeSet<String> {
        let compose = self.context.declarations.compose.iter().map(|compose| compose.file);
        let texts = compose.chain([self.file]).map(|file| self.context.files.text(file));
        texts
            .flat_map(|text| text.split('$').skip(1))
            .map(|rest| rest.strip_prefix('{').unwrap_or(rest))
            .map(|rest| rest.split(|letter| !is_name(letter)).next().unwrap_or_default().to_owned())
            .collect()
    }

    fn quotes(&self) -> Vec<Defect> {
        if let Some(reader) = self.readers.iter().copied().find(|reader| is_literal(*reader)) {
            return self.kept_quotes(reader);
        }
        let parsed = self.parse(self.readers.first().map_or(Dialect::Compose, |reader| dialect(*reader)));
        let mut found = Vec::new();
        for entry in parsed.entries.iter().filter(|entry| self.is_database(entry)) {
            let inner = match entry.quote {
                Quote::Single => '"',
                Quote::Double => '\'',
                Quote::None | Quote::Backtick => continue,
            };
            let raw = self.raw(entry);
            let quoted = raw.len().checked_sub(1).and_then(|end| raw.get(1..end)).unwrap_or_default();
            let Some(content) = unquoted(quoted, inner) else { continue };
            if content.contains(inner) {
                continue;
            }
            let span = Span::new(entry.raw.start.saturating_add(1), entry.raw.end.saturating_sub(1));
            let place = Place::new(self.file, entry.raw);
            let defect = Defect::new("env-literal-quotes", "doubled", place).of(entry.key.clone());
            found.push(defect.fix(Some(self.without_ends(span, "remove the inner quotes"))));
        }
        found
    }

    /// Quotes around a value whose reader knows no quotes.
    fn kept_quotes(&self, reader: EnvReader) -> Vec<Defect> {
        let mut found = Vec::new();
        for entry in self.parse(dialect(reader)).entries.iter().filter(|entry| self.is_database(entry)) {
            let value = self.raw(entry).trim_end();
            let Some(content) = unquoted(value, '"').or_else(|| unquoted(value, '\'')) else { continue };
            let span = Span::new(entry.raw.start, entry.raw.start.saturating_add(value.len()));
            // Another reader may need the quotes around these.
            let alone = self.readers.len() == 1;
            let plain = !content.contains(['#', '$', '\\', '"', '\'', ' ', '\t']);
            let fix = (alone || plain).then(|| self.without_ends(span, "remove the quotes"));
            let defect = Defect::new("env-literal-quotes", "raw", Place::new(self.file, span));
            found.push(defect.of(entry.key.clone()).fact("reader", reader.name()).fix(fix));
        }
        found
    }

    fn without_ends(&self, span: Span, title: &str) -> Fix {
        let ends = [
            self.place(span.start, span.start.saturating_add(1)),
            self.place(span.end.saturating_sub(1), span.end),
        ];
        let edits = ends.map(|place| Edit { place, text: String::new() }).into();
        Fix { safety: Safety::Safe, title: title.to_owned(), edits, withheld: false }
    }

    /// The first reader that cuts a value decides, proven ones before likely ones.
    fn hashes(&self) -> Vec<Defect> {
        let (mut found, mut told) = (Vec::new(), BTreeSet::new());
        let (proven, likely): (Vec<EnvReader>, Vec<EnvReader>) =
            self.readers.iter().partition(|reader| is_proven(**reader));
        for reader in proven.into_iter().chain(likely) {
            for entry in &self.parse(dialect(reader)).entries {
                let Some(at) = self.cut(entry).filter(|_| self.hands_on(reader, &entry.key)) else {
                    continue;
                };
                if !told.insert(entry.key_span.start) {
                    continue;
                }
                let kind = if is_proven(reader) { "proven" } else { "possible" };
                let place = self.place(at, at.saturating_add(1));
                let defect = Defect::new("env-hash-truncation", kind, place).of(entry.key.clone());
                let defect = defect.fact("column", self.column(at)).fact("reader", reader.name());
                found.push(defect.fix(self.encode(entry)));
            }
        }
        found
    }

    /// Where the line goes on behind a value although it is no comment that follows.
    fn cut(&self, entry: &Entry) -> Option<usize> {
        if entry.quote != Quote::None || entry.value.is_none() {
            return None;
        }
        let (left, rest) = (self.raw(entry), self.rest_of_line(entry.raw.end));
        let behind = rest.trim_start();
        let comment = behind.strip_prefix('#')?;
        let whole = self.rest_of_line(entry.raw.start).trim_end();
        if !is_database_key(&entry.key) && !looks_like(whole) {
            return None;
        }
        let blank = rest.len() > behind.len()
            || (left.is_empty() && !self.text.get(..entry.raw.start).is_some_and(|text| text.ends_with('=')));
        if blank || left.is_empty() {
            // Only a connection string whose host would be missing is certain to be cut.
            let broken = looks_like(left) && !left.contains('@') && whole.contains('@');
            let flawed = connection::parse(left).is_some_and(|parsed| !parsed.flaws.is_empty());
            let direct = !blank && !comment.is_empty() && !comment.starts_with([' ', '\t', '#']);
            if !(direct || broken && flawed) {
                return None;
            }
        }
        Some(entry.raw.end.saturating_add(rest.len().saturating_sub(behind.len())))
    }

    fn rest_of_line(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default().lines().next().unwrap_or_default()
    }

    /// `%23` for each `#` in the credentials of a URL.
    fn encode(&self, entry: &Entry) -> Option<Fix> {
        let value = self.rest_of_line(entry.raw.start).split([' ', '\t']).next()?;
        let end = value.rfind('@')?;
        let credentials = value.get(..end)?;
        let url = connection::parse(value).is_some_and(|parsed| parsed.form == Form::Url);
        if !url || self.raw(entry).contains('@') {
            return None;
        }
        let edits: Vec<Edit> = credentials
            .match_indices('#')
            .map(|(at, _)| entry.raw.start.saturating_add(at))
            .map(|at| Edit { place: self.place(at, at.saturating_add(1)), text: "%23".to_owned() })
            .collect();
        let title = "encode # as %23".to_owned();
        (!edits.is_empty()).then_some(Fix { safety: Safety::Safe, title, edits, withheld: false })
    }

    fn dollars(&self) -> Vec<Defect> {
        let compose = [EnvReader::ComposeEnvFile, EnvReader::ComposeProject];
        let readers: Vec<EnvReader> =
            compose.into_iter().filter(|reader| self.readers.contains(reader)).collect();
        if readers.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for entry in self.parse(Dialect::Compose).entries.iter().filter(|entry| self.is_database(entry)) {
            let Some(template) = &entry.value else { continue };
            let Some(reader) = readers.iter().find(|reader| self.hands_on(**reader, &entry.key)) else {
                continue;
            };
            let candidates = glued(template);
            if candidates.is_empty() {
                continue;
            }
            let unset = |reference: &&&Reference| !self.is_defined(&reference.name);
            let Some(first) = candidates.iter().find(unset) else { continue };
            let at = first.span.start;
            let place = self.place(at, at.saturating_add(1));
            let defect = Defect::new("env-dollar-interpolation", "undefined", place).of(entry.key.clone());
            let defect = defect.fact("column", self.column(at)).fact("reader", reader.name());
            let all = candidates.len() == template.references().count()
                && candidates.iter().all(|reference| unset(&reference));
            found.push(defect.fix(all.then(|| self.single_quotes(entry, template)).flatten()));
        }
        found
    }

    /// Whether an env file that Compose reads, or a Compose file, seems to set a variable: a service's own
    /// variables serve its env files too.
    fn is_defined(&self, name: &str) -> bool {
        self.defined.get_or_init(|| self.definitions()).contains(name)
    }

    fn definitions(&self) -> BTreeSet<String> {
        let read = self.uses.iter().filter(|env_use| dialect(env_use.reader) == Dialect::Compose);
        let files: BTreeSet<FileId> = read.map(|env_use| env_use.file).collect();
        let entries = files
            .into_iter()
            .flat_map(|file| dotenv::parse(self.context.files.text(file), Dialect::Compose).entries);
        let mut names: BTreeSet<String> = entries.map(|entry| entry.key).collect();
        for compose in &self.context.declarations.compose {
            let lefts = self.context.files.text(compose.file).split([':', '=']);
            names.extend(lefts.filter_map(|left| {
                let left =
                    left.trim_end_matches(|letter: char| letter.is_whitespace() || "\"'".contains(letter));
                let name = left.rsplit(|letter| !is_name(letter)).next()?;
                (!name.is_empty()).then(|| name.to_owned())
            }));
        }
        names
    }

    fn single_quotes(&self, entry: &Entry, template: &Template) -> Option<Fix> {
        let raw = self.raw(entry);
        let literal = self.readers.iter().any(|reader| is_literal(*reader));
        // `$$` and `{` mean something else in single quotes, and so do escapes.
        let same = template.parts.len() > 1 && !raw.contains("$$") && !raw.contains(['\'', '\\', '\n']);
        if literal || !same {
            return None;
        }
        let width = usize::from(entry.quote == Quote::Double);
        let edit = |start: usize, end: usize| Edit { place: self.place(start, end), text: "'".to_owned() };
        let Span { start, end } = entry.raw;
        let edits = vec![edit(start, start.saturating_add(width)), edit(end.saturating_sub(width), end)];
        let title = "use single quotes".to_owned();
        Some(Fix { safety: Safety::Safe, title, edits, withheld: false })
    }

    /// References inside values that every reader takes for text.
    fn unexpanded(&self) -> Vec<Defect> {
        let proven: Vec<EnvReader> =
            self.readers.iter().copied().filter(|reader| is_proven(*reader)).collect();
        let Some(reader) = proven.first().filter(|_| proven.iter().all(|reader| is_literal(*reader))) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for entry in self.parse(dialect(*reader)).entries.iter().filter(|entry| self.is_database(entry)) {
            let value = self.raw(entry);
            let secret = meaning(&entry.key).is_some_and(|meaning| meaning.role == VariableMeaning::Password);
            let Some((start, end)) = reference(value) else { continue };
            let whole = value.trim().trim_matches(['"', '\'']).len() == end.saturating_sub(start);
            if secret || whole || is_expanding(&entry.key, value) {
                continue;
            }
            let place =
                self.place(entry.raw.start.saturating_add(start), entry.raw.start.saturating_add(end));
            let defect = Defect::new("env-unexpanded-variable", "env-file", place);
            found.push(defect.of(entry.key.clone()).fact("reader", reader.name()));
        }
        if !found.is_empty() && self.is_substituted() {
            return Vec::new();
        }
        found
    }

    /// Whether another tool may fill references in before anything is applied.
    fn is_substituted(&self) -> bool {
        self.context
            .files
            .iter()
            .any(|(_, source)| ["envsubst", "postBuild"].iter().any(|sign| source.text.contains(sign)))
    }
}

/// Frameworks that expand `${NAME}` in the variables they are given.
fn is_expanding(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let value = value.trim_start_matches(['"', '\'']).to_ascii_lowercase();
    ["SPRING_", "QUARKUS_", "MICRONAUT_"].iter().any(|prefix| name.starts_with(prefix))
        || ["jdbc:", "r2dbc:"].iter().any(|prefix| value.starts_with(prefix))
}

/// Bare references that touch other text and do not look like a variable's name.
fn glued(template: &Template) -> Vec<&Reference> {
    let candidates = template.parts.iter().enumerate().filter_map(|(index, part)| {
        let Part::Reference(reference) = part else { return None };
        (reference.fallback == Fallback::Empty && is_glued(template, index, reference)).then_some(reference)
    });
    candidates.filter(|reference| !is_conventional(&reference.name)).collect()
}

/// What stands between two `quote`s that enclose the whole text.
fn unquoted(text: &str, quote: char) -> Option<&str> {
    text.strip_prefix(quote)?.strip_suffix(quote)
}

/// The bytes of the first `${NAME}` or `$(NAME)`.
fn reference(text: &str) -> Option<(usize, usize)> {
    text.match_indices('$').find_map(|(at, _)| {
        let rest = text.get(at.saturating_add(1)..)?;
        let (inner, close) = match rest.chars().next()? {
            '{' => (rest.get(1..)?, '}'),
            '(' => (rest.get(1..)?, ')'),
            _ => return None,
        };
        let (name, _) = inner.split_once(close)?;
        let named = name.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic());
        (named && name.chars().all(is_name)).then(|| (at, at.saturating_add(name.len()).saturating_add(3)))
    })
}
