"""keras.io/examples/generative/ddim (Béres 2022): a U-Net trained by AdamW in batches of 64.

Four resolutions of 32, 64, 96 and 128 channels, two residual blocks at each; mean absolute error of
the noise, an average of the weights, 20 steps from noise to an image; five passes over the images
make an epoch. The program as published trains for 1 epoch and advises at least 50, hours on a
graphics card, of photographs of 64x64; this one trains for 10 epochs, 50 passes, on grey images
padded in black to a multiple of 8. The published validation, by an Inception network, is left out.
"""

import math

from common import after_each_epoch, arguments, samples_wanted

WIDTHS, DEPTH = (32, 64, 96, 128), 2
EMBEDDING_SIZE, MAX_FREQUENCY = 32, 1000.0
MIN_SIGNAL, MAX_SIGNAL = 0.02, 0.95
SAMPLING_STEPS = 20
REPETITIONS, EPOCHS, BATCH_SIZE = 5, 10, 64
EMA, LEARNING_RATE, WEIGHT_DECAY = 0.999, 1e-3, 1e-4
_DRAWN = 200  # samples at a time


def unet(height, width):
    """Returns the network: images [B, H, W, 1] and variances of noise [B, 1, 1, 1] -> the noise."""
    import keras
    import numpy as np
    from keras import layers, ops

    speeds = 2 * math.pi * np.geomspace(1, MAX_FREQUENCY, EMBEDDING_SIZE // 2, dtype="float32")

    def embedded(variances):  # [B, 1, 1, 32]
        return ops.concatenate([ops.sin(speeds * variances), ops.cos(speeds * variances)], axis=3)

    def block(x, channels):
        shortcut = x if x.shape[-1] == channels else layers.Conv2D(channels, 1)(x)
        x = layers.BatchNormalization(center=False, scale=False)(x)
        x = layers.Conv2D(channels, 3, padding="same", activation="swish")(x)
        x = layers.Conv2D(channels, 3, padding="same")(x)
        return layers.Add()([x, shortcut])

    noisy, variances = keras.Input((height, width, 1)), keras.Input((1, 1, 1))
    level = layers.Lambda(embedded, output_shape=(1, 1, EMBEDDING_SIZE))(variances)
    level = layers.UpSampling2D((height, width), interpolation="nearest")(level)
    x = layers.Concatenate()([layers.Conv2D(WIDTHS[0], 1)(noisy), level])
    skips = []
    for channels in WIDTHS[:-1]:
        for _ in range(DEPTH):
            x = block(x, channels)
            skips.append(x)
        x = layers.AveragePooling2D(2)(x)
    for _ in range(DEPTH):
        x = block(x, WIDTHS[-1])
    for channels in reversed(WIDTHS[:-1]):
        x = layers.UpSampling2D(2, interpolation="bilinear")(x)
        for _ in range(DEPTH):
            x = block(layers.Concatenate()([x, skips.pop()]), channels)
    return keras.Model([noisy, variances],
                       layers.Conv2D(1, 1, kernel_initializer="zeros")(x))


def diffusion(normalizer, height, width):
    """Returns a `keras.Model` that learns from images [B, H, W, 1] in [0, 1], with `draw(count)`.

    Args:
        normalizer: `keras.layers.Normalization` adapted to them.
    """
    import keras
    import tensorflow as tf
    from keras import ops

    class Diffusion(keras.Model):
        def __init__(self):
            super().__init__()
            self.normalizer = normalizer
            self.network, self.average = unet(height, width), unet(height, width)
            self.noise_loss, self.image_loss = map(keras.metrics.Mean, ("n_loss", "i_loss"))
            self.seed_generator = keras.random.SeedGenerator()

        @property
        def metrics(self):
            return [self.noise_loss, self.image_loss]

        def rates(self, times):  # of noise and of signal; their squares add up to 1
            first, last = math.acos(MAX_SIGNAL), math.acos(MIN_SIGNAL)
            angles = first + times * (last - first)
            return ops.sin(angles), ops.cos(angles)

        def parted(self, network, noisy, times, training):  # into noise and image
            noise_rates, signal_rates = self.rates(times)
            noises = network([noisy, noise_rates ** 2], training=training)
            return noises, (noisy - noise_rates * noises) / signal_rates

        def train_step(self, images):
            images = self.normalizer(images)
            noises = keras.random.normal(ops.shape(images), seed=self.seed_generator)
            times = keras.random.uniform((ops.shape(images)[0], 1, 1, 1),
                                         seed=self.seed_generator)
            noise_rates, signal_rates = self.rates(times)
            noisy = signal_rates * images + noise_rates * noises
            with tf.GradientTape() as tape:
                found_noises, found_images = self.parted(self.network, noisy, times, True)
                noise_loss = self.loss(noises, found_noises)
            weights = self.network.trainable_weights
            self.optimizer.apply_gradients(
                zip(tape.gradient(noise_loss, weights), weights, strict=True))
            self.noise_loss.update_state(noise_loss)
            self.image_loss.update_state(self.loss(images, found_images))
            for weight, average in zip(self.network.weights, self.average.weights, strict=True):
                average.assign(EMA * average + (1 - EMA) * weight)
            return {mean.name: mean.result() for mean in self.metrics}

        @tf.function
        def draw(self, noises):  # normal noise [B, H, W, 1] -> images in [0, 1]
            noisy = noises
            for step in range(SAMPLING_STEPS):
                times = ops.full((ops.shape(noises)[0], 1, 1, 1), 1 - step / SAMPLING_STEPS)
                noises, images = self.parted(self.average, noisy, times, False)
                noise_rates, signal_rates = self.rates(times - 1 / SAMPLING_STEPS)
                noisy = signal_rates * images + noise_rates * noises
            images = self.normalizer.mean + images * self.normalizer.variance ** 0.5
            return ops.clip(images, 0, 1)

    return Diffusion()


def main():
    """Trains; after each epoch it draws samples to be scored, of the same noise each time."""
    arrays, log = arguments()
    import keras
    import numpy as np
    import tensorflow as tf

    images = arrays["x_train"]
    height, width = images.shape[1:]
    (top, bottom), (left, right) = ((missing // 2, missing - missing // 2)
                                    for missing in (-height % 8, -width % 8))
    x_train = np.pad(images, ((0, 0), (top, bottom), (left, right)))[..., None]
    x_train = x_train.astype("float32") / 255
    dataset = tf.data.Dataset.from_tensor_slices(x_train).cache().repeat(REPETITIONS).shuffle(
        10 * BATCH_SIZE).batch(BATCH_SIZE, drop_remainder=True).prefetch(tf.data.AUTOTUNE)
    normalizer = keras.layers.Normalization()
    normalizer.adapt(dataset)
    model = diffusion(normalizer, *x_train.shape[1:3])
    model.compile(
        optimizer=keras.optimizers.AdamW(learning_rate=LEARNING_RATE, weight_decay=WEIGHT_DECAY),
        loss=keras.losses.mean_absolute_error)
    noise = tf.random.normal([samples_wanted(arrays), *x_train.shape[1:]])

    def samples():
        drawn = np.concatenate([model.draw(noise[first:first + _DRAWN])
                                for first in range(0, len(noise), _DRAWN)])
        inner = drawn[:, top:top + height, left:left + width]
        return np.round(inner * 255).astype(np.uint8)

    model.fit(dataset, epochs=EPOCHS,
              callbacks=[after_each_epoch(lambda logs: log.to_score(samples))])


if __name__ == "__main__":
    main()
