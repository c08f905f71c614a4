//! Which windows share a batch.

use std::cmp::Reverse;

/// Groups windows into batches of at most `budget_tokens`, a longer window alone.
///
/// `lengths[w]` is the number of tokens of window `w`; the batches hold indices into it.
pub(crate) fn plan(lengths: &[usize], budget_tokens: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    // Longest first: windows of one batch are nearly equal in length, which an engine that pads needs,
    // and the short batches come last, where they even out the threads.
    order.sort_by_key(|&w| Reverse(lengths[w]));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut used = usize::MAX;
    for w in order {
        if used.saturating_add(lengths[w]) > budget_tokens {
            batches.push(Vec::new());
            used = 0;
        }
        used += lengths[w];
        batches.last_mut().expect("`used` starts above any budget").push(w);
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_is_in_one_batch_within_the_budget() {
        let lengths: Vec<usize> = (0..100).map(|i| i * 37 % 61 + 2).collect();
        let batches = plan(&lengths, 128);
        let mut seen: Vec<usize> = batches.concat();
        seen.sort_unstable();
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
        for batch in &batches {
            assert!(batch.iter().map(|&w| lengths[w]).sum::<usize>() <= 128);
        }
    }

    #[test]
    fn a_window_over_the_budget_is_alone() {
        assert_eq!(plan(&[5, 500, 5], 100), [vec![1], vec![0, 2]]);
        assert!(plan(&[], 100).is_empty());
    }
}
