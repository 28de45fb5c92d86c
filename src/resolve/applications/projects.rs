//! Programs with configuration files, and which container runs which of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::ImageRole;
use crate::model::{Container, MountSource, Role, Value, Variable, Workload};
use crate::readers::{ApplicationFile, directory, join};
use crate::resolve::{Context, targets};
use crate::span::{FileId, Place, Text};
use crate::tree::Framework;

/// The files of one program.
#[derive(Debug)]
pub struct Project<'a> {
    /// Whose files they are.
    pub framework: Framework,
    /// The directory that its image is built from, as a rule.
    pub directory: String,
    /// Each with what is left of its path.
    pub files: Vec<(String, &'a ApplicationFile)>,
}

/// What a program in a container has besides its files.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The container's variables.
    pub environment: &'a BTreeMap<String, Variable>,
    /// What its image sets, where the container's variables do not hold that already.
    pub image: BTreeMap<String, Variable>,
    /// Why further variables may arrive that the repository does not tell.
    pub open: Option<Arc<str>>,
    /// What it is started with, and options that its runtime takes from variables.
    pub words: Vec<String>,
    /// Paths in the container at which something is mounted, and whether that is known.
    pub mounts: Vec<(&'a str, bool)>,
}

/// Every program that has files, in the order of their directories.
#[must_use]
pub fn all<'a>(context: &Context<'a>) -> Vec<Project<'a>> {
    let mut found: BTreeMap<(Framework, String), Vec<(String, &'a ApplicationFile)>> = BTreeMap::new();
    for application in &context.declarations.applications {
        let path = context.files.path(application.file);
        if let Some((home, rest)) = home(application.framework, path) {
            let key = (application.framework, home.to_owned());
            found.entry(key).or_default().push((rest.to_owned(), application));
        }
    }
    let built = |directory: &str| {
        let mut manifests = context.declarations.dependencies.iter();
        manifests.any(|manifest| manifest.ecosystem == "nuget" && manifest.directory == directory)
    };
    // The files of .NET stand in the program's own directory: only its project file tells it from others.
    found.retain(|(framework, directory), _| *framework != Framework::DotNet || built(directory));
    let project = |((framework, directory), files)| Project { framework, directory, files };
    found.into_iter().map(project).collect()
}

/// The directory of the program that a file belongs to, and the rest of its path. A file that stands anywhere else is
/// put in its place by something that is not known.
fn home(framework: Framework, path: &str) -> Option<(&str, &str)> {
    let below = |folder: &str| {
        path.strip_prefix(folder).map(|rest| ("", rest)).or_else(|| {
            let at = path.rfind(&format!("/{folder}"))?;
            let rest = path.get(at.saturating_add(1)..)?.strip_prefix(folder)?;
            Some((path.get(..at)?, rest))
        })
    };
    match framework {
        Framework::Spring | Framework::Quarkus => below("src/main/resources/"),
        Framework::Rails => below("config/").filter(|(_, rest)| *rest == "database.yml"),
        Framework::DotNet => Some(path.rsplit_once('/').unwrap_or(("", path))),
    }
}

/// Words of which a Dockerfile has one if it runs the framework's programs.
fn runtime(framework: Framework) -> &'static [&'static str] {
    match framework {
        Framework::Spring | Framework::Quarkus => &[
            "quarkus", "java", "jdk", "jre", "gradle", "mvn", "maven", "temurin", "corretto", "graalvm",
            "native",
        ],
        Framework::Rails => &["ruby", "rails", "bundle"],
        Framework::DotNet => &["dotnet", "aspnet"],
    }
}

/// The program that a container runs: by the directory that its image is built from, and its Dockerfile; else by the
/// image's name.
#[must_use]
pub fn of<'a, 'b>(
    context: &Context<'_>,
    projects: &'b [Project<'a>],
    workload: &Workload,
    container: &Container,
) -> Option<&'b Project<'a>> {
    let known = targets::image(container);
    if known.is_some_and(|image| container.build.is_none() || image.role != ImageRole::Application) {
        return None;
    }
    match &container.build {
        Some(build) => by_build(context, projects, container, build),
        None => by_image(projects, workload, container),
    }
}

fn by_build<'a, 'b>(
    context: &Context<'_>,
    projects: &'b [Project<'a>],
    container: &Container,
    build: &str,
) -> Option<&'b Project<'a>> {
    let path = container.dockerfile.clone().or_else(|| join(build, "Dockerfile"))?;
    let text = context
        .files
        .find(&path)
        .map(|file| context.files.text(file).to_ascii_lowercase().replace("javascript", ""));
    let at = |place: &str| {
        let mut there = projects.iter().filter(|project| {
            let runs = |text: &String| runtime(project.framework).iter().any(|word| text.contains(word));
            project.directory == place && text.as_ref().is_none_or(runs)
        });
        there.next().filter(|_| there.next().is_none())
    };
    if let Some(project) = at(directory(&path)).or_else(|| at(build)) {
        return Some(project);
    }
    // A Dockerfile above its program names the directory.
    let text = text?;
    let mut below = projects.iter().filter(|project| {
        let inside = build.is_empty() || project.directory.starts_with(&format!("{build}/"));
        let name = project.directory.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        inside && has_word(&text, &name) && runtime(project.framework).iter().any(|word| text.contains(word))
    });
    below.next().filter(|_| below.next().is_none())
}

