//! Messages out of the columns of a batch. No error quotes a value: it may be message text.

use std::collections::{BTreeMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;

use arrow_array::TimestampMicrosecondArray;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, TimeUnit};
use jiff::Timestamp;

use crate::arrow::schema::RowError;
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Message, Speaker, named};

/// A field of a message that a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Field {
    /// What was written; strings. The one column that has to be there.
    Text,
    /// Name of the message; strings or whole numbers.
    Id,
    /// Name of the interaction; strings or whole numbers.
    Interaction,
    /// `customer`, `staff`, `bot` or `system`; the customer where there is none.
    Speaker,
    /// Function of the member of staff, never a person's name.
    Role,
    /// When it was sent: timestamps (UTC where they have no zone), dates (midnight in UTC) or RFC 3339 strings, which have an offset.
    At,
    /// Position in the interaction; whole numbers.
    Seq,
    /// Language as a BCP 47 tag.
    Language,
    /// Name of the customer, passed through to the verdict.
    Customer,
    /// Channel, passed through to the verdict.
    Channel,
}

impl Field {
    /// All fields.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::Id,
        Self::Interaction,
        Self::Speaker,
        Self::Role,
        Self::At,
        Self::Seq,
        Self::Language,
        Self::Customer,
        Self::Channel,
    ];

    /// The name, in lower case; also that of its column unless [`Columns`] says another.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Id => "id",
            Self::Interaction => "interaction",
            Self::Speaker => "speaker",
            Self::Role => "role",
            Self::At => "at",
            Self::Seq => "seq",
            Self::Language => "language",
            Self::Customer => "customer",
            Self::Channel => "channel",
        }
    }
}

impl FromStr for Field {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join("`, `");
            input(format!("`{name}` is no field of a message, expected one of `{known}`"))
        })
    }
}

/// Under which names the fields of a message stand in a batch.
///
/// A field that is not named is read from the column of its own name, if there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns(BTreeMap<Field, String>);

impl Columns {
    /// Reads every field from the column of its own name.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the column of a field, which then has to be there.
    pub fn named(mut self, field: Field, column: impl Into<String>) -> Self {
        self.0.insert(field, column.into());
        self
    }

    /// The name of a field's column.
    pub fn name(&self, field: Field) -> &str {
        self.0.get(&field).map_or(field.name(), String::as_str)
    }

