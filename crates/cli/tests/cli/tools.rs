//! The commands beside `score` and `judge`: `inspect`, `compare`, `policy`, `decide` and `bench`.

use beleving::{Judge, Policy};
use serde_json::{Value, json};

use crate::folder::{CANARY, Done, Folder, ROOT, TINY};

#[test]
fn inspect_finds_a_changed_file() {
    let folder = Folder::new();
    for entry in std::fs::read_dir(TINY).expect("there") {
        let entry = entry.expect("readable");
        std::fs::copy(entry.path(), folder.path(entry.file_name())).expect("copied");
    }
    let done = folder.done(["inspect", "."]);
    assert!(done.status == 0 && done.out.contains("flag_interaction_at 0.5"), "{}", done.out);
    folder.file("config.json", folder.text("config.json") + "\n");
    let done = folder.done(["inspect", "."]);
    assert!(done.status == 2 && done.errors.contains("SHA-256"), "{}", done.errors);
}

#[test]
fn compare_shows_what_another_model_changes_and_holds_it_to_bounds() {
    let folder = Folder::new();
    // The same weights, stated for rarer bad experiences: every risk falls.
    let other = folder.path("other");
    std::fs::create_dir(&other).expect("a folder");
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        std::fs::copy(format!("{TINY}/{file}"), other.join(file)).expect("copied");
    }
    let manifest = std::fs::read_to_string(format!("{TINY}/beleving.json")).expect("a manifest");
    let mut manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    manifest["version"] = "9.9.9".into();
    manifest["policy"]["base_rate"] = 0.01.into();
    std::fs::write(other.join("beleving.json"), manifest.to_string()).expect("written");
    let rows: String = (0..30)
        .map(|n| {
            format!("{{\"id\": \"m{n}\", \"language\": \"nl\", \"text\": \"{CANARY} {n}\"}}\n")
        })
        .collect();
    folder.file("in.jsonl", rows + "{\"text\": 3}\n");
    let compare = |new: &str, more: &[&str]| {
        let Done { status, out, errors } = folder.done([&["compare", TINY, new], more].concat());
        assert!(!out.contains(CANARY) && !errors.contains(CANARY), "{out}{errors}");
        (status, out, errors)
    };
    let bounds = ["in.jsonl", "--max-shift", "0.01", "--max-flips", "0"];
    let (status, out, errors) = compare(TINY, &bounds);
    assert_eq!(status, 3, "one row failed, nothing moved: {out}{errors}");
    assert!(errors.contains("row 31") && !out.contains("largest moves"), "{out}{errors}");
    let (status, out, errors) = compare("other", &bounds);
    assert_eq!(status, 1, "{out}{errors}");
    assert!(errors.contains("exceeded: risk moves by -0."), "{errors}");
    assert!(out.contains("9.9.9") && out.contains("nl (30)") && out.contains(" -> 0.00"), "{out}");
    assert!(compare("nowhere", &["in.jsonl"]).0 == 2);
    // More messages than are held at a time.
    let text = |n: usize| json!({"id": format!("m{n}"), "language": "nl", "text": format!("{CANARY} {n}")});
    folder.file("long.jsonl", (0..1100).map(|n| format!("{}\n", text(n))).collect::<String>());
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
    folder.file("in.csv", format!("at;tekst\n19-10-2026 10:00;{CANARY}\n"));
    let (_, _, errors) = compare(TINY, &["in.jsonl", "--column", "id=nummer"]);
    assert!(errors.contains("no row has `nummer`"), "{errors}");
    let named = ["in.csv", "--column", "text=tekst"];
    let (_, _, errors) = compare(TINY, &named);
    assert!(errors.contains("a time without an offset"), "{errors}");
    let (status, _, errors) = compare(TINY, &[&named[..], &["--time-zone=+01:00"]].concat());
    assert_eq!(status, 0, "{errors}");
}

