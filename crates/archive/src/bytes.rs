//! Bytes of a file: counted, decompressed and decoded to UTF-8.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use encoding_rs::{Encoding, WINDOWS_1252};
use encoding_rs_io::DecodeReaderBytesBuilder;

/// Longest line, record or cue that is read; a longer one is an error of its row.
pub(crate) const MAX_ROW_BYTES: usize = 16 << 20;

/// As much of a file as is looked at to find out its encoding.
pub(crate) const SAMPLE: usize = 1 << 18;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// How a file of this name is compressed, and the name without the ending that says so.
    pub(crate) fn of(name: &str) -> (&str, Self) {
        match name.rsplit_once('.') {
            Some((inner, ending)) if ending.eq_ignore_ascii_case("gz") => (inner, Self::Gzip),
            Some((inner, ending)) if ending.eq_ignore_ascii_case("zst") => (inner, Self::Zstd),
            _ => (name, Self::None),
        }
    }
}

/// Counts the bytes that come out of the file, for the progress bar.
struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Opens a file and decompresses it.
pub(crate) fn open(
    path: &Path,
    compression: Compression,
    bytes: &Arc<AtomicU64>,
) -> anyhow::Result<Box<dyn Read + Send>> {
    let file = File::open(path).context("cannot open the file")?;
    let file = Counted { inner: file, bytes: bytes.clone() };
    Ok(match compression {
        Compression::None => Box::new(file),
        Compression::Gzip => {
            Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file)))
        }
        Compression::Zstd => {
            let mut decoder = zstd::Decoder::new(file).context("cannot read the file as zstd")?;
            // 128 MiB: what `zstd --long` makes. More would be somebody's attack on our memory.
            decoder.window_log_max(27).context("cannot read the file as zstd")?;
            Box::new(decoder)
        }
    })
}

/// The same bytes as UTF-8. With `declared`, from that encoding; else by the byte order mark.
pub(crate) fn decode(
    input: Box<dyn Read + Send>,
    declared: Option<&'static Encoding>,
) -> Box<dyn Read + Send> {
    let mut builder = DecodeReaderBytesBuilder::new();
    builder.encoding(declared.filter(|e| *e != encoding_rs::UTF_8)).utf8_passthru(true);
    builder.strip_bom(true).bom_override(true);
    Box::new(builder.build(input))
}

/// As [`decode`]; a file without a byte order mark whose first `limit` bytes cannot be UTF-8 but can be
/// Windows-1252 is read as that. The second value says whether it is.
pub(crate) fn detect(input: Box<dyn Read + Send>, limit: usize) -> (Box<dyn Read + Send>, bool) {
    let (sample, input) = look_ahead(input, limit);
    // A line that goes on behind the sample says nothing, nor does a letter.
    let whole = match (sample.iter().rposition(is_line_end), std::str::from_utf8(&sample)) {
        _ if sample.len() < limit => &sample,
        (Some(end), _) => &sample[..end],
        (None, Err(error)) if error.error_len().is_none() => &sample[..error.valid_up_to()],
        (None, _) => &sample,
    };
    let found = looks_like_windows_1252(whole);
    (decode(input, found.then_some(WINDOWS_1252)), found)
}

/// The first `limit` bytes, and the input with them.
pub(crate) fn look_ahead(
    mut input: Box<dyn Read + Send>,
    limit: usize,
) -> (Vec<u8>, Box<dyn Read + Send>) {
    let mut sample = Vec::new();
    // What cannot be read will be met again, and reported, by whoever reads on.
    let fault = (&mut input).take(limit as u64).read_to_end(&mut sample).err();
    let rest: Box<dyn Read + Send> = match fault {
        Some(error) => Box::new(Failing(Some(error))),
        None => input,
    };
    let whole = Box::new(Cursor::new(sample.clone()).chain(rest));
    (sample, whole)
}

/// Which UTF-16 a file without a byte order mark begins in, as far as that is certain: it has a zero byte in every
/// pair, and always on the same side, as letters of the Latin alphabet do.
pub(crate) fn utf16_without_mark(start: &[u8]) -> Option<&'static str> {
    let (pairs, _) = start.as_chunks::<2>();
    let zero_only = |side: usize| {
        pairs.len() > 1 && pairs.iter().all(|pair| pair[side] == 0 && pair[1 - side] != 0)
    };
    if zero_only(1) { Some("utf-16le") } else { zero_only(0).then_some("utf-16be") }
}

