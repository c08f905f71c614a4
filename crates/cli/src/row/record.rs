//! The rows of one record: a message, or an interaction with its messages inside.

use std::collections::HashSet;
use std::sync::Arc;

use beleving::{Message, Speaker};
use beleving_archive::{Columns, Origin, Times, likely_text, shape, text_of_html};
use jiff::Timestamp;
use serde_json::{Map, Number, Value};

use super::{ANY_OTHER, Named, Row, RowError, Speakers, missing_speaker, name_of_place};

/// What is the same for all rows of one record.
pub(super) struct RecordReader<'a> {
    pub(super) columns: &'a Columns,
    pub(super) speakers: &'a Speakers,
    pub(super) times: &'a Times,
    pub(super) named: &'a [Named],
    pub(super) origin: Origin,
    pub(super) file: Option<Arc<str>>,
    pub(super) number: u64,
}

impl RecordReader<'_> {
    /// A row of which nothing could be read.
    pub(super) fn unreadable(&self, error: RowError) -> Row {
        Row {
            place: 0,
            file: self.file.clone(),
            number: self.number,
            id: None,
            is_numbered: false,
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

    pub(super) fn rows(&self, mut object: Map<String, Value>) -> Vec<Row> {
        self.note(&object);
        let list = self.columns.name("messages");
        let is_one_message = match object.get(list) {
            None | Some(Value::Null) => true,
            Some(Value::Array(_)) => false,
            // A table of messages may have a column of that name, such as a count.
            Some(_) => self.columns.names_of_text().iter().any(|name| object.contains_key(name)),
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
        let interaction = text_of(&object, self.columns, "interaction").ok().flatten();
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
        if (bytes_of(&outer) + ROW_BYTES).saturating_mul(messages.len()) > MAX_REPEATED_BYTES {
            let (n, limit) = (messages.len(), MAX_REPEATED_BYTES);
            let text = format!(
                "the interaction has {n} messages, which with what is kept of it for each take over {limit} bytes"
            );
            return vec![self.unreadable(RowError::input(text))];
        }
        let rows = messages.into_iter().enumerate().map(|(index, message)| {
            // Its number names a message without an id, unless another one is called that.
            let number = Some(index.to_string()).filter(|number| !own_ids.contains(number));
            let Value::Object(message) = message else {
                let text = format!("message {index} is {}, expected an object", kind_of(&message));
                let mut row = Row { is_numbered: number.is_some(), id: number, ..self.row(&outer) };
                row.fail(RowError::input(text));
                return row;
            };
            self.note(&message);
            // Not the interaction's, which is there too where it is kept.
            let own = own_id(&message);
            let is_numbered = own.is_none() && number.is_some();
            let id = own.or(number);
            let mut fields = outer.clone();
            fields.extend(message);
            let mut row = Row { id, is_numbered, ..self.row(&fields) };
            // Of the message a column of that name may be something else, as where it is `id`.
            row.interaction = interaction.clone().or(row.interaction);
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
        let place = || name_of_place(self.file.as_deref(), self.number);
        // One that is the customer's too is no name of an interaction, and would stand there in clear.
        let is_own = self.columns.name("id") != self.columns.name("customer");
        let id = text_of(object, self.columns, "id").ok().flatten().filter(|_| is_own);
        let name = id.unwrap_or_else(place);
        object.insert(self.columns.name("interaction").to_owned(), Value::from(name));
    }

    /// What can be read of a message, and the first thing that is wrong with it.
    fn row(&self, fields: &Map<String, Value>) -> Row {
        let mut error = None;
        let mut text = or_default(self.text(fields), &mut error);
        let mut get = |field| or_default(text_of(fields, self.columns, field), &mut error);
        let (interaction, customer) = (get("interaction"), get("customer"));
        let (channel, _sector) = (get("channel"), get("sector"));
        let (id, role, language) = (get("id"), get("role"), get("language"));
        let label = get("speaker");
        let (speaker, role_of_label) = or_default(self.speaker(label.as_deref()), &mut error);
        let at = or_default(self.at(fields), &mut error);
        let seq = or_default(self.seq(fields), &mut error);
        if error.is_some() {
            text = String::new();
        }
        let role = role.or(role_of_label);
        let kept = |key: &String| (key.clone(), fields.get(key).cloned().unwrap_or(Value::Null));
        Row {
            place: 0,
            file: self.file.clone(),
            number: self.number,
            id: id.clone(),
            is_numbered: false,
            interaction,
            customer,
            channel,
            kept: self.columns.keep.iter().map(kept).collect(),
            names_speaker: label.is_some(),
            message: Message { id, text, speaker, role, at, seq, language },
            error,
        }
    }

    /// The text, or those of several columns of it one below another.
    fn text(&self, fields: &Map<String, Value>) -> Result<String, RowError> {
        let names = self.columns.names_of_text();
        let is_there = |name: &&String| fields.get(*name).is_some_and(|value| !value.is_null());
        let mut there = names.iter().filter(is_there).peekable();
        if names.len() == 1 || there.peek().is_none() {
            return self.text_in(&names[0], fields);
        }
        let texts: Result<Vec<String>, _> = there.map(|name| self.text_in(name, fields)).collect();
        Ok(texts?.join("\n"))
    }

    fn text_in(&self, name: &str, fields: &Map<String, Value>) -> Result<String, RowError> {
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

    /// Who speaks by the label of a row, and the role that it means.
    fn speaker(&self, label: Option<&str>) -> Result<(Speaker, Option<String>), RowError> {
        let Some(label) = label else { return Ok((Speaker::Customer, None)) };
        let stated = |label: &str| {
            let (speaker, role, named) = self.speakers.0.get(label)?;
            named.meet();
            Some((*speaker, role.clone()))
        };
        let known = || Speaker::of_label(label).map(|speaker| (speaker, None));
        let found = stated(&label.to_lowercase()).or_else(known).or_else(|| stated(ANY_OTHER));
        found.ok_or_else(|| {
            let name = self.columns.name("speaker");
            let (found, label) = if may_be_shown(label) {
                (format!("`{name}` is `{label}`"), label)
            } else {
                (format!("`{name}` {MASKED} is `{}`", shape(label)), "LABEL")
            };
            RowError::input(format!(
                "{found}, none of `customer`, `staff`, `bot` and `system`; --speaker {label}=customer states what \
                 another label means, --speaker '*=customer' what all others do"
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

/// What the rows of an interaction may take beside their texts: each message has a copy of the fields of the interaction.
const MAX_REPEATED_BYTES: usize = 64 << 20;

/// About what a row takes that holds nothing but an error.
const ROW_BYTES: usize = 1 << 10;

/// About as many bytes as the values take.
fn bytes_of(fields: &Map<String, Value>) -> usize {
    fields
        .values()
        .map(|value| value.as_str().map_or_else(|| value.to_string().len(), str::len))
        .sum()
}

/// Below it every whole number has a float of its own, so that none stands for two.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// A number as it is written, but 3.0 as 3: tables that know no whole numbers with gaps make the one of the other. `None`
/// for a float that stands for several whole numbers.
fn name_of(number: &Number) -> Option<String> {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(value) if value.abs() >= MAX_WHOLE => None,
        Some(value) if value.fract() == 0.0 => Some((value as i64).to_string()),
        _ => Some(number.to_string()),
    }
}

/// A field as text: null and what is blank as nothing, and truth values as labels of speakers.
fn text_of(
    fields: &Map<String, Value>,
    columns: &Columns,
    field: &str,
) -> Result<Option<String>, RowError> {
    let name = columns.name(field);
    match fields.get(name).filter(|_| !name.is_empty()) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok((!text.trim().is_empty()).then(|| text.clone())),
        Some(Value::Number(number)) => name_of(number).map(Some).ok_or_else(|| {
            RowError::input(format!(
                "`{name}` is a number too large to be exact, expected a string"
            ))
        }),
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
