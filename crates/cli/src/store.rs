//! Finished parts of a run, and the manifest that says what they are: nothing is lost, nothing mixed.
//!
//! Parts lie in a private folder beside the output. Each is written under another name, put on the disk
//! and renamed; the manifest gets a line for it after that. A run that ends at any moment therefore
//! leaves parts that are whole, and a manifest that names none that is not.

mod settings;

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::mem;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use beleving_archive::{hex, sha256_of};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::run::Counts;
pub(crate) use settings::{Settings, require_same};
use settings::{are_of_pipe, settings_in};

/// The file in the folder of parts that a run keeps locked.
const LOCK: &str = "lock";

/// The file in the folder of parts that names the finished ones.
const MANIFEST: &str = "manifest.jsonl";

/// One finished part.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Part {
    part: u64,
    /// Places `[from, to)` of the input's rows that it covers.
    rows: [u64; 2],
    lines: u64,
    bytes: u64,
    sha256: String,
    counts: Counts,
}

/// A line of the manifest of a run that is not finished: a part, and what tells that the line is whole.
#[derive(Serialize, Deserialize)]
struct PartLine {
    #[serde(flatten)]
    part: Part,
    /// SHA-256 of the part as JSON.
    check: String,
}

impl PartLine {
    fn write(part: &Part) -> anyhow::Result<Vec<u8>> {
        let check = hex(&Sha256::digest(serde_json::to_vec(part)?));
        let mut line = serde_json::to_vec(&Self { part: part.clone(), check })?;
        line.push(b'\n');
        Ok(line)
    }

    /// The part; `None` if the line is not what was written.
    fn read(line: &[u8]) -> Option<Part> {
        let Self { part, check } = serde_json::from_slice(line).ok()?;
        let found = hex(&Sha256::digest(serde_json::to_vec(&part).ok()?));
        (found == check).then_some(part)
    }
}

/// The manifest beside a finished output.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) schema: u32,
    pub(crate) settings: Settings,
    pub(crate) counts: Counts,
    pub(crate) parts: Vec<Part>,
    /// SHA-256 of the output.
    pub(crate) sha256: String,
    /// Rows of customers that were removed from the output since it was made.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) forgotten: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Where a run keeps what it has finished.
pub(crate) struct Store {
    folder: PathBuf,
    /// The file that all becomes; `None` for a run to standard output, whose folder goes when it ends.
    output: Option<PathBuf>,
    settings: Settings,
    log: Option<File>,
    /// Held as long as the run goes. A file of its own: Windows locks none that is open for appending alone, and on a
    /// network drive replaces none that is open.
    lock: Option<File>,
    parts: BTreeMap<u64, Part>,
    _temporary: Option<tempfile::TempDir>,
}

/// An output that no run and no other `forget` is at work on, as long as this is held.
pub(crate) struct Held {
    folder: PathBuf,
    lock: Option<File>,
}

impl Held {
    /// Takes an output. An unfinished run has to be finished first.
    pub(crate) fn of(output: &Path) -> anyhow::Result<Self> {
        let folder = folder_of_parts(output);
        require_ours(&folder)?;
        make_private(&folder)?;
        let lock = lock(&folder)?;
        if holds_parts(&folder.join(MANIFEST)) {
            bail!(
                "an unfinished run lies in `{}`: finish it with --resume or remove it first",
                folder.display()
            );
        }
        Ok(Self { folder, lock: Some(lock) })
    }

    /// Where what is to take the output's place is written: it goes with the folder, also where a run was killed.
    pub(crate) fn unfinished(&self) -> PathBuf {
        self.folder.join("output.tmp")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // What is left of it is in nobody's way.
        let _ = self.lock.take().map(|lock| remove_folder(&self.folder, lock));
    }
}

/// What a run finds when it starts.
pub(crate) enum Opened {
    Store(Store),
    /// An earlier run with the same settings has finished, and its output is whole.
    Done(Manifest),
}

