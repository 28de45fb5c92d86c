//! The part of JSON Schema that `docs/schemas` uses. A word that is not known here is a failure, not a success; `.ci/run`
//! asks a complete validator as well.

use serde_json::{Map, Value};

/// What does not concern whether a value is valid.
const SILENT: [&str; 7] = ["$schema", "$id", "title", "description", "default", "$defs", "definitions"];

/// A schema, and how strictly it is read.
pub struct Schema {
    root: Value,
    /// Whether keys that a schema does not name are refused even where it allows them: readers must not rely on their
    /// absence, but nothing may be written that is not described.
    closed: bool,
}

impl Schema {
    /// One of `docs/schemas`.
    pub fn read(name: &str, closed: bool) -> Self {
        let path = format!("{}/docs/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
        Self { root: serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap(), closed }
    }

    /// Everything that is wrong with a value.
    pub fn faults(&self, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(&self.root, value, "", &mut faults);
        faults
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let Value::Object(words) = schema else {
            if *schema == Value::Bool(false) {
                faults.push(format!("{at}: nobody was told of it"));
            } else {
                assert_eq!(*schema, Value::Bool(true), "{at}");
            }
            return;
        };
        let passes = |choice: &Value| {
            let mut faults = Vec::new();
            self.check(choice, value, at, &mut faults);
            faults.is_empty()
        };
        let number = value.as_f64();
        let list = |of: &Value| of.as_array().unwrap().clone();
        for (word, of) in words {
            let holds = match word.as_str() {
                "$ref" => {
                    self.check(self.target(of.as_str().unwrap()), value, at, faults);
                    true
                }
                "allOf" => {
                    list(of).iter().for_each(|all| self.check(all, value, at, faults));
                    true
                }
                "anyOf" => list(of).iter().any(passes),
                "oneOf" => list(of).iter().filter(|choice| passes(choice)).count() == 1,
                "type" => match of {
                    Value::Array(names) => names.iter().any(|name| is(value, name.as_str().unwrap())),
                    name => is(value, name.as_str().unwrap()),
                },
                "const" => value == of,
                "enum" => list(of).contains(value),
                "pattern" => value
                    .as_str()
                    .is_none_or(|text| regex_lite::Regex::new(of.as_str().unwrap()).unwrap().is_match(text)),
                "minimum" => number.is_none_or(|number| number >= of.as_f64().unwrap()),
                "maximum" => number.is_none_or(|number| number <= of.as_f64().unwrap()),
                "exclusiveMinimum" => number.is_none_or(|number| number > of.as_f64().unwrap()),
                "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= of.as_u64().unwrap()),
                "required" => value.as_object().is_none_or(|object| {
                    list(of).iter().all(|key| object.contains_key(key.as_str().unwrap()))
                }),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(of, item, &format!("{at}/{index}"), faults);
                    }
                    true
                }
                "properties" | "additionalProperties" => true,
                silent if SILENT.contains(&silent) => true,
                unknown => panic!("{at}: `{unknown}` is not known here"),
            };
            if !holds {
                faults.push(format!("{at}: {word} {of}: {value}"));
            }
        }
        if let Value::Object(object) = value {
            self.keys(words, object, at, faults);
        }
    }

    fn keys(
        &self,
        words: &Map<String, Value>,
        object: &Map<String, Value>,
        at: &str,
        faults: &mut Vec<String>,
    ) {
        let named = words.get("properties");
        let closed = Value::Bool(!(self.closed && named.is_some()));
        let others = words.get("additionalProperties").unwrap_or(&closed);
        for (key, value) in object {
            let schema = named.and_then(|named| named.get(key)).unwrap_or(others);
            self.check(schema, value, &format!("{at}/{key}"), faults);
        }
    }

    fn target(&self, reference: &str) -> &Value {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} lies elsewhere"));
        self.root.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        unknown => panic!("`{unknown}` is no type"),
    }
}
