use std::path::Path;
use std::sync::Arc;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::heads::Heads;
use crate::labels::{HeadReading, Meaning};
use crate::message::{Interaction, Message, Speaker};
use crate::parallel::Workers;
use crate::policy::Policy;
use crate::scores::{MessageScores, NotAssessable};
use crate::scoring::aggregate;
use crate::scoring::calibrate::{self, WindowLogits};
use crate::text::language::{self, Language};
use crate::text::tokenizer::Tokenizer;
use crate::text::window::Windows;
use crate::text::{auto_reply, clean};
use crate::verdict::Verdict;

mod batches;
pub(crate) mod builder;
mod encoder;
mod trial;

pub use batches::Duplicates;
pub use builder::ScorerBuilder;
pub use encoder::Encoder;

/// A loaded model that scores messages and judges interactions.
///
/// It is `Send + Sync` and every call takes `&self`: load one and share it. It opens no network
/// connection, writes no file and keeps no text.
///
/// ```
/// use beleving::{Message, Scorer};
///
/// let scorer = Scorer::open("models/tiny")?;
/// let scores = scorer.score(&[Message::customer("Ik wacht al drie weken op antwoord.")]);
/// let scores = scores[0].as_ref().expect("a text that can be scored");
/// assert!((0.0..=1.0).contains(&scores.risk.expect("a model with a risk head")));
/// # Ok::<(), beleving::Error>(())
/// ```
pub struct Scorer {
    engine: Box<dyn Engine>,
    heads: Heads,
    readings: Vec<HeadReading>,
    tokenizer: Tokenizer,
    windows: Windows,
    /// Languages the model was made for; empty where it does not say.
    languages: Vec<String>,
    workers: Workers,
    duplicates: Duplicates,
    policy: Policy,
    model_id: Arc<str>,
    policy_id: Arc<str>,
}

/// One message ready for the engine, or the reason why it is not read.
struct Prepared {
    why: Option<NotAssessable>,
    language: Option<String>,
    /// As [`MessageScores::read`].
    read: Option<[usize; 2]>,
    windows: Vec<Vec<u32>>,
    truncated: bool,
}

