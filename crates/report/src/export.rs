//! The tables for other programs: JSON as they are, CSV as one long table.

use std::io::Write;

use crate::error::ReportError;
use crate::estimate::Estimate;
use crate::tables::{Groups, Point, Tables};

/// Columns of the CSV.
const COLUMNS: [&str; 8] = ["table", "group", "detail", "n", "flagged", "value", "low", "high"];

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
        let mut rows = Rows(csv::Writer::from_writer(out));
        self.rows(&mut rows).map_err(|error| ReportError::Write(error.into()))?;
        rows.0.flush().map_err(ReportError::Write)
    }

    fn rows<W: Write>(&self, rows: &mut Rows<W>) -> csv::Result<()> {
        rows.0.write_record(COLUMNS)?;
        let counts = &self.counts;
        for (name, n) in [
            ("interactions", counts.interactions),
            ("assessed", counts.assessed),
            ("flagged", counts.flagged),
            ("not_assessable", counts.not_assessable),
            ("undated", counts.undated),
            ("messages", counts.messages),
            ("messages_failed", counts.messages_failed),
            ("unreadable", counts.unreadable),
            ("repeated_names", counts.repeated_names),
        ] {
            rows.count("counts", name, n)?;
        }
        for (kind, n) in &counts.failed_rows {
            rows.count("failed_rows", kind, *n)?;
        }
        if let Some(overall) = &self.overall {
            rows.estimate("overall", ["", ""], counts.assessed, counts.flagged, Some(overall))?;
        }
        rows.points("over_time", "", &self.over_time)?;
        for series in &self.channels_over_time {
            rows.points("channel_over_time", &series.name, &series.points)?;
        }
        rows.groups("by_channel", &self.by_channel)?;
        rows.groups("by_intent", &self.by_intent)?;
        rows.groups("by_sector", &self.by_sector)?;
        for row in &self.touchpoints.rows {
            let source = row.source.name();
            let role = row.role.as_deref().unwrap_or_default();
            rows.values("touchpoints", [source, role], Some(row.n), row.share)?;
        }
        for (name, count) in [
            ("repeat_contacts", self.rework.repeat_count),
            ("escalations", self.rework.escalation_count),
            ("cost", self.rework.cost.as_ref().map(|cost| cost.total)),
        ] {
            if let Some(count) = count {
                rows.values("rework", [name, ""], None, count)?;
            }
        }
        rows.count("rework", "handoffs", self.rework.handoffs)?;
        rows.groups("repeat_by_intent", &self.rework.by_intent)?;
        rows.count("well", "praise", self.well.praise)?;
        rows.count("well", "recovered", self.well.recovered)?;
        rows.count("well", "went_bad", self.well.went_bad)?;
        for (mark, n) in (1..).zip(self.well.experience) {
            rows.count("experience", &mark.to_string(), n)?;
        }
        if let Some(comparison) = &self.comparison {
            let mut difference = |name: &str, group: &str, found: &crate::Difference| {
                rows.values(name, [group, ""], None, [found.difference, found.low, found.high])
            };
            difference("comparison", "standardised", &comparison.standardised)?;
            difference("comparison", "crude", &comparison.crude)?;
            for (name, found) in &comparison.by_intent {
                difference("comparison_by_intent", name, found)?;
            }
            for (name, found) in &comparison.by_channel {
                difference("comparison_by_channel", name, found)?;
            }
        }
        Ok(())
    }
}

struct Rows<W: Write>(csv::Writer<W>);

impl<W: Write> Rows<W> {
    fn count(&mut self, table: &str, group: &str, n: u64) -> csv::Result<()> {
        self.0.write_record([table, &unarmed(group), "", &n.to_string(), "", "", "", ""])
    }

    fn values(
        &mut self,
        table: &str,
        names: [&str; 2],
        n: Option<u64>,
        values: [f64; 3],
    ) -> csv::Result<()> {
        let [group, detail] = names.map(unarmed);
        let n = n.map(|n| n.to_string()).unwrap_or_default();
        let [value, low, high] = values.map(|value| format!("{value:.6}"));
        self.0.write_record([table, &group, &detail, &n, "", &value, &low, &high])
    }

    fn estimate(
        &mut self,
        table: &str,
        names: [&str; 2],
        n: u64,
        flagged: u64,
        estimate: Option<&Estimate>,
    ) -> csv::Result<()> {
        let [group, detail] = names.map(unarmed);
        let [value, low, high] = match estimate {
            Some(found) => [found.share, found.low, found.high].map(|p| format!("{p:.6}")),
            None => Default::default(),
        };
        let (n, flagged) = (n.to_string(), flagged.to_string());
        self.0.write_record([table, &group, &detail, &n, &flagged, &value, &low, &high])
    }

    fn points(&mut self, table: &str, group: &str, points: &[Point]) -> csv::Result<()> {
        for point in points {
            let names = [if group.is_empty() { &point.from } else { group }, &point.from];
            self.estimate(table, names, point.n, point.flagged, point.estimate.as_ref())?;
        }
        Ok(())
    }

    fn groups(&mut self, table: &str, groups: &Groups) -> csv::Result<()> {
        for group in &groups.rows {
            let names = [group.name.as_str(), ""];
            self.estimate(table, names, group.n, group.flagged, Some(&group.estimate))?;
        }
        Ok(())
    }
}

/// A name that a spreadsheet would run as a formula gets an apostrophe before it.
fn unarmed(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t']) { format!("'{name}") } else { name.to_owned() }
}
