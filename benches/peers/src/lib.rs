//! What every peer does, `runtimes.py` in Python likewise: reads batches of token ids, writes the mean vector of each
//! message to a file, says that it is ready, and then runs one round for each line on standard input.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use serde_json::{Value, json};

/// Token ids of messages, unpadded.
pub type Rows = Vec<Vec<u32>>;

/// An encoder that is measured.
pub trait Runtime {
    /// Messages in the form that the encoder takes.
    type Batch;
    /// Token vectors in the form that the encoder gives.
    type Hidden;

    fn batch(&self, rows: &[Vec<u32>]) -> anyhow::Result<Self::Batch>;

    /// What is timed.
    fn encode(&self, batch: &Self::Batch) -> anyhow::Result<Self::Hidden>;

    /// The mean over the tokens of each message, one after the other.
    fn means(&self, hidden: Self::Hidden, batch: &Self::Batch) -> anyhow::Result<Vec<f32>>;
}

/// What is asked of a peer: `PROGRAM FOLDER BATCHES.json VECTORS THREADS SINGLES [OPTION]...`.
pub struct Job {
    pub folder: PathBuf,
    pub batches: Vec<Rows>,
    pub threads: usize,
    pub options: Vec<String>,
    one: Rows,
    vectors: PathBuf,
    singles: usize,
}

impl Job {
    pub fn from_args() -> anyhow::Result<Self> {
        let mut args = std::env::args().skip(1);
        let mut next = |name| args.next().with_context(|| format!("no {name} given"));
        let folder = next("FOLDER")?.into();
        let text = std::fs::read_to_string(next("BATCHES")?).context("batches")?;
        let (batches, one) = serde_json::from_str(&text).context("batches")?;
        let vectors = next("VECTORS")?.into();
        let threads = next("THREADS")?.parse().context("THREADS")?;
        let singles = next("SINGLES")?.parse().context("SINGLES")?;
        Ok(Self {
            folder,
            batches,
            threads,
            options: args.collect(),
            one: vec![one],
            vectors,
            singles,
        })
    }

    /// Runs the rounds that are asked for. `about` stands in the line that says the peer is ready.
    pub fn serve<R: Runtime>(&self, runtime: &R, about: &Value) -> anyhow::Result<()> {
        let batches: Vec<R::Batch> =
            self.batches.iter().map(|rows| runtime.batch(rows)).collect::<Result<_, _>>()?;
        let one = runtime.batch(&self.one)?;
        let mut vectors = Vec::new();
        for batch in &batches {
            let means = runtime.means(runtime.encode(batch)?, batch)?;
            vectors.extend(means.into_iter().flat_map(f32::to_le_bytes));
        }
        std::fs::write(&self.vectors, vectors).context("vectors")?;
        runtime.encode(&one)?;
        let seconds = |batches: &[R::Batch]| -> anyhow::Result<f64> {
            let started = Instant::now();
            for batch in batches {
                runtime.encode(batch)?;
            }
            Ok(started.elapsed().as_secs_f64())
        };
        let mut out = io::stdout();
        writeln!(out, "{about}")?;
        for line in io::stdin().lock().lines() {
            line?;
            let spent = seconds(&batches)?;
            let waits = (0..self.singles).map(|_| seconds(std::slice::from_ref(&one)));
            let waits = waits.collect::<Result<Vec<_>, _>>()?;
            writeln!(out, "{}", json!({"seconds": spent, "waits": waits}))?;
        }
        Ok(())
    }
}

/// Rows filled up to the longest, and a mask with 1 for each token of a message.
pub fn padded(rows: &[Vec<u32>], pad: u32) -> (Vec<u32>, Vec<u32>, usize) {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let fill = |row: &Vec<u32>| (0..width).map(|at| row.get(at).copied().unwrap_or(pad)).collect();
    let ids = rows.iter().flat_map::<Vec<u32>, _>(fill).collect();
    let mask = rows.iter().flat_map(|row| (0..width).map(|at| u32::from(at < row.len())));
    (ids, mask.collect(), width)
}
