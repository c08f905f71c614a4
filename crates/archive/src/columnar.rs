//! Parquet and Arrow IPC: record batches, made rows by Arrow's own JSON writer.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Context, anyhow, bail};
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampSecondType;
use arrow_array::{
    Array, ArrayRef, BooleanArray, GenericListArray, LargeStringArray, OffsetSizeTrait,
    RecordBatch, StructArray,
};
use arrow_ipc::reader::StreamReader;
use arrow_json::writer::LineDelimited;
use arrow_json::{LineDelimitedWriter, WriterBuilder};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::bytes::{Compression, MAX_ROW_BYTES};
use crate::columns::Columns;
use crate::input::{InputFile, ReadOptions};
use crate::jsonl;
use crate::record::{Fault, Origin, Record, Sink};

/// Rows that are decoded at a time. Few, since each may be as long as it likes, and a file may hold a long text once
/// that stands in all of them.
const BATCH: usize = 32;
/// Seconds since 1970 of the first and the last moment of the years 1 to 9999, which is as far as times can be written.
const YEARS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

const DAMAGED: &str = "the file is damaged";

const UNREADABLE: &str = "a column holds what cannot be read";

pub(crate) fn read_parquet(
    file: &InputFile,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let columns = &options.columns;
    if file.compression != Compression::None {
        bail!("a Parquet file is compressed within; unpack it first");
    }
    let opened = File::open(&file.path).context("cannot open the file")?;
    let mut reader = guarded(move || -> Result<_, ParquetError> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(opened)?;
        let schema = builder.schema().clone();
        let names = names(&schema);
        if let Err(error) = columns.check_header(&names) {
            return Ok(Err(error));
        }
        let wanted = (0..names.len()).filter(|n| columns.wants(&names[*n]));
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        Ok(Ok(builder.with_projection(mask).with_batch_size(BATCH).build()?))
    })?
    .context(DAMAGED)??;
    read_batches(|| reader.next(), options, sink)
}

pub(crate) fn read_arrow(
    file: &InputFile,
    options: &ReadOptions,
    bytes: &Arc<AtomicU64>,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let mut start = BufReader::new(crate::bytes::open(&file.path, file.compression, bytes)?);
    // After its mark and zeros, 8 bytes or 64 by who wrote it, the file form is a stream too. Read as one, no
    // length that a damaged file claims is believed before the bytes are there; by its index, memory is
    // taken for it at once.
    if start.fill_buf().context("cannot read the file")?.starts_with(b"ARROW1") {
        start.consume(6);
        while start.fill_buf().context("cannot read the file")?.first() == Some(&0) {
            start.consume(1);
        }
    }
    let mut reader = guarded(move || StreamReader::try_new(start, None))?.context(DAMAGED)?;
    options.columns.check_header(&names(&reader.schema()))?;
    read_batches(|| reader.next(), options, sink)
}

/// How times that name no zone go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naive {
    /// Without an offset: whoever reads them knows the zone.
    AsTheyAre,
    Utc,
    UtcAsWasSaid,
}

