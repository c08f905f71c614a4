//! Ctrl-C and termination: what is in hand is finished, and the run can be gone on with.

use std::path::{Path, PathBuf};
use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit status of a program that a signal ended.
const EXIT_INTERRUPTED: i32 = 130;

static STOP: AtomicBool = AtomicBool::new(false);
static RESUMABLE: AtomicBool = AtomicBool::new(false);
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Whether the run is to stop after the part in hand.
pub(crate) fn stop_wanted() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Listens for signals. A run that can be resumed ends after its part; any other at once.
pub(crate) fn listen() {
    let heard = || {
        let resumable = RESUMABLE.load(Ordering::Relaxed);
        if resumable && !STOP.swap(true, Ordering::Relaxed) {
            tracing::warn!("stopping after the part in hand; once more ends at once");
            return;
        }
        for path in TEMPORARY.lock().iter().flat_map(|paths| paths.iter()) {
            let _ = std::fs::remove_file(path).or_else(|_| std::fs::remove_dir_all(path));
        }
        process::exit(EXIT_INTERRUPTED);
    };
    if ctrlc::set_handler(heard).is_err() {
        tracing::warn!("signals cannot be heard here: an interrupted run ends at once");
    }
}

/// Says that the run keeps finished parts.
pub(crate) fn can_resume() {
    RESUMABLE.store(true, Ordering::Relaxed);
}

/// Whether the run keeps finished parts.
pub(crate) fn has_parts() -> bool {
    RESUMABLE.load(Ordering::Relaxed)
}

/// Has a file or folder removed if the run is interrupted.
pub(crate) fn remove_when_interrupted(path: &Path) {
    if let Ok(mut paths) = TEMPORARY.lock() {
        paths.push(path.to_owned());
    }
}
