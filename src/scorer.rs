use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::heads::Heads;
use crate::labels::HeadReading;
use crate::marks::{Mark, MarkKind};
use crate::message::{Interaction, Message, Speaker};
use crate::model::manifest::AnswersConfig;
use crate::parallel::Workers;
use crate::policy::Policy;
use crate::record::MessageRecord;
use crate::scorer::known::Known;
use crate::scores::{MessageScores, NotAssessable, sigmoid};
use crate::scoring::calibrate::{self, WindowLogits};
use crate::scoring::judge::Judge;
use crate::scoring::state::InteractionState;
use crate::sketch::Sketch;
use crate::text::language::{self, Language};
use crate::text::tokenizer::{self, Tokenizer};
use crate::text::window::Windows;
use crate::text::{auto_reply, clean, cues, sentences};
use crate::verdict::Verdict;

mod batches;
pub(crate) mod builder;
mod encoder;
mod known;
mod trial;

pub use batches::Duplicates;
pub use builder::ScorerBuilder;
pub use encoder::Encoder;

/// Sentences of a message that are left out in turn; a letter that is longer is seldom decided further on.
const MAX_SENTENCES: usize = 24;

/// Flagged messages whose sentences are left out in one go. Each text is there once a sentence: of the longest letters these take
/// 100 MB.
const EXPLAINED_TOGETHER: usize = 16;

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
    known: Known,
    policy: Policy,
    judge: Judge,
    /// Median of each projection; `None` where the model's folder has none.
    sketch: Option<Vec<f32>>,
    /// How much an answer lets its reader down; `None` where the model's folder cannot tell.
    answers: Option<AnswersConfig>,
    model_id: Arc<str>,
    policy_id: Arc<str>,
}

/// One message ready for the engine, or the reason why it is not read.
struct Prepared {
    why: Option<NotAssessable>,
    language: Option<String>,
    /// As [`MessageScores::read`].
    read: Option<[usize; 2]>,
    marks: Vec<Mark>,
    words: usize,
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
    /// A message's scores are the same bits whatever it is scored together with, in whatever order and on however many
    /// threads, for one model, engine, precision and CPU tier.
    ///
    /// # Errors
    /// Per message: [`ErrorKind::Tokenizer`] if the tokenizer gives an id that the model has no row
    /// for, [`ErrorKind::NonFinite`] if the model's outputs are no numbers, [`ErrorKind::Engine`] if libtorch fails.
    pub fn score(&self, messages: &[Message]) -> Vec<Result<MessageScores>> {
        self.score_each(messages)
    }

    fn score_each<M: Borrow<Message> + Sync>(&self, messages: &[M]) -> Vec<Result<MessageScores>> {
        self.read_all(messages, |message, prepared, logits| self.read(message, prepared, logits))
    }

    /// Scores messages, and looks in each whose risk reaches `flag_at` or `flag_interaction_at` for the sentence without which
    /// the risk falls most: a mark of kind [`MarkKind::Heaviest`]. Takes one reading a sentence of such a message, of at most 24.
    ///
    /// # Errors
    /// As [`Self::score`].
    pub fn score_explained(&self, messages: &[Message]) -> Vec<Result<MessageScores>> {
        let mut scored = self.score(messages);
        let read = messages.iter().zip(&mut scored);
        let from = self.policy.flag_at.min(self.policy.flag_interaction_at);
        let mut risky: Vec<(&Message, &mut MessageScores)> = read
            .filter_map(|(message, scores)| Some((message, scores.as_mut().ok()?)))
            .filter(|(_, scores)| scores.risk.is_some_and(|risk| risk >= from))
            .collect();
        risky.chunks_mut(EXPLAINED_TOGETHER).for_each(|some| self.mark_heaviest(some));
        scored
    }

