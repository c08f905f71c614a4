//! Archives: every format the same scores, nothing lost by a kill, nobody named who need not be.

use std::fs;
#[cfg(unix)]
use std::io;
use std::io::Write;
use std::path::Path;
#[cfg(unix)]
use std::process;
use std::process::{Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::folder::{CANARY, Done, Folder, TINY};

/// Rows of four messages an interaction, of ten customers; one row in a hundred is damaged.
pub(crate) fn archive(folder: &Folder, name: &str, rows: usize) {
    let row = |n: usize| {
        let speaker = if n % 4 == 1 { "staff" } else { "customer" };
        // Interactions lie mixed, so that no part holds one alone.
        json!({"id": format!("m{n}"), "interaction": format!("i{}", n / 64 * 16 + n % 16),
               "customer": format!("jansen-{}", n % 16 % 10), "speaker": speaker,
               "text": format!("{CANARY} waar blijft bestelling {} nu? {}", n % 97, "wacht ".repeat(n % 3)),
               "seq": n})
    };
    let lines = (0..rows).map(|n| match n % 100 {
        99 => format!("{{\"id\": \"m{n}\", \"text\": \"{CANARY}\n"),
        _ => format!("{}\n", row(n)),
    });
    folder.file(name, lines.collect::<String>());
}

#[test]
fn every_format_gives_the_same_scores_and_every_output_the_same_values() {
    let folder = Folder::new();
    let rows = (0..300)
        .map(|n| json!({"id": format!("m{n}"), "team": "nl", "team.name": format!("t{n}"), "text": format!("waar blijft het, \"{n}\"?\nNu")}));
    folder.rows("in.jsonl", rows);
    let columns = "--keep text --keep team --keep team.name --clear-ids -q";
    // The outputs of the first run, with its texts, are the inputs of the next.
    for ending in ["jsonl", "csv", "tsv.gz", "csv.zst", "parquet", "arrow", "jsonl.gz"] {
        folder.succeeds(&format!("score in.jsonl {columns} -o copy.{ending}"));
        folder.succeeds(&format!("score copy.{ending} {columns} -o of-{ending}.jsonl"));
        assert!(
            folder.read("copy.jsonl") == folder.read(&format!("of-{ending}.jsonl")),
            "{ending}"
        );
    }
    assert_eq!(folder.lines("copy.jsonl").len(), 300);
    folder.succeeds(&format!("score copy.csv copy.parquet {columns} -o both.jsonl"));
    assert_eq!(folder.lines("both.jsonl").len(), 600);
    folder.succeeds(&format!("score of-*.jsonl {columns} -o all.jsonl"));
    assert_eq!(folder.lines("all.jsonl").len(), 7 * 300);
}

#[test]
fn a_run_that_is_killed_and_resumed_gives_the_same_bytes_and_leaves_nothing_behind() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 6_000);
    folder.file("key", "0123456789abcdef0123456789abcdef");
    for command in ["score", "judge"] {
        let args = format!("{command} in.jsonl --key-file key -q");
        assert_eq!(folder.run(&format!("{args} -o whole.{command}.jsonl")).0, 3);
        let killed = format!("{args} -o killed.{command}.jsonl");
        let manifest = folder.path(format!("killed.{command}.jsonl.parts/manifest.jsonl"));
        let finished = || fs::read_to_string(&manifest).map_or(0, |text| text.lines().count());
        let mut kills = 0;
        for round in 0..4 {
            let before = finished();
            let resume = if round == 0 { "" } else { " --resume" };
            let mut child = folder
                .beleving(format!("{killed}{resume}").split(' '))
                .stderr(Stdio::null())
                .spawn()
                .expect("starts");
            // Killed once it has begun, then each time that it has finished another part.
            while finished() <= before && child.try_wait().expect("known").is_none() {
                thread::sleep(Duration::from_millis(2));
            }
            // SIGKILL on Unix.
            child.kill().expect("killed");
            kills += usize::from(child.wait().expect("ended").code().is_none());
            let parts = folder.path(format!("killed.{command}.jsonl.parts"));
            if parts.exists() {
                assert_no_canary(&parts);
            }
        }
        assert!(kills > 0, "{command} was over before it could be killed");
        let (status, errors) = folder.run(&format!("{killed} --resume"));
        assert_eq!(status, 3, "{errors}");
        assert!(
            folder.read(&format!("whole.{command}.jsonl"))
                == folder.read(&format!("killed.{command}.jsonl")),
            "{command}"
        );
    }
    assert!(!folder.names().iter().any(|name| name.ends_with(".parts") || name.ends_with(".tmp")));
}

