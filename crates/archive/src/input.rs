//! Which files there are to read, and in which format each of them is.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail};
use encoding_rs::Encoding;
use sha2::{Digest, Sha256};

use crate::bytes::Compression;
use crate::columns::Columns;
use crate::record::{Fault, Origin, Record, Sink, Stopped};
use crate::{columnar, csv, jsonl, mail, names, transcript};

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
}

impl Default for ReadOptions {
    fn default() -> Self {
        let columns = Columns::own();
        Self { columns, format: None, encoding: None, delimiter: None, staff: Vec::new() }
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
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Inputs {
    /// Finds the files that the names stand for: files, folders (all files of a known ending in them,
    /// sorted), patterns such as `2025/*.csv.gz`, or `-` alone for standard input.
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
            } else if let Some(pattern) = name.to_str().filter(|n| n.contains(['*', '?', '['])) {
                for path in glob::glob(pattern).context("the pattern does not parse")? {
                    let path = path.context("cannot look for the pattern")?;
                    if path.is_dir() {
                        add_folder(&path, format, &mut files)?;
                    } else {
                        files.push(known(&path, format)?);
                    }
                }
            } else {
                bail!("cannot open `{}`: no such file", name.display());
            }
            if files.len() == before {
                bail!("`{}` holds no file that can be read", name.display());
            }
        }
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

    /// Reads every file once and tells what it is, so that a later run knows it again.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn fingerprint(&self) -> anyhow::Result<Vec<FilePrint>> {
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
    /// What the sink returns; and the error of the first file, if it gave no record at all.
    pub fn read(&self, options: &ReadOptions, sink: &mut dyn Sink) -> anyhow::Result<()> {
        if self.files.is_empty() {
            return read_pipe(Box::new(io::stdin()), options, sink);
        }
        let threads = mail::Threads::scan(&self.files, &self.bytes)?;
        let mut mails = mail::Mails::new(threads, &options.staff);
        for (n, file) in self.files.iter().enumerate() {
            // A bar that counts bytes has to count a file's own reading only.
            let shown = Arc::<str>::from(file.path.to_string_lossy());
            let mut counting = Counting { sink, file: shown, last: 0, any: false, stopped: false };
            let read = read_file(file, options, &self.bytes, &mut mails, &mut counting);
            let Err(error) = read else { continue };
            if counting.stopped {
                return Err(error);
            }
            let (any, row) = (counting.any, counting.last + 1);
            if n == 0 && !any {
                return Err(error.context(format!("`{}`", file.path.display())));
            }
            let fields = Err(Fault::new(format!("{error:#}; nothing after this was read")));
            counting.take(Record { file: None, row, origin: Origin::Table, fields })?;
        }
        Ok(())
    }
}

fn add_folder(
    folder: &Path,
    format: Option<Format>,
    files: &mut Vec<InputFile>,
) -> anyhow::Result<()> {
    let mut skipped = 0;
    let shared = Arc::<Path>::from(folder);
    let entries = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|e| e.depth() == 0 || !e.file_name().as_encoded_bytes().starts_with(b"."));
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list `{}`", folder.display()))?;
        if !entry.file_type().is_file() {
            continue;
        }
        match known(entry.path(), format) {
            Ok(file) => files.push(InputFile { folder: shared.clone(), ..file }),
            Err(_) => skipped += 1,
        }
    }
    if skipped > 0 {
        let folder = folder.display();
        tracing::warn!("{skipped} files in `{folder}` were left out: no known ending");
    }
    Ok(())
}

/// The file with its format by its ending.
fn known(path: &Path, format: Option<Format>) -> anyhow::Result<InputFile> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let (inner, compression) = match name.rsplit_once('.') {
        Some((inner, "gz")) => (inner, Compression::Gzip),
        Some((inner, "zst")) => (inner, Compression::Zstd),
        _ => (name.as_str(), Compression::None),
    };
    let ending = inner.rsplit_once('.').map_or("", |(_, ending)| ending);
    let Some(format) = format.or_else(|| Format::of_name(ending)) else {
        bail!(
            "`{}` ends in none of .jsonl, .json, .csv, .tsv, .parquet, .arrow, .mbox, .eml, .vtt, .srt \
             (each also .gz or .zst); name its format with --format",
            path.display()
        );
    };
    let (folder, call) = (Path::new("").into(), names::stem(path, format));
    Ok(InputFile { path: path.to_owned(), folder, format, compression, call })
}

fn fingerprint(file: &InputFile) -> anyhow::Result<FilePrint> {
    let shown = file.path.display();
    let mut input =
        std::fs::File::open(&file.path).with_context(|| format!("cannot open `{shown}`"))?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = input.read(&mut buffer).with_context(|| format!("cannot read `{shown}`"))?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hash.update(&buffer[..read]);
    }
    Ok(FilePrint { file: shown.to_string(), bytes, sha256: hex(&hash.finalize()) })
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads standard input.
fn read_pipe(
    input: Box<dyn Read + Send>,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    match options.format {
        None | Some(Format::Jsonl) => {
            let input = match options.encoding {
                None => input,
                declared => crate::bytes::decode(input, declared),
            };
            jsonl::read(input, jsonl::Source::Pipe, sink)
        }
        Some(Format::Csv) => {
            // Of a pipe no more is looked at than its first rows wait for anyway.
            let text = as_utf8(input, options.encoding, csv::BLOCK, Path::new("-"));
            csv::read(text, options, sink)
        }
        Some(other) => {
            bail!("standard input is read as JSON lines or CSV, not as {other:?}; give a file")
        }
    }
}

