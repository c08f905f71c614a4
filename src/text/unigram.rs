//! A unigram piece model (SentencePiece) that loads fast: its vocabulary as one flat trie.
//!
//! The model of the `tokenizers` crate keeps a hash table in every node, which takes longer to build
//! than all the rest of a load. This one gives the same pieces.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tokenizers::models::TrainerWrapper;
use tokenizers::models::unigram::UnigramTrainer;
use tokenizers::{Model, Token};

/// What an unknown character costs beside the least likely piece.
///
/// Same as in SentencePiece, `unigram_model.cc`.
const UNKNOWN_PENALTY: f64 = 10.0;

/// Splits words into the likeliest pieces.
#[derive(Deserialize)]
#[serde(try_from = "File")]
pub(crate) struct Unigram {
    trie: Trie,
    /// Log probability of each piece, by id.
    scores: Vec<f64>,
    unknown: u32,
    /// Score of a character that no piece has.
    unknown_score: f64,
}

/// The `model` of a `tokenizer.json`.
#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    _kind: Kind,
    unk_id: u32,
    vocab: Vec<(String, f64)>,
    #[serde(default)]
    byte_fallback: bool,
}

#[derive(Deserialize)]
enum Kind {
    Unigram,
}

impl TryFrom<File> for Unigram {
    type Error = &'static str;

    fn try_from(file: File) -> Result<Self, Self::Error> {
        if file.byte_fallback {
            return Err("unknown characters as bytes are not read here");
        }
        if file.unk_id as usize >= file.vocab.len() {
            return Err("`unk_id` is not in the vocabulary");
        }
        let scores: Vec<f64> = file.vocab.iter().map(|(_, score)| *score).collect();
        let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
        Ok(Self {
            trie: Trie::build(file.vocab.iter().map(|(piece, _)| piece.as_bytes())),
            scores,
            unknown: file.unk_id,
            unknown_score: lowest - UNKNOWN_PENALTY,
        })
    }
}

/// The best way to read a text up to some byte.
#[derive(Clone, Copy)]
struct Best {
    score: f64,
    /// First byte of the last piece.
    start: usize,
    piece: u32,
}

impl Unigram {
    /// Ids and byte ranges of the likeliest pieces of `text`, unknown characters in a row as one.
    fn pieces(&self, text: &str) -> Vec<(u32, (usize, usize))> {
        let mut best: Vec<Option<Best>> = vec![None; text.len() + 1];
        for (start, letter) in text.char_indices() {
            let before = best[start].map_or(0.0, |best| best.score);
            let mut offer = |end: usize, piece: u32, score: f64| {
                let score = before + score;
                if best[end].is_none_or(|best| score > best.score) {
                    best[end] = Some(Best { score, start, piece });
                }
            };
            let mut known = false;
            for (length, piece) in self.trie.prefixes(&text.as_bytes()[start..]) {
                offer(start + length, piece, self.scores[piece as usize]);
                known |= length == letter.len_utf8();
            }
            if !known {
                offer(start + letter.len_utf8(), self.unknown, self.unknown_score);
            }
        }

        let mut pieces: Vec<(u32, (usize, usize))> = Vec::new();
        let mut end = text.len();
        while let Some(Best { start, piece, .. }) = best[end] {
            match pieces.last_mut() {
                Some((after, range)) if (piece, *after) == (self.unknown, self.unknown) => {
                    range.0 = start;
                }
                _ => pieces.push((piece, (start, end))),
            }
            end = start;
        }
        pieces.reverse();
        pieces
    }
}

impl Model for Unigram {
    type Trainer = TrainerWrapper;

    fn tokenize(&self, text: &str) -> tokenizers::Result<Vec<Token>> {
        let token = |(id, range): (u32, (usize, usize))| {
            Token::new(id, text[range.0..range.1].to_owned(), range)
        };
        Ok(self.pieces(text).into_iter().map(token).collect())
    }

    fn token_to_id(&self, piece: &str) -> Option<u32> {
        let prefixes = self.trie.prefixes(piece.as_bytes());
        prefixes.last().filter(|(length, _)| *length == piece.len()).map(|(_, id)| id)
    }

    fn id_to_token(&self, id: u32) -> Option<String> {
        self.trie.pieces().into_iter().find(|(_, piece)| *piece == id).map(|(text, _)| text)
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        self.trie.pieces().into_iter().collect()
    }

    fn get_vocab_size(&self) -> usize {
        self.scores.len()
    }

    fn save(&self, _: &Path, _: Option<&str>) -> tokenizers::Result<Vec<PathBuf>> {
        Err("a vocabulary is read here and never written".into())
    }

    fn get_trainer(&self) -> TrainerWrapper {
        UnigramTrainer::default().into()
    }
}

/// Marks a node at which no piece ends.
const NO_PIECE: u32 = u32::MAX;

/// All pieces, by their bytes. Nodes lie breadth first, so that the children of a node are
/// neighbours, in the order of their bytes.
struct Trie {
    /// The byte that leads to each node; that of the root means nothing.
    bytes: Vec<u8>,
    /// First child of each node; they end where those of the next node begin.
    children: Vec<u32>,
    /// Id of the piece that ends at each node, or [`NO_PIECE`].
    pieces: Vec<u32>,
}

