"""Weights from another run, layer by layer, and layers that are frozen."""

import keras
import numpy as np
import pytest

from tfmodels.errors import InputError
from tfmodels.training import checkpoint_files, device, transfer
from tfmodels.training.checkpoints import Checkpoints, read_variables, state
from tfmodels.training.transfer import TRANSFERRED, Source


def _model(classes=2, seed=0, tokens=6, width=3):
    device.set_up("float32", seed)
    inputs = keras.Input((4,), dtype="int32")
    x = keras.layers.Embedding(tokens, width, name="tokens")(inputs)
    x = keras.layers.Dropout(0.5, seed=seed)(keras.layers.Flatten()(x))
    x = keras.layers.BatchNormalization(name="normalization")(keras.layers.Dense(
        8, name="hidden")(x))
    model = keras.Model(inputs, keras.layers.Dense(classes, name="logits")(x))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def _train(model, steps=3):
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 6, (16, 4)), rng.integers(0, 2, 16)
    for _ in range(steps):
        model.train_step((x, y))
    return model


def _values(model):
    return {name: variable.numpy() for name, variable in state(model).items()}


def test_the_newest_whole_checkpoint_is_read_by_name_and_left_alone(tmp_path):
    model = _train(_model())
    checkpoints = Checkpoints(tmp_path, model)
    checkpoints.save(3)
    wanted = _values(model)
    _train(model)
    checkpoints.save(6)
    (tmp_path / "step-00000006" / "contents.json").write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    step, digest = checkpoint_files.of_run(tmp_path)
    values = read_variables(tmp_path, step)
    assert step == 3
    assert len(digest) == 64
    assert values.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_array_equal(values[name], value, err_msg=name)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_best_validated_state_stands_for_its_run_while_it_is_whole(tmp_path):
    checkpoints = Checkpoints(tmp_path, _model())
    checkpoints.save(3)
    checkpoints.save(6, {"best": {"step": 3, "value": 0.5, "waited": 1}})
    assert checkpoint_files.of_run(tmp_path)[0] == 3
    (tmp_path / "step-00000003" / "contents.json").write_text("{}")
    assert checkpoint_files.of_run(tmp_path)[0] == 6


def test_weights_and_batch_statistics_pass_over_and_nothing_else():
    source = _values(_train(_model(seed=1)))
    model = _train(_model(seed=2), 1)
    before = _values(model)
    outcome = transfer.transfer(model, Source(source))
    assert outcome == dict.fromkeys(("tokens", "hidden", "normalization", "logits"), TRANSFERRED)
    after = _values(model)
    for name in after:
        passes = name.startswith("model/") and "seed_generator" not in name
        np.testing.assert_array_equal(after[name], (source if passes else before)[name], name)
    assert not np.array_equal(source["model/normalization/moving_mean"],
                              before["model/normalization/moving_mean"])


def test_another_number_of_classes_or_other_classes_leave_the_head_alone():
    source = _values(_model(classes=3, seed=1))
    model = _model()
    head = _values(model)["model/logits/kernel"]
    outcome = transfer.transfer(model, Source(source))
    assert outcome["logits"] == "kernel is (8, 3) there, (8, 2) here"
    assert outcome["hidden"] == TRANSFERRED
    outcome = transfer.transfer(model, Source(_values(_model(seed=1)), class_names=("a", "b")),
                                class_names=("c", "d"))
    assert "other ones" in outcome["logits"]
    np.testing.assert_array_equal(_values(model)["model/logits/kernel"], head)


def test_rows_of_an_embedding_go_to_the_same_token():
    source = _values(_model(tokens=5, seed=1))
    model = _model()
    before = _values(model)["model/tokens/embeddings"]
    theirs, ours = ("", "?", "a", "b", "c"), ("", "?", "c", "new", "a", "other")
    outcome = transfer.transfer(model, Source(source, theirs), ours)
    assert outcome["tokens"] == "transferred by token: 4 of 6 are known there"
    after = _values(model)["model/tokens/embeddings"]
    for row, token in enumerate(ours):
        wanted = (source["model/tokens/embeddings"][theirs.index(token)] if token in theirs
                  else before[row])
        np.testing.assert_array_equal(after[row], wanted)


