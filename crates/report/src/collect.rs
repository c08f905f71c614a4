//! What is kept of the lines while they stream by? Sums by group and period, and a few moments to read; so
//! memory does not grow with the number of interactions, but for some tens of bytes each to notice what is given
//! twice. What needs the interactions of a customer together, or all that is known of one, goes to the disk
//! ([`Contacts`], [`States`]).

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::io::{self, BufRead};

use beleving::{ErrorKind, GroupSizes, InteractionState, Judge, Message, Policy};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::across::{Contacts, contact};
use crate::compare::Strata;
use crate::estimate::Sums;
use crate::line::{Line, LineError, Verdict, each_line};
use crate::moments::Shelf;
use crate::states::States;

/// So many names of channels, sectors or roles are told apart; later ones count together.
pub(crate) const MAX_NAMES: usize = 200;
/// The name that those have together.
pub(crate) const LATER_NAMES: &str = "…";
/// So many characters of a name are kept.
const MAX_NAME_CHARS: usize = 60;
/// So many unreadable lines are named.
const MAX_NAMED_ERRORS: usize = 20;

/// Which line of a file could not be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Row, counted from 1.
    pub row: u64,
    /// Why.
    pub error: LineError,
}

/// Names of one kind, such as channels, in order of appearance. Those that differ in case or blanks around them are one.
#[derive(Default)]
pub(crate) struct Names {
    list: Vec<String>,
    /// By [`GroupSizes::folded`].
    places: HashMap<String, usize>,
}

impl Names {
    /// The place of a name; names beyond the limit share the last one.
    fn place(&mut self, name: &str) -> usize {
        let short = shortened(name);
        let folded = GroupSizes::folded(&short);
        if let Some(&place) = self.places.get(&folded) {
            // The same one of several spellings, whichever comes first.
            if short < self.list[place] {
                self.list[place] = short;
            }
            return place;
        }
        let place = self.list.len().min(MAX_NAMES);
        if place < MAX_NAMES {
            self.list.push(short);
            self.places.insert(folded, place);
        } else if self.list.len() == MAX_NAMES {
            self.list.push(LATER_NAMES.to_owned());
        }
        place
    }

    pub(crate) fn name(&self, place: usize) -> &str {
        &self.list[place]
    }

    /// How a folded name is spelled.
    fn spelled(&self, folded: &str) -> Option<&str> {
        self.places.get(folded).map(|&place| self.name(place))
    }
}

/// Whether a character steers a terminal, breaks a line or turns what follows around, so that it reads as another name.
pub(crate) fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn hash_of(one: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    one.hash(&mut hasher);
    hasher.finish()
}

/// A name without line breaks and not too long to print.
pub(crate) fn shortened(name: &str) -> String {
    let clean: String = name.chars().map(|c| if steers(c) { ' ' } else { c }).collect();
    let clean = clean.trim();
    match clean.char_indices().nth(MAX_NAME_CHARS) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean.to_owned(),
    }
}

/// Sums by the name of a group. Interactions without a name count apart.
#[derive(Default)]
pub(crate) struct Dimension {
    pub(crate) names: Names,
    pub(crate) sums: BTreeMap<usize, Sums>,
    pub(crate) unnamed: u64,
}

impl Dimension {
    fn add(&mut self, name: Option<&str>, p: f64, flagged: bool) -> Option<usize> {
        let Some(name) = name else {
            self.unnamed += 1;
            return None;
        };
        let place = self.names.place(name);
        self.sums.entry(place).or_default().add(p, flagged);
        Some(place)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Sums)> {
        self.sums.iter().map(|(place, sums)| (self.names.name(*place), sums))
    }
}

/// Sums by the first day of a week or month, and by what read the messages.
pub(crate) type Periods = BTreeMap<(Date, usize), Sums>;

/// The same sums by week, by month and by year: which serves is known at the end.
#[derive(Default)]
pub(crate) struct Calendar {
    pub(crate) weeks: Periods,
    pub(crate) months: Periods,
    pub(crate) years: Periods,
}

impl Calendar {
    fn add(&mut self, day: Date, segment: usize, p: f64, flagged: bool) {
        let monday = day.checked_sub(jiff::Span::new().days(days_after_monday(day)));
        for (periods, first) in [
            (&mut self.weeks, monday.unwrap_or(day)),
            (&mut self.months, day.first_of_month()),
            (&mut self.years, day.first_of_year()),
        ] {
            periods.entry((first, segment)).or_default().add(p, flagged);
        }
    }
}

fn days_after_monday(day: Date) -> i64 {
    i64::from(day.weekday().since(Weekday::Monday))
}

