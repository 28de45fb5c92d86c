//! The pages of `docs/` that are made from the rules and the catalogue.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use poollint::catalog::{
    ClientEntry, DefaultTime, EndpointKind, ErrorEntry, Provider, SizeSetting, TimeSetting, catalog,
    knowledge,
};
use poollint::model::Safety;
use poollint::rules::Rulebook;
use poollint::rules::page::{Example, Page};

/// Pages that people write, and those parts of which are made here, in the order of the book.
pub const CHAPTERS: [(&str, &str); 20] = [
    ("quick-start.md", "Quick start"),
    ("rules.md", "Rules"),
    ("configuration.md", "Configuration"),
    ("suppressing.md", "Suppressing findings"),
    ("budgets.md", "Budgets"),
    ("pool-sizes.md", "Pool sizes and timeouts"),
    ("clients.md", "Clients"),
    ("platforms.md", "Platforms"),
    ("applications.md", "Applications' own configuration"),
    ("poolers.md", "Poolers"),
    ("pgbouncer.md", "Setting up PgBouncer"),
    ("providers.md", "Providers"),
    ("errors.md", "Errors"),
    ("monitoring.md", "Monitoring"),
    ("replicas.md", "Read replicas"),
    ("transactions.md", "Transactions and the life of a pool"),
    ("output.md", "Output and exit status"),
    ("writing-rules.md", "Writing a rule"),
    ("facts.md", "Facts"),
    ("guide-coverage.md", "The pooling guide"),
];

/// The table of contents that `mdbook` reads.
pub fn summary() -> String {
    let mut text = String::from("# Summary\n\n");
    for (file, title) in CHAPTERS {
        writeln!(text, "- [{title}]({file})").unwrap();
        if file == "rules.md" {
            for page in Rulebook::built_in().pages() {
                writeln!(text, "  - [{0}](rules/{0}.md)", page.name).unwrap();
            }
        }
    }
    text
}

/// `docs/rules/<name>.md`.
pub fn rule(page: &Page) -> String {
    let mut text = format!("# {}\n\n*{}*\n\n", page.name, sentence(&page.summary));
    let state = if page.opt_in { "Off unless `extend-select` names it" } else { "On by default" };
    write!(text, "Judges: {}. Severity: {}. {state}.", page.on.name(), page.severity.name()).unwrap();
    if let Some(safety) = page.fixable {
        let flag = if safety == Safety::Safe { "--fix" } else { "--unsafe-fixes" };
        write!(text, " What it can repair, `{flag}` repairs.").unwrap();
    }
    if !page.max_severity_in.is_empty() {
        let caps: Vec<String> = page
            .max_severity_in
            .iter()
            .map(|(environment, severity)| format!("{} in {}", severity.name(), environment.name()))
            .collect();
        write!(text, " At most {}.", caps.join(", ")).unwrap();
    }
    write!(text, "\n\n{}\n", page.documentation.trim()).unwrap();
    if !page.params.is_empty() {
        write!(
            text,
            "\n## Params\n\nWith their defaults, in `poollint.toml`:\n\n```toml\n[rules.{}]\n",
            page.name
        )
        .unwrap();
        for (name, value) in &page.params {
            writeln!(text, "{name} = {value}").unwrap();
        }
        text.push_str("```\n");
    }
    for (fires, title) in [(true, "Fires"), (false, "Stays silent")] {
        let of_kind: Vec<&Example> = page.examples.iter().filter(|example| example.fires == fires).collect();
        if of_kind.is_empty() {
            continue;
        }
        write!(text, "\n## {title}\n").unwrap();
        for example in of_kind {
            write!(text, "\n### {}\n", capital(&example.title)).unwrap();
            for (path, content) in &example.files {
                let fence = if content.contains("```") { "````" } else { "```" };
                let content = content.trim_end_matches('\n');
                write!(text, "\n`{path}`\n\n{fence}{}\n{content}\n{fence}\n", language(path)).unwrap();
            }
        }
    }
    if !page.sources.is_empty() {
        text.push_str("\n## Sources\n\n");
        for source in &page.sources {
            writeln!(text, "- {}", linked(source)).unwrap();
        }
    }
    text
}

