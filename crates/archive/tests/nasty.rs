//! Nothing that a file holds may panic, hang, or come out in an error.

use beleving_archive::{Inputs, ReadOptions, Record, Sink};

#[path = "../examples/nasty/files.rs"]
mod files;

#[derive(Default)]
struct Faults(Vec<String>);

impl Sink for Faults {
    fn take(&mut self, record: Record) -> anyhow::Result<()> {
        assert!(record.row > 0 && record.file.is_some());
        self.0.extend(record.fields.err().map(|fault| fault.0));
        Ok(())
    }
}

#[test]
fn two_hundred_nasty_files_are_read_as_far_as_they_go_and_no_error_quotes_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = files::all(folder.path()).expect("written");
    assert_eq!(all.len(), 200);
    let mut faulty = 0;
    for (name, bytes) in all {
        let path = folder.path().join(&name);
        std::fs::write(&path, bytes).expect("written");
        eprintln!("{name}");
        let mut faults = Faults::default();
        let inputs = Inputs::find(std::slice::from_ref(&path), None).expect("a known ending");
        if let Err(error) = inputs.read(&ReadOptions::default(), &mut faults) {
            let error = format!("{error:#}");
            assert!(error.contains(&name), "{name}: {error}");
            faults.0.push(error);
        }
        faulty += usize::from(!faults.0.is_empty());
        for fault in faults.0 {
            assert!(!fault.contains(files::CANARY), "{name}: {fault}");
        }
        std::fs::remove_file(path).expect("removed");
    }
    assert!(faulty > 80, "only {faulty} of the files were found to be faulty");
}

#[test]
fn valid_files_have_no_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    for (ending, bytes) in files::valid(folder.path()).expect("written") {
        let path = folder.path().join(format!("valid.{ending}"));
        std::fs::write(&path, bytes).expect("written");
        let mut faults = Faults::default();
        let inputs = Inputs::find(&[path], None).expect("a known ending");
        inputs.read(&ReadOptions::default(), &mut faults).expect("readable");
        assert!(faults.0.is_empty(), "{ending}: {:?}", faults.0);
    }
}
