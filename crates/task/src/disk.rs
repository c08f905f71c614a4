//! A disk that is full: the runs say so, keep what they have, and go on when there is room.

use std::fs;
use std::process::Command;

use anyhow::{Context, bail};

use crate::{archive, debug_command, root, run};

/// Sizes of the disk, one after another: too small for the parts, for the output, for neither.
const SIZES_KIB: [u32; 5] = [1_000, 2_500, 4_000, 8_000, 64_000];

/// Said of the run inside, which has a mount of its own.
const INSIDE: &str = "BELEVING_TASK_INSIDE";

/// Runs `score` and `judge` onto a disk that is too small, and makes it larger until they are done.
pub(crate) fn full() -> anyhow::Result<()> {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let disk = root().join("target/disk");
    fs::create_dir_all(&disk)?;
    // The mount is in a namespace of its own and goes with it, however it ends.
    let tried = Command::new("unshare")
        .args(["--mount", "mount", "-t", "tmpfs", "none"])
        .arg(&disk)
        .output();
    if !tried.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "disk-full: left out, a disk cannot be mounted here (it needs root and `unshare`)"
        );
        return Ok(());
    }
    debug_command()?;
    archive::generate("4000")?;
    let task = std::env::current_exe().context("where is this program?")?;
    let mut unshared = Command::new("unshare");
    run(unshared.arg("--mount").arg(task).arg("disk-full").env(INSIDE, "1"))
}

fn inside() -> anyhow::Result<()> {
    for command in ["score", "judge"] {
        let disk = |size: u32, more: &str| {
            let options = format!("{more}size={size}k");
            run(Command::new("mount")
                .args(["-t", "tmpfs", "-o", &options, "none"])
                .arg(root().join("target/disk")))
        };
        disk(SIZES_KIB[0], "")?;
        let mut full = 0;
        for (n, size) in SIZES_KIB.into_iter().enumerate() {
            if n > 0 {
                disk(size, "remount,")?;
            }
            let parts = parts();
            let output = beleving(command, "disk/out.jsonl").arg("--resume").output()?;
            let errors = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0) => break,
                Some(4) => full += 1,
                _ => bail!(
                    "{command} on a disk of {size} KiB ended with {}: {errors}",
                    output.status
                ),
            }
            if !errors.contains("disk/out.jsonl") || !errors.contains("No space left on device") {
                bail!("{command}: the error names no file or no cause: {errors}");
            }
            if !parts.iter().all(|part| self::parts().contains(part)) {
                bail!("{command}: finished parts are gone");
            }
            eprint!("{command}, {size} KiB: {errors}");
        }
        let whole = beleving(command, "whole.jsonl").output()?;
        if !whole.status.success() {
            bail!("{command} failed: {}", String::from_utf8_lossy(&whole.stderr));
        }
        let read = |name: &str| fs::read(root().join("target").join(name));
        if read("whole.jsonl")? != read("disk/out.jsonl").context("never done")? {
            bail!("{command}: the output differs");
        }
        if full < 2 {
            bail!("{command}: the disk was full only {full} times");
        }
        eprintln!("{command}: the disk was full {full} times, the output is the same");
    }
    Ok(())
}

/// Names of the parts on the disk.
fn parts() -> Vec<std::ffi::OsString> {
    let folder = fs::read_dir(root().join("target/disk/out.jsonl.parts"));
    let names = folder.into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter(|name| name.to_string_lossy().starts_with("part-")).collect()
}

fn beleving(command: &str, output: &str) -> Command {
    let mut run = Command::new(root().join("target/debug/beleving"));
    run.current_dir(root().join("target"))
        .args([command, "archive/archive.jsonl", "--model", "../models/tiny", "--clear-ids", "-q"])
        .args(["-o", output]);
    run
}
