//! Logits of a message's windows to calibrated probabilities.

use crate::labels::{HeadReading, Kind, Meaning};
use crate::scores::{Intents, Sentiment, Signals, sigmoid};

/// What the heads say about one message.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Reading {
    pub(crate) sentiment: Option<Sentiment>,
    pub(crate) risk: Option<f32>,
    pub(crate) signals: Option<Signals>,
    pub(crate) intents: Option<Intents>,
    /// The encoder's vector `[H]`, averaged over the windows; empty without one.
    pub(crate) vector: Vec<f32>,
}

/// Logits of one window, heads side by side, then its vector, and how much of the message it stands for.
pub(crate) struct WindowLogits<'a> {
    pub(crate) logits: &'a [f32],
    /// Number of tokens.
    pub(crate) weight: f32,
}

/// Reads a message from its windows.
///
/// A feeling is averaged over the windows, weighted by their length; what a message shows or asks is
/// there if any window shows it, so the largest probability counts.
pub(crate) fn read(heads: &[HeadReading], windows: &[WindowLogits<'_>]) -> Reading {
    let mut reading = Reading::default();
    let total: f32 = windows.iter().map(|w| w.weight).sum();
    for window in windows {
        let mut rest = window.logits;
        for head in heads {
            let (logits, after) = rest.split_at(head.meanings.len());
            rest = after;
            let share = window.weight / total;
            for (p, meaning) in probabilities(head, logits).into_iter().zip(&head.meanings) {
                reading.add(*meaning, p, share);
            }
        }
        reading.vector.resize(rest.len(), 0.0);
        let share = window.weight / total;
        reading.vector.iter_mut().zip(rest).for_each(|(sum, v)| *sum += share * v);
    }
    if let Some(s) = &mut reading.sentiment {
        // Only a head of somebody else's, with labels left out, sums to anything but 1.
        let sum = s.negative + s.neutral + s.positive;
        if sum > 0.0 {
            *s = Sentiment {
                negative: s.negative / sum,
                neutral: s.neutral / sum,
                positive: s.positive / sum,
            };
        }
    }
    reading
}

impl Reading {
    fn add(&mut self, meaning: Meaning, p: f32, share: f32) {
        let sentiment = &mut self.sentiment;
        let signals = &mut self.signals;
        let larger = |place: &mut f32| *place = place.max(p);
        match meaning {
            Meaning::Negative => sentiment.get_or_insert_default().negative += share * p,
            Meaning::Neutral => sentiment.get_or_insert_default().neutral += share * p,
            Meaning::Positive => sentiment.get_or_insert_default().positive += share * p,
            Meaning::Risk => larger(self.risk.get_or_insert_default()),
            Meaning::RepeatContact => larger(&mut signals.get_or_insert_default().repeat_contact),
            Meaning::RelationshipAtRisk => {
                larger(&mut signals.get_or_insert_default().relationship_at_risk);
            }
            Meaning::Escalation => larger(&mut signals.get_or_insert_default().escalation),
            Meaning::ProblemStated => larger(&mut signals.get_or_insert_default().problem_stated),
            Meaning::Intent(intent) => {
                larger(&mut self.intents.get_or_insert_default().0[intent as usize]);
            }
            Meaning::Ignore => {}
        }
    }
}

fn probabilities(head: &HeadReading, logits: &[f32]) -> Vec<f32> {
    let scaled = logits.iter().zip(&head.calibration.scale).zip(&head.calibration.bias);
    let scaled = scaled.map(|((logit, scale), bias)| logit * scale + bias);
    match head.kind {
        Kind::Sigmoid => scaled.map(sigmoid).collect(),
        Kind::Softmax => {
            let scaled: Vec<f32> = scaled.collect();
            let largest = scaled.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let powers: Vec<f32> = scaled.iter().map(|x| (x - largest).exp()).collect();
            let sum: f32 = powers.iter().sum();
            let mut shares: Vec<f32> = powers.into_iter().map(|p| p / sum).collect();
            // These labels exclude each other: of two that mean the same, one or the other is their sum.
            for n in (1..shares.len()).rev() {
                let same = |meaning: &Meaning| *meaning == head.meanings[n];
                if let Some(first) = head.meanings[..n].iter().position(same) {
                    shares[first] =
                        (shares[first] + std::mem::take(&mut shares[n])).clamp(0.0, 1.0);
                }
            }
            shares
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::Calibration;

    fn heads() -> Vec<HeadReading> {
        let polarities = vec![Meaning::Negative, Meaning::Neutral, Meaning::Positive];
        let calibration = Calibration { scale: vec![2.0], bias: vec![-1.0] };
        vec![
            HeadReading {
                kind: Kind::Softmax,
                calibration: Calibration::identity(3),
                meanings: polarities,
            },
            HeadReading { kind: Kind::Sigmoid, calibration, meanings: vec![Meaning::Risk] },
        ]
    }

    #[test]
    fn one_window_is_softmax_and_scaled_sigmoid() {
        let logits = [0.0, 2.0f32.ln(), 0.0, 1.0];
        let reading = read(&heads(), &[WindowLogits { logits: &logits, weight: 7.0 }]);
        let sentiment = reading.sentiment.expect("a head");
        assert!((sentiment.neutral - 0.5).abs() < 1e-6 && (sentiment.negative - 0.25).abs() < 1e-6);
        // sigmoid(2 * 1 - 1)
        assert!((reading.risk.expect("a head") - 0.731_058_6).abs() < 1e-6);
        assert_eq!((reading.signals, reading.intents), (None, None));
    }

    #[test]
    fn labels_of_one_meaning_add_up_where_they_exclude_each_other() {
        let meanings = vec![Meaning::Risk, Meaning::Ignore, Meaning::Risk];
        let risk = |kind, logits: &[f32]| {
            let calibration = Calibration::identity(3);
            let head = HeadReading { kind, calibration, meanings: meanings.clone() };
            read(&[head], &[WindowLogits { logits, weight: 1.0 }]).risk.expect("a head")
        };
        let logits = [0.45f32, 0.10, 0.45];
        assert!((risk(Kind::Softmax, &logits.map(f32::ln)) - 0.9).abs() < 1e-6);
        let odds = logits.map(|p| (p / (1.0 - p)).ln());
        assert!((risk(Kind::Sigmoid, &odds) - 0.45).abs() < 1e-6);
        // The sum of rounded shares is at times more than one, which no probability is.
        for n in 0..1000 {
            assert!(risk(Kind::Softmax, &[0.0, -200.0, n as f32 / -100.0]) <= 1.0, "{n}");
        }
    }

    #[test]
    fn feeling_of_which_nothing_is_left_is_no_nan() {
        let mut heads = heads();
        heads[0].kind = Kind::Sigmoid;
        let logits = [-200.0, -200.0, -200.0, 0.0];
        let reading = read(&heads, &[WindowLogits { logits: &logits, weight: 1.0 }]);
        assert_eq!(reading.sentiment, Some(Sentiment::default()));
    }

    #[test]
    fn the_worst_window_counts_for_risk_and_the_mean_for_feeling() {
        let (calm, bad) = ([0.0, 90.0, 0.0, -90.0], [90.0, 0.0, 0.0, 90.0]);
        let windows = [
            WindowLogits { logits: &calm, weight: 3.0 },
            WindowLogits { logits: &bad, weight: 1.0 },
        ];
        let reading = read(&heads(), &windows);
        assert_eq!(reading.risk, Some(1.0));
        assert!((reading.sentiment.expect("a head").negative - 0.25).abs() < 1e-6);
    }
}
