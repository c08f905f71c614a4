//! How large is a share, and how sure is that? Closed forms, so the same input gives the same page.
//!
//! `risk` is a probability, so its mean over many interactions estimates the share that went wrong. Two
//! things can be off. Chance: other customers might have written. And the model: its probabilities may
//! be too high or too low as a whole ([`Method::Calibrated`]), or its flags may be wrong at rates that the
//! user has counted ([`Method::Checked`]). Independent parts of an interval are joined as distances from
//! the estimate, root of the sum of squares (Zou and Donner 2008, "Construction of confidence intervals
//! about effect measures", the MOVER).
//!
//! Chance is Wilson's interval ([`wilson`]) for every share, be it of all, of a month or of a group. It has a width at 0 and 1
//! too: that none of twenty went wrong does not say that none will.

/// The 97.5th percentile of the normal distribution: intervals are of 95 %.
pub(crate) const Z: f64 = 1.959_964;

/// A model that tells less than this part of good and bad apart is not corrected further: the
/// correction would multiply chance by more than ten.
const LEAST_SPREAD: f64 = 0.1;

/// Sums over interactions of one probability each; enough for every estimate of a share.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    pub(crate) n: u64,
    /// How many are flagged.
    pub(crate) flagged: u64,
    total: f64,
    squares: f64,
}

impl Sums {
    /// Adds one interaction; `p` is its probability.
    pub fn add(&mut self, p: f64, flagged: bool) {
        self.n += 1;
        self.flagged += u64::from(flagged);
        self.total += p;
        self.squares += p * p;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.flagged += other.flagged;
        self.total += other.total;
        self.squares += other.squares;
    }

    pub(crate) fn mean(&self) -> f64 {
        if self.n == 0 { 0.0 } else { self.total / self.n as f64 }
    }

    /// Sum of squared distances from the mean.
    pub(crate) fn scatter(&self) -> f64 {
        (self.squares - self.total * self.mean()).max(0.0)
    }

    fn flag_rate(&self) -> f64 {
        if self.n == 0 { 0.0 } else { self.flagged as f64 / self.n as f64 }
    }

    /// By how much the mean probability of the bad exceeds that of the good, if the probabilities are
    /// right on the whole: `Var(p) / (m (1 - m))`, between 0 and 1. A change of the true share moves the
    /// mean by this part of it only.
    fn spread(&self) -> f64 {
        spread(self.scatter(), self.n as f64 * self.mean() * (1.0 - self.mean()))
    }
}

pub(crate) fn spread(scatter: f64, largest: f64) -> f64 {
    if largest > 0.0 { (scatter / largest).clamp(LEAST_SPREAD, 1.0) } else { 1.0 }
}

/// A share with its 95 % interval, all in 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// The estimated share.
    pub share: f64,
    /// Lower end, chance and the model's error together.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Lower end by chance alone: for comparing two shares that the same model read.
    pub low_by_chance: f64,
    /// Upper end by chance alone.
    pub high_by_chance: f64,
}

impl Estimate {
    /// Joins the two parts of an interval, each given as distances below and above.
    fn new(share: f64, chance: [f64; 2], model: [f64; 2]) -> Self {
        let cut = |value: f64| value.clamp(0.0, 1.0);
        Self {
            share: cut(share),
            low: cut(share - chance[0].hypot(model[0])),
            high: cut(share + chance[1].hypot(model[1])),
            low_by_chance: cut(share - chance[0]),
            high_by_chance: cut(share + chance[1]),
        }
    }
}

/// How the model's error is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// The probabilities are taken at their word, within [`CalibrationError`].
    Calibrated(CalibrationError),
    /// People read a random sample and counted where the flags were wrong.
    Checked(Checked),
}

/// How far calibrated probabilities may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationError {
    /// With 95 % certainty the odds of a mean probability are off by less than this factor, up or down; at
    /// least 1.
    pub odds_factor: f64,
    /// Standard error of the spread of the risks, as a part of it.
    pub spread_error: f64,
}

impl Default for CalibrationError {
    /// From the card of beleving-small 0.4.3, 281 real threads (`training/evaluate.py`). Their calibration error as shipped is at most
    /// 0.141, which at a share of one third is a factor of 1.8 in the odds. The AUROC of 0.850 lies between 0.795 and
    /// 0.894, which moves the spread by a fifth. Threads of several messages are judged by a head of their own, for
    /// which there is no real text to measure this on.
    fn default() -> Self {
        Self { odds_factor: 1.8, spread_error: 0.2 }
    }
}

