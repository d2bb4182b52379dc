"""Which examples and texts are looked at where all are too many."""

import itertools
import types

import pytest

from tfmodels.evaluation import held_out
from tfmodels.launcher import final_scores


@pytest.mark.parametrize("text", ["plain", "aéé日本🙂🙂x"])
def test_no_character_is_cut_in_two(text):
    raw = text.encode()
    for nbytes in range(1, len(raw) + 3):
        found = held_out.cut(raw, nbytes)
        assert text.startswith(found.decode())
        assert nbytes - 4 < len(found) <= nbytes or found == raw
    assert len(held_out.cut(b"\x80" * 99, 20)) >= 16  # no UTF-8, but no reason to have nothing


def test_texts_are_read_up_to_some_bytes():
    def texts():
        yield from (b"four", b"", b"a text of 20 bytes..", b"six by")
        raise AssertionError("all have been read")
    assert list(held_out.first_texts(texts(), 12)) == [b"four", b"", b"a text of 20"]
    assert list(held_out.first_texts([b"ab", b"c"], 9)) == [b"ab", b"c"]
    endless = held_out.first_texts(itertools.repeat(b"abc"), 10)
    assert list(endless) == [b"abc"] * 4


def test_examples_are_as_many_as_their_bytes_allow():
    split = types.SimpleNamespace(size=100, nbytes=lambda: 1000, head=lambda count: count)
    assert [held_out.first(split, most, nbytes) for most, nbytes in (
        (7, 500), (70, 500), (700, 5000), (7, 1))] == [7, 50, 100 * 5, 1]


def test_what_a_baseline_was_fitted_on_stands_beside_its_score(capsys):
    metrics = {"metrics": {"test_accuracy": 0.5}, "errors": {}}
    metrics |= final_scores.baselines({
        "svm": lambda: {"accuracy": 0.25, "converged": False} | held_out.fitted_on(10, 2000),
        "all": lambda: {"accuracy": 0.75} | held_out.fitted_on(2000, 2000)}, metrics["errors"])
    assert metrics["fitted_on"] == {"svm": "10 of 2,000 training examples"}
    assert metrics["baselines"] == {"svm": {"test_accuracy": 0.25}, "all": {"test_accuracy": 0.75}}
    final_scores.show(metrics)
    said = "svm {}(not converged; fitted on 10 of 2,000 training examples)"
    assert capsys.readouterr().out == (
        f"test_accuracy 0.5  ({said.format('0.25 ')}, all 0.75)\n")
    assert f"| this run | {said.format('')} | all |" in final_scores.as_markdown(metrics)
