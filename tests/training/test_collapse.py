"""A GAN that goes wrong: each fault is caused, seen at its step, and answered."""

import json

import numpy as np
import pytest
import tensorflow as tf
from common import DIGITS
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tfmodels.training.collapse import adversarial_faults
from tfmodels.training.loop import Stepper

CADENCE = [DIGITS, "--batch_size=16", "--log_every=5", "--eval_every=10", "--checkpoint_every=5",
           "--steps=20"]
GAN = ["--experiment=gan", "--run=a", *CADENCE]


def _spoil(monkeypatch, at, change, once=True):
    """Calls change(model) when step `at` begins."""
    call, done = Stepper.__call__, []

    def spoiled(self, first, end):
        if first <= at < end and not (once and done):
            call(self, first, at)
            change(self._task.model)
            done.append(at)
            first = at
        call(self, first, end)
    monkeypatch.setattr(Stepper, "__call__", spoiled)


def _vanish(model):
    """A discriminator that does not look at the images teaches the generator nothing."""
    for weight in model.discriminator.trainable_variables:
        weight.assign(tf.zeros_like(weight))


def _uniform(model):
    """A generator that does not look at its noise draws one image."""
    for network in (model.generator, model.averaged_generator):
        for weight in network.weights:
            weight.assign(tf.zeros_like(weight))


def _nan(model):
    weight = model.generator.trainable_variables[0]
    weight.assign(weight * np.nan)


@pytest.fixture
def young(monkeypatch):
    """Lets the samples of a few steps' training, which are all alike, pass for healthy."""
    monkeypatch.setattr("tfmodels.evaluation.generation.scores",
                        lambda *_: {"frechet_distance": 1.0})


def _texts(run):
    reader = EventAccumulator(str(run / "train"))
    reader.Reload()
    return [(event.step, event.tensor_proto.string_val[0].decode())
            for event in reader.Tensors("collapse")]


def test_saturated_discriminator_stops_with_code_4_at_its_step(launch, data_dir, tmp_path):
    code, _, err = launch(
        *GAN, "--learning_rate=1e-9", "--discriminator_learning_rate=0.02", "--max_shift=0",
        "--steps=600", "--eval_every=600", "--checkpoint_every=600", "--on_collapse=stop",
        f"--logdir={tmp_path}", f"--data_dir={data_dir}")
    assert code == 4
    assert "the discriminator is saturated" in err
    (step, text), = _texts(tmp_path / "gan" / "a")
    assert text.startswith(f"step {step}: ")


def test_vanished_gradient_stops_and_leaves_the_checkpoint_before(young, launch, data_dir,
                                                                  tmp_path, monkeypatch):
    _spoil(monkeypatch, 9, _vanish)
    code, _, err = launch(*GAN, "--on_collapse=stop", f"--logdir={tmp_path}",
                          f"--data_dir={data_dir}")
    assert code == 4
    assert "step 10: the generator's gradient has vanished" in err
    run = tmp_path / "gan" / "a"
    assert [at for at, _ in _texts(run)] == [10]
    assert [path.name for path in run.glob("checkpoints/*")] == ["step-00000005"]


def test_collapsed_samples_stop_at_the_validation(launch, data_dir, tmp_path, monkeypatch):
    _spoil(monkeypatch, 5, _uniform)
    code, _, err = launch(*GAN, "--on_collapse=stop", "--learning_rate=1e-6",
                          f"--logdir={tmp_path}", f"--data_dir={data_dir}")
    assert code == 4
    assert "step 10: the samples have collapsed: they are almost alike" in err


def test_warn_logs_and_goes_on(young, launch, data_dir, tmp_path, monkeypatch):
    _spoil(monkeypatch, 9, _vanish)
    code, out, err = launch(*GAN, "--on_collapse=warn", f"--logdir={tmp_path}",
                            f"--data_dir={data_dir}")
    assert code == 0, err
    assert "warning: step 10: the generator's gradient has vanished" in out
    assert _texts(tmp_path / "gan" / "a")[0][0] == 10


@pytest.mark.parametrize("change", [_vanish, _nan])
def test_rollback_goes_on_from_the_checkpoint_before(change, young, launch, data_dir, tmp_path,
                                                     monkeypatch):
    _spoil(monkeypatch, 8, change)
    code, out, err = launch(*GAN, "--on_collapse=rollback", f"--logdir={tmp_path}",
                            f"--data_dir={data_dir}")
    assert code == 0, err
    assert "back to step 5, with other noise" in out
    run = tmp_path / "gan" / "a"
    (step, text), = _texts(run)
    assert step == 5
    assert "step 10" in text
    reader = EventAccumulator(str(run / "train"))
    reader.Reload()
    assert [event.step for event in reader.Tensors("d_loss")] == [5, 10, 15, 20]
    assert json.loads((run / "metrics.json").read_text())["step"] == 20


def test_rollback_that_does_not_help_ends_with_code_4(launch, data_dir, tmp_path, monkeypatch):
    _spoil(monkeypatch, 3, _vanish, once=False)  # before the first checkpoint of a step
    code, out, err = launch(*GAN, "--on_collapse=rollback", f"--logdir={tmp_path}",
                            f"--data_dir={data_dir}")
    assert code == 4
    assert out.count("back to step 0") == 3
    assert "after 3 rollbacks" in err


def test_few_classes_are_named_and_health_is_silence():
    assert adversarial_faults({"classes_present": 4.0}, classes=10)
    assert not adversarial_faults({"classes_present": 5.0}, classes=10)
    assert not adversarial_faults({"d_loss": 1.0, "gradient_norm/generator": 0.3,
                                   "sample_diversity": 0.9, "classes_present": 10.0}, classes=10)
    assert not adversarial_faults({"accuracy": 0.0})
