//! `beleving report` as a user meets it.

use serde_json::{Value, json};

use crate::folder::{Done, Folder};

const INVENTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../report/tests/data/invented.jsonl");

fn report(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let Done { status, out, errors } = folder.done([&["report"], arguments].concat());
    (status, out, errors)
}

#[test]
fn a_page_goes_to_the_file_and_tables_go_by_its_ending() {
    let folder = Folder::new();
    for (file, starts) in [("r.html", "<!DOCTYPE html>"), ("r.json", "{"), ("r.csv", "table,")] {
        let (status, out, errors) = report(&folder, &[INVENTED, "-o", file]);
        assert_eq!((status, out.as_str(), errors.as_str()), (0, "", ""));
        let written = folder.text(file);
        assert!(written.starts_with(starts), "{file}");
    }
    let (_, csv, _) = report(&folder, &[INVENTED, "--format", "csv", "-o", "-"]);
    assert!(csv.starts_with("table,") && !folder.path("-").exists());
    let (_, page, _) = report(&folder, &[INVENTED, "--language", "en", "--audience", "patient"]);
    assert!(page.contains("lang=\"en\"") && page.contains("as the patient lived them"));
}

#[test]
fn rows_that_cannot_be_read_are_named_and_the_rest_is_reported() {
    let folder = Folder::new();
    let whole = std::fs::read_to_string(INVENTED).expect("the fixture");
    let broken = whole.replacen("\"failed\":0", "\"failed\":\"kanariepiet\"", 1);
    folder.file("v.jsonl", broken);
    let (status, page, errors) = report(&folder, &["v.jsonl"]);
    assert_eq!(status, 3);
    assert!(page.contains("</html>"));
    assert_eq!(errors, "v.jsonl: row 1: `failed` is a string, expected a whole number\n");
}

#[test]
fn what_makes_no_report_is_refused() {
    let folder = Folder::new();
    folder.file("empty.jsonl", "");
    let failed = json!({"id": "m", "row": 2, "error": {"kind": "input"}});
    folder.rows("scores.jsonl", [json!({"id": "m", "sentiment": {}}), failed]);
    std::fs::copy(INVENTED, folder.path("v.jsonl")).expect("copied");
    std::fs::create_dir(folder.path("folder.html")).expect("made");
    for (arguments, says) in [
        (vec!["empty.jsonl"], "no lines of `beleving judge` in `empty.jsonl`"),
        (vec!["scores.jsonl"], "no lines of `beleving judge` in `scores.jsonl`"),
        (vec!["absent.jsonl"], "cannot open `absent.jsonl`"),
        (
            vec!["v.csv"],
            "`v.csv` is no .jsonl: expected the JSON lines that `score` and `judge` write",
        ),
        (vec!["v.parquet"], "`v.parquet` is no .jsonl"),
        (vec!["v.jsonl.gz"], "`v.jsonl.gz` is no .jsonl"),
        (vec!["v.jsonl", "-o", "v.jsonl", "--format", "html"], "the report would overwrite it"),
        (
            vec!["v.jsonl", "-o", "z.pdf"],
            "cannot write `.pdf`, expected .html, .json, .csv or .txt",
        ),
        (vec!["v.jsonl", "-o", "z.csv.gz"], "cannot write `.gz`"),
        (vec!["v.jsonl", "-o", "folder.html"], "cannot write `folder.html`: it is a folder"),
        (vec!["v.jsonl", "--checked", "4,1,2,30"], "checked sample"),
        (vec!["v.jsonl", "--checked", "40,10,12,138"], "holds for one model and policy"),
        (vec!["v.jsonl", "--cost-per-contact", "-1"], "unexpected argument"),
        (vec!["--compare", "v.jsonl", "v.jsonl"], "one between two periods"),
        (
            vec!["v.jsonl", "--states", "v.jsonl", "-o", "v.jsonl", "--format", "html"],
            "the report would overwrite it",
        ),
        (vec!["v.jsonl", "--meant-against-felt"], "--states"),
        (vec!["v.jsonl", "--policy", "absent.toml"], "cannot read policy `absent.toml`"),
        (vec![], "required"),
    ] {
        let (status, out, errors) = report(&folder, &arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}: {errors}");
        assert!(errors.contains(says), "{arguments:?}: {errors}");
    }
    assert!(!folder.path("z.pdf").exists());
    let kept = std::fs::read(folder.path("v.jsonl")).expect("kept");
    assert_eq!(kept, std::fs::read(INVENTED).expect("the fixture"));
}

