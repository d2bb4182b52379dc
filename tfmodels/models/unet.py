"""A U-Net that looks at a noisy image and the time, and says what was added."""

import math

import keras
import numpy as np
from keras import layers, ops

from tfmodels.models import image_sizes

_GROUPS = 8  # groups of channels that are normalized together
_TIMES = 1000  # what the time in [0, 1] is multiplied with: the steps of Ho et al.


@keras.saving.register_keras_serializable("tfmodels")
class ConditionalNormalization(layers.Layer):
    """Group normalization whose scale and shift depend on a vector, then SiLU.

    silu((1 + scale) normalized + shift): Wu & He, "Group Normalization", ECCV 2018, equations 1 to
    5, and Dhariwal & Nichol, "Diffusion Models Beat GANs on Image Synthesis", NeurIPS 2021, section
    3.1. Mean and variance come from the sums over pixels of x and x², both of which read the
    activation once and in its order, where Keras' layer transposes it. Computed in float32.

    Input shape:
        float [B, H, W, C], and [B, D], the vector.

    Output shape:
        float [B, H, W, C].
    """

    def __init__(self, **kwargs):
        super().__init__(**{"autocast": False, **kwargs})  # the vector stays in float32

    def build(self, input_shape):
        """Creates the layer that maps the vector to scales and shifts."""
        (*_, channels), (_, size) = input_shape
        self.groups = math.gcd(_GROUPS, channels)
        self.modulation = layers.Dense(2 * channels, kernel_initializer="zeros", dtype="float32")
        self.modulation.build((None, size))

    def call(self, inputs):
        """Normalizes the images [B, H, W, C] and modulates them by the vectors [B, D]."""
        x, vector = (ops.cast(part, "float32") for part in inputs)
        channels = x.shape[-1]
        grouped = (-1, self.groups, channels // self.groups)

        def of_groups(value):  # [B, C] -> the mean of each group, [B, G, 1]
            return ops.mean(ops.reshape(value, grouped), -1, keepdims=True)

        mean = of_groups(ops.mean(x, (1, 2)))
        variance = of_groups(ops.mean(x * x, (1, 2))) - mean * mean
        inverse = ops.rsqrt(ops.maximum(variance, 0.0) + 1e-5)
        scale, shift = (ops.reshape(part, grouped)
                        for part in ops.split(self.modulation(vector), 2, -1))
        gain = (1 + scale) * inverse  # [B, G, C / G]
        offset = shift - mean * gain
        gain, offset = (ops.reshape(part, (-1, 1, 1, channels)) for part in (gain, offset))
        return ops.cast(ops.silu(x * gain + offset), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Returns the shape of the images."""
        return input_shape[0]


@keras.saving.register_keras_serializable("tfmodels")
class TimeEmbedding(layers.Layer):
    """Sines and cosines of the time, at frequencies from 1000 to 0.1.

    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.5, for positions 0 to 1000.

    Args:
        size: dimension of a vector, even.

    Input shape:
        float [B], in [0, 1].

    Output shape:
        float [B, size].
    """

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def call(self, times):
        """Maps times [B] to vectors [B, size]."""
        count = self.size // 2
        frequencies = _TIMES * np.exp(-np.log(10_000) * np.arange(count) / count)
        angles = ops.expand_dims(times, 1) * frequencies.astype("float32")
        return ops.concatenate([ops.sin(angles), ops.cos(angles)], 1)

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), "size": self.size}


@keras.saving.register_keras_serializable("tfmodels")
class PixelShuffle(layers.Layer):
    """Moves pixels into channels, or back, without any arithmetic.

    Shi et al., "Real-Time Single Image and Video Super-Resolution", CVPR 2016, section 3.2.

    Args:
        up: from [B, H, W, 4C] to [B, 2H, 2W, C]; otherwise the other way.
    """

    def __init__(self, up, **kwargs):
        super().__init__(**kwargs)
        self.up = up

    def call(self, x):
        """Rearranges the images."""
        _, height, width, channels = x.shape
        if self.up:
            x = ops.reshape(x, (-1, height, width, 2, 2, channels // 4))
            return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)),
                               (-1, 2 * height, 2 * width, channels // 4))
        x = ops.reshape(x, (-1, height // 2, 2, width // 2, 2, channels))
        return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)),
                           (-1, height // 2, width // 2, 4 * channels))

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), "up": self.up}


def unet(image_shape, classes=0, width=32, depth=1):
    """Returns a U-Net of two or more resolutions, with attention at the lowest one.

    Ho et al., "Denoising Diffusion Probabilistic Models", NeurIPS 2020, appendix B: residual blocks
    told of the time, self-attention, and a concatenation of equal resolutions. It starts by moving
    each 2x2 pixels into channels, so that no convolution runs at full resolution. There are two
    resolutions up to 32x32 pixels, three up to 64x64, and so on: `image_sizes.halvings`. Attention
    compares all pixels with all, which costs the square of their number: about 8x8 of them.

    Args:
        image_shape: (H, W, C); H and W at least 8.
        classes: number of classes; 0 for a network that is told of none.
        width: channels at half resolution; twice as many at each lower one, up to 8 times.
        depth: residual blocks on the way down, and on the way up, at each resolution.

    Input shape:
        float32 [B, H, W, C], noisy images; float32 [B], times in [0, 1]; with classes int32 [B],
        labels, `classes` itself for "any".

    Output shape:
        float32 [B, H, W, C], unbounded.
    """
    image_sizes.check_sides(image_shape)
    widths = image_sizes.channels(width, image_sizes.halvings(image_shape))
    images = keras.Input(image_shape, dtype="float32", name="images")
    times = keras.Input((), dtype="float32", name="times")
    inputs = [images, times]
    known = layers.Dense(4 * width, "silu", dtype="float32")(
        TimeEmbedding(2 * width, dtype="float32")(times))
    if classes:
        inputs.append(keras.Input((), dtype="int32", name="labels"))
        known += layers.Embedding(classes + 1, 4 * width, dtype="float32")(inputs[-1])
    known = layers.Dense(4 * width, "silu", dtype="float32")(known)  # [B, 4 width]

    def convolved(x, out, start="glorot_uniform"):
        return layers.Conv2D(out, 3, padding="same", use_bias=False, kernel_initializer=start)(
            ConditionalNormalization()([x, known]))

    def block(x, out):
        y = convolved(convolved(x, out), out, "zeros")  # a new block is the identity
        return y + (x if x.shape[-1] == out else layers.Conv2D(out, 1)(x))

    x = PixelShuffle(up=False)(image_sizes.padded(images, len(widths)))
    x = layers.Conv2D(width, 3, padding="same")(x)  # [B, H/2, W/2, w]
    kept = []
    for level, out in enumerate(widths):
        if level:
            x = layers.Conv2D(out, 1)(PixelShuffle(up=False)(x))  # to [B, H/4, W/4, 2w] …
        for _ in range(depth):
            x = block(x, out)
            kept.append(x)
    x = block(_attend(block(x, out)), out)
    for level, out in reversed(list(enumerate(widths))):
        for _ in range(depth):
            x = block(layers.Concatenate()([x, kept.pop()]), out)
        if level:
            x = PixelShuffle(up=True)(layers.Conv2D(4 * widths[level - 1], 1)(x))
    x = layers.Conv2D(4 * image_shape[-1], 3, padding="same", kernel_initializer="zeros",
                      dtype="float32")(ConditionalNormalization()([x, known]))
    x = PixelShuffle(up=True, dtype="float32")(x)
    return keras.Model(inputs, image_sizes.cropped(x, image_shape), name="unet")


def _attend(x):
    """Adds to each pixel what it sees of all others, [B, H, W, C] -> [B, H, W, C]."""
    _, height, width, channels = x.shape
    pixels = layers.Reshape((height * width, channels))(x)
    y = layers.LayerNormalization()(pixels)
    y = layers.MultiHeadAttention(1, channels)(y, y)
    return x + layers.Reshape((height, width, channels))(y)
