//! `beleving merge`: the outputs of all shards of a run become the output of the whole.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;

use anyhow::{Context, bail};
use beleving_archive::{Table, TableFormat};
use serde_json::{Map, Value};

use crate::args::MergeArgs;
use crate::output::{score_columns, verdict_columns};
use crate::run::{Counts, Outcome};
use crate::shard::Shard;
use crate::store::{Manifest, require_same};
use crate::write::{PLACE, parse, same_file, unfinished};

pub(crate) fn run(args: &MergeArgs) -> anyhow::Result<Outcome> {
    let mut manifests = Vec::new();
    for path in &args.shards {
        if same_file(path, &args.output) {
            bail!("`{}` is one of the shards: the output would overwrite it", path.display());
        }
        let manifest = Manifest::read(path)?;
        manifest.check(path)?;
        manifests.push(manifest);
    }
    let mut shards = BTreeSet::new();
    for (manifest, path) in manifests.iter_mut().zip(&args.shards) {
        let shown = path.display();
        let shard = manifest.settings.insert("shard".to_owned(), Value::Null);
        let Some(shard) =
            shard.as_ref().and_then(Value::as_str).and_then(|s| s.parse::<Shard>().ok())
        else {
            bail!("`{shown}` is no shard: it was made without --shard");
        };
        // Every shard writes its states to a file of its own, or to none.
        if let Some(states) = manifest.settings.get_mut("states") {
            *states = Value::Null;
        }
        if !shards.insert((shard.of, shard.index)) {
            bail!("shard {shard} is given twice: `{shown}` is the second");
        }
    }
    let of = shards.first().map_or(0, |(of, _)| *of);
    let missing = (1..=of).find(|index| !shards.contains(&(of, *index)));
    if shards.iter().any(|shard| shard.0 != of) {
        bail!("the files are shards of different runs: of {of} and of another number");
    }
    if let Some(index) = missing {
        bail!("shard {index}/{of} is missing");
    }
    for (manifest, path) in manifests.iter().zip(&args.shards) {
        require_same(&manifests[0].settings, &manifest.settings)
            .with_context(|| format!("`{}` is a shard of another run", path.display()))?;
    }
    let settings = manifests[0].settings.clone();
    let setting = |name: &str| settings.get(name).unwrap_or(&Value::Null);
    let keep: Vec<String> = setting("keep")
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| Some(name.as_str()?.to_owned()))
        .collect();
    let with_text = setting("with_text") == true;
    let columns = match setting("command") == "judge" {
        true => verdict_columns(&keep, with_text),
        false => score_columns(&keep, with_text),
    };
    let written = unfinished(&args.output);
    let mut table = Table::create(&written, TableFormat::of(&args.output)?, columns)?;
    let merged = merge(&args.shards, |line| table.write(&line)).and_then(|()| table.finish());
    merged.inspect_err(|_| drop(std::fs::remove_file(&written)))?;
    let mut counts = Counts::default();
    manifests.iter().for_each(|manifest| counts.add(&manifest.counts));
    let forgotten = manifests.iter().map(|manifest| manifest.forgotten).sum();
    Manifest::place(&written, &args.output, settings, counts.clone(), forgotten)?;
    Ok(counts.outcome())
}

/// Hands over the lines of all shards in input order, without their places.
fn merge(
    shards: &[PathBuf],
    mut take: impl FnMut(Map<String, Value>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut files = shards
        .iter()
        .map(|path| Ok(BufReader::new(File::open(path)?).lines()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut heap = BinaryHeap::new();
    for (n, file) in files.iter_mut().enumerate() {
        heap.extend(next(file)?.map(|(place, line)| Reverse((place, n, line))));
    }
    while let Some(Reverse((_, n, line))) = heap.pop() {
        let mut line = parse(line.as_bytes())?;
        line.shift_remove(PLACE);
        take(line)?;
        heap.extend(next(&mut files[n])?.map(|(place, line)| Reverse((place, n, line))));
    }
    Ok(())
}

fn next(lines: &mut Lines<BufReader<File>>) -> anyhow::Result<Option<(u64, String)>> {
    let Some(line) = lines.next().transpose().context("cannot read a shard")? else {
        return Ok(None);
    };
    let place = parse(line.as_bytes())?.get(PLACE).and_then(Value::as_u64);
    Ok(Some((place.context("a line of a shard has no place")?, line)))
}
