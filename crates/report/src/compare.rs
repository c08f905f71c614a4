//! Did a change help? The difference in the share of bad interactions between two periods, as it would be
//! had the mix of intents and channels been the same.
//!
//! Interactions of the same intent and channel are compared with each other, and the differences averaged
//! with weights `n_before * n_after / (n_before + n_after)` (Mantel and Haenszel's): most weight where both periods have
//! many, none where one has nothing. A difference of mean probabilities shows only part of the true one; it
//! is divided by the spread within them, as [`Method::part`] divides by that of the whole.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::estimate::{Method, Sums, Z, shrink, wilson};
use crate::tables::Counts;

/// Name of an intent and of a channel.
pub(crate) type Stratum = (String, String);

/// Sums before and after, by intent and channel.
pub(crate) type Strata = BTreeMap<Stratum, [Sums; 2]>;

/// A difference of shares, after minus before, with its 95 % interval; below zero is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Share after minus share before.
    pub difference: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Interactions of both periods that it rests on; not told, because groups have no numbers in a comparison.
    #[serde(skip)]
    pub(crate) n: u64,
}

impl Difference {
    /// What may be said of it.
    pub fn finding(&self) -> Finding {
        match (self.low, self.high) {
            (_, high) if high < 0.0 => Finding::Better,
            (low, _) if low > 0.0 => Finding::Worse,
            _ => Finding::Unclear,
        }
    }
}

/// What a difference says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Fewer go wrong; the whole interval is below zero.
    Better,
    /// More go wrong; the whole interval is above zero.
    Worse,
    /// The interval holds zero, or rests on too few.
    Unclear,
}

/// Two periods compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Interactions assessed before and after.
    pub n: [u64; 2],
    /// With the mix of intents and channels held still.
    pub standardised: Difference,
    /// What [`Comparison::standardised`] says; unclear where a period has fewer interactions than a group needs.
    pub finding: Finding,
    /// As the periods were; what the mix did is in it.
    pub crude: Difference,
    /// Part of the interactions, in 0 to 1, whose intent and channel occur in both periods.
    pub comparable: f64,
    /// What was read of the time before; that of after is in the tables.
    pub before: Counts,
    /// First and last day on which an interaction of the time before began, in UTC.
    pub days_before: Option<[String; 2]>,
    /// First and last day of what both periods hold; `None` where one ended before the other began.
    pub overlap: Option<[String; 2]>,
    /// By intent, channel held still; small ones drawn towards the whole.
    pub by_intent: Differences,
    /// By channel, intent held still.
    pub by_channel: Differences,
}

/// Differences by group, the best first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Differences {
    /// Groups that are large enough in both periods, by name.
    pub rows: Vec<(String, Difference)>,
    /// Groups that are too small in one, or have no kind of interaction in both.
    pub withheld: u64,
    /// Interactions of both periods in these.
    pub withheld_n: u64,
}

/// Compares two periods; `None` where no intent and channel occur in both.
pub(crate) fn compare(method: &Method, strata: &Strata, min_group: u64) -> Option<Comparison> {
    let mut all = [Sums::default(); 2];
    for stratum in strata.values() {
        all.iter_mut().zip(stratum).for_each(|(all, sums)| all.merge(sums));
    }
    let context = Context::of(method, strata.values());
    let whole = context.observed(strata.values())?;
    let n = comparable(strata.values());
    let standardised = context.interval(whole, n, n);
    let by = |name: fn(&Stratum) -> &str| context.by(strata, whole, min_group, name);
    Some(Comparison {
        n: all.map(|sums| sums.n),
        // Of a few conversations the spread of their risks says too little of chance.
        finding: if all.iter().all(|sums| sums.n >= min_group) {
            standardised.finding()
        } else {
            Finding::Unclear
        },
        standardised,
        crude: Context::of(method, [all].iter()).difference([all].iter())?,
        before: Counts::default(),
        days_before: None,
        overlap: None,
        comparable: standardised.n as f64 / (all[0].n + all[1].n) as f64,
        by_intent: by(|(intent, _)| intent),
        by_channel: by(|(_, channel)| channel),
    })
}

