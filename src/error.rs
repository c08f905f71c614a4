use std::sync::Arc;

use crate::names::names;

/// Everything that can go wrong in this crate.
///
/// The text names what was found and what was expected. It never holds message text: messages are
/// customer data, so an error about one names its id and position instead.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    kind: ErrorKind,
    text: String,
    #[source]
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The result of a fallible call of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What an [`Error`] is about, for callers that decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file of the model folder is missing or cannot be read.
    Io,
    /// `config.json` or `beleving.json` does not parse or holds values that cannot be.
    Config,
    /// `tokenizer.json` does not parse, or does not fit the model.
    Tokenizer,
    /// `model.safetensors` is not a safetensors file: truncated, or its header does not fit its size.
    Weights,
    /// The weights lack a tensor that the configuration asks for.
    MissingTensor,
    /// A tensor has another shape or number type than the configuration asks for.
    Shape,
    /// A weight is NaN or infinite.
    NonFinite,
    /// A file of the model folder is not the one its `beleving.json` was written for.
    Checksum,
    /// The meaning of a model's label is unknown, or a label map does not fit the model.
    Labels,
    /// The model, engine or device is one that this build does not run, or a name is none that it knows.
    Unsupported,
    /// A message or interaction that cannot be scored as given.
    Input,
    /// A policy that cannot be read, or has values out of range.
    Policy,
    /// States of interactions that do not belong together: another model, form or interaction.
    State,
    /// libtorch refused an operation.
    Engine,
    /// The thread pool could not be started, or is to have no threads or too many.
    Threads,
}

impl ErrorKind {
    /// The kind in snake case, as the command prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::Config => "config",
            Self::Tokenizer => "tokenizer",
            Self::Weights => "weights",
            Self::MissingTensor => "missing_tensor",
            Self::Shape => "shape",
            Self::NonFinite => "non_finite",
            Self::Checksum => "checksum",
            Self::Labels => "labels",
            Self::Unsupported => "unsupported",
            Self::Input => "input",
            Self::Policy => "policy",
            Self::State => "state",
            Self::Engine => "engine",
            Self::Threads => "threads",
        }
    }
}

names!(ErrorKind);

impl Error {
    /// What the error is about.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later, for queues that redeliver: it failed for want of
    /// memory, threads or a device, not because of what it was given.
    pub fn is_retryable(&self) -> bool {
        // Threads that were refused have a cause; a number that cannot be has none.
        match self.kind {
            ErrorKind::Engine => true,
            ErrorKind::Threads => self.source.is_some(),
            _ => false,
        }
    }

    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), source: None }
    }

    pub(crate) fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn a_number_of_threads_that_cannot_be_is_not_tried_again() {
        let refused = Error::new(ErrorKind::Threads, "0 threads, expected 1 to 1024");
        assert!(!refused.is_retryable());
        assert!(refused.caused_by(std::io::Error::other("no memory")).is_retryable());
    }

    #[test]
    fn cause_is_kept_as_source_and_not_in_the_text() {
        let error = Error::new(ErrorKind::Io, "cannot read `config.json`")
            .caused_by(std::io::Error::other("disk on fire"));
        assert_eq!(error.to_string(), "cannot read `config.json`");
        assert_eq!(error.source().expect("a source").to_string(), "disk on fire");
    }
}
