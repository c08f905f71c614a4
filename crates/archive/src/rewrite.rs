//! Outputs read again and written without some of their rows, in the format they have.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Context, bail};
use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::bytes::{Line, read_line};
use crate::table::{Form, RawWriter, TableFormat};

/// Longest line of an output: a row that was kept may be as long as one that was read.
const MAX_LINE_BYTES: usize = 64 << 20;

/// The rows that go.
pub struct Filter {
    /// Names of the customer, as they may stand in the column `customer`.
    pub customers: BTreeSet<String>,
    /// Interactions that are this customer's alone.
    pub interactions: BTreeSet<String>,
}

impl Filter {
    fn removes(&self, customer: Option<&str>, interaction: Option<&str>) -> bool {
        customer.is_some_and(|name| self.customers.contains(name))
            || interaction.is_some_and(|name| self.interactions.contains(name))
    }
}

/// Tells the customer and the interaction of every row of an output.
///
/// # Errors
/// If the file cannot be read.
pub fn each_line(
    path: &Path,
    mut take: impl FnMut(Option<&str>, Option<&str>),
) -> anyhow::Result<()> {
    walk(path, None, &mut |customer, interaction| {
        take(customer, interaction);
        false
    })
    .map(|_| ())
}

/// Writes an output without the rows of a customer; gives how many those were.
///
/// # Errors
/// If the file cannot be read, or the other one not be written.
pub fn rewrite(path: &Path, to: &Path, filter: &Filter) -> anyhow::Result<u64> {
    walk(path, Some(to), &mut |customer, interaction| filter.removes(customer, interaction))
}

type Removes<'a> = &'a mut dyn FnMut(Option<&str>, Option<&str>) -> bool;

fn walk(path: &Path, to: Option<&Path>, removes: Removes<'_>) -> anyhow::Result<u64> {
    let format = TableFormat::of(path)?;
    match format.form() {
        Form::Jsonl => walk_jsonl(path, format, to, removes),
        Form::Csv(delimiter) => walk_csv(path, format, delimiter, to, removes),
        Form::Parquet => {
            let file = File::open(path).context("cannot open the file")?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
            let schema = builder.schema().clone();
            let writer = to.map(|to| RawWriter::create(to, format, schema)).transpose()?;
            walk_batches(builder.build()?, writer, removes)
        }
        Form::Arrow => {
            let file = BufReader::new(File::open(path).context("cannot open the file")?);
            let batches = arrow_ipc::reader::FileReader::try_new(file, None)?;
            let schema = batches.schema();
            let writer = to.map(|to| RawWriter::create(to, format, schema)).transpose()?;
            walk_batches(batches, writer, removes)
        }
    }
}

fn open(path: &Path, format: TableFormat) -> anyhow::Result<Box<dyn Read + Send>> {
    crate::bytes::open(path, format.packing(), &Arc::new(AtomicU64::new(0)))
}

fn walk_jsonl(
    path: &Path,
    format: TableFormat,
    to: Option<&Path>,
    removes: Removes<'_>,
) -> anyhow::Result<u64> {
    let mut input = BufReader::with_capacity(1 << 16, open(path, format)?);
    let mut output = to.map(|to| format.create_packed(to)).transpose()?;
    let (mut line, mut number, mut removed) = (Vec::new(), 0_u64, 0);
    loop {
        number += 1;
        match read_line(&mut input, MAX_LINE_BYTES, &mut line)? {
            Line::End => break,
            Line::TooLong => bail!("line {number} has over {MAX_LINE_BYTES} bytes"),
            Line::Whole => {}
        }
        let Ok(value) = serde_json::from_slice::<Value>(&line) else {
            bail!("line {number} is not JSON: this is no output of `score` or `judge`");
        };
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        if removes(text("customer"), text("interaction")) {
            removed += 1;
        } else if let Some(output) = &mut output {
            line.push(b'\n');
            output.write_all(&line)?;
        }
    }
    output.map_or(Ok(()), |output| output.finish())?;
    Ok(removed)
}

fn walk_csv(
    path: &Path,
    format: TableFormat,
    delimiter: u8,
    to: Option<&Path>,
    removes: Removes<'_>,
) -> anyhow::Result<u64> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).from_reader(open(path, format)?);
    let header = reader.headers()?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let (customer, interaction) = (place("customer"), place("interaction"));
    if interaction.is_none() && customer.is_none() {
        bail!("no column `customer` or `interaction`: this is no output of `score` or `judge`");
    }
    let mut output = match to {
        None => None,
        Some(to) => {
            let packed = format.create_packed(to)?;
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(packed);
            writer.write_record(&header)?;
            Some(writer)
        }
    };
    let (mut record, mut removed) = (csv::StringRecord::new(), 0);
    while reader.read_record(&mut record)? {
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).filter(|c| !c.is_empty());
        if removes(cell(customer), cell(interaction)) {
            removed += 1;
        } else if let Some(output) = &mut output {
            output.write_record(&record)?;
        }
    }
    if let Some(output) = output {
        output.into_inner().map_err(|error| error.into_error())?.finish()?;
    }
    Ok(removed)
}

fn walk_batches(
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    mut writer: Option<RawWriter>,
    removes: Removes<'_>,
) -> anyhow::Result<u64> {
    let mut removed = 0;
    for batch in batches {
        let batch = batch?;
        let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let (customers, interactions) = (column("customer"), column("interaction"));
        if customers.is_none() && interactions.is_none() {
            bail!("no column `customer` or `interaction`: this is no output of `score` or `judge`");
        }
        let stays: BooleanArray = (0..batch.num_rows())
            .map(|row| Some(!removes(cell(customers, row), cell(interactions, row))))
            .collect();
        removed += stays.false_count() as u64;
        if let Some(writer) = &mut writer {
            writer.write(&arrow_select::filter::filter_record_batch(&batch, &stays)?)?;
        }
    }
    writer.map_or(Ok(()), RawWriter::finish)?;
    Ok(removed)
}

fn cell(column: Option<&StringArray>, row: usize) -> Option<&str> {
    column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}
