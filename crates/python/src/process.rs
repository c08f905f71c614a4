//! What a process holds once: the loaded models and the threads they run on.
//!
//! Threads do not survive a fork, and memory does. So a model is loaded once and shared with forked children,
//! and each process makes threads of its own when it first needs them. The locks here are only held while the
//! interpreter is, and Python forks while it holds the interpreter too, so no child finds one locked; those of the native
//! engine are never waited for.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use beleving::{Policy, Precision, Result, Scorer, Threads};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// What tells models apart: where they are, when they were written, and how they are to run.
#[derive(PartialEq)]
struct Key {
    folder: PathBuf,
    written: Vec<Option<SystemTime>>,
    choice: Choice,
}

/// How a model is to run.
#[derive(PartialEq)]
pub(crate) struct Choice {
    pub(crate) precision: Precision,
    /// What is to differ from the model's own.
    pub(crate) policy: Option<String>,
    pub(crate) max_windows: Option<usize>,
}

/// So many models stay loaded that no scorer holds: who makes a scorer a call does not wait for each, and who tries a
/// hundred policies does not fill the memory. One takes some 50 MB.
const UNUSED: usize = 3;

#[derive(Default)]
struct Process {
    /// The last used last.
    models: Vec<(Key, Arc<Scorer>)>,
    /// By number of threads, for the process of that id.
    pools: HashMap<usize, Arc<ThreadPool>>,
    id: u32,
}

static PROCESS: LazyLock<Mutex<Process>> = LazyLock::new(Mutex::default);

/// The process's state, with threads that died in a fork forgotten.
fn process(_attached: Python<'_>) -> MutexGuard<'static, Process> {
    let mut process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    if process.id != std::process::id() {
        process.id = std::process::id();
        // To drop a pool is to wake its threads, which are not there.
        std::mem::forget(std::mem::take(&mut process.pools));
    }
    process
}

/// The threads of this process, as many as asked for; all cores it may use where nothing is.
pub(crate) fn pool(
    py: Python<'_>,
    threads: Option<usize>,
) -> std::result::Result<Arc<ThreadPool>, ThreadPoolBuildError> {
    let threads =
        threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let mut process = process(py);
    if let Some(pool) = process.pools.get(&threads) {
        return Ok(pool.clone());
    }
    let builder = ThreadPoolBuilder::new().num_threads(threads);
    let pool = Arc::new(builder.thread_name(|n| format!("beleving-{n}")).build()?);
    process.pools.insert(threads, pool.clone());
    Ok(pool)
}

/// A model of this process, loaded if it is not there yet.
pub(crate) fn model(
    py: Python<'_>,
    folder: &Path,
    choice: Choice,
    pool: &ThreadPool,
) -> Result<Arc<Scorer>> {
    let written = |file: &str| folder.join(file).metadata().and_then(|m| m.modified()).ok();
    let key = Key {
        folder: folder.canonicalize().unwrap_or_else(|_| folder.to_owned()),
        written: ["config.json", "beleving.json", "tokenizer.json", "model.safetensors"]
            .map(written)
            .to_vec(),
        choice,
    };
    let mut process = process(py);
    let models = &mut process.models;
    let model = match models.iter().position(|(known, _)| *known == key) {
        Some(place) => models.remove(place).1,
        None => {
            let Choice { precision, policy, max_windows } = &key.choice;
            let mut builder =
                Scorer::builder().model(folder).threads(Threads::Caller).precision(*precision);
            if let Some(policy) = policy {
                builder = builder.policy(Policy::of_model(folder)?.over(policy)?);
            }
            if let Some(windows) = max_windows {
                builder = builder.max_windows(*windows);
            }
            Arc::new(pool.install(|| builder.build())?)
        }
    };
    models.push((key, model.clone()));
    let unused = |model: &Arc<Scorer>| Arc::strong_count(model) == 1;
    let mut surplus =
        models.iter().filter(|(_, model)| unused(model)).count().saturating_sub(UNUSED);
    models.retain(|(_, model)| {
        let goes = surplus > 0 && unused(model);
        surplus -= usize::from(goes);
        !goes
    });
    Ok(model)
}
