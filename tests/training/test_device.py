"""What a processor is taken to compute in fastest, whichever runs these tests."""

import pathlib

import keras
import pytest
import tensorflow as tf

from tfmodels.training import device

PROCESSORS = {
    "Intel with AMX": ("GenuineIntel avx2 avx512f avx512_bf16 amx_bf16", "mixed_bfloat16"),
    "Intel without AMX": ("GenuineIntel avx2 avx512f avx512_bf16", "float32"),
    "AMD with AVX-512": ("AuthenticAMD avx2 avx512f avx512_bf16", "mixed_bfloat16"),
    "AMD with AVX2": ("AuthenticAMD avx2 fma", "float32"),
    "unknown": (OSError("no such file"), "float32"),
}


@pytest.fixture
def processor(monkeypatch):
    """Lets the system describe its processor in given words, or fail, and have no GPU."""
    def describe(words):
        def read(path, encoding):
            assert str(path) == "/proc/cpuinfo"
            if isinstance(words, OSError):
                raise words
            return words
        monkeypatch.setattr(pathlib.Path, "read_text", read)
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    return describe


@pytest.mark.parametrize("name", PROCESSORS)
def test_auto_is_what_the_processor_is_fast_in(name, processor):
    words, expected = PROCESSORS[name]
    processor(words)
    assert device.set_up("auto", 0) == expected
    assert keras.config.dtype_policy().name == expected


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_what_is_asked_for_is_what_is_used(precision, processor):
    processor(OSError("not looked at"))
    assert device.set_up(precision, 0) == precision
    assert keras.config.dtype_policy().name == precision


def test_a_gpu_is_fast_in_bfloat16(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    assert device.best_precision() == "mixed_bfloat16"


def test_names_and_draws_do_not_depend_on_what_was_built_before():
    found = []
    for _ in range(2):
        device.set_up("float32", 3)
        layer = keras.layers.Dense(2)
        layer.build((None, 2))
        found.append((layer.name, layer.kernel.numpy().tolist()))
    assert found[0] == found[1]
