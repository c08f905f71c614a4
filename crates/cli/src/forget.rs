//! `beleving forget`: a customer is removed from outputs.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};
use beleving_archive::{Filter, rewrite};

use crate::args::ForgetArgs;
use crate::log::counted;
use crate::privacy::{Privacy, key_beside};
use crate::run::Outcome;
use crate::store::{Held, Manifest};
use crate::write::require_place;

pub(crate) fn run(args: &ForgetArgs) -> anyhow::Result<Outcome> {
    let mut failed = 0;
    for output in &args.outputs {
        if let Err(error) = forget(args, output) {
            tracing::error!("error: `{}`: {error:#}", output.display());
            failed += 1;
        }
    }
    match failed {
        0 => Ok(Outcome::AllDone),
        all if all == args.outputs.len() => bail!("nothing was removed"),
        _ => Ok(Outcome::SomeFailed),
    }
}

fn forget(args: &ForgetArgs, output: &Path) -> anyhow::Result<()> {
    require_place(output)?;
    // Of two at once the later would bring back whom the earlier removed.
    let held = Held::of(output)?;
    let mut names = BTreeSet::from([args.customer.clone()]);
    if args.customer.contains('@') {
        // The mail reader knows addresses in lower case. Any other name may differ from one in lower case.
        names.insert(args.customer.to_lowercase());
    }
    let key = args.key_file.clone().unwrap_or_else(|| key_beside(output));
    let has_key = args.key_file.is_some() || key.exists();
    let privacy = if has_key { Privacy::of_file(&key)? } else { Privacy::clear() };
    let manifest = Manifest::find(output)?;
    let made_with = manifest.as_ref().and_then(|manifest| manifest.settings.get("names")?.as_str());
    match made_with {
        Some(_) if !has_key => bail!(
            "no key `{}`: customers stand there under pseudonyms, and nobody can be found without \
             the key that made them (--key-file)",
            key.display()
        ),
        Some(made_with) if privacy.fingerprint().as_deref() != Some(made_with) => bail!(
            "the key `{}` is not the one that the pseudonyms in it were made with; name that with --key-file",
            key.display()
        ),
        _ => {}
    }
    if let Some(Err(error)) = manifest.as_ref().map(|manifest| manifest.check(output)) {
        tracing::warn!("{error:#}; if `forget` was cut off here, repeat it for that customer too");
    }
    let pseudonyms: Vec<String> = names.iter().map(|name| privacy.customer(name)).collect();
    names.extend(pseudonyms);
    // As tables for spreadsheets have them.
    let unarmed: Vec<String> = names.iter().map(|name| beleving_archive::unarmed(name)).collect();
    names.extend(unarmed);
    // Rows of staff need not name the customer, but belong to the interaction of one that does.
    let (mut interactions, mut others) = (BTreeSet::new(), BTreeSet::new());
    let mut occurs = false;
    beleving_archive::each_line(output, |customer, interaction| {
        let own = customer.is_some_and(|customer| names.contains(customer));
        occurs |= own;
        let Some(interaction) = interaction else { return };
        match customer {
            Some(_) if own => interactions.insert(interaction.to_owned()),
            Some(_) => others.insert(interaction.to_owned()),
            None => false,
        };
    })?;
    if !occurs {
        bail!("{}", why_absent(manifest.is_some(), has_key, &key));
    }
    // What names another customer too is that one's as well: only the rows of this one go.
    interactions.retain(|interaction| !others.contains(interaction));
    let written = held.unfinished();
    let filter = Filter { customers: names, interactions };
    let removed = rewrite(output, &written, &filter)?;
    // Who could not read it before cannot now.
    std::fs::set_permissions(&written, std::fs::metadata(output)?.permissions())?;
    match manifest {
        Some(manifest) => manifest.place_without(&written, output, removed)?,
        None => std::fs::rename(&written, output).context("cannot write the file")?,
    }
    let (rows, n) = (counted(removed, "row"), filter.interactions.len() as u64);
    tracing::info!("`{}`: {rows} of {} removed", output.display(), counted(n, "interaction"));
    Ok(())
}

/// Says why nothing of a customer was found. A manifest says by which key names were made, so that the key is right then.
fn why_absent(has_manifest: bool, has_key: bool, key: &Path) -> String {
    let key = key.display();
    match (has_manifest, has_key) {
        (true, _) => "the customer does not occur in it".to_owned(),
        (false, true) => format!(
            "nothing of the customer was found: they do not occur in it, or the pseudonyms were not made \
             with the key `{key}` (--key-file names another)"
        ),
        (false, false) => format!(
            "nothing of the customer was found, and there is no key `{key}`: under a pseudonym nobody can \
             be found without the key that made it (--key-file)"
        ),
    }
}
