//! Which files there are to read, and in which format each of them is.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Context, bail};
use encoding_rs::Encoding;
use glob::{MatchOptions, Pattern};
use sha2::{Digest, Sha256};

use crate::bytes::Compression;
use crate::columns::Columns;
use crate::record::{Sink, Stopped};
use crate::times::Times;
use crate::{names, reading};

/// What makes a pattern of a name.
const WILD: [char; 3] = ['*', '?', '['];

/// Format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// One JSON document: a transcript, an interaction, a list of either, or JSON lines after all.
    Json,
    /// Comma, semicolon or tab separated.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow IPC, file or stream.
    Arrow,
    /// A mailbox of many mails.
    Mbox,
    /// One mail.
    Eml,
    /// A transcript with time codes.
    WebVtt,
    /// As WebVTT, in its older form.
    Srt,
}

impl Format {
    /// Every format with its usual endings.
    const ENDINGS: [(Self, &'static [&'static str]); 9] = [
        (Self::Jsonl, &["jsonl", "ndjson"]),
        (Self::Json, &["json"]),
        (Self::Csv, &["csv", "tsv"]),
        (Self::Parquet, &["parquet"]),
        (Self::Arrow, &["arrow", "feather", "ipc", "arrows"]),
        (Self::Mbox, &["mbox", "mbx"]),
        (Self::Eml, &["eml"]),
        (Self::WebVtt, &["vtt"]),
        (Self::Srt, &["srt"]),
    ];

    /// Its usual endings.
    pub(crate) fn endings(self) -> &'static [&'static str] {
        Self::ENDINGS.iter().find(|(format, _)| *format == self).map_or(&[], |(_, ends)| ends)
    }

    /// The format of this name: `jsonl`, `csv`, `mbox` …
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::ENDINGS.iter().find(|(_, ends)| ends.contains(&name.as_str())).map(|(f, _)| *f)
    }
}

/// How input is to be read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Names of the columns.
    pub columns: Columns,
    /// The format of every file, whatever its ending; and of standard input.
    pub format: Option<Format>,
    /// Encoding of texts; found out where it is `None`.
    pub encoding: Option<&'static Encoding>,
    /// Delimiter of CSV files; found out where it is `None`.
    pub delimiter: Option<u8>,
    /// Addresses and domains of the organisation itself, each with a role where one was given.
    pub staff: Vec<(String, Option<String>)>,
    /// Labels of speakers whose meaning was stated: in a transcript they are names whatever they look like.
    pub speakers: Vec<String>,
    /// How times are read.
    pub times: Times,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            columns: Columns::own(),
            format: None,
            encoding: None,
            delimiter: None,
            staff: Vec::new(),
            speakers: Vec::new(),
            times: Times::default(),
        }
    }
}

/// One file to read.
#[derive(Debug, Clone)]
pub(crate) struct InputFile {
    pub(crate) path: PathBuf,
    /// The folder in which it was found; empty for a file that was named itself.
    folder: Arc<Path>,
    pub(crate) format: Format,
    pub(crate) compression: Compression,
    /// What a call in it is called.
    pub(crate) call: String,
}

impl InputFile {
    /// Its path from the folder in which it was found, or as it was named.
    pub(crate) fn path_within(&self) -> &Path {
        self.path.strip_prefix(&self.folder).unwrap_or(&self.path)
    }
}

/// The files of a run, in the order in which they are read.
#[derive(Debug)]
pub struct Inputs {
    /// Empty for standard input.
    files: Vec<InputFile>,
    total_bytes: u64,
    bytes: Arc<AtomicU64>,
}

/// What a file was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FilePrint {
    /// The file, as it was named.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal; empty if it cannot be read.
    pub sha256: String,
}

impl Inputs {
    /// Finds the files that the names stand for: files, folders (all files of a known ending in them, sorted, and
    /// links to such files elsewhere), patterns such as `2025/*.csv.gz`, or `-` alone for standard input. What is hidden has to be
    /// named with its dot, and links to folders are followed where a name names them.
    ///
    /// # Errors
    /// If a name stands for nothing, or for a file of an unknown format.
    pub fn find(names: &[PathBuf], format: Option<Format>) -> anyhow::Result<Self> {
        let bytes = Arc::new(AtomicU64::new(0));
        if let [only] = names
            && only == Path::new("-")
        {
            return Ok(Self { files: Vec::new(), total_bytes: 0, bytes });
        }
        let mut files = Vec::new();
        for name in names {
            if name == Path::new("-") {
                bail!("`-`, standard input, cannot be read together with files");
            }
            let before = files.len();
            if name.is_dir() {
                add_folder(name, format, &mut files)?;
            } else if name.exists() {
                files.push(known(name, format)?);
            } else if let Some(pattern) = name.to_str().filter(|name| name.contains(WILD)) {
                add_pattern(pattern, format, &mut files)?;
            } else {
                bail!("cannot open `{}`: no such file", name.display());
            }
            if files.len() == before {
                bail!("`{}` holds no file that can be read", name.display());
            }
        }
        if names.len() > 1 {
            names::tell_of_repeated(&files);
        }
        names::leave_second_forms_out(&mut files);
        names::tell_apart(&mut files);
        let sizes = files.iter().map(|file| file.path.metadata().map_or(0, |m| m.len()));
        Ok(Self { total_bytes: sizes.sum(), files, bytes })
    }

