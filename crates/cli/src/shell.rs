//! What a shell wants to know: completions and the manual.

use std::io::{self, Write};

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::run::Outcome;

/// Prints the completions for a shell.
pub(crate) fn completions(shell: Shell) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "beleving", &mut script);
    io::stdout().write_all(&script)?;
    Ok(Outcome::AllDone)
}

/// Prints the manual, every command in it, for `man -l -`.
pub(crate) fn manual() -> anyhow::Result<Outcome> {
    let mut command = Args::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page).context("cannot write the manual")?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("beleving-{}", sub.get_name());
        let man = clap_mangen::Man::new(sub.clone().display_name(name));
        man.render(&mut page).context("cannot write the manual")?;
    }
    io::stdout().write_all(&page)?;
    Ok(Outcome::AllDone)
}