#[test]
fn a_policy_is_checked_and_decides_again_what_is_stored() {
    let folder = Folder::new();
    let thread = format!(
        "{{\"interaction\": \"i\", \"messages\": [{{\"speaker\": \"customer\", \"text\": \"Waar blijft {CANARY}? Ik wacht al weken.\"}}, \
         {{\"speaker\": \"staff\", \"role\": \"planner\", \"text\": \"Binnen twee dagen.\"}}, \
         {{\"speaker\": \"customer\", \"text\": \"Laat maar.\"}}]}}\n"
    );
    folder.file("in.jsonl", thread);
    folder.file("strict.toml", "name = 'strict'\nversion = '2'\nflag_at = 0.01\nflag_interaction_at = 0.01\nbase_rate = 0.9");
    folder.file("faulty.toml", "flag_at = 2.0");
    folder.file("days.toml", "[calendar]\nholidays = ['25-12-2026']");
    let refused = folder.call("policy", "check", &["days.toml"], b"");
    assert_eq!(refused.status, 2);
    assert!(refused.errors.contains("expected such as 2026-12-25"), "{}", refused.errors);

    let judged =
        folder.call("judge", "in.jsonl", &["-q", "--states", "states.jsonl", "--explain"], b"");
    assert_eq!(judged.status, 0, "{}", judged.errors);
    let states = folder.text("states.jsonl");
    assert!(!states.contains(CANARY) && !states.contains("wacht"));

    // A verdict has a risk and a flag as scores have, by another threshold.
    assert!(!judged.lines().is_empty());
    folder.file("verdicts.jsonl", &judged.out);
    let refused = folder.call("decide", "verdicts.jsonl", &["--policy", "strict.toml"], b"");
    assert_eq!((refused.status, refused.lines().len()), (3, judged.lines().len()));
    for line in &refused.lines() {
        let says = line["error"]["message"].as_str().expect("an error");
        assert!(says.contains("verdict") && says.contains("--states"), "{line}");
    }

    let strict = ["-q", "--policy", "strict.toml"];
    let expected = folder.call("judge", "in.jsonl", &strict, b"");
    let again = folder.call("decide", "states.jsonl", &["--policy", "strict.toml"], b"");
    assert_eq!(
        (again.status, &again.lines()[0]["policy"]),
        (0, &"strict@2".into()),
        "{}",
        again.errors
    );
    assert_eq!(again.lines()[0]["flagged"], true);
    let piped = folder.call("decide", "-", &["--policy", "strict.toml"], states.as_bytes());
    assert_eq!((piped.status, &piped.lines()), (0, &again.lines()), "{}", piped.errors);
    for key in ["risk", "turned", "worst", "touchpoint", "signals", "rework", "policy_hash"] {
        assert_eq!(again.lines()[0][key], expected.lines()[0][key], "{key}");
    }

    let scores = folder.call("score", "in.jsonl", &["-q", "-o", "scores.jsonl"], b"");
    assert_eq!(scores.status, 0);
    let expected = folder.call("score", "in.jsonl", &strict, b"");
    let again = folder.call("decide", "scores.jsonl", &["--policy", "strict.toml"], b"");
    assert_eq!(
        (again.status, again.lines().len()),
        (0, expected.lines().len()),
        "{}",
        again.errors
    );
    for (line, expected) in again.lines().iter().zip(&expected.lines()) {
        assert_eq!(line["flagged"], expected["flagged"]);
        let (risk, expected) = (line["risk"].as_f64(), expected["risk"].as_f64());
        assert!(
            risk.zip(expected).is_none_or(|(a, b)| (a - b).abs() < 1e-4),
            "{risk:?} {expected:?}"
        );
    }

    folder.file("odd.jsonl", format!("{{\"text\": \"{CANARY}\"}}\n{CANARY}\n"));
    let odd = folder.call("decide", "odd.jsonl", &["--policy", "strict.toml"], b"");
    assert_eq!((odd.status, odd.lines().len()), (3, 2));
    assert!(odd.lines().iter().all(|line| !line.to_string().contains(CANARY)));
    // Every line of a folder fails, and there is no last one.
    let done = folder.call("decide", ".", &["--policy", "strict.toml"], b"");
    assert!(done.status == 2 && done.errors.contains("cannot read `.`"), "{}", done.errors);
    let onto = ["--policy", "strict.toml", "-o", "."];
    let done = folder.call("decide", "states.jsonl", &onto, b"");
    assert!(done.status == 2 && done.errors.contains("it is a folder"), "{}", done.errors);
    let faulty = folder.call("policy", "check", &["faulty.toml"], b"");
    assert_eq!(faulty.status, 2);
    assert!(faulty.errors.contains("flag_at"), "{}", faulty.errors);
}

