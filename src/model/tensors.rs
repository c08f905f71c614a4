//! One table of the tensors that an encoder and its heads consist of.

use super::config::{EncoderConfig, Family};

/// A tensor by the name under which BERT stores it, which both engines use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TensorSpec {
    /// BERT's name, without the prefix of the base model.
    pub(crate) name: String,
    /// `[rows, columns]` of a matrix, `[length]` of a vector.
    pub(crate) shape: Vec<usize>,
}

/// Every tensor of the encoder.
pub(crate) fn encoder(config: &EncoderConfig) -> Vec<TensorSpec> {
    let (h, f) = (config.hidden, config.ffn);
    let mut specs = vec![
        spec("embeddings.word_embeddings.weight", &[config.vocab, h]),
        spec("embeddings.position_embeddings.weight", &[config.positions, h]),
    ];
    if config.types > 0 {
        specs.push(spec("embeddings.token_type_embeddings.weight", &[config.types, h]));
    }
    let mut pair = |name: &str, weight: &[usize]| {
        specs.push(spec(&format!("{name}.weight"), weight));
        specs.push(spec(&format!("{name}.bias"), &weight[..1]));
    };
    pair("embeddings.LayerNorm", &[h]);
    for layer in 0..config.layers {
        for (part, weight) in [
            ("attention.self.query", &[h, h][..]),
            ("attention.self.key", &[h, h]),
            ("attention.self.value", &[h, h]),
            ("attention.output.dense", &[h, h]),
            ("attention.output.LayerNorm", &[h]),
            ("intermediate.dense", &[f, h]),
            ("output.dense", &[h, f]),
            ("output.LayerNorm", &[h]),
        ] {
            pair(&format!("encoder.layer.{layer}.{part}"), weight);
        }
    }
    specs
}

fn spec(name: &str, shape: &[usize]) -> TensorSpec {
    TensorSpec { name: name.to_owned(), shape: shape.to_vec() }
}

/// The name that a family's files use for a tensor of [`encoder`].
pub(crate) fn name_in_file(family: Family, name: &str) -> String {
    const DISTILBERT: [(&str, &str); 9] = [
        ("encoder.layer.", "transformer.layer."),
        ("attention.self.query", "attention.q_lin"),
        ("attention.self.key", "attention.k_lin"),
        ("attention.self.value", "attention.v_lin"),
        ("attention.output.dense", "attention.out_lin"),
        ("attention.output.LayerNorm", "sa_layer_norm"),
        ("intermediate.dense", "ffn.lin1"),
        (".output.dense", ".ffn.lin2"),
        (".output.LayerNorm", ".output_layer_norm"),
    ];
    match family {
        Family::Bert | Family::Roberta => name.to_owned(),
        Family::DistilBert => DISTILBERT
            .iter()
            .fold(name.to_owned(), |name, (bert, distilbert)| name.replace(bert, distilbert)),
    }
}

/// The prefix that a family's classification models put before the encoder's tensors.
pub(crate) fn prefix(family: Family) -> &'static str {
    match family {
        Family::Bert => "bert.",
        Family::Roberta => "roberta.",
        Family::DistilBert => "distilbert.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distilbert_names_are_its_own() {
        for (bert, distilbert) in [
            ("embeddings.LayerNorm.weight", "embeddings.LayerNorm.weight"),
            (
                "encoder.layer.3.attention.self.query.bias",
                "transformer.layer.3.attention.q_lin.bias",
            ),
            (
                "encoder.layer.3.attention.output.dense.bias",
                "transformer.layer.3.attention.out_lin.bias",
            ),
            (
                "encoder.layer.0.attention.output.LayerNorm.bias",
                "transformer.layer.0.sa_layer_norm.bias",
            ),
            ("encoder.layer.0.output.dense.weight", "transformer.layer.0.ffn.lin2.weight"),
            ("encoder.layer.0.output.LayerNorm.bias", "transformer.layer.0.output_layer_norm.bias"),
        ] {
            assert_eq!(name_in_file(Family::DistilBert, bert), distilbert);
        }
    }
}
