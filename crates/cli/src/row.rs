//! One row of input: its fields, checked, or what is wrong with it.
//!
//! No error here quotes a value: a column that is mixed up with another may hold message text.

use std::collections::BTreeMap;

use anyhow::bail;
use beleving::{Message, Speaker};
use serde_json::{Map, Value, json};

/// The fields that a row may have.
const FIELDS: [&str; 11] = [
    "id",
    "text",
    "interaction",
    "speaker",
    "role",
    "at",
    "seq",
    "channel",
    "customer",
    "sector",
    "language",
];

/// Under which names the fields stand in the input, and what is passed through.
pub(crate) struct Columns {
    names: BTreeMap<&'static str, String>,
    pub(crate) keep: Vec<String>,
}

impl Columns {
    /// Reads the `--column FIELD=NAME` and `--keep FIELD` options.
    pub(crate) fn new(renamed: &[(String, String)], keep: &[String]) -> anyhow::Result<Self> {
        let mut names: BTreeMap<_, _> = FIELDS.map(|field| (field, field.to_owned())).into();
        for (field, name) in renamed {
            match FIELDS.iter().find(|known| *known == field) {
                Some(known) => names.insert(known, name.clone()),
                None => bail!(
                    "--column {field}={name}: `{field}` is no field, expected one of {FIELDS:?}"
                ),
            };
        }
        Ok(Self { names, keep: keep.to_vec() })
    }

    /// The name of a field in the input.
    pub(crate) fn name(&self, field: &str) -> &str {
        &self.names[field]
    }
}

/// A message of the input, with what goes to the output beside its scores.
#[derive(Clone)]
pub(crate) struct Row {
    /// Line of a JSONL file or record of a CSV file, from 1.
    pub(crate) number: u64,
    pub(crate) id: Option<String>,
    pub(crate) interaction: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) channel: Option<String>,
    /// Fields passed through.
    pub(crate) kept: Map<String, Value>,
    /// Whether the input says who speaks. A row that stands alone is the customer's.
    pub(crate) names_speaker: bool,
    pub(crate) message: Result<Message, RowError>,
}

/// Why a row cannot be scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowError {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl RowError {
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self { kind: "input", message: message.into() }
    }
}

impl From<&beleving::Error> for RowError {
    fn from(error: &beleving::Error) -> Self {
        Self { kind: error.kind().name(), message: error.to_string() }
    }
}

impl Row {
    /// A row of which nothing could be read.
    pub(crate) fn unreadable(number: u64, error: RowError) -> Self {
        Self {
            number,
            id: None,
            interaction: None,
            customer: None,
            channel: None,
            kept: Map::new(),
            names_speaker: false,
            message: Err(error),
        }
    }

    /// The line that stands for a row that failed.
    pub(crate) fn error_line(&self, error: &RowError) -> Map<String, Value> {
        let line = json!({
            "schema": crate::output::SCHEMA, "id": self.id, "row": self.number,
            "error": {"kind": error.kind, "message": error.message},
        });
        let Value::Object(mut line) = line else { unreachable!("an object was written") };
        line.extend(self.kept.clone());
        line
    }
}