#[test]
fn lines_of_scores_are_decided_on_with_all_their_fields_and_the_intents_of_the_policy() {
    let folder = Folder::new();
    let texts = ["Waar blijft het? Ik wacht al weken.", "Dank u wel!", "Ik zeg op.", ""];
    let rows = texts.map(|text| format!("{}\n", json!({"text": text, "team": 1})));
    folder.file("in.jsonl", rows.concat());
    for (name, intent_at) in [("low", 0.3), ("middle", 0.45), ("high", 0.55)] {
        folder.file(&format!("{name}.toml"), format!("name = '{name}'\nintent_at = {intent_at}"));
    }
    let score = |policy: &str, more: &[&str]| {
        let policy = ["-q", "--keep", "team", "--policy", policy];
        folder.call("score", "in.jsonl", &[&policy[..], more].concat(), b"").lines()
    };
    let decide = |policy: &str, more: &[&str]| {
        let policy = ["--policy", policy, "--scored-with", "middle.toml"];
        folder.call("decide", "scores.jsonl", &[&policy[..], more].concat(), b"")
    };
    score("middle.toml", &["-o", "scores.jsonl"]);
    let listed = |lines: &[Value]| -> Vec<Vec<String>> {
        let names = |line: &Value| Some(line["intents"].as_object()?.keys().cloned().collect());
        lines.iter().map(|line| names(line).unwrap_or_default()).collect()
    };
    let (middle, high) = (score("middle.toml", &[]), score("high.toml", &[]));
    assert_ne!(listed(&middle), listed(&high), "the thresholds part what there is");
    let decided = decide("high.toml", &[]);
    assert_eq!(
        (decided.status, listed(&decided.lines())),
        (0, listed(&high)),
        "{}",
        decided.errors
    );
    assert_eq!(
        decided.lines()[0].as_object().map(|l| l.len()),
        high[0].as_object().map(|l| l.len())
    );
    let refused = decide("low.toml", &[]);
    assert_eq!((refused.status, refused.lines().len()), (3, 4));
    for line in &refused.lines()[..3] {
        let says = line["error"]["message"].as_str().expect("an error");
        assert!(says.contains("`intent_at` 0.45") && says.contains("--all"), "{says}");
    }

    // A row that failed keeps its line, and with it who it was and why.
    folder.file("bad.jsonl", "{\"id\": \"a\", \"text\": 3}\n{\"text\": \"Dank u wel!\"}\n");
    let failed = folder.call(
        "score",
        "bad.jsonl",
        &["-q", "--policy", "middle.toml", "-o", "bad.out.jsonl"],
        b"",
    );
    assert_eq!(failed.status, 3);
    let scored = folder.text("bad.out.jsonl");
    let first: Value = serde_json::from_str(scored.lines().next().expect("a line")).expect("JSON");
    let kept = ["--policy", "high.toml", "--scored-with", "middle.toml"];
    let kept = folder.call("decide", "bad.out.jsonl", &kept, b"");
    assert_eq!((kept.status, &kept.lines()[0], kept.lines().len()), (3, &first, 2));
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
        folder.file("range.jsonl", format!("{scored}\n{line}\n"));
        let range = ["--policy", "high.toml", "--scored-with", "middle.toml"];
        let range = folder.call("decide", "range.jsonl", &range, b"");
        assert!(range.status == 3 && range.lines()[0]["risk"].is_number(), "{}", range.errors);
        let says = format!("`risk` is {found}, expected 0 to 1");
        let error = json!({"kind": "input", "message": says});
        let failed = json!({"schema": 1, "id": null, "row": 2, "error": error});
        assert_eq!(range.lines()[1], failed);
    }
    // The policies of two models' folders have one name and not one base rate.
    let mut own = folder.call("score", "in.jsonl", &["-q"], b"").lines();
    own.truncate(2);
    own[1]["model"] = json!("beleving-small@0.1.0");
    folder.file("own.jsonl", format!("{}\n{}\n", own[0], own[1]));
    let own = folder.call("decide", "own.jsonl", &["--policy", "high.toml"], b"");
    assert!(own.status == 3 && own.lines()[0]["risk"].is_number(), "{}", own.errors);
    let lines = own.lines();
    let says = lines[1]["error"]["message"].as_str().expect("an error");
    assert!(says.contains("`beleving-small@0.1.0`") && says.contains("--scored-with"), "{says}");

    let packed = folder.call("decide", "scores.jsonl.gz", &["--policy", "high.toml"], b"");
    assert!(packed.status == 2 && packed.errors.contains("uncompressed"), "{}", packed.errors);

    // A table of verdicts has no columns for them; what lay there before is left as it was.
    folder.file("out.csv", "before");
    let refused = decide("high.toml", &["-o", "out.csv"]);
    assert!(refused.status == 2 && refused.errors.contains("write .jsonl"), "{}", refused.errors);
    let left = std::fs::read_to_string(folder.path("out.csv"));
    assert_eq!(left.ok().as_deref(), Some("before"));
    let left = |name: &String| name.starts_with("out.csv.");
    assert!(!folder.names().iter().any(left), "{:?}", folder.names());

    score("middle.toml", &["--all", "-o", "all.jsonl"]);
    std::fs::rename(folder.path("all.jsonl"), folder.path("scores.jsonl")).expect("renamed");
    for policy in ["low.toml", "high.toml"] {
        let decided = decide(policy, &[]);
        assert_eq!(listed(&decided.lines()), listed(&score(policy, &["--all"])), "{policy}");
    }
}

