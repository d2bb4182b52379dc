"""Baselines against independent references, and what they cost."""

import re
import tracemalloc

import numpy as np
import pytest
import scipy.stats
import sklearn.linear_model
import sklearn.metrics

from tfmodels.evaluation import baselines
from tfmodels.launcher import final_scores


def test_logistic_regression_gives_no_probability_to_what_it_has_not_seen():
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (40, 2, 2, 1)).astype(np.uint8)
    known = np.where(images[:, 0, 0, 0] > 127, 3, 1)
    labels = known.copy()
    labels[:10] = [0, 2, 4, 4, 4, 4, 4, 4, 4, 4]  # below, between and above the known ones
    train = images, known
    found = baselines.logistic_regression(train, (images[:9], labels[:9]), (images, labels))
    rest = baselines.logistic_regression(train, (images[:9], labels[:9]), (images[10:], known[10:]))
    assert rest["accuracy"] > 0
    assert found["accuracy"] == pytest.approx(rest["accuracy"] * 30 / 40)
    assert found["loss"] == pytest.approx(rest["loss"] * 30 / 40 - np.log(1e-12) * 10 / 40)


def test_a_fit_that_has_not_converged_says_so_in_a_word(monkeypatch, recwarn, capsys):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 4, 4, 1)).astype(np.uint8)
    some = images, random.integers(0, 3, 60)
    assert baselines.logistic_regression(some, some, some)["converged"]
    monkeypatch.setattr(baselines, "_STEPS", 2)
    metrics = {"metrics": {"test_accuracy": 0.5}, "errors": {}}
    metrics |= final_scores.baselines({
        "logistic_regression": lambda: baselines.logistic_regression(some, some, some),
        "majority_class": lambda: baselines.majority_class(some[1], some[1])}, metrics["errors"])
    assert metrics["not_converged"] == ["logistic_regression"]
    assert "converged" not in metrics["baselines"]["logistic_regression"]
    capsys.readouterr()
    final_scores.show(metrics)
    assert re.fullmatch(r"test_accuracy 0\.5  \(logistic_regression 0\.\d+ \(not converged\), "
                        r"majority_class 0\.\d+\)\n", capsys.readouterr().out)
    assert "logistic_regression (not converged) | majority_class |" in final_scores.as_markdown(
        metrics)
    assert not recwarn.list


def test_what_a_regression_costs_is_bounded_whatever_the_classes(monkeypatch):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (2500, 40, 40, 3)).astype(np.uint8)
    some = images, np.arange(2500) % 1250
    fitted = []

    def keep(model, inputs, labels):
        fitted.append((model.max_iter, inputs.shape[0] * inputs.shape[1]))
        return model.fit(inputs[:9, :2], labels[:9]), True
    monkeypatch.setattr(baselines, "_fitted", keep)
    monkeypatch.setattr(sklearn.linear_model.LogisticRegression, "predict_proba",
                        lambda self, inputs: np.full((len(inputs), 9), 1 / 9))
    baselines.logistic_regression(some, some, some)
    for steps, numbers in fitted:
        assert 30 <= steps <= 300
        assert numbers * 1250 <= 1 << 31
        assert numbers * 1250 * steps <= 150 * 10**9


def test_of_very_long_texts_the_beginning_is_counted(monkeypatch):
    monkeypatch.setattr(baselines, "_TEXT", 20)
    monkeypatch.setattr(baselines, "_TEXTS", 100)
    texts = [b"good day and so on " + b"bad " * 9, b"bad night and so on " + b"good " * 9] * 8
    labels = np.array([1, 0] * 8)
    assert baselines.tfidf_svm((texts, labels), (texts, labels), (texts, labels))["accuracy"] == 1
    labels[4:] = 0  # beyond what is counted
    found = baselines.tfidf_svm((texts, labels), (texts[:4], labels[:4]), (texts[:4], labels[:4]))
    assert found["accuracy"] == 1


def test_pixels_that_never_change_leave_the_gaussian_finite():
    black = np.zeros((4, 2, 2, 1), np.uint8)
    assert np.isfinite(baselines.independent_pixels(black, black, "gaussian")["elbo"])


def test_majority_class_counts_the_training_labels():
    assert baselines.majority_class(np.array([0, 1, 1]), np.array([1, 0, 0, 0])) == {
        "accuracy": 0.25}


def test_pca_agrees_with_the_singular_value_decomposition():
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 3, 3, 1)).astype(np.uint8)
    flat = images.reshape(60, 9) / 255.0
    mean = flat.mean(0)
    axes = np.linalg.svd(flat - mean)[2][:4]
    expected = np.mean((flat - mean - (flat - mean) @ axes.T @ axes) ** 2)
    assert baselines.pca(images, images, 4)["mse"] == pytest.approx(expected, rel=1e-3)
    assert baselines.pca(images[:3], images[:3], 32)["mse"] == pytest.approx(0, abs=1e-6)


def test_svm_learns_words(capsys):
    train = [b"good day", b"bad night", b"good morning", b"bad evening"], np.array([1, 0, 1, 0])
    found = baselines.tfidf_svm(train, train, ([b"good evening good"], np.array([1])))
    assert found == {"accuracy": 1, "converged": True, "settings": {
        "features": "words 1-2", "C": 0.3, "validation_accuracy": 1}}  # of equals the first
    assert "tfidf_linear_svm: features words 1-2, C 0.3 of 8 settings" in capsys.readouterr().out