#[test]
fn an_empty_file_beside_others_is_told_once_and_changes_nothing() {
    let folder = Folder::new();
    folder.file("empty.jsonl", "");
    let (_, page, _) = report(&folder, &[INVENTED]);
    for files in [["empty.jsonl", INVENTED], [INVENTED, "empty.jsonl"]] {
        let done = report(&folder, &files);
        assert_eq!(done, (0, page.clone(), "`empty.jsonl` is empty\n".to_owned()));
    }
    let (status, _, errors) = report(&folder, &["--compare", INVENTED, "empty.jsonl"]);
    assert_eq!(status, 2, "{errors}");
}

/// A verdict that nothing went wrong in.
fn verdict(name: &str, start: &str) -> Value {
    json!({
        "schema": 1, "interaction": name, "customer": format!("c-{name}"), "start": start, "end": start,
        "messages": 2, "assessable": true, "risk": 0.1, "flagged": false, "experience": 5,
        "intents": {"praise_or_thanks": 0.9}, "praise": true, "model": "m@1", "policy": "p@1",
        "policy_hash": "aaaaaaaaaa", "reasons": [{"kind": "praise", "message": 1, "span": [0, 7], "weight": 0.9}],
    })
}

#[test]
fn a_file_given_twice_and_dates_that_cannot_be_are_told_on_the_page_too() {
    let folder = Folder::new();
    let names = (0..40).map(|n| (n.to_string(), format!("2026-0{}-03T09:00:00Z", 1 + n % 2)));
    folder.rows("v.jsonl", names.map(|(name, start)| verdict(&name, &start)));
    let (_, page, errors) = report(&folder, &["v.jsonl", "--language", "en"]);
    assert!(!page.contains("Note: ") && errors.is_empty(), "{errors}");
    let (status, page, errors) = report(&folder, &["v.jsonl", "v.jsonl", "--language", "en"]);
    assert_eq!(status, 0);
    assert!(errors.contains("came before with the same name and start: 40 lines."), "{errors}");
    assert!(page.contains("with the same name and start: 40."));

    let wrong = ["1970-01-01T00:00:00Z", "9126-01-01T00:00:00Z", "0001-01-01T00:00:00Z"];
    folder.rows("odd.jsonl", wrong.map(|start| verdict(start, start)));
    let (status, page, errors) = report(&folder, &["v.jsonl", "odd.jsonl", "--language", "en"]);
    assert_eq!(status, 0);
    assert!(errors.contains("before 1990 or in the future: 3 of 43 interactions."), "{errors}");
    assert!(page.contains("before 1990 or in the future: 3."));
    assert!(page.contains("2026") && !page.contains("1970") && !page.contains("9126"));
}

#[test]
fn policies_of_one_name_are_not_compared_and_periods_that_overlap_are_told() {
    let folder = Folder::new();
    let month = |n: usize| {
        (0..20).map(move |i| verdict(&format!("{n}-{i}"), &format!("2026-0{n}-05T09:00:00Z")))
    };
    folder.rows("one.jsonl", month(1));
    folder.rows("two.jsonl", month(2));
    let other = month(2).map(|mut line| {
        line["policy_hash"] = "bbbbbbbbbb".into();
        line
    });
    folder.rows("other.jsonl", other);
    folder.rows("both.jsonl", month(1).chain(month(2)));
    let (status, _, errors) = report(&folder, &["--compare", "one.jsonl", "two.jsonl"]);
    assert_eq!((status, errors.as_str()), (0, ""));
    let (status, _, errors) = report(&folder, &["--compare", "one.jsonl", "other.jsonl"]);
    assert_eq!(status, 2);
    assert!(errors.contains("(aaaaaaaa)") && errors.contains("(bbbbbbbb)"), "{errors}");
    let (status, page, errors) = report(&folder, &["one.jsonl", "other.jsonl"]);
    assert_eq!(status, 0);
    assert!(errors.contains("`p@1` names different policies"), "{errors}");
    assert!(page.contains("aaaaaaaa, bbbbbbbb"));
    for (files, days) in [
        (["one.jsonl", "one.jsonl"], "from 2026-01-05 to 2026-01-05"),
        (["both.jsonl", "two.jsonl"], "from 2026-02-05 to 2026-02-05"),
    ] {
        let (status, page, errors) = report(&folder, &[&["--compare"], &files[..]].concat());
        assert_eq!(status, 0, "{errors}");
        assert!(errors.contains("overlap") && errors.contains(days), "{errors}");
        assert!(page.contains("De twee periodes overlappen"));
    }
}

