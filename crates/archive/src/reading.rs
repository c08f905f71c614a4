//! Reads files one after another, each as its format says, and standard input.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::bail;
use arrow_schema::ArrowError;
use encoding_rs::Encoding;
use parquet::errors::ParquetError;

use crate::input::{Format, InputFile, ReadOptions};
use crate::record::{Fault, Origin, Record, Sink};
use crate::{columnar, csv, jsonl, mail, transcript};

/// Bytes of a file that show whether it is text, and whether in UTF-16.
const START: usize = 32;

/// Reads all files and hands their records over in order, as [`crate::Inputs::read`] says.
pub(crate) fn read_files(
    files: &[InputFile],
    bytes: &Arc<AtomicU64>,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let mut mails = mail::Mails::new(mail::Threads::scan(files), options);
    for (n, file) in files.iter().enumerate() {
        let shown = Arc::<str>::from(file.path.to_string_lossy());
        let mut counting = Counting { sink, file: shown, last: 0, any: false, stopped: false };
        let read = read_file(file, options, bytes, &mut mails, &mut counting);
        let Err(error) = read else {
            if !counting.any {
                tracing::warn!("`{}` holds no row", file.path.display());
            }
            continue;
        };
        if counting.stopped {
            return Err(error);
        }
        let (any, row) = (counting.any, counting.last + 1);
        // Where the header or the options are at fault, they are so for every file.
        if n == 0 && !any && (files.len() == 1 || !is_damage(&error)) {
            return Err(error.context(format!("`{}`", file.path.display())));
        }
        let fields = Err(Fault::new(format!("{error:#}; nothing after this was read")));
        counting.take(Record { file: None, row, origin: Origin::Table, fields })?;
    }
    mails.tell_of_unmet();
    Ok(())
}

