//! Hugging Face `tokenizer.json`, kept to what an encoder needs: text in, ids out.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokenizers::models::ModelWrapper;
use tokenizers::{
    DecoderWrapper, Model, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper,
    TokenizerImpl,
};

use crate::error::{Error, ErrorKind, Result};
use crate::model::config::EncoderConfig;
use crate::text::unigram::Unigram;

/// What a `tokenizer.json` says, with the piece model `M`.
type Pipeline<M> =
    TokenizerImpl<M, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// Gives the ids of a text, or nothing if it cannot be read.
type Encode = dyn Fn(&str) -> Option<Vec<u32>> + Send + Sync;

/// Bytes of text that fill so many tokens: of a longer text the rest is not even tokenised. Dutch has about 5 bytes a token; only
/// white space and letters of other scripts come near 32.
pub(crate) fn most_bytes(tokens: usize) -> usize {
    tokens.saturating_mul(32)
}

/// A tokenizer that fits its model.
pub(crate) struct Tokenizer {
    encode: Box<Encode>,
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
        // Of a file that contradicts itself the crate may panic.
        catch_unwind(|| Self::read(json, config)).unwrap_or_else(|_| {
            let text = "`tokenizer.json` contradicts itself: it cannot be used";
            Err(Error::new(ErrorKind::Tokenizer, text))
        })
    }

    fn read(json: &[u8], config: &EncoderConfig) -> Result<Self> {
        if let Ok(inner) = Pipeline::<Unigram>::from_bytes(json) {
            return Self::fit(inner, config);
        }
        let inner = Pipeline::<ModelWrapper>::from_bytes(json).map_err(|e| {
            let text = "`tokenizer.json` does not parse".to_owned();
            Error::new(ErrorKind::Tokenizer, text).caused_by(e)
        })?;
        Self::fit(inner, config)
    }

    fn fit<M>(mut inner: Pipeline<M>, config: &EncoderConfig) -> Result<Self>
    where
        M: Model + Send + Sync + 'static,
    {
        let wrong = |text: String| Error::new(ErrorKind::Tokenizer, text);
        inner.with_padding(None);
        inner.with_truncation(None).map_err(|e| {
            wrong("`tokenizer.json`: truncation cannot be reset".to_owned()).caused_by(e)
        })?;
        inner.set_encode_special_tokens(true);
        let special: Vec<u32> = inner
            .get_added_tokens_decoder()
            .iter()
            .filter(|(_, t)| t.special)
            .map(|(id, _)| *id)
            .collect();
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
        for &id in before.iter().chain(&after).chain([&unknown]) {
            if id as usize >= config.vocab {
                let rows = config.vocab;
                return Err(wrong(format!(
                    "`tokenizer.json` has a special token of id {id}, the model has rows for {rows}"
                )));
            }
        }
        // An error may quote the text, so it is not kept. Files that contradict themselves make the crate panic.
        let encode = move |text: &str| {
            let encoding = catch_unwind(AssertUnwindSafe(|| inner.encode_fast(text, false)));
            encoding.ok()?.ok().map(|encoding| encoding.get_ids().to_vec())
        };
        let encode = Box::new(encode);
        Ok(Self { encode, before, after, special, unknown, vocab: config.vocab })
    }

    /// Token ids of a text, special tokens left out. What looks like one in the text is text.
    ///
    /// # Errors
    /// [`ErrorKind::Tokenizer`] if the tokenizer fails or gives an id the model has no row for.
    pub(crate) fn ids(&self, text: &str) -> Result<Vec<u32>> {
        let mut ids = (self.encode)(text).ok_or_else(|| {
            let text = format!("the tokenizer cannot read a text of {} bytes", text.len());
            Error::new(ErrorKind::Tokenizer, text)
        })?;
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
fn template<M: Model>(inner: &Pipeline<M>) -> Result<(Vec<u32>, Vec<u32>)> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::config;
    use crate::model::files::ModelFiles;

    fn shipped() -> Tokenizer {
        let files = ModelFiles::read("models/beleving-small").expect("readable");
        let (config, _) = config::parse(&files.config).expect("valid");
        Tokenizer::parse(&files.tokenizer, &config).expect("fits")
    }

    /// Ids of Python `tokenizers` 0.22, made by `training/golden.py`.
    fn golden() -> serde_json::Value {
        serde_json::from_slice(include_bytes!("../../tests/golden/tokens.json")).expect("JSON")
    }

    #[test]
    fn ids_are_those_of_python_tokenizers() {
        let (tokenizer, golden) = (shipped(), golden());
        let texts = golden["texts"].as_array().expect("texts");
        assert!(texts.len() > 30);
        for row in texts {
            let text = row["text"].as_str().expect("a text");
            let expected: Vec<u32> = row["ids"]
                .as_array()
                .expect("ids")
                .iter()
                .filter_map(|v| Some(v.as_u64()? as u32))
                .collect();
            assert_eq!(tokenizer.ids(text).expect("readable"), expected, "{text:?}");
        }
    }

    #[test]
    fn ids_of_ten_thousand_words_are_those_of_python_tokenizers() {
        let (tokenizer, golden) = (shipped(), golden());
        let long = &golden["long"];
        let words: Vec<&str> =
            long["words"].as_array().expect("words").iter().filter_map(|v| v.as_str()).collect();
        let count = long["count"].as_u64().expect("a number") as usize;
        let text: Vec<&str> = (0..count).map(|n| words[n * n % words.len()]).collect();
        let ids = tokenizer.ids(&text.join(" ")).expect("readable");
        assert_eq!(ids.len() as u64, long["ids"].as_u64().expect("a number"));
        // FNV-1a over the ids as little-endian u32.
        let hash = ids
            .iter()
            .flat_map(|id| id.to_le_bytes())
            .fold(0xCBF2_9CE4_8422_2325u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
            });
        assert_eq!(format!("{hash:016x}"), long["fnv1a"].as_str().expect("a hash"));
    }

    #[test]
    fn a_special_token_that_somebody_typed_is_text() {
        let tokenizer = shipped();
        for typed in ["</s>", "<pad>", "ja<s>nee"] {
            let ids = tokenizer.ids(typed).expect("readable");
            assert!(ids.iter().all(|id| *id >= 3), "{typed}: {ids:?}"); // 3 is <unk>
        }
    }
}
