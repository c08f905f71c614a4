//! `beleving features`: what the head of interactions reads, a line an interaction, for training.

use std::io::{self, BufWriter, Write};

use anyhow::{Context, anyhow};
use beleving::Interaction;

use crate::args::FeaturesArgs;
use crate::run::Outcome;

/// Interactions that are scored at a time.
const CHUNK: usize = 256;

pub(crate) fn run(args: &FeaturesArgs) -> anyhow::Result<Outcome> {
    let scorer = args.model.load()?.scorer;
    let text = std::fs::read_to_string(&args.input)
        .with_context(|| format!("cannot read `{}`", args.input.display()))?;
    let interactions = text.lines().enumerate().map(|(n, line)| {
        // serde quotes what it finds.
        serde_json::from_str(line).map_err(|error| {
            anyhow!("line {} is no interaction, from column {} on", n + 1, error.column())
        })
    });
    let interactions: Vec<Interaction> = interactions.collect::<anyhow::Result<_>>()?;
    let mut out = BufWriter::new(io::stdout().lock());
    for chunk in interactions.chunks(CHUNK) {
        if args.vectors {
            let messages: Vec<_> = chunk.iter().flat_map(|i| i.messages.iter().cloned()).collect();
            for vectors in scorer.vectors(&messages) {
                serde_json::to_writer(&mut out, &vectors?)?;
                out.write_all(b"\n")?;
            }
            continue;
        }
        for state in scorer.states(chunk) {
            serde_json::to_writer(&mut out, &scorer.judging().features(&state?)?)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(Outcome::AllDone)
}
