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
            let folder = match (model, model_folder(model.as_deref())) {
                (None, Err(_)) => None,
                (_, folder) => Some(folder?),
            };
            // A folder of another origin has no policy of its own.
            let own = folder.filter(|f| !f.is_dir() || f.join("beleving.json").exists());
            let policy = match own {
                Some(folder) => Judge::open(folder)?.1,
                None => {
                    eprintln!("no model folder with a policy of its own: this is the library's");
                    Policy::default()
                }
            };
            write!(out, "{}", policy.to_toml())?;
        }
    }
    Ok(Outcome::AllDone)
}
