//! Readers of archives on made-up bytes, led by coverage.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::{cargo, command, root, run};

const READERS: [&str; 9] =
    ["jsonl", "json", "csv", "parquet", "arrow", "mbox", "eml", "vtt", "srt"];

/// What LLVM needs to count the edges that a run takes: as cargo-fuzz has it, but on a stable compiler.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Largest file that is tried, and that is taken as a seed.
const MAX_BYTES: u64 = 16 << 10;

/// Tries every reader for so many seconds, from the committed corpus and the small nasty files on.
///
/// What is found to take a new path stays in `target/fuzz/corpus`; what fails, in `target/fuzz` by the
/// reader's name.
pub(crate) fn all(seconds: &str) -> anyhow::Result<()> {
    let host = host()?;
    run(command("cargo", &["build", "--release", "--manifest-path", "fuzz/Cargo.toml"])
        .args(["--target-dir", "target/fuzz", "--target", &host])
        .env("RUSTFLAGS", FLAGS))?;
    cargo(&["run", "--example", "nasty", "--", "target/nasty"])?;
    for reader in READERS {
        let corpus = root().join("target/fuzz/corpus").join(reader);
        fs::create_dir_all(&corpus)?;
        let seeds = root().join("target/fuzz/seeds").join(reader);
        copy_small(&root().join("target/nasty"), reader, &seeds)?;
        let committed = root().join("fuzz/corpus").join(reader);
        fs::create_dir_all(&committed)?;
        let program = root().join("target/fuzz").join(&host).join("release/readers");
        run(Command::new(program)
            .current_dir(root())
            .env("BELEVING_READER", reader)
            .args([&corpus, &committed, &seeds])
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={MAX_BYTES}"))
            .arg(format!("-artifact_prefix=target/fuzz/{reader}-"))
            .args(["-rss_limit_mb=2048", "-timeout=20", "-print_final_stats=1", "-verbosity=0"]))?;
    }
    Ok(())
}

fn host() -> anyhow::Result<String> {
    let output = command("rustc", &["-vV"]).output().context("cannot start rustc")?;
    let shown = String::from_utf8(output.stdout)?;
    let host = shown.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

fn copy_small(from: &Path, ending: &str, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let fits = path.extension().is_some_and(|e| e == ending);
        if fits && path.metadata()?.len() <= MAX_BYTES {
            fs::copy(&path, to.join(path.file_name().context("a file has a name")?))?;
        }
    }
    Ok(())
}
