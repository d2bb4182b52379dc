"""What the hardware computes in, and the seed of everything random."""

import pathlib

import keras
import tensorflow as tf


def best_precision():
    """Returns mixed_bfloat16 where a GPU or the processor is faster in it, else float32."""
    if tf.config.list_physical_devices("GPU"):
        return "mixed_bfloat16"
    try:
        processor = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return "float32"
    # Measured on this package's convolutional models: AMD's AVX-512 takes 0.66 to 0.84 times the
    # time of float32, Intel's 1.65 times unless it has AMX too.
    fast = "amx_bf16" in processor or (
        "AuthenticAMD" in processor and "avx512_bf16" in processor)
    return "mixed_bfloat16" if fast else "float32"


def set_up(precision, seed):
    """Sets Keras' global precision policy, seeds what draws weights, and restarts its names.

    Layers are named by counters; a checkpoint knows variables by those names, so that they must
    not depend on what this process built before.

    Args:
        precision: auto, float32 or mixed_bfloat16.
        seed: of Python's, NumPy's and TensorFlow's generators.

    Returns:
        The precision in force.
    """
    resolved = best_precision() if precision == "auto" else precision
    keras.utils.clear_session()
    keras.config.set_dtype_policy(resolved)
    keras.utils.set_random_seed(seed)
    return resolved