/// What read a stretch of interactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) model: String,
    pub(crate) policy: String,
    pub(crate) policy_hash: Option<String>,
}

impl Reader {
    fn of(verdict: &Verdict) -> Self {
        Self {
            model: verdict.model.clone(),
            policy: verdict.policy.clone(),
            policy_hash: verdict.policy_hash.clone(),
        }
    }
}

/// Where bad moments come from, among flagged interactions.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) roles: Names,
    pub(crate) by_role: BTreeMap<usize, u64>,
    pub(crate) silence: u64,
    /// The touchpoint has no role.
    pub(crate) unnamed: u64,
    /// The interaction opened with the bad experience.
    pub(crate) opening: u64,
}

/// All that a report is made of.
#[derive(Default)]
pub struct Collected {
    pub(crate) interactions: u64,
    pub(crate) not_assessable: u64,
    pub(crate) none_scored: u64,
    pub(crate) undated: u64,
    /// Dates after this one are wrong.
    pub(crate) dated_until: Option<Timestamp>,
    pub(crate) misdated: u64,
    pub(crate) messages: u64,
    pub(crate) messages_failed: u64,
    pub(crate) failures: BTreeMap<String, u64>,
    pub(crate) repeated_names: u64,
    pub(crate) counted_twice: u64,
    pub(crate) unreadable: u64,
    pub(crate) errors: Vec<Unreadable>,
    pub(crate) days: Option<[Date; 2]>,
    pub(crate) readers: Vec<(Reader, Sums)>,
    pub(crate) all: Sums,
    pub(crate) calendar: Calendar,
    pub(crate) by_channel: Dimension,
    pub(crate) channel_calendars: BTreeMap<usize, Calendar>,
    pub(crate) by_intent: Dimension,
    pub(crate) by_sector: Dimension,
    pub(crate) sources: Sources,
    pub(crate) repeat: Sums,
    pub(crate) repeat_by_intent: Dimension,
    pub(crate) escalation: Sums,
    pub(crate) handoffs: u64,
    pub(crate) praise: u64,
    pub(crate) recovered: u64,
    pub(crate) went_bad: u64,
    /// Interactions by experience, 1 to 5.
    pub(crate) experience: [u64; 5],
    /// By intent and folded channel.
    pub(crate) strata: BTreeMap<(String, String), Sums>,
    pub(crate) shelf: Shelf,
    pub(crate) contacts: Contacts,
    pub(crate) states: Option<States>,
    seen_names: HashSet<u64>,
    /// Names with the time they began, and rows that failed.
    seen: HashSet<u64>,
}

impl Collected {
    /// Collects nothing yet. Interactions dated later than `dated_until`, or before 1990, are taken to be dated wrongly:
    /// they count, and are left out of all that goes by time.
    pub fn dated_until(dated_until: Timestamp) -> Self {
        Self { dated_until: Some(dated_until), ..Self::default() }
    }

    /// Reads lines of `judge` to the end; unreadable ones are counted and the first of them named. An interaction that came
    /// before, by its name and start, counts no second time: the first line of it counts, but for its contact, where the later
    /// end does.
    ///
    /// # Errors
    /// If the reader fails, or the disk is full.
    pub fn read(&mut self, lines: impl BufRead) -> io::Result<()> {
        self.each_line(lines, |all, json| {
            Ok(match Line::parse(json) {
                Ok(line) => all.add(line).map(Ok)?,
                Err(error) => Err(error),
            })
        })
    }

    /// Reads states of the same interactions, as `judge --states` keeps them, for what verdicts do not tell: what
    /// changes over an answer. States of one interaction, by its name, are joined: given again, or in parts, it counts once.
    /// Unreadable ones are counted and the first of them named. All go by the judge and policy of the first call.
    ///
    /// # Errors
    /// If the reader fails, the disk is full, or a state has more roles than there can be functions.
    pub fn read_states(
        &mut self,
        lines: impl BufRead,
        judge: &Judge,
        policy: &Policy,
    ) -> io::Result<()> {
        self.each_line(lines, |all, json| {
            let Ok(state) = serde_json::from_slice::<InteractionState>(json) else {
                return Ok(Err(LineError::new("is no state as `judge --states` keeps it")));
            };
            let states =
                all.states.get_or_insert_with(|| States::new(judge.clone(), policy.clone()));
            match states.check(&state) {
                Ok(()) => states.piles.add(state).map(Ok),
                Err(error) if error.kind() == ErrorKind::Policy => Err(io::Error::other(error)),
                Err(error) => Ok(Err(LineError::new(error.to_string()))),
            }
        })
    }

