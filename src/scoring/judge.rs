//! From the state of an interaction to the verdict on it. The rules stand in `docs/verdict.md`.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};
use crate::marks::MarkKind;
use crate::message::Speaker;
use crate::policy::Policy;
use crate::record::MessageRecord;
use crate::scores::{Intent, Intents, Signals, sigmoid};
use crate::scoring::course::{self, Candidate, Course};
use crate::scoring::head::{Head, first_largest};
use crate::scoring::reasons;
use crate::scoring::state::InteractionState;
use crate::verdict::{Touchpoint, Turn, Verdict, Waiting, Worst};

/// What a message must show, as its risk at even odds, for what its words say to count: in one that shows hardly anything they are
/// said in passing. Without it the chances of a turn would sum up to one in every long talk.
pub(crate) const SHOWN_FROM: f32 = 0.15;
/// A customer's last message from which on a thread that went bad was put right: positive less negative feeling.
/// Of the written training threads, 90 % of those it names did end well, 81 % of all that are not flagged (2026-11-28, 0.4.0).
const PUT_RIGHT_FROM: f32 = 0.2;

/// Makes verdicts of states; the part of a model that needs no weights.
#[derive(Debug, Clone)]
pub struct Judge {
    pub(crate) head: Head,
    pub(crate) model: Arc<str>,
    /// Whether the model says how likely a bad experience is.
    pub(crate) has_risk: bool,
}

/// A judge with the policy that it goes by, checked and named once for any number of verdicts. Made by [`Judge::under`].
#[derive(Debug, Clone)]
pub struct JudgeUnder<'a> {
    judge: &'a Judge,
    policy: &'a Policy,
    policy_id: Arc<str>,
    policy_hash: Arc<str>,
}

/// What the head of interactions reads, by name.
#[derive(Debug, Clone, Serialize)]
pub struct Features {
    /// Names of the values of `interaction`.
    pub interaction_names: &'static [&'static str],
    /// One value a name; empty where nothing could be assessed.
    pub interaction: Vec<f32>,
    /// Names of the values of `turned`.
    pub turned_names: &'static [&'static str],
    /// Names of the values of `worst`.
    pub worst_names: &'static [&'static str],
    /// Names of the values of `touchpoint`.
    pub touchpoint_names: &'static [&'static str],
    /// The customer's messages that carry risk, in the order of reading.
    pub customer: Vec<CustomerFeatures>,
}

/// What the head of interactions reads of one message of the customer.
#[derive(Debug, Clone, Serialize)]
pub struct CustomerFeatures {
    /// Place of the message.
    pub message: usize,
    /// Its risk at even odds.
    pub risk: f32,
    /// Its positive minus its negative feeling.
    pub feeling: f32,
    /// As a turn.
    pub turned: Vec<f32>,
    /// As the worst.
    pub worst: Vec<f32>,
    /// What it may react to: the place of an answer, `silence` or none, with its features.
    pub touchpoint: Vec<TouchpointFeatures>,
}

/// What the head of interactions reads of one thing that a customer may react to.
#[derive(Debug, Clone, Serialize)]
pub struct TouchpointFeatures {
    /// Place of an answer; `None` for silence and where the customer came with it.
    pub message: Option<usize>,
    /// Whether it is silence.
    pub silence: bool,
    /// One value a name.
    pub values: Vec<f32>,
}

impl Judge {
    /// Starts the state of an interaction.
    pub fn state(&self, interaction: impl Into<String>) -> InteractionState {
        InteractionState::new(interaction, self.model.clone())
    }

    /// Takes a policy for any number of verdicts: to check and hash it takes longer than to judge a short interaction.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] for a policy out of range.
    pub fn under<'a>(&'a self, policy: &'a Policy) -> Result<JudgeUnder<'a>> {
        policy.check()?;
        let (policy_id, policy_hash) = (policy.id().into(), policy.hash().into());
        Ok(JudgeUnder { judge: self, policy, policy_id, policy_hash })
    }