    /// Looks the columns of some fields up, in a form that rows can be read from.
    pub(super) fn messages(&self, batch: &RecordBatch, fields: &[Field]) -> Result<Messages> {
        // Also those that are not read here: a name that is nowhere is a slip.
        let named = self.0.values().map(String::as_str);
        for name in named.chain([self.name(Field::Text)]) {
            if batch.column_by_name(name).is_none() {
                let there = batch.schema();
                let there = there.fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>();
                let text = format!("there is no column `{name}` among `{}`", there.join("`, `"));
                return Err(input(text));
            }
        }
        let find = |field| fields.contains(&field).then(|| self.find(batch, field)).flatten();
        let mut unfit = Vec::new();
        let mut read = |field, column: &ArrayRef, read: ArrayRef| {
            unfit.push((field, lost(column, &read)));
            read
        };
        let mut text = |field| match find(field) {
            Some(column) => {
                let texts = read(field, column, self.texts(field, column)?);
                Ok(texts.as_string().clone())
            }
            None => Ok(LargeStringArray::new_null(batch.num_rows())),
        };
        let [id, interaction] = [text(Field::Id)?, text(Field::Interaction)?];
        let [speaker, role] = [text(Field::Speaker)?, text(Field::Role)?];
        let [customer, channel] = [text(Field::Customer)?, text(Field::Channel)?];
        let (text, language) = (text(Field::Text)?, text(Field::Language)?);
        let seq = match find(Field::Seq) {
            Some(column) => {
                let whole = whole_numbers(column)
                    .and_then(|whole| cast(&whole, &DataType::Int64))
                    .ok_or_else(|| self.other_type(Field::Seq, column, "whole numbers"))?;
                read(Field::Seq, column, whole).as_primitive::<Int64Type>().clone()
            }
            None => Int64Array::new_null(batch.num_rows()),
        };
        let at = match find(Field::At) {
            Some(column) => {
                let times = match values_of(column) {
                    DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
                        cast(column, &DataType::Timestamp(TimeUnit::Microsecond, None))
                            .ok_or_else(|| self.other_type(Field::At, column, "times"))?
                    }
                    _ => self.texts(Field::At, column)?,
                };
                let times = read(Field::At, column, times);
                match times.as_primitive_opt::<TimestampMicrosecondType>() {
                    Some(instants) => Times::Instants(instants.clone()),
                    None => Times::Texts(times.as_string().clone()),
                }
            }
            None => Times::Texts(LargeStringArray::new_null(batch.num_rows())),
        };
        unfit.retain(|(_, rows)| !rows.is_empty());
        Ok(Messages {
            columns: self.clone(),
            text,
            id,
            interaction,
            speaker,
            role,
            language,
            customer,
            channel,
            seq,
            at,
            unfit,
        })
    }

    /// The column of a field. One of nulls alone may have any type, as data frames have it, and says nothing.
    fn find<'a>(&self, batch: &'a RecordBatch, field: Field) -> Option<&'a ArrayRef> {
        let column = batch.column_by_name(self.name(field))?;
        (column.logical_null_count() < column.len()).then_some(column)
    }

    /// A column as strings; whole numbers as they are written, where they name something.
    fn texts(&self, field: Field, column: &ArrayRef) -> Result<ArrayRef> {
        let is_name = matches!(field, Field::Id | Field::Interaction | Field::Customer);
        let readable = if values_of(column).is_string() {
            Some(column.clone())
        } else {
            whole_numbers(column).filter(|_| is_name)
        };
        readable.and_then(|readable| cast(&readable, &DataType::LargeUtf8)).ok_or_else(|| {
            let expected = match field {
                Field::At => "timestamps, dates or RFC 3339 strings",
                _ if is_name => "strings or whole numbers",
                _ => "strings",
            };
            self.other_type(field, column, expected)
        })
    }

    fn other_type(&self, field: Field, column: &ArrayRef, expected: &str) -> Error {
        let (name, found) = (self.name(field), column.data_type());
        input(format!("column `{name}` has type {found}, expected {expected}"))
    }
}

/// A column of whole numbers, also where a data frame that knows no gaps in them made floats or decimals of it. A value that is
/// none is null; `None` for a column of anything else.
fn whole_numbers(column: &ArrayRef) -> Option<ArrayRef> {
    let values = values_of(column);
    if values.is_integer() {
        return Some(column.clone());
    }
    if matches!(values, DataType::Decimal128(_, 0)) {
        return cast(column, &DataType::Int64);
    }
    if !values.is_floating() {
        return None;
    }
    // Below it every whole number has a float of its own.
    let is_whole = |x: f64| x.fract() == 0.0 && x.abs() < 9_007_199_254_740_992.0;
    let floats = cast(column, &DataType::Float64)?;
    let floats: &Float64Array = floats.as_primitive();
    let whole: Int64Array = floats.unary_opt(|x| is_whole(x).then_some(x as i64));
    Some(Arc::new(whole))
}

fn values_of(column: &ArrayRef) -> &DataType {
    match column.data_type() {
        DataType::Dictionary(_, values) => values,
        other => other,
    }
}

/// A column as another type, a value that does not fit it as null; `None` where the one is not made of the other.
fn cast(column: &ArrayRef, to: &DataType) -> Option<ArrayRef> {
    cast_with_options(column, to, &CastOptions { safe: true, ..CastOptions::default() }).ok()
}

/// The rows whose values did not fit the type in which a column is read.
fn lost(column: &ArrayRef, read: &ArrayRef) -> HashSet<usize> {
    let nulls = [column.logical_nulls(), read.logical_nulls()];
    let [before, after] = nulls
        .each_ref()
        .map(|nulls| move |n: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(n)));
    (0..column.len()).filter(|&n| after(n) && !before(n)).collect()
}