#[test]
fn texts_that_are_missing_are_missed_for_a_reason() {
    let folder = Folder::new();
    folder.rows("v.jsonl", [verdict("i1", "2026-01-05T09:00:00Z")]);
    let row =
        |speaker: &str, text: &str| json!({"interaction": "i1", "speaker": speaker, "text": text});
    let texts = [row("staff", "Opgelost."), row("customer", "Dank u, wat snel!")];
    let other = texts.clone().map(|mut row| {
        row["interaction"] = "i2".into();
        row
    });
    // Without ids messages are known by their place.
    folder.rows("texts.jsonl", texts);
    folder.rows("other.jsonl", other);
    folder.rows("silent.jsonl", [json!({"interaction": "i1", "id": "1"})]);
    folder.file("t.csv", "id,text\n1,Dank\n");
    let with = |file: &str| report(&folder, &["v.jsonl", "--with-text", file]);
    let (_, page, errors) = with("texts.jsonl");
    assert!(errors.is_empty(), "{errors}");
    assert!(page.contains("wat snel!") && !page.contains("Opgelost."));
    for (file, why) in [
        ("t.csv", "holds no JSON lines"),
        ("silent.jsonl", "none of its lines has a `text`"),
        ("other.jsonl", "under the same key?"),
    ] {
        let (status, _, errors) = with(file);
        assert_eq!(status, 0);
        assert!(errors.contains("0 of 1 moments: ") && errors.contains(why), "{errors}");
    }
}

#[test]
fn a_mark_stands_where_the_text_was_read() {
    let folder = Folder::new();
    let row =
        |text: &str| json!({"interaction": "i1", "id": "1", "speaker": "customer", "text": text});
    let mut scored = row("Dank u, maar <br> stond er in.");
    scored["assessable"] = true.into();
    for (line, shown) in [
        (row("<div><p>Dank u, wat&nbsp;snel!</p></div>"), "<mark>Dank u,</mark> wat"),
        (scored, "<mark>Dank u,</mark> maar &lt;br&gt; stond"),
    ] {
        let mut judged = verdict("i1", "2026-01-05T09:00:00Z");
        judged["worst"] = json!({"message": 1, "id": "1"});
        folder.rows("v.jsonl", [judged]);
        folder.rows("texts.jsonl", [line]);
        let (_, page, errors) = report(&folder, &["v.jsonl", "--with-text", "texts.jsonl"]);
        assert!(page.contains(shown) && errors.is_empty(), "{errors}");
    }
}

/// Role that one person holds in [`judged`], and a customer in it.
const ALONE: &str = "directeur";
const CUSTOMER: &str = "customer-007";

/// Verdicts and states of 120 invented conversations of 40 customers on three days each, in two halves, and a policy.
fn judged(folder: &Folder) {
    let policy = format!(
        "[groups]\nmin_interactions = 5\nsingle_person_roles = [\"{ALONE}\"]\n[rework]\ndays = 10.0\n"
    );
    folder.file("policy.toml", policy);
    for half in 0..2 {
        let lines: String = (0..120).filter(|n| n % 2 == half).map(conversation).collect();
        folder.file(&format!("in{half}.jsonl"), lines);
        folder.succeeds(&format!(
            "judge in{half}.jsonl --clear-ids -q --policy policy.toml --states s{half}.jsonl -o v{half}.jsonl"
        ));
    }
    for name in ["v", "s"] {
        let half = |n| folder.text(&format!("{name}{n}.jsonl"));
        folder.file(&format!("{name}.jsonl"), half(0) + &half(1));
    }
}

fn conversation(n: usize) -> String {
    let (customer, day) = (n % 40, 1 + n / 40 * 6);
    let role = ["planner", "balie", ALONE, "planner", "stagiair 17", "balie"][n % 6];
    let role = if role == "stagiair 17" && n > 10 { "balie" } else { role };
    let channel = if n.is_multiple_of(3) { "email" } else { "phone" };
    let message = |speaker: &str, hour: usize, text: &str| {
        format!(
            r#"{{"speaker":"{speaker}","role":"{}","at":"2026-03-{day:02}T{hour:02}:00:00Z","text":"{text}"}}"#,
            if speaker == "staff" { role } else { "" }
        )
    };
    let messages = [
        message("customer", 9, &format!("Waar blijft pakket {n}? Ik vraag het nog eens.")),
        message("staff", 10, "Excuses. Wij beloven dat u deze week van ons hoort."),
        message("customer", 11, &format!("Dat duurt te lang, nummer {n}. Laat maar.")),
    ];
    format!(
        "{{\"interaction\":\"i{n}\",\"customer\":\"customer-{customer:03}\",\"channel\":\"{channel}\",\"messages\":[{}]}}\n",
        messages.join(",")
    )
}