    /// Marks in each message the sentence without which its risk falls most.
    fn mark_heaviest(&self, messages: &mut [(&Message, &mut MessageScores)]) {
        // (message, sentence) of every sentence; `without` has the texts without them.
        let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
        let mut without: Vec<Message> = Vec::new();
        for (n, (message, scores)) in messages.iter().enumerate() {
            let text = self.readable(&message.text);
            let mut ranges = clean::own_words(text);
            clean::cut_off(&mut ranges, text, self.most_bytes(self.windows.limit));
            let text = &text[..ranges.last().map_or(0, |last| last.end)];
            for range in sentences::sentences(text, &ranges).into_iter().take(MAX_SENTENCES) {
                let rest = format!("{}{}", &text[..range.start], &text[range.end..]);
                // What language it is does not change with a sentence.
                let language = scores.language.clone();
                without.push(Message { language, ..Message::customer(rest) });
                parts.push((n, range));
            }
        }
        let mut heaviest: BTreeMap<usize, (f32, Range<usize>)> = BTreeMap::new();
        for ((n, range), rest) in parts.into_iter().zip(self.score(&without)) {
            let left = match rest {
                Ok(MessageScores { risk: Some(risk), .. }) => risk,
                // Of a message of one sentence nothing is left: all of its risk is that sentence's.
                Ok(MessageScores { why: Some(NotAssessable::NoText), .. }) => 0.0,
                _ => continue,
            };
            let fall = messages[n].1.risk.unwrap_or_default() - left;
            if fall > 0.0 && heaviest.get(&n).is_none_or(|(most, _)| fall > *most) {
                heaviest.insert(n, (fall, range));
            }
        }
        for (n, (fall, range)) in heaviest {
            let (message, scores) = &mut messages[n];
            let span = cues::scalars(&message.text, range);
            let weight = (fall * 100.0).round() as u8;
            scores.marks.push(Mark { kind: MarkKind::Heaviest, span, weight });
        }
    }

    /// The encoder's vectors of messages and the 128 projections that their sketches are made of, for training;
    /// `None` where nothing was read.
    #[doc(hidden)]
    pub fn vectors(&self, messages: &[Message]) -> Vec<Result<Option<[Vec<f32>; 2]>>> {
        self.read_all(messages, |_, _, logits| {
            let vector = calibrate::read(&self.readings, logits).vector;
            let projections = (!vector.is_empty()).then(|| self.heads.projections(&vector))?;
            Some([vector, projections])
        })
    }

    /// Prepares messages, runs the engine and makes something of each; results in input order.
    fn read_all<T, M: Borrow<Message> + Sync>(
        &self,
        messages: &[M],
        read: impl Fn(&Message, &Prepared, &[WindowLogits<'_>]) -> T,
    ) -> Vec<Result<T>> {
        let prepared = self.workers.map(messages, |message| self.prepare(message.borrow()));
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
                        if !logits.iter().all(|logit| logit.is_finite()) {
                            let text = "the model's outputs for this message are no numbers: its weights overflow";
                            return Err(Error::new(ErrorKind::NonFinite, text));
                        }
                        Ok(WindowLogits { logits, weight: window.len() as f32 })
                    })
                    .collect::<Result<_>>()?;
                Ok(read(message.borrow(), prepared, &logits))
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
        self.judge_by(interactions, &self.policy)
    }

    /// Judges interactions under a policy of the caller's, such as a tenant's; results in input order.
    ///
    /// # Errors
    /// As [`Self::judge`], and [`ErrorKind::Policy`] for a policy out of range.
    pub fn judge_by(&self, interactions: &[Interaction], policy: &Policy) -> Vec<Result<Verdict>> {
        // Before anything is read, which takes long.
        let judge = match self.judge.check().and_then(|()| self.judge.under(policy)) {
            Ok(judge) => judge,
            Err(error) => return interactions.iter().map(|_| Err(error.clone())).collect(),
        };
        let states = self.states(interactions).into_iter();
        states.map(|state| judge.verdict(&state?)).collect()
    }

