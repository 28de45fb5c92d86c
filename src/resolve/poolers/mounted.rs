//! The ini that a pod mounts from a ConfigMap: one that is written out, or one that a Kustomize generator makes of a
//! file.

use crate::model::{Container, Workload};
use crate::readers::KubeObject;
use crate::resolve::Context;
use crate::span::{FileId, Span, SpanText};
use crate::syntax::ini::{self, Dialect, Ini};
use crate::syntax::node::Node;
use crate::tree::Kind;

/// What a pod mounts for its pooler.
#[derive(Debug)]
pub enum Mounted {
    /// An ini.
    Ini(FileId, Box<Ini>),
    /// Something that the repository does not hold, where a pooler looks for its ini.
    Unknown,
    /// Nothing.
    Nothing,
}

/// What `container` mounts, when its workload is a Kubernetes object.
#[must_use]
pub fn of(context: &Context<'_>, workload: &Workload, container: &Container) -> Mounted {
    let objects = &context.declarations.objects;
    let object =
        objects.iter().find(|object| Some(object.place) == workload.place && object.kind == workload.kind);
    let Some(object) = object else { return Mounted::Nothing };
    let Some(spec) = pod(&object.root) else { return Mounted::Nothing };
    // Kustomize may have put both into another namespace than is written.
    let spaces = [space(workload.namespace.as_deref()), space(object.namespace.as_deref())];
    let named = |node: &Node, name: &str| node.get("name").and_then(Node::as_str) == Some(name);
    let list =
        |node: &'_ Node, key: &str| node.get(key).map(|list| list.items().to_vec()).unwrap_or_default();
    let own = list(spec, "containers").into_iter().find(|node| named(node, &container.name));
    let mut unknown = false;
    for mount in own.map(|node| list(&node, "volumeMounts")).unwrap_or_default() {
        let text = |key: &str| mount.get(key).and_then(Node::as_str);
        let Some(name) = text("name") else { continue };
        let Some(volume) = list(spec, "volumes").into_iter().find(|volume| named(volume, name)) else {
            continue;
        };
        let map = volume.at(&["configMap", "name"]).and_then(Node::as_str);
        if let Some((file, ini)) =
            map.and_then(|map| config_map(context, objects, map, spaces, text("subPath")))
        {
            return Mounted::Ini(file, Box::new(ini));
        }
        let here = text("mountPath").is_some_and(|path| path.contains("pgbouncer"));
        let users = text("subPath").is_some_and(|key| key.contains("userlist"));
        // What is empty at first is filled by an init container, or by the image itself.
        let filled = volume.get("emptyDir").is_none() || spec.get("initContainers").is_some();
        unknown |= here && filled && !users;
    }
    if unknown { Mounted::Unknown } else { Mounted::Nothing }
}

/// The text of the file of this name that a container mounts: of the repository, or an entry of a ConfigMap.
#[must_use]
pub fn text(
    context: &Context<'_>,
    workload: &Workload,
    container: &Container,
    name: &str,
) -> Option<(FileId, SpanText)> {
    let whole = |file: FileId| (file, SpanText::verbatim(context.files.text(file), 0));
    let in_tree = container.mounts.iter().find_map(|mount| {
        let source = mount.path()?;
        let named = mount.inside.rsplit('/').next() == Some(name);
        let file = if named { context.files.find(source) } else { None };
        file.or_else(|| context.files.find(&format!("{source}/{name}")))
    });
    if let Some(file) = in_tree {
        return Some(whole(file));
    }
    let objects = &context.declarations.objects;
    let object =
        objects.iter().find(|object| Some(object.place) == workload.place && object.kind == workload.kind);
    let volumes = pod(&object?.root)?.get("volumes").map(Node::items).unwrap_or_default();
    let maps = volumes.iter().filter_map(|volume| volume.at(&["configMap", "name"])?.as_str());
    maps.filter_map(|map| objects.iter().find(|object| object.kind == "ConfigMap" && object.name == map))
        .find_map(|map| {
            let text = &map.root.at(&["data", name])?.as_scalar()?.text;
            Some((map.file, text.clone()))
        })
}

fn pod(root: &Node) -> Option<&Node> {
    root.at(&["spec", "template", "spec"]).or_else(|| root.get("spec"))
}

fn config_map(
    context: &Context<'_>,
    objects: &[KubeObject],
    name: &str,
    spaces: [&str; 2],
    key: Option<&str>,
) -> Option<(FileId, Ini)> {
    let maps = objects.iter().filter(|object| {
        object.kind == "ConfigMap"
            && object.name == name
            && spaces.contains(&space(object.namespace.as_deref()))
    });
    let mut written = maps.flat_map(|map| {
        let entries = map.root.get("data").map(Node::entries).unwrap_or_default();
        entries.iter().map(move |entry| (map.file, entry))
    });
    let found = written.find_map(|(file, entry)| {
        let text = &entry.value.as_scalar()?.text;
        let wanted = key.is_none_or(|key| key == entry.key.as_str());
        (wanted && has_header(text.as_str())).then(|| (file, inside(text)))
    });
    found.or_else(|| generated(context, objects, name))
}

