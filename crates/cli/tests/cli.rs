//! The command as a user meets it: files in, lines out, exit status, and nothing lost in between.

use std::path::PathBuf;

use assert_cmd::Command;
use beleving::{Interaction, Judge, Message, Policy, Scorer};
use serde_json::{Value, json};
use tempfile::TempDir;

const CANARY: &str = "kanariepiet";

struct Run {
    folder: TempDir,
}

struct Done {
    status: i32,
    lines: Vec<Value>,
    errors: String,
}

impl Run {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path
    }

    /// Runs `beleving COMMAND FILE` on the tiny model.
    fn command(&self, command: &str, file: &str, more: &[&str], input: &[u8]) -> Done {
        let output = Command::cargo_bin("beleving")
            .expect("built")
            .current_dir(self.folder.path())
            .env("BELEVING_MODEL", concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/tiny"))
            .args([command, file])
            .args(more)
            .write_stdin(input)
            .output()
            .expect("runs");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        Done {
            status: output.status.code().expect("no signal"),
            lines: out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(),
            errors: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

#[test]
fn scores_come_out_in_input_order_with_the_fields_of_the_contract() {
    let run = Run::new();
    let rows: String = (0..50)
        .map(|n| format!("{{\"id\": \"m{n}\", \"text\": \"bericht {n}\", \"team\": {n}}}\n"))
        .collect();
    run.file("in.jsonl", rows);
    let done = run.command("score", "in.jsonl", &["--keep", "team"], b"");
    assert_eq!((done.status, done.lines.len()), (0, 50), "{}", done.errors);
    for (n, line) in done.lines.iter().enumerate() {
        assert_eq!(
            (line["id"].as_str(), line["team"].as_u64()),
            (Some(&*format!("m{n}")), Some(n as u64))
        );
        let risk = line["risk"].as_f64().expect("a risk");
        assert!(
            (0.0..=1.0).contains(&risk) && line["flagged"].as_bool() == Some(risk >= 0.5),
            "{line}"
        );
        for key in [
            "schema",
            "speaker",
            "assessable",
            "sentiment",
            "signals",
            "intents",
            "windows",
            "truncated",
            "model",
            "policy",
        ] {
            assert!(!line[key].is_null(), "{key} in {line}");
        }
    }
    assert!(done.errors.contains("50 messages"), "{}", done.errors);
}

#[test]
fn standard_input_gives_what_a_file_gives() {
    let run = Run::new();
    let rows = b"{\"text\": \"Waar blijft mijn pakket?\"}\n{\"text\": \"Dank u wel\"}";
    run.file("in.jsonl", rows);
    assert_eq!(
        run.command("score", "-", &["-q"], rows).lines,
        run.command("score", "in.jsonl", &["-q"], b"").lines
    );
}

#[test]
fn bad_rows_come_out_in_place_and_the_rest_is_scored() {
    let run = Run::new();
    let mut rows = Vec::new();
    rows.extend(b"{\"id\": \"a\", \"text\": \"goed\"}\n");
    rows.extend(format!("{{\"id\": \"b\", \"text\": \"{CANARY} half\n").as_bytes());
    rows.extend(b"\xff\xfe\n{\"id\": \"c\"}\n");
    rows.extend(format!("{{\"id\": \"d\", \"text\": [\"{CANARY}\"]}}\n").as_bytes());
    rows.extend(
        format!("{{\"id\": \"e\", \"text\": \"goed\", \"at\": \"{CANARY}\"}}\n").as_bytes(),
    );
    rows.extend(b"{\"id\": \"f\", \"text\": \"ook goed\"}\n");
    let done = run.command("score", "-", &[], &rows);
    assert_eq!((done.status, done.lines.len()), (3, 7), "{}", done.errors);
    let failed: Vec<u64> = done
        .lines
        .iter()
        .filter(|l| l["error"]["kind"] == "input")
        .filter_map(|l| l["row"].as_u64())
        .collect();
    assert_eq!(failed, [2, 3, 4, 5, 6]);
    assert!(done.lines[0]["risk"].is_number() && done.lines[6]["risk"].is_number());
    let shown = format!("{:?}{}", done.lines, done.errors);
    assert!(!shown.contains(CANARY), "{shown}");
    assert!(done.errors.contains("5 failed"), "{}", done.errors);
}

#[test]
fn a_csv_in_any_sane_dialect_is_read_and_a_field_that_is_not_utf8_is_an_error_of_its_row() {
    let run = Run::new();
    run.file("in.csv", b"\xEF\xBB\xBFid;tekst\n1;\"regel een\nregel twee; met puntkomma\"\n2;caf\xe9\n3;caf\xc3\xa9\n4;te;veel\n");
    let done = run.command("score", "in.csv", &["--column", "text=tekst", "-o", "out.csv"], b"");
    assert_eq!(done.status, 3, "{}", done.errors);
    let out = std::fs::read_to_string(run.folder.path().join("out.csv")).expect("written");
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let at = |name: &str| header.iter().position(|h| h == name).expect("a column");
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a record")).collect();
    let cells: Vec<(&str, bool, &str)> = rows
        .iter()
        .map(|r| (&r[at("id")], r[at("risk")].is_empty(), &r[at("error.kind")]))
        .collect();
    assert_eq!(
        cells,
        [("1", false, ""), ("", true, "input"), ("3", false, ""), ("", true, "input")]
    );
    assert_eq!(&rows[1][at("row")], "2");
}

#[test]
fn a_csv_without_the_text_column_is_refused_with_the_likely_one_and_never_its_first_message() {
    let run = Run::new();
    run.file("in.csv", "id,body\n1,hallo\n");
    let done = run.command("score", "in.csv", &[], b"");
    assert_eq!(done.status, 2);
    assert!(done.errors.contains("--column text=body"), "{}", done.errors);
    run.file("headless.csv", format!("1,{CANARY}\n2,hallo\n"));
    let done = run.command("score", "headless.csv", &[], b"");
    assert_eq!(done.status, 2);
    assert!(done.errors.contains("2 columns") && !done.errors.contains(CANARY), "{}", done.errors);
}

#[test]
fn faults_before_the_first_row_end_with_status_2_and_say_what_is_wrong() {
    let run = Run::new();
    for (file, more, part) in [
        ("none.jsonl", &[][..], "none.jsonl"),
        ("in.docx", &[], "in.docx"),
        ("-", &["--model", "nowhere"], "nowhere"),
        ("-", &["--column", "txt=a"], "`txt` is no field"),
        ("-", &["--threads", "0"], "threads"),
    ] {
        let done = run.command("score", file, more, b"");
        assert_eq!(done.status, 2, "{file} {more:?}: {}", done.errors);
        assert!(done.errors.contains(part), "{file} {more:?}: {}", done.errors);
        assert!(done.lines.is_empty());
    }
}

#[test]
fn the_first_failure_is_told_with_its_reason_and_the_summary_adds_up() {
    let run = Run::new();
    run.file("a.jsonl", "{\"text\": \"goed\"}\n");
    run.file("b.csv", format!("text,at\n{CANARY},\n{CANARY},99-99-9999 99:99\n{CANARY},x\n"));
    for command in ["score", "judge"] {
        for more in [&[][..], &["-o", "out.jsonl"]] {
            let done = run.command(command, "a.jsonl", &[&["b.csv"], more].concat(), b"");
            let first =
                done.errors.lines().filter(|line| line.starts_with("first: ")).collect::<Vec<_>>();
            assert_eq!((done.status, first.len()), (3, 1), "{}", done.errors);
            assert!(
                first[0].starts_with("first: row 2 of `b.csv`: `at` is `99-99-9999 99:99`, "),
                "{}",
                first[0]
            );
            assert!(!done.errors.contains(CANARY));
        }
    }
    // Both are scored before it is known that they had to say who speaks.
    run.file("strict.toml", "flag_at = 0.01");
    let row = "{\"interaction\": \"i\", \"text\": \"Ik wacht al weken.\"}\n";
    let strict = ["--policy", "strict.toml"];
    let done = run.command("judge", "-", &strict, row.repeat(2).as_bytes());
    assert!(
        done.errors.contains("0 flagged, 0 not assessable, 2 failed (input: 2)"),
        "{}",
        done.errors
    );
    assert!(done.errors.contains("first: row 1 of standard input: "), "{}", done.errors);
    let done = run.command("judge", "-", &strict, row.as_bytes());
    assert!(
        done.errors.contains("1 flagged") && !done.errors.contains("first:"),
        "{}",
        done.errors
    );
}

#[test]
fn a_start_that_fails_leaves_no_key_and_names_the_folder_that_is_not_there() {
    let run = Run::new();
    run.file("in.jsonl", "{\"text\": \"a\"}\n");
    for (more, says) in [
        (&["--key-file", "a.key", "-o", "nope/x.jsonl"][..], "no folder `nope`"),
        (&["-o", "nope/x.jsonl"], "cannot write `nope/x.jsonl`"),
        (&["-o", "x.jsonl", "--states", "nope/s.jsonl"], "no folder `nope`"),
        (&["-o", "x.jsonl", "--speaker", "a=b"], "--speaker a=b"),
    ] {
        let done = run.command("judge", "in.jsonl", more, b"");
        assert_eq!(done.status, 2, "{more:?}: {}", done.errors);
        let told = done.errors.contains(says) && !done.errors.contains("key");
        assert!(told, "{more:?}: {}", done.errors);
        let files = std::fs::read_dir(run.folder.path()).expect("a folder").count();
        assert_eq!(files, 1, "{more:?}");
    }
}

#[test]
fn a_run_that_never_started_is_not_in_the_way_of_the_next() {
    let run = Run::new();
    run.file("wrong.csv", "id,onderwerp\n1,hallo\n");
    run.file("right.csv", "id,text\n1,hallo\n");
    for command in ["score", "judge"] {
        for (file, more) in [("wrong.csv", &[][..]), ("right.csv", &["--states", "no/s.jsonl"])] {
            if command == "score" && !more.is_empty() {
                continue;
            }
            let output = ["-o", "out.jsonl"];
            let done = run.command(command, file, &[more, &output[..]].concat(), b"");
            assert_eq!(done.status, 2, "{command} {file}: {}", done.errors);
            assert!(!run.folder.path().join("out.jsonl.parts").exists(), "{command} {file}");
            let done = run.command(command, "right.csv", &output, b"");
            assert_eq!(done.status, 0, "{command} after {file}: {}", done.errors);
        }
    }
}

#[test]
fn input_without_rows_is_done_and_told() {
    let run = Run::new();
    for (file, content) in [("a.jsonl", ""), ("b.csv", ""), ("c.csv", "id,text\n")] {
        run.file(file, content);
        let done = run.command("judge", file, &[], b"");
        assert_eq!((done.status, done.lines.len()), (0, 0), "{file}: {}", done.errors);
        let told = done.errors.contains(&format!("`{file}` holds no row"));
        assert!(told && done.errors.contains("0 messages"), "{file}: {}", done.errors);
    }
}

#[test]
fn times_without_an_offset_are_read_by_the_clock_that_was_said() {
    let run = Run::new();
    let start = "2026-10-19T08:00:00Z";
    for (file, content) in [
        ("in.csv", "id;interaction;at;text\n1;i;19-10-2026 10:00;hallo\n"),
        (
            "in.jsonl",
            "{\"interaction\": \"i\", \"at\": \"2026-10-19T10:00:00\", \"text\": \"a\"}\n",
        ),
    ] {
        run.file(file, content);
        let done = run.command("judge", file, &["--time-zone", "Europe/Amsterdam"], b"");
        assert_eq!((done.status, &done.lines[0]["start"]), (0, &start.into()), "{}", done.errors);
        let done = run.command("score", file, &[], b"");
        let says = done.lines[0]["error"]["message"].as_str().expect("an error");
        assert!(done.status == 3 && says.contains("--time-zone Europe/Amsterdam"), "{says}");
    }
    run.file("slash.csv", "text,at\na,10/19/2026 10:00\n");
    let zone = ["--time-zone", "+02:00", "--dates"];
    for (order, status) in [("month-first", 0), ("day-first", 3)] {
        let done = run.command("judge", "slash.csv", &[&zone[..], &[order]].concat(), b"");
        assert_eq!(done.status, status, "{order}: {}", done.errors);
    }
    let done = run.command("score", "in.csv", &["--time-zone", "Amsterdam"], b"");
    assert!(done.status == 2 && done.errors.contains("Europe/Amsterdam"), "{}", done.errors);
}

#[test]
fn a_megabyte_of_text_is_read_up_to_the_limit_and_says_so() {
    let done = Run::new().command(
        "score",
        "-",
        &[],
        format!("{{\"text\": \"{}\"}}", "wacht ".repeat(180_000)).as_bytes(),
    );
    assert_eq!(
        (done.status, &done.lines[0]["truncated"]),
        (0, &Value::Bool(true)),
        "{}",
        done.errors
    );
}

#[test]
fn judge_gives_one_line_per_interaction_nested_or_flat() {
    let run = Run::new();
    run.file(
        "nested.jsonl",
        r#"{"interaction": "i1", "customer": "c1", "channel": "email", "messages": [
            {"speaker": "customer", "text": "Wanneer komt de monteur?", "at": "2026-03-02T09:00:00Z"},
            {"speaker": "staff", "role": "planner", "text": "Deze week.", "at": "2026-03-02T10:00:00Z"},
            {"speaker": "customer", "text": "Hij is er niet.", "at": "2026-03-09T10:00:00Z"}]}"#
            .replace('\n', " "),
    );
    run.file(
        "flat.csv",
        "interaction,customer,channel,speaker,role,text,at\n\
         i1,c1,email,customer,,Hij is er niet.,2026-03-09T10:00:00Z\n\
         i1,c1,email,staff,planner,Deze week.,2026-03-02T10:00:00Z\n\
         i1,c1,email,customer,,Wanneer komt de monteur?,2026-03-02T09:00:00Z\n",
    );
    let (nested, flat) = (
        run.command("judge", "nested.jsonl", &["--clear-ids"], b""),
        run.command("judge", "flat.csv", &["--clear-ids"], b""),
    );
    assert_eq!((nested.status, flat.status), (0, 0), "{} {}", nested.errors, flat.errors);
    assert_eq!((nested.lines.len(), flat.lines.len()), (1, 1));
    for key in [
        "interaction",
        "customer",
        "channel",
        "start",
        "end",
        "messages",
        "failed",
        "risk",
        "experience",
        "waiting",
        "handoffs",
    ] {
        assert_eq!(nested.lines[0][key], flat.lines[0][key], "{key}");
    }
    assert_eq!(nested.lines[0]["messages"], 3);
    assert_eq!(nested.lines[0]["start"], "2026-03-02T09:00:00Z");
}

#[test]
fn a_row_that_failed_leaves_the_order_of_its_interaction_and_who_spoke() {
    let run = Run::new();
    let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/tiny");
    let scorer = Scorer::open(tiny).expect("loads");
    let row = |id: &str, speaker: &str, day: u8, text: &str| {
        json!({"interaction": "i", "id": id, "speaker": speaker, "text": text, "team": 1,
               "role": if speaker == "staff" { "planner" } else { "" },
               "at": format!("2026-03-{day:02}T09:00:00Z")})
    };
    // Newest first, as many exports are.
    let rows = [
        row("d", "customer", 9, "Hij is er nog steeds niet, ik wacht al weken."),
        row("c", "staff", 5, "Hij komt deze week."),
        row("b", "staff", 4, "Wij plannen een monteur in."),
        row("a", "customer", 2, "Wanneer komt de monteur?"),
    ];
    for (field, value) in [
        ("text", Value::Null),
        ("text", json!(3)),
        ("customer", json!([])),
        ("language", json!({})),
        ("seq", json!("x")),
    ] {
        for failing in 0..rows.len() {
            let mut rows = rows.clone();
            rows[failing][field] = value.clone();
            let judged = |rows: &mut dyn Iterator<Item = &Value>| {
                run.file("in.jsonl", rows.map(|row| format!("{row}\n")).collect::<String>());
                let more = ["--clear-ids", "-q", "--states", "states.jsonl"];
                let mut done = run.command("judge", "in.jsonl", &more, b"");
                assert_eq!((done.status, done.lines.len()), (3, 2), "{}", done.errors);
                done.lines.pop().expect("a verdict")
            };
            let (oldest_first, verdict) =
                (judged(&mut rows.iter().rev()), judged(&mut rows.iter()));
            for key in ["start", "end", "failed", "risk", "experience", "signals", "waiting"]
                .into_iter()
                .chain(["handoffs", "recovered", "rework", "praise", "flagged"])
            {
                assert_eq!(verdict[key], oldest_first[key], "{key}: {field} of row {failing}");
            }
            // What the library keeps of the same messages, from Arrow too: one has no scores.
            let messages = rows.iter().map(|row| {
                let mut row = row.clone();
                for (field, value) in [("text", ""), ("customer", ""), ("language", "")] {
                    row[field] = value.into();
                }
                row["seq"] = Value::Null;
                row["role"] = row["role"].as_str().filter(|role| !role.is_empty()).into();
                serde_json::from_value::<Message>(row).expect("a message")
            });
            let interaction = Interaction::new("i", messages.collect());
            let expected = scorer.state(&interaction, &[None; 4]).expect("a state");
            let expected = serde_json::to_value(expected).expect("JSON");
            let state = std::fs::read(run.folder.path().join("states.jsonl")).expect("states");
            let state: Value = serde_json::from_slice(&state).expect("JSON");
            let (records, expected) = (&state["records"], &expected["records"]);
            assert_eq!(records[failing], expected[failing], "{field} of row {failing}");
        }
    }
}

#[test]
fn an_interaction_as_the_library_writes_it_stays_whole() {
    let run = Run::new();
    let thread = |id: &str| {
        let messages = vec![
            Message::customer("Wanneer komt de monteur?"),
            Message::staff("planner", "Deze week."),
            Message::customer("Hij is er niet."),
        ];
        serde_json::to_value(Interaction::new(id, messages)).expect("JSON")
    };
    let mut unnamed = thread("");
    unnamed.as_object_mut().expect("an object").remove("id");
    let lines = [thread("z-1"), thread("z-2"), unnamed].map(|line| format!("{line}\n"));
    run.file("in.jsonl", lines.concat());
    let done = run.command("judge", "in.jsonl", &["-q"], b"");
    assert_eq!(done.status, 0, "{}", done.errors);
    let interactions: Vec<_> =
        done.lines.iter().map(|line| (line["interaction"].as_str(), &line["messages"])).collect();
    let three = &json!(3);
    assert_eq!(
        interactions,
        [(Some("z-1"), three), (Some("z-2"), three), (Some("in.jsonl:3"), three)]
    );
    let scores = run.command("score", "in.jsonl", &["-q"], b"");
    let ids: Vec<_> = scores.lines.iter().map(|line| line["id"].as_str()).collect();
    assert_eq!((scores.status, ids), (0, ["0", "1", "2"].map(Some).repeat(3)));
}

#[test]
fn a_table_may_have_a_column_called_messages() {
    let run = Run::new();
    run.file("in.csv", "id,text,messages\na,hallo,3\nb,dag,\n");
    let done = run.command("score", "in.csv", &["-q", "--keep", "messages"], b"");
    assert_eq!((done.status, done.lines.len()), (0, 2), "{:?}", done.lines);
    assert_eq!(done.lines[0]["messages"], "3");
    let done = run.command("score", "-", &["-q"], b"{\"text\": \"hallo\", \"messages\": null}\n");
    assert_eq!(done.status, 0, "{:?}", done.lines);
}

#[test]
fn an_interaction_of_several_messages_has_to_say_who_speaks() {
    let rows = b"{\"id\": \"a\", \"interaction\": \"i\", \"text\": \"x\"}\n{\"id\": \"b\", \"interaction\": \"i\", \"text\": \"y\"}\n";
    let done = Run::new().command("judge", "-", &[], rows);
    assert_eq!(done.status, 3);
    assert_eq!(done.lines.len(), 3, "{:?}", done.lines);
    assert!(
        done.lines
            .iter()
            .filter(|l| l["error"]["message"].as_str().is_some_and(|m| m.contains("`speaker`")))
            .count()
            == 2
    );
    let verdict = done.lines.iter().find(|l| l.get("error").is_none()).expect("a verdict");
    assert_eq!(
        (&verdict["assessable"], &verdict["failed"]),
        (&Value::Bool(false), &Value::from(2))
    );
}

#[test]
fn an_interaction_belongs_to_the_customer_whom_any_of_its_rows_names() {
    let run = Run::new();
    let row = |speaker: &str, customer: Option<&str>, channel: Option<&str>, seq: usize| json!({"interaction": "i", "speaker": speaker, "customer": customer, "channel": channel, "text": "a", "seq": seq});
    let mut rows = [
        row("staff", None, None, 1),
        row("customer", Some("c9"), None, 2),
        row("customer", None, Some("email"), 3),
        row("customer", Some("d1"), Some("mail"), 4),
    ];
    for _ in 0..rows.len() {
        rows.rotate_left(1);
        let input: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let done = run.command("judge", "-", &["-q", "--clear-ids"], input.as_bytes());
        let found = (&done.lines[0]["customer"], &done.lines[0]["channel"]);
        assert_eq!(found, (&json!("c9"), &json!("email")), "{input}");
    }
}

#[test]
fn what_is_kept_takes_no_place_of_the_output_and_undoes_no_pseudonym() {
    let run = Run::new();
    let row = json!({"id": "a", "customer": "jansen", "klant": "jansen", "team": 1, "place": "Delft", "messages": 2,
                     "text": "Waar blijft het?"});
    run.file("in.jsonl", format!("{row}\n"));
    let renamed = ["--column", "customer=klant"];
    for (command, name, more, says) in [
        ("score", "risk", &[][..], "has a field of that name"),
        ("score", "sentiment", &[], "has a field of that name"),
        ("score", "sentiment.negative", &["-o", "out.parquet"], "has a field of that name"),
        // A mail's is a pseudonym there; a table's stands there anyway.
        ("score", "id", &[], "has a field of that name"),
        ("score", "text", &["--with-text"], "has a field of that name"),
        ("score", "row", &[], "has a field of that name"),
        ("judge", "error", &[], "has a field of that name"),
        ("judge", "messages", &[], "has a field of that name"),
        ("score", "customer", &[], "--clear-ids"),
        ("judge", "customer", &["--clear-ids"], "has a field of that name"),
        ("judge", "klant", &renamed, "--clear-ids"),
        ("score", "team", &["--keep", "team"], "given twice"),
        (
            "score",
            "place",
            &["--shard", "1/1", "--clear-ids", "-o", "out.jsonl"],
            "has a field of that name",
        ),
    ] {
        let done = run.command(command, "in.jsonl", &[&["--keep", name], more].concat(), b"");
        assert_eq!((done.status, done.lines.len()), (2, 0), "{command} {name}: {}", done.errors);
        let told = done.errors.contains(&format!("--keep {name}")) && done.errors.contains(says);
        assert!(told, "{command} {name}: {}", done.errors);
    }
    assert_eq!(std::fs::read_dir(run.folder.path()).expect("a folder").count(), 1);
    let kept = ["-q", "--keep", "team", "--keep", "place", "--keep", "messages", "--keep", "text"];
    let done = run.command("score", "in.jsonl", &kept, b"");
    let line = &done.lines[0];
    assert_eq!((&line["team"], &line["place"]), (&json!(1), &json!("Delft")), "{}", done.errors);
    assert_eq!((&line["messages"], &line["text"]), (&json!(2), &row["text"]));
    let clear = [&renamed[..], &["-q", "--clear-ids", "--keep", "klant"]].concat();
    let done = run.command("judge", "in.jsonl", &clear, b"");
    let line = &done.lines[0];
    assert_eq!((&line["customer"], &line["klant"]), (&json!("jansen"), &json!("jansen")));
}

#[cfg(unix)]
#[test]
fn standard_output_and_devices_by_name_get_json_lines_and_no_file_is_left() {
    use std::os::unix::fs::FileTypeExt;
    let run = Run::new();
    run.file("in.jsonl", "{\"text\": \"Waar blijft mijn pakket?\"}\n{\"text\": 3}\n");
    for command in ["score", "judge"] {
        let with = |output: &str, more: &[&str]| {
            run.command(command, "in.jsonl", &[&["-q", "-o", output], more].concat(), b"")
        };
        let lines = run.command(command, "in.jsonl", &["-q"], b"").lines;
        for (output, expected) in [("-", &lines[..]), ("/dev/stdout", &lines), ("/dev/null", &[])] {
            let done = with(output, &[]);
            assert_eq!((done.status, &done.lines[..]), (3, expected), "{output}: {}", done.errors);
            let refused = with(output, &["--resume"]);
            assert!(refused.errors.contains("need -o FILE"), "{output}: {}", refused.errors);
        }
    }
    assert_eq!(std::fs::read_dir(run.folder.path()).expect("a folder").count(), 1);
    assert!(std::fs::metadata("/dev/null").expect("there").file_type().is_char_device());
}

#[test]
fn the_output_never_overwrites_the_input() {
    let run = Run::new();
    let path = run.file("in.jsonl", "{\"text\": \"a\"}\n");
    let done = run.command("score", "in.jsonl", &["-o", "in.jsonl"], b"");
    assert_eq!(done.status, 2);
    assert_eq!(std::fs::read_to_string(path).expect("still there"), "{\"text\": \"a\"}\n");
}

#[test]
fn states_and_decisions_never_overwrite_the_input_nor_the_output() {
    let run = Run::new();
    let content = "{\"text\": \"a\"}\n";
    let path = run.file("in.jsonl", content);
    run.file("other.jsonl", content);
    run.file("policy.toml", "flag_at = 0.5");
    for (command, more) in [
        ("judge", &["--states", "in.jsonl"][..]),
        ("judge", &["other.jsonl", "--states", "./in.jsonl", "-o", "out.jsonl"]),
        ("judge", &["--states", "out.jsonl", "-o", "./out.jsonl"]),
        ("decide", &["--policy", "policy.toml", "-o", "in.jsonl"]),
    ] {
        let done = run.command(command, "in.jsonl", more, b"");
        assert_eq!(done.status, 2, "{more:?}: {}", done.errors);
        assert!(done.errors.contains("would overwrite it"), "{more:?}: {}", done.errors);
        assert_eq!(std::fs::read_to_string(&path).expect("still there"), content);
        assert!(!run.folder.path().join("out.jsonl").exists());
    }
    // The same, with an output of an earlier run.
    let out = run.file("out.jsonl", content);
    let done = run.command("judge", "in.jsonl", &["--states", "out.jsonl", "-o", "out.jsonl"], b"");
    assert_eq!((done.status, std::fs::read_to_string(out).ok().as_deref()), (2, Some(content)));
}

#[test]
fn inspect_finds_a_changed_file() {
    let run = Run::new();
    let tiny = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/tiny"));
    for entry in std::fs::read_dir(&tiny).expect("there") {
        let entry = entry.expect("readable");
        std::fs::copy(entry.path(), run.folder.path().join(entry.file_name())).expect("copied");
    }
    let inspect = || {
        Command::cargo_bin("beleving")
            .expect("built")
            .arg("inspect")
            .arg(run.folder.path())
            .output()
            .expect("runs")
    };
    let done = inspect();
    let shown = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && shown.contains("flag_interaction_at 0.5"), "{shown}");
    let config = std::fs::read_to_string(tiny.join("config.json")).expect("readable");
    run.file("config.json", config + "\n");
    let done = inspect();
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("SHA-256"));
}

