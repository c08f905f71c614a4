//! The commands beside `score` and `judge`: `inspect`, `compare`, `policy`, `decide` and `bench`.

mod common;

use std::path::PathBuf;

use assert_cmd::Command;
use beleving::{Judge, Policy};
use serde_json::{Value, json};

use common::{CANARY, Run};

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
    for bound in ["flips=20", "flips=-0.1", "flips=NaN", "shift=NaN"] {
        let (status, _, errors) = compare("other", &["in.jsonl", &format!("--max-{bound}")]);
        assert!(status == 2 && errors.contains("expected 0 to 1"), "{bound}: {errors}");
    }
    // Files are read by the options that `score` has.
    run.file("in.csv", format!("at;tekst\n19-10-2026 10:00;{CANARY}\n"));
    let (_, _, errors) = compare(tiny, &["in.jsonl", "--column", "id=nummer"]);
    assert!(errors.contains("no row has `nummer`"), "{errors}");
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
    // Every line of a folder fails, and there is no last one.
    let folder = run.command("decide", ".", &["--policy", "strict.toml"], b"");
    assert!(folder.status == 2 && folder.errors.contains("cannot read `.`"), "{}", folder.errors);
    let onto = ["--policy", "strict.toml", "-o", "."];
    let folder = run.command("decide", "states.jsonl", &onto, b"");
    assert!(folder.status == 2 && folder.errors.contains("it is a folder"), "{}", folder.errors);
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

    // A row that failed keeps its line, and with it who it was and why.
    run.file("bad.jsonl", "{\"id\": \"a\", \"text\": 3}\n{\"text\": \"Dank u wel!\"}\n");
    let failed = run.command(
        "score",
        "bad.jsonl",
        &["-q", "--policy", "middle.toml", "-o", "bad.out.jsonl"],
        b"",
    );
    assert_eq!(failed.status, 3);
    let scored = std::fs::read_to_string(run.folder.path().join("bad.out.jsonl")).expect("scores");
    let first: Value = serde_json::from_str(scored.lines().next().expect("a line")).expect("JSON");
    let kept = ["--policy", "high.toml", "--scored-with", "middle.toml"];
    let kept = run.command("decide", "bad.out.jsonl", &kept, b"");
    assert_eq!((kept.status, &kept.lines[0], kept.lines.len()), (3, &first, 2));
    assert!(kept.errors.contains("1 line got an error"), "{}", kept.errors);
    let scored: Value = serde_json::from_str(scored.lines().nth(1).expect("a line")).expect("JSON");
    for (risk, found) in [
        (json!(1.2), "1.2"),
        (json!(87), "87"),
        (json!(-0.1), "-0.1"),
        (json!(CANARY), "no number"),
    ] {
        let mut line = scored.clone();
        line["risk"] = risk;
        run.file("range.jsonl", format!("{scored}\n{line}\n"));
        let range = ["--policy", "high.toml", "--scored-with", "middle.toml"];
        let range = run.command("decide", "range.jsonl", &range, b"");
        assert!(range.status == 3 && range.lines[0]["risk"].is_number(), "{}", range.errors);
        let says = format!("`risk` is {found}, expected 0 to 1");
        let error = json!({"kind": "input", "message": says});
        let failed = json!({"schema": 1, "id": null, "row": 2, "error": error});
        assert_eq!(range.lines[1], failed);
    }
    // The policies of two models' folders have one name and not one base rate.
    let mut own = run.command("score", "in.jsonl", &["-q"], b"").lines;
    own.truncate(2);
    own[1]["model"] = json!("beleving-small@0.1.0");
    run.file("own.jsonl", format!("{}\n{}\n", own[0], own[1]));
    let own = run.command("decide", "own.jsonl", &["--policy", "high.toml"], b"");
    assert!(own.status == 3 && own.lines[0]["risk"].is_number(), "{}", own.errors);
    let says = own.lines[1]["error"]["message"].as_str().expect("an error");
    assert!(says.contains("`beleving-small@0.1.0`") && says.contains("--scored-with"), "{says}");

    let packed = run.command("decide", "scores.jsonl.gz", &["--policy", "high.toml"], b"");
    assert!(packed.status == 2 && packed.errors.contains("uncompressed"), "{}", packed.errors);

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
    // Each run reads its input again.
    let piped = run.command("bench", "--input=-", &[], b"{\"text\": \"a\"}\n");
    assert!(piped.status == 2 && piped.errors.contains("give a file"), "{}", piped.errors);
}
