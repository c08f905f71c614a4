//! The head of interactions: a few linear models over the features of a course, one weight a name.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result};
use crate::model::manifest::{InteractionConfig, LinearConfig};
use crate::scores::sigmoid;
use crate::scoring::course::{Candidate, Course, INTERACTION, TOUCHPOINT, TURN, WORST, evidence};
use crate::sketch::Sketch;

/// A loaded head.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    risk: Linear,
    single_message: Option<f32>,
    experience: Linear,
    /// Between the marks 1 to 5.
    cuts: [f32; 4],
    turned: Linear,
    worst: Linear,
    touchpoint: Linear,
}

/// `bias + weights · x`
#[derive(Debug, Clone)]
struct Linear {
    bias: f32,
    weights: Vec<f32>,
}

impl Head {
    /// Checks the names and numbers of a section.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] naming a feature that this build does not know, or a value that cannot be.
    pub(crate) fn load(config: &InteractionConfig) -> Result<Self> {
        let linear = |part, names, c: &LinearConfig| Linear::load(part, names, c.bias, &c.weights);
        let cuts = config.experience.cuts;
        if !cuts.is_sorted() || !cuts.iter().all(|cut| cut.is_finite()) {
            let text = format!(
                "`interaction.experience.cuts` of `beleving.json` is {cuts:?}, expected finite numbers that rise"
            );
            return Err(Error::new(ErrorKind::Config, text));
        }
        if let Some(sketch) = config.sketch.as_ref().filter(|s| s.len() != Sketch::BITS) {
            let (found, expected) = (sketch.len(), Sketch::BITS);
            let text = format!(
                "`interaction.sketch` of `beleving.json` has {found} values, expected {expected}"
            );
            return Err(Error::new(ErrorKind::Config, text));
        }
        if let Some(answers) = &config.answers {
            let mut numbers = answers.weights.iter().chain([&answers.bias]);
            if let Some(found) = numbers.find(|v| !v.is_finite()) {
                let text = format!(
                    "`interaction.answers` of `beleving.json` has {found}, expected finite numbers"
                );
                return Err(Error::new(ErrorKind::Config, text));
            }
        }
        if let Some(share) = config.single_message.filter(|share| !(0.0..=2.0).contains(share)) {
            let text = format!(
                "`interaction.single_message` of `beleving.json` is {share}, expected 0 to 2"
            );
            return Err(Error::new(ErrorKind::Config, text));
        }
        Ok(Self {
            single_message: config.single_message,
            risk: linear("risk", INTERACTION, &config.risk)?,
            experience: Linear::load("experience", INTERACTION, 0.0, &config.experience.weights)?,
            cuts,
            turned: linear("turned", TURN, &config.turned)?,
            worst: linear("worst", WORST, &config.worst)?,
            touchpoint: linear("touchpoint", TOUCHPOINT, &config.touchpoint)?,
        })
    }

    /// Log odds, at even odds, that an interaction of these features is a bad experience.
    ///
    /// A single message, and no answer that the customer has read, has no course: what the encoder reads in it tells more than how
    /// it feels.
    pub(crate) fn risk(&self, course: &Course<'_>, features: &[f32]) -> f32 {
        match (&*course.customer, self.single_message) {
            (&[n], Some(share)) if course.answers_read().next().is_none() => {
                share * evidence(course.all[n])
            }
            _ => self.risk.at(features),
        }
    }

    /// The median of the marks 1 to 5 of a cumulative logit (McCullagh 1980, "Regression Models for Ordinal
    /// Data"). The likeliest mark would never be a narrow one in the middle.
    pub(crate) fn experience(&self, features: &[f32]) -> u8 {
        let x = self.experience.at(features);
        self.cuts.iter().fold(1, |mark, &cut| mark + u8::from(cut < x))
    }

    /// Probability that the interaction turned at each of the customer's messages, in order. What is left
    /// to 1 is that it did not.
    ///
    /// Each message has a chance of being the turn if none before it was.
    pub(crate) fn turned(&self, course: &Course<'_>) -> Vec<f32> {
        let mut good_so_far = 1.0;
        let at = (0..course.customer.len()).map(|c| {
            let hazard = sigmoid(self.turned.at(&course.turn(c)));
            let here = good_so_far * hazard;
            good_so_far *= 1.0 - hazard;
            here
        });
        at.collect()
    }

    /// The customer's message that shows a bad experience most, by its place in [`Course::customer`].
    pub(crate) fn worst(&self, course: &Course<'_>) -> Option<usize> {
        first_largest((0..course.customer.len()).map(|c| self.worst.at(&course.worst(c))))
    }