    fn each_line(
        &mut self,
        lines: impl BufRead,
        mut take: impl FnMut(&mut Self, &[u8]) -> io::Result<Result<(), LineError>>,
    ) -> io::Result<()> {
        each_line(lines, |row, line| {
            if let Err(error) = line.map_or_else(|error| Ok(Err(error)), |json| take(self, json))? {
                self.fail(row, error);
            }
            Ok(())
        })
    }

    /// The first unreadable lines, at most twenty.
    pub fn errors(&self) -> &[Unreadable] {
        &self.errors
    }

    /// How many lines could not be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// Whether no line of `judge` was read: no verdict, and of failed rows, which other commands write too, none without lines
    /// that are not `judge`'s beside them.
    pub fn is_empty(&self) -> bool {
        self.interactions == 0 && (self.failures.is_empty() || self.unreadable > 0)
    }

    fn fail(&mut self, row: u64, error: LineError) {
        self.unreadable += 1;
        if self.errors.len() < MAX_NAMED_ERRORS {
            self.errors.push(Unreadable { row, error });
        }
    }

    /// Adds one line.
    ///
    /// # Errors
    /// If the disk is full.
    pub fn add(&mut self, line: Line) -> io::Result<()> {
        let mut verdict = match line {
            Line::Verdict(verdict) => *verdict,
            Line::Failed(failure) => {
                // Nothing but a row may be one of any file.
                let is_named = failure.file.is_some() || failure.name.is_some();
                if !is_named || self.seen.insert(hash_of(&failure)) {
                    *self.failures.entry(shortened(&failure.kind)).or_default() += 1;
                }
                return Ok(());
            }
        };
        let mut hasher = DefaultHasher::new();
        verdict.interaction.hash(&mut hasher);
        self.repeated_names += u64::from(!self.seen_names.insert(hasher.finish()));
        verdict.start.hash(&mut hasher);
        if verdict.start.is_none() {
            // Without names of their own, undated ones go by their row, which another file has too.
            let said = (verdict.risk.map(f64::to_bits), verdict.messages, verdict.failed);
            (said, &verdict.channel, &verdict.customer).hash(&mut hasher);
        }
        let came_before = !self.seen.insert(hasher.finish());
        let misdated = self.is_misdated(&verdict);
        if misdated {
            // One of them would stretch the line over centuries, and let what is at stake decay to nothing.
            (verdict.start, verdict.end) = (None, None);
        }
        match contact(&verdict) {
            Some(contact) => self.contacts.add(contact)?,
            None => self.contacts.left_out += u64::from(!came_before),
        }
        if came_before {
            self.counted_twice += 1;
            return Ok(());
        }
        self.interactions += 1;
        self.messages += verdict.messages;
        self.messages_failed += verdict.failed;
        let day = verdict.start.map(|start| TimeZone::UTC.to_datetime(start).date());
        match day {
            Some(day) => {
                let [first, last] = self.days.unwrap_or([day, day]);
                self.days = Some([first.min(day), last.max(day)]);
            }
            None if misdated => self.misdated += 1,
            None => self.undated += 1,
        }
        match verdict.risk {
            Some(risk) => self.assessed(verdict, risk, day),
            None => {
                self.not_assessable += 1;
                let none_scored = verdict.messages > 0 && verdict.failed == verdict.messages;
                self.none_scored += u64::from(none_scored);
            }
        }
        Ok(())
    }

    /// Whether a time can be none: it stands for none, lies ahead, or the end lies before the start.
    fn is_misdated(&self, verdict: &Verdict) -> bool {
        let is_none =
            |at| at < Message::EARLIEST || self.dated_until.is_some_and(|latest| at > latest);
        verdict.start.zip(verdict.end).is_some_and(|(start, end)| end < start)
            || [verdict.start, verdict.end].into_iter().flatten().any(is_none)
    }

