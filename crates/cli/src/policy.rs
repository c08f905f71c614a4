//! `beleving policy`: checks a policy file, or shows the one that holds without a file.

use std::io::{self, Write};

use beleving::{Judge, Policy};

use crate::args::{PolicyAction, PolicyArgs, model_folder, read_policy};
use crate::run::Outcome;

pub(crate) fn run(args: &PolicyArgs) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    match &args.action {
        PolicyAction::Check { file } => {
            let policy = read_policy(file)?;
            writeln!(out, "{} {} is in order", policy.id(), policy.hash())?;
        }
        PolicyAction::Default { model } => {
            let policy = match (model, model_folder(model.as_deref())) {
                (None, Err(_)) => Policy::default(),
                (_, folder) => Judge::open(folder?)?.1,
            };
            write!(out, "{}", policy.to_toml())?;
        }
    }
    Ok(Outcome::AllDone)
}
