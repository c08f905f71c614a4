//! What goes to standard error: notices, progress and the summary, never a message's text.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use beleving_archive::Inputs;
use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use crate::args::LogFormat;

/// Time between two lines of progress where no terminal is there.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Time between two moves of the bar.
const BAR_EVERY: Duration = Duration::from_millis(200);

static JSON: AtomicBool = AtomicBool::new(false);
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Whether logs are JSON lines.
pub(crate) fn is_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// Starts the log.
pub(crate) fn start(format: LogFormat) {
    JSON.store(format == LogFormat::Json, Ordering::Relaxed);
    let builder =
        tracing_subscriber::fmt().with_writer(|| AboveBar).with_max_level(tracing::Level::INFO);
    match format {
        LogFormat::Json => builder.json().flatten_event(true).with_target(false).init(),
        LogFormat::Text => {
            builder.without_time().with_level(false).with_target(false).with_ansi(false).init();
        }
    }
}

/// Standard error, with the bar out of the way while a line is written. One that takes nothing more, as a log on a disk
/// that is full, does not end a run.
struct AboveBar;

impl Write for AboveBar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bar = BAR.lock().ok().and_then(|bar| bar.clone());
        let _ = match bar {
            Some(bar) => bar.suspend(|| io::stderr().write_all(bytes)),
            None => io::stderr().write_all(bytes),
        };
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = io::stderr().flush();
        Ok(())
    }
}

/// So many of what has a name, as text: `1 message`, `20,000 messages`.
pub(crate) fn counted(n: u64, name: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {name}{plural}", HumanCount(n))
}

/// Shows how far a run is: a bar on a terminal, a line now and then elsewhere.
pub(crate) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    pub(crate) fn start(inputs: &Inputs, quiet: bool, rows: Arc<AtomicU64>) -> Self {
        if quiet {
            return Self(None);
        }
        let (total, bytes) = (inputs.total_bytes(), inputs.bytes_read());
        let with_bar = io::stderr().is_terminal() && !is_json();
        let bar = with_bar.then(|| bar(total));
        if let (Some(bar), Ok(mut shown)) = (&bar, BAR.lock()) {
            *shown = Some(bar.clone());
        }
        let (stop, stopped) = channel::<()>();
        let started = Instant::now();
        let thread = thread::spawn(move || {
            let every = if bar.is_some() { BAR_EVERY } else { LINE_EVERY };
            while stopped.recv_timeout(every).is_err_and(|e| e == RecvTimeoutError::Timeout) {
                let (rows, bytes) = (rows.load(Ordering::Relaxed), bytes.load(Ordering::Relaxed));
                let rate = rows as f64 / started.elapsed().as_secs_f64();
                match &bar {
                    Some(bar) => {
                        bar.set_position(bytes);
                        bar.set_message(format!("{}, {rate:.0}/s", counted(rows, "message")));
                    }
                    None => say(rows, rate, bytes, total, started.elapsed()),
                }
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        Self(Some((stop, thread)))
    }

    pub(crate) fn end(self) {
        if let Some((stop, thread)) = self.0 {
            drop(stop);
            let _ = thread.join();
            if let Ok(mut shown) = BAR.lock() {
                *shown = None;
            }
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    if total == 0 {
        return ProgressBar::new_spinner();
    }
    let template = "{wide_bar} {msg}, {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    ProgressBar::new(total).with_style(style)
}

fn say(rows: u64, rate: f64, bytes: u64, total: u64, elapsed: Duration) {
    if is_json() {
        tracing::info!(messages = rows, rate, bytes, total_bytes = total, "progress");
        return;
    }
    let left = (total > bytes && bytes > 0)
        .then(|| elapsed.mul_f64((total - bytes) as f64 / bytes as f64))
        .map_or(String::new(), |left| format!(", {} left", HumanDuration(left)));
    tracing::info!("{}, {rate:.0}/s{left}", counted(rows, "message"));
}
