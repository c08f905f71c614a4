//! `beleving.json`: what this project adds to a Hugging Face folder.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::labels::{Calibration, Kind};
use crate::policy::Policy;

/// Version of the manifest's form that this build reads.
const SCHEMA: u32 = 1;

/// The manifest of a model folder.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Manifest {
    schema: u32,
    pub(crate) name: String,
    pub(crate) version: String,
    /// Languages the model was made for, as ISO 639-1 codes.
    pub(crate) languages: Vec<String>,
    pub(crate) pooling: Pooling,
    /// Tokens of a window, special tokens included.
    pub(crate) window_tokens: usize,
    pub(crate) heads: Vec<HeadConfig>,
    /// Share of bad experiences among the messages that the calibration was fitted on.
    pub(crate) base_rate: f32,
    pub(crate) policy: Policy,
    /// The head of interactions.
    pub(crate) interaction: Option<InteractionConfig>,
    /// What int8 changes on held-out messages, where that was measured (`training/measure_int8.py`).
    int8: Option<Int8Change>,
    /// SHA-256 of the other files, by name.
    pub(crate) files: BTreeMap<String, String>,
}

/// What computing in int8 instead of f32 changes: the largest over the sets it was measured on.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Int8Change {
    /// Of the area under the curve, of risk or of negative feeling.
    auroc: f32,
    /// Share of messages whose most probable feeling is another.
    top_label: f32,
}

/// The most that int8 may change: an interval of the AUROC on a thousand messages is ten times as wide.
const MOST_INT8_CHANGE: Int8Change = Int8Change { auroc: 0.003, top_label: 0.005 };

/// How the token vectors of a window become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pooling {
    /// Mean over all tokens, special tokens included.
    Mean,
    /// The first token.
    First,
}

/// One head: its labels and how its logits become probabilities.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct HeadConfig {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) labels: Vec<String>,
    pub(crate) calibration: Calibration,
}

/// The head of interactions: linear models over named features, fitted by `training/interaction.py`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InteractionConfig {
    /// Log odds of a bad experience at even odds.
    pub(crate) risk: LinearConfig,
    /// What a message that stands alone counts, as a share of its own log odds; `risk` then is for several only.
    pub(crate) single_message: Option<f32>,
    pub(crate) experience: OrdinalConfig,
    pub(crate) turned: LinearConfig,
    pub(crate) worst: LinearConfig,
    pub(crate) touchpoint: LinearConfig,
    /// Median of each projection of a sketch over many messages.
    pub(crate) sketch: Option<Vec<f32>>,
    /// How much an answer lets its reader down, over the encoder's vector.
    pub(crate) answers: Option<AnswersConfig>,
}

/// `bias + weights · features`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinearConfig {
    #[serde(default)]
    pub(crate) bias: f32,
    pub(crate) weights: BTreeMap<String, f32>,
}

/// `bias + weights · vector`, log odds
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswersConfig {
    pub(crate) bias: f32,
    pub(crate) weights: Vec<f32>,
}

/// Four cuts between five marks, over `weights · features`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrdinalConfig {
    pub(crate) cuts: [f32; 4],
    pub(crate) weights: BTreeMap<String, f32>,
}

impl Manifest {
    /// Reads `beleving.json`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if it does not parse or holds values that cannot be.
    pub(crate) fn parse(json: &[u8]) -> Result<Self> {
        let wrong = |text: String| Error::new(ErrorKind::Config, text);
        let manifest: Self = serde_json::from_slice(json)
            .map_err(|e| wrong("`beleving.json` does not parse".to_owned()).caused_by(e))?;
        if manifest.schema != SCHEMA {
            let found = manifest.schema;
            return Err(wrong(format!("`beleving.json` has schema {found}, expected {SCHEMA}")));
        }
        if manifest.heads.is_empty() {
            return Err(wrong("`beleving.json` has no `heads`, expected at least one".to_owned()));
        }
        let mut names = BTreeSet::new();
        for head in &manifest.heads {
            let (labels, calibration) = (head.labels.len(), &head.calibration);
            if !names.insert(&head.name) {
                return Err(wrong(format!("`beleving.json` names head `{}` twice", head.name)));
            }
            if labels == 0 || (calibration.scale.len(), calibration.bias.len()) != (labels, labels)
            {
                return Err(wrong(format!(
                    "head `{}` has {labels} labels, {} scales and {} biases, expected as many of each",
                    head.name,
                    calibration.scale.len(),
                    calibration.bias.len()
                )));
            }
            let mut numbers = calibration.scale.iter().chain(&calibration.bias);
            if let Some(found) = numbers.find(|v| !v.is_finite()) {
                let name = &head.name;
                return Err(wrong(format!(
                    "`calibration` of head `{name}` has {found}, expected finite numbers"
                )));
            }
        }
        if !(manifest.base_rate > 0.0 && manifest.base_rate < 1.0) {
            let found = manifest.base_rate;
            return Err(wrong(format!(
                "`base_rate` is {found}, expected more than 0 and less than 1"
            )));
        }
        manifest.policy.check()?;
        Ok(manifest)
    }

    /// The model, as `name@version`.
    pub(crate) fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Whether int8 was measured and found to change next to nothing; none if it was not measured.
    pub(crate) fn bears_int8(&self) -> Option<bool> {
        let most = MOST_INT8_CHANGE;
        self.int8.map(|found| found.auroc <= most.auroc && found.top_label <= most.top_label)
    }

    /// Compares the hashes of the files with those written down.
    ///
    /// # Errors
    /// [`ErrorKind::Checksum`] naming the first file that differs.
    pub(crate) fn check_files(&self, found: &[(&str, String)]) -> Result<()> {
        for (name, hash) in found {
            let expected = self.files.get(*name).map_or("none", String::as_str);
            if expected != hash {
                let text =
                    format!("`{name}` has SHA-256 {hash}, `beleving.json` expects {expected}");
                return Err(Error::new(ErrorKind::Checksum, text));
            }
        }
        Ok(())
    }
}