    fn assessed(&mut self, verdict: Verdict, risk: f64, day: Option<Date>) {
        let flagged = verdict.flagged;
        let segment = self.segment(&verdict);
        self.readers[segment].1.add(risk, flagged);
        self.all.add(risk, flagged);
        let channel = self.by_channel.add(verdict.channel.as_deref(), risk, flagged);
        self.by_intent.add(verdict.intent.as_deref(), risk, flagged);
        self.by_sector.add(verdict.sector.as_deref(), risk, flagged);
        if let Some(day) = day {
            self.calendar.add(day, segment, risk, flagged);
            if let Some(channel) = channel {
                let calendar = self.channel_calendars.entry(channel).or_default();
                calendar.add(day, segment, risk, flagged);
            }
        }
        let name = |name: &Option<String>| name.as_deref().map(shortened).unwrap_or_default();
        let stratum = (name(&verdict.intent), GroupSizes::folded(&name(&verdict.channel)));
        // Beyond the limit all further kinds are one.
        let known = self.strata.len() < MAX_NAMES * 20 || self.strata.contains_key(&stratum);
        let later = || (LATER_NAMES.to_owned(), LATER_NAMES.to_owned());
        let stratum = if known { stratum } else { later() };
        self.strata.entry(stratum).or_default().add(risk, flagged);
        if let Some(signals) = verdict.signals {
            let p = signals.repeat_contact;
            self.repeat.add(p, p >= 0.5);
            self.repeat_by_intent.add(verdict.intent.as_deref(), p, p >= 0.5);
            self.escalation.add(signals.escalation, signals.escalation >= 0.5);
        }
        self.handoffs += verdict.handoffs;
        self.praise += u64::from(verdict.praise && !verdict.went_bad());
        self.recovered += u64::from(verdict.recovered);
        self.went_bad += u64::from(verdict.went_bad());
        if let Some(mark) = verdict.experience {
            self.experience[usize::from(mark) - 1] += 1;
        }
        if flagged {
            match &verdict.touchpoint {
                Some(touchpoint) if touchpoint.silence => self.sources.silence += 1,
                Some(touchpoint) => match &touchpoint.role {
                    Some(role) => {
                        let place = self.sources.roles.place(role);
                        *self.sources.by_role.entry(place).or_default() += 1;
                    }
                    None => self.sources.unnamed += 1,
                },
                None => self.sources.opening += 1,
            }
        }
        self.shelf.offer(verdict, risk);
    }

    /// The place of what read this; more than the limit share the last.
    fn segment(&mut self, verdict: &Verdict) -> usize {
        let found = self.readers.iter().position(|(r, _)| {
            r.model == verdict.model
                && r.policy == verdict.policy
                && r.policy_hash == verdict.policy_hash
        });
        found.unwrap_or_else(|| {
            if self.readers.len() < MAX_NAMES {
                self.readers.push((Reader::of(verdict), Sums::default()));
            }
            self.readers.len() - 1
        })
    }

    /// The kinds of interactions of two periods beside each other.
    pub(crate) fn strata_beside(before: &Self, after: &Self) -> Strata {
        let mut strata = Strata::new();
        let spelled = |channel: &str| {
            let either = [before, after].map(|side| side.by_channel.names.spelled(channel));
            either.into_iter().flatten().min().unwrap_or(channel).to_owned()
        };
        for (period, collected) in [before, after].into_iter().enumerate() {
            for ((intent, channel), sums) in &collected.strata {
                let stratum = (intent.clone(), spelled(channel));
                strata.entry(stratum).or_default()[period].merge(sums);
            }
        }
        strata
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_skipped_and_the_rest_is_read() {
        let mut input = vec![b'x'; (16 << 20) + 5];
        input.extend_from_slice(b"\n\n{\"error\":{\"kind\":\"input\"}}\n");
        let mut collected = Collected::default();
        collected.read(input.as_slice()).expect("memory is read");
        assert_eq!(collected.unreadable(), 1);
        assert_eq!(collected.errors()[0].row, 1);
        assert_eq!(collected.failures.get("input"), Some(&1));
    }

    #[test]
    fn a_row_that_failed_counts_once_where_something_names_it() {
        let line = |names: &str| format!("{{{names}\"row\":7,\"error\":{{\"kind\":\"input\"}}}}\n");
        for (names, n) in [
            (["\"file\":\"a\",", "\"file\":\"a\","], 1),
            (["\"file\":\"a\",", "\"file\":\"b\","], 2),
            (["\"id\":\"m\",", "\"id\":\"m\","], 1),
            // Two files may fail in one row.
            (["\"id\":null,", "\"id\":null,"], 2),
        ] {
            let mut collected = Collected::default();
            collected.read(names.map(line).concat().as_bytes()).expect("memory is read");
            assert_eq!(collected.failures.get("input"), Some(&n), "{names:?}");
        }
    }

    #[test]
    fn names_are_bounded_in_number_and_length() {
        let mut names = Names::default();
        for i in 0..1000 {
            names.place(&format!("{i}{}", "x".repeat(500)));
        }
        assert_eq!(names.list.len(), MAX_NAMES + 1);
        assert!(names.list.iter().all(|name| name.chars().count() <= MAX_NAME_CHARS + 1));
        assert_eq!(names.name(names.places.len()), LATER_NAMES);
    }
}