    /// Reads interactions into states, from which verdicts can be made under any policy; in input order.
    ///
    /// # Errors
    /// Per interaction: as [`InteractionState::insert`].
    pub fn states(&self, interactions: &[Interaction]) -> Vec<Result<InteractionState>> {
        let messages: Vec<&Message> = interactions.iter().flat_map(|i| &i.messages).collect();
        let mut scores = self.score_each(&messages).into_iter();
        interactions
            .iter()
            .map(|interaction| {
                let own: Vec<_> = scores.by_ref().take(interaction.messages.len()).collect();
                let own: Vec<_> = own.iter().map(|s| s.as_ref().ok()).collect();
                self.state(interaction, &own)
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
    /// [`ErrorKind::Unsupported`] if the model has no risk head, otherwise as [`Self::state`].
    pub fn judge_scored(
        &self,
        interaction: &Interaction,
        scores: &[Option<&MessageScores>],
    ) -> Result<Verdict> {
        self.judge.verdict(&self.state(interaction, scores)?, &self.policy)
    }

    /// The state of an interaction whose messages were scored before; as [`Self::judge_scored`].
    ///
    /// # Errors
    /// [`ErrorKind::Input`] if there are not as many scores as messages or a value of them is no probability,
    /// [`ErrorKind::State`] for scores of another model.
    pub fn state(
        &self,
        interaction: &Interaction,
        scores: &[Option<&MessageScores>],
    ) -> Result<InteractionState> {
        let (found, expected) = (scores.len(), interaction.messages.len());
        if found != expected {
            let id = &interaction.id;
            let text = format!("interaction `{id}` has {found} scores, expected {expected}");
            return Err(Error::new(ErrorKind::Input, text));
        }
        let mut state = self.judge.state(interaction.id.as_str());
        state.customer.clone_from(&interaction.customer);
        state.channel.clone_from(&interaction.channel);
        for ((place, message), scores) in (0..).zip(&interaction.messages).zip(scores) {
            state.check_scores(*scores)?;
            state.insert(MessageRecord::new(message, *scores).at_place(place))?;
        }
        Ok(state)
    }

    /// Makes verdicts of states, for callers that add messages as they come.
    pub fn judging(&self) -> &Judge {
        &self.judge
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

    /// The part of a text in which the writer's own words are looked for. It is long however few windows are read: a
    /// quoted thread may stand before them.
    fn readable<'t>(&self, text: &'t str) -> &'t str {
        let most = self.most_bytes(self.windows.limit.max(builder::MAX_WINDOWS));
        &text[..text.floor_char_boundary(most)]
    }

    fn most_bytes(&self, windows: usize) -> usize {
        tokenizer::most_bytes(self.windows.tokens.saturating_mul(windows))
    }

    fn prepare(&self, message: &Message) -> Result<Prepared> {
        let text = self.readable(&message.text);
        let mut ranges = clean::own_words(text);
        let cut_off = clean::cut_off(&mut ranges, text, self.most_bytes(self.windows.limit));
        let truncated = cut_off || text.len() < message.text.len();
        let not_read = |why| {
            Ok(Prepared {
                why: Some(why),
                language: language::stated(message).map(|(tag, _)| tag.to_owned()),
                read: None,
                marks: Vec::new(),
                words: 0,
                windows: Vec::new(),
                truncated,
            })
        };
        let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
            return not_read(NotAssessable::NoText);
        };
        // Without the white space around it.
        let inner = &text[first.start..last.end];
        let start = first.start + (inner.len() - inner.trim_start().len());
        let read = cues::scalars(text, start..start + inner.trim().len()).map(|n| n as usize);
        let marks = cues::find(text, &ranges, message.speaker);
        let own: String = ranges.into_iter().map(|range| &text[range]).collect();
        if auto_reply::is_auto_reply(&own) {
            return not_read(NotAssessable::AutoReply);
        }
        let language = match language::language(message, &own, &self.languages) {
            Language::Known(tag) => Some(tag),
            Language::Unclear => None,
            Language::Unsupported => return not_read(NotAssessable::UnsupportedLanguage),
        };
        let ids = self.tokenizer.ids(own.trim())?;
        if ids.is_empty() {
            return not_read(NotAssessable::NoText); // nothing that the tokenizer knows, such as control characters
        }
        let (parts, cut) = self.windows.cut(ids.len());
        Ok(Prepared {
            why: None,
            language,
            read: Some(read),
            marks,
            words: own.split_whitespace().count(),
            windows: parts.into_iter().map(|part| self.tokenizer.wrap(&ids, part)).collect(),
            truncated: cut || truncated,
        })
    }

    /// Logits of every window, in order; a batch that fails fails for each of its windows.
    fn logits(&self, windows: &[&[u32]]) -> Vec<Result<Vec<f32>>> {
        let encode = |windows: &[&[u32]]| {
            batches::run(&self.workers, self.duplicates, windows, |packed| {
                Ok(self.heads.logits(&self.engine.encode(packed, self.workers.sharing())?, packed))
            })
        };
        match self.duplicates {
            Duplicates::Once => self.known.or_encode(windows, encode),
            Duplicates::Each => encode(windows),
        }
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
            marks: prepared.marks.clone(),
            sketch: self.sketch(&reading.vector),
            lets_down: self.lets_down(message.speaker, &reading.vector),
            words: prepared.words,
            windows: prepared.windows.len(),
            truncated: prepared.truncated,
            model: self.model_id.clone(),
            policy: self.policy_id.clone(),
            base_rate: self.policy.base_rate,
        }
    }