/// Reads the rows that one JSON object stands for: one message, or every message of an interaction.
pub(crate) fn rows(number: u64, mut object: Map<String, Value>, columns: &Columns) -> Vec<Row> {
    let Some(messages) = object.remove("messages") else {
        return vec![row(number, &object, columns)];
    };
    if matches!(&messages, Value::Array(none) if none.is_empty()) {
        let error = RowError::input("`messages` is empty, expected at least one message");
        return vec![Row { message: Err(error), ..row(number, &object, columns) }];
    }
    let Value::Array(messages) = messages else {
        let error =
            RowError::input(format!("`messages` is {}, expected an array", kind_of(&messages)));
        return vec![Row { message: Err(error), ..row(number, &object, columns) }];
    };
    let several = messages.len() > 1;
    let outer: Map<String, Value> = object
        .iter()
        .filter(|(key, _)| {
            ["interaction", "customer", "channel", "sector", "language"]
                .iter()
                .any(|field| columns.name(field) == *key)
                || columns.keep.contains(key)
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let rows = messages.into_iter().enumerate().map(|(index, message)| {
        let Value::Object(message) = message else {
            let error = RowError::input(format!(
                "message {index} is {}, expected an object",
                kind_of(&message)
            ));
            return Row {
                id: Some(index.to_string()),
                message: Err(error),
                ..row(number, &outer, columns)
            };
        };
        let mut fields = outer.clone();
        fields.extend(message);
        let mut row = row(number, &fields, columns);
        row.id.get_or_insert_with(|| index.to_string());
        if several && !row.names_speaker && row.message.is_ok() {
            row.message = Err(missing_speaker());
        }
        row
    });
    rows.collect()
}

/// What is wrong with a row of an interaction of several messages that does not say who speaks.
pub(crate) fn missing_speaker() -> RowError {
    RowError::input(
        "`speaker` is missing; an interaction of several messages has to say who speaks",
    )
}

fn row(number: u64, fields: &Map<String, Value>, columns: &Columns) -> Row {
    let name = |field: &str| text_of(fields, columns, field).ok().flatten();
    let names_speaker = name("speaker").is_some();
    Row {
        number,
        id: name("id"),
        interaction: name("interaction"),
        customer: name("customer"),
        channel: name("channel"),
        kept: columns
            .keep
            .iter()
            .map(|key| (key.clone(), fields.get(key).cloned().unwrap_or(Value::Null)))
            .collect(),
        names_speaker,
        message: message(fields, columns),
    }
}

fn message(fields: &Map<String, Value>, columns: &Columns) -> Result<Message, RowError> {
    let get = |field| text_of(fields, columns, field);
    let text = match fields.get(columns.name("text")) {
        Some(Value::String(text)) => text.clone(),
        None => return Err(RowError::input(missing_text(fields.keys(), columns))),
        Some(other) => {
            let (name, kind) = (columns.name("text"), kind_of(other));
            return Err(RowError::input(format!("`{name}` is {kind}, expected a string")));
        }
    };
    let mut message = Message::customer(text);
    for field in ["interaction", "customer", "channel", "sector"] {
        get(field)?;
    }
    message.id = get("id")?;
    message.role = get("role")?;
    message.language = get("language")?;
    if let Some(speaker) = get("speaker")? {
        message.speaker = match speaker.to_lowercase().as_str() {
            "customer" => Speaker::Customer,
            "staff" => Speaker::Staff,
            "bot" => Speaker::Bot,
            "system" => Speaker::System,
            _ => {
                let name = columns.name("speaker");
                let text = format!("`{name}` is none of `customer`, `staff`, `bot` and `system`");
                return Err(RowError::input(text));
            }
        };
    }
    if let Some(at) = get("at")? {
        message.at = Some(at.parse().map_err(|_| {
            let name = columns.name("at");
            RowError::input(format!(
                "`{name}` is no time, expected RFC 3339 such as 2026-03-01T09:30:00+01:00"
            ))
        })?);
    }
    if let Some(seq) = get("seq")? {
        message.seq = Some(seq.parse().map_err(|_| {
            RowError::input(format!("`{}` is no whole number", columns.name("seq")))
        })?);
    }
    Ok(message)
}

/// A field as text: numbers as they are written, null and the empty string as nothing.
fn text_of(
    fields: &Map<String, Value>,
    columns: &Columns,
    field: &str,
) -> Result<Option<String>, RowError> {
    let name = columns.name(field);
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok((!text.is_empty()).then(|| text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(other) => {
            Err(RowError::input(format!("`{name}` is {}, expected a string", kind_of(other))))
        }
    }
}

/// Says that the text column is missing, and which one looks like it.
///
/// Only names that are known beforehand are shown: the first line of a CSV file without a header holds
/// somebody's message.
pub(crate) fn missing_text<'a>(
    names: impl IntoIterator<Item = &'a String>,
    columns: &Columns,
) -> String {
    const LIKELY: [&str; 11] = [
        "text",
        "body",
        "message",
        "bericht",
        "tekst",
        "content",
        "inhoud",
        "comment",
        "description",
        "omschrijving",
        "review",
    ];
    let name = columns.name("text");
    match names.into_iter().find(|key| LIKELY.contains(&key.to_lowercase().as_str())) {
        Some(key) => format!("`{name}` is missing; is it called `{key}`? (--column text={key})"),
        None => format!("`{name}` is missing; name it with --column text=NAME"),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Vec<Row> {
        let Value::Object(object) = value else { panic!("an object") };
        rows(7, object, &Columns::new(&[], &["team".to_owned()]).expect("valid"))
    }

    fn error_of(value: Value) -> String {
        read(value).remove(0).message.expect_err("faulty").message
    }

    #[test]
    fn a_row_that_stands_alone_is_the_customers() {
        let row = read(json!({"id": 12, "text": "hallo", "team": "A"})).remove(0);
        assert_eq!(
            (row.number, row.id.as_deref(), row.kept["team"].as_str()),
            (7, Some("12"), Some("A"))
        );
        assert_eq!(row.message.expect("valid").speaker, Speaker::Customer);
    }

    #[test]
    fn a_nested_interaction_numbers_its_messages_and_names_its_speakers() {
        let rows = read(json!({"interaction": "i", "customer": "c", "messages": [
            {"speaker": "customer", "text": "a"}, {"text": "b"}, 3,
        ]}));
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[0].id.as_deref(), rows[0].customer.as_deref()), (Some("0"), Some("c")));
        assert!(rows[0].message.is_ok());
        assert_eq!(rows[1].message.as_ref().expect_err("no speaker"), &missing_speaker());
        assert!(rows[2].message.is_err());
    }

    #[test]
    fn errors_name_the_field_and_never_its_value() {
        assert_eq!(error_of(json!({"text": 5})), "`text` is a number, expected a string");
        assert!(error_of(json!({"Bericht": "canary"})).contains("--column text=Bericht"));
        assert!(error_of(json!({"Text": "canary"})).contains("--column text=Text"));
        assert!(
            error_of(json!({"interaction": "i", "messages": []})).contains("`messages` is empty")
        );
        for (field, value) in [("speaker", "canary"), ("at", "canary"), ("seq", "canary")] {
            let error = error_of(json!({"text": "canary", field: value}));
            assert!(error.contains(field) && !error.contains("canary"), "{error}");
        }
    }
}
