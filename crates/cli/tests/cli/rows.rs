//! `score` and `judge` as a user meets them: files in, lines out, exit status, and nothing lost in between.

use std::slice::from_ref;

use beleving::{Interaction, Message, Scorer};
use serde_json::{Value, json};

use crate::folder::{CANARY, Folder, TINY};

#[test]
fn a_model_that_cannot_judge_scores_nothing_first() {
    let folder = Folder::new();
    folder.file("in.jsonl", "{\"text\": \"Waar blijft het?\"}\n");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/hf-bert");
    let done = folder.call("judge", "in.jsonl", &["--model", own, "-o", "out.jsonl"], b"");
    assert!(done.status == 2 && done.errors.contains("no risk head"), "{}", done.errors);
    assert_eq!(folder.names(), ["in.jsonl"]);
}

#[test]
fn scores_come_out_in_input_order_with_the_fields_of_the_contract() {
    let folder = Folder::new();
    let rows: String = (0..50)
        .map(|n| format!("{{\"id\": \"m{n}\", \"text\": \"bericht {n}\", \"team\": {n}}}\n"))
        .collect();
    folder.file("in.jsonl", rows);
    let done = folder.call("score", "in.jsonl", &["--keep", "team"], b"");
    assert_eq!((done.status, done.lines().len()), (0, 50), "{}", done.errors);
    for (n, line) in done.lines().iter().enumerate() {
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
    let folder = Folder::new();
    let rows = b"{\"text\": \"Waar blijft mijn pakket?\"}\n{\"text\": \"Dank u wel\"}";
    folder.file("in.jsonl", rows);
    assert_eq!(
        folder.call("score", "-", &["-q"], rows).lines(),
        folder.call("score", "in.jsonl", &["-q"], b"").lines()
    );
}

#[test]
fn bad_rows_come_out_in_place_and_the_rest_is_scored() {
    let folder = Folder::new();
    let mut rows = Vec::new();
    rows.extend(b"{\"id\": \"a\", \"text\": \"goed\"}\n");
    rows.extend(format!("{{\"id\": \"b\", \"text\": \"{CANARY} half\n").as_bytes());
    rows.extend(b"\xff\xfe\n{\"id\": \"c\"}\n");
    rows.extend(format!("{{\"id\": \"d\", \"text\": [\"{CANARY}\"]}}\n").as_bytes());
    rows.extend(
        format!("{{\"id\": \"e\", \"text\": \"goed\", \"at\": \"{CANARY}\"}}\n").as_bytes(),
    );
    rows.extend(b"{\"id\": \"f\", \"text\": \"ook goed\"}\n");
    let done = folder.call("score", "-", &[], &rows);
    assert_eq!((done.status, done.lines().len()), (3, 7), "{}", done.errors);
    let failed: Vec<u64> = done
        .lines()
        .iter()
        .filter(|l| l["error"]["kind"] == "input")
        .filter_map(|l| l["row"].as_u64())
        .collect();
    assert_eq!(failed, [2, 3, 4, 5, 6]);
    assert!(done.lines()[0]["risk"].is_number() && done.lines()[6]["risk"].is_number());
    let shown = format!("{:?}{}", done.lines(), done.errors);
    assert!(!shown.contains(CANARY), "{shown}");
    assert!(done.errors.contains("5 failed"), "{}", done.errors);
}

#[test]
fn a_csv_in_any_sane_dialect_is_read_and_a_field_that_is_not_utf8_is_an_error_of_its_row() {
    let folder = Folder::new();
    folder.file("in.csv", b"\xEF\xBB\xBFid;tekst\n1;\"regel een\nregel twee; met puntkomma\"\n2;caf\xe9\n3;caf\xc3\xa9\n4;te;veel\n");
    let done = folder.call("score", "in.csv", &["--column", "text=tekst", "-o", "out.csv"], b"");
    assert_eq!(done.status, 3, "{}", done.errors);
    let out = folder.text("out.csv");
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
    let folder = Folder::new();
    folder.file("in.csv", "id,body\n1,hallo\n");
    let done = folder.call("score", "in.csv", &[], b"");
    assert_eq!(done.status, 2);
    assert!(done.errors.contains("--column text=body"), "{}", done.errors);
    folder.file("headless.csv", format!("1,{CANARY}\n2,hallo\n"));
    let done = folder.call("score", "headless.csv", &[], b"");
    assert_eq!(done.status, 2);
    assert!(done.errors.contains("2 columns") && !done.errors.contains(CANARY), "{}", done.errors);
}

#[test]
fn faults_before_the_first_row_end_with_status_2_and_say_what_is_wrong() {
    let folder = Folder::new();
    for (file, more, part) in [
        ("none.jsonl", &[][..], "none.jsonl"),
        ("in.docx", &[], "in.docx"),
        ("-", &["--model", "nowhere"], "nowhere"),
        ("-", &["--column", "txt=a"], "`txt` is no field"),
        ("-", &["--threads", "0"], "threads"),
    ] {
        let done = folder.call("score", file, more, b"");
        assert_eq!(done.status, 2, "{file} {more:?}: {}", done.errors);
        assert!(done.errors.contains(part), "{file} {more:?}: {}", done.errors);
        assert_eq!(done.out, "");
    }
}

#[test]
fn the_first_failure_is_told_with_its_reason_and_the_summary_adds_up() {
    let folder = Folder::new();
    folder.file("a.jsonl", "{\"text\": \"goed\"}\n");
    folder.file("b.csv", format!("text,at\n{CANARY},\n{CANARY},99-99-9999 99:99\n{CANARY},x\n"));
    for command in ["score", "judge"] {
        for more in [&[][..], &["-o", "out.jsonl"]] {
            let done = folder.call(command, "a.jsonl", &[&["b.csv"], more].concat(), b"");
            let first =
                done.errors.lines().filter(|line| line.starts_with("first: ")).collect::<Vec<_>>();
            assert_eq!((done.status, first.len()), (3, 1), "{}", done.errors);
            assert!(
                first[0].starts_with("first: row 2 of `b.csv`: `at` (letters as a, digits as 9) is `99-99-9999 99:99`, "),
                "{}",
                first[0]
            );
            assert!(!done.errors.contains(CANARY));
        }
    }
    // Both are scored before it is known that they had to say who speaks.
    folder.file("strict.toml", "flag_at = 0.01");
    let row = "{\"interaction\": \"i\", \"text\": \"Ik wacht al weken.\"}\n";
    let strict = ["--policy", "strict.toml"];
    let done = folder.call("judge", "-", &strict, row.repeat(2).as_bytes());
    assert!(
        done.errors.contains("0 flagged, 0 not assessable, 2 failed (input: 2)"),
        "{}",
        done.errors
    );
    assert!(done.errors.contains("first: row 1 of standard input: "), "{}", done.errors);
    let done = folder.call("judge", "-", &strict, row.as_bytes());
    assert!(
        done.errors.contains("1 flagged") && !done.errors.contains("first:"),
        "{}",
        done.errors
    );
}

#[test]
fn a_start_that_fails_leaves_no_key_and_names_the_folder_that_is_not_there() {
    let folder = Folder::new();
    folder.file("in.jsonl", "{\"text\": \"a\"}\n");
    std::fs::create_dir(folder.path("folder.jsonl")).expect("made");
    #[cfg(unix)]
    for (link, file) in [("link.jsonl", "in.jsonl"), ("to-nothing.jsonl", "nope.jsonl")] {
        std::os::unix::fs::symlink(file, folder.path(link)).expect("linked");
    }
    let before = folder.names().len();
    for (more, says) in [
        (&["--key-file", "a.key", "-o", "nope/x.jsonl"][..], "no folder `nope`"),
        (&["-o", "nope/x.jsonl"], "cannot write `nope/x.jsonl`"),
        (&["-o", "x.jsonl", "--states", "nope/s.jsonl"], "no folder `nope`"),
        (&["-o", "x.jsonl", "--speaker", "a=b"], "--speaker a=b"),
        (&["-o", "folder.jsonl"], "`folder.jsonl`: it is a folder"),
        (&["-o", "x.jsonl", "--states", "folder.jsonl"], "`folder.jsonl`: it is a folder"),
        #[cfg(unix)]
        (&["-o", "x.jsonl", "--states", "link.jsonl"], "`link.jsonl`: it is a link"),
        (&["-o", "x.jsonl", "--states", "s.jsonl.gz"], "`s.jsonl.gz` is no .jsonl"),
        // Where even the superuser can make no file.
        #[cfg(target_os = "linux")]
        (&["-o", "x.jsonl", "--states", "/proc/s.jsonl"], "no file can be made in `/proc`"),
        #[cfg(unix)]
        (&["-o", "link.jsonl"], "`link.jsonl`: it is a link"),
        #[cfg(unix)]
        (&["-o", "to-nothing.jsonl"], "`to-nothing.jsonl`: it is a link"),
    ] {
        let done = folder.call("judge", "in.jsonl", more, b"");
        assert_eq!(done.status, 2, "{more:?}: {}", done.errors);
        let told = done.errors.contains(says) && !done.errors.contains("key");
        assert!(told, "{more:?}: {}", done.errors);
        let files = folder.names().len();
        assert_eq!(files, before, "{more:?}");
    }
}

#[test]
fn a_run_that_never_started_is_not_in_the_way_of_the_next() {
    let folder = Folder::new();
    folder.file("wrong.csv", "id,onderwerp\n1,hallo\n");
    folder.file("right.csv", "id,text\n1,hallo\n");
    for command in ["score", "judge"] {
        for (file, more) in [("wrong.csv", &[][..]), ("right.csv", &["--states", "no/s.jsonl"])] {
            if command == "score" && !more.is_empty() {
                continue;
            }
            let output = ["-o", "out.jsonl"];
            let done = folder.call(command, file, &[more, &output[..]].concat(), b"");
            assert_eq!(done.status, 2, "{command} {file}: {}", done.errors);
            assert!(!folder.path("out.jsonl.parts").exists(), "{command} {file}");
            let done = folder.call(command, "right.csv", &output, b"");
            assert_eq!(done.status, 0, "{command} after {file}: {}", done.errors);
        }
        // As one leaves that was killed before its first part was there.
        let parts = folder.path("killed.jsonl.parts");
        for cut in ["", "{\"part\":"] {
            std::fs::create_dir(&parts).expect("made");
            std::fs::write(parts.join("manifest.jsonl"), format!("{{\"settings\": {{}}}}\n{cut}"))
                .expect("written");
            let done = folder.call(command, "right.csv", &["-o", "killed.jsonl"], b"");
            assert!(done.status == 0 && !parts.exists(), "{command}: {}", done.errors);
        }
        // As on a disk that was full.
        let parts = folder.path("full.jsonl.parts");
        std::fs::create_dir_all(parts.join("manifest.tmp")).expect("made");
        let done = folder.call(command, "right.csv", &["-o", "full.jsonl"], b"");
        let told = done.errors.contains("cannot write `full.jsonl.parts/manifest.jsonl`");
        assert!(done.status == 2 && told && !parts.exists(), "{command}: {}", done.errors);
    }
}

#[test]
fn a_file_that_is_given_twice_is_told() {
    let folder = Folder::new();
    folder.file("a.jsonl", "{\"text\": \"a\"}\n");
    folder.file("b.jsonl", "{\"text\": \"b\"}\n");
    let done = folder.call("score", "a.jsonl", &["b.jsonl", "./a.jsonl"], b"");
    let told = "given more than once, and read each time: `./a.jsonl`\n";
    assert!(done.lines().len() == 3 && done.errors.contains(told), "{}", done.errors);
    let done = folder.call("score", "a.jsonl", &["b.jsonl"], b"");
    assert!(!done.errors.contains("more than once"), "{}", done.errors);
}

#[test]
fn input_without_rows_is_done_and_told() {
    let folder = Folder::new();
    for (file, content) in [("a.jsonl", ""), ("b.csv", ""), ("c.csv", "id,text\n")] {
        folder.file(file, content);
        let done = folder.call("judge", file, &[], b"");
        assert_eq!((done.status, done.lines().len()), (0, 0), "{file}: {}", done.errors);
        let told = done.errors.contains(&format!("`{file}` holds no row"));
        assert!(told && done.errors.contains("0 messages"), "{file}: {}", done.errors);
    }
}

#[test]
fn times_without_an_offset_are_read_by_the_clock_that_was_said() {
    let folder = Folder::new();
    let start = "2026-10-19T08:00:00Z";
    for (file, content) in [
        ("in.csv", "id;interaction;at;text\n1;i;19-10-2026 10:00;hallo\n"),
        (
            "in.jsonl",
            "{\"interaction\": \"i\", \"at\": \"2026-10-19T10:00:00\", \"text\": \"a\"}\n",
        ),
    ] {
        folder.file(file, content);
        let done = folder.call("judge", file, &["--time-zone", "Europe/Amsterdam"], b"");
        assert_eq!((done.status, &done.lines()[0]["start"]), (0, &start.into()), "{}", done.errors);
        let done = folder.call("score", file, &[], b"");
        let lines = done.lines();
        let says = lines[0]["error"]["message"].as_str().expect("an error");
        assert!(done.status == 3 && says.contains("--time-zone Europe/Amsterdam"), "{says}");
    }
    folder.file("slash.csv", "text,at\na,10/19/2026 10:00\n");
    let zone = ["--time-zone", "+02:00", "--dates"];
    for (order, status) in [("month-first", 0), ("day-first", 3)] {
        let done = folder.call("judge", "slash.csv", &[&zone[..], &[order]].concat(), b"");
        assert_eq!(done.status, status, "{order}: {}", done.errors);
    }
    let done = folder.call("score", "in.csv", &["--time-zone", "Amsterdam"], b"");
    assert!(done.status == 2 && done.errors.contains("Europe/Amsterdam"), "{}", done.errors);
}

#[test]
fn a_megabyte_of_text_is_read_up_to_the_limit_and_says_so() {
    let done = Folder::new().call(
        "score",
        "-",
        &[],
        format!("{{\"text\": \"{}\"}}", "wacht ".repeat(180_000)).as_bytes(),
    );
    assert_eq!(
        (done.status, &done.lines()[0]["truncated"]),
        (0, &Value::Bool(true)),
        "{}",
        done.errors
    );
}

#[test]
fn judge_gives_one_line_per_interaction_nested_or_flat() {
    let folder = Folder::new();
    folder.file(
        "nested.jsonl",
        r#"{"interaction": "i1", "customer": "c1", "channel": "email", "messages": [
            {"speaker": "customer", "text": "Wanneer komt de monteur?", "at": "2026-03-02T09:00:00Z"},
            {"speaker": "staff", "role": "planner", "text": "Deze week.", "at": "2026-03-02T10:00:00Z"},
            {"speaker": "customer", "text": "Hij is er niet.", "at": "2026-03-09T10:00:00Z"}]}"#
            .replace('\n', " "),
    );
    folder.file(
        "flat.csv",
        "interaction,customer,channel,speaker,role,text,at\n\
         i1,c1,email,customer,,Hij is er niet.,2026-03-09T10:00:00Z\n\
         i1,c1,email,staff,planner,Deze week.,2026-03-02T10:00:00Z\n\
         i1,c1,email,customer,,Wanneer komt de monteur?,2026-03-02T09:00:00Z\n",
    );
    let (nested, flat) = (
        folder.call("judge", "nested.jsonl", &["--clear-ids"], b""),
        folder.call("judge", "flat.csv", &["--clear-ids"], b""),
    );
    assert_eq!((nested.status, flat.status), (0, 0), "{} {}", nested.errors, flat.errors);
    assert_eq!((nested.lines().len(), flat.lines().len()), (1, 1));
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
        assert_eq!(nested.lines()[0][key], flat.lines()[0][key], "{key}");
    }
    assert_eq!(nested.lines()[0]["messages"], 3);
    assert_eq!(nested.lines()[0]["start"], "2026-03-02T09:00:00Z");
}

