//! CSV and TSV of any sane dialect, a broken record being an error of its row.
//!
//! Records are cut here and parsed by `csv-core`, because only whoever cuts them can hold a record whose
//! quote never closes to one row, and its size to a limit.

use std::io::Read;

use anyhow::{Context, bail};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use serde_json::{Map, Value};

use crate::bytes::MAX_ROW_BYTES;
use crate::columns::Columns;
use crate::input::ReadOptions;
use crate::record::{Fault, Origin, Record, Sink};

/// Quotes that never close, after which a file is given up: each costs reading up to the limit again.
const MAX_OPEN_QUOTES: u32 = 100;

/// The delimiter of a file that has none: a byte that no UTF-8 has.
const NONE: u8 = 0xff;

/// How much is read at a time, and before the first row.
pub(crate) const BLOCK: usize = 1 << 16;

pub(crate) fn read(
    input: Box<dyn Read + Send>,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let mut records = Records::new(input);
    records.fill(BLOCK);
    records.ends_in_cr = ends_in_cr(records.rest());
    // The line that spreadsheets write to state the delimiter.
    let stated = records.buffer.strip_prefix(b"sep=").and_then(|rest| rest.first().copied());
    if stated.is_some() {
        records.next().context("cannot read the header")?;
    }
    let found = options.delimiter.or(stated).or_else(|| delimiter(records.rest()));
    // A header without one has one column, and a comma in the rows below is somebody's.
    records.delimiter = found.unwrap_or(NONE);
    let mut parser = Parser::new(records.delimiter);
    let header: Vec<String> = loop {
        match records.next().context("cannot read the header")? {
            // As in any other format, that is no row.
            None => return Ok(()),
            Some(Cut::Bad(fault)) => bail!("the header cannot be read: {fault}"),
            Some(Cut::Record([])) => {}
            Some(Cut::Record(bytes)) => {
                parser.parse(bytes);
                break (0..parser.len()).map(|n| parser.name(n)).collect();
            }
        }
    };
    options.columns.check_header_of_texts(&header)?;
    let wanted = wanted(&header, &options.columns);
    let mut row = 0;
    loop {
        let fields = match records.next().context("cannot read on")? {
            None => return Ok(()),
            Some(Cut::Record([])) => continue,
            Some(Cut::Bad(fault)) => Err(fault),
            Some(Cut::Record(bytes)) => {
                parser.parse(bytes);
                fields(&parser, &wanted, &header)
            }
        };
        row += 1;
        sink.take(Record { file: None, row, origin: Origin::Table, fields })?;
        if records.open_quotes >= MAX_OPEN_QUOTES {
            let delimiter =
                found.map(|found| format!("the delimiter `{}` and ", char::from(found)));
            bail!(
                "{MAX_OPEN_QUOTES} quotes that never close up to row {row}: this is not CSV with {}the quote `\"`",
                delimiter.unwrap_or_default()
            );
        }
    }
}

/// The columns that are read, by their places.
fn wanted(header: &[String], columns: &Columns) -> Vec<(usize, String)> {
    let named = header.iter().enumerate();
    named.filter(|(_, name)| columns.wants(name)).map(|(n, name)| (n, name.clone())).collect()
}

fn fields(
    parser: &Parser,
    wanted: &[(usize, String)],
    header: &[String],
) -> Result<Map<String, Value>, Fault> {
    let (found, expected) = (parser.len(), header.len());
    if found != expected {
        let hint =
            if found > expected { "; one that holds the delimiter has to be quoted" } else { "" };
        return Err(Fault::new(format!(
            "the record has {found} fields, expected {expected}{hint}"
        )));
    }
    // As where files were put behind one another. Of one column it may be what somebody wrote.
    if expected > 1 && (0..expected).all(|n| parser.name(n) == header[n]) {
        return Err(Fault::new("the record is the header once more"));
    }
    let fields = wanted.iter().map(|(n, name)| match std::str::from_utf8(parser.field(*n)) {
        Ok(text) => Ok((name.clone(), Value::from(text))),
        Err(error) => {
            let at = error.valid_up_to();
            Err(Fault::new(format!(
                "`{name}` is not UTF-8 from byte {at} of the field on; if the file is in another \
                 encoding, --encoding states it"
            )))
        }
    });
    fields.collect()
}

