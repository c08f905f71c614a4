//! `beleving audit`: how right the scores are on one's own messages.

mod measure;
mod sample;

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use beleving_archive::{shape, unarmed};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::args::{AuditArgs, AuditCommand};
use crate::run::Outcome;
use crate::store::{beside, does_not_parse};
use crate::write::{open_jsonl, parse, require_place, write_whole};
use measure::{Labelled, Measured};
use sample::Sample;

/// What a CSV begins with that is UTF-8.
const BOM: [u8; 3] = *b"\xef\xbb\xbf";

/// So many labels or ratings that cannot be used are told one by one.
const MAX_NAMED: u64 = 20;

/// What a sheet is a sample of; kept apart from it, so that whoever labels does not see the risks.
#[derive(Serialize, Deserialize)]
struct Design {
    seed: u64,
    flag_at: f64,
    /// Messages of each stratum in the scores.
    strata: Vec<u64>,
    /// Risk and stratum of each row of the sheet, by its number.
    rows: BTreeMap<u64, (f64, usize)>,
}

/// What a line of scores says for an audit.
struct Scored {
    line: u64,
    risk: f64,
    flagged: bool,
    fields: serde_json::Map<String, Value>,
}

pub(crate) fn run(args: &AuditArgs) -> anyhow::Result<Outcome> {
    match &args.command {
        AuditCommand::Draw { scores, number, seed, output } => {
            draw(scores, *number as usize, *seed, output)?;
            Ok(Outcome::AllDone)
        }
        AuditCommand::Measure { sheet } => measure_sheet(sheet),
        AuditCommand::Rating { scores, rating, bad_at_most } => {
            measure_ratings(scores, rating, *bad_at_most)
        }
    }
}

fn draw(scores: &Path, number: usize, seed: u64, output: &Path) -> anyhow::Result<()> {
    require_place(output)?;
    if output.exists() {
        bail!(
            "`{}` is there already, perhaps with labels in it; name another file",
            output.display()
        );
    }
    let mut sample = Sample::new(number, seed);
    let mut threshold = Threshold::default();
    each_score(scores, |scored| {
        threshold.see(&scored);
        sample.offer(scored.risk, (scored.line, scored.risk, scored.fields));
        Ok(())
    })?;
    let (strata, mut drawn) = sample.finish();
    if drawn.is_empty() {
        bail!("`{}` holds no message with a risk", scores.display());
    }
    // In the order of the archive a sheet would tell what belongs together, and so what was flagged.
    sample::shuffle(&mut drawn, seed);
    let write = || format!("cannot write `{}`", output.display());
    let mut sheet = csv::Writer::from_writer(Vec::new());
    sheet.write_record(["row", "id", "interaction", "text", "label"])?;
    let mut rows = BTreeMap::new();
    for (n, (stratum, (line, risk, fields))) in drawn.into_iter().enumerate() {
        let text =
            |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        if text("text").is_empty() {
            bail!("line {line} of `{}` has no `text`; score with --with-text", scores.display());
        }
        let row = n as u64 + 1;
        rows.insert(row, (risk, stratum));
        let [id, interaction, text] = ["id", "interaction", "text"].map(|key| unarmed(&text(key)));
        sheet.write_record([&row.to_string(), &id, &interaction, &text, ""])?;
    }
    let mut sheet =
        sheet.into_inner().map_err(csv::IntoInnerError::into_error).with_context(write)?;
    if !sheet.is_ascii() {
        // Without it Excel reads a CSV in the code page of its country.
        sheet.splice(..0, BOM);
    }
    let design = Design { seed, flag_at: threshold.flag_at(), strata, rows };
    let path = design_of(output);
    std::fs::write(&path, serde_json::to_vec_pretty(&design)?)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    // Last and whole: where there is a sheet, none is drawn again.
    write_whole(output, |file| std::fs::write(file, sheet).with_context(write))?;
    tracing::info!(
        "{} messages in `{}`; write yes or no in `label`: would a careful reader of this message call \
         it a bad experience? Then: beleving audit measure {}",
        design.rows.len(),
        output.display(),
        output.display()
    );
    Ok(())
}