#[test]
fn an_interaction_without_a_customer_is_told_of() {
    let folder = Folder::new();
    let line = |speaker: &str| {
        let message = json!({"speaker": speaker, "text": "Wanneer komt de monteur?"});
        json!({"interaction": speaker, "messages": [message, message]}).to_string() + "\n"
    };
    folder.file("in.jsonl", line("staff") + &line("customer") + &line("bot"));
    let errors = folder.call("judge", "in.jsonl", &[], b"").errors;
    assert!(errors.contains("2 interactions without a message of the customer"), "{errors}");
    let errors = folder.call(
        "judge",
        "in.jsonl",
        &["--speaker", "STAFF=customer", "--speaker", "*=customer"],
        b"",
    );
    assert!(errors.errors.contains("1 interaction without"), "{}", errors.errors);
}

#[test]
fn a_row_that_failed_leaves_the_order_of_its_interaction_and_who_spoke() {
    let folder = Folder::new();
    let scorer = Scorer::open(TINY).expect("loads");
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
                folder.rows("in.jsonl", rows);
                let more = ["--clear-ids", "-q", "--states", "states.jsonl"];
                let done = folder.call("judge", "in.jsonl", &more, b"");
                assert_eq!((done.status, done.lines().len()), (3, 2), "{}", done.errors);
                done.lines().pop().expect("a verdict")
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
            let state = folder.read("states.jsonl");
            let state: Value = serde_json::from_slice(&state).expect("JSON");
            let (records, expected) = (&state["records"], &expected["records"]);
            assert_eq!(records[failing], expected[failing], "{field} of row {failing}");
        }
    }
}

