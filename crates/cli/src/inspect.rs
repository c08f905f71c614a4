//! `beleving inspect`: what a model folder holds, and whether its files are whole.

use std::io::{self, Write};
use std::time::Instant;

use beleving::{ModelFiles, Scorer, Threads};
use serde_json::Value;

use crate::args::InspectArgs;
use crate::model::label_map;
use crate::run::Outcome;

pub(crate) fn run(args: &InspectArgs) -> anyhow::Result<Outcome> {
    let files = ModelFiles::read(&args.folder)?;
    let hashes = files.sha256();
    let sizes = [files.config.len(), files.tokenizer.len(), files.weights.len()];
    let config: Value = serde_json::from_slice(&files.config).unwrap_or_default();
    let manifest: Option<Value> =
        files.manifest.as_deref().and_then(|json| serde_json::from_slice(json).ok());

    let mut builder = Scorer::builder().model_files(files).threads(Threads::Count(1));
    if manifest.is_some() {
        builder = builder.verify_files();
    }
    if !args.labels.is_empty() {
        builder = builder.labels(label_map(&args.labels)?);
    }
    let loading = Instant::now();
    let scorer = builder.build()?;
    let load = loading.elapsed();

    let mut out = io::stdout().lock();
    writeln!(out, "model       {}", scorer.model_id())?;
    for key in
        ["model_type", "vocab_size", "hidden_size", "num_hidden_layers", "max_position_embeddings"]
    {
        if let Some(value) = config.get(key) {
            writeln!(out, "{key:<27} {value}")?;
        }
    }
    if let Some(manifest) = &manifest {
        writeln!(out, "languages   {}", manifest["languages"])?;
        for head in manifest["heads"].as_array().into_iter().flatten() {
            writeln!(out, "head        {} ({}) {}", head["name"], head["kind"], head["labels"])?;
        }
    }
    if manifest.is_none()
        && let Some(labels) = config.get("id2label").and_then(Value::as_object)
    {
        for label in labels.values() {
            writeln!(out, "label       {label}")?;
        }
    }
    let policy = scorer.policy();
    writeln!(
        out,
        "policy      {}: base_rate {}, flag_at {}, flag_interaction_at {}, intent_at {}, silence_hours {}",
        policy.id(),
        policy.base_rate,
        policy.flag_at,
        policy.flag_interaction_at,
        policy.intent_at,
        policy.silence_hours
    )?;
    let checked =
        if manifest.is_some() { "as in beleving.json" } else { "nothing to compare with" };
    for ((name, hash), size) in hashes.iter().zip(sizes) {
        writeln!(out, "file        {name:<18} {size:>11} bytes  {hash}  {checked}")?;
    }
    let (tier, precision) = (scorer.tier(), scorer.precision());
    writeln!(out, "loads in    {} ms, runs on {tier} in {precision}", load.as_millis())?;
    Ok(Outcome::AllDone)
}
