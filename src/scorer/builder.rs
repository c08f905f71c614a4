use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::engine::{self, Device, Engine, EngineKind, Precision, Settings};
use crate::error::{Error, ErrorKind, Result};
use crate::heads::{Heads, HeadsSpec};
use crate::kernels::cpu::Tier;
use crate::labels::{self, Calibration, HeadReading, LabelMap, Meaning};
use crate::model::config::{self, ClassifierConfig, EncoderConfig};
use crate::model::files::ModelFiles;
use crate::model::manifest::Manifest;
use crate::model::weights::Weights;
use crate::parallel::{Threads, Workers};
use crate::policy::Policy;
use crate::scorer::known::Known;
use crate::scorer::{Duplicates, Encoder, Scorer, trial};
use crate::scores::log_odds;
use crate::scoring::head::Head;
use crate::scoring::judge::Judge;
use crate::text::tokenizer::Tokenizer;
use crate::text::window::Windows;

/// Tokens of a window where the model does not say: what models of these families are trained on.
const WINDOW_TOKENS: usize = 512;
/// The share of bad experiences that the risk of a model is taken to be stated for that does not say.
const EVEN: f32 = 0.5;
/// Windows of a message: about 5,000 words, longer than any letter.
pub(super) const MAX_WINDOWS: usize = 32;

/// Configures and loads a [`Scorer`].
///
/// ```
/// use beleving::{Scorer, Threads};
///
/// let scorer = Scorer::builder().model("models/tiny").threads(Threads::Count(1)).build()?;
/// assert_eq!(scorer.threads(), 1);
/// # Ok::<(), beleving::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct ScorerBuilder {
    source: Option<Source>,
    settings: Settings,
    threads: Threads,
    policy: Option<Policy>,
    labels: Option<LabelMap>,
    max_windows: Option<usize>,
    verify: bool,
    duplicates: Duplicates,
}

#[derive(Debug)]
enum Source {
    Folder(PathBuf),
    Files(Arc<ModelFiles>),
}

/// What a model's heads are and what its outputs mean.
struct Outputs {
    heads: HeadsSpec,
    readings: Vec<HeadReading>,
}

impl ScorerBuilder {
    /// Takes the model from a folder: one of this project's, or any Hugging Face folder with a
    /// sequence classification model of the BERT family.
    pub fn model(mut self, folder: impl Into<PathBuf>) -> Self {
        self.source = Some(Source::Folder(folder.into()));
        self
    }

    /// Takes the model from bytes, of one's own or shared.
    pub fn model_files(mut self, files: impl Into<Arc<ModelFiles>>) -> Self {
        self.source = Some(Source::Files(files.into()));
        self
    }

    /// Chooses the engine; native unless set.
    pub fn engine(mut self, engine: EngineKind) -> Self {
        self.settings.kind = engine;
        self
    }

    /// Chooses where the rust-bert engine computes; the CPU unless set.
    pub fn device(mut self, device: Device) -> Self {
        self.settings.device = device;
        self
    }

    /// Chooses the number format of the encoder; [`Precision::Auto`] unless set.
    pub fn precision(mut self, precision: Precision) -> Self {
        self.settings.precision = precision;
        self
    }

    /// Chooses the instructions of the native engine; the best this CPU has unless set. For tests and
    /// comparisons: scores of different tiers differ in their last digits.
    pub fn tier(mut self, tier: Tier) -> Self {
        self.settings.tier = Some(tier);
        self
    }

    /// Chooses the threads; all cores unless set.
    pub fn threads(mut self, threads: Threads) -> Self {
        self.threads = threads;
        self
    }

    /// Replaces the model folder's policy.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// States what the labels of somebody else's model mean, where their names do not say it.
    pub fn labels(mut self, labels: LabelMap) -> Self {
        self.labels = Some(labels);
        self
    }

    /// Sets how many windows of a message are read at most; 32 unless set, at least 1. It bounds what
    /// one long message can cost.
    pub fn max_windows(mut self, windows: usize) -> Self {
        self.max_windows = Some(windows.max(1));
        self
    }

