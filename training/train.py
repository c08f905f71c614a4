"""Steps 4 and 5: trains the encoder and its heads.

    python train.py public  --from work/pruned --to work/public-1           # public data: feeling and intents
    python train.py service --from work/public-1 --to work/service-1        # own text and real threads, all heads

`--layers N` keeps an even spread of N layers, `--frozen N` leaves the lowest N untrained; `--teacher DIR…` adds the mean of the teachers'
logits as targets: the teachers read the plain text where the student reads it under another name or with slips, so that it learns to
disregard them. The word table is frozen. Writes the last state to `--to`, a checkpoint every 10 minutes, and losses to the log.
"""
import argparse
import pathlib
import random
import time

import torch
from torch.nn import functional as F

import model as models
from common import HEADS, SEED, WORK, kinds_of, read_jsonl

HEAD_WEIGHTS = {"sentiment": 1.0, "risk": 1.5, "signals": 1.0, "intents": 2.0}
SETTINGS = {  # epochs, learning rate of the body and of the heads, share of public rows mixed in
    "public": (1, 1e-4, 1e-3, 1.0),
    "service": (5, 1e-4, 1e-3, 0.8),
}
TEACHER_WEIGHT = 0.3
CHECKPOINT_SECONDS = 600
OPENING_SHARE = 0.12


# Openings that name the writer. Who writes says nothing of how it was lived, so every label stays as it is: what the model
# would otherwise pick up from a name, a town or a form of address is averaged out. None of these is in `evaluate.py`.
OPENINGS = {
    "nl": ["Met {} uit {}. ", "U spreekt met {} uit {}. ", "Mijn naam is {}, ik woon in {}. ", "Hoi, {} hier, {}. ", "Als moeder van drie. ", "Als vader van drie. "],
    "en": ["This is {} from {}. ", "My name is {}, I live in {}. ", "Hi, {} here, {}. ", "As a mother of three. ", "As a father of three. "],
    "de": ["Hier ist {} aus {}. ", "Mein Name ist {}, {}. "],
    "fr": ["Ici {} de {}. ", "Je m'appelle {}, j'habite à {}. "],
}
NAMES = """Marieke Smit,Pieter van Dijk,Sanne Visser,Henk Mulder,Truus Hoekstra,Griet Wouters,Bart Claes,An De Smet,Dirk Maes,Ayşe Kaya,Emre Şahin,
Elif Arslan,Hasan Çelik,Khadija Ouali,Mohamed Amrani,Samira Haddou,Rachid Bouzid,Anita Ramlal,Ruben Kromosoeto,Shanti Jagroep,Winston Blijd,Agnieszka
Wójcik,Marek Zieliński,Ewa Lewandowska,Tomasz Wiśniewski,Oksana Shevchenko,Ahmad Al-Hassan,Mei Chen,Grace Taylor,Oliver Wright,Priya Sharma,Sean
Murphy,Aisha Khan,Daniel Cohen,Claire Dubois,Jürgen Weber""".replace("\n", " ").split(",")
TOWNS = "Assen,Breda,Ede,Gent,Antwerpen,Brugge,Leuven,Leiden,Zaandam,Emmen,Roermond,Leicester,Cork,Hull,Derby,Köln,Lyon,Genk,Den Bosch,Hoorn".split(",")


def augmented(row, rng):
    """A text as somebody else might have typed it: under a name, without capitals or punctuation, with a slip of the finger."""
    text, chance = row["text"], rng.random()
    if rng.random() < OPENING_SHARE:
        text = rng.choice(OPENINGS.get(row["language"], OPENINGS["en"])).format(rng.choice(NAMES), rng.choice(TOWNS)) + text
    if chance < 0.10:
        return text.lower()
    if chance < 0.16:
        return "".join(c for c in text.lower() if c.isalnum() or c.isspace()) or text
    if chance < 0.18:
        return text.upper()
    if chance < 0.26 and len(text) > 20:
        at = rng.randrange(1, len(text) - 2)
        return text[:at] + text[at + 1] + text[at] + text[at + 2:]
    return text


