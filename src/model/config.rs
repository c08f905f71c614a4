//! `config.json`: the architecture, as Hugging Face writes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::kernels::gelu::Activation;
use crate::labels::Kind;

/// Largest value taken for any size in a configuration, so that a lying file cannot ask for memory. The largest vocabularies
/// of published BERT-family models have a million pieces.
const MAX_SIZE: usize = 1 << 21;

/// Most layers: every one is asked for by name. The deepest published BERT-family models have 48.
const MAX_LAYERS: usize = 1 << 10;

/// The naming and position scheme of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Positions from 0, token types.
    Bert,
    /// RoBERTa, XLM-R, CamemBERT: positions from `pad_token_id + 1`.
    Roberta,
    /// Positions from 0, no token types, own tensor names.
    DistilBert,
}

/// Sizes of an encoder.
#[derive(Debug, Clone)]
pub(crate) struct EncoderConfig {
    pub(crate) family: Family,
    pub(crate) vocab: usize,
    /// Width H.
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    /// Attention heads A.
    pub(crate) heads: usize,
    /// Width of the feed-forward layer.
    pub(crate) ffn: usize,
    /// Rows of the position table.
    pub(crate) positions: usize,
    /// Row of the position table that the first token takes.
    pub(crate) first_position: usize,
    /// Rows of the token type table; 0 where there is none.
    pub(crate) types: usize,
    pub(crate) norm_eps: f32,
    pub(crate) activation: Activation,
}

/// The classifier that a Hugging Face sequence classification model carries.
#[derive(Debug, Clone)]
pub(crate) struct ClassifierConfig {
    pub(crate) labels: Vec<String>,
    pub(crate) kind: Kind,
}

/// Names that DistilBERT has for what BERT names otherwise. Some files have both.
const OF_DISTILBERT: [(&str, &str); 5] = [
    ("dim", "hidden_size"),
    ("n_layers", "num_hidden_layers"),
    ("n_heads", "num_attention_heads"),
    ("hidden_dim", "intermediate_size"),
    ("activation", "hidden_act"),
];

/// The fields of `config.json` that matter.
#[derive(Deserialize)]
struct Raw {
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    max_position_embeddings: usize,
    #[serde(default = "default_types")]
    type_vocab_size: usize,
    #[serde(default = "default_eps")]
    layer_norm_eps: f32,
    hidden_act: String,
    pad_token_id: Option<i64>,
    position_embedding_type: Option<String>,
    #[serde(default)]
    architectures: Vec<String>,
    id2label: Option<BTreeMap<String, String>>,
    problem_type: Option<String>,
}

/// As transformers takes it where the file is silent.
fn default_types() -> usize {
    2
}

/// DistilBERT's, which does not write it down.
fn default_eps() -> f32 {
    1e-12
}

/// Reads `config.json`. The classifier is there if the file names labels or such an architecture.
///
/// # Errors
/// [`ErrorKind::Config`] for values that cannot be, [`ErrorKind::Unsupported`] for another family.
pub(crate) fn parse(json: &[u8]) -> Result<(EncoderConfig, Option<ClassifierConfig>)> {
    let wrong = |e: serde_json::Error| {
        Error::new(ErrorKind::Config, "`config.json` does not parse").caused_by(e)
    };
    let mut fields: Map<String, Value> = serde_json::from_slice(json).map_err(wrong)?;
    // Before all else: the fields of other families have other names.
    let family = family(fields.get("model_type").and_then(Value::as_str).unwrap_or_default())?;
    if family == Family::DistilBert {
        for (name, of_bert) in OF_DISTILBERT {
            if let Some(value) = fields.remove(name) {
                fields.insert(of_bert.to_owned(), value);
            }
        }
    }
    let raw: Raw = serde_json::from_value(Value::Object(fields)).map_err(wrong)?;
    Ok((encoder(family, &raw)?, classifier(&raw)?))
}