/// The rules as a table.
pub fn rules() -> String {
    let mut table = String::from("| rule | speaks when | severity | fix |\n|---|---|---|---|\n");
    for page in Rulebook::built_in().pages() {
        let name = &page.name;
        let opt_in = if page.opt_in { " (opt-in)" } else { "" };
        let fix = match page.fixable {
            Some(Safety::Safe) => "safe",
            Some(Safety::Unsafe) => "unsafe",
            None => "",
        };
        let summary = cell(&page.summary);
        writeln!(
            table,
            "| [`{name}`](rules/{name}.md){opt_in} | {summary} | {} | {fix} |",
            page.severity.name()
        )
        .unwrap();
    }
    table
}

/// The clients with their pools.
pub fn clients() -> String {
    let mut table = String::from(
        "| client | for | pool size | by default | acquire timeout | by default |\n|---|---|---|---|---|---|\n",
    );
    for client in &catalog().clients {
        let (size, size_default) = client.pool.size.as_ref().map_or((String::new(), String::new()), |size| {
            let more = client.pool.overflow.as_ref().map(|more| format!(" + {}", more.default));
            (
                ways_of_size(client, size),
                format!("{}{}", size.default, more.filter(|more| more != " + 0").unwrap_or_default()),
            )
        });
        let (time, time_default) = client
            .pool
            .acquire_timeout
            .as_ref()
            .map_or((String::new(), String::new()), |time| ways_of_time(client, time));
        writeln!(
            table,
            "| `{}` ({}) | {} | {size} | {size_default} | {time} | {time_default} |",
            client.label,
            cell(&client.name),
            client.engines.join(", "),
        )
        .unwrap();
    }
    table
}

/// By what packages a client is recognised.
pub fn packages() -> String {
    let mut table = String::from("| client | packages |\n|---|---|\n");
    let mut seen = BTreeSet::new();
    for client in catalog().clients.iter().filter(|client| seen.insert(client.label.as_str())) {
        let names = package_names(client);
        if !names.is_empty() {
            writeln!(table, "| `{}` | {} |", client.label, names.join(", ")).unwrap();
        }
    }
    table
}