impl Store {
    /// A folder that is gone after the run.
    pub(crate) fn temporary() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("beleving-")
            .tempdir()
            .context("cannot make a folder for what lies between scoring and judging")?;
        crate::signals::remove_when_interrupted(folder.path());
        Ok(Self {
            folder: folder.path().to_owned(),
            output: None,
            settings: Map::new(),
            log: None,
            lock: None,
            parts: BTreeMap::new(),
            _temporary: Some(folder),
        })
    }

    /// Opens the folder beside `output`, with the parts of an earlier run if `resume` says so.
    pub(crate) fn open(output: &Path, settings: Settings, resume: bool) -> anyhow::Result<Opened> {
        let folder = folder_of_parts(output);
        let manifest = folder.join(MANIFEST);
        let unfinished = holds_parts(&manifest);
        require_ours(&folder)?;
        if unfinished && !resume {
            bail!(
                "an unfinished run lies in `{}`: go on with --resume, or remove that folder",
                folder.display()
            );
        }
        if !unfinished && let Some(done) = finished_before(output, &folder, &settings, resume)? {
            return Ok(Opened::Done(done));
        }
        make_private(&folder)?;
        let mut store = Self {
            lock: Some(lock(&folder)?),
            folder,
            output: Some(output.to_owned()),
            settings,
            log: None,
            parts: BTreeMap::new(),
            _temporary: None,
        };
        if holds_parts(&manifest) != unfinished {
            if !holds_parts(&manifest) {
                store.remove_if_useless();
            }
            bail!("another run was at work in `{}` just now; run again", store.folder.display());
        }
        if unfinished {
            let lines = fs::read(&manifest)
                .with_context(|| format!("cannot read `{}`", manifest.display()))?;
            store.restore(&lines)?;
        }
        if is_begun(&manifest) && !unfinished {
            tracing::warn!(
                "of a run from standard input that was stopped, finished parts lay in `{}`: it cannot be gone on with, and they \
                 are removed",
                store.folder.display()
            );
        }
        store.start_log(&manifest)?;
        store.clear_work()?;
        if are_of_pipe(&store.settings) {
            crate::signals::remove_when_interrupted(&store.folder);
        }
        Ok(Opened::Store(store))
    }

    /// Takes over the parts that an earlier run with the same settings has finished.
    fn restore(&mut self, manifest: &[u8]) -> anyhow::Result<()> {
        let lines = (1..).zip(manifest.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()));
        let Some((last, _)) = lines.clone().last() else { return Ok(()) };
        // A crash can only have cut off the last line; any other was damaged later.
        let damaged = |number: u64| {
            let (path, folder) = (self.folder.join(MANIFEST), self.folder.display());
            anyhow!(
                "line {number} of `{}` does not hold what was written; remove `{folder}` to start afresh",
                path.display()
            )
        };
        let settings = settings_in(manifest).ok_or_else(|| damaged(1))?;
        require_same(&settings, &self.settings).with_context(|| {
            format!(
                "the unfinished run cannot be gone on with; remove `{}` to start afresh",
                self.folder.display()
            )
        })?;
        for (number, line) in lines.skip(1) {
            let part = match PartLine::read(line) {
                Some(part) => part,
                None if number == last => continue,
                None => return Err(damaged(number)),
            };
            let path = self.part_path(part.part);
            if !path.exists() {
                continue;
            }
            let found = hash_of(&path)?;
            if found != part.sha256 {
                bail!(
                    "`{}` does not hold what was written (sha256 {found}, expected {}); remove it and \
                     run with --resume again: its rows are scored again",
                    path.display(),
                    part.sha256
                );
            }
            self.parts.insert(part.part, part);
        }
        Ok(())
    }

    /// Writes the manifest anew: a line that a crash cut in two is gone then, and every later one is whole.
    fn start_log(&mut self, manifest: &Path) -> anyhow::Result<()> {
        let mut head = serde_json::to_vec(&json!({ "settings": self.settings }))?;
        head.push(b'\n');
        for part in self.parts.values() {
            head.extend(PartLine::write(part)?);
        }
        let fresh = self.folder.join("manifest.tmp");
        write_durably(&fresh, |file| Ok(file.write_all(&head)?))
            .and_then(|()| Ok(fs::rename(&fresh, manifest)?))
            .with_context(|| format!("cannot write `{}`", manifest.display()))
            .inspect_err(|_| self.remove_if_useless())?;
        self.log = Some(OpenOptions::new().append(true).open(manifest)?);
        Ok(())
    }

    /// Removes what a run left that was cut off between parts.
    fn clear_work(&self) -> anyhow::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let number = name.strip_prefix("part-").and_then(|n| n.strip_suffix(".jsonl"));
            let known = number
                .and_then(|n| n.parse().ok())
                .is_some_and(|n: u64| self.parts.contains_key(&n));
            if !known && name != MANIFEST && name != LOCK {
                fs::remove_file(&path)
                    .with_context(|| format!("cannot remove `{}`", path.display()))?;
            }
        }
        Ok(())
    }

    /// Removes the folder of a run that failed before a part was finished, or reads standard input: there is nothing to go on
    /// with, and it would be in the way of the next run.
    pub(crate) fn remove_if_useless(&mut self) {
        if self.output.is_some() && (self.parts.is_empty() || are_of_pipe(&self.settings)) {
            // It failed for a reason that is told; this would only hide it.
            let _ = self.remove();
        }
    }

    /// Removes the folder of a run to a file.
    fn remove(&mut self) -> io::Result<()> {
        // Windows removes no file that is open.
        self.log = None;
        self.lock.take().map_or(Ok(()), |lock| remove_folder(&self.folder, lock))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Numbers of the parts that are finished.
    pub(crate) fn finished(&self) -> HashSet<u64> {
        self.parts.keys().copied().collect()
    }

    /// Counts of all parts together.
    pub(crate) fn counts(&self) -> Counts {
        let mut all = Counts::default();
        self.parts.values().for_each(|part| all.add(&part.counts));
        all
    }

    /// Bytes of all parts together.
    pub(crate) fn bytes(&self) -> u64 {
        self.parts.values().map(|part| part.bytes).sum()
    }

    fn part_path(&self, part: u64) -> PathBuf {
        self.folder.join(format!("part-{part:06}.jsonl"))
    }

    /// Writes a part; it counts once it is on the disk and in the manifest.
    pub(crate) fn write(
        &mut self,
        part: u64,
        rows: [u64; 2],
        counts: Counts,
        lines: &[u8],
    ) -> anyhow::Result<()> {
        let path = self.part_path(part);
        let unfinished = self.folder.join("part.tmp");
        let written = write_durably(&unfinished, |file| Ok(file.write_all(lines)?))
            .and_then(|()| Ok(fs::rename(&unfinished, &path)?))
            .and_then(|()| {
                let entry = Part {
                    part,
                    rows,
                    lines: lines.iter().filter(|byte| **byte == b'\n').count() as u64,
                    bytes: lines.len() as u64,
                    sha256: hex(&Sha256::digest(lines)),
                    counts,
                };
                if let Some(log) = &mut self.log {
                    log.write_all(&PartLine::write(&entry)?)?;
                    log.sync_data()?;
                }
                self.parts.insert(part, entry);
                Ok(())
            });
        if written.is_err() {
            // Half of it must not stay: on a full disk it would keep others from writing.
            let _ = fs::remove_file(&unfinished);
        }
        written.with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Hands over every line of every part in order, and checks that they are whole.
    pub(crate) fn lines(
        &self,
        mut take: impl FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for (number, part) in &self.parts {
            let path = self.part_path(*number);
            let read = || format!("cannot read `{}`", path.display());
            let mut file = BufReader::with_capacity(1 << 16, File::open(&path).with_context(read)?);
            let (mut hash, mut line) = (Sha256::new(), Vec::new());
            loop {
                line.clear();
                if file.read_until(b'\n', &mut line).with_context(read)? == 0 {
                    break;
                }
                hash.update(&line);
                take(&line)?;
            }
            let found = hex(&hash.finalize());
            if found != part.sha256 {
                bail!(
                    "`{}` was changed (sha256 {found}, expected {}); remove it and run with --resume",
                    path.display(),
                    part.sha256
                );
            }
        }
        Ok(())
    }

    /// Puts the finished file in its place, with its manifest, and removes the parts.
    pub(crate) fn finish(mut self, written: &Path, counts: &Counts) -> anyhow::Result<()> {
        let output = self.output.as_ref().expect("only a run to a file is finished");
        let manifest = Manifest {
            schema: crate::output::SCHEMA,
            settings: mem::take(&mut self.settings),
            counts: counts.clone(),
            parts: mem::take(&mut self.parts).into_values().collect(),
            sha256: hash_of(written)?,
            forgotten: 0,
        };
        place(written, output)?;
        manifest.write(output)?;
        self.remove().with_context(|| format!("cannot remove `{}`", self.folder.display()))
    }
}

impl Manifest {
    /// Reads the manifest beside an output, if there is one.
    pub(crate) fn find(output: &Path) -> anyhow::Result<Option<Self>> {
        manifest_of(output).exists().then(|| Self::read(output)).transpose()
    }

    /// Reads the manifest beside an output.
    pub(crate) fn read(output: &Path) -> anyhow::Result<Self> {
        let path = manifest_of(output);
        let text = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        serde_json::from_slice(&text).map_err(|error| does_not_parse(&path, &error))
    }

    /// Puts a file that was written from other outputs in its place, with a manifest; `forgotten` rows were removed
    /// from those.
    pub(crate) fn place(
        written: &Path,
        output: &Path,
        settings: Settings,
        counts: Counts,
        forgotten: u64,
    ) -> anyhow::Result<()> {
        let (schema, sha256) = (crate::output::SCHEMA, hash_of(written)?);
        place(written, output)?;
        Self { schema, settings, counts, parts: Vec::new(), sha256, forgotten }.write(output)
    }

    /// Puts the output without some of its rows in its place. The manifest goes first: a run that is killed in between leaves
    /// the customer in the file, where the next one finds them.
    pub(crate) fn place_without(
        &self,
        written: &Path,
        output: &Path,
        removed: u64,
    ) -> anyhow::Result<()> {
        let (sha256, forgotten) = (hash_of(written)?, self.forgotten + removed);
        Self { parts: Vec::new(), sha256, forgotten, ..self.clone() }.write(output)?;
        place(written, output).inspect_err(|_| drop(self.write(output)))
    }

    /// Writes it beside an output.
    fn write(&self, output: &Path) -> anyhow::Result<()> {
        let path = manifest_of(output);
        let fresh = beside(&path, ".tmp");
        write_durably(&fresh, |file| Ok(serde_json::to_writer_pretty(file, self)?))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        place(&fresh, &path)
    }

    /// The manifest of an output that is there. Says what is wrong with one that cannot be read, since the output is made
    /// anew then.
    fn of(output: &Path) -> Option<Self> {
        let found = output.exists().then(|| Self::find(output))?;
        found.inspect_err(|e| tracing::warn!("{e:#}; it is made anew")).ok().flatten()
    }

    /// Checks that an output is what was written, and that the states are there that were written with it.
    fn check_all(&self, output: &Path) -> anyhow::Result<()> {
        self.check(output)?;
        match self.settings.get("states").and_then(Value::as_str) {
            Some(states) if !Path::new(states).exists() => bail!("the states `{states}` are gone"),
            _ => Ok(()),
        }
    }

    /// Checks that an output is what was written.
    pub(crate) fn check(&self, output: &Path) -> anyhow::Result<()> {
        let found = hash_of(output)?;
        if found != self.sha256 {
            let (shown, expected) = (output.display(), &self.sha256);
            bail!("`{shown}` does not hold what was written (sha256 {found}, expected {expected})");
        }
        Ok(())
    }
}

/// The manifest of an earlier run with the same settings whose output is whole; `folder` has no parts. `None` if there is
/// something to do, which is refused where it would not be what `resume` asks.
fn finished_before(
    output: &Path,
    folder: &Path,
    settings: &Settings,
    resume: bool,
) -> anyhow::Result<Option<Manifest>> {
    let finished = if resume { Manifest::of(output) } else { None };
    let of_another = match finished {
        Some(done) if done.settings == *settings => match done.check_all(output) {
            Ok(()) => {
                remove_leftover(folder);
                return Ok(Some(done));
            }
            Err(error) if done.forgotten > 0 => bail!(
                "{error:#}; if `forget` was cut off here, repeat it; run without --resume to make it anew, with \
                 everybody who was removed from it"
            ),
            Err(error) => {
                tracing::warn!("{error:#}; it is made anew");
                None
            }
        },
        other => other,
    };
    if let Ok(Manifest { forgotten: 1.., .. }) = Manifest::read(output) {
        let what = format!(
            "rows of a customer were removed from `{}`, and a new run on the same input brings them back",
            output.display()
        );
        if resume {
            bail!(
                "{what}: there is no run with these settings to go on with; run without --resume"
            );
        }
        tracing::warn!("{what}");
    }
    if let Some(other) = of_another {
        // A run that was to replace it may have been killed before its first part was there.
        let begun = fs::read(folder.join(MANIFEST)).ok();
        if begun.and_then(|begun| settings_in(&begun)).as_ref() != Some(settings) {
            require_same(&other.settings, settings).with_context(|| {
                let shown = output.display();
                format!(
                    "`{shown}` is of a run with other settings; run without --resume to replace it"
                )
            })?;
        }
    }
    Ok(None)
}

/// Removes a folder without parts, which no run is at work in: it would be in the way of `forget`.
fn remove_leftover(folder: &Path) {
    if [MANIFEST, LOCK].iter().any(|name| folder.join(name).exists())
        && let Ok(lock) = lock(folder)
    {
        let _ = remove_folder(folder, lock);
    }
}

/// Where the finished parts of a run to `output` lie until all are there.
pub(crate) fn folder_of_parts(output: &Path) -> PathBuf {
    beside(output, ".parts")
}

/// Whether the manifest of a run that is not finished names parts to go on with. Those of standard input are of no use, and not
/// in the way of another run.
fn holds_parts(manifest: &Path) -> bool {
    is_begun(manifest)
        && !fs::read(manifest)
            .ok()
            .and_then(|lines| settings_in(&lines))
            .is_some_and(|settings| are_of_pipe(&settings))
}

/// Whether a manifest has more than its settings: without, the run ended before its first part was there.
fn is_begun(manifest: &Path) -> bool {
    fs::read(manifest).is_ok_and(|lines| lines.iter().filter(|byte| **byte == b'\n').count() > 1)
}

fn manifest_of(output: &Path) -> PathBuf {
    beside(output, ".manifest.json")
}

/// Says where a file ceases to be what was written, without what serde quotes of it: any file may have that name.
pub(crate) fn does_not_parse(path: &Path, error: &serde_json::Error) -> anyhow::Error {
    let (line, column) = (error.line(), error.column());
    anyhow!("`{}` does not parse: line {line}, column {column}", path.display())
}

/// The path with something after its name.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

fn place(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::rename(from, to).with_context(|| format!("cannot write `{}`", to.display()))
}

/// Keeps other runs out of a folder as long as the file is open.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join(LOCK);
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let lock = lock.with_context(|| format!("cannot write `{}`", path.display()))?;
    match lock.try_lock() {
        Ok(()) if is_at(&lock, &path) => Ok(lock),
        Ok(()) | Err(TryLockError::WouldBlock) => {
            bail!("another run is at work in `{}`", folder.display())
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock `{}`", path.display()))
        }
    }
}

