"""A small convolutional image classifier."""
import keras
from keras import layers


def cnn(image_shape, classes, filters=(24, 48, 64), dropout=0.3, seed=0):
    """Returns a convolutional network of pairs of 3x3 layers, halved in size between pairs.

    VGG's pairs of 3x3 filters: Simonyan & Zisserman, ICLR 2015, section 2. Batch normalisation: Ioffe & Szegedy,
    ICML 2015, algorithm 1. Mean over positions instead of a wide dense layer: Lin et al., "Network in Network",
    ICLR 2014, section 3.2; it keeps the whole network below 100,000 parameters at the defaults.

    Args:
        image_shape: (H, W, C); H and W at least 2 ** (len(filters) - 1).
        classes: number of classes.
        filters: channels of each pair of convolutions, first to last.
        dropout: fraction of the pooled features dropped in training, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.

    Input shape:
        uint8 [B, H, W, C] in [0, 255]; the scaling is part of the model.

    Output shape:
        float32 [B, classes], logits.
    """
    seeds = iter(range(seed * 1000, (seed + 1) * 1000))
    image = keras.Input(image_shape, dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(image)  # [B, H, W, C] in [0, 1]
    for stage, channels in enumerate(filters):
        if stage:
            x = layers.MaxPooling2D()(x)  # [B, H / 2, W / 2, ...]
        for _ in range(2):
            start = keras.initializers.HeNormal(next(seeds))
            x = layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer=start)(x)
            # 0.9: the running statistics must settle within a short training.
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)  # [B, filters[-1]]
    x = layers.Dropout(dropout, seed=next(seeds))(x)
    start = keras.initializers.GlorotUniform(next(seeds))
    logits = layers.Dense(classes, kernel_initializer=start, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="cnn")
