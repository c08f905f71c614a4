//! What was encoded lately, so that a text that comes again in the same run is not encoded again.
//!
//! A message's logits do not depend on what it is encoded with, so those of an equal one are the same
//! bits. Kept are the logits, the vector and a keyed hash of the tokens: no text.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::sync::Mutex;

use crate::error::Result;
use crate::parallel::unlocked;

/// Bytes of a generation, of which there are two: with 21 logits and a vector of 384 values a window, each holds some 5,000 windows.
const GENERATION: usize = 8 << 20;

/// A hash of 128 bits under keys of this process: that two windows share one by chance is out of the
/// question, and nobody can make two that do.
type Key = [u64; 2];

/// The logits and vectors of the last windows, at most two generations of them.
#[derive(Default)]
pub(super) struct Known {
    hashers: [RandomState; 2],
    generations: Mutex<Generations>,
}

/// The older one is dropped when the newer one is full.
#[derive(Default)]
struct Generations {
    newer: HashMap<Key, Vec<f32>>,
    older: HashMap<Key, Vec<f32>>,
}

impl Known {
    /// Logits of every window, in order: the known ones as they were, the others by `encode`.
    pub(super) fn or_encode(
        &self,
        windows: &[&[u32]],
        encode: impl FnOnce(&[&[u32]]) -> Vec<Result<Vec<f32>>>,
    ) -> Vec<Result<Vec<f32>>> {
        let keys: Vec<Key> = windows
            .iter()
            .map(|window| self.hashers.each_ref().map(|h| h.hash_one(window)))
            .collect();
        let mut rows: Vec<Option<Result<Vec<f32>>>> = {
            let mut known = unlocked(&self.generations);
            keys.iter().map(|key| known.as_mut()?.get(key).map(Ok)).collect()
        };
        let unknown: Vec<usize> = (0..rows.len()).filter(|&n| rows[n].is_none()).collect();
        let encoded = encode(&unknown.iter().map(|&n| windows[n]).collect::<Vec<_>>());
        let mut known = unlocked(&self.generations);
        for (&n, row) in unknown.iter().zip(encoded) {
            if let (Some(known), Ok(row)) = (&mut known, &row) {
                known.insert(keys[n], row.clone());
            }
            rows[n] = Some(row);
        }
        rows.into_iter().map(|row| row.expect("known or encoded")).collect()
    }
}

impl Generations {
    fn get(&mut self, key: &Key) -> Option<Vec<f32>> {
        if let Some(row) = self.newer.get(key) {
            return Some(row.clone());
        }
        let row = self.older.remove(key)?;
        self.insert(*key, row.clone());
        Some(row)
    }

    fn insert(&mut self, key: Key, row: Vec<f32>) {
        // All windows of a model have as many logits.
        let bytes_each = size_of::<(Key, Vec<f32>)>() + size_of_val(&*row);
        if self.newer.len() >= GENERATION / bytes_each {
            self.older = mem::take(&mut self.newer);
        }
        self.newer.insert(key, row);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::error::{Error, ErrorKind};

    #[test]
    fn what_was_encoded_is_known_and_what_failed_is_tried_again() {
        let (known, encoded) = (Known::default(), Cell::new(0));
        let run = |windows: &[&[u32]], fails: bool| {
            known.or_encode(windows, |unknown| {
                encoded.set(encoded.get() + unknown.len());
                let failure = || Error::new(ErrorKind::Engine, "out of order");
                let row = |w: &&[u32]| if fails { Err(failure()) } else { Ok(vec![w[0] as f32]) };
                unknown.iter().map(row).collect()
            })
        };
        assert!(run(&[&[1], &[2]], true).iter().all(Result::is_err));
        let first: Vec<_> = run(&[&[1], &[2, 3]], false).into_iter().flatten().collect();
        let again: Vec<_> = run(&[&[2, 3], &[4], &[1]], false).into_iter().flatten().collect();
        assert_eq!((first.concat(), again.concat()), (vec![1.0, 2.0], vec![2.0, 4.0, 1.0]));
        assert_eq!(encoded.get(), 2 + 2 + 1);
    }

    #[test]
    fn a_lock_that_nobody_gives_back_is_not_waited_for() {
        let known = Known::default();
        let _held = known.generations.lock().expect("no poison");
        let rows =
            known.or_encode(&[&[7]], |unknown| unknown.iter().map(|_| Ok(vec![7.0])).collect());
        assert_eq!(rows.into_iter().flatten().collect::<Vec<_>>(), [[7.0]]);
    }

    #[test]
    fn what_is_kept_is_bounded_in_bytes_and_what_comes_often_stays() {
        for logits in [150, 5000] {
            let (known, encoded) = (Known::default(), Cell::new(0));
            let windows = 4 * (GENERATION / 4 / logits) as u32;
            for n in 0..windows {
                known.or_encode(&[&[n], &[u32::MAX]], |unknown| {
                    encoded.set(encoded.get() + unknown.len());
                    unknown.iter().map(|w| Ok(vec![w[0] as f32; logits])).collect()
                });
            }
            assert_eq!(encoded.get(), windows as usize + 1);
            let known = known.generations.into_inner().expect("no poison");
            let kept = known.newer.len() + known.older.len();
            let bytes = kept * 4 * logits;
            assert!((GENERATION / 2..=2 * GENERATION).contains(&bytes), "{kept} of {logits}");
        }
    }
}
