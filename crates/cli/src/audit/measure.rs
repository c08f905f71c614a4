//! Precision, recall and calibration of a labelled sample, with intervals.
//!
//! A message counts for as many as its stratum stands for. A share of messages that stand for equally many has Wilson's
//! interval, which is right for few of them too. Other intervals are those of a bootstrap within the strata: 2,000
//! draws, 2.5 % left out at either end, one fixed seed. Draws are made anew for each figure: all of a long archive would
//! fill the memory.

use std::io::{self, Write};

use anyhow::bail;
use beleving_report::wilson;

use super::sample::Random;
use crate::log::counted;

/// Draws of the bootstrap.
const DRAWS: usize = 2000;

/// Ranges of risk in which what was said is compared with what is.
const BINS: usize = 5;

/// Fewest labels that say anything.
const MIN_LABELS: usize = 20;

/// A message with what a person said of it.
#[derive(Clone, Copy)]
pub(super) struct Labelled {
    pub(super) risk: f64,
    pub(super) bad: bool,
    pub(super) stratum: usize,
}

/// A figure with its interval; `None` where nothing can be said.
#[derive(Clone, Copy)]
pub(super) struct Figure {
    pub(super) value: Option<f64>,
    pub(super) interval: Option<[f64; 2]>,
}

/// What a sample shows.
pub(super) struct Measured {
    labels: usize,
    bad: usize,
    flag_at: f64,
    /// Ranges of risk of which no message has a label, with how many there are.
    unlabelled: Vec<([f64; 2], u64)>,
    pub(super) share_bad: Figure,
    pub(super) precision: Figure,
    pub(super) recall: Figure,
    pub(super) calibration_error: Figure,
    /// Per range of risk: labels, mean risk, share that is bad.
    bins: Vec<(usize, Option<f64>, Figure)>,
    /// `None` where it may lie among messages of which none has a label.
    pub(super) suggested: Option<f64>,
    suggested_precision: Figure,
    suggested_recall: Figure,
}

/// A labelled message and how many it stands for.
type Weighted = (Labelled, f64);