    /// The verdict so far, under a policy; for many use [`Self::under`].
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] for a policy out of range, otherwise as [`JudgeUnder::verdict`].
    pub fn verdict(&self, state: &InteractionState, policy: &Policy) -> Result<Verdict> {
        self.under(policy)?.verdict(state)
    }

    /// What the head reads of a state.
    ///
    /// # Errors
    /// As [`Self::verdict`].
    pub fn features(&self, state: &InteractionState) -> Result<Features> {
        let (numbers, records) = self.ordered(state)?;
        let course = Course::new(records.iter().collect());
        let candidate = |turn, candidate| TouchpointFeatures {
            message: match candidate {
                Candidate::Answer(n) => Some(numbers[n]),
                Candidate::Silence(_) | Candidate::Opening => None,
            },
            silence: matches!(candidate, Candidate::Silence(_)),
            values: course.touchpoint(turn, candidate),
        };
        let customer = course.customer.iter().enumerate().map(|(c, &n)| CustomerFeatures {
            message: numbers[n],
            risk: sigmoid(course.all[n].evidence().unwrap_or_default()),
            feeling: course::feeling(course.all[n]),
            turned: course.turn(c),
            worst: course.worst(c),
            touchpoint: course.candidates(n).into_iter().map(|c| candidate(n, c)).collect(),
        });
        Ok(Features {
            interaction_names: course::INTERACTION,
            interaction: course.interaction().unwrap_or_default(),
            turned_names: course::TURN,
            worst_names: course::WORST,
            touchpoint_names: course::TOUCHPOINT,
            customer: customer.collect(),
        })
    }

    /// Id of the model whose readings it judges.
    pub fn model_id(&self) -> &str {
        &self.model
    }

    /// # Errors
    /// [`ErrorKind::Unsupported`] if the model has no risk head.
    pub(crate) fn check(&self) -> Result<()> {
        if !self.has_risk {
            let text = "this model has no risk head, so it cannot judge; map one of its labels to \
                        `bad_experience` if it means that";
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
        Ok(())
    }

    /// As [`InteractionState::ordered`], of a state that this judge may read.
    pub(crate) fn ordered(
        &self,
        state: &InteractionState,
    ) -> Result<(Vec<usize>, Vec<MessageRecord>)> {
        state.check()?;
        self.check()?;
        if state.model() != &*self.model {
            let (found, expected) = (state.model(), &self.model);
            let text = format!(
                "the state of interaction `{}` is of model `{found}`, expected `{expected}`",
                state.interaction
            );
            return Err(Error::new(ErrorKind::State, text));
        }
        state.ordered()
    }
}

impl JudgeUnder<'_> {
    /// The verdict so far.
    ///
    /// # Errors
    /// [`ErrorKind::State`] for a state of another model or form, [`ErrorKind::Input`] where the messages
    /// have no order, [`ErrorKind::Unsupported`] if the model has no risk head.
    pub fn verdict(&self, state: &InteractionState) -> Result<Verdict> {
        let (numbers, records) = self.judge.ordered(state)?;
        let course = Course::new(records.iter().collect());
        Ok(Conversation { course, numbers, policy: self.policy }.verdict(self, state))
    }
}

/// An interaction in the order of reading, under a policy.
pub(crate) struct Conversation<'a> {
    pub(crate) course: Course<'a>,
    /// The number of each message in the interaction as given.
    numbers: Vec<usize>,
    pub(crate) policy: &'a Policy,
}

/// A wait of the customer, from the message that asks to the next of anybody. A notice of the system and an automatic reply are
/// nobody's.
pub(crate) struct Wait {
    /// Place of the customer's message.
    pub(crate) from: usize,
    pub(crate) hours: f64,
    /// Without days off.
    pub(crate) working_hours: f64,
    /// Whether staff wrote next.
    pub(crate) answered: bool,
}