/// Whether it is this one file that cannot be opened, unpacked or decoded.
fn is_damage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<io::Error>() || cause.is::<ParquetError>() || cause.is::<ArrowError>()
    })
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
            jsonl::read(input, jsonl::Source::Pipe, &options.times, sink)?;
        }
        Some(Format::Csv) => {
            // Of a pipe no more is looked at than its first rows wait for anyway.
            let text = as_utf8(input, options.encoding, csv::BLOCK, Path::new("-"));
            csv::read(text, options, sink)?;
        }
        Some(other) => {
            bail!("standard input is read as JSON lines or CSV, not as {other:?}; give a file")
        }
    }
    // There is no mail in it.
    mail::Mails::new(mail::Threads::default(), options).tell_of_unmet();
    Ok(())
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
    match file.format {
        Format::Parquet => {
            let read = columnar::read_parquet(file, options, sink);
            // Of its bytes only those of the columns that are wanted are read.
            bytes.fetch_add(file.path.metadata().map_or(0, |m| m.len()), Ordering::Relaxed);
            return read;
        }
        Format::Arrow => return columnar::read_arrow(file, options, bytes, sink),
        _ => {}
    }
    let raw = crate::bytes::open(&file.path, file.compression, bytes)?;
    match file.format {
        // Only a byte order mark goes: each part of a mail has an encoding of its own.
        Format::Mbox => return mail::read_mbox(crate::bytes::decode(raw, None), mails, sink),
        Format::Eml => return mail::read_eml(crate::bytes::decode(raw, None), mails, sink),
        _ => {}
    }
    let (start, raw) = crate::bytes::look_ahead(raw, START);
    if let Some(what) = crate::bytes::no_text(&start) {
        return Err(crate::bytes::damaged(format!("this is {what}")));
    }
    if let Some(name) =
        crate::bytes::utf16_without_mark(&start).filter(|_| options.encoding.is_none())
    {
        bail!("the file looks like UTF-16 without a byte order mark; --encoding {name} states it");
    }
    let text = match options.encoding {
        // JSON is UTF-8 by its standard; anything else has to be declared.
        None if matches!(file.format, Format::Jsonl | Format::Json) => {
            crate::bytes::decode(raw, None)
        }
        declared => as_utf8(raw, declared, crate::bytes::SAMPLE, &file.path),
    };
    match file.format {
        Format::Jsonl => jsonl::read(text, jsonl::Source::File, &options.times, sink),
        Format::Json => jsonl::read_document(text, &file.call, &options.times, sink),
        Format::Csv => csv::read(text, options, sink),
        Format::WebVtt | Format::Srt => {
            transcript::read_cues(text, &file.call, &options.speakers, sink)
        }
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
    use super::*;
    use crate::input::{Inputs, is_stop};
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

    fn file(name: &str, bytes: &[u8], options: &ReadOptions) -> anyhow::Result<Kept> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let mut kept = Kept::default();
        Inputs::find(&[path], None).expect("found").read(options, &mut kept).map(|()| kept)
    }

    #[test]
    fn a_file_without_rows_is_none_of_any_format() {
        for (name, bytes) in [
            ("a.csv", &b""[..]),
            ("a.csv", b"id;text\n"),
            ("a.jsonl", b""),
            ("a.json", b""),
            ("a.mbox", b""),
        ] {
            let kept = file(name, bytes, &ReadOptions::default()).expect("readable");
            assert!(kept.records.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_byte_order_mark_costs_no_mail_and_its_other_bytes_stay() {
        let mail = |id: &str| {
            let head = format!("From: k@x\nMessage-ID: <{id}>\n").into_bytes();
            [&head, &b"Content-Type: text/plain; charset=windows-1252\n\ncaf\xe9\n"[..]].concat()
        };
        let separator = b"From x Mon Mar  2 09:00:00 2026\n";
        let (a, b) = (mail("a@x"), mail("b@x"));
        let mbox = [b"\xEF\xBB\xBF", &separator[..], &a, b"\n", separator, &b].concat();
        let eml = [b"\xEF\xBB\xBF", &a[..]].concat();
        for (name, bytes, ids) in [("a.mbox", mbox, &["a@x", "b@x"][..]), ("a.eml", eml, &["a@x"])]
        {
            let kept = file(name, &bytes, &ReadOptions::default()).expect("readable");
            assert_eq!(kept.values("id"), ids, "{name}");
            assert_eq!(kept.values("customer"), vec!["k@x"; ids.len()], "{name}");
            assert!(kept.values("text").iter().all(|text| text.trim() == "café"), "{name}");
        }
    }

    #[test]
    fn of_several_files_a_damaged_first_one_is_a_row_and_a_wrong_header_ends_the_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let whole = path("z.jsonl");
        std::fs::write(&whole, "{\"text\": \"hallo\"}\n").expect("written");
        for (name, bytes, is_damage) in [
            ("a.jsonl.gz", &b"\x1f\x8b\x08\0"[..], true),
            ("a.jsonl.zst", b"no zstd", true),
            ("a.parquet", b"", true),
            ("a.arrow", b"no arrow", true),
            ("a.csv", b"PK\x03\x04", true),
            ("a.json", b"%PDF-1.7\n", true),
            ("a.vtt", b"\x1f\x8b\x08\0\n\xff\n\xff\n", true),
            ("a.csv", b"id;body\n1;hallo\n", false),
            ("a.jsonl", b"{\x00\"\x00a\x00\"\x00:\x001\x00}\x00", false),
        ] {
            let bad = path(name);
            std::fs::write(&bad, bytes).expect("written");
            let mut kept = Kept::default();
            let both = Inputs::find(&[bad.clone(), whole.clone()], None).expect("found");
            let read = both.read(&ReadOptions::default(), &mut kept);
            assert_eq!(read.is_ok(), is_damage, "{name}: {read:?}");
            assert_eq!(kept.faults().len(), usize::from(is_damage), "{name}");
            assert_eq!(kept.values("text").len(), usize::from(is_damage), "{name}");
            let alone = Inputs::find(&[bad], None).expect("found");
            assert!(alone.read(&ReadOptions::default(), &mut kept).is_err(), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_within_that_cannot_be_listed_fails_like_a_file() {
        use std::fs::{Permissions, create_dir, read_dir, set_permissions, write};
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a folder");
        let within = |name: &str| folder.path().join(name);
        for name in ["a.jsonl", "c.jsonl"] {
            write(within(name), "{\"text\": \"hallo\"}\n").expect("written");
        }
        create_dir(within("b")).expect("made");
        set_permissions(within("b"), Permissions::from_mode(0o000)).expect("set");
        // Nothing is closed to root.
        if read_dir(within("b")).is_err() {
            let inputs = Inputs::find(&[folder.path().to_owned()], None).expect("found");
            assert_eq!(inputs.fingerprint().iter().filter(|f| f.sha256.is_empty()).count(), 1);
            let mut kept = Kept::default();
            inputs.read(&ReadOptions::default(), &mut kept).expect("readable");
            assert_eq!((kept.values("text").len(), kept.faults().len()), (2, 1));
            assert!(kept.faults()[0].contains("denied"), "{:?}", kept.faults());
        }
        set_permissions(within("b"), Permissions::from_mode(0o700)).expect("set");
    }

    #[test]
    fn utf16_without_a_mark_is_refused_with_the_option_that_states_it() {
        for text in ["id;text\n1;hallo\n", "{\"text\": \"hallo\"}\n"] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let name = if text.starts_with('{') { "a.jsonl" } else { "a.csv" };
            let error = file(name, &bytes, &ReadOptions::default()).err().expect("refused");
            assert!(format!("{error:#}").contains("--encoding utf-16be"), "{error:#}");
            let encoding = Some(encoding_rs::UTF_16BE);
            let stated = ReadOptions { encoding, ..ReadOptions::default() };
            assert_eq!(file(name, &bytes, &stated).expect("readable").values("text"), ["hallo"]);
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