/// No file of the folder holds the text of a message.
fn assert_no_canary(folder: &Path) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        let Ok(bytes) = fs::read(&path) else { continue };
        let found = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
        assert!(!found, "{} holds text", path.display());
    }
}

/// Starts a run and kills it once it has finished some parts.
fn killed_midway(folder: &Folder, args: &str, output: &str) {
    let mut child = folder.beleving(args.split(' ')).stderr(Stdio::null()).spawn().expect("starts");
    wait_for_a_part(folder, output);
    child.kill().expect("killed");
    child.wait().expect("ended");
}

fn wait_for_a_part(folder: &Folder, output: &str) {
    let manifest = folder.path(format!("{output}.parts/manifest.jsonl"));
    for _ in 0..10_000 {
        // The first line holds the settings.
        if fs::read_to_string(&manifest).is_ok_and(|text| text.lines().count() > 1) {
            return;
        }
        thread::sleep(Duration::from_millis(2));
    }
    panic!("no part was finished");
}

#[test]
fn parts_of_standard_input_are_in_nobodys_way() {
    let folder = Folder::new();
    let args = ["score", "-", "-q", "--clear-ids", "-o", "out.jsonl"];
    // Runs whose input goes on when the first part is there.
    let begun = || {
        let mut command = folder.beleving(args);
        let mut child =
            command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("starts");
        let mut input = child.stdin.take().expect("piped");
        input.write_all(b"{\"text\": \"a\"}\n").expect("written");
        wait_for_a_part(&folder, "out.jsonl");
        (child, input)
    };
    let (mut killed, input) = begun();
    killed.kill().expect("killed");
    killed.wait().expect("ended");
    drop(input);
    let next = folder.call(args[0], args[1], &args[2..], b"{\"text\": \"b\"}\n");
    assert_eq!((next.status, folder.lines("out.jsonl").len()), (0, 1), "{}", next.errors);
    assert!(next.errors.contains("it cannot be gone on with"), "{}", next.errors);
    assert!(!folder.names().contains(&"out.jsonl.parts".to_owned()));
    #[cfg(unix)]
    {
        let (mut stopped, _input) = begun();
        let id = stopped.id().to_string();
        assert!(
            process::Command::new("kill").args(["-INT", &id]).status().expect("runs").success()
        );
        assert_eq!(stopped.wait().expect("ended").code(), Some(130));
        assert!(!folder.names().contains(&"out.jsonl.parts".to_owned()));
    }
}

#[test]
fn resume_refuses_other_options_and_names_a_part_that_was_changed() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 40_000);
    let args = "score in.jsonl --clear-ids -q -o out.jsonl";
    killed_midway(&folder, args, "out.jsonl");
    let (status, errors) = folder.run(args);
    assert!(status == 2 && errors.contains("--resume"), "{errors}");
    let (status, errors) = folder.run(&format!("{args} --resume --all"));
    assert!(status == 2 && errors.contains("`all` was false, now it is true"), "{errors}");
    // Of a policy only what differs.
    folder.file("policy.toml", "flag_at = 0.25");
    let (status, errors) = folder.run(&format!("{args} --resume --policy policy.toml"));
    assert!(status == 2 && errors.contains("`policy.flag_at` was 0.5, now it is 0.25"), "{errors}");
    assert!(!errors.contains("base_rate"), "{errors}");
    let part = folder.path("out.jsonl.parts/part-000000.jsonl");
    let mut bytes = fs::read(&part).expect("a part");
    bytes[10] ^= 1;
    fs::write(&part, bytes).expect("written");
    let (status, errors) = folder.run(&format!("{args} --resume"));
    assert!(status == 2 && errors.contains("part-000000.jsonl"), "{errors}");
    fs::remove_file(part).expect("removed");
    assert_eq!(folder.run(&format!("{args} --resume")).0, 3);
    assert_eq!(folder.run("score in.jsonl --clear-ids -q -o whole.jsonl").0, 3);
    assert!(folder.read("out.jsonl") == folder.read("whole.jsonl"));
    // The output is there: nothing is done again, unless the input is another.
    let before = fs::metadata(folder.path("out.jsonl")).expect("there").modified().ok();
    assert_eq!(folder.run(&format!("{args} --resume")).0, 3);
    assert_eq!(fs::metadata(folder.path("out.jsonl")).expect("there").modified().ok(), before);
}

