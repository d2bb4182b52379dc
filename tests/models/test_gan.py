"""The training step of GANs against the losses of their papers."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.models import dcgan, gan


def _gan(seed=0, **settings):
    keras.utils.set_random_seed(seed)
    model = gan.GAN(dcgan.generator((8, 8, 1), 7, 4, 3), dcgan.discriminator((8, 8, 1), 4, 3),
                    **settings)
    model.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3))
    return model


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


def test_gan_updates_each_network_from_its_own_loss_and_averages_the_generator():
    model = _gan(ema=0.5)
    before = [w.numpy() for w in model.generator.trainable_variables]
    model.train_step(tf.constant(
        np.random.default_rng(0).integers(0, 256, (6, 8, 8, 1), np.uint8)))
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
