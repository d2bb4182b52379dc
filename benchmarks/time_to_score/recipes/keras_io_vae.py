"""keras.io/examples/generative/vae (Chollet 2020): a latent space of 2 numbers, 30 epochs of Adam.

Two strided convolutions to 16 units and a code of mean and log-variance, and transposed ones back;
batches of 128. Pixels are taken as probabilities; the published program validates on nothing.
"""

import math

from common import after_each_epoch, arguments

LATENT_SIZE = 2


def networks(image_shape):
    """Returns the encoder and the decoder.

    Args:
        image_shape: (H, W, 1); H and W are multiples of 4.

    Returns:
        float [B, H, W, 1] -> mean and log-variance [B, Z] each, and [B, Z] -> float [B, H, W, 1],
        probabilities.
    """
    import keras
    from keras import layers

    strided = {"kernel_size": 3, "activation": "relu", "strides": 2, "padding": "same"}
    images = keras.Input(image_shape)
    x = layers.Conv2D(32, **strided)(images)
    x = layers.Conv2D(64, **strided)(x)
    x = layers.Dense(16, activation="relu")(layers.Flatten()(x))
    encoder = keras.Model(images, [layers.Dense(LATENT_SIZE)(x), layers.Dense(LATENT_SIZE)(x)])
    small = (image_shape[0] // 4, image_shape[1] // 4, 64)
    decoder = keras.Sequential([
        keras.Input((LATENT_SIZE,)),
        layers.Dense(math.prod(small), activation="relu"),
        layers.Reshape(small),
        layers.Conv2DTranspose(64, **strided),
        layers.Conv2DTranspose(32, **strided),
        layers.Conv2DTranspose(1, 3, activation="sigmoid", padding="same")])
    return encoder, decoder


def vae(encoder, decoder):
    """Returns a `keras.Model` of images whose loss is the negative evidence lower bound in nats."""
    import keras
    import tensorflow as tf
    from keras import ops

    class VAE(keras.Model):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = encoder, decoder
            self.seed_generator = keras.random.SeedGenerator()
            self.means = [keras.metrics.Mean(name)
                          for name in ("loss", "reconstruction_loss", "kl_loss")]

        @property
        def metrics(self):
            return self.means

        def losses_of(self, images):
            mean, log_variance = self.encoder(images)
            noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
            reconstructed = self.decoder(mean + ops.exp(0.5 * log_variance) * noise)
            reconstruction = ops.sum(
                keras.losses.binary_crossentropy(images, reconstructed), axis=(1, 2))
            kl = -0.5 * ops.sum(
                1 + log_variance - ops.square(mean) - ops.exp(log_variance), axis=1)
            return reconstruction + kl, reconstruction, kl  # [B] each

        def seen(self, losses):
            for mean, values in zip(self.means, losses, strict=True):
                mean.update_state(values)
            return {mean.name: mean.result() for mean in self.means}

        def train_step(self, images):
            with tf.GradientTape() as tape:
                losses = self.losses_of(images)
                loss = ops.mean(losses[0])
            weights = self.trainable_weights
            self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            return self.seen(losses)

        def test_step(self, images):
            return self.seen(self.losses_of(images))

    return VAE()


def main():
    """Trains; scores are evidence lower bounds, in nats per validation image."""
    arrays, log = arguments()
    import keras
    import numpy as np

    def prepared(part):
        return np.expand_dims(arrays[f"x_{part}"], -1).astype("float32") / 255
    x_train = prepared("train")
    model = vae(*networks(x_train.shape[1:]))
    model.compile(optimizer=keras.optimizers.Adam())
    x_validation = prepared("validation")

    def bound():
        return -model.evaluate(x_validation, batch_size=128, verbose=0, return_dict=True)["loss"]
    model.fit(x_train, epochs=30, batch_size=128,
              callbacks=[after_each_epoch(lambda _: log.score_aside(bound))])


if __name__ == "__main__":
    main()