/// Counts from a random sample of assessed interactions that people have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Flagged, and indeed bad.
    pub flagged_bad: u64,
    /// Flagged, but fine.
    pub flagged_fine: u64,
    /// Not flagged, but bad.
    pub missed_bad: u64,
    /// Not flagged, and indeed fine.
    pub left_fine: u64,
}

impl Checked {
    /// Sensitivity and specificity with one added to each count, as Lang and Reiczigel take them, and the
    /// numbers of bad and fine interactions after that.
    fn rates(self) -> [(f64, f64); 2] {
        let rate = |hits: u64, misses: u64| {
            let n = (hits + misses) as f64 + 2.0;
            ((hits as f64 + 1.0) / n, n)
        };
        [rate(self.flagged_bad, self.missed_bad), rate(self.left_fine, self.flagged_fine)]
    }

    /// How far the sample's size moves the middle of an interval around a share, and the ends from there (Lang and Reiczigel).
    fn error(self, share: f64) -> (f64, f64) {
        let [(se, n_se), (sp, n_sp)] = self.rates();
        let wrong = [se * (1.0 - se) / n_se, sp * (1.0 - sp) / n_sp];
        let moved = 2.0 * Z * Z * (share * wrong[0] - (1.0 - share) * wrong[1]);
        let variance = share * share * wrong[0] + (1.0 - share).powi(2) * wrong[1];
        (moved, Z * variance.sqrt() / self.youden())
    }

    /// Youden's index: how much more often the bad are flagged than the fine.
    fn youden(self) -> f64 {
        let [(sensitivity, _), (specificity, _)] = self.rates();
        sensitivity + specificity - 1.0
    }

    /// # Errors
    /// If the counts are too small, or say that flags are worth nothing.
    pub fn check(self) -> Result<Self, String> {
        let bad = self.flagged_bad + self.missed_bad;
        let fine = self.flagged_fine + self.left_fine;
        if bad < 5 || fine < 5 {
            return Err(format!(
                "the checked sample holds {bad} bad and {fine} fine interactions, expected at least 5 of each"
            ));
        }
        if self.youden() < LEAST_SPREAD {
            return Err(
                "by the checked sample, flags hardly differ from chance: no share can be estimated"
                    .to_owned(),
            );
        }
        Ok(self)
    }
}

impl Method {
    /// The share of bad interactions among those summed; `None` where there are none.
    ///
    /// Calibrated: the mean probability, with Wilson's interval for chance. Checked: the flagged share
    /// corrected for wrong flags (Rogan and Gladen 1978), with the interval of Lang and Reiczigel (2014,
    /// "Confidence limits for prevalence of disease adjusted for estimated sensitivity and specificity").
    pub fn level(&self, sums: &Sums) -> Option<Estimate> {
        if sums.n == 0 {
            return None;
        }
        Some(match self {
            Self::Calibrated(_) => {
                let mean = sums.mean();
                Estimate::new(mean, chance(mean, sums.n as f64), self.model_part(mean))
            }
            Self::Checked(checked) => {
                let [(se, _), (sp, _)] = checked.rates();
                let youden = checked.youden();
                let widened = sums.n as f64 + Z * Z;
                let rate = (sums.flagged as f64 + Z * Z / 2.0) / widened;
                // No fewer are flagged than wrongly so: fewer by chance are no surer sign of none.
                let rate = rate.max(1.0 - sp).min(se);
                let share = (rate + sp - 1.0) / youden;
                let (moved, by_model) = checked.error(share);
                let by_chance = Z * (rate * (1.0 - rate) / widened).sqrt() / youden;
                let whole = Estimate::new(share + moved, [by_chance; 2], [by_model; 2]);
                let share = ((sums.flag_rate() + sp - 1.0) / youden).clamp(0.0, 1.0);
                let [below, above] = self.by_chance(share, sums.n as f64);
                let (low_by_chance, high_by_chance) =
                    ((share - below).max(0.0), (share + above).min(1.0));
                Estimate {
                    share,
                    low: whole.low.min(low_by_chance),
                    high: whole.high.max(high_by_chance),
                    low_by_chance,
                    high_by_chance,
                }
            }
        })
    }

