//! What is in a report, as numbers? The page, JSON and CSV are made of this and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use beleving::{GroupSizes, Policy, Tally};
use jiff::civil::Date;

use crate::collect::{Calendar, Collected, Dimension, Periods, shortened};
use crate::compare::{Comparison, compare};
use crate::error::ReportError;
use crate::estimate::{CalibrationError, Method, Sums, share_of};
use crate::moments::{Moment, TextsFound, fill_in_texts};
use crate::states::States;

mod types;

pub use types::*;

/// Version of the tables' form.
const SCHEMA: u32 = 1;
/// At most so many periods are shown, the latest.
const MAX_PERIODS: usize = 240;
/// At most so many channels get a line of their own.
const MAX_LINES: usize = 6;

impl Collected {
    /// Computes all tables.
    ///
    /// # Errors
    /// [`ReportError::Mixed`] where a checked sample is given and several models or policies read the input: it
    /// holds for one. [`ReportError::Contacts`] if the disk fails, [`ReportError::States`] if it does or states cannot be counted.
    pub fn tables(&self, options: &Options) -> Result<Tables, ReportError> {
        if matches!(options.method, Method::Checked(_)) {
            self.one_reader("the checked sample holds for one model and policy")?;
        }
        let period = options.period.unwrap_or_else(|| self.period());
        let order = self.reader_order();
        let method = &options.method;
        let min_group = options.min_group.max(1);
        // A weekend in which nobody writes is no gap.
        let [weekend, after_it] = [2, 3].map(|days| jiff::Span::new().days(days));
        let is_filled = |day: Date| {
            self.days.is_some_and(|[first, last]| {
                let next = period.next(day);
                first.saturating_sub(weekend) <= day
                    && next.is_some_and(|next| next <= last.saturating_add(after_it))
            })
        };
        let time = |calendar: &Calendar, wholes: &[Sums]| {
            points(method, calendar.by(period), wholes, &order, min_group, is_filled)
        };
        let across = self.contacts.tables(&options.policy, min_group, options.customers);
        let (returns, at_stake) = across.map_err(ReportError::Contacts)?.unzip();
        let touchpoints = self.touchpoints(min_group, &options.policy);
        let moments = |found| named_as_shown(found, &touchpoints, &options.policy);
        let tally = self.states.as_ref().map(States::tally).transpose();
        let tally = tally.map_err(ReportError::States)?.filter(|tally| tally.interactions() > 0);
        let wholes: Vec<Sums> = self.readers.iter().map(|(_, sums)| *sums).collect();
        Ok(Tables {
            schema: SCHEMA,
            method: match options.method {
                Method::Calibrated(error) => {
                    MethodUsed::Calibrated { odds_factor: error.odds_factor }
                }
                Method::Checked(c) => MethodUsed::Checked {
                    flagged_bad: c.flagged_bad,
                    flagged_fine: c.flagged_fine,
                    missed_bad: c.missed_bad,
                    left_fine: c.left_fine,
                },
            },
            counts: self.counts(),
            days: self.days(),
            readers: order
                .iter()
                .map(|&at| {
                    let (reader, sums) = &self.readers[at];
                    ReaderRow {
                        model: reader.model.clone(),
                        policy: reader.policy.clone(),
                        policy_hash: reader.policy_hash.clone(),
                        n: sums.n,
                    }
                })
                .collect(),
            overall: method.level(&self.all),
            period,
            over_time: time(&self.calendar, &wholes),
            channels_over_time: self.channels(&time, min_group),
            by_channel: groups(method, &self.by_channel, min_group),
            by_intent: groups(method, &self.by_intent, min_group),
            by_sector: groups(method, &self.by_sector, min_group),
            answers: tally.map(|tally| answers(&tally, options)),
            rework: self.rework(options),
            returns,
            at_stake,
            well: Well {
                praise: self.praise,
                recovered: self.recovered,
                went_bad: self.went_bad,
                experience: self.experience,
            },
            moments: moments(self.shelf.bad(options.moments)),
            good_moments: moments(self.shelf.good(options.moments / 2)),
            touchpoints,
            min_group,
            comparison: None,
        })
    }

    /// Compares two periods; the tables are those of `after`.
    ///
    /// # Errors
    /// [`ReportError::Mixed`] if they were not read by one and the same model and policy,
    /// [`ReportError::NothingInCommon`] if no kind of interaction occurs in both.
    pub fn compare(before: &Self, after: &Self, options: &Options) -> Result<Tables, ReportError> {
        let why = "a difference between two models or policies is not one between two periods";
        if before.one_reader(why)? != after.one_reader(why)? {
            return Err(mixed(why, [before, after]));
        }
        let strata = Self::strata_beside(before, after);
        let comparison = compare(&options.method, &strata, options.min_group)
            .ok_or(ReportError::NothingInCommon)?;
        let comparison = Comparison {
            overlap: overlap(before.days, after.days),
            before: before.counts(),
            days_before: before.days(),
            ..comparison
        };
        Ok(Tables { comparison: Some(comparison), ..after.tables(options)? })
    }

