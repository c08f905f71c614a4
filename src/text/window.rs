//! Long texts are read in windows that overlap.

use std::ops::Range;

/// Tokens that two neighbouring windows share, so that a sentence on the border is seen whole once.
const OVERLAP: usize = 32;

/// How a text of many tokens is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Windows {
    /// Most tokens of the text in one window.
    pub(crate) tokens: usize,
    /// Most windows of one text; what lies beyond is left unread.
    pub(crate) limit: usize,
}

impl Windows {
    /// Cuts `0..n` into windows of nearly equal length, and tells whether a part is left out.
    ///
    /// One empty window stands for an empty text.
    pub(crate) fn cut(self, n: usize) -> (Vec<Range<usize>>, bool) {
        if n <= self.tokens {
            return (vec![0..n; 1], false);
        }
        let overlap = OVERLAP.min(self.tokens / 4);
        let step = self.tokens - overlap;
        let most = step.saturating_mul(self.limit - 1).saturating_add(self.tokens);
        let read = n.min(most);
        let count = (read - overlap).div_ceil(step);
        // Even steps: a last window of three tokens would say little.
        let windows = (0..count).map(|i| {
            let start = (read - self.tokens) * i / (count - 1).max(1);
            start..(start + self.tokens).min(read)
        });
        (windows.collect(), read < n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_every_token_and_overlap() {
        let windows = Windows { tokens: 254, limit: 32 };
        for n in [0, 1, 254, 255, 300, 476, 477, 5000, 7135, 7136] {
            let (cut, truncated) = windows.cut(n);
            assert!(!truncated, "{n}");
            assert_eq!((cut[0].start, cut[cut.len() - 1].end), (0, n), "{n}");
            assert!(cut.iter().all(|w| w.len() <= 254), "{n}");
            assert!(cut.windows(2).all(|w| w[0].end >= w[1].start + OVERLAP), "{n}: {cut:?}");
        }
    }

    #[test]
    fn text_beyond_the_limit_is_reported() {
        let (cut, truncated) = Windows { tokens: 254, limit: 32 }.cut(7137);
        assert!(truncated);
        assert_eq!((cut.len(), cut[31].end), (32, 7136));
        let (one, truncated) = Windows { tokens: 10, limit: 1 }.cut(11);
        assert_eq!((one, truncated), (vec![0..10; 1], true));
    }
}