/// Text in the declared encoding, or in the one that its first `limit` bytes show, as UTF-8.
fn as_utf8(
    raw: Box<dyn Read + Send>,
    declared: Option<&'static Encoding>,
    limit: usize,
    path: &Path,
) -> Box<dyn Read + Send> {
    if declared.is_some() {
        return crate::bytes::decode(raw, declared);
    }
    let (text, guessed) = crate::bytes::detect(raw, limit);
    if guessed {
        let shown = path.display();
        tracing::warn!("`{shown}` is not UTF-8 and was read as Windows-1252; --encoding states it");
    }
    text
}

fn read_file(
    file: &InputFile,
    options: &ReadOptions,
    bytes: &Arc<AtomicU64>,
    mails: &mut mail::Mails,
    sink: &mut Counting<'_>,
) -> anyhow::Result<()> {
    if matches!(file.format, Format::Parquet | Format::Arrow) {
        let read = if file.format == Format::Parquet {
            columnar::read_parquet(file, &options.columns, sink)
        } else {
            columnar::read_arrow(file, &options.columns, bytes, sink)
        };
        bytes.fetch_add(
            if file.format == Format::Parquet { file.path.metadata()?.len() } else { 0 },
            Ordering::Relaxed,
        );
        return read;
    }
    let raw = crate::bytes::open(&file.path, file.compression, bytes)?;
    match file.format {
        Format::Mbox => return mail::read_mbox(raw, mails, sink),
        Format::Eml => return mail::read_eml(raw, mails, sink),
        _ => {}
    }
    let text = match options.encoding {
        // JSON is UTF-8 by its standard; anything else has to be declared.
        None if matches!(file.format, Format::Jsonl | Format::Json) => {
            crate::bytes::decode(raw, None)
        }
        declared => as_utf8(raw, declared, crate::bytes::SAMPLE, &file.path),
    };
    match file.format {
        Format::Jsonl => jsonl::read(text, jsonl::Source::File, sink),
        Format::Json => jsonl::read_document(text, &file.call, sink),
        Format::Csv => csv::read(text, options, sink),
        Format::WebVtt | Format::Srt => transcript::read_cues(text, &file.call, sink),
        Format::Parquet | Format::Arrow | Format::Mbox | Format::Eml => unreachable!("read above"),
    }
}

/// Names the file in every record, and knows which came last.
struct Counting<'a> {
    sink: &'a mut dyn Sink,
    file: Arc<str>,
    last: u64,
    any: bool,
    /// Whether it was the sink that wanted no more.
    stopped: bool,
}

impl Sink for Counting<'_> {
    fn take(&mut self, mut record: Record) -> anyhow::Result<()> {
        self.any = true;
        self.last = self.last.max(record.row);
        record.file = Some(self.file.clone());
        self.sink.take(record).inspect_err(|_| self.stopped = true)
    }

    fn may_wait(&mut self) -> anyhow::Result<()> {
        self.sink.may_wait().inspect_err(|_| self.stopped = true)
    }
}

/// Whether an error means that the sink had enough.
pub fn is_stop(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<Stopped>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Kept;

    fn csv(encoding: Option<&'static Encoding>) -> ReadOptions {
        ReadOptions { format: Some(Format::Csv), encoding, ..ReadOptions::default() }
    }

    #[test]
    fn csv_on_standard_input_is_decoded_as_a_file_is() {
        for (encoding, bytes) in [
            (Some(encoding_rs::WINDOWS_1252), &b"id;text\n1;caf\xe9 \x80 5\n"[..]),
            (None, b"id;text\n1;caf\xe9 \x80 5\n"),
            (Some(encoding_rs::UTF_8), "id;text\n1;café € 5\n".as_bytes()),
            (None, "\u{feff}id;text\n1;café € 5\n".as_bytes()),
            (Some(encoding_rs::WINDOWS_1251), b"id;text\n1;caf\xe9 \x88 5\n"),
        ] {
            let mut kept = Kept::default();
            read_pipe(Box::new(bytes), &csv(encoding), &mut kept).expect("readable");
            let cyrillic = encoding == Some(encoding_rs::WINDOWS_1251);
            assert_eq!(kept.values("text"), [if cyrillic { "cafй € 5" } else { "café € 5" }]);
        }
    }

    /// Input without an end, of which the bytes that were read are counted.
    struct Endless(Arc<AtomicU64>);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let before = self.0.fetch_add(buffer.len() as u64, Ordering::Relaxed) as usize;
            let line = b"1;caf\xe9\n";
            for (n, byte) in buffer.iter_mut().enumerate() {
                *byte = line[(before + n) % line.len()];
            }
            Ok(buffer.len())
        }
    }

    /// Notes how much was read when the first row comes, and wants no more.
    struct First(Arc<AtomicU64>, u64);

    impl Sink for First {
        fn take(&mut self, _: Record) -> anyhow::Result<()> {
            self.1 = self.0.load(Ordering::Relaxed);
            Err(Stopped.into())
        }
    }

    #[test]
    fn csv_on_standard_input_gives_its_first_row_after_one_block() {
        for encoding in [None, Some(encoding_rs::WINDOWS_1252)] {
            let read = Arc::new(AtomicU64::new(0));
            let input = io::Cursor::new(b"id;text\n").chain(Endless(read.clone()));
            let mut first = First(read, 0);
            let stopped = read_pipe(Box::new(input), &csv(encoding), &mut first);
            assert!(is_stop(&stopped.expect_err("stopped")));
            assert!(first.1 <= csv::BLOCK as u64 + (16 << 10), "{} bytes", first.1);
        }
    }
}
