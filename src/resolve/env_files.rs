//! What the readers of an env file make of its database values: quotes that become text, a `#` that cuts, a `$`
//! that is taken for a reference, a reference that stays text. Nothing is told of a reading that nobody does.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::names::is_database_key;
use crate::model::{Defect, EnvReader, EnvUse, Model};
use crate::span::{FileId, Place, Span};
use crate::syntax::connection::looks_like;
use crate::syntax::dotenv::{self, Dialect, Entry, EnvFile};

mod differences;
mod dollars;
pub(super) mod evidence;
mod hashes;
mod quotes;
mod readers;
mod style;
#[cfg(test)]
mod tests;
mod unexpanded;

pub(super) use readers::dialect;

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
    let judge = Judge { context, uses, file, text, readers, referred: OnceCell::new(), set: OnceCell::new() };
    let mut found = judge.quotes();
    found.extend(judge.hashes());
    found.extend(judge.dollars());
    found.extend(judge.unexpanded());
    let (likely, certain): (Vec<Defect>, Vec<Defect>) =
        found.into_iter().partition(|defect| defect.kind == "possible");
    let spoken = certain.iter().filter_map(|defect| defect.variable.clone()).collect();
    let mut found = certain;
    let different = judge.differences(&spoken);
    // What a likely reader makes of a value is told once, together with what another makes of it.
    let told: BTreeSet<Option<String>> = different.iter().map(|defect| defect.variable.clone()).collect();
    found.extend(likely.into_iter().filter(|defect| !told.contains(&defect.variable)));
    found.extend(different);
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
    /// Where this file first sets each variable, as Compose reads it, found when first asked for.
    set: OnceCell<BTreeMap<String, Span>>,
}

fn is_name(letter: char) -> bool {
    letter == '_' || letter.is_ascii_alphanumeric()
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

    fn rest_of_line(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default().lines().next().unwrap_or_default()
    }
}

/// What stands between two `quote`s that enclose the whole text.
fn unquoted(text: &str, quote: char) -> Option<&str> {
    text.strip_prefix(quote)?.strip_suffix(quote)
}
