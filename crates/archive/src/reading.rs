//! Reads files one after another, each as its format says, and standard input.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::bail;
use encoding_rs::Encoding;

use crate::input::{Format, InputFile, ReadOptions};
use crate::record::{Fault, Origin, Record, Sink};
use crate::{columnar, csv, jsonl, mail, transcript};

/// Reads all files and hands their records over in order, as [`crate::Inputs::read`] says.
pub(crate) fn read_files(
    files: &[InputFile],
    bytes: &Arc<AtomicU64>,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let threads = mail::Threads::scan(files, bytes)?;
    let mut mails = mail::Mails::new(threads, &options.staff);
    for (n, file) in files.iter().enumerate() {
        // A bar that counts bytes has to count a file's own reading only.
        let shown = Arc::<str>::from(file.path.to_string_lossy());
        let mut counting = Counting { sink, file: shown, last: 0, any: false, stopped: false };
        let read = read_file(file, options, bytes, &mut mails, &mut counting);
        let Err(error) = read else { continue };
        if counting.stopped {
            return Err(error);
        }
        let (any, row) = (counting.any, counting.last + 1);
        if n == 0 && !any {
            return Err(error.context(format!("`{}`", file.path.display())));
        }
        let fields = Err(Fault::new(format!("{error:#}; nothing after this was read")));
        counting.take(Record { file: None, row, origin: Origin::Table, fields })?;
    }
    Ok(())
}

/// Reads standard input.
pub(crate) fn read_pipe(
    input: Box<dyn Read + Send>,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    match options.format {
        None | Some(Format::Jsonl) => {
            let input = match options.encoding {
                None => input,
                declared => crate::bytes::decode(input, declared),
            };
            jsonl::read(input, jsonl::Source::Pipe, sink)
        }
        Some(Format::Csv) => {
            // Of a pipe no more is looked at than its first rows wait for anyway.
            let text = as_utf8(input, options.encoding, csv::BLOCK, Path::new("-"));
            csv::read(text, options, sink)
        }
        Some(other) => {
            bail!("standard input is read as JSON lines or CSV, not as {other:?}; give a file")
        }
    }
}

/// Text in the declared encoding, or in the one that its first `limit` bytes show, as UTF-8.
fn as_utf8(
    raw: Box<dyn Read + Send>,
    declared: Option<&'static Encoding>,
    limit: usize,
    path: &Path,
) -> Box<dyn Read + Send> {
    if declared.is_some() {
        return crate::bytes::decode(raw, declared);
    }
    let (text, guessed) = crate::bytes::detect(raw, limit);
    if guessed {
        let shown = path.display();
        tracing::warn!("`{shown}` is not UTF-8 and was read as Windows-1252; --encoding states it");
    }
    text
}

fn read_file(
    file: &InputFile,
    options: &ReadOptions,
    bytes: &Arc<AtomicU64>,
    mails: &mut mail::Mails,
    sink: &mut Counting<'_>,
) -> anyhow::Result<()> {
    if matches!(file.format, Format::Parquet | Format::Arrow) {
        let read = if file.format == Format::Parquet {
            columnar::read_parquet(file, &options.columns, sink)
        } else {
            columnar::read_arrow(file, &options.columns, bytes, sink)
        };
        bytes.fetch_add(
            if file.format == Format::Parquet { file.path.metadata()?.len() } else { 0 },
            Ordering::Relaxed,
        );
        return read;
    }
    let raw = crate::bytes::open(&file.path, file.compression, bytes)?;
    match file.format {
        Format::Mbox => return mail::read_mbox(raw, mails, sink),
        Format::Eml => return mail::read_eml(raw, mails, sink),
        _ => {}
    }
    let text = match options.encoding {
        // JSON is UTF-8 by its standard; anything else has to be declared.
        None if matches!(file.format, Format::Jsonl | Format::Json) => {
            crate::bytes::decode(raw, None)
        }
        declared => as_utf8(raw, declared, crate::bytes::SAMPLE, &file.path),
    };
    match file.format {
        Format::Jsonl => jsonl::read(text, jsonl::Source::File, sink),
        Format::Json => jsonl::read_document(text, &file.call, sink),
        Format::Csv => csv::read(text, options, sink),
        Format::WebVtt | Format::Srt => transcript::read_cues(text, &file.call, sink),
        Format::Parquet | Format::Arrow | Format::Mbox | Format::Eml => unreachable!("read above"),
    }
}

