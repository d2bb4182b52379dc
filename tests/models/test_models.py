"""The models: shapes, sizes, masks and training steps against independent computations."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.errors import InputError
from tfmodels.layers.augmentation import augment
from tfmodels.layers.batch_norm import BatchNormalization
from tfmodels.models import autoencoder, dcgan, dense_gan, gan
from tfmodels.models.cnn import cnn
from tfmodels.models.dense import dense
from tfmodels.training.losses import SmoothedCrossentropy
from tfmodels.training.schedules import linear_decay, warmup_cosine

SHAPES = [(28, 28, 1), (32, 32, 3)]


def _images(shape, count=3):
    return np.random.default_rng(0).integers(0, 256, (count, *shape)).astype(np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("make", [dense, cnn])
def test_classifiers_take_raw_images_of_any_size_and_give_logits(make, shape):
    model = make(shape, 7)
    logits = model(_images(shape))
    assert logits.shape == (3, 7)
    assert logits.dtype == tf.float32
    again = make(shape, 7)
    for first, second in zip(model.get_weights(), again.get_weights(), strict=True):
        if first.dtype == np.float32:
            np.testing.assert_array_equal(first, second)


def test_cnn_has_at_most_100_000_parameters():
    assert cnn((28, 28, 1), 10).count_params() <= 100_000


def test_dense_is_the_product_of_its_weights():
    model = dense((4, 4, 1), 3, widths=(5,), dropout=0.5)
    images = _images((4, 4, 1))
    w1, b1, w2, b2 = [w for w in model.get_weights() if w.dtype == np.float32]
    hidden = np.maximum(images.reshape(3, 16) / 255.0 @ w1 + b1, 0)
    np.testing.assert_allclose(model(images), hidden @ w2 + b2, atol=1e-5)


@pytest.mark.parametrize("trainable", [True, False])
def test_batch_normalization_is_that_of_keras(trainable):
    shape, random = (4, 5, 6, 3), np.random.default_rng(0)
    images, weights = random.normal(2, 3, shape), random.normal(size=shape)
    answers = []
    for layer in (BatchNormalization(momentum=0.9), keras.layers.BatchNormalization(momentum=0.9)):
        layer.build(shape)
        layer.set_weights([np.float32(value) for value in np.arange(1, 13).reshape(4, 3) / 4])
        layer.trainable = trainable
        inputs = tf.Variable(images, dtype=tf.float32)
        with tf.GradientTape() as tape:
            outputs = layer(inputs, training=True)
            loss = tf.reduce_sum(outputs * weights)
        gradients = tape.gradient(loss, [inputs, *(v.value for v in layer.trainable_weights)])
        answers.append([outputs, layer(inputs), *gradients, *layer.get_weights()])
    for ours, theirs in zip(*answers, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_autoencoder_goes_through_the_code(shape):
    encoder, decoder = autoencoder.encoder(shape, 32), autoencoder.decoder(shape, 32)
    codes = encoder(_images(shape))
    restored = decoder(codes)
    assert codes.shape == (3, 32)
    assert restored.shape == (3, *shape)
    assert 0 <= np.min(restored) <= np.max(restored) <= 1


@pytest.mark.parametrize("shape", [(1, 1, 4), (2, 3, 1), (5, 7, 3)])
def test_classifiers_take_any_size(shape):
    for make in (dense, cnn):
        assert make(shape, 2)(_images(shape)).shape == (3, 2)


def test_models_say_which_sizes_they_take():
    for build in (autoencoder.encoder, autoencoder.decoder, dcgan.generator):
        with pytest.raises(InputError, match="37x41 pixels.*multiples of 4.*nearest is 36x40"):
            build((37, 41, 1), 16)
    with pytest.raises(InputError, match="at least 4; the nearest is 4x8"):
        autoencoder.encoder((2, 7, 3), 8)
    with pytest.raises(InputError, match="at least 8; the nearest is 8x12"):
        dcgan.generator((4, 12, 3))


def test_smoothed_crossentropy_against_keras_and_closed_form():
    random = np.random.default_rng(0)
    logits = random.normal(size=(5, 4)).astype(np.float32)
    labels = np.array([0, 3, 1, 1, 2])
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)
    assert float(SmoothedCrossentropy(0.0)(labels, logits)) == pytest.approx(float(plain), abs=1e-6)
    smoothed = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)(
        np.eye(4)[labels], logits)
    assert float(SmoothedCrossentropy(0.1)(labels, logits)) == pytest.approx(
        float(smoothed), abs=1e-6)


def test_schedules_at_their_ends():
    cosine = warmup_cosine(0.5, 100, warmup=0.1)
    assert [float(cosine(step)) for step in (0, 5, 10, 55, 100)] == pytest.approx(
        [0, 0.25, 0.5, 0.25, 0], abs=1e-6)
    line = linear_decay(0.5, 100)
    assert [float(line(step)) for step in (0, 50, 100)] == pytest.approx([0.5, 0.25, 0])


def test_augmentation_is_a_pure_function_of_the_seed():
    images = _images((28, 28, 1))
    first = augment(images, tf.constant([1, 2], tf.int64))
    np.testing.assert_array_equal(first, augment(images, tf.constant([1, 2], tf.int64)))
    assert (first != augment(images, tf.constant([1, 3], tf.int64)).numpy()).numpy().any()
    assert first.dtype == tf.uint8


def test_augmentation_of_nothing_is_the_image_and_a_shift_is_a_shift():
    images = _images((8, 8, 1))
    still = augment(images, tf.constant([0, 0]), shift=0.0, rotation=0.0, zoom=0.0)
    np.testing.assert_array_equal(still, images)
    turned = augment(images, tf.constant([0, 0]), shift=0.0, rotation=5.0, zoom=0.0)
    assert np.abs(turned.numpy().astype(int) - images).mean() > 1


def _gan(seed=0, **settings):
    keras.utils.set_random_seed(seed)
    model = gan.GAN(dcgan.generator((8, 8, 1), 7, 4, 3), dcgan.discriminator((8, 8, 1), 4, 3),
                    **settings)
    model.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3))
    return model


@pytest.mark.parametrize("shape", SHAPES)
def test_gan_networks_fit_images_of_both_kinds(shape):
    images = dcgan.generator(shape, 5, 4, 3)(np.zeros((2, 5), np.float32))
    assert images.shape == (2, *shape)
    assert [out.shape for out in dcgan.discriminator(shape, 4, 3)(images)] == [(2, 1), (2, 3)]


def test_gan_generator_sees_of_the_first_numbers_only_the_place_of_the_largest():
    draw = dcgan.generator((8, 8, 1), 5, 4, 3)
    noise = np.array([[0.1, 0.9, -2, 1, 1], [-9, 0.3, 0.2, 1, 1], [0.9, 0.1, -2, 1, 1]], np.float32)
    np.testing.assert_array_equal(gan.categories_of(noise, 3), [1, 1, 0])
    first, same, other = draw(noise).numpy()
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 1e-4


def test_gan_losses_are_those_of_goodfellow_et_al_and_chen_et_al(monkeypatch):
    model = _gan(max_shift=0)
    monkeypatch.setattr(gan, "categories_of", lambda *_: tf.constant([0, 0, 1, 2, 0, 1]))
    # A discriminator that answers constant logits, whatever it sees.
    for name, bias in (("real", [0.7]), ("category", [0, 1, 2])):
        output = model.discriminator.get_layer(name)
        output.set_weights([np.zeros_like(output.kernel), np.array(bias, np.float32)])
    found = model.train_step(tf.zeros((6, 8, 8, 1), tf.uint8))
    sigmoid = 1 / (1 + np.exp(-0.7))
    assert float(found["d_loss"]) == pytest.approx(-np.log(sigmoid) - np.log(1 - sigmoid), abs=1e-5)
    assert float(found["g_loss"]) == pytest.approx(-np.log(sigmoid), abs=1e-5)
    assert float(found["d_real_accuracy"]) == 1
    assert float(found["d_fake_accuracy"]) == 0
    # The mean cross-entropy of the categories 0, 0, 1, 2, 0, 1 under those logits.
    expected = np.log(np.sum(np.exp([0, 1, 2]))) - np.mean([0, 0, 1, 2, 0, 1])
    assert float(found["category_loss"]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("name", "d_loss", "g_loss"), [
    ("non_saturating", lambda r, f: np.log1p(np.exp(-r)) + np.log1p(np.exp(f)),
     lambda f: np.log1p(np.exp(-f))),
    ("least_squares", lambda r, f: ((r - 1) ** 2 + f**2) / 2, lambda f: (f - 1) ** 2 / 2),
    ("hinge", lambda r, f: np.maximum(0, 1 - r) + np.maximum(0, 1 + f), lambda f: -f)])
def test_adversarial_losses_are_those_of_their_papers(name, d_loss, g_loss):
    real, fake = np.random.default_rng(0).normal(0, 2, (2, 9, 1)).astype(np.float32)
    found = gan.adversarial_losses(name, real, fake)
    np.testing.assert_allclose(found, [d_loss(real, fake).mean(), g_loss(fake).mean()], rtol=1e-5)
    with pytest.raises(ValueError, match="hinge"):
        gan.adversarial_losses("wasserstein", real, fake)


def test_conditional_gan_draws_and_learns_the_class_of_each_real_image(monkeypatch):
    model = _gan(max_shift=0, conditional=True)
    seen = []
    draw = model.generator.call
    monkeypatch.setattr(model.generator, "call", lambda noise, **kwargs: (
        seen.append(noise), draw(noise, **kwargs))[1])
    labels = tf.constant([2, 0, 1, 1, 2, 0])
    before = model.discriminator.get_layer("category").bias.numpy()
    model.train_step((tf.zeros((6, 8, 8, 1), tf.uint8), labels))
    np.testing.assert_array_equal(gan.categories_of(seen[0], 3), labels)
    assert (model.discriminator.get_layer("category").bias.numpy() != before).any()
    noise = tf.random.stateless_normal((6, 7), [0, 0])
    changed = gan.with_category(noise, labels, 3)
    np.testing.assert_array_equal(gan.categories_of(changed, 3), labels)
    np.testing.assert_array_equal(changed[:, 3:], noise[:, 3:])


@pytest.mark.parametrize("shape", SHAPES)
def test_dense_gan_networks_fit_images_of_both_kinds(shape):
    images = dense_gan.generator(shape, 5, (8, 9), 3)(np.zeros((2, 5), np.float32))
    assert images.shape == (2, *shape)
    assert [out.shape for out in dense_gan.discriminator(shape, (8, 9), 3)(images)] == [
        (2, 1), (2, 3)]


def test_gan_updates_each_network_from_its_own_loss_and_averages_the_generator():
    model = _gan(ema=0.5)
    before = [w.numpy() for w in model.generator.trainable_variables]
    model.train_step(tf.constant(np.random.default_rng(0).integers(0, 256, (6, 8, 8, 1), np.uint8)))
    assert any((a != b.numpy()).any() for a, b in
               zip(before, model.generator.trainable_variables, strict=True))
    # Equation of the average with the warm-up decay min(0.5, (1 + 1) / (10 + 1)).
    decay = min(0.5, 2 / 11)
    np.testing.assert_allclose(
        model.averaged_generator.variables[0],
        decay * before[0] + (1 - decay) * model.generator.trainable_variables[0], atol=1e-6)


def test_gan_noise_follows_the_seed_generator():
    results = []
    for seed in (1, 1, 2):
        model = _gan(seed=0)
        model.seed_generator.state.assign([seed, 0])
        results.append(float(model.train_step(tf.zeros((4, 8, 8, 1), tf.uint8))["g_loss"]))
    assert results[0] == results[1] != results[2]


def test_translation_moves_whole_pixels():
    images = np.random.default_rng(0).uniform(-1, 1, (5, 6, 6, 2)).astype(np.float32)
    np.testing.assert_array_equal(gan.translate(images, [0, 0], 0), images)
    moved = gan.translate(images, [3, 4], 2).numpy()
    for before, after in zip(images, moved, strict=True):
        padded = np.pad(before, ((2, 2), (2, 2), (0, 0)), constant_values=-1)
        assert any(np.allclose(after, padded[r:r + 6, c:c + 6], atol=1e-6)
                   for r in range(5) for c in range(5))
