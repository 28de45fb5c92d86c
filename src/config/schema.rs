//! What `poollint.toml` may hold, where the types of [`super::types`] do not say it: for the schema that editors use.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::types::InstancesConfig;
use crate::catalog;
use crate::model::{Environment, Located};
use crate::rules;
use crate::rules::page::{Page, ParamValue};

/// A value of a file is written without its basis and its place.
impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// `fail-on = …`
#[derive(JsonSchema, serde::Serialize)]
#[schemars(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "the schema is made from all of it")]
pub enum FailOn {
    /// Only what will fail, or is certainly wrong.
    Error,
    /// Thresholds and strong evidence as well.
    Warning,
    /// Advice as well.
    Info,
    /// Nothing: the exit status is 0 whatever is found.
    Never,
}

pub fn fail_on() -> FailOn {
    FailOn::Error
}

/// `severity = …`
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the schema is made from all of it")]
pub enum Level {
    /// Will fail, or is certainly wrong.
    Error,
    /// A threshold, or strong evidence.
    Warning,
    /// Advice.
    Info,
    /// The rule is off.
    Off,
}

/// `instances = …`
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the schema is made from all of it")]
pub enum Instances {
    /// A fixed number.
    Number(u64),
    /// Numbers that rise from `min` over `max` to `rollout`.
    Table(Box<InstancesConfig>),
}

/// `pool-size = …`
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the schema is made from all of it")]
pub enum PoolSize {
    /// At most so many.
    Number(u64),
    /// Nothing bounds it.
    Word(Unlimited),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
#[expect(dead_code, reason = "the schema is made from all of it")]
pub enum Unlimited {
    Unlimited,
}

/// A word of a list that is made from the catalogue or the pages.
macro_rules! word {
    ($(#[doc = $doc:literal])* $name:ident, $schema:expr) => {
        $(#[doc = $doc])*
        pub struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

word!(
    /// A client of the catalogue.
    Client,
    json_schema!({ "type": "string", "enum": catalog::catalog().clients.iter().map(|entry| &entry.label).collect::<Vec<_>>() })
);
word!(
    /// A plan of the catalogue.
    Plan,
    json_schema!({ "type": "string", "enum": catalog::plan_names().collect::<Vec<_>>() })
);
word!(
    /// A rule; `rules-from` may bring others than the built-in ones.
    RuleName,
    json_schema!({
        "type": "string",
        "anyOf": [
            { "enum": rules::pages().iter().map(|page| &page.name).collect::<Vec<_>>() },
            { "description": "a rule of your own pages" },
        ],
    })
);
word!(
    /// Globs by environment.
    Environments,
    {
        let globs = json!({ "type": "array", "items": { "type": "string" } });
        let names = Environment::KNOWN.map(|environment| (environment.name(), globs.clone()));
        json_schema!({
            "type": "object",
            "properties": BTreeMap::from(names),
            "additionalProperties": false,
        })
    }
);

/// The table of one built-in rule: its severity and its params.
pub fn rule(page: &Page, level: &Value) -> Value {
    let params = page.params.iter().map(|(name, default)| {
        let value = match default {
            ParamValue::Number(number) => json!({ "type": "number", "default": number }),
            ParamValue::Text(text) => json!({ "type": "string", "default": text }),
            ParamValue::Bool(flag) => json!({ "type": "boolean", "default": flag }),
            ParamValue::List(items) => {
                json!({ "type": "array", "items": { "type": "string" }, "default": items })
            }
        };
        (name.clone(), value)
    });
    let mut properties = serde_json::Map::new();
    properties.insert("severity".to_owned(), level.clone());
    properties.extend(params);
    json!({
        "description": page.summary,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}
