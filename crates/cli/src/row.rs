//! One row of input: its fields, checked, or what is wrong with it.
//!
//! No error here quotes a value: a column that is mixed up with another may hold message text.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::bail;
use beleving::{Message, Speaker};
use beleving_archive::{
    Columns, Origin, ReadOptions, Record, Times, likely_text, shape, text_of_html,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};

use crate::privacy::Privacy;

/// What turns records into rows.
pub(crate) struct RowReader {
    pub(crate) columns: Columns,
    /// The columns of mails and calls: our own names, and what is to be kept.
    own: Columns,
    speakers: Speakers,
    times: Times,
    privacy: Privacy,
    /// Columns and keys that options name.
    named: Vec<Named>,
    /// Whether anything could be read.
    any: AtomicBool,
}

/// What an option says of the input.
struct Named {
    name: String,
    /// The option as it was given.
    option: String,
    /// Whether any row has what it names.
    met: AtomicBool,
}

impl Named {
    fn new(name: &str, option: String) -> Self {
        Self { name: name.to_owned(), option, met: AtomicBool::new(false) }
    }

    fn meet(&self) {
        self.met.store(true, Ordering::Relaxed);
    }

    fn is_unmet(&self) -> bool {
        !self.met.load(Ordering::Relaxed)
    }
}

/// Who is meant by labels of the input that say more, or something else, than they say everywhere.
pub(crate) struct Speakers(BTreeMap<String, (Speaker, Option<String>, Named)>);

impl Speakers {
    /// Reads `LABEL=customer` or `LABEL=staff:ROLE`.
    pub(crate) fn new(labels: &[(String, String)]) -> anyhow::Result<Self> {
        let mut speakers = BTreeMap::new();
        for (label, meaning) in labels {
            let (kind, role) = match meaning.split_once(':') {
                Some((kind, role)) => (kind, Some(role.to_owned())),
                None => (meaning.as_str(), None),
            };
            let Some(speaker) = Speaker::of_label(kind) else {
                bail!(
                    "--speaker {label}={meaning}: expected customer, staff, bot or system, and a role \
                     after a colon"
                );
            };
            let named = Named::new(label, format!("--speaker {label}={meaning}"));
            speakers.insert(label.to_lowercase(), (speaker, role, named));
        }
        Ok(Self(speakers))
    }
}

/// A message of the input, with what goes to the output beside its scores.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Place among all rows of the input, from 0.
    pub(crate) place: u64,
    /// The file as errors name it; `None` for standard input.
    pub(crate) file: Option<Arc<str>>,
    /// Line, record or mail of its file, from 1.
    pub(crate) number: u64,
    pub(crate) id: Option<String>,
    pub(crate) interaction: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) channel: Option<String>,
    /// Fields passed through.
    pub(crate) kept: Map<String, Value>,
    /// Whether the input says who speaks. A row that stands alone is the customer's.
    pub(crate) names_speaker: bool,
    /// What could be read of it. Of a row that failed this still says who wrote and when, as far as it is
    /// known, and has no text.
    pub(crate) message: Message,
    /// Why the row cannot be scored.
    pub(crate) error: Option<RowError>,
}

/// Why a row cannot be scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RowError {
    pub(crate) kind: Cow<'static, str>,
    pub(crate) message: String,
}

impl RowError {
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self { kind: "input".into(), message: message.into() }
    }
}

impl From<&beleving::Error> for RowError {
    fn from(error: &beleving::Error) -> Self {
        Self { kind: error.kind().name().into(), message: error.to_string() }
    }
}

impl Row {
    /// The line that stands for a row that failed.
    pub(crate) fn error_line(&self, error: &RowError) -> Map<String, Value> {
        let line = json!({
            "schema": crate::output::SCHEMA, "id": self.id, "interaction": self.interaction,
            "customer": self.customer, "file": self.file, "row": self.number,
            "error": {"kind": error.kind, "message": error.message},
        });
        let Value::Object(mut line) = line else { unreachable!("an object was written") };
        line.retain(|key, value| key == "id" || !value.is_null());
        line.extend(self.kept.clone());
        line
    }

    /// The row cannot be scored, for this reason.
    pub(crate) fn fail(&mut self, error: RowError) {
        self.message.text.clear();
        self.error = Some(error);
    }

    /// Bytes of text that it holds.
    pub(crate) fn text_bytes(&self) -> usize {
        self.message.text.len()
    }
}

