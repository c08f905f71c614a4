//! Which model and policy a command goes by, and how they are loaded.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use anyhow::{Context, bail};
use beleving::{
    Duplicates, EngineKind, LabelMap, Meaning, ModelFiles, Policy, Scorer, ScorerBuilder, Threads,
};
use beleving_archive::hex;
use sha2::{Digest, Sha256};

use crate::args::{Engine, FolderArgs, ModelArgs, ThreadArgs};

/// Folder of the shipped model, looked for under `models/`.
const DEFAULT_MODEL: &str = "beleving-small";

/// A model that was loaded, and what it was loaded from.
pub(crate) struct Model {
    pub(crate) scorer: Scorer,
    /// SHA-256 of the hashes of all files of the folder; waits until it is known.
    pub(crate) sha256: LazyLock<String, Box<dyn FnOnce() -> String + Send>>,
}

impl ModelArgs {
    /// Loads the model.
    pub(crate) fn load(&self) -> anyhow::Result<Model> {
        let files = Arc::new(ModelFiles::read(&self.folder.path()?)?);
        let scorer = self.builder()?.model_files(Arc::clone(&files)).build()?;
        // After loading, which has work for every core.
        let hashing = std::thread::spawn(move || {
            let mut hash = Sha256::new();
            files.sha256().iter().for_each(|(_, file)| hash.update(file));
            hash.update(files.manifest.as_deref().unwrap_or_default());
            hex(&hash.finalize())
        });
        let wait = move || hashing.join().expect("hashing does not panic");
        Ok(Model { scorer, sha256: LazyLock::new(Box::new(wait)) })
    }

    /// The model and how it is run, not loaded yet.
    pub(crate) fn builder(&self) -> anyhow::Result<ScorerBuilder> {
        let mut builder = Scorer::builder()
            .model(self.folder.path()?)
            .engine(match self.engine {
                Engine::Native => EngineKind::Native,
                Engine::RustBert => EngineKind::RustBert,
            })
            .precision(self.precision)
            .threads(self.threads.count());
        if let Some(tier) = self.tier {
            builder = builder.tier(tier);
        }
        if self.encode_duplicates {
            builder = builder.duplicates(Duplicates::Each);
        }
        if let Some(path) = &self.policy {
            builder = builder.policy(read_policy(path, &self.folder.own_policy()?)?);
        }
        if !self.labels.is_empty() {
            builder = builder.labels(label_map(&self.labels)?);
        }
        Ok(builder)
    }
}

impl FolderArgs {
    /// The folder that was named, else the shipped model's.
    pub(crate) fn path(&self) -> anyhow::Result<PathBuf> {
        self.model.as_ref().map_or_else(default_model, |folder| Ok(folder.clone()))
    }

    /// The policy of the folder that was named, else of the shipped model; the library's if there is neither.
    pub(crate) fn own_policy(&self) -> anyhow::Result<Policy> {
        match (&self.model, self.path()) {
            (None, Err(_)) => Ok(Policy::default()),
            (_, folder) => Ok(Policy::of_model(folder?)?),
        }
    }
}

impl ThreadArgs {
    pub(crate) fn count(&self) -> Threads {
        self.threads.map_or(Threads::All, |n| Threads::Count(n.into()))
    }
}

/// Reads a policy file; what it leaves out is as in `own`.
pub(crate) fn read_policy(path: &Path, own: &Policy) -> anyhow::Result<Policy> {
    let toml = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read policy `{}`", path.display()))?;
    own.over(&toml).with_context(|| format!("policy `{}`", path.display()))
}

/// The meanings that `--label` states.
pub(crate) fn label_map(labels: &[(String, String)]) -> anyhow::Result<LabelMap> {
    labels.iter().try_fold(LabelMap::new(), |map, (label, meaning)| {
        Ok(map.with(label.as_str(), meaning.parse::<Meaning>()?))
    })
}

/// The shipped model in the folders above the working directory or above the program.
fn default_model() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir().ok();
    let program = std::env::current_exe().ok();
    let found = [here, program]
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .map(|folder| folder.join("models").join(DEFAULT_MODEL))
        .find(|folder: &PathBuf| Path::is_dir(folder));
    match found {
        Some(folder) => Ok(folder),
        None => bail!(
            "no folder `models/{DEFAULT_MODEL}` here or above; name a model with --model DIR or BELEVING_MODEL"
        ),
    }
}
