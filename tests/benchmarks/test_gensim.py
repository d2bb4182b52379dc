"""The comparison with gensim trains both sides on the same words and scores them alike."""

import contextlib
import io
import sys

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from benchmarks import records
from benchmarks.word2vec import comparisons, judgements, word2vec_table


@pytest.fixture(scope="module")
def compared(data_dir, tmp_path_factory):
    """The rows and the output of a small comparison."""
    folder = tmp_path_factory.mktemp("word2vec")
    with (pytest.MonkeyPatch.context() as patch,
          contextlib.redirect_stdout(io.StringIO()) as out):
        page = comparisons.pages.config_class("word2vec")
        patch.setattr(comparisons.pages, "config_class",
                      lambda _: lambda **chosen: page(batch_size=32, **chosen))
        rows = comparisons.main(["--seeds=1", "--steps=20", "--dataset=tiny_verses",
                              f"--data_dir={data_dir}", f"--out={folder}"])
    return rows, out.getvalue(), records.read("word2vec", folder)


def test_both_sides_read_as_many_words(compared):
    ours, gensim = compared[0]
    assert (ours["side"], gensim["side"]) == comparisons.SIDES
    assert ours["epochs"] == gensim["epochs"] >= 2
    assert ours["words"] == pytest.approx(gensim["words"], rel=0.4)  # 5 steps warm up
    for row in compared[0]:
        assert row["cpu"] > 0
        assert row["wall"] > 0
        assert 0.3 < row["accuracy"] <= 1
        assert np.isfinite(row["loss"])


def test_the_output_has_a_line_for_each_and_a_summary(compared):
    rows, out, kept = compared
    lines = out.splitlines()
    for row in rows:
        line = next(line for line in lines if line.startswith(row["side"]))
        assert float(line.split()[4]) == pytest.approx(row["loss"], abs=6e-4)
    summary = kept["tiny_verses"]["figures"]["summary"]
    for line in word2vec_table.table(summary):
        assert line in lines
    assert f"| test loss | {rows[0]['loss']:.3f} ± 0.000 | {rows[1]['loss']:.3f} ± 0.000 |" in out
    agreement = summary["agreement on simlex999.txt"]
    assert agreement["pairs"] == rows[0]["simlex999.txt"]["covered"]
    assert agreement["difference"] == pytest.approx(
        agreement["ours"][0] - agreement["gensim"][0])
    speeds = [row["words"] / row["cpu"] for row in rows]
    assert summary["words per second, cpu time"]["ratio"] == pytest.approx(speeds[0] / speeds[1])


def test_agreement_is_spearmans_correlation_over_the_known_pairs():
    vectors = dict(zip("abcd", np.random.default_rng(0).normal(size=(4, 3)), strict=True))

    def embed(words):
        names = [word.decode() for word in words.numpy()]
        return {"vectors": tf.constant([vectors.get(name, np.zeros(3)) for name in names]),
                "known": tf.constant([name in vectors for name in names])}

    judged = [("a", "b", 1.0), ("a", "x", 9.0), ("b", "c", 3.0), ("c", "d", 2.0), ("d", "a", 5.0)]
    cosines = [vectors[a] @ vectors[b] / np.linalg.norm(vectors[a]) / np.linalg.norm(vectors[b])
               for a, b, _ in judged if b in vectors]
    found = judgements.agreement(embed, judged)
    assert found["covered"] == 4
    assert found["judged"] == [1, 3, 2, 5]
    assert found["cosines"] == pytest.approx(cosines)
    assert found["agreement"] == pytest.approx(
        scipy.stats.spearmanr(cosines, [1, 3, 2, 5]).statistic)
    assert judgements.agreement(embed, judged[:2])["agreement"] == 0.0


def test_the_difference_is_that_of_the_means_within_its_interval():
    judged = np.arange(60.0)
    noise = np.random.default_rng(0).normal(size=(4, 60))

    ours, theirs = judged + 10 * noise[:2], judged + 40 * noise[2:]
    found, low, high = judgements.difference(judged, ours, theirs)
    correlations = [scipy.stats.spearmanr(each, judged).statistic for each in (*ours, *theirs)]
    assert found == pytest.approx(np.mean(correlations[:2]) - np.mean(correlations[2:]))
    assert 0 < low < found < high < 1


def test_gensim_learns_through_the_same_signatures():
    page = comparisons.pages.config_class("word2vec")
    texts = [["sun", "moon"] * 5, ["cat", "dog"] * 5] * 200
    signatures, cost = comparisons.train_gensim(texts, 20, page(width=10, subsample=0.0))
    scores = signatures["score"](tf.constant(["sun", "sun"]), tf.constant(["moon", "dog"]))
    assert scores["scores"][0] > scores["scores"][1] + 1
    assert signatures["embed"](tf.constant(["cat", "fish"]))["known"].numpy().tolist() == [
        True, False]
    assert cost.examples == 400 * 20


@pytest.mark.parametrize(("file", "count", "first"), [
    ("wordsim353.tsv", 353, ("love", "sex", 6.77)), ("simlex999.txt", 999, ("old", "new", 1.58))])
def test_judgements_are_read_whole(file, count, first):
    found = judgements.judgements(file)
    assert len(found) == count
    assert found[0] == first


def test_without_gensim_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim", None)
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(SystemExit, match=r"pip install '\.\[gensim\]'"):
        comparisons.main([])
