"""Published GPT-2 weights: what transformers' own code answered, and folders that are damaged.

The folder gpt2_tiny holds a tiny GPT-2 that `gpt2_tiny/make.py` made with transformers, with that
library's answers beside it.
"""

import json
import shutil
import sys

import numpy as np
import pytest
import safetensors.numpy
import tensorflow as tf
from common import ROOT

from tfmodels.errors import DataError, InputError
from tfmodels.export import saved_model
from tfmodels.launcher import pages
from tfmodels.models import gpt
from tfmodels.models.gpt2_files import load_gpt2
from tfmodels.tasks.language_model import generator
from tfmodels.training.stepper import Stepper

TINY_GPT2 = ROOT / "tests/models/gpt2_tiny"
ANSWERS = np.load(TINY_GPT2 / "answers.npz")
PROMPTS = [prompt.decode() for prompt in ANSWERS["prompts"]]


@pytest.fixture(scope="module")
def published():
    """The model and the tokens."""
    return load_gpt2(TINY_GPT2)


@pytest.fixture(scope="module")
def continued(published):
    """Continues texts greedily by a number of tokens."""
    model, tokens = published
    generate = generator(gpt.CachedGPT(model), tokens)

    def texts(prompts, length):
        return generate(prompt=tf.constant(prompts), length=length, seed=0, temperature=0.0,
                        top_k=0, top_p=1.0)["texts"].numpy()
    return texts


@pytest.fixture
def folder(tmp_path):
    """A copy of the files, to be damaged."""
    copy = tmp_path / "gpt2"
    copy.mkdir()
    for name in ("config.json", "model.safetensors", "vocab.json", "merges.txt"):
        shutil.copy(TINY_GPT2 / name, copy)
    return copy


def test_tokens_and_logits_are_those_of_transformers(published):
    model, tokens = published
    encoded = tokens.encode(tf.constant(PROMPTS)).to_list()
    for number, prompt in enumerate(PROMPTS):
        assert encoded[number] == ANSWERS[f"tokens_{number}"].tolist(), prompt
        np.testing.assert_allclose(model(np.array([encoded[number]], np.int32))[0],
                                   ANSWERS[f"logits_{number}"], atol=1e-4)


def test_greedy_continuations_are_those_of_transformers(published, continued):
    _, tokens = published
    texts = continued(PROMPTS, len(ANSWERS["continued_0"]) - len(ANSWERS["tokens_0"]))
    for number, text in enumerate(texts):
        assert text == bytes(ANSWERS[f"text_{number}"])
        assert tokens.encode([text]).to_list() == [ANSWERS[f"continued_{number}"].tolist()]


def test_an_empty_prompt_begins_after_the_end_of_another_text(published, continued):
    model, tokens = published
    texts = continued(["", "You"], 3)
    logits = model(np.array([[tokens.start]], np.int32))[0, -1].numpy()
    logits[tokens.start] = -np.inf
    assert texts[0].startswith(tokens.decode(tf.constant([[np.argmax(logits)]])).numpy()[0])
    assert texts[1].startswith(b"You")


def test_names_without_a_prefix_half_precision_and_masks_are_read(folder, published):
    tensors = safetensors.numpy.load_file(folder / "model.safetensors")
    bare = {name.removeprefix("transformer."): tensor.astype(np.float16)
            for name, tensor in tensors.items()}
    bare["h.0.attn.bias"] = np.ones((1, 1, 64, 64), np.float16)
    bare["lm_head.weight"] = bare["wte.weight"]
    safetensors.numpy.save_file(bare, folder / "model.safetensors")
    model, _ = load_gpt2(folder)
    prompt = np.array([ANSWERS["tokens_0"]], np.int32)
    np.testing.assert_allclose(model(prompt), published[0](prompt), atol=0.05)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "vocab.json", "merges.txt"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        load_gpt2(folder)


@pytest.mark.parametrize(("name", "content"), [
    *((name, content) for name in ("config.json", "model.safetensors", "vocab.json")
      for content in (b"", b"{", b"[]", b"\xff\xfe\x00damaged")),
    ("vocab.json", b'{"a": "b"}'), ("vocab.json", b'{"a": 0}'),
    ("merges.txt", b"\xff\xfe\x00damaged"), ("merges.txt", b"#version: 0.2\nt h\nth"),
    ("merges.txt", b"t qqq\n")])
