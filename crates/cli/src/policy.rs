//! `beleving policy`: checks a policy file, or shows the one that holds without a file.

use std::io::{self, Write};

use beleving::Policy;

use crate::args::{PolicyAction, PolicyArgs};
use crate::model::read_policy;
use crate::run::Outcome;

pub(crate) fn run(args: &PolicyArgs) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    match &args.action {
        PolicyAction::Check { file, folder } => {
            let policy = read_policy(file, &folder.own_policy()?)?;
            writeln!(out, "{} {} is in order", policy.id(), policy.hash())?;
        }
        PolicyAction::Default { folder } => {
            let policy = folder.own_policy()?;
            if policy == Policy::default() {
                tracing::warn!("no model folder with a policy of its own: this is the library's");
            }
            write!(out, "{}", policy.to_toml())?;
        }
    }
    Ok(Outcome::AllDone)
}
