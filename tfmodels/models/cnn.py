"""A small convolutional image classifier."""

import keras
from keras import layers

from tfmodels.layers.batch_norm import BatchNormalization
from tfmodels.models import image_sizes

_FILTERS = (32, 32, 48, 64, 64, 96, 96)  # multiples of 16: oneDNN takes twice as long for 24
_MOST = 128  # of convolutions beyond


def cnn(image_shape, classes, dropout=0.2, seed=0):
    """Returns a network of 3x3 convolutions that ends in the mean over all positions.

    Small filters throughout: Simonyan & Zisserman, "Very Deep Convolutional Networks", ICLR 2015,
    section 2. Batch normalization: Ioffe & Szegedy, ICML 2015, algorithm 1. Mean over positions
    instead of wide dense layers: Lin et al., "Network in Network", ICLR 2014, section 3.2. 89,450
    parameters for 28x28x1 images and 10 classes.

    Five convolutions of 32, 32, 48, 64 and 64 channels up to 32x32 pixels, of which the first and
    third are followed by 2x2 max pooling. Up to 64x64 there are two more of 96, and so on
    (`image_sizes.halvings`), every second of them pooled, so that some 8x8 places are left to take
    the mean over.

    Args:
        image_shape: (H, W, C), of any size.
        classes: number of classes.
        dropout: fraction of the pooled features dropped while training, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.

    Input shape:
        uint8 [B, H, W, C] in [0, 255]; the scaling is part of the model.

    Output shape:
        float32 [B, classes], logits.
    """
    image = keras.Input(image_shape, dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(image)  # [B, H, W, C] in [0, 1]
    pooled = range(0, 2 * image_sizes.halvings(image_shape), 2)
    for depth in range(2 * len(pooled) + 1):
        channels = _FILTERS[depth] if depth < len(_FILTERS) else _MOST
        start = keras.initializers.HeNormal(seed + depth)
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer=start,
                          name=f"convolution_{depth}")(x)
        if depth in pooled:
            # Before the normalization, which then has a quarter of the pixels to work on.
            x = layers.MaxPooling2D(padding="same")(x)  # [B, H / 2, W / 2, channels], rounded up
        # 0.9, not Keras' 0.99: the running statistics must settle within a short training.
        x = BatchNormalization(momentum=0.9, name=f"normalization_{depth}")(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)  # [B, channels]
    x = layers.Dropout(dropout, seed=seed)(x)
    start = keras.initializers.GlorotUniform(seed + 2 * len(pooled) + 1)
    logits = layers.Dense(classes, kernel_initializer=start, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="cnn")
