use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One utterance: a mail, a chat line, a tweet, a turn of a call.
///
/// `Debug` shows how long the text is and not what it says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Name of the message, unique within its interaction.
    #[serde(default)]
    pub id: Option<String>,
    /// What was written, untouched.
    pub text: String,
    /// Who wrote it. Only the customer's messages carry risk.
    #[serde(default)]
    pub speaker: Speaker,
    /// The function of the member of staff (`planner`, `debiteurenadministratie`), never a person's name.
    #[serde(default)]
    pub role: Option<String>,
    /// When it was sent.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Position in the interaction, where the source numbers its messages. Goes before `at`.
    #[serde(default)]
    pub seq: Option<i64>,
    /// Language as a BCP 47 tag; `None` or `und` where it is not known.
    #[serde(default)]
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

/// A conversation between one customer and the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Interaction {
    /// Name of the interaction.
    pub id: String,
    /// Name of the customer, passed through.
    #[serde(default)]
    pub customer: Option<String>,
    /// Channel (`email`, `chat`), passed through.
    #[serde(default)]
    pub channel: Option<String>,
    /// The messages, staff's included. Any order: [`Interaction::order`] gives the order of reading.
    pub messages: Vec<Message>,
}

impl Message {
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

    /// The order in which the messages are read: indices into `messages`.
    ///
    /// By `seq` where every message has one, else by `at` where every message has one, else as they
    /// stand. Equal keys keep their places.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.messages.len()).collect();
        if self.messages.iter().all(|m| m.seq.is_some()) {
            order.sort_by_key(|&n| self.messages[n].seq);
        } else if self.messages.iter().all(|m| m.at.is_some()) {
            order.sort_by_key(|&n| self.messages[n].at);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_text() {
        let interaction = Interaction::new("i1", vec![Message::customer("geheim").with_id("m1")]);
        let shown = format!("{interaction:?} {interaction:#?}");
        assert!(!shown.contains("geheim"));
        assert!(shown.contains("<6 bytes>"));
    }

    #[test]
    fn seq_goes_before_time_and_time_before_place() {
        let at = |s: i64| Timestamp::from_second(s).expect("in range");
        let mut messages =
            vec![Message::customer("a").sent_at(at(3)), Message::customer("b").sent_at(at(1))];
        let order = |messages: &[Message]| Interaction::new("i", messages.to_vec()).order();
        assert_eq!(order(&messages), [1, 0]);
        messages[0].seq = Some(1);
        assert_eq!(order(&messages), [1, 0]);
        messages[1].seq = Some(2);
        assert_eq!(order(&messages), [0, 1]);
        assert_eq!(order(&[Message::customer("a"), messages[1].clone()]), [0, 1]);
    }
}