#[test]
fn the_default_policy_is_that_of_the_model_folder() {
    let folder = Folder::new();
    let default = |model: &str| folder.done(["policy", "default", "--model", model]);
    let printed = |model: &str| {
        let done = default(model);
        (Policy::parse(&done.out).expect("a policy"), done.errors)
    };

    // As a file with `--policy` it changes nothing: the base rate would move every risk.
    let shipped = &format!("{ROOT}/models/beleving-small");
    let (policy, errors) = printed(shipped);
    let (_, own) = Judge::open(shipped).expect("a model folder");
    assert_eq!((policy.hash(), &*errors), (own.hash(), ""));
    assert_ne!(policy.base_rate, Policy::default().base_rate);

    // A file that states one field leaves all others as they are in the folder.
    folder.file("ours.toml", "flag_at = 0.6");
    let checked = folder.done(["policy", "check", "ours.toml", "--model", shipped]);
    let ours = own.over("flag_at = 0.6").expect("in order");
    assert_eq!(ours.base_rate, own.base_rate);
    let expected = format!("{} {} is in order\n", ours.id(), ours.hash());
    assert_eq!(checked.out, expected);

    // A folder that somebody else made has none, and one that is not there is an error.
    let (policy, errors) = printed(".");
    assert_eq!(policy, Policy::default());
    assert!(errors.contains("the library's"), "{errors}");
    assert_eq!(default("nowhere").status, 2);
}

