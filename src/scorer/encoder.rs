use crate::batch::PackedBatch;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::parallel::Workers;
use crate::scorer::batches::{self, Duplicates};
use crate::text::tokenizer::{self, Tokenizer};

/// The encoder of a model alone, without heads: any BERT-family folder, for measuring and for vectors
/// of texts. Made by [`ScorerBuilder::build_encoder`](crate::ScorerBuilder::build_encoder).
pub struct Encoder {
    pub(super) engine: Box<dyn Engine>,
    pub(super) tokenizer: Tokenizer,
    pub(super) workers: Workers,
    pub(super) duplicates: Duplicates,
    pub(super) window_tokens: usize,
    pub(super) vocab: usize,
    pub(super) hidden: usize,
}

impl Encoder {
    /// Token ids of a text with the model's special tokens, cut off at the length of a window.
    ///
    /// # Errors
    /// [`ErrorKind::Tokenizer`] if the tokenizer gives an id that the model has no row for.
    pub fn ids(&self, text: &str) -> Result<Vec<u32>> {
        let room = self.window_tokens - self.tokenizer.n_special();
        // More than the room: what lies near the cut has other pieces than in the whole text.
        let enough = 2 * room + 128;
        let head = &text[..text.floor_char_boundary(tokenizer::most_bytes(enough))];
        let mut ids = self.tokenizer.ids(head)?;
        if ids.len() < enough && head.len() < text.len() {
            ids = self.tokenizer.ids(text)?;
        }
        Ok(self.tokenizer.wrap(&ids, 0..ids.len().min(room)))
    }

    /// The mean of the token vectors of each window, `[H]` each, in order; windows as from [`Self::ids`].
    ///
    /// # Errors
    /// Per window: [`ErrorKind::Input`] if it is empty, too long, or has an id that the model has no
    /// row for; [`ErrorKind::Engine`] if libtorch fails.
    pub fn encode(&self, windows: &[&[u32]]) -> Vec<Result<Vec<f32>>> {
        let sound = |window: &[u32]| {
            (1..=self.window_tokens).contains(&window.len())
                && window.iter().all(|&id| (id as usize) < self.vocab)
        };
        let good: Vec<&[u32]> = windows.iter().copied().filter(|w| sound(w)).collect();
        let mut rows = batches::run(&self.workers, self.duplicates, &good, |batch| {
            Ok(self.means(&self.engine.encode(batch, self.workers.sharing())?, batch))
        })
        .into_iter();
        let row = |window: &&[u32]| {
            if sound(window) {
                return rows.next().expect("a row for each sound window");
            }
            let (n, most, rows) = (window.len(), self.window_tokens, self.vocab);
            let text = format!(
                "a window of {n} tokens, expected 1 to {most}, each with an id below {rows}"
            );
            Err(Error::new(ErrorKind::Input, text))
        };
        windows.iter().map(row).collect()
    }

    fn means(&self, hidden: &[f32], batch: &PackedBatch) -> Vec<Vec<f32>> {
        let h = self.hidden;
        let windows = batch.starts.windows(2);
        windows.map(|w| crate::heads::mean_rows(&hidden[w[0] * h..w[1] * h], h)).collect()
    }

    /// The CPU tier or device that the engine computes on.
    pub fn tier(&self) -> &'static str {
        self.engine.tier()
    }

    /// The number format that the engine computes in.
    pub fn precision(&self) -> &'static str {
        self.engine.precision()
    }

    /// Number of threads that a call runs on.
    pub fn threads(&self) -> usize {
        self.workers.count()
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder")
            .field("tier", &self.tier())
            .field("precision", &self.precision())
            .field("threads", &self.threads())
            .finish_non_exhaustive()
    }
}