impl Measured {
    pub(super) fn of(labelled: &[Labelled], strata: &[u64], flag_at: f64) -> anyhow::Result<Self> {
        let (labels, bad) = (labelled.len(), labelled.iter().filter(|l| l.bad).count());
        if labels < MIN_LABELS {
            bail!("{labels} labels, expected at least {MIN_LABELS}");
        }
        if bad == 0 || bad == labels {
            bail!("all {labels} labels say the same: nothing can be measured");
        }
        let mut groups: Vec<Vec<Labelled>> = vec![Vec::new(); strata.len()];
        for one in labelled {
            groups[one.stratum].push(*one);
        }
        let whole = weigh(&groups, strata, |group, n| group[n]);
        // Nothing is known of them, so neither of anything that they may count in.
        let unlabelled: Vec<usize> =
            (0..strata.len()).filter(|s| strata[*s] > 0 && groups[*s].is_empty()).collect();
        let range = |s: usize| [s, s + 1].map(|edge| edge as f64 / strata.len() as f64);
        let is_known = |within: &dyn Fn(&Labelled) -> bool| {
            !unlabelled.iter().any(|&stratum| {
                let [from, to] = range(stratum);
                let highest = if to < 1.0 { to.next_down() } else { to };
                [from, highest].iter().any(|&risk| within(&Labelled { risk, bad: true, stratum }))
            })
        };
        let figure = |f: &dyn Fn(&[Weighted]) -> Option<f64>| {
            let mut random = Random::new(1);
            let mut draw =
                || weigh(&groups, strata, |g, _| g[random.below(g.len() as u64) as usize]);
            let mut values: Vec<f64> = (0..DRAWS).filter_map(|_| f(&draw())).collect();
            values.sort_by(f64::total_cmp);
            let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
            // Where many draws cannot say anything, neither can an interval.
            let interval = (values.len() > DRAWS / 2).then(|| [at(0.025), at(0.975)]);
            Figure { value: f(&whole), interval }
        };
        let unknown = Figure { value: None, interval: None };
        let share = |within: &dyn Fn(&Labelled) -> bool, holds: &dyn Fn(&Labelled) -> bool| {
            if !is_known(within) {
                return unknown;
            }
            let found: Vec<&Weighted> = whole.iter().filter(|(one, _)| within(one)).collect();
            let same_weight = found.windows(2).all(|pair| pair[0].1 == pair[1].1);
            let value = |draw: &[Weighted]| mean(draw, within, |l| f64::from(holds(l)));
            if same_weight {
                let value = value(&whole);
                let interval = value.map(|share| wilson(share, found.len() as u64));
                return Figure { value, interval };
            }
            let drawn = figure(&value);
            // Where all labels are the same, so are those of every draw, as if the share were certain.
            let says_more = drawn.value.is_some_and(|value| value > 0.0 && value < 1.0);
            let interval = drawn.interval.filter(|_| says_more && found.len() >= MIN_LABELS);
            Figure { interval, ..drawn }
        };
        let is_bad = |l: &Labelled| l.bad;
        let precision = |flag_at: f64| share(&|l| l.risk >= flag_at, &is_bad);
        let recall = |flag_at: f64| share(&is_bad, &|l| l.risk >= flag_at);
        let suggested = unlabelled.is_empty().then(|| best_threshold(&whole));
        let bins = (0..BINS).map(|bin| {
            let (from, to) = (bin as f64 / BINS as f64, (bin + 1) as f64 / BINS as f64);
            let last = bin == BINS - 1;
            let within = move |l: &Labelled| l.risk >= from && (l.risk < to || last);
            let n = labelled.iter().filter(|l| within(l)).count();
            let said = mean(&whole, within, |l| l.risk).filter(|_| is_known(&within));
            (n, said, share(&within, &is_bad))
        });
        Ok(Self {
            labels,
            bad,
            flag_at,
            share_bad: share(&|_| true, &is_bad),
            precision: precision(flag_at),
            recall: recall(flag_at),
            calibration_error: if unlabelled.is_empty() {
                figure(&|draw| Some(calibration_error(draw)))
            } else {
                unknown
            },
            bins: bins.collect(),
            suggested,
            suggested_precision: suggested.map_or(unknown, precision),
            suggested_recall: suggested.map_or(unknown, recall),
            unlabelled: unlabelled.iter().map(|&s| (range(s), strata[s])).collect(),
        })
    }

    pub(super) fn print(&self) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        let Self { labels, bad, flag_at, suggested, .. } = self;
        writeln!(out, "labels                 {labels}, {bad} of them bad experiences")?;
        for ([from, to], n) in &self.unlabelled {
            writeln!(
                out,
                "  none of them for     {} of risk {from:.1} to {to:.1}: figures that these count in cannot be said",
                counted(*n, "message")
            )?;
        }
        writeln!(out, "bad in the archive     {}", self.share_bad)?;
        writeln!(out, "flagged from           {flag_at:.3}")?;
        writeln!(out, "precision              {}", self.precision)?;
        writeln!(out, "recall                 {}", self.recall)?;
        writeln!(out, "calibration error      {}", self.calibration_error)?;
        for (n, (labels, said, found)) in self.bins.iter().enumerate() {
            let (from, to) = (n as f64 / BINS as f64, (n + 1) as f64 / BINS as f64);
            let said = said.map_or("-".to_owned(), |value| format!("{value:.3}"));
            writeln!(
                out,
                "  risk {from:.1} to {to:.1}      said {said}, found {found}; {labels} labels"
            )?;
        }
        let suggested = suggested.map_or("cannot be said".to_owned(), |at| format!("{at:.3}"));
        writeln!(
            out,
            "suggested threshold    {suggested}, where precision and recall are best together (F1)"
        )?;
        writeln!(out, "  precision there      {}", self.suggested_precision)?;
        writeln!(out, "  recall there         {}", self.suggested_recall)?;
        writeln!(
            out,
            "Intervals hold 95 %. The suggestion was chosen on these labels, so its figures are somewhat too good."
        )?;
        Ok(())
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.value, self.interval) {
            (Some(value), Some([low, high])) => write!(f, "{value:.3} [{low:.3}, {high:.3}]"),
            (Some(value), None) => write!(f, "{value:.3} [too few labels for an interval]"),
            (None, _) => write!(f, "cannot be said"),
        }
    }
}