fn unsupported(what: &str, found: &str, expected: &str) -> Error {
    let text = format!("`{what}` in `config.json` is `{found}`, expected {expected}");
    Error::new(ErrorKind::Unsupported, text)
}

fn family(model_type: &str) -> Result<Family> {
    match model_type {
        "bert" => Ok(Family::Bert),
        "roberta" | "xlm-roberta" | "camembert" => Ok(Family::Roberta),
        "distilbert" => Ok(Family::DistilBert),
        other => {
            let expected = "`bert`, `roberta`, `xlm-roberta`, `camembert` or `distilbert`";
            Err(unsupported("model_type", other, expected))
        }
    }
}

fn encoder(family: Family, raw: &Raw) -> Result<EncoderConfig> {
    let activation = match raw.hidden_act.as_str() {
        "gelu" => Activation::Gelu,
        "gelu_new" | "gelu_pytorch_tanh" => Activation::GeluTanh,
        "relu" => Activation::Relu,
        other => return Err(unsupported("hidden_act", other, "`gelu`, `gelu_new` or `relu`")),
    };
    if let Some(kind) = raw.position_embedding_type.as_deref().filter(|kind| *kind != "absolute") {
        return Err(unsupported("position_embedding_type", kind, "`absolute`"));
    }
    let first_position = match family {
        Family::Roberta => position_of_first(raw.pad_token_id.unwrap_or(1))?,
        Family::Bert | Family::DistilBert => 0,
    };
    let config = EncoderConfig {
        family,
        vocab: raw.vocab_size,
        hidden: raw.hidden_size,
        layers: raw.num_hidden_layers,
        heads: raw.num_attention_heads,
        ffn: raw.intermediate_size,
        positions: raw.max_position_embeddings,
        first_position,
        types: if family == Family::DistilBert { 0 } else { raw.type_vocab_size },
        norm_eps: raw.layer_norm_eps,
        activation,
    };
    check_sizes(&config)?;
    Ok(config)
}

/// RoBERTa numbers its tokens from behind the padding on.
fn position_of_first(pad_token_id: i64) -> Result<usize> {
    let first = usize::try_from(pad_token_id).ok().map(|pad| pad.saturating_add(1));
    first.ok_or_else(|| {
        let text = format!("`pad_token_id` is {pad_token_id}, expected 0 or more");
        Error::new(ErrorKind::Config, text)
    })
}

fn check_sizes(config: &EncoderConfig) -> Result<()> {
    let wrong = |text: String| Err(Error::new(ErrorKind::Config, text));
    for (name, size) in [
        ("vocab_size", config.vocab),
        ("hidden_size", config.hidden),
        ("num_hidden_layers", config.layers),
        ("num_attention_heads", config.heads),
        ("intermediate_size", config.ffn),
        ("max_position_embeddings", config.positions),
    ] {
        let most = if name == "num_hidden_layers" { MAX_LAYERS } else { MAX_SIZE };
        if size == 0 || size > most {
            return wrong(format!("`{name}` is {size}, expected 1 to {most}"));
        }
    }
    if !config.hidden.is_multiple_of(config.heads) {
        let (hidden, heads) = (config.hidden, config.heads);
        return wrong(format!("`hidden_size` {hidden} is not a multiple of {heads} heads"));
    }
    if config.first_position.saturating_add(3) > config.positions {
        let (first, all) = (config.first_position, config.positions);
        return wrong(format!("{all} positions from {first} on leave no room for a token"));
    }
    if !(config.norm_eps > 0.0 && config.norm_eps < 1.0) {
        return wrong(format!("`layer_norm_eps` is {}, expected 0 to 1", config.norm_eps));
    }
    Ok(())
}