/// The namespace of an object that may name none.
fn space(namespace: Option<&str>) -> &str {
    namespace.unwrap_or("default")
}

fn has_header(text: &str) -> bool {
    text.lines().any(|line| line.trim() == "[pgbouncer]")
}

/// The file of a `configMapGenerator` of this name.
fn generated(context: &Context<'_>, objects: &[KubeObject], name: &str) -> Option<(FileId, Ini)> {
    objects.iter().filter(|object| object.kind == "Kustomization").find_map(|object| {
        let path = context.files.path(object.file);
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let generators = object.root.get("configMapGenerator").map(Node::items).unwrap_or_default();
        let own = generators.iter().filter(|node| node.get("name").and_then(Node::as_str) == Some(name));
        own.flat_map(|node| node.get("files").map(Node::items).unwrap_or_default())
            .filter_map(Node::as_str)
            .find_map(|entry| {
                let name = entry.split_once('=').map_or(entry, |(_, path)| path).trim_start_matches("./");
                let path = if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") };
                let file = context.files.find(&path)?;
                let pooler = context.files.get(file)?.kind == Kind::PgBouncer;
                let (_, ini) = context.declarations.settings.iter().find(|(id, _)| pooler && *id == file)?;
                Some((file, ini.clone()))
            })
    })
}

/// An ini inside another file: its spans are those of that file.
fn inside(text: &SpanText) -> Ini {
    let mut ini = ini::parse(text.as_str(), Dialect::PgBouncer);
    let at = |span: Span| text.span_of(span.range()).unwrap_or_default();
    for section in &mut ini.sections {
        section.span = at(section.span);
        for setting in &mut section.settings {
            setting.value = text.slice(setting.value_span.range());
            setting.key_span = at(setting.key_span);
            setting.value_span = at(setting.value_span);
        }
    }
    for span in ini.comments.iter_mut().chain(&mut ini.strays) {
        *span = at(*span);
    }
    ini
}

/// The inis inside ConfigMaps, for what must be masked in them.
pub fn written(objects: &[KubeObject]) -> impl Iterator<Item = (FileId, Ini)> + '_ {
    objects.iter().filter(|object| object.kind == "ConfigMap").flat_map(|map| {
        let entries = map.root.get("data").map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(|entry| {
            let text = &entry.value.as_scalar()?.text;
            has_header(text.as_str()).then(|| (map.file, inside(text)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml;

    #[test]
    fn an_ini_inside_a_block_keeps_its_places() {
        let text = "data:\n  pgbouncer.ini: |\n    [databases]\n    shop = host=db password=s3\n\n    [pgbouncer]\n    pool_mode = transaction\n";
        let document = yaml::parse_document(text, 0..text.len()).unwrap();
        let root = document.root.unwrap();
        let ini = inside(&root.at(&["data", "pgbouncer.ini"]).unwrap().as_scalar().unwrap().text);
        let shown: Vec<(&str, &str)> = ini
            .sections
            .iter()
            .flat_map(|section| &section.settings)
            .map(|setting| (&text[setting.key_span.range()], &text[setting.value_span.range()]))
            .collect();
        assert_eq!(shown, [("shop", "host=db password=s3"), ("pool_mode", "transaction")]);
        let secrets = super::super::ini::secrets(FileId(0), &ini);
        assert_eq!(&text[secrets[0].span.range()], "s3");
    }

    #[test]
    fn a_map_is_looked_up_in_its_namespace() {
        use crate::config::Config;
        use crate::readers;
        use crate::tree::Files;
        let map = |space: &str, mode: &str| {
            format!(
                "kind: ConfigMap\napiVersion: v1\nmetadata: {{name: m{space}}}\ndata:\n  pgbouncer.ini: |\n    \
                 [pgbouncer]\n    pool_mode = {mode}\n---\n"
            )
        };
        let text = [
            map("", "session"),
            map(", namespace: blue", "transaction"),
            map(", namespace: green", "statement"),
        ]
        .concat();
        let mut files = Files::default();
        let file = files.add("k8s/all.yaml", Kind::Kubernetes, text);
        let declarations = readers::read(&files, &[file]);
        let config = Config::default();
        let context = Context { files: &files, declarations: &declarations, config: &config };
        for (spaces, expected) in [
            (["blue", "blue"], Some("transaction")),
            (["green", "green"], Some("statement")),
            (["default", "default"], Some("session")),
            // Kustomize moved the workload: the map is where the workload was.
            (["prod", "default"], Some("session")),
            (["red", "red"], None),
        ] {
            let found = config_map(&context, &declarations.objects, "m", spaces, None);
            let mode = found.map(|(_, ini)| {
                let mut settings = ini.sections.iter().flat_map(|section| &section.settings);
                settings.next().unwrap().value.as_str().to_owned()
            });
            assert_eq!(mode.as_deref(), expected, "{spaces:?}");
        }
    }
}
