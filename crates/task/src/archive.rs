//! Archives that are large or broken, through the command as it is built.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};
use std::{fs, thread};

use anyhow::{Context, bail};

use crate::{cargo, debug_command, root};

/// In every text of the nasty files and of the archive whose runs are killed.
const CANARY: &str = "kanariepiet";

/// Where large archives are made.
const ARCHIVE: &str = "target/archive";

/// Longest that one nasty file may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Memory that one nasty file may take, in KiB of address space.
const MEMORY_KIB: u64 = 3 << 20;

/// Makes an archive of `n` messages in `target/archive`.
pub(crate) fn generate(n: &str) -> anyhow::Result<()> {
    cargo(&["run", "--example", "generate", "--", n, ARCHIVE])
}

/// Scores 200 nasty files, each on its own, in bounded memory and time.
pub(crate) fn nasty() -> anyhow::Result<()> {
    debug_command()?;
    cargo(&["run", "--example", "nasty", "--", "target/nasty"])?;
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

/// Kills runs of `rows` messages at `kills` moments each, resumes them, and compares with one left alone.
///
/// The moments are spread over the whole run: most while messages are scored, at every stage of a part's
/// making, and a fifth, at least one, while the parts become the output.
pub(crate) fn kills(rows: &str, kills: u32) -> anyhow::Result<()> {
    cargo(&["build", "--release", "--package", "beleving-cli"])?;
    let generate = ["run", "--example", "generate", "--", rows];
    cargo(&[&generate[..], &[ARCHIVE, "1", CANARY]].concat())?;
    for command in ["score", "judge"] {
        kill_often(command, kills)?;
    }
    Ok(())
}

fn kill_often(command: &str, kills: u32) -> anyhow::Result<()> {
    remove(&["whole.jsonl", "killed.jsonl"]);
    let whole = undisturbed(command)?;
    let at_the_end = (kills / 5).max(1).min(kills);
    for n in 0..kills {
        let joining = n >= kills - at_the_end;
        // The golden ratio spreads the moments within their stretch; they are the same every time.
        let share = (f64::from(n) * 0.618_034).fract();
        let stretch = if joining { whole.joining } else { whole.scoring / whole.parts.max(1) };
        let wait = stretch.mul_f64(share * 0.9);
        let folder = with(&archive("killed.jsonl"), ".parts");
        let reached = |started| {
            if joining {
                return is_joining(&folder, started);
            }
            let parts = (f64::from(n) + share) / f64::from(kills - at_the_end);
            finished_parts(&folder) >= (parts * f64::from(whole.parts)) as u32
        };
        let mut killed = false;
        // A machine that is faster than it just was can be done by then: once more, and sooner.
        for sooner in [1, 4, 16, 64] {
            killed = resume_and_kill(command, reached, wait / sooner)?;
            if killed {
                break;
            }
            remove(&["killed.jsonl"]);
        }
        if !killed {
            bail!("{command} was over before kill {} of {kills}, four times", n + 1);
        }
        no_text_in(&folder)?;
        no_text_in(&archive("temporary"))?;
    }
    if !beleving(command, "killed.jsonl").arg("--resume").status()?.success() {
        bail!("{command} --resume failed");
    }
    let read = |name: &str| fs::read(archive(name));
    if read("whole.jsonl")? != read("killed.jsonl")? {
        bail!("{command}: the output of the run that was killed differs");
    }
    for entry in fs::read_dir(archive(""))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".parts") || name.ends_with(".tmp") {
            bail!("{command} left `{name}`");
        }
        if !name.starts_with("archive.") {
            no_text_in(&path)?;
        }
    }
    eprintln!(
        "{command}: {} parts in {:.1?}, joined in {:.1?}; killed {kills} times, {at_the_end} while \
         joining: the same output, and no text left anywhere",
        whole.parts, whole.scoring, whole.joining
    );
    Ok(())
}

/// Starts a run or goes on with it, and kills it `wait` after the time when `reached` holds, which gets
/// the moment of the start; `false` if the run was done before.
fn resume_and_kill(
    command: &str,
    reached: impl Fn(SystemTime) -> bool,
    wait: Duration,
) -> anyhow::Result<bool> {
    let started = SystemTime::now();
    let mut child = beleving(command, "killed.jsonl").arg("--resume").spawn()?;
    while !reached(started) && child.try_wait()?.is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(wait);
    child.kill()?; // SIGKILL
    match child.wait()?.code() {
        None => Ok(true),
        Some(0) => Ok(false),
        Some(code) => bail!("{command} ended with {code} before it was killed"),
    }
}

/// How a run goes that nobody disturbs.
struct Undisturbed {
    parts: u32,
    /// Time until the last part was there, and from then on.
    scoring: Duration,
    joining: Duration,
}

fn undisturbed(command: &str) -> anyhow::Result<Undisturbed> {
    let folder = with(&archive("whole.jsonl"), ".parts");
    let (mut parts, started) = (0, Instant::now());
    let mut scoring = Duration::ZERO;
    let mut child = beleving(command, "whole.jsonl").spawn()?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let now = finished_parts(&folder);
        if now > parts {
            (parts, scoring) = (now, started.elapsed());
        }
        thread::sleep(Duration::from_millis(1));
    };
    if !status.success() || parts == 0 {
        bail!("{command} failed, or was over too soon to be watched");
    }
    Ok(Undisturbed { parts, scoring, joining: started.elapsed().saturating_sub(scoring) })
}

/// Parts that the manifest of a run names; its first line holds the settings.
fn finished_parts(folder: &Path) -> u32 {
    let manifest = fs::read(folder.join("manifest.jsonl")).unwrap_or_default();
    let lines = manifest.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(lines.saturating_sub(1)).unwrap_or(u32::MAX)
}

/// Whether a run makes the output of its parts already: then something else is written in their folder.
fn is_joining(folder: &Path, since: SystemTime) -> bool {
    let joins = |name: &str| name.starts_with("pile-") || name == "output.tmp";
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let new = entry.metadata().and_then(|data| data.modified()).is_ok_and(|at| at >= since);
        new && joins(&entry.file_name().to_string_lossy())
    })
}

/// Fails if a file, or one in a folder, holds the word that is in every text.
fn no_text_in(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        return fs::read_dir(path)?.try_for_each(|entry| no_text_in(&entry?.path()));
    }
    // One that is gone by now holds nothing.
    let bytes = fs::read(path).unwrap_or_default();
    if bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()) {
        bail!("`{}` holds text", path.display());
    }
    Ok(())
}

fn beleving(command: &str, output: &str) -> Command {
    let mut run = Command::new(root().join("target/release/beleving"));
    // What it leaves in a temporary folder has to be found.
    let temporary = archive("temporary");
    let _ = fs::create_dir_all(&temporary); // it may be there
    run.current_dir(archive(""))
        .env("TMPDIR", temporary)
        .args([command, "archive.jsonl", "--model", "../../models/tiny", "--clear-ids", "-q"])
        .args(["-o", output]);
    run
}

/// A file of the folder that [`generate`] fills.
fn archive(name: &str) -> PathBuf {
    root().join(ARCHIVE).join(name)
}

fn remove(names: &[&str]) {
    for name in names {
        let path = archive(name);
        // What is not there need not be removed.
        let _ = fs::remove_file(&path);
        let _ = fs::remove_file(with(&path, ".manifest.json"));
        let _ = fs::remove_dir_all(with(&path, ".parts"));
    }
}

fn with(path: &Path, ending: &str) -> PathBuf {
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
