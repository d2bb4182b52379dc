"""A small convolutional image classifier."""

import keras
from keras import layers

from tfmodels.layers.batch_norm import BatchNormalization


def cnn(image_shape, classes, filters=(24, 48, 48, 64, 64), pooled=(0, 2), dropout=0.2, seed=0):
    """Returns a network of 3x3 convolutions that ends in the mean over all positions.

    Small filters throughout: Simonyan & Zisserman, "Very Deep Convolutional Networks", ICLR 2015,
    section 2. Batch normalization: Ioffe & Szegedy, ICML 2015, algorithm 1. Mean over positions
    instead of wide dense layers: Lin et al., "Network in Network", ICLR 2014, section 3.2. 97,474
    parameters for 28x28x1 images and 10 classes.

    Args:
        image_shape: (H, W, C).
        classes: number of classes.
        filters: channels of each convolution, first to last.
        pooled: which convolutions, counted from 0, are followed by 2x2 max pooling.
        dropout: fraction of the pooled features dropped while training, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.

    Input shape:
        uint8 [B, H, W, C] in [0, 255]; the scaling is part of the model.

    Output shape:
        float32 [B, classes], logits.
    """
    image = keras.Input(image_shape, dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(image)  # [B, H, W, C] in [0, 1]
    for depth, channels in enumerate(filters):
        start = keras.initializers.HeNormal(seed + depth)
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer=start,
                          name=f"convolution_{depth}")(x)
        if depth in pooled:
            # Before the normalization, which then has a quarter of the pixels to work on.
            x = layers.MaxPooling2D(padding="same")(x)  # [B, H / 2, W / 2, channels], rounded up
        # 0.9, not Keras' 0.99: the running statistics must settle within a short training.
        x = BatchNormalization(momentum=0.9, name=f"normalization_{depth}")(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)  # [B, filters[-1]]
    x = layers.Dropout(dropout, seed=seed)(x)
    start = keras.initializers.GlorotUniform(seed + len(filters))
    logits = layers.Dense(classes, kernel_initializer=start, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="cnn")