impl Trie {
    /// Of pieces that occur twice the last id counts.
    fn build<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut sorted: Vec<(&[u8], u32)> = pieces.zip(0..).collect();
        sorted.sort_unstable();
        let mut trie = Self { bytes: vec![0], children: Vec::new(), pieces: Vec::new() };
        // The sorted pieces below each node, in the order of the nodes.
        let whole = 0..sorted.len();
        let mut below = vec![whole];
        let mut depth = 0;
        while !below.is_empty() {
            let mut next = Vec::new();
            for mut range in below {
                let ends_here = |at: usize| sorted[at].0.len() == depth;
                let mut piece = NO_PIECE;
                while !range.is_empty() && ends_here(range.start) {
                    piece = sorted[range.start].1;
                    range.start += 1;
                }
                trie.pieces.push(piece);
                trie.children.push(trie.bytes.len() as u32);
                while !range.is_empty() {
                    let byte = sorted[range.start].0[depth];
                    let same = &sorted[range.clone()];
                    let end = range.start + same.partition_point(|(text, _)| text[depth] == byte);
                    trie.bytes.push(byte);
                    next.push(range.start..end);
                    range.start = end;
                }
            }
            below = next;
            depth += 1;
        }
        trie.children.push(trie.bytes.len() as u32);
        trie
    }

    /// The nodes right below a node.
    fn children(&self, node: usize) -> std::ops::Range<usize> {
        self.children[node] as usize..self.children[node + 1] as usize
    }

    /// Length in bytes and id of every piece that `text` begins with, shortest first.
    fn prefixes(&self, text: &[u8]) -> impl Iterator<Item = (usize, u32)> {
        let mut node = 0;
        let nodes = text.iter().map_while(move |byte| {
            let children = self.children(node);
            let at = self.bytes[children.clone()].binary_search(byte).ok()?;
            node = children.start + at;
            Some(node)
        });
        let ends = nodes.enumerate().map(|(at, node)| (at + 1, self.pieces[node]));
        ends.filter(|(_, piece)| *piece != NO_PIECE)
    }

    /// Every piece and its id.
    fn pieces(&self) -> Vec<(String, u32)> {
        let mut found = Vec::new();
        let mut open = vec![(0, Vec::new())];
        while let Some((node, text)) = open.pop() {
            for child in self.children(node) {
                open.push((child, [text.as_slice(), &[self.bytes[child]]].concat()));
            }
            if self.pieces[node] != NO_PIECE {
                found.push((String::from_utf8_lossy(&text).into_owned(), self.pieces[node]));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(model: &str) -> Result<Unigram, serde_json::Error> {
        serde_json::from_str(model)
    }

    /// The shipped vocabulary, here and in the `tokenizers` crate.
    fn both() -> (Unigram, tokenizers::models::unigram::Unigram) {
        let json = std::fs::read("models/beleving-small/tokenizer.json").expect("readable");
        let file: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        let model = file["model"].to_string();
        (parse(&model).expect("ours"), serde_json::from_str(&model).expect("theirs"))
    }

    fn assert_same(ours: &Unigram, theirs: &impl Model, text: &str) {
        let expected = theirs.tokenize(text).expect("readable");
        assert_eq!(ours.tokenize(text).expect("readable"), expected, "{text:?}");
    }

    #[test]
    fn pieces_are_those_of_the_tokenizers_crate() {
        let (ours, theirs) = both();
        let vocabulary = theirs.get_vocab();
        assert_eq!(ours.get_vocab(), vocabulary);
        let mut pieces: Vec<&str> = vocabulary.keys().map(String::as_str).collect();
        pieces.sort_unstable();
        for (piece, id) in pieces.iter().map(|piece| (piece, vocabulary[*piece])) {
            assert_eq!(ours.token_to_id(piece), Some(id));
        }
        // Neighbours 7,919 apart in the alphabet make words that nobody wrote, in every script.
        for at in 0..pieces.len() {
            let other = |n: usize| pieces[(at + n * 7_919) % pieces.len()];
            assert_same(&ours, &theirs, &[other(0), other(1), other(2)].concat());
        }
        for text in ["", "𐀀𐀁", "a𐀀𐀁b", "<unk>𐀀", "</s>", "\u{0}\u{1}", &"onbereikbaar".repeat(300)]
        {
            assert_same(&ours, &theirs, text);
        }
        assert_eq!(ours.token_to_id("▁onbereikbaarheidsfactor"), None);
        assert_eq!(ours.id_to_token(3).as_deref(), Some("<unk>"));
        assert_eq!(ours.id_to_token(1_000_000), None);
    }

    #[test]
    fn the_better_of_two_ways_and_the_last_of_two_equal_pieces_win() {
        let model = r#"{"type":"Unigram","unk_id":0,"vocab":
            [["<unk>",0],["a",-1],["b",-1],["ab",-3],["bc",-1],["c",-9],["a",-2]]}"#;
        let (ours, theirs) = (
            parse(model).expect("ours"),
            serde_json::from_str::<tokenizers::models::unigram::Unigram>(model).expect("theirs"),
        );
        for text in ["ab", "abc", "abca", "xaby", "xyab", "axyzb", "ç"] {
            assert_same(&ours, &theirs, text);
        }
        let ids: Vec<u32> = ours.pieces("abxy").iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [3, 0]);
    }

    #[test]
    fn other_models_and_faulty_ones_are_refused() {
        for model in [
            r#"{"type":"WordPiece","unk_token":"[UNK]","vocab":{"[UNK]":0}}"#,
            r#"{"type":"Unigram","vocab":[["<unk>",0]]}"#,
            r#"{"type":"Unigram","unk_id":1,"vocab":[["<unk>",0]]}"#,
            r#"{"type":"Unigram","unk_id":0,"vocab":[]}"#,
            r#"{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0]],"byte_fallback":true}"#,
        ] {
            assert!(parse(model).is_err(), "{model}");
        }
    }
}
