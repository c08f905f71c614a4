import json
import pickle
import subprocess

import pytest
from conftest import ROOT, TEXTS, TINY

from beleving import BelevingError, Scorer


def test_a_list_gives_one_row_each_in_order_and_none_for_none(scorer):
    scores = scorer.score(TEXTS)
    assert len(scores) == len(TEXTS)
    assert scores[4]["risk"] > 0.5 > scores[3]["risk"] and scores[4]["flagged"]
    assert set(scores[1].values()) == {None}
    assert scores[2]["assessable"] is False and scores[2]["why"] == "no_text"
    assert scores["model"][0] == scorer.model_id_
    assert list(scorer.score([])) == []


def test_scores_are_the_same_bits_alone_and_on_any_number_of_threads(scorer):
    together = scorer.score(TEXTS).to_arrow().column("risk")
    one = Scorer(threads=1)
    assert one.threads_ == 1
    for n, text in enumerate(TEXTS):
        assert one.score([text]).to_arrow().column("risk")[0] == together[n]


def test_pandas_keeps_its_index(scorer):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"body": TEXTS, "language": "nl"}, index=list("vwxyz"))
    of_frame = scorer.score(frame, text="body").to_pandas()
    of_series = scorer.score(frame["body"]).to_pandas()
    assert list(of_frame.index) == list(of_series.index) == list("vwxyz")
    pandas.testing.assert_series_equal(of_frame["risk"], of_series["risk"])
    assert str(of_frame["risk"].dtype) == "float32" and of_frame["risk"].isna()["w"]
    assert "sentiment.negative" in of_frame and "intents.complaint" in of_frame
    assert frame.join(of_frame.drop(columns="language"))["flagged"]["z"]


def test_scores_join_a_frame_whose_index_repeats_itself(scorer):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"body": TEXTS}, index=list("vvxyy"))
    scores = scorer.score(frame["body"])
    joined = pandas.concat([frame, scores.to_pandas()["risk"]], axis=1)
    assert len(joined) == len(TEXTS) and joined["risk"].iloc[4] == scores[4]["risk"]


def test_columns_that_are_not_read_are_in_nobodys_way(scorer):
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    expected = scorer.score(TEXTS).to_list()
    mixed = pandas.Series([0.0, "canary", None, 1, 2], dtype=object)
    frame = pandas.DataFrame({"text": TEXTS, "reply": mixed, "n": range(5)}).set_index("n")
    frame.index.name = "language"
    assert scorer.score(frame).to_list() == expected
    frame = polars.DataFrame({"text": TEXTS, "foo": [None] * 5, "speaker": [None] * 5, "object": [object()] * 5})
    assert scorer.score(frame).to_list() == expected
    with pytest.raises(BelevingError, match="column `text` holds values of several types") as raised:
        scorer.score(pandas.DataFrame({"text": mixed}))
    assert raised.value.kind == "input" and raised.value.__context__ is None
    twice = pandas.DataFrame([["a", "b"]], columns=["text", "text"])
    with pytest.raises(BelevingError, match="2 columns `text`"):
        scorer.score(twice)
    empty = pandas.DataFrame({"body": pandas.Series([], dtype=str)})
    for columns in ({}, {"text": "nope"}, {"text": "body", "at": "nope"}):
        with pytest.raises(BelevingError, match="among `body`"):
            scorer.score(empty, **columns)
    assert len(scorer.score(empty, text="body")) == 0


def test_half_of_a_surrogate_pair_is_told_by_its_row_and_without_the_text(scorer):
    pandas = pytest.importorskip("pandas")
    texts = ["hallo", "canary \ud800"]
    for given in (texts, pandas.Series(texts, dtype=object), pandas.DataFrame({"text": pandas.Series(texts, dtype=object)})):
        with pytest.raises(BelevingError, match="`text` of row 1 has half") as raised:
            scorer.score(given)
        assert "canary" not in repr(raised.value) and raised.value.__context__ is None