impl Conversation<'_> {
    fn verdict(&self, under: &JudgeUnder<'_>, state: &InteractionState) -> Verdict {
        let JudgeUnder { judge, policy, policy_id, policy_hash } = under;
        let (head, course) = (&judge.head, &self.course);
        let features = course.interaction();
        let risk = features.as_ref().map(|x| policy.risk_of(head.risk(course, x)));
        let flagged = risk.is_some_and(|risk| risk >= policy.flag_interaction_at);
        let turns = head.turned(course);
        let likeliest = first_largest(turns.iter().copied());
        let shows = likeliest.is_some_and(|c| self.shows(course.customer[c]));
        let is_flagged = |&n: &usize| self.risk(n) >= policy.flag_at;
        // A message says so by itself, or more likely than not it went bad at some, whatever came of it.
        let went_bad =
            course.customer.iter().any(is_flagged) || (shows && turns.iter().sum::<f32>() >= 0.5);
        let bad = risk.is_some() && (flagged || went_bad);
        let recovered = bad && !flagged && self.ends_well();
        let turned = likeliest.filter(|_| bad);
        let worst = head.worst(course).filter(|_| bad);
        let customers = || course.customer.iter().map(|&n| course.all[n]);
        let signals = customers().filter_map(MessageRecord::signals).reduce(Signals::max);
        let intents = customers().filter_map(MessageRecord::intents).reduce(Intents::max);
        let waits = self.waits();
        let waiting = Waiting {
            longest_hours: waits.iter().map(|w| w.hours).reduce(f64::max),
            no_answer_seen: waits.iter().any(|w| !w.answered && self.is_silence(w)),
        };
        let times = course.all.iter().filter_map(|record| record.at());
        Verdict {
            interaction: state.interaction.clone(),
            customer: state.customer.clone(),
            channel: state.channel.clone(),
            start: times.clone().min(),
            end: times.max(),
            messages: course.all.len(),
            failed: course.all.iter().filter(|record| record.read.is_none()).count(),
            assessable: risk.is_some(),
            risk,
            flagged,
            experience: features.as_ref().map(|x| head.experience(x)),
            turned: turned.map(|c| self.turn(c)),
            worst: worst.map(|c| {
                let n = course.customer[c];
                Worst { message: self.numbers[n], id: self.id(n), risk: self.risk(n) }
            }),
            touchpoint: turned.and_then(|c| {
                let n = course.customer[c];
                self.touchpoint(head.touchpoint(course, n))
            }),
            signals,
            praise: course.customer.iter().any(|&n| self.praise(n).is_some()),
            intents,
            recovered,
            rework: waiting.no_answer_seen || reasons::rework(self),
            waiting,
            handoffs: course.handoffs().len(),
            reasons: reasons::reasons(self, &waits, worst),
            model: judge.model.clone(),
            policy: policy_id.clone(),
            policy_hash: policy_hash.clone(),
        }
    }

    fn turn(&self, c: usize) -> Turn {
        let n = self.course.customer[c];
        Turn {
            message: self.numbers[n],
            id: self.id(n),
            risk_before: c.checked_sub(1).map(|before| self.risk(self.course.customer[before])),
            risk_after: self.risk(n),
        }
    }

    fn touchpoint(&self, found: Candidate) -> Option<Touchpoint> {
        let (n, silence) = match found {
            Candidate::Opening => return None,
            Candidate::Answer(n) => (n, false),
            Candidate::Silence(n) => (n, true),
        };
        let sizes = &self.policy.groups;
        let is_group = |role: &&str| !silence && !sizes.is_single_person(role);
        let role = self.course.all[n].role().filter(is_group);
        Some(Touchpoint {
            message: self.numbers[n],
            id: self.id(n),
            role: role.map(|role| self.policy.role(role).to_owned()),
            silence,
        })
    }

    /// Risk of a message of the customer under the policy, 0 where it has none.
    pub(crate) fn risk(&self, n: usize) -> f32 {
        let evidence = self.course.all[n].evidence();
        evidence.map_or(0.0, |evidence| self.policy.risk_of(evidence))
    }

    /// Whether a message of the customer shows anything by itself, under whatever policy.
    pub(crate) fn shows(&self, n: usize) -> bool {
        self.course.all[n].evidence().is_some_and(|evidence| sigmoid(evidence) >= SHOWN_FROM)
    }

    /// How likely a message of the customer is praise or thanks, where that counts. Who gives up means none by it ("thanks for
    /// nothing").
    pub(crate) fn praise(&self, n: usize) -> Option<f32> {
        let record = self.course.all[n];
        let p = record.intents()?.p(Intent::PraiseOrThanks);
        let is_meant = course::says(record, MarkKind::GaveUp) == 0.0;
        (p >= self.policy.intent_at && is_meant).then_some(p)
    }

    /// Whether the customer's last message is a good word, and says nothing of what went wrong.
    fn ends_well(&self) -> bool {
        let Some(&last) = self.course.customer.last() else { return false };
        let record = self.course.all[last];
        let feels_good = course::feeling(record) >= PUT_RIGHT_FROM;
        let leaves =
            record.signals().is_some_and(|s| s.relationship_at_risk.max(s.escalation) >= 0.5);
        feels_good
            && !leaves
            && !reasons::SAID.iter().any(|&(kind, _)| course::says(record, kind) > 0.0)
    }

    pub(crate) fn number(&self, n: usize) -> usize {
        self.numbers[n]
    }

    pub(crate) fn is_silence(&self, wait: &Wait) -> bool {
        wait.working_hours >= f64::from(self.policy.silence_hours)
    }

    pub(crate) fn id(&self, n: usize) -> Option<String> {
        self.course.all[n].id().map(str::to_owned)
    }

    /// Every stretch in which the customer waits, as far as the messages are dated. Who only says thanks, or "ok", waits
    /// for nothing.
    fn waits(&self) -> Vec<Wait> {
        let all = &self.course.all;
        let only_thanks = |record: &MessageRecord| {
            let intents = record.intents().map(|intents| intents.at_least(self.policy.intent_at));
            let thanks = intents.is_some_and(|i| matches!(i[..], [(Intent::PraiseOrThanks, _)]));
            thanks || course::says(record, MarkKind::Formality) > 0.0
        };
        let asks =
            |record: &MessageRecord| record.speaker == Speaker::Customer && !only_thanks(record);
        // A notice and a receipt answer nothing, and who is away asks for nothing.
        let says =
            |record: &MessageRecord| record.speaker != Speaker::System && !record.is_automatic();
        let said: Vec<usize> = (0..all.len()).filter(|&n| says(all[n])).collect();
        let pairs = said.windows(2).map(|pair| (pair[0], all[pair[0]], all[pair[1]]));
        let waits =
            pairs.filter(|(_, asking, _)| asks(asking)).filter_map(|(from, asking, next)| {
                let (start, end): (Timestamp, Timestamp) = (asking.at()?, next.at()?);
                let hours = (end.as_second() - start.as_second()).max(0) as f64 / 3600.0;
                Some(Wait {
                    from,
                    hours,
                    working_hours: self.policy.calendar.hours(start, end),
                    answered: course::answers(next),
                })
            });
        waits.collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::marks::Mark;
    use crate::message::Message;
    use crate::policy::GroupSizes;
    use crate::scores::{MessageScores, NotAssessable, Sentiment};
    use crate::verdict::{Reason, ReasonKind};

    /// The judge of a model without a head of its own: half the worst message and half the last.
    pub(crate) fn judge() -> Judge {
        Judge { head: Head::default(), model: "m@1".into(), has_risk: true }
    }

    pub(crate) fn scores(risk: f32, marks: Vec<Mark>) -> MessageScores {
        MessageScores {
            why: None,
            sentiment: Some(Sentiment { negative: 0.1, neutral: 0.2, positive: 0.7 }),
            risk: Some(risk),
            flagged: false,
            signals: Some(Signals::default()),
            intents: Some(Intents::default()),
            language: None,
            read: Some([1, 7]),
            marks,
            sketch: None,
            lets_down: None,
            words: 5,
            windows: 1,
            truncated: false,
            model: "m@1".into(),
            policy: "p@1".into(),
            base_rate: 0.5,
        }
    }

    /// The state of a thread of `(speaker or role, hour, risk)`; the customer is `c`, a notice `system`, and staff without a
    /// role is empty.
    pub(crate) fn state(thread: &[(&str, i64, f32)]) -> InteractionState {
        state_with(thread, &[])
    }

    /// As [`state`], with a mark in the messages at the given places.
    fn state_with(thread: &[(&str, i64, f32)], marks: &[(usize, MarkKind)]) -> InteractionState {
        let mut state = judge().state("i");
        for (n, &(who, hour, risk)) in thread.iter().enumerate() {
            let message = match who {
                "c" => Message::customer(""),
                "system" => Message { speaker: Speaker::System, ..Message::customer("") },
                "" => Message { speaker: Speaker::Staff, ..Message::customer("") },
                role => Message::staff(role, ""),
            };
            let message = message.sent_at(Timestamp::from_second(hour * 3600).expect("in range"));
            let message = message.with_id(format!("m{n}"));
            let own = marks.iter().filter(|(at, _)| *at == n);
            let own = own.map(|&(_, kind)| Mark { kind, span: [2, 4], weight: 100 }).collect();
            let record = MessageRecord::new(&message, Some(&scores(risk, own)));
            state.insert(record.at_place(n as u32)).expect("a place");
        }
        state
    }

    fn verdict(thread: &[(&str, i64, f32)]) -> Verdict {
        judge().verdict(&state(thread), &Policy::default()).expect("in order")
    }

    #[test]
    fn a_policy_taken_once_gives_the_verdicts_of_one_taken_each_time() {
        let (judge, policy) = (judge(), Policy { flag_interaction_at: 0.3, ..Policy::default() });
        let under = judge.under(&policy).expect("in range");
        for thread in [&[("c", 0, 0.4)][..], &[("c", 0, 0.8), ("planner", 1, 0.0), ("c", 2, 0.05)]]
        {
            let found = under.verdict(&state(thread)).expect("in order");
            assert_eq!(found, judge.verdict(&state(thread), &policy).expect("in order"));
            assert_eq!((&*found.policy, &*found.policy_hash), (&*policy.id(), &*policy.hash()));
        }
        let faulty = Policy { flag_at: 1.0, ..policy };
        assert_eq!(judge.under(&faulty).expect_err("out of range").kind(), ErrorKind::Policy);
    }

    #[test]
    fn the_answer_that_lets_down_most_is_a_reason_where_the_customer_read_it() {
        let thread =
            [("c", 0, 0.8), ("planner", 1, 0.0), ("desk", 2, 0.0), ("c", 3, 0.9), ("desk", 4, 0.0)];
        let named = |lets_down: [f32; 3]| {
            let mut state = judge().state("i");
            let mut lets_down = lets_down.into_iter();
            for (n, &(who, hour, risk)) in thread.iter().enumerate() {
                let (message, lets_down) = match who {
                    "c" => (Message::customer(""), None),
                    role => (Message::staff(role, ""), lets_down.next()),
                };
                let scores = MessageScores { lets_down, ..scores(risk, Vec::new()) };
                let at = Timestamp::from_second(3600 * hour).expect("in range");
                let record = MessageRecord::new(&message.sent_at(at), Some(&scores));
                state.insert(record.at_place(n as u32)).expect("a place");
            }
            let verdict = judge().verdict(&state, &Policy::default()).expect("in order");
            let is_answer = |r: &&Reason| r.kind == ReasonKind::AnswerLetsDown;
            let reasons = verdict.reasons.iter().filter(is_answer);
            reasons
                .map(|r| (r.message, r.span, (r.weight * 1000.0).round() / 1000.0))
                .collect::<Vec<_>>()
        };
        assert_eq!(named([0.3, 0.45, 0.9]), [], "the last one came after the customer's last word");
        assert_eq!(named([0.5, 0.75, 0.9]), [(2, Some([1, 7]), 0.75)]);
    }

    #[test]
    fn a_thread_that_ends_well_is_recovered_and_not_flagged() {
        let verdict = verdict(&[("c", 0, 0.8), ("planner", 1, 0.0), ("c", 2, 0.05)]);
        assert!(!verdict.flagged && verdict.recovered);
        assert_eq!(verdict.turned.expect("it went bad").message, 0);
        assert!(verdict.touchpoint.is_none());
    }

    #[test]
    fn a_thread_that_went_bad_and_ends_without_a_good_word_is_not_put_right() {
        let mut state = judge().state("i");
        for (n, (risk, positive)) in [(0.9, 0.1), (0.05, 0.4)].into_iter().enumerate() {
            let sentiment = Sentiment { negative: 0.5, neutral: 0.5 - positive, positive };
            let scores = MessageScores { sentiment: Some(sentiment), ..scores(risk, Vec::new()) };
            let record = MessageRecord::new(&Message::customer(""), Some(&scores));
            state.insert(record.at_place(n as u32)).expect("a place");
        }
        let verdict = judge().verdict(&state, &Policy::default()).expect("in order");
        assert!(!verdict.flagged && !verdict.recovered);
        assert_eq!(verdict.turned.expect("it went bad").message, 0);
    }

    /// The verdict on a message of the given intents and mark, and another of the customer twenty days later.
    fn verdict_on_intents(said: &[(Intent, f32)], mark: Option<MarkKind>) -> Verdict {
        let mut state = judge().state("i");
        let mut intents = Intents::default();
        said.iter().for_each(|&(intent, p)| intents.0[intent as usize] = p);
        let marks = mark.map(|kind| Mark { kind, span: [2, 4], weight: 100 }).into_iter().collect();
        let first = MessageScores { intents: Some(intents), ..scores(0.1, marks) };
        for (n, scores) in [first, scores(0.1, Vec::new())].into_iter().enumerate() {
            let at = Timestamp::from_second(n as i64 * 20 * 24 * 3600).expect("in range");
            let record = MessageRecord::new(&Message::customer("").sent_at(at), Some(&scores));
            state.insert(record.at_place(n as u32)).expect("a place");
        }
        judge().verdict(&state, &Policy::default()).expect("in order")
    }

    #[test]
    fn who_only_says_thanks_or_ok_waits_for_nothing() {
        let waits =
            |said: &[(Intent, f32)], mark| verdict_on_intents(said, mark).waiting.no_answer_seen;
        let thanks = (Intent::PraiseOrThanks, 0.9);
        assert!(!waits(&[thanks], None));
        assert!(!waits(&[], Some(MarkKind::Formality)));
        assert!(waits(&[], None));
        assert!(waits(&[thanks, (Intent::StatusChase, 0.6)], None), "thanks, and asks");
    }

    #[test]
    fn thanks_of_who_gives_up_are_no_praise() {
        let praise = |mark| verdict_on_intents(&[(Intent::PraiseOrThanks, 0.9)], mark).praise;
        assert!(praise(None) && praise(Some(MarkKind::NoAnswer)));
        assert!(!praise(Some(MarkKind::GaveUp)));
    }

    #[test]
    fn a_last_message_that_says_what_went_wrong_puts_nothing_right() {
        let thread = [("c", 0, 0.8), ("planner", 1, 0.0), ("c", 2, 0.05)];
        let recovered = |marks: &[(usize, MarkKind)]| {
            let verdict = judge().verdict(&state_with(&thread, marks), &Policy::default());
            verdict.expect("in order").recovered
        };
        assert!(recovered(&[(0, MarkKind::NoAnswer)]));
        assert!(!recovered(&[(2, MarkKind::NoAnswer)]));
    }

    #[test]
    fn a_long_calm_talk_did_not_go_bad() {
        // At each message the chance of a turn is one in forty.
        assert!(verdict(&[("c", 0, 0.14); 40]).turned.is_none());
        assert!(verdict(&[("c", 0, 0.16); 40]).turned.is_some());
    }

    #[test]
    fn words_count_in_the_worst_message_however_calm_and_no_answer_is_rework() {
        let policy = Policy { flag_interaction_at: 0.05, ..Policy::default() };
        let said = [(0, MarkKind::GaveUp), (1, MarkKind::NoAnswer)];
        let kinds = |thread: &[(&str, i64, f32)]| {
            let verdict = judge().verdict(&state_with(thread, &said), &policy).expect("in order");
            let kinds: Vec<_> = verdict.reasons.iter().map(|reason| reason.kind).collect();
            (kinds.contains(&ReasonKind::CustomerGivesUp), verdict.rework)
        };
        assert_eq!(kinds(&[("c", 0, 0.1), ("c", 1, 0.08)]), (true, false));
        assert_eq!(kinds(&[("c", 0, 0.1), ("c", 1, 0.2)]), (false, true));
    }

    #[test]
    fn a_formality_at_the_end_says_nothing_of_how_it_went() {
        let thread = [("c", 0, 0.2), ("desk", 1, 0.0), ("c", 2, 0.9), ("desk", 3, 0.0)];
        let mut closed = thread.to_vec();
        closed.extend([("c", 4, 0.02), ("c", 5, 0.01)]);
        let formal = [(4, MarkKind::Formality), (5, MarkKind::Formality)];
        let read = |state| judge().verdict(&state, &Policy::default()).expect("in order");
        let (before, after) = (read(state(&thread)), read(state_with(&closed, &formal)));
        assert_eq!((after.risk, after.recovered), (before.risk, before.recovered));
        assert_ne!(read(state(&closed)).risk, before.risk);
        // Where the customer says nothing else, that is all there is to read.
        let only = read(state_with(&[("c", 0, 0.1)], &[(0, MarkKind::Formality)]));
        assert!(only.assessable && only.risk.is_some());
    }

    #[test]
    fn a_notice_of_the_system_answers_nobody() {
        let day = 24;
        let verdict = verdict(&[("c", 0, 0.9), ("system", 1, 0.0), ("c", 14 * day, 0.9)]);
        assert!(verdict.waiting.no_answer_seen, "{:?}", verdict.waiting);
        assert_eq!(verdict.waiting.longest_hours, Some(14.0 * 24.0));
        assert!(verdict.reasons.iter().any(|r| r.kind == ReasonKind::NoAnswerSeen));
    }

    #[test]
    fn a_colleague_without_a_role_hides_no_handoff_and_is_none() {
        let verdict = verdict(&[
            ("c", 0, 0.9),
            ("desk", 1, 0.0),
            ("", 2, 0.0),
            ("planner", 3, 0.0),
            ("c", 4, 0.9),
        ]);
        let handed =
            |v: &Verdict| v.reasons.iter().filter(|r| r.kind == ReasonKind::HandedOver).count();
        assert_eq!((verdict.handoffs, handed(&verdict)), (1, 1));
    }

    #[test]
    fn what_is_flagged_has_a_reason_though_no_message_reaches_the_policy() {
        let policy = Policy { flag_at: 0.9, flag_interaction_at: 0.3, ..Policy::default() };
        let verdict = judge().verdict(&state(&[("c", 0, 0.4)]), &policy).expect("in order");
        assert!(verdict.flagged);
        assert_eq!(verdict.reasons.len(), 1);
        assert_eq!(
            (verdict.reasons[0].kind, verdict.reasons[0].message),
            (ReasonKind::BadExperience, 0)
        );
    }

    #[test]
    fn the_turn_is_the_first_message_that_shows_it() {
        let verdict = verdict(&[
            ("c", 0, 0.2),
            ("planner", 1, 0.0),
            ("c", 2, 0.8),
            ("planner", 3, 0.0),
            ("c", 4, 0.9),
        ]);
        let turn = verdict.turned.expect("flagged");
        assert_eq!(turn.message, 2);
        assert!((turn.risk_before.expect("a message") - 0.2).abs() < 1e-5);
        assert!((turn.risk_after - 0.8).abs() < 1e-5);
        assert_eq!(verdict.worst.expect("flagged").message, 4);
        let touchpoint = verdict.touchpoint.expect("staff answered before");
        assert_eq!((touchpoint.message, touchpoint.role.as_deref()), (1, Some("planner")));
        let first = &verdict.reasons[0];
        assert_eq!(
            (first.kind, first.message, first.id.as_deref(), first.span),
            (ReasonKind::BadExperience, 4, Some("m4"), Some([1, 7]))
        );
    }

    #[test]
    fn silence_is_the_touchpoint_when_nobody_answered_for_days() {
        // 1970 began on a Thursday: 120 hours on are 72 on working days.
        let verdict = verdict(&[("c", 0, 0.2), ("c", 120, 0.9)]);
        assert!(verdict.waiting.no_answer_seen && verdict.rework);
        assert_eq!(verdict.waiting.longest_hours, Some(120.0));
        let touchpoint = verdict.touchpoint.expect("silence");
        assert_eq!((touchpoint.message, touchpoint.silence, touchpoint.role), (0, true, None));
        let waited = verdict.reasons.iter().find(|r| r.kind == ReasonKind::NoAnswerSeen);
        let found = waited.map(|r| (r.message, r.id.as_deref(), r.span));
        assert_eq!(found, Some((0, Some("m0"), None)));
    }

    #[test]
    fn an_automatic_reply_answers_nobody_and_asks_for_nothing() {
        let waiting = |thread: &[(&str, i64)]| {
            let mut state = judge().state("i");
            for (n, &(who, hour)) in thread.iter().enumerate() {
                let (speaker, why) = match who {
                    "receipt" => (Speaker::Staff, Some(NotAssessable::AutoReply)),
                    "away" => (Speaker::Customer, Some(NotAssessable::AutoReply)),
                    "desk" => (Speaker::Staff, None),
                    _ => (Speaker::Customer, None),
                };
                let at = Timestamp::from_second(hour * 3600).expect("in range");
                let message = Message { speaker, ..Message::customer("").sent_at(at) };
                let scores = MessageScores { why, ..scores(0.1, Vec::new()) };
                let record = MessageRecord::new(&message, Some(&scores));
                state.insert(record.at_place(n as u32)).expect("a place");
            }
            judge().verdict(&state, &Policy::default()).expect("in order").waiting
        };
        let two_weeks = 14 * 24;
        let found = waiting(&[("c", 0), ("receipt", 1), ("c", two_weeks)]);
        assert_eq!((found.longest_hours, found.no_answer_seen), (Some(two_weeks as f64), true));
        let found = waiting(&[("c", 0), ("desk", 1), ("away", 2), ("c", two_weeks)]);
        assert_eq!((found.longest_hours, found.no_answer_seen), (Some(1.0), false));
    }

    #[test]
    fn a_call_in_between_is_no_silence() {
        let verdict = verdict(&[("c", 0, 0.2), ("telefonist", 20, 0.0), ("c", 60, 0.9)]);
        assert!(!verdict.waiting.no_answer_seen);
        assert!(!verdict.touchpoint.expect("a call").silence);
    }

    #[test]
    fn a_thread_that_opens_badly_has_no_touchpoint() {
        let verdict = verdict(&[("c", 0, 0.99)]);
        assert!(verdict.flagged && verdict.touchpoint.is_none());
        assert_eq!(verdict.experience, Some(1));
    }

    #[test]
    fn words_are_reasons_with_their_place_and_make_rework() {
        let thread = [("c", 0, 0.2), ("planner", 1, 0.0), ("c", 2, 0.9)];
        let said = [(2, MarkKind::PromiseBroken), (2, MarkKind::AskedBefore)];
        let verdict = judge().verdict(&state_with(&thread, &said), &Policy::default());
        let verdict = verdict.expect("in order");
        assert!(verdict.rework);
        let kinds: Vec<_> = verdict.reasons.iter().filter(|r| r.span == Some([2, 4])).collect();
        assert_eq!(kinds.len(), 2);
        assert!(kinds.iter().all(|r| r.message == 2 && (r.weight - 0.9).abs() < 1e-5));
    }

    #[test]
    fn a_role_that_the_policy_does_not_name_is_other() {
        let policy = Policy { roles: Some(vec!["balie".to_owned()]), ..Policy::default() };
        let thread = [("c", 0, 0.2), ("J. de Vries", 1, 0.0), ("c", 2, 0.95)];
        let verdict = judge().verdict(&state(&thread), &policy).expect("in order");
        assert_eq!(verdict.touchpoint.expect("an answer").role.as_deref(), Some("other"));
        assert_eq!(&*verdict.policy_hash, policy.hash());
    }

    #[test]
    fn a_role_of_one_person_has_no_name() {
        let sizes = GroupSizes {
            single_person_roles: vec!["Directeur ".to_owned()],
            ..GroupSizes::default()
        };
        let thread = [("c", 0, 0.2), ("directeur", 1, 0.0), ("c", 2, 0.95)];
        for roles in [None, Some(vec!["balie".to_owned()]), Some(vec!["directeur".to_owned()])] {
            let policy = Policy { roles, groups: sizes.clone(), ..Policy::default() };
            let verdict = judge().verdict(&state(&thread), &policy).expect("in order");
            let touchpoint = verdict.touchpoint.expect("an answer");
            assert_eq!((touchpoint.message, touchpoint.role, touchpoint.silence), (1, None, false));
        }
    }

    #[test]
    fn a_change_of_role_is_a_handoff() {
        let thread = [("a", 0, 0.0), ("c", 1, 0.1), ("b", 2, 0.0), ("b", 3, 0.0), ("a", 4, 0.0)];
        assert_eq!(verdict(&thread).handoffs, 2);
        let spelled = [("Planner", 0, 0.0), ("c", 1, 0.1), (" planner", 2, 0.0)];
        assert_eq!(verdict(&spelled).handoffs, 0);
    }

    #[test]
    fn nothing_of_the_customer_is_not_assessable() {
        let verdict = verdict(&[("planner", 0, 0.0)]);
        assert!(!verdict.assessable && !verdict.flagged);
        assert_eq!((verdict.risk, verdict.experience), (None, None));
    }

    #[test]
    fn a_policy_of_another_base_rate_moves_the_odds_and_not_the_course() {
        let state = state(&[("c", 0, 0.2), ("planner", 1, 0.0), ("c", 2, 0.7)]);
        let even = judge().verdict(&state, &Policy::default()).expect("in order");
        let rare = Policy { base_rate: 0.1, ..Policy::default() };
        let rare = judge().verdict(&state, &rare).expect("in order");
        let odds = |v: &Verdict| v.risk.map(|p| p / (1.0 - p)).expect("assessable");
        assert!((odds(&even) / odds(&rare) - 9.0).abs() < 1e-3);
        assert_eq!(even.experience, rare.experience);
    }
}