#[test]
fn an_interaction_as_the_library_writes_it_stays_whole() {
    let folder = Folder::new();
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
    folder.file("in.jsonl", lines.concat());
    let done = folder.call("judge", "in.jsonl", &["-q"], b"");
    assert_eq!(done.status, 0, "{}", done.errors);
    let lines = done.lines();
    let interactions: Vec<_> =
        lines.iter().map(|line| (line["interaction"].as_str(), &line["messages"])).collect();
    let three = &json!(3);
    assert_eq!(
        interactions,
        [(Some("z-1"), three), (Some("z-2"), three), (Some("in.jsonl:3"), three)]
    );
    let scores = folder.call("score", "in.jsonl", &["-q"], b"");
    let lines = scores.lines();
    let ids: Vec<_> = lines.iter().map(|line| line["id"].as_str()).collect();
    assert_eq!((scores.status, ids), (0, ["0", "1", "2"].map(Some).repeat(3)));
}

#[test]
fn messages_of_no_interaction_and_no_id_are_told_apart_over_files() {
    let folder = Folder::new();
    for file in ["jan.csv", "feb.csv"] {
        folder.file(file, "id,text\n,Waar blijft mijn pakket?\nm2,Laat maar.\n");
    }
    let done = folder.call("judge", "jan.csv", &["feb.csv"], b"");
    let names: Vec<_> = done.lines().iter().map(|line| line["interaction"].clone()).collect();
    assert_eq!(names, ["jan.csv:1", "m2", "feb.csv:1", "m2"], "{}", done.errors);
}

