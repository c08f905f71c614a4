use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::scores::Intent;

/// What one label of a model says about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Meaning {
    /// A negative feeling.
    Negative,
    /// No marked feeling.
    Neutral,
    /// A positive feeling.
    Positive,
    /// A bad experience.
    Risk,
    /// [`Signals::repeat_contact`](crate::Signals::repeat_contact)
    RepeatContact,
    /// [`Signals::relationship_at_risk`](crate::Signals::relationship_at_risk)
    RelationshipAtRisk,
    /// [`Signals::escalation`](crate::Signals::escalation)
    Escalation,
    /// [`Signals::problem_stated`](crate::Signals::problem_stated)
    ProblemStated,
    /// The customer has this intent.
    Intent(Intent),
    /// Nothing that this crate reports.
    Ignore,
}

impl Meaning {
    /// The meaning that a label of this project's own models names.
    fn of_own_label(label: &str) -> Option<Self> {
        Some(match label {
            "negative" => Self::Negative,
            "neutral" => Self::Neutral,
            "positive" => Self::Positive,
            "bad_experience" => Self::Risk,
            "repeat_contact" => Self::RepeatContact,
            "relationship_at_risk" => Self::RelationshipAtRisk,
            "escalation" => Self::Escalation,
            "problem_stated" => Self::ProblemStated,
            _ => Self::Intent(label.parse().ok()?),
        })
    }

    /// The polarity that a label of somebody else's sentiment model names beyond doubt.
    fn of_polarity_label(label: &str) -> Option<Self> {
        match label.to_lowercase().as_str() {
            "negative" | "neg" | "negatief" | "1 star" | "2 stars" => Some(Self::Negative),
            "neutral" | "neu" | "neutraal" | "3 stars" => Some(Self::Neutral),
            "positive" | "pos" | "positief" | "4 stars" | "5 stars" => Some(Self::Positive),
            _ => None,
        }
    }
}

impl FromStr for Meaning {
    type Err = Error;

    /// Reads `negative`, `neutral`, `positive`, `bad_experience`, a signal, an intent or `ignore`.
    fn from_str(name: &str) -> Result<Self> {
        if name == "ignore" {
            return Ok(Self::Ignore);
        }
        Self::of_own_label(name).ok_or_else(|| {
            let text = format!(
                "`{name}` is no meaning of a label, expected `negative`, `neutral`, `positive`, \
                 `bad_experience`, the name of a signal or intent, or `ignore`"
            );
            Error::new(ErrorKind::Labels, text)
        })
    }
}

/// What the labels of somebody else's model mean, where their names do not say it.
///
/// ```
/// use beleving::{LabelMap, Meaning};
/// let map = LabelMap::new().with("LABEL_0", Meaning::Negative).with("LABEL_1", Meaning::Positive);
/// # let _ = map;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelMap(BTreeMap<String, Meaning>);

impl LabelMap {
    /// Makes a map without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// States the meaning of a label. Labels that a map leaves out are ignored.
    pub fn with(mut self, label: impl Into<String>, meaning: Meaning) -> Self {
        self.0.insert(label.into(), meaning);
        self
    }
}

/// How logits become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// One label is true.
    Softmax,
    /// Each label is true or not, on its own.
    Sigmoid,
}

