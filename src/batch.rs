//! Packed batches: the tokens of many messages one after another, without padding.

pub(crate) mod plan;

/// The windows of a batch, packed.
///
/// No `Debug`: token ids are message text in another spelling.
pub(crate) struct PackedBatch {
    /// Token ids `[T]`.
    pub(crate) ids: Vec<u32>,
    /// Window `b` owns tokens `starts[b]..starts[b + 1]`; `[B + 1]`.
    pub(crate) starts: Vec<usize>,
}

impl PackedBatch {
    /// Packs windows of token ids, none of them empty.
    pub(crate) fn pack<'a>(windows: impl IntoIterator<Item = &'a [u32]>) -> Self {
        let (mut ids, mut starts) = (Vec::new(), vec![0]);
        for window in windows {
            ids.extend_from_slice(window);
            starts.push(ids.len());
        }
        Self { ids, starts }
    }

    /// Token ids of each window.
    pub(crate) fn windows(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|w| &self.ids[w[0]..w[1]])
    }
}