#[test]
fn a_table_may_have_a_column_called_messages() {
    let folder = Folder::new();
    folder.file("in.csv", "id,text,messages\na,hallo,3\nb,dag,\n");
    let done = folder.call("score", "in.csv", &["-q", "--keep", "messages"], b"");
    assert_eq!((done.status, done.lines().len()), (0, 2), "{:?}", done.lines());
    assert_eq!(done.lines()[0]["messages"], "3");
    let done = folder.call("score", "-", &["-q"], b"{\"text\": \"hallo\", \"messages\": null}\n");
    assert_eq!(done.status, 0, "{:?}", done.lines());
}

#[test]
fn an_interaction_of_several_messages_has_to_say_who_speaks() {
    let rows = b"{\"id\": \"a\", \"interaction\": \"i\", \"text\": \"x\"}\n{\"id\": \"b\", \"interaction\": \"i\", \"text\": \"y\"}\n";
    let done = Folder::new().call("judge", "-", &[], rows);
    assert_eq!(done.status, 3);
    assert_eq!(done.lines().len(), 3, "{:?}", done.lines());
    assert!(
        done.lines()
            .iter()
            .filter(|l| l["error"]["message"].as_str().is_some_and(|m| m.contains("`speaker`")))
            .count()
            == 2
    );
    let verdict = done.lines().into_iter().find(|l| l.get("error").is_none()).expect("a verdict");
    assert_eq!(
        (&verdict["assessable"], &verdict["failed"]),
        (&Value::Bool(false), &Value::from(2))
    );
}

