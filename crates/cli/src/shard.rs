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
        key(row.interaction.as_deref(), row.place) % self.of == self.index - 1
    }
}

/// The pile, of so many, of a row on which all of its interaction lies.
pub(crate) fn pile(interaction: Option<&str>, place: u64, piles: u64) -> u64 {
    // Not the key itself: those of a shard are the same modulo the number of shards, and most piles would be empty.
    let mixed = key(interaction, place).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) % piles
}

fn key(interaction: Option<&str>, place: u64) -> u64 {
    interaction.map_or(place, hash)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_shard_are_dealt_out_over_all_piles_evenly() {
        for named in [true, false] {
            let mut piles = [0; 256];
            for place in 0..200_000 {
                let name = format!("interaction {place}");
                let interaction = named.then_some(&*name);
                if key(interaction, place) % 16 == 3 {
                    piles[pile(interaction, place, 256) as usize] += 1;
                }
            }
            let (least, most) = (piles.iter().min(), piles.iter().max());
            assert!(least > Some(&20) && most < Some(&80), "{least:?} {most:?}");
        }
    }
}
