//! One reader of `crates/archive` on any bytes: `BELEVING_READER` names it. It may refuse them, and neither
//! panic nor hang nor eat memory.

#![no_main]

use std::fs;
use std::sync::LazyLock;

use beleving_archive::{Format, Inputs, ReadOptions, Record, Sink};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static READER: LazyLock<Format> = LazyLock::new(|| {
    let name = std::env::var("BELEVING_READER").expect("BELEVING_READER names a format");
    Format::of_name(&name).expect("BELEVING_READER names a known format")
});

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

/// Rows come in order; a call is one row and comes after what its lines have wrong.
#[derive(Default)]
struct InOrder(u64);

impl Sink for InOrder {
    fn take(&mut self, record: Record) -> anyhow::Result<()> {
        let call = matches!(*READER, Format::WebVtt | Format::Srt);
        assert!(call || record.row >= self.0, "row {} after {}", record.row, self.0);
        self.0 = record.row;
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let path = FOLDER.path().join("input");
    fs::write(&path, bytes).expect("written");
    let inputs = Inputs::find(&[path], Some(*READER)).expect("the file is there");
    // A refusal is an answer.
    let _ = inputs.read(&ReadOptions::default(), &mut InOrder::default());
});
