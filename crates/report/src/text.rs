//! The tables for a terminal: each with its heading, columns below each other.

use std::io::Write;

use crate::collect::steers;
use crate::error::ReportError;
use crate::export::COLUMNS;
use crate::tables::Tables;

/// What each table shows, and what its columns `n` and `flagged` count.
const HEADINGS: [(&str, &str, [&str; 2]); 28] = [
    ("counts", "What was read", ["n", ""]),
    ("days", "First and last day on which an interaction began", ["", ""]),
    ("counts_before", "What was read of the time before", ["n", ""]),
    ("days_before", "First and last day of the time before", ["", ""]),
    ("failed_rows", "Rows that failed, by kind", ["rows", ""]),
    ("failed_rows_before", "Rows of the time before that failed, by kind", ["rows", ""]),
    ("overall", "Share of interactions that went wrong", ["assessed", "flagged"]),
    ("comparison", "Difference in that share, after minus before", ["", ""]),
    ("comparison_by_intent", "The same difference, by main intent", ["", ""]),
    ("comparison_by_channel", "The same difference, by channel", ["", ""]),
    ("over_time", "The same over time", ["assessed", "flagged"]),
    ("channel_over_time", "The same over time, by channel", ["assessed", "flagged"]),
    ("by_channel", "By channel", ["assessed", "flagged"]),
    ("by_intent", "By main intent", ["assessed", "flagged"]),
    ("by_sector", "By sector", ["assessed", "flagged"]),
    ("touchpoints", "What customers reacted to in flagged interactions", ["n", ""]),
    (
        "change_by_role",
        "Change of the risk over an answer, above 0 worse: association, not blame",
        ["answers", "bad after"],
    ),
    (
        "meant_and_felt",
        "Meant and felt: bad messages after a claim, against all answers",
        ["answers", "bad after"],
    ),
    ("rework", "Rework within interactions", ["n", ""]),
    ("repeat_by_intent", "Had to ask again, by main intent", ["assessed", "0.5 or more"]),
    ("returns", "Came back: same customer and related intent", ["contacts", "came back"]),
    ("returns_by_intent", "Came back, by every intent of at least 0.5", ["contacts", "came back"]),
    ("at_stake_from", "At stake: customers from this weight on, to the next", ["customers", ""]),
    ("at_stake_mean", "At stake, mean of a customer; no probability of leaving", ["customers", ""]),
    ("at_stake_customer", "Customers with most at stake; no probability of leaving", ["", ""]),
    ("well", "What went well", ["n", ""]),
    ("experience", "Experience, 1 very bad to 5 very good", ["n", ""]),
    (
        "withheld",
        "Withheld: too small, without a role, one person's, or what would tell these",
        ["n", ""],
    ),
];

impl Tables {
    /// Writes the tables to be read in a terminal.
    ///
    /// # Errors
    /// [`ReportError::Write`] if the writer fails.
    pub fn write_text(&self, mut out: impl Write) -> Result<(), ReportError> {
        let rows = self.rows();
        let mut order: Vec<&str> = HEADINGS.iter().map(|(table, ..)| *table).collect();
        for [table, ..] in &rows {
            if !order.contains(&table.as_str()) {
                order.push(table);
            }
        }
        for table in order {
            let rows: Vec<&[String; 9]> = rows.iter().filter(|row| row[0] == table).collect();
            if !rows.is_empty() {
                block(&mut out, table, &rows).map_err(ReportError::Write)?;
            }
        }
        Ok(())
    }
}

fn block(out: &mut impl Write, table: &str, rows: &[&[String; 9]]) -> std::io::Result<()> {
    let found = HEADINGS.iter().find(|(name, ..)| *name == table);
    let (heading, counted) = found.map_or((table, ["n", "flagged"]), |(_, text, n)| (*text, *n));
    let mut heads: [String; 9] = COLUMNS.map(str::to_owned);
    [heads[3], heads[4]] = counted.map(str::to_owned);
    heads[1] = String::new();
    heads[2] = String::new();
    // Columns in which no row has anything, or only what stands before it, are left out.
    let says = |c: usize, row: &[String; 9]| !row[c].is_empty() && (c != 2 || row[c] != row[1]);
    let columns: Vec<usize> =
        (1..COLUMNS.len()).filter(|&c| rows.iter().any(|row| says(c, row))).collect();
    let cells: Vec<Vec<String>> = std::iter::once(&heads)
        .chain(rows.iter().copied())
        .map(|row| columns.iter().map(|&c| cell(c, &row[c])).collect())
        .collect();
    let width = |c: usize| cells.iter().map(|row| row[c].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    writeln!(out, "{heading}")?;
    let from = usize::from(columns.iter().all(|&c| heads[c].is_empty()));
    for row in &cells[from..] {
        let mut line = String::new();
        for ((&column, cell), &width) in columns.iter().zip(row).zip(&widths) {
            line.push_str("  ");
            line.push_str(&if is_name(column) {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            });
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)
}

/// Names stand before the numbers, and what read them after.
fn is_name(column: usize) -> bool {
    column < 3 || COLUMNS[column] == "reader"
}

/// Three decimals are enough to read, and a name may hold what steers a terminal.
fn cell(column: usize, text: &str) -> String {
    match text.parse::<f64>() {
        Ok(value) if column > 4 && !is_name(column) => format!("{value:.3}"),
        _ => text.chars().map(|c| if steers(c) { ' ' } else { c }).collect(),
    }
}
