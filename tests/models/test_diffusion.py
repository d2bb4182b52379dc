"""Diffusion: schedule, sampler, guidance and training step against closed forms."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.launcher import pages
from tfmodels.layers.averaging import averaged_copy, update_average
from tfmodels.layers.noise import next_seeds
from tfmodels.models import diffusion
from tfmodels.models.unet import ConditionalNormalization, PixelShuffle, TimeEmbedding, unet

SHAPES = [(8, 8, 1), (28, 28, 1), (32, 32, 3)]


def _normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def _model(classes=3, **settings):
    keras.utils.set_random_seed(0)
    model = diffusion.Diffusion(unet((8, 8, 1), classes, width=4), classes, **settings)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), jit_compile=False)
    return model


def _tell_apart(model):
    """Gives the zero weights of a fresh network numbers, so that it answers something."""
    weights = [w + _normal(*w.shape, seed=i) * 0.1 for i, w in enumerate(model.get_weights())]
    model.set_weights(weights)


def test_schedule_falls_from_signal_to_noise_as_equation_17_says():
    times = np.linspace(0, 1, 101, dtype=np.float32)
    share = diffusion.alpha_bar(times).numpy()
    assert share[0] == 1
    assert 0 <= share[-1] < 1e-9
    assert (np.diff(share) < 0).all()
    f = [np.cos((t + 0.008) / 1.008 * np.pi / 2) ** 2 for t in (0.5, 0.0)]
    assert share[50] == pytest.approx(f[0] / f[1], rel=1e-5)
    assert 0.48 < share[50] < 0.5
    alpha, sigma = diffusion.alpha_sigma(times)
    np.testing.assert_allclose(alpha ** 2 + sigma ** 2, 1, atol=1e-6)


def test_ddim_with_the_perfect_denoiser_of_a_gaussian_draws_that_gaussian():
    mean, deviation = 0.1, 0.15

    def perfect(noisy, time):
        # v = (alpha z - E[x | z]) / sigma, for x ~ N(mean, deviation²) and z = alpha x + sigma ε.
        alpha, sigma = diffusion.alpha_sigma(time)
        gain = alpha * deviation ** 2 / (alpha ** 2 * deviation ** 2 + sigma ** 2)
        return (alpha * noisy - (mean + gain * (noisy - alpha * mean))) / sigma

    start = _normal(4000, 1, 1, 1)
    drawn = diffusion.ddim(perfect, start, np.linspace(1, 0, 401)).numpy()
    assert drawn.mean() == pytest.approx(mean, abs=0.01)
    assert drawn.std() == pytest.approx(deviation, rel=0.02)
    # The path is deterministic and keeps the order: each start has its own end.
    np.testing.assert_allclose(drawn, mean + deviation * start, atol=0.02)


def test_ddim_in_one_step_is_the_clipped_guess():
    start = _normal(5, 2, 2, 1)
    drawn = diffusion.ddim(lambda noisy, _: -2 * noisy, start, [1.0, 0.0])  # x = -v at time 1
    np.testing.assert_allclose(drawn, np.clip(2 * start, -1, 1), atol=1e-5)


def test_ddim_in_parts_is_ddim():
    start, times = _normal(5, 2, 2, 1), np.linspace(1, 0, 9)
    whole = diffusion.ddim(lambda z, t: tf.sin(z + t), start, times)
    half = diffusion.ddim(lambda z, t: tf.sin(z + t), start, times[:5])
    np.testing.assert_array_equal(
        diffusion.ddim(lambda z, t: tf.sin(z + t), half, times[4:]), whole)


def test_guidance_is_that_of_ho_and_salimans():
    table = np.array([1.0, 2.0, 7.0], np.float32)  # the last one for "any"

    def predict(images, times, labels):
        return images * times[:, None, None, None] + tf.gather(table, labels)[:, None, None, None]

    images, times = _normal(4, 2, 2, 1), np.float32([0, 0.2, 0.7, 1])
    labels = np.int32([0, 1, 1, 0])
    plain = predict(images, times, labels)
    np.testing.assert_array_equal(
        diffusion.guided(predict, 0.0, 2)(images, times, labels), plain)
    found = diffusion.guided(predict, 1.5, 2)(images, times, labels)
    any_class = images * times[:, None, None, None] + 7.0
    np.testing.assert_allclose(found, 2.5 * plain - 1.5 * any_class, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("classes", [0, 10])
def test_unet_answers_in_the_shape_of_the_images(shape, classes):
    network = unet(shape, classes, width=4)
    inputs = [_normal(3, *shape), np.float32([0, 0.5, 1])] + [np.int32([0, 9, 10])] * bool(classes)
    assert np.abs(network(inputs)).max() == 0  # as it starts
    _tell_apart(network)
    answer = network(inputs).numpy()
    assert answer.shape == (3, *shape)
    assert answer.dtype == np.float32
    for position in range(1, len(inputs)):  # it looks at the time, and at the label
        others = [*inputs[:position], np.roll(inputs[position], 1), *inputs[position + 1:]]
        assert np.abs(network(others) - answer).max() > 1e-3


def test_unet_is_saved_and_loaded_as_any_keras_model(tmp_path):
    network = unet((8, 8, 1), 3, width=4)
    _tell_apart(network)
    network.save(tmp_path / "a.keras")
    inputs = [_normal(2, 8, 8, 1), np.float32([0.1, 0.9]), np.int32([0, 3])]
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "a.keras")(inputs),
                                  network(inputs))


def test_conditional_normalization_is_group_normalization_then_silu():
    x, vector = _normal(2, 4, 4, 16) * 3 + 1, _normal(2, 5, seed=1)
    layer = ConditionalNormalization()
    layer([x, vector])
    kernel, bias = _normal(5, 32, seed=2), _normal(32, seed=3)
    layer.set_weights([kernel, bias])
    scale, shift = np.split((vector @ kernel + bias)[:, None, None, :], 2, -1)
    y = keras.layers.GroupNormalization(8, epsilon=1e-5)(x) * (1 + scale) + shift
    np.testing.assert_allclose(layer([x, vector]), y / (1 + np.exp(-y)), atol=1e-4)


def test_pixel_shuffle_is_that_of_tensorflow_and_its_own_reverse():
    x = _normal(2, 4, 6, 3)
    folded = PixelShuffle(up=False)(x)
    np.testing.assert_array_equal(folded, tf.nn.space_to_depth(x, 2))
    np.testing.assert_array_equal(PixelShuffle(up=True)(folded), x)


def test_time_embedding_is_sines_and_cosines():
    found = TimeEmbedding(6)(np.float32([0.0, 0.3])).numpy()
    angles = 300 / 10_000 ** (np.arange(3) / 3)
    np.testing.assert_allclose(found[0], [0, 0, 0, 1, 1, 1], atol=1e-6)
    np.testing.assert_allclose(found[1], [*np.sin(angles), *np.cos(angles)], atol=1e-3)


def _white(count):
    return tf.fill((count, 8, 8, 1), tf.constant(255, tf.uint8))  # 1 as the network sees it


def test_a_fresh_network_has_the_loss_of_answering_nothing():
    # v = alpha ε - sigma x: with images of 1 everywhere its square is alpha² + sigma² on average.
    model = _model()
    model.seed_generator.state.assign([5, 0])
    loss = float(model.train_step((_white(256), tf.zeros(256, tf.int64)))["loss"])
    assert loss == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("classes", [0, 3])
def test_a_step_learns_and_averages(classes):
    model = _model(classes, ema=0.5)
    images, labels = _white(16), tf.zeros(16, tf.int64)
    data = (images, labels) if classes else images
    before = [w.numpy() for w in model.averaged_network.variables]
    model.train_step(data)
    decay = 2 / 11  # min(0.5, (1 + 1) / (10 + 1)) after one update
    for old, new, average in zip(before, model.network.variables, model.averaged_network.variables,
                                 strict=True):
        np.testing.assert_allclose(average, decay * old + (1 - decay) * new.numpy(), atol=1e-6)
    step = tf.function(model.train_step, autograph=False)
    for _ in range(60):
        model.reset_metrics()
        loss = float(step(data)["loss"])
    assert loss < 0.8


def test_noise_and_times_follow_the_seed_generator():
    results = []
    for seed in (1, 1, 2):
        model = _model()
        model.seed_generator.state.assign([seed, 0])
        data = (_white(4), tf.zeros(4, tf.int64))
        results.append(float(model.train_step(data)["loss"]))
    assert results[0] == results[1] != results[2]


def test_labels_are_hidden_in_the_share_asked_for():
    model = _model(label_dropout=0.2)
    labels = tf.constant([0, 1, 2] * 2000)
    hidden = model.hide_labels(labels, [1, 2]).numpy()
    assert (hidden == 3).mean() == pytest.approx(0.2, abs=0.02)
    assert (hidden[hidden != 3] == labels.numpy()[hidden != 3]).all()
    model.label_dropout = 0.0
    np.testing.assert_array_equal(model.hide_labels(labels, [1, 2]), labels)


def test_times_are_spread_evenly():
    times = np.sort(diffusion.spread_times(50, [3, 4]))
    assert 0 <= times[0] < times[-1] < 1
    np.testing.assert_allclose(np.diff(times), 1 / 50, atol=1e-5)


def test_draw_depends_on_noise_and_label_alone():
    model = _model()
    _tell_apart(model.averaged_network)
    noise, times = _normal(4, 8, 8, 1), np.linspace(1, 0, 4, dtype=np.float32)
    draw = tf.function(lambda noise, labels: model.draw(noise, labels, 0.5, times))
    first, again, other = (draw(noise, np.int32(labels)).numpy() for labels in (
        [0, 1, 2, 0], [0, 1, 2, 0], [1, 1, 2, 0]))
    np.testing.assert_array_equal(first, again)
    assert (first[0] != other[0]).any()
    np.testing.assert_allclose(first[1:], other[1:], atol=1e-5)
    assert np.abs(first).max() <= 1


def test_average_of_a_model_and_seeds_of_a_generator():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    average = averaged_copy(model)
    start = average.get_weights()
    assert not average.trainable_variables
    model.set_weights([w + 1 for w in start])
    update_average(average, model, 0.9, 10 ** 6)
    for old, new in zip(start, average.get_weights(), strict=True):
        np.testing.assert_allclose(new, old + 0.1, atol=1e-6)
    seeds = next_seeds(keras.random.SeedGenerator(1), 3)
    assert len({tuple(seed.numpy()) for seed in seeds}) == 3


def test_a_data_set_without_labels_is_learned_without_classes(monkeypatch, data_dir):
    experiment = pages.load("diffusion")
    load = experiment.Config.load

    def without_labels(*args, **kwargs):
        return dataclasses.replace(load(*args, **kwargs), class_names=())
    monkeypatch.setattr(experiment.Config, "load", without_labels)
    settings = experiment.Config(
        dataset="tiny_digits", data_dir=str(data_dir), width=4, sampling_steps=2)
    task = experiment.build(settings)
    assert task.model.classes == 0
    images = task.signatures["sample"](count=tf.constant(3), seed=tf.constant(1))["images"]
    assert images.shape == (3, 8, 8, 1)
