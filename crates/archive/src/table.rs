//! Lines of output as JSON lines, CSV, Parquet or Arrow IPC, by the ending of the file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_json::ReaderBuilder;
use arrow_json::reader::Decoder;
use arrow_schema::{DataType, Field, Schema};
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value};

use crate::bytes::Compression as Packing;
use crate::input::Format;

/// Lines that are encoded at a time.
const BATCH: usize = 1024;

/// Rows of a group of a Parquet file: what is held in memory until it is written.
const ROW_GROUP: usize = 1 << 16;

/// One column of a table. `path` names a field of the line, or with a dot one within it.
#[derive(Debug, Clone)]
pub struct Column {
    /// Such as `risk` or `sentiment.negative`.
    pub path: String,
    /// Whether the path is one name, dots and all, as a column of the input may have.
    pub is_name: bool,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text; anything else is written as JSON.
    Text,
    /// A fraction.
    Number,
    /// A whole number.
    Whole,
    /// True or false.
    Truth,
}

/// Format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableFormat {
    form: Form,
    packing: Packing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Jsonl,
    Csv(u8),
    Parquet,
    Arrow,
}

impl TableFormat {
    /// The format that the ending of a file names.
    ///
    /// # Errors
    /// If it names none.
    pub fn of(path: &Path) -> anyhow::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let (inner, packing) = Packing::of(&name);
        let ending = inner.rsplit_once('.').map_or("", |(_, ending)| ending);
        let form = match (Format::of_name(ending), packing) {
            (Some(Format::Jsonl), _) => Form::Jsonl,
            (Some(Format::Csv), _) => Form::Csv(if ending == "tsv" { b'\t' } else { b',' }),
            (Some(Format::Parquet), Packing::None) => Form::Parquet,
            // By this ending a stream is meant, and the file form is what is written.
            (Some(Format::Arrow), Packing::None) if ending != "arrows" => Form::Arrow,
            _ => bail!(
                "`{}` ends in none of .jsonl, .csv, .tsv (each also .gz or .zst), .parquet, .arrow",
                path.display()
            ),
        };
        Ok(Self { form, packing })
    }

    pub(crate) fn form(self) -> Form {
        self.form
    }

    pub(crate) fn packing(self) -> Packing {
        self.packing
    }

    /// Creates a file that is compressed as the format says.
    pub(crate) fn create_packed(self, path: &Path) -> anyhow::Result<Box<dyn Finish>> {
        let file =
            File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
        let plain = Plain(BufWriter::with_capacity(1 << 16, file));
        Ok(match self.packing {
            Packing::None => Box::new(plain),
            Packing::Gzip => Box::new(GzEncoder::new(plain, flate2::Compression::default())),
            Packing::Zstd => Box::new(zstd::Encoder::new(plain, 3)?),
        })
    }

    /// Whether these are plain JSON lines.
    pub fn is_plain_jsonl(self) -> bool {
        self == Self { form: Form::Jsonl, packing: Packing::None }
    }
}

/// A table that is written line by line.
pub struct Table(Writer);

enum Writer {
    Jsonl(Box<dyn Finish>),
    Csv(Box<csv::Writer<Box<dyn Finish>>>, Vec<Column>),
    Columnar(Box<Columnar>),
}

/// A writer that has something to write when all is done.
pub(crate) trait Finish: Write + Send {
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// A file that is on the disk when it is finished.
struct Plain<W: Write>(BufWriter<W>);

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Finish for Plain<File> {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()?;
        self.0.get_ref().sync_all()
    }
}

impl Finish for Plain<Box<dyn Write + Send>> {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}

impl Finish for GzEncoder<Plain<File>> {
    fn finish(self: Box<Self>) -> io::Result<()> {
        Box::new((*self).finish()?).finish()
    }
}

impl Finish for zstd::Encoder<'static, Plain<File>> {
    fn finish(self: Box<Self>) -> io::Result<()> {
        Box::new((*self).finish()?).finish()
    }
}

impl Table {
    /// Writes JSON lines to what is no file: standard output, a pipe, a device.
    pub fn stream(out: impl Write + Send + 'static) -> Self {
        let out: Box<dyn Write + Send> = Box::new(out);
        Self(Writer::Jsonl(Box::new(Plain(BufWriter::new(out)))))
    }

    /// Creates a file with these columns. JSON lines hold whatever the lines hold.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(path: &Path, format: TableFormat, columns: Vec<Column>) -> anyhow::Result<Self> {
        Ok(Self(match format.form {
            Form::Jsonl => Writer::Jsonl(format.create_packed(path)?),
            Form::Csv(delimiter) => {
                let packed = format.create_packed(path)?;
                let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(packed);
                writer.write_record(columns.iter().map(|column| &column.path))?;
                Writer::Csv(Box::new(writer), columns)
            }
            Form::Parquet | Form::Arrow => {
                Writer::Columnar(Box::new(Columnar::new(path, format, columns)?))
            }
        }))
    }

    /// Writes one line.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, line: &Map<String, Value>) -> anyhow::Result<()> {
        match &mut self.0 {
            Writer::Jsonl(file) => {
                serde_json::to_writer(&mut *file, line)?;
                file.write_all(b"\n")?;
            }
            Writer::Csv(writer, columns) => {
                writer.write_record(columns.iter().map(|column| cell(line, column)))?;
            }
            Writer::Columnar(columnar) => columnar.write(line)?,
        }
        Ok(())
    }

    /// Hands what was written so far to the system, as far as the format can.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn flush(&mut self) -> anyhow::Result<()> {
        match &mut self.0 {
            Writer::Jsonl(file) => file.flush()?,
            Writer::Csv(writer, _) => writer.flush()?,
            Writer::Columnar(_) => {}
        }
        Ok(())
    }

    /// Ends the table; a file is on the disk then.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> anyhow::Result<()> {
        match self.0 {
            Writer::Jsonl(file) => file.finish()?,
            Writer::Csv(writer, _) => {
                writer.into_inner().map_err(|error| error.into_error())?.finish()?;
            }
            Writer::Columnar(columnar) => columnar.finish()?,
        }
        Ok(())
    }
}