    fn sketch(&self, vector: &[f32]) -> Option<Sketch> {
        let medians = self.sketch.as_ref().filter(|_| !vector.is_empty())?;
        let projections = self.heads.projections(vector);
        let centred: Vec<f32> = projections.iter().zip(medians).map(|(p, m)| p - m).collect();
        Some(Sketch::of(&centred))
    }

    fn lets_down(&self, speaker: Speaker, vector: &[f32]) -> Option<f32> {
        let said = speaker.answers() && !vector.is_empty();
        let answers = self.answers.as_ref().filter(|_| said)?;
        let sum: f32 = answers.weights.iter().zip(vector).map(|(w, v)| w * v).sum();
        Some(sigmoid(answers.bias + sum))
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::PackedBatch;

    /// An engine that nobody may ask.
    struct Untouched;

    impl Engine for Untouched {
        fn encode(&self, _: &PackedBatch, _: usize) -> Result<Vec<f32>> {
            unreachable!("a message was read")
        }

        fn tier(&self) -> &'static str {
            "none"
        }

        fn precision(&self) -> &'static str {
            "none"
        }
    }

    #[test]
    fn what_is_not_read_keeps_the_language_that_it_names() {
        let mut scorer = Scorer::open("models/tiny").expect("loads");
        scorer.engine = Box::new(Untouched);
        for (text, tag) in [("", Some("tr")), ("Waar blijft u?", Some("tr")), ("", None)] {
            let message = Message { language: tag.map(str::to_owned), ..Message::customer(text) };
            let scores = scorer.score_one(&message).expect("nothing to compute");
            assert!(!scores.is_assessable());
            assert_eq!(scores.language.as_deref(), tag);
        }
    }

    #[test]
    fn what_cannot_be_judged_is_not_read() {
        let interactions = [Interaction::new("i", vec![Message::customer("Waar blijft u?")])];
        let mut scorer = Scorer::open("models/tiny").expect("loads");
        scorer.engine = Box::new(Untouched);
        let faulty = Policy { flag_at: f32::NAN, ..Policy::default() };
        let [judged] = &scorer.judge_by(&interactions, &faulty)[..] else { panic!("one result") };
        assert_eq!(judged.as_ref().expect_err("a policy").kind(), ErrorKind::Policy);
        scorer.judge.has_risk = false;
        let judged = scorer.judge_one(&interactions[0]);
        assert_eq!(judged.expect_err("no risk head").kind(), ErrorKind::Unsupported);
    }
}
