import random

import pytest
from conftest import MESSAGES

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