def loss_of(found, rows, goals):
    """Weighted mean over the targets that are not masked, summed over the heads; the teachers' logits, if any, beside them."""
    weight = torch.tensor([r["weight"] for r in rows])
    total = 0.0
    for head, logits in found.items():
        if head == "sentiment":
            target = torch.tensor([-100 if r[head] is None else r[head] for r in rows])
            values, mask = F.cross_entropy(logits, target, reduction="none", ignore_index=-100), (target >= 0).float()
        else:
            wide = [[r[head]] if head == "risk" else r[head] or [None] * logits.shape[1] for r in rows]
            mask = torch.tensor([[float(v is not None) for v in row] for row in wide])
            target = torch.tensor([[float(v or 0) for v in row] for row in wide])
            values = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * mask).mean(1)
            mask = mask.amax(1)
        total = total + HEAD_WEIGHTS[head] * (values * weight * mask).sum() / (weight * mask).sum().clamp(min=1e-6)
        if goals:
            total = total + HEAD_WEIGHTS[head] * TEACHER_WEIGHT * F.mse_loss(logits, goals[head])
    return total


def taught(folders, tok, texts):
    """The mean of the teachers' logits for every text, by head; each teacher reads every text once."""
    found = []
    for folder in folders:
        with models.reduced():
            found.append(models.logits(models.load(folder), tok, texts))
    return {head: torch.tensor(sum(each[head] for each in found) / len(found)) for head in HEADS}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("stage", choices=SETTINGS)
    parser.add_argument("--from", dest="source", type=pathlib.Path, required=True)
    parser.add_argument("--to", type=pathlib.Path, required=True)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--frozen", type=int, default=0, help="so many of the lowest layers, and the embeddings, stay as they are")
    parser.add_argument("--public-share", type=float, help="public rows mixed in, as a share of the others")
    parser.add_argument("--teacher", type=pathlib.Path, nargs="+", default=[])
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--without-fold", type=int, choices=(0, 1),
                        help="leave out the messages of half of the interactions, so that their scores are out of sample")
    parser.add_argument("--without-kind", help="leave out a kind of text: a channel, `interactions` or `real` (kinds.py)")
    parser.add_argument("--rows", type=int, help="take so many rows, for a trial")
    parser.add_argument("--rate-factor", type=float, default=1.0, help="of both learning rates")
    parser.add_argument("--budget", type=int, default=1024, help="padded tokens of a batch")
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    epochs, rate, head_rate, public_share = SETTINGS[args.stage]
    epochs = args.epochs or epochs
    public_share = public_share if args.public_share is None else args.public_share
    rate, head_rate = rate * args.rate_factor, head_rate * args.rate_factor
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)

    model = models.load(args.source)
    if args.layers:
        models.keep_layers(model, args.layers)
    model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    if args.frozen:
        for part in (model.encoder.embeddings, *model.encoder.encoder.layer[:args.frozen]):
            part.requires_grad_(False)
    tok = models.tokenizer(WORK / "pruned")
    public = read_jsonl(WORK / "public.jsonl")
    own = read_jsonl(WORK / "service.jsonl") if args.stage == "service" else []
    own = [r for r in own if r.get("fold") is None or r["fold"] != args.without_fold]
    own = [r for r in own if args.without_kind not in kinds_of(r)]
    if args.rows:
        own, public = own[:args.rows], public[:args.rows]

    plans = []  # the batches of every epoch, so that the length of the schedule is known
    for _ in range(epochs):
        rows = own + (rng.sample(public, min(len(public), int(public_share * len(own)))) if own else public)
        ids = [e.ids for e in tok.encode_batch([augmented(r, rng) for r in rows])]
        plans += [([rows[n] for n in batch], [ids[n] for n in batch]) for batch in models.batches([len(i) for i in ids], args.budget, rng)]
    place = {text: n for n, text in enumerate({r["text"] for rows, _ in plans for r in rows})}
    goals = taught(args.teacher, tok, list(place)) if args.teacher else {}
    body = [p for n, p in model.named_parameters() if p.requires_grad and not n.startswith("heads.")]
    groups = [{"params": body, "lr": rate}, {"params": list(model.heads.parameters()), "lr": head_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    warm = max(1, int(0.06 * len(plans)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warm, (len(plans) - step) / max(1, len(plans) - warm)))

    started = saved = time.time()
    running, done = None, 0
    for step, (rows, ids) in enumerate(plans):
        model.train()
        with models.reduced():
            found = {head: x.float() for head, x in model(*models.collate(ids)).items()}
        at = [place[r["text"]] for r in rows]
        loss = loss_of(found, rows, {head: x[at] for head, x in goals.items()})
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        done += len(rows)
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 50 == 0 or step + 1 == len(plans):
            seconds = time.time() - started
            print(f"step {step + 1}/{len(plans)} loss {running:.3f} {done / seconds:.1f} rows/s {seconds:.0f} s", flush=True)
        if time.time() - saved > CHECKPOINT_SECONDS:
            models.save(model, args.to)
            saved = time.time()
    models.save(model, args.to)


if __name__ == "__main__":
    main()