def test_rows_and_columns_are_made_as_they_are_asked_for_and_results_are_pickled(scorer):
    scores = scorer.score(TEXTS)
    rows = scores.to_list()
    assert [scores[n] for n in range(-5, 5)] == rows * 2 and scores[1:3] == rows[1:3] and scores[::-2] == rows[::-2]
    assert scores["risk"] == [row["risk"] for row in rows]
    scores[0]["risk"] = 7
    assert scores.to_list() == rows
    with pytest.raises(IndexError):
        scores[5]
    states = scorer.states([{"id": "1", "interaction": "a", "speaker": "customer", "text": "Hallo?"}])
    for results in (scores, states):
        other = pickle.loads(pickle.dumps(results))
        assert other.to_list() == results.to_list() and other.columns == results.columns
    pandas = pytest.importorskip("pandas")
    series = pandas.Series(TEXTS, index=list("vwxyz"))
    assert list(pickle.loads(pickle.dumps(scorer.score(series))).to_pandas().index) == list("vwxyz")


def test_every_frame_gives_the_same_bits(scorer):
    pyarrow = pytest.importorskip("pyarrow")
    polars = pytest.importorskip("polars")
    duckdb = pytest.importorskip("duckdb")
    expected = scorer.score(TEXTS).to_arrow()
    table = pyarrow.table({"text": TEXTS})
    kinds = [pyarrow.large_string(), pyarrow.string_view(), pyarrow.dictionary(pyarrow.int8(), pyarrow.string())]
    inputs = [
        table,
        table.to_batches()[0],
        pyarrow.table({"text": pyarrow.chunked_array([TEXTS[:2], TEXTS[2:]])}),
        *(pyarrow.table({"text": pyarrow.array(TEXTS).cast(kind)}) for kind in kinds),
        polars.DataFrame({"text": TEXTS}),
        polars.DataFrame({"text": TEXTS}, schema={"text": polars.Categorical}),
        duckdb.from_arrow(table),
    ]
    for frame in inputs:
        scores = scorer.score(frame).to_arrow().combine_chunks()
        assert scores.equals(expected.combine_chunks()), type(frame)
    for series in (table["text"], polars.Series(TEXTS)):
        assert scorer.score(series).to_arrow().equals(expected)
    scores = scorer.score(TEXTS)
    assert polars.DataFrame(scores).height == scores.to_polars().height == duckdb.from_arrow(scores.to_arrow()).shape[0] == len(TEXTS)


def test_batches_are_scored_as_they_are_asked_for(scorer):
    pyarrow = pytest.importorskip("pyarrow")
    batch = pyarrow.record_batch({"body": TEXTS})
    asked = []

    def batches():
        for n in range(3):
            asked.append(n)
            yield batch

    results = scorer.score_batches(batches(), text="body")
    first = next(iter(results))
    assert asked == [0] and len(first) == len(TEXTS)

    asked.clear()
    reader = pyarrow.RecordBatchReader.from_batches(batch.schema, batches())
    stream = pyarrow.RecordBatchReader.from_stream(scorer.score_batches(reader, text="body"))
    assert stream.schema.metadata[b"beleving.schema"] == b"1"
    stream.read_next_batch()
    assert asked == [0]
    assert len(stream.read_all()) == 2 * len(TEXTS)
    with pytest.raises(TypeError, match=r"which score\(\) takes"):
        scorer.score_batches(pytest.importorskip("pandas").Series(TEXTS))
    of_lists = [scores["risk"] for scores in scorer.score_batches([TEXTS, TEXTS[:1]])]
    assert [len(risks) for risks in of_lists] == [5, 1]
    with pytest.raises(RuntimeError, match="handed on"):
        used = scorer.score_batches(pyarrow.table({"text": TEXTS}))
        used.__arrow_c_stream__()
        list(used)