fn names(schema: &Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// Runs what a damaged file can make panic: these crates check less than they should.
fn guarded<T>(work: impl FnOnce() -> T) -> anyhow::Result<T> {
    crate::quietly(|| catch_unwind(AssertUnwindSafe(work))).map_err(|_| anyhow!(DAMAGED))
}

fn read_batches(
    mut next: impl FnMut() -> Option<Result<RecordBatch, ArrowError>>,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let columns = &options.columns;
    let mut naive = if options.times.has_zone() { Naive::AsTheyAre } else { Naive::Utc };
    let mut row = 0;
    loop {
        let batch = guarded(&mut next)?.transpose().context(DAMAGED)?;
        let Some(batch) = batch else { return Ok(()) };
        // Before it is cut: each part holds the dictionaries and lists of the whole, all of which a cast goes over.
        let batch = guarded(|| wanted(&batch, columns, &mut naive))?.context(UNREADABLE)?;
        // A few rows at a time: a batch of the file may be as large as its writer liked.
        for start in (0..batch.num_rows()).step_by(BATCH) {
            let part = batch.slice(start, BATCH.min(batch.num_rows() - start));
            let lines = guarded(|| json_lines(&part))?.context(UNREADABLE)?;
            let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            for line in lines {
                row += 1;
                let fields = if line.len() > MAX_ROW_BYTES {
                    Err(Fault::new(format!("the row has over {MAX_ROW_BYTES} bytes")))
                } else {
                    jsonl::parse(line)
                };
                sink.take(Record { file: None, row, origin: Origin::Table, fields })?;
            }
        }
    }
}

/// Stands for a time of none of these years, so that its row has an error of its own and keeps its names.
const NO_TIME: &str = "a time outside of the years 1 to 9999";

/// The columns that are read, as [`as_written`] says.
fn wanted(
    batch: &RecordBatch,
    columns: &Columns,
    naive: &mut Naive,
) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let wanted: Vec<usize> =
        (0..batch.num_columns()).filter(|n| columns.wants(schema.field(*n).name())).collect();
    let batch = batch.project(&wanted)?;
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let (field, array) = as_written(field, array, naive)?;
        fields.push(field);
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

/// A column as Arrow's JSON writer takes it, and what lies within it too: times as text, since that writer knows zones by
/// their offset and not by their name, and bytes as the text that they hold, as far as it is UTF-8.
fn as_written(
    field: &Field,
    array: &ArrayRef,
    naive: &mut Naive,
) -> Result<(Field, ArrayRef), ArrowError> {
    let array: ArrayRef = match array.data_type() {
        DataType::Timestamp(_, zone) => {
            if zone.is_none() && *naive == Naive::Utc {
                tracing::warn!(
                    "times of column `{}` name no zone; read as UTC, --time-zone states another",
                    field.name()
                );
                *naive = Naive::UtcAsWasSaid;
            }
            // From zone to zone no value changes: all of them count from 1970 in UTC.
            let utc = zone.is_some() || *naive != Naive::AsTheyAre;
            written_times(array, utc)?
        }
        DataType::Date32 | DataType::Date64 => written_times(array, *naive != Naive::AsTheyAre)?,
        // Bytes that hold text, as older writers of Parquet leave it.
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
            let bytes = arrow_cast::cast(array, &DataType::LargeBinary)?;
            let texts = bytes.as_binary::<i64>().iter();
            let texts = texts.map(|bytes| bytes.map(String::from_utf8_lossy));
            Arc::new(texts.collect::<LargeStringArray>())
        }
        DataType::List(_) => written_list::<i32>(array, naive)?,
        DataType::LargeList(_) => written_list::<i64>(array, naive)?,
        DataType::Struct(_) => {
            let (fields, arrays, nulls) = array.as_struct().clone().into_parts();
            let within = fields.iter().zip(&arrays);
            let within = within.map(|(field, array)| as_written(field, array, naive));
            let within = within.collect::<Result<Vec<_>, ArrowError>>()?;
            let (fields, arrays): (Vec<Field>, _) = within.into_iter().unzip();
            let fields = Fields::from(fields);
            Arc::new(StructArray::try_new_with_length(fields, arrays, nulls, array.len())?)
        }
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let (_, values) = as_written(field, dictionary.values(), naive)?;
            dictionary.with_values(values)
        }
        _ => return Ok((field.clone(), array.clone())),
    };
    // Nulls are taken where the file promises none.
    let field = field.clone().with_data_type(array.data_type().clone()).with_nullable(true);
    Ok((field, array))
}

fn written_list<O: OffsetSizeTrait>(
    array: &ArrayRef,
    naive: &mut Naive,
) -> Result<ArrayRef, ArrowError> {
    let (item, offsets, values, nulls) = array.as_list::<O>().clone().into_parts();
    let (item, values) = as_written(&item, &values, naive)?;
    Ok(Arc::new(GenericListArray::try_new(item.into(), offsets, values, nulls)?))
}

/// Times or dates as text, in UTC or without an offset; [`NO_TIME`] where no date can be written for one.
fn written_times(array: &ArrayRef, utc: bool) -> Result<ArrayRef, ArrowError> {
    let (unit, zone) = match array.data_type() {
        DataType::Timestamp(unit, zone) => (*unit, zone.clone()),
        _ => (TimeUnit::Second, None),
    };
    // Of the times as they are: from one zone to another those out of range become null.
    let seconds = arrow_cast::cast(array, &DataType::Timestamp(TimeUnit::Second, zone))?;
    let seconds = seconds.as_primitive::<TimestampSecondType>();
    let out_of_range = BooleanArray::from_unary(seconds, |second| !YEARS.contains(&second));
    let times = DataType::Timestamp(unit, utc.then(|| "+00:00".into()));
    let times = arrow_cast::cast(array, &times)?;
    let within = arrow_select::nullif::nullif(&times, &out_of_range)?;
    let texts = arrow_cast::cast(&within, &DataType::LargeUtf8)?;
    if out_of_range.true_count() == 0 {
        return Ok(texts);
    }
    arrow_select::zip::zip(&out_of_range, &LargeStringArray::new_scalar(NO_TIME), &texts)
}

