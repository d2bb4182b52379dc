"""tensorflow.org/tutorials/generative/dcgan: 50 epochs in batches of 256, Adam of 1e-4 for both.

A generator of 256, 128 and 64 channels from 100 numbers of noise, batch-normalized, and a
discriminator of 64 and 128 channels with dropout; a loop of its own over a compiled step. The
published program saves pictures and checkpoints, too.
"""

from common import arguments, samples_wanted

NOISE_SIZE, BATCH_SIZE, EPOCHS = 100, 256, 50


def networks(image_shape):
    """Returns the generator and the discriminator.

    Args:
        image_shape: (H, W, 1); H and W are multiples of 4.

    Returns:
        noise [B, 100] -> images [B, H, W, 1] in [-1, 1], and images -> logits [B, 1] of being real.
    """
    import keras
    from keras import layers

    height, width = image_shape[0] // 4, image_shape[1] // 4

    def up(channels, strides, **options):
        return layers.Conv2DTranspose(channels, 5, strides=strides, padding="same",
                                      use_bias=False, **options)
    generator = keras.Sequential([
        keras.Input((NOISE_SIZE,)),
        layers.Dense(height * width * 256, use_bias=False),
        layers.BatchNormalization(),
        layers.LeakyReLU(),
        layers.Reshape((height, width, 256)),
        up(128, 1),
        layers.BatchNormalization(),
        layers.LeakyReLU(),
        up(64, 2),
        layers.BatchNormalization(),
        layers.LeakyReLU(),
        up(1, 2, activation="tanh")])
    discriminator = keras.Sequential([
        keras.Input(image_shape),
        layers.Conv2D(64, 5, strides=2, padding="same"),
        layers.LeakyReLU(),
        layers.Dropout(0.3),
        layers.Conv2D(128, 5, strides=2, padding="same"),
        layers.LeakyReLU(),
        layers.Dropout(0.3),
        layers.Flatten(),
        layers.Dense(1)])
    return generator, discriminator


def main():
    """Trains; after each epoch it draws samples to be scored, of the same noise each time."""
    arrays, log = arguments()
    import keras
    import numpy as np
    import tensorflow as tf

    x_train = (np.expand_dims(arrays["x_train"], -1).astype("float32") - 127.5) / 127.5
    dataset = tf.data.Dataset.from_tensor_slices(x_train).shuffle(len(x_train)).batch(BATCH_SIZE)
    generator, discriminator = networks(x_train.shape[1:])
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    generator_optimizer = keras.optimizers.Adam(1e-4)
    discriminator_optimizer = keras.optimizers.Adam(1e-4)

    @tf.function
    def train_step(images):
        noise = tf.random.normal([BATCH_SIZE, NOISE_SIZE])
        with tf.GradientTape() as of_generator, tf.GradientTape() as of_discriminator:
            drawn = generator(noise, training=True)
            real, fake = (discriminator(some, training=True) for some in (images, drawn))
            generator_loss = cross_entropy(tf.ones_like(fake), fake)
            discriminator_loss = (cross_entropy(tf.ones_like(real), real)
                                  + cross_entropy(tf.zeros_like(fake), fake))
        for network, optimizer, tape, loss in (
                (generator, generator_optimizer, of_generator, generator_loss),
                (discriminator, discriminator_optimizer, of_discriminator, discriminator_loss)):
            weights = network.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))

    noise = tf.random.normal([samples_wanted(arrays), NOISE_SIZE])

    def samples():
        drawn = generator.predict(noise, batch_size=BATCH_SIZE, verbose=0)
        return np.round(drawn * 127.5 + 127.5).astype(np.uint8)

    for _ in range(EPOCHS):
        for images in dataset:
            train_step(images)
        log.to_score(samples)


if __name__ == "__main__":
    main()