#[test]
fn an_interaction_belongs_to_the_customer_whom_any_of_its_rows_names() {
    let folder = Folder::new();
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
        let done = folder.call("judge", "-", &["-q", "--clear-ids"], input.as_bytes());
        let found = (&done.lines()[0]["customer"], &done.lines()[0]["channel"]);
        assert_eq!(found, (&json!("c9"), &json!("email")), "{input}");
        let warned = "the rows of 1 interaction name several customers";
        assert!(done.errors.contains(warned), "{}", done.errors);
        let input = input.replace("d1", "c9");
        let done = folder.call("judge", "-", &["-q", "--clear-ids"], input.as_bytes());
        assert!(!done.errors.contains("several customers"), "{}", done.errors);
    }
}

#[test]
fn an_option_that_names_what_no_row_has_is_told_once() {
    let folder = Folder::new();
    let row = json!({"id": "1", "ticket": "a", "body": "Dank u wel!", "author": {"type": "admin"}, "at": null});
    folder.file("in.jsonl", format!("{row}\n").repeat(3));
    folder.file("out.csv", "body,ticket\n");
    for (option, unmet) in [
        ("--column=speaker=author.type", Some("`author.type` (--column speaker=author.type)")),
        ("--column=customer=klant", Some("`klant` (--column customer=klant)")),
        ("--keep=foo", Some("`foo` (--keep foo)")),
        ("--speaker=Agent=staff", Some("the speaker `Agent` (--speaker Agent=staff)")),
        ("--column=seq=at", None),
        ("--keep=ticket", None),
    ] {
        for command in ["score", "judge"] {
            let done = folder.call(command, "in.jsonl", &["-q", "--column=text=body", option], b"");
            assert_eq!(done.errors.matches("no row has ").count(), usize::from(unmet.is_some()));
            assert!(unmet.is_none_or(|unmet| done.errors.contains(unmet)), "{}", done.errors);
        }
    }
    // What was not read cannot be missed.
    let done = folder.call("score", "out.csv", &["--column=text=body", "--speaker=a=staff"], b"");
    assert!(!done.errors.contains("no row has "), "{}", done.errors);
}