/// Interactions whose intent and channel occur in both periods.
fn comparable<'a>(strata: impl Iterator<Item = &'a [Sums; 2]>) -> u64 {
    let in_both = strata.filter(|both| both.iter().all(|sums| sums.n > 0));
    in_both.map(|[before, after]| before.n + after.n).sum()
}

struct Context<'a> {
    method: &'a Method,
    reading: crate::estimate::Reading,
    /// Variance within a stratum and period, over all strata.
    variance: f64,
}

impl<'m> Context<'m> {
    /// What all strata together say of each.
    fn of<'a>(method: &'m Method, strata: impl Iterator<Item = &'a [Sums; 2]>) -> Self {
        let (mut scatter, mut largest, mut within, mut freedom) = (0.0, 0.0, 0.0, 0.0);
        for [before, after] in strata {
            let mut both = *before;
            both.merge(after);
            scatter += both.scatter();
            largest += both.n as f64 * both.mean() * (1.0 - both.mean());
            for sums in [before, after] {
                within += method.counted(sums).1;
                freedom += (sums.n as f64 - 1.0).max(0.0);
            }
        }
        Self {
            method,
            reading: method.reading(scatter, largest),
            variance: if freedom > 0.0 { within / freedom } else { 0.25 },
        }
    }

    /// How much the variance of all counts for that of a stratum, in interactions.
    const PRIOR: f64 = 2.0;

    /// The weighted difference, and its variance by chance, before the division by the spread.
    fn observed<'a>(&self, strata: impl Iterator<Item = &'a [Sums; 2]>) -> Option<(f64, f64)> {
        let (mut weights, mut sum, mut variance) = (0.0, 0.0, 0.0);
        for both in strata.filter(|both| both.iter().all(|sums| sums.n > 0)) {
            let [before, after] = both.map(|sums| {
                let (total, scatter) = self.method.counted(&sums);
                let n = sums.n as f64;
                let spread = (scatter + Self::PRIOR * self.variance) / (n - 1.0 + Self::PRIOR);
                (n, total / n, spread / n)
            });
            let weight = before.0 * after.0 / (before.0 + after.0);
            weights += weight;
            sum += weight * (after.1 - before.1);
            variance += weight * weight * (before.2 + after.2);
        }
        (weights > 0.0).then(|| (sum / weights, variance / (weights * weights)))
    }

    fn difference<'a>(
        &self,
        strata: impl Iterator<Item = &'a [Sums; 2]> + Clone,
    ) -> Option<Difference> {
        let observed = self.observed(strata.clone())?;
        let n = comparable(strata);
        Some(self.interval(observed, n, n))
    }

    /// The difference of what was observed, with its variance by chance, in `n` interactions; of `all` it is known at best.
    fn interval(&self, (observed, variance): (f64, f64), n: u64, all: u64) -> Difference {
        let difference = observed / self.reading.spread;
        // Where all risks are alike they have no variance; that none among all went wrong is not certain either.
        let least = wilson(0.0, all)[1] / Z;
        let chance = (variance.sqrt() / self.reading.spread).max(least);
        let half = Z * chance.hypot(difference * self.reading.spread_error);
        let cut = |value: f64| value.clamp(-1.0, 1.0);
        Difference {
            difference: cut(difference),
            low: cut(difference - half),
            high: cut(difference + half),
            n,
        }
    }

    /// Differences by group, small ones drawn towards that of the `whole`.
    fn by(
        &self,
        strata: &Strata,
        whole: (f64, f64),
        min_group: u64,
        name: fn(&Stratum) -> &str,
    ) -> Differences {
        let mut groups: BTreeMap<&str, Vec<&[Sums; 2]>> = BTreeMap::new();
        for (stratum, both) in strata {
            // Those of no group are no group.
            if !name(stratum).is_empty() {
                groups.entry(name(stratum)).or_default().push(both);
            }
        }
        let mut found: Vec<(&str, u64, (f64, f64))> = Vec::new();
        let (mut withheld, mut withheld_n) = (0, 0);
        for (name, both) in groups {
            let n = [0, 1].map(|period| both.iter().map(|sums| sums[period].n).sum::<u64>());
            let is_large = n.iter().all(|n| *n >= min_group);
            match self.observed(both.iter().copied()).filter(|_| is_large) {
                Some(observed) => found.push((name, comparable(both.into_iter()), observed)),
                None => {
                    withheld += 1;
                    withheld_n += n[0] + n[1];
                }
            }
        }
        let (values, variances): (Vec<f64>, Vec<f64>) =
            found.iter().map(|(.., observed)| *observed).unzip();
        let are_drawn = found.len() >= 3 && variances.iter().all(|v| *v > 0.0);
        let drawn = if are_drawn {
            shrink(&values, &variances, Some(whole))
        } else {
            found.iter().map(|(.., observed)| *observed).collect()
        };
        let all: u64 = found.iter().map(|(_, n, _)| n).sum();
        let mut rows: Vec<(String, Difference)> = found
            .iter()
            .zip(drawn)
            .map(|((name, n, _), drawn)| {
                let all = if are_drawn { all } else { *n };
                ((*name).to_owned(), self.interval(drawn, *n, all))
            })
            .collect();
        rows.sort_by(|a, b| a.1.difference.total_cmp(&b.1.difference));
        Differences { rows, withheld, withheld_n }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::{CalibrationError, Checked};

    /// Share of bad interactions of four kinds before any change, by intent and channel.
    const KINDS: [(&str, &str, f64); 6] = [
        ("complaint", "email", 0.55),
        ("complaint", "phone", 0.40),
        ("information_question", "email", 0.06),
        ("information_question", "phone", 0.03),
        ("status_chase", "email", 0.30),
        ("praise_or_thanks", "chat", 0.01),
    ];
    const MIX_BEFORE: [f64; 6] = [0.10, 0.10, 0.25, 0.25, 0.15, 0.15];
    /// Twice as many complaints and chases.
    const MIX_AFTER: [f64; 6] = [0.22, 0.18, 0.15, 0.10, 0.30, 0.05];

    /// What the simulated model knows and how well it is calibrated.
    #[derive(Clone, Copy)]
    struct Model {
        /// Distance of good and bad in standard deviations; 1.5 is an AUROC of 0.86.
        distance: f64,
        /// Whether its probability starts from the share of the kind, or from one share for all.
        knows_kind: bool,
        /// By how much its log odds are off.
        off: f64,
    }

    fn normal(rng: &mut fastrand::Rng) -> f64 {
        (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
    }

    /// Draws two periods of `n` interactions; `effect` is added to the share of each kind afterwards, as far as
    /// there is something to take away. Gives the sums and the true standardised difference.
    fn draw(
        rng: &mut fastrand::Rng,
        n: [usize; 2],
        mixes: [[f64; 6]; 2],
        effect: f64,
        model: Model,
    ) -> (Strata, f64) {
        let mut strata = Strata::new();
        let after_share = |share: f64| (share * (1.0 + effect)).clamp(0.0, 1.0);
        for (period, (n, mix)) in n.into_iter().zip(mixes).enumerate() {
            for _ in 0..n {
                let mut u = rng.f64();
                let kind = mix.iter().position(|p| {
                    u -= p;
                    u < 0.0
                });
                let (intent, channel, base) = KINDS[kind.unwrap_or(0)];
                let share = if period == 1 { after_share(base) } else { base };
                let bad = rng.f64() < share;
                let half = model.distance * model.distance / 2.0;
                let evidence = model.distance * normal(rng) + if bad { half } else { -half };
                let prior: f64 = if model.knows_kind { base } else { 0.2 };
                let odds = (prior / (1.0 - prior)).ln() + model.off + evidence;
                let risk = 1.0 / (1.0 + (-odds).exp());
                strata.entry((intent.to_owned(), channel.to_owned())).or_default()[period]
                    .add(risk, risk >= 0.5);
            }
        }
        let (mut weights, mut sum) = (0.0, 0.0);
        for ((intent, channel), [before, after]) in &strata {
            let (_, _, base) = KINDS
                .into_iter()
                .find(|(i, c, _)| i == intent && c == channel)
                .expect("drawn from these");
            let weight = before.n as f64 * after.n as f64 / (before.n + after.n) as f64;
            weights += weight;
            sum += weight * (after_share(base) - base);
        }
        (strata, sum / weights)
    }

    const CALIBRATED: Method =
        Method::Calibrated(CalibrationError { odds_factor: 1.7, spread_error: 0.2 });

    /// How often, in 100 simulations, the interval holds the truth, and zero lies below or above it.
    fn simulate(seed: u64, mixes: [[f64; 6]; 2], effect: f64, model: Model) -> (u32, u32, u32) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (mut holds, mut better, mut worse) = (0, 0, 0);
        for _ in 0..100 {
            let (strata, truth) = draw(&mut rng, [1500, 1200], mixes, effect, model);
            let found = compare(&CALIBRATED, &strata, 10).expect("kinds in common").standardised;
            holds += u32::from(found.low <= truth && truth <= found.high);
            better += u32::from(found.finding() == Finding::Better);
            worse += u32::from(found.finding() == Finding::Worse);
        }
        (holds, better, worse)
    }

    const MODELS: [Model; 4] = [
        Model { distance: 1.5, knows_kind: true, off: 0.0 },
        Model { distance: 1.5, knows_kind: false, off: 0.0 },
        Model { distance: 2.2, knows_kind: true, off: 0.3 },
        Model { distance: 2.2, knows_kind: false, off: -0.3 },
    ];

    #[test]
    fn a_known_effect_under_a_shifted_mix_lies_in_the_interval() {
        for (seed, model) in MODELS.into_iter().enumerate() {
            for effect in [-0.4, 0.3] {
                let found = simulate(seed as u64, [MIX_BEFORE, MIX_AFTER], effect, model);
                assert!(found.0 >= 93, "model {seed}, effect {effect}: {found:?}");
            }
        }
    }

    #[test]
    fn what_the_mix_did_is_divided_by_the_spread_of_all() {
        let mut strata = Strata::new();
        for (intent, p, n) in [("complaint", 0.9, [50, 70]), ("praise_or_thanks", 0.1, [50, 30])] {
            let stratum = strata.entry((intent.to_owned(), String::new())).or_default();
            for (sums, n) in stratum.iter_mut().zip(n) {
                (0..n).for_each(|_| sums.add(p, p > 0.5));
            }
        }
        let method = Method::Calibrated(CalibrationError { odds_factor: 1.7, spread_error: 0.2 });
        let found = compare(&method, &strata, 1).expect("in common");
        // The mean moves from 0.5 to 0.66; 200 probabilities of 0.9 and 0.1 with mean 0.58 spread by 0.63.
        assert!((found.crude.difference - 0.16 / 0.63).abs() < 0.01, "{}", found.crude.difference);
        assert!(found.standardised.difference.abs() < 1e-9);
    }

    #[test]
    fn groups_that_differ_by_chance_alone_stand_where_the_whole_does() {
        let mut strata = Strata::new();
        // Of those that hardly vary a difference is sure, and it is small.
        for (intent, low, high, fewer) in [
            ("praise_or_thanks", 0.01, 0.03, 0),
            ("complaint", 0.1, 0.9, 3),
            ("cancellation", 0.2, 0.9, 2),
        ] {
            let stratum = strata.entry((intent.to_owned(), String::new())).or_default();
            for (sums, n) in stratum.iter_mut().zip([20, 20 - fewer]) {
                (0..40).for_each(|i| sums.add(if i < n { high } else { low }, i < n));
            }
        }
        let found = compare(&CALIBRATED, &strata, 10).expect("in common");
        let whole = found.standardised.difference;
        assert!(whole < -0.03 && found.by_intent.rows.len() == 3, "{found:?}");
        for (intent, drawn) in &found.by_intent.rows {
            assert!((drawn.difference - whole).abs() < 1e-9, "{intent}: {drawn:?}, {whole}");
        }
    }

    #[test]
    fn an_effect_is_seen_as_what_it_is() {
        let (_, better, worse) = simulate(11, [MIX_BEFORE, MIX_AFTER], -0.5, MODELS[0]);
        assert!(better >= 90 && worse == 0, "{better} better, {worse} worse");
    }

    #[test]
    fn a_shift_of_the_mix_alone_is_not_an_effect() {
        for (seed, model) in MODELS.into_iter().enumerate() {
            for mixes in [[MIX_BEFORE, MIX_AFTER], [MIX_AFTER, MIX_BEFORE]] {
                let (_, better, worse) = simulate(20 + seed as u64, mixes, 0.0, model);
                assert!(better + worse <= 7, "model {seed}: {better} better, {worse} worse");
            }
        }
        // The crude difference would have been taken for one.
        let mut rng = fastrand::Rng::with_seed(30);
        let (strata, _) = draw(&mut rng, [1500, 1200], [MIX_BEFORE, MIX_AFTER], 0.0, MODELS[0]);
        let found = compare(&CALIBRATED, &strata, 10).expect("kinds in common");
        assert_eq!(found.crude.finding(), Finding::Worse);
    }

    #[test]
    fn a_checked_sample_serves_as_well() {
        let mut rng = fastrand::Rng::with_seed(40);
        let mut holds = 0;
        for _ in 0..100 {
            let model = Model { distance: 2.2, knows_kind: false, off: 0.0 };
            let (strata, truth) =
                draw(&mut rng, [1500, 1200], [MIX_BEFORE, MIX_AFTER], -0.4, model);
            // Flags come at evens from 0.2: 1.386 - 2.42 and 1.386 + 2.42 in units of 2.2.
            let (se, sp) = (0.681, 0.958);
            let count = |rng: &mut fastrand::Rng, p: f64, n: u32| {
                (0..n).filter(|_| rng.f64() < p).count() as u64
            };
            let (hits, kept) = (count(&mut rng, se, 80), count(&mut rng, sp, 220));
            let method = Method::Checked(Checked {
                flagged_bad: hits,
                missed_bad: 80 - hits,
                left_fine: kept,
                flagged_fine: 220 - kept,
            });
            let found = compare(&method, &strata, 10).expect("kinds in common").standardised;
            holds += i32::from(found.low <= truth && truth <= found.high);
        }
        assert!(holds >= 93, "{holds} of 100");
    }

    #[test]
    fn many_small_kinds_are_compared_without_losing_coverage() {
        let mut rng = fastrand::Rng::with_seed(50);
        let mut clear = 0;
        for _ in 0..200 {
            let (strata, _) = draw(&mut rng, [60, 50], [MIX_BEFORE, MIX_AFTER], 0.0, MODELS[0]);
            let found = compare(&CALIBRATED, &strata, 10).expect("kinds in common");
            clear += i32::from(found.finding != Finding::Unclear);
        }
        assert!(clear <= 16, "{clear} of 200");
    }

    #[test]
    fn a_difference_is_not_certain_where_all_risks_are_alike() {
        for p in [0.0, 0.3, 1.0] {
            let mut strata = Strata::new();
            for intent in ["a", "b", "c"] {
                let both = strata.entry((intent.to_owned(), "x".to_owned())).or_default();
                both.iter_mut().for_each(|sums| (0..20).for_each(|_| sums.add(p, p > 0.5)));
            }
            let found = compare(&CALIBRATED, &strata, 10).expect("in common");
            let by_intent = found.by_intent.rows.iter().map(|(_, found)| found);
            for found in by_intent.chain([&found.standardised, &found.crude]) {
                assert!(found.low < -0.03 && found.high > 0.03, "{p}: {found:?}");
            }
        }
    }

    #[test]
    fn periods_without_a_kind_in_common_are_not_compared() {
        let mut strata = Strata::new();
        strata.entry(("a".to_owned(), "x".to_owned())).or_default()[0].add(0.5, true);
        strata.entry(("b".to_owned(), "x".to_owned())).or_default()[1].add(0.5, true);
        assert_eq!(compare(&CALIBRATED, &strata, 1), None);
    }
}
