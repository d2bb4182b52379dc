"""The task of image generators, on few and on large images."""

import types

import numpy as np
import tensorflow as tf

from tfmodels.data import parts
from tfmodels.evaluation import baselines
from tfmodels.launcher import final_scores
from tfmodels.tasks import image_generation, image_likelihood


class _Part:
    """A split of some digits."""

    resident = True

    def __init__(self, images):
        self._images, self.size = images, len(images)

    def arrays(self):
        return {"image": self._images}

    def head(self, count):
        return {"image": self._images[:count]}

    def nbytes(self):
        return self._images.nbytes


def _judged(images, *_):
    """Returns a scorecard without scores."""
    return {"metrics": {}, "notes": [], "samples": len(images)}


def test_generator_of_nine_images_is_scored(digits, capsys):
    images = digits.train[:9]
    data = types.SimpleNamespace(class_names=digits.names, image_shape=(28, 28, 1), splits={
        "train": _Part(images[:5]), "validation": _Part(images[5:6]), "test": _Part(images[6:])})
    drawn = []

    def sample(count, seed):
        drawn.append(int(count))
        return {"images": tf.constant(np.resize(images, (int(count), 28, 28, 1)))}
    signatures = {"sample": sample}
    task = image_generation.image_generation(None, None, data)
    found = task.evaluate(signatures, data.splits["validation"])
    assert set(found) == {"confident_share", "rarest_class_share", "classes_present"}
    assert drawn == [100]  # of one sample, it would be alarmed at nine missing classes
    card = task.final(signatures, data.splits["test"])
    assert card["samples"] == 7
    assert set(card["errors"]) >= {"precision", "density", "coverage"}
    errors = {}
    beside = final_scores.baselines(task.baselines(data.splits["test"]), errors)["baselines"]
    assert set(beside) == {"real_images", "pixel_gaussian"}
    assert "baseline pixel_gaussian precision" in errors
    assert all("expected at least" in why for why in errors.values())
    assert "warning" not in capsys.readouterr().out
    for metrics in (card["metrics"], *beside.values()):
        assert np.isfinite(list(metrics.values())).all()


def test_of_costly_samples_as_many_are_drawn_as_stand_beside_them(digits, monkeypatch):
    data = types.SimpleNamespace(class_names=digits.names, image_shape=(28, 28, 1), splits={
        "train": _Part(digits.train[:400]), "test": _Part(digits.train[400:460])})
    drawn, beside = [], []

    def sample(count, seed):
        drawn.append(int(count))
        return {"images": tf.constant(digits.train[:int(count)])}
    monkeypatch.setattr(image_generation.stand_ins, "baselines",
                        lambda count, *_: beside.append(count) or {})
    monkeypatch.setattr(image_generation.stand_ins, "judged", _judged)
    for small, expected in ((28 * 28, 150), (100, 100)):
        monkeypatch.setattr(image_generation.effort, "_SMALL", small)
        task = image_generation.image_generation(None, None, data, passes=10**9)
        card = task.final({"sample": sample}, data.splits["test"])
        assert (sum(drawn), beside, card["samples"]) == (expected, [expected], expected)
        told = [note for note in card["notes"] if "100 of 150 samples were drawn" in note]
        assert len(told) == (expected == 100)
        drawn.clear(), beside.clear()


def test_a_costly_bound_and_its_baseline_are_of_the_same_images(digits, monkeypatch):
    splits = {"train": _Part(digits.train[:400]), "validation": _Part(digits.train[400:520])}
    data = types.SimpleNamespace(class_names=digits.names, image_shape=(28, 28, 1), splits=splits)
    bounded, split = [], splits["validation"]

    def bounds(inputs, seed):
        bounded.extend(inputs.numpy())
        return {name: np.ones(len(inputs)) for name in ("log_likelihood", "kl", "importance_bound")}
    signatures = {"bounds": bounds, "sample": lambda count, seed: {
        "images": tf.constant(digits.train[:int(count)])}}
    monkeypatch.setattr(image_generation.stand_ins, "baselines", lambda *_: {})
    monkeypatch.setattr(image_generation.stand_ins, "judged", _judged)
    model = types.SimpleNamespace(likelihood="bernoulli")
    for effort, expected in ((1 << 29, 120), (1, 100)):
        monkeypatch.setattr(image_generation.effort, "_SMALL", 0)
        monkeypatch.setattr(image_generation.effort, "BOUNDED", effort)
        bounded.clear()
        task = image_likelihood.image_likelihood(model, data, 2)
        found = task.final(signatures, split)
        np.testing.assert_array_equal(bounded, digits.train[400:400 + expected])
        assert found["metrics"]["elbo"] == 0
        assert any("100 of 120 test images" in note for note in found["notes"]) == (expected == 100)
        assert task.baselines(split)["independent_pixels"]() == baselines.independent_pixels(
            digits.train[:400], digits.train[400:400 + expected], "bernoulli")


def test_samples_by_class_of_large_images_are_drawn_some_at_a_time(monkeypatch):
    monkeypatch.setattr(image_generation, "_BATCH", 5)
    drawn, shown = [], []

    def sample(count, seed, labels):
        drawn.append(int(count))
        return {"images": tf.gather(tf.cast(labels, tf.uint8), tf.range(count) % 3)
                [:, None, None, None]}

    class Events:
        def image(self, run, name, picture, step):
            shown.append(picture)
    data = types.SimpleNamespace(class_names=("a", "b", "c"), image_shape=(1, 1, 1),
                                 splits={"train": _Part(np.zeros((9, 1, 1, 1), np.uint8))})
    task = image_generation.image_generation(None, sample, data, conditional=True)
    task.show["samples_by_class"](Events(), 0)
    assert drawn == [5, 5, 5, 5, 4]
    np.testing.assert_array_equal(shown[0][::2, ::2, 0], [[0, 1, 2]] * 8)


def test_only_a_bounded_part_of_large_images_is_held(digits, monkeypatch):
    part = _Part(digits.train[:50])
    assert baselines.first_images(part).shape == (50, 28, 28, 1)
    monkeypatch.setattr(baselines, "_MOST_BYTES", 7 * 784 + 1)
    np.testing.assert_array_equal(baselines.first_images(part), digits.train[:7])
    assert [parts.part_size(500, shape) for shape in ((28, 28, 1), (96, 96, 3), (256, 256, 3),
                                                      (9000, 9000, 1))] == [500, 455, 64, 1]
    np.testing.assert_array_equal(parts.in_parts(lambda rows: 2 * rows, np.arange(7), 3),
                                  2 * np.arange(7))
