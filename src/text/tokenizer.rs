//! Hugging Face `tokenizer.json`, kept to what an encoder needs: text in, ids out.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::model::config::EncoderConfig;

/// A tokenizer that fits its model.
pub(crate) struct Tokenizer {
    inner: tokenizers::Tokenizer,
    /// Ids that the model wants before and after a text, such as `[CLS]` and `[SEP]`.
    before: Vec<u32>,
    after: Vec<u32>,
    special: Vec<u32>,
    /// Stands for a special token that somebody typed.
    unknown: u32,
    vocab: usize,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`. Truncation and padding that the file asks for are switched off:
    /// windows and packed batches take their place, and nothing is cut in silence.
    ///
    /// # Errors
    /// [`ErrorKind::Tokenizer`] if it does not parse, or has more pieces than the model has rows.
    pub(crate) fn parse(json: &[u8], config: &EncoderConfig) -> Result<Self> {
        let wrong = |text: String| Error::new(ErrorKind::Tokenizer, text);
        let mut inner = tokenizers::Tokenizer::from_bytes(json)
            .map_err(|e| wrong("`tokenizer.json` does not parse".to_owned()).caused_by(e))?;
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|e| wrong("`tokenizer.json`: truncation cannot be reset".to_owned()).caused_by(e))?;
        inner.set_encode_special_tokens(true);
        let special: Vec<u32> =
            inner.get_added_tokens_decoder().iter().filter(|(_, t)| t.special).map(|(id, _)| *id).collect();
        let pieces = inner.get_vocab_size(true);
        if pieces > config.vocab {
            let rows = config.vocab;
            return Err(wrong(format!(
                "`tokenizer.json` has {pieces} pieces, the model has rows for {rows}"
            )));
        }
        let (before, after) = template(&inner)?;
        let unknown = ["<unk>", "[UNK]"].iter().find_map(|token| inner.token_to_id(token));
        let unknown = unknown
            .or_else(|| before.first().copied())
            .ok_or_else(|| wrong("`tokenizer.json` adds no special token".to_owned()))?;
        Ok(Self { inner, before, after, special, unknown, vocab: config.vocab })
    }

    /// Token ids of a text, special tokens left out. What looks like one in the text is text.
    ///
    /// # Errors
    /// [`ErrorKind::Tokenizer`] if the tokenizer fails or gives an id the model has no row for.
    pub(crate) fn ids(&self, text: &str) -> Result<Vec<u32>> {
        // The cause may quote the text, so it is not kept.
        let encoding = self.inner.encode_fast(text, false).map_err(|_| {
            let text = format!("the tokenizer cannot read a text of {} bytes", text.len());
            Error::new(ErrorKind::Tokenizer, text)
        })?;
        let mut ids = encoding.get_ids().to_vec();
        for id in &mut ids {
            if *id as usize >= self.vocab {
                let rows = self.vocab;
                let text = format!("the tokenizer gives id {id}, the model has {rows} rows");
                return Err(Error::new(ErrorKind::Tokenizer, text));
            }
            // A normaliser or a piece of the vocabulary can still make a special token out of text.
            if self.special.contains(id) {
                *id = self.unknown;
            }
        }
        Ok(ids)
    }

    /// Number of ids that [`Self::wrap`] adds.
    pub(crate) fn n_special(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// Puts the special tokens around part of the ids of a text.
    pub(crate) fn wrap(&self, ids: &[u32], part: Range<usize>) -> Vec<u32> {
        [&self.before, &ids[part], &self.after].concat()
    }
}

/// The ids that the post-processor puts before and after a text.
fn template(inner: &tokenizers::Tokenizer) -> Result<(Vec<u32>, Vec<u32>)> {
    let encoding = inner.encode_fast("a", true).map_err(|e| {
        let text = "`tokenizer.json` cannot read the letter `a`".to_owned();
        Error::new(ErrorKind::Tokenizer, text).caused_by(e)
    })?;
    let ids = encoding.get_ids();
    let mask = encoding.get_special_tokens_mask();
    let first = mask.iter().position(|m| *m == 0).unwrap_or(ids.len());
    let last = mask.iter().rposition(|m| *m == 0).map_or(ids.len(), |at| at + 1);
    Ok((ids[..first].to_vec(), ids[last..].to_vec()))
}
