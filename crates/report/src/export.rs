//! The tables for other programs: JSON as they are, CSV as one long table, which [`crate::text`] sets for people.

use std::io::Write;

use beleving::{Compared, Group};

use crate::error::ReportError;
use crate::estimate::{Estimate, wilson};
use crate::tables::{Groups, Point, Tables};

/// Columns of the CSV.
pub(crate) const COLUMNS: [&str; 8] =
    ["table", "group", "detail", "n", "flagged", "value", "low", "high"];

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

    /// Writes all tables as rows `table,group,detail,n,flagged,value,low,high`. Moments have no numbers and are left
    /// out.
    ///
    /// # Errors
    /// [`ReportError::Write`] if the writer fails.
    pub fn write_csv(&self, out: impl Write) -> Result<(), ReportError> {
        let mut out = csv::Writer::from_writer(out);
        let written = (|| {
            out.write_record(COLUMNS)?;
            for [table, group, detail, rest @ ..] in self.rows() {
                let names = [table, unarmed(&group), unarmed(&detail)];
                out.write_record(names.into_iter().chain(rest))?;
            }
            Ok(())
        })();
        written.map_err(|error: csv::Error| ReportError::Write(error.into()))?;
        out.flush().map_err(ReportError::Write)
    }

    /// Rows of the tables, by [`COLUMNS`].
    pub(crate) fn rows(&self) -> Vec<[String; 8]> {
        let mut all = Rows(Vec::new());
        let rows = &mut all;
        let counts = &self.counts;
        for (name, n) in [
            ("interactions", counts.interactions),
            ("assessed", counts.assessed),
            ("flagged", counts.flagged),
            ("not_assessable", counts.not_assessable),
            ("undated", counts.undated),
            ("misdated", counts.misdated),
            ("messages", counts.messages),
            ("messages_failed", counts.messages_failed),
            ("unreadable", counts.unreadable),
            ("repeated_names", counts.repeated_names),
            ("counted_twice", counts.counted_twice),
        ] {
            rows.count("counts", name, n);
        }
        for (kind, n) in &counts.failed_rows {
            rows.count("failed_rows", kind, *n);
        }
        if let Some(overall) = &self.overall {
            rows.estimate("overall", ["", ""], counts.assessed, counts.flagged, Some(overall));
        }
        rows.points("over_time", "", &self.over_time);
        for series in &self.channels_over_time {
            rows.points("channel_over_time", &series.name, &series.points);
        }
        rows.groups("by_channel", &self.by_channel);
        rows.groups("by_intent", &self.by_intent);
        rows.groups("by_sector", &self.by_sector);
        for row in &self.touchpoints.rows {
            let source = row.source.name();
            let role = row.role.as_deref().unwrap_or_default();
            rows.values("touchpoints", [source, role], Some(row.n), row.share);
        }
        for (name, groups) in [
            ("by_channel", &self.by_channel),
            ("by_intent", &self.by_intent),
            ("by_sector", &self.by_sector),
        ] {
            rows.withheld(name, groups.withheld, groups.withheld_n);
        }
        rows.withheld("touchpoints", self.touchpoints.withheld, self.touchpoints.withheld_n);
        if let Some(answers) = &self.answers {
            rows.changes("change_by_role", &answers.by_role, |group| {
                let [low, high] = group.interval;
                [group.risk_change, low, high]
            });
            if let Some(claims) = &answers.by_claim {
                rows.changes("meant_and_felt", claims, gap);
            }
        }
        for (name, count) in [
            ("repeat_contacts", self.rework.repeat_count),
            ("escalations", self.rework.escalation_count),
            ("cost", self.rework.cost.as_ref().map(|cost| cost.total)),
        ] {
            if let Some(count) = count {
                rows.values("rework", [name, ""], None, count);
            }
        }
        rows.count("rework", "handoffs", self.rework.handoffs);
        rows.groups("repeat_by_intent", &self.rework.by_intent);
        if let Some(returns) = &self.returns {
            rows.part("returns", "", returns.contacts, returns.repeats, returns.share);
            for row in &returns.by_intent {
                let name = row.intent.name();
                rows.part("returns_by_intent", name, row.contacts, row.repeats, row.share);
            }
            rows.withheld("returns_by_intent", returns.withheld, returns.withheld_n);
            rows.count("counts", "without_customer_or_date", returns.left_out);
        }
        if let Some(stake) = &self.at_stake {
            match &stake.together {
                Some(together) => {
                    for (from, n) in crate::across::LEVELS.iter().zip(together.levels) {
                        rows.count("at_stake_from", &from.to_string(), n);
                    }
                    for (name, mean) in [
                        ("all", together.mean.total()),
                        ("bad_endings", together.mean.bad_endings),
                        ("rework", together.mean.rework),
                        ("leaving", together.mean.leaving),
                        ("silence", together.mean.silence),
                    ] {
                        rows.value("at_stake_mean", name, Some(stake.customers), mean);
                    }
                }
                None => rows.withheld("at_stake", 1, stake.customers),
            }
            for one in &stake.named {
                rows.value("at_stake_customer", &one.customer, None, one.total);
            }
        }
        rows.count("well", "praise", self.well.praise);
        rows.count("well", "recovered", self.well.recovered);
        rows.count("well", "went_bad", self.well.went_bad);
        for (mark, n) in (1..).zip(self.well.experience) {
            rows.count("experience", &mark.to_string(), n);
        }
        if let Some(comparison) = &self.comparison {
            let mut difference = |name: &str, group: &str, found: &crate::Difference| {
                rows.values(name, [group, ""], None, [found.difference, found.low, found.high])
            };
            difference("comparison", "standardised", &comparison.standardised);
            difference("comparison", "crude", &comparison.crude);
            for (name, found) in &comparison.by_intent {
                difference("comparison_by_intent", name, found);
            }
            for (name, found) in &comparison.by_channel {
                difference("comparison_by_channel", name, found);
            }
        }
        all.0
    }
}