    fn one_reader(
        &self,
        why: &'static str,
    ) -> Result<Option<&crate::collect::Reader>, ReportError> {
        match self.readers.as_slice() {
            [] => Ok(None),
            [(reader, _)] => Ok(Some(reader)),
            _ => Err(mixed(why, [self, self])),
        }
    }

    fn counts(&self) -> Counts {
        Counts {
            interactions: self.interactions,
            assessed: self.all.n,
            flagged: self.all.flagged,
            not_assessable: self.not_assessable,
            none_scored: self.none_scored,
            undated: self.undated,
            misdated: self.misdated,
            messages: self.messages,
            messages_failed: self.messages_failed,
            failed_rows: self.failures.iter().map(|(kind, n)| (kind.clone(), *n)).collect(),
            unreadable: self.unreadable,
            repeated_names: self.repeated_names,
            counted_twice: self.counted_twice,
        }
    }

    fn days(&self) -> Option<[String; 2]> {
        self.days.map(|days| days.map(|day| day.to_string()))
    }

    /// Weeks for half a year, months for ten, years beyond.
    fn period(&self) -> Period {
        let Some([first, last]) = self.days else { return Period::Month };
        let days = last.since(first).map(|span| span.get_days()).unwrap_or(i32::MAX);
        match days {
            ..=182 => Period::Week,
            183..=3660 => Period::Month,
            _ => Period::Year,
        }
    }

    /// Readers by when they began to read.
    fn reader_order(&self) -> Vec<usize> {
        let first = |at: usize| {
            self.calendar.weeks.keys().find(|(_, reader)| *reader == at).map(|(day, _)| *day)
        };
        let mut order: Vec<(Option<Date>, usize)> =
            (0..self.readers.len()).map(|at| (first(at), at)).collect();
        order.sort();
        order.into_iter().map(|(_, at)| at).collect()
    }

    fn channels(
        &self,
        time: &impl Fn(&Calendar, &[Sums]) -> Vec<Point>,
        min_group: u64,
    ) -> Vec<Series> {
        let mut largest: Vec<(&usize, &Sums)> =
            self.by_channel.sums.iter().filter(|(_, sums)| sums.n >= 4 * min_group).collect();
        let name = |place: &usize| self.by_channel.names.name(*place);
        largest.sort_by(|a, b| b.1.n.cmp(&a.1.n).then_with(|| name(a.0).cmp(name(b.0))));
        largest.truncate(MAX_LINES);
        largest
            .into_iter()
            .filter_map(|(place, _)| {
                let calendar = self.channel_calendars.get(place)?;
                let mut wholes = vec![Sums::default(); self.readers.len()];
                for ((_, reader), sums) in &calendar.years {
                    wholes[*reader].merge(sums);
                }
                let points = time(calendar, &wholes);
                let shown = points.iter().filter(|point| point.estimate.is_some()).count();
                let name = name(place).to_owned();
                (shown > 2).then_some(Series { name, points })
            })
            .collect()
    }

    fn touchpoints(&self, min_group: u64, policy: &Policy) -> Touchpoints {
        let flagged = self.all.flagged;
        let row = |source, role: Option<&str>, n: u64| {
            let role = role.map(str::to_owned);
            TouchpointRow { source, role, n, share: share_of(n, flagged) }
        };
        let (sources, policy) = (&self.sources, with_short_roles(policy));
        let min_group = min_group.max(GroupSizes::LEAST as u64);
        let mut roles: BTreeMap<&str, u64> = BTreeMap::new();
        for (place, n) in &sources.by_role {
            let name = sources.roles.name(*place);
            *roles.entry(role_of(name, &policy).unwrap_or(name)).or_default() += n;
        }
        let (mut rows, mut withheld) = (Vec::new(), Vec::new());
        for (role, n) in roles {
            if n >= min_group && role_of(role, &policy).is_some() {
                rows.push(row(Source::Role, Some(role), n));
            } else {
                withheld.push(n);
            }
        }
        // `judge` gives a role of one person no name.
        let may_be_personal = !policy.groups.single_person_roles.is_empty();
        match sources.unnamed {
            0 => {}
            n if n >= min_group && !may_be_personal => rows.push(row(Source::Staff, None, n)),
            n => withheld.push(n),
        }
        for (source, n) in [(Source::Silence, sources.silence), (Source::Opening, sources.opening)]
        {
            if n > 0 {
                rows.push(row(source, None, n));
            }
        }
        rows.sort_by_key(|row| (row.source == Source::Opening, std::cmp::Reverse(row.n)));
        hide_one_alone(&mut rows, &mut withheld, min_group);
        if withheld.len() == 1 {
            // It is all there is, so the flagged would be its number.
            withheld.clear();
        }
        Touchpoints {
            flagged,
            rows,
            min_group,
            withheld: withheld.len() as u64,
            withheld_n: withheld.iter().sum(),
        }
    }