def test_svm_reads_parts_of_words_where_validation_says_that_it_helps(monkeypatch):
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 150)
    # Every word is new but for its end, as of a language that bends words.
    texts = [" ".join("".join(random.choice(list("bcdfghklm"), 5)) + ("ing" if label else "ation")
                      for _ in range(3)).encode() for label in labels]
    train, validation, test = ((texts[first::3], labels[first::3]) for first in range(3))
    found = baselines.tfidf_svm(train, validation, test)
    assert found["accuracy"] > 0.9
    assert found["settings"]["features"] == "words 1-3 and characters 3-6"
    # Of the test texts it sees nothing: other labels of them leave the choice the same.
    other = baselines.tfidf_svm(train, validation, (test[0], 1 - test[1]))
    assert other["settings"] == found["settings"]
    assert other["accuracy"] == pytest.approx(1 - found["accuracy"])
    monkeypatch.setattr(baselines, "_CHARACTERS_OF", 100)  # a long text is not cut into characters
    assert baselines.tfidf_svm(train, validation, test)["settings"]["features"] == "words 1-2"


def test_logistic_regression_is_regularized_as_validation_likes_it(monkeypatch):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (900, 4, 4, 1)).astype(np.uint8)
    labels = (images.reshape(900, -1)[:, :5].mean(1) > 128).astype(int)
    train, validation, test = ((images[first::3], labels[first::3]) for first in range(3))
    accuracy = {}
    for C in (0.01, 0.1, 1.0):
        model = sklearn.linear_model.LogisticRegression(C=C, tol=5e-4, max_iter=300)
        model.fit(train[0].reshape(300, -1) / 255, train[1])
        accuracy[C] = [model.score(images.reshape(300, -1) / 255, labels)
                       for images, labels in (validation, test)]
    best = max(accuracy, key=lambda C: accuracy[C][0])
    assert accuracy[best][0] > accuracy[0.1][0]  # another one than the fixed one of before
    found = baselines.logistic_regression(train, validation, test)
    assert found["settings"] == {"C": best, "validation_accuracy": accuracy[best][0]}
    assert found["accuracy"] == pytest.approx(accuracy[best][1])
    # Many are too many to try settings with, but the final fit has them all.
    monkeypatch.setattr(baselines, "_CHOSEN_ON", 150)
    assert baselines.logistic_regression(train, validation, test)["accuracy"] == pytest.approx(
        accuracy[best][1])


def test_pca_and_independent_pixels_hold_no_float_copy_of_all_images(monkeypatch):
    monkeypatch.setattr(baselines, "_BLOCK", 1 << 15)
    monkeypatch.setattr(baselines, "_HELD", 1 << 15)
    images = np.random.default_rng(0).integers(0, 256, (200, 32, 32, 3)).astype(np.uint8)
    for score in (lambda: baselines.pca(images, images[:9], 2),
                  lambda: baselines.independent_pixels(images, images[:9], "gaussian")):
        tracemalloc.start()
        score()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * images.size * 2 / 3


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_independent_pixels_agree_with_scipy(likelihood):
    random = np.random.default_rng(1)
    train, images = (random.integers(0, 256, (n, 3, 3, 2)).astype(np.uint8) for n in (40, 9))
    x, known = images.reshape(9, 18) / 255, train.reshape(40, 18) / 255
    mean = known.mean(0)
    expected = (x * np.log(mean) + (1 - x) * np.log(1 - mean) if likelihood == "bernoulli" else
                scipy.stats.norm.logpdf(x, mean, np.sqrt(np.mean((known - mean) ** 2))))
    assert baselines.independent_pixels(train, images, likelihood)["elbo"] == pytest.approx(
        expected.sum(1).mean(), rel=1e-5)


def test_what_an_svm_costs_is_bounded_whatever_the_classes(monkeypatch):
    random = np.random.default_rng(0)
    labels = random.integers(0, 30, 1200)
    texts = [f"topic{label} {random.integers(900)} {random.integers(900)}".encode()
             for label in labels]
    train, validation, test = ((texts[first::3], labels[first::3]) for first in range(3))
    monkeypatch.setattr(baselines, "_COEFFICIENTS", 30 * 200)
    monkeypatch.setattr(baselines, "_CHOSEN_WITH", 30 * 500)
    monkeypatch.setattr(baselines, "_SEPARATED", 30 * 900)
    monkeypatch.setattr(baselines, "_MANY", 20)
    monkeypatch.setattr(baselines, "_PROBABILITIES", 30 * 7)
    fitted, separated = [], baselines._separated

    def keep(C, rows, labels):
        fitted.append(rows)
        return separated(C, rows, labels)
    monkeypatch.setattr(baselines, "_separated", keep)
    found = baselines.tfidf_svm(train, validation, test, of=5000)
    assert len(fitted) == 4 + 1
    assert all(rows.shape[1] <= 200 for rows in fitted)
    # Every so manyth text is taken, and texts differ a little.
    assert max(rows.nnz for rows in fitted[:4]) <= 550 < fitted[4].nnz <= 990
    assert found["fitted_on"] == f"{fitted[4].shape[0]} of 5,000 training examples"
    assert found["settings"]["features"] == "words 1-2"
    assert found["accuracy"] > 0.9


def test_what_is_fitted_on_all_says_nothing_of_it():
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (30, 2, 2, 1)).astype(np.uint8)
    some = images, np.arange(30) % 3
    texts = [b"aa bb"] * 20 + [b"cc dd"] * 10, some[1]
    fits = (lambda of: baselines.logistic_regression(some, some, some, of),
            lambda of: baselines.tfidf_svm(texts, texts, texts, of),
            lambda of: baselines.pca(images, images, 2, of),
            lambda of: baselines.independent_pixels(images, images, "gaussian", of))
    for fit in fits:
        assert "fitted_on" not in fit(30)
        assert fit(31)["fitted_on"] == "30 of 31 training examples"
