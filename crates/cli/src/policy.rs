//! `beleving policy`: checks a policy file, or shows the defaults.

use std::io::{self, Write};

use beleving::Policy;

use crate::args::{PolicyAction, PolicyArgs, read_policy};
use crate::run::Outcome;

pub(crate) fn run(args: &PolicyArgs) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    match &args.action {
        PolicyAction::Check { file } => {
            let policy = read_policy(file)?;
            writeln!(out, "{} {} is in order", policy.id(), policy.hash())?;
        }
        PolicyAction::Default => write!(out, "{}", Policy::default().to_toml())?,
    }
    Ok(Outcome::AllDone)
}