/// The gap of a claim with Wilson's interval of what was felt; what it is set against rests on many more answers.
pub(crate) fn gap(group: &Group) -> [f64; 3] {
    let all = group.felt_bad - group.gap;
    let [low, high] = wilson(group.felt_bad, group.answers as f64);
    [group.gap, low - all, high - all]
}

/// Name of a claim, as outputs have it.
pub(crate) fn claim(group: &Group) -> String {
    let name = group.claim.and_then(|claim| serde_json::to_value(claim).ok());
    name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

struct Rows(Vec<[String; 8]>);

impl Rows {
    fn push(&mut self, names: [&str; 3], n: [Option<u64>; 2], values: [Option<f64>; 3]) {
        let [table, group, detail] = names.map(str::to_owned);
        let [n, flagged] = n.map(|n| n.map(|n| n.to_string()).unwrap_or_default());
        let [value, low, high] =
            values.map(|value| value.map(|value| format!("{value:.6}")).unwrap_or_default());
        self.0.push([table, group, detail, n, flagged, value, low, high]);
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

    /// A part of `n` with its interval.
    fn part(&mut self, table: &str, group: &str, n: u64, of_these: u64, share: [f64; 3]) {
        self.push([table, group, ""], [Some(n), Some(of_these)], share.map(Some));
    }

    /// How many groups of a table are withheld, if any, and how much is in them.
    fn withheld(&mut self, table: &str, groups: u64, n: u64) {
        if groups > 0 {
            let detail = format!("{groups} groups");
            self.push(["withheld", table, &detail], [Some(n), None], [None; 3]);
        }
    }

    fn changes(&mut self, table: &str, found: &Compared, value: fn(&Group) -> [f64; 3]) {
        for group in &found.groups {
            let felt_bad = (group.felt_bad * group.answers as f64).round() as u64;
            let (claim, channel) = (claim(group), group.channel.as_deref().unwrap_or_default());
            let names = if group.claim.is_some() {
                [&*claim, &*group.role]
            } else {
                [&*group.role, channel]
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

    fn points(&mut self, table: &str, group: &str, points: &[Point]) {
        for point in points {
            let names = [if group.is_empty() { &point.from } else { group }, &point.from];
            self.estimate(table, names, point.n, point.flagged, point.estimate.as_ref());
        }
    }

    fn groups(&mut self, table: &str, groups: &Groups) {
        for group in &groups.rows {
            let names = [group.name.as_str(), ""];
            self.estimate(table, names, group.n, group.flagged, Some(&group.estimate));
        }
    }
}

/// A name that a spreadsheet would run as a formula gets an apostrophe before it.
fn unarmed(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t']) { format!("'{name}") } else { name.to_owned() }
}