    /// Compares the model's files with the SHA-256 in its `beleving.json` before loading them. A folder without one is
    /// refused then: there is nothing to compare with.
    pub fn verify_files(mut self) -> Self {
        self.verify = true;
        self
    }

    /// Chooses whether equal messages are encoded once; they are unless set.
    pub fn duplicates(mut self, duplicates: Duplicates) -> Self {
        self.duplicates = duplicates;
        self
    }

    /// Loads the encoder alone: heads, policy and labels are neither needed nor looked at.
    /// [`Precision::Auto`] is int8 only where the folder's `beleving.json` says that it bears it.
    ///
    /// # Errors
    /// As [`Self::build`], for the files and settings that it reads.
    pub fn build_encoder(self) -> Result<Encoder> {
        let Opened { files, config, manifest, .. } = Opened::of(self.source, self.verify)?;
        let weights = Weights::open(&files.weights, &config, &[])?;
        let workers = Workers::start(self.threads)?;
        let (tokenizer, engine) = workers.join(
            || Tokenizer::parse(&files.tokenizer, &config),
            || load_engine(self.settings, manifest.as_ref(), &config, &weights, None),
        );
        let (tokenizer, engine) = (tokenizer?, engine?);
        let window_tokens = window_tokens(manifest.as_ref(), &config);
        text_tokens(window_tokens, &tokenizer)?;
        Ok(Encoder {
            engine,
            tokenizer,
            workers,
            duplicates: self.duplicates,
            window_tokens,
            vocab: config.vocab,
            hidden: config.hidden,
        })
    }

    /// Loads the model.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], [`ErrorKind::Config`], [`ErrorKind::Tokenizer`], [`ErrorKind::Weights`],
    /// [`ErrorKind::MissingTensor`], [`ErrorKind::Shape`], [`ErrorKind::NonFinite`] or
    /// [`ErrorKind::Checksum`] for a faulty folder; [`ErrorKind::Labels`] for outputs whose meaning is
    /// unknown; [`ErrorKind::Unsupported`] for a model or engine this build does not run;
    /// [`ErrorKind::Policy`] and [`ErrorKind::Threads`] for settings out of range.
    pub fn build(self) -> Result<Scorer> {
        let Opened { files, name, config, classifier, manifest } =
            Opened::of(self.source, self.verify)?;
        let mut outputs = match &manifest {
            Some(manifest) => own_outputs(manifest, &config, self.labels.as_ref())?,
            None => classifier_outputs(classifier, &config, self.labels.as_ref())?,
        };
        let policy = self.policy.unwrap_or_else(|| {
            manifest.as_ref().map_or_else(Policy::default, |manifest| manifest.policy.clone())
        });
        policy.check()?;
        let base_rate = manifest.as_ref().map_or(EVEN, |manifest| manifest.base_rate);
        let shift = log_odds(policy.base_rate) - log_odds(base_rate);
        outputs.readings.iter_mut().for_each(|head| head.shift_risk(shift));
        let interaction = manifest.as_ref().and_then(|manifest| manifest.interaction.as_ref());
        let head = interaction.map(Head::load).transpose()?.unwrap_or_default();
        let sketch = interaction.and_then(|interaction| interaction.sketch.clone());
        let answers = interaction.and_then(|interaction| interaction.answers.clone());
        let weights_of_answers = answers.as_ref().map(|answers| answers.weights.len());
        if let Some(found) = weights_of_answers.filter(|&found| found != config.hidden) {
            let expected = config.hidden;
            let text = format!(
                "`interaction.answers` of `beleving.json` has {found} weights, expected {expected}, as a vector of this encoder has values"
            );
            return Err(Error::new(ErrorKind::Config, text));
        }
        let own_id = manifest.as_ref().map(Manifest::id);
        let workers = Workers::start(self.threads)?;

        let weights = Weights::open(&files.weights, &config, &outputs.heads.tensors())?;
        let heads = Heads::load(self.settings.cpu()?, &outputs.heads, config.hidden, &weights)?;
        // To hash large files takes a second.
        let named = || own_id.unwrap_or_else(|| id_of(&name, &files, self.labels.as_ref()));
        let ((tokenizer, model_id), engine) = workers.join(
            || (Tokenizer::parse(&files.tokenizer, &config), named()),
            || load_engine(self.settings, manifest.as_ref(), &config, &weights, Some(&heads)),
        );
        let (tokenizer, engine, model_id) = (tokenizer?, engine?, Arc::<str>::from(model_id));
        let windows = Windows {
            tokens: text_tokens(window_tokens(manifest.as_ref(), &config), &tokenizer)?,
            limit: self.max_windows.unwrap_or(MAX_WINDOWS),
        };
        Ok(Scorer {
            heads,
            engine,
            tokenizer,
            windows,
            workers,
            duplicates: self.duplicates,
            known: Known::default(),
            judge: Judge {
                head,
                model: model_id.clone(),
                has_risk: outputs.readings.iter().any(|h| h.meanings.contains(&Meaning::Risk)),
            },
            sketch,
            answers,
            model_id,
            policy_id: policy.id().into(),
            policy,
            readings: outputs.readings,
            languages: manifest.map(|m| m.languages).unwrap_or_default(),
        })
    }
}

