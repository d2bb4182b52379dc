"""Stop a training in every way there is: the continued run equals the uninterrupted one."""

import hashlib
import signal
import time

import numpy as np
import pytest
import tensorflow as tf
from common import DIGITS, stop_at
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tfmodels.launcher import pages

STEPS = 30
CADENCE = [DIGITS, f"--steps={STEPS}", "--batch_size=16", "--log_every=2", "--eval_every=10",
           "--checkpoint_every=3", "--precision=float32"]


def _variables(run):
    """Returns every variable of the final checkpoint: weights, optimizers, seeds, metrics."""
    reader = tf.train.load_checkpoint(str(run / "checkpoints" / f"step-{STEPS:08d}" / "variables"))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()
            if name.startswith("state/")}


def _steps(run, part, tag):
    reader = EventAccumulator(str(run / part), size_guidance={"tensors": 0})
    reader.Reload()
    return [event.step for event in reader.Tensors(tag)]


def _wait_for(run, step, process):
    """Waits until the checkpoint of a step, or a later one, is in place."""
    deadline = time.monotonic() + 600
    while max((int(path.name[5:]) for path in run.glob("checkpoints/step-*")), default=0) < step:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_killed_twice_the_run_equals_the_uninterrupted_one(spawn, launch, data_dir,
                                                                 tmp_path):
    command = ["--experiment=gan", f"--logdir={tmp_path}", *CADENCE]
    code, _, err = launch(*command, "--run=straight", f"--data_dir={data_dir}")
    assert code == 0, err
    straight, killed = tmp_path / "gan" / "straight", tmp_path / "gan" / "killed"
    for step, pause in ((3, 0.0), (18, 0.03)):
        process = spawn(*command, "--run=killed", f"--data_dir={data_dir}")
        _wait_for(killed, step, process)
        time.sleep(pause)  # into a step, an event or the next checkpoint
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not (killed / "metrics.json").exists()
    process = spawn(*command, "--run=killed", f"--data_dir={data_dir}")
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert "continuing at step" in output
    expected, found = _variables(straight), _variables(killed)
    names = " ".join(expected)
    assert "seed_generator_state" in names
    assert "velocity" in names
    assert expected.keys() == found.keys()
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)
    for part, tag in (("train", "training/gradient_norm"), ("validation", None)):
        reader = EventAccumulator(str(straight / part))
        reader.Reload()
        tags = [t for t in reader.Tags()["tensors"]
                if t.startswith(tag or "metrics/frechet_distance")]
        assert tags
        for name in tags:
            assert _steps(killed, part, name) == _steps(straight, part, name), name
    animations = [(run / "samples" / "samples.gif").read_bytes() for run in (straight, killed)]
    assert animations[0] == animations[1]


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signal_saves_the_step_and_the_run_goes_on(signum, code, spawn, data_dir, tmp_path):
    command = ["--experiment=dense", f"--logdir={tmp_path}", "--run=a", f"--data_dir={data_dir}",
               DIGITS, "--batch_size=16", "--log_every=5", "--eval_every=100000",
               "--checkpoint_every=50", "--steps=100000"]
    process = spawn(*command)
    _wait_for(tmp_path / "dense" / "a", 50, process)
    process.send_signal(signum)
    output, _ = process.communicate()
    assert process.returncode == code, output
    saved = int(output.rpartition("saved step ")[2])
    steps = [int(path.name[5:]) for path in tmp_path.glob("dense/a/checkpoints/step-*")]
    assert max(steps) == saved
    assert "Traceback" not in output


def test_second_process_in_one_run_leaves_with_code_6(spawn, launch, data_dir, tmp_path):
    command = ["--experiment=dense", f"--logdir={tmp_path}", "--run=a", f"--data_dir={data_dir}",
               DIGITS, "--steps=1000000"]
    first = spawn(*command)
    assert "steps on tiny_digits" in first.stdout.readline()  # the folder is held by now
    code, _, err = launch(*command)
    assert code == 6
    assert str(first.pid) in err


def test_streamed_split_resumes_exactly(launch, data_dir, tmp_path, monkeypatch):
    command = ["--experiment=dense", f"--logdir={tmp_path}", f"--data_dir={data_dir}",
               "--memory_limit=0", *CADENCE]
    assert launch(*command, "--run=straight")[0] == 0
    stop_at(12, monkeypatch)
    code, _, err = launch(*command, "--run=stopped")
    assert code == 143
    assert "saved step 12" in err
    monkeypatch.undo()
    assert launch(*command, "--run=stopped")[0] == 0
    first, second = (_variables(tmp_path / "dense" / run) for run in ("straight", "stopped"))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


def test_no_test_example_reaches_training(data_dir):
    from tfmodels.launcher import building
    settings = pages.config_class("dense")(dataset="tiny_digits", data_dir=str(data_dir),
                                           batch_size=16)
    task, _ = building.build_task("dense", settings)
    batches = task.source.batches(settings.batch_size, settings.seed)
    seen = {image.tobytes() for step in range(40) for image in batches(step)["image"].numpy()}
    splits = {name: {image.tobytes() for image in split.arrays()["image"]}
              for name, split in task.data.splits.items()}
    assert seen == splits["train"]  # every example, and no other
    assert not seen & splits["test"]
    assert not seen & splits["validation"]


def test_same_seed_is_identical_and_another_differs(launch, data_dir, tmp_path):
    digests = []
    for run, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert launch("--experiment=dense", f"--logdir={tmp_path}", f"--data_dir={data_dir}",
                      f"--run={run}", f"--seed={seed}", *CADENCE)[0] == 0
        content = _variables(tmp_path / "dense" / run)
        digests.append(hashlib.sha256(b"".join(
            np.ascontiguousarray(content[name]).tobytes() for name in sorted(content))).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_loss_that_is_not_finite_stops_with_code_4_and_is_not_saved(launch, data_dir, tmp_path):
    code, _, err = launch("--experiment=dense", f"--logdir={tmp_path}", f"--data_dir={data_dir}",
                          "--run=a", "--learning_rate=1e30", *CADENCE)
    assert code == 4
    assert "training diverged" in err
    assert "at step 2" in err
    for path in tmp_path.glob("dense/a/checkpoints/step-*"):
        reader = tf.train.load_checkpoint(str(path / "variables"))
        for name, shape in reader.get_variable_to_shape_map().items():
            if shape and "model" in name:
                assert np.isfinite(reader.get_tensor(name)).all(), (path, name)
