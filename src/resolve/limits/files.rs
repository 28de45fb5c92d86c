//! The configuration files of a server, as far as they are mounted.

use globset::Glob;

use super::command::strip_setting;
use crate::catalog::{ConfigFormat, Engine};
use crate::model::{Container, Located, MountSource};
use crate::span::{FileId, Place, Span, Text};
use crate::syntax::ini::{self, Dialect, Ini, Setting};
use crate::tree::Files;

/// What the configuration files of a container say.
#[derive(Debug, Default)]
pub struct Configuration<'a> {
    /// Those that are loaded, in the order of the mounts.
    files: Vec<(Origin<'a>, Ini)>,
    /// Whether the server loads something that the repository does not hold.
    pub open: bool,
}

/// Where a file's text is.
#[derive(Debug)]
enum Origin<'a> {
    File(FileId),
    Text(&'a Text),
}

impl<'a> Configuration<'a> {
    /// Reads what `container` mounts and its server loads: the file that `named` says, else those where it looks.
    #[must_use]
    pub fn of(files: &Files, container: &'a Container, engine: &Engine, named: Option<&str>) -> Self {
        let mut found = Self::default();
        let Some(format) = engine.config_format else { return found };
        let loads = |path: &str| match named {
            Some(named) => path == named,
            None => looks_at(container, engine, path),
        };
        let mut seen = false;
        for mount in &container.mounts {
            let inside = mount.inside.as_str();
            match &mount.source {
                MountSource::Text(text) if loads(inside) => {
                    seen = true;
                    found.files.push((Origin::Text(text), read(text.as_str(), format)));
                    found.open |= !text.is_known();
                }
                MountSource::Path(path) => match in_tree(files, path, inside, named) {
                    Some(id) if loads(named.unwrap_or(inside)) => {
                        seen = true;
                        found.files.push((Origin::File(id), read(files.text(id), format)));
                    }
                    Some(_) => {}
                    None => found.open |= loads(inside) || may_hold(engine, named, inside),
                },
                MountSource::Unknown => found.open |= loads(inside) || may_hold(engine, named, inside),
                MountSource::Text(_) | MountSource::Volume => {}
            }
        }
        // The image has no such file of its own, as far as anybody knows.
        found.open |= named.is_some() && !seen;
        found
    }

    /// The last setting of any of these names; not known where a file that is included after it may set another.
    #[must_use]
    pub fn count(&self, names: &[String]) -> Option<Located<u64>> {
        let named =
            |setting: &&Setting| names.iter().any(|name| strip_setting(&setting.key, name) == Some(""));
        let (origin, setting) = self.files.iter().rev().find_map(|(origin, ini)| {
            let mut settings = ini.sections.iter().flat_map(|section| &section.settings);
            let setting = settings.rfind(named)?;
            // What MySQL includes is a directory, in which the images keep nothing of the kind.
            let includes = |other: &Setting| {
                other.key.starts_with("include") && other.value_span.start > setting.value_span.start
            };
            let mut all = ini.sections.iter().flat_map(|section| &section.settings);
            Some((origin, (setting, all.any(includes))))
        })?;
        let (setting, overridable) = setting;
        let place = place(origin, setting.value_span);
        if overridable {
            return Some(Located::unknown().at(place));
        }
        Some(match setting.value.as_str().trim().parse() {
            Ok(value) => Located { place, ..Located::of(value, crate::model::Basis::Written) },
            Err(_) => Located::unknown().at(place),
        })
    }

    /// Whether a file that is loaded names others, which may set anything.
    #[must_use]
    pub fn includes(&self) -> bool {
        self.files.iter().flat_map(|(_, ini)| &ini.sections).flat_map(|section| &section.settings).any(
            |setting| {
                let key = setting.key.trim_start_matches(['!', '%']);
                key.starts_with("include")
            },
        )
    }
}

fn place(origin: &Origin<'_>, span: Span) -> Option<Place> {
    match origin {
        Origin::File(file) => Some(Place::new(*file, span)),
        Origin::Text(text) => text.place_of(span.range()),
    }
}

fn read(text: &str, format: ConfigFormat) -> Ini {
    let dialect = match format {
        ConfigFormat::Postgres => Dialect::Postgres,
        ConfigFormat::Mysql => Dialect::MySql,
    };
    ini::parse(text, dialect)
}

/// A configuration file that is mounted where the server does not look, with the limit that it sets in vain.
#[must_use]
pub fn beside<'a>(
    files: &Files,
    container: &'a Container,
    engine: &Engine,
    named: Option<&str>,
) -> Option<(&'a str, Located<u64>)> {
    let format = engine.config_format?;
    container.mounts.iter().find_map(|mount| {
        let inside = mount.inside.as_str();
        let name = inside.rsplit('/').next();
        let of_server = engine.config_files.iter().any(|known| name == Some(known));
        if !of_server || named.is_some() || looks_at(container, engine, inside) {
            return None;
        }
        let id = files.find(mount.path()?)?;
        let read = vec![(Origin::File(id), read(files.text(id), format))];
        let limit = Configuration { files: read, open: false }.count(&engine.settings)?;
        Some((inside, limit))
    })
}

/// The file of the tree that is mounted, or the one that is `named` in a directory that is.
fn in_tree(files: &Files, path: &str, inside: &str, named: Option<&str>) -> Option<FileId> {
    files.find(path).or_else(|| {
        let rest = named?.strip_prefix(inside.trim_end_matches('/'))?;
        files.find(&format!("{path}{rest}")).filter(|_| rest.starts_with('/'))
    })
}

/// Whether the server reads a file of this path by itself.
fn looks_at(container: &Container, engine: &Engine, path: &str) -> bool {
    let data = engine.data_variable.as_ref().and_then(|name| container.environment.get(name)?.known());
    engine.config_files.iter().any(|pattern| {
        Glob::new(pattern).is_ok_and(|glob| {
            let glob = glob.compile_matcher();
            // A pattern without a directory is one of the directory of its data.
            let in_data = data.and_then(|data| path.strip_prefix(data)?.strip_prefix('/'));
            glob.is_match(path) || in_data.is_some_and(|rest| glob.is_match(rest))
        })
    })
}

/// Whether what the server loads may be in this directory. That of its data holds what the server itself wrote there.
fn may_hold(engine: &Engine, named: Option<&str>, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    let below = |path: &str, directory: &str| {
        path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match named {
        Some(named) => below(named, directory),
        None => {
            !engine.data_directories.iter().any(|data| below(directory, data))
                && engine.config_files.iter().any(|pattern| {
                    let fixed = pattern.split_once('*').map_or(pattern.as_str(), |(fixed, _)| fixed);
                    let at = fixed.trim_end_matches('/');
                    below(at, directory) || at.len() < pattern.len() && below(directory, at)
                })
        }
    }
}