/// What a file is by its first bytes that is no text, and what is to be done with it.
pub(crate) fn no_text(start: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: &[(&[u8], &str)] = &[
        (b"\x1F\x8B", "gzip: unpack it, or give it the ending .gz behind its own"),
        (b"\x28\xB5\x2F\xFD", "Zstandard: unpack it, or give it the ending .zst behind its own"),
        (
            b"PK\x03\x04",
            "a zip archive or an Office document: unpack it, or save it as CSV (UTF-8)",
        ),
        (b"PAR1\x15", "Parquet: give it the ending .parquet"),
        (b"ARROW1\0\0", "Arrow: give it the ending .arrow"),
        (b"%PDF-", "a PDF, which is not read"),
    ];
    let known = BEGINNINGS.iter().find(|(beginning, _)| start.starts_with(beginning));
    known.map(|(_, what)| *what)
}

/// What is wrong with this file alone.
pub(crate) fn damaged(found: String) -> anyhow::Error {
    io::Error::new(io::ErrorKind::InvalidData, found).into()
}

/// Gives an error that was met before, once its turn has come.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Lines with letters outside ASCII, none of which is UTF-8, and no byte that Windows-1252 has no
/// letter for. One line of real UTF-8 is enough to call the others damaged.
fn looks_like_windows_1252(sample: &[u8]) -> bool {
    let marked = [&b"\xEF\xBB\xBF"[..], b"\xFF\xFE", b"\xFE\xFF"];
    if marked.iter().any(|mark| sample.starts_with(mark)) {
        return false;
    }
    let mut foreign = sample.split(is_line_end).filter(|line| !line.is_ascii()).peekable();
    let control =
        |b: &u8| matches!(b, 0..=8 | 0x0E..=0x1F | 0x7F | 0x81 | 0x8D | 0x8F | 0x90 | 0x9D);
    foreign.peek().is_some()
        && foreign.all(|line| std::str::from_utf8(line).is_err())
        && !sample.iter().any(control)
}

/// What [`read_line`] found.
pub(crate) enum Line {
    /// A line, without its end.
    Whole,
    /// A line over the limit; it was skipped.
    TooLong,
    /// Nothing is left.
    End,
}

/// Reads one line of at most `limit` bytes into `line`.
pub(crate) fn read_line(
    input: &mut dyn BufRead,
    limit: usize,
    line: &mut Vec<u8>,
) -> io::Result<Line> {
    line.clear();
    let read = (&mut *input).take(limit as u64 + 1).read_until(b'\n', line)?;
    if read == 0 {
        return Ok(Line::End);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    } else if line.len() > limit {
        line.clear();
        input.skip_until(b'\n')?;
        return Ok(Line::TooLong);
    }
    Ok(Line::Whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_1252_is_found_and_damaged_utf8_is_not_taken_for_it() {
        assert!(looks_like_windows_1252(b"id;tekst\n1;caf\xe9\n2;\x80 5\n"));
        for not in [
            &b"id;tekst\n1;cafe\n"[..],
            "1;café\n".as_bytes(),
            b"1;caf\xc3\xa9\n2;caf\xe9\n",
            b"\xef\xbb\xbf1;caf\xe9\n",
            b"caf\xe9\x00\n",
            b"1;caf\xc3\xa9\r2;caf\xe9\r",
        ] {
            assert!(!looks_like_windows_1252(not), "{not:?}");
        }
    }

    #[test]
    fn a_letter_that_the_sample_cuts_is_no_damage() {
        for line_end in ["\r", "\n", " "] {
            let text = format!("id;tekst{line_end}1;caf\u{e9}{line_end}2;ol\u{e9}");
            for limit in 0..text.len() + 2 {
                let (mut read, mut found) =
                    (String::new(), detect(Box::new(io::Cursor::new(text.clone())), limit));
                found.0.read_to_string(&mut read).expect("UTF-8");
                assert!(!found.1 && read == text, "{line_end:?} {limit}");
            }
        }
    }

    #[test]
    fn utf16_without_a_mark_is_known_by_its_zero_bytes() {
        for (start, expected) in [
            (&b"i\0d\0;\0t\0"[..], Some("utf-16le")),
            (b"\0i\0d\0;\0t", Some("utf-16be")),
            (b"i\0d\0;\0\0t", None),
            (b"\xff\xfei\0d\0", None),
            (b"id;t\0", None),
            (b"\0\0\0\0", None),
            (b"a\0", None),
            (b"", None),
        ] {
            assert_eq!(utf16_without_mark(start), expected, "{start:?}");
        }
    }

    #[test]
    fn utf16_with_a_mark_and_declared_latin1_come_out_as_utf8() {
        let read = |bytes: &'static [u8], declared| {
            let mut text = String::new();
            decode(Box::new(bytes), declared).read_to_string(&mut text).expect("UTF-8");
            text
        };
        assert_eq!(read(b"\xff\xfeh\x00\xe9\x00", None), "hé");
        assert_eq!(read(b"h\xe9", Some(WINDOWS_1252)), "hé");
        assert_eq!(read(b"\xef\xbb\xbfh", None), "h");
    }
}