/// Vector scaling: `scale[c] * logit[c] + bias[c]` goes into the softmax or sigmoid
/// (Guo et al. 2017, "On Calibration of Modern Neural Networks").
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Calibration {
    pub(crate) scale: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl Calibration {
    /// Leaves logits as they are.
    pub(crate) fn identity(classes: usize) -> Self {
        Self { scale: vec![1.0; classes], bias: vec![0.0; classes] }
    }
}

/// How the logits of one head are read.
#[derive(Debug, Clone)]
pub(crate) struct HeadReading {
    pub(crate) kind: Kind,
    pub(crate) calibration: Calibration,
    /// One per class.
    pub(crate) meanings: Vec<Meaning>,
}

impl HeadReading {
    /// States the risk for traffic with another share of bad experiences: its log odds move by `shift`
    /// (Saerens et al. 2002, "Adjusting the Outputs of a Classifier to New a Priori Probabilities").
    pub(crate) fn shift_risk(&mut self, shift: f32) {
        for (bias, meaning) in self.calibration.bias.iter_mut().zip(&self.meanings) {
            if *meaning == Meaning::Risk {
                *bias += shift;
            }
        }
    }
}

/// Labels that an error shows.
const SHOWN_LABELS: usize = 20;

/// Finds the meanings of labels by their names in this project's own models.
///
/// # Errors
/// [`ErrorKind::Labels`] for a label this build does not know.
pub(crate) fn own_meanings(labels: &[String]) -> Result<Vec<Meaning>> {
    labels.iter().map(|label| label.parse()).collect()
}

/// Finds the meanings of a user's own model: by `map`, or by name if the names are polarities.
///
/// # Errors
/// [`ErrorKind::Labels`] if a label's meaning is unknown, or `map` names a label that is not there,
/// or only one end of the sentiment is known.
pub(crate) fn meanings(labels: &[String], map: Option<&LabelMap>) -> Result<Vec<Meaning>> {
    let wrong = |text: String| Error::new(ErrorKind::Labels, text);
    let shown = &labels[..labels.len().min(SHOWN_LABELS)];
    let found: Vec<Meaning> = match map {
        Some(map) => {
            if let Some(unknown) = map.0.keys().find(|key| !labels.contains(key)) {
                let text = format!("the model has no label `{unknown}`, it has {shown:?}");
                return Err(wrong(text));
            }
            labels.iter().map(|l| map.0.get(l).copied().unwrap_or(Meaning::Ignore)).collect()
        }
        None => labels
            .iter()
            .map(|label| {
                Meaning::of_polarity_label(label).ok_or_else(|| {
                    wrong(format!(
                        "label `{label}` of {shown:?} says nothing of its polarity; state what each \
                         label means with a `LabelMap` (`--label '{label}=negative'`)"
                    ))
                })
            })
            .collect::<Result<_>>()?,
    };
    if found.contains(&Meaning::Negative) != found.contains(&Meaning::Positive) {
        let text =
            format!("labels {shown:?}: both `negative` and `positive` are needed, or neither");
        return Err(wrong(text));
    }
    if found.iter().all(|meaning| *meaning == Meaning::Ignore) {
        return Err(wrong(format!("none of the labels {shown:?} has a meaning")));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn polarities_are_known_by_name() {
        let found = meanings(&labels(&["NEG", "Positive"]), None).expect("known");
        assert_eq!(found, [Meaning::Negative, Meaning::Positive]);
        let stars = labels(&["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]);
        assert_eq!(meanings(&stars, None).expect("known")[2], Meaning::Neutral);
    }

    #[test]
    fn unknown_polarity_is_refused_with_the_way_to_state_it() {
        let error = meanings(&labels(&["LABEL_0", "LABEL_1"]), None).expect_err("unknown");
        assert_eq!(error.kind(), ErrorKind::Labels);
        assert!(error.to_string().contains("--label 'LABEL_0=negative'"), "{error}");
    }

    #[test]
    fn a_map_must_fit_the_model_and_name_both_ends() {
        let two = labels(&["LABEL_0", "LABEL_1"]);
        let map = LabelMap::new().with("LABEL_0", Meaning::Negative);
        assert!(meanings(&two, Some(&map)).is_err());
        let map = map.with("LABEL_1", Meaning::Positive);
        assert_eq!(meanings(&two, Some(&map)).expect("both ends").len(), 2);
        assert!(meanings(&two, Some(&map.with("LABEL_2", Meaning::Risk))).is_err());
        let risk = LabelMap::new().with("LABEL_1", Meaning::Risk);
        let found = meanings(&two, Some(&risk)).expect("risk alone");
        assert_eq!(found, [Meaning::Ignore, Meaning::Risk]);
    }
}
