//! A mailbox as Python's standard library writes it, 500 mails in Dutch and English (`data/make_mailbox.py`): each
//! is read as its writer's own words, and threads come out as interactions.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::folder::Folder;

/// The lines of a command on a file in `tests/data`.
fn lines(command: &str, input: &str, more: &str) -> Vec<Value> {
    let input = format!("{}/tests/data/{input}", env!("CARGO_MANIFEST_DIR"));
    let more = more.split_whitespace();
    let done = Folder::new().done([command, &input, "-q", "--clear-ids"].into_iter().chain(more));
    assert_eq!(done.status, 0, "{}", done.errors);
    done.lines()
}

const STAFF: &str = "--staff hulp@bedrijf.example=klantenservice --staff planning@bedrijf.example=planner \
                     --staff facturen@bedrijf.example=debiteurenadministratie";

#[test]
fn every_mail_is_read_as_its_writers_own_words_whatever_its_form() {
    let mails = lines("score", "mailbox.mbox.gz", STAFF);
    let own = lines("score", "mailbox.jsonl.gz", "--keep form");
    assert_eq!((mails.len(), own.len()), (500, 500));
    let mut forms = BTreeMap::new();
    for (mail, own) in mails.iter().zip(&own) {
        // The same scores to the last bit: no quoted reply, signature, attachment or head was read.
        for field in
            ["id", "interaction", "customer", "speaker", "sentiment", "risk", "signals", "intents"]
        {
            assert_eq!(mail[field], own[field], "{field} of {} ({})", own["id"], own["form"]);
        }
        *forms.entry(own["form"].to_string()).or_insert(0) += 1;
    }
    assert!(forms.len() >= 8 && forms.values().all(|n| *n > 10), "{forms:?}");
}

#[test]
fn threads_come_out_as_interactions_with_their_speakers_and_times() {
    let mails = lines("judge", "mailbox.mbox.gz", STAFF);
    let own = lines("judge", "mailbox.jsonl.gz", "");
    assert_eq!(mails.len(), own.len());
    assert_eq!(mails.iter().filter_map(|line| line["messages"].as_u64()).sum::<u64>(), 500);
    for (mail, own) in mails.iter().zip(&own) {
        assert_eq!((&mail["failed"], &mail["channel"]), (&0.into(), &"email".into()));
        let fields =
            ["interaction", "customer", "messages", "start", "end", "risk", "handoffs", "waiting"];
        for field in fields.into_iter().chain(["turned", "touchpoint", "recovered", "rework"]) {
            assert_eq!(mail[field], own[field], "{field} of {}", own["interaction"]);
        }
    }
}

#[test]
fn texts_that_are_asked_for_are_those_of_the_mails_and_of_nothing_attached() {
    let mails = lines("score", "mailbox.mbox.gz", &format!("{STAFF} --with-text"));
    let own = lines("score", "mailbox.jsonl.gz", "--with-text");
    assert!(own.len() > 1 && mails.len() == own.len(), "{} of {}", mails.len(), own.len());
    for (mail, own) in mails.iter().zip(&own) {
        let (mail, own) =
            (mail["text"].as_str().expect("text"), own["text"].as_str().expect("text"));
        let first = own.lines().next().expect("a line");
        assert!(mail.trim_start().starts_with(first), "the words are decoded");
        assert!(!mail.contains("van een ander") && !mail.contains("Message-ID"));
    }
}

#[test]
fn names_of_mails_that_are_files_stand_nowhere_in_clear_unless_asked_for() {
    let folder = Folder::new();
    folder.file("Jansen-1.eml", "From: k@x\nMessage-ID: <a@x>\n\nWaar blijft het?\n");
    folder.file("Jansen-2.eml", "geen mail");
    for (more, is_clear) in [("", false), ("--clear-ids", true)] {
        let (status, errors) = folder.run(&format!("score *.eml -o out.jsonl {more}"));
        assert_eq!(status, 3, "{errors}");
        let manifest = folder.text("out.jsonl.manifest.json");
        for shown in [folder.text("out.jsonl"), manifest, errors] {
            assert_eq!(shown.contains("Jansen-2.eml"), is_clear, "{shown}");
            assert!(!shown.contains(".eml.eml"), "{shown}");
        }
    }
}

#[test]
fn rules_of_staff_that_name_nobody_are_told() {
    let folder = Folder::new();
    let to = "k@klant.example, Hulp@Bedrijf.example";
    folder.file("a.eml", format!("From: a@klant.example\nTo: {to}\nMessage-ID: <a@x>\n\nHoi\n"));
    for (staff, is_unmet) in [
        ("@bedrijf.example", false),
        ("hulp@bedrijf.example=planner", false),
        ("*.example", false),
        ("*.bedrijf.example", false),
        ("bedriif.example", true),
        ("hulp@bedriif.example=planner", true),
    ] {
        let (status, errors) = folder.run(&format!("score a.eml -o out.jsonl -q --staff {staff}"));
        assert_eq!(
            (status, errors.matches("no mail is from or to ").count()),
            (0, is_unmet.into())
        );
    }
    let (_, errors) = folder.run("score a.eml -q --staff klant.example --staff x.example=planner");
    assert!(errors.contains("`x.example` (--staff)") && errors.lines().count() == 1, "{errors}");
    let no_mail =
        folder.call("score", "-", &["-q", "--staff", "x.example"], b"{\"text\": \"a\"}\n");
    assert!(no_mail.errors.contains("no mail is from or to `x.example`"), "{}", no_mail.errors);
}