impl Judge {
    /// Opens what a model folder says of interactions, without its weights: `beleving.json`.
    ///
    /// Returns the judge, the folder's default policy, and checks nothing else of the folder.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], [`ErrorKind::Config`], [`ErrorKind::Labels`] or [`ErrorKind::Policy`] for a `beleving.json` that is
    /// missing or faulty.
    pub fn open(folder: impl AsRef<Path>) -> Result<(Self, Policy)> {
        let path = folder.as_ref().join("beleving.json");
        let json = std::fs::read(&path).map_err(|e| {
            Error::new(ErrorKind::Io, format!("cannot read `{}`", path.display())).caused_by(e)
        })?;
        let manifest = Manifest::parse(&json)?;
        let head = manifest.interaction.as_ref().map(Head::load).transpose()?.unwrap_or_default();
        let labels = manifest.heads.iter().flat_map(|head| &head.labels);
        let judge = Self {
            head,
            model: manifest.id().into(),
            has_risk: labels::own_meanings(&labels.cloned().collect::<Vec<_>>())?
                .contains(&Meaning::Risk),
        };
        Ok((judge, manifest.policy))
    }
}

impl Policy {
    /// The policy of a model folder; [`Self::default`] where it has none of its own.
    ///
    /// # Errors
    /// As [`Judge::open`], and [`ErrorKind::Io`] for a folder that is missing.
    pub fn of_model(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let of_another_origin = folder.is_dir() && !folder.join("beleving.json").exists();
        if of_another_origin { Ok(Self::default()) } else { Ok(Judge::open(folder)?.1) }
    }
}

/// What tells somebody else's model, read by these labels, from any other: `name@` and digits of a hash.
fn id_of(name: &str, files: &ModelFiles, labels: Option<&LabelMap>) -> String {
    let mut hash = Sha256::new();
    files.sha256().iter().for_each(|(_, file)| hash.update(file));
    hash.update(format!("{labels:?}"));
    let digits: String = hash.finalize().iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("{name}@{digits}")
}

/// What is read of a model before anything is made of it.
struct Opened {
    files: Arc<ModelFiles>,
    /// That of its folder.
    name: String,
    config: EncoderConfig,
    classifier: Option<ClassifierConfig>,
    manifest: Option<Manifest>,
}

impl Opened {
    fn of(source: Option<Source>, verify_files: bool) -> Result<Self> {
        let (files, name) = match source {
            Some(Source::Files(files)) => (files, "model".to_owned()),
            Some(Source::Folder(folder)) => {
                let name = folder.file_name().map_or("model".into(), |name| name.to_string_lossy());
                (Arc::new(ModelFiles::read(&folder)?), name.into_owned())
            }
            None => {
                return Err(Error::new(
                    ErrorKind::Config,
                    "no model is given: name a folder with `model`, or give bytes with `model_files`",
                ));
            }
        };
        let (config, classifier) = config::parse(&files.config)?;
        let manifest = files.manifest.as_deref().map(Manifest::parse).transpose()?;
        if verify_files {
            verify(manifest.as_ref(), &files)?;
        }
        Ok(Self { files, name, config, classifier, manifest })
    }
}

