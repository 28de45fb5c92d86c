//! Poolers other than PgBouncer: what their files and variables say they open.

mod odyssey;
mod pgcat;
mod pgpool;
#[cfg(test)]
mod tests;

use super::mounted;
use super::settings::{Entry, Settings};
use super::sum::{self, Asked, Side};
use super::variables;
use crate::catalog::Image;
use crate::model::{Basis, Container, Factor, Located, Size, Workload};
use crate::resolve::Context;
use crate::span::{FileId, Place, Span, SpanText};

/// A configuration file, or the part of another file that is mounted as one.
pub(super) struct Source<'a> {
    pub file: FileId,
    pub text: &'a SpanText,
}

impl Source<'_> {
    /// A value that stands at these bytes of the text.
    fn written(&self, value: &str, span: Span) -> Located<String> {
        let place = self.text.span_of(span.range()).map(|span| Place::new(self.file, span));
        // A value that a template is to fill in is not known.
        if value.contains("${") || value.contains("{{") {
            return Located::unknown().at(place);
        }
        Located::of(value.to_owned(), Basis::Written).at(place)
    }

    fn place(&self, span: Span) -> Option<Place> {
        self.text.span_of(span.range()).map(|span| Place::new(self.file, span))
    }
}

/// Reads one kind of configuration file.
type Read = fn(&Source<'_>) -> Settings;

/// The poolers whose files are read: kind, name of the file, how.
const FILES: [(&str, &str, Read); 3] = [
    ("pgcat", "pgcat.toml", pgcat::settings),
    ("odyssey", "odyssey.conf", odyssey::settings),
    ("pgpool", "pgpool.conf", pgpool::settings),
];

/// What a container that runs such a pooler is told: by the file that it mounts, else by its variables.
#[must_use]
pub fn settings(
    context: &Context<'_>,
    workload: &Workload,
    container: &Container,
    image: &'static Image,
    kind: &str,
) -> Settings {
    let known = FILES.iter().find(|(pooler, _, _)| *pooler == kind);
    if let Some((_, name, read)) = known
        && let Some((file, text)) = mounted::text(context, workload, container, name)
    {
        return read(&Source { file, text: &text });
    }
    let mut settings = variables::settings(container, image, kind);
    match kind {
        "pgpool" => pgpool::from_variables(container, image, &mut settings),
        // Its tenants stand in a database of its own; the variables only tell the one that the self-hosting files make.
        "supavisor" => {
            if let (Some(entry), Some(size)) =
                (settings.databases.first_mut(), settings.main.get("default_pool_size"))
            {
                entry.options.insert("pool_size".to_owned(), size.clone());
            }
            settings.open = true;
        }
        _ => settings.open = true,
    }
    settings.open |= settings.databases.is_empty() || container.shell;
    settings
}

/// The side of the databases `here`: for each pair its pool, no more than all clients together.
#[must_use]
pub fn side(kind: &str, settings: &Settings, here: &[&Entry], clients: &[Asked]) -> Side {
    let mut side = Side { complete: !settings.open, ..Side::default() };
    let mut sizes: Vec<Option<Size>> = Vec::new();
    let mut factors: Vec<Factor> = Vec::new();
    for entry in here {
        let (pairs, all) = match kind {
            // Every child keeps so many connections, whoever asks.
            "pgpool" => (vec![(entry.name.clone(), None)], true),
            // Only the roles of its file get in, each with a pool of its own.
            "pgcat" => {
                let user = entry.options.get("user").and_then(|user| user.value.clone());
                (vec![(entry.name.clone(), user)], true)
            }
            _ => sum::pairs(settings, entry, clients),
        };
        side.complete &= all;
        let size = entry.count(&["pool_size"]).unwrap_or_else(Located::unknown);
        let unlimited = kind == "odyssey" && size.value == Some(0);
        let value = size.value.map(|size| if unlimited { Size::Unlimited } else { Size::Limit(size) });
        side.complete &= matches!(value, Some(Size::Limit(_)));
        for (_, user) in pairs {
            side.pairs = side.pairs.saturating_add(1);
            if let Some(Size::Limit(size)) = value {
                side.connections = side.connections.saturating_add(size);
            }
            sizes.push(value);
            side.users.insert(user);
        }
        let parts = ["num_init_children", "max_pool"];
        let made: Vec<Factor> = match parts.map(|name| entry.count(&[name])) {
            [Some(children), Some(each)] => {
                vec![Factor::count("num_init_children", &children), Factor::count("max_pool", &each)]
            }
            _ => vec![Factor {
                name: "pool_size".to_owned(),
                value: Located { value, ..size.map(Size::Limit) },
            }],
        };
        for factor in made {
            if !factors.contains(&factor) {
                factors.push(factor);
            }
        }
    }
    // Never more server connections than clients; Pgpool-II's children keep theirs when the clients have gone.
    let clients = settings.count(kind, "max_client_conn");
    if kind != "pgpool"
        && let Some(most) = clients.value.filter(|most| *most > 0 && *most < side.connections)
    {
        side.connections = most;
        factors.push(Factor::count("max_client_conn", &clients));
    }
    // The children are not kept apart by pairs.
    if kind != "pgpool" || side.pairs != 1 {
        factors.insert(0, Factor::given("pairs", side.pairs, Basis::Derived));
    }
    side.size = sum::same(sizes.into_iter());
    side.reserve = Some(0);
    side.factors = factors;
    side
}