    /// The share in a part, such as a month, of what `whole` sums up.
    ///
    /// The mean probability of a part moves less than the share itself, because a model that errs hedges.
    /// So its distance from the whole is divided by the spread (the "probabilistic adjusted count" of Bella et
    /// al. 2010, with the whole as the reference), which makes it as uncertain as a share of fewer interactions, by the spread.
    pub fn part(&self, whole: &Sums, part: &Sums) -> Option<Estimate> {
        let Self::Calibrated(error) = self else { return self.level(part) };
        if part.n == 0 {
            return None;
        }
        let (mean, spread) = (whole.mean(), whole.spread());
        let moved = (part.mean() - mean) / spread;
        let share = (mean + moved).clamp(0.0, 1.0);
        let by_spread = Z * error.spread_error * moved.abs();
        let model = self.model_part(mean).map(|level| level.hypot(by_spread));
        Some(Estimate::new(share, chance(share, spread * part.n as f64), model))
    }

    /// How far the model may be off at a share, below and above.
    fn model_part(&self, share: f64) -> [f64; 2] {
        match self {
            Self::Calibrated(error) => {
                let shift = error.odds_factor.max(1.0).ln();
                let moved = |by: f64| sigmoid(logit(share) + by);
                [share - moved(-shift), moved(shift) - share]
            }
            Self::Checked(checked) => {
                let (moved, by_model) = checked.error(share);
                [by_model - moved, by_model + moved].map(|distance| distance.max(0.0))
            }
        }
    }

    /// Shares of groups, small ones drawn towards the mean of all (empirical Bayes): a group of twelve that
    /// happens to have none is not the best of the house.
    ///
    /// The variance between groups is that of DerSimonian and Laird (1986). A group that is drawn is known as well as one of
    /// more interactions, and has their interval; the model may be off as much as at any share of that size. Fewer than three
    /// groups are left as they are. No group may be empty.
    pub fn groups(&self, groups: &[Sums]) -> Vec<Estimate> {
        let levels: Vec<Estimate> = groups.iter().filter_map(|sums| self.level(sums)).collect();
        if levels.len() != groups.len() || groups.len() < 3 {
            return levels;
        }
        let mut all = Sums::default();
        groups.iter().for_each(|sums| all.merge(sums));
        // Variance of what is averaged, of one interaction.
        let scale = match self {
            Self::Calibrated(_) => all.scatter() / all.n as f64,
            Self::Checked(checked) => {
                all.flag_rate() * (1.0 - all.flag_rate()) / checked.youden().powi(2)
            }
        };
        if scale <= 0.0 {
            return levels;
        }
        let variances: Vec<f64> = groups.iter().map(|sums| scale / sums.n as f64).collect();
        let shares: Vec<f64> = levels.iter().map(|level| level.share).collect();
        let pool = shrink(&shares, &variances, None);
        let drawn = pool.into_iter().map(|(share, variance)| {
            let by_chance = self.by_chance(share, scale / variance);
            Estimate::new(share, by_chance, self.model_part(share))
        });
        drawn.collect()
    }

    /// How far chance may move a share that is known as well as that of `n` interactions.
    fn by_chance(&self, share: f64, n: f64) -> [f64; 2] {
        match self {
            Self::Calibrated(_) => chance(share, n),
            // It moves the flags, of which the share is computed.
            Self::Checked(checked) => {
                let [_, (specificity, _)] = checked.rates();
                let flagged = 1.0 - specificity + share * checked.youden();
                chance(flagged.clamp(0.0, 1.0), n).map(|moved| moved / checked.youden())
            }
        }
    }
}

/// Draws values by how uncertain each is towards a mean that is known with its variance, or else towards the one they have in
/// common; gives each with its variance.
pub(crate) fn shrink(
    values: &[f64],
    variances: &[f64],
    known: Option<(f64, f64)>,
) -> Vec<(f64, f64)> {
    let weighted = |weights: &[f64]| {
        let total: f64 = weights.iter().sum();
        (weights.iter().zip(values).map(|(w, y)| w * y).sum::<f64>() / total, total)
    };
    let weights: Vec<f64> = variances.iter().map(|v| 1.0 / v).collect();
    let (mean, total) = weighted(&weights);
    let q: f64 = weights.iter().zip(values).map(|(w, y)| w * (y - mean).powi(2)).sum();
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    let between = ((q - (values.len() as f64 - 1.0)) / (total - squares / total)).max(0.0);
    let weights: Vec<f64> = variances.iter().map(|v| 1.0 / (v + between)).collect();
    let (mean, uncertain) = known.unwrap_or_else(|| {
        let (mean, total) = weighted(&weights);
        (mean, 1.0 / total)
    });
    values
        .iter()
        .zip(variances)
        .map(|(y, v)| {
            let own = between / (between + v);
            (mean + own * (y - mean), own * v + (1.0 - own).powi(2) * uncertain)
        })
        .collect()
}