#[test]
fn resume_replaces_no_finished_output_by_that_of_another_run() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 90);
    let args = "score in.jsonl --clear-ids -q -o out.jsonl";
    folder.succeeds(args);
    let before = folder.read("out.jsonl");
    let (status, errors) = folder.run(&format!("{args} --resume --all"));
    assert!(status == 2 && errors.contains("`all` was false, now it is true"), "{errors}");
    assert!(errors.contains("without --resume to replace it"), "{errors}");
    assert!(folder.read("out.jsonl") == before && !folder.path("out.jsonl.parts").exists());
    fs::write(folder.path("out.jsonl"), "changed since\n").expect("written");
    assert_eq!(folder.run(&format!("{args} --resume --all")).0, 2);
    assert_eq!(folder.read("out.jsonl"), b"changed since\n");
    // But it goes on with one that was begun to replace it, and killed before its first part was there.
    let manifest = folder.read("out.jsonl.manifest.json");
    let mut manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    manifest["settings"]["all"] = json!(true);
    fs::create_dir(folder.path("out.jsonl.parts")).expect("made");
    folder.rows("out.jsonl.parts/manifest.jsonl", [json!({"settings": manifest["settings"]})]);
    folder.succeeds(&format!("{args} --resume --all"));
    assert!(folder.read("out.jsonl").len() > before.len());
}

#[test]
fn a_manifest_that_was_changed_is_named_and_a_line_cut_off_by_a_crash_is_not_missed() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 40_000);
    let args = "score in.jsonl --clear-ids -q -o out.jsonl";
    killed_midway(&folder, args, "out.jsonl");
    let written = folder.read("out.jsonl.parts/manifest.jsonl");
    let text = String::from_utf8(written.clone()).expect("UTF-8");
    let counted = text.replacen("\"messages\":1024", "\"messages\":1025", 1);
    let headless = text.replacen("settings", "sittings", 1);
    for (line, changed) in [("line 2 of", counted), ("line 1 of", headless)] {
        // With a line after it: the last one may be a crash's.
        folder.file("out.jsonl.parts/manifest.jsonl", changed + "{\"part\":");
        let (status, errors) = folder.run(&format!("{args} --resume"));
        assert!(
            status == 2 && errors.contains(line) && errors.contains("manifest.jsonl"),
            "{errors}"
        );
        assert!(folder.path("out.jsonl.parts/part-000000.jsonl").exists());
    }
    folder.file("out.jsonl.parts/manifest.jsonl", &written[..written.len() - 9]);
    assert_eq!(folder.run(&format!("{args} --resume")).0, 3);
    assert_eq!(folder.run("score in.jsonl --clear-ids -q -o whole.jsonl").0, 3);
    assert!(folder.read("out.jsonl") == folder.read("whole.jsonl"));
    // The same of a finished run: said, and made anew.
    for name in ["out.jsonl.manifest.json", "out.jsonl"] {
        let mut bytes = folder.read(name);
        bytes[0] ^= 1;
        folder.file(name, bytes);
        let (status, errors) = folder.run(&format!("{args} --resume"));
        assert!(status == 3 && errors.contains(&format!("`{name}`")), "{errors}");
        assert!(folder.read("out.jsonl") == folder.read("whole.jsonl"));
    }
}

#[test]
fn input_that_changes_while_it_is_read_is_named_and_nothing_of_it_is_mixed() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 40_000);
    let args = "score in.jsonl --clear-ids -q -o out.jsonl";
    let child = folder.beleving(args.split(' ')).stderr(Stdio::piped()).spawn().expect("starts");
    wait_for_a_part(&folder, "out.jsonl");
    let mut input =
        fs::OpenOptions::new().append(true).open(folder.path("in.jsonl")).expect("open");
    input.write_all(b"{\"id\": \"later\", \"text\": \"later\"}\n").expect("written");
    let Done { status, errors, .. } = child.wait_with_output().expect("ended").into();
    assert_eq!(status, 2, "{errors}");
    assert!(errors.contains("`in.jsonl` changed while it was read"), "{errors}");
    assert!(!folder.path("out.jsonl").exists());
    assert!(folder.path("out.jsonl.parts/part-000000.jsonl").exists());
    let (status, errors) = folder.run(&format!("{args} --resume"));
    assert!(status == 2 && errors.contains("`input` was"), "{errors}");
    assert!(errors.contains("remove `out.jsonl.parts` to start afresh"), "{errors}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_the_part_in_hand_and_says_how_to_go_on() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 40_000);
    let child = folder
        .beleving("score in.jsonl --clear-ids -o out.jsonl".split(' '))
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    wait_for_a_part(&folder, "out.jsonl");
    interrupt(&child);
    let Done { status, errors, .. } = child.wait_with_output().expect("ended").into();
    assert_eq!(status, 4, "{errors}");
    assert!(errors.contains("--resume"), "{errors}");
    assert_eq!(folder.run("score in.jsonl --clear-ids -o out.jsonl --resume -q").0, 3);
    assert_eq!(folder.lines("out.jsonl").len(), 40_000);
}