fn measure_sheet(sheet: &Path) -> anyhow::Result<Outcome> {
    let path = design_of(sheet);
    let design = File::open(&path)
        .with_context(|| format!("cannot read `{}`, which `audit draw` made", path.display()))?;
    let design: Design = serde_json::from_reader(BufReader::new(design))
        .map_err(|error| does_not_parse(&path, &error))?;
    let text = sheet_text(sheet)?;
    // Spreadsheets write the sheet back with their own delimiter.
    let semicolons = text.lines().next().is_some_and(|header| header.contains(';'));
    let delimiter = if semicolons { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header = reader.headers()?.clone();
    let place = |name: &str| {
        let found = header.iter().position(|column| column == name);
        found.with_context(|| format!("column `{name}` is missing in `{}`", sheet.display()))
    };
    let (row_at, label_at) = (place("row")?, place("label")?);
    let (mut labelled, mut refused) = (Vec::new(), Refused::default());
    let mut measured = HashSet::new();
    for (n, record) in (1u64..).zip(reader.records()) {
        let Ok(record) = record else {
            refused.say(format!("record {n} has other columns than the header"));
            continue;
        };
        let (row, label) = (&record[row_at], record[label_at].trim());
        let bad = match label.to_lowercase().as_str() {
            "" => continue,
            "yes" | "y" | "ja" | "j" | "1" | "true" | "bad" => true,
            "no" | "n" | "nee" | "0" | "false" | "ok" | "good" => false,
            _ => {
                refused
                    .say(format!("record {n}: `label` is `{}`, expected yes or no", shape(label)));
                continue;
            }
        };
        let number: Option<u64> = row.trim().parse().ok();
        match number.and_then(|number| design.rows.get(&number)) {
            Some(_) if !measured.insert(number) => {
                refused.say(format!("record {n}: its `row` has a label above already"));
            }
            Some(&(risk, stratum)) if stratum < design.strata.len() => {
                labelled.push(Labelled { risk, bad, stratum });
            }
            _ => refused.say(format!(
                "record {n}: `row` is `{}`, expected the number of a row that was drawn",
                shape(row)
            )),
        }
    }
    Measured::of(&labelled, &design.strata, design.flag_at)?.print()?;
    Ok(refused.outcome())
}

/// The text of a sheet, which a spreadsheet may have written back in another encoding.
fn sheet_text(sheet: &Path) -> anyhow::Result<String> {
    let shown = sheet.display();
    let bytes = std::fs::read(sheet).with_context(|| format!("cannot read `{shown}`"))?;
    let bytes = bytes.strip_prefix(&BOM).unwrap_or(&bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    tracing::warn!("`{shown}` is not UTF-8 and was read as Windows-1252");
    Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned())
}

/// Labels and ratings that could not be used.
#[derive(Default)]
struct Refused(u64);

impl Refused {
    fn say(&mut self, what: String) {
        self.0 += 1;
        if self.0 <= MAX_NAMED {
            tracing::warn!("{what}");
        }
    }

    fn outcome(&self) -> Outcome {
        if self.0 > MAX_NAMED {
            tracing::warn!("{} more cannot be used", self.0 - MAX_NAMED);
        }
        if self.0 == 0 { Outcome::AllDone } else { Outcome::SomeFailed }
    }
}

fn measure_ratings(scores: &Path, rating: &str, bad_at_most: f64) -> anyhow::Result<Outcome> {
    let (mut labelled, mut threshold) = (Vec::new(), Threshold::default());
    let mut refused = Refused::default();
    each_score(scores, |scored| {
        threshold.see(&scored);
        let mark = match scored.fields.get(rating) {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(()),
            Some(Value::String(text)) => {
                text.trim().replace(',', ".").parse().ok().filter(|mark: &f64| mark.is_finite())
            }
            Some(_) => None,
        };
        let Some(mark) = mark else {
            // It may be any field, somebody's name or message too.
            let value = scored.fields[rating].as_str().map_or("?".to_owned(), shape);
            refused
                .say(format!("line {}: `{rating}` is `{value}`, expected a number", scored.line));
            return Ok(());
        };
        labelled.push(Labelled { risk: scored.risk, bad: mark <= bad_at_most, stratum: 0 });
        Ok(())
    })?;
    if labelled.is_empty() && refused.0 == 0 {
        bail!("no line has `{rating}`; pass it through with --keep {rating} when scoring");
    }
    let strata = [labelled.len() as u64];
    Measured::of(&labelled, &strata, threshold.flag_at())?.print()?;
    Ok(refused.outcome())
}

/// The threshold that the flags were set by, as far as the scores show it.
#[derive(Default)]
struct Threshold {
    highest_unflagged: f64,
    lowest_flagged: Option<f64>,
}

impl Threshold {
    fn see(&mut self, scored: &Scored) {
        if scored.flagged {
            self.lowest_flagged =
                Some(self.lowest_flagged.map_or(scored.risk, |lowest| lowest.min(scored.risk)));
        } else {
            self.highest_unflagged = self.highest_unflagged.max(scored.risk);
        }
    }

    fn flag_at(&self) -> f64 {
        // Above every risk where nothing was flagged.
        self.lowest_flagged.unwrap_or(self.highest_unflagged + 1e-6)
    }
}

fn each_score(
    path: &Path,
    mut take: impl FnMut(Scored) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let shown = path.display();
    for (n, line) in open_jsonl(path)?.lines().enumerate() {
        let line = line.with_context(|| format!("cannot read `{shown}`"))?;
        let fields = parse(line.as_bytes())
            .with_context(|| format!("line {} of `{shown}` is no score", n + 1))?;
        let Some(risk) = fields.get("risk").and_then(Value::as_f64) else { continue };
        let flagged = fields.get("flagged").and_then(Value::as_bool).unwrap_or(false);
        take(Scored { line: n as u64 + 1, risk, flagged, fields })?;
    }
    Ok(())
}

fn design_of(sheet: &Path) -> PathBuf {
    beside(sheet, ".design.json")
}