/// Names the file in every record, and knows which came last.
struct Counting<'a> {
    sink: &'a mut dyn Sink,
    file: Arc<str>,
    last: u64,
    any: bool,
    /// Whether it was the sink that wanted no more.
    stopped: bool,
}

impl Sink for Counting<'_> {
    fn take(&mut self, mut record: Record) -> anyhow::Result<()> {
        self.any = true;
        self.last = self.last.max(record.row);
        record.file = Some(self.file.clone());
        self.sink.take(record).inspect_err(|_| self.stopped = true)
    }

    fn may_wait(&mut self) -> anyhow::Result<()> {
        self.sink.may_wait().inspect_err(|_| self.stopped = true)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::input::is_stop;
    use crate::record::Stopped;
    use crate::testing::Kept;

    fn csv(encoding: Option<&'static Encoding>) -> ReadOptions {
        ReadOptions { format: Some(Format::Csv), encoding, ..ReadOptions::default() }
    }

    #[test]
    fn csv_on_standard_input_is_decoded_as_a_file_is() {
        for (encoding, bytes) in [
            (Some(encoding_rs::WINDOWS_1252), &b"id;text\n1;caf\xe9 \x80 5\n"[..]),
            (None, b"id;text\n1;caf\xe9 \x80 5\n"),
            (Some(encoding_rs::UTF_8), "id;text\n1;café € 5\n".as_bytes()),
            (None, "\u{feff}id;text\n1;café € 5\n".as_bytes()),
            (Some(encoding_rs::WINDOWS_1251), b"id;text\n1;caf\xe9 \x88 5\n"),
        ] {
            let mut kept = Kept::default();
            read_pipe(Box::new(bytes), &csv(encoding), &mut kept).expect("readable");
            let cyrillic = encoding == Some(encoding_rs::WINDOWS_1251);
            assert_eq!(kept.values("text"), [if cyrillic { "cafй € 5" } else { "café € 5" }]);
        }
    }

    /// Input without an end, of which the bytes that were read are counted.
    struct Endless(Arc<AtomicU64>);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let before = self.0.fetch_add(buffer.len() as u64, Ordering::Relaxed) as usize;
            let line = b"1;caf\xe9\n";
            for (n, byte) in buffer.iter_mut().enumerate() {
                *byte = line[(before + n) % line.len()];
            }
            Ok(buffer.len())
        }
    }

    /// Notes how much was read when the first row comes, and wants no more.
    struct First(Arc<AtomicU64>, u64);

    impl Sink for First {
        fn take(&mut self, _: Record) -> anyhow::Result<()> {
            self.1 = self.0.load(Ordering::Relaxed);
            Err(Stopped.into())
        }
    }

    #[test]
    fn csv_on_standard_input_gives_its_first_row_after_one_block() {
        for encoding in [None, Some(encoding_rs::WINDOWS_1252)] {
            let read = Arc::new(AtomicU64::new(0));
            let input = io::Cursor::new(b"id;text\n").chain(Endless(read.clone()));
            let mut first = First(read, 0);
            let stopped = read_pipe(Box::new(input), &csv(encoding), &mut first);
            assert!(is_stop(&stopped.expect_err("stopped")));
            assert!(first.1 <= csv::BLOCK as u64 + (16 << 10), "{} bytes", first.1);
        }
    }
}
