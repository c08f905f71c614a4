//! Our encoder; the options are its precision and, where it is to be held to one, its CPU tier.

use anyhow::bail;
use beleving::{Duplicates, Encoder, Precision, Scorer, Threads};
use peers::{Job, Rows, Runtime};

struct Ours(Encoder);

impl Runtime for Ours {
    type Batch = Rows;
    type Hidden = Vec<Vec<f32>>;

    fn batch(&self, rows: &[Vec<u32>]) -> anyhow::Result<Rows> {
        Ok(rows.to_vec())
    }

    /// The mean vectors already: there is no way to the vectors of single tokens.
    fn encode(&self, rows: &Rows) -> anyhow::Result<Vec<Vec<f32>>> {
        let windows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
        Ok(self.0.encode(&windows).into_iter().collect::<Result<_, _>>()?)
    }

    fn means(&self, hidden: Vec<Vec<f32>>, _: &Rows) -> anyhow::Result<Vec<f32>> {
        Ok(hidden.concat())
    }
}

fn main() -> anyhow::Result<()> {
    let mut job = Job::from_args()?;
    let precision = match job.options.first().map(String::as_str) {
        Some("f32") => Precision::F32,
        Some("bf16") => Precision::Bf16,
        Some("int8") => Precision::Int8,
        other => bail!("precision {other:?}, expected f32, bf16 or int8"),
    };
    let mut builder = Scorer::builder()
        .model(&job.folder)
        .precision(precision)
        .threads(Threads::Count(job.threads))
        .duplicates(Duplicates::Each);
    if let Some(tier) = job.options.get(1) {
        builder = builder.tier(tier.parse()?);
    }
    let ours = Ours(builder.build_encoder()?);
    // It makes batches itself, and hands them to its threads.
    job.batches = vec![job.batches.concat()];
    let about = serde_json::json!({"tier": ours.0.tier()});
    job.serve(&ours, &about)
}
