import datetime
import json
import random
import subprocess
import uuid

import pytest
from conftest import MESSAGES, ROOT

from beleving import BelevingError

ROWS = [dict(zip(MESSAGES, row)) for row in zip(*MESSAGES.values())]


def test_frames_rows_and_nested_interactions_give_the_same_verdicts(scorer):
    pandas = pytest.importorskip("pandas")
    by_rows = scorer.judge(ROWS).to_list()
    assert [verdict["interaction"] for verdict in by_rows] == ["a", "b", "c"]
    assert by_rows[0]["messages"] == 3 and by_rows[0]["risk"] > by_rows[1]["risk"]
    frame = pandas.DataFrame(MESSAGES)
    assert scorer.judge(frame).to_list() == by_rows
    frame["at"] = pandas.to_datetime(frame["at"])
    renamed = frame.rename(columns={"text": "body", "interaction": "ticket"})
    assert scorer.judge(renamed, text="body", interaction="ticket").to_list() == by_rows
    nested = [
        {"interaction": name, "messages": [row for row in ROWS if row["interaction"] == name]} for name in "abc"
    ]
    for ours, theirs in zip(scorer.judge(nested), by_rows):
        # `message` is the place in the source, and that differs.
        assert (ours["risk"], ours["reasons"] == [], ours["flagged"]) == (
            theirs["risk"],
            theirs["reasons"] == [],
            theirs["flagged"],
        )


def test_states_give_the_same_verdicts_in_any_split_and_order(scorer):
    pyarrow = pytest.importorskip("pyarrow")
    whole = scorer.judge(pyarrow.Table.from_pylist(ROWS), ordered=False).to_list()
    shuffled = ROWS * 2
    random.Random(7).shuffle(shuffled)
    parts = [scorer.states(shuffled[n : n + 5]) for n in range(0, len(shuffled), 5)]
    split = sorted(scorer.judge_states(parts).to_list(), key=lambda verdict: verdict["interaction"])
    assert split == whole
    assert scorer.judge_states(part.to_arrow() for part in parts).to_list()


def test_what_has_no_order_is_refused_row_by_row(scorer):
    rows = [{"id": str(n), "interaction": "a", "speaker": "customer", "text": "Hallo?"} for n in range(2)]
    (refused,) = scorer.judge(rows, ordered=False)
    assert refused["risk"] is None and "no order" in refused["error"]["message"]
    (judged,) = scorer.judge(rows)
    assert judged["error"] is None and judged["risk"] is not None


def test_errors_name_the_row_and_quote_nothing(scorer):
    with pytest.raises(TypeError, match="text of row 1 is float, expected str") as raised:
        scorer.judge([{"text": "canary"}, {"text": 1.5}])
    assert "canary" not in str(raised.value)


def test_dictionaries_make_the_interactions_that_the_command_makes_of_them(scorer):
    messages = [{"speaker": "customer", "text": "Waar blijft het?"}, {"speaker": "staff", "text": "Onderweg."}]
    rows = [
        {"messages": messages},
        {"messages": messages},
        {"id": "case-1", "messages": messages},
        {"id": "case-2", "interaction": "a", "at": "canary", "text": "canary", "messages": messages},
        {"interaction": "b", "messages": [messages[0], {**messages[1], "id": "0"}]},
        {"interaction": None, "id": "b", "text": "Waar blijft mijn geld?"},
        {"interaction": "c", "messages": [messages[0], {**messages[1], "at": "2026-01-01T10:00:00Z"}]},
    ]
    command = ROOT / "target" / "release" / "beleving"  # `cargo task python` builds it
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    said = subprocess.run([command, "judge", "--quiet", "--clear-ids", "-"], input=lines.encode(), check=True, capture_output=True)
    expected = [json.loads(line) for line in said.stdout.splitlines()]
    verdicts = scorer.judge(rows)
    assert len(verdicts) == len(rows)
    for ours, theirs in zip(verdicts, expected):
        for field in ("interaction", "messages", "failed"):
            assert ours[field] == theirs[field], ours["interaction"]
        assert ours["risk"] == pytest.approx(theirs["risk"], abs=1e-6) and ours["error"] is None


def test_one_column_may_name_the_interaction_and_within_it_its_messages(scorer):
    messages = [{"id": 1, "speaker": "customer", "text": "Waar blijft het?"}, {"id": 2, "speaker": "staff", "text": "Onderweg."}]
    (verdict,) = scorer.judge([{"id": "T7", "messages": messages}], interaction="id")
    assert (verdict["interaction"], verdict["messages"], verdict["error"]) == ("T7", 2, None)


def test_a_message_without_an_interaction_joins_none(scorer):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"interaction": ["2", "2", None], "speaker": ["customer", "staff", "customer"], "text": ["Een vraag", "Ja", "Waar blijft het?"]})
    assert [(v["interaction"], v["messages"]) for v in scorer.judge(frame)] == [("2", 2), ("2", 1)]