#[cfg(unix)]
fn interrupt(child: &process::Child) {
    let id = child.id().to_string();
    assert!(process::Command::new("kill").args(["-INT", &id]).status().expect("runs").success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_parts_become_the_output_ends_at_once_and_loses_nothing() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 12_000);
    for args in [
        "score in.jsonl --clear-ids -q -o NAME.jsonl",
        "judge in.jsonl --clear-ids -q -o NAME.jsonl --states NAME.states",
    ] {
        let [whole, args] = ["whole", "out"].map(|name| args.replace("NAME", name));
        assert_eq!(folder.run(&whole).0, 3);
        let mut child =
            folder.beleving(args.split(' ')).stderr(Stdio::piped()).spawn().expect("starts");
        wait_for_a_part(&folder, "out.jsonl");
        // What is written last goes into a pipe of which one byte is read: the run waits there for as long as need be.
        let pipe = folder.path("out.jsonl.parts/output.tmp");
        assert!(process::Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
        let reader = thread::spawn(|| {
            let mut pipe = fs::File::open(pipe).expect("open");
            io::Read::read_exact(&mut pipe, &mut [0]).map(|()| pipe)
        });
        while !reader.is_finished() {
            assert!(child.try_wait().expect("known").is_none(), "{args}: nothing was joined");
            thread::sleep(Duration::from_millis(2));
        }
        interrupt(&child);
        let Done { status, errors, .. } = child.wait_with_output().expect("ended").into();
        assert_eq!(status, 4, "{errors}");
        assert!(errors.contains("the same command with --resume goes on"), "{errors}");
        drop(reader.join());
        assert!(!folder.path("out.jsonl").exists());
        assert_eq!(folder.run(&format!("{args} --resume")).0, 3);
        assert!(folder.read("out.jsonl") == folder.read("whole.jsonl"), "{args}");
        fs::remove_file(folder.path("out.jsonl")).expect("there");
    }
    assert!(folder.read("out.states") == folder.read("whole.states"));
}

#[test]
fn shards_merge_into_what_one_run_gives() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 1_500);
    folder.file("key", "0123456789abcdef0123456789abcdef");
    for command in ["score", "judge"] {
        let args = format!("{command} in.jsonl -q --key-file key");
        for shard in 1..=3 {
            assert_eq!(folder.run(&format!("{args} --shard {shard}/3 -o s{shard}.jsonl")).0, 3);
        }
        let (status, errors) = folder.run("merge s1.jsonl s3.jsonl -o merged.jsonl");
        assert!(status == 2 && errors.contains("shard 2/3 is missing"), "{errors}");
        for ending in ["jsonl", "csv"] {
            assert_eq!(folder.run(&format!("{args} -o one.{ending}")).0, 3);
            let (status, errors) =
                folder.run(&format!("merge s2.jsonl s1.jsonl s3.jsonl -o merged.{ending}"));
            assert_eq!(status, 3, "{errors}");
            assert!(errors.contains("15 of the 1500 messages"), "{errors}");
            let same =
                folder.read(&format!("one.{ending}")) == folder.read(&format!("merged.{ending}"));
            assert!(same, "{command} {ending}");
        }
    }
    let message = json!({"speaker": "customer", "text": "Waar blijft het?"});
    let nested = (0..40).map(|n| json!({"id": format!("z-{n}"), "messages": [message, message]}));
    folder.rows("nested.jsonl", nested);
    for shard in 1..=2 {
        folder.succeeds(&format!(
            "judge nested.jsonl -q --clear-ids --shard {shard}/2 -o s{shard}.jsonl"
        ));
    }
    fs::create_dir(folder.path("folder.jsonl")).expect("made");
    let (status, errors) = folder.run("merge s1.jsonl s2.jsonl -o folder.jsonl");
    assert!(status == 2 && errors.contains("it is a folder"), "{errors}");
    folder.succeeds("merge s1.jsonl s2.jsonl -o merged.jsonl");
    folder.succeeds("judge nested.jsonl -q --clear-ids -o one.jsonl");
    assert!(folder.read("one.jsonl") == folder.read("merged.jsonl"));
    let lines = folder.lines("one.jsonl");
    assert!(lines.len() == 40 && lines.iter().all(|line| line["messages"] == 2));
    let (status, errors) = folder.run("score in.jsonl -q --shard 1/2 -o s.jsonl");
    assert!(status == 2 && errors.contains("--key-file"), "{errors}");
}

