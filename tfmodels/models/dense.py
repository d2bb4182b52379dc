"""A multi-layer perceptron for images."""

import keras
from keras import layers

from tfmodels.models import image_sizes


def dense(image_shape, classes, widths=(512, 512), dropout=0.2, seed=0):
    """Returns a perceptron with dropout: flattened pixels, ReLU layers, one logit per class.

    Dropout: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
    JMLR 2014, section 4: each hidden unit is kept with probability 1 - dropout while training. ReLU
    weights start as in He et al., "Delving Deep into Rectifiers", ICCV 2015, equation 10. Images
    above 64x64 pixels are made smaller first, so that the first layer does not grow with them:
    each 2x2 pixels, 4x4 above 128x128, become their mean.

    Args:
        image_shape: (H, W, C), of any size.
        classes: number of classes.
        widths: units of each hidden layer, first to last.
        dropout: fraction of hidden units dropped after each hidden layer, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.

    Input shape:
        uint8 [B, H, W, C] in [0, 255]; the scaling is part of the model.

    Output shape:
        float32 [B, classes], logits.
    """
    image = keras.Input(image_shape, dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(image)  # [B, H, W, C] in [0, 1]
    cell = image_sizes.shrinking(image_shape)
    if cell > 1:
        x = layers.AveragePooling2D(cell, padding="same")(x)
    x = layers.Flatten()(x)  # [B, H * W * C]
    logits = perceptron(x, classes, widths, dropout, seed)
    return keras.Model(image, logits, name="dense")


def perceptron(x, outputs, widths, dropout, seed):
    """Returns the hidden layers and `logits` [B, outputs] of features [B, D], see `dense`."""
    for depth, width in enumerate(widths):
        start = keras.initializers.HeNormal(seed + depth)
        x = layers.Dense(width, "relu", kernel_initializer=start, name=f"hidden_{depth}")(x)
        x = layers.Dropout(dropout, seed=seed + depth)(x)
    glorot = keras.initializers.GlorotUniform(seed + len(widths))
    return layers.Dense(outputs, kernel_initializer=glorot, dtype="float32", name="logits")(x)
