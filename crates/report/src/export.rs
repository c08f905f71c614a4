//! The tables for other programs: JSON as they are, CSV as one long table, which [`crate::text`] sets for people.

use std::io::Write;

use beleving::{Compared, Group, MarkKind};
use beleving_archive::unarmed;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::across::{AtStake, Returns};
use crate::compare::{Comparison, Difference, Differences};
use crate::error::ReportError;
use crate::estimate::{Estimate, wilson};
use crate::tables::{Answers, Counts, Groups, Point, ReaderRow, Rework, Tables, Touchpoints, Well};

/// Columns of the CSV.
pub(crate) const COLUMNS: [&str; 9] =
    ["table", "group", "detail", "n", "flagged", "value", "low", "high", "reader"];

impl Tables {
    /// Writes all tables as one JSON object.
    ///
    /// # Errors
    /// [`ReportError::Write`] if the writer fails.
    pub fn write_json(&self, mut out: impl Write) -> Result<(), ReportError> {
        serde_json::to_writer_pretty(&mut out, self)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n"))
            .map_err(ReportError::Write)
    }

    /// Writes all tables as rows `table,group,detail,n,flagged,value,low,high,reader`; the last says over time what read a
    /// period, where several did. Moments have no numbers and are left out.
    ///
    /// # Errors
    /// [`ReportError::Write`] if the writer fails.
    pub fn write_csv(&self, out: impl Write) -> Result<(), ReportError> {
        let mut out = csv::Writer::from_writer(out);
        let written = (|| {
            out.write_record(COLUMNS)?;
            for [table, group, detail, numbers @ .., reader] in self.rows() {
                let names = [table, unarmed(&group), unarmed(&detail)];
                out.write_record(names.into_iter().chain(numbers).chain([unarmed(&reader)]))?;
            }
            Ok(())
        })();
        written.map_err(|error: csv::Error| ReportError::Write(error.into()))?;
        out.flush().map_err(ReportError::Write)
    }

    /// The groups that shares are given of, by the name of their table.
    fn groups(&self) -> [(&'static str, &Groups); 3] {
        [
            ("by_channel", &self.by_channel),
            ("by_intent", &self.by_intent),
            ("by_sector", &self.by_sector),
        ]
    }

    /// Rows of the tables, by [`COLUMNS`].
    pub(crate) fn rows(&self) -> Vec<[String; 9]> {
        let mut rows = Rows(Vec::new());
        rows.counts(["counts", "failed_rows"], &self.counts);
        rows.days("days", self.days.as_ref());
        if let Some(comparison) = &self.comparison {
            rows.counts(["counts_before", "failed_rows_before"], &comparison.before);
            rows.days("days_before", comparison.days_before.as_ref());
        }
        rows.shares(self);
        rows.touchpoints(&self.touchpoints);
        rows.withheld_groups(self);
        rows.answers(self.answers.as_ref());
        rows.rework(&self.rework);
        rows.returns(self.returns.as_ref());
        rows.at_stake(self.at_stake.as_ref());
        rows.well(&self.well);
        rows.comparison(self.comparison.as_ref());
        rows.0
    }
}

/// The gap of a claim with Wilson's interval of what was felt; what it is set against rests on many more answers.
pub(crate) fn gap(group: &Group) -> [f64; 3] {
    let all = group.felt_bad - group.gap;
    let [low, high] = wilson(group.felt_bad, group.answers);
    [group.gap, low - all, high - all]
}

/// Name of a claim, as JSON has it; empty where there is none.
pub(crate) fn claim(kind: Option<MarkKind>) -> &'static str {
    kind.map_or("", MarkKind::name)
}

/// Groups by claim in JSON: of the two intervals that a group has, the gap's.
pub(crate) fn gaps<S: Serializer>(found: &Option<Compared>, out: S) -> Result<S::Ok, S::Error> {
    let gap_of = |group: &Group| {
        json!({
            "claim": group.claim, "role": group.role, "interactions": group.interactions,
            "answers": group.answers, "felt_bad": group.felt_bad, "gap": gap(group),
        })
    };
    let gaps = found.as_ref().map(|Compared { groups, withheld, withheld_answers }| {
        let groups: Vec<Value> = groups.iter().map(gap_of).collect();
        json!({"groups": groups, "withheld": withheld, "withheld_answers": withheld_answers})
    });
    gaps.serialize(out)
}

struct Rows(Vec<[String; 9]>);