#[test]
fn shards_have_states_of_their_own_and_merge_all_the_same() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 90);
    folder.file("key", "0123456789abcdef0123456789abcdef");
    let judge = "judge in.jsonl -q --key-file key";
    let shard = |n: u32, states: &str| {
        folder.run(&format!("{judge} --shard {n}/2 -o s{n}.jsonl --states {states}"))
    };
    assert_eq!(shard(1, "t1.jsonl").0, 0);
    let written = folder.read("t1.jsonl");
    for more in ["t1.jsonl", "./t1.jsonl --resume"] {
        let (status, errors) = shard(2, more);
        assert!(status == 2 && errors.contains("the states of another shard"), "{errors}");
        assert!(folder.read("t1.jsonl") == written && !folder.path("s2.jsonl").exists());
    }
    assert_eq!(shard(2, "t2.jsonl").0, 0);
    // The same shard once more writes its own anew.
    let (status, errors) = shard(1, "./t1.jsonl");
    assert_eq!(status, 0, "{errors}");
    folder.succeeds("merge s1.jsonl s2.jsonl -o merged.jsonl");
    folder.succeeds(&format!("{judge} -o one.jsonl --states t.jsonl"));
    assert!(folder.read("one.jsonl") == folder.read("merged.jsonl"));
    let states = |names: &[&str]| {
        let mut all: Vec<String> =
            names.iter().flat_map(|name| folder.lines(name)).map(|l| l.to_string()).collect();
        all.sort();
        all
    };
    assert_eq!(states(&["t1.jsonl", "t2.jsonl"]), states(&["t.jsonl"]));
}

#[test]
fn a_key_file_is_made_by_the_first_shard_and_told_of() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 40);
    let shard =
        |n: u32| folder.run(&format!("score in.jsonl -q --shard {n}/2 --key-file k -o s{n}.jsonl"));
    let (status, errors) = shard(2);
    assert!(status == 2 && errors.contains("shard 1 makes it"), "{errors}");
    assert!(errors.contains("at least 16 random bytes") && !folder.path("k").exists(), "{errors}");
    let (status, errors) = shard(1);
    assert!(status == 0 && errors.contains("made the key file `k`"), "{errors}");
    let (status, errors) = shard(2);
    assert!(status == 0 && !errors.contains("made the key file"), "{errors}");
    folder.succeeds("merge s1.jsonl s2.jsonl -o merged.jsonl");

    // What was removed from a shard comes back unsaid no more than what was removed from the whole.
    let (status, errors) = folder.run("forget --customer jansen-3 --key-file k s1.jsonl s2.jsonl");
    assert!(status == 0 || status == 3, "{errors}");
    folder.succeeds("merge s1.jsonl s2.jsonl -o merged.jsonl");
    let (status, errors) = folder.run("score in.jsonl -q --key-file k -o merged.jsonl");
    assert!(status == 0 && errors.contains("brings them back"), "{errors}");
}

#[test]
fn messages_that_share_an_id_and_differ_are_told_once_with_their_number() {
    let folder = Folder::new();
    let row = |interaction: usize, id: &str, text: &str| json!({"interaction": format!("i{interaction}"), "id": id, "speaker": "customer", "text": text});
    let rows = (0..20).flat_map(|n| {
        // A ticket's number in the place of an id; and a message that was delivered twice.
        let texts = ["Waar blijft het?", "Laat maar.", "Dank u wel!"];
        let ticket = texts.map(|text| row(n, &format!("t{n}"), &format!("{CANARY} {text}")));
        let twice = ["a", "a"].map(|id| row(100 + n, id, "Waar blijft het?"));
        ticket.into_iter().chain(twice)
    });
    folder.rows("in.jsonl", rows);
    for quiet in ["", "-q"] {
        let (status, errors) =
            folder.run(&format!("judge in.jsonl --clear-ids {quiet} -o out{quiet}.jsonl"));
        assert_eq!(status, 0, "{errors}");
        let told =
            errors.lines().filter(|line| line.starts_with("40 messages had the id of another"));
        assert_eq!(told.count(), 1, "{errors}");
        assert_eq!(
            errors.contains("60 messages came more than once"),
            quiet.is_empty(),
            "{errors}"
        );
        assert!(!errors.contains(CANARY));
    }
    let manifest: Value =
        serde_json::from_slice(&folder.read("out.jsonl.manifest.json")).expect("JSON");
    assert_eq!(manifest["counts"]["differing"], 40);
    // Without the ids all are judged.
    folder.succeeds("judge in.jsonl --column id=none --clear-ids -q -o placed.jsonl");
    assert_eq!(folder.lines("placed.jsonl")[0]["messages"], 3);
}