#[test]
fn html_in_a_field_scores_as_the_words_that_it_shows() {
    let folder = Folder::new();
    folder.file("in.csv", "text\n\"<div>Laat maar.</div><p>Ik regel het zelf.</p>\"\n\"Laat maar.\nIk regel het zelf.\"\n");
    let done = folder.call("score", "in.csv", &["-q", "--with-text"], b"");
    assert_eq!((done.status, done.lines().len()), (0, 2), "{}", done.errors);
    assert_eq!(done.lines()[0]["text"], "Laat maar.\nIk regel het zelf.");
    assert_eq!(done.lines()[0], done.lines()[1]);
}

#[test]
fn what_is_kept_takes_no_place_of_the_output_and_undoes_no_pseudonym() {
    let folder = Folder::new();
    let row = json!({"id": "a", "customer": "jansen", "klant": "jansen", "team": 1, "place": "Delft", "messages": 2,
                     "text": "Waar blijft het?"});
    folder.file("in.jsonl", format!("{row}\n"));
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
        let done = folder.call(command, "in.jsonl", &[&["--keep", name], more].concat(), b"");
        assert_eq!((done.status, done.lines().len()), (2, 0), "{command} {name}: {}", done.errors);
        let told = done.errors.contains(&format!("--keep {name}")) && done.errors.contains(says);
        assert!(told, "{command} {name}: {}", done.errors);
    }
    assert_eq!(folder.names().len(), 1);
    let kept = ["-q", "--keep", "team", "--keep", "place", "--keep", "messages", "--keep", "text"];
    let done = folder.call("score", "in.jsonl", &kept, b"");
    let line = &done.lines()[0];
    assert_eq!((&line["team"], &line["place"]), (&json!(1), &json!("Delft")), "{}", done.errors);
    assert_eq!((&line["messages"], &line["text"]), (&json!(2), &row["text"]));
    let clear = [&renamed[..], &["-q", "--clear-ids", "--keep", "klant"]].concat();
    let done = folder.call("judge", "in.jsonl", &clear, b"");
    let line = &done.lines()[0];
    assert_eq!((&line["customer"], &line["klant"]), (&json!("jansen"), &json!("jansen")));
}