/// A method for each section.
impl Rows {
    fn counts(&mut self, [all, failed]: [&str; 2], counts: &Counts) {
        for (name, n) in [
            ("interactions", counts.interactions),
            ("assessed", counts.assessed),
            ("flagged", counts.flagged),
            ("not_assessable", counts.not_assessable),
            ("none_scored", counts.none_scored),
            ("undated", counts.undated),
            ("misdated", counts.misdated),
            ("messages", counts.messages),
            ("messages_failed", counts.messages_failed),
            ("unreadable", counts.unreadable),
            ("repeated_names", counts.repeated_names),
            ("counted_twice", counts.counted_twice),
        ] {
            self.count(all, name, n);
        }
        for (kind, n) in &counts.failed_rows {
            self.count(failed, kind, *n);
        }
    }

    fn days(&mut self, table: &str, days: Option<&[String; 2]>) {
        if let Some([first, last]) = days {
            self.push([table, first, last], [None; 2], [None; 3]);
        }
    }

    fn shares(&mut self, tables: &Tables) {
        let Counts { assessed, flagged, .. } = tables.counts;
        if let Some(overall) = &tables.overall {
            self.estimate("overall", ["", ""], assessed, flagged, Some(overall));
        }
        self.points("over_time", "", &tables.over_time, &tables.readers);
        for series in &tables.channels_over_time {
            self.points("channel_over_time", &series.name, &series.points, &tables.readers);
        }
        for (name, groups) in tables.groups() {
            self.groups(name, groups);
        }
    }

    fn touchpoints(&mut self, touchpoints: &Touchpoints) {
        for row in &touchpoints.rows {
            let role = row.role.as_deref().unwrap_or_default();
            self.values("touchpoints", [row.source.name(), role], Some(row.n), row.share);
        }
    }

    fn withheld_groups(&mut self, tables: &Tables) {
        for (name, groups) in tables.groups() {
            self.withheld(name, groups.withheld, groups.withheld_n);
        }
        let touchpoints = &tables.touchpoints;
        self.withheld("touchpoints", touchpoints.withheld, touchpoints.withheld_n);
    }

    fn answers(&mut self, answers: Option<&Answers>) {
        let Some(answers) = answers else { return };
        self.changes("change_by_role", &answers.by_role, |group| {
            let [low, high] = group.interval;
            [group.risk_change, low, high]
        });
        if let Some(claims) = &answers.by_claim {
            self.changes("meant_and_felt", claims, gap);
        }
    }

    fn rework(&mut self, rework: &Rework) {
        for (name, count) in [
            ("repeat_contacts", rework.repeat_count),
            ("escalations", rework.escalation_count),
            ("cost", rework.cost.as_ref().map(|cost| cost.total)),
        ] {
            if let Some(count) = count {
                self.values("rework", [name, ""], None, count);
            }
        }
        self.count("rework", "handoffs", rework.handoffs);
        let by_intent = &rework.by_intent;
        self.groups("repeat_by_intent", by_intent);
        self.withheld("repeat_by_intent", by_intent.withheld, by_intent.withheld_n);
    }

    fn returns(&mut self, returns: Option<&Returns>) {
        let Some(returns) = returns else { return };
        self.part("returns", "", returns.contacts, returns.repeats, returns.share);
        for row in &returns.by_intent {
            let name = row.intent.name();
            self.part("returns_by_intent", name, row.contacts, row.repeats, row.share);
        }
        self.withheld("returns_by_intent", returns.withheld, returns.withheld_n);
        self.count("counts", "without_customer_or_date", returns.left_out);
    }

    fn at_stake(&mut self, stake: Option<&AtStake>) {
        let Some(stake) = stake else { return };
        match &stake.together {
            Some(together) => {
                for (from, n) in together.levels_from.iter().zip(together.levels) {
                    self.count("at_stake_from", &from.to_string(), n);
                }
                for (name, mean) in [
                    ("all", together.mean.total()),
                    ("bad_endings", together.mean.bad_endings),
                    ("rework", together.mean.rework),
                    ("leaving", together.mean.leaving),
                    ("silence", together.mean.silence),
                ] {
                    self.value("at_stake_mean", name, Some(stake.customers), mean);
                }
            }
            None => self.withheld("at_stake", 1, stake.customers),
        }
        for one in &stake.named {
            self.value("at_stake_customer", &one.customer, None, one.total);
        }
    }

    fn well(&mut self, well: &Well) {
        self.count("well", "praise", well.praise);
        self.count("well", "recovered", well.recovered);
        self.count("well", "went_bad", well.went_bad);
        for (mark, n) in (1..).zip(well.experience) {
            self.count("experience", &mark.to_string(), n);
        }
    }