#[test]
fn texts_of_verdicts_stand_where_its_places_count_and_only_when_asked_for() {
    let folder = Folder::new();
    let row = |id: &str, text: &str, seq: usize| json!({"interaction": "i", "id": id, "speaker": "customer", "text": text, "seq": seq});
    let rows = [
        row("a", "Waar blijft het?", 2),
        row("b", "Ik wacht al weken.", 0),
        row("a", "Waar blijft het?", 2),
        row("c", "Laat maar.", 1),
    ];
    let bad = "{\"interaction\": \"i\", \"id\": \"d\", \"speaker\": \"customer\", \"text\": 3}\n";
    let rows: String = rows.iter().map(|row| format!("{row}\n")).collect();
    folder.file("in.jsonl", rows + bad);
    assert_eq!(folder.run("judge in.jsonl --clear-ids -q --with-text -o with.jsonl").0, 3);
    let line = folder.lines("with.jsonl").pop().expect("a verdict");
    assert_eq!(
        line["texts"],
        json!(["Waar blijft het?", "Ik wacht al weken.", "Laat maar.", null])
    );
    assert_eq!(line["messages"], 4);
    folder.run("judge in.jsonl --clear-ids -q --with-text -o with.csv");
    assert!(folder.text("with.csv").contains("Laat maar."));
    folder.run("judge in.jsonl --clear-ids -q -o without.jsonl");
    assert!(!folder.text("without.jsonl").contains("Laat maar."));
}

#[test]
fn a_mailbox_goes_in_and_interactions_come_out_without_addresses() {
    let folder = Folder::new();
    let mut mbox = String::new();
    for n in 0..60 {
        let (from, refers) = match n % 3 {
            0 => (format!("Klant {n} <k{n}@klant.example>"), String::new()),
            1 => ("hulp@bedrijf.example".to_owned(), format!("In-Reply-To: <m{}@x>\n", n - 1)),
            _ => (
                format!("Klant {n} <k{}@klant.example>", n - 2),
                format!("References: <m{}@x>\n <m{}@x>\n", n - 2, n - 1),
            ),
        };
        let body = if n % 2 == 0 { "Waar blijft mijn pakket?" } else { "Where is my parcel?" };
        mbox += &format!(
            "From {n}@x Mon Mar  2 09:00:00 2026\nFrom: {from}\nTo: hulp@bedrijf.example\nMessage-ID: <m{n}@x>\n\
             Date: Mon, 2 Mar 2026 09:{n:02}:00 +0000\n{refers}Content-Type: text/plain\n\n{body} {CANARY}\n\n\
             > {body}\n-- \nKlant {n}\n\n"
        );
    }
    folder.file("help.mbox", mbox);
    folder.succeeds("judge help.mbox --staff bedrijf.example=klantenservice -q -o verdicts.jsonl");
    let lines = folder.lines("verdicts.jsonl");
    assert_eq!(lines.len(), 20);
    for line in &lines {
        assert_eq!(
            (&line["messages"], &line["failed"], &line["channel"]),
            (&json!(3), &json!(0), &json!("email"))
        );
        assert!(line["interaction"].as_str().is_some_and(|id| id.starts_with("m-")), "{line}");
        assert!(!line.to_string().contains("klant.example"), "{line}");
    }
}

#[test]
fn a_truncated_gzip_loses_nothing_that_came_before_the_cut() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 99);
    folder.succeeds("score in.jsonl --keep text -q --clear-ids -o copy.jsonl.gz");
    let whole = folder.read("copy.jsonl.gz");
    folder.file("cut.jsonl.gz", &whole[..whole.len() - 200]);
    let (status, errors) = folder.run("score cut.jsonl.gz -q --clear-ids -o out.jsonl");
    assert_eq!(status, 3, "{errors}");
    let lines = folder.lines("out.jsonl");
    let last = lines.last().expect("a line");
    assert!(lines.len() > 10 && last["error"]["kind"] == "input", "{last}");
    assert_eq!(last["file"], "cut.jsonl.gz");
}

#[test]
fn logs_as_json_hold_the_counts_and_no_text() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 200);
    let (status, errors) = folder.run("score in.jsonl --log-format json -o out.jsonl");
    assert_eq!(status, 3);
    let lines: Vec<Value> =
        errors.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let said = |what: &str| lines.iter().find(|line| line["message"] == what).expect(what);
    let (done, failed) = (said("done"), said("failed"));
    assert_eq!((&done["messages"], &done["failed"]), (&json!(200), &json!(2)));
    assert_eq!((&failed["kind"], &failed["messages"]), (&json!("input"), &json!(2)));
    assert!(
        done["first_failure"]
            .as_str()
            .is_some_and(|text| text.starts_with("row 100 of `in.jsonl`: "))
    );
    assert!(!errors.contains(CANARY) && !errors.contains("jansen"));
}

