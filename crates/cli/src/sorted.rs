//! Files whose lines are in order, read as one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Hands over the lines of all files by their places. `placed` gives a line's place and what of it is handed over.
pub(crate) fn merge(
    files: &[PathBuf],
    placed: impl Fn(String) -> anyhow::Result<(u64, String)>,
    mut take: impl FnMut(String) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let read = |path: &Path| format!("cannot read `{}`", path.display());
    let next = |lines: &mut Lines<BufReader<File>>, n: usize| -> anyhow::Result<_> {
        let line = lines.next().transpose().with_context(|| read(&files[n]))?;
        let line = line.map(&placed).transpose().with_context(|| read(&files[n]))?;
        Ok(line.map(|(place, line)| Reverse((place, n, line))))
    };
    let (mut all, mut heap) = (Vec::new(), BinaryHeap::new());
    for (n, path) in files.iter().enumerate() {
        let mut lines = BufReader::new(File::open(path).with_context(|| read(path))?).lines();
        heap.extend(next(&mut lines, n)?);
        all.push(lines);
    }
    while let Some(Reverse((_, n, line))) = heap.pop() {
        take(line)?;
        heap.extend(next(&mut all[n], n)?);
    }
    Ok(())
}
