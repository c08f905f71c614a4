use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::names::names;

/// One utterance: a mail, a chat line, a tweet, a turn of a call.
///
/// `Debug` shows how long the text is and not what it says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Name of the message, unique within its interaction.
    pub id: Option<String>,
    /// What was written, untouched, as plain text: tags of HTML would be read as words.
    pub text: String,
    /// Who wrote it. Only the customer's messages carry risk.
    #[serde(default)]
    pub speaker: Speaker,
    /// The function of the member of staff (`planner`, `debiteurenadministratie`), never a person's name.
    pub role: Option<String>,
    /// When it was sent; `None` where nobody knows. A time that stands for none ([`Self::EARLIEST`]) reads as decades of silence.
    pub at: Option<Timestamp>,
    /// Position in the interaction, where the source numbers its messages. Goes before `at`.
    pub seq: Option<i64>,
    /// Language as a BCP 47 tag; `None` or `und` where it is not known.
    pub language: Option<String>,
}

/// Who wrote a message.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The customer, citizen, patient or tenant.
    #[default]
    Customer,
    /// A person who answers for the organisation.
    Staff,
    /// A program that answers for the organisation.
    Bot,
    /// A notice of the system itself: "ticket closed".
    System,
}

names!(Speaker);

impl Speaker {
    /// All speakers.
    pub const ALL: [Self; 4] = [Self::Customer, Self::Staff, Self::Bot, Self::System];

    /// The speaker in lower case, as files name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
            Self::Bot => "bot",
            Self::System => "system",
        }
    }

    /// Whether it answers for the organisation.
    pub(crate) fn answers(self) -> bool {
        matches!(self, Self::Staff | Self::Bot)
    }

    /// What a label means in whatever case: `customer`, `staff`, `bot`, `system`, and words of the same meaning everywhere, such
    /// as `klant`, `caller`, `agent`, `medewerker` or `chatbot`. `None` for any other.
    pub fn of_label(label: &str) -> Option<Self> {
        Some(match &*label.to_lowercase() {
            "customer" | "klant" | "client" | "caller" | "beller" | "burger" | "patient"
            | "patiënt" | "huurder" | "end-user" => Self::Customer,
            "staff" | "agent" | "medewerker" | "medewerkster" | "employee" => Self::Staff,
            "bot" | "chatbot" => Self::Bot,
            "system" | "systeem" => Self::System,
            _ => return None,
        })
    }
}

impl FromStr for Speaker {
    type Err = Error;

    /// Reads what [`Self::of_label`] knows. The error does not quote the label, which may be anybody's name.
    fn from_str(label: &str) -> Result<Self> {
        Self::of_label(label).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join("`, `");
            let text = format!("no such speaker, expected `{names}` or a label of that meaning");
            Error::new(ErrorKind::Input, text)
        })
    }
}

/// A conversation between one customer and the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Interaction {
    /// Name of the interaction.
    #[serde(alias = "interaction")]
    pub id: String,
    /// Name of the customer, passed through.
    pub customer: Option<String>,
    /// Channel (`email`, `chat`), passed through.
    pub channel: Option<String>,
    /// The messages, staff's included, in any order: they are read by `seq` where every message has one, else by `at` where
    /// every message has one, else as they stand, or backwards where the times of some say so. Those of one id are one message, the later edit of it.
    pub messages: Vec<Message>,
}

impl Message {
    /// When 1990 began. No message was sent before: clocks that were never set say 1970, tables 1900, and such a time stands for
    /// one that nobody knows.
    pub const EARLIEST: Timestamp = Timestamp::constant(631_152_000, 0);

    /// Makes a message of the customer.
    pub fn customer(text: impl Into<String>) -> Self {
        Self {
            id: None,
            text: text.into(),
            speaker: Speaker::Customer,
            role: None,
            at: None,
            seq: None,
            language: None,
        }
    }

    /// Makes a message of staff in the given role.
    pub fn staff(role: impl Into<String>, text: impl Into<String>) -> Self {
        Self { speaker: Speaker::Staff, role: Some(role.into()), ..Self::customer(text) }
    }

    /// Names the message.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Dates the message.
    pub fn sent_at(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }

    /// Numbers the message within its interaction; numbers give the order of reading before times do.
    pub fn numbered(mut self, seq: i64) -> Self {
        self.seq = Some(seq);
        self
    }

    /// States the language, a BCP 47 tag such as `nl` or `nl-BE`.
    pub fn in_language(mut self, tag: impl Into<String>) -> Self {
        self.language = Some(tag.into());
        self
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("text", &format_args!("<{} bytes>", self.text.len()))
            .field("speaker", &self.speaker)
            .field("role", &self.role)
            .field("at", &self.at)
            .field("seq", &self.seq)
            .field("language", &self.language)
            .finish()
    }
}

impl Interaction {
    /// Makes an interaction of messages.
    pub fn new(id: impl Into<String>, messages: Vec<Message>) -> Self {
        Self { id: id.into(), messages, ..Self::default() }
    }

    /// Takes a row's word for whose interaction this is and over which channel. Of rows that disagree the smaller counts,
    /// whatever their order, as in [`InteractionState::merge`](crate::InteractionState::merge).
    pub fn belongs_to(&mut self, customer: Option<&str>, channel: Option<&str>) {
        smaller(&mut self.customer, customer);
        smaller(&mut self.channel, channel);
    }
}

/// A name, if it says anything: an empty cell of a table, or one of blanks, is none.
pub(crate) fn named(name: &str) -> Option<&str> {
    Some(name).filter(|name| !name.trim().is_empty())
}

/// The smaller of two names, if there are two.
pub(crate) fn smaller(there: &mut Option<String>, new: Option<&str>) {
    let new = new.and_then(named);
    if new.is_some_and(|new| there.as_deref().is_none_or(|there| new < there)) {
        *there = new.map(str::to_owned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_is_no_speaker_is_not_quoted() {
        assert_eq!("Klant".parse::<Speaker>().expect("a customer"), Speaker::Customer);
        let refused = "geheim".parse::<Speaker>().expect_err("nobody").to_string();
        assert!(!refused.contains("geheim"), "{refused}");
    }

    #[test]
    fn debug_shows_no_text() {
        let interaction = Interaction::new("i1", vec![Message::customer("geheim").with_id("m1")]);
        let shown = format!("{interaction:?} {interaction:#?}");
        assert!(!shown.contains("geheim"));
        assert!(shown.contains("<6 bytes>"));
    }

    #[test]
    fn of_names_that_disagree_the_smaller_counts_in_any_order() {
        let mut rows = [None, Some("c9"), Some(" "), Some("c1"), Some("")];
        for _ in 0..2 {
            let mut interaction = Interaction::default();
            rows.iter().for_each(|row| interaction.belongs_to(*row, None));
            assert_eq!((interaction.customer.as_deref(), interaction.channel), (Some("c1"), None));
            rows.reverse();
        }
    }
}