impl Scorer {
    /// Opens a model folder with the defaults: native engine, all cores, the folder's own policy.
    ///
    /// # Errors
    /// As [`ScorerBuilder::build`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        Self::builder().model(folder.as_ref()).build()
    }

    /// Starts to configure a scorer.
    pub fn builder() -> ScorerBuilder {
        ScorerBuilder::default()
    }

    /// Scores messages, each read on its own; results in input order.
    ///
    /// A message's scores are the same bits whatever it is scored together with, in whatever order
    /// and on however many threads, for one
    /// model, engine, precision and CPU tier.
    ///
    /// # Errors
    /// Per message: [`ErrorKind::Tokenizer`] if the tokenizer gives an id that the model has no row
    /// for, [`ErrorKind::Engine`] if libtorch fails.
    pub fn score(&self, messages: &[Message]) -> Vec<Result<MessageScores>> {
        let prepared = self.workers.map(messages, |message| self.prepare(message));
        // Flat over all messages: the batches take windows of any message.
        let mut windows: Vec<&[u32]> = Vec::new();
        let firsts: Vec<usize> = prepared
            .iter()
            .map(|prepared| {
                let first = windows.len();
                windows.extend(prepared.iter().flat_map(|p| &p.windows).map(Vec::as_slice));
                first
            })
            .collect();
        let logits = self.logits(&windows);
        let scored =
            prepared.iter().zip(firsts).zip(messages).map(|((prepared, first), message)| {
                let prepared = prepared.as_ref().map_err(Error::clone)?;
                let own = first..first + prepared.windows.len();
                let logits: Vec<WindowLogits<'_>> = logits[own.clone()]
                    .iter()
                    .zip(&windows[own])
                    .map(|(logits, window)| {
                        let logits = logits.as_ref().map_err(Error::clone)?;
                        Ok(WindowLogits { logits, weight: window.len() as f32 })
                    })
                    .collect::<Result<_>>()?;
                Ok(self.read(message, prepared, &logits))
            });
        scored.collect()
    }

    /// Scores one message.
    ///
    /// # Errors
    /// As [`Self::score`].
    pub fn score_one(&self, message: &Message) -> Result<MessageScores> {
        self.score(std::slice::from_ref(message)).pop().expect("one result for one message")
    }

    /// Judges interactions; results in input order.
    ///
    /// # Errors
    /// Per interaction: [`ErrorKind::Unsupported`] if the model has no risk head.
    pub fn judge(&self, interactions: &[Interaction]) -> Vec<Result<Verdict>> {
        let messages: Vec<Message> =
            interactions.iter().flat_map(|i| i.messages.iter().cloned()).collect();
        let mut scores = self.score(&messages).into_iter();
        interactions
            .iter()
            .map(|interaction| {
                let own: Vec<_> = scores.by_ref().take(interaction.messages.len()).collect();
                self.judge_scored(
                    interaction,
                    &own.iter().map(|s| s.as_ref().ok()).collect::<Vec<_>>(),
                )
            })
            .collect()
    }

    /// Judges one interaction.
    ///
    /// # Errors
    /// As [`Self::judge`].
    pub fn judge_one(&self, interaction: &Interaction) -> Result<Verdict> {
        self.judge(std::slice::from_ref(interaction)).pop().expect("one result for one interaction")
    }

    /// Judges an interaction whose messages were scored before, by a scorer of the same model.
    ///
    /// `scores[n]` belongs to message `n`; `None` marks a message that failed. The texts are not read:
    /// they may be gone by now.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if the model has no risk head, [`ErrorKind::Input`] if there are not
    /// as many scores as messages.
    pub fn judge_scored(
        &self,
        interaction: &Interaction,
        scores: &[Option<&MessageScores>],
    ) -> Result<Verdict> {
        if !self.readings.iter().any(|head| head.meanings.contains(&Meaning::Risk)) {
            let text = "this model has no risk head, so it cannot judge; map one of its labels to \
                        `bad_experience` if it means that";
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
        let (found, expected) = (scores.len(), interaction.messages.len());
        if found != expected {
            let id = &interaction.id;
            let text = format!("interaction `{id}` has {found} scores, expected {expected}");
            return Err(Error::new(ErrorKind::Input, text));
        }
        let (model, policy) = (self.model_id.clone(), self.policy_id.clone());
        Ok(aggregate::judge(interaction, scores, &self.policy, model, policy))
    }

    /// The model, as `name@version`.
    pub fn model_id(&self) -> &str {
        &self.model_id
    }

    /// The policy that scores are flagged by.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The CPU tier or device that the engine computes on: the name of a [`Tier`](crate::Tier),
    /// `libtorch-cpu` or `libtorch-cuda`.
    pub fn tier(&self) -> &'static str {
        self.engine.tier()
    }

    /// The number format that the engine computes in: `f32`, `bf16` or `int8`.
    pub fn precision(&self) -> &'static str {
        self.engine.precision()
    }

    /// Number of threads that a call runs on.
    pub fn threads(&self) -> usize {
        self.workers.count()
    }

    fn prepare(&self, message: &Message) -> Result<Prepared> {
        let not_read = |why, language| {
            let windows = Vec::new();
            Ok(Prepared { why: Some(why), language, read: None, windows, truncated: false })
        };
        // Read no more than could fill the windows at the longest pieces there are.
        let longest = self.windows.tokens * self.windows.limit * BYTES_PER_TOKEN;
        let text = &message.text[..message.text.floor_char_boundary(longest)];
        let ranges = clean::own_words(text);
        let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
            return not_read(NotAssessable::NoText, None);
        };
        let read = scalar_span(text, first.start, last.end);
        let own: String = ranges.into_iter().map(|range| &text[range]).collect();
        if auto_reply::is_auto_reply(&own) {
            return not_read(NotAssessable::AutoReply, None);
        }
        let language = match language::language(message, &own, &self.languages) {
            Language::Known(tag) => Some(tag),
            Language::Unclear => None,
            Language::Unsupported => return not_read(NotAssessable::UnsupportedLanguage, None),
        };
        let ids = self.tokenizer.ids(own.trim())?;
        let (parts, cut) = self.windows.cut(ids.len());
        Ok(Prepared {
            why: None,
            language,
            read: Some(read),
            windows: parts.into_iter().map(|part| self.tokenizer.wrap(&ids, part)).collect(),
            truncated: cut || text.len() < message.text.len(),
        })
    }

    /// Logits of every window, in order; a batch that fails fails for each of its windows.
    fn logits(&self, windows: &[&[u32]]) -> Vec<Result<Vec<f32>>> {
        batches::run(&self.workers, self.duplicates, windows, |packed| {
            Ok(self.heads.logits(&self.engine.encode(packed)?, packed))
        })
    }

    fn read(
        &self,
        message: &Message,
        prepared: &Prepared,
        logits: &[WindowLogits<'_>],
    ) -> MessageScores {
        let reading = calibrate::read(&self.readings, logits);
        let risk = reading.risk.filter(|_| message.speaker == Speaker::Customer);
        MessageScores {
            why: prepared.why,
            sentiment: reading.sentiment,
            risk,
            flagged: risk.is_some_and(|risk| risk >= self.policy.flag_at),
            signals: reading.signals,
            intents: reading.intents,
            language: prepared.language.clone(),
            read: prepared.read,
            windows: prepared.windows.len(),
            truncated: prepared.truncated,
            model: self.model_id.clone(),
            policy: self.policy_id.clone(),
        }
    }
}

/// `text[start..end]`, without the white space around it, in Unicode scalar values.
fn scalar_span(text: &str, start: usize, end: usize) -> [usize; 2] {
    let inner = &text[start..end];
    let start = start + (inner.len() - inner.trim_start().len());
    let first = text[..start].chars().count();
    [first, first + inner.trim().chars().count()]
}

/// Bytes of text per token of the window limit beyond which a text is not even tokenised. Dutch has
/// about 5 bytes a token; only white space and letters of other scripts come near this.
const BYTES_PER_TOKEN: usize = 32;

impl std::fmt::Debug for Scorer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scorer")
            .field("model", &self.model_id)
            .field("policy", &self.policy_id)
            .field("tier", &self.tier())
            .field("precision", &self.precision())
            .field("threads", &self.threads())
            .finish_non_exhaustive()
    }
}
