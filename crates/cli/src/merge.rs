//! `beleving merge`: the outputs of all shards of a run become the output of the whole.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use beleving_archive::{Table, TableFormat};
use serde_json::Value;

use crate::args::MergeArgs;
use crate::output::{score_columns, verdict_columns};
use crate::run::{Counts, Outcome};
use crate::shard::Shard;
use crate::sorted;
use crate::store::{Manifest, require_same};
use crate::write::{PLACE, parse, require_place, same_file, unfinished};

pub(crate) fn run(args: &MergeArgs) -> anyhow::Result<Outcome> {
    require_place(&args.output)?;
    let manifests = manifests(args)?;
    let settings = manifests[0].settings.clone();
    let setting = |name: &str| settings.get(name).unwrap_or(&Value::Null);
    let keep: Vec<String> = setting("keep")
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| Some(name.as_str()?.to_owned()))
        .collect();
    let with_text = setting("with_text") == true;
    let columns = if setting("command") == "judge" {
        verdict_columns(&keep, with_text)
    } else {
        score_columns(&keep, with_text)
    };
    let written = unfinished(&args.output)?;
    let mut table = Table::create(&written, TableFormat::of(&args.output)?, columns)?;
    let write = |line: String| {
        let mut line = parse(line.as_bytes())?;
        line.shift_remove(PLACE);
        table.write(&line)
    };
    sorted::merge(&args.shards, placed, write)?;
    table.finish()?;
    let mut counts = Counts::default();
    manifests.iter().for_each(|manifest| counts.add(&manifest.counts));
    let forgotten = manifests.iter().map(|manifest| manifest.forgotten).sum();
    Manifest::place(&written, &args.output, settings, counts.clone(), forgotten)?;
    let failed: u64 = counts.failed.values().sum();
    if failed > 0 {
        tracing::warn!("{failed} of the {} messages of all shards failed", counts.messages);
    }
    Ok(counts.outcome())
}

/// The manifests of the shards, which are all of one run; without what differs from shard to shard.
fn manifests(args: &MergeArgs) -> anyhow::Result<Vec<Manifest>> {
    let (mut manifests, mut shards) = (Vec::new(), BTreeSet::new());
    for path in &args.shards {
        let shown = path.display();
        if same_file(path, &args.output) {
            bail!("`{shown}` is one of the shards: the output would overwrite it");
        }
        let mut manifest = Manifest::read(path)?;
        manifest.check(path)?;
        let shard = manifest.settings.insert("shard".to_owned(), Value::Null);
        let shard = shard.as_ref().and_then(Value::as_str).and_then(|s| s.parse::<Shard>().ok());
        let Some(shard) = shard else {
            bail!("`{shown}` is no shard: it was made without --shard");
        };
        // Every shard writes its states to a file of its own, or to none.
        if let Some(states) = manifest.settings.get_mut("states") {
            *states = Value::Null;
        }
        if !shards.insert((shard.of, shard.index)) {
            bail!("shard {shard} is given twice: `{shown}` is the second");
        }
        manifests.push(manifest);
    }
    let of = shards.first().map_or(0, |(of, _)| *of);
    if shards.iter().any(|shard| shard.0 != of) {
        bail!("the files are shards of different runs: of {of} and of another number");
    }
    if let Some(index) = (1..=of).find(|index| !shards.contains(&(of, *index))) {
        bail!("shard {index}/{of} is missing");
    }
    for (manifest, path) in manifests.iter().zip(&args.shards) {
        require_same(&manifests[0].settings, &manifest.settings)
            .with_context(|| format!("`{}` is a shard of another run", path.display()))?;
    }
    Ok(manifests)
}

/// The place of a line of a shard, and the line.
fn placed(line: String) -> anyhow::Result<(u64, String)> {
    let place = parse(line.as_bytes())?.get(PLACE).and_then(Value::as_u64);
    Ok((place.context("a line of a shard has no place")?, line))
}