#[cfg(unix)]
#[test]
fn standard_output_and_devices_by_name_get_json_lines_and_no_file_is_left() {
    use std::os::unix::fs::FileTypeExt;
    let folder = Folder::new();
    folder.file("in.jsonl", "{\"text\": \"Waar blijft mijn pakket?\"}\n{\"text\": 3}\n");
    for command in ["score", "judge"] {
        let with = |output: &str, more: &[&str]| {
            folder.call(command, "in.jsonl", &[&["-q", "-o", output], more].concat(), b"")
        };
        let lines = folder.call(command, "in.jsonl", &["-q"], b"").lines();
        for (output, expected) in [("-", &lines[..]), ("/dev/stdout", &lines), ("/dev/null", &[])] {
            let done = with(output, &[]);
            assert_eq!(
                (done.status, &done.lines()[..]),
                (3, expected),
                "{output}: {}",
                done.errors
            );
            let refused = with(output, &["--resume"]);
            assert!(refused.errors.contains("need -o FILE"), "{output}: {}", refused.errors);
        }
    }
    assert_eq!(folder.names().len(), 1);
    assert!(std::fs::metadata("/dev/null").expect("there").file_type().is_char_device());
}

#[test]
fn the_output_never_overwrites_the_input() {
    let folder = Folder::new();
    let path = folder.file("in.jsonl", "{\"text\": \"a\"}\n");
    let done = folder.call("score", "in.jsonl", &["-o", "in.jsonl"], b"");
    assert_eq!(done.status, 2);
    assert_eq!(std::fs::read_to_string(path).expect("still there"), "{\"text\": \"a\"}\n");
}

#[test]
fn states_and_decisions_never_overwrite_the_input_nor_the_output() {
    let folder = Folder::new();
    let content = "{\"text\": \"a\"}\n";
    let path = folder.file("in.jsonl", content);
    folder.file("other.jsonl", content);
    folder.file("policy.toml", "flag_at = 0.5");
    for (command, more) in [
        ("judge", &["--states", "in.jsonl"][..]),
        ("judge", &["other.jsonl", "--states", "./in.jsonl", "-o", "out.jsonl"]),
        ("judge", &["--states", "out.jsonl", "-o", "./out.jsonl"]),
        ("decide", &["--policy", "policy.toml", "-o", "in.jsonl"]),
    ] {
        let done = folder.call(command, "in.jsonl", more, b"");
        assert_eq!(done.status, 2, "{more:?}: {}", done.errors);
        assert!(done.errors.contains("would overwrite it"), "{more:?}: {}", done.errors);
        assert_eq!(std::fs::read_to_string(&path).expect("still there"), content);
        assert!(!folder.path("out.jsonl").exists());
    }
    // The same, with an output of an earlier folder.
    let out = folder.file("out.jsonl", content);
    let done = folder.call("judge", "in.jsonl", &["--states", "out.jsonl", "-o", "out.jsonl"], b"");
    assert_eq!((done.status, std::fs::read_to_string(out).ok().as_deref()), (2, Some(content)));
}

#[test]
fn a_conversation_on_several_lines_or_in_several_files_keeps_its_messages_and_each_once() {
    let folder = Folder::new();
    let texts = ["Waar blijft het?", "Morgen.", "Het is er nog niet.", "Excuses.", "Laat maar."];
    let part = |from: usize, to: usize| {
        let who = ["klant", "staff"];
        let message = |n: usize| json!({"speaker": who[n % 2], "text": texts[n]});
        json!({"interaction": "i", "messages": (from..to).map(message).collect::<Vec<_>>()})
    };
    let judge = |files: &[&[Value]]| {
        let names = ["a.jsonl", "b.jsonl"];
        names.iter().zip(files).for_each(|(name, lines)| folder.rows(name, *lines));
        let done = folder.call("judge", names[0], &[&names[1..files.len()], &["-q"]].concat(), b"");
        assert_eq!((done.status, done.lines().len(), &*done.errors), (0, 1, ""));
        done.lines().remove(0)
    };
    let whole = judge(&[&[part(0, 5)]]);
    let (first, last) = (part(0, 3), part(3, 5));
    for files in [
        &[&[first.clone(), last.clone()][..]][..],
        &[from_ref(&first), from_ref(&last)],
        // What was delivered twice, and a conversation that has grown.
        &[&[first.clone(), last.clone()], &[first.clone(), last.clone()]],
        &[&[first.clone(), part(0, 5)]],
    ] {
        let found = judge(files);
        for field in ["messages", "risk", "experience", "rework", "recovered"] {
            assert_eq!(found[field], whole[field], "{field} of {files:?}");
        }
    }
    assert_eq!(whole["messages"], 5);
}
