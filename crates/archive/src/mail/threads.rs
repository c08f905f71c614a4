//! Which mails belong together.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{each_mail, parse, references, whole};
use crate::input::{Format, InputFile};

/// Which mails belong together: those that refer to one another, directly or by others.
///
/// Holds a few numbers a mail, no address and no text.
#[derive(Default)]
pub(crate) struct Threads {
    /// Place of each known message id, by its hash.
    places: HashMap<u64, usize>,
    /// A forest: each place's parent, itself at the root.
    parents: Vec<usize>,
}

impl Threads {
    /// Reads the heads of all mails of these files.
    pub(crate) fn scan(files: &[InputFile]) -> Self {
        let mut threads = Self::default();
        for file in files {
            // A file that cannot be read is reported when its turn comes.
            let _ = threads.add_file(file);
        }
        threads
    }

    fn add_file(&mut self, file: &InputFile) -> anyhow::Result<()> {
        let open = || {
            let raw = crate::bytes::open(&file.path, file.compression, &Arc::default())?;
            anyhow::Ok(crate::bytes::decode(raw, None))
        };
        match file.format {
            Format::Mbox => each_mail(open()?, |mail| {
                self.add_mail(mail.ok());
                Ok(())
            }),
            Format::Eml => {
                self.add_mail(whole(open()?)?.ok().as_deref());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn add_mail(&mut self, mail: Option<&[u8]>) {
        let Some(message) = mail.and_then(parse) else { return };
        let mut ids = references(&message).into_iter().chain(message.message_id());
        let Some(first) = ids.next() else { return };
        let mut root = self.place(first);
        for id in ids {
            let other = self.place(id);
            root = self.join(root, other);
        }
    }

    fn place(&mut self, id: &str) -> usize {
        let next = self.parents.len();
        let place = *self.places.entry(hash(id)).or_insert(next);
        if place == next {
            self.parents.push(next);
        }
        self.root(place)
    }

    fn root(&mut self, mut place: usize) -> usize {
        while self.parents[place] != place {
            // Halving the path keeps every later walk short.
            self.parents[place] = self.parents[self.parents[place]];
            place = self.parents[place];
        }
        place
    }

    fn join(&mut self, a: usize, b: usize) -> usize {
        let (a, b) = (self.root(a), self.root(b));
        // The older place stays root: the result does not depend on how deep the trees are.
        self.parents[a.max(b)] = a.min(b);
        a.min(b)
    }

    /// The thread of a message id.
    pub(super) fn of(&mut self, id: &str) -> Option<usize> {
        let place = *self.places.get(&hash(id))?;
        Some(self.root(place))
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
