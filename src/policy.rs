use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// Thresholds by which scores become flags and verdicts.
///
/// A model folder carries a default; [`ScorerBuilder::policy`](crate::ScorerBuilder::policy) sets another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Name of the policy; outputs carry `name@version`.
    pub name: String,
    /// Version of the policy.
    pub version: String,
    /// Share of messages that are bad experiences in the traffic to be scored, in `(0, 1)`. The risk of
    /// a model of this project is stated for it: half the odds of a bad message, half the odds of the
    /// risk. The policy of the model folder names the share that the model was calibrated at.
    pub base_rate: f32,
    /// Risk from which a message or interaction is flagged, in `(0, 1)`.
    pub flag_at: f32,
    /// Probability from which an intent is listed, in `(0, 1)`.
    pub intent_at: f32,
    /// Hours a customer waits for an answer before the wait is called silence.
    #[serde(default = "Policy::default_silence_hours")]
    pub silence_hours: f32,
}

impl Policy {
    /// Two working days.
    fn default_silence_hours() -> f32 {
        48.0
    }

    /// `name@version`
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// # Errors
    /// [`ErrorKind::Policy`] naming the first value out of range.
    pub(crate) fn check(&self) -> Result<()> {
        for (name, value) in [
            ("base_rate", self.base_rate),
            ("flag_at", self.flag_at),
            ("intent_at", self.intent_at),
        ] {
            if !(value > 0.0 && value < 1.0) {
                let text =
                    format!("policy: `{name}` is {value}, expected more than 0 and less than 1");
                return Err(Error::new(ErrorKind::Policy, text));
            }
        }
        if self.silence_hours.is_nan() || self.silence_hours <= 0.0 {
            let text =
                format!("policy: `silence_hours` is {}, expected more than 0", self.silence_hours);
            return Err(Error::new(ErrorKind::Policy, text));
        }
        Ok(())
    }
}

impl Default for Policy {
    /// Flags at evens; what a model folder without a policy of its own gets.
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            version: "1".to_owned(),
            base_rate: 0.5,
            flag_at: 0.5,
            intent_at: 0.5,
            silence_hours: Self::default_silence_hours(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_range_are_named() {
        assert!(Policy::default().check().is_ok());
        for (policy, name) in [
            (Policy { flag_at: 1.0, ..Policy::default() }, "flag_at"),
            (Policy { base_rate: f32::NAN, ..Policy::default() }, "base_rate"),
            (Policy { intent_at: -0.1, ..Policy::default() }, "intent_at"),
            (Policy { silence_hours: 0.0, ..Policy::default() }, "silence_hours"),
        ] {
            let error = policy.check().expect_err("out of range");
            assert_eq!(error.kind(), ErrorKind::Policy);
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