    /// What the customer reacts to in message `turn` of [`Course::all`].
    pub(crate) fn touchpoint(&self, course: &Course<'_>, turn: usize) -> Candidate {
        let candidates = course.candidates(turn);
        let fit = candidates.iter().map(|&c| self.touchpoint.at(&course.touchpoint(turn, c)));
        first_largest(fit).map_or(Candidate::Opening, |n| candidates[n])
    }
}

impl Default for Head {
    /// What a model without a section gets: half the worst message and half the last, the turn where the
    /// evidence is, and the nearest answer or a long silence as the touchpoint.
    fn default() -> Self {
        let linear = |names: &[&str], bias, given: &[(&str, f32)]| {
            let weight = |name: &&str| given.iter().find(|(n, _)| n == name).map_or(0.0, |g| g.1);
            Linear { bias, weights: names.iter().map(weight).collect() }
        };
        let half = [("worst", 0.5), ("last", 0.5)];
        Self {
            risk: linear(INTERACTION, 0.0, &half),
            single_message: None,
            experience: linear(
                INTERACTION,
                0.0,
                &[("worst", -0.5), ("last", -0.5), ("last_feeling", 2.0)],
            ),
            cuts: [-3.0, 0.0, 2.0, 4.0],
            turned: linear(TURN, 0.0, &[("evidence", 2.0)]),
            worst: linear(WORST, 0.0, &[("evidence", 1.0)]),
            // A wait outweighs the nearest answer from four days on: ln(1 + 96) is 4.6.
            touchpoint: linear(
                TOUCHPOINT,
                0.0,
                &[
                    ("nearest", 2.0),
                    ("silence_unanswered", 1.0),
                    ("silence", -2.6),
                    ("opening_first", 4.0),
                    ("distance", -1.0),
                ],
            ),
        }
    }
}

impl Linear {
    fn load(part: &str, names: &[&str], bias: f32, given: &BTreeMap<String, f32>) -> Result<Self> {
        let wrong = |what: String| {
            let text = format!("`interaction.{part}` of `beleving.json` {what}");
            Error::new(ErrorKind::Config, text)
        };
        if let Some(unknown) = given.keys().find(|name| !names.contains(&name.as_str())) {
            return Err(wrong(format!(
                "names feature `{unknown}`, which this build does not know"
            )));
        }
        if let Some(found) = given.values().chain([&bias]).find(|v| !v.is_finite()) {
            return Err(wrong(format!("has {found}, expected finite numbers")));
        }
        let weights = names.iter().map(|&name| given.get(name).copied().unwrap_or(0.0));
        Ok(Self { bias, weights: weights.collect() })
    }

    fn at(&self, x: &[f32]) -> f32 {
        debug_assert_eq!(self.weights.len(), x.len(), "a value for each name");
        self.bias + self.weights.iter().zip(x).map(|(w, x)| w * x).sum::<f32>()
    }
}

/// Index of the largest value; of equals the first.
pub(crate) fn first_largest(values: impl Iterator<Item = f32>) -> Option<usize> {
    let mut best: Option<(usize, f32)> = None;
    for (n, value) in values.enumerate() {
        if best.is_none_or(|(_, most)| value > most) {
            best = Some((n, value));
        }
    }
    best.map(|(n, _)| n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;
    use crate::record::MessageRecord;
    use crate::scores::MessageScores;
    use crate::scoring::judge::tests::scores;

    fn config() -> InteractionConfig {
        let of = r#"{"weights": {}}"#;
        let text = format!(
            r#"{{"risk": {{"weights": {{"mean_answer": 1.0}}}}, "single_message": 0.5, "turned": {of}, "worst": {of},
                "touchpoint": {of}, "experience": {{"cuts": [-2, -1, 1, 2], "weights": {{}}}}}}"#
        );
        serde_json::from_str(&text).expect("a section")
    }

    #[test]
    fn a_single_message_goes_by_itself_unless_an_answer_was_read() {
        let head = Head::load(&config()).expect("loads");
        let said = |message: Message, lets_down| {
            let scores = MessageScores { lets_down, ..scores(0.9, Vec::new()) };
            MessageRecord::new(&message, Some(&scores))
        };
        let asks = said(Message::customer(""), None);
        let call = said(Message::staff("desk", ""), None);
        let refuses = said(Message::staff("desk", ""), Some(0.8));
        let risk = |thread: &[&MessageRecord]| {
            let course = Course::new(thread.to_vec());
            head.risk(&course, &course.interaction().expect("a customer"))
        };
        let alone = 0.5 * (0.9_f32 / 0.1).ln();
        for thread in [&[&asks][..], &[&call, &asks], &[&asks, &refuses]] {
            assert!((risk(thread) - alone).abs() < 1e-3, "{}", risk(thread));
        }
        let read = risk(&[&refuses, &asks]);
        assert!((read - (0.8_f32 / 0.2).ln()).abs() < 1e-3, "{read}");
    }
}