def test_values_of_pandas_and_numpy_are_read_in_dictionaries_and_missing_ones_are_missing(scorer):
    pandas = pytest.importorskip("pandas")
    numpy = pytest.importorskip("numpy")
    row = {"interaction": 7.0, "speaker": "customer", "text": "Hallo?", "role": float("nan"), "customer": pandas.NA}
    rows = [
        {**row, "seq": numpy.int64(1), "at": pandas.NaT, "id": uuid.UUID(int=1)},
        {**row, "seq": "2", "at": datetime.date(2026, 1, 2), "id": numpy.int64(5)},
        {**row, "seq": 3.0, "at": numpy.datetime64("2026-01-03T10:00:00"), "id": None},
    ]
    (verdict,) = scorer.judge(rows)
    assert (verdict["interaction"], verdict["messages"], verdict["failed"], verdict["error"]) == ("7", 3, 0, None)
    assert (verdict["start"], verdict["end"]) == ("2026-01-02T00:00:00Z", "2026-01-03T10:00:00Z")
    renamed = [{"ticket": 7, "body": row["text"], "speaker": "customer", "seq": n} for n in range(2)]
    (verdict,) = scorer.judge(renamed, interaction="ticket", text="body")
    assert (verdict["interaction"], verdict["messages"]) == ("7", 2)
    for wrong, error in [
        ({"seq": "canary"}, "seq of row 0 is str, expected a whole number"),
        ({"at": 5}, "at of row 0 is int, expected a time"),
        ({"messages": ["canary"]}, "message 0 of row 0 is str, expected a dict"),
        ({"messages": {"text": "canary"}}, "messages of row 0 is dict"),
    ]:
        with pytest.raises(TypeError, match=error):
            scorer.judge([{**row, **wrong}])
    for wrong in (None, "canary", {"interaction": "a", "messages": [row]}):
        with pytest.raises(TypeError, match=f"messages is one {type(wrong).__name__}, expected a list of dicts"):
            scorer.judge(wrong)
    with pytest.raises(BelevingError, match="no column `nope`"):
        scorer.judge([row], at="nope")
    with pytest.raises(BelevingError, match="`text` of row 1 has half of a surrogate pair") as raised:
        scorer.judge([row, {**row, "text": "canary \ud800"}])
    assert "canary" not in repr(raised.value) and raised.value.__context__ is None


def test_an_explained_verdict_names_the_sentence_that_weighs_most(scorer):
    text = "Goedemiddag. Dit is de derde keer dat ik het vraag en niemand helpt mij. Mijn nummer is 12."
    rows = [{"interaction": "a", "speaker": "customer", "text": text}]

    def named(**how):
        reasons = scorer.judge(rows, policy="flag_at = 0.1\nflag_interaction_at = 0.1", **how)[0]["reasons"]
        ((start, end),) = [reason["span"] for reason in reasons if reason["kind"] == "bad_experience"]
        return text[start:end]

    assert named() == text
    assert named(explain=True) == "Dit is de derde keer dat ik het vraag en niemand helpt mij."


def test_a_verdict_says_why_messages_failed(scorer):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(ROWS[:1] * 2).assign(id=["1", "2"])
    for column, values, why in [
        ("at", ["2026-01-01 10:00:00"] * 2, "2 of 2 messages failed, one because `at` is no time with an offset"),
        ("speaker", ["customer", " customer "], "1 of 2 messages failed, one because `speaker` is none of"),
        ("speaker", [None, None], "2 of 2 messages failed, one because `speaker` is missing"),
        ("id", ["T-1", "T-1"], "the id of another"),
        ("customer", ["k1", "k2"], "rows name several customers"),
    ]:
        given = frame.assign(**{column: values}, text=["Hallo?", "Waar blijft het?"])
        (verdict,) = scorer.judge(given)
        assert why in verdict["error"]["message"] and verdict["messages"] >= 1, column


def test_states_may_go_by_way_of_pandas_and_be_judged_by_any_policy(scorer):
    pytest.importorskip("pandas")
    states = scorer.states(ROWS)
    verdicts = scorer.judge_states(states).to_list()
    assert scorer.judge_states(states.to_pandas()).to_list() == verdicts
    assert scorer.judge_states(states.to_pandas().drop(columns=["error.kind", "error.message"])).to_list() == verdicts
    strict = scorer.judge_states(states, policy='name = "strict"\nflag_interaction_at = 0.001')
    assert all(strict["flagged"]) and strict["policy"][0].startswith("strict")
    assert strict.to_list() == scorer.judge(ROWS, ordered=False, policy='name = "strict"\nflag_interaction_at = 0.001').to_list()
    with pytest.raises(BelevingError, match="flag_at"):
        scorer.judge(ROWS, policy="flag_at = 2.0")