/// A sample with weights: of each group as many as it has, picked by `pick`.
fn weigh(
    groups: &[Vec<Labelled>],
    strata: &[u64],
    mut pick: impl FnMut(&[Labelled], usize) -> Labelled,
) -> Vec<Weighted> {
    let mut all = Vec::new();
    for (group, size) in groups.iter().zip(strata) {
        let weight = *size as f64 / group.len().max(1) as f64;
        all.extend((0..group.len()).map(|n| (pick(group, n), weight)));
    }
    all
}

/// Weighted mean of a value over the messages that qualify.
fn mean(
    sample: &[Weighted],
    qualifies: impl Fn(&Labelled) -> bool,
    value: impl Fn(&Labelled) -> f64,
) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (one, weight) in sample.iter().filter(|(one, _)| qualifies(one)) {
        sum += weight * value(one);
        weights += weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

/// Mean distance between the risk that was said and the share that is bad, over the ranges of risk.
fn calibration_error(sample: &[Weighted]) -> f64 {
    let (mut gaps, mut weights) = ([0.0; BINS], 0.0);
    for (one, weight) in sample {
        let bin = ((one.risk * BINS as f64) as usize).min(BINS - 1);
        gaps[bin] += weight * (one.risk - f64::from(one.bad));
        weights += weight;
    }
    gaps.into_iter().map(f64::abs).sum::<f64>() / weights
}

/// The risk of a labelled message from which flagging gives the highest F1.
fn best_threshold(sample: &[Weighted]) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_by(|a, b| b.0.risk.total_cmp(&a.0.risk));
    let bad: f64 = sorted.iter().filter(|(l, _)| l.bad).map(|(_, weight)| weight).sum();
    let (mut hits, mut flagged, mut best) = (0.0, 0.0, (0.0, 1.0));
    for (n, (one, weight)) in sorted.iter().enumerate() {
        flagged += weight;
        hits += if one.bad { *weight } else { 0.0 };
        let next_is_equal = sorted.get(n + 1).is_some_and(|next| next.0.risk == one.risk);
        let f1 = 2.0 * hits / (flagged + bad);
        if !next_is_equal && f1 > best.0 {
            best = (f1, one.risk);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(random: &mut Random, strata: &[u64], per_stratum: usize) -> Vec<Labelled> {
        let mut all = Vec::new();
        for stratum in 0..strata.len() {
            for _ in 0..per_stratum {
                let risk =
                    (stratum as f64 + random.below(1000) as f64 / 1000.0) / strata.len() as f64;
                let bad = (random.below(1_000_000) as f64) < risk * 1e6;
                all.push(Labelled { risk, bad, stratum });
            }
        }
        all
    }

    #[test]
    fn a_known_precision_and_share_lie_in_their_intervals() {
        // Risks are true by construction: bad with the probability that they say.
        let strata = [9000, 500, 200, 200, 100];
        let centre = |s: usize| (s as f64 + 0.5) / 5.0;
        let total: f64 = strata.iter().map(|n| *n as f64).sum();
        let share: f64 = (0..5).map(|s| strata[s] as f64 * centre(s)).sum::<f64>() / total;
        let precision = (200.0 * centre(3) + 100.0 * centre(4)) / 300.0;
        let (mut share_in, mut precision_in) = (0, 0);
        let mut random = Random::new(7);
        for _ in 0..40 {
            let labelled = sample(&mut random, &strata, 60);
            let measured = Measured::of(&labelled, &strata, 0.6).expect("both labels");
            let within = |figure: Figure, truth: f64| {
                figure.interval.is_some_and(|[low, high]| (low..=high).contains(&truth))
            };
            share_in += usize::from(within(measured.share_bad, share));
            precision_in += usize::from(within(measured.precision, precision));
            assert!(measured.calibration_error.value.is_some_and(|e| e < 0.2));
        }
        // 95 % of 40 is 38; fewer than 33 happens once in 10,000 times.
        assert!(share_in >= 33 && precision_in >= 33, "{share_in} {precision_in}");
    }

    #[test]
    fn the_same_labels_give_the_same_intervals() {
        let strata = [9000, 500, 200, 200, 100];
        let labelled = sample(&mut Random::new(7), &strata, 60);
        let found = Measured::of(&labelled, &strata, 0.6).expect("both labels");
        // Of 2,000 draws by the one seed; another order of draws would give others.
        for (figure, [low, high]) in [
            (found.share_bad, [0.0825, 0.2295]),
            (found.precision, [0.7, 0.861_111]),
            (found.recall, [0.101_859, 0.279_221]),
            (found.calibration_error, [0.005_437, 0.089_199]),
        ] {
            let interval = figure.interval.expect("enough labels");
            assert!((interval[0] - low).abs() < 1e-6 && (interval[1] - high).abs() < 1e-6);
        }
    }

    #[test]
    fn few_labels_that_say_the_same_leave_room_for_others() {
        let label = |n: usize, risk, bad, stratum| vec![Labelled { risk, bad, stratum }; n];
        let labelled = [
            label(20, 0.1, false, 0),
            label(10, 0.5, true, 1),
            // Two strata of one range, of different weights.
            label(4, 0.65, true, 2),
            label(4, 0.75, true, 3),
        ];
        let measured = Measured::of(&labelled.concat(), &[2000, 10, 40, 400], 0.5).expect("both");
        let intervals: Vec<_> = measured.bins.iter().map(|(_, _, found)| found.interval).collect();
        // Newcombe 1998, table I, method 3: 0 of 20.
        assert!(intervals[0].is_some_and(|[low, high]| low == 0.0 && (high - 0.1611).abs() < 6e-5));
        assert!(intervals[2].is_some_and(|[low, high]| (0.7..0.75).contains(&low) && high == 1.0));
        assert_eq!((intervals[1], intervals[3]), (None, None));
        assert!(measured.precision.value == Some(1.0) && measured.precision.interval.is_none());
    }

    #[test]
    fn what_messages_without_a_label_may_count_in_cannot_be_said() {
        let strata = [9000, 500, 200, 200, 100];
        let all = sample(&mut Random::new(7), &strata, 60);
        let without = |stratum: usize| {
            let some: Vec<_> = all.iter().copied().filter(|l| l.stratum != stratum).collect();
            Measured::of(&some, &strata, 0.6).expect("both labels")
        };
        for (stratum, has_precision) in [(0, true), (2, true), (3, false), (4, false)] {
            let found = without(stratum);
            assert_eq!(found.precision.value.is_some(), has_precision, "{stratum}");
            for figure in [found.share_bad, found.recall, found.calibration_error] {
                assert!(figure.value.is_none() && figure.interval.is_none(), "{stratum}");
            }
            let bins: Vec<usize> =
                (0..BINS).filter(|bin| found.bins[*bin].2.value.is_none()).collect();
            assert_eq!((bins, found.suggested), (vec![stratum], None));
            assert_eq!(found.unlabelled.len(), 1);
        }
        // Nothing is missing where there is nothing.
        let found = Measured::of(&all, &[9000, 500, 200, 200, 100, 0], 0.6).expect("both labels");
        assert!(found.unlabelled.is_empty() && found.share_bad.value.is_some());
    }

    #[test]
    fn the_calibration_error_weighs_the_gap_of_each_range() {
        let one = |risk, bad, weight| (Labelled { risk, bad, stratum: 0 }, weight);
        // Of 4 near 0.1 none is bad, of 4 near 0.9 three quarters; the last range holds 1 too.
        let sample =
            [one(0.1, false, 4.0), one(0.8, false, 1.0), one(1.0, true, 2.0), one(0.8, true, 1.0)];
        let expected = 0.5 * 0.1 + 0.5 * (0.9_f64 - 0.75).abs();
        assert!((calibration_error(&sample) - expected).abs() < 1e-12);
    }

    #[test]
    fn the_best_threshold_parts_what_can_be_parted() {
        let one = |risk, bad| (Labelled { risk, bad, stratum: 0 }, 1.0);
        let sample = [one(0.1, false), one(0.4, false), one(0.6, true), one(0.9, true)];
        assert_eq!(best_threshold(&sample), 0.6);
    }

    #[test]
    fn too_few_labels_or_all_the_same_are_refused() {
        let many = [Labelled { risk: 0.5, bad: true, stratum: 0 }; 50];
        assert!(Measured::of(&many, &[50], 0.5).is_err());
        assert!(Measured::of(&many[..5], &[50], 0.5).is_err());
    }
}
