//! Who a customer is does not leave with the scores: keyed pseudonyms instead of names.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use beleving_archive::{Columns, Origin, hex};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::args::RunArgs;
use crate::row::Row;
use crate::write::{create_private, folder_of};

/// Name of the key file that is made beside the output.
pub(crate) const KEY_NAME: &str = "beleving.key";

/// Bytes of a key that is made here.
const KEY_BYTES: usize = 32;

/// Fewest bytes of a key file: under it, names could be found by trying keys.
const MIN_KEY_BYTES: usize = 16;

/// Bytes of the HMAC that a pseudonym shows: two of ten million customers get the same one with a
/// chance of 1 in 20 billion.
const SHOWN_BYTES: usize = 10;

/// How names come out.
pub(crate) struct Privacy(Option<Vec<u8>>);

impl Privacy {
    /// As the options of a run say. A key is made if one is needed, so that all else that may be refused goes first.
    pub(crate) fn of_run(args: &RunArgs) -> anyhow::Result<Self> {
        match (&args.key_file, args.output_file()) {
            _ if args.clear_ids => Ok(Self::clear()),
            // Machines that each made one would find it out when their work is done.
            (Some(path), _) if args.shard.is_none_or(|shard| shard.index == 1) => {
                Self::of_file_or_new(path)
            }
            (Some(path), _) => Self::of_file(path)
                .context("the shards need one key; shard 1 makes it, the others get a copy"),
            (None, Some(output)) => Self::beside(output),
            (None, None) => Self::for_this_run(),
        }
    }

    /// As they are.
    pub(crate) fn clear() -> Self {
        Self(None)
    }

    /// Under pseudonyms of the key in this file.
    pub(crate) fn of_file(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let key = fs::read(path).with_context(|| {
            format!(
                "cannot read the key file `{shown}`: any file of at least {MIN_KEY_BYTES} random bytes, such as \
                 the `{KEY_NAME}` that a run without --key-file makes beside its output"
            )
        })?;
        let key = key.trim_ascii().to_vec();
        let (found, least) = (key.len(), MIN_KEY_BYTES);
        if found < least {
            bail!("the key file `{shown}` has {found} bytes, expected at least {least}");
        }
        Ok(Self(Some(key)))
    }

    /// Under pseudonyms of the key in this file, which is made and told of where there is none.
    pub(crate) fn of_file_or_new(path: &Path) -> anyhow::Result<Self> {
        if make_if_missing(path)? {
            tracing::warn!(
                "made the key file `{}`: keep it, and give it to every run and shard that belongs to this one",
                path.display()
            );
        }
        Self::of_file(path)
    }

    /// Under pseudonyms of the key beside the output; it is made where there is none.
    pub(crate) fn beside(output: &Path) -> anyhow::Result<Self> {
        let path = key_beside(output);
        make_if_missing(&path)?;
        Self::of_file(&path)
    }

    /// Under pseudonyms of a key that is gone after this run.
    pub(crate) fn for_this_run() -> anyhow::Result<Self> {
        Ok(Self(Some(random()?.to_vec())))
    }

    /// What tells one key from another without telling the key; `None` if names come out as they are.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        let key = self.0.as_ref()?;
        Some(hex(&Sha256::digest([b"beleving key fingerprint", key.as_slice()].concat())[..8]))
    }

    /// The name by which a customer goes.
    pub(crate) fn customer(&self, name: &str) -> String {
        self.pseudonym("c", name)
    }

    /// A file's name for errors. A mail that is a file is often named after its subject.
    pub(crate) fn file(&self, name: &str) -> Arc<str> {
        let lower = name.to_lowercase();
        let is_mail = [".eml", ".eml.gz", ".eml.zst"].iter().any(|end| lower.ends_with(end));
        if is_mail && self.0.is_some() {
            (self.pseudonym("m", name) + ".eml").into()
        } else {
            name.into()
        }
    }

    /// Puts pseudonyms in the place of the names of a row, also where the column of the customer is that of another field.
    pub(crate) fn apply(&self, row: &mut Row, columns: &Columns, origin: Origin) {
        if self.0.is_none() {
            return;
        }
        for (field, name) in [
            ("customer", &mut row.customer),
            ("id", &mut row.id),
            ("interaction", &mut row.interaction),
            ("channel", &mut row.channel),
            ("role", &mut row.message.role),
        ] {
            if columns.name(field) == columns.name("customer") {
                *name = name.take().map(|name| self.customer(&name));
            }
        }
        if origin == Origin::Mail {
            for id in [&mut row.id, &mut row.interaction] {
                *id = id.take().map(|id| self.pseudonym("m", &id));
            }
        }
        row.message.id = row.id.clone();
    }

    fn pseudonym(&self, kind: &str, name: &str) -> String {
        let Some(key) = &self.0 else { return name.to_owned() };
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(name.as_bytes());
        format!("{kind}-{}", hex(&mac.finalize().into_bytes()[..SHOWN_BYTES]))
    }
}

