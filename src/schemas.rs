//! The JSON Schemas in `docs/schemas`, made from the types that are read and written. Only tests need them: a program
//! that starts at each commit carries nothing for them.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::config::{self, Config};
use crate::report::{BudgetOutput, CheckOutput};
use crate::rules;

#[path = "../tests/common/expect.rs"]
mod expect;

/// What is not known is an absent key, never `null`, in all that is read and written.
fn without_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(types) = object.get_mut("type")
        && let Some(list) = types.as_array_mut()
    {
        list.retain(|name| name != "null");
        if let [only] = list.as_slice() {
            *types = only.clone();
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| *choice != json!({ "type": "null" }));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            object.shift_remove("anyOf");
            object.extend(only);
        }
    }
    // `null`, and the empty lists and tables of an absent file, tell nobody anything.
    if matches!(object.get("default"), Some(value) if value.is_null() || *value == json!([]) || *value == json!({}))
    {
        object.shift_remove("default");
    }
    // How large a number this program can hold is its own affair.
    if object
        .get("format")
        .is_some_and(|format| ["uint64", "uint", "int64", "double"].iter().any(|name| format == name))
    {
        object.shift_remove("format");
    }
}

fn schema<T: JsonSchema>(settings: SchemaSettings, name: &str) -> Value {
    let settings = settings.with_transform(RecursiveTransform(without_null));
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), format!("{}/schemas/{name}.json", env!("CARGO_PKG_HOMEPAGE")).into());
    schema.to_value()
}

/// What a person looks for first stands first.
fn ordered(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(ordered);
            let mut rest = std::mem::take(object);
            for key in ["$schema", "$id", "title", "description", "default"] {
                // A property may have any name: only texts are titles.
                if rest.get(key).is_some_and(|value| !value.is_object())
                    && let Some(value) = rest.shift_remove(key)
                {
                    object.insert(key.to_owned(), value);
                }
            }
            object.append(&mut rest);
        }
        Value::Array(items) => items.iter_mut().for_each(ordered),
        _ => {}
    }
}

#[track_caller]
fn hold(name: &str, mut schema: Value) {
    ordered(&mut schema);
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas").join(format!("{name}.json"));
    let text = serde_json::to_string_pretty(&schema).unwrap();
    expect::file(&path, &format!("{text}\n"));
}

#[test]
fn the_schema_of_the_configuration_is_current() {
    // Editors know draft 7 best.
    let mut schema = schema::<Config>(SchemaSettings::draft07().for_deserialize(), "poollint.toml");
    let level = json!({ "$ref": "#/definitions/Level" });
    let pages = rules::pages().iter().map(|page| (page.name.clone(), config::schema::rule(page, &level)));
    let pages: serde_json::Map<String, Value> = pages.collect();
    schema["properties"]["rules"]["properties"] = pages.into();
    hold("poollint.toml", schema);
}

#[test]
fn the_schema_of_findings_is_current() {
    hold("check", schema::<CheckOutput<'_>>(SchemaSettings::draft2020_12().for_serialize(), "check"));
}

#[test]
fn the_schema_of_budgets_is_current() {
    hold("budget", schema::<BudgetOutput<'_>>(SchemaSettings::draft2020_12().for_serialize(), "budget"));
}