/// The columns of a batch, looked up and in one type each.
pub(super) struct Messages {
    columns: Columns,
    text: LargeStringArray,
    id: LargeStringArray,
    interaction: LargeStringArray,
    speaker: LargeStringArray,
    role: LargeStringArray,
    language: LargeStringArray,
    customer: LargeStringArray,
    channel: LargeStringArray,
    seq: Int64Array,
    at: Times,
    /// Fields with values that are none of their type, and in which rows.
    unfit: Vec<(Field, HashSet<usize>)>,
}

enum Times {
    Instants(TimestampMicrosecondArray),
    Texts(LargeStringArray),
}

/// One row of a batch.
pub(super) enum Row {
    Message(Message),
    /// The text is null.
    Null,
    Faulty(RowError),
}

impl Row {
    pub(super) fn message(&self) -> Option<&Message> {
        match self {
            Self::Message(message) => Some(message),
            Self::Null | Self::Faulty(_) => None,
        }
    }
}

impl Messages {
    pub(super) fn row(&self, n: usize) -> Row {
        let Some(text) = self.text.is_valid(n).then(|| self.text.value(n)) else {
            return Row::Null;
        };
        match self.frame(n) {
            (message, None) => Row::Message(Message { text: text.to_owned(), ..message }),
            (_, Some(error)) => Row::Faulty(error),
        }
    }

    /// What can be read of a message but its text, and the first thing that is wrong with it.
    pub(super) fn frame(&self, n: usize) -> (Message, Option<RowError>) {
        let mut error = None;
        let mut fault = |field, expected| {
            let name = self.columns.name(field);
            error.get_or_insert_with(|| RowError::input(format!("`{name}` is {expected}")));
        };
        for (field, _) in self.unfit.iter().filter(|(_, rows)| rows.contains(&n)) {
            let is_time = *field == Field::At;
            fault(*field, if is_time { OUT_OF_RANGE } else { "no whole number of 64 bits" });
        }
        let speaker = match word(&self.speaker, n).map(Speaker::of_label) {
            None => Speaker::Customer,
            Some(Some(speaker)) => speaker,
            Some(None) => {
                fault(Field::Speaker, "none of `customer`, `staff`, `bot` and `system`");
                Speaker::Customer
            }
        };
        let no_time = "no time with an offset, expected RFC 3339 such as 2026-03-01T09:30:00+01:00";
        let at = match &self.at {
            Times::Instants(at) if at.is_valid(n) => {
                let at = Timestamp::from_microsecond(at.value(n));
                at.inspect_err(|_| fault(Field::At, OUT_OF_RANGE)).ok()
            }
            Times::Instants(_) => None,
            Times::Texts(at) => word(at, n)
                .and_then(|at| at.parse().inspect_err(|_| fault(Field::At, no_time)).ok()),
        };
        let at = at.filter(|at| {
            let known = *at >= Message::EARLIEST;
            if !known {
                fault(Field::At, "a time before 1990, expected when it was sent, or nothing");
            }
            known
        });
        let owned = |column: &LargeStringArray| word(column, n).map(str::to_owned);
        let message = Message {
            id: owned(&self.id),
            text: String::new(),
            speaker,
            role: owned(&self.role),
            at,
            seq: self.seq.is_valid(n).then(|| self.seq.value(n)),
            language: owned(&self.language),
        };
        (message, error)
    }

    /// Why a message without a text has failed.
    pub(super) fn no_text(&self) -> RowError {
        RowError::input(format!("`{}` is null, expected a string", self.columns.name(Field::Text)))
    }

    pub(super) fn id(&self, n: usize) -> Option<&str> {
        word(&self.id, n)
    }

    pub(super) fn interaction(&self, n: usize) -> Option<&str> {
        word(&self.interaction, n)
    }

    pub(super) fn names_speaker(&self, n: usize) -> bool {
        word(&self.speaker, n).is_some()
    }

    pub(super) fn customer(&self, n: usize) -> Option<&str> {
        word(&self.customer, n)
    }

    pub(super) fn channel(&self, n: usize) -> Option<&str> {
        word(&self.channel, n)
    }
}

/// What is wrong with a time that no calendar has.
const OUT_OF_RANGE: &str = "out of the range of times";

/// A value that is there and not empty.
fn word(column: &LargeStringArray, n: usize) -> Option<&str> {
    column.is_valid(n).then(|| column.value(n)).and_then(named)
}

fn input(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::Input, text)
}
