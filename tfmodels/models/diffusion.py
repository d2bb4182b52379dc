"""Denoising diffusion: noise is added to images by a schedule, and a network learns to remove it.

Ho et al., "Denoising Diffusion Probabilistic Models", NeurIPS 2020, arXiv:2006.11239, in continuous
time, with the schedule of Nichol & Dhariwal 2021 (arXiv:2102.09672), the prediction target of
Salimans & Ho 2022 (arXiv:2202.00512), the sampler of Song et al. 2021 (arXiv:2010.02502) and the
guidance of Ho & Salimans 2022 (arXiv:2207.12598).

Shapes: B batch, H x W x C image. Images are float32, clean ones in [-1, 1]; times are in [0, 1].
"""

import math

import keras
import tensorflow as tf

from tfmodels.layers.averaging import averaged_copy, update_average
from tfmodels.layers.noise import next_seeds
from tfmodels.layers.scaling import to_signed

_OFFSET = 0.008  # s of the schedule: a little noise even at time 0


def alpha_bar(times):
    """Returns the fraction of the variance at these times that is signal, ᾱ, from 1 down to 0.

    ᾱ(t) = f(t) / f(0) with f(t) = cos²((t + s) / (1 + s) π / 2), s = 0.008: Nichol & Dhariwal 2021,
    equation 17.
    """
    def f(t):
        return tf.cos((t + _OFFSET) / (1 + _OFFSET) * math.pi / 2) ** 2
    return tf.clip_by_value(f(times) / f(tf.zeros_like(times)), 0, 1)


def alpha_sigma(times):
    """Returns what image and noise are multiplied with, α = √ᾱ and σ = √(1 - ᾱ).

    Ho et al. 2020, equation 4: z = α x + σ ε.

    Args:
        times: float32 of any shape.

    Returns:
        Two float32 of that shape.
    """
    share = alpha_bar(times)
    return tf.sqrt(share), tf.sqrt(1 - share)


def ddim(predict, images, times):
    """Takes noisy images along the deterministic path to less noise.

    At each time it splits z into the image x = α z - σ v and the noise ε = σ z + α v (Salimans & Ho
    2022, section 4), and puts them together again for the next: z' = α' x + σ' ε (Song et al. 2021,
    equation 12 without its random part). x is kept in [-1, 1], and ε is what then remains of z.

    Args:
        predict: (float32 images [B, H, W, C], time float32 []) -> v, float32 [B, H, W, C].
        images: float32 [B, H, W, C], as noisy as at the first time; normal noise for 1.
        times: float32 [steps + 1], falling.

    Returns:
        float32 [B, H, W, C], as noisy as at the last time; images in [-1, 1] for 0.
    """
    times = tf.convert_to_tensor(times, tf.float32)

    def step(index, noisy):
        alpha, sigma = alpha_sigma(times[index])
        next_alpha, next_sigma = alpha_sigma(times[index + 1])
        clean = tf.clip_by_value(alpha * noisy - sigma * predict(noisy, times[index]), -1, 1)
        return index + 1, next_alpha * clean + next_sigma * (noisy - alpha * clean) / sigma
    _, images = tf.while_loop(lambda index, _: index < tf.size(times) - 1, step,
                              (tf.constant(0), images))
    return images


def guided(predict, weight, classes):
    """Returns a prediction that leans towards the class and away from what holds for any.

    (1 + w) v(z, label) - w v(z): Ho & Salimans 2022, equation 6; it is linear, so it holds for v as
    for the noise. One pass over both halves; weight 0 takes the conditional half alone.

    Args:
        predict: (images float32 [B, H, W, C], times float32 [B], labels int32 [B]) -> v.
        weight: w, at least 0.
        classes: number of classes, the label of "any".

    Returns:
        (images, times, labels) -> v.
    """
    if not weight:
        return predict

    def guide(images, times, labels):
        both = predict(*(tf.concat(pair, 0) for pair in (
            (images, images), (times, times), (labels, tf.fill(tf.shape(labels), classes)))))
        conditional, unconditional = tf.split(both, 2)
        return (1 + weight) * conditional - weight * unconditional
    return guide


