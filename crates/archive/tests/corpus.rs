//! What fuzzing found to take new paths through the readers (`cargo task fuzz`) is read again.

use std::fs;
use std::path::Path;

use beleving_archive::{Format, Inputs, ReadOptions, Record, Sink};

#[derive(Default)]
struct Count {
    records: usize,
    faults: usize,
}

impl Sink for Count {
    fn take(&mut self, record: Record) -> anyhow::Result<()> {
        self.records += 1;
        self.faults += usize::from(record.fields.is_err());
        Ok(())
    }
}

#[test]
fn the_corpus_of_every_reader_is_read_without_a_panic() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for reader in ["jsonl", "json", "csv", "parquet", "arrow", "mbox", "eml", "vtt", "srt"] {
        let (mut count, mut files, mut refused) = (Count::default(), 0, 0);
        for entry in fs::read_dir(corpus.join(reader)).expect("a corpus") {
            let path = entry.expect("readable").path();
            let inputs = Inputs::find(&[path], Format::of_name(reader)).expect("it is there");
            refused += usize::from(inputs.read(&ReadOptions::default(), &mut count).is_err());
            files += 1;
        }
        assert!(files > 10, "{reader} has {files} files only");
        assert!(count.records > 0, "{reader}: nothing is read of any file");
        assert!(refused + count.faults > 0, "{reader}: the corpus has no bad file");
    }
}