    fn rework(&self, options: &Options) -> Rework {
        // A checked sample says how often flags are wrong, not signals: those are taken at their word.
        let method = Method::Calibrated(match options.method {
            Method::Calibrated(error) => error,
            Method::Checked(_) => CalibrationError::default(),
        });
        let count = |sums: &Sums| {
            method
                .level(sums)
                .map(|found| [found.share, found.low, found.high].map(|p| p * sums.n as f64))
        };
        let (repeats, escalations) = (count(&self.repeat), count(&self.escalation));
        Rework {
            repeat: method.level(&self.repeat),
            repeat_count: repeats,
            n: self.repeat.n,
            escalation_count: escalations,
            handoffs: self.handoffs,
            by_intent: groups(&method, &self.repeat_by_intent, options.min_group.max(1)),
            cost: cost(&options.rates, repeats, self.handoffs, escalations),
        }
    }
}

/// One group that is withheld alone is what the others leave of the whole: the smallest of at least `min_group` goes with it,
/// or, where there is none, the smallest of all until they come to as many. It stays alone only where it is all there is.
fn hide_one_alone(rows: &mut Vec<TouchpointRow>, withheld: &mut Vec<u64>, min_group: u64) {
    if withheld.len() != 1 {
        return;
    }
    let mut beside = 0;
    while beside < min_group {
        let size = |&at: &usize| (rows[at].n < min_group, rows[at].n);
        let Some(least) = (0..rows.len()).min_by_key(size) else { return };
        let n = rows.remove(least).n;
        beside += n;
        withheld.push(n);
    }
}

fn answers(tally: &Tally, options: &Options) -> Answers {
    let policy = &options.policy;
    Answers {
        interactions: tally.interactions(),
        min_interactions: policy.groups.min_interactions,
        by_role: tally.by_role(policy),
        by_claim: (options.claims == Claims::ByRole).then(|| tally.by_claim(policy)),
    }
}

/// A policy whose roles are shortened, as those of lines are.
fn with_short_roles(policy: &Policy) -> Policy {
    let mut policy = policy.clone();
    let personal = &mut policy.groups.single_person_roles;
    for role in policy.roles.iter_mut().flatten().chain(personal) {
        *role = shortened(role);
    }
    policy
}

/// The name that a role may have; `None` where one person holds it.
fn role_of<'a>(role: &'a str, policy: &'a Policy) -> Option<&'a str> {
    (!policy.groups.is_single_person(role)).then(|| policy.role(role))
}

/// Moments with the roles that the table of touchpoints names, as it names them: a small group has no name on a card either.
fn named_as_shown(
    mut moments: Vec<Moment>,
    touchpoints: &Touchpoints,
    policy: &Policy,
) -> Vec<Moment> {
    let policy = with_short_roles(policy);
    let shown = touchpoints.rows.iter().filter_map(|row| row.role.as_deref());
    let shown: BTreeMap<String, &str> =
        shown.map(|role| (GroupSizes::folded(role), role)).collect();
    for moment in &mut moments {
        let role = moment.role.as_deref().and_then(|role| role_of(role, &policy));
        moment.role =
            role.and_then(|role| shown.get(&GroupSizes::folded(role))).map(|&role| role.to_owned());
    }
    moments
}

fn mixed(why: &'static str, sides: [&Collected; 2]) -> ReportError {
    let mut found: Vec<String> = sides
        .iter()
        .flat_map(|side| &side.readers)
        .map(|(reader, _)| {
            let hash = reader.policy_hash.as_deref().map(|hash| format!(" ({})", short_hash(hash)));
            format!("`{}` with `{}`{}", reader.model, reader.policy, hash.unwrap_or_default())
        })
        .collect();
    found.sort();
    found.dedup();
    found.truncate(5);
    ReportError::Mixed { why, found: found.join(", ") }
}

/// First and last day of what two periods share.
fn overlap(before: Option<[Date; 2]>, after: Option<[Date; 2]>) -> Option<[String; 2]> {
    let ([a, b], [c, d]) = (before?, after?);
    let (from, to) = (a.max(c), b.min(d));
    (from <= to).then(|| [from, to].map(|day| day.to_string()))
}

