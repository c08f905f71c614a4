"""Threads, forks and copies of the process."""

import copy
import multiprocessing
import os
import pickle
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import TEXTS, TINY

from beleving import Scorer


def risks(texts):
    return Scorer(TINY, threads=2).score(texts)["risk"]


def ends_well(child):
    """Waits for a child; one that hangs is killed."""
    until = time.monotonic() + 60
    while (done := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < until:
        time.sleep(0.01)
    if done == (0, 0):
        os.kill(child, 9)
        os.waitpid(child, 0)
    return done == (child, 0)


@pytest.fixture
def interruptible():
    """Ctrl-C as in a terminal: what is started in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_score_like_their_parent(method):
    expected = risks(TEXTS)  # the parent has threads running by now
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        for theirs in pool.map_async(risks, [TEXTS] * 4).get(timeout=120):
            assert theirs == expected


def test_a_fork_from_a_thread_that_is_not_scoring_does_not_hang():
    scorer = Scorer(TINY)
    stop = threading.Event()
    busy = threading.Thread(target=lambda: [scorer.score(TEXTS * 50) for _ in iter(stop.is_set, True)])
    busy.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                os._exit(0 if scorer.score(TEXTS)["assessable"][0] else 1)
            assert ends_well(child)
    finally:
        stop.set()
        busy.join()


def test_a_stream_that_was_made_before_a_fork_is_read_after_it():
    pyarrow = pytest.importorskip("pyarrow")
    scorer = Scorer(TINY)
    stream = scorer.score_batches(pyarrow.table({"text": TEXTS}))
    next(iter(scorer.score_batches(pyarrow.table({"text": TEXTS}))))  # the parent has threads running by now
    child = os.fork()
    if child == 0:
        os._exit(0 if sum(len(scores) for scores in stream) == len(TEXTS) else 1)
    assert ends_well(child)


def test_ctrl_c_is_seen_within_a_call_and_in_a_reader(interruptible):
    pyarrow = pytest.importorskip("pyarrow")
    scorer = Scorer(threads=1)
    table = pyarrow.table({"text": [f"Waar blijft mijn pakket? Dit is de derde keer dat ik het vraag. {n}" for n in range(20_000)]})
    for work in (lambda: scorer.score(table), lambda: list(scorer.score_batches(table))):
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        start = time.monotonic()
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            work()
        timer.join()
        assert time.monotonic() - start < 15, "s; all of it takes longer"

    def batches():
        yield table.to_batches()[0][:1]
        raise KeyboardInterrupt

    reader = pyarrow.RecordBatchReader.from_batches(table.schema, batches())
    with pytest.raises(KeyboardInterrupt):
        scorer.score(reader)


def memory():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_the_model_is_loaded_once_and_other_threads_run_meanwhile():
    first = Scorer()
    first.score(TEXTS)
    before = memory()
    others = [Scorer(threads=1 + n % 2) for n in range(5)]
    assert memory() - before < 30_000, "kB; a copy of the weights has over 90 MB"
    with ThreadPoolExecutor(4) as threads:
        for scores in threads.map(lambda scorer: scorer.score(TEXTS)["risk"], others):
            assert scores == first.score(TEXTS)["risk"]


def test_of_many_policies_only_the_last_few_stay_in_memory():
    before = memory()
    for n in range(20):
        Scorer(policy=f"flag_at = 0.{n + 10}").score(TEXTS)
    assert memory() - before < 500_000, "kB; twenty models have some 1,000 MB"


def test_the_interpreter_is_free_while_the_model_runs():
    scorer = Scorer(threads=1)
    ticks = []
    done = threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    ticker = threading.Thread(target=tick)
    ticker.start()
    start = time.monotonic()
    scorer.score([f"{text} {n}" for n in range(20) for text in TEXTS])  # none is known from before
    took = time.monotonic() - start
    done.set()
    ticker.join()
    inside = [t for t in ticks if start < t < start + took]
    assert len(inside) > 3, "another thread ran while one call was scoring"


def test_a_scorer_can_be_pickled_and_copied():
    scorer = Scorer(TINY, threads=1, precision="f32", max_windows=2, policy='name = "ours"\nflag_at = 0.7')
    for other in (pickle.loads(pickle.dumps(scorer)), copy.deepcopy(scorer)):
        assert repr(other) == repr(scorer) and other.policy_ == scorer.policy_
        assert other.score(TEXTS)[0] == scorer.score(TEXTS)[0]
