//! From finished parts to the output file, and back from lines that were written.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use beleving_archive::{Column, Table, TableFormat};
use serde_json::{Map, Value};
use tempfile::TempPath;

use crate::run::Counts;
use crate::signals;
use crate::store::{Store, beside};

/// The field that holds a line's place in a shard's output.
pub(crate) const PLACE: &str = "place";

/// The folder that a path lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether writing the one file would overwrite the other, which need not be there yet.
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| -> Option<PathBuf> {
        path.canonicalize()
            .ok()
            .or_else(|| Some(folder_of(path).canonicalize().ok()?.join(path.file_name()?)))
    };
    place(a).is_some_and(|a| place(b) == Some(a))
}

/// Refuses a file to write that is a folder or a link, or in whose folder, if there is one, no file can be made.
pub(crate) fn require_place(written: &Path) -> anyhow::Result<()> {
    let shown = written.display();
    if written.is_dir() {
        bail!("cannot write `{shown}`: it is a folder");
    }
    if output_file(Some(written)).is_none() {
        return Ok(());
    }
    if written.is_symlink() {
        bail!(
            "cannot write `{shown}`: it is a link, whose place a file would take; name the file that it leads to"
        );
    }
    let folder = folder_of(written);
    if !folder.is_dir() {
        bail!("cannot write `{shown}`: there is no folder `{}`", folder.display());
    }
    // It is written beside its place first; a file without a name, gone at once, tells whether it can be.
    let folder_shown = folder.display();
    tempfile::tempfile_in(folder).with_context(|| {
        format!("cannot write `{shown}`: no file can be made in `{folder_shown}`")
    })?;
    Ok(())
}

/// Whether `-o` names standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    ["-", "/dev/stdout"].map(Path::new).contains(&path)
}

/// The file that `-o` names. Standard output, and a device or pipe whose name has no ending, is none: nothing
/// can lie beside it or take its place.
pub(crate) fn output_file(output: Option<&Path>) -> Option<&Path> {
    let is_device = |path: &Path| {
        let found = path.metadata();
        path.extension().is_none() && found.is_ok_and(|it| !it.is_file() && !it.is_dir())
    };
    output.filter(|path| !is_stdout(path) && !is_device(path))
}

/// JSON lines to an output that is no file: to standard output where none is named.
pub(crate) fn stream(output: Option<&Path>) -> anyhow::Result<Table> {
    let Some(path) = output.filter(|path| !is_stdout(path)) else {
        return Ok(Table::stream(io::stdout()));
    };
    let device = OpenOptions::new().write(true).open(path);
    Ok(Table::stream(device.with_context(|| format!("cannot write `{}`", path.display()))?))
}

/// The line with its place in the whole input first, for `merge`.
pub(crate) fn with_place(place: u64, line: Map<String, Value>) -> Map<String, Value> {
    let mut placed = Map::from_iter([(PLACE.to_owned(), Value::from(place))]);
    placed.extend(line);
    placed
}

/// Writes a file under another name and puts it in its place: cut off midway, it leaves what was there before. A device
/// is written as it is, since nothing can take its place.
pub(crate) fn write_whole<T>(
    path: &Path,
    write: impl FnOnce(&Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if output_file(Some(path)).is_none() {
        return write(path);
    }
    let unfinished = unfinished(path)?;
    let found = write(&unfinished)?;
    std::fs::rename(&unfinished, path)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(found)
}

/// Makes a file where there is none, which only its owner may read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A new file beside another, whose place it can take once it is written; gone if it does not, or if the run is interrupted.
pub(crate) fn unfinished(path: &Path) -> anyhow::Result<TempPath> {
    let name = beside(path, ".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(name.file_name().unwrap_or_default()).suffix(".tmp");
    // Whom the system lets read new files.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let unfinished = builder
        .tempfile_in(folder_of(path))
        .with_context(|| format!("cannot write `{}`", path.display()))?
        .into_temp_path();
    signals::remove_when_interrupted(&unfinished);
    Ok(unfinished)
}

/// Puts a file on the disk; a device has none.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    if file.metadata()?.is_file() { file.sync_all() } else { Ok(()) }
}

/// Writes the output from lines of JSON and puts it in its place.
pub(crate) fn assemble(
    store: Store,
    output: &Path,
    columns: Vec<Column>,
    counts: &Counts,
    lines: impl FnOnce(&Store, &mut dyn FnMut(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let written = store.folder().join("output.tmp");
    let cannot = || {
        let (output, parts) = (output.display(), store.folder().display());
        let go_on = if signals::has_parts() { ", and --resume goes on" } else { "" };
        format!("cannot write `{output}`; the finished parts are kept in `{parts}`{go_on}")
    };
    let mut table =
        Table::create(&written, TableFormat::of(output)?, columns).with_context(cannot)?;
    lines(&store, &mut |line| table.write(&parse(line)?))
        .and_then(|()| table.finish())
        .inspect_err(|_| drop(std::fs::remove_file(&written)))
        .with_context(cannot)?;
    store.finish(&written, counts)
}

/// Opens a file, or standard input where it is called -.
pub(crate) fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Whether a path has the ending of a table, and of another than JSON lines as they are.
pub(crate) fn is_other_table(path: &Path) -> bool {
    TableFormat::of(path).is_ok_and(|format| !format.is_plain_jsonl())
}

/// As [`open`], but for a table of any other kind than JSON lines, which is refused.
pub(crate) fn open_jsonl(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if is_other_table(path) {
        bail!(
            "`{}` is no .jsonl: expected the JSON lines that `score` and `judge` write, uncompressed",
            path.display()
        );
    }
    open(path)
}

/// A line that was written here before.
pub(crate) fn parse(line: &[u8]) -> anyhow::Result<Map<String, Value>> {
    match serde_json::from_slice(line) {
        Ok(Value::Object(line)) => Ok(line),
        _ => bail!("a line is no JSON object, such as this program writes"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_was_cut_off_leaves_what_was_there_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("r.html");
        fs::write(&path, "before").expect("written");
        let half = |file: &Path| -> anyhow::Result<()> {
            fs::write(file, "half")?;
            assert_eq!(fs::read_to_string(&path)?, "before");
            bail!("cut off")
        };
        assert!(write_whole(&path, half).is_err());
        assert_eq!(fs::read_to_string(&path).expect("there"), "before");
        write_whole(&path, |file| Ok(fs::write(file, "after")?)).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), "after");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