fn classifier(raw: &Raw) -> Result<Option<ClassifierConfig>> {
    let labels: Option<Vec<String>> = match &raw.id2label {
        Some(names) => (0..names.len()).map(|id| names.get(&id.to_string()).cloned()).collect(),
        // transformers leaves its default out: two labels, so named.
        None if raw.architectures.iter().any(|a| a.ends_with("ForSequenceClassification")) => {
            Some(vec!["LABEL_0".to_owned(), "LABEL_1".to_owned()])
        }
        None => return Ok(None),
    };
    let labels = labels.ok_or_else(|| {
        let text = "`id2label` does not number its labels from 0";
        Error::new(ErrorKind::Config, text)
    })?;
    let kind = match raw.problem_type.as_deref() {
        // transformers takes a single output without a problem type as a regression.
        None if labels.len() == 1 => {
            let text = "the model has one output and no `problem_type`, which means regression; expected \
                        `multi_label_classification` if the output is a probability";
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
        None | Some("single_label_classification") => Kind::Softmax,
        Some("multi_label_classification") => Kind::Sigmoid,
        Some(other) => {
            let text = format!(
                "`problem_type` is `{other}`, expected `single_label_classification` or \
                 `multi_label_classification`"
            );
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
    };
    Ok(Some(ClassifierConfig { labels, kind }))
}

impl EncoderConfig {
    /// The most tokens one window can have.
    pub(crate) fn max_tokens(&self) -> usize {
        self.positions - self.first_position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
        let mut value = serde_json::json!({
            "model_type": "xlm-roberta", "vocab_size": 100, "hidden_size": 32,
            "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
            "max_position_embeddings": 66, "type_vocab_size": 1, "layer_norm_eps": 1e-5,
            "hidden_act": "gelu", "pad_token_id": 1,
        });
        change(&mut value);
        value.to_string().into_bytes()
    }

    #[test]
    fn roberta_positions_start_after_the_pad_token() {
        let (config, classifier) = parse(&json(|_| ())).expect("valid");
        assert_eq!((config.first_position, config.max_tokens()), (2, 64));
        assert!(classifier.is_none());
    }

    #[test]
    fn values_that_cannot_be_are_named() {
        let kind_and_text = |key: &str, value: serde_json::Value| {
            let error = parse(&json(|j| j[key] = value.clone())).expect_err("invalid");
            (error.kind(), error.to_string())
        };
        let (kind, text) = kind_and_text("hidden_size", 30.into());
        assert_eq!(kind, ErrorKind::Config);
        assert_eq!(text, "`hidden_size` 30 is not a multiple of 4 heads");
        for (key, value) in [("vocab_size", 0), ("hidden_size", 1i64 << 40), ("pad_token_id", 65)] {
            assert_eq!(kind_and_text(key, value.into()).0, ErrorKind::Config, "{key}");
        }
        for (key, value) in
            [("model_type", "gpt2"), ("hidden_act", "swish"), ("position_embedding_type", "rotary")]
        {
            assert_eq!(kind_and_text(key, value.into()).0, ErrorKind::Unsupported, "{key}");
        }
    }

    #[test]
    fn labels_must_be_numbered_from_zero() {
        let with = |labels: serde_json::Value| parse(&json(|j| j["id2label"] = labels.clone()));
        let (_, found) = with(serde_json::json!({"1": "b", "0": "a"})).expect("valid");
        assert_eq!(found.expect("labels").labels, ["a", "b"]);
        let error = with(serde_json::json!({"1": "b", "2": "a"})).expect_err("invalid");
        assert_eq!(error.kind(), ErrorKind::Config);
    }

    #[test]
    fn a_classifier_with_the_default_labels_need_not_name_them() {
        let with = |key: &str, value: serde_json::Value| parse(&json(|j| j[key] = value.clone()));
        let architecture = serde_json::json!(["XLMRobertaForSequenceClassification"]);
        let (_, found) = with("architectures", architecture).expect("valid");
        assert_eq!(found.expect("default labels").labels, ["LABEL_0", "LABEL_1"]);
        let error = with("id2label", serde_json::json!({"0": "stars"})).expect_err("a regression");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}