#[test]
fn shards_give_the_tables_of_the_whole_in_any_order() {
    let folder = Folder::new();
    judged(&folder);
    let more = ["--policy", "policy.toml", "--meant-against-felt", "--customers-at-stake", "3"];
    let tables = |files: &[&str]| {
        let (status, json, errors) =
            report(&folder, &[files, &more, &["--format", "json"]].concat());
        assert_eq!((status, errors.as_str()), (0, ""));
        let tables: Value = serde_json::from_str(&json).expect("JSON");
        ["answers", "returns", "at_stake", "counts", "well"].map(|name| tables[name].clone())
    };
    let whole = tables(&["v.jsonl", "--states", "s.jsonl"]);
    assert_eq!(whole[0]["interactions"], 120);
    assert!(whole[0]["by_role"]["groups"].as_array().expect("groups").len() >= 2);
    let claims = whole[0]["by_claim"]["groups"].as_array().expect("groups");
    // The gap with its interval, and not that of the change of the risk.
    assert!(!claims.is_empty() && claims.iter().all(|claim| claim["gap"][2].is_number()));
    assert!(claims.iter().all(|claim| claim["interval"].is_null()));
    assert_eq!((&whole[1]["customers"], &whole[1]["contacts"]), (&40.into(), &120.into()));
    for files in [
        &["v0.jsonl", "v1.jsonl", "--states", "s0.jsonl", "--states", "s1.jsonl"][..],
        &["v1.jsonl", "v0.jsonl", "--states", "s1.jsonl", "--states", "s0.jsonl"],
        // States that are given again make no group larger.
        &["v.jsonl", "--states", "s.jsonl", "--states", "s.jsonl"],
    ] {
        assert_eq!(tables(files), whole);
    }
}

#[test]
fn what_is_withheld_is_said_and_shown_nowhere() {
    let folder = Folder::new();
    judged(&folder);
    let all = ["v.jsonl", "--states", "s.jsonl", "--policy", "policy.toml", "--meant-against-felt"];
    for format in ["html", "json", "csv", "text"] {
        let (status, out, errors) =
            report(&folder, &[&all[..], &["--format", format, "--language", "en"]].concat());
        assert_eq!((status, errors.as_str()), (0, ""), "{format}");
        let out = out.to_lowercase();
        for (hidden, why) in
            [(ALONE, "one person's"), ("stagiair", "small"), ("customer-", "a name")]
        {
            assert!(!out.contains(hidden), "{format} shows {hidden}: {why}");
        }
        assert!(out.contains("planner"), "{format}");
        assert_eq!(out.contains(">planner: promises something<"), format == "html");
        let says = if format == "html" { "not shown because" } else { "withheld" };
        assert!(out.contains(says), "{format}");
    }
    let (status, out, errors) = report(&folder, &["v.jsonl", "--format", "csv"]);
    assert_eq!(status, 0, "{errors}");
    for table in ["change_by_role", "meant_and_felt", "at_stake_customer"] {
        assert!(!out.contains(table), "{table} without being asked for");
    }
    let named = ["v.jsonl", "--customers-at-stake", "40"];
    for (format, shown) in [("html", false), ("json", true), ("csv", true), ("text", true)] {
        let (_, out, _) = report(&folder, &[&named[..], &["--format", format]].concat());
        assert_eq!(out.contains(CUSTOMER), shown, "{format}");
    }
}

#[test]
fn states_that_are_none_or_of_another_run_are_told() {
    let folder = Folder::new();
    judged(&folder);
    let (status, _, errors) = report(&folder, &["v.jsonl", "--states", "v0.jsonl"]);
    assert_eq!(status, 3);
    assert!(errors.contains("v0.jsonl: row 1: is no state as"), "{errors}");
    let (status, _, errors) = report(&folder, &["v.jsonl", "--states", "s0.jsonl"]);
    assert_eq!(status, 0);
    assert!(errors.contains("60 states beside 120 verdicts"), "{errors}");
}
