//! Files as they should not be: valid ones of every format, damaged in many ways, and some made on purpose.

use std::io::Write;
use std::path::Path;

use beleving_archive::{Column, Kind, Table, TableFormat};
use serde_json::{Map, Value, json};

/// In every text; no error and no log may show it.
pub(crate) const CANARY: &str = "kanariepiet";

/// SplitMix64 with a fixed seed: the same files everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

/// 200 files with their names.
pub(crate) fn all(scratch: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut random = Random(6);
    let mut files = made_on_purpose()?;
    let valid = valid(scratch)?;
    while files.len() < 200 {
        let n = files.len();
        let (ending, bytes) = &valid[n % valid.len()];
        let (how, damaged) = damage(bytes, &mut random, n / valid.len());
        files.push((format!("{n:03}-{how}.{ending}"), damaged));
    }
    Ok(files)
}

/// One small valid file of each format.
pub(crate) fn valid(scratch: &Path) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    let line = |n: usize| {
        json!({"id": format!("m{n}"), "text": format!("{CANARY} é \"{n}\"\nwaar blijft het?"), "seq": n,
               "speaker": "customer", "customer": format!("c{}", n % 5)})
    };
    let mut files = Vec::new();
    let jsonl: String = (0..60).map(|n| format!("{}\n", line(n))).collect();
    for ending in ["csv", "tsv", "csv.gz", "jsonl.zst", "jsonl.gz", "parquet", "arrow"] {
        let path = scratch.join(format!("valid-{}.{ending}", std::process::id()));
        let column = |path: &str, kind| Column { path: path.to_owned(), is_name: false, kind };
        let columns = vec![
            column("id", Kind::Text),
            column("text", Kind::Text),
            column("seq", Kind::Whole),
            column("speaker", Kind::Text),
            column("customer", Kind::Text),
        ];
        let mut table = Table::create(&path, TableFormat::of(&path)?, columns)?;
        for n in 0..60 {
            let Value::Object(line) = line(n) else { unreachable!("an object") };
            table.write(&line)?;
        }
        table.finish()?;
        files.push((ending, std::fs::read(&path)?));
        std::fs::remove_file(path)?;
    }
    let mbox: String = (0..20).map(mail).collect();
    let cues = |comma: char| -> String {
        (0..20)
            .map(|n| format!("{n}\n00:00:{n:02}{comma}000 --> 00:00:{n:02}{comma}900\nKlant: {CANARY} {n}\n\n"))
            .collect()
    };
    let segments: Vec<Value> = (0..20)
        .map(|n| json!({"speaker": "klant", "start": n, "text": format!("{CANARY} {n}")}))
        .collect();
    files.extend([
        ("jsonl", jsonl.into_bytes()),
        ("json", serde_json::to_vec(&json!({"segments": segments}))?),
        ("mbox", mbox.into_bytes()),
        ("eml", mail(0).into_bytes()),
        ("vtt", format!("WEBVTT\n\n{}", cues('.')).into_bytes()),
        ("srt", cues(',').into_bytes()),
    ]);
    Ok(files)
}

fn mail(n: usize) -> String {
    let refers =
        if n.is_multiple_of(3) { String::new() } else { format!("References: <m{}@x>\n", n - 1) };
    format!(
        "From x Mon Mar  2 09:00:00 2026\nFrom: K <k{n}@klant.example>\nMessage-ID: <m{n}@x>\n\
         Date: Mon, 2 Mar 2026 09:00:00 +0100\n{refers}MIME-Version: 1.0\n\
         Content-Type: multipart/alternative; boundary=\"b\"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: quoted-printable\n\n{CANARY} caf=C3=A9\n--b\nContent-Type: text/html\n\n\
         <p>{CANARY}</p>\n--b--\n\n"
    )
}