impl RowReader {
    /// For records that are read with `options`. Names come out as they are.
    pub(crate) fn new(options: &ReadOptions, speakers: Speakers) -> Self {
        let (columns, times) = (options.columns.clone(), options.times.clone());
        let mut own = Columns::own();
        own.keep.clone_from(&columns.keep);
        // Without a text every row fails, and says so.
        let renamed = columns.named().filter(|(field, _)| *field != "text");
        let renamed =
            renamed.map(|(field, name)| Named::new(name, format!("--column {field}={name}")));
        let kept = columns.keep.iter().map(|name| Named::new(name, format!("--keep {name}")));
        let named = renamed.chain(kept).collect();
        let (privacy, any) = (Privacy::clear(), AtomicBool::new(false));
        Self { columns, own, speakers, times, privacy, named, any }
    }

    /// The same, with names that come out as `privacy` says.
    pub(crate) fn with_privacy(self, privacy: Privacy) -> Self {
        Self { privacy, ..self }
    }

    /// What tells the key of the pseudonyms from another; `None` where names come out as they are.
    pub(crate) fn key_fingerprint(&self) -> Option<String> {
        self.privacy.fingerprint()
    }

    /// Warns of options that name what none of the rows has that were read.
    pub(crate) fn warn_of_unmet(&self) {
        if !self.any.load(Ordering::Relaxed) {
            return;
        }
        for Named { name, option, .. } in self.named.iter().filter(|named| named.is_unmet()) {
            tracing::warn!(
                "no row has `{name}` ({option}); keys within objects are not looked into"
            );
        }
        let labels = self.speakers.0.values().map(|(_, _, named)| named);
        for Named { name, option, .. } in labels.filter(|named| named.is_unmet()) {
            tracing::warn!("no row has the speaker `{name}` ({option})");
        }
    }

    /// Reads the rows that one record stands for: one message, or every message of an interaction.
    pub(crate) fn rows(&self, record: Record) -> Vec<Row> {
        let file = record.file.as_deref().map(|file| self.privacy.file(file));
        let columns = if record.origin == Origin::Table { &self.columns } else { &self.own };
        let (speakers, times) = (&self.speakers, &self.times);
        let (named, origin, number) = (&*self.named, record.origin, record.row);
        let one = RecordReader { columns, speakers, times, named, origin, file, number };
        let mut rows = match record.fields {
            Ok(fields) => {
                self.any.store(true, Ordering::Relaxed);
                one.rows(fields)
            }
            Err(fault) => vec![one.unreadable(RowError::input(fault.0))],
        };
        rows.iter_mut().for_each(|row| self.privacy.apply(row, record.origin));
        rows
    }
}

/// What is the same for all rows of one record.
struct RecordReader<'a> {
    columns: &'a Columns,
    speakers: &'a Speakers,
    times: &'a Times,
    named: &'a [Named],
    origin: Origin,
    file: Option<Arc<str>>,
    number: u64,
}