/// Whether the first line ends in a carriage return alone; one in quotes ends none.
fn ends_in_cr(start: &[u8]) -> bool {
    let mut quoted = false;
    let end = start.iter().position(|byte| {
        quoted ^= *byte == b'"';
        !quoted && matches!(byte, b'\r' | b'\n')
    });
    let after = end.and_then(|end| start[end..].iter().find(|byte| **byte != b'\r'));
    after.is_none_or(|byte| *byte != b'\n') && end.is_some()
}

/// The delimiter that the first line that is not empty uses most outside quotes: comma, semicolon, tab or bar; `None` where it
/// has none of them.
fn delimiter(start: &[u8]) -> Option<u8> {
    const KNOWN: [u8; 4] = [b'|', b'\t', b';', b','];
    let (mut counts, mut quoted) = ([0; 4], false);
    for byte in start.iter().skip_while(|byte| matches!(byte, b'\r' | b'\n')) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                if let Some(n) = KNOWN.iter().position(|known| known == byte) {
                    counts[n] += 1;
                }
            }
            _ => {}
        }
    }
    // Of equals the last wins, and that should be the comma.
    let most = (0..4).max_by_key(|n| counts[*n]).expect("four of them");
    (counts[most] > 0).then_some(KNOWN[most])
}

/// One record as it was cut.
enum Cut<'a> {
    /// Its bytes, without the end of the line.
    Record(&'a [u8]),
    Bad(Fault),
}

/// Where the scan stands within a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted field: it ends the field or is doubled.
    Closing,
}

/// Cuts the input into records.
struct Records {
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// Where the next record starts in `buffer`.
    start: usize,
    at_end: bool,
    /// Why no more can be read; said after what was read before it.
    fault: Option<std::io::Error>,
    delimiter: u8,
    /// Lines end in a carriage return alone, as on Macs of old.
    ends_in_cr: bool,
    open_quotes: u32,
}

impl Records {
    fn new(input: Box<dyn Read + Send>) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            at_end: false,
            fault: None,
            delimiter: b',',
            ends_in_cr: false,
            open_quotes: 0,
        }
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Reads on until `bytes` more are there or the input ends.
    fn fill(&mut self, bytes: usize) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        match (&mut self.input).take(bytes as u64).read_to_end(&mut self.buffer) {
            Ok(read) => self.at_end = read < bytes,
            Err(error) => (self.at_end, self.fault) = (true, Some(error)),
        }
    }

    fn next(&mut self) -> std::io::Result<Option<Cut<'_>>> {
        let newline = if self.ends_in_cr { b'\r' } else { b'\n' };
        let (mut at, mut state) = (0, State::FieldStart);
        loop {
            let rest = &self.buffer[self.start..];
            let mut end = None;
            for byte in &rest[at..] {
                if *byte == newline && state != State::Quoted {
                    end = Some(at);
                    break;
                }
                state = match (state, *byte) {
                    (State::FieldStart | State::Closing, b'"') => State::Quoted,
                    (State::Quoted, b'"') => State::Closing,
                    (State::Quoted, _) => State::Quoted,
                    (_, byte) if byte == self.delimiter => State::FieldStart,
                    _ => State::Plain,
                };
                at += 1;
            }
            let whole = self.at_end && self.fault.is_none() && state != State::Quoted;
            if let Some(end) = end.or_else(|| whole.then_some(at)) {
                if end == rest.len() && rest.is_empty() {
                    return Ok(None);
                }
                let start = self.start;
                self.start = (start + end + 1).min(self.buffer.len());
                let record = &self.buffer[start..start + end];
                return Ok(Some(Cut::Record(record.strip_suffix(b"\r").unwrap_or(record))));
            }
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            if self.at_end || rest.len() > MAX_ROW_BYTES {
                return Ok(Some(Cut::Bad(self.skip(state))));
            }
            let more = BLOCK.max(rest.len());
            self.fill(more);
        }
    }

    /// Leaves out the line at which a record starts that cannot be cut, so that the ones after it are
    /// read all the same.
    fn skip(&mut self, state: State) -> Fault {
        let newline = if self.ends_in_cr { b'\r' } else { b'\n' };
        let (was_read, is_long) = (self.at_end, !self.rest().contains(&newline));
        loop {
            if let Some(end) = self.rest().iter().position(|byte| *byte == newline) {
                self.start += end + 1;
                break;
            }
            self.start = self.buffer.len();
            if self.at_end {
                break;
            }
            self.fill(BLOCK);
        }
        // Of a quote that is open for long only the rest would tell whether it closes, and a pipe has it once.
        let is_open = state == State::Quoted && (was_read || !is_long);
        self.open_quotes += u32::from(is_open);
        Fault::new(match (is_open, was_read) {
            (true, true) => "a quote is opened and never closed; its line was left out".to_owned(),
            (true, false) => format!(
                "a quoted field goes on for over {MAX_ROW_BYTES} bytes, the most of a record: it is longer, or its quote \
                 is never closed; its first line was left out"
            ),
            (false, _) => format!("the record has over {MAX_ROW_BYTES} bytes"),
        })
    }
}