/// Whether a path still leads to an open file: whoever ends a run removes the lock while holding it.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |found: fs::Metadata| (found.dev(), found.ino());
    matches!((file.metadata().map(place), fs::metadata(path).map(place)), (Ok(a), Ok(b)) if a == b)
}

/// Whether a path still leads to an open file: nobody can remove one here that is open.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Removes a folder of parts while others are kept out of it: the manifest first, without which there is nothing to go
/// on with, and the lock last.
fn remove_folder(folder: &Path, lock: File) -> io::Result<()> {
    let _ = fs::remove_file(folder.join(MANIFEST)); // there may be none
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()? {
            kind if kind.is_dir() => fs::remove_dir_all(entry.path())?,
            _ if entry.file_name() == LOCK => {}
            _ => fs::remove_file(entry.path())?,
        }
    }
    // Elsewhere than on Unix nobody removes an open file.
    let held = cfg!(unix).then_some(lock);
    fs::remove_file(folder.join(LOCK))?;
    drop(held);
    fs::remove_dir(folder)
}

/// Refuses what has the name of a folder of parts and is none, or holds what no run put there: it would be removed with it.
fn require_ours(folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    let found = match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found.with_context(|| format!("cannot read `{shown}`"))?,
    };
    let is_ours = |name: &str| {
        name == LOCK
            || [MANIFEST, "manifest.tmp", "part.tmp", "output.tmp"].contains(&name)
            || ["part-", "pile-"].iter().any(|start| name.starts_with(start))
    };
    let all_ours = || -> io::Result<bool> {
        for entry in fs::read_dir(folder)? {
            if !entry?.file_name().to_str().is_some_and(is_ours) {
                return Ok(false);
            }
        }
        Ok(true)
    };
    if !found.is_dir() || !all_ours().with_context(|| format!("cannot read `{shown}`"))? {
        bail!(
            "finished parts would lie in `{shown}`, which is no folder or holds what no run put there: move that, or \
             name another output"
        );
    }
    Ok(())
}

