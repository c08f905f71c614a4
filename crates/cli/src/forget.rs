//! `beleving forget`: a customer is removed from outputs.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};
use beleving_archive::{Filter, rewrite};

use crate::args::ForgetArgs;
use crate::privacy::{Privacy, key_beside};
use crate::run::Outcome;
use crate::store::{Manifest, beside};

pub(crate) fn run(args: &ForgetArgs) -> anyhow::Result<Outcome> {
    for output in &args.outputs {
        if beside(output, ".parts").exists() {
            bail!(
                "an unfinished run lies in `{}`: finish it with --resume or remove it first",
                beside(output, ".parts").display()
            );
        }
    }
    for output in &args.outputs {
        forget(args, output).with_context(|| format!("`{}`", output.display()))?;
    }
    Ok(Outcome::AllDone)
}

fn forget(args: &ForgetArgs, output: &Path) -> anyhow::Result<()> {
    let mut names = BTreeSet::from([args.customer.clone()]);
    if args.customer.contains('@') {
        // The mail reader knows addresses in lower case. Any other name may differ from one in lower case.
        names.insert(args.customer.to_lowercase());
    }
    let key = args.key_file.clone().unwrap_or_else(|| key_beside(output));
    if args.key_file.is_some() || key.exists() {
        let privacy = Privacy::of_file(&key)?;
        let pseudonyms: Vec<String> = names.iter().map(|name| privacy.customer(name)).collect();
        names.extend(pseudonyms);
    }
    // Rows of staff need not name the customer, but belong to the interaction of one that does.
    let mut interactions = BTreeSet::new();
    let mut others = BTreeSet::new();
    beleving_archive::each_line(output, |customer, interaction| {
        let Some(interaction) = interaction else { return };
        match customer {
            Some(customer) if names.contains(customer) => {
                interactions.insert(interaction.to_owned())
            }
            Some(_) => others.insert(interaction.to_owned()),
            None => false,
        };
    })?;
    // What names another customer too is that one's as well: only the rows of this one go.
    interactions.retain(|interaction| !others.contains(interaction));
    let written = beside(output, ".tmp");
    let filter = Filter { customers: names, interactions };
    let removed =
        rewrite(output, &written, &filter).inspect_err(|_| drop(std::fs::remove_file(&written)))?;
    let manifest = Manifest::read(output).ok();
    match manifest {
        Some(manifest) => Manifest::place(&written, output, manifest.settings, manifest.counts)?,
        None => std::fs::rename(&written, output).context("cannot write the file")?,
    }
    let (rows, n) = (removed, filter.interactions.len());
    tracing::info!("`{}`: {rows} rows of {n} interactions removed", output.display());
    Ok(())
}