/// Parses one record at a time into fields.
struct Parser {
    reader: Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
    len: usize,
}

impl Parser {
    fn new(delimiter: u8) -> Self {
        // A terminator that no record holds unquoted: the record was cut before.
        let reader =
            ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build();
        Self { reader, output: vec![0; 1024], ends: vec![0; 32], len: 0 }
    }

    fn parse(&mut self, mut record: &[u8]) {
        self.reader.reset();
        let (mut written, mut fields) = (0, 0);
        loop {
            let (result, read, wrote, ended) = self.reader.read_record(
                record,
                &mut self.output[written..],
                &mut self.ends[fields..],
            );
            record = &record[read..];
            written += wrote;
            fields += ended;
            match result {
                // The next round hands over nothing, which ends the record.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        self.len = fields;
    }

    fn len(&self) -> usize {
        self.len
    }

    /// A field as the name of a column.
    fn name(&self, n: usize) -> String {
        String::from_utf8_lossy(self.field(n)).trim().to_owned()
    }

    fn field(&self, n: usize) -> &[u8] {
        let start = if n == 0 { 0 } else { self.ends[n - 1] };
        &self.output[start..self.ends[n]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Kept;

    fn kept(text: impl Into<Vec<u8>>) -> Kept {
        let mut kept = Kept::default();
        let input = std::io::Cursor::new(text.into());
        read(Box::new(input), &ReadOptions::default(), &mut kept).expect("a header");
        kept
    }

    #[test]
    fn any_sane_dialect_is_read() {
        for text in [
            "id,text\n1,a\n2,\"b, \"\"c\"\"\nd\"\n",
            "id;text\r\n1;a\r\n2;\"b, \"\"c\"\"\nd\"\r\n\r\n",
            "id\ttext\n1\ta\n2\t\"b, \"\"c\"\"\nd\"",
            "id|text\n1|a\n2|\"b, \"\"c\"\"\nd\"",
            "sep=;\nid;text\n1;a\n2;\"b, \"\"c\"\"\nd\"",
            "\r\n\nid;text\n1;a\n2;\"b, \"\"c\"\"\nd\"",
        ] {
            assert_eq!(kept(text).values("text"), ["a", "b, \"c\"\nd"], "{text}");
        }
        assert_eq!(kept("id,text\r1,a\r2,b\r").values("text"), ["a", "b"]);
        assert_eq!(kept("id;text\r1;\"a\nb\"\r2;c\r").values("text"), ["a\nb", "c"]);
        assert_eq!(kept("id,\"te\rxt\",text\n1,,a\n2,,b\n").values("text"), ["a", "b"]);
        assert_eq!(kept("id,text\r\r\n1,a\r\r\n").values("id"), ["1"]);
        assert_eq!(kept("sep=;\rid;text\r1;a\r2;b\r").values("text"), ["a", "b"]);
        assert_eq!(kept("text\n\"a\"\n").values("text"), ["a"]);
        assert_eq!(kept("id,text\n1,5\" buis\n").values("text"), ["5\" buis"]);
    }

    #[test]
    fn messages_without_a_text_are_refused_at_the_header() {
        let mut kept = Kept::default();
        let text = &b"id,messages\n1,\"[{\"\"text\"\": \"\"canary\"\"}]\"\n2,3\n"[..];
        let error = read(Box::new(text), &ReadOptions::default(), &mut kept).expect_err("refused");
        let error = error.to_string();
        assert!(error.starts_with("2 columns (`id`, `messages`): `text` is missing"), "{error}");
        assert!(error.contains("`messages` holds interactions in JSON"), "{error}");
        assert!(kept.records.is_empty());
        assert_eq!(self::kept("messages,text\n3,a\n").values("text"), ["a"]);
        let text = &b"id^text\n1^canary\n"[..];
        let error = read(Box::new(text), &ReadOptions::default(), &mut kept).expect_err("refused");
        let error = error.to_string();
        assert!(error.starts_with("1 column: `text` is missing"), "{error}");
        assert!(error.ends_with("--delimiter states it"), "{error}");
        let text = &b"bericht\ncanary\n"[..];
        let error = read(Box::new(text), &ReadOptions::default(), &mut kept).expect_err("refused");
        assert!(error.to_string().ends_with("(--column text=bericht)"), "{error}");
    }

    #[test]
    fn a_header_that_comes_again_is_no_message() {
        let file = "\u{feff}id;Text ;text\n1;a;b\n";
        let kept = kept(file.repeat(2));
        assert_eq!((kept.rows(), kept.values("text")), (vec![1, 2, 3], vec!["b".into(); 2]));
        assert_eq!(kept.faults(), ["the record is the header once more"]);
        assert_eq!(self::kept("text\na\ntext\n").values("text"), ["a", "text"]);
    }

    #[test]
    fn a_quote_that_never_closes_costs_one_row() {
        let kept = kept("id,text\n1,a\n2,\"b\n3,c\n4,d\n");
        assert_eq!(
            (kept.rows(), kept.values("text")),
            (vec![1, 2, 3, 4], vec!["a".into(), "c".into(), "d".into()])
        );
        assert!(kept.faults()[0].contains("never closed"));
    }

    #[test]
    fn a_record_over_the_limit_costs_one_row_and_its_memory_stays_bounded() {
        let mut text = b"id,text\n1,".to_vec();
        text.resize(MAX_ROW_BYTES * 3, b'x');
        text.extend(b"\n2,b\n");
        let kept = kept(text);
        assert_eq!((kept.rows(), kept.values("text")), (vec![1, 2], vec!["b".to_owned()]));
    }

    #[test]
    fn a_quoted_field_over_the_limit_is_told_from_a_quote_that_never_closes() {
        for (line, says) in [
            (vec![b'x'; 3 * MAX_ROW_BYTES], "the record has over 16777216 bytes"),
            (
                [&[b'x'; 1 << 20][..], b"\n"].concat().repeat(48),
                "a quoted field goes on for over 16777216 bytes",
            ),
        ] {
            let kept = kept([b"id,text\n1,\"", &line[..], b"\"\n2,b\n"].concat());
            assert!(kept.faults()[0].starts_with(says), "{}", kept.faults()[0]);
            assert_eq!((kept.records[0].row, kept.values("text")), (1, vec!["b".to_owned()]));
        }
    }

    #[test]
    fn a_file_of_one_column_has_no_delimiter() {
        let rows = "Hoi, waar blijft het?\n\"Nog \"\"niets\"\", of?\"\nJa; nee\n";
        let expected = ["Hoi, waar blijft het?", "Nog \"niets\", of?", "Ja; nee"];
        assert_eq!(kept(format!("text\n{rows}")).values("text"), expected);
        let stated = kept("sep=,\ntext\nHoi, waar\n");
        assert!(stated.faults()[0].starts_with("the record has 2 fields, expected 1; one that "));
    }

    #[test]
    fn a_hundred_thousand_columns_are_read_for_those_that_are_wanted() {
        let header: Vec<String> = (0..100_000).map(|n| format!("c{n}")).collect();
        let text = format!("{},text\n{}hallo\n", header.join(","), ",".repeat(100_000));
        assert_eq!(kept(text).records[0].fields.as_ref().expect("read").len(), 1);
    }

    #[test]
    fn the_delimiter_is_the_one_that_the_header_uses() {
        assert_eq!(delimiter(b"id;text;at\n1,2;3"), Some(b';'));
        assert_eq!(delimiter(b"\"a,b,c\";text\n"), Some(b';'));
        assert_eq!(delimiter(b"text\n"), None);
    }
}
