//! The columns of results, and rows into them: the same fields, under the same names, as the command's lines.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_json::ReaderBuilder;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::scores::{Intent, Intents, MessageScores, Signals};
use crate::verdict::Verdict;

/// Key of the schema's metadata that holds the version of its form.
pub const SCHEMA_KEY: &str = "beleving.schema";
/// UTC as Arrow names it without a database of time zones.
const UTC: &str = "+00:00";
/// Version of the form. A column may be added without a new one.
const VERSION: &str = "1";

/// Why a row cannot be scored or an interaction not judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct RowError {
    pub(super) kind: String,
    pub(super) message: String,
}

impl RowError {
    pub(super) fn input(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Input.name().to_owned(), message: message.into() }
    }
}

impl From<&Error> for RowError {
    fn from(error: &Error) -> Self {
        Self { kind: error.kind().name().to_owned(), message: error.to_string() }
    }
}

/// Columns of [`score_batch`](crate::arrow::score_batch).
pub fn score_schema() -> SchemaRef {
    schema(vec![
        field("assessable", DataType::Boolean),
        field("why", DataType::Utf8),
        field("sentiment", floats(["negative", "neutral", "positive"])),
        field("risk", DataType::Float32),
        field("flagged", DataType::Boolean),
        signals(),
        intents(),
        field("language", DataType::Utf8),
        field("windows", DataType::Int32),
        field("truncated", DataType::Boolean),
        field("model", DataType::Utf8),
        field("policy", DataType::Utf8),
        error(),
    ])
}

/// Columns of [`state_batch`](crate::arrow::state_batch).
///
/// All are to be handed on as they are. `state` and `unnamed` are what is known of the messages that say who speaks, and
/// of those that do not; they hold no text, and are personal data all the same. `alone` marks a message that belongs to
/// no interaction. `fault` says why messages failed, and `error` why there can be no verdict.
pub fn state_schema() -> SchemaRef {
    schema(vec![
        field("interaction", DataType::Utf8),
        field("state", DataType::Binary),
        field("unnamed", DataType::Binary),
        error(),
        field("alone", DataType::Boolean),
        field("fault", error_type()),
        field("differing", DataType::Boolean),
        field("of_several", DataType::Boolean),
    ])
}

/// Columns of [`judge_states`](crate::arrow::judge_states).
///
/// `error` says why there is no verdict, and then all else but the name is null; or beside a verdict, why some of its
/// messages failed or were left out.
pub fn verdict_schema() -> SchemaRef {
    let time = || DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into()));
    let message = || field("message", DataType::Int64);
    let id = || field("id", DataType::Utf8);
    let turned = [
        message(),
        id(),
        field("risk_before", DataType::Float32),
        field("risk_after", DataType::Float32),
    ];
    let worst = [message(), id(), field("risk", DataType::Float32)];
    let touchpoint =
        [message(), id(), field("role", DataType::Utf8), field("silence", DataType::Boolean)];
    let waiting =
        [field("longest_hours", DataType::Float64), field("no_answer_seen", DataType::Boolean)];
    let reason = [
        field("kind", DataType::Utf8),
        message(),
        id(),
        field("span", list(DataType::Int64)),
        field("weight", DataType::Float32),
    ];
    schema(vec![
        field("interaction", DataType::Utf8),
        field("customer", DataType::Utf8),
        field("channel", DataType::Utf8),
        field("start", time()),
        field("end", time()),
        field("messages", DataType::Int64),
        field("failed", DataType::Int64),
        field("assessable", DataType::Boolean),
        field("risk", DataType::Float32),
        field("flagged", DataType::Boolean),
        field("experience", DataType::Int32),
        field("turned", group(turned)),
        field("worst", group(worst)),
        field("touchpoint", group(touchpoint)),
        signals(),
        intents(),
        field("recovered", DataType::Boolean),
        field("rework", DataType::Boolean),
        field("praise", DataType::Boolean),
        field("waiting", group(waiting)),
        field("handoffs", DataType::Int64),
        field("reasons", list(group(reason))),
        field("model", DataType::Utf8),
        field("policy", DataType::Utf8),
        field("policy_hash", DataType::Utf8),
        error(),
    ])
}

pub(super) fn score_row(scores: &MessageScores) -> Map<String, Value> {
    let mut row = object(scores);
    row.insert("assessable".to_owned(), json!(scores.is_assessable()));
    row.insert("intents".to_owned(), named(scores.intents));
    row
}

pub(super) fn verdict_row(verdict: &Verdict) -> Map<String, Value> {
    let mut row = object(verdict);
    row.insert("intents".to_owned(), named(verdict.intents));
    row
}

pub(super) fn error_row(error: &RowError) -> Map<String, Value> {
    Map::from_iter([("error".to_owned(), json!(error))])
}

/// Puts rows into the columns of a schema; a field that a row lacks is null, and one that the schema
/// lacks is left out.
pub(super) fn batch(schema: &SchemaRef, rows: &[Map<String, Value>]) -> Result<RecordBatch> {
    let decode = || {
        let reader = ReaderBuilder::new(schema.clone()).with_batch_size(rows.len().max(1));
        let mut decoder = reader.build_decoder()?;
        decoder.serialize(rows)?;
        Ok(decoder.flush()?.unwrap_or_else(|| RecordBatch::new_empty(schema.clone())))
    };
    decode().map_err(broken)
}

/// What Arrow says where nothing of the input is at fault. Its own text is kept back: it may quote a value.
pub(super) fn broken(_: ArrowError) -> Error {
    Error::new(ErrorKind::Unsupported, "the results do not fit into one Arrow batch")
}

fn named(intents: Option<Intents>) -> Value {
    intents.map(|i| i.iter().map(|(i, p)| (i.name(), json!(p))).collect::<Value>()).into()
}

fn object(row: &impl Serialize) -> Map<String, Value> {
    match json!(row) {
        Value::Object(object) => object,
        _ => unreachable!("scores and verdicts are structs"),
    }
}

fn schema(fields: Vec<Field>) -> SchemaRef {
    let metadata = HashMap::from([(SCHEMA_KEY.to_owned(), VERSION.to_owned())]);
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

fn field(name: &str, of: DataType) -> Field {
    Field::new(name, of, true)
}

fn group(fields: impl IntoIterator<Item = Field>) -> DataType {
    DataType::Struct(Fields::from_iter(fields))
}

fn list(of: DataType) -> DataType {
    DataType::List(Arc::new(field("item", of)))
}

fn floats<'a>(names: impl IntoIterator<Item = &'a str>) -> DataType {
    group(names.into_iter().map(|name| field(name, DataType::Float32)))
}

fn signals() -> Field {
    field("signals", floats(Signals::default().named().map(|(name, _)| name)))
}

fn intents() -> Field {
    field("intents", floats(Intent::ALL.map(Intent::name)))
}

fn error() -> Field {
    field("error", error_type())
}

pub(super) fn error_type() -> DataType {
    group([field("kind", DataType::Utf8), field("message", DataType::Utf8)])
}