impl RecordReader<'_> {
    /// A row of which nothing could be read.
    fn unreadable(&self, error: RowError) -> Row {
        Row {
            place: 0,
            file: self.file.clone(),
            number: self.number,
            id: None,
            interaction: None,
            customer: None,
            channel: None,
            kept: Map::new(),
            names_speaker: false,
            message: Message::customer(""),
            error: Some(error),
        }
    }

    /// Notes which of what the options name is there.
    fn note(&self, fields: &Map<String, Value>) {
        let unmet = self.named.iter().filter(|named| named.is_unmet());
        unmet.filter(|named| fields.contains_key(&named.name)).for_each(Named::meet);
    }

    fn rows(&self, mut object: Map<String, Value>) -> Vec<Row> {
        self.note(&object);
        let list = self.columns.name("messages");
        let is_one_message = match object.get(list) {
            None | Some(Value::Null) => true,
            Some(Value::Array(_)) => false,
            // A table of messages may have a column of that name, such as a count.
            Some(_) => object.contains_key(self.columns.name("text")),
        };
        if is_one_message {
            return vec![self.row(&object)];
        }
        let messages = match object.remove(list).unwrap_or_default() {
            Value::Array(messages) if !messages.is_empty() => messages,
            other => {
                let text = match other {
                    Value::Array(_) => format!("`{list}` is empty, expected at least one message"),
                    other => format!("`{list}` is {}, expected an array", kind_of(&other)),
                };
                let mut row = self.row(&object);
                row.fail(RowError::input(text));
                return vec![row];
            }
        };
        let several = messages.len() > 1;
        self.name_interaction(&mut object);
        let own_id =
            |message: &Map<String, Value>| text_of(message, self.columns, "id").ok().flatten();
        let own_ids: HashSet<String> =
            messages.iter().filter_map(|message| own_id(message.as_object()?)).collect();
        // What the interaction says holds for each of its messages that does not say it itself.
        let outer: Map<String, Value> = object
            .into_iter()
            .filter(|(key, _)| {
                ["interaction", "customer", "channel", "sector", "language"]
                    .iter()
                    .any(|field| self.columns.name(field) == *key)
                    || self.columns.keep.contains(key)
            })
            .collect();
        if bytes_of(&outer).saturating_mul(messages.len()) > MAX_REPEATED_BYTES {
            let (n, limit) = (messages.len(), MAX_REPEATED_BYTES);
            let text = format!(
                "what is kept of the interaction, for {n} messages, has over {limit} bytes"
            );
            return vec![self.unreadable(RowError::input(text))];
        }
        let rows = messages.into_iter().enumerate().map(|(index, message)| {
            // Its number names a message without an id, unless another one is called that.
            let number = Some(index.to_string()).filter(|number| !own_ids.contains(number));
            let Value::Object(message) = message else {
                let text = format!("message {index} is {}, expected an object", kind_of(&message));
                let mut row = Row { id: number, ..self.row(&outer) };
                row.fail(RowError::input(text));
                return row;
            };
            self.note(&message);
            // Not the interaction's, which is there too where it is kept.
            let id = own_id(&message).or(number);
            let mut fields = outer.clone();
            fields.extend(message);
            let mut row = Row { id, ..self.row(&fields) };
            if several && !row.names_speaker && row.error.is_none() {
                row.fail(missing_speaker());
            }
            row
        });
        rows.collect()
    }

    /// Names an interaction that has no name by its id, else by where it stands: its messages must not fall
    /// apart, nor meet those of another.
    fn name_interaction(&self, object: &mut Map<String, Value>) {
        let Ok(None) = text_of(object, self.columns, "interaction") else { return };
        let place = || format!("{}:{}", self.file.as_deref().unwrap_or("-"), self.number);
        let name = text_of(object, self.columns, "id").ok().flatten().unwrap_or_else(place);
        object.insert(self.columns.name("interaction").to_owned(), Value::from(name));
    }

    fn row(&self, fields: &Map<String, Value>) -> Row {
        let columns = self.columns;
        let name = |field: &str| text_of(fields, columns, field).ok().flatten();
        let kept = |key: &String| (key.clone(), fields.get(key).cloned().unwrap_or(Value::Null));
        let (message, error) = self.message(fields);
        Row {
            place: 0,
            file: self.file.clone(),
            number: self.number,
            id: name("id"),
            interaction: name("interaction"),
            customer: name("customer"),
            channel: name("channel"),
            kept: columns.keep.iter().map(kept).collect(),
            names_speaker: name("speaker").is_some(),
            message,
            error,
        }
    }

    /// What can be read of a message, and the first thing that is wrong with it.
    fn message(&self, fields: &Map<String, Value>) -> (Message, Option<RowError>) {
        let mut error = None;
        let mut text = or_default(self.text(fields), &mut error);
        let mut get = |field| or_default(text_of(fields, self.columns, field), &mut error);
        for field in ["interaction", "customer", "channel", "sector"] {
            get(field);
        }
        let (id, role, language) = (get("id"), get("role"), get("language"));
        let (speaker, role_of_label) = or_default(self.speaker(fields), &mut error);
        let at = or_default(self.at(fields), &mut error);
        let seq = or_default(self.seq(fields), &mut error);
        if error.is_some() {
            text.clear();
        }
        (Message { id, text, speaker, role: role.or(role_of_label), at, seq, language }, error)
    }

    fn text(&self, fields: &Map<String, Value>) -> Result<String, RowError> {
        let name = self.columns.name("text");
        match fields.get(name) {
            Some(Value::String(text)) => {
                // Of mails and calls it was made plain.
                let html = Some(text).filter(|_| self.origin == Origin::Table);
                Ok(html.and_then(|html| text_of_html(html)).unwrap_or_else(|| text.clone()))
            }
            None => Err(RowError::input(match list_within(fields) {
                Some(list) => format!(
                    "`{name}` is missing, and `{list}` is a list of objects: --column messages={list} reads them as \
                     the messages of one interaction, jq -c '.{list}[]' FILE makes one line of each"
                ),
                None => self.columns.missing_text(fields.keys()),
            })),
            Some(other) => {
                let kind = kind_of(other);
                Err(RowError::input(format!("`{name}` is {kind}, expected a string")))
            }
        }
    }

    /// Who speaks, and the role that the label means.
    fn speaker(&self, fields: &Map<String, Value>) -> Result<(Speaker, Option<String>), RowError> {
        let Some(label) = text_of(fields, self.columns, "speaker")? else {
            return Ok((Speaker::Customer, None));
        };
        if let Some((speaker, role, named)) = self.speakers.0.get(&label.to_lowercase()) {
            named.meet();
            return Ok((*speaker, role.clone()));
        }
        Speaker::of_label(&label).map(|speaker| (speaker, None)).ok_or_else(|| {
            let name = self.columns.name("speaker");
            let (found, label) = if may_be_shown(&label) {
                (format!("`{name}` is `{label}`"), &*label)
            } else {
                (format!("`{name}` {MASKED} is `{}`", shape(&label)), "LABEL")
            };
            RowError::input(format!(
                "{found}, none of `customer`, `staff`, `bot` and `system`; --speaker {label}=customer states what \
                 another label means"
            ))
        })
    }

    fn at(&self, fields: &Map<String, Value>) -> Result<Option<Timestamp>, RowError> {
        let Some(at) = text_of(fields, self.columns, "at")? else { return Ok(None) };
        self.times.read(&at).map(Some).map_err(|found| {
            RowError::input(format!("`{}` {MASKED} is {found}", self.columns.name("at")))
        })
    }

    fn seq(&self, fields: &Map<String, Value>) -> Result<Option<i64>, RowError> {
        let Some(seq) = text_of(fields, self.columns, "seq")? else { return Ok(None) };
        // Tables that know no whole numbers with gaps write 3 as 3.0.
        let whole = seq.strip_suffix(".0").unwrap_or(&seq);
        whole.parse().map(Some).map_err(|_| {
            RowError::input(format!("`{}` is no whole number", self.columns.name("seq")))
        })
    }
}