#[test]
fn a_bench_of_no_rows_or_no_runs_is_refused() {
    let folder = Folder::new();
    folder.file("in.jsonl", "{\"text\": \"a\"}\n");
    for more in [["--limit", "0"], ["--runs", "0"]] {
        let done = folder.call("bench", "--input=in.jsonl", &more, b"");
        assert_eq!(done.status, 2, "{more:?}");
        assert!(done.errors.contains(more[0]) && done.errors.contains("1.."), "{}", done.errors);
    }
    // A file is read as `score` reads it, in whatever encoding and by the same options.
    folder.file("in.csv", b"wie;at;text\nagent;1-2-2026;caf\xe9\nagent;;caf\xe9\n3;;\x80 5\n");
    let few = ["--limit", "2", "--runs", "1", "--singles", "1", "--column", "speaker=wie"];
    let done = folder.call("bench", "--input=in.csv", &few, b"");
    assert_eq!(done.status, 2);
    assert!(
        done.errors.contains("row 1") && done.errors.contains("--time-zone"),
        "{}",
        done.errors
    );
    let few = [&few[..], &["--time-zone", "Europe/Amsterdam"]].concat();
    let done = folder.call("bench", "--input=in.csv", &few, b"");
    assert_eq!((done.status, &done.lines()[0]["messages"]), (0, &2.into()), "{}", done.errors);
    // Each run reads its input again.
    let piped = folder.call("bench", "--input=-", &[], b"{\"text\": \"a\"}\n");
    assert!(piped.status == 2 && piped.errors.contains("give a file"), "{}", piped.errors);
}

#[test]
fn what_a_line_of_scores_keeps_makes_it_neither_a_verdict_nor_a_state() {
    let folder = Folder::new();
    let row =
        json!({"text": "Waar blijft het?", "experience": 3, "records": [1], "policy_hash": "a"});
    folder.rows("in.jsonl", [row]);
    let keep = "-q --keep experience --keep records --keep policy_hash -o scores.jsonl";
    folder.succeeds(&format!("score in.jsonl {keep}"));
    folder.file("strict.toml", "name = 'strict'\nflag_at = 0.01");
    // The input has a name such as a file had that was being written.
    let written = folder.read("scores.jsonl");
    folder.file("out.jsonl.tmp", &written);
    folder.succeeds("decide out.jsonl.tmp --policy strict.toml -o out.jsonl");
    assert!(folder.read("out.jsonl.tmp") == written);
    let line = folder.lines("out.jsonl").remove(0);
    assert_eq!((&line["flagged"], &line["experience"]), (&json!(true), &json!(3)));
    let (status, errors) = folder.run("decide out.jsonl.tmp --policy strict.toml -o out.csv");
    assert!(status == 2 && errors.contains("is a line of scores"), "{errors}");
}

#[test]
fn what_is_no_interaction_for_training_is_told_by_its_place_and_not_quoted() {
    let folder = Folder::new();
    folder.file("in.jsonl", format!("{{\"messages\": [\"{CANARY}\"]}}\n"));
    let (status, errors) = folder.run("features in.jsonl");
    assert!(status == 2 && errors.contains("line 1 is no interaction, from column"), "{errors}");
    assert!(!errors.contains(CANARY), "{errors}");
}

#[test]
fn judge_keeps_a_field_of_the_first_row_that_has_it_and_staff_is_named_as_people_write_it() {
    let folder = Folder::new();
    let rows = [
        json!({"text": "Dag", "speaker": "staff"}),
        json!({"text": "Hoi", "speaker": "customer", "sector": "zorg"}),
    ];
    folder.rows(
        "in.jsonl",
        rows.map(|mut row| {
            row["interaction"] = json!("i1");
            row
        }),
    );
    folder.succeeds("judge in.jsonl -q --keep sector -o out.jsonl");
    assert_eq!(folder.lines("out.jsonl")[0]["sector"], "zorg");
    folder.file("a.mbox", "From x\nFrom: h@acme.nl\nTo: k@klant.nl\n\nDag\n\n");
    for staff in ["acme.nl", "@acme.nl", "*@acme.nl", "*.acme.nl"] {
        folder.succeeds(&format!("judge a.mbox -q --staff {staff} -o {}.jsonl", staff.len()));
        let line = &folder.lines(&format!("{}.jsonl", staff.len()))[0];
        assert_eq!(line["assessable"], false, "{staff}");
    }
    let Done { status, errors, .. } =
        folder.done("judge a.mbox --staff acme.nl,acme.be".split(' '));
    assert!(status == 2 && errors.contains("--staff acme.nl,acme.be"), "{errors}");
}
