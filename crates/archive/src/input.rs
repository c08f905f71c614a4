//! Which files there are to read, and in which format each of them is.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Context, bail};
use encoding_rs::Encoding;
use sha2::{Digest, Sha256};

use crate::bytes::Compression;
use crate::columns::Columns;
use crate::record::{Sink, Stopped};
use crate::times::Times;
use crate::{names, reading};

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
    /// What the sink returns; and the error of the first file, if it gave no record at all.
    pub fn read(&self, options: &ReadOptions, sink: &mut dyn Sink) -> anyhow::Result<()> {
        if self.files.is_empty() {
            return reading::read_pipe(Box::new(io::stdin()), options, sink);
        }
        reading::read_files(&self.files, &self.bytes, options, sink)
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
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => match error.path().filter(|_| error.depth() > 0) {
                // It fails when its turn comes, as a file does that cannot be read.
                Some(within) => {
                    let (folder, format) = (shared.clone(), Format::Jsonl);
                    let (path, call) = (within.to_owned(), names::stem(within, format));
                    let compression = Compression::None;
                    files.push(InputFile { path, folder, format, compression, call });
                    continue;
                }
                None => {
                    let text = format!("cannot list `{}`", folder.display());
                    return Err(anyhow::Error::new(error).context(text));
                }
            },
        };
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
    let (inner, compression) = Compression::of(&name);
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

fn fingerprint(file: &InputFile) -> FilePrint {
    let hashed = || -> io::Result<(u64, String)> {
        let mut input = std::fs::File::open(&file.path)?;
        let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
        loop {
            let read = input.read(&mut buffer)?;
            if read == 0 {
                return Ok((bytes, hex(&hash.finalize())));
            }
            bytes += read as u64;
            hash.update(&buffer[..read]);
        }
    };
    let (bytes, sha256) = hashed().unwrap_or_default();
    FilePrint { file: file.path.display().to_string(), bytes, sha256 }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether an error means that the sink had enough.
pub fn is_stop(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<Stopped>())
}
