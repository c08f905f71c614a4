//! `beleving forget`: a customer leaves every output, and what stands in the way is said.

use std::fs;

use serde_json::json;

use crate::archive::archive;
use crate::folder::{CANARY, Folder};

#[test]
fn customers_come_out_under_pseudonyms_and_can_be_forgotten() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 400);
    for ending in ["jsonl", "csv.gz", "parquet", "arrow"] {
        let scores = format!("scores.{ending}");
        let (status, errors) = folder.run(&format!("score in.jsonl -o {scores}"));
        assert!(status == 3 && !errors.contains("jansen"), "{errors}");
        folder.run(&format!("judge in.jsonl -q -o verdicts.{ending}"));
        let before = folder.read(&scores);
        folder.succeeds(&format!("forget --customer jansen-3 {scores} verdicts.{ending}"));
        assert!(before.len() > folder.read(&scores).len());
    }
    let text = folder.text("scores.jsonl");
    assert!(!text.contains("jansen") && !text.contains(CANARY) && text.contains("\"c-"));
    let customer = |name: &str| {
        let lines = folder.lines(name);
        let mut all: Vec<String> =
            lines.iter().filter_map(|l| Some(l["customer"].as_str()?.to_owned())).collect();
        all.sort();
        all.dedup();
        all.len()
    };
    assert_eq!((customer("scores.jsonl"), customer("verdicts.jsonl")), (9, 9));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let verdicts = folder.path("verdicts.jsonl");
        fs::set_permissions(&verdicts, fs::Permissions::from_mode(0o600)).expect("ours");
        folder.succeeds("forget --customer jansen-4 verdicts.jsonl");
        let mode = fs::metadata(&verdicts).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else can read it now");
        // Nor is a file touched that has a name as of one half done.
        folder.file("verdicts.jsonl.tmp", "another's");
        folder.succeeds("forget --customer jansen-5 verdicts.jsonl");
        assert_eq!(folder.text("verdicts.jsonl.tmp"), "another's");
    }
    folder.run("score in.jsonl -q --clear-ids -o clear.jsonl");
    let clear = folder.text("clear.jsonl");
    assert!(clear.contains("jansen-3") && !clear.contains(CANARY));
}