def test_a_damaged_file_is_named(folder, name, content):
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        load_gpt2(folder)


def test_weights_that_were_cut_short_are_refused(folder):
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-100])
    with pytest.raises(DataError, match="model.safetensors is damaged"):
        load_gpt2(folder)


@pytest.mark.parametrize(("key", "value", "message"), [
    ("n_layer", 1, "tensor 'transformer.h.1"),
    ("n_layer", 3, "no tensor 'transformer.h.2"),
    ("n_layer", 0, "n_layer is 0"),
    ("n_embd", "32", "n_embd is '32'"),
    ("n_head", 5, "no multiple of n_head 5"),
    ("n_positions", 128, r"'transformer.wpe.weight' has shape \(64, 32\): expected \(128, 32\)"),
    ("vocab_size", 10**12, "vocab.json"),
    ("activation_function", "relu", "activation_function is 'relu': expected 'gelu_new'"),
    ("model_type", "bert", "model_type is 'bert'"),
    ("tie_word_embeddings", False, "tie_word_embeddings"),
    ("n_inner", 64, "n_inner is 64: expected None or 128"),
])
def test_a_configuration_that_does_not_fit_is_refused(folder, key, value, message):
    known = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(known | {key: value}))
    with pytest.raises(DataError, match=message):
        load_gpt2(folder)


def test_tensors_that_do_not_fit_are_named(folder):
    tensors = safetensors.numpy.load_file(folder / "model.safetensors")
    name = "transformer.h.0.mlp.c_fc.bias"
    for changed, message in (
            ({name: np.full(128, np.nan, np.float32)}, f"'{name}' holds NaN"),
            ({name: np.zeros(127, np.float32)}, rf"'{name}' has shape \(127,\)"),
            ({name: np.zeros(128, np.int32)}, f"'{name}' is of type I32"),
            ({"extra": np.zeros(1, np.float32)}, "'extra'"),
            ({"lm_head.weight": tensors["transformer.wte.weight"] + 1}, "lm_head.weight")):
        safetensors.numpy.save_file(tensors | changed, folder / "model.safetensors")
        with pytest.raises(DataError, match=message):
            load_gpt2(folder)


def test_without_the_library_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(InputError, match=r"pip install 'tfmodels\[gpt\]'"):
        load_gpt2(TINY_GPT2)


def test_published_weights_through_the_launcher(launch, data_dir, tmp_path, folder):
    command = ["--experiment=gpt", f"--pretrained={folder}", "--dataset=tiny_verses",
               f"--data_dir={data_dir}", f"--logdir={tmp_path}", "--run=a", "--steps=0"]
    for flag in ("--width=64", "--tokens=characters", "--context=65"):
        code, _, err = launch(*command, flag)
        assert code == 1
        assert flag in err
    code, _, err = launch(*command)
    assert code == 0, err
    text = saved_model.load(tmp_path / "gpt" / "a" / "export")["generate"](
        prompt=[PROMPTS[1]], length=40, seed=0, temperature=0.0, top_k=0, top_p=1.0)["texts"]
    assert text.numpy()[0] == bytes(ANSWERS["text_1"])
    (folder / "model.safetensors").write_bytes(b"damaged")
    code, _, err = launch(*command, "--overwrite")
    assert code == 3
    assert "model.safetensors" in err


def test_published_weights_learn_another_text(data_dir):
    page = pages.load("gpt")
    task = page.build(page.Config(
        pretrained=str(TINY_GPT2), dataset="tiny_verses", data_dir=str(data_dir), steps=8,
        batch_size=8, context=16, learning_rate=0.01))
    task.model.jit_compile = False  # it takes longer to compile than to run these steps
    validation = task.data.splits["validation"]
    before = task.evaluate(task.signatures, validation)["loss"]
    Stepper(task, task.source.batches(8, 0), 0)(0, 8)
    assert task.evaluate(task.signatures, validation)["loss"] < before - 0.5