def test_embeddings_stay_where_a_vocabulary_is_unknown_or_may_be_meant():
    source, model = _values(_model(seed=1)), _model()
    outcome = transfer.transfer(model, Source(source), tuple("abcdef"))
    assert outcome["tokens"] == "embeddings depends on the vocabulary, another there"
    # 8 tokens, and a hidden layer of 8 units that may stand for them
    outcome = transfer.transfer(model, Source(source, tuple("abcdefgh")), tuple("bcdefgha"))
    assert outcome["hidden"] == "kernel, bias depends on the vocabulary, another there"


def test_a_layer_names_what_has_a_row_for_each_token():
    class Words(keras.layers.Layer):
        token_rows = ("words",)

        def build(self, _):
            self.words = self.add_weight((3, 2), "random_normal", name="words")
            self.shared = self.add_weight((7, 2), "random_normal", name="shared")

        def call(self, x):
            return keras.ops.take(self.words, x, 0)

    def model():
        inputs = keras.Input((2,), dtype="int32")
        return keras.Model(inputs, Words(name="words")(inputs))
    first, second = model(), model()
    transfer.transfer(second, Source(_values(first), ("x", "y", "z")), ("z", "y", "x"))
    after = _values(second)
    np.testing.assert_array_equal(after["model/words/words"],
                                  _values(first)["model/words/words"][::-1])
    np.testing.assert_array_equal(after["model/words/shared"],
                                  _values(first)["model/words/shared"])


def test_models_that_share_no_layer_are_refused_with_the_reasons():
    model = _model()
    before = _values(model)
    with pytest.raises(InputError, match="hidden: no such layer there") as error:
        transfer.transfer(model, Source({"model/logits/kernel": np.zeros((8, 2)),
                                         "model/tokens/embeddings": np.zeros((6, 9))}))
    assert "logits: no bias there" in str(error.value)
    assert "tokens: embeddings is (6, 9) there, (6, 3) here" in str(error.value)
    for name, value in _values(model).items():
        np.testing.assert_array_equal(value, before[name])


def test_frozen_layers_keep_every_variable_while_the_others_learn():
    model = _model()
    assert transfer.freeze(model, ("norm*", "hidden")) == ["hidden", "normalization"]
    before = _values(model)
    _train(model)
    after = _values(model)
    for name, value in before.items():
        if name.startswith("model/") and "seed" not in name:
            frozen = "hidden" in name or "normalization" in name
            assert np.array_equal(value, after[name]) == frozen, name
    assert not any("hidden" in variable.path for variable in model.optimizer.variables)


def test_layers_of_nested_models_are_named_with_them():
    device.set_up("float32", 0)
    inner = keras.Sequential([keras.layers.Dense(2, name="first"),
                              keras.layers.Dense(2, name="second")], name="part")
    model = keras.Sequential([keras.Input((2,)), inner, keras.layers.Dense(1, name="last")])
    assert list(transfer.layers_of(model)) == ["part/first", "part/second", "last"]
    assert transfer.freeze(model, ("part",)) == ["part/first", "part/second"]
    assert len(model.trainable_variables) == 2


@pytest.mark.parametrize(("patterns", "message"), [
    (("hiden",), "did you mean hidden?"),
    (("dropout*",), "no layer with weights matches 'dropout"),
    (("*",), "leaves nothing to train"),
    (("tokens", "[hln]*"), "leaves nothing to train")])
def test_what_cannot_be_frozen_is_refused(patterns, message):
    with pytest.raises(InputError, match=message):
        transfer.freeze(_model(), patterns)