    /// Whether this is standard input.
    pub fn is_stdin(&self) -> bool {
        self.files.is_empty()
    }

    /// The files, none for standard input.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// Bytes of all files as they lie on the disk; 0 for standard input.
    pub fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    /// A count of the bytes that were read so far, kept while reading.
    pub fn bytes_read(&self) -> Arc<AtomicU64> {
        self.bytes.clone()
    }

    /// Reads every file once and tells what it is, so that a later run knows it again. One that cannot be read has
    /// no hash; [`Self::read`] tells of it.
    pub fn fingerprint(&self) -> Vec<FilePrint> {
        self.files.iter().map(fingerprint).collect()
    }

    /// Sizes and times of change of the files, as far as they are known: what tells without reading
    /// whether a file was changed meanwhile.
    pub fn stamps(&self) -> Vec<Option<(u64, std::time::SystemTime)>> {
        let stamp = |file: &InputFile| {
            let metadata = file.path.metadata().ok()?;
            Some((metadata.len(), metadata.modified().ok()?))
        };
        self.files.iter().map(stamp).collect()
    }

    /// Reads everything and hands it over in order.
    ///
    /// A file of which something could be read and then no more ends with a record that says so, and
    /// the next file is read.
    ///
    /// # Errors
    /// What the sink returns; and the error of the first file, if it gave no record at all and is the only one, or it
    /// is not the file that is damaged but its header or the options that are at fault.
    pub fn read(&self, options: &ReadOptions, sink: &mut dyn Sink) -> anyhow::Result<()> {
        if self.files.is_empty() {
            return reading::read_pipe(Box::new(io::stdin()), options, sink);
        }
        reading::read_files(&self.files, &self.bytes, options, sink)
    }
}

/// Adds the files that a pattern stands for, each once: `**` names a folder and those within it. What begins with a dot has to
/// be named with it, and links to folders are not followed but those named before the first wildcard.
fn add_pattern(
    pattern: &str,
    format: Option<Format>,
    files: &mut Vec<InputFile>,
) -> anyhow::Result<()> {
    let (named, mut rest): (PathBuf, PathBuf) = {
        let parts: Vec<_> = Path::new(pattern).components().collect();
        let is_pattern = |part: &Component| part.as_os_str().to_string_lossy().contains(WILD);
        let (named, rest) = parts.split_at(parts.iter().position(is_pattern).unwrap_or(0));
        (named.iter().collect(), rest.iter().collect())
    };
    // `**` alone would leave out the files of the folder itself.
    if rest.ends_with("**") {
        rest.push("*");
    }
    let folder = if named.as_os_str().is_empty() { Path::new(".") } else { &named };
    if !folder.is_dir() {
        return Ok(());
    }
    let depth = match rest.components().any(|part| part.as_os_str() == "**") {
        true => usize::MAX,
        false => rest.components().count(),
    };
    let wants_hidden = rest.components().any(|part| is_hidden(part.as_ref()));
    // What each folder on the way has to be called, up to the first `**`.
    let parts = rest.components().map(|part| part.as_os_str().to_string_lossy());
    let parts = parts.take_while(|part| part != "**").map(|part| Pattern::new(&part));
    let parts: Vec<Pattern> =
        parts.collect::<Result<_, _>>().context("the pattern does not parse")?;
    let rest = Pattern::new(&rest.to_string_lossy()).context("the pattern does not parse")?;
    let options = MatchOptions {
        // As the system takes names.
        case_sensitive: !cfg!(windows),
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let (mut found, mut left_out) = (Vec::new(), 0);
    let walk = walkdir::WalkDir::new(folder).min_depth(1).max_depth(depth).sort_by_file_name();
    let walk = walk.into_iter().filter_entry(|entry| {
        let name = entry.file_name();
        match entry.depth().checked_sub(1).and_then(|depth| parts.get(depth)) {
            Some(part) => part.matches_with(&name.to_string_lossy(), options),
            None => wants_hidden || !is_hidden(name.as_ref()),
        }
    });
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().filter(|_| error.depth() > 0).map(unreadable);
                found.push(path.ok_or(error).context("cannot look for the pattern")?);
                continue;
            }
        };
        let within = entry.path().strip_prefix(folder).expect("it lies in the folder");
        let path = named.join(within);
        let is_meant = rest.matches_path_with(within, options);
        if entry.path_is_symlink() && path.is_dir() {
            left_out += usize::from(is_meant || entry.depth() < depth);
        } else if is_meant && path.is_dir() {
            add_folder(&path, format, &mut found)?;
        } else if is_meant {
            found.push(known(&path, format)?);
        }
    }
    if left_out > 0 {
        tracing::warn!("links to folders are not followed: `{pattern}` meets {left_out}");
    }
    let mut seen = HashSet::new();
    found.retain(|file| seen.insert(file.path.clone()));
    files.append(&mut found);
    Ok(())
}

