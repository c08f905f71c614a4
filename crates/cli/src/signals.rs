//! Ctrl-C and termination: what is in hand is finished, and the run can be gone on with.

use std::path::{Path, PathBuf};
use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit status of a program that a signal ended.
const EXIT_INTERRUPTED: i32 = 130;

static STOP: AtomicBool = AtomicBool::new(false);
static RESUMABLE: AtomicBool = AtomicBool::new(false);
/// Whether parts are being made, between which the run can stop.
static IN_PARTS: AtomicBool = AtomicBool::new(false);
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Whether the run is to stop after the part in hand.
pub(crate) fn stop_wanted() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Listens for signals. A run that can be resumed ends after the part that it is making; any other at once.
pub(crate) fn listen() {
    let heard = || {
        let between_parts = has_parts() && IN_PARTS.load(Ordering::Relaxed);
        if between_parts && !STOP.swap(true, Ordering::Relaxed) {
            tracing::warn!("stopping after the part in hand; once more ends at once");
            return;
        }
        if has_parts() {
            tracing::warn!(
                "ended; finished parts are kept, and the same command with --resume goes on"
            );
        }
        for path in TEMPORARY.lock().iter().flat_map(|paths| paths.iter()) {
            let _ = std::fs::remove_file(path).or_else(|_| std::fs::remove_dir_all(path));
        }
        process::exit(if has_parts() { crate::EXIT_STOPPED.into() } else { EXIT_INTERRUPTED });
    };
    if ctrlc::set_handler(heard).is_err() {
        tracing::warn!("signals cannot be heard here: an interrupted run ends at once");
    }
}

/// Says that the run keeps finished parts.
pub(crate) fn can_resume() {
    RESUMABLE.store(true, Ordering::Relaxed);
}

/// Makes parts: the run can stop between two of them.
pub(crate) fn in_parts<T>(make: impl FnOnce() -> T) -> T {
    IN_PARTS.store(true, Ordering::Relaxed);
    let made = make();
    IN_PARTS.store(false, Ordering::Relaxed);
    made
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