fn json_lines(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, array)| {
        Ok(match array.data_type() {
            // Unpacked, since of a null in a dictionary that writer makes a value.
            DataType::Dictionary(_, value) => (field.name(), arrow_cast::cast(array, value)?),
            _ => (field.name(), array.clone()),
        })
    });
    let batch = RecordBatch::try_from_iter(columns.collect::<Result<Vec<_>, ArrowError>>()?)?;
    let mut writer: LineDelimitedWriter<Vec<u8>> =
        WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(Vec::new());
    writer.write(&batch)?;
    writer.finish()?;
    Ok(writer.into_inner())
}

#[cfg(test)]
mod tests {
    use arrow_array::builder::{Int32Builder, MapBuilder, StringBuilder};
    use arrow_array::{
        BinaryArray, DictionaryArray, Int32Array, StringArray, TimestampMicrosecondArray,
        TimestampMillisecondArray,
    };
    use arrow_ipc::writer::FileWriter;
    use parquet::arrow::ArrowWriter;
    use serde_json::Value;

    use super::*;
    use crate::input::Inputs;
    use crate::testing::Kept;
    use crate::times::Times;

    /// Rows of one message, and of the same within an interaction.
    fn batch(zone: Option<&str>) -> RecordBatch {
        let micros = 1_772_442_000_500_000;
        let at = TimestampMicrosecondArray::from(vec![micros]).with_timezone_opt(zone);
        let message: Vec<(&str, ArrayRef)> = vec![
            ("text", Arc::new(StringArray::from(vec!["Waar blijft het?"]))),
            ("at", Arc::new(at)),
        ];
        let inner = RecordBatch::try_from_iter(message.clone()).expect("a batch");
        let inner = StructArray::from(inner);
        let all = message.into_iter().chain([("messages", lists_of_one(&inner))]);
        RecordBatch::try_from_iter(all).expect("a batch")
    }

    /// A list of one in each row.
    fn lists_of_one(inner: &StructArray) -> ArrayRef {
        let item = Field::new("item", inner.data_type().clone(), false);
        arrow_cast::cast(inner, &DataType::List(item.into())).expect("a list")
    }

