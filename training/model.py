"""The model: a BERT encoder, the mean of its token vectors, one linear layer per head."""
import json

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from common import HEADS, MAX_TOKENS


class Scorer(nn.Module):
    """Encoder and heads; `forward` gives the logits of every head, `[B, C]` each."""

    def __init__(self, config):
        super().__init__()
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.heads = nn.ModuleDict({name: nn.Linear(config.hidden_size, len(labels)) for name, labels in HEADS.items()})

    def forward(self, ids, mask):
        hidden = self.encoder(ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * weight).sum(1) / weight.sum(1)
        return {name: head(pooled) for name, head in self.heads.items()}


def keep_layers(model, count):
    """Keeps an even spread of the encoder's layers, the last among them."""
    layers = model.encoder.encoder.layer
    total = len(layers)
    model.encoder.encoder.layer = nn.ModuleList(layers[round((i + 1) * total / count) - 1] for i in range(count))
    model.encoder.config.num_hidden_layers = count


def load(folder):
    """A model from a folder of Hugging Face files; heads that the file lacks start at random."""
    config = BertConfig.from_pretrained(folder, attn_implementation="sdpa")
    model = Scorer(config)
    tensors = load_file(folder / "model.safetensors")
    named = {(name if name.startswith("heads.") else "encoder." + name): value for name, value in tensors.items()}
    missing, unexpected = model.load_state_dict(named, strict=False)
    assert not unexpected and all(name.startswith("heads.") for name in missing), (missing, unexpected)
    return model


def save(model, folder):
    """Writes `config.json` and `model.safetensors` (f32); the tokenizer is the pruned base's."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name.removeprefix("encoder.") if name.startswith("encoder.") else name: value.contiguous()
               for name, value in model.state_dict().items() if "position_ids" not in name}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads(model.encoder.config.to_json_string())
    config["architectures"] = ["BertModel"]
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def tokenizer(folder, max_tokens=MAX_TOKENS):
    """The folder's tokenizer, cutting texts to the window that the model is trained on."""
    found = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found.enable_truncation(max_tokens)
    return found


def reduced():
    """bf16 where the CPU multiplies it, three times as fast; elsewhere nothing changes."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.ops.mkldnn._is_mkldnn_bf16_supported())


def collate(ids, pad=1):
    """Padded ids and mask of a list of id lists."""
    width = max(map(len, ids))
    batch = torch.full((len(ids), width), pad, dtype=torch.long)
    mask = torch.zeros((len(ids), width), dtype=torch.long)
    for n, row in enumerate(ids):
        batch[n, :len(row)] = torch.tensor(row)
        mask[n, :len(row)] = 1
    return batch, mask


def batches(lengths, budget, rng=None):
    """Lists of row numbers of similar length, at most `budget` padded tokens each; shuffled if `rng` is given."""
    order = sorted(range(len(lengths)), key=lambda n: lengths[n] + (rng.random() * 4 if rng else 0))
    found, current = [], []
    for n in order:
        if current and max(lengths[n], max(lengths[m] for m in current)) * (len(current) + 1) > budget:
            found.append(current)
            current = []
        current.append(n)
    found += [current] if current else []
    if rng:
        rng.shuffle(found)
    return found


@torch.no_grad()
def logits(model, tok, texts, budget=4096):
    """Logits of every head for every text, as one array per head."""
    model.eval()
    ids = [e.ids for e in tok.encode_batch(texts)]
    out = {name: torch.zeros(len(texts), len(labels)) for name, labels in HEADS.items()}
    for batch in batches([len(i) for i in ids], budget):
        found = model(*collate([ids[n] for n in batch]))
        for name in out:
            out[name][batch] = found[name].float()
    return {name: values.numpy() for name, values in out.items()}