def test_errors_say_what_was_found_and_expected_and_quote_no_text(scorer):
    pyarrow = pytest.importorskip("pyarrow")
    for wrong, text, error in [
        ("canary", "one str, expected a list", TypeError),
        (None, "one NoneType, expected a list of texts or a data frame", TypeError),
        ({"text": ["canary"]}, "one dict, expected a list", TypeError),
        ([3], "message 0 is int, expected str", TypeError),
        (pyarrow.table({"body": ["canary"]}), "no column `text` among `body`", BelevingError),
        (pyarrow.table({"text": [3]}), "`text` has type Int64, expected strings", BelevingError),
    ]:
        with pytest.raises(error, match=text) as raised:
            scorer.score(wrong)
        assert "canary" not in str(raised.value)
    with pytest.raises(TypeError, match="'tekst' is no field"):
        scorer.score(pyarrow.table({"text": []}), tekst="text")
    with pytest.raises(BelevingError, match="config.json") as raised:
        Scorer(ROOT / "docs")
    assert raised.value.kind == "io"
    with pytest.raises(BelevingError, match="flag_at"):
        Scorer(TINY, policy="flag_at = 2.0")
    with pytest.raises(ValueError, match="no precision `f64`, expected `auto`"):
        Scorer(TINY, precision="f64")
    for name, n in [("threads", 0), ("threads", -1), ("threads", 1025), ("max_windows", 0)]:
        with pytest.raises(ValueError, match=f"`{name}` is {n}, expected at least 1"):
            Scorer(TINY, **{name: n})
    with pytest.raises(BelevingError):
        Scorer(model="")
    with pytest.raises(TypeError, match="expected TOML"):
        Scorer(TINY, policy=ROOT / "policy.toml")
    with pytest.raises(AttributeError, match="make another"):
        scorer.policy = "flag_at = 0.5"
    with pytest.raises(TypeError, match="has no column 'body'"):
        scorer.score(["hallo"], text="body")
    broken = pyarrow.StringArray.from_buffers(1, pyarrow.py_buffer(b"\0\0\0\0\2\0\0\0"), pyarrow.py_buffer(b"\xff\xfe"))
    with pytest.raises(ValueError, match="UTF"):
        scorer.score(pyarrow.table({"text": broken}))


def test_of_a_long_text_as_many_windows_are_read_as_is_said():
    text = "Waar blijft mijn pakket? " * 2000
    for max_windows, windows in [(None, 32), (3, 3)]:
        scores = Scorer(TINY, max_windows=max_windows).score([text])[0]
        assert scores["windows"] == windows and scores["truncated"]


def test_a_bad_row_is_data(scorer):
    pyarrow = pytest.importorskip("pyarrow")
    rows = pyarrow.table({"text": ["hallo", "canary"], "speaker": ["staff", "canary"]})
    good, bad = scorer.score(rows)
    assert good["error"] is None and bad["error"]["kind"] == "input"
    assert "speaker" in bad["error"]["message"] and "canary" not in bad["error"]["message"]


def test_the_command_gives_the_same_scores(scorer, tmp_path):
    command = ROOT / "target" / "release" / "beleving"  # `cargo task python` builds it
    rows = [json.loads(line) for line in (ROOT / "examples" / "messages.jsonl").read_text().splitlines()]
    rows = [row for row in rows if "text" in row]
    file = tmp_path / "messages.jsonl"
    file.write_text("".join(json.dumps({"id": n, "text": row["text"]}) + "\n" for n, row in enumerate(rows)))
    said = subprocess.run([command, "score", file, "--quiet"], check=True, capture_output=True).stdout
    lines = [json.loads(line) for line in said.splitlines()]
    scores = scorer.score([row["text"] for row in rows]).to_arrow().to_pylist()
    assert len(lines) == len(scores) > 0
    for line, ours in zip(lines, scores):
        assert line["risk"] == (None if ours["risk"] is None else round(ours["risk"], 6))
        assert line["flagged"] == ours["flagged"] and line["language"] == ours["language"]