/// The variance of a difference of flagged shares, or of mean probabilities, needs both.
pub(crate) struct Reading {
    /// By how much a true difference shows.
    pub(crate) spread: f64,
    /// Standard error of `spread`, as a part of it.
    pub(crate) spread_error: f64,
}

impl Method {
    /// How differences are read; `scatter` and `largest` are sums within groups of like interactions.
    pub(crate) fn reading(&self, scatter: f64, largest: f64) -> Reading {
        match self {
            Self::Calibrated(error) => {
                Reading { spread: spread(scatter, largest), spread_error: error.spread_error }
            }
            Self::Checked(checked) => {
                let [(se, n_se), (sp, n_sp)] = checked.rates();
                let spread = se + sp - 1.0;
                let error = (se * (1.0 - se) / n_se + sp * (1.0 - sp) / n_sp).sqrt();
                Reading { spread, spread_error: error / spread }
            }
        }
    }

    /// Sum, and sum of squared distances from the mean, of what this method counts.
    pub(crate) fn counted(&self, sums: &Sums) -> (f64, f64) {
        match self {
            Self::Calibrated(_) => (sums.total, sums.scatter()),
            Self::Checked(_) => {
                let rate = sums.flag_rate();
                (sums.flagged as f64, sums.n as f64 * rate * (1.0 - rate))
            }
        }
    }
}

/// Wilson's interval for a share of `n`, which is at least 1: lower and upper end, of 95 % (Wilson 1927).
pub fn wilson(share: f64, n: u64) -> [f64; 2] {
    wilson_of(share, n as f64)
}

/// Distances of Wilson's ends from a share that is known as well as one counted over `n`, which is over 0.
fn chance(share: f64, n: f64) -> [f64; 2] {
    let [low, high] = wilson_of(share, n);
    [share - low, high - share]
}

fn wilson_of(share: f64, n: f64) -> [f64; 2] {
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    // At 0 and 1 rounding would leave the share itself outside.
    [((middle - half) / scale).clamp(0.0, share), ((middle + half) / scale).clamp(share, 1.0)]
}

