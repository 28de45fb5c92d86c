//! `prisma.config.ts`: the database of Prisma's command line, which migrates
//! (<https://www.prisma.io/docs/orm/reference/prisma-config-reference#datasourceurl>).

use std::collections::BTreeMap;

use super::service::{Stack, imagined};
use super::values::{literal, variable};
use crate::readers::{PlatformFile, directory};
use crate::resolve::Context;
use crate::span::{FileId, Place, Span};
use crate::syntax::prisma_config::{self, ENV};
use crate::tree::Platform;

/// The connection strings that stand in the file itself.
pub(super) fn stack(file: &PlatformFile) -> Option<Stack> {
    let mut found = BTreeMap::new();
    for entry in file.root.entries().iter().filter(|entry| entry.value.tag.is_none()) {
        let place = Some(Place::new(file.file, entry.key_span));
        found.extend([variable(entry.key.as_str(), place, literal(file.file, &entry.value))]);
    }
    let stack = (!found.is_empty()).then(|| imagined(file, "datasource", found))?;
    // Which environment it is for is told by nothing.
    Some(Stack { environment: None, purpose: None, ..stack })
}

/// Texts of the program that may be credentials: all but the connection strings, which are masked for what they are.
pub(in crate::resolve) fn secrets(context: &Context<'_>) -> Vec<Place> {
    let platforms = context.declarations.platforms.iter();
    let configured = platforms.filter(|file| file.platform == Platform::PrismaConfig);
    let texts = configured.flat_map(|file| {
        let plain = |span: &Span| {
            let mut entries = file.root.entries().iter();
            entries.any(|entry| {
                entry.value.tag.is_none() && entry.value.span == *span || entry.key_span == *span
            })
        };
        let texts = prisma_config::texts(context.files.text(file.file)).into_iter();
        texts.filter(move |span| !plain(span)).map(|span| Place::new(file.file, span))
    });
    texts.collect()
}

/// Whether a configuration tells Prisma's command line the database of a schema in this file: the nearest one above it.
pub(in crate::resolve) fn tells(context: &Context<'_>, schema: &str) -> bool {
    let platforms = context.declarations.platforms.iter();
    let configured = platforms.filter(|file| file.platform == Platform::PrismaConfig);
    let nearest = configured
        .map(|file| (directory(context.files.path(file.file)), file))
        .filter(|(outer, _)| {
            outer.is_empty() || schema.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
        })
        .max_by_key(|(outer, _)| outer.len());
    nearest.is_some_and(|(_, file)| file.root.get("directUrl").or(file.root.get("url")).is_some())
}

/// What the datasource of a configuration is.
pub(in crate::resolve) enum Source<'a> {
    /// The variable of this name.
    Variable(&'a str),
    /// A text under this key.
    Text(&'static str),
    /// Something else.
    Other,
}

/// Every configuration with what it gives to the command line. A `directUrl`, which there was up to version 6, goes
/// first.
pub(in crate::resolve) fn configurations<'a>(
    context: &Context<'a>,
) -> impl Iterator<Item = (FileId, Source<'a>)> {
    let platforms = context.declarations.platforms.iter();
    let configured = platforms.filter(|file| file.platform == Platform::PrismaConfig);
    configured.filter_map(|file| {
        let mut keys = ["directUrl", "url"].into_iter();
        let (key, url) = keys.find_map(|key| Some((key, file.root.get(key)?)))?;
        let source = match (url.tag.as_deref(), url.as_str()) {
            (Some(ENV), Some(name)) => Source::Variable(name),
            (None, Some(_)) => Source::Text(key),
            _ => Source::Other,
        };
        Some((file.file, source))
    })
}

/// Every variable that a configuration in this directory asks for, with its place.
pub(in crate::resolve) fn asked<'a>(context: &Context<'a>, folder: &str) -> Vec<(&'a str, Place)> {
    let platforms = context.declarations.platforms.iter();
    let own = platforms.filter(|file| {
        file.platform == Platform::PrismaConfig && directory(context.files.path(file.file)) == folder
    });
    let asked = own.flat_map(|file| {
        let entries = file.root.entries().iter().filter(|entry| entry.key.as_str() != "shadowDatabaseUrl");
        let asks = entries.filter(|entry| entry.value.tag.as_deref() == Some(ENV));
        asks.filter_map(|entry| Some((entry.value.as_str()?, Place::new(file.file, entry.value.span))))
    });
    asked.collect()
}
