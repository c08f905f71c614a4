//! Makes a large archive of invented text: `cargo run --example generate N FOLDER [COPIES
//! [WORD]]` writes N messages in N/4 interactions as `archive.jsonl`, `archive.csv` and `archive.parquet`. The
//! word goes into every text, so that text is found wherever it turns up.
//!
//! Sentences are ours and recombined at random from a fixed seed; COPIES messages in eight, one unless
//! given, are copies of an earlier one, as archives have them.

use std::path::PathBuf;

use anyhow::Context;
use beleving_archive::{Column, Kind, Table, TableFormat};
use serde_json::{Map, Value, json};

const OPENINGS: [&str; 6] =
    ["Goedemiddag,", "Hallo,", "Beste medewerker,", "Hello,", "Dear team,", ""];
const PROBLEMS: [&str; 10] = [
    "Ik wacht al twee weken op een antwoord.",
    "De monteur is niet gekomen en niemand belde af.",
    "De factuur klopt niet, er staat een bedrag te veel op.",
    "Het portaal geeft een foutmelding bij het inloggen.",
    "Wanneer wordt mijn bestelling geleverd?",
    "This is the third time I have asked about my refund.",
    "The parcel arrived damaged.",
    "Could you tell me which form I need?",
    "Dank u wel, het is netjes opgelost.",
    "Thank you, that worked straight away.",
];
const ANSWERS: [&str; 5] = [
    "Wij hebben uw vraag doorgezet naar de afdeling.",
    "Uw bestelling wordt morgen bezorgd.",
    "We are sorry for the wait and will call you today.",
    "Kunt u ons uw klantnummer sturen?",
    "Het bedrag is teruggeboekt.",
];
const ENDINGS: [&str; 6] = [
    "Laat maar weten.",
    "Zo kan het niet langer.",
    "Please let me know.",
    "Alvast bedankt.",
    "Ik zeg mijn contract op als dit zo doorgaat.",
    "",
];
const CHANNELS: [&str; 3] = ["email", "chat", "phone"];

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as u64) as usize]
    }
}

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let n: u64 = args.next().context("how many messages?")?.parse()?;
    let folder: PathBuf = args.next().unwrap_or("target/archive".to_owned()).into();
    let copies: u64 = args.next().map_or(Ok(1), |copies| copies.parse())?;
    let word = args.next().unwrap_or_default();
    std::fs::create_dir_all(&folder)?;
    let text = |path: &str| Column { path: path.to_owned(), is_name: false, kind: Kind::Text };
    let columns = || {
        let mut columns: Vec<Column> =
            ["id", "interaction", "customer", "channel", "speaker", "role", "at", "text"]
                .map(text)
                .into();
        columns.push(Column { path: "seq".to_owned(), is_name: false, kind: Kind::Whole });
        columns
    };
    let mut tables = Vec::new();
    for ending in ["jsonl", "csv", "parquet"] {
        let path = folder.join(format!("archive.{ending}"));
        tables.push(Table::create(&path, TableFormat::of(&path)?, columns())?);
    }
    let mut random = Random(2026);
    let mut earlier: Vec<String> = Vec::new();
    // Interactions lie mixed in windows, as they do in an archive by date.
    for m in 0..n {
        let (window, place) = (m / 400, m % 400);
        let (interaction, turn) = (window * 100 + place % 100, place / 100);
        let staff = turn % 2 == 1;
        let mut line = line(&mut random, &mut earlier, copies, m, interaction, turn, staff);
        if let (false, Some(Value::String(text))) = (word.is_empty(), line.get_mut("text")) {
            *text = format!("{text} {word}");
        }
        for table in &mut tables {
            table.write(&line)?;
        }
    }
    tables.into_iter().try_for_each(Table::finish)
}

fn line(
    random: &mut Random,
    earlier: &mut Vec<String>,
    copies: u64,
    m: u64,
    interaction: u64,
    turn: u64,
    staff: bool,
) -> Map<String, Value> {
    let text = if !earlier.is_empty() && random.below(8) < copies {
        earlier[random.below(earlier.len() as u64) as usize].clone()
    } else {
        let middle =
            (0..1 + random.below(3)).map(|_| random.of(if staff { &ANSWERS } else { &PROBLEMS }));
        let middle: Vec<&str> = middle.collect();
        let number = random.below(1_000_000);
        format!("{} {} ({number}) {}", random.of(&OPENINGS), middle.join(" "), random.of(&ENDINGS))
    };
    if earlier.len() < 1000 {
        earlier.push(text.clone());
    }
    let (day, hour) = (1 + (interaction / 100) % 28, 8 + turn);
    let line = json!({
        "id": format!("m{m}"), "interaction": format!("i{interaction}"),
        "customer": format!("c{}", interaction % 40_000), "channel": CHANNELS[(interaction % 3) as usize],
        "speaker": if staff { "staff" } else { "customer" },
        "role": if staff { Some("klantenservice") } else { None },
        "at": format!("2026-{:02}-{day:02}T{hour:02}:00:00Z", 1 + (interaction / 2800) % 12),
        "text": text.trim(), "seq": turn,
    });
    let Value::Object(line) = line else { unreachable!("an object was written") };
    line
}