/// How errors show a value by its shape.
const MASKED: &str = "(letters as a, digits as 9)";

/// Characters of a key that errors show.
const SHOWN_CHARS: usize = 40;

/// The key of a list of objects in what has no text. One that may be more than a key is not shown.
fn list_within(fields: &Map<String, Value>) -> Option<&str> {
    let is_list = |value: &Value| {
        value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_object))
    };
    let is_plain = |key: &str| {
        key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && key.len() <= SHOWN_CHARS
    };
    let mut lists = fields.iter().filter(|(key, value)| is_plain(key) && is_list(value));
    let (key, _) = lists.next().filter(|_| likely_text(fields.keys()).is_none())?;
    Some(key)
}

/// Whether errors may show a label as it is: a truth value, or one that a program gave, such as SPEAKER_00. Any other may
/// be somebody's name or telephone number.
fn may_be_shown(label: &str) -> bool {
    let by_program = |c| matches!(c, 'A'..='Z' | '0'..='9' | '_');
    let is_numbered = label.starts_with(|c: char| c.is_ascii_uppercase())
        && label.ends_with(|c: char| c.is_ascii_digit());
    matches!(label, "true" | "false")
        || label.len() <= 24 && is_numbered && label.chars().all(by_program)
}

/// What was read. What could not be is left out, and of several errors the first stays.
fn or_default<T: Default>(read: Result<T, RowError>, first: &mut Option<RowError>) -> T {
    read.unwrap_or_else(|error| {
        first.get_or_insert(error);
        T::default()
    })
}

/// What the fields of an interaction may take when each of its messages has a copy.
const MAX_REPEATED_BYTES: usize = 64 << 20;

/// About as many bytes as the values take.
fn bytes_of(fields: &Map<String, Value>) -> usize {
    fields
        .values()
        .map(|value| value.as_str().map_or_else(|| value.to_string().len(), str::len))
        .sum()
}

