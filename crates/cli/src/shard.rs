//! Which rows of the input are whose, where several runs share it.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::row::Row;

/// One of several runs over the same input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    pub(crate) index: u64,
    pub(crate) of: u64,
}

impl Shard {
    /// Whether a row is this shard's: by its interaction, or by its place where it has none.
    pub(crate) fn holds(self, row: &Row) -> bool {
        row.interaction.as_deref().map_or(row.place, hash) % self.of == self.index - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((index, of)) if (1..=of).contains(&index) => Ok(Self { index, of }),
            _ => Err(format!("`{text}` is no shard, expected such as 1/4")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// A number for a name, the same on every machine.
pub(crate) fn hash(name: &str) -> u64 {
    let hash = Sha256::digest(name);
    u64::from_le_bytes(hash[..8].try_into().expect("eight bytes"))
}