class Diffusion(keras.Model):
    """A network that learns to remove noise, and an average of it that draws images.

    Args:
        network: `keras.Model` as `tfmodels.models.unet.unet` returns.
        classes: number of classes it is told of, 0 for none.
        label_dropout: fraction of the labels hidden in training, in [0, 1), which guidance needs.
        ema: decay of the average per step, in [0, 1); 0 copies the network.
        seed: integer, start of the random sequence of noise, times and hidden labels; its state is
            `seed_generator.state`.
    """

    def __init__(self, network, classes=0, label_dropout=0.1, ema=0.999, seed=0):
        super().__init__(name="diffusion")
        self.network = network
        self.averaged_network = averaged_copy(network)
        self.classes = classes
        self.label_dropout = label_dropout
        self.ema = ema
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.loss_mean = keras.metrics.Mean("loss")
        self.built = True

    @property
    def metrics(self):
        """The running mean that a step updates."""
        return [self.loss_mean]

    def call(self, inputs, training=False):
        """Maps [noisy images, times, labels if any] to v by the averaged network."""
        return self.averaged_network(inputs, training=False)

    def train_step(self, data):
        """One update: Ho et al. 2020, algorithm 1, for the target v.

        Args:
            data: images uint8 [B, H, W, C] in [0, 255]; with classes a pair of them and their
                labels, an integer [B].

        Returns:
            The running mean of `loss`, the squared error of v per pixel.
        """
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        noise_seed, time_seed, label_seed = next_seeds(self.seed_generator, 3)
        images, size = to_signed(images), tf.shape(images)[0]
        noise = tf.random.stateless_normal(tf.shape(images), noise_seed)
        times = spread_times(size, time_seed)
        alpha, sigma = (part[:, None, None, None] for part in alpha_sigma(times))
        inputs = [alpha * images + sigma * noise, times]
        if self.classes:
            inputs.append(self.hide_labels(tf.cast(labels, tf.int32), label_seed))
        with tf.GradientTape() as tape:
            error = self.network(inputs, training=True) - (alpha * noise - sigma * images)
            loss = tf.reduce_mean(error ** 2)
        weights = self.network.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        update_average(self.averaged_network, self.network, self.ema, self.optimizer.iterations)
        self.loss_mean.update_state(loss)
        return self.get_metrics_result()

    def hide_labels(self, labels, seed):
        """Replaces a random fraction `label_dropout` of labels int32 [B] by `classes`, "any".

        Ho & Salimans 2022, algorithm 1.
        """
        hidden = tf.random.stateless_uniform(tf.shape(labels), seed) < self.label_dropout
        return tf.where(hidden, self.classes, labels)

    def draw(self, noise, labels=None, guidance=0.0, times=None):
        """Removes noise by the averaged network along the `ddim` path.

        Args:
            noise: float32 [B, H, W, C], as noisy as at the first time.
            labels: int32 [B] with classes, else None.
            guidance: weight of the guidance, at least 0.
            times: float32 [steps + 1], falling from 1 to 0 for whole images.

        Returns:
            float32 [B, H, W, C].
        """
        def v(images, times, *labels):
            return self.averaged_network([images, times, *labels], training=False)

        predict = guided(v, guidance, self.classes) if self.classes else v
        told = (labels,) if self.classes else ()

        def at(images, time):
            return predict(images, tf.fill(tf.shape(images)[:1], time), *told)
        return ddim(at, noise, times)


def spread_times(count, seed):
    """Returns `count` random times, each uniform in [0, 1) and together evenly spread.

    Kingma et al., "Variational Diffusion Models", NeurIPS 2021, appendix I.1: the loss of a batch
    varies less than with independent times.
    """
    shares = tf.range(tf.cast(count, tf.float32)) / tf.cast(count, tf.float32)
    return (tf.random.stateless_uniform([], seed) + shares) % 1.0
