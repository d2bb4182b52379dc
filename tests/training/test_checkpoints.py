"""Checkpoints: everything that decides the next step, whole or absent, damage set aside."""

import json
import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.errors import CheckpointError
from tfmodels.training import device
from tfmodels.training.checkpoints import Checkpoints, state


def _model(seed=0):
    device.set_up("float32", seed)
    inputs = keras.Input((4,))
    x = keras.layers.BatchNormalization()(keras.layers.Dense(8)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Dropout(0.5, seed=1)(x)))
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def _train(model, steps):
    x = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
    step = tf.function(model.train_step)
    for _ in range(steps):
        step((x, x[:, :2]))


def _values(model):
    return {name: variable.numpy() for name, variable in state(model).items()}


def _assert_equal(first, second):
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


def test_state_holds_weights_slots_counters_and_dropout_seed():
    names = " ".join(state(_model()))
    for part in ("kernel", "moving_mean", "seed_generator_state", "momentum", "velocity",
                 "iteration", "loss"):
        assert part in names, part


def test_restored_model_continues_bit_for_bit(tmp_path):
    straight = _model()
    _train(straight, 7)
    first = _model()
    _train(first, 3)
    Checkpoints(tmp_path, first).save(3)
    second = _model(seed=5)  # other weights, all to be overwritten
    assert Checkpoints(tmp_path, second).restore() == 3
    _train(second, 4)
    _assert_equal(_values(straight), _values(second))


def test_keeps_the_last_few_in_order_of_step(tmp_path):
    checkpoints = Checkpoints(tmp_path, _model(), keep=2)
    for step in (5, 100_000_000, 20):
        checkpoints.save(step)
    assert checkpoints.steps() == [20, 100_000_000]


def test_pinned_steps_are_kept_and_notes_come_back(tmp_path):
    checkpoints = Checkpoints(tmp_path, _model(), keep=2)
    for step in range(1, 6):
        checkpoints.save(step, {"rollbacks": step}, pinned={2})
    assert checkpoints.steps() == [2, 4, 5]
    assert checkpoints.restore() == 5
    assert checkpoints.notes == {"rollbacks": 5}
    contents = tmp_path / "step-00000005" / "contents.json"
    without = {name: value for name, value in json.loads(contents.read_text()).items()
               if name != "notes"}
    contents.write_text(json.dumps(without))  # as an earlier version wrote it
    assert checkpoints.restore() == 5
    assert checkpoints.notes == {}


@pytest.mark.parametrize("killed_at", [1, 2])
def test_killed_while_a_step_is_saved_again_one_of_the_two_stands(killed_at, tmp_path,
                                                                  monkeypatch):
    model = _model()
    checkpoints = Checkpoints(tmp_path, model)
    checkpoints.save(1, {"which": "old"})
    replace, left = os.replace, [killed_at]

    def killed(source, target):
        if "step" in os.path.basename(source):
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
        replace(source, target)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            checkpoints.save(1, {"which": "new"})
    assert checkpoints.restore() == 1
    assert checkpoints.notes == {"which": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]


def _flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE = {
    "bit flip": lambda folder: _flip(next(folder.glob("variables.data*"))),
    "truncated": lambda folder: next(folder.glob("variables.data*")).write_bytes(b"short"),
    "empty": lambda folder: next(folder.glob("variables.data*")).write_bytes(b""),
    "missing shard": lambda folder: next(folder.glob("variables.data*")).unlink(),
    "missing index": lambda folder: (folder / "variables.index").unlink(),
    "index garbage": lambda folder: (folder / "variables.index").write_bytes(b"\0" * 100),
    "contents missing": lambda folder: (folder / "contents.json").unlink(),
    "contents empty": lambda folder: (folder / "contents.json").write_text(""),
    "contents garbage": lambda folder: (folder / "contents.json").write_text("[1]"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_newest_is_set_aside_and_the_one_before_used(damage, tmp_path):
    model = _model()
    checkpoints = Checkpoints(tmp_path, model)
    checkpoints.save(1)
    before = _values(model)
    _train(model, 1)
    checkpoints.save(2)
    DAMAGE[damage](tmp_path / "step-00000002")
    warnings = []
    assert checkpoints.restore(warnings.append) == 1
    assert "step 2 is damaged" in warnings[0]
    assert (tmp_path / "damaged-step-00000002").is_dir()
    _assert_equal(before, _values(model))


def test_all_damaged_is_never_a_silent_restart(tmp_path):
    checkpoints = Checkpoints(tmp_path, _model())
    checkpoints.save(1)
    (tmp_path / "step-00000001" / "contents.json").unlink()
    for _ in range(2):
        with pytest.raises(CheckpointError, match="no usable checkpoint"):
            checkpoints.restore(lambda _: None)


def test_leftovers_of_a_killed_save_are_swept(tmp_path):
    leftover = tmp_path / "tmp-step-00000009"
    leftover.mkdir(parents=True)
    (leftover / "variables.index").write_text("half")
    checkpoints = Checkpoints(tmp_path, _model())
    assert checkpoints.restore() == 0
    assert not leftover.exists()


def test_another_model_does_not_restore_silently(tmp_path):
    Checkpoints(tmp_path, _model()).save(1)
    inputs = keras.Input((4,))
    other = keras.Model(inputs, keras.layers.Dense(2, name="another")(inputs))
    other.compile("sgd", "mse")
    with pytest.raises(CheckpointError, match="whole, but was made by another version"):
        Checkpoints(tmp_path, other).restore()


def test_a_stream_that_is_read_in_another_way_does_not_restore(tmp_path):
    numbers = tf.data.Dataset.range(9)
    Checkpoints(tmp_path, _model(), {"iterator": iter(numbers.batch(3))}).save(1)
    with pytest.raises(CheckpointError, match="reading of streamed data differ"):
        Checkpoints(tmp_path, _model(), {"iterator": iter(numbers.shuffle(3, 1))}).restore()
