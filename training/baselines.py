"""What anybody could use instead, in the form of `evaluate.py`: texts in, probabilities per head out.

VADER (English lexicon and rules), the pattern lexicon (Dutch), and TF-IDF with logistic regression on our own training rows.
A baseline that has no risk gives its negative feeling as the risk.
"""
import re

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from common import HEADS, WORK, read_jsonl

NEUTRAL_BAND = 0.05  # VADER's own bounds for neutral


def empty(texts):
    return {head: np.zeros((len(texts), len(labels))) for head, labels in HEADS.items()}


def of_polarity(polarity):
    """Probabilities out of a polarity in [-1, 1]: sentiment by the usual band, risk by how negative it is."""
    polarity = np.asarray(polarity, float)
    out = empty(polarity)
    out["sentiment"] = np.stack([np.maximum(-polarity, 0), np.where(abs(polarity) < NEUTRAL_BAND, 1, 0.0), np.maximum(polarity, 0)], 1)
    out["risk"][:, 0] = (1 - polarity) / 2
    return out


def vader(_data):
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    analyzer = SentimentIntensityAnalyzer()
    return lambda texts, _: of_polarity([analyzer.polarity_scores(t)["compound"] for t in texts])


def pattern(data):
    """Mean polarity of the words that the lexicon knows."""
    polarity = {row["form"].lower(): row["polarity"] for row in read_jsonl(data / "train/lexicon-pattern.nl.jsonl")}

    def of(text):
        found = [polarity[w] for w in re.findall(r"\w+", text.lower()) if w in polarity]
        return float(np.mean(found)) if found else 0.0
    return lambda texts, _: of_polarity([of(t) for t in texts])


def tfidf(_data):
    """Character and word n-grams, one logistic regression for the risk and one for the feeling."""
    rows = read_jsonl(WORK / "service.jsonl")
    public = read_jsonl(WORK / "public.jsonl")[:20000]

    def fit(rows, head):
        rows = [r for r in rows if r[head] is not None]
        model = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, max_features=200_000),
                              LogisticRegression(C=5, max_iter=300))
        return model.fit([r["text"] for r in rows], [r[head] for r in rows])
    risk, feeling = fit(rows, "risk"), fit(rows + public, "sentiment")

    def score(texts, _):
        return empty(texts) | {"risk": risk.predict_proba(texts)[:, 1:], "sentiment": feeling.predict_proba(texts)}
    return score


BASELINES = {"vader": (vader, ["en"]), "pattern": (pattern, ["nl"]), "tfidf": (tfidf, ["nl", "en"])}
