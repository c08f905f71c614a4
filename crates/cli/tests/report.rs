//! `beleving report` as a user meets it.

use std::path::Path;

use assert_cmd::Command;

const INVENTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../report/tests/data/invented.jsonl");

fn report(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("beleving")
        .expect("built")
        .current_dir(folder)
        .arg("report")
        .args(arguments)
        .output()
        .expect("runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("no signal"), text(output.stdout), text(output.stderr))
}

#[test]
fn a_page_goes_to_the_file_and_tables_go_by_its_ending() {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, starts) in [("r.html", "<!DOCTYPE html>"), ("r.json", "{"), ("r.csv", "table,")] {
        let (status, out, errors) = report(folder.path(), &[INVENTED, "-o", file]);
        assert_eq!((status, out.as_str(), errors.as_str()), (0, "", ""));
        let written = std::fs::read_to_string(folder.path().join(file)).expect("written");
        assert!(written.starts_with(starts), "{file}");
    }
    let (_, page, _) =
        report(folder.path(), &[INVENTED, "--language", "en", "--audience", "patient"]);
    assert!(page.contains("lang=\"en\"") && page.contains("as the patient lived them"));
}

#[test]
fn rows_that_cannot_be_read_are_named_and_the_rest_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = std::fs::read_to_string(INVENTED).expect("the fixture");
    let broken = whole.replacen("\"failed\":0", "\"failed\":\"kanariepiet\"", 1);
    std::fs::write(folder.path().join("v.jsonl"), broken).expect("written");
    let (status, page, errors) = report(folder.path(), &["v.jsonl"]);
    assert_eq!(status, 3);
    assert!(page.contains("</html>"));
    assert_eq!(errors, "v.jsonl: row 1: `failed` is a string, expected a whole number\n");
}

#[test]
fn what_makes_no_report_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("empty.jsonl"), "").expect("written");
    std::fs::copy(INVENTED, folder.path().join("v.jsonl")).expect("copied");
    for (arguments, says) in [
        (vec!["empty.jsonl"], "holds no lines of `beleving judge`"),
        (vec!["absent.jsonl"], "cannot open `absent.jsonl`"),
        (vec!["v.jsonl", "-o", "v.jsonl"], "the report would overwrite it"),
        (vec!["v.jsonl", "--checked", "4,1,2,30"], "checked sample"),
        (vec!["v.jsonl", "--checked", "40,10,12,138"], "holds for one model and policy"),
        (vec!["v.jsonl", "--cost-per-contact", "-1"], "unexpected argument"),
        (vec!["--compare", "v.jsonl", "v.jsonl"], "one between two periods"),
        (vec![], "required"),
    ] {
        let (status, out, errors) = report(folder.path(), &arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}: {errors}");
        assert!(errors.contains(says), "{arguments:?}: {errors}");
    }
    let kept = std::fs::read(folder.path().join("v.jsonl")).expect("kept");
    assert_eq!(kept, std::fs::read(INVENTED).expect("the fixture"));
}
