//! Where do things wait that belong together and come apart? In memory while they are few, the others in files without a
//! name, dealt out by whose they are. They hold no text and are gone when the process is, however it ends.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

use beleving::{Contact, InteractionState};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes of memory that things of one kind take at most: those of some 100,000 contacts, or messages.
pub(crate) const IN_MEMORY: usize = 20 << 20;
/// Files that the others are dealt out over: of ten million contacts each takes as much again.
const FILES: usize = 64;

/// What belongs together by a name.
pub(crate) trait Piled: Clone + Serialize + DeserializeOwned {
    /// Whose it is.
    fn name(&self) -> &str;
    /// Bytes of memory that it takes, about.
    fn bytes(&self) -> usize;
}

impl Piled for Contact {
    fn name(&self) -> &str {
        &self.customer
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.customer.len() + self.interaction.len() + self.intents.len()
    }
}

impl Piled for InteractionState {
    fn name(&self) -> &str {
        &self.interaction
    }

    fn bytes(&self) -> usize {
        self.bytes()
    }
}

/// Things by name, as many as there are.
pub(crate) struct Piles<T> {
    waiting: Vec<T>,
    /// Bytes of memory of those that wait, and how many there may be.
    bytes: usize,
    pub(crate) in_memory: usize,
    files: Vec<File>,
}

impl<T> Default for Piles<T> {
    fn default() -> Self {
        Self { waiting: Vec::new(), bytes: 0, in_memory: IN_MEMORY, files: Vec::new() }
    }
}

impl<T: Piled> Piles<T> {
    /// # Errors
    /// If the disk is full.
    pub(crate) fn add(&mut self, one: T) -> io::Result<()> {
        self.bytes += one.bytes();
        self.waiting.push(one);
        if self.bytes >= self.in_memory { self.deal_out() } else { Ok(()) }
    }

    fn deal_out(&mut self) -> io::Result<()> {
        if self.files.is_empty() {
            self.files = (0..FILES).map(|_| tempfile::tempfile()).collect::<io::Result<_>>()?;
        }
        let mut out: Vec<BufWriter<&File>> = self.files.iter().map(BufWriter::new).collect();
        for one in self.waiting.drain(..) {
            let file = &mut out[file_of(&one)];
            serde_json::to_writer(&mut *file, &one)?;
            file.write_all(b"\n")?;
        }
        self.bytes = 0;
        out.iter_mut().try_for_each(Write::flush)
    }

    /// Hands over all in several lots, each holding all there is of the names in it.
    ///
    /// # Errors
    /// If the disk fails, or `take` does.
    pub(crate) fn each_lot(
        &self,
        mut take: impl FnMut(Vec<T>) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.files.is_empty() {
            return take(self.waiting.clone());
        }
        let mut waiting: BTreeMap<usize, Vec<&T>> = BTreeMap::new();
        for one in &self.waiting {
            waiting.entry(file_of(one)).or_default().push(one);
        }
        for (n, mut file) in self.files.iter().enumerate() {
            file.seek(SeekFrom::Start(0))?;
            let mut lot = Vec::new();
            for line in BufReader::new(file).lines() {
                lot.push(serde_json::from_str(&line?)?);
            }
            // What is added later goes after it.
            file.seek(SeekFrom::End(0))?;
            lot.extend(waiting.remove(&n).into_iter().flatten().cloned());
            take(lot)?;
        }
        Ok(())
    }
}

fn file_of(one: &impl Piled) -> usize {
    let mut hasher = DefaultHasher::new();
    one.name().hash(&mut hasher);
    (hasher.finish() % FILES as u64) as usize
}