/// Makes a folder that only its owner may look into, also of one that an earlier run left.
fn make_private(folder: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = match builder.create(folder) {
        #[cfg(unix)]
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            fs::set_permissions(folder, private)
        }
        #[cfg(not(unix))]
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    };
    made.with_context(|| {
        format!("cannot make the folder `{}`, private to its owner", folder.display())
    })
}

fn write_durably(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 16, File::create(path)?);
    write(&mut file)?;
    file.flush()?;
    Ok(file.get_ref().sync_all()?)
}

fn hash_of(path: &Path) -> anyhow::Result<String> {
    let (_, sha256) =
        sha256_of(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(output: &Path) -> anyhow::Result<Store> {
        match Store::open(output, Settings::new(), true)? {
            Opened::Store(store) => Ok(store),
            Opened::Done(_) => bail!("nothing was finished here"),
        }
    }

    #[test]
    fn a_folder_of_parts_is_one_runs_until_it_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let output = folder.path().join("out.jsonl");
        let first = opened(&output).expect("free");
        let refused = opened(&output).err().expect("taken").to_string();
        assert!(refused.contains("another run is at work"), "{refused}");
        drop(first);
        let mut second = opened(&output).expect("free again");
        second.remove_if_useless();
        assert!(!folder_of_parts(&output).exists());
    }

    #[test]
    fn an_output_that_is_held_is_nobody_elses_until_it_is_let_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let output = folder.path().join("out.jsonl");
        let held = Held::of(&output).expect("free");
        for refused in [Held::of(&output).err(), opened(&output).err()] {
            let refused = refused.expect("taken").to_string();
            assert!(refused.contains("another run is at work"), "{refused}");
        }
        drop(held);
        assert!(!folder_of_parts(&output).exists() && opened(&output).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_of_parts_that_was_open_to_others_is_closed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let output = folder.path().join("out.jsonl");
        let parts = folder_of_parts(&output);
        fs::create_dir(&parts).expect("made");
        fs::set_permissions(&parts, fs::Permissions::from_mode(0o777)).expect("ours");
        let _store = opened(&output).expect("free");
        assert_eq!(fs::metadata(&parts).expect("there").permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_lock_that_a_run_removed_at_its_end_is_no_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        let held = lock(folder.path()).expect("free");
        assert!(is_at(&held, &folder.path().join(LOCK)));
        if cfg!(unix) {
            fs::remove_file(folder.path().join(LOCK)).expect("removed");
            assert!(!is_at(&held, &folder.path().join(LOCK)));
            let other = lock(folder.path()).expect("a file of its own");
            assert!(is_at(&other, &folder.path().join(LOCK)));
            assert!(!is_at(&held, &folder.path().join(LOCK)));
        }
    }
}
