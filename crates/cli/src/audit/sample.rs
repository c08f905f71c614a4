//! A random sample, stratified by risk: as many of each stratum, so that the few risks around the
//! threshold are not drowned by the many that are plain.

/// Strata of equal width over the risk.
pub(super) const STRATA: usize = 10;

/// Which stratum a risk lies in.
fn stratum(risk: f64) -> usize {
    ((risk * STRATA as f64) as usize).min(STRATA - 1)
}

/// SplitMix64: small, and the same on every machine.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number under `n`, which is not 0.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }
}

/// A reservoir for each stratum: one pass, and memory for the sample alone.
pub(super) struct Sample<T> {
    wanted: usize,
    random: Random,
    seen: [u64; STRATA],
    kept: [Vec<T>; STRATA],
}

impl<T> Sample<T> {
    pub(super) fn new(wanted: usize, seed: u64) -> Self {
        let kept = std::array::from_fn(|_| Vec::new());
        Self { wanted, random: Random::new(seed), seen: [0; STRATA], kept }
    }

    pub(super) fn offer(&mut self, risk: f64, item: T) {
        let s = stratum(risk);
        self.seen[s] += 1;
        if self.kept[s].len() < self.wanted {
            self.kept[s].push(item);
        } else {
            let at = self.random.below(self.seen[s]) as usize;
            if at < self.wanted {
                self.kept[s][at] = item;
            }
        }
    }

    /// Messages of each stratum, and the sample with the stratum of each: equal shares, what a small
    /// stratum lacks going to the others.
    pub(super) fn finish(mut self) -> (Vec<u64>, Vec<(usize, T)>) {
        let mut shares = [0; STRATA];
        let mut left = self.wanted;
        while left > 0 {
            let open: Vec<usize> =
                (0..STRATA).filter(|s| shares[*s] < self.kept[*s].len()).take(left).collect();
            if open.is_empty() {
                break;
            }
            left -= open.len();
            open.into_iter().for_each(|s| shares[s] += 1);
        }
        let mut drawn = Vec::new();
        for (s, mut kept) in self.kept.into_iter().enumerate() {
            // A reservoir is random in what it holds, not in its order.
            partial_shuffle(&mut kept, shares[s], &mut self.random);
            drawn.extend(kept.into_iter().take(shares[s]).map(|item| (s, item)));
        }
        (self.seen.to_vec(), drawn)
    }
}

fn partial_shuffle<T>(items: &mut [T], first: usize, random: &mut Random) {
    for n in 0..first.min(items.len()) {
        let other = n + random.below((items.len() - n) as u64) as usize;
        items.swap(n, other);
    }
}

/// Puts items in a random order.
pub(super) fn shuffle<T>(items: &mut [T], seed: u64) {
    let n = items.len();
    partial_shuffle(items, n, &mut Random::new(seed ^ 0x5851_F42D));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stratum_has_its_share_and_small_ones_give_theirs_away() {
        let mut sample = Sample::new(100, 1);
        for n in 0..10_000 {
            sample.offer(0.05, n);
        }
        for n in 0..3 {
            sample.offer(0.95, n);
        }
        let (seen, drawn) = sample.finish();
        assert_eq!((seen[0], seen[9], drawn.len()), (10_000, 3, 100));
        assert_eq!(drawn.iter().filter(|(s, _)| *s == 9).count(), 3);
    }

    #[test]
    fn each_message_of_a_stratum_is_as_likely_as_another() {
        let mut hits = [0; 20];
        for seed in 0..4000 {
            let mut sample = Sample::new(5, seed);
            (0..20).for_each(|n| sample.offer(0.5, n));
            sample.finish().1.into_iter().for_each(|(_, n)| hits[n] += 1);
        }
        // 1,000 each; five standard deviations of a binomial count are 137.
        assert!(hits.iter().all(|n| (863..1138).contains(n)), "{hits:?}");
    }
}
