use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::insight::repeats::Contact;
use crate::policy::StakeWeights;

/// What stands between a customer and an organisation: a sum of events that fade. It is no probability of
/// leaving.
///
/// Every event adds its weight times its strength times `2^(-days since / half_life_days)`: a bad ending (its
/// risk), rework (1), announced leaving (its probability) and, after a bad ending with no contact since, the
/// silence (from 0 to 1 over one half-life, not faded).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Stake {
    /// Interactions that ended badly.
    pub bad_endings: f64,
    /// Interactions in which the customer had to come back.
    pub rework: f64,
    /// Announced leaving.
    pub leaving: f64,
    /// No contact since a bad ending.
    pub silence: f64,
}

impl Stake {
    /// Weighs the contacts of one customer, each there once as [`Contact::by_customer`] gives them, in any order, as of a moment.
    /// Those after the moment are left out. The weights are taken to be in range ([`Policy::check`](crate::Policy::check)).
    pub fn of<'a>(
        contacts: impl IntoIterator<Item = &'a Contact>,
        now: Timestamp,
        weights: &StakeWeights,
    ) -> Self {
        let half_life = f64::from(weights.half_life_days);
        let mut stake = Self::default();
        let mut last: Option<(Timestamp, bool)> = None;
        for contact in contacts.into_iter().filter(|contact| contact.end <= now) {
            let left = 0.5f64.powf(days(contact.end, now) / half_life);
            stake.bad_endings += left * f64::from(weights.bad_ending * contact.bad);
            stake.rework += left * f64::from(weights.rework) * f64::from(contact.rework);
            // Probabilities under a half are mostly nothing, and there are many of them.
            let leaving = if contact.leaving >= 0.5 { contact.leaving } else { 0.0 };
            stake.leaving += left * f64::from(weights.leaving * leaving);
            last = last.max(Some((contact.end, contact.bad > 0.0)));
        }
        if let Some((end, true)) = last {
            stake.silence = f64::from(weights.silence) * (days(end, now) / half_life).min(1.0);
        }
        stake
    }

    /// The sum.
    pub fn total(&self) -> f64 {
        self.bad_endings + self.rework + self.leaving + self.silence
    }
}

fn days(from: Timestamp, to: Timestamp) -> f64 {
    (to.as_second() - from.as_second()) as f64 / 86_400.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::scoring::judge::tests::{judge, state};
    use crate::verdict::Verdict;

    #[test]
    fn an_event_weighs_half_after_a_half_life_and_silence_grows() {
        let contact = |thread: &[(&str, i64, f32)]| {
            let verdict = judge().verdict(&state(thread), &Policy::default()).expect("in order");
            Contact::of(&Verdict { customer: Some("a".to_owned()), ..verdict }).expect("dated")
        };
        let bad = Contact { rework: true, ..contact(&[("c", 0, 0.9)]) };
        let risk = f64::from(bad.bad);
        assert!(risk > 0.5);
        let weights = StakeWeights::default();
        let at = |days: i64| Timestamp::from_second(days * 86_400).expect("in range");
        let now = Stake::of([&bad], at(0), &weights);
        assert!((now.total() - (risk + 0.5)).abs() < 1e-6, "{now:?}");
        let later = Stake::of([&bad], at(90), &weights);
        assert!((later.bad_endings - risk / 2.0).abs() < 1e-6 && later.silence == 0.5);
        // After good contact the silence is no longer one after a bad ending.
        let good = contact(&[("c", 24, 0.1)]);
        assert_eq!(Stake::of([&good, &bad], at(90), &weights).silence, 0.0);
        assert_eq!(Stake::of([&bad], at(-1), &weights), Stake::default());
    }
}
