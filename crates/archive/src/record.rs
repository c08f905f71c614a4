//! What the readers give: one record after another, a bad one being data too.

use std::sync::Arc;

use serde_json::{Map, Value};

/// One line, record, mail or call of the input.
#[derive(Debug)]
pub struct Record {
    /// The file as errors name it; `None` for standard input.
    pub file: Option<Arc<str>>,
    /// Line of a JSONL file, record of a table, mail of a mailbox; from 1.
    pub row: u64,
    /// What kind of archive it comes from.
    pub origin: Origin,
    /// Its fields, or why there are none.
    pub fields: Result<Map<String, Value>, Fault>,
}

/// Where a record comes from: that decides under which names its fields stand, and which of them are
/// personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A table or JSON: fields under the names of the input.
    Table,
    /// A mail: fields under our own names; `id`, `interaction` and `customer` hold mail addresses.
    Mail,
    /// A transcript of a call: fields under our own names.
    Call,
}

/// Why a record cannot be read. Never quotes what it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

impl Fault {
    /// Makes a fault of what was found and what was expected.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Where records go.
pub trait Sink {
    /// Takes one record, in order.
    ///
    /// # Errors
    /// [`Stopped`] ends the reading; anything else ends it too, as an error of the taker.
    fn take(&mut self, record: Record) -> anyhow::Result<()>;

    /// Hears that the input may now keep it waiting, as a pipe does.
    ///
    /// # Errors
    /// As [`Self::take`].
    fn may_wait(&mut self) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Said by a [`Sink`] that wants no more.
#[derive(Debug, thiserror::Error)]
#[error("the reading was stopped")]
pub struct Stopped;