    fn comparison(&mut self, comparison: Option<&Comparison>) {
        let Some(comparison) = comparison else { return };
        self.difference("comparison", "standardised", &comparison.standardised);
        self.difference("comparison", "crude", &comparison.crude);
        for (table, by) in [
            ("comparison_by_intent", &comparison.by_intent),
            ("comparison_by_channel", &comparison.by_channel),
        ] {
            let Differences { rows, withheld, withheld_n } = by;
            rows.iter().for_each(|(name, found)| self.difference(table, name, found));
            self.withheld(table, *withheld, *withheld_n);
        }
    }
}

/// The rows that sections are made of.
impl Rows {
    fn push(&mut self, names: [&str; 3], n: [Option<u64>; 2], values: [Option<f64>; 3]) {
        let [table, group, detail] = names.map(str::to_owned);
        let [n, flagged] = n.map(|n| n.map(|n| n.to_string()).unwrap_or_default());
        let [value, low, high] =
            values.map(|value| value.map(|value| format!("{value:.6}")).unwrap_or_default());
        self.0.push([table, group, detail, n, flagged, value, low, high, String::new()]);
    }

    fn count(&mut self, table: &str, group: &str, n: u64) {
        self.push([table, group, ""], [Some(n), None], [None; 3]);
    }

    fn value(&mut self, table: &str, group: &str, n: Option<u64>, value: f64) {
        self.push([table, group, ""], [n, None], [Some(value), None, None]);
    }

    fn values(&mut self, table: &str, names: [&str; 2], n: Option<u64>, values: [f64; 3]) {
        self.push([table, names[0], names[1]], [n, None], values.map(Some));
    }

    fn difference(&mut self, table: &str, group: &str, found: &Difference) {
        self.values(table, [group, ""], None, [found.difference, found.low, found.high]);
    }

    /// A part of `n` with its interval.
    fn part(&mut self, table: &str, group: &str, n: u64, of_these: u64, share: [f64; 3]) {
        self.push([table, group, ""], [Some(n), Some(of_these)], share.map(Some));
    }

    /// How many groups of a table are withheld, if any, and how much is in them.
    fn withheld(&mut self, table: &str, groups: u64, n: u64) {
        if groups > 0 {
            let detail = format!("{groups} group{}", if groups == 1 { "" } else { "s" });
            self.push(["withheld", table, &detail], [Some(n), None], [None; 3]);
        }
    }

    fn changes(&mut self, table: &str, found: &Compared, value: fn(&Group) -> [f64; 3]) {
        for group in &found.groups {
            let felt_bad = (group.felt_bad * group.answers as f64).round() as u64;
            let names = match group.claim {
                Some(_) => [claim(group.claim), &group.role],
                None => [&*group.role, group.channel.as_deref().unwrap_or_default()],
            };
            let counts = [Some(group.answers), Some(felt_bad)];
            self.push([table, names[0], names[1]], counts, value(group).map(Some));
        }
        self.withheld(table, found.withheld as u64, found.withheld_answers);
    }

    fn estimate(
        &mut self,
        table: &str,
        names: [&str; 2],
        n: u64,
        flagged: u64,
        estimate: Option<&Estimate>,
    ) {
        let values = match estimate {
            Some(found) => [found.share, found.low, found.high].map(Some),
            None => [None; 3],
        };
        self.push([table, names[0], names[1]], [Some(n), Some(flagged)], values);
    }

    /// Where several readers read, a period may have a row of each.
    fn points(&mut self, table: &str, group: &str, points: &[Point], readers: &[ReaderRow]) {
        for point in points {
            let names = [if group.is_empty() { &point.from } else { group }, &point.from];
            self.estimate(table, names, point.n, point.flagged, point.estimate.as_ref());
            if let ([_, _, ..], Some([.., reader])) = (readers, self.0.last_mut()) {
                *reader = readers.get(point.reader).map(ReaderRow::name).unwrap_or_default();
            }
        }
    }

    fn groups(&mut self, table: &str, groups: &Groups) {
        if groups.is_empty() {
            return;
        }
        for group in &groups.rows {
            let names = [group.name.as_str(), ""];
            self.estimate(table, names, group.n, group.flagged, Some(&group.estimate));
        }
        if groups.unnamed > 0 {
            self.push([table, "", "not known"], [Some(groups.unnamed), None], [None; 3]);
        }
    }
}
