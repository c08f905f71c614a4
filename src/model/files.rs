//! The files of a model folder, as bytes.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};

/// The files of a model folder, read or handed over as bytes.
///
/// A folder trained with this project holds all four; any Hugging Face sequence classification
/// folder of the BERT family holds the first three.
#[derive(Clone)]
pub struct ModelFiles {
    /// `config.json`
    pub config: Vec<u8>,
    /// `tokenizer.json`
    pub tokenizer: Vec<u8>,
    /// `model.safetensors`
    pub weights: Vec<u8>,
    /// `beleving.json`
    pub manifest: Option<Vec<u8>>,
}

impl ModelFiles {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file that cannot be read. A missing `beleving.json` is none.
    pub fn read(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let file = |name: &str| {
            let path = folder.join(name);
            let bytes = read(&path).map_err(|e| {
                let text = format!("cannot read `{}`{}", path.display(), instead_of(name, folder));
                Error::new(ErrorKind::Io, text).caused_by(e)
            })?;
            if bytes.starts_with(b"version https://git-lfs") {
                let text = format!(
                    "`{}` is a pointer of git-lfs, expected the file itself: `git lfs pull` fetches it",
                    path.display()
                );
                return Err(Error::new(ErrorKind::Io, text));
            }
            Ok(bytes)
        };
        let is_ours = folder.join("beleving.json").symlink_metadata().is_ok();
        let manifest = if is_ours { Some(file("beleving.json")?) } else { None };
        Ok(Self {
            config: file("config.json")?,
            tokenizer: file("tokenizer.json")?,
            weights: file("model.safetensors")?,
            manifest,
        })
    }

    /// The SHA-256 of each file but the manifest, by name, in lower-case hexadecimal digits.
    pub fn sha256(&self) -> [(&'static str, String); 3] {
        let hash = |bytes: &[u8]| {
            Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        [
            ("config.json", hash(&self.config)),
            ("tokenizer.json", hash(&self.tokenizer)),
            ("model.safetensors", hash(&self.weights)),
        ]
    }
}

/// Reads a file, a large one by two threads: copying it takes a fifth of the time that loading takes.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    const LARGE: u64 = 16 << 20;
    let length = std::fs::metadata(path)?.len();
    if length < LARGE {
        return std::fs::read(path);
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    let half = bytes.len() / 2;
    let (first, second) = bytes.split_at_mut(half);
    let part = |start: usize, part: &mut [u8]| {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(start as u64))?;
        file.read_exact(part)
    };
    let read = thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, || part(half, second)).ok()?;
        let read = part(0, first);
        Some(read.and(other.join().unwrap_or_else(|panic| resume_unwind(panic))))
    });
    match read {
        Some(read) => read.map(|()| bytes),
        // No thread is to be had.
        None => std::fs::read(path),
    }
}

/// What a folder has in place of a file that is missing, to be said in an error.
fn instead_of(name: &str, folder: &Path) -> String {
    let others: &[&str] = match name {
        "model.safetensors" => {
            &["model.safetensors.index.json", "pytorch_model.bin", "tf_model.h5"]
        }
        "tokenizer.json" => &["vocab.txt", "vocab.json", "sentencepiece.bpe.model"],
        _ => &[],
    };
    let found = others.iter().find(|other| folder.join(other).exists());
    found.map_or_else(String::new, |other| {
        format!(": there is `{other}` instead, from which transformers' `save_pretrained` makes it")
    })
}

impl fmt::Debug for ModelFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelFiles")
            .field("config", &self.config.len())
            .field("tokenizer", &self.tokenizer.len())
            .field("weights", &self.weights.len())
            .field("manifest", &self.manifest.as_ref().map(Vec::len))
            .finish()
    }
}
