//! Reads customer messages as the customer lived them, and flags the interactions that are likely to
//! leave a bad experience.
//!
//! A [`Scorer`] runs one transformer encoder with four heads over [`Message`]s in parallel: feeling,
//! risk of a bad experience, signals such as having to ask again, and intents. From the scores of an
//! [`Interaction`] it makes a [`Verdict`].
//!
//! ```
//! use beleving::{Interaction, Message, Scorer};
//!
//! let scorer = Scorer::open("models/tiny")?;
//! let interaction = Interaction::new("z-1042", vec![
//!     Message::customer("Wanneer komt de monteur?"),
//!     Message::staff("planner", "U hoort deze week van ons."),
//!     Message::customer("Dat zei u vorige week ook. Laat maar."),
//! ]);
//! let verdict = scorer.judge_one(&interaction)?;
//! println!("risk {:?}, flagged {}", verdict.risk, verdict.flagged);
//! # Ok::<(), beleving::Error>(())
//! ```
//!
//! The model is a folder ([`Scorer::open`]) or bytes ([`ModelFiles`]); this example has one with
//! random weights, the real one is `models/beleving-small` of the repository. Load it once: about
//! 70 MB, shared by every thread. A call blocks and runs on rayon ([`Threads`]), so async code
//! calls it in `spawn_blocking`. Without optimisation a message takes seconds: build with
//! `--release`, or with `opt-level = 3` for dependencies. What is decided with the scores is a
//! [`Policy`]; what is kept between messages of a conversation is an [`InteractionState`]. The
//! feature `arrow` scores record batches.
//!
//! Message text is customer data: it never appears in an error, a log line or a `Debug` form, and no
//! network is touched.
#![deny(unsafe_code)]

#[cfg(feature = "arrow")]
pub mod arrow;
mod batch;
mod engine;
mod error;
mod heads;
mod insight;
mod kernels;
mod labels;
mod marks;
mod message;
mod model;
mod names;
mod parallel;
mod policy;
mod record;
mod scorer;
mod scores;
mod scoring;
mod sketch;
mod text;
mod verdict;

pub use engine::{Device, EngineKind, Precision};
pub use error::{Error, ErrorKind, Result};
pub use insight::repeats::{Contact, Repeat, repeats};
pub use insight::stake::Stake;
pub use insight::tally::{Compared, Group, Tally};
/// When a message was sent: a point in time, of the crate `jiff`.
pub use jiff::Timestamp;
pub use kernels::cpu::Tier;
pub use labels::{LabelMap, Meaning};
pub use marks::{Mark, MarkKind};
pub use message::{Interaction, Message, Speaker};
pub use model::files::ModelFiles;
pub use parallel::Threads;
pub use policy::{Calendar, Day, GroupSizes, Policy, ReworkWindow, StakeWeights};
pub use record::MessageRecord;
pub use scorer::{Duplicates, Encoder, Scorer, ScorerBuilder};
pub use scores::{Intent, Intents, MessageScores, NotAssessable, Sentiment, Signals};
pub use scoring::judge::{CustomerFeatures, Features, Judge, JudgeUnder, TouchpointFeatures};
pub use scoring::state::InteractionState;
pub use sketch::Sketch;
pub use verdict::{Reason, ReasonKind, Touchpoint, Turn, Verdict, Waiting, Worst};

/// Keeps the README's example compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