/// Where the key of an output lies if it was made here.
pub(crate) fn key_beside(output: &Path) -> PathBuf {
    output.with_file_name(KEY_NAME)
}

fn random() -> anyhow::Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).context("the system gives no random numbers for a key")?;
    Ok(key)
}

/// Makes a key file where there is none, which only its owner may read. Says whether it did.
fn make_if_missing(path: &Path) -> anyhow::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let cannot = || format!("cannot make the key file `{}`", path.display());
    // It is whole before it has its name: another run that starts now must not read half a key.
    let mut file = tempfile::Builder::new()
        .prefix(".key-")
        .tempfile_in(folder_of(path))
        .with_context(cannot)?;
    let key = hex(&random()?) + "\n";
    file.write_all(key.as_bytes()).with_context(cannot)?;
    file.as_file().sync_all().with_context(cannot)?;
    let made = match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => make(path, &key),
        named => named.map(drop).map_err(|error| error.error),
    };
    match made {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(cannot),
    }
}

/// Makes a key file in its place, where no whole file can be given a name that is not to be replaced: some network
/// mounts and object stores have neither such a rename nor links.
fn make(path: &Path, key: &str) -> io::Result<()> {
    let mut file = create_private(path)?;
    let written = file.write_all(key.as_bytes()).and_then(|()| file.sync_all());
    // Half a key would be taken for one.
    written.inspect_err(|_| drop(fs::remove_file(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let output = folder.path().join("out.jsonl");
        let name = || Privacy::beside(&output).expect("a key").customer("jansen");
        assert_eq!(name(), name());
        assert!(name().starts_with("c-") && !name().contains("jansen"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = key_beside(&output).metadata().expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_ne!(Privacy::for_this_run().expect("a key").customer("jansen"), name());
    }

    #[test]
    fn a_key_file_that_is_named_is_made_once_and_where_it_must_be_there_the_error_says_what_it_is()
    {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("k");
        let error = Privacy::of_file(&path).err().expect("not there").to_string();
        assert!(error.contains("at least 16 random bytes") && error.contains(KEY_NAME), "{error}");
        let name = || Privacy::of_file_or_new(&path).expect("a key").customer("jansen");
        assert_eq!(name(), name());
        assert_eq!(Privacy::of_file(&path).expect("a key").customer("jansen"), name());
    }

    #[test]
    fn runs_that_start_together_have_one_key() {
        for _ in 0..10 {
            let folder = tempfile::tempdir().expect("a folder");
            let output = folder.path().join("out.jsonl");
            let name = || Privacy::beside(&output).expect("a key").customer("jansen");
            let names: Vec<String> = std::thread::scope(|scope| {
                let runs: Vec<_> = (0..8).map(|_| scope.spawn(name)).collect();
                runs.into_iter().map(|run| run.join().expect("no panic")).collect()
            });
            assert!(names.iter().all(|other| *other == names[0]));
            assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        }
    }

    #[test]
    fn a_key_made_in_its_place_replaces_none_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        make(&path, "0123456789abcdef\n").expect("made");
        let error = make(&path, "other").expect_err("there already");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("readable"), b"0123456789abcdef\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = path.metadata().expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_short_key_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        fs::write(&path, "kort\n").expect("written");
        assert!(Privacy::of_file(&path).is_err());
    }
}
