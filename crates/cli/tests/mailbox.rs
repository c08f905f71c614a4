//! A mailbox as Python's standard library writes it, 500 mails in Dutch and English (`data/make_mailbox.py`): each
//! is read as its writer's own words, and threads come out as interactions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn lines(folder: &TempDir, command: &str, input: &Path, more: &str) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_beleving"))
        .current_dir(folder.path())
        .env("BELEVING_MODEL", concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/tiny"))
        .arg(command)
        .arg(input)
        .args("-q --clear-ids".split_whitespace().chain(more.split_whitespace()))
        .output()
        .expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

const STAFF: &str = "--staff hulp@bedrijf.example=klantenservice --staff planning@bedrijf.example=planner \
                     --staff facturen@bedrijf.example=debiteurenadministratie";

#[test]
fn every_mail_is_read_as_its_writers_own_words_whatever_its_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let mails = lines(&folder, "score", &data("mailbox.mbox.gz"), STAFF);
    let own = lines(&folder, "score", &data("mailbox.jsonl.gz"), "--keep form");
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
    let folder = tempfile::tempdir().expect("a folder");
    let mails = lines(&folder, "judge", &data("mailbox.mbox.gz"), STAFF);
    let own = lines(&folder, "judge", &data("mailbox.jsonl.gz"), "");
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
    let folder = tempfile::tempdir().expect("a folder");
    let mails = lines(&folder, "score", &data("mailbox.mbox.gz"), &format!("{STAFF} --with-text"));
    let own = lines(&folder, "score", &data("mailbox.jsonl.gz"), "--with-text");
    for (mail, own) in mails.iter().zip(&own) {
        let (mail, own) =
            (mail["text"].as_str().expect("text"), own["text"].as_str().expect("text"));
        let first = own.lines().next().expect("a line");
        assert!(mail.trim_start().starts_with(first), "the words are decoded");
        assert!(!mail.contains("van een ander") && !mail.contains("Message-ID"));
    }
}
