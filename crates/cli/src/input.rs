//! Rows out of JSONL and CSV files. A bad row is data: it becomes a row with an error.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::{Map, Value};

use crate::row::{Columns, Row, RowError, missing_text, rows};

/// Longest line or CSV record that is read; a longer one is an error of its row.
const MAX_ROW_BYTES: usize = 16 << 20;

/// Where rows go.
pub(crate) trait Sink {
    /// Takes the rows of one line or record, in order.
    fn take(&mut self, rows: Vec<Row>) -> anyhow::Result<()>;
    /// Hears that the input may now keep it waiting, as a pipe does.
    fn may_wait(&mut self) -> anyhow::Result<()>;
    /// Hears how many bytes were read so far.
    fn progress(&self, bytes: u64);
}

/// Reads a file, or standard input for `-`, and hands over its rows in order.
pub(crate) fn read(path: &Path, columns: &Columns, sink: &mut dyn Sink) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return read_jsonl(&mut BufReader::new(io::stdin()), columns, sink, Source::Pipe);
    }
    let open = || -> anyhow::Result<BufReader<File>> {
        let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
        Ok(BufReader::with_capacity(1 << 16, file))
    };
    match path.extension().and_then(|e| e.to_str()).map(str::to_lowercase).as_deref() {
        Some("jsonl" | "ndjson" | "json") => read_jsonl(&mut open()?, columns, sink, Source::File),
        Some("csv" | "tsv") => read_csv(open()?, columns, sink),
        _ => bail!("`{}` ends in neither .jsonl nor .csv", path.display()),
    }
}

/// Whether reading on may take as long as somebody likes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    File,
    Pipe,
}

fn read_jsonl<R: Read>(
    input: &mut BufReader<R>,
    columns: &Columns,
    sink: &mut dyn Sink,
    source: Source,
) -> anyhow::Result<()> {
    let (mut line, mut number, mut bytes) = (Vec::new(), 0, 0);
    loop {
        line.clear();
        if source == Source::Pipe && input.buffer().is_empty() {
            sink.may_wait()?;
        }
        let read = input
            .by_ref()
            .take(MAX_ROW_BYTES as u64 + 1)
            .read_until(b'\n', &mut line)
            .context("cannot read the input")?;
        if read == 0 {
            return Ok(());
        }
        number += 1;
        bytes += read as u64;
        if line.len() > MAX_ROW_BYTES && !line.ends_with(b"\n") {
            bytes += skip_line(input)?;
            let text = format!("the line has over {MAX_ROW_BYTES} bytes");
            sink.take(vec![Row::unreadable(number, RowError::input(text))])?;
            continue;
        }
        let content = line.trim_ascii();
        let content = if number == 1 {
            content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content)
        } else {
            content
        };
        if !content.is_empty() {
            sink.take(match parse_object(content) {
                Ok(object) => rows(number, object, columns),
                Err(error) => vec![Row::unreadable(number, error)],
            })?;
        }
        sink.progress(bytes);
    }
}

fn parse_object(line: &[u8]) -> Result<Map<String, Value>, RowError> {
    if let Err(error) = std::str::from_utf8(line) {
        let text = format!("not UTF-8 from byte {} of the line on", error.valid_up_to());
        return Err(RowError::input(text));
    }
    match serde_json::from_slice(line) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(RowError::input("the line holds no JSON object")),
        Err(error) => {
            // Only where and what kind: serde's own text may quote the line.
            let what =
                if error.is_eof() { "the line ends in the middle of JSON" } else { "not JSON" };
            Err(RowError::input(format!("{what}, at column {}", error.column())))
        }
    }
}

fn skip_line(input: &mut dyn BufRead) -> anyhow::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = input.fill_buf().context("cannot read the input")?;
        let (used, done) = match buffer.iter().position(|b| *b == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        skipped += used as u64;
        if done {
            return Ok(skipped);
        }
    }
}

fn read_csv(
    mut input: BufReader<File>,
    columns: &Columns,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let delimiter = delimiter(input.fill_buf().context("cannot read the input")?);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(input);
    let header = reader.byte_headers().context("cannot read the header of the CSV file")?.clone();
    let header: Vec<String> =
        header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    if !header.iter().any(|name| name == columns.name("text")) {
        bail!("the CSV file, {} columns: {}", header.len(), missing_text(&header, columns));
    }
    let mut record = csv::ByteRecord::new();
    let mut number = 0;
    while reader.read_byte_record(&mut record).context("cannot read the CSV file")? {
        number += 1;
        sink.take(match csv_fields(&header, &record) {
            Ok(fields) => rows(number, fields, columns),
            Err(error) => vec![Row::unreadable(number, error)],
        })?;
        sink.progress(reader.position().byte());
    }
    Ok(())
}