fn package_names(client: &ClientEntry) -> Vec<String> {
    let all = catalog().clients.iter().filter(|other| other.label == client.label);
    let mut names: Vec<String> = Vec::new();
    for package in all.flat_map(|client| &client.packages) {
        let range = match (package.from, package.below) {
            (Some(from), Some(below)) => format!(" from {from}, below {below}"),
            (Some(from), None) => format!(" from {from}"),
            (None, Some(below)) => format!(" below {below}"),
            (None, None) => String::new(),
        };
        let name = format!("{} `{}`{range}", package.ecosystem, package.name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn ways(client: &ClientEntry, params: &[String], variables: &[String], in_code: Option<&str>) -> String {
    let params = params.iter().map(|param| format!("`{param}` in the URL"));
    let by_code = if client.variables_by_code { " where the code reads it" } else { "" };
    let variables = variables.iter().map(|variable| format!("`{variable}`{by_code}"));
    let in_code = in_code.into_iter().map(|code| format!("`{code}`"));
    cell(&params.chain(variables).chain(in_code).collect::<Vec<_>>().join(", "))
}

fn ways_of_size(client: &ClientEntry, size: &SizeSetting) -> String {
    ways(client, &size.params, &size.variables, size.in_code.as_deref())
}

fn ways_of_time(client: &ClientEntry, time: &TimeSetting) -> (String, String) {
    let default = match time.default {
        DefaultTime::Seconds(seconds) => format!("{seconds} s"),
        DefaultTime::Never => "waits for ever".to_owned(),
        DefaultTime::Unknown => "unknown".to_owned(),
    };
    (ways(client, &time.params, &time.variables, time.in_code.as_deref()), default)
}

/// The programs that run several processes.
pub fn processes() -> String {
    let mut table = String::from("| program | processes are set by | by default |\n|---|---|---|\n");
    for server in &catalog().process_servers {
        let by: Vec<String> = server
            .flags
            .iter()
            .chain(&server.variables)
            .chain(&server.file_setting)
            .map(|name| format!("`{name}`"))
            .collect();
        let default = server
            .default
            .map_or("not known: the machine or code tells".to_owned(), |count| count.to_string());
        writeln!(table, "| `{}` | {} | {default} |", server.id, by.join(", ")).unwrap();
    }
    table
}

/// The poolers with the defaults of their settings.
pub fn poolers() -> String {
    let mut text = String::new();
    for pooler in &catalog().poolers {
        let port = pooler.port.map(|port| format!(", port {port}")).unwrap_or_default();
        write!(text, "### {}\n\n`{}`{port}.", pooler.name, pooler.id).unwrap();
        let known: Vec<String> = pooler
            .settings
            .iter()
            .filter_map(|setting| {
                Some((setting, setting.default.as_ref().filter(|default| !default.is_empty())?))
            })
            .map(|(setting, default)| format!("| `{}` | {default} |", setting.name))
            .collect();
        match known.is_empty() {
            true => text.push_str(" No default of its settings is assumed.\n\n"),
            false => write!(text, "\n\n| setting | default |\n|---|---|\n{}\n\n", known.join("\n")).unwrap(),
        }
    }
    text
}

/// The providers with their hosts and plans.
pub fn providers() -> String {
    knowledge().providers.iter().map(provider).collect::<Vec<_>>().join("\n")
}

fn provider(provider: &Provider) -> String {
    let mut text = format!("### {}\n\n| host | port | what answers |\n|---|---|---|\n", provider.name);
    for endpoint in &provider.endpoints {
        let pooler = endpoint.pooler.as_deref().unwrap_or("a pooler");
        let mode = endpoint.mode.as_ref().map(|mode| format!(", {mode} mode")).unwrap_or_default();
        let what = match endpoint.kind {
            EndpointKind::Direct => "the server".to_owned(),
            EndpointKind::Pooled => format!("{pooler}{mode}"),
            EndpointKind::Either => "the server or a pooler".to_owned(),
        };
        let port = endpoint.port.map_or("any".to_owned(), |port| port.to_string());
        writeln!(text, "| `{}` | {port} | {what} |", endpoint.host).unwrap();
    }
    if !provider.plans.is_empty() {
        text.push_str("\n| plan | engine | max_connections | of them reserved |\n|---|---|---|---|\n");
        for plan in &provider.plans {
            let reserved = plan.reserved.map(|reserved| reserved.to_string()).unwrap_or_default();
            writeln!(
                text,
                "| `{}/{}` | {} | {} | {reserved} |",
                provider.id, plan.name, plan.engine, plan.max_connections
            )
            .unwrap();
        }
    }
    text
}

/// The errors that `explain` knows.
pub fn errors() -> String {
    let mut table = String::from("| who says it | message | means | settings |\n|---|---|---|---|\n");
    for entry in &knowledge().errors {
        let text = entry.texts.first().map(|text| cell(text)).unwrap_or_default();
        let codes =
            if entry.codes.is_empty() { String::new() } else { format!(" ({})", entry.codes.join(", ")) };
        let line = format!(
            "| {} | `{text}`{codes} | {} | {} |",
            entry.layer,
            cell(&entry.meaning),
            governing(entry)
        );
        writeln!(table, "{line}").unwrap();
    }
    table
}

fn governing(entry: &ErrorEntry) -> String {
    entry.settings.iter().map(|setting| setting.name.replace('-', " ")).collect::<Vec<_>>().join(", ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn sentence(text: &str) -> String {
    format!("{}.", capital(text).replace('*', "\\*"))
}

fn linked(source: &str) -> String {
    if source.starts_with("https://") {
        return format!("<{source}>");
    }
    match source.split_once('#') {
        Some((repository, number))
            if repository.matches('/').count() == 1 && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            format!("[{source}](https://github.com/{repository}/issues/{number})")
        }
        _ => source.to_owned(),
    }
}

/// What a fence says about a file.
fn language(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit('.').next().unwrap_or(name) {
        "yaml" | "yml" => "yaml",
        "toml" => "toml",
        "json" => "json",
        "ini" | "conf" | "cnf" => "ini",
        "prisma" => "prisma",
        "tf" => "hcl",
        _ if name == "Dockerfile" => "dockerfile",
        _ if name.contains("env") => "sh",
        _ => "text",
    }
}