/// As much of a hash as tells one policy from another.
pub(crate) fn short_hash(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}

fn cost(
    rates: &Rates,
    repeats: Option<[f64; 3]>,
    handoffs: u64,
    escalations: Option<[f64; 3]>,
) -> Option<Cost> {
    let times = |rate: Option<f64>, counts: Option<[f64; 3]>| {
        let (rate, counts) = (rate?, counts?);
        Some(counts.map(|count| count * rate))
    };
    let contacts = times(rates.contact, repeats);
    let escalations = times(rates.escalation, escalations);
    let handoffs = rates.handoff.map(|rate| rate * handoffs as f64);
    if contacts.is_none() && escalations.is_none() && handoffs.is_none() {
        return None;
    }
    // One model reads both signals: its errors may go the same way, so the ends are added.
    let mut total = [handoffs.unwrap_or(0.0); 3];
    for part in [contacts, escalations].into_iter().flatten() {
        total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
    }
    Some(Cost { rates: rates.clone(), contacts, handoffs, escalations, total })
}

impl Tables {
    /// Policies of one name that say different things, each with the beginnings of their hashes.
    pub fn policies_of_one_name(&self) -> Vec<(String, Vec<String>)> {
        let mut hashes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for reader in &self.readers {
            let hash = reader.policy_hash.as_deref().map_or("unknown", short_hash);
            hashes.entry(&reader.policy).or_default().insert(hash);
        }
        hashes
            .into_iter()
            .filter(|(_, hashes)| hashes.len() > 1)
            .map(|(name, hashes)| {
                (name.to_owned(), hashes.into_iter().map(str::to_owned).collect())
            })
            .collect()
    }

    /// Puts the texts of the moments in, from a file of messages or of lines of `score` with `text`. Reasons stand where
    /// `judge` read them, so a message that is HTML is quoted as its plain text.
    ///
    /// # Errors
    /// [`ReportError::Texts`] if the reader fails.
    pub fn add_texts(&mut self, lines: impl BufRead) -> Result<TextsFound, ReportError> {
        let bad = self.moments.len();
        let mut all: Vec<Moment> =
            self.moments.drain(..).chain(self.good_moments.drain(..)).collect();
        let found = fill_in_texts(&mut all, lines).map_err(ReportError::Texts);
        self.good_moments = all.split_off(bad);
        self.moments = all;
        found
    }
}

impl Calendar {
    fn by(&self, period: Period) -> &Periods {
        match period {
            Period::Week => &self.weeks,
            Period::Month => &self.months,
            Period::Year => &self.years,
        }
    }
}

fn points(
    method: &Method,
    periods: &Periods,
    wholes: &[Sums],
    order: &[usize],
    min_group: u64,
    is_filled: impl Fn(Date) -> bool,
) -> Vec<Point> {
    let place = |reader: usize| order.iter().position(|at| *at == reader).unwrap_or(0);
    // A period that several read has a row of each.
    let mut days: Vec<Date> = periods.keys().map(|(day, _)| *day).collect();
    days.dedup();
    let oldest = days.get(days.len().saturating_sub(MAX_PERIODS));
    let Some(&oldest) = oldest else { return Vec::new() };
    let mut points: Vec<Point> = periods
        .range((oldest, 0)..)
        .map(|((day, reader), sums)| Point {
            from: day.to_string(),
            reader: place(*reader),
            n: sums.n,
            flagged: sums.flagged,
            estimate: (sums.n >= min_group).then(|| method.part(&wholes[*reader], sums)).flatten(),
            day: *day,
            is_filled: is_filled(*day),
        })
        .collect();
    points.sort_by_key(|point| (point.reader, point.day));
    points
}

fn groups(method: &Method, dimension: &Dimension, min_group: u64) -> Groups {
    let (large, small): (Vec<_>, Vec<_>) =
        dimension.iter().partition(|(_, sums)| sums.n >= min_group);
    let sums: Vec<Sums> = large.iter().map(|(_, sums)| **sums).collect();
    let mut rows: Vec<Group> = large
        .iter()
        .zip(method.groups(&sums))
        .map(|((name, sums), estimate)| Group {
            name: (*name).to_owned(),
            n: sums.n,
            flagged: sums.flagged,
            estimate,
        })
        .collect();
    // Groups drawn alike may differ in the last digits, by the order in which they were added up.
    let share = |group: &Group| (group.estimate.share * 1e9).round();
    rows.sort_by(|a, b| share(b).total_cmp(&share(a)).then_with(|| a.name.cmp(&b.name)));
    Groups {
        rows,
        withheld: small.len() as u64,
        withheld_n: small.iter().map(|(_, sums)| sums.n).sum(),
        unnamed: dimension.unnamed,
    }
}
