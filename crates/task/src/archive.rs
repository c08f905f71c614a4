//! Archives that are large or broken, through the command as it is built.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, bail};

use crate::{cargo, root};

/// In every text of the nasty files.
const CANARY: &str = "kanariepiet";

/// Longest that one nasty file may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Memory that one nasty file may take, in KiB of address space.
const MEMORY_KIB: u64 = 3 << 20;

/// Makes an archive of `n` messages in `target/archive`.
pub(crate) fn generate(n: &str) -> anyhow::Result<()> {
    cargo(&[
        "run",
        "--package",
        "beleving-archive",
        "--example",
        "generate",
        "--",
        n,
        "target/archive",
    ])
}

/// Scores 200 nasty files, each on its own, in bounded memory and time.
pub(crate) fn nasty() -> anyhow::Result<()> {
    cargo(&["build", "--package", "beleving-cli"])?;
    cargo(&["run", "--package", "beleving-archive", "--example", "nasty", "--", "target/nasty"])?;
    let folder = root().join("target/nasty");
    let (mut all, mut statuses) = (0, [0; 4]);
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let script = format!(
            "ulimit -v {MEMORY_KIB}; exec target/debug/beleving score \"$1\" --model models/tiny \
             --clear-ids -q --threads 1 > target/nasty.out 2> target/nasty.err"
        );
        let child = Command::new("bash")
            .args(["-c", &script, "-"])
            .arg(&path)
            .current_dir(root())
            .spawn()
            .context("cannot start bash")?;
        let Some(status) = patient(child, PATIENCE)? else {
            bail!("{name}: not done after {PATIENCE:?}");
        };
        let mut shown = Vec::new();
        for file in ["target/nasty.err", "target/nasty.out"] {
            shown.extend(fs::read(root().join(file))?);
        }
        let shown = String::from_utf8_lossy(&shown);
        match status.code() {
            Some(code @ (0 | 2 | 3)) => statuses[code as usize] += 1,
            _ => bail!("{name}: ended with {status}"),
        }
        if shown.contains("panicked") || shown.contains(CANARY) {
            bail!("{name}: panicked or showed text");
        }
        if status.code() == Some(2) && !shown.contains(&name) {
            bail!("{name}: the error does not name the file: {shown}");
        }
        all += 1;
    }
    fs::remove_dir_all(folder)?;
    eprintln!(
        "{all} nasty files: {} read whole, {} with rows that failed, {} refused",
        statuses[0], statuses[3], statuses[2]
    );
    Ok(())
}

/// Kills a run of 60,000 rows at 20 moments, resumes it each time, and compares.
pub(crate) fn kills() -> anyhow::Result<()> {
    const ROWS: &str = "60000";
    const KILLS: u32 = 20;
    generate(ROWS)?;
    cargo(&["build", "--package", "beleving-cli"])?;
    for command in ["score", "judge"] {
        let started = Instant::now();
        remove(&["whole.jsonl", "killed.jsonl"]);
        if !beleving(command, "whole.jsonl").status()?.success() {
            bail!("{command} failed");
        }
        let whole = started.elapsed();
        let mut killed = 0;
        for n in 0..KILLS {
            let mut child = beleving(command, "killed.jsonl").arg("--resume").spawn()?;
            // Together about as long as the whole takes, at moments that differ: the golden ratio
            // spreads them.
            let share = (f64::from(n) * 0.618_034).fract();
            thread::sleep(whole.mul_f64((0.2 + 1.6 * share) / f64::from(KILLS)));
            child.kill()?;
            killed += u32::from(child.wait()?.code().is_none());
        }
        if !beleving(command, "killed.jsonl").arg("--resume").status()?.success() {
            bail!("{command} --resume failed");
        }
        let read = |name: &str| fs::read(root().join("target/archive").join(name));
        if read("whole.jsonl")? != read("killed.jsonl")? {
            bail!("{command}: the output of the run that was killed differs");
        }
        eprintln!("{command}: killed {killed} times, the output is the same");
        if killed < KILLS / 2 {
            bail!("{command} was over before it could be killed often enough");
        }
    }
    Ok(())
}

fn beleving(command: &str, output: &str) -> Command {
    let mut run = Command::new(root().join("target/debug/beleving"));
    run.current_dir(root().join("target/archive"))
        .args([
            command,
            "archive.jsonl",
            "--model",
            "../../models/tiny",
            "--clear-ids",
            "-q",
            "-o",
            output,
        ])
        .stderr(Stdio::inherit());
    run
}

fn remove(names: &[&str]) {
    for name in names {
        let path = root().join("target/archive").join(name);
        // What is not there need not be removed.
        let _ = fs::remove_file(&path);
        let _ = fs::remove_file(with(&path, ".manifest.json"));
        let _ = fs::remove_dir_all(with(&path, ".parts"));
    }
}

fn with(path: &Path, ending: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn patient(
    mut child: std::process::Child,
    patience: Duration,
) -> anyhow::Result<Option<std::process::ExitStatus>> {
    let started = Instant::now();
    while started.elapsed() < patience {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    Ok(None)
}
