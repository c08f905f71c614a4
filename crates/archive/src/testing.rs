//! A sink for tests.

use crate::record::{Record, Sink};

/// Records as they come, and how many there were at each pause.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) records: Vec<Record>,
    pub(crate) pauses: Vec<usize>,
}

impl Kept {
    pub(crate) fn rows(&self) -> Vec<u64> {
        self.records.iter().map(|record| record.row).collect()
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        self.records.iter().filter_map(|r| r.fields.as_ref().err()).map(|f| f.0.clone()).collect()
    }

    /// Values of a field, as text, of the records that have it.
    pub(crate) fn values(&self, field: &str) -> Vec<String> {
        let fields = self.records.iter().filter_map(|record| record.fields.as_ref().ok());
        fields.filter_map(|f| Some(f.get(field)?.as_str()?.to_owned())).collect()
    }
}

impl Sink for Kept {
    fn take(&mut self, record: Record) -> anyhow::Result<()> {
        self.records.push(record);
        Ok(())
    }

    fn may_wait(&mut self) -> anyhow::Result<()> {
        self.pauses.push(self.records.len());
        Ok(())
    }
}