fn has_word(text: &str, word: &str) -> bool {
    let part = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text.get(at.saturating_add(word.len())..).and_then(|text| text.chars().next());
            !before.is_some_and(part) && !after.is_some_and(part)
        })
}

/// The only program whose directory is named as the image is.
fn by_image<'a, 'b>(
    projects: &'b [Project<'a>],
    workload: &Workload,
    container: &Container,
) -> Option<&'b Project<'a>> {
    let reference = container.image.as_ref()?.known()?;
    let path = reference.rsplit('/').next().unwrap_or(reference);
    let name = path.split([':', '@']).next().unwrap_or(path);
    let named = |project: &&Project<'_>| {
        let base = project.directory.rsplit('/').next().unwrap_or_default();
        !base.is_empty() && (base.eq_ignore_ascii_case(name) || name.ends_with(&format!("-{base}")))
    };
    let mut found = projects.iter().filter(named);
    if let Some(project) = found.next() {
        return found.next().is_none().then_some(project);
    }
    // The only program of the repository, where a variable says that the container runs one of its kind.
    let [project] = projects else { return None };
    let prefix = match project.framework {
        Framework::Spring => "SPRING_",
        Framework::Quarkus => "QUARKUS_",
        Framework::Rails => "RAILS_",
        Framework::DotNet => "ASPNETCORE_",
    };
    let speaks = container.environment.keys().any(|name| name.starts_with(prefix));
    let main = workload.containers.iter().filter(|other| other.role != Role::Init).count() == 1;
    (speaks && main && project.directory.is_empty()).then_some(project)
}

impl<'a> Reader<'a> {
    /// Of the program of a container.
    #[must_use]
    pub fn of(context: &Context<'_>, project: &Project<'_>, container: &'a Container) -> Self {
        let image = match container.build {
            Some(_) => BTreeMap::new(),
            None => image_variables(context, project),
        };
        let options = ["JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_ARGS", "JVM_OPTS"];
        let value = |name: &&str| container.environment.get(*name).or_else(|| image.get(*name));
        let options = options.iter().filter_map(value).map(|variable| variable.text().as_str().to_owned());
        let words = container.command.iter().map(|word| word.as_str().to_owned());
        let words: Vec<String> = words.chain(options).collect();
        let script = words.iter().any(|word| {
            let mut parts = word.split_whitespace();
            // That of the images for Java only hands on what it is given.
            parts.any(|part| part.ends_with(".sh") && !part.ends_with("/run-java.sh"))
        });
        let script = script.then(|| Arc::from("a script starts it, which may set more"));
        Self {
            environment: &container.environment,
            image,
            open: container.open_environment.clone().or(script),
            words,
            mounts: container
                .mounts
                .iter()
                .map(|mount| (mount.inside.as_str(), mount.source != MountSource::Unknown))
                .collect(),
        }
    }

    /// Of nobody that is known.
    #[must_use]
    pub fn nobody(environment: &'a BTreeMap<String, Variable>) -> Self {
        Self { environment, image: BTreeMap::new(), open: None, words: Vec::new(), mounts: Vec::new() }
    }

    /// A variable of the container or its image.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.environment.get(name).or_else(|| self.image.get(name))
    }

    /// Every one of them.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.environment.values().chain(self.image.values())
    }
}

/// What `ENV` of the only Dockerfile beside a program sets.
fn image_variables(context: &Context<'_>, project: &Project<'_>) -> BTreeMap<String, Variable> {
    let mut beside = context
        .declarations
        .dockerfiles
        .iter()
        .filter(|(file, _)| directory(context.files.path(*file)) == project.directory);
    let (Some((file, dockerfile)), None) = (beside.next(), beside.next()) else { return BTreeMap::new() };
    let entries = dockerfile.stages.iter().flat_map(|stage| &stage.env);
    let variables = entries.filter_map(|entry| {
        let written = Text::written(entry.value.as_ref()?, *file);
        let value = match written.as_str().contains('$') {
            true => Value::Unknown("a reference that only the build resolves".into()),
            false => Value::Text(written),
        };
        let name_place = Some(Place::new(*file, entry.key_span));
        let name = entry.key.clone();
        Some((name.clone(), Variable { name, name_place, value, reference: None, via: None }))
    });
    variables.collect()
}

/// Where a key stands.
#[must_use]
pub fn place(file: FileId, span: crate::span::Span) -> Option<Place> {
    Some(Place::new(file, span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_a_home() {
        for (path, expected) in [
            ("src/main/resources/application.yml", Some(("", "application.yml"))),
            ("a/b/src/main/resources/config/application.yml", Some(("a/b", "config/application.yml"))),
            ("src/test/resources/application.yml", None),
            ("config/application.yml", None),
        ] {
            assert_eq!(home(Framework::Spring, path), expected, "{path}");
        }
    }

    #[test]
    fn words_stand_alone() {
        assert!(has_word("copy shop/ /app", "shop"));
        assert!(!has_word("copy shop-web /app", "shop") && !has_word("x", ""));
    }
}