fn add_folder(
    folder: &Path,
    format: Option<Format>,
    files: &mut Vec<InputFile>,
) -> anyhow::Result<()> {
    let (mut skipped, mut left_out) = (0, 0);
    let (mut found, mut links) = (Vec::new(), Vec::new());
    let shared = Arc::<Path>::from(folder);
    let entries = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.path()));
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => match error.path().filter(|_| error.depth() > 0) {
                Some(within) => {
                    found.push(InputFile { folder: shared.clone(), ..unreadable(within) });
                    continue;
                }
                None => {
                    let text = format!("cannot list `{}`", folder.display());
                    return Err(anyhow::Error::new(error).context(text));
                }
            },
        };
        let is_link = entry.file_type().is_symlink();
        if is_link && !entry.path().is_file() {
            left_out += 1;
            continue;
        }
        if !is_link && !entry.file_type().is_file() {
            continue;
        }
        match known(entry.path(), format) {
            Ok(file) if is_link => links.push(InputFile { folder: shared.clone(), ..file }),
            Ok(file) => found.push(InputFile { folder: shared.clone(), ..file }),
            Err(_) => skipped += 1,
        }
    }
    left_out += follow(links, &mut found);
    files.append(&mut found);
    let folder = folder.display();
    if skipped > 0 {
        tracing::warn!("{skipped} files in `{folder}` were left out: no known ending");
    }
    if left_out > 0 {
        tracing::warn!(
            "{left_out} links in `{folder}` were left out: they lead to no file, or to one that is read anyway"
        );
    }
    Ok(())
}

/// A folder that cannot be listed: it fails when its turn comes, as a file does that cannot be read.
fn unreadable(folder: &Path) -> InputFile {
    let format = Format::Jsonl;
    let (path, call) = (folder.to_owned(), names::stem(folder, format));
    InputFile { path, folder: Path::new("").into(), format, compression: Compression::None, call }
}

/// Whether a program keeps a file for itself, such as what macOS puts beside those of others.
fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Puts those of the links that lead to other files among the files, sorted, and counts the rest.
fn follow(links: Vec<InputFile>, files: &mut Vec<InputFile>) -> usize {
    if links.is_empty() {
        return 0;
    }
    let mut read: HashSet<PathBuf> = files.iter().map(|file| names::real(&file.path)).collect();
    let is_new = |link: &InputFile| read.insert(names::real(&link.path));
    let (followed, left_out): (Vec<_>, Vec<_>) = links.into_iter().partition(is_new);
    files.extend(followed);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    left_out.len()
}

/// The file with its format by its ending.
fn known(path: &Path, format: Option<Format>) -> anyhow::Result<InputFile> {
    if path.metadata().is_ok_and(|it| !it.is_file()) {
        bail!(
            "`{}` is a pipe or a device, which cannot be read twice; give it as standard input, `-`",
            path.display()
        );
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let (inner, compression) = Compression::of(&name);
    let ending = inner.rsplit_once('.').map_or("", |(_, ending)| ending);
    let Some(format) = format.or_else(|| Format::of_name(ending)) else {
        if ["xlsx", "xls", "ods"].contains(&ending) {
            bail!("`{}` is a workbook; save its sheet as CSV (UTF-8)", path.display());
        }
        bail!(
            "`{}` ends in none of .jsonl, .json, .csv, .tsv, .parquet, .arrow, .mbox, .eml, .vtt, .srt \
             (each also .gz or .zst); name its format with --format",
            path.display()
        );
    };
    let (folder, call) = (Path::new("").into(), names::stem(path, format));
    Ok(InputFile { path: path.to_owned(), folder, format, compression, call })
}

fn fingerprint(file: &InputFile) -> FilePrint {
    let (bytes, sha256) = sha256_of(&file.path).unwrap_or_default();
    FilePrint { file: file.path.display().to_string(), bytes, sha256 }
}

/// How many bytes a file has, and their SHA-256 in lower-case hexadecimal digits.
///
/// # Errors
/// If the file cannot be read.
pub fn sha256_of(path: &Path) -> io::Result<(u64, String)> {
    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hex(&hash.finalize())));
        }
        bytes += read as u64;
        hash.update(&buffer[..read]);
    }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether an error means that the sink had enough.
