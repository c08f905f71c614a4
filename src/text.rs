//! From the text of a message to token ids.

pub(crate) mod auto_reply;
pub(crate) mod clean;
pub(crate) mod cues;
pub(crate) mod language;
mod notices;
mod quotes;
pub(crate) mod sentences;
pub(crate) mod tokenizer;
mod unigram;
pub(crate) mod window;