#[test]
fn compare_shows_what_another_model_changes_and_holds_it_to_bounds() {
    let run = Run::new();
    let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/tiny");
    // The same weights, stated for rarer bad experiences: every risk falls.
    let other = run.folder.path().join("other");
    std::fs::create_dir(&other).expect("a folder");
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        std::fs::copy(format!("{tiny}/{file}"), other.join(file)).expect("copied");
    }
    let manifest = std::fs::read_to_string(format!("{tiny}/beleving.json")).expect("a manifest");
    let mut manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    manifest["version"] = "9.9.9".into();
    manifest["policy"]["base_rate"] = 0.01.into();
    std::fs::write(other.join("beleving.json"), manifest.to_string()).expect("written");
    let rows: String = (0..30)
        .map(|n| {
            format!("{{\"id\": \"m{n}\", \"language\": \"nl\", \"text\": \"{CANARY} {n}\"}}\n")
        })
        .collect();
    run.file("in.jsonl", rows + "{\"text\": 3}\n");
    let compare = |new: &str, more: &[&str]| {
        let output = Command::cargo_bin("beleving")
            .expect("built")
            .current_dir(run.folder.path())
            .args(["compare", tiny, new])
            .args(more)
            .output()
            .expect("runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let (out, errors) = (text(output.stdout), text(output.stderr));
        assert!(!out.contains(CANARY) && !errors.contains(CANARY), "{out}{errors}");
        (output.status.code().expect("no signal"), out, errors)
    };
    let bounds = ["in.jsonl", "--max-shift", "0.01", "--max-flips", "0"];
    let (status, out, errors) = compare(tiny, &bounds);
    assert_eq!(status, 3, "one row failed, nothing moved: {out}{errors}");
    assert!(errors.contains("row 31") && !out.contains("largest moves"), "{out}{errors}");
    let (status, out, errors) = compare("other", &bounds);
    assert_eq!(status, 1, "{out}{errors}");
    assert!(errors.contains("exceeded: risk moves by -0."), "{errors}");
    assert!(out.contains("9.9.9") && out.contains("nl (30)") && out.contains(" -> 0.00"), "{out}");
    assert!(compare("nowhere", &["in.jsonl"]).0 == 2);
    // More messages than are held at a time.
    let text = |n: usize| json!({"id": format!("m{n}"), "language": "nl", "text": format!("{CANARY} {n}")});
    run.file("long.jsonl", (0..1100).map(|n| format!("{}\n", text(n))).collect::<String>());
    let largest = |n: &str| {
        let (_, out, errors) = compare("other", &["long.jsonl", "--largest", n]);
        let (_, moves) = out.split_once("largest moves of the risk\n").expect("moves");
        assert_eq!(errors, "");
        moves.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = largest("2000");
    assert_eq!((all.len(), &largest("3")[..]), (1100, &all[..3]));
    for share in ["20", "-0.1", "NaN"] {
        let (status, _, errors) = compare("other", &["in.jsonl", &format!("--max-flips={share}")]);
        assert!(status == 2 && errors.contains("expected 0 to 1"), "{share}: {errors}");
    }
    // Files are read by the options that `score` has.
    run.file("in.csv", format!("at;tekst\n19-10-2026 10:00;{CANARY}\n"));
    let named = ["in.csv", "--column", "text=tekst"];
    let (_, _, errors) = compare(tiny, &named);
    assert!(errors.contains("a time without an offset"), "{errors}");
    let (status, _, errors) = compare(tiny, &[&named[..], &["--time-zone=+01:00"]].concat());
    assert_eq!(status, 0, "{errors}");
}

#[test]
fn a_policy_is_checked_and_decides_again_what_is_stored() {
    let run = Run::new();
    let thread = format!(
        "{{\"interaction\": \"i\", \"messages\": [{{\"speaker\": \"customer\", \"text\": \"Waar blijft {CANARY}? Ik wacht al weken.\"}}, \
         {{\"speaker\": \"staff\", \"role\": \"planner\", \"text\": \"Binnen twee dagen.\"}}, \
         {{\"speaker\": \"customer\", \"text\": \"Laat maar.\"}}]}}\n"
    );
    run.file("in.jsonl", thread);
    run.file("strict.toml", "name = 'strict'\nversion = '2'\nflag_at = 0.01\nflag_interaction_at = 0.01\nbase_rate = 0.9");
    run.file("faulty.toml", "flag_at = 2.0");
    run.file("days.toml", "[calendar]\nholidays = ['25-12-2026']");
    let refused = run.command("policy", "check", &["days.toml"], b"");
    assert_eq!(refused.status, 2);
    assert!(refused.errors.contains("expected such as 2026-12-25"), "{}", refused.errors);

    let judged =
        run.command("judge", "in.jsonl", &["-q", "--states", "states.jsonl", "--explain"], b"");
    assert_eq!(judged.status, 0, "{}", judged.errors);
    let states = std::fs::read_to_string(run.folder.path().join("states.jsonl")).expect("states");
    assert!(!states.contains(CANARY) && !states.contains("wacht"));

    // A verdict has a risk and a flag as scores have, by another threshold.
    assert!(!judged.lines.is_empty());
    run.file("verdicts.jsonl", judged.lines.iter().map(|l| format!("{l}\n")).collect::<String>());
    let refused = run.command("decide", "verdicts.jsonl", &["--policy", "strict.toml"], b"");
    assert_eq!((refused.status, refused.lines.len()), (3, judged.lines.len()));
    for line in &refused.lines {
        let says = line["error"]["message"].as_str().expect("an error");
        assert!(says.contains("verdict") && says.contains("--states"), "{line}");
    }

    let strict = ["-q", "--policy", "strict.toml"];
    let expected = run.command("judge", "in.jsonl", &strict, b"");
    let again = run.command("decide", "states.jsonl", &["--policy", "strict.toml"], b"");
    assert_eq!(
        (again.status, &again.lines[0]["policy"]),
        (0, &"strict@2".into()),
        "{}",
        again.errors
    );
    assert_eq!(again.lines[0]["flagged"], true);
    let piped = run.command("decide", "-", &["--policy", "strict.toml"], states.as_bytes());
    assert_eq!((piped.status, &piped.lines), (0, &again.lines), "{}", piped.errors);
    for key in ["risk", "turned", "worst", "touchpoint", "signals", "rework", "policy_hash"] {
        assert_eq!(again.lines[0][key], expected.lines[0][key], "{key}");
    }

    let scores = run.command("score", "in.jsonl", &["-q", "-o", "scores.jsonl"], b"");
    assert_eq!(scores.status, 0);
    let expected = run.command("score", "in.jsonl", &strict, b"");
    let again = run.command("decide", "scores.jsonl", &["--policy", "strict.toml"], b"");
    for (line, expected) in again.lines.iter().zip(&expected.lines) {
        assert_eq!(line["flagged"], expected["flagged"]);
        let (risk, expected) = (line["risk"].as_f64(), expected["risk"].as_f64());
        assert!(
            risk.zip(expected).is_none_or(|(a, b)| (a - b).abs() < 1e-4),
            "{risk:?} {expected:?}"
        );
    }

    run.file("odd.jsonl", format!("{{\"text\": \"{CANARY}\"}}\n{CANARY}\n"));
    let odd = run.command("decide", "odd.jsonl", &["--policy", "strict.toml"], b"");
    assert_eq!((odd.status, odd.lines.len()), (3, 2));
    assert!(odd.lines.iter().all(|line| !line.to_string().contains(CANARY)));
    let faulty = run.command("policy", "check", &["faulty.toml"], b"");
    assert_eq!(faulty.status, 2);
    assert!(faulty.errors.contains("flag_at"), "{}", faulty.errors);
}

#[test]
fn lines_of_scores_are_decided_on_with_all_their_fields_and_the_intents_of_the_policy() {
    let run = Run::new();
    let texts = ["Waar blijft het? Ik wacht al weken.", "Dank u wel!", "Ik zeg op.", ""];
    let rows = texts.map(|text| format!("{}\n", json!({"text": text, "team": 1})));
    run.file("in.jsonl", rows.concat());
    for (name, intent_at) in [("low", 0.3), ("middle", 0.45), ("high", 0.55)] {
        run.file(&format!("{name}.toml"), format!("name = '{name}'\nintent_at = {intent_at}"));
    }
    let score = |policy: &str, more: &[&str]| {
        let policy = ["-q", "--keep", "team", "--policy", policy];
        run.command("score", "in.jsonl", &[&policy[..], more].concat(), b"").lines
    };
    let decide = |policy: &str, more: &[&str]| {
        let policy = ["--policy", policy, "--scored-with", "middle.toml"];
        run.command("decide", "scores.jsonl", &[&policy[..], more].concat(), b"")
    };
    score("middle.toml", &["-o", "scores.jsonl"]);
    let listed = |lines: &[Value]| -> Vec<Vec<String>> {
        let names = |line: &Value| Some(line["intents"].as_object()?.keys().cloned().collect());
        lines.iter().map(|line| names(line).unwrap_or_default()).collect()
    };
    let (middle, high) = (score("middle.toml", &[]), score("high.toml", &[]));
    assert_ne!(listed(&middle), listed(&high), "the thresholds part what there is");
    let decided = decide("high.toml", &[]);
    assert_eq!((decided.status, listed(&decided.lines)), (0, listed(&high)), "{}", decided.errors);
    assert_eq!(decided.lines[0].as_object().map(|l| l.len()), high[0].as_object().map(|l| l.len()));
    let refused = decide("low.toml", &[]);
    assert_eq!((refused.status, refused.lines.len()), (3, 4));
    for line in &refused.lines[..3] {
        let says = line["error"]["message"].as_str().expect("an error");
        assert!(says.contains("`intent_at` 0.45") && says.contains("--all"), "{says}");
    }

    // A table of verdicts has no columns for them; what lay there before is left as it was.
    run.file("out.csv", "before");
    let refused = decide("high.toml", &["-o", "out.csv"]);
    assert!(refused.status == 2 && refused.errors.contains("write .jsonl"), "{}", refused.errors);
    let left = std::fs::read_to_string(run.folder.path().join("out.csv"));
    assert_eq!(left.ok().as_deref(), Some("before"));
    assert!(!run.folder.path().join("out.csv.tmp").exists());

    score("middle.toml", &["--all", "-o", "all.jsonl"]);
    std::fs::rename(run.folder.path().join("all.jsonl"), run.folder.path().join("scores.jsonl"))
        .expect("renamed");
    for policy in ["low.toml", "high.toml"] {
        let decided = decide(policy, &[]);
        assert_eq!(listed(&decided.lines), listed(&score(policy, &["--all"])), "{policy}");
    }
}

#[test]
fn the_default_policy_is_that_of_the_model_folder() {
    let run = Run::new();
    let default = |folder: &str| {
        Command::cargo_bin("beleving")
            .expect("built")
            .args(["policy", "default", "--model", folder])
            .output()
            .expect("runs")
    };
    let printed = |folder: &str| {
        let output = default(folder);
        let policy = Policy::parse(&String::from_utf8(output.stdout).expect("UTF-8"));
        (policy.expect("a policy"), String::from_utf8(output.stderr).expect("UTF-8"))
    };

    // As a file with `--policy` it changes nothing: the base rate would move every risk.
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/beleving-small");
    let (policy, errors) = printed(shipped);
    let (_, own) = Judge::open(shipped).expect("a model folder");
    assert_eq!((policy.hash(), &*errors), (own.hash(), ""));
    assert_ne!(policy.base_rate, Policy::default().base_rate);

    // A file that states one field leaves all others as they are in the folder.
    run.file("ours.toml", "flag_at = 0.6");
    let checked = Command::cargo_bin("beleving")
        .expect("built")
        .args(["policy", "check", "ours.toml", "--model", shipped])
        .current_dir(run.folder.path())
        .output()
        .expect("runs");
    let ours = own.over("flag_at = 0.6").expect("in order");
    assert_eq!(ours.base_rate, own.base_rate);
    let expected = format!("{} {} is in order\n", ours.id(), ours.hash());
    assert_eq!(String::from_utf8_lossy(&checked.stdout), expected);

    // A folder that somebody else made has none, and one that is not there is an error.
    let (policy, errors) = printed(run.folder.path().to_str().expect("UTF-8"));
    assert_eq!(policy, Policy::default());
    assert!(errors.contains("the library's"), "{errors}");
    assert_eq!(default("nowhere").status.code(), Some(2));
}

#[test]
fn a_bench_of_no_rows_or_no_runs_is_refused() {
    let run = Run::new();
    run.file("in.jsonl", "{\"text\": \"a\"}\n");
    for more in [["--limit", "0"], ["--runs", "0"]] {
        let done = run.command("bench", "--input=in.jsonl", &more, b"");
        assert_eq!(done.status, 2, "{more:?}");
        assert!(done.errors.contains(more[0]) && done.errors.contains("1.."), "{}", done.errors);
    }
    // A file is read as `score` reads it, in whatever encoding and by the same options.
    run.file("in.csv", b"wie;at;text\nagent;1-2-2026;caf\xe9\nagent;;caf\xe9\n3;;\x80 5\n");
    let few = ["--limit", "2", "--runs", "1", "--singles", "1", "--column", "speaker=wie"];
    let done = run.command("bench", "--input=in.csv", &few, b"");
    assert_eq!(done.status, 2);
    assert!(
        done.errors.contains("row 1") && done.errors.contains("--time-zone"),
        "{}",
        done.errors
    );
    let few = [&few[..], &["--time-zone", "Europe/Amsterdam"]].concat();
    let done = run.command("bench", "--input=in.csv", &few, b"");
    assert_eq!((done.status, &done.lines[0]["messages"]), (0, &2.into()), "{}", done.errors);
}
