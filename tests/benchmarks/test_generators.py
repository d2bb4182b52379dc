"""The comparison of samples trains all three generators, scores them alike and prints them."""

import contextlib
import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from common import DIGITS

from benchmarks import generators, records
from benchmarks.peers import other_gans


@pytest.fixture(scope="module")
def compared(data_dir, tmp_path_factory):
    """The rows and the output of a small comparison."""
    folder = tmp_path_factory.mktemp("generators")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        rows = generators.main(["--seconds=1", "--count=50", "--steps=2", DIGITS,
                                f"--data_dir={data_dir}", f"--out={folder}"])
    return rows, out.getvalue(), records.read("generators", folder)


def test_every_generator_is_trained_and_scored_alike(compared):
    rows = compared[0]
    assert list(rows) == ["gan", "plain DCGAN", "keras.io conditional_gan, no labels",
                          "real images"]
    for row in rows.values():
        assert row["samples"] == 50
        assert row["extractor"] == rows["gan"]["extractor"]
        assert all(np.isfinite(row["metrics"][name]) for name in generators.COLUMNS.values())
        metrics = row["metrics"]
        assert metrics["rarest_class_share"] <= 0.1 <= metrics["commonest_class_share"] <= 1


def test_the_others_train_at_least_as_long_as_ours(compared):
    ours, *others, floor = compared[0].values()
    assert ours["steps"] == 2
    for row in others:
        assert row["seconds"] >= max(1, ours["seconds"])
        assert row["steps"] > 0
        assert row["cpu_seconds"] > 0
    assert floor["seconds"] == floor["steps"] == 0
    assert floor["metrics"]["frechet_distance"] < ours["metrics"]["frechet_distance"]


def test_the_output_has_a_line_for_each_and_the_ratios(compared):
    rows, out, kept = compared
    lines = out.splitlines()
    assert lines[1] == f"| samples of | steps | seconds | {' | '.join(generators.COLUMNS)} |"
    for name, row in rows.items():
        line = next(line for line in lines if line.startswith(f"| {name} |"))
        assert line in generators.markdown(kept)
        figures = [float(value) for value in line.strip("| ").split(" | ")[3:]]
        assert figures == pytest.approx(
            [row["metrics"][metric] for metric in generators.COLUMNS.values()], rel=6e-3)
    ratio = (rows["plain DCGAN"]["metrics"]["frechet_distance"]
             / rows["gan"]["metrics"]["frechet_distance"])
    assert f"Fréchet distance of plain DCGAN / gan: {ratio:.2f}" in lines
    assert kept["tiny_digits"]["figures"] == {"count": 50, "rows": rows}


@pytest.mark.parametrize("make", [other_gans.plain_dcgan, other_gans.conditional_gan])
def test_what_the_others_draw_has_the_range_they_learn_from(make):
    keras.utils.set_random_seed(0)
    recipe = make((28, 28, 1))
    white = np.full((64, 28, 28, 1), 255, np.uint8)
    seen = []
    recipe.model.train_step = lambda images: seen.append(images) or {"loss": tf.constant(0.0)}
    recipe.model.compile(keras.optimizers.Adam(), keras.optimizers.Adam(), None)
    recipe.model.run_eagerly = True
    other_gans.train(recipe, np.concatenate([white, 0 * white]), seconds=0)
    assert {float(value) for value in np.unique(seen[0])} == {recipe.low, 1.0}
    drawn = recipe.decode(tf.random.stateless_normal([4, recipe.model.latent_size], [0, 0]))
    assert drawn.shape == (4, 28, 28, 1)
    assert -1 <= float(tf.reduce_min(drawn)) <= float(tf.reduce_max(drawn)) <= 1


def test_the_networks_are_those_that_are_named():
    def channels(network, kind):
        return [layer.filters for layer in network.layers if type(layer) is kind]
    transposed, convolution = keras.layers.Conv2DTranspose, keras.layers.Conv2D
    plain = other_gans.plain_dcgan((28, 28, 1)).model
    assert channels(plain.generator, transposed) == [32, 1]
    assert channels(plain.discriminator, convolution) == [32, 64]
    conditional = other_gans.conditional_gan((28, 28, 1)).model
    assert channels(conditional.generator, transposed) == [128, 128]
    assert channels(conditional.generator, convolution) == [1]
    assert channels(conditional.discriminator, convolution) == [64, 128]


def test_a_discriminator_is_asked_for_its_smoothed_targets():
    asked = []
    model = other_gans.plain_dcgan((8, 8, 1)).model
    model.loss_fn = lambda targets, logits: (asked.append(targets.numpy().ravel().tolist())
                                             or tf.reduce_mean(logits))
    model.train_step(tf.zeros((2, 8, 8, 1)))
    np.testing.assert_allclose(asked[0], [1, 1, 0.1, 0.1])  # generated, then real images
    assert asked[1] == [0, 0]  # the generator is not smoothed