#[test]
fn an_audit_draws_a_sheet_without_risks_and_measures_its_labels() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 400);
    assert_eq!(folder.run("score in.jsonl -q --clear-ids --with-text -o scores.jsonl").0, 3);
    folder.succeeds("audit draw scores.jsonl -n 60 -o sheet.csv");
    let sheet = folder.text("sheet.csv");
    assert!(sheet.starts_with("row,id,interaction,text,label\n"));
    let labelled: String = sheet
        .lines()
        .enumerate()
        .map(|(n, line)| match n {
            0 => format!("{line}\n"),
            _ => format!("{line}{}\n", if n % 3 == 0 { "ja" } else { "nee" }),
        })
        .collect();
    folder.file("sheet.csv", labelled);
    let Done { out, errors, .. } = folder.done(["audit", "measure", "sheet.csv"]);
    assert!(out.contains("60, 20 of them bad"), "{out}{errors}");
    assert!(out.contains("precision") && out.contains("suggested threshold"), "{out}");
    let (status, errors) = folder.run("audit draw scores.jsonl.gz -o other.csv");
    assert!(status == 2 && errors.contains("uncompressed"), "{errors}");
    for there in ["sheet.csv", "scores.jsonl"] {
        let before = folder.read(there);
        assert_eq!(folder.run(&format!("audit draw scores.jsonl -n 60 -o {there}")).0, 2);
        assert_eq!(folder.read(there), before, "{there} is left as it was");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nothing.csv", folder.path("link.csv")).expect("linked");
        let (status, errors) = folder.run("audit draw scores.jsonl -o link.csv");
        assert!(status == 2 && errors.contains("`link.csv`: it is a link"), "{errors}");
        assert!(folder.path("link.csv").is_symlink());
    }
    // A draw that failed is not in the way of the next.
    fs::create_dir(folder.path("new.csv.design.json")).expect("made");
    assert_eq!(folder.run("audit draw scores.jsonl -n 60 -o new.csv").0, 2);
    let left = |name: &String| name.starts_with("new.csv") && !name.ends_with(".design.json");
    assert!(!folder.names().iter().any(left), "{:?}", folder.names());
}

#[test]
fn a_row_of_a_sheet_that_stands_there_twice_counts_once_and_is_named() {
    let folder = Folder::new();
    folder.rows("in.jsonl", (0..40).map(|n| json!({"text": format!("bericht {n}")})));
    folder.succeeds("score in.jsonl -q --with-text -o scores.jsonl");
    folder.succeeds("audit draw scores.jsonl -n 40 -o sheet.csv");
    let sheet = folder.text("sheet.csv");
    let mut rows = sheet.lines();
    let header = rows.next().expect("a header");
    let rows: Vec<String> = rows
        .enumerate()
        .map(|(n, row)| format!("{row}{}", if n % 3 == 0 { "ja" } else { "nee" }))
        .collect();
    folder.file("sheet.csv", format!("{header}\n{}\n{}\n", rows.join("\n"), rows[0]));
    let Done { status, out, errors } = folder.done(["audit", "measure", "sheet.csv"]);
    assert!(status == 3 && out.contains("40, 14 of them bad"), "{out}{errors}");
    assert!(errors.contains("record 41: its `row` has a label above already"), "{errors}");
}

#[test]
fn a_folder_that_only_has_the_name_of_one_of_parts_is_left_as_it_is() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 20);
    fs::create_dir(folder.path("out.jsonl.parts")).expect("made");
    folder.file("out.jsonl.parts/thesis.txt", "years of work");
    folder.file("out.jsonl.parts/lock", "");
    for args in [
        "score in.jsonl -q -o out.jsonl",
        "judge in.jsonl -q -o out.jsonl --resume",
        "forget --customer jansen-1 out.jsonl",
    ] {
        let (status, errors) = folder.run(args);
        assert!(status == 2 && errors.contains("what no run put there"), "{args}: {errors}");
        assert_eq!(folder.text("out.jsonl.parts/thesis.txt"), "years of work");
    }
}