/// The delimiter that the header line uses most: comma, semicolon or tab.
fn delimiter(start: &[u8]) -> u8 {
    let header = start.split(|b| *b == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| header.iter().filter(|b| **b == delimiter).count();
    // Of equals the last wins, and that should be the comma.
    [b'\t', b';', b','].into_iter().max_by_key(|d| count(*d)).expect("three of them")
}

fn csv_fields(header: &[String], record: &csv::ByteRecord) -> Result<Map<String, Value>, RowError> {
    if record.len() != header.len() {
        let (found, expected) = (record.len(), header.len());
        return Err(RowError::input(format!("the record has {found} fields, expected {expected}")));
    }
    if record.as_slice().len() > MAX_ROW_BYTES {
        return Err(RowError::input(format!("the record has over {MAX_ROW_BYTES} bytes")));
    }
    let fields = header.iter().zip(record).map(|(name, value)| match std::str::from_utf8(value) {
        Ok(text) => Ok((name.clone(), Value::from(text))),
        Err(error) => {
            let at = error.valid_up_to();
            Err(RowError::input(format!("`{name}` is not UTF-8 from byte {at} of the field on")))
        }
    });
    fields.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as they come, and how many there were at each pause.
    #[derive(Default)]
    struct Kept {
        rows: Vec<Row>,
        pauses: Vec<usize>,
    }

    impl Sink for Kept {
        fn take(&mut self, rows: Vec<Row>) -> anyhow::Result<()> {
            self.rows.extend(rows);
            Ok(())
        }

        fn may_wait(&mut self) -> anyhow::Result<()> {
            self.pauses.push(self.rows.len());
            Ok(())
        }

        fn progress(&self, _: u64) {}
    }

    fn kept(input: impl Read, source: Source) -> Kept {
        let columns = Columns::new(&[], &[]).expect("valid");
        let mut kept = Kept::default();
        read_jsonl(&mut BufReader::new(input), &columns, &mut kept, source).expect("readable");
        kept
    }

    fn jsonl(bytes: &[u8]) -> Vec<Row> {
        kept(bytes, Source::File).rows
    }

    #[test]
    fn a_pipe_tells_when_it_may_keep_one_waiting() {
        let line = || &b"{\"text\": \"a\"}\n"[..];
        let pipe = kept(line().chain(line()), Source::Pipe);
        assert_eq!(pipe.pauses, [0, 1, 2]);
        assert!(kept(line().chain(line()), Source::File).pauses.is_empty());
    }

    #[test]
    fn a_bad_line_is_a_row_with_an_error_and_the_rest_is_read() {
        let rows = jsonl(b"{\"text\": \"a\"}\n\n{\"text\": \"canary\n\xFF\n[1]\n{\"text\": \"b\"}");
        let errors: Vec<Option<String>> =
            rows.iter().map(|row| row.message.as_ref().err().map(|e| e.message.clone())).collect();
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 3, 4, 5, 6]);
        assert!(errors[0].is_none() && errors[4].is_none());
        assert!(errors[1].as_ref().is_some_and(|e| !e.contains("canary")));
        assert_eq!(errors[2].as_deref(), Some("not UTF-8 from byte 0 of the line on"));
        assert_eq!(errors[3].as_deref(), Some("the line holds no JSON object"));
    }

    #[test]
    fn a_line_over_the_limit_is_an_error_of_its_row() {
        let mut bytes = vec![b'x'; MAX_ROW_BYTES + 10];
        bytes.extend(b"\n{\"text\": \"b\"}\n");
        let rows = jsonl(&bytes);
        assert_eq!(rows.len(), 2);
        assert!(rows[0].message.is_err() && rows[1].message.is_ok());
    }

    #[test]
    fn the_delimiter_is_the_one_that_the_header_uses() {
        assert_eq!(delimiter(b"id;text;at\n1,2;3"), b';');
        assert_eq!(delimiter(b"id\ttext\n"), b'\t');
        assert_eq!(delimiter(b"text\n"), b',');
    }
}