/// The value that a column such as `sentiment.negative` names; empty where there is none.
fn cell(line: &Map<String, Value>, Column { path, .. }: &Column) -> String {
    let found = line.get(path).or_else(|| {
        let (outer, inner) = path.split_once('.')?;
        line.get(outer)?.get(inner)
    });
    match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => unarmed(text),
        Some(other) => other.to_string(),
    }
}

/// A text that a spreadsheet would run as a formula gets an apostrophe before it; some take the wide forms of its signs too.
pub fn unarmed(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Record batches into a Parquet or Arrow file.
pub(crate) enum RawWriter {
    Parquet(Box<ArrowWriter<File>>),
    Arrow(Box<FileWriter<BufWriter<File>>>),
}

impl RawWriter {
    pub(crate) fn create(
        path: &Path,
        format: TableFormat,
        schema: Arc<Schema>,
    ) -> anyhow::Result<Self> {
        let file =
            File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
        if format.form == Form::Arrow {
            let file = BufWriter::with_capacity(1 << 16, file);
            return Ok(Self::Arrow(Box::new(FileWriter::try_new(file, &schema)?)));
        }
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        Ok(Self::Parquet(Box::new(ArrowWriter::try_new(file, schema, Some(properties))?)))
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> anyhow::Result<()> {
        match self {
            Self::Parquet(writer) => writer.write(batch)?,
            Self::Arrow(writer) => writer.write(batch)?,
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Parquet(writer) => writer.into_inner()?.sync_all()?,
            Self::Arrow(mut writer) => {
                writer.finish()?;
                writer.into_inner()?.into_inner().map_err(|e| e.into_error())?.sync_all()?;
            }
        }
        Ok(())
    }
}

/// Parquet or Arrow: lines go through Arrow's JSON decoder into batches.
struct Columnar {
    columns: Vec<Column>,
    decoder: Decoder,
    waiting: Vec<Map<String, Value>>,
    writer: RawWriter,
}

impl Columnar {
    fn new(path: &Path, format: TableFormat, columns: Vec<Column>) -> anyhow::Result<Self> {
        let schema = Arc::new(schema(&columns));
        let decoder = ReaderBuilder::new(schema.clone())
            .with_batch_size(BATCH)
            .with_coerce_primitive(true)
            .build_decoder()?;
        let writer = RawWriter::create(path, format, schema)?;
        Ok(Self { columns, decoder, waiting: Vec::new(), writer })
    }

    fn write(&mut self, line: &Map<String, Value>) -> anyhow::Result<()> {
        let mut line = line.clone();
        for column in self.columns.iter().filter(|column| column.kind == Kind::Text) {
            if let Some(value @ (Value::Object(_) | Value::Array(_))) = line.get_mut(&column.path) {
                *value = Value::from(value.to_string());
            }
        }
        self.waiting.push(line);
        if self.waiting.len() < BATCH { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.decoder.serialize(&self.waiting).context("a line does not fit the columns")?;
        self.waiting.clear();
        match self.decoder.flush()? {
            Some(batch) => self.writer.write(&batch),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.flush()?;
        self.writer.finish()
    }
}

/// Columns with a common part before the dot become fields of one structure.
fn schema(columns: &[Column]) -> Schema {
    let of_kind = |kind| match kind {
        Kind::Text => DataType::Utf8,
        Kind::Number => DataType::Float64,
        Kind::Whole => DataType::Int64,
        Kind::Truth => DataType::Boolean,
    };
    let mut places: Vec<Place> = Vec::new();
    for column in columns {
        let field = |name: &str| Field::new(name, of_kind(column.kind), true);
        let Some((outer, inner)) = column.path.split_once('.').filter(|_| !column.is_name) else {
            places.push(Place::Plain(field(&column.path)));
            continue;
        };
        let within = places.iter_mut().find_map(|place| match place {
            Place::Structure(name, within) if name == outer => Some(within),
            _ => None,
        });
        match within {
            Some(within) => within.push(field(inner)),
            None => places.push(Place::Structure(outer.to_owned(), vec![field(inner)])),
        }
    }
    let fields = places.into_iter().map(|place| match place {
        Place::Plain(field) => field,
        Place::Structure(name, within) => Field::new_struct(name, within, true),
    });
    Schema::new(fields.collect::<Vec<_>>())
}

/// What stands at one place of a schema: a column, or the name of a structure with the columns within it.
enum Place {
    Plain(Field),
    Structure(String, Vec<Field>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_behind_a_blank_is_disarmed_too() {
        assert_eq!(["\n=1", "\t=1", "\r=1"].map(unarmed), ["'\n=1", "'\t=1", "'\r=1"]);
        assert_eq!(["1=", "", "a-b"].map(unarmed), ["1=", "", "a-b"]);
    }
}