/// A part of a whole as a share, with its interval of 95 %; 0 of nothing.
pub(crate) fn share_of(part: u64, whole: u64) -> [f64; 3] {
    let whole = whole.max(1);
    let share = part as f64 / whole as f64;
    let [low, high] = wilson(share, whole);
    [share, low, high]
}

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALIBRATED: Method =
        Method::Calibrated(CalibrationError { odds_factor: 1.7, spread_error: 0.2 });

    /// Standard normal, by Box and Muller.
    fn normal(rng: &mut fastrand::Rng) -> f64 {
        (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
    }

    /// Sums of `n` interactions of which a `share` is bad, of a model that takes it for `believed`.
    fn drawn(rng: &mut fastrand::Rng, n: u32, share: f64, believed: f64) -> Sums {
        let mut sums = Sums::default();
        for _ in 0..n {
            let bad = rng.f64() < share;
            let evidence = 1.5 * normal(rng) + if bad { 1.125 } else { -1.125 };
            sums.add(sigmoid(logit(believed) + evidence), false);
        }
        sums
    }

    #[test]
    fn wilson_agrees_with_published_figures() {
        // Newcombe 1998, table I, method 3.
        for (x, n, low, high) in
            [(81.0, 263, 0.2553, 0.3662), (15.0, 148, 0.0624, 0.1605), (0.0, 20, 0.0, 0.1611)]
        {
            let [found_low, found_high] = wilson(x / n as f64, n);
            assert!((found_low - low).abs() < 6e-5 && (found_high - high).abs() < 6e-5);
        }
    }

    #[test]
    fn a_checked_share_is_corrected_for_wrong_flags() {
        let checked = Checked { flagged_bad: 80, flagged_fine: 18, missed_bad: 20, left_fine: 282 };
        let mut sums = Sums::default();
        (0..1000).for_each(|i| sums.add(0.5, i < 200));
        let found = Method::Checked(checked).level(&sums).expect("not empty");
        let [(se, _), (sp, _)] = checked.rates();
        assert!((found.share - (0.2 + sp - 1.0) / (se + sp - 1.0)).abs() < 1e-12);
        assert!(found.low < found.low_by_chance && found.high > found.high_by_chance);
    }

    /// Checked counts and data are drawn anew each time; the true share must lie in the interval.
    #[test]
    fn intervals_of_checked_shares_hold_the_truth() {
        let mut rng = fastrand::Rng::with_seed(6);
        let (se, sp) = (0.75, 0.93);
        for (share, n) in [(0.03, 2000), (0.15, 300), (0.4, 80)] {
            let mut inside = 0;
            for _ in 0..1000 {
                let draw = |rng: &mut fastrand::Rng, p: f64, n: usize| {
                    (0..n).filter(|_| rng.f64() < p).count() as u64
                };
                let (hits, kept) = (draw(&mut rng, se, 60), draw(&mut rng, sp, 140));
                let checked = Checked {
                    flagged_bad: hits,
                    missed_bad: 60 - hits,
                    left_fine: kept,
                    flagged_fine: 140 - kept,
                };
                let flagged = draw(&mut rng, share * se + (1.0 - share) * (1.0 - sp), n);
                let mut sums = Sums::default();
                (0..n as u64).for_each(|i| sums.add(0.5, i < flagged));
                let found = Method::Checked(checked).level(&sums).expect("not empty");
                inside += i32::from(found.low <= share && share <= found.high);
            }
            assert!(inside >= 930, "share {share}: {inside} of 1000");
        }
    }

    /// The model reads every text with odds that are off by a common factor, drawn anew each time.
    #[test]
    fn intervals_of_calibrated_shares_hold_the_truth() {
        let mut rng = fastrand::Rng::with_seed(7);
        let (share, sd) = (0.2_f64, 1.7_f64.ln() / Z);
        let mut inside = 0;
        for _ in 0..500 {
            let off = sd * normal(&mut rng);
            let mut sums = Sums::default();
            for _ in 0..400 {
                let bad = rng.f64() < share;
                let evidence = 2.0 * normal(&mut rng) + if bad { 2.0 } else { -2.0 };
                sums.add(sigmoid(logit(share) + evidence + off), false);
            }
            let found = CALIBRATED.level(&sums).expect("not empty");
            inside += i32::from(found.low <= share && share <= found.high);
        }
        assert!(inside >= 465, "{inside} of 500");
    }

    /// A model that hedges moves by part of the truth; a part is corrected for that.
    #[test]
    fn a_month_that_doubles_is_seen_to_double() {
        let mut rng = fastrand::Rng::with_seed(8);
        let mut months = [Sums::default(), Sums::default()];
        for (month, share) in months.iter_mut().zip([0.1, 0.2]) {
            *month = drawn(&mut rng, 40_000, share, 0.15);
        }
        let mut whole = months[0];
        whole.merge(&months[1]);
        let naive = months[1].mean() - months[0].mean();
        assert!(naive < 0.06, "{naive}");
        let [before, after] = months.map(|m| CALIBRATED.part(&whole, &m).expect("not empty").share);
        assert!((before - 0.1).abs() < 0.01 && (after - 0.2).abs() < 0.01, "{before} {after}");
    }

    /// A model that knows the share of the year and not that of its months: chance alone, on either side.
    #[test]
    fn intervals_of_months_by_chance_hold_the_truth() {
        for (seed, share, n) in [(10, 0.2, 40), (11, 0.05, 100), (12, 0.4, 40)] {
            let mut rng = fastrand::Rng::with_seed(seed);
            let (mut below, mut above, mut all) = (0, 0, 0);
            for _ in 0..200 {
                let shares = [(); 12].map(|()| sigmoid(logit(share) + 0.5 * normal(&mut rng)));
                let months = shares.map(|month| drawn(&mut rng, n, month, share));
                let mut whole = Sums::default();
                months.iter().for_each(|month| whole.merge(month));
                for (month, share) in months.iter().zip(shares) {
                    let found = CALIBRATED.part(&whole, month).expect("not empty");
                    below += i32::from(share < found.low_by_chance);
                    above += i32::from(share > found.high_by_chance);
                    all += 1;
                }
            }
            let most = all * 35 / 1000;
            assert!(below <= most && above <= most, "{share} {n}: {below} and {above} of {all}");
        }
    }

    #[test]
    fn small_groups_are_drawn_to_the_mean_and_large_ones_are_not() {
        let group = |n: u64, bad: u64| {
            let mut sums = Sums::default();
            (0..n).for_each(|i| sums.add(if i < bad { 0.95 } else { 0.05 }, i < bad));
            sums
        };
        let groups = [group(2000, 600), group(2000, 200), group(2000, 100), group(12, 0)];
        let found = CALIBRATED.groups(&groups);
        assert!((found[0].share - groups[0].mean()).abs() < 0.005);
        let (raw, drawn) = (groups[3].mean(), found[3].share);
        assert!(drawn > raw + 0.03, "{raw} -> {drawn}");
        assert!(found[3].high - found[3].low > found[0].high - found[0].low);
    }

    #[test]
    fn a_drawn_share_may_be_off_by_as_much_as_any_share_of_its_size() {
        let group = |n: u64, bad: u64| {
            let mut sums = Sums::default();
            (0..n).for_each(|i| sums.add(if i < bad { 0.95 } else { 0.02 }, i < bad));
            sums
        };
        let groups = [group(10, 0), group(10, 5), group(12, 5), group(13, 4)];
        let [few, ..] = CALIBRATED.groups(&groups)[..] else { panic!("four groups") };
        assert!(few.share > 0.1 && logit(few.high) - logit(few.share) > 1.7_f64.ln(), "{few:?}");
        assert!(logit(few.share) - logit(few.low) > 1.7_f64.ln(), "{few:?}");
        let checked = Checked { flagged_bad: 30, flagged_fine: 6, missed_bad: 6, left_fine: 30 };
        let [few, ..] = Method::Checked(checked).groups(&groups)[..] else { panic!("four") };
        assert!(few.low < few.low_by_chance && few.high > few.high_by_chance, "{few:?}");
    }

    /// Groups of few and of many, whose shares differ, of a model that knows them.
    #[test]
    fn intervals_of_groups_by_chance_hold_the_truth() {
        let mut rng = fastrand::Rng::with_seed(9);
        let sizes = [12, 12, 30, 30, 100, 300];
        let (mut inside, mut all) = (0, 0);
        for _ in 0..400 {
            let shares = sizes.map(|_| sigmoid(logit(0.1) + 0.8 * normal(&mut rng)));
            let groups: Vec<Sums> = sizes
                .into_iter()
                .zip(shares)
                .map(|(n, share)| drawn(&mut rng, n, share, share))
                .collect();
            for (found, share) in CALIBRATED.groups(&groups).iter().zip(shares) {
                inside += i32::from(found.low_by_chance <= share && share <= found.high_by_chance);
                all += 1;
            }
        }
        assert!(inside * 100 >= all * 95, "{inside} of {all}");
    }

    #[test]
    fn an_interval_has_a_width_where_all_risks_are_alike() {
        let large = Checked { flagged_bad: 80, flagged_fine: 18, missed_bad: 20, left_fine: 282 };
        let small = Checked { flagged_bad: 30, flagged_fine: 6, missed_bad: 6, left_fine: 30 };
        for (p, n) in [0.0, 0.001, 0.3, 1.0].into_iter().flat_map(|p| [10, 500].map(|n| (p, n))) {
            let mut sums = Sums::default();
            (0..n).for_each(|_| sums.add(p, p > 0.5));
            for method in [CALIBRATED, Method::Checked(large), Method::Checked(small)] {
                let mut found = method.groups(&[sums; 4]);
                found
                    .extend([method.level(&sums), method.part(&sums, &sums)].into_iter().flatten());
                assert_eq!(found.len(), 6);
                for Estimate { low_by_chance, high_by_chance, .. } in found {
                    // What Wilson's interval leaves of none among all of them.
                    let least = wilson(0.0, 4 * n)[1];
                    let width = high_by_chance - low_by_chance;
                    assert!(width > 0.99 * least, "{p} {n}: {width}, {least}");
                }
            }
        }
    }

    #[test]
    fn extremes_give_shares_within_bounds() {
        for p in [0.0, 1.0] {
            let mut sums = Sums::default();
            (0..3).for_each(|_| sums.add(p, p > 0.5));
            for found in [CALIBRATED.level(&sums), CALIBRATED.part(&sums, &sums)] {
                let found = found.expect("not empty");
                assert!(found.share == p && found.low <= p && found.high >= p, "{found:?}");
            }
            assert_eq!(CALIBRATED.groups(&[sums; 4]).len(), 4);
        }
        assert_eq!(CALIBRATED.level(&Sums::default()), None);
        let chance = Checked { flagged_bad: 5, flagged_fine: 50, missed_bad: 5, left_fine: 50 };
        assert!(chance.check().is_err());
    }
}