#[test]
fn states_that_are_gone_are_made_anew() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 40);
    let judge = "judge in.jsonl -q -o out.jsonl --states states.jsonl";
    folder.succeeds(judge);
    let states = folder.read("states.jsonl");
    fs::remove_file(folder.path("states.jsonl")).expect("there");
    let (status, errors) = folder.run(&format!("{judge} --resume"));
    assert!(status == 0 && errors.contains("`states.jsonl` are gone"), "{errors}");
    assert!(folder.read("states.jsonl") == states);
}

#[test]
fn a_sheet_goes_through_excel_and_a_bad_label_is_named_and_passed_over() {
    let folder = Folder::new();
    let rows = (0..60).map(|n| json!({"id": format!("m{n}"), "text": format!("=café {n} é €")}));
    folder.rows("in.jsonl", rows);
    folder.succeeds("score in.jsonl -q --clear-ids --with-text -o scores.jsonl");
    folder.succeeds("audit draw scores.jsonl -n 60 -o sheet.csv");
    let sheet = folder.text("sheet.csv");
    let sheet = sheet.strip_prefix('\u{feff}').expect("a mark of UTF-8");
    assert_eq!(sheet.matches(",'=café").count(), 60, "no formula for a spreadsheet to run");
    // As Excel in Dutch saves it.
    let labelled = |n: usize| match n {
        0 => "",
        7 => "weet niet",
        8 => "een heel bericht van iemand die naast de cel plakte",
        n if n % 3 == 0 => "ja",
        _ => "nee",
    };
    let saved: String = sheet
        .lines()
        .enumerate()
        .map(|(n, line)| format!("{}{}\r\n", line.replace(',', ";"), labelled(n)))
        .collect();
    let (saved, _, _) = encoding_rs::WINDOWS_1252.encode(&saved);
    folder.file("sheet.csv", saved);
    let Done { status, out, errors } = folder.done(["audit", "measure", "sheet.csv"]);
    assert_eq!(status, 3, "{errors}");
    assert!(out.contains("58, 20 of them bad"), "{out}{errors}");
    assert!(errors.contains("record 7: `label` is `aaaa aaaa`, expected yes or no"), "{errors}");
    assert!(errors.contains("record 8: `label` is `aaa aaaa aaaaaaa aaa aaa…`"), "{errors}");
}

#[test]
fn a_rating_that_is_no_number_is_named_and_passed_over() {
    let folder = Folder::new();
    let mark = |n: usize| if n == 4 { json!("n.v.t.") } else { json!((n % 5).to_string()) };
    let rows = (0..60).map(|n| json!({"text": format!("bericht {n}"), "mark": mark(n)}));
    folder.rows("in.jsonl", rows);
    folder.succeeds("score in.jsonl -q --keep mark -o scores.jsonl");
    let args = "audit rating scores.jsonl --rating mark --bad-at-most 1";
    let Done { status, out, errors } = folder.done(args.split(' '));
    assert_eq!(status, 3, "{errors}");
    assert!(out.contains("59, 24 of them bad"), "{out}{errors}");
    assert!(errors.contains("line 5: `mark` is `a.a.a.`, expected a number"), "{errors}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_takes_nothing_more_ends_no_run() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 100);
    folder.file("empty.jsonl", "");
    for (args, expected) in [
        ("score in.jsonl -o scores.jsonl", 3),
        ("judge in.jsonl -o verdicts.jsonl", 3),
        ("report empty.jsonl verdicts.jsonl -o report.html", 0),
        (&format!("compare {TINY} {TINY} in.jsonl"), 3),
        ("forget --customer nobody scores.jsonl", 2),
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let ended = folder.beleving(args.split(' ')).stdout(Stdio::null()).stderr(full).status();
        assert_eq!(ended.expect("runs").code(), Some(expected), "{args}");
    }
}

#[test]
fn no_color_is_obeyed() {
    let folder = Folder::new();
    let shown = |no_color: &str, args: &str| {
        let mut command = folder.beleving(args.split(' '));
        command.env("CLICOLOR_FORCE", "1").env("NO_COLOR", no_color);
        let Output { stdout, stderr, .. } = command.output().expect("runs");
        [stdout, stderr].concat()
    };
    for args in ["--help", "score --nonsense", "score nothing.jsonl"] {
        assert!(!shown("1", args).contains(&b'\x1b'), "{args}");
    }
    assert!(shown("", "--help").contains(&b'\x1b'), "there is colour to be left out");
}

#[test]
fn completions_and_the_manual_name_every_command() {
    let folder = Folder::new();
    for args in ["completions bash", "man"] {
        let shown = folder.done(args.split(' ')).out;
        for command in ["score", "judge", "merge", "forget", "audit", "inspect"] {
            assert!(shown.contains(command), "{args}: {command}");
        }
    }
}