/// What is wrong with a row of an interaction of several messages that does not say who speaks.
pub(crate) fn missing_speaker() -> RowError {
    RowError::input(
        "`speaker` is missing; an interaction of several messages has to say who speaks (of mails, \
         --staff example.nl says which are yours)",
    )
}

/// Below it every whole number has a float of its own, so that none stands for two.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// A number as it is written, but 3.0 as 3: tables that know no whole numbers with gaps make the one of the other.
fn name_of(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < MAX_WHOLE => {
            (value as i64).to_string()
        }
        _ => number.to_string(),
    }
}

/// A field as text: null and the empty string as nothing, and truth values as labels of speakers.
fn text_of(
    fields: &Map<String, Value>,
    columns: &Columns,
    field: &str,
) -> Result<Option<String>, RowError> {
    let name = columns.name(field);
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok((!text.is_empty()).then(|| text.clone())),
        Some(Value::Number(number)) => Ok(Some(name_of(number))),
        Some(Value::Bool(is)) if field == "speaker" => Ok(Some(is.to_string())),
        Some(other) => {
            Err(RowError::input(format!("`{name}` is {}, expected a string", kind_of(other))))
        }
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
        let columns = Columns::new(&[], &["team".to_owned()]).expect("valid");
        let speakers = Speakers::new(&[
            ("SPEAKER_00".into(), "staff:planner".into()),
            ("false".into(), "staff".into()),
        ]);
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let row_reader = RowReader::new(&options, speakers.expect("valid"));
        row_reader.rows(Record { file: None, row: 7, origin: Origin::Table, fields: Ok(object) })
    }

    fn error_of(value: Value) -> String {
        read(value).remove(0).error.expect("faulty").message
    }

    #[test]
    fn a_row_that_stands_alone_is_the_customers() {
        let row = read(json!({"id": 12, "text": "hallo", "team": "A"})).remove(0);
        assert_eq!(
            (row.number, row.id.as_deref(), row.kept["team"].as_str()),
            (7, Some("12"), Some("A"))
        );
        assert_eq!((row.message.speaker, row.error), (Speaker::Customer, None));
    }

    #[test]
    fn a_name_is_the_same_as_a_whole_number_and_as_a_fraction() {
        for (id, name) in [
            (json!(12), "12"),
            (json!(12.0), "12"),
            (json!(-12.0), "-12"),
            (json!(12.5), "12.5"),
            (json!(1e300), "1e+300"),
            // A text stays as it is.
            (json!("12.0"), "12.0"),
        ] {
            let row = read(json!({"id": id, "customer": id, "text": "a"})).remove(0);
            assert_eq!((row.id.as_deref(), row.customer.as_deref()), (Some(name), Some(name)));
        }
    }

    #[test]
    fn a_nested_interaction_numbers_its_messages_and_names_its_speakers() {
        let rows = read(json!({"interaction": "i", "customer": "c", "messages": [
            {"speaker": "customer", "text": "a"}, {"text": "b"}, 3,
        ]}));
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[0].id.as_deref(), rows[0].customer.as_deref()), (Some("0"), Some("c")));
        assert_eq!(rows[0].error, None);
        assert_eq!(rows[1].error, Some(missing_speaker()));
        assert!(missing_speaker().message.contains("--staff example.nl"));
        assert!(rows[2].error.is_some());
    }

    #[test]
    fn a_row_that_failed_still_says_who_wrote_and_when() {
        let whole = json!({"text": "canary", "id": "a", "speaker": "SPEAKER_00", "role": "monteur",
                           "at": "2026-03-02T09:00:00Z", "seq": 3});
        let expected = read(whole.clone()).remove(0).message;
        for (field, value) in [
            ("text", Value::Null),
            ("customer", json!([])),
            ("speaker", json!("canary")),
            ("role", json!({})),
            ("at", json!("canary")),
            ("seq", json!("canary")),
        ] {
            let mut faulty = whole.clone();
            faulty[field] = value;
            let mut expected = Message { text: String::new(), ..expected.clone() };
            match field {
                "speaker" => expected.speaker = Speaker::Customer,
                // The label means one too.
                "role" => expected.role = Some("planner".to_owned()),
                "at" => expected.at = None,
                "seq" => expected.seq = None,
                _ => {}
            }
            let row = read(faulty).remove(0);
            assert!(row.error.is_some() && row.message == expected, "{field}: {:?}", row.message);
        }
        // Nor does it get lost where the interaction has to say who speaks.
        let at = "2026-03-02T09:00:00Z";
        let rows = read(json!({"messages": [{"text": "a", "at": at}, {"text": "b", "at": at}]}));
        for row in rows {
            assert_eq!((row.error, row.message.at), (Some(missing_speaker()), at.parse().ok()));
        }
    }

    #[test]
    fn a_nested_interaction_without_a_name_has_that_of_its_id_or_place() {
        let message = json!({"speaker": "customer", "text": "a"});
        let names = |id: Value| {
            let rows = read(json!({"id": id, "messages": [message, message, 3]}));
            rows.into_iter().map(|row| (row.interaction, row.id)).collect::<Vec<_>>()
        };
        for (id, name) in [(json!("z-1"), "z-1"), (json!(12), "12"), (Value::Null, "-:7")] {
            let name = || Some(name.to_owned());
            let expected = ["0", "1", "2"].map(|number| (name(), Some(number.to_owned())));
            assert_eq!(names(id), expected);
        }
        let rows = read(json!({"id": "z-1", "interaction": "", "messages": [message]}));
        assert_eq!(rows[0].interaction.as_deref(), Some("z-1"));
        let rows = read(json!({"id": "z-1", "interaction": "i", "messages": [message]}));
        assert_eq!(rows[0].interaction.as_deref(), Some("i"));
    }

    #[test]
    fn no_two_messages_of_a_nested_interaction_get_one_id() {
        let (named, unnamed) = (
            json!({"id": "1", "speaker": "customer", "text": "a"}),
            json!({"speaker": "customer", "text": "b"}),
        );
        let fields = json!({"id": "z-1", "messages": [named, unnamed, unnamed]});
        for keep in [&[][..], &["id".to_owned()]] {
            let Value::Object(fields) = fields.clone() else { panic!("an object") };
            let columns = Columns::new(&[], keep).expect("valid");
            let options = ReadOptions { columns, ..ReadOptions::default() };
            let row_reader = RowReader::new(&options, Speakers::new(&[]).expect("valid"));
            let fields = Ok(fields);
            let rows =
                row_reader.rows(Record { file: None, row: 7, origin: Origin::Table, fields });
            let ids: Vec<_> = rows.iter().map(|row| row.id.as_deref()).collect();
            assert_eq!(ids, [Some("1"), None, Some("2")]);
        }
    }

    #[test]
    fn a_column_of_a_table_may_be_called_messages() {
        for value in [json!(3), json!("3"), Value::Null] {
            let row = read(json!({"text": "hallo", "messages": value})).remove(0);
            assert_eq!((row.error, &*row.message.text), (None, "hallo"));
        }
        assert_eq!(
            error_of(json!({"id": "a", "messages": 3})),
            "`messages` is a number, expected an array"
        );
        assert!(error_of(json!({"messages": null})).contains("`text` is missing"));
    }

    #[test]
    fn labels_of_speakers_mean_what_was_said_of_them() {
        fn speaker(label: impl Into<Value>) -> Option<(Speaker, Option<String>)> {
            let row = read(json!({"text": "a", "speaker": label.into()})).remove(0);
            row.error.is_none().then_some((row.message.speaker, row.message.role))
        }
        for label in [json!(false), json!("false"), json!("FALSE")] {
            assert_eq!(speaker(label), Some((Speaker::Staff, None)));
        }
        let error = error_of(json!({"text": "a", "speaker": true}));
        assert!(error.starts_with("`speaker` is `true`, none of"), "{error}");
        assert!(error.contains("--speaker true=customer"), "{error}");
        assert_eq!(speaker("speaker_00"), Some((Speaker::Staff, Some("planner".to_owned()))));
        assert_eq!(speaker("Klant"), Some((Speaker::Customer, None)));
        assert_eq!(speaker("SPEAKER_01"), None);
        let error = |label: &str| error_of(json!({"text": "a", "speaker": label}));
        let named = error("SPEAKER_01");
        assert!(named.starts_with("`speaker` is `SPEAKER_01`, none of"), "{named}");
        assert!(named.contains("--speaker SPEAKER_01=customer"), "{named}");
        // It may be somebody's name.
        for (label, shape) in [
            ("Anja de Wit", "`aaaa aa aaa`"),
            ("JANSEN", "`aaaaaa`"),
            ("0612345678", "`9999999999`"),
        ] {
            let shown = error(label);
            let masked = format!("`speaker` (letters as a, digits as 9) is {shape}, none of");
            assert!(shown.starts_with(&masked) && shown.contains("LABEL=customer"), "{shown}");
        }
    }

    #[test]
    fn times_of_rows_and_of_messages_within_are_read_by_the_clock_that_was_said() {
        let times = Times::new(Some("Europe/Amsterdam"), None).expect("a zone");
        let speakers = Speakers::new(&[]).expect("valid");
        let row_reader = RowReader::new(&ReadOptions { times, ..ReadOptions::default() }, speakers);
        let message = json!({"speaker": "klant", "text": "a", "at": "19-10-2026 10:00"});
        for value in [message.clone(), json!({"messages": [message]})] {
            let Value::Object(object) = value.clone() else { panic!("an object") };
            let origin = Origin::Table;
            let rows = row_reader.rows(Record { file: None, row: 1, origin, fields: Ok(object) });
            let at = rows[0].message.at.map(|at| at.to_string());
            assert_eq!((&rows[0].error, at.as_deref()), (&None, Some("2026-10-19T08:00:00Z")));
            let error = read(value).remove(0).error.expect("no offset").message;
            let masked = "`at` (letters as a, digits as 9) is `99-99-9999 99:99`, a time without";
            assert!(error.starts_with(masked), "{error}");
            assert!(error.contains("--time-zone Europe/Amsterdam"), "{error}");
        }
    }

    #[test]
    fn html_of_a_table_is_read_as_the_text_that_it_shows() {
        let fields = json!({"text": "<p>Laat maar.<br>Ik regel het.</p>"});
        for value in [fields.clone(), json!({"messages": [fields.clone()]})] {
            assert_eq!(read(value).remove(0).message.text, "Laat maar.\nIk regel het.");
        }
        // Of a mail it is what stands in it.
        let Value::Object(fields) = fields else { panic!("an object") };
        let row_reader =
            RowReader::new(&ReadOptions::default(), Speakers::new(&[]).expect("valid"));
        for origin in [Origin::Mail, Origin::Call] {
            let fields = Ok(fields.clone());
            let rows = row_reader.rows(Record { file: None, row: 1, origin, fields });
            assert!(rows[0].message.text.starts_with("<p>"));
        }
    }

    #[test]
    fn messages_may_be_called_something_else() {
        let columns = Columns::new(&[("messages".into(), "comments".into())], &[]).expect("valid");
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let row_reader = RowReader::new(&options, Speakers::new(&[]).expect("valid"));
        let rows = |value: Value| {
            let Value::Object(fields) = value else { panic!("an object") };
            row_reader.rows(Record {
                file: None,
                row: 1,
                origin: Origin::Table,
                fields: Ok(fields),
            })
        };
        let comments = json!([{"text": "a", "speaker": "staff"}, {"text": "b", "speaker": true}]);
        let found = rows(json!({"id": 7, "messages": 2, "comments": comments}));
        let names: Vec<_> = found.iter().map(|row| row.interaction.as_deref()).collect();
        assert_eq!(names, [Some("7"); 2]);
        let error = rows(json!({"comments": []})).remove(0).error.expect("empty").message;
        assert!(error.starts_with("`comments` is empty"), "{error}");
    }

    #[test]
    fn a_list_within_what_has_no_text_is_named() {
        for key in ["tickets", "results", "value"] {
            let error = error_of(json!({"count": 1, "next": null, key: [{"text": "canary"}]}));
            assert!(error.starts_with(&format!("`text` is missing, and `{key}` is a list of")));
            assert!(error.contains(&format!("jq -c '.{key}[]'")) && !error.contains("canary"));
        }
        for other in [
            json!({"tags": ["canary"], "tickets": []}),
            json!({"canary@voorbeeld.nl": [{"text": "canary"}]}),
        ] {
            let error = error_of(other);
            assert!(error.ends_with("name it with --column text=NAME"), "{error}");
        }
        let error = error_of(json!({"files": [{"name": "canary"}], "body": "canary"}));
        assert!(error.contains("--column text=body"), "{error}");
    }

    #[test]
    fn an_interaction_that_would_repeat_too_much_is_an_error() {
        let many: Vec<Value> = (0..1000).map(|_| json!({"text": ""})).collect();
        let rows = read(json!({"interaction": "x".repeat(100_000), "messages": many}));
        assert_eq!(rows.len(), 1);
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