#[test]
fn what_cannot_be_forgotten_is_said_and_all_other_files_are_done() {
    let folder = Folder::new();
    archive(&folder, "in.jsonl", 99);
    folder.file("key", "0123456789abcdef0123456789abcdef");
    folder.file("other.key", "fedcba9876543210fedcba9876543210");
    let judge = "judge in.jsonl -q --key-file key -o";
    folder.succeeds(&format!("{judge} kept.jsonl"));
    fs::copy(folder.path("kept.jsonl"), folder.path("bare.jsonl")).expect("copied");
    let kept = folder.read("kept.jsonl");
    for (args, says) in [
        ("kept.jsonl", "no key `beleving.key`"),
        ("bare.jsonl", "no key `beleving.key`"),
        ("--key-file other.key kept.jsonl", "not the one"),
        ("--key-file other.key bare.jsonl", "not made with the key"),
        ("--key-file key absent.jsonl", "absent.jsonl"),
    ] {
        let (status, errors) = folder.run(&format!("forget --customer jansen-3 {args}"));
        assert!(status == 2 && errors.contains(says), "{args}: {status}, {errors}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("kept.jsonl", folder.path("link.jsonl")).expect("linked");
        let (status, errors) = folder.run("forget --customer jansen-3 --key-file key link.jsonl");
        assert!(status == 2 && errors.contains("`link.jsonl`: it is a link"), "{errors}");
    }
    let (status, errors) = folder.run("forget --customer nobody --key-file key kept.jsonl");
    assert!(status == 2 && errors.contains("does not occur"), "{errors}");
    // A manifest that was damaged says nothing of the key; without it the wrong one would find nobody.
    fs::copy(folder.path("kept.jsonl"), folder.path("torn.jsonl")).expect("copied");
    folder.file("torn.jsonl.manifest.json", format!("\"{CANARY}\""));
    let (status, errors) = folder.run("forget --customer jansen-3 --key-file key torn.jsonl");
    assert!(status == 2 && errors.contains("does not parse: line 1"), "{errors}");
    assert!(!errors.contains(CANARY), "{errors}");
    assert_eq!(folder.run("forget --key-file key kept.jsonl --customer=").0, 2);
    assert!(folder.read("kept.jsonl") == kept && folder.read("bare.jsonl") == kept);

    // The manifest goes first: where it cannot be written, the customer stays where the next try finds them.
    fs::create_dir(folder.path("kept.jsonl.manifest.json.tmp")).expect("made");
    let (status, errors) = folder.run("forget --customer jansen-3 --key-file key kept.jsonl");
    assert!(status == 2 && errors.contains("manifest.json"), "{errors}");
    assert!(folder.read("kept.jsonl") == kept);
    let left = |name: &String| name.starts_with("kept.jsonl.") && !name.contains("manifest");
    assert!(!folder.names().iter().any(left), "{:?}", folder.names());
    fs::remove_dir(folder.path("kept.jsonl.manifest.json.tmp")).expect("empty");

    let files = "absent.jsonl kept.jsonl bare.jsonl";
    let (status, errors) =
        folder.run(&format!("forget --customer jansen-3 --key-file key {files}"));
    assert!(status == 3 && errors.contains("`absent.jsonl`"), "{errors}");
    let less = folder.read("kept.jsonl");
    assert!(less.len() < kept.len() && folder.read("bare.jsonl") == less);

    // One that was killed between the manifest and the file is told of and can be repeated.
    folder.file("kept.jsonl", &kept);
    let (status, errors) = folder.run(&format!("{judge} kept.jsonl --resume"));
    assert!(status == 2 && errors.contains("`forget` was cut off here, repeat it"), "{errors}");
    assert!(folder.read("kept.jsonl") == kept && !errors.contains("it is made anew"), "{errors}");
    let (status, errors) = folder.run("forget --customer jansen-3 --key-file key kept.jsonl");
    assert!(status == 0 && errors.contains("cut off here"), "{errors}");
    assert!(folder.read("kept.jsonl") == less);

    // With the settings of the output nothing is done again; with others nobody comes back unsaid.
    folder.succeeds(&format!("{judge} kept.jsonl --resume"));
    let killed_before_its_first_part = |manifest: &str| {
        fs::create_dir(folder.path("kept.jsonl.parts")).expect("made");
        folder.file("kept.jsonl.parts/manifest.jsonl", manifest);
    };
    for manifest in ["", "{\"settings\": {}}\n", "{\"settings\": {}}\n{\"part\":"] {
        killed_before_its_first_part(manifest);
        let (status, errors) = folder.run(&format!("{judge} kept.jsonl --resume --with-text"));
        assert!(status == 2 && errors.contains("brings them back"), "{manifest}: {errors}");
        folder.succeeds(&format!("{judge} kept.jsonl --resume"));
        assert!(folder.read("kept.jsonl") == less && !folder.path("kept.jsonl.parts").exists());
    }
    killed_before_its_first_part("{\"settings\": {}}\n");
    let (status, errors) = folder.run(&format!("{judge} kept.jsonl"));
    assert!(status == 0 && errors.contains("brings them back"), "{errors}");
    let (status, errors) = folder.run(&format!("{judge} kept.jsonl --resume"));
    assert!(status == 0 && !errors.contains("brings them back"), "{errors}");
}

#[test]
fn a_customer_is_forgotten_by_an_address_however_it_is_written() {
    let folder = Folder::new();
    let mail = |n: usize, from: &str| {
        format!(
            "From x@x Mon Mar  2 09:00:00 2026\nFrom: {from}\nTo: hulp@bedrijf.example\nMessage-ID: <m{n}@x>\n\
             Date: Mon, 2 Mar 2026 09:{n:02}:00 +0000\nContent-Type: text/plain\n\nWaar blijft mijn pakket?\n\n"
        )
    };
    folder.file("in.mbox", mail(1, "K@Klant.example") + &mail(2, "L@klant.example"));
    for clear in ["", "--clear-ids"] {
        for command in ["score", "judge"] {
            let args = format!("{command} in.mbox --staff bedrijf.example -q {clear} -o out.jsonl");
            folder.succeeds(&args);
            folder.succeeds("forget --customer K@Klant.example out.jsonl");
            assert_eq!(folder.lines("out.jsonl").len(), 1, "{args}");
        }
    }
    // Names that are no addresses may differ in nothing but case.
    let rows = ["K1", "k1"].map(|name| json!({"customer": name, "text": "Waar blijft het?"}));
    folder.rows("in.jsonl", rows);
    folder.succeeds("score in.jsonl -q --clear-ids -o out.jsonl");
    folder.succeeds("forget --customer K1 out.jsonl");
    let left = folder.lines("out.jsonl");
    assert_eq!((left.len(), &left[0]["customer"]), (1, &json!("k1")));
}

#[test]
fn names_are_no_formulas_in_tables_for_spreadsheets_and_are_found_there() {
    let folder = Folder::new();
    let names = ["+31612345678", "@SUM(1)", "-1"];
    let rows = names.map(|name| {
        json!({"id": "=1+1", "interaction": name, "customer": name, "speaker": "customer", "text": "Hallo?", "n": -2})
    });
    folder.rows("in.jsonl", rows);
    for command in ["score", "judge"] {
        for ending in ["csv", "tsv.gz", "jsonl"] {
            let output = format!("out.{ending}");
            folder.succeeds(&format!("{command} in.jsonl -q --clear-ids --keep n -o {output}"));
            if ending == "csv" {
                let text = folder.text(&output);
                for name in names {
                    assert!(text.contains(&format!(",'{name},")), "{text}");
                    assert!(!text.contains(&format!(",{name},")), "{text}");
                }
                assert_eq!(text.matches(",-2,").count(), 3, "a number stays one: {text}");
            }
            folder.succeeds(&format!("forget --customer +31612345678 {output}"));
            let (status, errors) = folder.run(&format!("forget --customer +31612345678 {output}"));
            assert!(status == 2 && errors.contains("does not occur"), "{errors}");
            folder.succeeds(&format!("forget --customer=-1 {output}"));
        }
    }
}