/// A file damaged in one way, and what the way is called.
fn damage(bytes: &[u8], random: &mut Random, round: usize) -> (&'static str, Vec<u8>) {
    let mut bytes = bytes.to_vec();
    let at = random.below(bytes.len());
    let how = match round {
        0 => {
            bytes.truncate(at);
            "cut"
        }
        1 => {
            bytes.clear();
            "empty"
        }
        2 => {
            (0..20).for_each(|n| bytes.insert((at + n) % bytes.len(), 0));
            "nul"
        }
        3 => {
            let n = bytes.len();
            bytes.drain(at..(at + n / 10).min(n));
            "gap"
        }
        4 => {
            bytes = bytes.repeat(3);
            "thrice"
        }
        5 => {
            bytes.splice(at..at, [0xFF, 0xFE, b'"', b'\n', b'"', 0x80]);
            "quotes"
        }
        6 => {
            bytes.truncate(bytes.len() - 1 - random.below(12).min(bytes.len() - 1));
            "tail"
        }
        _ => {
            for _ in 0..1 + random.below(24) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
            "bits"
        }
    };
    (how, bytes)
}

fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn made_on_purpose() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let wide: Vec<String> = (0..100_000).map(|n| format!("c{n}")).collect();
    let wide = format!("{},text\n{}{CANARY}\n", wide.join(","), ",".repeat(100_000));
    let row = |text: &str| format!("{{\"text\": \"{text}\"}}\n");
    let long = "x".repeat(40 << 20);
    let parts = |n: usize| {
        let open = |n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
        format!("From: k@x\nMessage-ID: <a@x>\n{}", (0..n).map(open).collect::<String>())
    };
    let circle: String = (0..500)
        .map(|n| {
            format!(
                "From x Mon Mar  2 09:00:00 2026\nFrom: k@x\nMessage-ID: <m{n}@x>\nReferences: <m{}@x>\n\n{CANARY}\n\n",
                (n + 1) % 500
            )
        })
        .collect();
    let many: Vec<Map<String, Value>> = (0..50_000).map(|_| Map::new()).collect();
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    Ok(vec![
        file("columns-100000.csv", wide),
        file("line-40-MiB.jsonl", row(&long) + &row("kort")),
        file("field-40-MiB.csv", format!("id,text\n1,{long}\n2,kort\n")),
        file("no-newline-40-MiB.mbox", format!("From x\n{long}")),
        ("bomb.jsonl.gz".to_owned(), gzip(&vec![b' '; 256 << 20])?),
        ("bomb.csv.zst".to_owned(), zstd::encode_all(&*[b"text\n\"".to_vec(), vec![b'a'; 128 << 20]].concat(), 1)?),
        file("open-quotes.csv", "text\n".to_owned() + &format!("a,\"{CANARY}\n\"b\n").repeat(3000)),
        file("mixed-columns.csv", format!("id,text\n1\n2,{CANARY},3,4\n,\n\"\n")),
        file("no-rows.csv", "id,text\n".to_owned()),
        file("no-header.csv", format!("1,{CANARY}\n2,{CANARY}\n")),
        file("twice.csv", format!("text,text\n{CANARY},{CANARY}\n")),
        file("deep.jsonl", format!("{{\"text\": {}\n", "[".repeat(1_000_000))),
        file("deep.json", "[".repeat(1_000_000)),
        file("deep.eml", parts(20_000)),
        file("circle.mbox", circle),
        file("repeats.jsonl", json!({"interaction": "x".repeat(1 << 20), "messages": many}).to_string()),
        file("keys.jsonl", format!("{{{}\"text\": \"{CANARY}\"}}", "\"text\": 3, ".repeat(100_000))),
        file("times.vtt", format!("WEBVTT\n\n99999999999:99 --> x\n{CANARY}\n\n-1:00.000 --> \n<v <v <v>{CANARY}")),
        file("numbers.jsonl", "{\"text\": \"a\", \"seq\": 1e999}\n{\"text\": \"a\", \"at\": \"9999999999-01-01T00:00:00Z\"}\n".to_owned()),
        (
            "utf16-half.csv".to_owned(),
            [&b"\xFF\xFE"[..], &"text\nhé".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(), b"x"].concat(),
        ),
    ])
}