    /// The same, as a column whose values repeat is often kept.
    fn with_dictionary(batch: &RecordBatch) -> RecordBatch {
        let at = batch.column_by_name("at").expect("a time");
        let of_times = DataType::Dictionary(DataType::Int32.into(), at.data_type().clone().into());
        let at = arrow_cast::cast(at, &of_times).expect("a dictionary");
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns());
        let columns = columns.map(|(field, column)| match &**field.name() {
            "at" => ("at", at.clone()),
            name => (name, column.clone()),
        });
        RecordBatch::try_from_iter(columns.collect::<Vec<_>>()).expect("a batch")
    }

    fn times(file: &str, options: &ReadOptions, write: impl FnOnce(File)) -> [Value; 2] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(file);
        write(File::create(&path).expect("created"));
        let mut kept = Kept::default();
        let inputs = Inputs::find(&[path], None).expect("found");
        inputs.read(options, &mut kept).expect("readable");
        let fields = kept.records[0].fields.as_ref().expect("a row");
        [fields["at"].clone(), fields["messages"][0]["at"].clone()]
    }

    #[test]
    fn a_column_that_cannot_be_read_is_no_damage() {
        let mut numbered = MapBuilder::new(None, Int32Builder::new(), StringBuilder::new());
        numbered.append(true).expect("as many keys as values");
        let columns: [(&str, ArrayRef); 2] = [
            ("text", Arc::new(StringArray::from(vec!["Waar blijft het?"]))),
            ("role", Arc::new(numbered.finish())),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let folder = tempfile::tempdir().expect("a folder");
        let whole = folder.path().join("whole.arrow");
        let file = File::create(&whole).expect("created");
        let mut writer = FileWriter::try_new(file, &batch.schema()).expect("a writer");
        writer.write(&batch).expect("written");
        writer.finish().expect("finished");
        let bytes = std::fs::read(&whole).expect("read");
        let cut = folder.path().join("cut.arrow");
        std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("written");
        for (path, is_damaged) in [(whole, false), (cut, true)] {
            let inputs = Inputs::find(&[path], None).expect("found");
            let read = inputs.read(&ReadOptions::default(), &mut Kept::default());
            let error = format!("{:#}", read.expect_err("unreadable"));
            assert_eq!(error.contains(DAMAGED), is_damaged, "{error}");
        }
    }

    #[test]
    fn a_dictionary_is_cast_before_its_batch_is_cut_and_a_null_in_it_stays_one() {
        let bytes = BinaryArray::from(vec![&b"caf\xe9"[..], b"hallo"]);
        let keys = Int32Array::from_iter_values((0..3000).map(|n| i32::from(n > 0)));
        let texts = DictionaryArray::try_new(keys.clone(), Arc::new(bytes)).expect("a dictionary");
        let roles = StringArray::from(vec!["agent", "planner"]);
        let roles = DictionaryArray::try_new(keys, Arc::new(roles)).expect("a dictionary");
        let columns: [(&str, ArrayRef); 2] = [("text", Arc::new(texts)), ("role", Arc::new(roles))];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let cast = wanted(&batch, &Columns::own(), &mut Naive::Utc).expect("castable");
        let of = |value| DataType::Dictionary(DataType::Int32.into(), Box::new(value));
        assert_eq!(cast.column(0).data_type(), &of(DataType::LargeUtf8));
        assert_eq!(cast.column(1).to_data(), batch.column(1).to_data());
        let (mut kept, mut batches) = (Kept::default(), [Ok(batch)].into_iter());
        read_batches(|| batches.next(), &ReadOptions::default(), &mut kept).expect("readable");
        assert_eq!(kept.rows(), (1..=3000).collect::<Vec<u64>>());
        let fields = |n: usize| kept.records[n].fields.clone().expect("a row");
        assert_eq!(
            (&fields(0)["text"], &fields(0)["role"]),
            (&"caf\u{fffd}".into(), &"agent".into())
        );
        assert_eq!(
            (&fields(2999)["text"], &fields(2999)["role"]),
            (&"hallo".into(), &"planner".into())
        );
    }

    #[test]
    fn a_time_of_no_year_and_bytes_that_are_not_utf8_leave_their_row_its_names() {
        let at =
            TimestampMillisecondArray::from(vec![Some(i64::MAX), Some(1_772_442_000_000), None]);
        let name = BinaryArray::from_opt_vec(vec![Some(&b"a"[..]), Some(b"caf\xe9"), Some(b"b")]);
        let plain: [ArrayRef; 2] = [Arc::new(at.clone()), Arc::new(at.with_timezone("UTC"))];
        let encoded = plain.clone().map(|at| {
            let to = DataType::Dictionary(DataType::Int32.into(), at.data_type().clone().into());
            arrow_cast::cast(&at, &to).expect("a dictionary")
        });
        for at in plain.into_iter().chain(encoded) {
            let text: ArrayRef = Arc::new(StringArray::from(vec!["Waar blijft het?"; 3]));
            let message = [("text", text), ("at", at)];
            let inner = RecordBatch::try_from_iter(message.clone()).expect("a batch");
            let messages = lists_of_one(&inner.into());
            let names: ArrayRef = Arc::new(name.clone());
            let all = message.into_iter().chain([("interaction", names), ("messages", messages)]);
            let batch = RecordBatch::try_from_iter(all).expect("a batch");
            let (mut kept, mut batches) = (Kept::default(), [Ok(batch)].into_iter());
            read_batches(|| batches.next(), &ReadOptions::default(), &mut kept).expect("readable");
            assert!(kept.faults().is_empty());
            assert_eq!(kept.values("interaction"), ["a", "caf\u{fffd}", "b"]);
            assert_eq!(kept.values("at"), [NO_TIME, "2026-03-02T09:00:00Z"]);
            for (record, expected) in kept.records.iter().zip([
                NO_TIME.into(),
                "2026-03-02T09:00:00Z".into(),
                Value::Null,
            ]) {
                let message = &record.fields.as_ref().expect("a row")["messages"][0];
                assert_eq!(
                    (&message["text"], &message["at"]),
                    (&"Waar blijft het?".into(), &expected)
                );
            }
        }
    }

    #[test]
    fn times_of_any_zone_are_read_as_the_instant_that_they_are() {
        let dutch = Times::new(Some("Europe/Amsterdam"), None).expect("a zone");
        for (zone, times_of_naive) in [
            (None, Times::default()),
            (Some("UTC"), Times::default()),
            (Some("Europe/Amsterdam"), Times::default()),
            (Some("+01:00"), dutch.clone()),
            (None, dutch),
        ] {
            let (batch, named) = (batch(zone), zone.is_some() || !times_of_naive.has_zone());
            let options = ReadOptions { times: times_of_naive, ..ReadOptions::default() };
            for batch in [with_dictionary(&batch), batch] {
                let parquet = times("a.parquet", &options, |file| {
                    let mut writer =
                        ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
                    writer.write(&batch).expect("written");
                    writer.close().expect("closed");
                });
                let arrow = times("a.arrow", &options, |file| {
                    let mut writer = FileWriter::try_new(file, &batch.schema()).expect("a writer");
                    writer.write(&batch).expect("written");
                    writer.finish().expect("finished");
                });
                for at in parquet.into_iter().chain(arrow) {
                    // Left without an offset where it is known elsewhere by which clock it was read.
                    let expected =
                        if named { "2026-03-02T09:00:00.500Z" } else { "2026-03-02T09:00:00.500" };
                    assert_eq!(at, expected, "{zone:?}");
                }
            }
        }
    }
}