fn verify(manifest: Option<&Manifest>, files: &ModelFiles) -> Result<()> {
    let Some(manifest) = manifest else {
        let text = "there is no `beleving.json` with checksums to compare the files with";
        return Err(Error::new(ErrorKind::Checksum, text));
    };
    manifest.check_files(&files.sha256())
}

/// Tokens of a window, special ones included.
fn window_tokens(manifest: Option<&Manifest>, config: &EncoderConfig) -> usize {
    manifest.map_or(WINDOW_TOKENS, |manifest| manifest.window_tokens).min(config.max_tokens())
}

/// Tokens of a text that a window has room for beside the special ones.
fn text_tokens(window: usize, tokenizer: &Tokenizer) -> Result<usize> {
    let special = tokenizer.n_special();
    window.checked_sub(special).filter(|n| *n > 0).ok_or_else(|| {
        let text = format!("a window of {window} tokens has no room beside {special} special ones");
        Error::new(ErrorKind::Config, text)
    })
}

/// Loads the encoder, in int8 where it may be chosen and the model bears it. Where the folder does not say so, a trial with the
/// heads does.
fn load_engine(
    settings: Settings,
    manifest: Option<&Manifest>,
    config: &EncoderConfig,
    weights: &Weights<'_>,
    heads: Option<&Heads>,
) -> Result<Box<dyn Engine>> {
    let load = |precision| engine::load(Settings { precision, ..settings }, config, weights);
    if settings.may_choose_int8(config)? {
        match (manifest.and_then(Manifest::bears_int8), heads) {
            (Some(true), _) => return load(Precision::Int8),
            (None, Some(heads)) => {
                let (exact, int8) = (load(settings.without_int8()?)?, load(Precision::Int8)?);
                let passes = trial::passes(exact.as_ref(), int8.as_ref(), heads, config)?;
                return Ok(if passes { int8 } else { exact });
            }
            _ => {}
        }
    }
    load(settings.without_int8()?)
}

/// The heads that a `beleving.json` lists. Their labels name their own meanings.
fn own_outputs(
    manifest: &Manifest,
    config: &EncoderConfig,
    map: Option<&LabelMap>,
) -> Result<Outputs> {
    if map.is_some() {
        let text = "this model states the meaning of its labels itself; a label map does not apply";
        return Err(Error::new(ErrorKind::Labels, text));
    }
    let sizes = manifest.heads.iter().map(|head| (head.name.as_str(), head.labels.len()));
    let readings = manifest.heads.iter().map(|head| {
        Ok(HeadReading {
            kind: head.kind,
            calibration: head.calibration.clone(),
            meanings: labels::own_meanings(&head.labels)?,
        })
    });
    Ok(Outputs {
        readings: readings.collect::<Result<_>>()?,
        heads: HeadsSpec::own(manifest.pooling, config.hidden, sizes),
    })
}

/// The one head of a Hugging Face classification folder.
fn classifier_outputs(
    classifier: Option<ClassifierConfig>,
    config: &EncoderConfig,
    map: Option<&LabelMap>,
) -> Result<Outputs> {
    let classifier = classifier.ok_or_else(|| {
        let text = "the folder has neither a `beleving.json` nor `id2label` in `config.json`: it is an \
                    encoder without a head";
        Error::new(ErrorKind::Config, text)
    })?;
    let classes = classifier.labels.len();
    let reading = HeadReading {
        kind: classifier.kind,
        calibration: Calibration::identity(classes),
        meanings: labels::meanings(&classifier.labels, map)?,
    };
    Ok(Outputs { heads: HeadsSpec::of_family(config, classes), readings: vec![reading] })
}
