"""A GAN that goes wrong: each fault is caused, seen at its step, and answered."""

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from common import DIGITS, stop_at
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tfmodels.models import wgan
from tfmodels.training.collapse import CollapseGuard, Health, Rollback, adversarial_faults
from tfmodels.training.stepper import Stepper

CADENCE = [DIGITS, "--batch_size=16", "--log_every=5", "--eval_every=10", "--checkpoint_every=5",
           "--steps=20", "--precision=float32"]
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
    from tfmodels.evaluation import scorecard, stand_ins
    monkeypatch.setattr(scorecard, "scores", lambda *_: {"frechet_distance": 1.0})
    # The scores at the end are not looked at here.
    monkeypatch.setattr(stand_ins, "judged", lambda *_: {"metrics": {}, "notes": []})
    monkeypatch.setattr(stand_ins, "baselines", lambda *_: {})


def _texts(run):
    reader = EventAccumulator(str(run / "train"))
    reader.Reload()
    return [(event.step, event.tensor_proto.string_val[0].decode())
            for event in reader.Tensors("training/collapse")]


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
def test_rollback_goes_on_from_the_last_validated_checkpoint(change, young, launch, data_dir,
                                                             tmp_path, monkeypatch):
    _spoil(monkeypatch, 18, change)
    code, out, err = launch(*GAN, "--on_collapse=rollback", f"--logdir={tmp_path}",
                            f"--data_dir={data_dir}")
    assert code == 0, err
    assert "back to step 10, with other noise" in out  # that of step 15 was not validated
    run = tmp_path / "gan" / "a"
    (step, text), = _texts(run)
    assert step == 10
    assert "step 20" in text
    reader = EventAccumulator(str(run / "train"))
    reader.Reload()
    assert [event.step for event in reader.Tensors("loss/d_loss")] == [5, 10, 15, 20]
    assert json.loads((run / "metrics.json").read_text())["step"] == 20


def test_stopped_before_the_fault_it_goes_back_to_the_same_step(young, launch, data_dir, tmp_path,
                                                                monkeypatch):
    """The checkpoint that the stop made is no target, and the validated one is kept till then."""
    command = [*GAN, "--on_collapse=rollback", "--checkpoint_every=1", "--log_every=3",
               "--eval_every=5", "--steps=10", f"--data_dir={data_dir}"]
    digests = []
    for logdir, stopped in ((tmp_path / "unbroken", False), (tmp_path / "stopped", True)):
        if stopped:
            with monkeypatch.context() as patch:
                stop_at(7, patch)
                assert launch(*command, f"--logdir={logdir}")[0] == 143
        with monkeypatch.context() as patch:
            _spoil(patch, 8, _vanish)
            code, out, err = launch(*command, f"--logdir={logdir}")
        assert code == 0, err
        assert "back to step 5, with other noise" in out
        metrics = json.loads((logdir / "gan" / "a" / "metrics.json").read_text())
        digests.append(metrics["variables_sha256"])
    assert digests[0] == digests[1]


def test_a_clean_training_log_does_not_vouch_for_what_only_validations_see():
    health = Health.at(0)
    guard = CollapseGuard(lambda scalars: scalars["faults"], "rollback", None, health)
    guard.check("validation", {"faults": []}, 1000)
    guard.check("training", {"faults": []}, 2000)
    with pytest.raises(Rollback):
        guard.check("validation", {"faults": ["the samples have collapsed"]}, 2000)
    assert health.target(every=500) == 1000
    assert health.target(every=300) == 900
    assert health.pinned(1700, every=300) == {900, 1500}


def test_health_and_the_number_of_rollbacks_go_on_with_the_run():
    health = Health({"training": 8, "validation": 5}, rollbacks=2)
    assert Health.at(8, dataclasses.asdict(health)) == health
    assert Health.at(8) == Health({"training": 8, "validation": 8})  # of an earlier version


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


@pytest.mark.parametrize(("norm", "names_the_critic"), [(0, True), (1, False), (3, True)])
def test_a_flat_or_steep_critic_is_named(norm, names_the_critic):
    """What a WGAN-GP logs, of a linear critic, whose gradient has the norm of its weights."""
    noise, images = keras.Input((3,)), keras.Input((2, 2, 1))
    generator = keras.Model(noise, keras.layers.Reshape((2, 2, 1))(keras.layers.Dense(4)(noise)))
    critic = keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(images)))
    critic.set_weights([np.full((4, 1), norm / 2, np.float32), np.zeros(1, np.float32)])
    model = wgan.WGANGP(generator, critic, 3, critic_steps=2)
    model.compile(keras.optimizers.SGD(1e-9), keras.optimizers.SGD(1e-9))
    logged = {name: float(value) for name, value in
              model.train_step(tf.random.stateless_normal((6, 2, 2, 1), [0, 1])).items()}
    assert logged["gradient_penalty"] == pytest.approx((norm - 1) ** 2, abs=1e-3)
    assert any("critic" in fault for fault in adversarial_faults(logged)) == names_the_critic
