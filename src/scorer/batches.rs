//! Windows in, one result per window out: batches in parallel, equal windows once.

use std::collections::HashMap;

use crate::batch::{PackedBatch, plan};
use crate::error::Result;
use crate::parallel::Workers;

/// Tokens of a batch: at 384 wide, what a layer works on (128 x 1152 and twice 128 x 384 f32) stays in
/// a megabyte of L2.
const BATCH_TOKENS: usize = 128;

/// What happens to messages that are the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Duplicates {
    /// They are encoded once, in one call and over the last five thousand and more; their scores are the same
    /// bits anyway.
    #[default]
    Once,
    /// Each is encoded, for measuring speed.
    Each,
}

/// Applies `f` to the windows in batches; it gives one row per window of a batch.
///
/// Results in the order of the windows. A batch that fails fails for each of its windows.
pub(super) fn run(
    workers: &Workers,
    duplicates: Duplicates,
    windows: &[&[u32]],
    f: impl Fn(&PackedBatch) -> Result<Vec<Vec<f32>>> + Sync,
) -> Vec<Result<Vec<f32>>> {
    let mut first_of: HashMap<&[u32], usize> = HashMap::new();
    let mut unique: Vec<&[u32]> = Vec::new();
    let source: Vec<usize> = windows
        .iter()
        .map(|&window| {
            let next = unique.len();
            let at = match duplicates {
                Duplicates::Once => *first_of.entry(window).or_insert(next),
                Duplicates::Each => next,
            };
            if at == next {
                unique.push(window);
            }
            at
        })
        .collect();
    let lengths: Vec<usize> = unique.iter().map(|w| w.len()).collect();
    let batches = plan::plan(&lengths, BATCH_TOKENS);
    let done =
        workers.map(&batches, |batch| f(&PackedBatch::pack(batch.iter().map(|&w| unique[w]))));
    let mut rows: Vec<Result<Vec<f32>>> = unique.iter().map(|_| Ok(Vec::new())).collect();
    for (batch, done) in batches.iter().zip(done) {
        match done {
            Ok(found) => batch.iter().zip(found).for_each(|(&w, row)| rows[w] = Ok(row)),
            Err(error) => batch.iter().for_each(|&w| rows[w] = Err(error.clone())),
        }
    }
    source.iter().map(|&at| rows[at].clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::parallel::Threads;

    #[test]
    fn equal_windows_are_encoded_once_and_each_gets_its_row() {
        let workers = Workers::start(Threads::Count(2)).expect("two threads");
        let windows: Vec<Vec<u32>> = (0..300).map(|i| vec![i % 7; (i % 7 + 1) as usize]).collect();
        let windows: Vec<&[u32]> = windows.iter().map(Vec::as_slice).collect();
        for (duplicates, expected) in [(Duplicates::Once, 7), (Duplicates::Each, 300)] {
            let encoded = AtomicUsize::new(0);
            let rows = run(&workers, duplicates, &windows, |batch| {
                encoded.fetch_add(batch.windows().count(), Ordering::Relaxed);
                Ok(batch.windows().map(|w| vec![w[0] as f32]).collect())
            });
            assert_eq!(encoded.into_inner(), expected);
            for (i, row) in rows.iter().enumerate() {
                assert_eq!(row.as_deref().ok(), Some(&[(i % 7) as f32][..]));
            }
        }
    }
}