pub fn is_stop(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<Stopped>())
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{create_dir, write};
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(inputs: &Inputs) -> Vec<String> {
        let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
        inputs.paths().map(name).collect()
    }

    #[test]
    fn links_to_files_are_followed_once_and_links_to_folders_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        create_dir(path("in")).expect("made");
        for file in ["elsewhere.jsonl", "in/b.jsonl", "in/d.txt"] {
            write(path(file), "{}\n").expect("written");
        }
        for (target, link) in [
            ("elsewhere.jsonl", "in/a.jsonl"),
            ("elsewhere.jsonl", "in/a-again.jsonl"),
            ("in/b.jsonl", "in/c.jsonl"),
            ("in", "in/circle"),
            ("gone.jsonl", "in/gone.jsonl"),
        ] {
            symlink(path(target), path(link)).expect("linked");
        }
        let found = |name: &str| names(&Inputs::find(&[path(name)], None).expect("found"));
        assert_eq!(found("in"), ["a-again.jsonl", "b.jsonl"]);
        symlink(path("in"), path("link")).expect("linked");
        assert_eq!(found("link"), ["a-again.jsonl", "b.jsonl"], "a folder that was asked for");
    }

    #[test]
    fn a_file_of_no_known_ending_says_what_to_do() {
        for (name, says) in [
            ("a.xlsx", "save its sheet as CSV"),
            ("a.txt", "--format"),
            ("/dev/null", "give it as standard input"),
        ] {
            let error = known(Path::new(name), None).expect_err("refused").to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_pattern_of_folders_within_folders_finds_each_file_once() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("a/b")).expect("made");
        for file in ["a/b/x.jsonl", "a/y.jsonl", "z.jsonl"] {
            write(folder.path().join(file), "{}\n").expect("written");
        }
        for pattern in ["**", "**/*", "*", "**/*.jsonl"] {
            let inputs = Inputs::find(&[folder.path().join(pattern)], None).expect("found");
            assert_eq!(names(&inputs), ["x.jsonl", "y.jsonl", "z.jsonl"], "{pattern}");
        }
    }

    #[test]
    fn a_pattern_finds_no_file_that_begins_with_a_dot_unless_it_does() {
        let folder = tempfile::tempdir().expect("a folder");
        for file in ["._x.jsonl", "x.jsonl"] {
            write(folder.path().join(file), "{}\n").expect("written");
        }
        create_dir(folder.path().join(".old")).expect("made");
        write(folder.path().join(".old/y.jsonl"), "{}\n").expect("written");
        for (pattern, expected) in [
            ("*.jsonl", "x.jsonl"),
            (".*.jsonl", "._x.jsonl"),
            ("**", "x.jsonl"),
            ("**/*.jsonl", "x.jsonl"),
            ("**/?y.jsonl", ""),
            (".old/*", "y.jsonl"),
            (".o*/*.jsonl", "y.jsonl"),
            ("**/.old/*", "y.jsonl"),
        ] {
            let found = Inputs::find(&[folder.path().join(pattern)], None);
            let found = found.map_or_else(|_| Vec::new(), |inputs| names(&inputs));
            assert_eq!(found.join(" "), expected, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_follows_no_link_to_a_folder_that_it_does_not_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        create_dir(path("in")).expect("made");
        for file in ["elsewhere.jsonl", "in/x.jsonl"] {
            write(path(file), "{}\n").expect("written");
        }
        symlink(path("elsewhere.jsonl"), path("in/a.jsonl")).expect("linked");
        // Were they followed, there would be 2 to the power of 40 ways round.
        symlink(path("in"), path("in/one")).expect("linked");
        symlink(path("in"), path("in/two")).expect("linked");
        for pattern in
            ["in/**", "in/**/*.jsonl", "in/*", "in/*.jsonl", "in/one/*.jsonl", "i*/*.jsonl"]
        {
            let inputs = Inputs::find(&[path(pattern)], None).expect("found");
            assert_eq!(names(&inputs), ["a.jsonl", "x.jsonl"], "{pattern}");
        }
        assert!(Inputs::find(&[path("in/o*/*.jsonl")], None).is_err());
    }
}
